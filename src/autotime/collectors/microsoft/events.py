"""One row of a calendar's view as a meeting: times, zones, answers, and what is private.

An occurrence has the identity a calendar file gives it: the UID of its series, and when it was first planned for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autotime.collectors.meetings import Meeting
from autotime.collectors.microsoft.attendance import Plan
from autotime.collectors.microsoft.graph import Json
from autotime.collectors.microsoft.parts import instant, person, text_of
from autotime.domain.evidence import Participant, Role
from autotime.domain.people import Timekeeper
from autotime.domain.spans import Span
from autotime.intake import clean

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


@dataclass(frozen=True, slots=True)
class Held:
    """A meeting, its link if it is an online meeting of the timekeeper's own, and whether it was called off."""

    meeting: Meeting
    link: str = ""
    cancelled: bool = False

    @property
    def plan(self) -> Plan:
        return self.link, Span(self.meeting.start, self.meeting.end)


def held_from(row: Json, timekeeper: Timekeeper, text: bool = True) -> Held:
    """One row of the view, with or without its text; raises what reading a row of another shape raises."""
    all_day = _true(row.get("isAllDay"))
    start, assumed = _instant(row["start"], timekeeper, all_day)
    end, _ = _instant(row["end"], timekeeper, all_day)
    recurs = str(row.get("type") or "").lower() in ("occurrence", "exception")
    attendees = [one for one in row.get("attendees") or () if isinstance(one, dict)]
    online = _true(row.get("isOnlineMeeting")) and _true(row.get("isOrganizer"))
    meeting = Meeting(
        uid=uid_of(row) or _uid(str(row["id"])),
        occurrence=str(_planned(row, start, timekeeper, all_day)) if recurs else "",
        start=start,
        end=end,
        response=_response(row, bool(attendees)),
        busy=SHOWN.get(str(row.get("showAs") or "").lower(), "busy"),
        all_day=all_day,
        private=str(row.get("sensitivity") or "").lower() in PRIVATE,
        zone_assumed=assumed,
        subject=str(row.get("subject") or ""),
        body=text_of(row.get("body")) if text else "",
        place=str((row.get("location") or {}).get("displayName") or ""),
        people=_people(row, attendees),
    )
    link = str((row.get("onlineMeeting") or {}).get("joinUrl") or "") if online else ""
    return Held(meeting, link, _true(row.get("isCancelled")))


def uid_of(row: Any) -> str:
    """What the event goes by, also where the rest of the row cannot be read; nothing where it does not tell."""
    said = row.get("iCalUId") if isinstance(row, dict) else None
    return _uid(said) if isinstance(said, str) and said else ""


def _uid(uid: str) -> str:
    return clean(GLOBAL_ID.sub(r"\g<1>00000000\2", uid), 250)


def _true(value: Any) -> bool:
    return str(value).lower() == "true"


def _planned(row: Json, start: int, timekeeper: Timekeeper, all_day: bool) -> int:
    """An all-day occurrence is planned for a date; one that was not moved, for its own."""
    moved = str(row.get("type") or "").lower() == "exception"
    if not row.get("originalStart") or (all_day and not moved):
        return start
    planned = datetime.fromtimestamp(instant(row["originalStart"]), UTC)
    return _midnight(planned, timekeeper) if all_day else int(planned.timestamp())


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
    """UTC seconds, and whether the timekeeper's zone stood in for one nobody knows."""
    when = datetime.fromisoformat(str(said["dateTime"]))
    if when.year < 1970:
        raise ValueError("a time that stands for none")
    if all_day:
        return _midnight(when, timekeeper), False
    if when.tzinfo is not None:
        return int(when.timestamp()), False
    zone = _zone(str(said.get("timeZone") or ""))
    own = ZoneInfo(timekeeper.zone_on(when.date()))
    return int(when.replace(tzinfo=zone or own).timestamp()), zone is None


def _midnight(when: datetime, timekeeper: Timekeeper) -> int:
    """The timekeeper's midnight that an all-day time stands for: that of its date, or, where it was turned
    into UTC from some zone's midnight, the nearest one."""
    own = ZoneInfo(timekeeper.zone_on(when.date()))
    day = when.date()
    if when.time() != time():
        day = (when.replace(tzinfo=when.tzinfo or UTC).astimezone(own) + timedelta(hours=12)).date()
    return int(datetime.combine(day, time(), own).timestamp())


def _zone(name: str) -> ZoneInfo | Any | None:
    """By IANA's or Windows' name; nothing for a zone of somebody's own (``tzone://Microsoft/Custom``)."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON  # noqa: PLC0415 - only calendars need it

    if name.upper() in ("UTC", "TZONE://MICROSOFT/UTC"):
        return UTC
    try:
        return ZoneInfo(WINDOWS_TO_OLSON.get(name, name)) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
