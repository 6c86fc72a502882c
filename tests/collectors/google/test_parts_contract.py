"""Calendar and files keep every promise a collector behind HTTP makes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autotime.collectors.google.collector import GoogleCollector
from autotime.testing import Shelf
from autotime.testing.collectors import MANY, instant
from autotime.testing.google import Workspace
from autotime.testing.remote import RemoteContract
from tests.collectors.google.office import ADA, source

NO_LINKS = {"lead_away": "Google's listings have page tokens, no links: there is nowhere to lead to"}


def moment(number: int) -> str:
    return datetime.fromtimestamp(instant(number), UTC).isoformat()


class GooglePart(RemoteContract):
    part = ""
    places = 1

    def serve(self, folder: Path) -> Workspace:
        return Workspace()

    def collector(self, folder: Path) -> GoogleCollector:
        return source(self.at(folder), folder, parts=(self.part,), sleep=self.sleep)

    def empty_page(self, folder: Path) -> None:
        self.at(folder).empty_page_with_next()

    def repeat_page(self, folder: Path) -> None:
        self.at(folder).repeat_page()

    def loop_page(self, folder: Path) -> None:
        self.at(folder).loop_pages()

    def forget_cursors(self, folder: Path) -> None:
        self.at(folder).expire_cursors()


class TestCalendar(GooglePart):
    part = "calendar"
    without = NO_LINKS

    def write(self, folder: Path, numbers: Sequence[int]) -> None:
        calendars = self.at(folder).user(ADA).calendars
        calendars.largest_page = 2
        here = calendars.kept[ADA]
        for name in [name for name in here if name not in {f"e{number}" for number in numbers}]:
            calendars.vanishes(name)
        for number in numbers:
            if f"e{number}" not in here:
                calendars.meets(f"Harrow call {number}", moment(number), 30, name=f"e{number}")

    def spoil(self, folder: Path) -> None:
        nowhen = {"timeZone": "UTC"}
        calendars = self.at(folder).user(ADA).calendars
        calendars.meets("Odd", moment(1), name="odd", recurringEventId="odd", originalStartTime=nowhen)

    def clear(self, folder: Path) -> None:
        calendars = self.at(folder).user(ADA).calendars
        calendars.kept[ADA].clear()

    def withdraw(self, folder: Path, number: int) -> None:
        self.at(folder).user(ADA).calendars.cancels(f"e{number}")


class TestFiles(GooglePart):
    part = "files"
    at_once = 8
    """Four of Drive, four of Drive Activity."""

    without = NO_LINKS | {"withdraw": "a file that is gone stays captured"}

    def write(self, folder: Path, numbers: Sequence[int]) -> None:
        drive = self.at(folder).user(ADA).drive
        drive.largest_page = 2
        here = {kept.about["name"]: file for file, kept in drive.files.items()}
        wanted = {f"Harrow lease no. {number}": number for number in numbers}
        for name in here.keys() - wanted.keys():
            drive.loses(here[name], moment(0))
        for name in [name for name in wanted if name not in here]:
            drive.saves(name, moment(wanted[name]), name=f"f{wanted[name]}")

    def spoil(self, folder: Path) -> None:
        drive = self.at(folder).user(ADA).drive
        drive.saves("Odd", moment(1), name="odd", action="")
        drive.files["odd"].about["modifiedByMeTime"] = "yesterday"

    def clear(self, folder: Path) -> None:
        self.at(folder).user(ADA).drive.clear()

    def test_sudden_emptiness_is_refused(self, tmp_path: Path) -> None:
        """Here silence takes nothing back, and proves nothing: a feed tells of changes, not of what there is."""
        self.write(tmp_path, range(MANY))
        shelf = self.collected(tmp_path)
        self.clear(tmp_path)
        shelf.run(self.collector(tmp_path), self.context())
        assert len(shelf.evidence) == MANY


@pytest.mark.storm
class TestCalendarEverywhere(TestCalendar):
    """Each fault at every request."""

    places = 1000


@pytest.mark.storm
class TestFilesEverywhere(TestFiles):
    """Each fault at every request."""

    places = 1000


def test_a_cursor_holds_no_address_and_no_name(tmp_path: Path) -> None:
    with Workspace() as workspace:
        ada = workspace.user(ADA)
        ada.calendars.calendar("mine@group.calendar.google.com", accessRole="owner")
        ada.meets("Harrow call", moment(1), guests={"ben@harrow.example": "accepted"})
        ada.drive.saves("Harrow lease", moment(1))
        made = source(workspace, tmp_path, parts=("calendar", "files"))
        shelf = Shelf().run(made, TestFiles().context(now=instant(2)))
        assert shelf.cursor is not None
        assert len(shelf.items) == 2
        assert "@" not in shelf.cursor.value
        assert "Harrow" not in shelf.cursor.value
