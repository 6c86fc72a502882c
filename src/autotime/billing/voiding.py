"""Taking back what was delivered and is not billed yet; afterwards it can be delivered again.

Nothing is queued again before its removal was seen. What is billed or locked there is never touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from autotime.billing.picking import PushLine
from autotime.billing.there import STANDS, frozen, stretches
from autotime.domain.delivery import BatchFile, DeliveryState, Remote, Submission
from autotime.domain.doors import Biller
from autotime.domain.errors import AutotimeError, InDoubt, Misused, Refused
from autotime.failpoints import point
from autotime.store import Store

S = DeliveryState
TAKEN = "taken_back"
WOULD = "would_be_taken_back"
STAYS = {
    S.SENDING: "it is being sent: push first, then void",
    S.IN_DOUBT: "it may be there or not: autotime resolve",
    S.HANDED_OVER: "it was handed over, and cannot be taken back from here",
}


@dataclass(frozen=True, slots=True)
class Gone:
    """What is known of one delivered entry before it is taken back; ``remote`` is ``None`` where it is gone."""

    submission: Submission
    remote: Remote | None


def batch_of(store: Store, wanted: str) -> BatchFile:
    """``Misused`` where there is none, or it was taken back."""
    batch = store.batches.get(wanted)
    if batch is None:
        known = [one.id for one in store.batches.all() if not one.voided]
        raise Misused(
            f"there is no batch «{wanted}»", hint=f"the last one is {known[-1]}" if known else "autotime push"
        )
    if batch.voided:
        raise Misused(f"batch {wanted} was taken back already")
    return batch


def void_file(store: Store, batch: BatchFile, *, dry_run: bool = False) -> tuple[PushLine, ...]:
    """Marks a file's batch as taken back and queues its entries, all or none. That nobody used the file is the
    person's word."""
    lines = _of(store, batch, *S)
    if not batch.written or any(one.state is not S.SENT for one in lines):
        raise Misused(f"batch {batch.id} is not delivered yet", hint=f"autotime push {batch.target}")
    if not dry_run:
        with store.transaction():
            for one in lines:
                take_back(store, one)
            store.batches.save(replace(batch, voided=True))
        point("void.file")
    return tuple(PushLine(one.entry, WOULD if dry_run else TAKEN, one.receipt) for one in lines)


def void_entries(
    store: Store, biller: Biller, batch: BatchFile, *, only: str = "", dry_run: bool = False
) -> tuple[PushLine, ...]:
    """Takes back the entries of one push that stand there unbilled, or ``only`` one; the lines say what of each.
    Raises what ``biller.present`` and ``biller.read`` do; run again, it goes on."""
    wanted = [one for one in _of(store, batch, *STANDS, S.REMOVED_THERE, *STAYS) if only in ("", one.entry)]
    if only and not wanted:
        raise Misused(f"entry {only} is not in batch {batch.id}")
    delivered = [one for one in wanted if one.state not in STAYS]
    lines = [PushLine(one.entry, one.state, one.receipt, STAYS[one.state]) for one in wanted if one.state in STAYS]
    for found in _looked(biller, delivered):
        lines.append(_foretold(biller, found) if dry_run else _taken_back(store, biller, found))
    left = _of(store, batch, *STANDS, S.REMOVED_THERE, *STAYS)
    if not left and not dry_run:
        store.batches.save(replace(batch, voided=True))
    return tuple(lines)


def _of(store: Store, batch: BatchFile, *states: DeliveryState) -> list[Submission]:
    return [one for one in store.submissions.in_state(*states, target=batch.target) if one.batch == batch.id]


def _looked(biller: Biller, delivered: Sequence[Submission]) -> Iterator[Gone]:
    for group in stretches((frozen(one), one) for one in delivered):
        there = {one.id: one for one in biller.present([payload for payload, _ in group])}
        point("void.listed")
        for _, one in group:
            yield Gone(one, there.get(one.receipt) or biller.read(one.receipt))


def stays(biller: Biller, remote: Remote | None) -> str:
    """Why an entry cannot be taken back; nothing where it can."""
    if remote is None:
        return ""
    if remote.billed:
        return "it is billed or locked there: correct it in billing"
    if not biller.offers.removes:
        return f"{biller.target} does not let it be removed from here: remove {remote.id} there, then void again"
    return ""


def _foretold(biller: Biller, found: Gone) -> PushLine:
    one, reason = found.submission, stays(biller, found.remote)
    return PushLine(one.entry, one.state if reason else WOULD, one.receipt, reason)


def _taken_back(store: Store, biller: Biller, found: Gone) -> PushLine:
    one = found.submission
    reason = stays(biller, found.remote) or removed(biller, found.remote)
    if reason:
        return PushLine(one.entry, one.state, one.receipt, reason)
    point("void.removed")
    take_back(store, one)
    point("void.taken_back")
    return PushLine(one.entry, TAKEN, one.receipt)


def take_back(store: Store, submission: Submission) -> None:
    """Queues an entry again whose removal was seen. One that was taken back by its timekeeper does not go again."""
    entry = store.entries.get(submission.entry)
    with store.transaction():
        fresh = store.submissions.take_back(submission)
        if entry is None or not entry.active:
            store.submissions.save(replace(fresh, state=S.CANCELLED))


def removed(biller: Biller, remote: Remote | None) -> str:
    """Removes one entry there, and says why it is not seen to be gone; nothing where it is."""
    if remote is None:
        return ""
    try:
        biller.remove(remote)
    except Refused as no:
        return str(no)
    except InDoubt as lost:
        return "" if biller.read(remote.id) is None else f"{lost}: void again"
    except AutotimeError as trouble:
        return f"{trouble}: void again, later"
    return ""
