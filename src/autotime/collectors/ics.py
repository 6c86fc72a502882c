"""Calendar files: recurring events expanded inside the window only, each occurrence once.

The key names the occurrence (UID and the start it was first planned for; an event that does not
recur is its UID alone), so one that was moved is the same one. Cancelled occurrences are withdrawn,
and so are those a series gave before and gives no more (an EXDATE, another rule); an event that is
simply gone from the file is not: exports often hold some weeks only. Declined, free and all-day
events are kept as context; of private ones only the busy span is kept.

The cursor holds for each file a mark of its state, what it gave lately, and what it cancels.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from autotime.collectors.files import must_be_there, regular_files, suddenly_empty
from autotime.collectors.meetings import PEOPLE_CAP, Meeting, evidence_of
from autotime.collectors.recurrence import is_single, occurrences, why_not
from autotime.domain.doors import CollectContext
from autotime.domain.evidence import Batch, Evidence, Participant, Quarantined, Role, SyncCursor
from autotime.domain.people import Timekeeper
from autotime.intake import address, clean, untrusted

FILE_CAP = 64 * 1024 * 1024
OCCURRENCES_CAP = 100_000
LATELY = 100 * 86_400
"""How long before the end of the window a series may still take back what it gave."""

State = dict[str, Any]
"""One file: ``mark``; ``given``, by UID and occurrence the start; ``cancelled`` keys."""

FOLD = re.compile(rb"\r?\n[ \t]")
"""Where a long line was broken, perhaps in the middle of a letter."""

BEGUN = re.compile(rb"^BEGIN:VEVENT", re.MULTILINE | re.IGNORECASE)

BUSY = {"FREE": "free", "TENTATIVE": "tentative", "BUSY": "busy", "OOF": "oof", "WORKINGELSEWHERE": "busy"}
ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative", "NEEDS-ACTION": "none"}


@dataclass(frozen=True, slots=True)
class IcsCollector:
    """``paths`` are ``.ics`` files or folders of them."""

    account: str
    paths: Sequence[Path]
    source: str = "ics"

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        known: dict[str, State] = json.loads(cursor.value) if cursor else {}
        files = self._files()
        suddenly_empty(self.account, known, files, 1)
        for done, file in enumerate(files, start=1):
            calendar = CalendarReader(self.account, self.source, context)
            try:
                before, mark = known.get(str(file), {}), _mark(file, context)
                if before.get("mark") == mark:
                    continue
                calendar.read(file)
                known[str(file)] = {"mark": mark, "given": calendar.given(), "cancelled": sorted(calendar.cancelled)}
            except OSError as unreadable:
                calendar.refuse(file.name, f"cannot be read: {unreadable.strerror}")
            cancelled = {key for state in known.values() for key in state["cancelled"]}
            yield Batch(
                tuple(item for key, item in calendar.found.items() if key not in cancelled),
                SyncCursor(json.dumps(known, sort_keys=True)),
                withdrawn=tuple(sorted(calendar.cancelled | calendar.taken_back(before.get("given", {})))),
                quarantined=tuple(calendar.bad),
                done=done,
                of=len(files),
            )

    def _files(self) -> list[Path]:
        must_be_there(self.paths)
        below = [file for path in self.paths for file in regular_files(path)]
        return [file for file in below if file in self.paths or file.suffix.lower() in (".ics", ".ical")]


def _mark(file: Path, context: CollectContext) -> str:
    """Changes with the file, and once a day with the window, which lets new occurrences in."""
    state = file.stat()
    window = (context.window.start // 86_400, context.window.end // 86_400)
    return hashlib.blake2b(repr((state.st_size, state.st_mtime_ns, window)).encode(), digest_size=12).hexdigest()


class CalendarReader:
    """Reads one file or resource: what was found, what it cancels, what could not be read."""

    def __init__(self, account: str, source: str, context: CollectContext) -> None:
        self.account, self.source, self.context = account, source, context
        self.found: dict[str, Evidence] = {}
        self.cancelled: set[str] = set()
        self.expanded: set[str] = set()
        self.bad: list[Quarantined] = []

    def read(self, file: Path) -> None:
        if file.stat().st_size > FILE_CAP:
            self.refuse(file.name, f"larger than {FILE_CAP >> 20} MB")
        else:
            self.read_bytes(file.read_bytes(), file.name)

    def read_bytes(self, data: bytes, name: str) -> None:
        """``name`` is what the whole is called where it cannot be read."""
        from icalendar import Calendar  # noqa: PLC0415 - only calendars need it

        data = FOLD.sub(b"", data.removeprefix(b"\xef\xbb\xbf"))
        if b"BEGIN:VCALENDAR" not in data[:4096] and b"BEGIN:VEVENT" in data:
            data = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-\r\n" + data.strip() + b"\r\nEND:VCALENDAR\r\n"
        try:
            calendars = Calendar.from_ical(data, multiple=True)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as broken:
            self.refuse(name, f"no calendar ({type(broken).__name__})")
            return
        missing = len(BEGUN.findall(data)) - sum(len(calendar.walk("VEVENT")) for calendar in calendars)
        if missing > 0 or b"BEGIN:" not in data:
            self.refuse(name, f"{missing} events cannot be read: is it cut short?" if missing > 0 else "no calendar")
        for calendar in calendars:
            self._events(calendar)

    def _events(self, calendar: Any) -> None:
        cancelling = str(calendar.get("METHOD", "")).upper() == "CANCEL"
        series: dict[str, list[Any]] = {}
        for event in calendar.walk("VEVENT"):
            reason = why_not(event)
            if reason:
                self.refuse(_uid(event), reason)
            else:
                series.setdefault(_uid(event), []).append(event)
        for uid, events in series.items():
            try:
                self._occurrences(calendar, uid, events, cancelling)
                self.expanded.add(uid)
            except Exception as broken:  # noqa: BLE001 - the library raises many kinds for one bad event
                self.refuse(uid, f"cannot be expanded ({type(broken).__name__})")

    def _occurrences(self, calendar: Any, uid: str, events: list[Any], cancelling: bool) -> None:
        single = is_single(events)
        for event in occurrences(calendar, events, self.context.window):
            item = self._one(uid, event, single)
            if item is None:
                continue
            if cancelling or str(event.get("STATUS", "")).upper() == "CANCELLED":
                self.cancelled.add(item.key)
                self.found.pop(item.key, None)
            elif item.key not in self.cancelled:
                self.found[item.key] = item
            if len(self.found) > OCCURRENCES_CAP:
                raise ValueError("too many occurrences")

    def _one(self, uid: str, event: Any, single: bool) -> Evidence | None:
        start, assumed = _instant(event["DTSTART"].dt, self.context.timekeeper)
        ends = event.get("DTEND")
        end = _instant(ends.dt, self.context.timekeeper)[0] if ends is not None else start
        if end <= start or not self.context.window.contains(start):
            return None
        occurrence = "" if single else self._planned(event, start)
        meeting = Meeting(
            uid=uid,
            occurrence=occurrence,
            start=start,
            end=end,
            response=_response(event, self.context.timekeeper),
            busy=_busy(event),
            all_day=_all_day(event),
            private=str(event.get("CLASS", "")).upper() in ("PRIVATE", "CONFIDENTIAL"),
            zone_assumed=assumed,
            subject=str(event.get("SUMMARY", "")),
            body=str(event.get("DESCRIPTION", "")),
            place=str(event.get("LOCATION", "")),
            people=_people(event),
        )
        return evidence_of(meeting, self.account, self.source)

    def _planned(self, event: Any, start: int) -> str:
        """When the occurrence was planned for first, as an instant: zones may differ between the two."""
        planned = event.get("RECURRENCE-ID")
        return str(start if planned is None else _instant(planned.dt, self.context.timekeeper)[0])

    def given(self) -> dict[str, dict[str, int]]:
        """What was found lately, by UID and occurrence."""
        lately: dict[str, dict[str, int]] = {}
        for item in self.found.values():
            if item.at >= self.context.window.end - LATELY:
                uid, _, occurrence = item.key.rpartition("/")
                lately.setdefault(uid, {})[occurrence] = item.at
        return lately

    def taken_back(self, before: dict[str, dict[str, int]]) -> set[str]:
        """Keys of what a series that is still there gave before and gives no more."""
        return {
            f"{uid}/{occurrence}"
            for uid in before.keys() & self.expanded
            for occurrence, start in before[uid].items()
            if self.context.window.contains(start) and f"{uid}/{occurrence}" not in self.found
        }

    def refuse(self, key: str, reason: str) -> None:
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


def _instant(value: Any, timekeeper: Timekeeper) -> tuple[int, bool]:
    """UTC seconds, and whether the timekeeper's zone had to stand in for a missing or unknown one."""
    if isinstance(value, datetime) and value.utcoffset() is not None:
        return int(value.timestamp()), False
    zone = ZoneInfo(timekeeper.zone_on(value.date() if isinstance(value, datetime) else value))
    if isinstance(value, datetime):
        return int(value.replace(tzinfo=zone).timestamp()), True
    return int(datetime.combine(value, time(), zone).timestamp()), False


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
