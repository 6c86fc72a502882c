"""IMAP under the contract, against two real servers: one mailbox a folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

from autotime.collectors.imap import ImapCollector
from autotime.domain.doors import Collector
from autotime.testing import CollectorContract
from autotime.testing.collectors import instant

from .servers import PASSWORD, MailHouse, connection, dovecot, free_port, pymap
from .sources import letter

NO_MAIL = b"Date: Mon, 9 Mar 2026 15:00:00 +0000\r\nSubject: Nobody\r\n\r\nNobody wrote this.\r\n"


@pytest.fixture(scope="module")
def pymap_house() -> Iterator[MailHouse]:
    with pymap() as house:
        yield house


@pytest.fixture(scope="module")
def dovecot_house() -> Iterator[MailHouse]:
    with dovecot() as house:
        yield house


class MailboxContract(CollectorContract):
    """``folders``: over which the mails are spread."""

    folders: Sequence[str] = ("INBOX",)
    house: MailHouse

    @property
    def mailboxes(self) -> dict[Path, tuple[str, IMAPClient]]:
        found: dict[Path, tuple[str, IMAPClient]] = vars(self).setdefault("_mailboxes", {})
        return found

    def mailbox(self, folder: Path) -> IMAPClient:
        if folder not in self.mailboxes:
            user, client = self.house.user(), IMAPClient("127.0.0.1", self.house.port, ssl=False)
            client.login(user, PASSWORD)
            for name in self.folders:
                with suppress(Exception):
                    client.create_folder(name)
            self.mailboxes[folder] = user, client
        return self.mailboxes[folder][1]

    @pytest.fixture(autouse=True)
    def _closed_after_the_test(self) -> Iterator[None]:
        yield
        for _, client in self.mailboxes.values():
            client.shutdown()

    def collector(self, folder: Path) -> Collector:
        user, port = "nobody", free_port()
        if folder in self.mailboxes:
            user, port = self.mailboxes[folder][0], self.house.port
        return ImapCollector("office", connection(), "127.0.0.1", user, port, "plain", page=2)

    def write(self, folder: Path, numbers: Sequence[int]) -> None:
        client, there = self.mailbox(folder), set()
        for name in self.folders:
            client.select_folder(name)
            heads = client.fetch(client.search("ALL"), ["BODY.PEEK[HEADER]"])
            for uid, said in heads.items():
                number = int(said[b"BODY[HEADER]"].partition(b"<")[2].partition(b"@")[0])
                there.add(number)
                if number not in numbers:
                    client.delete_messages([uid])
            client.expunge()
        for number in numbers:
            if number not in there:
                name = self.folders[number % len(self.folders)]
                client.append(name, mail(number), (), datetime.fromtimestamp(instant(number), UTC))

    def spoil(self, folder: Path) -> None:
        self.mailbox(folder).append(self.folders[-1], NO_MAIL)

    def clear(self, folder: Path) -> None:
        self.write(folder, [])

    def _bytes(self, folder: Path) -> Any:
        """Every mail with its flags."""
        client = self.mailbox(folder)
        held = {}
        for name in self.folders:
            client.select_folder(name, readonly=True)
            held[name] = {
                uid: (said[b"FLAGS"], said[b"BODY[]"])
                for uid, said in client.fetch(client.search("ALL"), ["FLAGS", "BODY.PEEK[]"]).items()
            }
            assert not any(b"\\Seen" in flags for flags, _ in held[name].values())
        return held


def mail(number: int) -> bytes:
    return letter(number, sent=instant(number)).replace(b"\n", b"\r\n")


class TestPymap(MailboxContract):
    @pytest.fixture(autouse=True)
    def _house(self, pymap_house: MailHouse) -> None:
        self.house = pymap_house


class TestDovecot(MailboxContract):
    folders = ("INBOX", "Mandate/Müller & Söhne")

    @pytest.fixture(autouse=True)
    def _house(self, dovecot_house: MailHouse) -> None:
        self.house = dovecot_house
