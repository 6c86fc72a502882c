"""What is typed into a form, and what is found by a few letters."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.domain.errors import AutotimeError, Misused
from autotime.domain.work import Suggestion
from autotime.review import search
from autotime.review.acts import Add
from autotime.review.forms import (
    Fields,
    PartFields,
    addition,
    day_of,
    merged_fields,
    seconds_of,
    split_by_evidence,
    split_by_minutes,
    split_pieces,
)
from autotime.review.view import DayView, foreseen
from tests.review import day
from tests.review.day import at, mail, meeting


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> DayView:
    return day.view(tmp_path_factory.mktemp("forms"))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("45", 2700), ("45m", 2700), ("45 min", 2700), ("0.8h", 2880), ("1.5", 5400), ("0,5", 1800), ("1:15", 4500),
     ("1h15", 4500), ("2h", 7200), (" 6 ", 360)],
)  # fmt: skip
def test_time_is_read_as_attorneys_write_it(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "0", "-5", "26h", "1.2.3", "٣٠h30x", "9999"])
def test_time_that_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(Misused):
        seconds_of(text)


@given(st.text(max_size=12))
def test_any_text_is_a_time_within_a_day_or_refused(text: str) -> None:
    with contextlib.suppress(Misused):
        assert 0 < seconds_of(text) <= 25 * 3600


def test_dates_are_read_by_name_number_and_distance() -> None:
    today = date(2026, 3, 12)
    assert day_of("2026-03-10", today) == date(2026, 3, 10)
    assert day_of("03-10", today) == date(2026, 3, 10)
    assert day_of("yesterday", today) == date(2026, 3, 11)
    assert day_of("-2", today) == date(2026, 3, 10)
    with pytest.raises(Misused):
        day_of("02-30", today)


def test_time_added_with_a_start_has_a_place_in_the_day(view: DayView) -> None:
    typed = Fields(matter="2026-001", minutes="0.5h", narrative="Telephone conference", start="9:30")
    added = addition(view, typed)
    assert isinstance(added, Add)
    assert (added.start, added.worked_seconds) == (at("09:30"), 1800)
    assert addition(view, replace(typed, start="")).start is None
    with pytest.raises(Misused, match="a start"):
        addition(view, replace(typed, start="half past"))


def test_a_matter_is_found_by_number_name_client_and_misspelt_words(view: DayView) -> None:
    for typed in ("2026-003", "imprint", "solo press", "imprnt licence"):
        assert search.matters(view, typed)[0].value == "2026-003", typed
    assert search.matters(view, "zzzzqq") == []


def test_without_words_the_matcher_is_asked_first_then_what_was_used_last(view: DayView) -> None:
    unsure = next(one for one in view.open if not one.matter)
    recent = replace(view, recent=("2026-001",))
    assert search.matters(recent, "", unsure)[0].value == "2026-003"
    assert search.matters(recent, "")[0].value == "2026-001"


def test_task_codes_come_from_the_matters_own_set(view: DayView) -> None:
    assert any(found.value == "L310" for found in search.tasks(view, "2026-001", "written discovery"))
    assert search.tasks(view, "2026-001", "")[0].value == ""
    assert search.activities(view, "A103")[0].value == "A103"
    assert search.clients(view, "solo")[0].value == "SOLO"


def test_days_are_found_by_date_and_those_that_wait_are_listed(view: DayView) -> None:
    assert [found.value for found in search.days(view, day.DAY, "")] == ["2026-03-11", "2026-03-10"]
    assert search.days(view, day.DAY, "-1")[0].value == "2026-03-09"


def gathered(folder: Path) -> tuple[DayView, Suggestion]:
    """A day of one suggestion with two pieces of evidence."""
    told = [
        (meeting("one", "09:00", "10:00", "Discovery plan"), "2026-001", day.SURE),
        (mail("two", "10:20", "Discovery plan: minutes"), "2026-001", day.SURE),
    ]
    with day.office(folder, told) as here:
        from autotime.steps.reviewing import day_view

        view = day_view(here, day.DAY)
    return view, max(view.open, key=lambda one: len(one.evidence))


def test_a_split_by_minutes_gives_each_part_the_time_stated_for_it(tmp_path: Path) -> None:
    view, one = gathered(tmp_path)
    half = one.seconds // 2 // 60
    rest = one.seconds // 60 - half
    parts = [PartFields("2026-001", str(half), "first part"), PartFields("2026-002", str(rest), "second part")]
    outcome = foreseen(view, split_by_minutes(one, parts))
    assert not isinstance(outcome, AutotimeError)
    assert [entry.worked_seconds for entry in outcome.entries] == [half * 60, rest * 60]
    assert [entry.matter for entry in outcome.entries] == ["2026-001", "2026-002"]


def test_a_split_with_everything_in_one_part_is_refused(view: DayView) -> None:
    one = view.open[0]
    with pytest.raises(Misused, match="all pieces are in one part"):
        split_by_evidence(one, split_pieces(view, one), [PartFields("2026-001")] * 4)


def test_merging_two_rows_of_one_matter_keeps_their_time(view: DayView) -> None:
    chosen = [one for one in view.open if one.matter == "2026-001" and one.spans]
    act, fields = merged_fields(view, chosen, "2026-001")
    assert len(act.suggestions) == 2
    assert int(fields.minutes) * 60 == sum(one.seconds for one in chosen)
