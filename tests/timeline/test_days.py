"""Local days and clocks, on the days that are not like others."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.timeline.days import clock, instant_at, local_date, local_day

ZONES = [
    "UTC", "America/Chicago", "Europe/London", "Australia/Lord_Howe", "Pacific/Chatham", "Asia/Kathmandu",
    "America/Sao_Paulo", "Africa/Cairo", "Pacific/Kiritimati",
]  # fmt: skip
DATES = st.dates(date(1990, 1, 2), date(2035, 12, 30))


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2026-03-10", "America/Chicago", 24),
        ("2026-03-08", "America/Chicago", 23),
        ("2026-11-01", "America/Chicago", 25),
        ("2026-04-05", "Australia/Lord_Howe", 24.5),
        ("2026-10-04", "Australia/Lord_Howe", 23.5),
        ("2018-11-04", "America/Sao_Paulo", 23),
        ("2018-02-17", "America/Sao_Paulo", 25),
    ],
)
def test_a_local_day_has_as_many_hours_as_it_has(day: str, zone: str, hours: float) -> None:
    """In São Paulo the change came at midnight: the day began at one, or midnight came twice."""
    assert local_day(date.fromisoformat(day), zone).seconds == hours * 3_600


def test_a_day_that_never_was_is_refused() -> None:
    """Samoa went from the 29th to the 31st of December 2011."""
    with pytest.raises(ValueError, match="ends after it starts"):
        local_day(date(2011, 12, 30), "Pacific/Apia")


@given(DATES, st.sampled_from(ZONES))
def test_days_follow_each_other_without_gap_or_overlap(day: date, zone: str) -> None:
    today, tomorrow = local_day(day, zone), local_day(day + timedelta(days=1), zone)
    assert today.end == tomorrow.start


@given(DATES, st.sampled_from(ZONES), st.floats(0, 0.9999))
def test_every_second_of_a_day_has_its_date(day: date, zone: str, where: float) -> None:
    span = local_day(day, zone)
    inside = span.start + int(where * span.seconds)
    assert {local_date(instant, zone) for instant in (span.start, inside, span.end - 1)} == {day}
    assert local_date(span.start - 1, zone) < day < local_date(span.end, zone)


@given(DATES, st.sampled_from(ZONES), st.integers(0, 23), st.sampled_from(["00", "15", "30", "45"]))
def test_a_wall_time_is_found_where_it_exists_and_refused_where_not(
    day: date, zone: str, hour: int, minute: str
) -> None:
    text, span = f"{hour:02}:{minute}", local_day(day, zone)
    there = [instant for instant in range(span.start, span.end, 900) if clock(instant, zone) == text]
    if there:
        assert instant_at(day, text, zone) == there[0]
    else:
        with pytest.raises(ValueError, match="does not exist"):
            instant_at(day, text, zone)


def test_the_hour_that_comes_twice_means_its_first_and_the_skipped_one_nothing() -> None:
    first = instant_at(date(2026, 11, 1), "01:30", "America/Chicago")
    assert datetime.fromtimestamp(first, UTC).hour == 6
    with pytest.raises(ValueError, match="does not exist"):
        instant_at(date(2026, 3, 8), "02:30", "America/Chicago")
