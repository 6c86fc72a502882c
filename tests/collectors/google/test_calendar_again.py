"""The calendar read day after day: what changed, what no longer stands, and what a token is good for."""

from __future__ import annotations

import json

import pytest

from autotime.collectors.google.calendar import read
from autotime.domain.errors import SuddenlyEmpty
from autotime.testing.google.routes import Refused
from autotime.testing.server import Asked, Reply
from tests.collectors.google.room import DAY, NOW, Room, utc


def test_the_first_run_reads_all_and_the_next_a_week_and_what_changed(room: Room) -> None:
    room.ada.meets("Last year", "2025-03-09T15:00Z")
    room.ada.meets("Today", "2026-03-09T15:00Z")
    kept = room.run(read)
    assert kept.subjects == ["Last year", "Today"]
    assert len(kept.state["calendars"]["primary"]["given"]) == 1
    room.workspace.server.asked.clear()
    room.run(read, kept, NOW + DAY)
    assert (kept.new, kept.changed) == (0, 0)
    by_token, window = room.asked("/events")
    assert "syncToken" in by_token.query
    assert (window.query["timeMin"], window.query["timeMax"]) == ("2026-03-03T02:00:00Z", "2026-03-12T02:00:00Z")


def test_each_change_is_told_once(room: Room) -> None:
    """The token moves on."""
    name = room.ada.meets("February", "2026-02-02T15:00Z")
    kept = room.run(read)
    room.ada.calendars.change(name, summary="February, renamed")
    told = []
    for later in (1, 2):
        room.exchanges.clear()
        room.run(read, kept, NOW + later * DAY)
        told += [json.loads(reply.bytes())["items"] for asked, reply in room.exchanges if "syncToken" in asked.query]
    assert [len(items) for items in told] == [1, 0]


def test_what_changes_in_the_midst_of_a_run_is_told_by_the_next(room: Room) -> None:
    """After the changes were read, and before the window was."""
    name = room.ada.meets("February", "2026-02-02T15:00Z")
    kept = room.run(read)
    answer = room.workspace.server.answer

    def meddling(asked: Asked) -> Reply:
        reply = answer(asked)
        if "syncToken" in asked.query:
            room.ada.calendars.change(name, summary="February, renamed")
        return reply

    room.workspace.server.answer = meddling
    room.run(read, kept, NOW + DAY)
    room.workspace.server.answer = answer
    room.run(read, kept, NOW + 2 * DAY)
    assert kept.subjects == ["February, renamed"]


def test_a_cancelled_meeting_is_withdrawn_even_where_nothing_is_remembered(room: Room) -> None:
    """The cursor was lost: only Google's own word is left."""
    name = room.ada.meets("Call", "2026-03-09T15:00Z")
    kept = room.run(read)
    room.ada.calendars.cancels(name)
    kept.state = {}
    room.run(read, kept, NOW + DAY)
    assert kept.items == []


def test_a_meeting_of_last_month_that_changes_today_is_told_by_the_token(room: Room) -> None:
    """The window does not reach it."""
    room.ada.meets("February", "2026-02-02T15:00Z", name="february")
    room.ada.meets("February too", "2026-02-03T15:00Z", name="other")
    kept = room.run(read)
    room.ada.calendars.change("february", summary="February, renamed")
    room.ada.calendars.cancels("other")
    room.run(read, kept, NOW + DAY)
    assert kept.subjects == ["February, renamed"]


@pytest.mark.parametrize("keeps", [False, True], ids=["forgets its bounds", "keeps its bounds"])
def test_whatever_a_token_of_a_bounded_list_means_nothing_is_lost_or_doubled(room: Room, keeps: bool) -> None:
    """Google does not say. Meetings far away never come in, and new occurrences always do."""
    room.ada.calendars.token_keeps_bounds = keeps
    room.ada.calendars.clock = lambda: NOW
    room.ada.meets("Daily", "2026-03-08T16:00Z", name="daily", rule="FREQ=DAILY")
    kept = room.run(read)
    room.ada.calendars.change("daily", summary="Daily, renamed")
    for later in (1, 2):
        room.run(read, kept, NOW + later * DAY)
    assert kept.subjects == ["Daily, renamed"] * 5
    assert kept.items[-1].at == utc("2026-03-12T16:00Z")


def test_without_a_token_the_window_does_alone(room: Room) -> None:
    room.ada.calendars.token_for_bounded = False
    room.ada.meets("Call", "2026-03-09T15:00Z", name="call")
    kept = room.run(read)
    assert kept.state["calendars"]["primary"]["token"] == ""
    room.ada.calendars.moves("call", "2026-03-09T17:00Z")
    room.run(read, kept, NOW + DAY)
    assert kept.only().at == utc("2026-03-09T17:00Z")


