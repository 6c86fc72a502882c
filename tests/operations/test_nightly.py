"""When a night is due: one run a logical day, through clock changes, days off, and clocks that were wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.domain.errors import Misused
from autotime.operations import nightly
from autotime.operations.nightly import (
    again_at,
    clock,
    exit_code,
    is_due,
    missed,
    next_slot,
    outcome_of,
    served_by,
    slot,
)

HOUR, DAY = 3600, 86_400
ZONES = (
    "America/Chicago",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Pacific/Apia",
    "Asia/Kolkata",
    "Africa/Casablanca",
    "America/Sao_Paulo",
    "UTC",
)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def lived_in(zone: str) -> Callable[[date], str]:
    return lambda _day: zone


def nights(zone: str, ticks: range, clock_time: str = "02:17") -> list[int]:
    """When a run began, for a scheduler that looks at every tick and a run that takes no time."""
    began: list[int] = []
    for tick in ticks:
        if is_due(tick, began[-1] if began else 0, clock_time, lived_in(zone)):
            began.append(tick)
    return began


# -- through the year --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "clock_time"),
    [*((zone, "02:17") for zone in ZONES), *(("America/Chicago", other) for other in ("00:00", "02:59", "23:45"))],
)
def test_an_hourly_look_runs_once_a_local_day_all_year_round(zone: str, clock_time: str) -> None:
    """Both clock changes included: each day of the calendar is served once, and within an hour of its slot."""
    began = nights(zone, range(at("2026-01-01T12:17:00+00:00"), at("2026-12-31T12:00:00+00:00"), HOUR), clock_time)
    days = [served_by(instant, clock_time, lived_in(zone)) for instant in began]
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
    assert len(days) in (364, 365)
    for day, instant in zip(days[1:], began[1:], strict=True):
        assert -nightly.EARLY <= instant - slot(day, clock_time, zone) <= HOUR


def test_where_the_slot_does_not_exist_it_comes_after_the_gap() -> None:
    """Chicago, 8 March 2026: two o'clock is followed by three."""
    assert slot(date(2026, 3, 8), "02:17", "America/Chicago") == at("2026-03-08T03:17:00-05:00")


def test_where_the_slot_comes_twice_the_first_counts() -> None:
    """Chicago, 1 November 2026: the second 01:30 finds the night done."""
    first = at("2026-11-01T01:30:00-05:00")
    assert slot(date(2026, 11, 1), "01:30", "America/Chicago") == first
    assert is_due(first, first - DAY, "01:30", lived_in("America/Chicago"))
    assert not is_due(first + HOUR, first, "01:30", lived_in("America/Chicago"))


def test_a_day_that_never_was_has_no_night() -> None:
    """Apia went from 29 to 31 December 2011: two nights, a day apart by the clock of the world."""
    ticks = range(at("2011-12-29T02:17:00-10:00"), at("2012-01-02T00:00:00+14:00"), HOUR)
    days = [served_by(instant, "02:17", lived_in("Pacific/Apia")) for instant in nights("Pacific/Apia", ticks)]
    assert days == [date(2011, 12, 29), date(2011, 12, 31), date(2012, 1, 1)]
    with pytest.raises(ValueError, match="ends after it starts"):
        slot(date(2011, 12, 30), "02:17", "Pacific/Apia")


# -- days off, and clocks that were wrong ---------------------------------------------------------------


def test_after_a_month_off_one_run_serves_all_of_it() -> None:
    """And says how many nights it makes up for."""
    last, now = at("2026-03-01T02:17:00-06:00"), at("2026-03-31T09:00:00-05:00")
    chicago = lived_in("America/Chicago")
    assert is_due(now, last, "02:17", chicago)
    assert missed(now, last, "02:17", chicago) == 29
    assert not is_due(now + HOUR, now, "02:17", chicago)


def test_a_slot_that_was_slept_through_is_served_at_the_next_look() -> None:
    """The lid was closed at 02:17 and opened at nine."""
    yesterday = at("2026-03-03T02:17:00-06:00")
    assert is_due(at("2026-03-04T09:00:00-06:00"), yesterday, "02:17", lived_in("America/Chicago"))
    assert missed(at("2026-03-04T09:00:00-06:00"), yesterday, "02:17", lived_in("America/Chicago")) == 0


def test_a_timer_that_is_a_little_early_serves_its_day_and_only_once() -> None:
    """Seconds before the slot: the look an hour later finds it done."""
    early, chicago = at("2026-03-04T02:16:58-06:00"), lived_in("America/Chicago")
    assert is_due(early, early - DAY, "02:17", chicago)
    assert not is_due(early + HOUR, early, "02:17", chicago)


def test_a_run_by_a_clock_that_was_years_ahead_stops_no_night() -> None:
    """Its report lies in the future and is passed over."""
    assert is_due(at("2026-03-04T02:17:00-06:00"), at("2031-01-01T00:00:00+00:00"), "02:17", lived_in("UTC"))


