"""One event of Google's calendar as a meeting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from autotime.collectors.meetings import PEOPLE_CAP, Meeting
from autotime.domain.evidence import Participant, Role
from autotime.domain.people import Timekeeper
from autotime.domain.spans import Span, Spans
from autotime.intake import address, clean, untrusted

FIELDS = (
    "id,status,iCalUID,recurringEventId,originalStartTime,start,end,summary,location,transparency,"
    "visibility,eventType,hangoutLink,conferenceData(conferenceId),organizer(email,displayName,self),"
    "attendees(email,displayName,self,responseStatus),attendeesOmitted"
)
WORK = ("default", "focusTime")
"""Event types that may be work; out of office, working places, birthdays and bookings read from mail are not."""

ANSWERS = {"accepted": "accepted", "declined": "declined", "tentative": "tentative", "needsAction": "none"}

Event = Mapping[str, Any]
Attended = Callable[[str, Span], Spans]
"""When the timekeeper was in the online meeting of a code, around the time it was planned for."""


def fields_of(mode: str) -> str:
    """What is asked of an event: in metadata mode not its description, which is text."""
    return f"{FIELDS},description" if mode == "text" else FIELDS


def nobody_knows(_code: str, _planned: Span) -> Spans:
    """Attendance where nothing records it."""
    return ()


def is_work(event: Event) -> bool:
    return event.get("eventType", "default") in WORK


def meeting_of(event: Event, who: Timekeeper) -> Meeting | None:
    """What the event says, or ``None`` where it takes no time. ``KeyError`` or ``ValueError``: it is broken."""
    start, end = instant(event["start"], who), instant(event["end"], who)
    if end <= start:
        return None
    alone = _is_alone(event)
    return Meeting(
        uid=clean(str(event.get("iCalUID") or event["id"]), 250),
        occurrence=_occurrence(event, who),
        start=start,
        end=end,
        response=_response(event, who),
        busy=_busy(event),
        all_day="date" in event["start"],
        private=event.get("visibility") in ("private", "confidential"),
        subject=str(event.get("summary", "")),
        body=str(event.get("description", "")),
        place=str(event.get("location", "")),
        people=() if alone else _people(event),
    )


def instant(when: Mapping[str, str], who: Timekeeper) -> int:
    """UTC seconds; a day begins in the timekeeper's zone."""
    if "dateTime" in when:
        moment = datetime.fromisoformat(when["dateTime"])
        if moment.utcoffset() is None:
            moment = moment.replace(tzinfo=ZoneInfo(when.get("timeZone", "") or who.zone_on(moment.date())))
        return int(moment.timestamp())
    day = date.fromisoformat(when["date"])
    return int(datetime.combine(day, time(), ZoneInfo(who.zone_on(day))).timestamp())


def code_of(event: Event) -> str:
    """The code of the online meeting (``abc-mnop-xyz``), or nothing."""
    conference = event.get("conferenceData") or {}
    link = str(event.get("hangoutLink", "")).partition("?")[0]
    return link.rpartition("/")[2] or str(conference.get("conferenceId", ""))


def _occurrence(event: Event, who: Timekeeper) -> str:
    if "recurringEventId" not in event:
        return ""
    return str(instant(event.get("originalStartTime") or event["start"], who))


def _busy(event: Event) -> str:
    if event.get("transparency") == "transparent":
        return "free"
    return "tentative" if event.get("status") == "tentative" else "busy"


def _is_alone(event: Event) -> bool:
    """An event without guests. Google names an organizer for it, a calendar file does not: it says nothing."""
    mine = bool((event.get("organizer") or {}).get("self")) or not event.get("organizer")
    return mine and not event.get("attendees") and not event.get("attendeesOmitted")


def _response(event: Event, who: Timekeeper) -> str:
    """The timekeeper's own answer; an organizer who declines is not there."""
    if _is_alone(event):
        return "accepted"
    answers = [
        ANSWERS.get(str(one.get("responseStatus")), "none") for one in event.get("attendees", ()) if _is_own(one, who)
    ]
    if _is_own(event.get("organizer") or {}, who) and "declined" not in answers:
        return "organizer"
    return answers[0] if answers else "none"


def _is_own(person: Mapping[str, Any], who: Timekeeper) -> bool:
    return bool(person.get("self")) or address(str(person.get("email", ""))) in who.emails


def _people(event: Event) -> tuple[Participant, ...]:
    organizers = [_person(Role.ORGANIZER, event["organizer"])] if event.get("organizer") else []
    attendees = [_person(Role.ATTENDEE, one) for one in event.get("attendees", ())[:PEOPLE_CAP]]
    return (*organizers, *attendees)


def _person(role: Role, said: Mapping[str, Any]) -> Participant:
    return Participant(role, address(str(said.get("email", ""))), untrusted(str(said.get("displayName", "")), 200))
