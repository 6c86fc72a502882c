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


@dataclass(frozen=True, slots=True)
class Price:
    """What an hour costs on one matter; ``rate`` is ``None`` where none is known."""

    rate: Decimal | None = None
    currency: str = "USD"

    def of(self, minutes: Decimal) -> Decimal | None:
        return None if self.rate is None else (minutes / 60 * self.rate).quantize(CENT, ROUND_HALF_UP)


UNKNOWN = Price()
Prices = Mapping[str, Price]
"""By matter, of the timekeeper in question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """``seconds`` are of the work itself, ``amount`` what it would have billed (``None``: no rate is known)."""

    step: Step
    day: date
    matter: str
    of: str
    seconds: int
    amount: Decimal | None
    currency: str = "USD"


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
    currency: str = "USD"


def leaks(
    suggestions: Iterable[Suggestion], entries: Sequence[TimeEntry], sent: Mapping[str, Submission], prices: Prices
) -> list[Leak]:
    """In order of days. ``sent`` is the submission that bills each entry, by entry."""
    found = [*_undrafted(suggestions, prices), *_unsent(entries, sent, prices)]
    return sorted(found, key=lambda one: (one.day, one.matter, one.of))


def _undrafted(suggestions: Iterable[Suggestion], prices: Prices) -> Iterator[Leak]:
    """Offers of what was only received are no work that was seen, and work for no matter bills nobody."""
    steps = {Status.PROPOSED: Step.UNDECIDED, Status.DEFERRED: Step.UNDECIDED, Status.DISMISSED: Step.DISMISSED}
    for one in suggestions:
        if one.status in steps and one.seconds and one.matter != NO_MATTER and one.billing is Billing.BILLABLE:
            price = prices.get(one.matter, UNKNOWN)
            yield Leak(
                step=steps[one.status],
                day=one.day,
                matter=one.matter,
                of=one.id,
                seconds=one.seconds,
                amount=price.of(Decimal(one.billed_minutes)),
                currency=price.currency,
            )


def _unsent(entries: Sequence[TimeEntry], sent: Mapping[str, Submission], prices: Prices) -> Iterator[Leak]:
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
        price = prices.get(entry.matter, UNKNOWN)
        yield Leak(
            step=steps.get(submission.state, Step.NOT_SENT) if submission else Step.NOT_SENT,
            day=entry.day,
            matter=entry.matter,
            of=entry.id,
            seconds=entry.worked_seconds,
            amount=price.of(Decimal(entry.billed_minutes)),
            currency=price.currency,
        )


def above(entries: Iterable[TimeEntry], prices: Prices) -> list[Above]:
    """Entries that bill more than was seen, rounding by less than one increment aside: the fee agreement has it."""
    found = [_above(entry, prices) for entry in entries if entry.active and entry.billing is Billing.BILLABLE]
    return [one for one in found if one.stated > 0]


def _above(entry: TimeEntry, prices: Prices) -> Above:
    seen = total(placed.span for placed in entry.placed if placed.origin in SEEN)
    seen += sum(unplaced.seconds for unplaced in entry.unplaced if unplaced.origin in SEEN)
    price = prices.get(entry.matter, UNKNOWN)
    over = max(entry.billed_minutes * 60 - seen, 0)
    stated = max(entry.worked_seconds - seen, 0)
    return Above(
        entry=entry.id,
        day=entry.day,
        matter=entry.matter,
        seen=seen,
        stated=stated,
        rounded=max(over - stated, 0),
        amount=price.of(Decimal(over) / 60),
        currency=price.currency,
    )
