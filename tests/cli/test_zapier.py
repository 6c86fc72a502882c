"""Zapier from the first address to the last entry, over a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autotime.office import open_office
from autotime.settings import load
from autotime.steps import systems
from autotime.testing.server import Loopback, Status
from autotime.testing.systems.zapier import Zapier
from tests.cli import firm
from tests.cli.run import Ran, autotime

HOOK = "https://hooks.zapier.com/hooks/catch/1234567/abc123/"
ENTRIES = 4


class Somebody:
    """Pastes the address of the hook."""

    def say(self, line: str) -> None:
        assert "abc123" not in line

    def ask(self, question: str, secret: bool = False) -> str:
        assert secret
        return HOOK


@pytest.fixture
def zapier() -> Zapier:
    return Zapier()


@pytest.fixture
def server(zapier: Zapier) -> Iterator[Loopback]:
    with zapier.serving() as made:
        yield made


@pytest.fixture
def connected(home: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office with its day approved, and the address of a hook."""
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f'\n[zapier]\nbase_url = "{server.url}"\n')
    for shown in firm.suggestions(home):
        approved = autotime(home, "approve", shown["id"], "--revision", shown["revision"])
        assert approved.code == 0, approved.err
    monkeypatch.setenv("AUTOTIME_HOME", str(home))
    office = open_office(load(None), "AOK", 1_773_000_000)
    assert systems.sign_in(office, "zapier", Somebody(), elsewhere=False).standing.signed_in
    office.store.close()
    assert server.asked == []
    return home


def states(pushed: Ran) -> dict[str, int]:
    found: dict[str, int] = pushed.json["counts"]
    return found


def test_entries_are_handed_over_once_and_never_called_billed(connected: Path, zapier: Zapier) -> None:
    """All that is known of them is that they were received."""
    pushed = autotime(connected, "push", "zapier", "--json")
    assert (pushed.code, states(pushed)) == (0, {"handed_over": len(zapier.entries)})
    assert len({entry["idempotency_key"] for entry in zapier.entries}) == len(zapier.entries) == ENTRIES
    again = autotime(connected, "push", "zapier", "--json")
    assert (again.code, states(again), len(zapier.entries)) == (0, {}, ENTRIES)


@pytest.mark.parametrize("fault", [Status(503), Status(502)])
def test_what_is_in_doubt_is_not_sent_again(connected: Path, zapier: Zapier, server: Loopback, fault: Any) -> None:
    """A person looks at the Zap first."""
    server.faults += [fault]
    pushed = autotime(connected, "push", "zapier", "--json")
    assert (pushed.code, states(pushed)) == (1, {"in_doubt": 1, "handed_over": ENTRIES - 1})
    asked = len(server.asked)
    autotime(connected, "push", "zapier", "--json")
    assert (len(server.asked), len(zapier.entries)) == (asked, ENTRIES - 1)


def test_a_wrong_address_is_refused_and_told_without_it(connected: Path, zapier: Zapier) -> None:
    """Nothing is lost: the right one is given, and the same push sends all."""
    zapier.hooks.clear()
    pushed = autotime(connected, "push", "zapier")
    assert pushed.code == 1
    assert "check the address of the hook" in pushed.out
    assert "abc123" not in pushed.out + pushed.err
    zapier.hooks.add("/hooks/catch/1234567/abc123/")
    assert states(autotime(connected, "push", "zapier", "--json")) == {"handed_over": ENTRIES}


def test_the_address_is_on_the_disk_nowhere_in_clear(connected: Path) -> None:
    """Neither in a file of settings, nor in a log, nor in the store."""
    autotime(connected, "push", "zapier")
    for file in (file for file in connected.rglob("*") if file.is_file()):
        assert b"abc123" not in file.read_bytes(), file.name
    assert json.dumps(autotime(connected, "doctor", "--json").out).find("abc123") == -1
