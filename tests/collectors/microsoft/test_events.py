"""One row of a calendar's view as a meeting: zones, whole days, occurrences, and rows of another shape."""

from __future__ import annotations

from typing import Any

import pytest

from autotime.collectors.microsoft.calendar import UNREADABLE
from autotime.collectors.microsoft.events import Held, held_from
from tests.collectors.sources import ADA, MONDAY

DAY = 86_400
GOID = "040000008200E00074C5B7101A82E008"
REST = "D0A1B2C3D4E5F60700000000"
ROW = {
    "id": "AAMkAD1",
    "iCalUId": f"{GOID}00000000{REST}",
    "subject": "Call",
    "type": "singleInstance",
    "isOrganizer": True,
    "isAllDay": False,
    "start": {"dateTime": "2026-03-09T15:00:00.0000000", "timeZone": "UTC"},
    "end": {"dateTime": "2026-03-09T15:30:00.0000000", "timeZone": "UTC"},
    "responseStatus": {"response": "organizer", "time": "0001-01-01T00:00:00Z"},
}
BERLIN_ADA = type(ADA)(id="AOK", last="Okafor", first="Ada", emails=ADA.emails, zone="Europe/Berlin")


def held(timekeeper: Any = ADA, **said: Any) -> Held:
    return held_from({**ROW, **said}, timekeeper)


def timed(start: str, zone: str, **said: Any) -> Held:
    clock = {
        "start": {"dateTime": start, "timeZone": zone},
        "end": {"dateTime": "2026-03-20T00:00:00", "timeZone": zone},
    }
    return held(**clock, **said)


# -- zones ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "zone"),
    [
        ("2026-03-09T15:00:00.0000000", "UTC"),
        ("2026-03-09T15:00:00", "utc"),
        ("2026-03-09T15:00:00", "tzone://Microsoft/Utc"),
        ("2026-03-09T10:00:00.0000000", "Central Standard Time"),
        ("2026-03-09T10:00:00", "America/Chicago"),
        ("2026-03-09T16:00:00", "W. Europe Standard Time"),
        ("2026-03-09T20:30:00", "India Standard Time"),
        ("2026-03-09T15:00:00Z", ""),
        ("2026-03-09T10:00:00-05:00", "tzone://Microsoft/Custom"),
    ],
)
def test_zones_are_known_by_the_names_of_windows_and_of_the_world(start: str, zone: str) -> None:
    meeting = timed(start, zone).meeting
    assert (meeting.start, meeting.zone_assumed) == (MONDAY, False)


@pytest.mark.parametrize("zone", ["tzone://Microsoft/Custom", "Customized Time Zone", "", "../../etc/passwd", "\x00"])
def test_a_zone_nobody_knows_is_not_guessed_but_said(zone: str) -> None:
    """The timekeeper's own stands in."""
    meeting = timed("2026-03-09T10:00:00", zone).meeting
    assert (meeting.start, meeting.zone_assumed) == (MONDAY, True)


# -- whole days -------------------------------------------------------------------------------

MIDNIGHT = MONDAY - 10 * 3600
"""Of the Monday, in Chicago."""


@pytest.mark.parametrize(
    "start",
    ["2026-03-09T00:00:00.0000000", "2026-03-09T05:00:00.0000000", "2026-03-08T23:00:00"],
    ids=["as it stands", "Chicago's midnight in UTC", "Berlin's midnight in UTC"],
)
def test_a_whole_day_begins_at_the_timekeepers_midnight(start: str) -> None:
    """Whether Graph turns its midnight into UTC is not known: either is understood."""
    whole = {"start": {"dateTime": start, "timeZone": "UTC"}, "end": {"dateTime": start, "timeZone": "UTC"}}
    assert held(isAllDay=True, **whole).meeting.start == MIDNIGHT


def test_a_whole_day_east_of_greenwich_is_the_same_date() -> None:
    for start in ("2026-03-09T00:00:00", "2026-03-08T23:00:00"):
        whole = {"start": {"dateTime": start, "timeZone": "UTC"}, "end": {"dateTime": start, "timeZone": "UTC"}}
        assert held(BERLIN_ADA, isAllDay=True, **whole).meeting.start == MONDAY - 16 * 3600


