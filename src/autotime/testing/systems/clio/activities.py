"""Entries of time: what Clio takes, changes and lets go of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from autotime.testing.server import Asked
from autotime.testing.systems.clio.account import Account
from autotime.testing.systems.clio.refusals import No
from autotime.testing.systems.clio.shapes import Record

NUMBER, TEXT, BOOLEAN, REFERENCE = (int, float), str, bool, dict
WRITABLE: Mapping[str, Any] = {
    "type": TEXT,
    "date": TEXT,
    "quantity": NUMBER,
    "price": NUMBER,
    "note": TEXT,
    "reference": TEXT,
    "tax_setting": TEXT,
    "non_billable": BOOLEAN,
    "no_charge": BOOLEAN,
    "start_timer": BOOLEAN,
    "matter": REFERENCE,
    "user": REFERENCE,
    "activity_description": REFERENCE,
}
INNER = {"activity_description": {"id", "utbms_task_id", "utbms_activity_id"}}
TYPES = ("TimeEntry", "ExpenseEntry", "HardCostEntry", "SoftCostEntry")
CODE_TYPES = {"utbms_task_id": "UtbmsTask", "utbms_activity_id": "UtbmsActivity"}


def create(account: Account, asked: Asked, me: int) -> Record:
    data = _data(asked)
    for name in ("type", "date"):
        if name not in data:
            raise No(422, f"{name} can't be blank")
    fields = _checked(account, data)
    fields.pop("start_timer", None)
    day, seconds = date.fromisoformat(fields.pop("date")), fields.pop("quantity", 0.0)
    user, matter = fields.pop("user", me) or me, fields.pop("matter", 0)
    return account.activity(user, matter, day, seconds, fields.pop("note", ""), **fields)


def change(account: Account, record: Record, asked: Asked, redacted: bool, locked: int) -> Record:
    """``redacted``: who asks may not see the hours; ``locked`` is the status of a refusal for what is on a bill."""
    if asked.headers.get("if-match", record["etag"]) != record["etag"]:
        raise No(412, "The record has been changed since it was read")
    data = _data(asked)
    if record["on_bill"]:
        raise No(locked, "Activity is on a bill and cannot be changed")
    if redacted and "quantity" in data:
        raise No(403, "You cannot edit hours you cannot see")
    fields = _checked(account, data)
    moved = any(name in data and fields[name] != record[name] for name in ("matter", "user", "activity_description"))
    account.touched(record, **fields)
    if moved and "price" not in data:
        record["price"] = account.price_of(record["user"], record["matter"])
    return record


def remove(account: Account, record: Record) -> None:
    if record["on_bill"]:
        raise No(403, "Activity is on a bill and cannot be removed")
    del account["activity"][record["id"]]


def _data(asked: Asked) -> Record:
    if "application/json" not in asked.headers.get("content-type", ""):
        raise No(400, "the body is not said to be JSON")
    try:
        body = asked.json()
    except ValueError:
        raise No(400, "the body is no JSON") from None
    if not isinstance(body, dict) or set(body) != {"data"} or not isinstance(body["data"], dict):
        raise No(400, "the body must be {data: {…}}")
    data: Record = body["data"]
    for name, value in data.items():
        _typed(name, value)
    return data


def _typed(name: str, value: Any) -> None:
    wanted = WRITABLE.get(name)
    if wanted is None:
        raise No(400, f"{name} is not a writable field")
    if value is None and name == "user":
        return
    fits = isinstance(value, wanted) and (wanted is BOOLEAN or not isinstance(value, bool))
    if not fits:
        raise No(400, f"{name} is of the wrong type")
    if wanted is REFERENCE:
        known = INNER.get(name, {"id"})
        if not value or set(value) - known or any(type(one) is not int for one in value.values()):
            raise No(400, f"{name} is malformed")


def _checked(account: Account, data: Record) -> Record:
    """What is stored of a body: references as ids, numbers as numbers."""
    fields = dict(data)
    if data.get("type", "TimeEntry") not in TYPES:
        raise No(422, "type is not included in the list")
    if "date" in data and not _is_day(data["date"]):
        raise No(422, "date is invalid")
    if data.get("quantity", 0) < 0 or data.get("price", 0) < 0:
        raise No(422, "must be greater than or equal to 0")
    if "matter" in data:
        fields["matter"] = _matter(account, data["matter"]["id"])
    if data.get("user"):
        fields["user"] = _user(account, data["user"]["id"])
    if "activity_description" in data:
        fields["activity_description"] = _described(account, data["activity_description"])
    if "quantity" in data:
        fields["quantity"] = float(data["quantity"])
    return fields | ({"non_billable": True} if data.get("no_charge") else {})


def _is_day(text: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text) and date.fromisoformat(text))
    except ValueError:
        return False


def _matter(account: Account, number: int) -> int:
    found = account["matter"].get(number)
    if found is None:
        raise No(404, "Matter not found")
    if found["status"] == "Closed":
        raise No(422, "Matter is closed")
    return number


def _user(account: Account, number: int) -> int:
    found = account["user"].get(number)
    if found is None:
        raise No(404, "User not found")
    if not found["enabled"]:
        raise No(422, "User is not enabled")
    return number


def _described(account: Account, description: Record) -> Record:
    if "id" in description and description["id"] not in account["category"]:
        raise No(422, "Activity description not found")
    for name, kind in CODE_TYPES.items():
        if name in description:
            code = account["code"].get(description[name])
            if code is None or code["type"] != kind or not account["set"][code["utbms_set_id"]]["enabled"]:
                raise No(422, f"{name} is not a usable code")
    return description if "id" in description else {"id": account.utbms_category(description), **description}
