"""An entry as Clio is told of it, and as Clio tells of one.

Time is in seconds. Task and activity are ids that every account has its own of, and lie inside
``activity_description``.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b32encode
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from autotime.billing.mapping import Rule, fields, unmapped
from autotime.billing.payload import FINEST, refused_time, text
from autotime.billing.values import number_of, second_of
from autotime.domain.books import Thing
from autotime.domain.delivery import Remote
from autotime.domain.doors import Keys, Payload
from autotime.domain.work import Billing
from autotime.intake import clean

NAME = "clio"
LONGEST = 100_000
FIELDS = (
    "id,etag,type,date,quantity,quantity_redacted,price,flat_rate,note,billed,on_bill,non_billable,no_charge,"
    "created_at,"
    "matter{id},user{id},activity_description{id,utbms_task_id,utbms_activity_id}"
)

USUAL = {
    "date": Rule("day"),
    "note": Rule("narrative"),
    "price": Rule("rate"),
    "matter": Rule("matter"),
    "user": Rule("timekeeper"),
    "utbms_task_id": Rule("task_code"),
    "utbms_activity_id": Rule("activity_code"),
    "activity_description": Rule(),
}
"""From what the fields are filled. ``matter``, ``user``, the codes and the category (``activity_description``) are
named as we name them; Clio's ids take their place."""

REFERENCES = {
    "matter": (Thing.MATTER, "matter.id"),
    "user": (Thing.TIMEKEEPER, "user.id"),
    "activity_description": (Thing.ACTIVITY, "activity_description.id"),
    "utbms_task_id": (Thing.CODE, "activity_description.utbms_task_id"),
    "utbms_activity_id": (Thing.CODE, "activity_description.utbms_activity_id"),
}
CARRIED = ("billed_minutes", "billing")
WORDS = {
    "matter": "matter",
    "user": "timekeeper",
    "activity_description": "category",
    "utbms_task_id": "task code",
    "utbms_activity_id": "activity code",
}
MARK = re.compile(r"\s*\[at:([0-9A-Z]{4,12})\]\s*$")

Mapped = Mapping[str, Mapping[str, Any]]
Record = dict[str, Any]


# -- to Clio --------------------------------------------------------------------------------------


def told(payload: Payload, keys: Keys, mapping: Mapped, *, marked: bool) -> dict[str, str | int]:
    """By Clio's own names, what lies inside another with a dot. What has no value, or no id, is left out."""
    values = fields(payload, USUAL, mapping, NAME)
    billing = text(payload, "billing")
    ids = {name: keys.remote(thing, values[field]) for field, (thing, name) in REFERENCES.items() if values[field]}
    note = f"{values['note']} [at:{mark_of(payload)}]".strip() if marked else values["note"]
    return {
        "type": "TimeEntry",
        "date": values["date"],
        "quantity": int(payload["billed_minutes"]) * 60,
        **({"price": values["price"]} if values["price"] else {}),
        "note": note,
        **{name: int(remote) for name, remote in ids.items() if remote.isdecimal()},
        "non_billable": _switch(billing != Billing.BILLABLE),
        "no_charge": _switch(billing == Billing.NO_CHARGE),
    }


def _switch(on: bool) -> str:
    return "true" if on else "false"


def mark_of(payload: Payload) -> str:
    """Four characters that stand for our entry, whatever its revision."""
    return b32encode(hashlib.sha256(text(payload, "entry").encode()).digest()).decode()[:4]


def day_of(payload: Payload, said: Mapping[str, str | int]) -> date:
    """The day an entry stands on there: its own where the mapping makes none of it."""
    told = str(said["date"])
    return date.fromisoformat(told if _is_day(told) else text(payload, "day"))


def dropped(payload: Payload, mapping: Mapped) -> tuple[str, ...]:
    return unmapped(payload, USUAL, mapping, CARRIED, NAME)


def refusal(payload: Payload, said: Mapping[str, str | int], mapping: Mapped) -> str:
    """Why it cannot go; empty: it can."""
    return next(_refusals(said, fields(payload, USUAL, mapping, NAME)), "") or refused_time(payload)


def _refusals(said: Mapping[str, str | int], values: Mapping[str, str]) -> Iterator[str]:
    for field, (_, name) in REFERENCES.items():
        value = clean(values[field], 80)
        if value and name not in said:
            yield f"Clio has no {WORDS[field]} «{value}» that it may be booked to: autotime books pull clio"
        if not value and field in ("matter", "user"):
            yield f"it names no {WORDS[field]}, and Clio needs one: see [billing.mapping.clio.{field}]"
    if not _is_day(str(said["date"])):
        yield "its day is none: see [billing.mapping.clio.date]"
    price = number_of(said.get("price", "0"))
    if price is None or price < 0:
        yield "its price is no amount of money: see [billing.mapping.clio.price]"