def test_what_never_ran_is_due() -> None:
    """A new installation does not wait for the night after next."""
    assert is_due(at("2026-03-04T15:00:00-06:00"), 0, "02:17", lived_in("America/Chicago"))


@given(
    st.sampled_from(ZONES),
    st.integers(at("2011-12-01T00:00:00+00:00"), at("2027-12-31T00:00:00+00:00")),
    st.times().map(lambda time: f"{time:%H:%M}"),
)
def test_the_next_slot_is_the_first_that_a_run_now_does_not_serve(zone: str, now: int, clock_time: str) -> None:
    """And a run that serves it is due then, not a moment before."""
    chosen = lived_in(zone)
    following = next_slot(now, clock_time, chosen)
    assert now < following <= now + 2 * DAY + 2 * HOUR
    assert is_due(following, now, clock_time, chosen)
    assert not is_due(following - nightly.EARLY - 1, now, clock_time, chosen)


@pytest.mark.parametrize("wrong", ["2:17", "24:00", "02:60", "noon", "", "02:17:00"])
def test_a_time_that_is_none_is_refused(wrong: str) -> None:
    """With an example."""
    with pytest.raises(Misused) as refused:
        nightly.checked_time(wrong)
    assert refused.value.hint == "--at 02:17"


# -- the report ---------------------------------------------------------------------------------------


def source(trouble: str = "", sign_in_needed: bool = False) -> dict[str, object]:
    return {"trouble": trouble, "sign_in_needed": sign_in_needed}


@pytest.mark.parametrize(
    ("collected", "outcome", "code"),
    [
        ([], "done", 0),
        ([source()], "done", 0),
        ([source(), source("expired", True)], "sign-in needed", 0),
        ([source("away"), source("expired", True)], "incomplete", 1),
    ],
)
def test_only_what_a_person_must_look_into_fails_the_night(
    collected: list[dict[str, object]], outcome: str, code: int
) -> None:
    """A sign-in that has ended stands in the status; a source that could not be read must not look done."""
    assert (outcome_of(collected), exit_code([outcome_of(collected)])) == (outcome, code)


@pytest.mark.parametrize("outcome", ["incomplete", "failed"])
def test_a_night_that_failed_is_tried_again_after_longer_and_longer_pauses(outcome: str) -> None:
    """From 02:17 until after seven, when whoever must mend it is up; the fifth attempt is the last."""
    began = "2026-03-04T02:17:00-06:00"
    reports = [{"outcome": outcome, "started": began, "attempts": attempts} for attempts in range(1, 7)]
    pauses = [again_at(report) and again_at(report) - at(began) for report in reports]
    assert pauses == [20 * 60, 40 * 60, 80 * 60, 160 * 60, 0, 0]


@pytest.mark.parametrize("outcome", ["done", "sign-in needed"])
def test_a_night_that_went_well_is_not_tried_again(outcome: str) -> None:
    """A sign-in that is needed waits for a person, not for another attempt."""
    assert again_at({"outcome": outcome, "started": "2026-03-04T02:17:00-06:00", "attempts": 1}) == 0


def written(home: Path, day: str, started: str, finished: str | None, who: str = "") -> Path:
    report = {"started": started, "finished": finished}
    return nightly.write_report(home, date.fromisoformat(day), who, report)


def test_a_report_is_for_its_owner_only_and_replaced_whole(tmp_path: Path) -> None:
    """Nothing half-written is left beside it."""
    for _ in range(2):
        path = written(tmp_path, "2026-03-04", "2026-03-04T08:17:00+00:00", "2026-03-04T08:18:00+00:00")
    assert (path.stat().st_mode & 0o777, [one.name for one in path.parent.iterdir()]) == (0o600, ["2026-03-04.json"])
    assert json.loads(path.read_text("utf-8"))["finished"]


def test_the_last_night_is_the_newest_that_was_finished(tmp_path: Path) -> None:
    """One that was stopped, one that is damaged, one of the future and one of another timekeeper are not it."""
    written(tmp_path, "2026-03-02", "2026-03-02T08:17:00+00:00", "2026-03-02T08:18:00+00:00")
    written(tmp_path, "2026-03-03", "2026-03-03T08:17:00+00:00", None)
    written(tmp_path, "2026-03-04", "2026-03-04T08:17:00+00:00", "2026-03-04T08:18:00+00:00", "BEN")
    written(tmp_path, "2031-01-01", "2031-01-01T08:17:00+00:00", "2031-01-01T08:17:00+00:00")
    nightly.report_path(tmp_path, date(2026, 3, 4)).write_text("{", encoding="utf-8")
    now = at("2026-03-04T12:00:00+00:00")
    assert clock(nightly.last_run(tmp_path, "", now)) == "2026-03-02T08:17:00+00:00"
    assert clock(nightly.last_run(tmp_path, "BEN", now)) == "2026-03-04T08:17:00+00:00"
    assert nightly.last_run(tmp_path / "nowhere", "", now) == 0
