"""What was lost on the way to billing, and what bills more than was seen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from autotime.billing.leakage import Price, above, leaks
from autotime.domain.delivery import DeliveryState, Submission
from autotime.domain.entries import Origin, Placed, Unplaced
from autotime.domain.matching import NO_MATTER
from autotime.domain.spans import Span
from autotime.domain.work import Billing, Status, Suggestion
from tests.billing.firm import entry
from tests.store.nouns import suggestion

S = DeliveryState
PRICES = {"2026-001": Price(Decimal(450))}


def draft(**changes: Any) -> Suggestion:
    return suggestion(
        **{"status": Status.PROPOSED, "seconds": 1800, "billed_minutes": 30, "matter": "2026-001", **changes}
    )


def sent(number: int, state: DeliveryState) -> dict[str, Submission]:
    one = entry(number)
    return {one.id: Submission(id="q", entry=one.id, entry_revision=1, state=state)}


def steps(*suggestions: Suggestion) -> list[tuple[str, int, Decimal | None]]:
    return [(one.step.value, one.seconds, one.amount) for one in leaks(suggestions, [], {}, PRICES)]


@pytest.mark.parametrize(
    ("status", "step"),
    [(Status.PROPOSED, "undecided"), (Status.DEFERRED, "undecided"), (Status.DISMISSED, "dismissed")],
)
def test_work_that_was_drafted_and_not_approved_leaks(status: Status, step: str) -> None:
    assert steps(draft(status=status)) == [(step, 1800, Decimal("225.00"))]


@pytest.mark.parametrize(
    "changes",
    [
        {"status": Status.APPROVED},
        {"status": Status.OFFERED, "seconds": 0},
        {"matter": NO_MATTER},
        {"billing": Billing.NON_BILLABLE},
    ],
)
def test_what_bills_nobody_is_no_leak(changes: dict[str, Any]) -> None:
    assert steps(draft(**changes)) == []


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (S.QUEUED, "not_sent"),
        (S.REFUSED, "refused"),
        (S.IN_DOUBT, "in_doubt"),
        (S.REMOVED_THERE, "removed_there"),
    ],
)
def test_approved_time_that_is_not_in_billing_leaks(state: DeliveryState, step: str) -> None:
    one = entry(1, billed_minutes=60)
    assert [(leak.step.value, leak.of, leak.amount) for leak in leaks([], [one], sent(1, state), PRICES)] == [
        (step, one.id, Decimal("450.00"))
    ]


def test_what_arrived_is_no_leak_and_what_nobody_queued_is() -> None:
    assert not leaks([], [entry(1)], sent(1, S.SENT), PRICES)
    assert not leaks([], [entry(1, voided_by="d3")], {}, PRICES)
    assert [leak.step.value for leak in leaks([], [entry(1)], {}, PRICES)] == ["not_sent"]


def test_without_a_rate_there_is_work_and_no_sum() -> None:
    assert leaks([draft()], [], {}, {})[0].amount is None


def test_an_entry_is_above_its_evidence_by_what_was_stated() -> None:
    """Half an hour seen, a quarter of an hour added by hand, and the rest rounding."""
    placed = (Placed(Span(0, 1800), Origin.EVIDENCE, "m1"),)
    one = entry(1, day=date(2026, 3, 2), placed=placed, unplaced=(Unplaced(840, Origin.EDIT),), billed_minutes=48)
    [found] = above([one], PRICES)
    assert (found.seen, found.stated, found.rounded) == (1800, 840, 240)
    assert found.amount == Decimal("135.00")


def test_rounding_alone_is_agreed_with_the_client() -> None:
    placed = (Placed(Span(0, 1700), Origin.EVIDENCE, "m1"),)
    assert above([entry(1, placed=placed, unplaced=(), billed_minutes=30)], PRICES) == []


def test_a_timer_is_seen_and_a_stretch_that_a_person_states_is_not() -> None:
    timed = (Placed(Span(0, 3600), Origin.TIMER),)
    stated = (Placed(Span(0, 3600), Origin.MANUAL),)
    assert above([entry(1, placed=timed, unplaced=(), billed_minutes=60)], PRICES) == []
    assert [one.stated for one in above([entry(1, placed=stated, unplaced=(), billed_minutes=60)], PRICES)] == [3600]
