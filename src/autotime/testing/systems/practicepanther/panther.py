"""A PracticePanther on this machine, for tests: API v2 after the vendor's own description, stateful and strict.

::

    panther = PracticePanther(clock)
    ada = panther.user("Ada", "Okafor", "ada@okafor.example")
    matter = panther.matter("Northwind v. Harrow", number=1042, rate="450.00")
    with panther.serving() as server:
        ...                              # {server.url}/api/v2/timeentries
    assert panther.entries[0]["hours"] == 1.5

What the description leaves open is a switch: how an ended token is answered, whether a billed entry is guarded,
which dates come back. A PUT replaces the record: what it does not name is cleared.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from autotime.testing.server import Asked, Loopback, Reply
from autotime.testing.systems.practicepanther.signing import No, Record, SignIns, wrong

ROOT = "/api/v2/"
FORM = "application/x-www-form-urlencoded"
SPACE = UUID("5f2c1f0e-8f2c-4a55-9b1e-6f0a1c2d3e4f")

REFS = {"account_ref": "accounts", "matter_ref": "matters", "billed_by_user_ref": "users", "item_ref": "Items"}
KINDS = {
    **dict.fromkeys(("date", "description", "private_notes", "task_code"), str),
    **dict.fromkeys(("hours", "rate"), float),
    **dict.fromkeys(("is_billable", "is_billed"), bool),
    **dict.fromkeys(REFS, dict),
}
REQUIRED = ("date", "hours", "matter_ref", "billed_by_user_ref")
DATES = ("created_since", "updated_since", "date_from", "date_to")
FILTERS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "users": {"email_address": ("email",)},
    "accounts": {},
    "contacts": {"account_id": ("account_ref", "id"), "status": ("status",)},
    "matters": {"account_id": ("account_ref", "id"), "status": ("status",)},
    "Items": {},
    "timeentries": {
        "account_id": ("account_ref", "id"),
        "matter_id": ("matter_ref", "id"),
        "user_id": ("billed_by_user_ref", "id"),
        "item_id": ("item_ref", "id"),
    },
    "invoices": {},
}
"""What is listed, and which field each named filter looks at."""


class PracticePanther:
    """``answer`` is a function of what it holds and of its clock. Records are dicts as they are answered.

    Switches: ``ended_status`` (400 or 401) answers an ended token; ``wrapped``: lists come in an envelope,
    under this name;
    ``page``: rows of a page at most; ``skips``: ``$skip`` is heeded; ``too_many``: so many requests to come are
    answered 429; ``guards_billed`` and ``guards_closed``: writes to what is billed, or to a closed matter, are
    refused; ``hours_off``: dates come back so many hours away; ``zoned``: times end in Z. ``harm`` lists deletions
    that no client of ours may ask for.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.sign_ins = SignIns(clock)
        self.records: dict[str, list[Record]] = {name: [] for name in FILTERS}
        self.ended_status, self.wrapped, self.page, self.skips = 401, "", 100, True
        self.too_many, self.retry_after = 0, "7"
        self.guards_billed = self.guards_closed = self.zoned = False
        self.hours_off = 0
        self.harm: list[str] = []
        self._made, self._last = 0, 0.0
        self._changed: dict[str, dict[str, float]] = {}
        self._lock = threading.RLock()

    @property
    def entries(self) -> list[Record]:
        return self.records["timeentries"]

    @contextmanager
    def serving(self) -> Iterator[Loopback]:
        with Loopback(self.answer) as server:
            yield server

    # -- what is in it -------------------------------------------------------------------------------

    def user(self, first: str, last: str, email: str = "", **more: Any) -> Record:
        named = {"first_name": first, "last_name": last, "display_name": f"{first} {last}", "email": email}
        return self.add("users", {"is_active": True, **named, **more})

    def account(self, name: str, number: int | None = None, **more: Any) -> Record:
        told = {} if number is None else {"number": number}
        return self.add("accounts", {"display_name": name, "company_name": name, **told, **more})

    def contact(self, account: Record, name: str, email: str = "", **more: Any) -> Record:
        whose = {"account_ref": _ref(account), "is_primary_contact": False, "status": "Active"}
        return self.add("contacts", {**whose, "display_name": name, "email": email, **more})

    def matter(self, name: str, number: int | None = None, account: Record | None = None, **more: Any) -> Record:
        told = {"name": name, "display_name": name, "status": "Open", **more}
        told |= ({"number": number} if number is not None else {}) | ({"account_ref": _ref(account)} if account else {})
        return self.add("matters", told)

    def item(self, name: str, code: str = "", rate: float = 0.0) -> Record:
        return self.add("Items", {"name": name, "rate": rate, **({"code": code} if code else {})})

    def enters(self, user: Record, matter: Record, day: str, hours: float, description: str, **more: Any) -> Record:
        """Somebody enters time by hand."""
        told = {"date": f"{day}T00:00:00Z", "hours": hours, "description": description, "is_billable": True, **more}
        return self._kept({**told, "matter_ref": {"id": matter["id"]}, "billed_by_user_ref": {"id": user["id"]}})

    def add(self, path: str, told: Record) -> Record:
        with self._lock:
            self._made += 1
            record = {"id": str(uuid5(SPACE, f"{path} {self._made}")), **told}
            record |= {} if path == "contacts" else {"created_at": "", "updated_at": ""}
            self.records[path].append(record)
            self.changes(record)
            return record

    def changes(self, record: Record, **changes: Any) -> None:
        """Somebody changes a record. No two changes have the same time."""
        with self._lock:
            self._last = max(self.clock(), self._last + 0.001)
            times = self._changed.setdefault(record["id"], {"created": self._last})
            times["updated"] = self._last
            record.update(changes)
            if "created_at" in record:
                record |= {"created_at": self._time(times["created"]), "updated_at": self._time(self._last)}

    def _time(self, second: float) -> str:
        return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + ("Z" if self.zoned else "")

    def expire(self) -> None:
        """Access tokens are not taken any more; they can be renewed."""
        self.sign_ins.access.clear()

    def bill(self, one: str) -> None:
        self.edit(one, is_billed=True)

    def edit(self, one: str, **changes: Any) -> None:
        """What a colleague does to an entry."""
        self.changes(self._found("timeentries", one), **changes)

    def held(self, one: str) -> Record | None:
        return next((record for record in self.entries if record["id"] == one), None)

    # -- requests ------------------------------------------------------------------------------------

    def answer(self, asked: Asked) -> Reply:
        with self._lock:
            try:
                return self._answered(asked)
            except No as no:
                return no.reply

    def _answered(self, asked: Asked) -> Reply:
        if asked.path == "/OAuth/Authorize" and asked.method == "GET":
            return self.sign_ins.page(asked.query)
        if asked.path == "/OAuth/Token" and asked.method == "POST":
            if not asked.headers.get("content-type", "").startswith(FORM):
                raise No(400, {"error": "invalid_request"})
            return Reply(self.sign_ins.exchange(asked.form()))
        if self.too_many > 0:
            self.too_many -= 1
            raise No(429, {}, {"Retry-After": self.retry_after})
        if not self.sign_ins.takes(asked.headers.get("authorization", "")):
            said = {"error": "invalid_grant"} if self.ended_status == 400 else {"message": "Authorization denied"}
            raise No(self.ended_status, said)
        path, _, one = asked.path.removeprefix(ROOT).partition("/")
        if path not in FILTERS or not asked.path.startswith(ROOT):
            raise No(404, {"message": "no such resource"})
        return Reply(self._handled(asked, path, one))

    def _handled(self, asked: Asked, path: str, one: str) -> Any:
        if asked.method == "GET":
            return self._single(path, one) if one else self._listed(path, asked.query)
        if asked.method == "DELETE" and path in ("users", "invoices"):
            self.harm.append(f"DELETE /{path}")
            raise No(405, {"message": "this stand-in keeps them"})
        if path != "timeentries" or one or asked.method not in ("POST", "PUT", "DELETE"):
            raise No(405, {"message": "this stand-in changes time entries only"})
        return self._written(asked)

    def _single(self, path: str, one: str) -> Record:
        if (path, one) == ("users", "me"):
            return self.records["users"][0]
        return self._shown(path, self._found(path, _uuid(one)))

    def _found(self, path: str, one: str) -> Record:
        for record in self.records[path]:
            if record["id"] == one:
                return record
        raise No(404, {"message": f"no such record in {path}"})

    # -- lists ---------------------------------------------------------------------------------------

    def _listed(self, path: str, query: Mapping[str, str]) -> Any:
        takes = {*FILTERS[path], *(DATES if path in ("timeentries", "invoices") else DATES[:2]), "$top", "$skip"}
        if unknown := query.keys() - takes:
            raise wrong(f"no filter {min(unknown)}")
        top, skip = (_whole(query.get(name, usual)) for name, usual in (("$top", "100"), ("$skip", "0")))
        for name, wanted in query.items():
            (_uuid if name.endswith("_id") else _moment if name in DATES else str)(wanted)
        rows = [record for record in self.records[path] if self._passes(path, record, query)]
        first = skip if self.skips else 0
        rows = [self._shown(path, record) for record in rows[first : first + min(top, self.page)]]
        return {self.wrapped: rows} if self.wrapped else rows

    def _passes(self, path: str, record: Record, query: Mapping[str, str]) -> bool:
        return all(self._fits(path, record, name, wanted) for name, wanted in query.items() if not name.startswith("$"))

    def _fits(self, path: str, record: Record, name: str, wanted: str) -> bool:
        if name in FILTERS[path]:
            value: Any = record
            for step in FILTERS[path][name]:
                value = (value or {}).get(step)
            return bool(value == (_uuid(wanted) if name.endswith("_id") else wanted))
        limit = _moment(wanted)
        if name in ("date_from", "date_to"):
            date = _moment(record["date"])
            return date >= limit if name == "date_from" else date <= limit
        return self._changed[record["id"]][name.removesuffix("_since")] >= limit.timestamp()

    def _shown(self, path: str, record: Record) -> Record:
        """As it is answered: with names beside ids, and dates as this place has them."""
        refs = {name: _ref(self._found(kind, record[name]["id"])) for name, kind in REFS.items() if record.get(name)}
        if path != "timeentries":
            return dict(record)
        date = _moment(record["date"]) + timedelta(hours=self.hours_off)
        return {**record, **refs, "date": date.strftime("%Y-%m-%dT%H:%M:%S") + ("Z" if self.zoned else "")}

    # -- time entries --------------------------------------------------------------------------------

    def _written(self, asked: Asked) -> Record:
        if asked.query.keys() != (set() if asked.method == "POST" else {"id"}):
            raise wrong("one id is named in the query, and only where there is one")
        if asked.method == "POST":
            return self._shown("timeentries", self._kept(self._checked(asked)))
        record = self._found("timeentries", _uuid(asked.query["id"]))
        if record.get("is_billed") and self.guards_billed:
            raise wrong("the entry is on an invoice")
        if asked.method == "DELETE":
            shown = self._shown("timeentries", record)
            self.entries.remove(record)
            return shown
        told = self._checked(asked)
        kept = {name: record[name] for name in ("id", "created_at", "updated_at")}
        record.clear()
        record.update(kept)
        self.changes(record, **self._whole(told))
        return self._shown("timeentries", record)

    def _kept(self, told: Record) -> Record:
        return self.add("timeentries", self._whole(told))

    def _whole(self, told: Record) -> Record:
        """With what is assumed where it is not named. A blank rate is the matter's, where that is a number."""
        matter = self._found("matters", told["matter_ref"]["id"])
        usual = {"rate": float(matter["rate"])} if _is_number(matter.get("rate")) else {}
        return {"is_billable": False, "is_billed": False, **usual, **told}

    def _checked(self, asked: Asked) -> Record:
        """The body of a write, or why it is refused."""
        if not asked.headers.get("content-type", "").startswith("application/json"):
            raise No(415, {"message": "not JSON"})
        told = asked.json()
        if unknown := sorted(told.keys() - KINDS.keys()):
            raise wrong(f"{unknown[0]} cannot be written")
        if missing := [name for name in REQUIRED if told.get(name) is None]:
            raise wrong(f"{missing[0]} is required")
        for name, value in told.items():
            if not _is_a(KINDS[name], value):
                raise wrong(f"{name} is of the wrong kind")
        _moment(told["date"])
        for name in REFS.keys() & told.keys():
            self._found(REFS[name], _uuid(told[name].get("id", "")))
        if self.guards_closed and self._found("matters", told["matter_ref"]["id"])["status"] != "Open":
            raise wrong("the matter is closed")
        return dict(told)


def _ref(record: Record) -> Record:
    name = record.get("display_name") or record.get("name", "")
    return {"id": record["id"], "display_name" if "display_name" in record else "name": name}


def _is_a(kind: type, value: Any) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, kind)


def _is_number(text: Any) -> bool:
    return bool(re.fullmatch(r"\d+(\.\d+)?", str(text or "")))


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except (ValueError, AttributeError, TypeError):
        raise wrong("an id is no UUID") from None


def _whole(text: str) -> int:
    if not text.isdigit():
        raise wrong("$top and $skip are whole numbers")
    return int(text)


def _moment(text: str) -> datetime:
    """Date-times have a zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise wrong("no date-time") from None
    if moment.tzinfo is None:
        raise wrong("a date-time needs a zone")
    return moment
