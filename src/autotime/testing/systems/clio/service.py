"""The account as it is asked over the network."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from autotime.testing.server import Asked, Loopback, Reply
from autotime.testing.systems.clio import activities
from autotime.testing.systems.clio.account import Account, body_tag
from autotime.testing.systems.clio.limits import Limits
from autotime.testing.systems.clio.listing import ordered, page
from autotime.testing.systems.clio.lists import LISTS, List
from autotime.testing.systems.clio.refusals import No, no_token
from autotime.testing.systems.clio.refusals import page as html
from autotime.testing.systems.clio.shapes import Record, asked_fields, selected
from autotime.testing.systems.clio.signin import SignIn, bearer

API = "/api/v4"
SINGLE = {"activities": "activity", "users": "user", "matters": "matter", "contacts": "contact"}
VERSIONS = frozenset(f"4.0.{number}" for number in range(4, 11))


class Clio:
    """One account, its sign-in and its limits. All times are ``clock``'s.

    ``versions`` are the API versions it knows, ``version`` is what it answers in where none is asked for, ``echo``
    what it says it answers in (empty: what was asked for). ``redacts``: who asks may not see hours, ``hides_prices``
    nor money. ``page`` is how many records a page holds at most (0: as many as are asked for). ``locked`` is the
    status of a refusal to change what is on a bill. ``repeats_pages``: the link to the next page leads to the same
    page. ``shows_rates``: the rates of a matter come whole, not as ids only.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.account = Account(clock)
        self.sign_in = SignIn(clock)
        self.limits = Limits(clock)
        self.version, self.versions, self.echo = "4.0.9", VERSIONS, ""
        self.redacts = self.hides_prices = self.repeats_pages = self.shows_rates = False
        self.locked, self.page = 422, 0
        self._lock = threading.RLock()

    @classmethod
    def full(cls, matters: int, clock: Callable[[], float] = time.time) -> Clio:
        """An account with so many matters, twenty of each client, and no limits."""
        made = cls(clock)
        made.limits.most = 0
        made.account.user("Ada Okafor")
        for number in range(matters):
            if number % 20 == 0:
                client = made.account.client(f"Client{number // 20} Holdings")["id"]
            made.account.matter(f"{number:05}-Client{number // 20}", client)
        return made

    @property
    def entries(self) -> list[Record]:
        """Entries as they are held, each with what it refers to."""
        with self._lock:
            return [self.account.joined("activity", one) for one in self.account["activity"].values()]

    def serving(self) -> Loopback:
        return Loopback(self.answer)

    def answer(self, asked: Asked) -> Reply:
        with self._lock:
            agent = asked.headers.get("user-agent", "")
            if not agent or re.search(r"https?:|www\.", agent):
                return html(403, "Forbidden")
            if asked.path.startswith("/oauth/"):
                return self.sign_in.answer(asked)
            if not self.sign_in.user_of(asked):
                return no_token()
            return self._limited(asked)

    def _limited(self, asked: Asked) -> Reply:
        wait, headers = self.limits.count(bearer(asked))
        version = asked.headers.get("x-api-version", self.version)
        headers |= {"X-API-VERSION": self.echo or version}
        try:
            if wait:
                raise No(429, "Rate limit exceeded", {"Retry-After": str(wait)})
            if version not in self.versions:
                raise No(410, "This API version is not available")
            reply = self._routed(asked)
        except No as no:
            reply = no.reply()
        return Reply(reply.body, reply.status, {**headers, **reply.headers}, reply.kind)

    # -- routes -----------------------------------------------------------------------------------

    def _routed(self, asked: Asked) -> Reply:
        path = asked.path.removeprefix(API)
        if path == "/activities.json" and asked.method == "POST":
            fields = self._fields("activity", asked)
            return self._one("activity", activities.create(self.account, asked, self._me(asked)), fields, status=201)
        if asked.method == "GET" and path in LISTS:
            return self._list(LISTS[path], asked)
        if asked.method == "GET" and path == "/users/who_am_i.json":
            return self._read("user", self.account["user"][self._me(asked)], asked)
        if asked.method == "GET" and path == "/settings/billing.json":
            return self._read("billing_setting", self._settings(asked), asked)
        single = re.fullmatch(r"/(\w+)/(\d+)\.json", path)
        if single and single[1] in SINGLE:
            return self._single(SINGLE[single[1]], int(single[2]), asked)
        raise No(404, "Not found")

    def _single(self, kind: str, number: int, asked: Asked) -> Reply:
        record = self.account[kind].get(number)
        if record is None:
            raise No(404, "Record not found")
        if asked.method == "GET":
            return self._read(kind, record, asked)
        if kind != "activity" or asked.method not in ("PATCH", "DELETE"):
            raise No(403, "Not allowed")
        fields = self._fields(kind, asked)
        if asked.method == "DELETE":
            activities.remove(self.account, record)
            return Reply(status=204)
        return self._one(kind, activities.change(self.account, record, asked, self.redacts, self.locked), fields)

    def _read(self, kind: str, record: Record, asked: Asked) -> Reply:
        fields = self._fields(kind, asked, "duration" if kind == "billing_setting" else "")
        if asked.headers.get("if-none-match") == record["etag"]:
            return Reply(status=304, headers={"ETag": record["etag"]})
        return self._one(kind, record, fields)

    def _one(self, kind: str, record: Record, fields: Mapping[str, Any], status: int = 200) -> Reply:
        return Reply({"data": self._shown(kind, record, fields)}, status, {"ETag": record["etag"]})

    def _list(self, of: List, asked: Asked) -> Reply:
        fields = self._fields(of.kind, asked, *of.takes)
        found = [one for one in self.account[of.kind].values() if of.keeps(asked.query)(one)]
        chosen, link = page(ordered(found, asked.query.get("order", ""), of.orders), asked, of.most, self.page)
        paging = {"next": self._here(asked) if self.repeats_pages else link} if link else {}
        rate = self._rate(asked.query) if of.kind == "category" and "rate" in fields else None
        shown = [self._shown(of.kind, {**one, "rate": rate} if rate else one, fields) for one in chosen]
        return Reply({"data": shown, "meta": {"paging": paging}})

    def _here(self, asked: Asked) -> str:
        host = asked.headers.get("host", "")
        return f"{'http' if host.startswith('127.') else 'https'}://{host}{asked.target}"

    def _fields(self, kind: str, asked: Asked, *takes: str) -> Mapping[str, Any]:
        """Fields asked for; a parameter that the call does not take is malformed."""
        for name in asked.query:
            if name not in ("fields", *takes):
                raise No(400, f"{name} is not a parameter")
        return asked_fields(kind, asked.query.get("fields", ""))

    def _shown(self, kind: str, record: Record, fields: Mapping[str, Any]) -> Record:
        shown = selected(kind, self.account.joined(kind, record), fields) or {}
        if kind == "activity" and self.redacts:
            shown |= {name: None for name in shown if "quantity" in name}
            shown |= {"quantity_redacted": True} if "quantity_redacted" in fields else {}
        if kind == "activity" and self.hides_prices:
            shown = {name: value for name, value in shown.items() if name not in ("price", "total")}
        if kind == "matter" and not self.shows_rates and shown.get("custom_rate"):
            rates = [{"id": one["id"], "etag": one["etag"]} for one in shown["custom_rate"].get("rates", [])]
            shown["custom_rate"] = {**shown["custom_rate"], "rates": rates}
        return shown

    def _rate(self, query: Mapping[str, str]) -> Record:
        user, matter = (int(query.get(f"rate_for[{name}_id]", 0)) for name in ("user", "matter"))
        if user not in self.account["user"] or matter not in {0, *self.account["matter"]}:
            raise No(404, "User or matter not found")
        return self.account.effective(user, matter)

    def _settings(self, asked: Asked) -> Record:
        held: Record = {
            "id": 1,
            "rounding": self.account.rounding,
            "use_decimal_rounding": False,
            "use_utbms_codes": True,
        }
        held |= {"currency": "USD"}
        if "duration" in asked.query:
            step = self.account.rounding * 60 or 1
            held["rounded_duration"] = float(-(-int(asked.query["duration"]) // step) * step)
        return {**held, "etag": body_tag(held)}

    def _me(self, asked: Asked) -> int:
        return self.sign_in.user_of(asked)

    # -- what tests put there ---------------------------------------------------------------------

    def enter(self, user: int, matter: int, day: date, seconds: float, note: str = "", **fields: Any) -> Record:
        """An entry somebody made in Clio itself."""
        with self._lock:
            return self.account.activity(user, matter, day, seconds, note, **fields)

    def bill(self, wanted: str, state: str = "awaiting_payment") -> None:
        with self._lock:
            self.account.bills(int(wanted), state)

    def edit(self, wanted: str, **changes: Any) -> None:
        """What a colleague does to an entry."""
        with self._lock:
            self.account.touched(self.account["activity"][int(wanted)], **changes)

    def expire(self) -> None:
        with self._lock:
            self.sign_in.expire()
