"""Graph's manners: pages by opaque links, twenty questions in one batch, and what its refusals mean.

``Prefer`` holds for one request only, so it goes with every page. Immutable ids are asked for always: the
usual ones change when a mail is filed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from autotime.domain.errors import CursorExpired, SignInNeeded, SourceUnavailable
from autotime.web import Answer, Answered, Manners, Web, gate

Json = dict[str, Any]

SERVICE = "microsoft"
AT_ONCE = 4
"""Outlook takes four requests at once from one app; the newer text says: whatever the mailbox."""

ONE_BATCH = f"{SERVICE} batch"
"""The gate of batches: the service works on four questions of each at a time, so that one is as many as it takes."""

MANNERS = Manners(service=SERVICE, at_once=AT_ONCE)
IMMUTABLE = 'IdType="ImmutableId"'
AGAIN = "the next run tries again"
BATCH = 20
PAGES_CAP = 20_000
LATER = (429, 503, 504)
"""What says nothing of the thing that was asked for, only of the hour."""

EXPIRED = ("syncstatenotfound", "syncstateinvalid", "resyncrequired")


class Graph:
    """Asks as one user. Paths are below the root, ``/me/messages``; links are the server's own, whole."""

    def __init__(self, web: Web, account: str) -> None:
        self.web, self.account = web, account
        self.lasting = True
        """Whether ids outlast a move: until an answer says which preferences it heeded, and not this one."""
        self._known: dict[str, Json | Answered] = {}

    def ahead(self, paths: Sequence[str]) -> None:
        """Asks in one batch what will be asked one by one: each answer waits for its first asking."""
        self._known = dict(zip(paths, self.batch(paths), strict=True))

    def get(
        self,
        where: str,
        params: Mapping[str, str | int] | None = None,
        prefer: str = "",
        less: Collection[int] = (),
    ) -> Json:
        """One object. ``Answered`` for a refusal, ``CursorExpired`` for a link that has expired; upon a status
        in ``less`` the caller will ask for less."""
        where = _with(where, params)
        known = self._known.pop(where, None)
        if isinstance(known, Answered):
            raise self._meant(known)
        if known is not None:
            return known
        try:
            answer = self.web.get(where, headers={"Prefer": _preferred(prefer)}, less=less)
        except Answered as refused:
            raise self._meant(refused) from None
        heeded = answer.headers.get("preference-applied", "")
        self.lasting = self.lasting and (not heeded or "idtype" in heeded.lower())
        return _object(answer.json())

    def pages(
        self,
        where: str,
        params: Mapping[str, str | int] | None = None,
        prefer: str = "",
        less: Collection[int] = (),
    ) -> Iterator[Json]:
        """Pages of a list, each as it came, with its ``value`` and links checked."""
        link, seen = _with(where, params), set[str]()
        while link:
            if link in seen or len(seen) >= PAGES_CAP:
                raise SourceUnavailable("a list of Microsoft's has no end: it repeats its pages", hint=AGAIN)
            seen.add(link)
            page = _page(self.get(link, prefer=prefer, less=less))
            yield page
            link = page.get("@odata.nextLink", "")

    def batch(self, paths: Sequence[str], prefer: str = "") -> list[Json | Answered]:
        """The answers to many questions, in their order, twenty at a time; a refusal stands in its place, but
        for one that tells of the whole service: that is raised."""
        answers = {path: self._known.pop(path) for path in paths if path in self._known}
        asked = [path for path in dict.fromkeys(paths) if path not in answers]
        for first in range(0, len(asked), BATCH):
            twenty = asked[first : first + BATCH]
            answers |= zip(twenty, self._twenty(twenty, prefer), strict=True)
        return [answers[path] for path in paths]

    def _twenty(self, paths: Sequence[str], prefer: str) -> list[Json | Answered]:
        found: dict[str, Answer] = {}
        waiting = {str(number): path for number, path in enumerate(paths)}
        last = self.web.manners.attempts - 1
        for attempt in range(last + 1):
            found |= self._asked(waiting, prefer)
            if refused := {name: path for name, path in waiting.items() if found[name].status == 401}:
                self.web.authorise(True)  # as for a single request: one fresh token, one repeat
                found |= self._asked(refused, prefer)
            late = [found[name] for name in waiting if self.web.manners.throttled(found[name])]
            waiting = {name: path for name, path in waiting.items() if self.web.manners.throttled(found[name])}
            if not waiting or attempt == last or not self.web.wait(max(late, key=_asked_wait), attempt):
                break
        return [self._inner(found[str(number)]) for number in range(len(paths))]

    def _asked(self, waiting: Mapping[str, str], prefer: str) -> dict[str, Answer]:
        headers = {"Prefer": _preferred(prefer)}
        asked = [{"id": name, "method": "GET", "url": path, "headers": headers} for name, path in waiting.items()]
        content = json.dumps({"requests": asked}).encode()
        try:
            with gate(ONE_BATCH).one_of(1):
                answer = self.web.ask("POST", "/$batch", headers={"Content-Type": "application/json"}, content=content)
        except Answered as refused:
            raise self._meant(refused) from None
        said = _object(answer.json()).get("responses")
        found = {str(one.get("id")): _answer(one) for one in said or () if isinstance(one, dict)}
        if not waiting.keys() <= found.keys():
            raise SourceUnavailable("a batch of Microsoft's came back incomplete", hint=AGAIN)
        return found

    def _inner(self, answer: Answer) -> Json | Answered:
        if answer.status < 300:
            return _object(answer.json())
        refused = Answered(f"{self.web.host} answered {answer.status} {answer.code}".rstrip(), answer, hint=AGAIN)
        if answer.status == 401 or answer.status in LATER:
            raise self._meant(refused)
        return refused

    def _meant(self, refused: Answered) -> Exception:
        if refused.status == 401:
            return SignInNeeded(
                f"Microsoft does not take the sign-in of «{self.account}» any more",
                hint=f'autotime connect "{self.account}"',
            )
        code = refused.code.lower()
        if "location" not in refused.answer.headers and (refused.status == 410 or code in EXPIRED):
            return CursorExpired("Microsoft forgot how far this source was read", hint="the next run reads it again")
        return refused


