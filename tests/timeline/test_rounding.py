"""Worked seconds to billed minutes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.domain.policy import Rounding
from autotime.timeline.rounding import billed_minutes

SECONDS, INCREMENT = st.integers(0, 100_000), st.integers(1, 60)


@given(SECONDS, INCREMENT)
def test_it_goes_up_to_the_next_increment_and_no_further(seconds: int, increment: int) -> None:
    billed = billed_minutes(seconds, increment, "up")
    assert billed % increment == 0
    assert 0 <= billed * 60 - seconds < increment * 60


@given(SECONDS, INCREMENT)
def test_exact_is_to_the_minute_whatever_the_increment(seconds: int, increment: int) -> None:
    assert billed_minutes(seconds, increment, Rounding.EXACT) == -(-seconds // 60)


@given(SECONDS, SECONDS, INCREMENT)
def test_more_work_never_bills_less_and_one_entry_never_more_than_two(one: int, other: int, increment: int) -> None:
    together = billed_minutes(one + other, increment, "up")
    apart = billed_minutes(one, increment, "up"), billed_minutes(other, increment, "up")
    assert max(apart) <= together <= sum(apart)


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 0), (1, 6), (360, 6), (361, 12), (2_400, 42)])
def test_tenths_of_an_hour(seconds: int, minutes: int) -> None:
    """Forty minutes are 0.7 h."""
    assert billed_minutes(seconds, 6, "up") == minutes
