"""The firm's service account, which an administrator let act for every mailbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from autotime.collectors.google.collector import GoogleCollector
from autotime.collectors.google.delegation import keep_key
from autotime.domain.errors import Misused, SignInNeeded, SourceUnavailable
from autotime.testing import Shelf
from autotime.testing.google import Workspace
from autotime.testing.google.routes import AUTH
from autotime.testing.server import Status
from tests.collectors.google.office import ADA, connection, never, vault
from tests.collectors.sources import MONDAY, context, letter


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with Workspace() as made:
        made.user(ADA).receives(letter(0))
        yield made


def collect(made: GoogleCollector) -> Shelf:
    return Shelf().run(made, context(MONDAY + 86_400))


DELEGATED = ("gmail.readonly", "calendar.events.readonly", "calendar.calendarlist.readonly")


def delegated(workspace: Workspace, folder: Path, scopes: Any = DELEGATED, **options: Any) -> GoogleCollector:
    """Nobody signed in; the firm's key is there."""
    made = connection(workspace, folder, ())
    keep_key(made.shared, workspace.service_account(scopes))
    usual = {"mailbox": ADA, "parts": ("mail",), "first_days": 180, "sleep": never}
    return GoogleCollector("office", made, **(usual | options))


def test_the_firms_service_account_reads_a_mailbox_without_its_owner(workspace: Workspace, tmp_path: Path) -> None:
    made = delegated(workspace, tmp_path)
    assert len(collect(made).evidence) == 1
    assert made.standing(MONDAY).signed_in


def test_each_api_has_a_token_with_its_own_permissions_only(workspace: Workspace, tmp_path: Path) -> None:
    """One permission too many would fail the token of all: here the calendar was not granted, and mail goes on."""
    made = delegated(workspace, tmp_path, ("gmail.readonly",), parts=("mail", "calendar"))
    pages = list(made.collect(None, context(MONDAY + 86_400)))
    gaps = [gap for page in pages for gap in page.gaps]
    assert sum(len(page.evidence) for page in pages) == 1
    assert [gap.part for gap in gaps] == ["calendar"]
    assert f"{AUTH}calendar.calendarlist.readonly,{AUTH}calendar.events.readonly" in gaps[0].hint
    assert "104711" in gaps[0].hint


def test_a_mailbox_that_is_not_there_says_so(workspace: Workspace, tmp_path: Path) -> None:
    made = delegated(workspace, tmp_path, mailbox="nobody@okafor.example")
    with pytest.raises(SignInNeeded, match="no such mailbox") as needed:
        collect(made)
    assert "mailbox" in needed.value.hint
    assert "nobody@" not in str(needed.value)


def test_a_clock_that_google_does_not_accept_is_named(workspace: Workspace, tmp_path: Path) -> None:
    made = delegated(workspace, tmp_path)
    said = "Invalid JWT: Token must be a short-lived token (60 minutes); check your iat and exp values"
    body = {"error": "invalid_grant", "error_description": said}
    workspace.server.fault_for = lambda asked: Status(400, body=body) if asked.path == "/token" else None
    with pytest.raises(SignInNeeded, match="clock"):
        collect(made)


def test_a_key_that_google_refuses_is_told_by_googles_own_word(workspace: Workspace, tmp_path: Path) -> None:
    made = delegated(workspace, tmp_path)
    body = {"error": "disabled_client", "error_description": "The client of ada@okafor.example is disabled"}
    workspace.server.fault_for = lambda asked: Status(401, body=body) if asked.path == "/token" else None
    with pytest.raises(SignInNeeded, match=r"does not serve \(disabled_client\)") as needed:
        collect(made)
    assert "ada@" not in str(needed.value)


def test_a_sentence_in_the_place_of_a_word_is_not_shown(workspace: Workspace, tmp_path: Path) -> None:
    made = delegated(workspace, tmp_path)
    body = {"error": "no such account: ada@okafor.example"}
    workspace.server.fault_for = lambda asked: Status(400, body=body) if asked.path == "/token" else None
    with pytest.raises(SourceUnavailable) as trouble:
        collect(made)
    assert "ada@" not in str(trouble.value)


