"""What one Clio account holds, and how tests fill it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date
from typing import Any

from autotime.testing.systems.clio.listing import stamp
from autotime.testing.systems.clio.shapes import Record

KINDS = ("user", "contact", "matter", "practice_area", "category", "code", "set", "bill", "activity")
SETS = {"Litigation Code Set": True, "Activity Code Set": True, "Bankruptcy Code Set": False}
CODES = (
    ("L110", "Fact Investigation/Development", "UtbmsTask", "Litigation Code Set"),
    ("L310", "Written Discovery", "UtbmsTask", "Litigation Code Set"),
    ("L330", "Depositions", "UtbmsTask", "Litigation Code Set"),
    ("A102", "Research", "UtbmsActivity", "Activity Code Set"),
    ("A103", "Draft/Revise", "UtbmsActivity", "Activity Code Set"),
    ("A106", "Communicate (with client)", "UtbmsActivity", "Activity Code Set"),
    ("E101", "Copying", "UtbmsExpense", "Litigation Code Set"),
    ("B110", "Case Administration", "UtbmsTask", "Bankruptcy Code Set"),
)


class Account:
    """Records by kind and id. References are ids; ``joined`` puts the records in their place."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.records: dict[str, dict[int, Record]] = {kind: {} for kind in KINDS}
        self.rounding = 0
        """Minutes a firm's bills are rounded up to, 0: none."""
        self._next = 1000
        self._changes = 0
        sets = {name: self.add("set", name=name, enabled=on)["id"] for name, on in SETS.items()}
        for code, name, kind, of in CODES:
            self.add("code", code=code, name=name, description=name, type=kind, utbms_set_id=sets[of])

    def __getitem__(self, kind: str) -> dict[int, Record]:
        return self.records[kind]

    # -- filling ----------------------------------------------------------------------------------

    def add(self, kind: str, **fields: Any) -> Record:
        """A new record with an id and stamps of its own."""
        self._next += 1
        made = {"id": self._next, "created_at": stamp(self.clock()), **fields}
        self.records[kind][made["id"]] = made
        return self.touched(made)

    def touched(self, record: Record, **fields: Any) -> Record:
        """The same record after a change: another etag, another time."""
        self._changes += 1
        record |= {**fields, "updated_at": stamp(self.clock()), "etag": f'"{record["id"]:x}-{self._changes:x}"'}
        return record

    def user(self, name: str, rate: float | None = 450.0, **fields: Any) -> Record:
        first, _, last = name.rpartition(" ")
        usual = {
            "name": name,
            "first_name": first,
            "last_name": last,
            "email": f"{first.lower()}@firm.example",
            "enabled": True,
            "initials": (first[:1] + last[:1]).upper(),
            "rate": rate,
            "subscription_type": "Attorney",
            "roles": [],
        }
        return self.add("user", **{**usual, **fields})

    def client(self, name: str, **fields: Any) -> Record:
        mail = f"{name.split(maxsplit=1)[0].lower().strip(',')}@clients.example"
        usual = {
            "name": name,
            "type": "Company",
            "is_client": True,
            "primary_email_address": mail,
            "primary_phone_number": "+1 555 0100",
            "ledes_client_id": None,
        }
        return self.add("contact", **{**usual, **fields})

    def matter(self, number: str, client: int, description: str = "", **fields: Any) -> Record:
        """``rates`` gives users their own price on it."""
        rates: dict[int, float] = fields.pop("rates", {})
        usual = {
            "number": len(self["matter"]) + 1,
            "display_number": number,
            "description": description or f"Matter {number}",
            "status": "Open",
            "client": client,
            "client_reference": None,
            "billable": True,
            "billing_method": "hourly",
            "custom_rate": self._custom_rate(rates) if rates else None,
        }
        return self.add("matter", **{**usual, **fields})

    def _custom_rate(self, rates: dict[int, float]) -> Record:
        rows = [
            {"id": 9000 + user, "etag": f'"r{user}"', "rate": rate, "user": self._rate_user(user)}
            for user, rate in rates.items()
        ]
        return {"type": "HourlyRate", "on_invoice": False, "rates": rows}

    def _rate_user(self, user: int) -> Record:
        return {name: self["user"][user][name] for name in ("id", "etag", "name", "enabled")}

    def category(self, name: str, **fields: Any) -> Record:
        return self.add("category", **{"name": name, "type": "clio", "default": False, **fields})

    def activity(self, user: int, matter: int, day: date, seconds: float, note: str = "", **fields: Any) -> Record:
        """An entry somebody made in Clio itself."""
        usual = {
            "type": "TimeEntry",
            "date": day.isoformat(),
            "quantity": float(seconds),
            "price": self.price_of(user, matter),
            "note": note,
            "user": user,
            "matter": matter,
            "activity_description": None,
            "non_billable": False,
            "no_charge": False,
            "billed": False,
            "on_bill": False,
            "bill": None,
            "flat_rate": False,
            "tax_setting": "no_tax",
        }
        return self.add("activity", **{**usual, **fields})

    def bills(self, activity: int, state: str = "awaiting_payment") -> Record:
        """Puts an entry on a bill; a ``draft`` holds it without billing it."""
        bill = self.add("bill", number=str(len(self["bill"]) + 1), state=state)
        held = state in ("awaiting_payment", "paid")
        return self.touched(self["activity"][activity], on_bill=True, billed=held, bill=bill["id"])

    def code_id(self, code: str) -> int:
        return next(number for number, one in self["code"].items() if one["code"] == code)

    def utbms_category(self, codes: Record) -> int:
        """The category that stands for codes alone; an account makes it when it is first used."""
        known = (number for number, one in self["category"].items() if one.get("codes") == codes)
        number = next(known, 0)
        return number or int(self.category("UTBMS", type="utbms", codes=dict(codes), **codes)["id"])

    # -- asking -----------------------------------------------------------------------------------

    def effective(self, user: int, matter: int) -> Record:
        """The rate hierarchy, as far as it is kept here: the matter's own, then the user's."""
        rates = (self["matter"][matter]["custom_rate"] or {}).get("rates", []) if matter else []
        own = [one["rate"] for one in rates if one["user"]["id"] == user]
        if own:
            return {"amount": own[0], "non_billable_amount": 0.0, "type": "Custom", "hierarchy": "Matter"}
        rate = self["user"][user]["rate"]
        return {"amount": rate, "non_billable_amount": 0.0, "type": "User", "hierarchy": "Default"}

    def price_of(self, user: int, matter: int) -> float | None:
        price: float | None = self.effective(user, matter)["amount"]
        return price

    def joined(self, kind: str, record: Record) -> Record:
        """A record with what it refers to, one level deep, and what is worked out of it."""
        names = {"matter": {"client": "contact", "practice_area": "practice_area", "responsible_attorney": "user"}}
        names["activity"] = {"matter": "matter", "user": "user", "bill": "bill"}
        found = {name: self.records[of].get(record.get(name) or 0) for name, of in names.get(kind, {}).items()}
        return {**record, **found, **(self._worked_out(record) if kind == "activity" else {})}

    def _worked_out(self, record: Record) -> Record:
        quantity = record["quantity"] or 0.0
        step = self.rounding * 60
        rounded = -(-quantity // step) * step if step else quantity
        money = round((1 if record["flat_rate"] else rounded / 3600) * (record["price"] or 0), 2)
        charged = not record["non_billable"]
        return {
            "quantity_redacted": False,
            "quantity_in_hours": round(quantity / 3600, 4),
            "rounded_quantity": rounded,
            "rounded_quantity_in_hours": round(rounded / 3600, 4),
            "total": money if charged else 0.0,
            "non_billable_total": 0.0 if charged else money,
            "activity_description": self._described(record["activity_description"]),
        }

    def _described(self, description: Record | None) -> Record | None:
        """The category, with the codes of this entry in the place of its own."""
        return None if description is None else {**self["category"][description["id"]], **description}


def body_tag(value: Any) -> str:
    """An etag of an answer that is no record."""
    return f'"{hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]}"'
