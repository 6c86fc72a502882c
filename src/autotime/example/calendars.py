"""The timekeeper's calendar as an ``.ics`` file, with what real ones hold: series with exceptions,
cancelled, moved, declined, private, free, all-day and overlapping events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from autotime.example.days import NOBODY, Worked, moment
from autotime.example.firm import CASES, ZONE, Person

HEAD = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example firm//Calendar//EN")
STAMP = "20260101T000000Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One VEVENT. ``lines`` are further properties; ``matter`` is the truth."""

    uid: str
    start: datetime
    minutes: int
    title: str
    matter: str
    guests: tuple[Person, ...] = ()
    answer: str = "ACCEPTED"
    lines: tuple[str, ...] = ()


def events(worked: Worked, seed: int) -> list[Event]:
    """In order of time."""
    chance = Random(f"{seed}/{worked.staff.id}/calendar")  # noqa: S311 - an example needs no secrets
    found = [*_series(worked), *_traps(worked)]
    for day in worked.days:
        found += _meetings(worked, day, chance)
    return sorted(found, key=lambda one: (one.start, one.uid))


def _meetings(worked: Worked, day: date, chance: Random) -> Iterator[Event]:
    for hour in sorted(chance.sample((9, 11, 13, 15), chance.choice((1, 2, 2)))):
        case = chance.choice(CASES)
        topic = chance.choice(case.topics)
        shape = chance.choice(("Call with {0} re {1}", "Conference: {1}", "{2}: {1}"))
        title = shape.format(case.contact.name, topic.subject, case.alias or case.name)
        yield Event(
            uid=f"{day:%Y%m%d}-{hour}-{worked.staff.id}@calendar.example",
            start=moment(day, hour, chance.choice((0, 0, 30))),
            minutes=chance.choice((30, 30, 45, 60)),
            title=title,
            matter=case.number,
            guests=(case.contact,),
        )


def _series(worked: Worked) -> Iterator[Event]:
    """A weekly meeting; its second occurrence is cancelled, its third was moved by two hours."""
    first = next(day for day in worked.days if day.weekday() == 1)
    uid, rule = f"team-{worked.staff.id}@calendar.example", "RRULE:FREQ=WEEKLY;COUNT=4"
    yield Event(uid=uid, start=moment(first, 8, 30), minutes=30, title="Team meeting", matter=NOBODY, lines=(rule,))
    second, third = first + timedelta(days=7), first + timedelta(days=14)
    yield Event(
        uid=uid, start=moment(second, 8, 30), minutes=30, title="Team meeting", matter=NOBODY,
        lines=(_planned(moment(second, 8, 30)), "STATUS:CANCELLED"),
    )  # fmt: skip
    yield Event(
        uid=uid, start=moment(third, 10, 30), minutes=30, title="Team meeting (moved)", matter=NOBODY,
        lines=(_planned(moment(third, 8, 30)),),
    )  # fmt: skip


def _planned(at: datetime) -> str:
    return f"RECURRENCE-ID;TZID={ZONE}:{at:%Y%m%dT%H%M%S}"


def _traps(worked: Worked) -> Iterator[Event]:
    """One of each, in the last weeks: what must not become time, or not twice."""
    day, case = worked.days[-3], CASES[0]
    mark = f"-{worked.staff.id}@calendar.example"
    yield Event(
        uid=f"overlap{mark}", start=moment(day, 10, 0), minutes=60, title=f"{case.alias} strategy", matter=case.number,
        guests=(case.contact,),
    )  # fmt: skip
    yield Event(
        uid=f"overlapped{mark}", start=moment(day, 10, 30), minutes=60, title="Call re Fund IV side letters",
        matter=CASES[3].number, guests=(CASES[3].contact,),
    )  # fmt: skip
    yield Event(
        uid=f"declined{mark}", start=moment(day, 14, 0), minutes=60, title="Vendor demonstration", matter=NOBODY,
        guests=(Person("Sales Team", "sales@vendor.example"),), answer="DECLINED",
    )  # fmt: skip
    yield Event(
        uid=f"private{mark}", start=moment(day, 12, 0), minutes=45, title="Doctor", matter=NOBODY,
        lines=("CLASS:PRIVATE",),
    )  # fmt: skip
    yield Event(
        uid=f"free{mark}", start=moment(day, 16, 0), minutes=30, title="Hold for filing", matter=NOBODY,
        lines=("TRANSP:TRANSPARENT",),
    )  # fmt: skip


def write(found: list[Event], worked: Worked, path: Path) -> None:
    """The calendar, with one all-day event more."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [*HEAD, *(line for one in found for line in _event(one, worked)), *_all_day(worked), "END:VCALENDAR"]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode())


def _event(one: Event, worked: Worked) -> Iterator[str]:
    end = one.start + timedelta(minutes=one.minutes)
    yield "BEGIN:VEVENT"
    yield f"UID:{one.uid}"
    yield f"DTSTAMP:{STAMP}"
    yield f"DTSTART;TZID={ZONE}:{one.start:%Y%m%dT%H%M%S}"
    yield f"DTEND;TZID={ZONE}:{end:%Y%m%dT%H%M%S}"
    yield f"SUMMARY:{one.title}"
    if one.guests:
        yield f'ORGANIZER;CN="{one.guests[0].name}":mailto:{one.guests[0].mail}'
        person = worked.staff.person
        yield f'ATTENDEE;CN="{person.name}";PARTSTAT={one.answer}:mailto:{person.mail}'
    yield from one.lines
    yield "END:VEVENT"


def _all_day(worked: Worked) -> Iterator[str]:
    day = worked.days[-3]
    yield "BEGIN:VEVENT"
    yield f"UID:allday-{worked.staff.id}@calendar.example"
    yield f"DTSTAMP:{STAMP}"
    yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"
    yield "SUMMARY:Discovery cut-off"
    yield "END:VEVENT"
