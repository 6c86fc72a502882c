"""The journey into billing: submissions and batches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from sqlalchemy import func, select

from autotime.domain.delivery import BatchFile, DeliveryState, Submission
from autotime.domain.entries import TimeEntry
from autotime.domain.errors import NotAllowed
from autotime.failpoints import point
from autotime.store.audit import said
from autotime.store.drawer import Drawer, table_of
from autotime.store.tables import BatchRow, SubmissionRow
from autotime.store.translate import decode, encode

SUBMISSION, BATCH = table_of(SubmissionRow), table_of(BatchRow)

S = DeliveryState
MOVES: dict[DeliveryState, set[DeliveryState]] = {
    S.QUEUED: {S.QUEUED, S.SENDING, S.SENT, S.DRIFTED, S.CANCELLED, S.REFUSED},
    S.SENDING: {S.SENT, S.REFUSED, S.IN_DOUBT, S.QUEUED, S.HANDED_OVER},
    S.IN_DOUBT: {S.SENT, S.DRIFTED, S.QUEUED, S.DUPLICATE_FOUND, S.IN_DOUBT, S.HANDED_OVER},
    S.SENT: {S.SENT, S.DRIFTED, S.DUPLICATE_FOUND, S.REMOVED_THERE},
    S.REFUSED: {S.QUEUED, S.SENT, S.DRIFTED, S.CANCELLED},
    S.DRIFTED: {S.SENT, S.DRIFTED, S.DUPLICATE_FOUND, S.REMOVED_THERE},
    S.DUPLICATE_FOUND: {S.SENT, S.DUPLICATE_FOUND, S.DRIFTED, S.REMOVED_THERE},
    S.REMOVED_THERE: {S.SENT},
    S.HANDED_OVER: {S.DUPLICATE_FOUND},
    S.CANCELLED: {S.SENT, S.DRIFTED},
}
"""Which state may follow which. One that waits, was refused or was taken back is sent without sending where an earlier
attempt was found to have arrived, or a person says that it is there. There is no way from SENT back to QUEUED, but by
a void that was seen to succeed (``take_back``)."""

TAKEN_BACK = {S.SENT, S.DRIFTED, S.DUPLICATE_FOUND, S.REMOVED_THERE}


class SubmissionDrawer(Drawer):
    def queue(self, entry: TimeEntry, target: str = "", copy: bool = False) -> Submission:
        """A new submission of an entry; a copy carries the target in its name."""
        name = (self.owner, entry.id, str(entry.revision), target if copy else "")
        made = Submission(
            id="q" + blake2b("\x1f".join(name).encode(), digest_size=8).hexdigest(),
            entry=entry.id,
            entry_revision=entry.revision,
            state=DeliveryState.QUEUED,
            target=target,
            copy=copy,
        )
        with self.store.transaction():
            self.write(SUBMISSION.insert(), [_row(made)])
            self._note(made)
        return made

    def save(self, submission: Submission) -> None:
        """The next state of a submission; ``NotAllowed`` for a step that may not be taken."""
        with self.store.transaction():
            before = self.get(submission.id)
            if before is None or submission.state not in MOVES[before.state]:
                was = before.state.value if before else "unknown"
                raise NotAllowed(f"a submission that is {was} cannot become {submission.state.value}")
            one = SUBMISSION.c.id == submission.id
            self.write(SUBMISSION.update().where(self.mine(SUBMISSION), one).values(**_row(submission)))
            self._note(submission)

    def bind(self, submission: Submission, target: str) -> Submission:
        """Gives to another target what stands in none. ``NotAllowed`` for what may have arrived."""
        bound = replace(submission, state=S.QUEUED, target=target, reason="", earlier=())
        with self.store.transaction():
            before = self.get(submission.id)
            if before is None or before.state not in (S.QUEUED, S.REFUSED) or before.attempts or before.copy:
                raise NotAllowed(f"{submission.entry} may have reached {submission.target}")
            one = SUBMISSION.c.id == submission.id
            self.write(SUBMISSION.update().where(self.mine(SUBMISSION), one).values(**_row(bound)))
            self._note(bound)
        return bound

    def take_back(self, submission: Submission) -> Submission:
        """Queues what was delivered once more, after its delivery was seen to be undone. ``NotAllowed`` for what
        was not delivered. The id it stood there under is kept."""
        fresh = Submission(
            id=submission.id,
            entry=submission.entry,
            entry_revision=submission.entry_revision,
            state=S.QUEUED,
            target=submission.target,
            copy=submission.copy,
            earlier=(*submission.earlier, submission.receipt),
        )
        with self.store.transaction():
            before = self.get(submission.id)
            if before is None or before.state not in TAKEN_BACK:
                was = before.state.value if before else "unknown"
                raise NotAllowed(f"a submission that is {was} was not delivered")
            one = SUBMISSION.c.id == submission.id
            self.write(SUBMISSION.update().where(self.mine(SUBMISSION), one).values(**_row(fresh)))
            self._note(fresh)
        return fresh

    def _note(self, submission: Submission) -> None:
        self.store.audit.append(f"submission.{submission.state}", submission.id, said(_row(submission)))

    def get(self, wanted: str) -> Submission | None:
        found = self.scalar(select(SUBMISSION.c.data).where(self.mine(SUBMISSION), SUBMISSION.c.id == wanted))
        return None if found is None else decode(Submission, found)

    def of_entry(self, entry: str) -> list[Submission]:
        return self._found(select(SUBMISSION.c.data).where(self.mine(SUBMISSION), SUBMISSION.c.entry == entry))

    def in_state(self, *states: DeliveryState, target: str | None = None) -> list[Submission]:
        wanted = SUBMISSION.c.state.in_([state.value for state in states])
        chosen = select(SUBMISSION.c.data).where(self.mine(SUBMISSION), wanted)
        if target is not None:
            chosen = chosen.where(SUBMISSION.c.target == target)
        return self._found(chosen)

    def beside(self, target: str, *states: DeliveryState) -> list[Submission]:
        """Those of other targets; what is bound to none is not among them."""
        wanted = SUBMISSION.c.state.in_([state.value for state in states])
        other = SUBMISSION.c.target.not_in(["", target])
        return self._found(select(SUBMISSION.c.data).where(self.mine(SUBMISSION), wanted, other))

    def _found(self, chosen: Any) -> list[Submission]:
        """By id. Sorted here: asked to sort, SQLite would walk the whole table in that order."""
        return sorted((decode(Submission, row.data) for row in self.rows(chosen)), key=lambda one: one.id)

    def counts(self) -> dict[str, int]:
        rows = self.rows(
            select(SUBMISSION.c.state, func.count().label("n"))
            .where(self.mine(SUBMISSION))
            .group_by(SUBMISSION.c.state)
        )
        return {row.state: row.n for row in rows}


def _row(submission: Submission) -> dict[str, object]:
    return {
        "id": submission.id,
        "entry": submission.entry,
        "entry_revision": submission.entry_revision,
        "target": submission.target,
        "state": submission.state.value,
        "copy": submission.copy,
        "data": encode(submission),
    }


class BatchDrawer(Drawer):
    def next_number(self, target: str) -> int:
        """Never given twice: the number is taken when the batch is saved in the same transaction."""
        last = self.scalar(select(func.max(BATCH.c.number)).where(self.mine(BATCH), BATCH.c.target == target))
        return (last or 0) + 1

    def save(self, batch: BatchFile) -> None:
        row = {"target": batch.target, "number": batch.number, "id": batch.id, "data": encode(batch)}
        with self.store.transaction():
            self.replace(BATCH, ("target", "number"), [row])
            self.store.audit.append("batch.saved", batch.id, said(row))
        point("store.batch.saved")

    def written(self, batch: BatchFile) -> None:
        self.save(replace(batch, written=True))

    def get(self, wanted: str) -> BatchFile | None:
        found = self.scalar(select(BATCH.c.data).where(self.mine(BATCH), BATCH.c.id == wanted))
        return None if found is None else decode(BatchFile, found)

    def all(self, targets: Iterable[str] = ()) -> list[BatchFile]:
        chosen = select(BATCH.c.data).where(self.mine(BATCH)).order_by(BATCH.c.target, BATCH.c.number)
        wanted = list(targets)
        if wanted:
            chosen = chosen.where(BATCH.c.target.in_(wanted))
        return [decode(BatchFile, row.data) for row in self.rows(chosen)]
