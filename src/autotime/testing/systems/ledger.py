"""A small honest billing system of our own: what an adapter and the engine of delivery are tried against.

Time entries under ``/api/entries``: ``POST``, ``GET`` (by user and days, in pages), and one by its id with ``GET``,
``PUT`` and ``DELETE``, the last two with ``If-Match``. It holds no mark of ours, and takes whatever it is sent twice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from autotime.testing.server import Asked, Loopback, Reply

ROOT = "https://ledger.example"
LONGEST = 10_000
"""Characters of a narrative."""

KINDS = ("billable", "no_charge", "non_billable")
REQUIRED = frozenset({"user", "matter", "date", "seconds", "text"})
FIELDS = REQUIRED | {"task", "rate", "kind"}

Json = dict[str, Any]


class Ledger:
    """``users`` and ``matters`` (open or not) by their ids here; ``page`` how many entries a page holds; ``token``
    the access token that is taken now; ``refresh`` what renews it, once; ``lag`` seconds until an entry is listed."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.root = ROOT
        self.users = {"U1", "U2"}
        self.matters = {"M1": True, "M2": True, "M3": True, "M9": False}
        self.entries: list[Json] = []
        self.page, self.lag = 100, 0
        self.token, self.refresh = "access-1", "refresh-1"
        self._ids = 0
        self._lock = threading.Lock()

    @contextmanager
    def serving(self) -> Iterator[Loopback]:
        with Loopback(self.answer) as server:
            self.root = server.url
            yield server

    def answer(self, asked: Asked) -> Reply:
        with self._lock:
            if asked.path == "/token":
                return self._sign_in(asked)
            if asked.headers.get("authorization") != f"Bearer {self.token}":
                return no(401, "token")
            return self._entries(asked)

    def expire(self) -> None:
        """The access token is not taken any more; it can be renewed."""
        self.token = f"{self.token}+"

    def bill(self, wanted: str) -> None:
        self._stored(wanted, billed=True)

    def edit(self, wanted: str, **changes: Any) -> None:
        """What a colleague does to an entry."""
        self._stored(wanted, **changes)

    def held(self, wanted: str) -> Json | None:
        return next((one for one in self.entries if one["id"] == wanted), None)

    def _sign_in(self, asked: Asked) -> Reply:
        if asked.form().get("refresh_token") != self.refresh:
            return Reply({"error": "invalid_grant"}, 400)
        self.refresh = f"{self.refresh}+"
        return Reply({"access_token": self.token, "refresh_token": self.refresh, "expires_in": 3600})

    def _entries(self, asked: Asked) -> Reply:
        _, _, rest = asked.path.partition("/api/entries")
        if not rest:
            return self._create(asked) if asked.method == "POST" else self._list(asked)
        one = self.held(rest.strip("/"))
        if one is None:
            return no(404, "unknown")
        if asked.method == "GET":
            return Reply(one)
        if one["billed"]:
            return no(409, "billed")
        if asked.headers.get("if-match") != one["version"]:
            return no(412, "changed")
        if asked.method == "DELETE":
            self.entries.remove(one)
            return Reply(b"", 204)
        return (
            no(422, wrong) if (wrong := self._wrong(asked.json())) else Reply(self._stored(one["id"], **asked.json()))
        )

    def _create(self, asked: Asked) -> Reply:
        told = asked.json()
        if wrong := self._wrong(told):
            return no(422, wrong)
        self._ids += 1
        usual = {"task": "", "rate": "", "kind": KINDS[0], "billed": False, "version": "1"}
        made = {**usual, **told, "id": str(self._ids), "created_at": int(self.clock())}
        self.entries.append(made)
        return Reply(made, 201)

    def _stored(self, wanted: str, **changes: Any) -> Json:
        """Another state of an entry, with a version of its own."""
        place = next(n for n, one in enumerate(self.entries) if one["id"] == wanted)
        version = str(int(self.entries[place]["version"]) + 1)
        self.entries[place] = {**self.entries[place], **changes, "version": version}
        return self.entries[place]

    def _list(self, asked: Asked) -> Reply:
        """Those of some users, from one day to another, both included."""
        query = dict(asked.query)
        number = int(query.pop("page", "1"))
        users = query["user"].split(",")
        listed = [one for one in self.entries if one["created_at"] + self.lag <= self.clock()]
        found = [one for one in listed if one["user"] in users and query["from"] <= one["date"] <= query["to"]]
        last = number * self.page
        more = f"{self.root}/api/entries?{urlencode({**query, 'page': number + 1})}" if len(found) > last else ""
        return Reply({"entries": found[last - self.page : last], "next": more})

    def _wrong(self, told: Json) -> str:
        """Which field cannot be taken as it is."""
        if odd := (told.keys() - FIELDS) | (REQUIRED - told.keys()):
            return min(odd)
        seconds = told["seconds"]
        texts = FIELDS - {"seconds"}
        right = {
            **{name: isinstance(told.get(name, ""), str) for name in texts},
            "seconds": isinstance(seconds, int) and 0 < seconds <= 86_400,
        }
        if wrong := [name for name, fits in right.items() if not fits]:
            return wrong[0]
        values = {
            "user": told["user"] in self.users,
            "matter": self.matters.get(told["matter"], False),
            "date": _is_day(told["date"]),
            "text": 0 < len(told["text"]) <= LONGEST,
            "rate": _is_money(told.get("rate", "")),
            "kind": told.get("kind", KINDS[0]) in KINDS,
        }
        return next((name for name, fits in values.items() if not fits), "")


def no(status: int, code: str) -> Reply:
    return Reply({"error": {"code": code}}, status)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_money(text: str) -> bool:
    try:
        return not text or Decimal(text) >= 0
    except InvalidOperation:
        return False
