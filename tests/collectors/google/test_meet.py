from __future__ import annotations

import pytest

from autotime.collectors.google import calendar
from autotime.collectors.google.meet import with_attendance
from autotime.domain.evidence import Evidence
from autotime.testing.google.routes import Refused
from tests.collectors.google.room import DAY, NOW, Room, utc

CODE = "abc-mnop-xyz"
LINK = f"https://meet.google.com/{CODE}"
BEN = "ben@harrow.example"


@pytest.fixture(autouse=True)
def clock(room: Room) -> None:
    room.ada.meet.clock = lambda: NOW


def meets(room: Room, **more: str) -> None:
    room.ada.meets("Call", "2026-03-09T15:00Z", 60, organizer=BEN, answer="needsAction", hangoutLink=LINK, **more)


def stays(item: Evidence) -> list[tuple[str, str]]:
    """Clock times in UTC."""
    spans = [stretch.split("-") for stretch in str(item.facts.get("attended", "")).split()]
    return [(_clock(int(joined)), _clock(int(left))) for joined, left in spans]


def _clock(instant: int) -> str:
    return f"{instant % DAY // 3600:02}:{instant % 3600 // 60:02}"


def test_the_minutes_that_were_attended_are_told(room: Room) -> None:
    """They say that the timekeeper was there, whatever was answered to the invitation."""
    meets(room)
    conference = room.ada.meet.confers(CODE, "2026-03-09T14:58:00Z", "2026-03-09T15:50:00Z")
    room.ada.meet.joins(conference, "Ada Okafor", "2026-03-09T15:02:00Z", "2026-03-09T15:20:00Z", person="1080")
    room.ada.meet.joins(conference, "Ada Okafor", "2026-03-09T15:25:00Z", "2026-03-09T15:50:00Z", person="1080")
    room.ada.meet.joins(conference, "Ben Lund", "2026-03-09T14:58:00Z", "2026-03-09T15:50:00Z", person="2090")
    item = room.run(with_attendance).only()
    assert stays(item) == [("15:02", "15:20"), ("15:25", "15:50")]
    assert (item.own, item.facts["response"]) == (True, "none")


def test_two_devices_at_once_are_one_stay(room: Room) -> None:
    meets(room)
    conference = room.ada.meet.confers(CODE, "2026-03-09T15:00:00Z", "2026-03-09T16:00:00Z")
    room.ada.meet.joins(conference, "Ada Okafor", "2026-03-09T15:00:00Z", "2026-03-09T15:40:00Z", person="1080")
    room.ada.meet.joins(conference, "Ada Okafor", "2026-03-09T15:30:00Z", "2026-03-09T16:00:00Z", person="1080")
    assert stays(room.run(with_attendance).only()) == [("15:00", "16:00")]


def test_nobody_is_taken_for_the_timekeeper_by_chance(room: Room) -> None:
    """Not who is anonymous under that name, nor one of two who bear it."""
    meets(room)
    conference = room.ada.meet.confers(CODE, "2026-03-09T15:00:00Z", "2026-03-09T16:00:00Z")
    room.ada.meet.joins(conference, "Ada Okafor", "2026-03-09T15:00:00Z", "2026-03-09T15:40:00Z")
    assert stays(room.run(with_attendance).only()) == []
    for person in ("1080", "2090"):
        room.ada.meet.joins(conference, "Ada N. Okafor", "2026-03-09T15:00:00Z", "2026-03-09T15:40:00Z", person=person)
    assert stays(room.run(with_attendance).only()) == []


def test_each_meeting_of_a_series_has_its_own_attendance_under_one_code(room: Room) -> None:
    room.ada.meets("Daily", "2026-03-07T15:00Z", 30, rule="FREQ=DAILY;COUNT=3", answer="accepted", hangoutLink=LINK)
    for day in ("07", "09"):
        conference = room.ada.meet.confers(CODE, f"2026-03-{day}T15:00:00Z", f"2026-03-{day}T15:20:00Z")
        room.ada.meet.joins(
            conference, "Ada Okafor", f"2026-03-{day}T15:00:00Z", f"2026-03-{day}T15:2{day[1]}:00Z", person="1080"
        )
    assert [stays(item) for item in room.run(with_attendance).items] == [
        [("15:00", "15:27")], [], [("15:00", "15:29")],
    ]  # fmt: skip
    assert len(room.asked("/conferenceRecords")) == 1


