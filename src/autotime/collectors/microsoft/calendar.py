"""Meetings, by the calendar's own view of a week back and a day ahead, read again each time.

The view is expanded by the service and holds cancelled and moved occurrences as they stand now. What it held
before and holds no more was taken out of the calendar, and is withdrawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autotime.collectors.meetings import Meeting, evidence_of
from autotime.collectors.microsoft.attendance import Attendance, Plan
from autotime.collectors.microsoft.graph import Graph, Json
from autotime.collectors.microsoft.parts import Me, instant, person, quarantined, text_of, utc
from autotime.collectors.parts import Page, State
from autotime.domain.doors import CollectContext
from autotime.domain.errors import SuddenlyEmpty
from autotime.domain.evidence import Evidence, Gap, Participant, Quarantined, Role
from autotime.domain.people import Timekeeper
from autotime.domain.spans import Span, Spans
from autotime.intake import address, clean
from autotime.web import Answered

BACK, AHEAD = 7 * 86_400, 86_400
PREFER = 'outlook.timezone="UTC"'
TEXT = f'{PREFER}, outlook.body-content-type="text"'
GLOBAL_ID = re.compile(r"(040000008200E00074C5B7101A82E008)[0-9A-F]{8}([0-9A-F]*)", re.IGNORECASE)
"""Outlook's own UIDs hold the date of the occurrence, or zeros for the series (MS-OXOCAL, PidLidGlobalObjectId)."""

ANSWERS = {
    "organizer": "organizer",
    "accepted": "accepted",
    "tentativelyaccepted": "tentative",
    "declined": "declined",
}
SHOWN = {"free": "free", "tentative": "tentative", "oof": "oof"}
PRIVATE = ("private", "confidential", "personal")
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


@dataclass(frozen=True, slots=True)
class Held:
    """A meeting, its link if it is an online meeting of the timekeeper's own, and whether it was called off."""

    meeting: Meeting
    link: str = ""
    cancelled: bool = False

    @property
    def plan(self) -> Plan:
        return self.link, Span(self.meeting.start, self.meeting.end)


class _Reading:
    """``known`` are the keys given before, with their starts; ``found`` those of this run."""

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
        self.prefer = TEXT if mode == "text" else PREFER
        self.known: dict[str, int] = dict(state.get("known", {}))
        self.found: dict[str, int] = {}
        self.attendance = Attendance(graph, state.get("attendance", {}), me, context.now) if attendance else None
        first = context.window.start if not state else max(context.window.start, context.now - BACK)
        self.window = Span(first, max(first + 1, min(context.window.end, context.now + AHEAD)))

    def pages(self) -> Iterator[Page]:
        for path in self._calendars():
            asked: dict[str, str | int] = {
                "startDateTime": utc(self.window.start),
                "endDateTime": utc(self.window.end),
                "$top": self.page,
            }
            for page in self.graph.pages(f"{path}/calendarView", asked, self.prefer):
                yield self._page(page["value"])
        gone = {key for key, start in self.known.items() if self.window.contains(start)} - self.found.keys()
        if gone and not self.found:
            raise SuddenlyEmpty(
                f"the calendar of «{self.me.account}» held meetings and is empty now",
                kept="everything collected from it",
                hint="look at the calendar; if it is right, wait a week, or remove the source and add it again",
            )
        if gone:
            self.known = {key: start for key, start in self.known.items() if key not in gone}
            yield Page(state=self._state(), withdrawn=tuple(sorted(gone)))

    def _calendars(self) -> list[str]:
        """The timekeeper's own; those that others share with them show other people's time."""
        try:
            pages = list(self.graph.pages(list_of(self.me.home)))
        except Answered as refused:
            if refused.status not in (403, 404):
                raise
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
                one = held_from(row, self.context.timekeeper)
            except UNREADABLE as broken:
                bad.append(quarantined("event", row, f"an event that cannot be read ({type(broken).__name__})"))
                continue
            if one.meeting.end > one.meeting.start:
                held.append(one)
            elif not one.cancelled:
                bad.append(quarantined("event", row, "it ends before it starts"))
        return held, bad

    def _stays(self, held: Sequence[Held]) -> Mapping[Plan, Spans]:
        return self.attendance.of([one.plan for one in held if one.link]) if self.attendance else {}

    def _gaps(self) -> tuple[Gap, ...]:
        return tuple(self.attendance.gaps) if self.attendance else ()

    def _evidence(self, held: Held, stays: Spans) -> Evidence:
        attended = tuple(stays) if held.link else ()
        return evidence_of(
            replace(held.meeting, attended=attended), self.me.account, "microsoft", self._key(held.meeting)
        )

    def _key(self, meeting: Meeting) -> str:
        return clean(f"event/{meeting.uid}/{meeting.occurrence}", 300)

    def _state(self) -> State:
        lately = {key: start for key, start in self.known.items() if start >= self.context.now - 2 * BACK}
        return {"known": lately, "attendance": self.attendance.state if self.attendance else {}}


