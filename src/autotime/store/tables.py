"""The tables. Rows never leave this room: SQLModel tables validate nothing.

Every row belongs to one timekeeper but the firm's books. What was recorded (evidence, decisions,
entries, audit) is append-only; what is derived (current evidence, rankings, suggestions) may be
thrown away and made again. ``data`` is the noun as canonical JSON; the other columns are what
queries need.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Dialect, String, TypeDecorator
from sqlmodel import Field, SQLModel


class Words(TypeDecorator[str]):
    """Any Python text. What databases refuse (NUL, halves of characters, as in odd file names) is
    written with a backslash, and a backslash as two."""

    impl = String
    cache_ok = True

    REFUSED = re.compile("[\x00\\\\\ud800-\udfff]")
    WRITTEN = re.compile(r"\\(?:\\|u([0-9a-f]{4}))")

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else self.REFUSED.sub(_written, value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else self.WRITTEN.sub(lambda m: chr(int(m[1], 16)) if m[1] else "\\", value)


def _written(refused: re.Match[str]) -> str:
    return "\\\\" if refused[0] == "\\" else f"\\u{ord(refused[0]):04x}"


class Owned(SQLModel):
    timekeeper: str = Field(primary_key=True)


class EvidenceRow(Owned, table=True):
    __tablename__: ClassVar[Any] = "evidence"
    id: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    captured_at: int = Field(sa_type=BigInteger)
    data: str


class CurrentRow(Owned, table=True):
    """Which revision of each piece is current, and when it was."""

    __tablename__: ClassVar[Any] = "evidence_current"
    id: str = Field(primary_key=True)
    revision: int
    account: str = Field(sa_type=Words)
    source: str = Field(sa_type=Words)
    at: int = Field(sa_type=BigInteger)
    until: int = Field(sa_type=BigInteger)
    withdrawn: bool
    hash: str


class FeatureRow(Owned, table=True):
    __tablename__: ClassVar[Any] = "feature"
    evidence: str = Field(primary_key=True)
    version: int
    data: bytes


class CursorRow(Owned, table=True):
    __tablename__: ClassVar[Any] = "sync_cursor"
    account: str = Field(primary_key=True, sa_type=Words)
    source: str = Field(primary_key=True, sa_type=Words)
    value: str = Field(sa_type=Words)
    at: int = Field(sa_type=BigInteger)
    items: int


class QuarantineRow(Owned, table=True):
    __tablename__: ClassVar[Any] = "quarantine"
    account: str = Field(primary_key=True, sa_type=Words)
    source: str = Field(primary_key=True, sa_type=Words)
    key: str = Field(primary_key=True, sa_type=Words)
    reason: str = Field(sa_type=Words)
    sha256: str
    at: int = Field(sa_type=BigInteger)


class ClientRow(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "client"
    key: str = Field(primary_key=True, sa_type=Words)
    data: str


class MatterRow(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "matter"
    key: str = Field(primary_key=True, sa_type=Words)
    data: str


class CodeRow(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "code"
    key: str = Field(primary_key=True, sa_type=Words)
    data: str


class TimekeeperRow(SQLModel, table=True):
    __tablename__: ClassVar[Any] = "timekeeper"
    key: str = Field(primary_key=True, sa_type=Words)
    data: str


class RankingRow(Owned, table=True):
    __tablename__: ClassVar[Any] = "ranking"
    evidence: str = Field(primary_key=True)
    data: str


class SuggestionRow(Owned, table=True):
    __tablename__: ClassVar[Any] = "suggestion"
    id: str = Field(primary_key=True)
    day: str
    position: int
    status: str
    data: str


class DecisionRow(Owned, table=True):
    __tablename__: ClassVar[Any] = "decision"
    number: int = Field(primary_key=True)
    day: str
    undoes: str
    data: str


class EntryRow(Owned, table=True):
    __tablename__: ClassVar[Any] = "entry"
    id: str = Field(primary_key=True)
    day: str
    decision: str
    data: str


class VoidRow(Owned, table=True):
    __tablename__: ClassVar[Any] = "entry_void"
    entry: str = Field(primary_key=True)
    decision: str


class SubmissionRow(Owned, table=True):
    __tablename__: ClassVar[Any] = "submission"
    id: str = Field(primary_key=True)
    entry: str
    entry_revision: int
    target: str
    state: str
    copy_: bool = Field(sa_column_kwargs={"name": "copy"})
    data: str


class BatchRow(Owned, table=True):
    __tablename__: ClassVar[Any] = "batch"
    target: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    id: str
    data: str


class RemoteKeyRow(SQLModel, table=True):
    """What a billing system calls one thing of the books."""

    __tablename__: ClassVar[Any] = "remote_key"
    system: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True, sa_type=Words)
    remote: str = Field(sa_type=Words)
    version: str = Field(sa_type=Words)


class PullRow(SQLModel, table=True):
    """How far the books were read from a billing system."""

    __tablename__: ClassVar[Any] = "books_pull"
    system: str = Field(primary_key=True)
    part: str = Field(primary_key=True)
    value: str = Field(sa_type=Words)
    at: int = Field(sa_type=BigInteger)
    things: int


class BilledRow(Owned, table=True):
    """Time that stands in a billing system and was not sent from here."""

    __tablename__: ClassVar[Any] = "billed"
    target: str = Field(primary_key=True)
    remote: str = Field(primary_key=True, sa_type=Words)
    day: str
    matter: str = Field(sa_type=Words)
    data: str


class ExampleRow(Owned, table=True):
    __tablename__: ClassVar[Any] = "example"
    decision: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    evidence: str = Field(primary_key=True)
    at: int = Field(sa_type=BigInteger)
    data: str


class RunRow(Owned, table=True):
    __tablename__: ClassVar[Any] = "run"
    number: int = Field(primary_key=True)
    kind: str
    started_at: int = Field(sa_type=BigInteger)
    finished_at: int = Field(sa_type=BigInteger)
    report: str


class AuditRow(Owned, table=True):
    __tablename__: ClassVar[Any] = "audit"
    seq: int = Field(primary_key=True)
    at: int = Field(sa_type=BigInteger)
    actor: str = Field(sa_type=Words)
    action: str
    object: str = Field(sa_type=Words)
    commitment: str
    prev: str
    hash: str


class SaltRow(Owned, table=True):
    """The salt of a commitment; erasing it erases the link to the content, and the chain stays whole."""

    __tablename__: ClassVar[Any] = "audit_salt"
    seq: int = Field(primary_key=True)
    salt: str


class MetaRow(Owned, table=True):
    __tablename__: ClassVar[Any] = "meta"
    key: str = Field(primary_key=True)
    value: str = Field(sa_type=Words)
