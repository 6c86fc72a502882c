"""Whether all that was delivered was approved before, and just so. Reads; changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from autotime.billing.payload import sha256
from autotime.billing.there import frozen
from autotime.domain.delivery import DeliveryState, Submission
from autotime.domain.entries import TimeEntry
from autotime.store import Store

APPROVED = "entry.added"
LEFT = ("submission.sending", "submission.sent")
SAME = (
    *("revision", "timekeeper", "client", "matter", "task_code", "activity_code", "narrative"),
    *("worked_seconds", "billed_minutes", "increment_minutes", "rounding", "late"),
)
"""What a payload takes from its entry as it is; the rest of it is from the books."""


def unapproved(store: Store) -> Iterator[str]:
    """What is wrong, one line for each submission that left: its payload is not the one whose hash is kept, or not what
    was approved, or the approval is not on record before it left."""
    left = [one for one in store.submissions.in_state(*DeliveryState) if one.payload]
    entries = store.entries.many(sorted({one.entry for one in left}))
    approved, sent = store.audit.first(APPROVED), store.audit.first(*LEFT)
    for one in left:
        wrong = _wrong(one, entries.get(one.entry), approved.get(one.entry), sent.get(one.id))
        if wrong:
            yield f"entry {one.entry}, delivered to {one.target}: {wrong}"


def _wrong(one: Submission, entry: TimeEntry | None, approved: int | None, sent: int | None) -> str:
    if sha256(one.payload) != one.payload_hash:
        return "what was sent is not what its hash was taken of"
    if entry is None or approved is None:
        return "no approval is on record"
    if sent is not None and sent < approved:
        return "it left before its approval was recorded"
    return "" if is_approved(one, entry) else "what was sent is not what was approved"


def is_approved(one: Submission, entry: TimeEntry) -> bool:
    payload = frozen(one)
    said = {name: getattr(entry, name) for name in SAME} | {
        "entry": entry.id,
        "day": entry.day.isoformat(),
        "billing": entry.billing.value,
        "travel": int(entry.travel),
    }
    return all(payload.get(name) == value for name, value in said.items())
