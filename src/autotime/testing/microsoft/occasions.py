"""What the stand-in for Microsoft 365 holds of meetings, and how a test fills a calendar."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from autotime.testing.microsoft.letters import Person

GOID = "040000008200E00074C5B7101A82E008"
"""How the hexadecimal UIDs of Exchange's own events begin; then comes the date of the occurrence."""

DAY = 86_400
ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentativelyAccepted"}
SHOWN = {"FREE": "free", "TENTATIVE": "tentative", "OOF": "oof", "WORKINGELSEWHERE": "workingElsewhere"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One event, or one occurrence of a series: then ``planned`` is when it was first planned for."""

    uid: str
    start: int
    end: int
    subject: str = "Call with the client"
    text: str = ""
    planned: int | None = None
    moved: bool = False
    organizer: Person | None = None
    attendees: tuple[tuple[Person, str], ...] = ()
    """Each with the answer given, as Graph says it."""

    shown: str = "busy"
    sensitivity: str = "normal"
    place: str = ""
    zone: str = "UTC"
    join_url: str = ""
    all_day: bool = False
    cancelled: bool = False
    calendar: str = "Calendar"


class Calendars:
    """What a mailbox holds of meetings, and how a test fills it."""

    address: str
    name: str

    def __init__(self) -> None:
        self.occasions: list[Occasion] = []
        self.calendar_names = ["Calendar"]
        self.zone = "America/Chicago"
        self._files: list[tuple[Any, str]] = []

    def meets(self, start: int, end: int, subject: str = "Call with the client", **said: Any) -> Occasion:
        """A meeting, from plain arguments: those of ``Occasion``. Without ``organizer`` it is the owner's own."""
        digest = hashlib.blake2b(f"{start}{subject}".encode(), digest_size=12).hexdigest().upper()
        uid = said.pop("uid", f"{GOID}00000000{digest}")
        attendees = tuple(said.pop("attendees", ()))
        made = Occasion(uid=uid, start=start, end=end, subject=subject, attendees=attendees, **said)
        self.occasions.append(made)
        return made

    def plans(self, calendar: bytes, name: str = "Calendar") -> None:
        """The events of an iCalendar file; series are expanded when a window is asked for."""
        from icalendar import Calendar  # noqa: PLC0415 - only tests with a calendar file need it

        self._known(name)
        self._files += [(one, name) for one in Calendar.from_ical(calendar, multiple=True)]

    def changes_meeting(self, occasion: Occasion, **said: Any) -> Occasion:
        """Cancelled, moved, answered: the same event says something else."""
        changed = replace(occasion, **said)
        self.occasions[self.occasions.index(occasion)] = changed
        return changed

    def has_calendar(self, name: str) -> str:
        self._known(name)
        return name

    def _known(self, name: str) -> None:
        if name not in self.calendar_names:
            self.calendar_names.append(name)

    def between(self, first: int, end: int, calendar: str) -> list[Occasion]:
        """What overlaps a window, in order."""
        found = [one for one in self.occasions if one.calendar == calendar]
        for file, name in self._files:
            found += _expanded(file, name, first, end) if name == calendar else []
        here = (one for one in found if one.start < end and one.end > first)
        return sorted(here, key=lambda one: (one.start, one.uid))


def _expanded(file: Any, name: str, first: int, end: int) -> Iterator[Occasion]:
    import recurring_ical_events  # noqa: PLC0415

    repeats = {str(event["UID"]) for event in file.walk("VEVENT") if "RRULE" in event or "RDATE" in event}
    window = datetime.fromtimestamp(first - DAY, UTC), datetime.fromtimestamp(end + DAY, UTC)
    for event in recurring_ical_events.of(file, skip_bad_series=True).between(*window):
        yield _occasion(event, str(event["UID"]) in repeats, name)


def _occasion(event: Any, repeats: bool, name: str) -> Occasion:
    start = event["DTSTART"].dt
    all_day = not isinstance(start, datetime)
    planned = event.get("RECURRENCE-ID")
    begins = _seconds(start)
    organizer = event.get("ORGANIZER")
    return Occasion(
        uid=str(event["UID"]),
        start=begins,
        end=_seconds(event["DTEND"].dt) if "DTEND" in event else begins + DAY,
        subject=str(event.get("SUMMARY", "")),
        text=str(event.get("DESCRIPTION", "")),
        planned=(_seconds(planned.dt) if planned else begins) if repeats else None,
        moved=bool(planned) and _seconds(planned.dt) != begins,
        organizer=_person(organizer) if organizer is not None else None,
        attendees=tuple((_person(one), _answer(one)) for one in _many(event.get("ATTENDEE"))),
        shown=_shown(event),
        sensitivity={"PRIVATE": "private", "CONFIDENTIAL": "confidential"}.get(str(event.get("CLASS", "")), "normal"),
        place=str(event.get("LOCATION", "")),
        zone=str(getattr(start, "tzinfo", None) or "UTC"),
        join_url=str(event.get("X-MICROSOFT-SKYPETEAMSMEETINGURL", "")),
        all_day=all_day,
        cancelled=str(event.get("STATUS", "")) == "CANCELLED",
        calendar=name,
    )


def _seconds(value: Any) -> int:
    """UTC seconds; a date or a time without a zone is told as it stands."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return int((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp())


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _person(value: Any) -> Person:
    return str(value.params.get("CN", "")), str(value).removeprefix("mailto:").removeprefix("MAILTO:")


def _answer(value: Any) -> str:
    return ANSWERS.get(str(value.params.get("PARTSTAT", "")), "none")


def _shown(event: Any) -> str:
    if str(event.get("TRANSP", "")) == "TRANSPARENT":
        return "free"
    said = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", ""))
    return SHOWN.get(said, "tentative" if str(event.get("STATUS", "")) == "TENTATIVE" else "busy")
