from __future__ import annotations

import pytest

from autotime.collectors.google.calendar import read
from autotime.domain.evidence import Role
from autotime.domain.spans import Span
from tests.collectors.google.room import DAY, NOW, Room, utc

BEN = "ben@harrow.example"


def test_a_meeting_is_evidence_with_its_words_people_and_minutes(room: Room) -> None:
    room.ada.meets(
        "Harrow lease call", "2026-03-09T15:00Z", 30, name="lease", organizer=BEN, answer="accepted",
        guests={BEN: "accepted"}, description="Term sheet", location="Room 4",
    )  # fmt: skip
    item = room.run(read).only()
    assert (item.account, item.source, item.key) == ("google", "google", "event/lease")
    assert item.span == Span(utc("2026-03-09T15:00Z"), utc("2026-03-09T15:30Z"))
    assert item.identity == "ical:lease@google.com:"
    assert item.thread == "ical:lease@google.com"
    assert (item.subject.reveal(), item.body.reveal(), item.place.reveal()) == (
        "Harrow lease call", "Term sheet", "Room 4",
    )  # fmt: skip
    assert [(who.role, who.address) for who in item.people] == [
        (Role.ORGANIZER, BEN), (Role.ATTENDEE, "ada@okafor.example"), (Role.ATTENDEE, BEN),
    ]  # fmt: skip
    assert item.facts == {"busy": "busy", "response": "accepted"}
    assert item.own


@pytest.mark.parametrize(
    ("answer", "response", "own"),
    [
        ("accepted", "accepted", True),
        ("tentative", "tentative", True),
        ("declined", "declined", False),
        ("needsAction", "none", False),
    ],
)
def test_the_timekeepers_own_answer_counts(room: Room, answer: str, response: str, own: bool) -> None:
    room.ada.meets("Call", "2026-03-09T15:00Z", organizer=BEN, answer=answer)
    item = room.run(read).only()
    assert (item.facts["response"], item.own) == (response, own)


def test_an_event_alone_is_ones_own(room: Room) -> None:
    """Google names an organizer, a calendar file of the same event nobody: it says nothing."""
    room.ada.meets("Draft the brief", "2026-03-09T15:00Z")
    item = room.run(read).only()
    assert (item.facts["response"], item.people, item.own) == ("accepted", (), True)


def test_who_organizes_is_there_unless_they_declined(room: Room) -> None:
    room.ada.meets("Mine", "2026-03-09T15:00Z", guests={BEN: "needsAction"})
    room.ada.meets("Mine, without me", "2026-03-09T16:00Z", answer="declined", guests={BEN: "accepted"})
    assert [item.facts["response"] for item in room.run(read).items] == ["organizer", "declined"]


def test_who_organizes_for_more_guests_than_are_told_is_the_organizer(room: Room) -> None:
    room.ada.meets("Town hall", "2026-03-09T16:00Z", attendeesOmitted=True)
    assert room.run(read).only().facts["response"] == "organizer"


def test_the_timekeeper_is_known_by_googles_mark_or_by_address(room: Room) -> None:
    """Invited under an alias; or in a calendar of their own making, whose self is the calendar."""
    made = room.ada.calendars.calendar("mine@group.calendar.google.com", accessRole="owner")
    alias = [{"email": "a.okafor@okafor.example", "self": True, "responseStatus": "tentative"}]
    known = [{"email": "Ada@Okafor.example", "responseStatus": "declined"}]
    room.ada.meets("By an alias", "2026-03-09T15:00Z", organizer=BEN, attendees=alias)
    room.ada.meets("By address", "2026-03-09T16:00Z", organizer=BEN, attendees=known, calendar=made)
    assert [item.facts["response"] for item in room.run(read).items] == ["tentative", "declined"]


def test_an_invitation_that_came_through_a_group_has_no_answer(room: Room) -> None:
    """No attendee is the timekeeper: not a word that they were there."""
    room.ada.meets("All hands", "2026-03-09T15:00Z", organizer=BEN, guests={"all@okafor.example": "needsAction"})
    room.ada.meets("Town hall", "2026-03-09T16:00Z", organizer=BEN, attendeesOmitted=True)
    assert [item.facts["response"] for item in room.run(read).items] == ["none", "none"]


