"""Gmail keeps every promise a collector behind HTTP makes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from autotime.collectors.google.collector import GoogleCollector
from autotime.testing.collectors import instant
from autotime.testing.google import Workspace
from autotime.testing.remote import RemoteContract
from tests.collectors.google.office import ADA, source
from tests.collectors.sources import letter

WITHOUT = {
    "lead_away": "Google's listings have page tokens, no links: there is nowhere to lead to",
    "withdraw": "a mail that is gone stays captured",
}


class TestGmail(RemoteContract):
    without = WITHOUT
    mode = "text"
    scopes: Sequence[str] = ("gmail.readonly",)

    def serve(self, folder: Path) -> Workspace:
        return Workspace()

    def collector(self, folder: Path) -> GoogleCollector:
        return source(self.at(folder), folder, self.scopes, mode=self.mode, sleep=self.sleep)

    def write(self, folder: Path, numbers: Sequence[int]) -> None:
        mail = self.at(folder).user(ADA).mail
        wanted = {letter(number, sent=instant(number)) for number in numbers}
        for kept in list(mail.messages.values()):
            if kept.raw not in wanted:
                mail.delete(kept.id)
        here = {kept.raw for kept in mail.messages.values()}
        for number in numbers:
            raw = letter(number, sent=instant(number))
            if raw not in here:
                mail.receives(raw)

    def spoil(self, folder: Path) -> None:
        self.at(folder).user(ADA).receives(b"Subject: nobody's\n\nNo sender and no name.\n", at=instant(1))

    def clear(self, folder: Path) -> None:
        self.at(folder).user(ADA).mail.clear()

    def held(self, folder: Path) -> object:
        mail = self.at(folder).user(ADA).mail
        return [(kept.id, tuple(kept.labels)) for kept in mail.messages.values()], mail.history

    def empty_page(self, folder: Path) -> None:
        self.at(folder).empty_page_with_next()

    def repeat_page(self, folder: Path) -> None:
        self.at(folder).repeat_page()

    def loop_page(self, folder: Path) -> None:
        self.at(folder).loop_pages()

    def forget_cursors(self, folder: Path) -> None:
        self.at(folder).expire_cursors()


@pytest.mark.storm
class TestGmailWithoutText(TestGmail):
    """Metadata mode; ``test_gmail`` has a sample of it."""

    mode = "metadata"
    scopes = ("gmail.metadata",)


@pytest.mark.storm
class TestGmailEverywhere(TestGmail):
    """Each fault at every request."""

    places = 1000


def test_a_cursor_holds_no_address_and_no_word(tmp_path: Path) -> None:
    with Workspace() as workspace:
        workspace.user(ADA).receives(letter(0))
        made = source(workspace, tmp_path)
        pages = list(made.collect(None, TestGmail().context()))
        told = json.loads(pages[-1].cursor.value)
        assert set(told) == {"v", "of", "mode", "mail"}
        assert "@" not in pages[-1].cursor.value
