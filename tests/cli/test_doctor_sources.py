"""What the doctor finds about sources that somebody signs in to."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from autotime import plugins
from autotime.domain.doors import SignIn
from autotime.examination import Finding, examine
from autotime.office import FIRM, vault
from autotime.settings import load
from tests.cli import connectable
from tests.cli.run import autotime

NOW = 1_774_440_000
SOURCE = '\n[[sources]]\naccount = "court mail"\ntype = "imap"\nhost = "mail.example"\n'


@pytest.fixture(autouse=True)
def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOTIME_HOME", str(home))
    for kind in ("imap", "microsoft"):
        monkeypatch.setitem(plugins.COLLECTORS, kind, "tests.cli.connectable:FakeCollector")


def add(home: Path, text: str) -> None:
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write(text)


def keep(home: Path, word: str) -> None:
    """Signs in, as the stand-in keeps it."""
    vault(load(home / "config.toml", home), FIRM, "imap").save(word)


def bad(home: Path, online: bool = False) -> list[Finding]:
    return [one for one in examine(home / "config.toml", "", NOW, online) if not one.ok]


def test_a_source_nobody_signed_in_to_is_found(home: Path) -> None:
    """With the command that signs in."""
    add(home, SOURCE)
    [found] = bad(home)
    assert (found.what, found.hint) == ("source court mail", 'autotime connect "court mail"')
    assert "sign-in needed" in found.said


def test_a_sign_in_that_stands_is_well(home: Path) -> None:
    """It says how long it lasts."""
    add(home, SOURCE)
    keep(home, "open sesame")
    assert bad(home) == []
    assert "signed in, lapses in 30 days" in autotime(home, "doctor").out


def test_a_sign_in_that_lapses_soon_is_found(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it does."""
    add(home, SOURCE)
    monkeypatch.setattr(connectable.FakeCollector, "standing", lambda _self, now: SignIn(True, lapses_at=now + 86_400))
    assert [(one.said, one.hint) for one in bad(home)] == [
        ("imap, signed in, lapses in 1 days if it is not used", 'autotime connect "court mail"')
    ]


def test_permissions_that_were_not_given_are_found(home: Path) -> None:
    """By their names, and who can give them."""
    add(home, SOURCE)
    keep(home, "half")
    [found] = bad(home)
    assert found.said == "permissions missing: Chat.Read"
    assert "administrator" in found.hint


def test_a_registration_that_is_missing_is_found(home: Path) -> None:
    """Only where some source needs it."""
    assert bad(home) == []
    add(home, SOURCE.replace("imap", "microsoft"))
    assert ("microsoft", "[microsoft] client_id is not set") in [(one.what, one.said) for one in bad(home)]


@pytest.mark.parametrize("name", ["base_url", "authority", "test_authority"])
def test_an_address_that_would_send_tokens_in_clear_is_found(home: Path, name: str) -> None:
    """Plain http is for this machine only."""
    add(home, SOURCE.replace("imap", "microsoft"))
    add(home, f'\n[microsoft]\nclient_id = "0000"\n{name} = "http://graph.example"\n')
    [found] = [one for one in bad(home) if one.what == "microsoft"]
    assert name in found.said
    assert name in found.hint


def test_an_unknown_cloud_is_told_what_there_is(home: Path) -> None:
    """With its line."""
    add(home, '\n[microsoft]\ncloud = "moon"\n')
    [found] = bad(home)
    assert found.what == "settings"
    assert all(word in found.said for word in ("microsoft.cloud", "line", "global", "usgov", "dod", "china"))


def test_no_service_is_asked_unless_somebody_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``doctor`` works on a plane."""
    add(home, SOURCE)
    keep(home, "open sesame")
    asked: list[str] = []
    whole = connectable.FakeCollector.collect
    monkeypatch.setattr(
        connectable.FakeCollector, "collect", lambda self, *of: (asked.append(self.account), whole(self, *of))[1]
    )
    assert (bad(home), asked) == ([], [])
    assert (bad(home, online=True), asked) == ([], ["court mail"])
    assert "it answers, 2 items on the first page" in autotime(home, "doctor", "--online").out


def test_a_service_that_is_asked_tells_what_it_does_not_give(home: Path) -> None:
    """A refused sign-in, or a part that is missing."""
    add(home, SOURCE)
    keep(home, "wrong")
    assert [one.said for one in bad(home, online=True)] == ["the sign-in of «court mail» has ended"]
    keep(home, "half")
    said = [one.said for one in bad(home, online=True)]
    assert "chats is not collected: permission Chat.Read is missing" in said


def test_a_setting_a_source_does_not_know_is_found(home: Path) -> None:
    """As collecting would find it."""
    add(home, SOURCE + 'hots = "x"\n')
    [found] = bad(home)
    assert "hots" in found.said
    assert found.hint.startswith("it takes: ")
    assert dataclasses.is_dataclass(found)
