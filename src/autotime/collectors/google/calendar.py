"""The timekeeper's calendars.

Each run reads a window again, from a week before the last run to the end of the window: that finds new
occurrences of old series, needs no token, and costs one request where little stands in it::

       the last run -7 days                    now  +1 day
    ───────[==========================================)────►   read again, whatever a token says
    ══token══════════════════════════════════════════════════  what changed anywhere since the last run

A sync token and bounds exclude each other, so the token is a second, cheap question beside the window: it
tells of a meeting that was moved or cancelled longer ago or farther ahead than the window reaches. Where
Google gives no token for a bounded first reading, the window alone does. A token that expired (410) costs
nothing but one wider reading, and what is absent in it no longer stands: a full list need not name what
was cancelled. Events are known by their id, since a cancelled one may come with nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from autotime.collectors.google.events import (
    WORK,
    Attended,
    Event,
    code_of,
    fields_of,
    is_work,
    meeting_of,
    nobody_knows,
)
from autotime.collectors.google.refusals import Missing, entries
from autotime.collectors.google.service import Google
from autotime.collectors.google.sessions import BROKEN
from autotime.collectors.meetings import Meeting, evidence_of
from autotime.collectors.parts import Page, State
from autotime.domain.doors import CollectContext
from autotime.domain.errors import SuddenlyEmpty
from autotime.domain.evidence import Evidence, Gap, Quarantined
from autotime.domain.spans import Span, Spans
from autotime.intake import clean
from autotime.web import Answered

DAY = 86_400
AGAIN = 7 * DAY
"""How long before the last run every run reads again."""

LATELY = 35 * DAY
"""How long what was given is remembered, and how far back a run reads after a token expired."""

SETTLED = 6 * 3600
"""How long after a meeting its attendance may still be growing."""

DOUBTED = 3
"""So many meetings gone at once, and nothing in their place, is an outage rather than a tidy calendar: where a
week is empty, all that is remembered is looked for."""

PRIMARY = "primary"
OWN_CALENDAR = ".calendar.google.com"
"""How the id of a calendar ends that is no person's own."""

PAGE = 2500
SOURCE = "google"


def read(google: Google, state: State, context: CollectContext, attended: Attended = nobody_knows) -> Iterator[Page]:
    """Every calendar of the timekeeper's own; ``attended`` knows when they really were in a meeting."""
    known: dict[str, Any] = dict(state.get("calendars", {}))
    names, gaps = _calendars(google, context)
    for name in names:
        mark = name if name == PRIMARY else _digest(name)
        calendar = _Calendar(google, name, known.get(mark, {}), context, attended)
        for page in calendar.pages():
            known = {**known, mark: page.state}
            yield Page(
                state={"calendars": known},
                evidence=page.evidence,
                withdrawn=page.withdrawn,
                quarantined=page.quarantined,
                gaps=gaps,
            )


def _calendars(google: Google, context: CollectContext) -> tuple[list[str], tuple[Gap, ...]]:
    """The primary calendar and those the timekeeper made; a colleague's is not theirs, whatever the rights."""
    calls = google.service("calendar").calendarList()
    names = [PRIMARY]
    try:
        for page in google.pages(calls.list(maxResults=250), calls.list_next):
            names += [str(one.get("id")) for one in entries(page.get("items")) if _is_own(one, context)]
    except Missing as missing:
        return names, (Gap("other calendars", str(missing), missing.hint),)
    return list(dict.fromkeys(names)), ()


def _is_own(calendar: Event, context: CollectContext) -> bool:
    if calendar.get("primary") or calendar.get("deleted") or not calendar.get("selected"):
        return False
    owner = str(calendar.get("dataOwner", "")).lower()
    mine = owner in context.timekeeper.emails if owner else str(calendar.get("id", "")).endswith(OWN_CALENDAR)
    return mine and calendar.get("accessRole") == "owner"


