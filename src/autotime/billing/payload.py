"""What billing is told of one entry: the payload, frozen when sending begins.

A flat mapping of strings and integers: whole seconds and minutes, dates ISO, money as decimal text
(``""``: no rate is set). Its canonical JSON is what was approved; its SHA-256 goes with it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from autotime.domain.books import Books, Client, Matter
from autotime.domain.entries import TimeEntry
from autotime.domain.people import Timekeeper
from autotime.domain.work import Billing

Payload = dict[str, str | int]

CENT = Decimal("0.01")
FINEST = Decimal("0.0001")
DAY = 24 * 60
"""Minutes; nobody works more on one."""


def payload_of(entry: TimeEntry, books: Books, timekeeper: Timekeeper) -> Payload:
    """Everything a target may need. A matter that is not in the books has only its number."""
    matter = books.matters.get(entry.matter, Matter(number=entry.matter, name="", client=entry.client))
    client = books.clients.get(entry.client, Client(entry.client))
    own = matter.rate_of(timekeeper.id)
    rate = own if own is not None else timekeeper.rate
    return {
        "entry": entry.id,
        "revision": entry.revision,
        "day": entry.day.isoformat(),
        "timekeeper": entry.timekeeper,
        "timekeeper_last": timekeeper.last,
        "timekeeper_first": timekeeper.first,
        "timekeeper_email": next(iter(timekeeper.emails), ""),
        "classification": timekeeper.classification,
        "client": entry.client,
        "client_name": client.name,
        "client_ledes_id": client.ledes_id or entry.client,
        "matter": entry.matter,
        "matter_name": matter.name,
        "client_matter_id": matter.client_matter_id,
        "code_set": matter.code_set,
        "fee_type": matter.fee_type,
        "task_code": entry.task_code,
        "activity_code": entry.activity_code,
        "narrative": entry.narrative,
        "worked_seconds": entry.worked_seconds,
        "billed_minutes": entry.billed_minutes,
        "increment_minutes": entry.increment_minutes,
        "rounding": entry.rounding,
        "billing": entry.billing.value,
        "travel": int(entry.travel),
        "late": entry.late,
        "rate": "" if rate is None else format(rate, "f"),
        "currency": matter.currency,
    }


def canonical(value: Mapping[str, object]) -> str:
    """Sorted keys, no spaces: equal mappings have equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def sha256(text: str | bytes) -> str:
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def text(payload: Mapping[str, object], key: str) -> str:
    return str(payload.get(key, ""))


def rate_of(payload: Mapping[str, object]) -> Decimal | None:
    return Decimal(text(payload, "rate")) if text(payload, "rate") else None


def refused_time(payload: Mapping[str, object]) -> str:
    """Why its time can stand in no billing system; nothing where it can."""
    if 0 < int(text(payload, "billed_minutes") or 0) <= DAY:
        return ""
    return "its time is not between one minute and 24 hours: change it at the desk (autotime review)"


def hours_of(payload: Mapping[str, object]) -> Decimal:
    """Billed hours as they are written. Exact where two decimals can say it, which is so for every
    multiple of three minutes (tenths and quarters of an hour among them); else four decimals, half up."""
    minutes = Decimal(text(payload, "billed_minutes") or 0)
    short = (minutes / 60).quantize(CENT, ROUND_HALF_UP)
    return short if short * 60 == minutes else (minutes / 60).quantize(FINEST, ROUND_HALF_UP)


def amount_of(payload: Mapping[str, object]) -> Decimal | None:
    """Hours as written × rate, half up to the cent; zero where nothing is charged; ``None``: no rate."""
    if text(payload, "billing") != Billing.BILLABLE:
        return Decimal("0.00")
    rate = rate_of(payload)
    return None if rate is None else (hours_of(payload) * rate).quantize(CENT, ROUND_HALF_UP)


def number(value: Decimal, decimals: int) -> str:
    """Plain digits with at least ``decimals`` places and no others that are zero."""
    whole, _, fraction = format(value, "f").partition(".")
    kept = fraction.rstrip("0").ljust(decimals, "0")
    return f"{whole}.{kept}" if kept else whole
