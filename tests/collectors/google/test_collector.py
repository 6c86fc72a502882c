"""The whole source: its parts one after another, one cursor for all, and what a failing part means."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autotime import plugins
from autotime.collectors.google.collector import GoogleCollector
from autotime.domain.doors import Connectable
from autotime.domain.errors import Misused, SignInNeeded, SourceUnavailable, SuddenlyEmpty
from autotime.domain.evidence import Batch, Gap, Kind, SyncCursor
from autotime.settings import SourceSettings
from autotime.testing import Shelf
from autotime.testing.google import User, Workspace
from autotime.testing.server import Status
from tests.collectors.google.office import ADA, connection, source
from tests.collectors.sources import MONDAY, context, letter

NOW = MONDAY + 86_400
ALL = ("mail", "calendar", "files", "meet")


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with Workspace() as made:
        ada = made.user(ADA)
        ada.receives(letter(0))
        ada.meets("Harrow call", "2026-03-09T16:00Z", 30)
        yield made


@pytest.fixture
def ada(workspace: Workspace) -> User:
    return workspace.user(ADA)


def pages(made: GoogleCollector, cursor: SyncCursor | None = None) -> list[Batch]:
    return list(made.collect(cursor, context(NOW)))


def gaps(found: list[Batch]) -> list[Gap]:
    return [gap for page in found for gap in page.gaps]


def kinds(found: list[Batch]) -> list[Kind]:
    return [item.kind for page in found for item in page.evidence]


# -- parts ------------------------------------------------------------------------------------


def test_every_part_is_read_into_one_cursor(workspace: Workspace, tmp_path: Path) -> None:
    found = pages(source(workspace, tmp_path, parts=ALL))
    assert gaps(found) == []
    assert kinds(found) == [Kind.MESSAGE, Kind.MEETING]
    assert set(json.loads(found[-1].cursor.value)) == {"v", "of", "mode", "mail", "calendar", "files"}


@pytest.mark.parametrize(
    ("prefix", "part", "left"),
    [("/gmail", "mail", [Kind.MEETING]), ("/calendar", "calendar", [Kind.MESSAGE])],
)
def test_a_part_that_is_switched_off_is_a_gap_and_the_others_go_on(
    workspace: Workspace, tmp_path: Path, prefix: str, part: str, left: list[Kind]
) -> None:
    workspace.off = {prefix}
    found = pages(source(workspace, tmp_path, parts=("mail", "calendar")))
    assert [gap.part for gap in gaps(found)] == [part]
    assert all(gap.reason and gap.hint for gap in gaps(found))
    assert kinds(found) == left


def test_a_part_that_fails_keeps_its_place_for_the_next_run(workspace: Workspace, ada: User, tmp_path: Path) -> None:
    """What had come is kept, the others move on, and nothing is asked twice."""
    shelf = Shelf().run(source(workspace, tmp_path, parts=("mail", "calendar")), context(NOW))
    before = json.loads(shelf.cursor.value) if shelf.cursor else {}
    ada.receives(letter(1, sent=MONDAY + 60))
    workspace.server.fault_for = lambda asked: Status(500) if "/gmail" in asked.path else None
    shelf.run(source(workspace, tmp_path, parts=("mail", "calendar")), context(NOW + 60))
    after = json.loads(shelf.cursor.value) if shelf.cursor else {}
    assert after["mail"] == before["mail"]
    workspace.server.fault_for = lambda _asked: None
    shelf.run(source(workspace, tmp_path, parts=("mail", "calendar")), context(NOW + 120))
    assert (shelf.new, shelf.changed) == (1, 0)


def test_where_no_part_can_be_read_the_source_is_out_of_reach(workspace: Workspace, tmp_path: Path) -> None:
    workspace.server.fault_for = lambda asked: Status(503) if asked.path != "/token" else None
    with pytest.raises(SourceUnavailable) as trouble:
        pages(source(workspace, tmp_path, parts=("mail", "calendar")))
    assert trouble.value.hint


def test_an_emptied_mailbox_stops_at_the_end_after_the_other_parts(
    workspace: Workspace, ada: User, tmp_path: Path
) -> None:
    """The calendar's news are not held back by it."""
    shelf = Shelf().run(source(workspace, tmp_path, parts=("mail", "calendar")), context(NOW))
    ada.mail.clear()
    ada.meets("Harrow hearing", "2026-03-09T18:00Z", 30)
    with pytest.raises(SuddenlyEmpty, match="office"):
        shelf.run(source(workspace, tmp_path, parts=("mail", "calendar")), context(NOW))
    assert [item.subject.reveal() for item in shelf.items][-1] == "Harrow hearing"


def test_attendance_is_read_with_the_calendar_and_asks_for_both_permissions(
    workspace: Workspace, tmp_path: Path
) -> None:
    made = source(workspace, tmp_path, parts=("meet",))
    assert {scope.rpartition("/")[2] for scope in made.wants()} == {
        "meetings.space.readonly",
        "calendar.events.readonly",
        "calendar.calendarlist.readonly",
    }
    assert kinds(pages(made)) == [Kind.MEETING]


def test_a_sign_in_that_ended_is_no_gap(workspace: Workspace, tmp_path: Path) -> None:
    made = source(workspace, tmp_path, parts=("mail", "calendar"))
    workspace.desk.revoke()
    with pytest.raises(SignInNeeded):
        pages(made)


# -- the window of a first run ----------------------------------------------------------------


