"""Microsoft's mail, calendar and files keep every promise a collector behind HTTP makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from autotime.collectors.microsoft.collector import MicrosoftCollector
from autotime.domain.doors import CollectContext
from autotime.testing.collectors import FIRST, NOW, instant
from autotime.testing.microsoft import Mailbox, Tenant
from autotime.testing.remote import RemoteContract
from tests.collectors.microsoft.office import ada, source
from tests.collectors.sources import letter

TOMORROW = FIRST + 86_400


class Office(RemoteContract):
    """The source with one part; subclasses say which, and what an item is."""

    parts: Sequence[str] = ()
    mode = "text"

    def serve(self, folder: Path) -> Tenant:
        return Tenant()

    def box(self, folder: Path) -> Mailbox:
        return ada(self.at(folder))

    def collector(self, folder: Path) -> MicrosoftCollector:
        return source(self.at(folder), folder, sleep=self.sleep, parts=self.parts, mode=self.mode)

    def context(self, first: int = 0, last: int = NOW, now: int = TOMORROW) -> CollectContext:
        """Read the day after: a calendar is read a week back, and a drive since it was read last."""
        return super().context(first, last, now)

    def empty_page(self, folder: Path) -> None:
        self.at(folder).switches.empty_pages = True

    def repeat_page(self, folder: Path) -> None:
        self.at(folder).switches.repeat_pages = True

    def loop_page(self, folder: Path) -> None:
        self.at(folder).switches.loops = True

    def lead_away(self, folder: Path, root: str) -> None:
        self.at(folder).switches.leads_to = root

    def forget_cursors(self, folder: Path) -> None:
        self.at(folder).expire_cursors()


class TestMail(Office):
    parts = ("mail",)
    bad_items = 0
    without: Mapping[str, str] = {
        "forget_cursors": "a list of mail has no cursor at the service",
        "withdraw": "a mail that is gone stays captured",
    }

    def write(self, folder: Path, numbers: Sequence[int]) -> None:
        box = self.box(folder)
        known = {kept.message_id for kept in box.letters.values()}
        for number in sorted(numbers):  # a mailbox has one order, that of arrival
            if f"<{number}@okafor.example>" not in known:
                box.sends(letter(number, sent=instant(number)))

    def clear(self, folder: Path) -> None:
        box = self.box(folder)
        for kept in list(box.letters.values()):
            box.removes(kept)

    def held(self, folder: Path) -> object:
        return dict(self.box(folder).letters)


class TestCalendar(Office):
    parts = ("calendar",)
    without: Mapping[str, str] = {"forget_cursors": "a view of a calendar has no cursor at the service"}

    def write(self, folder: Path, numbers: Sequence[int]) -> None:
        box = self.box(folder)
        known = {kept.start for kept in box.occasions}
        for number in numbers:
            if instant(number) not in known:
                box.meets(instant(number), instant(number) + 1800, f"Call no. {number}")

    def spoil(self, folder: Path) -> None:
        self.box(folder).meets(instant(1), instant(1) - 60, "It ends before it starts")

    def clear(self, folder: Path) -> None:
        self.box(folder).occasions.clear()

    def withdraw(self, folder: Path, number: int) -> None:
        box = self.box(folder)
        [held] = [one for one in box.occasions if one.start == instant(number)]
        box.changes_meeting(held, cancelled=True)

    def held(self, folder: Path) -> object:
        return list(self.box(folder).occasions)


class TestFiles(Office):
    parts = ("files",)
    bad_items = 0
    without: Mapping[str, str] = {"withdraw": "a file that is gone was worked on"}

    def write(self, folder: Path, numbers: Sequence[int]) -> None:
        box = self.box(folder)
        for number in numbers:
            if f"Motion {number}.docx" not in {kept.name for kept in box.documents.values()}:
                box.edits(f"Motion {number}.docx", instant(number))

    def clear(self, folder: Path) -> None:
        box = self.box(folder)
        for kept in list(box.documents.values()):
            if not kept.folder:
                box.throws_away(kept, TOMORROW)

    def held(self, folder: Path) -> object:
        return dict(self.box(folder).documents)


@pytest.mark.storm
class TestMailEverywhere(TestMail):
    """Each fault at every request."""

    places = 1000


@pytest.mark.storm
class TestCalendarEverywhere(TestCalendar):
    places = 1000


@pytest.mark.storm
class TestFilesEverywhere(TestFiles):
    places = 1000
