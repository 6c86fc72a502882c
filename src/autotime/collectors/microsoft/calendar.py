"""Meetings, by the calendar's own view from a week before the last run to a day ahead, read again each time.

The view is expanded by the service and holds cancelled and moved occurrences as they stand now. What it held
before and holds no more was taken out of the calendar, and is withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from autotime.collectors.meetings import Meeting, evidence_of
from autotime.collectors.microsoft.attendance import Attendance, Plan
from autotime.collectors.microsoft.events import Held, held_from, uid_of
from autotime.collectors.microsoft.graph import Graph, Json
from autotime.collectors.microsoft.parts import Me, quarantined, utc
from autotime.collectors.parts import Page, State
from autotime.domain.doors import CollectContext
from autotime.domain.errors import SuddenlyEmpty
from autotime.domain.evidence import Evidence, Gap, Quarantined
from autotime.domain.spans import Span, Spans
from autotime.intake import address, clean
from autotime.web import Answered

BACK, AHEAD, YEAR = 7 * 86_400, 86_400, 365 * 86_400
PREFER = 'outlook.timezone="UTC"'
TEXT = f'{PREFER}, outlook.body-content-type="text"'
ONLY_USUAL = "the calendars cannot be listed: the usual one was read, and nothing is taken back"
UNREADABLE = (KeyError, TypeError, ValueError, OverflowError, AttributeError)


def read(
    graph: Graph,
    state: State,
    context: CollectContext,
    me: Me,
    mode: str = "text",
    page: int = 200,
    attendance: bool = False,
) -> Iterator[Page]:
    """The meetings of the timekeeper's own calendars."""
    yield from _Reading(graph, state, context, me, mode, page, attendance).pages()


