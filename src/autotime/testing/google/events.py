"""What stands in a stand-in calendar: single events and series, with their exceptions, as Google keeps them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

Event = dict[str, Any]
FAR = timedelta(days=2 * 366)
"""How far ahead a series without an end is written out where nothing bounds the question."""

ANSWERS = {
    "ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative", "NEEDS-ACTION": "needsAction",
}  # fmt: skip


@dataclass(slots=True)
class Kept:
    """A single event, or a series with ``rules`` (RRULE, EXDATE) and ``others`` by the UTC instant planned first."""

    event: Event
    rules: tuple[str, ...] = ()
    others: dict[datetime, Event] = field(default_factory=dict)
    changed: int = 0

    def rows(self, until: datetime) -> Iterator[Event]:
        """The event, or every occurrence that was planned to begin before ``until``."""
        if not self.rules:
            yield self.event
            return
        for planned in self._planned(until):
            yield self.occurrence(planned) | self.others.get(planned, {})

    def _planned(self, until: datetime) -> Iterator[datetime]:
        from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # noqa: PLC0415 - only a series needs it

        first, zone = _local(self.event["start"])
        excluded = {planned for line in self.rules if line.startswith("EXDATE") for planned in _exdates(line, zone)}
        rule = next(line for line in self.rules if line.startswith("RRULE"))
        for naive in rrulestr(_until_local(rule, zone), dtstart=first):
            planned = naive.replace(tzinfo=zone).astimezone(UTC)
            if planned >= until:
                return
            if planned not in excluded:
                yield planned

    def occurrence(self, planned: datetime) -> Event:
        """One of the series as the rule plans it."""
        start, end = instant(self.event["start"]), instant(self.event["end"])
        zone = self.event["start"].get("timeZone", "UTC")
        whole = "date" in self.event["start"]
        begins = told(planned.date() if whole else planned, zone)
        return {
            **{name: value for name, value in self.event.items() if name != "recurrence"},
            "id": f"{self.event['id']}_{planned:%Y%m%d}" if whole else f"{self.event['id']}_{planned:%Y%m%dT%H%M%SZ}",
            "recurringEventId": self.event["id"],
            "originalStartTime": begins,
            "start": begins,
            "end": told((planned + (end - start)).date() if whole else planned + (end - start), zone),
        }


def told(moment: date, zone: str = "UTC") -> dict[str, str]:
    """A moment or a day as Google tells it."""
    if isinstance(moment, datetime):
        return {"dateTime": _iso(moment.astimezone(ZoneInfo(zone))), "timeZone": zone}
    return {"date": moment.isoformat()}


def in_zone(event: Event, zone: str) -> Event:
    """The event with its times in the zone that was asked for; each keeps the name of its own."""
    there = ZoneInfo(zone)
    moved = dict(event)
    for name in ("start", "end", "originalStartTime"):
        if "dateTime" in event.get(name, {}):
            moved[name] = {**event[name], "dateTime": _iso(instant(event[name]).astimezone(there))}
    return moved


def instant(when: Mapping[str, str]) -> datetime:
    """UTC; a day begins at midnight UTC."""
    if "dateTime" in when:
        return datetime.fromisoformat(when["dateTime"]).astimezone(UTC)
    return datetime.combine(date.fromisoformat(when["date"]), time(), UTC)


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _local(when: Mapping[str, str]) -> tuple[datetime, tzinfo]:
    """The clock on the wall where the series lives."""
    zone = ZoneInfo(when.get("timeZone", "UTC"))
    return instant(when).astimezone(zone).replace(tzinfo=None), zone


def _exdates(line: str, zone: tzinfo) -> Iterator[datetime]:
    for text in line.rpartition(":")[2].split(","):
        yield _moment(text, zone)


def _moment(text: str, zone: tzinfo) -> datetime:
    if "T" not in text:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC)
    naive = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - its zone is put on below
    return naive.replace(tzinfo=UTC if text.endswith("Z") else zone).astimezone(UTC)


def _until_local(rule: str, zone: tzinfo) -> str:
    """The end of a rule on the same clock as its start."""

    def moved(found: re.Match[str]) -> str:
        return f"UNTIL={_moment(found[1], zone).astimezone(zone):%Y%m%dT%H%M%S}"

    return re.sub(r"UNTIL=(\d{8}T\d{6}Z)", moved, rule)


def of_calendar_file(ics: bytes | str, mail: str) -> list[Kept]:
    """The events of an iCalendar file as Google has them in the calendar of ``mail`` after an import."""
    from icalendar import Calendar  # noqa: PLC0415 - only an import needs it

    found: dict[str, list[Any]] = {}
    for event in Calendar.from_ical(ics).walk("VEVENT"):
        found.setdefault(str(event["UID"]), []).append(event)
    return [_imported(uid, events, mail) for uid, events in found.items()]


def _imported(uid: str, events: Sequence[Any], mail: str) -> Kept:
    master = next((one for one in events if "RECURRENCE-ID" not in one), events[0])
    name = re.sub("[^a-v0-9]", "", uid.lower().replace("@", "")) or "unnamed"
    kept = Kept({"id": name, "iCalUID": uid, **_resource(master, mail)})
    kept.rules = tuple(
        f"{key}:{one.to_ical().decode()}" for key in ("RRULE", "EXDATE") for one in _many(master.get(key))
    )
    for other in events:
        if other is not master:
            planned = other["RECURRENCE-ID"].dt
            moment = planned if isinstance(planned, datetime) else datetime.combine(planned, time(), UTC)
            kept.others[moment.astimezone(UTC)] = _resource(other, mail)
    return kept


def _resource(event: Any, mail: str) -> Event:
    start = event["DTSTART"].dt
    lasts = event["DURATION"].dt if "DURATION" in event else timedelta(days=1)
    end = event["DTEND"].dt if "DTEND" in event else start + lasts
    zone = getattr(getattr(start, "tzinfo", None), "key", "UTC")
    attendees = [_guest(one, mail) for one in _many(event.get("ATTENDEE"))]
    organizer = _guest(event["ORGANIZER"], mail) if "ORGANIZER" in event else {"email": mail, "self": True}
    organizer.pop("responseStatus", None)
    said = {
        "status": str(event.get("STATUS", "confirmed")).lower(),
        "summary": str(event.get("SUMMARY", "")),
        "description": str(event.get("DESCRIPTION", "")),
        "location": str(event.get("LOCATION", "")),
        "visibility": str(event.get("CLASS", "")).lower().replace("public", ""),
        "transparency": "transparent" if event.get("TRANSP") == "TRANSPARENT" else "",
        "attendees": attendees,
    }
    return {
        "start": told(start, zone), "end": told(end, zone), "eventType": "default", "organizer": organizer,
        **{name: value for name, value in said.items() if value},
    }  # fmt: skip


def _guest(who: Any, mail: str) -> Event:
    address = str(who).lower().removeprefix("mailto:")
    said: Event = {"email": address, "displayName": str(who.params.get("CN", ""))}
    said = {name: value for name, value in said.items() if value}
    if address == mail:
        said["self"] = True
    return {**said, "responseStatus": ANSWERS[str(who.params.get("PARTSTAT", "NEEDS-ACTION")).upper()]}


def _many(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
