"""The journey of an approved entry into billing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


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


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFile:
    """One numbered file of entries: an invoice in LEDES, a sheet in CSV.

    ``id`` is ``TARGET-NUMBER`` (``ledes-0003``). ``header`` is canonical JSON of what the file says
    beside its lines (client, period, invoice number and date, firm facts), fixed when the batch is
    made, so that writing it again gives the same bytes. ``sha256`` is of those bytes.
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