class _Reading:
    """``known`` are the keys given before, with their starts; ``found`` those of this run. All that starts
    before ``until`` was read once; ``broken`` are how the keys begin that this run met and could not read."""

    def __init__(
        self,
        graph: Graph,
        state: State,
        context: CollectContext,
        me: Me,
        mode: str,
        page: int,
        attendance: bool,
    ) -> None:
        self.graph, self.context, self.me, self.page = graph, context, me, page
        self.text = mode == "text"
        self.prefer = TEXT if self.text else PREFER
        self.known: dict[str, int] = dict(state.get("known", {}))
        self.found: dict[str, int] = {}
        self.broken: set[str] = set()
        self.listed = self.recognised = True
        self.told = 0
        self.attendance = Attendance(graph, state.get("attendance", {}), me, context.now) if attendance else None
        usual = context.now if state else context.window.start + BACK
        self.until = min(int(state.get("until", usual)), context.now)
        first = max(context.window.start, self.until - BACK)
        self.window = Span(first, max(first + 1, min(context.window.end, context.now + AHEAD)))

    def pages(self) -> Iterator[Page]:
        calendars = self._calendars()
        for path in calendars:
            for page in self._view(path, self.window, self.page):
                yield self._page(page["value"])
        gone = self._gone()
        if gone and not self.found:
            self._refuse_emptiness(calendars)
        self.known = {key: start for key, start in self.known.items() if key not in gone}
        self.until = max(self.until, min(self.window.end, self.context.now))
        gaps = () if self.listed else (Gap("other calendars", ONLY_USUAL, "the administrator grants Calendars.Read"),)
        yield Page(state=self._state(), withdrawn=tuple(sorted(gone)), gaps=gaps)

    def _gone(self) -> set[str]:
        """What was known and did not come; what came and could not be read is there all the same."""
        if not (self.listed and self.recognised):
            return set()
        missing = {key for key, start in self.known.items() if self.window.contains(start)} - self.found.keys()
        return {key for key in missing if not key.startswith(tuple(self.broken))}

    def _view(self, path: str, window: Span, page: int) -> Iterator[Json]:
        asked: dict[str, str | int] = {
            "startDateTime": utc(window.start),
            "endDateTime": utc(window.end),
            "$top": page,
        }
        return self.graph.pages(f"{path}/calendarView", asked, self.prefer)

    def _refuse_emptiness(self, calendars: Sequence[str]) -> None:
        """A week whose one meeting was taken out is empty; a calendar that had some and has none for a year
        is more likely broken."""
        year = Span(self.context.now - YEAR, self.context.now + YEAR)
        if not any(page["value"] for path in calendars for page in self._view(path, year, 1)):
            raise SuddenlyEmpty(
                f"the calendar of «{self.me.account}» held meetings and is empty now",
                kept="everything collected from it",
                hint="look at the calendar; if it is right, wait a week, or remove the source and add it again",
            )

    def _calendars(self) -> list[str]:
        """The timekeeper's own; those that others share with them show other people's time."""
        try:
            pages = list(self.graph.pages(list_of(self.me.home)))
        except Answered as refused:
            if refused.status not in (403, 404):
                raise
            self.listed = False
            return [self.me.home]
        rows = [row for page in pages for row in page["value"] if isinstance(row, dict) and self._is_own(row)]
        return [f"{self.me.home}/calendars/{quote(str(row['id']), safe='')}" for row in rows] or [self.me.home]

    def _is_own(self, row: Json) -> bool:
        owner = address(str((row.get("owner") or {}).get("address") or ""))
        return bool(row.get("isDefaultCalendar")) or not owner or owner in self.me.addresses

    def _page(self, rows: Sequence[Any]) -> Page:
        held, bad = self._read(rows)
        gone = [self._key(one.meeting) for one in held if one.cancelled]
        given = [one for one in held if not one.cancelled and self.context.window.contains(one.meeting.start)]
        stays = self._stays(given)
        found = [self._evidence(one, stays.get(one.plan, ())) for one in given]
        self.found |= {self._key(one.meeting): one.meeting.start for one in held if not one.cancelled}
        self.known |= {self._key(one.meeting): one.meeting.start for one in given}
        self.known = {key: start for key, start in self.known.items() if key not in gone}
        return Page(
            state=self._state(),
            evidence=tuple(found),
            withdrawn=tuple(gone),
            quarantined=tuple(bad),
            gaps=self._gaps(),
        )

    def _read(self, rows: Sequence[Any]) -> tuple[list[Held], list[Quarantined]]:
        held: list[Held] = []
        bad: list[Quarantined] = []
        for row in rows:
            try:
                one = held_from(row, self.context.timekeeper, self.text)
            except UNREADABLE as broken:
                bad.append(quarantined("event", row, f"an event that cannot be read ({type(broken).__name__})"))
                self._met(uid_of(row))
                continue
            if one.meeting.end > one.meeting.start:
                held.append(one)
            elif not one.cancelled:
                bad.append(quarantined("event", row, "it ends before it starts"))
                self._met(one.meeting.uid)
        return held, bad

    def _met(self, uid: str) -> None:
        """There was a row of this event; which event one without a UID is, nobody can say."""
        self.recognised = self.recognised and bool(uid)
        self.broken.add(clean(f"event/{uid}/", 300))

    def _stays(self, held: Sequence[Held]) -> Mapping[Plan, Spans]:
        return self.attendance.of([one.plan for one in held if one.link]) if self.attendance else {}

    def _gaps(self) -> tuple[Gap, ...]:
        """Those that no page told yet."""
        known = self.attendance.gaps if self.attendance else []
        fresh, self.told = tuple(known[self.told :]), len(known)
        return fresh

    def _evidence(self, held: Held, stays: Spans) -> Evidence:
        attended = tuple(stays) if held.link else ()
        return evidence_of(
            replace(held.meeting, attended=attended), self.me.account, "microsoft", self._key(held.meeting)
        )

    def _key(self, meeting: Meeting) -> str:
        return clean(f"event/{meeting.uid}/{meeting.occurrence}", 300)

    def _state(self) -> State:
        lately = {key: start for key, start in self.known.items() if start >= self.until - 2 * BACK}
        attendance = self.attendance.state if self.attendance else {}
        return {"known": lately, "until": self.until, "attendance": attendance}


def list_of(home: str) -> str:
    """Where the calendars are listed."""
    return f"{home}/calendars?$select=id,owner,isDefaultCalendar"
