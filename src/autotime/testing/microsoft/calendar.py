"""Calendars in the stand-in for Graph: the list of them, the expanded window, and the mailbox's settings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from autotime.testing.microsoft.call import Call, Json, Refusal, instant, moment
from autotime.testing.microsoft.graph import Route, route
from autotime.testing.microsoft.letters import Person, coded
from autotime.testing.microsoft.mail import body, recipient
from autotime.testing.microsoft.occasions import DAY, GOID, Calendars, Occasion

NEVER = "0001-01-01T00:00:00Z"
ZONES = {
    "UTC": "UTC",
    "Central Standard Time": "America/Chicago",
    "Eastern Standard Time": "America/New_York",
    "W. Europe Standard Time": "Europe/Berlin",
}
WINDOWS = {iana: windows for windows, iana in ZONES.items()}


def event(call: Call, one: Occasion) -> Json:
    """All that Graph tells of one event, before ``$select``."""
    box = call.box
    organizer = one.organizer or (box.name, box.address)
    mine = organizer[1].lower() == box.address
    said: Json = {
        "@odata.etag": f'W/"{one.start}"',
        "id": coded("AAMkAD", f"{one.uid}{one.planned}"),
        "createdDateTime": moment(one.start - 7 * DAY),
        "lastModifiedDateTime": moment(one.start - 6 * DAY),
        "changeKey": "DwAAABYAAAB1",
        "categories": [],
        "transactionId": None,
        "originalStartTimeZone": WINDOWS.get(one.zone, one.zone),
        "originalEndTimeZone": WINDOWS.get(one.zone, one.zone),
        "iCalUId": told_uid(one),
        "reminderMinutesBeforeStart": 15,
        "isReminderOn": True,
        "hasAttachments": False,
        "subject": one.subject,
        "importance": "normal",
        "sensitivity": one.sensitivity,
        "isAllDay": one.all_day,
        "isCancelled": one.cancelled,
        "isOrganizer": mine,
        "isDraft": False,
        "responseRequested": True,
        "seriesMasterId": coded("AAMkAD", one.uid) if one.planned is not None else None,
        "showAs": one.shown,
        "type": ("exception" if one.moved else "occurrence") if one.planned is not None else "singleInstance",
        "webLink": "https://outlook.office365.com/owa/?itemid=AAMkAD",
        "onlineMeetingUrl": None,
        "isOnlineMeeting": bool(one.join_url),
        "onlineMeetingProvider": "teamsForBusiness" if one.join_url else "unknown",
        "allowNewTimeProposals": True,
        "hideAttendees": False,
        "responseStatus": _response(one, box.address, mine),
        "start": _local(call, one.start, one.all_day),
        "end": _local(call, one.end, one.all_day),
        "location": {"displayName": one.place, "locationType": "default"},
        "locations": [],
        "recurrence": None,
        "attendees": [_attendee(person, answer) for person, answer in one.attendees],
        "organizer": recipient(organizer),
        "onlineMeeting": {"joinUrl": one.join_url} if one.join_url else None,
    }
    if one.planned is not None:
        said["originalStart"] = moment(one.planned)
    if call.may("calendar text"):
        said |= {"bodyPreview": one.text[:255], "body": body(call, one.text)}
    return said


def told_uid(one: Occasion) -> str:
    """Exchange puts an occurrence's date into the UID of an event of its own."""
    if one.planned is None or not one.uid.startswith(GOID):
        return one.uid
    day = datetime.fromtimestamp(one.planned, UTC)
    return f"{GOID}{day.year:04X}{day.month:02X}{day.day:02X}{one.uid[len(GOID) + 8 :]}"


def _local(call: Call, seconds: int, all_day: bool) -> Json:
    """A clock time without offset beside its zone; an all-day event's midnight is the same in every zone."""
    named = call.prefers("outlook.timezone") or "UTC"
    try:
        zone = ZoneInfo("UTC" if all_day else ZONES.get(named, named))
    except (KeyError, ValueError, OSError):
        raise Refusal(400, "TimeZoneNotSupportedException", "The time zone is not supported.") from None
    local = datetime.fromtimestamp(seconds, UTC).astimezone(zone)
    return {"dateTime": local.strftime("%Y-%m-%dT%H:%M:%S.0000000"), "timeZone": named}


def _response(one: Occasion, owner: str, mine: bool) -> Json:
    answers = [answer for person, answer in one.attendees if person[1].lower() == owner]
    said = "organizer" if mine else next(iter(answers), "none")
    return {"response": said, "time": NEVER if said in ("organizer", "none") else moment(one.start - 6 * DAY)}


def _attendee(person: Person, answer: str) -> Json:
    return {"type": "required", "status": {"response": answer, "time": NEVER}, **recipient(person)}


def calendar(box: Calendars, name: str) -> Json:
    return {
        "id": coded("AQMk", name),
        "name": name,
        "color": "auto",
        "hexColor": "",
        "isDefaultCalendar": name == box.calendar_names[0],
        "changeKey": "DwAAABYAAAB1",
        "canShare": True,
        "canViewPrivateItems": True,
        "canEdit": True,
        "allowedOnlineMeetingProviders": ["teamsForBusiness"],
        "defaultOnlineMeetingProvider": "teamsForBusiness",
        "isTallyingResponses": True,
        "isRemovable": name != box.calendar_names[0],
        "owner": {"name": box.name, "address": box.address},
    }


def calendars(call: Call) -> Json:
    return call.page(call.box.calendar_names, lambda name: call.selected(calendar(call.box, name)), call.top(10, 1000))


def view(call: Call) -> Json:
    """Single events and occurrences that overlap the window, expanded; the default calendar unless one is named."""
    if not {"startDateTime", "endDateTime"} <= call.query.keys():
        raise Refusal(400, "ErrorInvalidParameter", "This request requires a time window.")
    first, end = instant(call.query["startDateTime"]), instant(call.query["endDateTime"])
    window = call.box.between(first, end, _named(call))
    return call.page(window, lambda one: _selected(call, one), call.top(10, 1000))


def _selected(call: Call, one: Occasion) -> Json:
    """When an event was made and changed does not come by ``$select``."""
    said = call.selected(event(call, one))
    unasked = ("createdDateTime", "lastModifiedDateTime") if "$select" in call.query else ()
    return {name: value for name, value in said.items() if name not in unasked}


def _named(call: Call) -> str:
    names: Sequence[str] = call.box.calendar_names
    wanted = call.part.get("calendar", coded("AQMk", names[0]))
    if found := [name for name in names if coded("AQMk", name) == wanted]:
        return found[0]
    raise Refusal(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def settings(call: Call) -> Json:
    named = WINDOWS.get(call.box.zone, call.box.zone)
    days = ["monday", "tuesday", "wednesday", "thursday", "friday"]
    hours = {"startTime": "08:00:00.0000000", "endTime": "17:00:00.0000000", "timeZone": {"name": named}}
    return call.selected({"timeZone": named, "workingHours": {"daysOfWeek": days, **hours}, "timeFormat": "h:mm tt"})


ROUTES: tuple[Route, ...] = (
    route("/mailboxSettings", "settings", settings),
    route("/calendars", "calendar", calendars),
    route("/calendarView", "calendar", view),
    route("/calendar/calendarView", "calendar", view),
    route("/calendars/{calendar}/calendarView", "calendar", view),
)
