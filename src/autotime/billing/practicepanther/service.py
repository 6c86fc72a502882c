"""The way to PracticePanther: its sign-in, its lists page by page, one write at a time, and what its refusals mean."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from autotime.billing.once import advised, once
from autotime.billing.registration import Registration
from autotime.billing.signin import Service
from autotime.billing.values import repeats
from autotime.domain.errors import AutotimeError, SignInNeeded, SourceUnavailable
from autotime.intake import clean
from autotime.web import Answer, Answered, Manners, asked_for

TARGET = "practicepanther"
HOST = "https://app.practicepanther.com"
DAY = 86_400
UNUSED = 14 * DAY
"""Seconds after which a sign-in that nobody renews is taken for ended: the shorter of two published statements."""

PAGE = 100
"""Rows asked for at once. How many come at most is not published."""

ASK = "ask PracticePanther whether the API access is on, and your administrator for your permissions"
WRONG = f"see what is sent: autotime mapping test {TARGET}; a matter that is closed there takes no time"
ADVICE = {
    400: WRONG,
    403: ASK,
    404: f"it, its matter, its user or its item is gone: autotime books pull {TARGET}",
    422: WRONG,
}
"""What to do about a write that was refused."""

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
Row = dict[str, Any]
T = TypeVar("T")


def service_of(app: Mapping[str, Any]) -> Service:
    root = str(app.get("base_url") or HOST)
    return Service(
        name=TARGET,
        page=f"{root}/OAuth/Authorize",
        root=root,
        token="OAuth/Token",  # noqa: S106 - a path
        client_id=str(app.get("client_id", "")),
        redirect=str(app.get("redirect_url", "")),
        expires=DAY,
        unused=UNUSED,
    )


def ended(answer: Answer) -> bool:
    """An access token that is not taken is told as 401, or as 400 with the word for it."""
    return answer.status == 401 or (answer.status == 400 and answer.code == "invalid_grant")


class Panther:
    """One request at a time: its limits are not published. Reads are repeated politely, writes never."""

    def __init__(self, registration: Registration) -> None:
        manners = Manners(service=TARGET, at_once=1, ended=ended)
        self.web = registration.web(f"{registration.service.root}/api/v2", manners)

    def pages(self, path: str, asked: Mapping[str, str] | None = None) -> Iterator[list[Row]]:
        """The rows of a list, page by page, none of them twice.

        No total is told and no largest page is published, so that a short page does not prove an end: an empty one
        does. A page that holds nothing new before that ends it with an error.
        """
        seen: set[str] = set()
        skip = 0
        while rows := self._page(path, {**(asked or {}), "$top": PAGE, "$skip": skip}):
            fresh = [row for row in rows if _known_by(row) not in seen]
            if not fresh:
                raise SourceUnavailable(
                    f"{self.web.host} gives a page of {path} twice, so that its list cannot be read to its end",
                    hint="the next run tries again",
                )
            seen |= {_known_by(row) for row in fresh}
            skip += len(rows)
            yield fresh

    def _page(self, path: str, asked: Mapping[str, str | int]) -> list[Row]:
        said = self._read(path, asked)
        if isinstance(said, dict):
            said = said.get("value", said.get("items"))
        if not isinstance(said, list) or not all(isinstance(row, dict) for row in said):
            raise SourceUnavailable(f"{self.web.host} answers {path} with no list", hint="the next run tries again")
        return said

    def one(self, path: str, wanted: str) -> Row | None:
        """One record; ``None`` where it is gone."""
        try:
            said = self._read(f"{path}/{quote(wanted, safe='')}")
        except SourceUnavailable as no:
            if asked_for(no) == 404:
                return None
            raise
        if not isinstance(said, dict):
            raise SourceUnavailable(f"{self.web.host} answers with no record", hint="the next run tries again")
        return said

    def _read(self, path: str, asked: Mapping[str, str | int] | None = None) -> Any:
        try:
            return self.web.get(path, asked).json()
        except Answered as no:
            raise _meant(no, self.web.host) from None

    def write(self, method: str, wanted: str, body: Row | None, read: Callable[[Any], T], ours: str) -> T:
        """One write of a time entry, once. ``wanted`` is its id, empty for a new one; ``ours`` are words that no
        error may show."""
        where = f"timeentries?{urlencode({'id': wanted})}" if wanted else "timeentries"
        return once(self.web, method, where, body, read=read, why=lambda answer: why(answer, ours))


def _known_by(row: Row) -> str:
    """Its id, or all it says where it has none."""
    return str(row.get("id") or json.dumps(row, sort_keys=True))


def _meant(no: Answered, host: str) -> AutotimeError:
    if ended(no.answer):
        return SignInNeeded(f"{host} does not take the sign-in any more", hint=f"autotime connect {TARGET}")
    if no.status == 403:
        return SourceUnavailable(
            f"{host} answered 403: this user, or the firm's API access, may not read that",
            hint=ASK,
        )
    return no


def why(answer: Answer, ours: str) -> str:
    """Why a write was refused, and what to do then."""
    return advised(reason(answer, ours), ADVICE.get(answer.status, ""))


def reason(answer: Answer, ours: str) -> str:
    """Its sentence for why, in one line; the shape of its errors is not published. Nothing where it quotes us."""
    try:
        said = answer.json()
    except SourceUnavailable:
        return ""
    told = said if isinstance(said, dict) else {}
    found = (told.get(name) for name in ("error_description", "message", "Message", "error"))
    text = clean(next((word for word in found if isinstance(word, str) and word), ""), 160)
    return "" if repeats(text, ours) else text