def test_a_conference_that_is_not_over_is_told_by_the_next_run(room: Room) -> None:
    meets(room)
    conference = room.ada.meet.confers(CODE, "2026-03-09T15:00:00Z")
    room.ada.meet.joins(conference, "Ada Okafor", "2026-03-09T15:00:00Z", person="1080")
    kept = room.run(with_attendance, now=utc("2026-03-09T15:30Z"))
    assert stays(kept.only()) == []
    conference.end = "2026-03-09T15:45:00Z"
    conference.stays["1080"] = [("2026-03-09T15:00:00Z", "2026-03-09T15:45:00Z")]
    room.run(with_attendance, kept)
    assert stays(kept.only()) == [("15:00", "15:45")]


def test_attendance_of_a_meeting_that_is_long_over_is_not_asked_for_again(room: Room) -> None:
    meets(room)
    conference = room.ada.meet.confers(CODE, "2026-03-09T15:00:00Z", "2026-03-09T15:45:00Z")
    room.ada.meet.joins(conference, "Ada Okafor", "2026-03-09T15:00:00Z", "2026-03-09T15:45:00Z", person="1080")
    kept = room.run(with_attendance)
    for later in (1, 2):
        room.run(with_attendance, kept, NOW + later * DAY)
        assert stays(kept.only()) == [("15:00", "15:45")]
    assert len(room.asked("/conferenceRecords")) == 1


def test_attendance_that_google_forgets_stays(room: Room) -> None:
    """A meeting of last month is renamed: its minutes are no longer told, and stand."""
    meets(room, name="call")
    conference = room.ada.meet.confers(CODE, "2026-03-09T15:00:00Z", "2026-03-09T15:45:00Z")
    room.ada.meet.joins(conference, "Ada Okafor", "2026-03-09T15:00:00Z", "2026-03-09T15:45:00Z", person="1080")
    kept = room.run(with_attendance)
    later = NOW + 33 * DAY
    room.ada.meet.clock = lambda: later
    room.ada.calendars.change("call", summary="Call, renamed")
    room.run(with_attendance, kept, later)
    assert kept.subjects == ["Call, renamed"]
    assert stays(kept.only()) == [("15:00", "15:45")]


def test_attendance_is_never_asked_for_where_it_is_not_wanted(room: Room) -> None:
    meets(room)
    room.run(calendar.read)
    assert room.asked("/conferenceRecords") == []


@pytest.mark.parametrize("said", [{"visibility": "private"}, {"hangoutLink": "https://zoom.example/j/1"}])
def test_no_attendance_is_asked_for_of_private_events_and_other_links(room: Room, said: dict[str, str]) -> None:
    room.ada.meets("Call", "2026-03-09T15:00Z", **{"hangoutLink": LINK, **said})
    room.run(with_attendance)
    assert room.asked("/conferenceRecords") == []


def test_nothing_is_asked_of_meetings_to_come(room: Room) -> None:
    room.ada.meets("Tomorrow", "2026-03-10T15:00Z", hangoutLink=LINK)
    room.run(with_attendance)
    assert room.asked("/conferenceRecords") == []


def test_without_the_permission_the_plan_stands_and_the_gap_is_said_once(room: Room) -> None:
    room.without("meetings.space.readonly")
    meets(room)
    room.ada.meets("Another", "2026-03-09T17:00Z", hangoutLink="https://meet.google.com/abc-defg-hij")
    kept = room.run(with_attendance)
    assert len(kept.items) == 2
    assert [gap.part for gap in kept.gaps] == ["attendance"]
    assert len(room.asked("/conferenceRecords")) == 1


def test_a_conference_one_may_not_see_leaves_the_plan(room: Room) -> None:
    """Google does not say whether guests may."""
    for status in (403, 404):
        meets(room)
        conference = room.ada.meet.confers(CODE, "2026-03-09T15:00:00Z", "2026-03-09T15:45:00Z")
        room.ada.meet.joins(conference, "Ada Okafor", "2026-03-09T15:00:00Z", "2026-03-09T15:45:00Z", person="1080")
        room.workspace.refusing = [None, None, None, Refused(status, "notFound", detail="NOT_FOUND")]
        kept = room.run(with_attendance)
        assert stays(kept.items[0]) == []
        assert kept.gaps == []
