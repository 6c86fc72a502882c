"""Delivery of files, exactly once.

::

    queued ──► sending ═══ one commit with the batch, its bytes' hash and every payload
                  │
                  ├─ write aside, sync, rename, sync the folder        (``files``)
                  ▼
                sent      one commit; the receipt is «BATCH line N sha256:…»

A push that was killed anywhere is finished by the next one: what is ``sending`` is written again
from its frozen payloads, to the same bytes, or found to be on the disk already. An entry is never
put into a second batch, since nothing leads back from ``sending`` to ``queued`` here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from autotime.billing import files
from autotime.billing.payload import Payload, canonical, sha256
from autotime.billing.picking import Bars, Checking, Picked, PushLine, Told, Wanted, lost_of, nothing, pick
from autotime.domain.delivery import BatchFile, DeliveryState, Submission
from autotime.domain.doors import FileBiller
from autotime.domain.errors import AutotimeError, InDoubt, Misused, NeedsPerson
from autotime.failpoints import point
from autotime.store import Store

COPY_MARK = "COPY"


@dataclass(frozen=True, slots=True)
class PushReport:
    """What became of each entry, and the file. ``batch`` is ``None`` where nothing was delivered.

    ``payloads``, by entry: what was or would be told of it, before any target's own names. Of a push to a billing
    system: ``told`` is what it is or would be told of each entry, ``stopped`` why the push ended early. Of a file:
    ``lost`` are fields of its entries that it has no place for, ``warned`` what its reader may refuse.
    """

    lines: tuple[PushLine, ...]
    batch: BatchFile | None = None
    path: Path | None = None
    told: tuple[Told, ...] = ()
    stopped: AutotimeError | None = None
    lost: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    payloads: Mapping[str, Payload] = field(default_factory=dict)

    @property
    def problems(self) -> tuple[PushLine, ...]:
        """Lines a person must do something about."""
        return tuple(line for line in self.lines if line.problem)


@dataclass(frozen=True, slots=True)
class Delivered:
    """One batch with its submissions in order of lines."""

    batch: BatchFile
    lines: tuple[Submission, ...]
    warned: tuple[str, ...] = ()


def push_files(
    store: Store,
    biller: FileBiller,
    header: Mapping[str, object],
    folder: Path,
    *,
    now: int,
    client: str = "",
    first: date | None = None,
    last: date | None = None,
    dry_run: bool = False,
    copy: bool = False,
    bars: Bars = nothing,
) -> PushReport:
    """Finishes what an earlier push began, then delivers what waits for this target as one file.

    ``bars`` says why an entry may not go. ``copy``: instead, a marked copy of what other targets bill.
    ``NeedsPerson`` where the file as a whole cannot be made; entries that cannot go stay queued, with the reason.
    """
    wanted = Wanted(client, first, last, copy, bars=bars)
    if dry_run:
        return _preview(store, biller, header, folder, wanted, now)
    finished = recover(store, [biller], folder)
    with store.transaction():
        picked = pick(store, biller, header, wanted)
        begun = _commit(store, biller, header, folder, picked, now) if picked.ready else None
        for submission in picked.told:
            store.submissions.save(submission)
    if begun is not None:
        point("push.batch.committed")
        finished.append(_write(store, *begun, folder))
    return _report(biller, picked, finished, folder)


def recover(store: Store, billers: Iterable[FileBiller], folder: Path) -> list[Delivered]:
    """Finishes every batch that was committed and not recorded as written.

    A batch that no longer renders to the bytes it was committed with is left ``in_doubt``.
    """
    by_target = {biller.target: biller for biller in billers}
    begun = [Delivered(batch, _lines(store, batch, DeliveryState.SENDING)) for batch in _unwritten(store)]
    return [
        finished
        for delivery in begun
        if delivery.lines and delivery.batch.target in by_target
        for finished in _finish(store, by_target[delivery.batch.target], delivery, folder)
    ]


def rendered(store: Store, biller: FileBiller, batch_id: str) -> bytes:
    """A batch again, byte for byte. ``Misused``: no such batch; ``InDoubt``: the bytes would differ."""
    batch = store.batches.get(batch_id)
    if batch is None or batch.target != biller.target:
        known = [one.id for one in store.batches.all() if one.target == biller.target and not one.voided]
        hint = f"the last one is {known[-1]}" if known else f"autotime push {biller.target}"
        raise Misused(f"there is no batch «{batch_id}» for {biller.target}", hint=hint)
    if batch.voided:
        raise Misused(f"batch {batch_id} was taken back", hint=f"autotime push {batch.target} delivers its time anew")
    data = biller.render(batch, _lines(store, batch, *DeliveryState))
    if sha256(data) != batch.sha256:
        raise InDoubt(
            f"batch {batch_id} would not have the bytes it was delivered with",
            kept="nothing was written",
            hint=f"use the file that was delivered, {batch.file_name}",
        )
    return data


def export(
    store: Store,
    biller: FileBiller,
    header: Mapping[str, object],
    *,
    client: str = "",
    first: date | None = None,
    last: date | None = None,
) -> bytes:
    """Approved time in a target's format, marked as a copy. A view: nothing is recorded."""
    picked = pick(store, biller, header, Wanted(client, first, last, view=True))
    stuck = [line for line in picked.lines if line.problem]
    if stuck:
        raise NeedsPerson("\n".join(f"{line.entry_id}: {line.reason}" for line in stuck))
    lines = [_frozen(ready.submission, ready.payload, "") for ready in picked.ready]
    batch = _batch(biller, header, picked, number=0, owner=store.principal.timekeeper, now=0)
    return biller.render(replace(batch, id=COPY_MARK), [replace(line, copy=True) for line in lines])