def test_only_the_busy_span_of_a_private_event_is_kept(room: Room) -> None:
    for number, visibility in enumerate(("private", "confidential")):
        room.ada.meets(
            "Doctor", f"2026-03-09T1{number}:00Z", visibility=visibility, guests={BEN: "accepted"}, description="Clinic"
        )
    for item in room.run(read).items:
        assert item.facts["private"] is True
        assert (item.subject.reveal(), item.body.reveal(), item.people) == ("", "", ())


def test_a_private_event_of_somebody_else_has_no_words_at_all(room: Room) -> None:
    """Google leaves the key out."""
    name = room.ada.meets("", "2026-03-09T15:00Z", visibility="private", organizer=BEN, answer="accepted")
    del room.ada.calendars.kept["ada@okafor.example"][name].event["summary"]
    assert room.run(read).only().facts["private"] is True


def test_free_and_tentative_are_told(room: Room) -> None:
    room.ada.meets("Hold", "2026-03-09T15:00Z", transparency="transparent")
    room.ada.meets("Perhaps", "2026-03-09T16:00Z", status="tentative")
    assert [item.facts["busy"] for item in room.run(read).items] == ["free", "tentative"]


def test_what_is_no_work_is_not_even_asked_for(room: Room) -> None:
    """Out of office, working places, birthdays and bookings; a block of focus time may be work."""
    for number, kind in enumerate(("outOfOffice", "workingLocation", "birthday", "fromGmail", "focusTime", "default")):
        room.ada.meets(kind, f"2026-03-09T1{number}:00Z", eventType=kind)
    assert room.run(read).subjects == ["focusTime", "default"]
    assert "outOfOffice" not in str(room.exchanges)


def test_a_whole_day_lies_in_the_timekeepers_zone(room: Room) -> None:
    """Chicago; the end is not part of it, and the night the clocks went forward is short."""
    room.ada.meets("Discovery cut-off", "2026-03-08", days=1)
    item = room.run(read).only()
    assert item.span == Span(utc("2026-03-08T00:00-06:00"), utc("2026-03-09T00:00-05:00"))
    assert item.facts["all_day"] is True


def test_each_occurrence_of_a_series_is_known_by_when_it_was_planned(room: Room) -> None:
    """On both sides of the change of clocks, and where one was moved."""
    room.ada.calendars.zone = "America/Chicago"
    room.ada.meets("Weekly", "2026-02-23T10:00-06:00", 30, name="weekly", rule="FREQ=WEEKLY;COUNT=3")
    room.ada.calendars.moves("weekly", "2026-03-03T09:00-06:00", 30, planned="2026-03-02T10:00-06:00")
    found = room.run(read).items
    planned = ["2026-02-23T16:00Z", "2026-03-02T16:00Z", "2026-03-09T15:00Z"]
    assert [item.identity for item in found] == [f"ical:weekly@google.com:{utc(text)}" for text in planned]
    assert [item.at for item in found] == [utc(planned[0]), utc("2026-03-03T15:00Z"), utc(planned[2])]
    assert found[1].key == "event/weekly_20260302T160000Z"


def test_an_event_is_known_by_its_id_when_it_is_cancelled(room: Room) -> None:
    """A cancelled one may come with nothing else; one of a series too."""
    room.ada.meets("Call", "2026-03-09T15:00Z", name="call")
    room.ada.meets("Daily", "2026-03-08T16:00Z", name="daily", rule="FREQ=DAILY;COUNT=3")
    kept = room.run(read)
    assert len(kept.items) == 4
    room.ada.calendars.cancels("call")
    room.ada.calendars.cancels("daily", "2026-03-09T16:00Z")
    room.run(read, kept, NOW + DAY)
    assert sorted(kept.withdrawn) == ["event/call", "event/daily_20260309T160000Z"]
    assert [item.at for item in kept.items] == [utc("2026-03-08T16:00Z"), utc("2026-03-10T16:00Z")]


