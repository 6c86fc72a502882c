"""A MyCase on this machine, for tests: Open API v1 and its sign-in, stateful and strict.

::

    mycase = MyCase(clock)
    ada = mycase.employ("Ada", "Okafor", "ada@okafor.example", rate=450.0)
    case = mycase.open("Northwind v. Harrow", "2026-001", staff={ada["id"]: "400.0"})
    with mycase.serving() as server:
        ...                              # {server.url}/tokens, {server.url}/v1/time_entries
    assert mycase.entries[0]["rate"] == "400.0"

A request MyCase would only ignore a part of is refused here, so that no such part is sent. What its description leaves
open is a choice of this stand-in: billed entries are not removed (422), closed cases take no time (422), an ended
refresh token is answered 401, an ended page link 400, lists are in the order of their ids.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from autotime.testing.server import Asked, Loopback, Reply

Record = dict[str, Any]

DAY = 86_400
FORTNIGHT = 14 * DAY
LINK_LASTS = 3 * DAY
API, SIGN_IN = "external-integrations.mycase.com", "auth.mycase.com"

FILTERS: Mapping[str, tuple[str, ...]] = {
    "staff": ("filter[updated_after]", "filter[status]"),
    "clients": ("filter[updated_after]",),
    "companies": ("filter[updated_after]",),
    "cases": ("filter[updated_after]", "filter[status]", "field[client]"),
    "invoices": ("filter[updated_after]", "only_allowed_online_payments"),
    "time_entries": ("filter[updated_after]",),
}
TAKES: Mapping[str, type | tuple[type, ...]] = {
    "activity_name": str,
    "description": str,
    "billable": bool,
    "entry_date": str,
    "rate": (int, float),
    "hours": (int, float),
    "flat_fee": bool,
    "case": dict,
    "staff": dict,
}
REQUIRED = ("activity_name", "entry_date", "rate", "hours", "case", "staff")


class _No(Exception):
    """What is answered in the place of what was asked for."""

    def __init__(self, status: int, description: str, **source: str) -> None:
        super().__init__(status)
        error: Record = {"description": description} | ({"source": source} if source else {})
        self.reply = Reply({"errors": [error]}, status)


class MyCase:
    """``answer`` is a function of what it holds and of its clock. Records are dicts as they are answered.

    Switches: ``per_second`` requests are answered; ``page`` records of a list come at once at most; ``counts``: lists
    say how many there are; ``same_link``: each page names the same next one; ``bill_touches``: an invoice is a change
    of what is on it; ``may_sign_in``: whoever sits at the browser may manage the firm's billing; ``permits``: the
    scopes suffice.
    """

    client_id, secret = "client-1", "client-secret"

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.held: dict[str, list[Record]] = {path: [] for path in FILTERS}
        self.per_second, self.page, self.counts, self.same_link = 25, 1000, True, False
        self.may_sign_in = self.permits = self.bill_touches = True
        self.most_in_a_second = 0
        self._asked_at: deque[float] = deque()
        self._seen: dict[int, str] = {}
        self._links: dict[str, tuple[dict[str, str], int, float]] = {}
        self._codes: dict[str, str] = {}
        self._access: dict[str, float] = {}
        self._refresh: dict[str, float] = {}
        self._made = 0
        self._lock = threading.RLock()

    @property
    def entries(self) -> list[Record]:
        return self.held["time_entries"]

    @contextmanager
    def serving(self) -> Iterator[Loopback]:
        with Loopback(self.answer) as server:
            yield server

    # -- what is in it -------------------------------------------------------------------------------

    def employ(self, first: str, last: str, email: str = "", rate: float = 0.0, **more: Any) -> Record:
        named = {"first_name": first, "last_name": last, "email": email, "type": "Attorney", "active": True}
        return self.add("staff", {**named, "default_hourly_rate": rate, **more})

    def client(self, first: str, last: str, email: str = "", **more: Any) -> Record:
        return self.add("clients", {"first_name": first, "last_name": last, "email": email, "archived": False, **more})

    def company(self, name: str, email: str = "", **more: Any) -> Record:
        return self.add("companies", {"name": name, "email": email, "archived": False, **more})

    def open(
        self,
        name: str,
        number: str | None = None,
        *,
        staff: Mapping[int, str | None] | None = None,
        clients: tuple[Record, ...] = (),
        companies: tuple[Record, ...] = (),
        **more: Any,
    ) -> Record:
        """A case. ``staff`` are ids with the rates they have on it. Names are unique."""
        if any(case["name"] == name for case in self.held["cases"]):
            raise ValueError("a case of that name is there")
        who = [{"id": one, "lead_lawyer": False, "case_rate": rate} for one, rate in (staff or {}).items()]
        told = {"name": name, "case_number": number, "status": "open", "billing_type": "hourly", "staff": who}
        nested = {"clients": [{"id": one["id"]} for one in clients], "companies": [{"id": c["id"]} for c in companies]}
        return self.add("cases", {**told, **nested, "opened_date": "2026-01-05", "closed_date": None, **more})

    def enters(self, staff: Record, case: Record, day: str, hours: float, description: str, **more: Any) -> Record:
        """Somebody enters time by hand."""
        whose = {"case": {"id": case["id"]}, "staff": {"id": staff["id"]}}
        told = {"activity_name": "Other", "entry_date": day, "hours": hours, "rate": 300.0, **whose, **more}
        return self._kept({**told, "description": description})

    def bill(self, entry: Record) -> Record:
        """An invoice with this entry on it."""
        told = {"invoice_number": "17", "case": entry["case"], "status": "sent", "allow_online_payments": False}
        invoice = self.add("invoices", {**told, "total_amount": float(entry["rate"]) * entry["hours"]})
        before = entry["updated_at"]
        self.touch(entry, invoices=[*entry["invoices"], {"id": invoice["id"]}])
        if not self.bill_touches:
            entry["updated_at"] = before
            self._seen[entry["id"]] = _text(entry)
        return invoice

    def add(self, path: str, told: Record) -> Record:
        with self._lock:
            self._made += 1
            record = {"id": 1000 + self._made, **told}
            self.held[path].append(record)
            self.touch(record, created_at=self._now())
            return record

    def touch(self, record: Record, **changes: Any) -> None:
        """Somebody changes a record."""
        record |= {**changes, "updated_at": self._now()}
        self._seen[record["id"]] = _text(record)

    def _now(self) -> str:
        return datetime.fromtimestamp(self.clock(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _notice(self) -> None:
        """What was written into an entry from outside is a change as any other."""
        for record in self.entries:
            if self._seen.get(record["id"]) != _text(record):
                self.touch(record, created_at=record.get("created_at", self._now()))

    # -- signing in ----------------------------------------------------------------------------------

    def grant(self) -> Record:
        """Tokens of a new sign-in."""
        self._made += 1
        access, refresh = f"access-{self._made}", f"refresh-{self._made}"
        self._access[access], self._refresh[refresh] = self.clock() + DAY, self.clock() + FORTNIGHT
        told = {"access_token": access, "token_type": "Bearer", "scope": "time_entries cases", "expires_in": DAY}
        return {**told, "refresh_token": refresh}

    def end(self, *, refresh: bool = False) -> None:
        """Access tokens end now; with ``refresh`` the sign-in does."""
        self._access.clear()
        if refresh:
            self._refresh.clear()

    def _page(self, asked: Asked) -> Reply:
        query = asked.query
        if query.get("client_id") != self.client_id or query.get("response_type") != "code":
            raise _No(400, "The client is not known")
        if not self.may_sign_in:
            return Reply(b"<html>Forbidden</html>", 403, kind="text/html; charset=utf-8")
        self._made += 1
        code = f"code-{self._made}"
        self._codes[code] = query["redirect_uri"]
        back = urlencode({"code": code, "state": query.get("state", "")})
        return Reply(status=302, headers={"Location": f"{query['redirect_uri']}?{back}"})

    def _tokens(self, asked: Asked) -> Reply:
        form = _object(asked) if "json" in asked.headers.get("content-type", "") else asked.form()
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.secret):
            raise _No(401, "The client is not known")
        if form.get("grant_type") == "authorization_code":
            if self._codes.pop(str(form.get("code")), None) != form.get("redirect_uri"):
                raise _No(401, "The code is not valid")
            return Reply({**self.grant(), "firm_uuid": "0d7f9b52-63c1-4b0a-9a55-4f3d1e8a7c21"})
        if form.get("grant_type") != "refresh_token":
            raise _No(400, "The grant type is not known")
        if self._refresh.pop(str(form.get("refresh_token")), 0.0) <= self.clock():
            raise _No(401, "The refresh token is not valid")
        return Reply(self.grant())

    # -- answering -----------------------------------------------------------------------------------

    def answer(self, asked: Asked) -> Reply:
        try:
            with self._lock:
                return self._answer(asked)
        except _No as no:
            return no.reply

    def _answer(self, asked: Asked) -> Reply:
        host = asked.headers.get("host", "")
        if (asked.method, asked.path) in (("GET", "/login_sessions/new"), ("POST", "/tokens")) and host != API:
            return self._page(asked) if asked.method == "GET" else self._tokens(asked)
        if not asked.path.startswith("/v1/") or host == SIGN_IN:
            raise _No(404, "There is no such path")
        self._admit(asked)
        path, _, number = asked.path.removeprefix("/v1/").partition("/")
        if (asked.method, path) == ("GET", "time_entries"):
            self._notice()
        match asked.method, path, number:
            case "GET", "me", "":
                return Reply(self._of("staff", str(self.held["staff"][0]["id"])))
            case "GET", _, "" if path in FILTERS:
                return self._list(path, asked)
            case "GET", ("staff" | "cases" | "clients" | "companies" | "time_entries"), _:
                return Reply(self._shown(path, self._of(path, number), asked.query))
            case "POST", "time_entries", "":
                return Reply(self._posted(_object(asked)), 201)
            case "DELETE", "time_entries", _:
                return self._deleted(self._of(path, number))
        raise _No(404, "There is no such path")

    def _admit(self, asked: Asked) -> None:
        now = self.clock()
        while self._asked_at and self._asked_at[0] <= now - 1:
            self._asked_at.popleft()
        if len(self._asked_at) >= self.per_second:
            raise _No(429, "Too many requests")
        self._asked_at.append(now)
        self.most_in_a_second = max(self.most_in_a_second, len(self._asked_at))
        if self._access.get(asked.headers.get("authorization", "").removeprefix("Bearer "), 0.0) <= now:
            raise _No(401, "The access token has expired")
        if not self.permits:
            raise _No(403, "The scope does not permit this")

    def _of(self, path: str, number: str) -> Record:
        for record in self.held[path]:
            if str(record["id"]) == number:
                return record
        raise _No(404, "There is no record with that id")

    def _list(self, path: str, asked: Asked) -> Reply:
        query, after = self._turned(path, dict(asked.query))
        size = min(int(query.get("page_size", "25")), self.page)
        chosen = [one for one in self.held[path] if _fits(path, one, query)]
        rest = [one for one in sorted(chosen, key=lambda one: int(one["id"])) if one["id"] > after]
        headers = {"Item-Count": str(len(chosen))} if self.counts else {}
        if len(rest) > size:
            token = "always" if self.same_link else f"page-{len(self._links)}"
            self._links[token] = (query, rest[size - 1]["id"], self.clock() + LINK_LASTS)
            headers["Link"] = f'<{_address(asked)}?{urlencode({"page_token": token})}>; rel="next"'
        return Reply([self._shown(path, one, query) for one in rest[:size]], 200, headers)

    def _turned(self, path: str, query: dict[str, str]) -> tuple[dict[str, str], int]:
        """The query of a list, and the id after which its page begins."""
        if "page_token" in query:
            first, after, ends = self._links.get(query.pop("page_token"), ({}, 0, 0.0))
            if query or ends <= self.clock():
                raise _No(400, "The page token is not valid", parameter="page_token")
            return first, after
        for name in query:
            if name not in (*FILTERS[path], "page_size"):
                raise _No(400, "There is no such parameter", parameter=name)
        if not 1 <= int(query.get("page_size", "25") or 0) <= 1000:
            raise _No(400, "page_size is from 1 to 1000", parameter="page_size")
        return query, 0

    def _shown(self, path: str, record: Record, query: Mapping[str, str]) -> Record:
        """Nested clients have the fields that were asked for."""
        if path != "cases":
            return record
        names = [*filter(None, query.get("field[client]", "").split(","))] or ["id"]
        whole = [self._of("clients", str(one["id"])) for one in record["clients"]]
        return {**record, "clients": [{name: one[name] for name in names if name in one} for one in whole]}

    # -- time entries --------------------------------------------------------------------------------

    def _posted(self, told: Record) -> Record:
        for name in told:
            if name not in TAKES:
                raise _No(422, f"{name} is not a field", pointer=f"/{name}")
        for name in REQUIRED:
            if told.get(name) in (None, ""):
                raise _No(422, f"{name} can't be blank", pointer=f"/{name}")
        for name, value in told.items():
            if not isinstance(value, TAKES[name]) or (TAKES[name] is not bool and isinstance(value, bool)):
                raise _No(422, f"{name} has the wrong type", pointer=f"/{name}")
        if told["hours"] <= 0 or told["rate"] < 0:
            raise _No(422, "The number is out of range", pointer="/hours" if told["hours"] <= 0 else "/rate")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", told["entry_date"]) or not _is_day(told["entry_date"]):
            raise _No(422, "The date is not valid", pointer="/entry_date")
        for name, path in (("case", "cases"), ("staff", "staff")):
            if type(told[name].get("id")) is not int or told[name].keys() != {"id"}:
                raise _No(422, f"{name} has no id", pointer=f"/{name}/id")
            if told[name]["id"] not in {one["id"] for one in self.held[path]}:
                raise _No(422, f"There is no such {name}", pointer=f"/{name}/id")
        if self._of("cases", str(told["case"]["id"]))["status"] == "closed":
            raise _No(422, "The case is closed", pointer="/case/id")
        return self._kept(told)

    def _kept(self, told: Record) -> Record:
        """As it is answered: the rate is text."""
        usual = {"description": "", "billable": True, "flat_fee": False}
        kept = {**usual, **told, "rate": str(float(told["rate"])), "hours": float(told["hours"])}
        return self.add("time_entries", {**kept, "invoices": told.get("invoices", []), "custom_field_values": []})

    def _deleted(self, entry: Record) -> Reply:
        if entry["invoices"]:
            raise _No(422, "The time entry is on an invoice")
        self.entries.remove(entry)
        return Reply(status=204)


def _text(record: Record) -> str:
    return json.dumps(record, sort_keys=True)


def _object(asked: Asked) -> Record:
    try:
        said = asked.json()
    except ValueError:
        raise _No(400, "The body is not JSON") from None
    if "json" not in asked.headers.get("content-type", "") or not isinstance(said, dict):
        raise _No(400, "The body is not a JSON object")
    return said


def _address(asked: Asked) -> str:
    host = asked.headers.get("host", API)
    return f"{'http' if host.partition(':')[0] == '127.0.0.1' else 'https'}://{host}{asked.path}"


def _fits(path: str, record: Record, query: Mapping[str, str]) -> bool:
    since, status = query.get("filter[updated_after]"), query.get("filter[status]")
    if since and _moment(record["updated_at"]) < _moment(since):
        return False
    if status and status != (record["status"] if path == "cases" else "active" if record["active"] else "inactive"):
        return False
    online = query.get("only_allowed_online_payments", "true") == "true"
    return path != "invoices" or not online or bool(record["allow_online_payments"])


def _moment(text: str) -> datetime:
    """Without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _No(400, "The time is not valid", parameter="filter[updated_after]") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False
