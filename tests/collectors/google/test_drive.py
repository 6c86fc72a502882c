from __future__ import annotations

from datetime import UTC, datetime

import pytest

from autotime.collectors.google.files import read
from autotime.domain.spans import Span
from autotime.testing.google.routes import Refused
from tests.collectors.google.room import DAY, NOW, Room, utc
from tests.collectors.google.test_activity import BEN, at, spans


def test_versions_stand_in_where_drive_activity_is_silent(room: Room) -> None:
    """Only the timekeeper's own."""
    file = room.ada.drive.saves("Brief", at("15:00"), action="")
    room.ada.drive.saves(file, at("15:05"), by=BEN, action="")
    room.ada.drive.saves(file, at("15:10"), action="")
    item = room.run(read).only()
    assert item.span == Span(utc("2026-03-09T15:00Z"), utc("2026-03-09T15:10Z"))
    assert item.facts["saves"] == 2


def test_what_drive_activity_tells_is_not_asked_for_again_as_versions(room: Room) -> None:
    room.ada.drive.saves("Told", at("15:00"))
    room.ada.drive.saves("Silent", at("16:00"), action="")
    room.run(read)
    assert len(room.asked("/revisions")) == 1


def test_where_versions_may_not_be_read_the_last_own_change_is_known(room: Room) -> None:
    """They take the right to edit."""
    file = room.ada.drive.saves("Brief", at("15:00"), action="")
    room.ada.drive.files[file].readable = False
    item = room.run(read).only()
    assert (item.at, item.span) == (utc("2026-03-09T15:00Z"), None)


def test_versions_that_google_merges_later_take_nothing_back(room: Room) -> None:
    file = room.ada.drive.saves("Busy sheet", at("15:00"), action="")
    for clock in ("15:10", "15:20"):
        room.ada.drive.saves(file, at(clock), action="")
    kept = room.run(read)
    room.ada.drive.merges_versions(file)
    room.ada.drive.saves(file, at("09:00", "2026-03-10"), action="")
    room.run(read, kept, NOW + DAY)
    assert spans(kept)[0] == (utc("2026-03-09T15:00Z"), utc("2026-03-09T15:20Z"))
    assert (kept.new, kept.changed, kept.withdrawn) == (1, 0, [])


def test_what_google_merged_long_ago_is_not_looked_at_again(room: Room) -> None:
    """Its saves are no longer remembered: half of them would look like another session."""
    file = room.ada.drive.saves("Busy sheet", at("15:00", "2026-03-01"), action="")
    room.ada.drive.saves(file, at("15:10", "2026-03-01"), action="")
    kept = room.run(read)
    room.run(read, kept, NOW + 40 * DAY)
    assert kept.state["saves"] == {}
    room.ada.drive.merges_versions(file)
    room.ada.drive.saves(file, at("09:00", "2026-04-19"), action="")
    room.run(read, kept, NOW + 41 * DAY)
    assert (kept.new, kept.changed, kept.withdrawn) == (1, 0, [])


@pytest.mark.parametrize("days", [5, 34, 50])
def test_what_somebody_else_changes_after_google_merged_it_gives_no_second_session(room: Room, days: int) -> None:
    """However long ago: within what is remembered, and beyond it."""
    file = room.ada.drive.saves("Busy sheet", at("15:00"), action="")
    for clock in ("15:10", "15:25"):
        room.ada.drive.saves(file, at(clock), action="")
    kept = room.run(read)
    for night in range(1, days):
        room.run(read, kept, NOW + night * DAY)
    room.ada.drive.merges_versions(file)
    last = NOW + days * DAY
    room.ada.drive.saves(file, f"{datetime.fromtimestamp(last - 3600, UTC):%Y-%m-%dT%H:%M:%SZ}", by=BEN, action="")
    room.run(read, kept, last)
    assert spans(kept) == [(utc("2026-03-09T15:00Z"), utc("2026-03-09T15:25Z"))]
    assert (kept.new, kept.changed, kept.withdrawn) == (0, 0, [])


def test_what_was_saved_while_nothing_ran_is_read_however_long_that_was(room: Room) -> None:
    kept = room.run(read)
    room.ada.drive.saves("Brief", at("15:00", "2026-03-20"), action="")
    room.run(read, kept, NOW + 60 * DAY)
    assert kept.subjects == ["Brief"]


