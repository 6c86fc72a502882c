"""The journey of an approved entry into billing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from autotime.domain.work import Billing


class DeliveryState(StrEnum):
    """``SENDING`` is committed before anything leaves. ``IN_DOUBT`` ends by looking or by a person.
    ``HANDED_OVER`` is all that can be known of targets that cannot be read."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    IN_DOUBT = "in_doubt"
    DRIFTED = "drifted"
    DUPLICATE_FOUND = "duplicate_found"
    REMOVED_THERE = "removed_there"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One entry revision on its way into one target.

    An entry has at most one submission that is not a ``copy``: a minute is billed by one target.
    ``target`` is empty while queued and no billing target is set for the matter: the first push
    takes it. ``payload`` is the canonical JSON that was approved, ``payload_hash`` its SHA-256;
    both are fixed when sending begins. ``batch`` and ``line`` place it in a file; ``receipt`` is the
    target's own word for it. ``reason`` says why it was refused.

    Targets that are asked, not written: ``batch`` is the push it went with; ``known`` are the target's own ids
    of the entries that stood there for this timekeeper, matter and day before sending; ``sent_at`` is when
    the request left, ``looks`` how often doubt was looked into since, ``looked_at`` the last time; ``version``
    is the target's word for the state of its entry; ``agreed`` whether it was read back and is as sent; ``told`` is
    the canonical JSON of what the target was told, by its own field names; ``billed`` whether it was seen on a bill
    or locked there. ``attempts`` counts the times it was sent and not proven undone. ``earlier`` are the target's own
    ids under which it stood there until it was taken back. ``accepted`` is the SHA-256 of what stands there otherwise
    and may, by a person's word.
    """

    id: str
    entry: str
    entry_revision: int
    state: DeliveryState
    target: str = ""
    copy: bool = False
    batch: str = ""
    line: int = 0
    payload: str = ""
    payload_hash: str = ""
    receipt: str = ""
    reason: str = ""
    attempts: int = 0
    known: tuple[str, ...] = ()
    sent_at: int = 0
    looks: int = 0
    looked_at: int = 0
    version: str = ""
    agreed: bool = False
    told: str = ""
    billed: bool = False
    earlier: tuple[str, ...] = ()
    accepted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFile:
    """One numbered file of entries: an invoice in LEDES, a sheet in CSV. Or one push to a billing system: it has a
    number and a mapping version, and no file.

    ``id`` is ``TARGET-NUMBER`` (``ledes-0003``). ``header`` is canonical JSON of what the file says
    beside its lines (client, period, invoice number and date, firm facts), fixed when the batch is
    made, so that writing it again gives the same bytes. ``sha256`` is of those bytes. ``voided``: it was taken back.
    """

    id: str
    target: str
    number: int
    file_name: str
    header: str
    sha256: str
    made_at: int
    first_day: date
    last_day: date
    mapping_version: str
    written: bool = False
    voided: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a person asks to be delivered: the target, which entries, and an invoice's own facts.

    LEDES needs all of it, a sheet the target only.
    """

    target: str
    client: str = ""
    first: date | None = None
    last: date | None = None
    invoice_number: str = ""
    invoice_date: date | None = None
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """One time entry as a billing system holds it. ``timekeeper``, ``matter`` and ``id`` are the system's own.

    ``seconds`` is ``None`` where the system hides them. ``external`` is our mark, where it has a field for one.
    ``billed``: on a bill or locked, never to be touched. ``version`` for a safe change; ``created_at`` UTC
    second, 0 where it is not told.
    """

    id: str
    timekeeper: str
    matter: str
    day: date
    seconds: int | None
    narrative: str = ""
    task_code: str = ""
    activity_code: str = ""
    rate: Decimal | None = None
    billing: Billing = Billing.BILLABLE
    billed: bool = False
    version: str = ""
    external: str = ""
    created_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What a billing system can do. ``lists``: its entries can be searched, so that doubt can end by looking.
    ``external``: it keeps a mark of ours; ``locks``: it refuses a change of what changed meanwhile."""

    lists: bool = True
    updates: bool = False
    removes: bool = False
    external: bool = False
    locks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """One entry that stands in a billing system and was not sent from here: imported history, or other work that a
    person acknowledged. ``matter`` is the firm's number (empty: unknown), ``seconds`` ``None`` where hidden.
    ``status`` is the system's word (``billed``, ``unbilled``, ``invoice 17``)."""

    target: str
    remote: str
    day: date
    matter: str
    seconds: int | None
    narrative: str = ""
    task_code: str = ""
    activity_code: str = ""
    rate: Decimal | None = None
    billing: Billing = Billing.BILLABLE
    status: str = ""
