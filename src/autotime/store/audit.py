"""The record of who did what, in a chain that shows if a link was changed.

::

    hash(n) = SHA-256( domain ‖ canonical record n ‖ hash(n − 1) )
    commitment = HMAC-SHA-256( salt(n), row )

The chain holds no content, only a commitment to the whole row under a random salt. Erasing row and
salt erases the link between them, and the chain still verifies.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, func, select

from autotime.store.drawer import Drawer, table_of
from autotime.store.tables import AuditRow, BatchRow, DecisionRow, EntryRow, SaltRow, SubmissionRow, VoidRow

AUDIT, SALT = table_of(AuditRow), table_of(SaltRow)
RECORDED: dict[str, tuple[Table, Callable[[Any], str]]] = {
    "decision": (table_of(DecisionRow), lambda row: f"d{row.number}"),
    "entry": (table_of(EntryRow), lambda row: str(row.id)),
    "entry_void": (table_of(VoidRow), lambda row: str(row.entry)),
    "submission": (table_of(SubmissionRow), lambda row: str(row.id)),
    "batch": (table_of(BatchRow), lambda row: str(row.id)),
}
"""The tables whose every row must be on record, and the name a row has there."""

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

    def first(self, *actions: str) -> dict[str, int]:
        """The number of the first record with one of these actions, by what it is about."""
        chosen = select(AUDIT.c.object, func.min(AUDIT.c.seq).label("seq"))
        wanted = chosen.where(self.mine(AUDIT), AUDIT.c.action.in_(actions)).group_by(AUDIT.c.object)
        return {row.object: row.seq for row in self.rows(wanted)}

    def verify(self) -> AuditReport:
        """Re-computes the chain and holds the tables against it."""
        records = self.rows(select(AUDIT).where(self.mine(AUDIT)).order_by(AUDIT.c.seq))
        problem = next(_broken(records), "") or next(self._different(records), "")
        return AuditReport(len(records), not problem, problem)

    def _different(self, records: Any) -> Iterator[str]:
        """Rows that no longer say what was committed, that no record made, or that are gone."""
        salts = {row.seq: row.salt for row in self.rows(select(SALT).where(self.mine(SALT)))}
        latest = {(_kind(record), record.object): record for record in records if _kind(record) in RECORDED}
        for kind, (table, name) in RECORDED.items():
            for row in self.rows(select(table).where(self.mine(table))):
                record = latest.pop((kind, name(row)), None)
                if record is None:
                    yield f"{kind} {name(row)} was never recorded"
                elif record.seq not in salts:
                    yield f"{kind} {name(row)} cannot be held against its record {record.seq}, whose salt is gone"
                elif commitment(salts[record.seq], said(row._mapping)) != record.commitment:
                    yield f"{kind} {name(row)} was changed outside autotime"
        for (kind, thing), record in latest.items():
            if record.seq in salts:
                yield f"{kind} {thing} was removed outside autotime"


def said(row: Mapping[str, Any]) -> str:
    """A row as what its record commits to: every column but whose it is."""
    return json.dumps({name: row[name] for name in row if name != "timekeeper"}, sort_keys=True, separators=(",", ":"))


def _kind(record: Any) -> str:
    return str(record.action).partition(".")[0]


def commitment(salt: str, content: str) -> str:
    return hmac.new(salt.encode(), content.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


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
