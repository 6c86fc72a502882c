"""A CalDAV server, asked politely: where somebody's calendars are, what changed in one, and what it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from autotime.collectors import webdav
from autotime.collectors.webdav import CAL, DAV, SERVER, Multistatus, Told
from autotime.domain.errors import SourceUnavailable
from autotime.domain.spans import Span
from autotime.intake import clean
from autotime.web import Answer, Answered, Misdirected, Web

WELL_KNOWN = "/.well-known/caldav"
MOVED = (301, 302, 303, 307, 308)
HOPS = 4
ROUNDS = 1000
"""How often a server may say that there are more changes."""

FORGOTTEN = (400, 403, 404, 405, 409, 410, 412, 501, 507)
"""How servers say that they no longer know a token, or never knew what one is."""

COMPONENTS = {"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY"}
FULL = 507
"""Part of an answer that was cut short because it was too long."""


@dataclass(frozen=True, slots=True)
class Found:
    """A calendar. ``token`` stands for all that has happened in it; nothing where the server keeps no changes."""

    path: str
    name: str
    token: str

    @property
    def names(self) -> set[str]:
        """What a person may call it."""
        return {self.name.casefold(), unquote(self.path.rstrip("/").rpartition("/")[2]).casefold()}


@dataclass(frozen=True, slots=True)
class Changed:
    """Marks of what was added or changed, by path; paths of what was deleted; and the token that then holds."""

    marks: dict[str, str]
    gone: set[str]
    token: str


class CalendarServer:
    """``web`` has the server's own root; ``start`` is the path a person gave."""

    def __init__(self, web: Web, start: str) -> None:
        self.web, self.start = web, start

    def calendars(self) -> list[Found]:
        """Those that hold events and are no subscription to somebody else's, in order of their paths."""
        who, path = self._who()
        if f"{CAL}calendar" in who.sets.get(f"{DAV}resourcetype", ()):
            homes, depth = [path], "0"
        else:
            homes, depth = self._homes(who) or [path], "1"
        found: dict[str, Found] = {}
        for home in homes:
            for told in self._ask("PROPFIND", home, webdav.propfind(webdav.WHICH), depth).told:
                if _holds_events(told):
                    path = self._path(told.href)
                    name = clean(told.texts.get(f"{DAV}displayname", ""), 200)
                    found[path] = Found(path, name, told.texts.get(f"{DAV}sync-token", "").strip())
        return [found[path] for path in sorted(found)]

    def _who(self) -> tuple[Told, str]:
        """What the place a person named, or the one the server names itself, says of whose calendars it has."""
        starts = [self.start] if self.start.strip("/") else [WELL_KNOWN, "/"]
        for last, start in enumerate(starts, start=1):
            try:
                path, said = self._followed(start, webdav.propfind(webdav.WHO))
            except Answered as no:
                if last == len(starts) or no.status not in (400, 404, 405, 501):
                    raise
                continue
            if said.told:
                return said.told[0], path
        raise SourceUnavailable(f"{self.web.host} names no calendars", hint="check the source's url in the settings")

    def _homes(self, who: Told) -> list[str]:
        if homes := who.hrefs.get(f"{CAL}calendar-home-set"):
            return [self._home(home) for home in homes]
        for principal in who.hrefs.get(f"{DAV}current-user-principal", [])[:1]:
            for told in self._ask("PROPFIND", self._path(principal), webdav.propfind(webdav.WHO), "0").told:
                return [self._home(home) for home in told.hrefs.get(f"{CAL}calendar-home-set", [])]
        return []

    def _home(self, href: str) -> str:
        """Some services keep a person's calendars on a server of their own: a person decides about that."""
        try:
            return self._path(href)
        except Misdirected:
            raise Misdirected(
                f"{self.web.host} says that the calendars are on another server; nothing was sent there",
                hint=f"if you trust {clean(urlsplit(href).netloc, 100)}, make that server's address the source's url",
            ) from None

    def marks(self, path: str, window: Span) -> dict[str, str]:
        """By path the marks of a calendar's resources with an event in the window."""
        said = self._ask("REPORT", path, webdav.query(window), "1")
        if any(told.status == FULL for told in said.told) and window.seconds > 86_400:
            middle = (window.start + window.end) // 2
            return self.marks(path, Span(window.start, middle)) | self.marks(path, Span(middle, window.end))
        return self._marks(said)

    def changed(self, path: str, token: str) -> Changed | None:
        """What changed since the token; ``None`` where the server no longer knows it."""
        marks: dict[str, str] = {}
        gone: set[str] = set()
        for _ in range(ROUNDS):
            try:
                said = self._ask("REPORT", path, webdav.sync(token), "0")
            except Answered as no:
                if no.status in FORGOTTEN:
                    return None
                raise
            marks |= self._marks(said)
            gone |= {self._path(told.href) for told in said.told if told.status in (404, 410)}
            if said.token in ("", token) or not any(told.status == FULL for told in said.told):
                return Changed(marks, gone - marks.keys(), said.token or token)
            token = said.token
        raise SourceUnavailable(f"{self.web.host} says again and again that there is more", hint="autotime doctor")

    def resources(self, path: str, wanted: Sequence[str]) -> Iterator[tuple[str, str, bytes | None]]:
        """Path, mark and text of resources; no text of one that is gone. Of some it may say nothing at all."""
        names = {unquote(href): href for href in wanted}
        for told in self._ask("REPORT", path, webdav.multiget(wanted), "1").told:
            href = names.get(unquote(self._path(told.href)))
            text = told.texts.get(f"{CAL}calendar-data")
            if href and told.status in (404, 410):
                yield href, "", None
            elif href and text:
                yield href, told.texts.get(f"{DAV}getetag", ""), text.encode("utf-8", "replace")

    def _marks(self, said: Multistatus) -> dict[str, str]:
        return {
            self._path(told.href): told.texts.get(f"{DAV}getetag", "")
            for told in said.told
            if told.status == 200 and not told.href.endswith("/")
        }

    def _path(self, href: str) -> str:
        """The path of a resource of this server; a link to another is refused."""
        return urlsplit(self.web.url(href)).path

    def _ask(self, method: str, path: str, body: bytes, depth: str) -> Multistatus:
        return _read(self._asked(method, path, body, depth), path, self.web.host)

    def _asked(self, method: str, path: str, body: bytes, depth: str, ok: Sequence[int] = ()) -> Answer:
        headers = {"Content-Type": "application/xml; charset=utf-8", "Depth": depth}
        return self.web.ask(method, path, None, headers, body, ok=ok)

    def _followed(self, path: str, body: bytes) -> tuple[str, Multistatus]:
        """Where a question about a place is answered in the end, and how. It may move on this server only."""
        for _ in range(HOPS):
            answer = self._asked("PROPFIND", path, body, "0", MOVED)
            if answer.status not in MOVED:
                return path, _read(answer, path, self.web.host)
            path = self._path(answer.headers.get("location", ""))
        raise SourceUnavailable(f"{self.web.host} sends in circles", hint="check the source's url in the settings")


def _read(answer: Answer, path: str, host: str) -> Multistatus:
    if answer.status != 207:
        raise SourceUnavailable(f"{host} does not speak CalDAV there", hint="check the source's url in the settings")
    return webdav.read(answer.body, path)


def _holds_events(told: Told) -> bool:
    kinds = told.sets.get(f"{DAV}resourcetype", set())
    holds = told.sets.get(f"{CAL}supported-calendar-component-set", set()) & COMPONENTS
    return f"{CAL}calendar" in kinds and f"{SERVER}subscribed" not in kinds and (not holds or "VEVENT" in holds)
