"""The calendars of one mailbox of the stand-in Workspace: stateful, and as strict as Google's.

::

    calendars = Calendars("ada@okafor.example")
    calendars.meets("Harrow call", "2026-03-09T15:00Z", 30, guests={"ben@harrow.example": "accepted"})
    calendars.imports(ics)
"""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from autotime.testing.google.events import FAR, Event, Kept, in_zone, instant, of_calendar_file, told
from autotime.testing.google.routes import Caller, Quirks, Refused, Route, Slice, page_of
from autotime.testing.server import Asked

BARE = ("kind", "etag", "id", "status", "recurringEventId", "originalStartTime")
"""What is sure to be told of a cancelled event."""

NEVER_WITH_TOKEN = (
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMax", "timeMin", "updatedMin",
)  # fmt: skip
CHANGES_NOTHING = ("pageToken", "syncToken", "maxResults", "fields", "alt", "prettyPrint", "timeMin", "timeMax")


class Calendars:
    """``largest_page`` makes pages small; ``token_for_bounded`` and ``token_keeps_bounds`` decide what Google's
    documentation leaves open about sync tokens; ``clock`` matters where a series has no end."""

    def __init__(self, mail: str, zone: str = "UTC", clock: Callable[[], float] = time.time) -> None:
        self.mail, self.zone, self.clock = mail, zone, clock
        self.largest_page = 2500
        self.token_for_bounded, self.token_keeps_bounds = True, False
        self.entries: list[Event] = [
            {"id": mail, "summary": mail, "primary": True, "selected": True, "accessRole": "owner", "timeZone": zone}
        ]
        self.kept: dict[str, dict[str, Kept]] = {mail: {}}
        self._changes = 0
        self._oldest_token = 0

    # -- what a person does -------------------------------------------------------------------

    def calendar(self, name: str, **said: Any) -> str:
        """One calendar more, by its id."""
        entry = {"summary": name.partition("@")[0], "accessRole": "reader", "selected": True, **said}
        self.entries.append({"id": name, "timeZone": self.zone, **entry})
        self.kept[name] = {}
        return name

    def meets(
        self,
        title: str,
        start: str,
        minutes: int = 60,
        *,
        name: str = "",
        days: int = 0,
        organizer: str = "",
        guests: Mapping[str, str] | None = None,
        answer: str = "",
        rule: str = "",
        zone: str = "",
        calendar: str = "",
        **said: Any,
    ) -> str:
        """Puts an event into the calendar and says its id. ``start`` is ISO, a date for ``days`` whole days;
        ``guests`` answer; ``answer`` puts the owner among them; ``rule`` makes it a series; ``said`` is as it is."""
        zone, name = zone or self.zone, name or f"e{self._changes:05d}"
        begins: date = date.fromisoformat(start) if days else datetime.fromisoformat(start)
        ends = begins + (timedelta(days=days) if days else timedelta(minutes=minutes))
        attendees = [self._person(mail) | {"responseStatus": status} for mail, status in (guests or {}).items()]
        if answer:
            attendees.insert(0, self._person(self.mail) | {"responseStatus": answer})
        event = {
            "id": name,
            "status": "confirmed",
            "iCalUID": f"{name}@google.com",
            "eventType": "default",
            "summary": title,
            "organizer": self._person(organizer or self.mail),
            "start": told(begins, zone),
            "end": told(ends, zone),
            **({"attendees": attendees} if attendees else {}),
            **said,
        }
        self._put(calendar or self.mail, Kept(event, (f"RRULE:{rule}",) if rule else ()))
        return name

    def imports(self, ics: bytes | str) -> None:
        """Every event of a calendar file."""
        for kept in of_calendar_file(ics, self.mail):
            self._put(self.mail, kept)

    def change(self, name: str, planned: str = "", **said: Any) -> None:
        """Something else is said of an event, or of the occurrence ``planned`` for that instant."""
        _, kept = self._find(name)
        if planned:
            moment = datetime.fromisoformat(planned).astimezone(UTC)
            kept.others[moment] = kept.others.get(moment, {}) | said
        else:
            kept.event |= said
        self._touch(kept)

    def moves(self, name: str, start: str, minutes: int = 60, planned: str = "") -> None:
        begins = datetime.fromisoformat(start)
        self.change(
            name, planned, start=told(begins, self.zone), end=told(begins + timedelta(minutes=minutes), self.zone)
        )

    def cancels(self, name: str, planned: str = "") -> None:
        self.change(name, planned, status="cancelled")

    def vanishes(self, name: str) -> None:
        """Gone without a trace, as after the time for which Google tells of cancelled events."""
        calendar, _ = self._find(name)
        del self.kept[calendar][name]

    def expire_tokens(self) -> None:
        self._changes += 1
        self._oldest_token = self._changes

    def _person(self, mail: str) -> Event:
        return {"email": mail, **({"self": True} if mail == self.mail else {})}

    def _find(self, name: str) -> tuple[str, Kept]:
        return next((calendar, kept[name]) for calendar, kept in self.kept.items() if name in kept)

    def _put(self, calendar: str, kept: Kept) -> None:
        self.kept[calendar][kept.event["id"]] = kept
        self._touch(kept)

    def _touch(self, kept: Kept) -> None:
        self._changes += 1
        kept.changed = self._changes

    # -- what is answered ---------------------------------------------------------------------

    def named(self, name: str) -> str:
        found = self.mail if name == "primary" else name
        if found not in self.kept:
            raise Refused(404, "notFound", "Not Found")
        return found

    def calendar_list(self, query: Mapping[str, str], quirks: Quirks) -> Event:
        entries = [{"kind": "calendar#calendarListEntry", "etag": '"1"', **entry} for entry in self.entries]
        page = self._page(entries, query, quirks, 100, 250)
        last = {"nextPageToken": page.token} if page.token else {"nextSyncToken": "calendars"}
        return {"kind": "calendar#calendarList", "etag": '"p1"', "items": page.items, **last}

    def calendar_entry(self, name: str) -> Event:
        found = next((one for one in self.entries if one["id"] == self.named(name)), {})
        return {"kind": "calendar#calendarListEntry", "etag": '"1"', **found}

    def events(self, name: str, query: Mapping[str, str], types: list[str], quirks: Quirks) -> Event:
        since, bounds = self._checked(query, types)
        rows = [row for row in self._rows(name, query, since, bounds) if not types or row.get("eventType") in types]
        page = self._page(rows, query, quirks, 250, 2500)
        entry = next(one for one in self.entries if one["id"] == name)
        said = {
            "kind": "calendar#events", "etag": '"p1"', "summary": entry["summary"], "timeZone": self.zone,
            "updated": _stamp(self.clock()), "accessRole": entry["accessRole"], "defaultReminders": [],
            "items": [self._shown(row, query.get("timeZone", self.zone)) for row in page.items],
        }  # fmt: skip
        if page.token:
            return {**said, "nextPageToken": page.token}
        if any(bounds) and "syncToken" not in query and not self.token_for_bounded:
            return said
        mark = {"changes": self._changes, "bounds": bounds, "asked": _fingerprint(query, types)}
        return {**said, "nextSyncToken": _sealed(mark)}

    def _checked(self, query: Mapping[str, str], types: list[str]) -> tuple[int, tuple[str, str]]:
        """The change to begin after, and the bounds. Google's own refusals for what cannot be asked."""
        if query.get("orderBy") == "startTime" and query.get("singleEvents") != "true":
            raise Refused(400, "badRequest", "The requested ordering is not available for the particular query.")
        bounds = (query.get("timeMin", ""), query.get("timeMax", ""))
        for bound in filter(None, bounds):
            if datetime.fromisoformat(bound).utcoffset() is None:
                raise Refused(400, "badRequest", "Bad Request")
        if all(bounds) and datetime.fromisoformat(bounds[0]) >= datetime.fromisoformat(bounds[1]):
            raise Refused(400, "timeRangeEmpty", "The specified time range is empty.")
        if "syncToken" not in query:
            return 0, bounds
        if any(name in query for name in NEVER_WITH_TOKEN):
            raise Refused(400, "syncTokenWithRequestRestrictions", "Sync token cannot be used with a restriction.")
        mark = _opened(query["syncToken"])
        if mark["changes"] < self._oldest_token:
            raise Refused(410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.")
        if mark["asked"] != _fingerprint(query, types):
            raise Refused(400, "badRequest", "Sync token was made with other parameters.")
        earliest, latest = mark["bounds"] if self.token_keeps_bounds else ("", "")
        return mark["changes"], (earliest, latest)

    def _rows(self, name: str, query: Mapping[str, str], since: int, bounds: tuple[str, str]) -> Iterator[Event]:
        """What is asked for, changed after ``since``. An earliest time counts for the end, a latest for the start."""
        earliest, latest = (datetime.fromisoformat(bound) if bound else None for bound in bounds)
        until = latest or datetime.fromtimestamp(self.clock(), UTC) + FAR
        deleted = query.get("showDeleted") == "true" or since > 0
        for kept in list(self.kept[name].values()):
            single = query.get("singleEvents") == "true"
            for row in kept.rows(until) if single else [kept.event]:
                inside = not (earliest and instant(row["end"]) <= earliest) and not (
                    latest and instant(row["start"]) >= latest
                )
                if kept.changed > since and inside and (deleted or row["status"] != "cancelled"):
                    yield row

    def _shown(self, row: Event, zone: str) -> Event:
        whole = {"kind": "calendar#event", "etag": '"1"', **in_zone(row, zone)}
        if row["status"] == "cancelled":
            return {name: whole[name] for name in BARE if name in whole}
        return whole

    def _page(self, rows: list[Event], query: Mapping[str, str], quirks: Quirks, usual: int, most: int) -> Slice[Event]:
        """A page is as large as was asked for at most."""
        size = min(int(query.get("maxResults", usual)), most, self.largest_page)
        return page_of(rows, query.get("pageToken", ""), size, quirks, lambda row: str(row["id"]))


def _calendar_list(user: Any, _caller: Caller, asked: Asked, _names: Mapping[str, str]) -> Event:
    calendars: Calendars = user.calendars
    return calendars.calendar_list(asked.query, user.workspace.quirks)


def _calendar_entry(user: Any, _caller: Caller, _asked: Asked, names: Mapping[str, str]) -> Event:
    calendars: Calendars = user.calendars
    return calendars.calendar_entry(names["calendar"])


def _events(user: Any, _caller: Caller, asked: Asked, names: Mapping[str, str]) -> Event:
    calendars: Calendars = user.calendars
    types = parse_qs(urlsplit(asked.target).query).get("eventTypes", [])
    return calendars.events(calendars.named(names["calendar"]), asked.query, types, user.workspace.quirks)


ROUTES = (
    Route("GET", "/calendar/v3/users/me/calendarList", ("calendar.calendarlist.readonly",), _calendar_list),
    Route("GET", "/calendar/v3/users/me/calendarList/{calendar}", ("calendar.calendarlist.readonly",), _calendar_entry),
    Route("GET", "/calendar/v3/calendars/{calendar}/events", ("calendar.events.readonly",), _events),
)


def _fingerprint(query: Mapping[str, str], types: list[str]) -> str:
    """What must be the same with a sync token as when it was given."""
    return repr(sorted((name, value) for name, value in query.items() if name not in CHANGES_NOTHING) + types)


def _sealed(mark: Mapping[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(mark).encode()).decode()


def _opened(token: str) -> Any:
    try:
        return json.loads(urlsafe_b64decode(token))
    except ValueError:
        raise Refused(400, "invalid", "Invalid sync token value.") from None


def _stamp(instant: float) -> str:
    return f"{datetime.fromtimestamp(instant, UTC):%Y-%m-%dT%H:%M:%S}.000Z"
