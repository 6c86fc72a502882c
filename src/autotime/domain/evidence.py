"""What the timekeeper was seen to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b

from autotime.domain.spans import Span
from autotime.domain.untrusted import NOTHING, Untrusted


class Kind(StrEnum):
    MESSAGE = "message"
    MEETING = "meeting"
    CALL = "call"
    DOCUMENT = "document"


class Role(StrEnum):
    """What a person was to a piece of evidence."""

    FROM = "from"
    TO = "to"
    CC = "cc"
    BCC = "bcc"
    ORGANIZER = "organizer"
    ATTENDEE = "attendee"
    AUTHOR = "author"


@dataclass(frozen=True, slots=True)
class Participant:
    """``address`` is lower case and safe to show; a name without an address has ``address=""``."""

    role: Role
    address: str
    name: Untrusted = NOTHING


Fact = str | int | bool

FACTS = {
    # messages
    "words_new": "words the sender wrote in this message",
    "words_quoted": "words quoted below it",
    "attachments": "number of attachments",
    "attachment_names": "their names, newline-separated, cleaned",
    "reply_opened_at": "UTC second at which the reply window opened, inferred from Thread-Index",
    "bulk": "automatic or list mail: never the timekeeper's work by itself",
    "auth_failed": "the receiving server's authentication check failed: sender not believed",
    "utc_offset": "seconds east of UTC in the Date header",
    "time_assumed": "the Date header was unusable; another time stands in",
    "chat": "a chat message, not a mail",
    # meetings
    "all_day": "an all-day event: context only",
    "busy": "free, tentative, busy, oof",
    "response": "organizer, accepted, tentative, declined, none",
    "private": "only the busy span was kept",
    "zone_assumed": "the event had no usable zone; the timekeeper's was used",
    "attended": "when the timekeeper was there, as recorded: UTC seconds, 'joined-left joined-left'",
    # documents
    "file": "file name, cleaned",
    "edit_minutes": "minutes of editing since the last observation, an upper bound (TotalTime difference)",
    "observed_from": "UTC second of the previous observation of this file",
    "created_at": "UTC second the document was created",
    "revision_delta": "saves since the previous observation",
    "opened_at": "UTC second at which an owner file showed the document open",
    "words": "words in the document",
    "saves": "versions the timekeeper saved in this session",
    "app": "the program it was open in, cleaned",
    # calls
    "direction": "in, out",
}
"""Every key ``Evidence.facts`` may hold. Collectors are checked against it."""


def evidence_id(account: str, source: str, key: str) -> str:
    """A stable name for one thing seen, the same on every run and machine."""
    digest = blake2b("\x1f".join((account, source, key)).encode("utf-8", "surrogatepass"), digest_size=9)
    return "v" + digest.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing the timekeeper was seen to do: a message, meeting, call or document edit.

    Unique by ``(account, source, key, revision)`` and append-only; the highest revision is
    current. The store numbers revisions: a collector leaves ``revision`` at 1.

    ``key`` names the thing at its source, and for a recurring event the occurrence. ``at`` is the
    instant it is filed under (sent, started, saved), UTC seconds; ``span`` is set only where the
    source recorded a stretch of time (meetings, calls, edit sessions, active windows), and then ``at``
    is its start. ``identity`` is the same for copies of one thing in several sources (Message-ID;
    iCalUID and occurrence); ``thread`` joins a conversation. ``own`` says the timekeeper acted (sent,
    attended, edited) rather than received. ``place`` is the mail folder or file path. Text is
    ``Untrusted`` and kept out of ``repr``.
    """

    account: str
    source: str
    key: str
    kind: Kind
    at: int
    own: bool
    revision: int = 1
    span: Span | None = None
    identity: str = ""
    thread: str = ""
    subject: Untrusted = field(default=NOTHING, repr=False)
    body: Untrusted = field(default=NOTHING, repr=False)
    quoted: Untrusted = field(default=NOTHING, repr=False)
    place: Untrusted = field(default=NOTHING, repr=False)
    people: tuple[Participant, ...] = field(default=(), repr=False)
    facts: Mapping[str, Fact] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        return evidence_id(self.account, self.source, self.key)

    def flag(self, name: str) -> bool:
        return bool(self.facts.get(name, False))

    def number(self, name: str, default: int = 0) -> int:
        value = self.facts.get(name, default)
        return value if isinstance(value, int) else default


@dataclass(frozen=True, slots=True)
class SyncCursor:
    """How far a collector has read. Opaque to everyone but the collector that made it."""

    value: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One item that could not be read: where it was, why, and a hash to recognise it by."""

    key: str
    reason: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A part of a source that was not collected, and what would help: a permission that is missing, a
    service that is switched off. The other parts went on."""

    part: str
    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one page of a source held, stored in one transaction with the cursor that then holds.

    ``withdrawn`` are keys of things that no longer stand (a cancelled meeting). A removed mail is
    not withdrawn: captured time stays captured. ``gaps`` are parts the source did not give. ``done``
    and ``of`` are for progress, in any unit.
    """

    evidence: tuple[Evidence, ...]
    cursor: SyncCursor
    withdrawn: tuple[str, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    gaps: tuple[Gap, ...] = ()
    done: int = 0
    of: int = 0