class _Calendar:
    """One calendar being read. ``given`` is by event id its start, its end, and when it was attended."""

    def __init__(self, google: Google, name: str, state: State, context: CollectContext, attended: Attended) -> None:
        self.google, self.name, self.context, self.attended = google, name, context, attended
        self.prefix = "event" if name == PRIMARY else f"event/{_digest(name)}"
        self.token = str(state.get("token", ""))
        self.until = int(state.get("until", 0))
        self.given: dict[str, list[Any]] = dict(state.get("given", {}))
        self.expired = False

    def pages(self) -> Iterator[Page]:
        if self.token:
            yield from self._changes()
        yield from self._window()

    def _changes(self) -> Iterator[Page]:
        """What changed since the token, wherever it stands; the token stays until its last page is stored."""
        fresh = ""
        try:
            for answer in self._list(syncToken=self.token):
                fresh = str(answer.get("nextSyncToken", "")) or fresh
                yield self._page(answer)
        except Answered as refused:
            if refused.status not in (400, 410):
                raise
            self.expired = True
        self.token = fresh

    def _window(self) -> Iterator[Page]:
        window, seen = self._again(LATELY if self.expired else AGAIN), set[str]()
        yield from self._read(window, seen)
        if not seen and len(self.given) >= DOUBTED:
            window = self._again(LATELY)
            yield from self._read(window, seen)
        gone = self._absent(window, seen)
        if not seen and len(gone) >= DOUBTED:
            raise SuddenlyEmpty(
                f"the calendar of «{self.google.account}» held meetings at the last run and is empty now",
                kept="all that was collected before",
                hint="look into the calendar; if it is empty for good, connect it under another name",
            )
        self.until = self.context.now
        for name in gone:
            del self.given[name]
        yield Page(state=self._state(), withdrawn=tuple(self._key(name) for name in gone))

    def _read(self, window: Span, seen: set[str]) -> Iterator[Page]:
        """Everything in the window, whose ids are added to ``seen``; keeps a token where there is none."""
        token = ""
        for answer in self._list(timeMin=_utc(window.start), timeMax=_utc(window.end)):
            seen |= {_id(item) for item in entries(answer.get("items"))}
            token = str(answer.get("nextSyncToken", ""))
            yield self._page(answer)
        self.token = self.token or token

    def _again(self, back: int) -> Span:
        """What is read again, so many seconds from before the last run; the first time, all that is wanted."""
        whole = self.context.window
        start = max(whole.start, min(self.until, self.context.now) - back) if self.until else whole.start
        return Span(start, max(start + 1, whole.end))

    def _absent(self, window: Span, seen: set[str]) -> list[str]:
        """What was given, would lie in the window, and is in it no more."""
        return [
            name
            for name, (start, end, _) in self.given.items()
            if name not in seen and start < window.end and end > window.start
        ]

    def _list(self, **bounds: str) -> Iterator[dict[str, Any]]:
        """Page by page. With a token, everything else must be as it was when the token was given."""
        return self.google.pages(self._call(**bounds), lambda _call, answer: self._following(bounds, answer))

    def _following(self, bounds: dict[str, str], answer: dict[str, Any]) -> Any:
        """The next page. The client's own ``list_next`` refuses a parameter that is given twice (event types)."""
        token = answer.get("nextPageToken")
        return self._call(**bounds, pageToken=token) if token else None

    def _call(self, **more: str) -> Any:
        return (
            self.google.service("calendar")
            .events()
            .list(
                calendarId=self.name,
                singleEvents=True,
                showDeleted=True,
                maxResults=PAGE,
                timeZone="UTC",
                eventTypes=list(WORK),
                fields=f"nextPageToken,nextSyncToken,items({fields_of(self.google.mode)})",
                **more,
            )
        )

    def _page(self, answer: dict[str, Any]) -> Page:
        found: dict[str, Evidence] = {}
        withdrawn: dict[str, None] = {}
        bad: list[Quarantined] = []
        for event in entries(answer.get("items")):
            item, key = self._one(event), self._key(_id(event))
            if isinstance(item, Quarantined):
                bad.append(item)
                continue
            found.pop(key, None)
            withdrawn.pop(key, None)
            if item is not None:
                found[key] = item
            elif event.get("status") == "cancelled" or self.given.pop(_id(event), None):
                self.given.pop(_id(event), None)
                withdrawn[key] = None
        return Page(
            state=self._state(),
            evidence=tuple(found.values()),
            withdrawn=tuple(withdrawn),
            quarantined=tuple(bad),
        )

    def _one(self, event: Event) -> Evidence | Quarantined | None:
        """The event as evidence; ``None`` for one that does not stand, or not in the window."""
        try:
            if not _id(event):
                raise ValueError("no id")
            if event.get("status") == "cancelled" or not is_work(event):
                return None
            meeting = meeting_of(event, self.context.timekeeper)
            if meeting is None or not self.context.window.contains(meeting.start):
                return None
            return self._given(event, meeting)
        except BROKEN as broken:
            key = clean(self._key(_id(event)), 200)
            reason = f"an event that cannot be read ({type(broken).__name__})"
            return Quarantined(key, reason, hashlib.sha256(repr(event).encode("utf-8", "replace")).hexdigest())

    def _given(self, event: Event, planned: Meeting) -> Evidence:
        name = _id(event)
        stays = () if planned.private else self._stays(name, code_of(event), Span(planned.start, planned.end))
        meeting = replace(planned, attended=stays)
        self.given[name] = [meeting.start, meeting.end, [[stay.start, stay.end] for stay in stays]]
        return evidence_of(meeting, self.google.account, SOURCE, self._key(name))

    def _stays(self, name: str, code: str, planned: Span) -> Spans:
        """As recorded now, or else as recorded before: Google forgets after 30 days. What an earlier run saw
        of a meeting that was over by then is all there is."""
        before = tuple(Span(*stay) for stay in self.given.get(name, [0, 0, []])[2])
        over = before and planned.end + SETTLED <= self.until
        return before if over or not code else self.attended(code, planned) or before

    def _key(self, name: str) -> str:
        return f"{self.prefix}/{name}"

    def _state(self) -> State:
        lately = self.context.now - LATELY
        given = {name: list(told) for name, told in self.given.items() if told[0] >= lately}
        return {"token": self.token, "until": self.until, "given": given}


def _id(event: Event) -> str:
    return str(event.get("id", ""))


def _digest(name: str) -> str:
    return hashlib.blake2b(name.encode(), digest_size=4).hexdigest()


def _utc(instant: int) -> str:
    return f"{datetime.fromtimestamp(instant, UTC):%Y-%m-%dT%H:%M:%SZ}"
