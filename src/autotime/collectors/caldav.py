"""CalDAV calendars: changes since the last run where the server keeps them, expanded by our own code.

::

    who am I ── where are my calendars ── of each: what changed ── those resources, page by page
                                             │
             a token the server still knows ─┤─ only the changes, and what was deleted
             none, or one it has forgotten  ─┘─ the marks of all in the window, compared with what is known

The window moves on by itself, so once a day what lies in its last two weeks is read again: an event that
repeats has new occurrences though nobody changed it.

The cursor holds for each calendar its token, the window that was read, and of each resource its mark and
what it gave lately. A resource that was deleted is a meeting that was cancelled: what it gave is withdrawn.
A calendar that is gone withdraws nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from autotime.collectors.calendarserver import CalendarServer, Found
from autotime.collectors.files import suddenly_empty
from autotime.collectors.ics import CalendarReader
from autotime.collectors.parts import by_the_clock
from autotime.domain.doors import CollectContext, Connection, Person, SignIn
from autotime.domain.errors import Misused, SignInNeeded, SourceUnavailable
from autotime.domain.evidence import Batch, Evidence, Gap, Quarantined, SyncCursor
from autotime.domain.spans import Span
from autotime.intake import clean
from autotime.web import Answered, Manners, Network, Web, checked_root

DAY = 86_400
LATELY = 14 * DAY
CLOSED = (403, 404, 410)

State = dict[str, Any]
"""One calendar: ``token``; ``since`` and ``until``, the window that was read; and ``seen``, by path of a
resource its mark (``etag``) and what it gave lately (``given``: by UID and occurrence the start)."""


@dataclass(slots=True)
class Reading:
    """What a run does to one calendar: resources to read, those that are gone, and its token at the end."""

    calendar: Found
    state: State
    fresh: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    token: str = ""

    @property
    def prefix(self) -> str:
        """Names the calendar in keys: one event may stand in several, with other answers."""
        return hashlib.blake2b(self.calendar.path.encode(), digest_size=4).hexdigest() + "/"


@dataclass(frozen=True, slots=True)
class CaldavCollector:
    """Calendars on any CalDAV server.

    ``url`` is the server's address, or that of a person's calendars or of one of them; ``user`` the name
    there; the password lies in the sign-in. ``calendars`` names those to read; without it, all.
    """

    account: str
    connection: Connection
    url: str
    user: str
    calendars: Sequence[str] = ()
    page: int = 50
    sleep: Callable[[float], None] = time.sleep
    source: str = "caldav"

    def __post_init__(self) -> None:
        checked_root(self.url)
        if isinstance(self.calendars, str):
            raise Misused(f"source «{self.account}»: calendars is a list of names", hint='calendars = ["Office"]')

    # -- signing in ---------------------------------------------------------------------------

    def wants(self) -> Mapping[str, str]:
        return {
            "the password of the calendar": "to read when meetings are, with whom and what about. It is kept "
            "encrypted on this machine; nothing in the calendar is changed"
        }

    def connect(self, person: Person, device: bool = False) -> None:  # noqa: ARG002 - a password needs no browser
        """Asks for the password, tries it, and keeps it if the server takes it."""
        person.say(f"Signing in to {urlsplit(self.url).hostname} as {self.user}.")
        person.say("If the service knows app passwords, make one for autotime and give that.")
        password = person.ask("Password", secret=True).strip("\r\n")
        if not password:
            raise SignInNeeded("no password was given", hint=self._hint)
        with self._web(password) as web:
            chosen, _ = self._chosen(CalendarServer(web, urlsplit(self.url).path).calendars())
        self.connection.vault.save(password)
        person.say(f"Signed in. {len(chosen)} calendars will be read.")

    def standing(self, now: int) -> SignIn:  # noqa: ARG002 - a password does not lapse
        return SignIn(bool(self.connection.vault.load()), self.user)

    @property
    def _hint(self) -> str:
        return f'autotime connect "{self.account}"'

    def _web(self, password: str) -> Web:
        """A client of the whole server: its own links begin at its root."""
        parts = urlsplit(self.url)
        basic = base64.b64encode(f"{self.user}:{password}".encode()).decode()

        def authorise(fresh: bool) -> Mapping[str, str]:
            if fresh:
                raise SignInNeeded(f"{parts.hostname} does not take the user name and password", hint=self._hint)
            return {"Authorization": f"Basic {basic}"}

        network = Network(**self.connection.network)
        return Web(f"{parts.scheme}://{parts.netloc}", authorise, Manners(at_once=2), network, sleep=self.sleep)

    # -- reading ------------------------------------------------------------------------------

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        password = self.connection.vault.load()
        if not password:
            raise SignInNeeded(f"nobody has signed in to {urlsplit(self.url).hostname} yet", hint=self._hint)
        known = _known(cursor)
        with self._web(password) as web:
            yield from by_the_clock(self._found(web, known, context), cursor, lambda: web.skew)

    def _found(self, web: Web, known: dict[str, State], context: CollectContext) -> Iterator[Batch]:
        server = CalendarServer(web, urlsplit(self.url).path)
        chosen, gaps = self._chosen(server.calendars())
        held = [path for state in known.values() for path in state["seen"]]
        suddenly_empty(self.account, held, chosen, 1)
        readings = list(_readings(server, chosen, known, gaps, context))
        yield from self._read(server, readings, known, context)
        self._still_there(readings)
        yield _last(readings, known, gaps, context)

    def _chosen(self, found: Sequence[Found]) -> tuple[list[Found], list[Gap]]:
        """The calendars to read, and what the settings name in vain."""
        if not self.calendars:
            return list(found), []
        wanted = {name.casefold() for name in self.calendars}
        chosen = [one for one in found if wanted & one.names]
        missing = len(wanted) - len({name for one in chosen for name in wanted & one.names})
        hint = "check the source's calendars in the settings"
        if not chosen:
            raise SourceUnavailable(f"{urlsplit(self.url).hostname} has none of the calendars", hint=hint)
        told = f"{missing} that the settings name are not on the server"
        return chosen, [Gap("calendars", told, hint)] if missing else []

    def _read(
        self, server: CalendarServer, readings: Sequence[Reading], known: dict[str, State], context: CollectContext
    ) -> Iterator[Batch]:
        done, of = 0, sum(len(reading.fresh) for reading in readings)
        for reading in readings:
            known[reading.calendar.path] = reading.state
            for first in range(0, len(reading.fresh), self.page):
                some = reading.fresh[first : first + self.page]
                found, withdrawn, bad = self._page(server, reading, some, context)
                done += len(some)
                yield Batch(found, _cursor(known), withdrawn, bad, done=done, of=of)

    def _page(
        self, server: CalendarServer, reading: Reading, some: Sequence[str], context: CollectContext
    ) -> tuple[tuple[Evidence, ...], tuple[str, ...], tuple[Quarantined, ...]]:
        found: list[Evidence] = []
        withdrawn: set[str] = set()
        bad: list[Quarantined] = []
        seen, silent = reading.state["seen"], set(some)
        for href, mark, text in server.resources(reading.calendar.path, some):
            silent.discard(href)
            if text is None:
                reading.gone.add(href)
                continue
            calendar = CalendarReader(self.account, self.source, context)
            calendar.read_bytes(text, clean(href.rpartition("/")[2], 200))
            before = seen.get(href, {}).get("given", {})
            seen[href] = {"etag": mark, "given": calendar.given()}
            found += [replace(item, key=reading.prefix + item.key) for item in calendar.found.values()]
            withdrawn |= {reading.prefix + key for key in calendar.cancelled | calendar.taken_back(before)}
            bad += calendar.bad
        if silent:  # told neither what they hold nor that they are gone: the next run asks again
            reading.token = reading.state["token"]
        return tuple(found), tuple(sorted(withdrawn)), tuple(bad)

    def _still_there(self, readings: Sequence[Reading]) -> None:
        """Everything deleted at once is more likely a fault than a decision."""
        held = [path for reading in readings for path in reading.state["seen"]]
        left = [path for reading in readings for path in reading.state["seen"] if path not in reading.gone]
        suddenly_empty(self.account, held, left, 1)


def _known(cursor: SyncCursor | None) -> dict[str, State]:
    """What the cursor says; nothing where it is not one of ours."""
    try:
        said = json.loads(cursor.value) if cursor else {}
    except (ValueError, RecursionError):
        return {}
    kinds = {"token": str, "since": int, "until": int, "seen": dict}
    if not isinstance(said, dict) or not all(isinstance(state, dict) for state in said.values()):
        return {}
    return {
        path: state
        for path, state in said.items()
        if all(isinstance(state.get(name), kind) for name, kind in kinds.items())
    }


def _cursor(known: Mapping[str, State]) -> SyncCursor:
    return SyncCursor(json.dumps(known, sort_keys=True))


def _readings(
    server: CalendarServer,
    chosen: Sequence[Found],
    known: Mapping[str, State],
    gaps: list[Gap],
    context: CollectContext,
) -> Iterator[Reading]:
    """What there is to do. A calendar that is closed to us stops no other."""
    closed = 0
    for calendar in chosen:
        state = _state(known.get(calendar.path), context)
        try:
            yield _reading(server, calendar, state, context)
        except Answered as no:
            if no.status not in CLOSED:
                raise
            closed += 1
    if closed and closed == len(chosen):
        raise SourceUnavailable("none of the calendars can be read", hint="autotime doctor")
    if closed:
        gaps.append(Gap("calendars", f"the server does not open {closed} of them"))


def _state(before: State | None, context: CollectContext) -> State:
    """How far a calendar was read; from the start where it never was, or the window now begins earlier."""
    window = {"since": context.window.start, "until": context.window.end}
    if before is None:
        return {"token": "", "seen": {}, **window}
    if before["since"] > context.window.start:
        unread = {path: {**one, "etag": ""} for path, one in before["seen"].items()}
        return {"token": "", "seen": unread, **window}
    return before


def _reading(server: CalendarServer, calendar: Found, state: State, context: CollectContext) -> Reading:
    seen, reading = state["seen"], Reading(calendar, state, token=calendar.token)
    changed = server.changed(calendar.path, state["token"]) if state["token"] else None
    if changed is not None:
        marks, reading.gone, reading.token = changed.marks, changed.gone & seen.keys(), changed.token
        unsure: list[str] = []
    else:
        marks = server.marks(calendar.path, context.window)
        unsure = [path for path in seen if path not in marks]  # moved out of the window, or deleted
    again = _lately(server, calendar, state, context)
    fresh = {path for path, mark in marks.items() if not mark or seen.get(path, {}).get("etag") != mark}
    reading.fresh = sorted((fresh | again | set(unsure)) - reading.gone)
    return reading


def _lately(server: CalendarServer, calendar: Found, state: State, context: CollectContext) -> set[str]:
    """Once a day, what may have new occurrences: whatever stands in the window's last two weeks."""
    if context.window.end // DAY <= state["until"] // DAY:
        return set()
    start = max(context.window.start, state["until"] - LATELY)
    return set(server.marks(calendar.path, Span(start, context.window.end)))


def _last(readings: Sequence[Reading], known: dict[str, State], gaps: Sequence[Gap], context: CollectContext) -> Batch:
    """When all is read: what was deleted is withdrawn, and the tokens hold."""
    withdrawn: set[str] = set()
    for reading in readings:
        seen = reading.state["seen"]
        for given in (seen.pop(href, {}).get("given", {}) for href in reading.gone):
            withdrawn |= {f"{reading.prefix}{uid}/{which}" for uid, starts in given.items() for which in starts}
        until = max(reading.state["until"], context.window.end)
        known[reading.calendar.path] = reading.state | {"token": reading.token, "until": until}
    of = sum(len(reading.fresh) for reading in readings)
    return Batch((), _cursor(known), tuple(sorted(withdrawn)), gaps=tuple(gaps), done=of, of=of)
