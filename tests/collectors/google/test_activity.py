from __future__ import annotations

import pytest

from autotime.collectors.google.files import read
from autotime.collectors.google.refusals import Missing
from autotime.domain.evidence import Kind
from autotime.domain.spans import Span
from tests.collectors.google.room import DAY, NOW, Kept, Room, utc

BEN = "ben@harrow.example"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def at(clock: str, day: str = "2026-03-09") -> str:
    return f"{day}T{clock}:00.120Z"


def spans(kept: Kept) -> list[tuple[int, int]]:
    return [(item.span.start, item.span.end) if item.span else (item.at, item.at) for item in kept.items]


def test_saves_close_to_each_other_are_one_session(room: Room) -> None:
    file = room.ada.drive.saves("Motion to compel", at("15:00"))
    for clock in ("15:10", "15:25", "17:00"):
        room.ada.drive.saves(file, at(clock))
    first, alone = room.run(read).items
    assert (first.account, first.source, first.kind, first.own) == ("google", "google", Kind.DOCUMENT, True)
    assert first.span == Span(utc("2026-03-09T15:00Z"), utc("2026-03-09T15:25Z"))
    assert first.at == first.span.start
    assert first.facts == {"file": "Motion to compel", "saves": 3}
    assert first.thread == f"file:{file}"
    assert (alone.at, alone.span, alone.facts["saves"]) == (utc("2026-03-09T17:00Z"), None, 1)


@pytest.mark.parametrize(("minutes", "sessions"), [(20, 1), (21, 2)])
def test_work_has_paused_after_twenty_minutes(room: Room, minutes: int, sessions: int) -> None:
    file = room.ada.drive.saves("Brief", at("15:00"))
    room.ada.drive.saves(file, at(f"15:{minutes}"))
    assert len(room.run(read).items) == sessions


def test_acts_are_asked_for_one_by_one(room: Room) -> None:
    """Google would merge those of hours into one."""
    room.run(read)
    assert [asked.json()["consolidationStrategy"] for asked in room.asked(":query")] == [{"none": {}}]


def test_only_what_the_timekeeper_did_counts(room: Room) -> None:
    """Others are names without an address."""
    file = room.ada.drive.saves("Brief", at("15:00"))
    room.ada.drive.saves(file, at("15:10"), by=BEN)
    room.ada.drive.saves("Theirs", at("16:00"), by=BEN)
    item = room.run(read).only()
    assert (item.at, item.span) == (utc("2026-03-09T15:00Z"), None)


def test_a_stretch_of_time_counts_as_it_was_recorded(room: Room) -> None:
    """A row has a moment or a stretch, never both."""
    file = room.ada.drive.saves("Brief", at("15:00"), version=False)
    room.ada.drive.acts(file, "edit", at("15:15"), until=at("15:50"))
    room.ada.drive.acts(file, "edit", at("15:20"))
    room.ada.drive.acts(file, "edit", at("16:05"))
    item = room.run(read).only()
    assert item.span == Span(utc("2026-03-09T15:00Z"), utc("2026-03-09T16:05Z"))


def test_a_comment_is_work_and_no_version(room: Room) -> None:
    """Its target is a comment, whose parent is the file."""
    file = room.ada.drive.saves("Brief", at("15:00"), action="create")
    room.ada.drive.acts(file, "comment", at("15:10"))
    item = room.run(read).only()
    assert item.span == Span(utc("2026-03-09T15:00Z"), utc("2026-03-09T15:10Z"))
    assert item.facts == {"file": "Brief", "saves": 1}
    theirs = room.ada.drive.saves("Theirs", at("16:00"), by=BEN)
    room.ada.drive.acts(theirs, "comment", at("16:10"))
    assert room.run(read).items[1].facts == {"file": "Theirs"}


def test_renaming_moving_and_sharing_are_no_work_on_a_document(room: Room) -> None:
    file = room.ada.drive.saves("Brief", at("15:00"))
    for action in ("rename", "move", "permissionChange"):
        room.ada.drive.acts(file, action, at("15:10"))
    assert room.run(read).only().span is None