def test_a_series_that_is_cancelled_or_cut_short_is_withdrawn_by_occurrence(room: Room) -> None:
    """Cancelled ones are told; those after a new last one are simply absent."""
    for name in ("gone", "short"):
        room.ada.meets(name, "2026-03-08T16:00Z", name=name, rule="FREQ=DAILY;COUNT=3")
    kept = room.run(read)
    room.ada.calendars.cancels("gone")
    room.ada.calendars.kept["ada@okafor.example"]["short"].rules = ("RRULE:FREQ=DAILY;COUNT=1",)
    room.run(read, kept, NOW + DAY)
    assert kept.subjects == ["short"]
    assert len(kept.withdrawn) == 5


def test_a_meeting_cancelled_before_it_was_ever_seen_is_nothing(room: Room) -> None:
    room.ada.meets("Call", "2026-03-09T15:00Z", name="call")
    room.ada.calendars.cancels("call")
    assert room.run(read).items == []


def test_only_what_begins_in_the_window_comes(room: Room) -> None:
    """Google counts an earliest time for the end of a meeting: one that began before is none of ours."""
    room.ada.meets("Over midnight", "2026-03-08T23:30Z")
    room.ada.meets("First", "2026-03-09T00:00Z")
    room.ada.meets("Next week", "2026-03-16T00:00Z")
    assert room.run(read, since=utc("2026-03-09T00:00Z")).subjects == ["First"]


def test_a_broken_event_is_set_aside_and_the_others_come(room: Room) -> None:
    room.ada.meets("Call", "2026-03-09T15:00Z")
    nowhen = {"timeZone": "UTC"}
    room.ada.meets("Odd", "2026-03-09T16:00Z", name="odd", recurringEventId="odd", originalStartTime=nowhen)
    for _ in range(2):
        kept = room.run(read)
        assert kept.subjects == ["Call"]
        assert list(kept.quarantined) == ["event/odd"]
        assert "Odd" not in str(kept.quarantined)


def test_pages_are_followed_to_their_end_also_over_an_empty_one(room: Room) -> None:
    """The token for the next time stands on the last page only."""
    room.ada.calendars.largest_page = 2
    room.workspace.empty_page_with_next()
    for hour in range(5):
        room.ada.meets(f"Call {hour}", f"2026-03-09T1{hour}:00Z")
    kept = room.run(read)
    assert kept.subjects == [f"Call {hour}" for hour in range(5)]
    assert kept.state["calendars"]["primary"]["token"]


def test_the_calendars_the_timekeeper_made_are_read_and_a_colleagues_is_not(room: Room) -> None:
    """Not even where its owner gave every right to it: time in it is theirs."""
    calendars = room.ada.calendars
    made = {
        "mine@group.calendar.google.com": {"accessRole": "owner"},
        "hidden@group.calendar.google.com": {"accessRole": "owner", "selected": False},
        "firm@group.calendar.google.com": {"accessRole": "reader"},
        "theirs@group.calendar.google.com": {"accessRole": "owner", "dataOwner": BEN},
        BEN: {"accessRole": "owner"},
    }
    for number, (name, said) in enumerate(made.items()):
        calendars.calendar(name, **said)
        room.ada.meets(name, f"2026-03-09T1{number}:00Z", calendar=name, name=f"e{number}")
    kept = room.run(read)
    assert kept.subjects == ["mine@group.calendar.google.com"]
    assert "mine" not in kept.only().key


def test_without_the_permission_to_list_calendars_the_first_one_is_still_read(room: Room) -> None:
    room.without("calendar.calendarlist.readonly")
    room.ada.meets("Call", "2026-03-09T15:00Z")
    kept = room.run(read)
    assert kept.subjects == ["Call"]
    assert [gap.part for gap in kept.gaps] == ["other calendars"]
    assert "calendar.calendarlist.readonly" in kept.gaps[0].reason
