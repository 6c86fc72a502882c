"""Signing in to a billing system, as a person does it and as a program meets it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from autotime.cli import connecting
from autotime.testing.server import Loopback
from autotime.testing.systems.clio import Clio
from tests.cli import browser
from tests.cli.run import Ran, autotime
from tests.cli.test_connect import Seat

SECRET = "client-secret"
HOOK = "https://hooks.zapier.com/hooks/catch/1234567/abc123/"


class Account:
    """A Clio with one user, and what the browser there does: ``agrees``, or not."""

    def __init__(self) -> None:
        self.clio = Clio()
        self.ada = self.clio.account.user("Ada Okafor", email="ada@firm.example")["id"]
        self.agrees = True

    def visit(self, page: str) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
        code = {"code": self.clio.sign_in.code(self.ada, asked["redirect_uri"])}
        said = code if self.agrees else {"error": "access_denied"}
        browser.fetch(f"{asked['redirect_uri']}?{urlencode({**said, 'state': asked['state']})}")


@pytest.fixture
def seat(monkeypatch: pytest.MonkeyPatch) -> Seat:
    person = Seat()
    monkeypatch.setattr(connecting, "at_a_terminal", lambda: True)
    monkeypatch.setattr(connecting.Terminal, "ask", person.answer)
    return person


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    made = Account()
    browser.installed(monkeypatch, made.visit)
    return made


@pytest.fixture
def server(account: Account) -> Iterator[Loopback]:
    with account.clio.serving() as made:
        yield made


@pytest.fixture
def registered(home: Path, server: Loopback) -> Path:
    """The settings know the firm's access to Clio."""
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f'\n[clio]\nclient_id = "client-1"\nbase_url = "{server.url}"\n')
    return home


def sign_ins(home: Path) -> list[Path]:
    return [*(home / "sign-ins").iterdir()] if (home / "sign-ins").exists() else []


def connected(home: Path, seat: Seat, *words: str) -> Ran:
    seat.answers.append(SECRET)
    return autotime(home, "connect", "clio", *words)


# -- signing in -----------------------------------------------------------------------------------


def test_a_person_is_walked_through_it(registered: Path, seat: Seat, account: Account) -> None:
    """What is asked for and why, the browser, who signed in, a test call, what comes next; no secret on the screen."""
    done = connected(registered, seat)
    assert done.code == 0, done.err
    said = [
        "clio asks for:\n  Activities (read and write)\n    to write approved time, once",
        "Your browser opens clio",
        "signed in as Ada Okafor",
        "test call: it answers; 1 thing on the first page of its books",
        "next: autotime books pull clio, then autotime push clio --dry-run",
    ]
    assert [words for words in said if words not in done.err] == []
    assert (len(seat.asked), seat.secrets) == (1, 1)
    assert SECRET not in done.err + done.out


def test_a_program_is_told_of_it_in_one_document(registered: Path, seat: Seat, account: Account) -> None:
    told = connected(registered, seat, "--json").json
    assert (told["system"], told["signed_in"], told["who"], told["things"]) == ("clio", True, "Ada Okafor", 1)


def test_no_token_stands_on_the_disk_in_clear(registered: Path, seat: Seat, account: Account) -> None:
    assert connected(registered, seat).code == 0
    secrets = [SECRET, *account.clio.sign_in.access, *account.clio.sign_in.refresh]
    written = b"".join(file.read_bytes() for file in registered.rglob("*") if file.is_file())
    assert len(secrets) == 3
    assert [one for one in secrets if one.encode() in written] == []


def test_a_missing_client_id_is_written_by_nobody_but_a_person(home: Path, seat: Seat) -> None:
    """It is shown first; without a word of theirs the file stays as it is."""
    before = (home / "config.toml").read_bytes()
    seat.answers.append("client-1")
    refused = autotime(home, "connect", "clio")
    assert (refused.code, '[clio]\nclient_id = "client-1"' in refused.err, "--yes" in refused.err) == (2, True, True)
    assert (home / "config.toml").read_bytes() == before