@pytest.mark.parametrize(
    ("kind", "original", "planned"),
    [
        ("occurrence", "2026-03-09T05:00:00Z", MIDNIGHT),
        ("occurrence", "2026-03-09T00:00:00Z", MIDNIGHT),
        ("exception", "2026-03-08T00:00:00Z", MIDNIGHT - DAY + 3600),
        ("exception", "2026-03-08T06:00:00Z", MIDNIGHT - DAY + 3600),
    ],
)
def test_an_occurrence_of_a_whole_day_is_planned_for_its_date(kind: str, original: str, planned: int) -> None:
    """Across the change of clocks too: the Sunday has 23 hours in Chicago."""
    day = {"dateTime": "2026-03-09T00:00:00", "timeZone": "UTC"}
    meeting = held(isAllDay=True, type=kind, originalStart=original, start=day, end=day).meeting
    assert meeting.occurrence == str(planned)


# -- which occurrence of which series ---------------------------------------------------------


def test_an_occurrence_belongs_to_its_series_and_has_the_time_it_was_first_planned_for() -> None:
    """Exchange writes the date into the UID it tells: 2026-03-09 is 07EA0309."""
    said = {"type": "exception", "iCalUId": f"{GOID}07EA0309{REST}", "originalStart": "2026-03-09T14:00:00Z"}
    meeting = held(**said).meeting
    assert (meeting.uid, meeting.occurrence) == (f"{GOID}00000000{REST}", str(MONDAY - 3600))


def test_without_the_first_plan_its_own_start_stands() -> None:
    assert held(type="occurrence", originalStart=None).meeting.occurrence == str(MONDAY)


def test_what_does_not_recur_is_its_uid_alone() -> None:
    assert held(originalStart="2026-03-09T15:00:00Z").meeting.occurrence == ""


@pytest.mark.parametrize("uid", ["hearing@okafor.example", "A7F3-0309", GOID])
def test_other_uids_stay_as_they_are(uid: str) -> None:
    assert held(iCalUId=uid, type="occurrence").meeting.uid == uid


def test_without_a_uid_the_id_names_it() -> None:
    assert held(iCalUId=None).meeting.uid == "AAMkAD1"


# -- odd rows ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        {"responseStatus": None, "attendees": None, "organizer": None, "location": None, "body": None},
        {"attendees": [None, 7], "onlineMeeting": None, "showAs": None, "sensitivity": None},
        {"isOrganizer": "true", "isCancelled": "false", "isAllDay": "false"},
        {"type": None, "recurrence": None, "seriesMasterId": None},
    ],
    ids=repr,
)
def test_what_may_be_missing_or_odd_is_done_without(said: dict[str, Any]) -> None:
    one = held(**said)
    assert (one.meeting.start, one.meeting.response, one.cancelled) == (MONDAY, "accepted", False)


@pytest.mark.parametrize(
    "said",
    [
        {"start": None},
        {"start": {"dateTime": "0001-01-01T00:00:00.0000000", "timeZone": "UTC"}},
        {"end": {"dateTime": "soon", "timeZone": "UTC"}},
        {"start": {"timeZone": "UTC"}},
        {"responseStatus": 7},
        {"location": "Room 4"},
        {"type": "occurrence", "originalStart": "0001-01-01T00:00:00"},
    ],
    ids=repr,
)
def test_a_row_of_another_shape_is_no_meeting(said: dict[str, Any]) -> None:
    with pytest.raises(UNREADABLE):
        held(**said)


def test_an_online_meeting_is_looked_up_by_who_organises_it_only() -> None:
    """Graph tells the organizer alone who was there."""
    online = {"isOnlineMeeting": True, "onlineMeeting": {"joinUrl": "https://teams.example/x"}}
    assert held(**online).link == "https://teams.example/x"
    assert held(**online, isOrganizer=False).link == ""