def test_a_new_name_changes_nothing_of_what_was_given(room: Room) -> None:
    """The time was captured under the old one."""
    file = room.ada.drive.saves("Draft", at("15:00"))
    kept = room.run(read)
    room.ada.drive.files[file].about["name"] = "Brief"
    room.ada.drive.saves(file, at("15:00", "2026-03-10"))
    room.run(read, kept, NOW + DAY)
    assert kept.subjects == ["Draft", "Brief"]
    assert (kept.new, kept.changed) == (1, 0)


def test_what_is_remembered_of_a_save_is_short(room: Room) -> None:
    """An instant is one number; a stretch, or a comment, is more."""
    file = room.ada.drive.saves("Brief", at("15:00"))
    room.ada.drive.acts(file, "edit", at("15:10"), until=at("15:20"))
    start = utc("2026-03-09T15:00Z")
    assert room.run(read).state["saves"] == {file: [start, [start + 600, start + 1200, True]]}


def test_a_file_that_only_others_changed_lately_is_none_of_this_run(room: Room) -> None:
    file = room.ada.drive.saves("Brief", at("15:00", "2025-12-01"), action="")
    room.ada.drive.saves(file, at("15:00"), by=BEN, action="")
    assert room.run(read).items == []
    assert room.asked("/revisions") == []


def test_a_file_drive_activity_does_not_know_is_known_by_its_versions(room: Room) -> None:
    for status in (403, 404):
        room.ada.drive.clear()
        room.ada.drive.saves("Brief", at("15:00"), action="")
        room.workspace.refusing = [None, None, None, Refused(status, "notFound", detail="NOT_FOUND")]
        assert room.run(read).subjects == ["Brief"]
        assert room.workspace.refusing == []


def test_many_files_are_asked_for_together(room: Room) -> None:
    for minute in range(10, 40):
        room.ada.drive.saves(f"Brief {minute}", at(f"15:{minute}"), action="")
    assert len(room.run(read).items) == 30
    assert sum(room.workspace.batches) == 30
    assert len(room.workspace.batches) <= 2


def test_the_feed_says_what_changed_since_the_last_run(room: Room) -> None:
    """Its fields are named, or it says next to nothing; the token of the last page is kept."""
    room.ada.drive.saves("Brief", at("15:00"), action="")
    kept = room.run(read)
    room.workspace.server.asked.clear()
    room.ada.drive.saves("Answer", at("15:00", "2026-03-10"), action="")
    room.run(read, kept, NOW + DAY)
    assert kept.subjects == ["Brief", "Answer"]
    (feed,) = room.asked("/changes")
    assert "modifiedByMeTime" in feed.query["fields"]
    assert not room.asked("/files")
    assert kept.state["feeds"] == {"": "3"}


def test_a_save_that_was_sent_late_comes_when_it_is_told(room: Room) -> None:
    """The laptop was offline for a week; the rest of that day is told with it, once."""
    old = room.ada.drive.saves("Brief", at("15:00", "2026-02-26"))
    room.ada.drive.saves(old, at("15:10", "2026-02-26"))
    kept = room.run(read)
    for later in (1, 2):
        room.run(read, kept, NOW + later * DAY)
    late = room.ada.drive.saves("Flight notes", at("15:00", "2026-02-27"))
    room.ada.drive.saves(late, at("15:10", "2026-02-27"))
    room.run(read, kept, NOW + 3 * DAY)
    assert kept.subjects == ["Brief", "Flight notes"]
    assert spans(kept)[1] == (utc("2026-02-27T15:00Z"), utc("2026-02-27T15:10Z"))


def test_a_session_that_a_late_save_reaches_into_is_not_given_cut(room: Room) -> None:
    """A day before the late save, in the midst of a session that was given so long ago that it is forgotten."""
    file = room.ada.drive.saves("Brief", at("14:50", "2026-02-25"))
    room.ada.drive.saves(file, at("15:05", "2026-02-25"))
    kept = room.run(read)
    room.run(read, kept, utc("2026-04-02T12:00Z"))
    room.ada.drive.saves(file, at("15:00", "2026-02-26"))
    room.run(read, kept, utc("2026-04-03T12:00Z"))
    assert spans(kept) == [
        (utc("2026-02-25T14:50Z"), utc("2026-02-25T15:05Z")),
        (utc("2026-02-26T15:00Z"), utc("2026-02-26T15:00Z")),
    ]