def _with(where: str, params: Mapping[str, str | int] | None) -> str:
    """Spaces as ``%20``: not every reader of a query takes a plus for one."""
    if not params:
        return where
    query = "&".join(f"{quote(name, safe='$')}={quote(str(value), safe=',():')}" for name, value in params.items())
    return f"{where}{'&' if urlsplit(where).query else '?'}{query}"


def _preferred(prefer: str) -> str:
    return f"{IMMUTABLE}, {prefer}" if prefer else IMMUTABLE


def _object(said: Any) -> Json:
    if not isinstance(said, dict):
        raise SourceUnavailable("an answer of Microsoft's has another shape than it should", hint=AGAIN)
    return said


def _page(said: Json) -> Json:
    """A list, and at most one of the two links: anything else is half a page, or none."""
    links = [said.get(name) for name in ("@odata.nextLink", "@odata.deltaLink") if name in said]
    if not isinstance(said.get("value"), list) or len(links) > 1 or not all(isinstance(one, str) for one in links):
        raise SourceUnavailable("a page of Microsoft's has another shape than it should", hint=AGAIN)
    return said


def _answer(one: Json) -> Answer:
    headers = {str(name).lower(): str(value) for name, value in (one.get("headers") or {}).items()}
    status = one.get("status")
    return Answer(status if isinstance(status, int) else 500, headers, json.dumps(one.get("body") or {}).encode())


def _asked_wait(answer: Answer) -> float:
    asked = answer.headers.get("retry-after", "0")
    return float(asked) if asked.isdigit() else 0.0