def list_of(home: str) -> str:
    """Where the calendars are listed."""
    return f"{home}/calendars?$select=id,owner,isDefaultCalendar"


def held_from(row: Json, timekeeper: Timekeeper) -> Held:
    """One row of the view; raises what reading a row of another shape raises."""
    all_day = _true(row.get("isAllDay"))
    start, assumed = _instant(row["start"], timekeeper, all_day)
    end, _ = _instant(row["end"], timekeeper, all_day)
    recurs = str(row.get("type") or "").lower() in ("occurrence", "exception")
    attendees = [one for one in row.get("attendees") or () if isinstance(one, dict)]
    online = _true(row.get("isOnlineMeeting")) and _true(row.get("isOrganizer"))
    meeting = Meeting(
        uid=_uid(str(row.get("iCalUId") or row["id"])),
        occurrence=str(_planned(row, start)) if recurs else "",
        start=start,
        end=end,
        response=_response(row, bool(attendees)),
        busy=SHOWN.get(str(row.get("showAs") or "").lower(), "busy"),
        all_day=all_day,
        private=str(row.get("sensitivity") or "").lower() in PRIVATE,
        zone_assumed=assumed,
        subject=str(row.get("subject") or ""),
        body=text_of(row.get("body")),
        place=str((row.get("location") or {}).get("displayName") or ""),
        people=_people(row, attendees),
    )
    link = str((row.get("onlineMeeting") or {}).get("joinUrl") or "") if online else ""
    return Held(meeting, link, _true(row.get("isCancelled")))


def _uid(uid: str) -> str:
    return clean(GLOBAL_ID.sub(r"\g<1>00000000\2", uid), 250)


def _true(value: Any) -> bool:
    return str(value).lower() == "true"


def _planned(row: Json, start: int) -> int:
    return instant(row["originalStart"]) if row.get("originalStart") else start


def _response(row: Json, attended: bool) -> str:
    """The mailbox owner's own. What stands in the own calendar with nobody else is accepted."""
    answer = str((row.get("responseStatus") or {}).get("response") or "").lower()
    if _true(row.get("isOrganizer")) or answer == "organizer":
        return "organizer" if attended else "accepted"
    return ANSWERS.get(answer, "none")


def _people(row: Json, attendees: Sequence[Json]) -> tuple[Participant, ...]:
    organizer = row.get("organizer") if attendees or not _true(row.get("isOrganizer")) else None
    people = [person(Role.ORGANIZER, organizer), *(person(Role.ATTENDEE, one) for one in attendees)]
    return tuple(who for who in people if who is not None)


def _instant(said: Json, timekeeper: Timekeeper, all_day: bool) -> tuple[int, bool]:
    """UTC seconds, and whether the timekeeper's zone stood in for one nobody knows. An all-day event begins
    at the timekeeper's midnight."""
    when = datetime.fromisoformat(str(said["dateTime"]))
    if when.year < 1970:
        raise ValueError("a time that stands for none")
    own = ZoneInfo(timekeeper.zone_on(when.date()))
    if all_day:
        return int(datetime.combine(when.date(), time(), own).timestamp()), False
    if when.tzinfo is not None:
        return int(when.timestamp()), False
    zone = _zone(str(said.get("timeZone") or ""))
    return int(when.replace(tzinfo=zone or own).timestamp()), zone is None


def _zone(name: str) -> ZoneInfo | Any | None:
    """By IANA's or Windows' name; nothing for a zone of somebody's own (``tzone://Microsoft/Custom``)."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # noqa: PLC0415 - only calendars need it

    if name.upper() in ("UTC", "TZONE://MICROSOFT/UTC"):
        return UTC
    try:
        return ZoneInfo(WINDOWS_TO_OLSON.get(name, name)) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
