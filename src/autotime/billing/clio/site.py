"""One Clio account: where its region lies, how it is asked, and what its refusals mean.

Apps, tokens and data belong to one region. Each request names the API version, and each answer must name the same:
in another version a quantity may be hours where it is seconds here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, TypeVar

from autotime.billing.clio.refusals import meant, reason_of
from autotime.billing.once import once
from autotime.billing.registration import Registration
from autotime.billing.signin import Service
from autotime.domain.errors import Misused, NotDelivered, SourceUnavailable
from autotime.web import Answer, Answered, Manners, Params
from autotime.web.client import AGENT

NAME = "clio"
HOSTS = {
    "us": "https://app.clio.com",
    "eu": "https://eu.app.clio.com",
    "ca": "https://ca.app.clio.com",
    "au": "https://au.app.clio.com",
}
MONTH = 2_592_000
PAGE = 200
OLDEST = (4, 0, 4)
"""Before it a quantity was hours."""

WIDEST = 120
"""Seconds after which a limit is tried again at the latest: its window is a minute."""

T = TypeVar("T")


def pace(answer: Answer, wall: float) -> float:
    """Seconds until the next request is allowed, by the limit's own headers and the server's own clock."""
    left, reset = (answer.headers.get(f"x-ratelimit-{name}", "") for name in ("remaining", "reset"))
    if not (left.isdecimal() and reset.isdecimal()) or int(left):
        return 0
    return min(WIDEST, max(1, int(reset) - _now(answer, wall)))


def _now(answer: Answer, wall: float) -> float:
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
    except (ValueError, TypeError):
        return wall


MANNERS = Manners(service=NAME, at_once=1, pace=pace, agent=AGENT.rpartition("|")[2])
"""A firewall in front of Clio takes no agent that holds an address, and none that is missing."""


@dataclass(frozen=True, slots=True)
class Page:
    records: list[Any]
    last: bool


class Site:
    """``app`` is the section ``[clio]`` of the settings."""

    def __init__(self, app: Mapping[str, Any], registration: Registration) -> None:
        self.version, self.tokens, self.wall = _version(app), registration.tokens, registration.wall
        self.web = registration.web(f"{_host(app)}/api/v4", MANNERS, self._headers)
        self._known = False

    def now(self) -> float:
        """UTC seconds by the server's clock, as far as it is known to differ."""
        return self.wall() + self.web.skew

    def read(self, where: str, params: Params | None = None, ok: tuple[int, ...] = ()) -> Answer:
        """One answer that is JSON: 2xx in the version asked for, or of a status in ``ok``."""
        try:
            answer = self.web.ask("GET", where, params, ok=ok)
        except Answered as refused:
            raise meant(refused, self.version) from None
        answer.json()
        if answer.status not in ok:
            self._check(answer)
        return answer

    def pages(self, path: str, params: Params) -> Iterator[Page]:
        """A list, page by page, by the links that the account gives."""
        answer, seen = self.read(path, {"limit": PAGE, **params}), set[str]()
        while True:
            records = _records(answer)
            link = _next(answer, len(records))
            if link in seen:
                raise SourceUnavailable("Clio names the same next page twice", hint="the next run tries again")
            yield Page(records, not link)
            if not link:
                return
            seen.add(link)
            answer = self.read(link)

    def write(
        self,
        method: str,
        where: str,
        body: Mapping[str, Any] | None = None,
        *,
        read: Callable[[Any], T],
        ours: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """One request that changes something, after the version is known to be the one asked for. ``ours`` is a text
        that no error may repeat. Raises what ``once`` does."""
        try:
            self._ready()
        except (SourceUnavailable, OSError) as not_now:
            raise NotDelivered(f"{not_now}; nothing was written", hint=getattr(not_now, "hint", "")) from None
        return once(self.web, method, where, body, read=read, why=lambda no: reason_of(no, ours), headers=headers)

    @cached_property
    def me(self) -> str:
        """The id of whoever signed in."""
        return str(data_of(self.read("users/who_am_i.json", {"fields": "id"})).get("id") or "")

    @property
    def name(self) -> str:
        """Of whoever signed in."""
        return str(data_of(self.read("users/who_am_i.json", {"fields": "id,name"})).get("name") or "")

    def _ready(self) -> None:
        self.tokens.headers(False)
        if not self._known:
            self.read("users/who_am_i.json", {"fields": "id"})

    def _headers(self, fresh: bool) -> Mapping[str, str]:
        return {**self.tokens.headers(fresh), "X-API-VERSION": self.version}

    def _check(self, answer: Answer) -> None:
        told = answer.headers.get("x-api-version", "")
        self._known = told == self.version
        if not self._known:
            shown = told if re.fullmatch(r"[\d.]{1,20}", told) else "none"
            raise SourceUnavailable(
                f"Clio was asked in version {self.version} and answers in version {shown}: its numbers may mean "
                "something else",
                kept="nothing was written",
                hint="set version under [clio] to one that Clio's change log lists, and try again",
            )


def service_of(app: Mapping[str, Any]) -> Service:
    """A renewal may bring no refresh token: the old one stays good until it is revoked."""
    host = _host(app)
    return Service(
        name=NAME,
        page=f"{host}/oauth/authorize",
        root=host,
        token="oauth/token",  # noqa: S106 - a path
        client_id=str(app.get("client_id") or ""),
        port=int(app.get("redirect_port") or 0),
        expires=MONTH,
        agent=MANNERS.agent,
        asks={"redirect_on_decline": "true"},
    )


def data_of(answer: Answer) -> dict[str, Any]:
    """The one record of an answer."""
    said = answer.json()
    data = said.get("data") if isinstance(said, dict) else None
    if not isinstance(data, dict):
        raise SourceUnavailable("Clio answers with no record", hint="the next run tries again")
    return data


def _records(answer: Answer) -> list[Any]:
    said = answer.json()
    data = said.get("data") if isinstance(said, dict) else None
    if not isinstance(data, list):
        raise SourceUnavailable("Clio answers with no list", hint="the next run tries again")
    return data


def _next(answer: Answer, count: int) -> str:
    """The address of the next page; nothing on the last. A full page that says nothing of it is not the last."""
    meta = answer.json().get("meta")
    paging = meta.get("paging") if isinstance(meta, dict) else None
    link = paging.get("next") if isinstance(paging, dict) else None
    if isinstance(link, str):
        return link
    if link is not None or (not isinstance(meta, dict) and count >= PAGE):
        raise SourceUnavailable("Clio does not say where its list goes on", hint="the next run tries again")
    return ""


def _host(app: Mapping[str, Any]) -> str:
    region = str(app.get("region") or "us")
    if region not in HOSTS:
        raise Misused(f"Clio has no region «{region}»", hint=f"region under [clio] is one of: {', '.join(HOSTS)}")
    return str(app.get("base_url") or "").rstrip("/") or HOSTS[region]


def _version(app: Mapping[str, Any]) -> str:
    version = str(app.get("version") or "4.0.10")
    found = re.fullmatch(r"(4)\.(\d{1,4})\.(\d{1,4})", version, re.ASCII)
    if not found or tuple(map(int, found.groups())) < OLDEST:
        raise Misused(f"version {version!r} under [clio] is none that autotime speaks", hint="4.0.4 or later of v4")
    return version
