"""What the doctor says of billing systems: from what this machine knows, and by asking each of them once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from autotime.domain.errors import SourceUnavailable
from autotime.examination import Finding, examine
from autotime.office import billing_connection
from autotime.settings import load
from autotime.steps import systems
from autotime.testing.server import Loopback
from autotime.testing.systems.clio import Clio
from autotime.testing.systems.signed import signed_in
from tests.cli.run import autotime

NOW = 1_774_440_000


@pytest.fixture
def clio() -> Clio:
    made = Clio()
    made.sign_in.keeps(made.account.user("Ada Okafor", email="ada@firm.example")["id"])
    return made


@pytest.fixture
def server(clio: Clio) -> Iterator[Loopback]:
    with clio.serving() as made:
        yield made


@pytest.fixture
def billed(home: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A firm that bills by Clio, and Ada has signed in."""
    monkeypatch.setenv("AUTOTIME_HOME", str(home))
    add(home, f'\n[billing]\ntarget = "clio"\n[clio]\nclient_id = "client-1"\nbase_url = "{server.url}"\n')
    keep(home, "clio", signed_in().vault.load())
    return home


def add(home: Path, text: str) -> None:
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write(text)


def keep(home: Path, target: str, secret: str) -> None:
    billing_connection(load(home / "config.toml", home), "AOK", target).vault.save(secret)


def of_billing(home: Path, online: bool) -> dict[str, Finding]:
    found = examine(home / "config.toml", "", NOW, online)
    return {one.what: one for one in found if one.what.startswith("billing")}


def asked(home: Path) -> Finding:
    return of_billing(home, online=True)["billing clio, asked"]


def test_no_billing_system_is_asked_unless_somebody_says_so(billed: Path, server: Loopback) -> None:
    assert [*of_billing(billed, online=False)] == ["billing clio"]
    assert server.asked == []


def test_each_is_asked_once_and_answers(billed: Path, server: Loopback) -> None:
    """One call that reads, as after a sign-in; nothing is stored of it."""
    found = asked(billed)
    assert (found.ok, found.said) == (True, "it answers; 1 thing on the first page of its books")
    assert [one.method for one in server.asked] == ["GET"]
    assert "billing clio, asked: it answers" in autotime(billed, "doctor", "--online").out


def test_one_that_refuses_the_sign_in_is_told_with_the_command(billed: Path, clio: Clio) -> None:
    clio.sign_in.expire()
    clio.sign_in.refresh.clear()
    found = asked(billed)
    assert (found.ok, found.hint) == (False, "autotime connect clio")
    assert "does not take the sign-in any more" in found.said


def test_one_that_speaks_another_version_is_told_where_to_set_it(billed: Path, clio: Clio) -> None:
    clio.versions = frozenset({"4.1.0"})
    found = asked(billed)
    assert (found.ok, "no longer knows version" in found.said) == (False, True)
    assert "set version under [clio]" in found.hint


def test_one_that_is_not_reached_is_told_and_keeps_none_from_being_asked(
    billed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next command is one that asks again; no run is waited for."""
    keep(billed, "mycase", json.dumps({"access_token": "access-1", "ends": NOW * 2, "used": NOW}))
    add(billed, '[mycase]\nclient_id = "client-1"\n')

    def some(office: object, target: str) -> int | None:
        if target == "clio":
            raise SourceUnavailable("app.clio.example: no connection", hint="the next run tries again")
        return 7

    monkeypatch.setattr(systems, "try_once", some)
    found = of_billing(billed, online=True)
    assert found["billing clio, asked"].said == "app.clio.example: no connection"
    assert found["billing clio, asked"].hint.startswith("autotime doctor --online")
    assert found["billing mycase, asked"].ok


def test_one_that_nobody_signed_in_to_is_not_asked(billed: Path, server: Loopback) -> None:
    """That it needs a sign-in is told already."""
    billing_connection(load(billed / "config.toml", billed), "AOK", "clio").vault.forget()
    assert [*of_billing(billed, online=True)] == ["billing clio"]
    assert server.asked == []


def test_a_hook_is_not_asked_for_each_call_would_be_time_handed_over(billed: Path) -> None:
    keep(billed, "zapier", "https://hooks.zapier.com/hooks/catch/1234567/abc123/")
    found = of_billing(billed, online=True)
    assert found["billing zapier, asked"].said.startswith("not asked: ")
    assert "abc123" not in str(found)


def test_the_doctor_and_the_status_say_it_in_the_same_words(billed: Path) -> None:
    """Whether somebody is signed in, and who."""
    said = of_billing(billed, online=False)["billing clio"].said
    assert said == "signed in"
    assert f"  clio: {said}\n" in autotime(billed, "status").out
    billing_connection(load(billed / "config.toml", billed), "AOK", "clio").vault.forget()
    said = of_billing(billed, online=False)["billing clio"].said
    assert said == "not signed in"
    assert f"  clio: {said}\n" in autotime(billed, "status").out


def test_a_firm_without_a_billing_system_is_told_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOTIME_HOME", str(home))
    [found] = of_billing(home, online=True).values()
    assert (found.ok, found.said) == (True, "no target is set in [billing]")
