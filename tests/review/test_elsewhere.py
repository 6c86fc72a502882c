"""What stands in billing already: shown beside what is suggested, counted for the day, never taking anything away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autotime.domain.delivery import Billed
from autotime.domain.errors import NotAllowed
from autotime.office import Office
from autotime.review.acts import Accept, Add
from autotime.review.decide import safe_for_bulk
from autotime.review.desk import Desk
from autotime.review.detail import detail
from autotime.review.elsewhere import hours, said
from autotime.review.rows import rows
from autotime.review.table import day_table
from autotime.review.view import DayView, foreseen, safe, totals, unsafe
from autotime.review.widgets import head
from autotime.steps.deciding import decide
from autotime.steps.reviewing import day_view

from .day import DAY, NEXT_DAY, office

HOUR = 3_600


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> DayView:
    with office(tmp_path_factory.mktemp("desk")) as here:
        return day_view(here, DAY)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def billed(seconds: int | None = 4_320, matter: str = "2026-001", number: int = 1, day: date = DAY) -> Billed:
    return Billed(
        target="clio", remote=str(number), day=day, matter=matter, seconds=seconds, narrative="Prepare", status="billed"
    )


def among(view: DayView, *there: Billed) -> DayView:
    return replace(view, billed=there)


def of_matter(view: DayView, number: str) -> Any:
    return next(one for one in view.open if one.matter == number)


# -- what is shown --------------------------------------------------------------------------------


def test_it_is_shown_by_matter_and_day(plain: DayView) -> None:
    """In the totals of the table and of the desk, at its rows, and in the detail of each."""
    view = among(plain, billed(), billed(1_800, "2026-003", 2))
    caption = str(day_table(view).caption)
    assert "already in billing 1.7 h (2026-001 1.2 h, 2026-003 0.5 h)" in caption
    assert "already in billing 1.7 h" in head(Desk(view), 200).plain
    flagged = {row.key for row in rows(view) if "in-billing" in row.flags}
    assert flagged == {one.id for one in view.suggestions if one.matter == "2026-001"}
    told = [line.text for line in detail(Desk(view, cursor=of_matter(view, "2026-001").id))]
    assert "! already in billing 1.2 h on this matter and day: the same work?" in told
    assert "clio, billed: 1.2 h Prepare" in told


def test_a_day_without_it_says_nothing_of_it(plain: DayView) -> None:
    assert "already" not in str(day_table(plain).caption) + head(Desk(plain), 200).plain
    assert not [row for row in rows(plain) if "in-billing" in row.flags]


def test_no_suggestion_is_taken_away_or_made_less(plain: DayView) -> None:
    """The same suggestions, however much stands there; those of the matter are looked at one by one."""
    view = among(plain, billed(23 * HOUR))
    assert view.suggestions == plain.suggestions
    assert [row.billed_minutes for row in rows(view)] == [row.billed_minutes for row in rows(plain)]
    shown = of_matter(view, "2026-001")
    assert unsafe(view, shown) == "already in billing 23.0 h on this matter"
    assert {one.matter for one in safe(plain)} - {one.matter for one in safe(view)} == {"2026-001"}


def test_the_totals_say_when_the_day_is_too_short(plain: DayView) -> None:
    """Approved, to review and in billing together."""
    waiting = totals(plain).undecided_seconds
    assert totals(among(plain, billed(86_400 - waiting))).over == 0
    view = among(plain, billed(86_400 - waiting + HOUR))
    assert totals(view).over == HOUR
    assert "1.0 h more than the day has" in str(day_table(view).caption)


@pytest.mark.parametrize(
    ("there", "text"),
    [
        ((), ""),
        ((billed(60),), "already in billing 0.1 h"),
        ((billed(None),), "already in billing 1 of unknown length"),
        ((billed(), billed(None, number=2)), "already in billing 1.2 h and 1 of unknown length"),
    ],
)
def test_it_is_said_in_tenths_of_an_hour(there: tuple[Billed, ...], text: str) -> None:
    """A little is not nothing, and what is hidden is counted."""
    assert said(there) == text


def test_hours_are_rounded_half_up() -> None:
    assert [hours(seconds) for seconds in (0, 1, 540, 4_320)] == ["0.0 h", "0.1 h", "0.2 h", "1.2 h"]


# -- what it forbids and warns of -----------------------------------------------------------------


def test_the_day_holds_both(here: Office) -> None:
    """What stands in billing, with what is approved, is never more than the real day; the refusal says why."""
    here.store.billed.upsert([billed(22 * HOUR)])
    with pytest.raises(NotAllowed, match=r"would hold 24\.5 h, 22\.0 h of it already in billing; it has 24"):
        decide(here, Add(day=DAY, matter="2026-002", worked_seconds=9_000, narrative="Lease"))
    decide(here, Add(day=DAY, matter="2026-002", worked_seconds=7_200, narrative="Lease"))
    decide(here, Add(day=NEXT_DAY, matter="2026-002", worked_seconds=9_000, narrative="Lease"))


def test_the_same_matter_and_more_than_the_evidence_are_warned_of(here: Office) -> None:
    """They stop nothing."""
    here.store.billed.upsert([billed(5 * HOUR)])
    shown = of_matter(day_view(here, DAY), "2026-001")
    outcome = decide(here, Accept(shown.id, shown.revision))
    assert outcome.entries
    assert outcome.warnings == (
        "already in billing 5.0 h on 2026-001: the same work?",
        "with 5.0 h already in billing, more than the day's evidence shows",
    )


def test_a_little_within_the_evidence_is_not_warned_of(here: Office) -> None:
    """Of another matter, and the day's evidence shows as much."""
    here.store.billed.upsert([billed(60, "2026-003")])
    shown = of_matter(day_view(here, DAY), "2026-001")
    assert decide(here, Accept(shown.id, shown.revision)).warnings == ()


def test_accept_all_leaves_a_matter_that_is_in_billing(here: Office) -> None:
    """By the rule that decides, not only by the screen."""
    here.store.billed.upsert([billed()])
    view = day_view(here, DAY)
    shown = of_matter(view, "2026-001")
    assert not isinstance(foreseen(view, Accept(shown.id, shown.revision)), Exception)
    with pytest.raises(NotAllowed, match=r"already in billing 1\.2 h on this matter"):
        decide(here, Accept(shown.id, shown.revision, bulk=True))


def test_a_matter_of_which_nothing_is_in_billing_is_as_safe_as_before(plain: DayView) -> None:
    view = among(plain, billed())
    other = of_matter(view, "2026-002")
    assert unsafe(view, other) == safe_for_bulk(other, view.policy_for(view.matter("2026-002")))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(there=st.integers(0, 100_000), asked=st.integers(60, 100_000))
def test_no_day_is_ever_longer_than_it_is(plain: DayView, there: int, asked: int) -> None:
    """Whatever stands there and whatever is asked for."""
    view = among(plain, billed(there))
    outcome = foreseen(view, Add(day=DAY, matter="2026-002", worked_seconds=asked, narrative="Lease"))
    assert isinstance(outcome, NotAllowed) is (there + asked > 86_400)
