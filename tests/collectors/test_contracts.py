"""The residents under the contract that guests are held to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from autotime.collectors.documents import DocumentsCollector
from autotime.collectors.eml import EmlCollector
from autotime.collectors.ics import IcsCollector
from autotime.collectors.maildir import MaildirCollector
from autotime.collectors.mbox import MboxCollector
from autotime.domain.doors import Collector
from autotime.testing import CollectorContract
from autotime.testing.collectors import instant

from .sources import calendar, docx, event, letter, mbox, put

UNDATED = letter(99, without=["Date"])


def mail(number: int) -> bytes:
    return letter(number, sent=instant(number))


class FilesContract(CollectorContract):
    """A source of one file an item; subclasses name and write them."""

    def path(self, folder: Path, number: int) -> Path:
        raise NotImplementedError

    def one(self, path: Path, number: int) -> None:
        raise NotImplementedError

    def write(self, folder: Path, numbers: Sequence[int]) -> None:
        for number in numbers:
            path = self.path(folder, number)
            if not path.exists():
                self.one(path, number)

    def clear(self, folder: Path) -> None:
        for path in folder.rglob("*"):
            if path.is_file():
                path.unlink()


class TestMbox(CollectorContract):
    def collector(self, folder: Path) -> Collector:
        return MboxCollector("office", [folder / "inbox.mbox"], page=2)

    def write(self, folder: Path, numbers: Sequence[int]) -> None:
        put(folder / "inbox.mbox", mbox(*map(mail, numbers)))

    def spoil(self, folder: Path) -> None:
        with (folder / "inbox.mbox").open("ab") as file:
            file.write(mbox(UNDATED, envelope=b"From - \n"))

    def clear(self, folder: Path) -> None:
        (folder / "inbox.mbox").write_bytes(b"")


class TestMboxes(FilesContract):
    """The same, spread over a folder of files."""

    def collector(self, folder: Path) -> Collector:
        return MboxCollector("office", [folder], page=2)

    def path(self, folder: Path, number: int) -> Path:
        return folder / f"{number % 7}.mbox"

    def one(self, path: Path, number: int) -> None:
        put(path, mbox(mail(number)))

    def spoil(self, folder: Path) -> None:
        put(folder / "bad.mbox", mbox(UNDATED, envelope=b"From - \n"))


class TestMaildir(FilesContract):
    def collector(self, folder: Path) -> Collector:
        return MaildirCollector("office", folder, page=2)

    def path(self, folder: Path, number: int) -> Path:
        return folder / "cur" / f"{number}.host:2,S"

    def one(self, path: Path, number: int) -> None:
        put(path, mail(number))

    def spoil(self, folder: Path) -> None:
        put(folder / "new" / "77.host", UNDATED)


class TestEml(FilesContract):
    def collector(self, folder: Path) -> Collector:
        return EmlCollector("office", folder, page=2)

    def path(self, folder: Path, number: int) -> Path:
        return folder / "Harrow" / f"{number}.eml"

    def one(self, path: Path, number: int) -> None:
        put(path, mail(number))

    def spoil(self, folder: Path) -> None:
        put(folder / "torn.eml", UNDATED)


class TestCalendars(FilesContract):
    """A calendar a file: each is a page."""

    def collector(self, folder: Path) -> Collector:
        return IcsCollector("calendar", [folder])

    def path(self, folder: Path, number: int) -> Path:
        return folder / f"{number}.ics"

    def one(self, path: Path, number: int) -> None:
        start = f"DTSTART:{datetime.fromtimestamp(instant(number), UTC):%Y%m%dT%H%M%SZ}"
        put(path, calendar(event(uid=f"{number}@okafor.example", start=start)))

    def spoil(self, folder: Path) -> None:
        put(folder / "bad.ics", calendar(event(start="DTSTART:tomorrow")))


class TestDocuments(FilesContract):
    bad_after = 2  # once may be in the midst of saving

    def collector(self, folder: Path) -> Collector:
        return DocumentsCollector("papers", [folder], page=2)

    def path(self, folder: Path, number: int) -> Path:
        return folder / "Harrow" / f"Motion {number}.docx"

    def one(self, path: Path, number: int) -> None:
        docx(path, saved=instant(number), created=instant(number) - 1800, minutes=20)

    def spoil(self, folder: Path) -> None:
        put(folder / "Order.docx", b"no archive")