def test_a_persons_own_sign_in_comes_before_the_firms(workspace: Workspace, tmp_path: Path) -> None:
    made = delegated(workspace, tmp_path)
    made.connection.vault.save(workspace.sign_in(workspace.user(ADA)))
    collect(made)
    assert workspace.desk.refreshes == 1


def test_without_a_mailbox_the_firms_key_opens_nothing(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(SignInNeeded):
        collect(delegated(workspace, tmp_path, mailbox=""))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"installed": {}}', '{"client_email": "a", "client_id": "1", "private_key": "no"}']
)
def test_a_file_that_is_no_key_is_not_kept(tmp_path: Path, text: str) -> None:
    shared = vault(tmp_path, "firm")
    with pytest.raises(Misused, match="service account"):
        keep_key(shared, text)
    assert shared.load() == ""


class Administrator:
    """Names one file, and hears what to do next."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)

    def ask(self, question: str, secret: bool = False) -> str:
        return f" {self.file} "


def test_an_administrator_gives_the_key_once_and_hears_what_to_grant(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    file.write_text(workspace.service_account(DELEGATED))
    made = GoogleCollector("office", connection(workspace, tmp_path, ()), mailbox=ADA, parts=("mail",), sleep=never)
    administrator = Administrator(file)
    made.connect_firm(administrator)
    assert f"client 104711 exactly: {AUTH}gmail.readonly" in administrator.lines[-1]
    assert b"PRIVATE KEY" not in made.connection.shared.path.read_bytes()
    file.unlink()
    assert made.standing(MONDAY).signed_in


@pytest.mark.parametrize("mode", ["text", "metadata"])
def test_an_administrator_is_asked_for_exactly_what_is_then_granted(
    workspace: Workspace, tmp_path: Path, mode: str
) -> None:
    """The same scopes as a person's, with reasons that speak of others' mailboxes."""
    given = connection(workspace, tmp_path, ())
    made = GoogleCollector("office", given, mode=mode, parts=("mail", "calendar", "files", "meet"))
    assert made.wants_firm().keys() == made.wants().keys()
    assert not any("you" in why for why in made.wants_firm().values())


def test_whatever_fails_after_the_key_was_given_the_one_before_it_stays(workspace: Workspace, tmp_path: Path) -> None:
    """Also where it is not the key's fault."""
    file = tmp_path / "key.json"
    file.write_text(workspace.service_account(DELEGATED))
    made = GoogleCollector("office", connection(workspace, tmp_path, ()), mailbox=ADA, parts=("mail",), sleep=never)
    made.connect_firm(Administrator(file))
    before = made.connection.shared.load()

    class Gone(Administrator):
        def say(self, line: str) -> None:
            raise Misused("nobody is there any more")

    other = json.loads(before) | {"client_id": "999"}
    file.write_text(json.dumps(other))
    with pytest.raises(Misused, match="nobody is there"):
        made.connect_firm(Gone(file))
    assert made.connection.shared.load() == before


def test_a_key_file_that_is_not_there_says_so(workspace: Workspace, tmp_path: Path) -> None:
    made = GoogleCollector("office", connection(workspace, tmp_path, ()), mailbox=ADA)
    with pytest.raises(Misused, match="cannot be read"):
        made.connect_firm(Administrator(tmp_path / "nowhere.json"))


def test_many_mailboxes_at_once_ask_no_faster_than_one_service_takes(workspace: Workspace, tmp_path: Path) -> None:
    """Four calls and two sign-ins at a time from this machine, whoever asks; a mailbox that fails harms no other."""
    people = [f"p{number}@okafor.example" for number in range(8)]
    for number, person in enumerate(people):
        workspace.user(person).receives(letter(number))

    def read(person: str) -> int:
        try:
            return len(collect(delegated(workspace, tmp_path / person, mailbox=person)).evidence)
        except SignInNeeded:
            return -1

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(read, [*people, "nobody@okafor.example"]))
    assert counts == [1] * 8 + [-1]
    assert workspace.server.most_at_once <= 6
