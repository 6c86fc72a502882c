"""The record of who did what, in a chain that shows if a link was changed.

::

    hash(n) = SHA-256( domain ‖ canonical record n ‖ hash(n − 1) )
    commitment = HMAC-SHA-256( salt(n), content )

The chain holds no content, only a commitment to it under a random salt. Erasing content and salt
erases the link between them, and the chain still verifies.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select

from autotime.store.drawer import Drawer, table_of
from autotime.store.tables import AuditRow, BatchRow, DecisionRow, EntryRow, SaltRow, SubmissionRow, VoidRow

AUDIT, SALT = table_of(AuditRow), table_of(SaltRow)
DOMAIN = b"autotime audit 1\n"
START = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditReport:
    """How many records, whether all is as recorded, and if not, where."""

    records: int
    ok: bool
    problem: str = ""


class AuditDrawer(Drawer):
    def append(self, action: str, thing: str, content: str, at: int | None = None) -> None:
        """One record, in the transaction of what it records."""
        with self.store.transaction():
            seq, prev = self.head()
            salt = secrets.token_hex(16)
            record: dict[str, Any] = {
                "seq": seq + 1,
                "at": at if at is not None else self.store.clock(),
                "actor": self.store.principal.actor,
                "action": action,
                "object": thing,
                "commitment": commitment(salt, content),
            }
            linked = {**record, "prev": prev, "hash": link(record, prev)}
            self.write(AUDIT.insert(), [linked])
            self.write(SALT.insert(), [{"seq": seq + 1, "salt": salt}])

    def head(self) -> tuple[int, str]:
        """The number and hash of the last record; to be kept outside, so that a cut tail is seen."""
        rows = self.rows(
            select(AUDIT.c.seq, AUDIT.c.hash).where(self.mine(AUDIT)).order_by(AUDIT.c.seq.desc()).limit(1)
        )
        return (rows[0].seq, rows[0].hash) if rows else (0, START)

    def verify(self) -> AuditReport:
        """Re-computes the chain and holds the tables against it."""
        records = self.rows(select(AUDIT).where(self.mine(AUDIT)).order_by(AUDIT.c.seq))
        problem = next(_broken(records), "") or next(self._different(records), "")
        return AuditReport(len(records), not problem, problem)

    def _different(self, records: Any) -> Iterator[str]:
        """Objects whose row no longer says what was committed, or that no record made."""
        salts = {row.seq: row.salt for row in self.rows(select(SALT).where(self.mine(SALT)))}
        committed: dict[tuple[str, str], tuple[str, str]] = {}
        for record in records:
            if record.seq in salts:
                kind = record.action.partition(".")[0]
                committed[kind, record.object] = (salts[record.seq], record.commitment)
        for kind, thing, content in self._rows_now():
            known = committed.get((kind, thing))
            if known is None:
                yield f"{kind} {thing} was never recorded"
            elif commitment(known[0], content) != known[1]:
                yield f"{kind} {thing} was changed outside autotime"

    def _rows_now(self) -> Iterator[tuple[str, str, str]]:
        for row in self._all(DecisionRow):
            yield "decision", f"d{row.number}", row.data
        for row in self._all(EntryRow):
            yield "entry", row.id, row.data
        for row in self._all(VoidRow):
            yield "entry_void", row.entry, row.decision
        for row in self._all(SubmissionRow):
            yield "submission", row.id, row.data
        for row in self._all(BatchRow):
            yield "batch", row.id, row.data

    def _all(self, model: Any) -> Any:
        table: Table = table_of(model)
        return self.rows(select(table).where(self.mine(table)))


def commitment(salt: str, content: str) -> str:
    return hmac.new(bytes.fromhex(salt), content.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def link(record: dict[str, Any], prev: str) -> str:
    canonical = json.dumps(record, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(DOMAIN + canonical + prev.encode()).hexdigest()


def _broken(records: Any) -> Iterator[str]:
    prev = START
    for number, row in enumerate(records, start=1):
        record = {name: getattr(row, name) for name in ("seq", "at", "actor", "action", "object", "commitment")}
        if row.seq != number:
            yield f"record {number} is missing"
        elif row.prev != prev or row.hash != link(record, prev):
            yield f"record {number} was changed"
        prev = row.hash
