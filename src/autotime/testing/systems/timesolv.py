"""A TimeSolv account: its sign-in, whose code is good again and again, and its searches.

Most of what goes wrong is told with 200, in ``Status.ResponseCode``. What is not published is not here: no time card
can be written, and no project be searched.
"""

from __future__ import annotations

import json
import operator
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from autotime.testing.server import Asked, Loopback, Reply

ROOT = "/services/rest/oauth2v1/"
FORM = {"client_id", "client_secret", "grant_type", "code", "redirect_uri"}
BODY = {"OrderBy", "SortOrderAscending", "PageSize", "PageNumber", "Criteria"}
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {"=": operator.eq, ">=": operator.ge, "<=": operator.le}
SEARCHES = {
    "firmusersearch": "FirmUsers",
    "timecardsearch": "TimeCards",
    "taskcodesearch": "TaskCodes",
    "abbreviationsearch": "Abbreviations",
    "clientsearch": "Clients",
}

Row = dict[str, Any]


class TimeSolv:
    """``lists`` by the name they have in an answer; ``entries`` are the time cards. An access token lasts ``lasts``
    seconds, which ``says_when`` tells. ``inside``: errors come with 200."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.lists: dict[str, list[Row]] = {key: [] for key in SEARCHES.values()}
        self.client, self.secret, self.code, self.redirect = "client-1", "client-secret", "code-1", ""
        self.lasts = 3600
        self.says_when = True
        self.inside = True
        self.tokens: dict[str, float] = {}
        self._next = 500
        self._lock = threading.Lock()

    @property
    def entries(self) -> list[Row]:
        return self.lists["TimeCards"]

    def add(self, key: str, **fields: Any) -> Row:
        """A row of a list, with an id of its own."""
        self._next += 1
        self.lists[key].append(row := {"Id": self._next, **fields})
        return row

    def serving(self) -> Loopback:
        return Loopback(self.answer)

    def answer(self, asked: Asked) -> Reply:
        path = asked.path.lower()
        with self._lock:
            if asked.method != "POST" or not path.startswith(ROOT):
                return Reply({}, 404)
            name = path.removeprefix(ROOT)
            return self._token(asked) if name == "token" else self._search(asked, name)

    # -- signing in -------------------------------------------------------------------------------

    def _token(self, asked: Asked) -> Reply:
        form = asked.form()
        if form.keys() != FORM or form["grant_type"] != "authorization_code":
            return Reply({"error": "invalid_request"}, 400)
        if (form["client_id"], form["client_secret"]) != (self.client, self.secret):
            return Reply({"error": "invalid_client", "error_description": "unknown"}, 401)
        if form["code"] != self.code or (self.redirect and form["redirect_uri"] != self.redirect):
            return Reply({"error": "invalid_grant", "error_description": "unknown"}, 200 if self.inside else 400)
        token = f"access-{len(self.tokens) + 1}"
        self.tokens[token] = self.clock() + self.lasts
        return Reply({"access_token": token} | ({"expires_in": self.lasts} if self.says_when else {}))

    # -- searching --------------------------------------------------------------------------------

    def _search(self, asked: Asked, name: str) -> Reply:
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens.get(token, 0) <= self.clock():
            return self._no(401, "not signed in")
        if name not in SEARCHES:
            return self._no(404, "no such entity")
        if wrong := _wrong(asked):
            return self._no(400, wrong)
        said, key = asked.json(), SEARCHES[name]
        rows = [row for row in self.lists[key] if _meets(row, said["Criteria"])]
        rows.sort(key=lambda row: row[said["OrderBy"]], reverse=not said["SortOrderAscending"])
        first = (said["PageNumber"] - 1) * said["PageSize"]
        return Reply({key: rows[first : first + said["PageSize"]], "Status": {"ResponseCode": 200, "Message": "OK"}})

    def _no(self, code: int, why: str) -> Reply:
        told = {"Status": {"ResponseCode": code, "Message": why}}
        return Reply(told, 200) if self.inside else Reply(told, code)


def _wrong(asked: Asked) -> str:
    if "application/json" not in asked.headers.get("content-type", ""):
        return "not JSON"
    said = json.loads(asked.body)
    if not isinstance(said, dict) or said.keys() != BODY:
        return "unknown or missing fields"
    whole = all(type(said[name]) is int and said[name] > 0 for name in ("PageSize", "PageNumber"))
    fit = all(
        set(one) == {"FieldName", "Operator", "Value"} and one["Operator"] in OPERATORS for one in said["Criteria"]
    )
    return "" if whole and fit and type(said["SortOrderAscending"]) is bool else "wrong types"


def _meets(row: Row, criteria: Iterable[Row]) -> bool:
    """Days and states are compared as they are written."""
    return all(OPERATORS[one["Operator"]](str(row.get(one["FieldName"], "")), str(one["Value"])) for one in criteria)
