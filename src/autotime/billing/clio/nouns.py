"""Clio's users, contacts, matters and categories as ours. ``ValueError`` says what is wrong with one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from autotime.billing.clio.entries import id_of
from autotime.billing.values import number_of, text_of
from autotime.domain.books import Client, Code, Matter, MatterStatus, Rate
from autotime.domain.people import Timekeeper
from autotime.intake import address

STATES = {"Open": MatterStatus.OPEN, "Pending": MatterStatus.PENDING, "Closed": MatterStatus.CLOSED}
FEES = ("flat", "contingency", "hourly")

Record = dict[str, Any]

# -- people and clients ---------------------------------------------------------------------------


def timekeeper_of(record: Record) -> Timekeeper:
    """Whether somebody is a partner or an associate is not told there."""
    mail = address(text_of(record, "email"))
    last = text_of(record, "last_name") or text_of(record, "name")
    if not last:
        raise ValueError("it has no name")
    first = text_of(record, "first_name")
    return Timekeeper(
        id=text_of(record, "initials") or (first[:1] + last[:1]).upper(),
        last=last,
        first=first,
        emails=(mail,) if mail else (),
        rate=_money(record.get("rate")),
    )


def client_of(record: Record) -> Client:
    """Contacts that are no clients are not ours to know."""
    name = text_of(record, "name")
    if not name:
        raise ValueError("it has no name")
    mails = (address(text_of(record, f"{which}_email_address")) for which in ("primary", "secondary"))
    phones = (text_of(record, f"{which}_phone_number") for which in ("primary", "secondary"))
    return Client(
        id_of(record), name, text_of(record, "ledes_client_id"), tuple(filter(None, mails)), tuple(filter(None, phones))
    )


# -- matters --------------------------------------------------------------------------------------


def matter_of(record: Record) -> Matter:
    """``client`` and ``rates`` name Clio's ids."""
    number, status = text_of(record, "display_number"), text_of(record, "status")
    if not number:
        raise ValueError("it has no display number")
    if status not in STATES:
        raise ValueError("its status is none of Open, Pending and Closed")
    client = record.get("client")
    fee = text_of(record, "billing_method")
    return Matter(
        number=number,
        name=text_of(record, "description") or number,
        client=id_of(client) if client else "",
        client_matter_id=text_of(record, "client_reference"),
        status=STATES[status],
        practice=text_of(record.get("practice_area") or {}, "name"),
        fee_type=fee if fee in FEES else "hourly",
        rates=tuple(_rates(record)),
    )


def _rates(record: Record) -> Iterator[Rate]:
    found = (plain_rate(row) for row in own_rates(record))
    return (rate for rate in found if rate is not None)


def own_rates(record: Record) -> list[Record]:
    """Prices of an hour that a matter has of its own, as they are shown."""
    custom = record.get("custom_rate")
    if not isinstance(custom, dict) or custom.get("type") != "HourlyRate":
        return []
    rows = custom.get("rates")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def plain_rate(row: Record) -> Rate | None:
    """The price of one user, whatever the category; ``None`` where it is another's, or not shown."""
    amount = _money(row.get("rate"))
    if amount is None or not row.get("user") or row.get("group") or row.get("activity_description"):
        return None
    return Rate(id_of(row["user"]), amount)


# -- categories ------------------------------------------------------------------------------------


def category_of(record: Record) -> Code:
    name = text_of(record, "name")
    if not name:
        raise ValueError("it has no name")
    return Code(name, name, "clio")


def _money(value: Any) -> Decimal | None:
    """Money per hour; ``None`` where it is hidden or none."""
    number = number_of(value)
    return number if number is not None and number > 0 else None