def test_a_missing_client_id_is_asked_for_and_added_and_the_sign_in_goes_by_it(
    home: Path, seat: Seat, account: Account, server: Loopback
) -> None:
    before = (home / "config.toml").read_bytes()
    seat.answers += ["client-1", SECRET]
    done = autotime(home, "connect", "clio", "--set", f"base_url={server.url}", "--yes")
    assert done.code == 0, done.err
    after = (home / "config.toml").read_bytes()
    assert after.startswith(before)
    assert tomllib.loads(after.decode())["clio"] == {"client_id": "client-1", "base_url": server.url}
    assert after[len(before) :].decode().strip() in done.err
    assert seat.asked[0] == "client_id of the firm's access to clio:"


# -- what does not work ---------------------------------------------------------------------------


def test_a_sign_in_that_is_declined_keeps_nothing(registered: Path, seat: Seat, account: Account) -> None:
    """And says how to try again."""
    account.agrees = False
    done = connected(registered, seat)
    assert (done.code, "access_denied" in done.err, "next: autotime connect clio" in done.err) == (1, True, True)
    assert sign_ins(registered) == []


def test_a_declined_sign_in_leaves_the_one_before(registered: Path, seat: Seat, account: Account) -> None:
    assert connected(registered, seat).code == 0
    account.agrees = False
    assert connected(registered, seat).code == 1
    assert autotime(registered, "books", "pull", "clio").code == 0


def test_a_wrong_secret_is_told(registered: Path, seat: Seat, account: Account) -> None:
    seat.answers.append("wrong")
    done = autotime(registered, "connect", "clio")
    assert (done.code, "invalid_client" in done.err, sign_ins(registered)) == (1, True, [])


def test_a_test_call_that_fails_says_that_the_sign_in_is_kept(
    registered: Path, seat: Seat, account: Account, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next command works once the system does."""
    monkeypatch.setattr("autotime.testing.systems.clio.service.LISTS", {})
    done = connected(registered, seat)
    assert (done.code, "kept: the sign-in" in done.err, len(sign_ins(registered))) == (1, True, 1)


def test_signing_in_needs_a_person(registered: Path) -> None:
    done = autotime(registered, "connect", "clio")
    assert (done.code, "needs a person at a terminal" in done.err) == (2, True)
    assert "next: autotime connect clio, in a terminal" in done.err


# -- forgetting -----------------------------------------------------------------------------------


def test_a_sign_in_can_be_taken_off_this_machine(registered: Path, seat: Seat, account: Account) -> None:
    assert connected(registered, seat).code == 0
    done = autotime(registered, "connect", "clio", "--forget")
    assert (done.code, "is gone from this machine; what was sent stays sent" in done.err) == (0, True)
    assert sign_ins(registered) == []
    pulled = autotime(registered, "books", "pull", "clio")
    assert (pulled.code, "next: autotime connect clio" in pulled.err) == (1, True)


def test_a_program_is_told_that_it_is_gone(registered: Path) -> None:
    """No terminal is needed for it."""
    assert autotime(registered, "connect", "clio", "--forget", "--json").json == {"system": "clio", "signed_in": False}


# -- Zapier: an address, no sign-in ---------------------------------------------------------------


def test_the_address_of_a_hook_is_asked_for_and_never_shown(home: Path, seat: Seat) -> None:
    """As a password."""
    seat.answers.append(HOOK)
    done = autotime(home, "connect", "zapier")
    assert (done.code, seat.secrets) == (0, 1)
    assert "next: autotime push zapier --dry-run" in done.err
    shown = [done.out + done.err, *(autotime(home, *words).out for words in (("status", "--json"), ("doctor",)))]
    assert not any("abc123" in text for text in shown)


def test_another_address_is_refused_and_not_repeated(home: Path, seat: Seat) -> None:
    seat.answers.append("https://elsewhere.example/hooks/catch/1234567/abc123/")
    done = autotime(home, "connect", "zapier")
    assert (done.code, "that is no address of a hook" in done.err, "abc123" in done.err) == (2, True, False)
    assert sign_ins(home) == []
