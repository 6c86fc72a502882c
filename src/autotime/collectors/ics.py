"""Calendar files: recurring events expanded inside the window only, each occurrence once.

The key names the occurrence (UID and the start it was first planned for), so an occurrence that was
moved is the same one. Cancelled occurrences are withdrawn. Declined, free and all-day events are
kept as context; of private ones only the busy span is kept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from autotime.collectors.files import regular_files, suddenly_empty
from autotime.collectors.recurrence import occurrences, why_not
from autotime.domain.doors import CollectContext
from autotime.domain.errors import SourceUnavailable
from autotime.domain.evidence import Batch, Evidence, Fact, Kind, Participant, Quarantined, Role, SyncCursor
from autotime.domain.people import Timekeeper
from autotime.domain.spans import Span
from autotime.domain.untrusted import NOTHING
from autotime.intake import address, clean, untrusted

FILE_CAP = 64 * 1024 * 1024
PEOPLE_CAP = 100
OCCURRENCES_CAP = 100_000

BUSY = {"FREE": "free", "TENTATIVE": "tentative", "BUSY": "busy", "OOF": "oof", "WORKINGELSEWHERE": "busy"}
ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative", "NEEDS-ACTION": "none"}


@dataclass(frozen=True, slots=True)
class IcsCollector:
    """``paths`` are ``.ics`` files or folders of them."""

    account: str
    paths: Sequence[Path]
    source: str = "ics"

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        known: dict[str, str] = json.loads(cursor.value) if cursor else {}
        files = self._files()
        suddenly_empty(self.account, known, files, 1)
        for done, file in enumerate(files, start=1):
            mark = _mark(file, context)
            if known.get(str(file)) == mark:
                continue
            known[str(file)] = mark
            calendar = _Calendar(self.account, self.source, context)
            calendar.read(file)
            yield Batch(
                tuple(calendar.found.values()),
                SyncCursor(json.dumps(known, sort_keys=True)),
                withdrawn=tuple(sorted(calendar.withdrawn)),
                quarantined=tuple(calendar.bad),
                done=done,
                of=len(files),
            )

    def _files(self) -> list[Path]:
        missing = [path for path in self.paths if not path.exists()]
        if missing:
            raise SourceUnavailable(f"there is no {missing[0]}", hint="check the source's paths in the settings")
        below = [file for path in self.paths for file in regular_files(path)]
        return [file for file in below if file in self.paths or file.suffix.lower() in (".ics", ".ical")]


def _mark(file: Path, context: CollectContext) -> str:
    """Changes with the file, and once a day with the window, which lets new occurrences in."""
    state = file.stat()
    window = (context.window.start // 86_400, context.window.end // 86_400)
    return hashlib.blake2b(repr((state.st_size, state.st_mtime_ns, window)).encode(), digest_size=12).hexdigest()


class _Calendar:
    """Reads one file: what was found, what was withdrawn, what could not be read."""

    def __init__(self, account: str, source: str, context: CollectContext) -> None:
        self.account, self.source, self.context = account, source, context
        self.found: dict[str, Evidence] = {}
        self.withdrawn: set[str] = set()
        self.bad: list[Quarantined] = []

    def read(self, file: Path) -> None:
        from icalendar import Calendar  # noqa: PLC0415 - only calendars need it

        if file.stat().st_size > FILE_CAP:
            self._refuse(file.name, f"larger than {FILE_CAP >> 20} MB")
            return
        data = file.read_bytes().removeprefix(b"\xef\xbb\xbf")
        if b"BEGIN:VCALENDAR" not in data[:4096] and b"BEGIN:VEVENT" in data:
            data = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-\r\n" + data.strip() + b"\r\nEND:VCALENDAR\r\n"
        try:
            calendars = Calendar.from_ical(data, multiple=True)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as broken:
            self._refuse(file.name, f"no calendar ({type(broken).__name__})")
            return
        for calendar in calendars:
            self._events(calendar)

    def _events(self, calendar: Any) -> None:
        cancelling = str(calendar.get("METHOD", "")).upper() == "CANCEL"
        series: dict[str, list[Any]] = {}
        for event in calendar.walk("VEVENT"):
            reason = why_not(event)
            if reason:
                self._refuse(_uid(event), reason)
            else:
                series.setdefault(_uid(event), []).append(event)
        for uid, events in series.items():
            try:
                self._occurrences(calendar, uid, events, cancelling)
            except Exception as broken:  # noqa: BLE001 - the library raises many kinds for one bad event
                self._refuse(uid, f"cannot be expanded ({type(broken).__name__})")

    def _occurrences(self, calendar: Any, uid: str, events: list[Any], cancelling: bool) -> None:
        for event in occurrences(calendar, events, self.context.window):
            item = self._one(uid, event)
            if item is None:
                continue
            if cancelling or str(event.get("STATUS", "")).upper() == "CANCELLED":
                self.withdrawn.add(item.key)
                self.found.pop(item.key, None)
            elif item.key not in self.withdrawn:
                self.found[item.key] = item
            if len(self.found) > OCCURRENCES_CAP:
                raise ValueError("too many occurrences")

    def _one(self, uid: str, event: Any) -> Evidence | None:
        zone = self.context.timekeeper.zone
        start, assumed = _instant(event["DTSTART"].dt, zone)
        ends = event.get("DTEND")
        end = _instant(ends.dt, zone)[0] if ends is not None else start
        if end <= start or not (self.context.window.start <= start < self.context.window.end):
            return None
        planned = event.get("RECURRENCE-ID")
        occurrence = _instant(planned.dt, zone)[0] if planned is not None else start
        facts = _facts(event, self.context.timekeeper, assumed)
        private = bool(facts.get("private"))
        people = () if private else _people(event)
        return Evidence(
            account=self.account,
            source=self.source,
            key=f"{uid}/{occurrence}",
            kind=Kind.MEETING,
            at=start,
            own=facts["response"] not in ("declined", "none"),
            span=Span(start, end),
            identity=f"ical:{uid}:{occurrence}",
            thread=f"ical:{uid}",
            subject=NOTHING if private else untrusted(str(event.get("SUMMARY", "")), 500),
            body=NOTHING if private else untrusted(str(event.get("DESCRIPTION", "")), 5000, lines=True),
            place=NOTHING if private else untrusted(str(event.get("LOCATION", "")), 200),
            people=people,
            facts=facts,
        )

    def _refuse(self, key: str, reason: str) -> None:
        self.bad.append(
            Quarantined(
                clean(key, 200) or "unnamed",
                reason,
                hashlib.sha256(key.encode("utf-8", "replace")).hexdigest(),
            )
        )


def _uid(event: Any) -> str:
    uid = clean(str(event.get("UID", "")), 250)
    return uid or "none-" + hashlib.blake2b(event.to_ical(), digest_size=8).hexdigest()


def _instant(value: Any, zone: str) -> tuple[int, bool]:
    """UTC seconds, and whether the timekeeper's zone had to stand in for a missing or unknown one."""
    if not isinstance(value, datetime):
        return int(datetime.combine(value, time(), ZoneInfo(zone)).astimezone(UTC).timestamp()), False
    if value.tzinfo is None or value.utcoffset() is None:
        return int(value.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).timestamp()), True
    return int(value.astimezone(UTC).timestamp()), False