def test_folders_are_no_documents(room: Room) -> None:
    room.ada.drive.saves("Harrow", at("15:00"), mime="application/vnd.google-apps.folder", action="create")
    assert room.run(read).items == []


def test_the_name_of_a_file_loses_its_ending_and_that_of_googles_own_nothing(room: Room) -> None:
    room.ada.drive.saves("Answer_to_complaint.docx", at("15:00"), mime=WORD)
    room.ada.drive.saves("Smith v. Jones", at("16:00"))
    kept = room.run(read)
    assert kept.subjects == ["Answer to complaint", "Smith v. Jones"]
    assert [item.facts["file"] for item in kept.items] == ["Answer_to_complaint.docx", "Smith v. Jones"]


def test_a_shared_drive_is_asked_for_by_its_name(room: Room) -> None:
    """The root is the timekeeper's own drive only."""
    shared = room.ada.drive.shares("Harrow matter")
    file = room.ada.drive.saves("Lease", at("15:00"), drive=shared, version=False)
    room.ada.drive.acts(file, "edit", at("15:10"))
    assert spans(room.run(read)) == [(utc("2026-03-09T15:00Z"), utc("2026-03-09T15:10Z"))]
    assert f"items/{shared}" in [asked.json().get("ancestorName") for asked in room.asked(":query")]


def test_a_file_that_others_lent_is_asked_for_by_itself(room: Room) -> None:
    """It lies below no root of the timekeeper's."""
    file = room.ada.drive.saves("Lease", at("15:00"), lent=True, version=False)
    room.ada.drive.saves(file, at("15:10"), version=False)
    assert spans(room.run(read)) == [(utc("2026-03-09T15:00Z"), utc("2026-03-09T15:10Z"))]
    assert f"items/{file}" in [asked.json().get("itemName") for asked in room.asked(":query")]


def test_a_lent_file_that_changes_is_in_the_feed(room: Room) -> None:
    kept = room.run(read)
    room.ada.drive.saves("Lease", at("15:00", "2026-03-10"), lent=True)
    room.run(read, kept, NOW + DAY)
    assert kept.subjects == ["Lease"]


def test_a_save_that_two_sources_tell_of_is_one_save(room: Room) -> None:
    """Versions and acts of one session make one session, with no save counted twice."""
    file = room.ada.drive.saves("Brief", at("15:00"))
    room.ada.drive.saves(file, at("15:10"))
    with_both = room.run(read).only()
    room.without("drive.activity.readonly")
    with_versions = room.run(read).only()
    assert with_both == with_versions
    assert with_both.facts["saves"] == 2


def test_drive_activity_that_was_taken_away_changes_nothing_of_what_was_given(room: Room) -> None:
    """From one day to the next the versions stand in; what both tell of stays one session."""
    file = room.ada.drive.saves("Brief", at("15:00"))
    room.ada.drive.saves(file, at("15:10"))
    kept = room.run(read)
    room.without("drive.activity.readonly")
    room.ada.drive.saves(file, at("15:00", "2026-03-10"))
    room.run(read, kept, NOW + DAY)
    assert (kept.new, kept.changed, kept.withdrawn) == (1, 0, [])
    assert len(kept.items) == 2


def test_without_the_permission_for_drive_activity_versions_do_and_that_is_said(room: Room) -> None:
    room.without("drive.activity.readonly")
    file = room.ada.drive.saves("Brief", at("15:00"))
    room.ada.drive.saves(file, at("15:10"))
    kept = room.run(read)
    assert spans(kept) == [(utc("2026-03-09T15:00Z"), utc("2026-03-09T15:10Z"))]
    assert [gap.part for gap in kept.gaps] == ["edit sessions (Drive Activity)"]
    assert "drive.activity.readonly" in kept.gaps[0].reason