def test_a_first_run_looks_back_thirty_days(workspace: Workspace, ada: User, tmp_path: Path) -> None:
    """The settings may say from when instead; a later run takes what comes."""
    ada.receives(letter(1, sent=NOW - 40 * 86_400))
    made = GoogleCollector("office", connection(workspace, tmp_path), parts=("mail",))
    shelf = Shelf().run(made, context(NOW))
    assert len(shelf.evidence) == 1
    ada.receives(letter(2, sent=NOW - 50 * 86_400))
    assert shelf.run(made, context(NOW)).new == 1
    assert len(Shelf().run(made, context(NOW, first=NOW - 60 * 86_400)).evidence) == 3


# -- the cursor -------------------------------------------------------------------------------


def test_another_mailbox_does_not_go_on_where_the_first_one_stopped(workspace: Workspace, tmp_path: Path) -> None:
    """The person signed in as somebody else, under the same name in the settings."""
    made = source(workspace, tmp_path)
    cursor = pages(made)[-1].cursor
    cleo = workspace.user("cleo@okafor.example")
    cleo.receives(letter(7))
    made.connection.vault.save(workspace.sign_in(cleo))
    found = pages(made, cursor)
    assert [item.subject.reveal() for page in found for item in page.evidence] == ["Harrow lease no. 7"]


def test_text_that_was_not_read_before_is_read_when_the_mode_says_so(workspace: Workspace, tmp_path: Path) -> None:
    shelf = Shelf().run(source(workspace, tmp_path, ("gmail.metadata",), mode="metadata"), context(NOW))
    assert shelf.items[0].body.reveal() == ""
    made = source(workspace, tmp_path)
    made.connection.vault.save(workspace.sign_in(workspace.user(ADA)))
    shelf.run(made, context(NOW))
    assert (shelf.new, shelf.changed) == (0, 1)
    assert shelf.items[0].body.reveal() == "The lease is signed."


def test_text_that_is_stored_stays_when_the_mode_asks_for_no_more(
    workspace: Workspace, ada: User, tmp_path: Path
) -> None:
    """What comes from then on has none."""
    shelf = Shelf().run(source(workspace, tmp_path), context(NOW))
    ada.receives(letter(1, sent=MONDAY + 60))
    made = source(workspace, tmp_path, mode="metadata")
    made.connection.vault.save(workspace.sign_in(ada, ("gmail.metadata",)))
    shelf.run(made, context(NOW))
    assert (shelf.new, shelf.changed) == (1, 0)
    assert [item.body.reveal() for item in shelf.items] == ["The lease is signed.", ""]


def test_in_metadata_mode_a_meeting_has_a_subject_and_no_text(workspace: Workspace, ada: User, tmp_path: Path) -> None:
    """It is not even asked for."""
    ada.meets("Harrow terms", "2026-03-09T17:00Z", 30, description="Confidential", location="Room 4")
    item = pages(source(workspace, tmp_path, parts=("calendar",), mode="metadata"))[0].evidence[-1]
    assert (item.subject.reveal(), item.place.reveal()) == ("Harrow terms", "Room 4")
    assert item.body.reveal() == ""
    lists = [asked.query["fields"] for asked in workspace.server.asked if asked.path.endswith("/events")]
    assert lists
    assert not any("description" in fields for fields in lists)


def test_another_mode_asks_the_calendar_on_from_where_it_was(workspace: Workspace, ada: User, tmp_path: Path) -> None:
    """Its token stays good: which fields are shown is no part of the question."""
    cursor = pages(source(workspace, tmp_path, parts=("calendar",)))[-1].cursor
    ada.meets("Harrow filing", "2026-01-05T17:00Z", 30, name="long-ago", description="Confidential")
    found = pages(source(workspace, tmp_path, parts=("calendar",), mode="metadata"), cursor)
    items = {item.subject.reveal(): item.body.reveal() for page in found for item in page.evidence}
    assert items["Harrow filing"] == ""


def test_a_part_that_is_added_later_begins_at_its_beginning(workspace: Workspace, tmp_path: Path) -> None:
    cursor = pages(source(workspace, tmp_path))[-1].cursor
    assert kinds(pages(source(workspace, tmp_path, parts=("mail", "calendar")), cursor)) == [Kind.MEETING]


# -- settings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"mode": "headers"}, "text or metadata"),
        ({"parts": ("mail", "chats")}, "chats"),
        ({"parts": ()}, "none"),
    ],
)
def test_a_setting_that_means_nothing_says_what_would(
    workspace: Workspace, tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(Misused, match=said) as wrong:
        source(workspace, tmp_path, **options)
    assert wrong.value.hint


def test_the_settings_make_a_source_of_it(workspace: Workspace, tmp_path: Path) -> None:
    settings = SourceSettings(account="office", type="google", parts=["mail"], mailbox=ADA)  # type: ignore[call-arg]
    made = plugins.collector(settings, connection(workspace, tmp_path))
    assert isinstance(made.guest, Connectable)
    assert len(Shelf().run(made, context(NOW)).evidence) == 1


def test_nothing_is_left_open(workspace: Workspace, tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    """Also where a run ends in the midst of its first page."""
    import gc

    reading = source(workspace, tmp_path, parts=ALL).collect(None, context(NOW))
    next(reading)
    reading.close()  # type: ignore[attr-defined]  # it is a generator
    gc.collect()
    assert [str(warning.message) for warning in recwarn if warning.category is ResourceWarning] == []
