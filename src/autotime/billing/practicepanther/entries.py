"""A time entry as PracticePanther holds it, read. Its numbers may come as text, its times without a zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from autotime.billing.values import flag_of, second_of
from autotime.domain.books import Thing
from autotime.domain.delivery import Remote
from autotime.domain.doors import Keys
from autotime.domain.errors import SourceUnavailable
from autotime.domain.work import Billing
from autotime.intake import clean

LONGEST = 100_000
MARK = re.compile(r"autotime:[\w.-]{1,80}:\d{1,9}\b")
"""What we put into the private notes: ``autotime:ENTRY:REVISION``."""


def remote_of(row: Mapping[str, Any], keys: Keys) -> Remote:
    """``KeyError``, ``TypeError``, ``ValueError`` or ``ArithmeticError`` where it is none.

    ``day`` is the date as it is written there: whatever zone it carries, it stands for a day. ``billing`` is no
    charge where it is billable at a rate of zero.
    """
    rate = money(row.get("rate"))
    billable = Billing.NO_CHARGE if rate == 0 else Billing.BILLABLE
    mark = MARK.search(text(row.get("private_notes")))
    return Remote(
        id=_id(row),
        timekeeper=_id(row["billed_by_user_ref"]),
        matter=_id(row["matter_ref"]),
        day=date.fromisoformat(row["date"][:10]),
        seconds=seconds_of(row["hours"]),
        narrative=clean(text(row.get("description")), LONGEST, lines=True),
        task_code=clean(text(row.get("task_code")), 80),
        activity_code=_activity(row.get("item_ref"), keys),
        rate=rate,
        billing=billable if flag_of(row.get("is_billable")) else Billing.NON_BILLABLE,
        billed=bool(row.get("is_billed")) and flag_of(row["is_billed"]) is not False,
        version=clean(text(row.get("updated_at")), 80),
        external=mark.group() if mark else "",
        created_at=second_of(row.get("created_at")),
    )


def readable(row: Mapping[str, Any], keys: Keys) -> Remote:
    """As ``remote_of``; ``SourceUnavailable`` names the entry that cannot be read."""
    try:
        return remote_of(row, keys)
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as odd:
        raise SourceUnavailable(
            f"time entry {clean(text(row.get('id')), 40)} of PracticePanther cannot be read ({type(odd).__name__})",
            hint="look at it there",
        ) from None


def seconds_of(hours: Any) -> int | None:
    """Whole seconds of decimal hours, half up; ``None`` where none are told."""
    if hours is None:
        return None
    return int((Decimal(str(hours)) * 3600).quantize(Decimal(1), ROUND_HALF_UP))


def money(said: Any) -> Decimal | None:
    """A number, or a text that is one (``"$1,250.00"``); ``None`` where nothing is said."""
    plain = text(said) if isinstance(said, str) else "" if said is None else str(said)
    plain = plain.replace("$", "").replace(",", "").strip()
    amount = Decimal(plain) if plain else None
    if amount is not None and not amount.is_finite():
        raise ValueError("no money")
    return amount


def text(said: Any) -> str:
    return said if isinstance(said, str) else ""


def _id(row: Mapping[str, Any]) -> str:
    found = clean(row["id"], 80)
    if not found:
        raise ValueError("no id")
    return found


def _activity(item: Any, keys: Keys) -> str:
    """Our code of an item; its name where we know none."""
    if not isinstance(item, dict) or not item.get("id"):
        return ""
    return keys.key(Thing.ACTIVITY, text(item["id"])) or clean(text(item.get("name")), 80)
