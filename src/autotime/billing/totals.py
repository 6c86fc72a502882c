"""What entries come to: what billing was told of each, and their sums."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from autotime.billing.payload import Payload, amount_of, payload_of, text
from autotime.billing.there import frozen
from autotime.domain.amounts import Total
from autotime.domain.delivery import DeliveryState, Submission
from autotime.domain.entries import TimeEntry
from autotime.domain.people import Timekeeper
from autotime.store import Store

if TYPE_CHECKING:
    from autotime.billing.outbox import PushReport

S = DeliveryState
TOLD = (S.SENDING, S.SENT, S.IN_DOUBT, S.DRIFTED, S.DUPLICATE_FOUND, S.REMOVED_THERE, S.HANDED_OVER)
GONE = ("ready", S.SENT, S.HANDED_OVER)
"""States of what a push delivered, or a dry run would."""


def total(payloads: Iterable[Payload]) -> Total:
    held = list(payloads)
    priced = [(text(one, "currency"), amount) for one in held if (amount := amount_of(one)) is not None]
    amounts = {currency: sum((a for c, a in priced if c == currency), Decimal("0.00")) for currency, _ in priced}
    return Total(len(held), sum(int(one["billed_minutes"]) for one in held), amounts, len(held) - len(priced))


def came_to(report: PushReport) -> Total:
    """What went, or would go."""
    gone = [line.entry_id for line in report.lines if line.state in GONE]
    return total(report.payloads[entry] for entry in gone if entry in report.payloads)


def payloads(store: Store, entries: Iterable[str]) -> dict[str, Payload]:
    """What billing was told of each entry, or would be told if it went now. What is not known is left out."""
    books, people = store.books.load(), store.books.timekeepers()
    found: dict[str, Payload] = {}
    for entry in store.entries.many(list(entries)).values():
        person = people.get(entry.timekeeper, Timekeeper(id=entry.timekeeper, last=""))
        found[entry.id] = as_told(bills(store, entry), payload_of(entry, books, person))
    return found


def as_told(submission: Submission | None, fresh: Payload) -> Payload:
    """What went was told at the rate and in the words of that time, whatever the books say since."""
    if submission is None or submission.state not in TOLD or not submission.payload:
        return fresh
    told = frozen(submission)
    return told if told["revision"] == fresh["revision"] else fresh


def bills(store: Store, entry: TimeEntry) -> Submission | None:
    """The submission that bills an entry; copies do not count."""
    return next((one for one in store.submissions.of_entry(entry.id) if not one.copy), None)