def test_a_feed_of_many_pages_gives_its_token_at_the_end(room: Room) -> None:
    kept = room.run(read)
    room.ada.drive.largest_page = 2
    room.workspace.empty_page_with_next()
    for minute in range(5):
        room.ada.drive.saves(f"Brief {minute}", at(f"15:0{minute}"), action="")
    room.run(read, kept, NOW + DAY)
    assert len(kept.items) == 5
    assert kept.state["feeds"] == {"": "6"}


def test_each_shared_drive_has_a_feed_of_its_own(room: Room) -> None:
    """Which drives there are shows in the files that were changed there: listing drives takes a greater right."""
    shared = room.ada.drive.shares("Harrow matter")
    room.ada.drive.saves("Lease", at("15:00"), drive=shared, action="")
    kept = room.run(read)
    assert sorted(kept.state["feeds"]) == ["", shared]
    room.ada.drive.saves("Annex", at("15:00", "2026-03-10"), drive=shared, action="")
    room.run(read, kept, NOW + DAY)
    assert kept.subjects == ["Lease", "Annex"]
    assert [asked.query.get("driveId", "") for asked in room.asked("/changes")] == ["", shared]
    assert [asked.query["corpora"] for asked in room.asked("/files")] == ["allDrives", "drive"]
    assert not room.asked("/drives")


def test_a_shared_drive_that_is_new_shows_in_the_timekeepers_own_feed(room: Room) -> None:
    kept = room.run(read)
    shared = room.ada.drive.shares("Harrow matter")
    room.ada.drive.saves("Lease", at("15:00", "2026-03-10"), drive=shared, action="")
    room.run(read, kept, NOW + DAY)
    assert kept.subjects == ["Lease"]
    assert sorted(kept.state["feeds"]) == ["", shared]


def test_a_shared_drive_one_was_shown_out_of_is_forgotten(room: Room) -> None:
    shared = room.ada.drive.shares("Harrow matter")
    room.ada.drive.saves("Lease", at("15:00"), drive=shared)
    kept = room.run(read)
    del room.ada.drive.drives[shared]
    room.run(read, kept, NOW + DAY)
    assert sorted(kept.state["feeds"]) == [""]
    assert kept.subjects == ["Lease"]


def test_a_token_that_is_refused_is_followed_by_a_listing(room: Room) -> None:
    room.ada.drive.saves("Brief", at("15:00"), action="")
    kept = room.run(read)
    room.ada.drive.expire_tokens()
    room.ada.drive.saves("Answer", at("15:00", "2026-03-10"), action="")
    room.run(read, kept, NOW + DAY)
    assert kept.subjects == ["Brief", "Answer"]
    assert (kept.new, kept.changed) == (1, 0)
    room.run(read, kept, NOW + 2 * DAY)
    assert (kept.new, kept.changed, kept.withdrawn) == (0, 0, [])


def test_files_that_are_gone_take_no_time_back(room: Room) -> None:
    """Trashed, removed or no longer shared: captured time stays captured."""
    trashed = room.ada.drive.saves("Trashed", at("15:00"))
    lost = room.ada.drive.saves("Lost", at("16:00"))
    kept = room.run(read)
    room.ada.drive.trashes(trashed, at("20:00"))
    room.ada.drive.loses(lost, at("20:00"))
    room.run(read, kept, NOW + DAY)
    assert kept.subjects == ["Trashed", "Lost"]


def test_what_others_changed_last_still_shows_the_timekeepers_own_change(room: Room) -> None:
    file = room.ada.drive.saves("Brief", at("15:00"), action="", version=False)
    room.ada.drive.saves(file, at("18:00"), by=BEN, action="")
    assert room.run(read).only().at == utc("2026-03-09T15:00Z")


def test_a_refusal_over_speed_is_waited_out(room: Room) -> None:
    """403 with a reason of its own, also inside a batch."""
    for minute in (10, 20):
        room.ada.drive.saves(f"Brief {minute}", at(f"15:{minute}"), action="")
    room.workspace.refusing = [Refused(403, "userRateLimitExceeded"), *[None] * 6, Refused(403, "rateLimitExceeded")]
    assert len(room.run(read).items) == 2
    assert len(room.waits) >= 1


def test_a_quiet_day_asks_little(room: Room) -> None:
    room.ada.drive.saves("Brief", at("15:00"))
    kept = room.run(read)
    room.workspace.server.asked.clear()
    room.run(read, kept, NOW + DAY)
    assert [asked.path for asked in room.workspace.server.asked] == ["/drive/v3/changes", "/v2/activity:query"]