def test_drive_activity_that_is_switched_off_is_a_gap_too(room: Room) -> None:
    room.workspace.off.add("/v2/activity")
    room.ada.drive.saves("Brief", at("15:00"))
    kept = room.run(read)
    assert len(kept.items) == 1
    assert "switched off" in kept.gaps[0].reason


def test_without_drive_itself_drive_activity_does(room: Room) -> None:
    room.without("drive.metadata.readonly")
    room.ada.drive.saves("Brief", at("15:00"))
    kept = room.run(read)
    assert len(kept.items) == 1
    assert [gap.part for gap in kept.gaps] == ["list of changed files"]


def test_without_either_the_part_is_missing(room: Room) -> None:
    room.without("drive.metadata.readonly", "drive.activity.readonly")
    with pytest.raises(Missing):
        room.run(read)


def test_a_session_that_goes_on_is_the_same_one(room: Room) -> None:
    """The run came in its midst."""
    file = room.ada.drive.saves("Brief", at("15:00"))
    kept = room.run(read, now=utc("2026-03-09T15:05Z"))
    assert kept.only().span is None
    room.ada.drive.saves(file, at("15:10"))
    room.run(read, kept)
    assert (kept.new, kept.changed, kept.withdrawn) == (0, 1, [])
    assert spans(kept) == [(utc("2026-03-09T15:00Z"), utc("2026-03-09T15:10Z"))]


def test_a_save_told_late_moves_the_beginning_and_leaves_no_second_session(room: Room) -> None:
    file = room.ada.drive.saves("Brief", at("15:10"))
    kept = room.run(read)
    room.ada.drive.acts(file, "edit", at("15:00"))
    room.run(read, kept, NOW + DAY)
    assert spans(kept) == [(utc("2026-03-09T15:00Z"), utc("2026-03-09T15:10Z"))]
    assert kept.withdrawn == [f"edit/{file}@{utc('2026-03-09T15:10Z')}"]


def test_a_session_over_the_edge_of_what_is_read_again_is_the_same_one(room: Room) -> None:
    """Two days back lies in its midst."""
    edge = utc("2026-03-08T02:00Z")
    file = room.ada.drive.saves("Brief", "2026-03-08T01:50:00Z")
    room.ada.drive.saves(file, "2026-03-08T02:05:00Z")
    kept = room.run(read)
    room.run(read, kept, NOW + DAY)
    room.run(read, kept, NOW + 2 * DAY)
    assert kept.only().at < edge
    assert (kept.new, kept.changed, kept.withdrawn) == (0, 0, [])


def test_days_off_are_read_when_work_begins_again(room: Room) -> None:
    room.ada.drive.saves("Brief", at("15:00"))
    kept = room.run(read)
    room.ada.drive.saves("Away", at("15:00", "2026-03-20"))
    room.run(read, kept, NOW + 20 * DAY)
    assert kept.subjects == ["Brief", "Away"]


def test_nothing_before_the_window_comes(room: Room) -> None:
    room.ada.drive.saves("Old", at("15:00", "2026-03-01"))
    room.ada.drive.saves("New", at("15:00"))
    assert room.run(read, since=utc("2026-03-05T00:00Z")).subjects == ["New"]


def test_pages_are_followed_also_over_an_empty_one(room: Room) -> None:
    """A page may be short, and none, and still have a next one."""
    room.ada.drive.largest_page = 2
    room.workspace.empty_page_with_next()
    for minute in range(0, 50, 10):
        file = room.ada.drive.saves(f"Brief {minute}", at("10:00"))
        room.ada.drive.saves(file, at(f"15:{minute:02}"))
    assert len(room.run(read).items) == 10


def test_a_run_killed_after_any_page_is_finished_by_the_next(room: Room) -> None:
    for minute in range(10):
        room.ada.drive.saves(f"Brief {minute}", at(f"15:0{minute}"))
    room.page = 8
    whole = room.run(read)
    for stored in range(6):
        kept = room.run(read, pages=stored)
        room.run(read, kept)
        assert kept.items == whole.items
        room.run(read, kept)
        assert (kept.new, kept.changed, kept.withdrawn) == (0, 0, [])
