"""Captured work that never reached billing, and entries billed above what was seen.

Work leaks at each step of its way: it was drafted and never decided, decided against, approved and not sent,
refused. An entry is above its evidence by what a person added to it (their own statement, an edit upwards) and by
the rounding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from autotime.billing.payload import CENT
from autotime.domain.delivery import DeliveryState, Submission
from autotime.domain.entries import Origin, TimeEntry
from autotime.domain.matching import NO_MATTER
from autotime.domain.spans import total
from autotime.domain.work import Billing, Status, Suggestion

S = DeliveryState
SEEN = (Origin.EVIDENCE, Origin.TIMER)
OUT = (S.SENT, S.DRIFTED, S.DUPLICATE_FOUND, S.HANDED_OVER)


class Step(StrEnum):
    """Where work was lost on its way."""

    UNDECIDED = "undecided"
    DISMISSED = "dismissed"
    NOT_SENT = "not_sent"
    REFUSED = "refused"
    IN_DOUBT = "in_doubt"
    REMOVED_THERE = "removed_there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """``seconds`` are of the work itself, ``amount`` what it would have billed (``None``: no rate is known)."""

    step: Step
    day: date
    matter: str
    of: str
    seconds: int
    amount: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Above:
    """An entry that bills more than was seen. Seconds: ``seen``, ``stated`` by the person, ``rounded`` up."""

    entry: str
    day: date
    matter: str
    seen: int
    stated: int
    rounded: int
    amount: Decimal | None


Rate = Mapping[str, Decimal | None]
"""Money per hour by matter, of the timekeeper in question."""


def leaks(
    suggestions: Iterable[Suggestion], entries: Sequence[TimeEntry], sent: Mapping[str, Submission], rates: Rate
) -> list[Leak]:
    """In order of days. ``sent`` is the submission that bills each entry, by entry."""
    found = [*_undrafted(suggestions, rates), *_unsent(entries, sent, rates)]
    return sorted(found, key=lambda one: (one.day, one.matter, one.of))


def _undrafted(suggestions: Iterable[Suggestion], rates: Rate) -> Iterator[Leak]:
    """Offers of what was only received are no work that was seen, and work for no matter bills nobody."""
    steps = {Status.PROPOSED: Step.UNDECIDED, Status.DEFERRED: Step.UNDECIDED, Status.DISMISSED: Step.DISMISSED}
    for one in suggestions:
        if one.status in steps and one.seconds and one.matter != NO_MATTER and one.billing is Billing.BILLABLE:
            yield Leak(
                step=steps[one.status],
                day=one.day,
                matter=one.matter,
                of=one.id,
                seconds=one.seconds,
                amount=_amount(one.billed_minutes, rates.get(one.matter)),
            )


def _unsent(entries: Sequence[TimeEntry], sent: Mapping[str, Submission], rates: Rate) -> Iterator[Leak]:
    steps = {
        S.REFUSED: Step.REFUSED,
        S.IN_DOUBT: Step.IN_DOUBT,
        S.SENDING: Step.IN_DOUBT,
        S.REMOVED_THERE: Step.REMOVED_THERE,
    }
    for entry in entries:
        submission = sent.get(entry.id)
        if not entry.active or entry.billing is not Billing.BILLABLE or (submission and submission.state in OUT):
            continue
        yield Leak(
            step=steps.get(submission.state, Step.NOT_SENT) if submission else Step.NOT_SENT,
            day=entry.day,
            matter=entry.matter,
            of=entry.id,
            seconds=entry.worked_seconds,
            amount=_amount(entry.billed_minutes, rates.get(entry.matter)),
        )


def above(entries: Iterable[TimeEntry], rates: Rate) -> list[Above]:
    """Entries that bill more than was seen, rounding by less than one increment aside: the fee agreement has it."""
    found = [_above(entry, rates) for entry in entries if entry.active and entry.billing is Billing.BILLABLE]
    return [one for one in found if one.stated > 0]


def _above(entry: TimeEntry, rates: Rate) -> Above:
    seen = total(placed.span for placed in entry.placed if placed.origin in SEEN)
    seen += sum(unplaced.seconds for unplaced in entry.unplaced if unplaced.origin in SEEN)
    over = max(entry.billed_minutes * 60 - seen, 0)
    stated = max(entry.worked_seconds - seen, 0)
    return Above(
        entry=entry.id,
        day=entry.day,
        matter=entry.matter,
        seen=seen,
        stated=stated,
        rounded=max(over - stated, 0),
        amount=None if rates.get(entry.matter) is None else _money(Decimal(over) / 3600, rates.get(entry.matter)),
    )


def _amount(minutes: int, rate: Decimal | None) -> Decimal | None:
    return None if rate is None else _money(Decimal(minutes) / 60, rate)


def _money(hours: Decimal, rate: Decimal | None) -> Decimal:
    return (hours * (rate or Decimal(0))).quantize(CENT, ROUND_HALF_UP)