def test_an_expired_token_is_followed_by_a_wider_reading_and_absence_counts(room: Room) -> None:
    """A full list need not name what was cancelled."""
    for day in ("02-20", "03-08", "03-09"):
        room.ada.meets(f"Call of {day}", f"2026-{day}T15:00Z", name=f"c{day.replace('-', '')}")
    kept = room.run(read)
    room.ada.calendars.vanishes("c0220")
    room.ada.calendars.vanishes("c0308")
    room.ada.calendars.expire_tokens()
    room.run(read, kept, NOW + DAY)
    assert kept.withdrawn == ["event/c0220", "event/c0308"]
    assert kept.subjects == ["Call of 03-09"]
    room.run(read, kept, NOW + 2 * DAY)
    assert (kept.new, kept.changed, kept.withdrawn) == (0, 0, [])


def test_a_token_that_google_takes_for_a_wrong_question_is_dropped_too(room: Room) -> None:
    room.ada.meets("Call", "2026-03-09T15:00Z")
    kept = room.run(read)
    room.workspace.refusing = [None, Refused(400, "syncTokenWithRequestRestrictions")]
    room.run(read, kept, NOW + DAY)
    assert kept.subjects == ["Call"]
    assert kept.state["calendars"]["primary"]["token"]


def test_a_meeting_moved_out_of_reach_no_longer_stands_where_it_was(room: Room) -> None:
    for tokens in (True, False):
        room.ada.calendars.token_for_bounded = tokens
        name = room.ada.meets("Call", "2026-03-09T15:00Z")
        kept = room.run(read)
        room.ada.calendars.moves(name, "2026-05-09T15:00Z")
        room.run(read, kept, NOW + DAY)
        assert kept.items == []
        assert kept.withdrawn == [f"event/{name}"]
        assert kept.state["calendars"]["primary"]["given"] == {}


def test_days_off_are_read_when_work_begins_again(room: Room) -> None:
    room.ada.meets("Call", "2026-03-09T15:00Z")
    kept = room.run(read)
    room.ada.meets("While away", "2026-03-15T15:00Z")
    room.ada.calendars.token_for_bounded = False
    room.ada.calendars.expire_tokens()
    room.run(read, kept, NOW + 21 * DAY)
    assert kept.subjects == ["Call", "While away"]


def test_a_calendar_that_is_suddenly_empty_is_doubted(room: Room) -> None:
    names = [room.ada.meets("Call", f"2026-03-09T1{hour}:00Z") for hour in range(4)]
    kept = room.run(read)
    for name in names:
        room.ada.calendars.vanishes(name)
    with pytest.raises(SuddenlyEmpty) as doubted:
        room.run(read, kept, NOW + DAY)
    assert "Call" not in str(doubted.value)
    assert len(kept.items) == 4


def test_an_empty_week_is_looked_behind(room: Room) -> None:
    """Nothing stood in it; whether all that stood before is gone too takes one request more."""
    names = [room.ada.meets("Call", f"2026-03-09T1{hour}:00Z") for hour in range(4)]
    kept = room.run(read)
    room.run(read, kept, NOW + 10 * DAY)
    for name in names:
        room.ada.calendars.vanishes(name)
    with pytest.raises(SuddenlyEmpty):
        room.run(read, kept, NOW + 11 * DAY)


def test_a_quiet_week_is_not_doubted(room: Room) -> None:
    room.ada.meets("Call", "2026-03-09T15:00Z")
    kept = room.run(read)
    for later in (30, 31, 32):
        room.run(read, kept, NOW + later * DAY)
        assert kept.subjects == ["Call"]


def test_a_run_killed_after_any_page_is_finished_by_the_next(room: Room) -> None:
    room.ada.calendars.largest_page = 2
    for hour in range(5):
        room.ada.meets(f"Call {hour}", f"2026-03-09T1{hour}:00Z", name=f"c{hour}")
    whole = room.run(read)
    for stored in range(4):
        kept = room.run(read, pages=stored)
        room.run(read, kept)
        assert kept.items == whole.items
    room.ada.calendars.cancels("c0")
    for stored in range(3):
        kept = room.run(read, room.run(read, pages=2), NOW + DAY, pages=stored)
        room.run(read, kept, NOW + DAY)
        assert kept.items == whole.items[1:]