def _facts(event: Any, timekeeper: Timekeeper, assumed: bool) -> dict[str, Fact]:
    facts: dict[str, Fact] = {"busy": _busy(event), "response": _response(event, timekeeper)}
    if _all_day(event):
        facts["all_day"] = True
    if str(event.get("CLASS", "")).upper() in ("PRIVATE", "CONFIDENTIAL"):
        facts["private"] = True
    if assumed:
        facts["zone_assumed"] = True
    return facts


def _busy(event: Any) -> str:
    """Outlook's own show-as is right where it and TRANSP disagree."""
    shown = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper()
    if shown in BUSY:
        return BUSY[shown]
    if str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
        return "free"
    return "tentative" if str(event.get("STATUS", "")).upper() == "TENTATIVE" else "busy"


def _all_day(event: Any) -> bool:
    start = event["DTSTART"].dt
    if isinstance(start, date) and not isinstance(start, datetime):
        return True
    return str(event.get("X-MICROSOFT-CDO-ALLDAYEVENT", "")).upper() == "TRUE"


def _response(event: Any, timekeeper: Timekeeper) -> str:
    """The timekeeper's own answer. An event without attendees stands in their own calendar: accepted."""
    organizer = _mail(event.get("ORGANIZER"))
    if organizer and organizer in timekeeper.emails:
        return "organizer"
    for attendee in _many(event.get("ATTENDEE")):
        if _mail(attendee) in timekeeper.emails:
            answer = str(getattr(attendee, "params", {}).get("PARTSTAT", "NEEDS-ACTION")).upper()
            return ANSWERS.get(answer, "none")
    return "none" if organizer else "accepted"


def _people(event: Any) -> tuple[Participant, ...]:
    organizers = [_person(Role.ORGANIZER, one) for one in _many(event.get("ORGANIZER"))]
    attendees = [_person(Role.ATTENDEE, one) for one in _many(event.get("ATTENDEE"))[:PEOPLE_CAP]]
    return (*organizers, *attendees)


def _person(role: Role, value: Any) -> Participant:
    name = str(getattr(value, "params", {}).get("CN", ""))
    return Participant(role, _mail(value), untrusted(name, 200))


def _mail(value: Any) -> str:
    return address(str(value).lower().removeprefix("mailto:")) if value is not None else ""


def _many(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
