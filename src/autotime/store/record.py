"""What was recorded for good: decisions and entries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.sql.elements import ColumnElement

from autotime.domain.decisions import Decision
from autotime.domain.delivery import DeliveryState, Submission
from autotime.domain.entries import TimeEntry
from autotime.domain.errors import NotAllowed
from autotime.domain.spans import intersection
from autotime.failpoints import point
from autotime.store.audit import said
from autotime.store.drawer import Drawer, table_of
from autotime.store.tables import DecisionRow, EntryRow, VoidRow
from autotime.store.translate import decode, encode

DECISION, ENTRY, VOID = table_of(DecisionRow), table_of(EntryRow), table_of(VoidRow)

LONGEST_DAY = timedelta(days=2)
"""Entries of neighbouring days are looked at too: an entry may cross midnight in another zone."""


def number_of(decision: str) -> int:
    """The number in a decision's name, as a person may have typed it; 0 where it is no such name."""
    named = re.fullmatch("d([0-9]{1,9})", decision)
    return int(named[1]) if named else 0


class DecisionDrawer(Drawer):
    """Append-only, numbered from ``d1``."""

    def next_id(self) -> str:
        last = self.scalar(select(func.max(DECISION.c.number)).where(self.mine(DECISION)))
        return f"d{(last or 0) + 1}"

    def append(self, decision: Decision, day: date) -> None:
        with self.store.transaction():
            row = {
                "number": int(decision.id[1:]),
                "day": day.isoformat(),
                "undoes": decision.undoes,
                "data": encode(decision),
            }
            self.write(DECISION.insert(), [row])
            self.store.audit.append(f"decision.{decision.kind}", decision.id, said(row), decision.at)
        point("store.decision.appended")

    def on(self, day: date) -> list[Decision]:
        """In order. Sorted here: asked to sort, SQLite would walk the whole table in that order."""
        rows = self.rows(select(DECISION).where(self.mine(DECISION), DECISION.c.day == day.isoformat()))
        return [decode(Decision, row.data) for row in sorted(rows, key=lambda row: row.number)]

    def get(self, wanted: str) -> Decision | None:
        found = self.scalar(select(DECISION.c.data).where(self.mine(DECISION), DECISION.c.number == number_of(wanted)))
        return None if found is None else decode(Decision, found)

    def day_of(self, wanted: str) -> date | None:
        found = self.scalar(select(DECISION.c.day).where(self.mine(DECISION), DECISION.c.number == number_of(wanted)))
        return None if found is None else date.fromisoformat(found)

    def undone(self) -> set[str]:
        """Ids of decisions that were taken back."""
        rows = self.rows(select(DECISION.c.undoes).where(self.mine(DECISION), DECISION.c.undoes != ""))
        return {row.undoes for row in rows}

    def last_standing(self) -> Decision | None:
        """The latest decision that can still be taken back."""
        undone = {int(one[1:]) for one in self.undone()}
        rows = self.rows(
            select(DECISION.c.number)
            .where(self.mine(DECISION), DECISION.c.undoes == "")
            .order_by(DECISION.c.number.desc())
            .limit(len(undone) + 1)
        )
        standing = [row.number for row in rows if row.number not in undone]
        return self.get(f"d{standing[0]}") if standing else None


OPEN = (DeliveryState.SENDING, DeliveryState.IN_DOUBT)
UNDOUBT = "autotime push again after a quarter of an hour, or autotime resolve; then take it back"
CORRECT = "correct it in billing; autotime never changes what was delivered"


def _can_be_corrected(submission: Submission) -> bool:
    """It stands in a billing system as one entry, and was not seen to be billed."""
    stands = submission.state in (DeliveryState.SENT, DeliveryState.DRIFTED)
    return stands and bool(submission.told) and not submission.billed


class EntryDrawer(Drawer):
    """Append-only; an entry that was taken back has a void beside it."""

    def add(self, entry: TimeEntry) -> None:
        """Adds an entry. The last guard of «no second twice»: ``NotAllowed`` if its time is taken."""
        with self.store.transaction():
            self._refuse_overlap(entry)
            row = {"id": entry.id, "day": entry.day.isoformat(), "decision": entry.decision, "data": encode(entry)}
            self.write(ENTRY.insert(), [row])
            self.store.audit.append("entry.added", entry.id, said(row), entry.approved_at)
        point("store.entry.added")

    def _refuse_overlap(self, entry: TimeEntry) -> None:
        near = self.between(entry.day - LONGEST_DAY, entry.day + LONGEST_DAY)
        for other in near:
            if other.active and intersection(other.spans, entry.spans):
                raise NotAllowed(
                    f"the time of this entry is already in entry {other.id}",
                    kept="nothing was changed",
                    hint=f"autotime suggestions --date {entry.day}",
                )

    def void(self, entry: str, decision: str) -> None:
        """Takes an entry back, with its queued submission. ``NotAllowed`` once it has left, but to a system in which
        the next push can correct it."""
        with self.store.transaction():
            for submission in self.store.submissions.of_entry(entry):
                if submission.state in (DeliveryState.QUEUED, DeliveryState.REFUSED):
                    self.store.submissions.save(replace(submission, state=DeliveryState.CANCELLED))
                elif submission.state is not DeliveryState.CANCELLED and not _can_be_corrected(submission):
                    raise NotAllowed(
                        f"entry {entry} is {submission.state.value.replace('_', ' ')} to {submission.target}",
                        kept="nothing was changed",
                        hint=UNDOUBT if submission.state in OPEN else CORRECT,
                    )
            row = {"entry": entry, "decision": decision}
            self.write(VOID.insert(), [row])
            self.store.audit.append("entry_void.added", entry, said(row))

    def on(self, day: date) -> list[TimeEntry]:
        return self.between(day, day)

    def between(self, first: date, last: date) -> list[TimeEntry]:
        """Entries of these local days, the taken-back ones too."""
        days = and_(ENTRY.c.day >= first.isoformat(), ENTRY.c.day <= last.isoformat())
        return self._load(days)

    def get(self, wanted: str) -> TimeEntry | None:
        return next(iter(self._load(ENTRY.c.id == wanted)), None)

    def many(self, ids: Sequence[str]) -> dict[str, TimeEntry]:
        found: dict[str, TimeEntry] = {}
        for first in range(0, len(ids), 400):
            found |= {entry.id: entry for entry in self._load(ENTRY.c.id.in_(ids[first : first + 400]))}
        return found

    def _load(self, condition: ColumnElement[bool]) -> list[TimeEntry]:
        voided = and_(VOID.c.timekeeper == ENTRY.c.timekeeper, VOID.c.entry == ENTRY.c.id)
        chosen = (
            select(ENTRY.c.data, VOID.c.decision)
            .outerjoin(VOID, voided)
            .where(self.mine(ENTRY), condition)
            .order_by(ENTRY.c.day, ENTRY.c.id)
        )
        return [replace(decode(TimeEntry, row.data), voided_by=row.decision or "") for row in self.rows(chosen)]
