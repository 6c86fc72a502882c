"""The same calendar, from a file and from Google, is the same evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from autotime.collectors.google.calendar import read
from autotime.collectors.ics import IcsCollector
from autotime.domain.doors import CollectContext
from autotime.domain.evidence import Evidence
from autotime.domain.people import Timekeeper
from autotime.domain.spans import Span
from autotime.example import calendars
from autotime.example.days import worked
from autotime.example.firm import STAFF, ZONE
from autotime.testing import Shelf
from tests.collectors.google.room import DAY, NOW, Room, utc
from tests.collectors.sources import ADA, calendar, event

INVITED = (
    'ORGANIZER;CN="Ben Lund":mailto:ben@harrow.example',
    'ATTENDEE;CN="Ada Okafor";PARTSTAT={}:mailto:ada@okafor.example',
    'ATTENDEE;CN="Ben Lund";PARTSTAT=ACCEPTED:mailto:ben@harrow.example',
)
CHICAGO = "DTSTART;TZID=America/Chicago:20260302T100000"

DAYS: dict[str, tuple[str, ...]] = {
    "invited": (event(*(line.format("ACCEPTED") for line in INVITED), "DESCRIPTION:Terms", "LOCATION:Room 4"),),
    "declined": (event(*(line.format("DECLINED") for line in INVITED)),),
    "undecided": (event(*(line.format("NEEDS-ACTION") for line in INVITED)),),
    "perhaps": (event(*(line.format("TENTATIVE") for line in INVITED), "STATUS:TENTATIVE"),),
    "alone": (event("SUMMARY:Draft the brief"),),
    "organized": (
        event(
            'ORGANIZER;CN="Ada Okafor":mailto:ada@okafor.example',
            "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ben@harrow.example",
        ),
    ),
    "private": (event(*(line.format("ACCEPTED") for line in INVITED), "CLASS:PRIVATE"),),
    "confidential": (event("CLASS:CONFIDENTIAL"),),
    "free": (event("TRANSP:TRANSPARENT"),),
    "a day": (event(start="DTSTART;VALUE=DATE:20260309"),),
    "cancelled": (event("STATUS:CANCELLED"),),
    "a series": (event("RRULE:FREQ=WEEKLY;COUNT=3", start=CHICAGO),),
    "a series with gaps": (
        event("RRULE:FREQ=DAILY;COUNT=9", "EXDATE;TZID=America/Chicago:20260304T100000", start=CHICAGO),
    ),
    "a series until": (event("RRULE:FREQ=DAILY;UNTIL=20260306T160000Z", start=CHICAGO),),
    "a series of days": (event("RRULE:FREQ=WEEKLY;COUNT=3", start="DTSTART;VALUE=DATE:20260302"),),
    "a series with exceptions": (
        event("RRULE:FREQ=DAILY;COUNT=8", start=CHICAGO),
        event(
            "RECURRENCE-ID;TZID=America/Chicago:20260303T100000", "SUMMARY:Moved",
            start="DTSTART;TZID=America/Chicago:20260304T170000",
        ),
        event(
            "RECURRENCE-ID;TZID=America/Chicago:20260305T100000", "STATUS:CANCELLED",
            start="DTSTART;TZID=America/Chicago:20260305T100000",
        ),
        event(
            "RECURRENCE-ID;TZID=America/Chicago:20260306T100000", "SUMMARY:Renamed", "CLASS:PRIVATE",
            start="DTSTART;TZID=America/Chicago:20260306T100000",
        ),
    ),
}  # fmt: skip


def bare(item: Evidence) -> Evidence:
    """All but where it came from."""
    return replace(item, account="", source="", key="")


def from_file(folder: Path, ics: str | bytes, who: Timekeeper = ADA, now: int = NOW) -> list[Evidence]:
    path = folder / "calendar.ics"
    path.write_bytes(ics.encode() if isinstance(ics, str) else ics)
    shelf = Shelf().run(IcsCollector("ics", [path]), CollectContext(who, Span(0, now + DAY), now))
    return [bare(item) for item in shelf.items]


@pytest.mark.parametrize("parts", DAYS.values(), ids=DAYS)
def test_a_calendar_says_the_same_from_a_file_and_from_google(
    room: Room, tmp_path: Path, parts: tuple[str, ...]
) -> None:
    ics = calendar(*parts)
    room.ada.calendars.imports(ics)
    expected = from_file(tmp_path, ics)
    assert [bare(item) for item in room.run(read).items] == expected
    assert expected or "CANCELLED" in ics


def test_a_whole_example_calendar_says_the_same(room: Room, tmp_path: Path) -> None:
    """Four weeks of one, with what must not become time, or not twice."""
    staff, last = STAFF[0], date(2026, 3, 31)
    told = worked(staff, [STAFF[1].person], last, seed=7)
    calendars.write(calendars.events(told, 7), told, tmp_path / "example.ics")
    ics = (tmp_path / "example.ics").read_bytes()
    who = Timekeeper(id=staff.id, last="Okafor", first="Marcus", emails=(staff.person.mail,), zone=ZONE)
    now = utc("2026-04-01T02:00Z")
    room.ada = room.workspace.user(staff.person.mail)
    room.ada.calendars.imports(ics)
    found = [bare(item) for item in room.run(read, now=now, who=who).items]
    assert found == from_file(tmp_path, ics, who, now)
    assert len(found) > 40