def body_of(said: Mapping[str, str | int]) -> Record:
    """The JSON that says it: a price is a number there, references are objects, the two switches are true or false."""
    data: Record = {}
    for name, value in said.items():
        outer, _, inner = name.partition(".")
        if inner:
            data.setdefault(outer, {})[inner] = value
        else:
            data[name] = value
    data |= {name: data[name] == "true" for name in ("non_billable", "no_charge")}
    return {"data": data | ({"price": float(Decimal(str(data["price"])))} if "price" in data else {})}


# -- from Clio ------------------------------------------------------------------------------------


def remote_of(record: Mapping[str, Any], keys: Keys) -> Remote:
    """``ValueError`` where it cannot be read. Hours that are hidden are not zero."""
    note = clean(str(record.get("note") or ""), LONGEST)
    marked = MARK.search(note)
    described = _inner(record, "activity_description")
    hidden = record.get("quantity_redacted") is True or record.get("quantity") is None
    seconds = None if hidden else _seconds(record["quantity"])
    return Remote(
        id=id_of(record),
        timekeeper=id_of(_inner(record, "user")) if record.get("user") else "",
        matter=id_of(_inner(record, "matter")) if record.get("matter") else "",
        day=date.fromisoformat(str(record.get("date"))),
        seconds=seconds,
        narrative=MARK.sub("", note),
        task_code=_code(keys, described.get("utbms_task_id")),
        activity_code=_code(keys, described.get("utbms_activity_id")),
        rate=_rate(record, seconds),
        billing=_billing(record),
        billed=bool(record.get("billed") or record.get("on_bill")),
        version=str(record.get("etag") or "")[:200],
        external=marked[1] if marked else "",
        created_at=second_of(record.get("created_at")),
    )


def is_same(payload: Payload, said: Mapping[str, str | int], remote: Remote) -> bool:
    """The same person, matter, day, time, text and money. A mark of another entry of ours tells them apart; hidden
    hours and prices tell nothing."""
    ours = MARK.sub("", clean(str(said["note"]), LONGEST))
    return (
        remote.timekeeper == str(said.get("user.id", ""))
        and remote.matter == str(said.get("matter.id", ""))
        and remote.day.isoformat() == said["date"]
        and remote.seconds in (None, said["quantity"])
        and remote.narrative == ours
        and remote.external in ("", mark_of(payload))
        and _is_charged_so(payload, said, remote)
    )


def _is_charged_so(payload: Payload, said: Mapping[str, str | int], remote: Remote) -> bool:
    """Time under a fixed fee is not asked: by a setting Clio makes it non-billable itself. What is charged to nobody
    may have any price."""
    if text(payload, "fee_type") not in ("", "hourly"):
        return True
    price = number_of(said["price"]) if "price" in said and remote.billing is Billing.BILLABLE else remote.rate
    return remote.billing.value == text(payload, "billing") and remote.rate in (None, price)


def id_of(record: Any) -> str:
    """Ids are whole numbers above zero; ``ValueError`` for anything else."""
    value = record.get("id") if isinstance(record, Mapping) else None
    if type(value) is not int or value <= 0:
        raise ValueError("it has no id")
    return str(value)


def _seconds(value: Any) -> int:
    number = number_of(value)
    if number is None:
        raise ValueError("its time is no number")
    return int(number.to_integral_value())


def _rate(record: Mapping[str, Any], seconds: int | None) -> Decimal | None:
    """Money per hour; ``None`` where it is hidden. Of a flat fee the price is the whole amount."""
    price = number_of(record.get("price"))
    if price is None or record.get("flat_rate") is not True:
        return price
    return (price * 3600 / seconds).quantize(FINEST) if seconds else None


def _billing(record: Mapping[str, Any]) -> Billing:
    if record.get("no_charge"):
        return Billing.NO_CHARGE
    return Billing.NON_BILLABLE if record.get("non_billable") else Billing.BILLABLE


def _code(keys: Keys, remote: Any) -> str:
    return keys.key(Thing.CODE, str(remote)) if remote else ""


def _inner(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = record.get(name)
    return inner if isinstance(inner, Mapping) else {}


def _is_day(value: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII) and date.fromisoformat(value))
    except ValueError:
        return False
