"""What billing is told of an entry."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.billing.payload import canonical, hours_of, number, payload_of, sha256
from autotime.billing.utbms import TASK_SETS, load

from .firm import BOOKS, TIMEKEEPER, entry


def test_the_rate_is_the_matters_and_else_the_timekeepers() -> None:
    """A matter may have its own; neither leaves it open."""
    rates = [payload_of(entry(1, matter=m), BOOKS, TIMEKEEPER)["rate"] for m in ("2026-001", "2026-002")]
    assert rates == ["450", "412.50"]
    assert payload_of(entry(1), BOOKS, replace(TIMEKEEPER, rate=None))["rate"] == ""


def test_equal_payloads_have_equal_hashes_and_others_do_not() -> None:
    """Key order does not matter; every field does."""
    one = payload_of(entry(1), BOOKS, TIMEKEEPER)
    turned = dict(reversed(one.items()))
    assert sha256(canonical(one)) == sha256(canonical(turned))
    others = {sha256(canonical(one | {key: "changed"})) for key in one}
    assert len(others | {sha256(canonical(one))}) == len(one) + 1


@pytest.mark.parametrize(
    ("minutes", "hours"), [(6, "0.1"), (15, "0.25"), (60, "1.0"), (3, "0.05"), (7, "0.1167"), (1440, "24.0")]
)
def test_hours_are_exact_where_two_decimals_can_say_them(minutes: int, hours: str) -> None:
    """Else four decimals, half up."""
    assert number(hours_of({"billed_minutes": minutes}), 1) == hours


@given(st.integers(0, 1440))
def test_written_hours_are_within_a_fifth_of_a_second(minutes: int) -> None:
    """No rounding worth arguing about."""
    assert abs(hours_of({"billed_minutes": minutes}) * 3600 - minutes * 60) <= Decimal("0.18")


def test_the_packaged_codes_are_complete_for_each_set() -> None:
    """As many as the public lists have, each code once."""
    sets = [code.code_set for code in load()]
    counts = {name: sets.count(name) for name in (*TASK_SETS, "activity", "expense")}
    assert counts == {
        "litigation": 35,
        "project": 16,
        "counseling": 4,
        "bankruptcy": 25,
        "ediscovery": 28,
        "patent": 50,
        "trademark": 41,
        "activity": 11,
        "expense": 24,
    }
    assert len({code.code for code in load()}) == len(load())
    assert ("A103", "Draft/revise") in {(code.code, code.title) for code in load()}