# --- deciding ----------------------------------------------------------------------------------------


def _preview(
    store: Store, biller: FileBiller, header: Mapping[str, object], folder: Path, wanted: Wanted, now: int
) -> PushReport:
    picked = pick(store, biller, header, wanted)
    ready = tuple(PushLine(chosen.submission.entry, "ready") for chosen in picked.ready)
    if not ready:
        return PushReport(picked.lines)
    delivery, _ = _prepared(store, biller, header, picked, now)
    path = folder / delivery.batch.file_name
    lost = lost_of(biller, picked.ready)
    return PushReport((*ready, *picked.lines), delivery.batch, path, lost=lost, warned=delivery.warned)


def _prepared(
    store: Store, biller: FileBiller, header: Mapping[str, object], picked: Picked, now: int
) -> tuple[Delivered, bytes]:
    """The next batch with its frozen lines, and its bytes."""
    number = store.batches.next_number(biller.target)
    batch = _batch(biller, header, picked, number=number, owner=store.principal.timekeeper, now=now)
    lines = tuple(
        replace(_frozen(chosen.submission, chosen.payload, batch.id), target=biller.target, line=line)
        for line, chosen in enumerate(picked.ready, start=1)
    )
    data = biller.render(batch, lines)
    warned = biller.checked(data, batch.file_name) if isinstance(biller, Checking) else ()
    return Delivered(replace(batch, sha256=sha256(data)), lines, warned), data


def _batch(
    biller: FileBiller, header: Mapping[str, object], picked: Picked, *, number: int, owner: str, now: int
) -> BatchFile:
    days = [date.fromisoformat(str(chosen.payload["day"])) for chosen in picked.ready]
    name = f"{biller.target}-{number:04d}"
    whose = "".join(c if c.isalnum() and c.isascii() else "_" for c in owner)
    mark = f"-{COPY_MARK}" if picked.copies else ""
    return BatchFile(
        id=name,
        target=biller.target,
        number=number,
        file_name=f"{name}-{whose}{mark}.{biller.extension}",
        header=canonical(header),
        sha256="",
        made_at=now,
        first_day=min(days, default=date.min),
        last_day=max(days, default=date.min),
        mapping_version=biller.mapping_version,
    )


def _frozen(submission: Submission, payload: Mapping[str, object], batch: str) -> Submission:
    text = canonical(payload)
    return replace(
        submission,
        state=DeliveryState.SENDING,
        batch=batch,
        payload=text,
        payload_hash=sha256(text),
        reason="",
        attempts=submission.attempts + 1,
    )


# --- doing -------------------------------------------------------------------------------------------


def _commit(
    store: Store, biller: FileBiller, header: Mapping[str, object], folder: Path, picked: Picked, now: int
) -> tuple[Delivered, bytes]:
    """Records the intention: the batch, its hash, every payload, before there is a file."""
    queued = replace(picked, ready=tuple(chosen.in_store(store, biller.target) for chosen in picked.ready))
    delivery, data = _prepared(store, biller, header, queued, now)
    files.refuse_occupied(folder / delivery.batch.file_name, fresh=True)
    for submission in delivery.lines:
        store.submissions.save(submission)
    store.batches.save(delivery.batch)
    return delivery, data


def _write(store: Store, delivery: Delivered, data: bytes, folder: Path) -> Delivered:
    files.write_aside(folder / delivery.batch.file_name, data, fresh=True)
    return _sent(store, delivery)


def _sent(store: Store, delivery: Delivered) -> Delivered:
    batch = replace(delivery.batch, written=True)
    lines = tuple(
        replace(line, state=DeliveryState.SENT, receipt=f"{batch.id} line {line.line} sha256:{batch.sha256}")
        for line in delivery.lines
    )
    with store.transaction():
        for line in lines:
            store.submissions.save(line)
        store.batches.save(batch)
    point("push.sent")
    return replace(delivery, batch=batch, lines=lines)


def _finish(store: Store, biller: FileBiller, delivery: Delivered, folder: Path) -> list[Delivered]:
    """What a killed push began: found on the disk, written again, or in doubt."""
    path = folder / delivery.batch.file_name
    if files.hash_of(path) == delivery.batch.sha256:
        files.settle(path)
        return [_sent(store, delivery)]
    data = biller.render(delivery.batch, delivery.lines)
    if sha256(data) == delivery.batch.sha256:
        return [_write(store, delivery, data, folder)]
    reason = f"{delivery.batch.id} no longer gives the bytes it was committed with"
    with store.transaction():
        for line in delivery.lines:
            store.submissions.save(replace(line, state=DeliveryState.IN_DOUBT, reason=reason))
    return []


def _unwritten(store: Store) -> list[BatchFile]:
    return [batch for batch in store.batches.all() if not batch.written]


def _lines(store: Store, batch: BatchFile, *states: DeliveryState) -> tuple[Submission, ...]:
    found = store.submissions.in_state(*states, target=batch.target)
    return tuple(sorted((line for line in found if line.batch == batch.id), key=lambda line: line.line))


def _report(biller: FileBiller, picked: Picked, finished: Sequence[Delivered], folder: Path) -> PushReport:
    gone = [PushLine(line.entry, line.state, line.receipt) for delivery in finished for line in delivery.lines]
    batch = finished[-1].batch if finished else None
    return PushReport(
        (*gone, *picked.lines),
        batch,
        folder / batch.file_name if batch else None,
        lost=lost_of(biller, picked.ready),
        warned=finished[-1].warned if finished else (),
    )
