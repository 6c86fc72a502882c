"""Approved time against what stands in billing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.billing.payload import payload_of
from autotime.billing.reconciling import Here, There, What, reconcile, there_of, totals
from autotime.domain.delivery import DeliveryState, Remote, Submission
from autotime.domain.work import Billing
from tests.billing.firm import BOOKS, TIMEKEEPER, entry

S = DeliveryState


def here(number: int = 1, state: DeliveryState | None = S.SENT, reason: str = "", **changes: object) -> Here:
    one = entry(number, billed_minutes=60, **changes)
    sent = (
        Submission(id=f"q{number}", entry=one.id, entry_revision=1, state=state, target="clio", reason=reason)
        if state
        else None
    )
    if sent and state in (S.SENT, S.DRIFTED, S.DUPLICATE_FOUND, S.REMOVED_THERE):
        sent = replace(sent, receipt=f"r{number}")
    return Here(entry=one, payload=payload_of(one, BOOKS, TIMEKEEPER), submission=sent)


def there(number: int = 1, matter: str = "2026-001", minutes: int = 60, **changes: object) -> There:
    amount = Decimal(450) * minutes / 60
    return There(remote=f"r{number}", matter=matter, day="2026-03-02", minutes=minutes, amount=amount, **changes)  # type: ignore[arg-type]


def differences(*pairs: object) -> list[tuple[str, int, int]]:
    ours = [one for one in pairs if isinstance(one, Here)]
    theirs = [one for one in pairs if isinstance(one, There)]
    return [(d.what.value, d.minutes_here, d.minutes_there) for one in reconcile(ours, theirs) for d in one.differences]


def test_what_stands_there_as_approved_agrees() -> None:
    [sums] = reconcile([here()], [there()])
    assert sums.agrees
    assert (sums.minutes_here, sums.minutes_there, sums.amount_here, sums.amount_there) == (60, 60, 450, 450)


@pytest.mark.parametrize(
    ("state", "what"),
    [
        (None, "waits"),
        (S.QUEUED, "waits"),
        (S.REFUSED, "refused"),
        (S.SENDING, "in_doubt"),
        (S.IN_DOUBT, "in_doubt"),
        (S.HANDED_OVER, "handed_over"),
        (S.SENT, "gone"),
        (S.DRIFTED, "gone"),
        (S.REMOVED_THERE, "gone"),
    ],
)
def test_what_is_not_there_says_where_it_stopped(state: DeliveryState | None, what: str) -> None:
    assert differences(here(state=state)) == [(what, 60, 0)]


def test_every_state_of_a_submission_has_a_word() -> None:
    for state in S:
        assert differences(here(state=state))


def test_what_stands_there_otherwise_shows_both_sides() -> None:
    [sums] = reconcile([here()], [there(minutes=90, differs="1:30 h, not 1:00 h")])
    [one] = sums.differences
    assert (one.what, one.minutes_here, one.minutes_there, one.amount_there) == (What.DIFFERS, 60, 90, 675)
    assert one.reason == "1:30 h, not 1:00 h"


def test_an_entry_on_another_matter_counts_where_it_stands() -> None:
    sums = reconcile([here()], [there(matter="2026-002", differs="matter or person")])
    assert [(one.matter, one.minutes_here, one.minutes_there) for one in sums] == [
        ("2026-001", 60, 0),
        ("2026-002", 0, 60),
    ]


def test_what_was_taken_back_here_and_stands_there_is_told() -> None:
    assert differences(here(voided_by="d9"), there()) == [("taken_back", 0, 60)]
    assert differences(here(voided_by="d9")) == []


def test_what_was_never_ours_is_told_with_what_is_known_of_it() -> None:
    [sums] = reconcile([], [there(known="invoice 17")])
    assert [(one.what, one.reason) for one in sums.differences] == [(What.NOT_OURS, "invoice 17")]


def test_money_is_for_billable_time_only() -> None:
    [sums] = reconcile([here(billing=Billing.NO_CHARGE)], [])
    assert (sums.minutes_here, sums.amount_here) == (60, Decimal("0.00"))
    remote = Remote(id="r1", timekeeper="7", matter="9", day=date(2026, 3, 2), seconds=3600, rate=Decimal(450))
    assert there_of(remote, "2026-001").amount == Decimal("450.00")
    assert there_of(replace(remote, billing=Billing.NO_CHARGE), "2026-001").amount is None
    assert there_of(replace(remote, seconds=None), "2026-001").differs == "its time is hidden"


@given(
    st.lists(st.tuples(st.integers(1, 9), st.sampled_from([None, *S]), st.booleans()), unique_by=lambda one: one[0]),
    st.lists(st.tuples(st.integers(1, 12), st.integers(0, 300)), unique_by=lambda one: one[0]),
)
def test_every_minute_is_on_its_side_once_and_every_gap_is_explained(
    ours: list[tuple[int, DeliveryState | None, bool]], theirs: list[tuple[int, int]]
) -> None:
    """The sums are those of the two lists, and where nothing is explained they are equal."""
    left = [here(number, state, voided_by="" if active else "d9") for number, state, active in ours]
    right = [there(number, minutes=minutes, differs="" if minutes == 60 else "other") for number, minutes in theirs]
    sums = reconcile(left, right)
    told = totals(sums)
    assert told["minutes_here"] == sum(one.entry.billed_minutes for one in left if one.entry.active)
    assert told["minutes_there"] == sum(one.minutes for one in right)
    gaps = [difference for one in sums for difference in one.differences]
    explained = sum(one.minutes_there - one.minutes_here for one in gaps)
    assert int(told["minutes_there"]) - int(told["minutes_here"]) == explained


def test_hidden_time_of_others_is_told() -> None:
    """It counts as none, which would else look like none."""
    remote = Remote(id="r9", timekeeper="7", matter="31", day=date(2026, 3, 2), seconds=None)
    [sums] = reconcile([], [there_of(remote, "2026-001", known="unbilled")])
    [difference] = sums.differences
    assert (difference.what, difference.reason) == (What.NOT_OURS, "unbilled, its time is hidden")


def test_the_same_time_for_other_money_does_not_agree() -> None:
    """A cent is how hours are rounded; where no amount is told there is nothing to compare."""
    for amount, agrees in ((Decimal("300.00"), False), (Decimal("450.01"), True), (None, True)):
        [sums] = reconcile([here()], [replace(there(), amount=amount)])
        assert sums.agrees is agrees
    assert [d.reason for d in reconcile([here()], [replace(there(), amount=Decimal("300.00"))])[0].differences] == [
        "300.00, not 450.00"
    ]
