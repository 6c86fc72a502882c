"""What the status and the doctor say of billing targets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autotime.examination import Finding, examine
from autotime.office import billing_connection
from autotime.settings import load
from tests.cli import firm
from tests.cli.run import autotime

DAY = 86_400
NOW = 1_774_440_000


def with_target(home: Path, target: str) -> Path:
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f'\n[billing]\ntarget = "{target}"\n[{target}]\nclient_id = "client-1"\n')
    return home


def found_by_the_doctor(home: Path, monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    monkeypatch.setenv("AUTOTIME_HOME", str(home))
    return [one for one in examine(home / "config.toml", "", NOW) if one.what.startswith("billing ")]


def test_the_status_says_it_in_words_and_for_programs(home: Path) -> None:
    with_target(home, "mycase")
    said = autotime(home, "status").out
    assert "  mycase: not signed in\n    next: autotime connect mycase" in said
    [told] = autotime(home, "status", "--json").json["billing"]
    assert (told["target"], told["signed_in"], told["hint"]) == ("mycase", False, "autotime connect mycase")


def test_the_doctor_finds_a_target_that_nobody_signed_in_to(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [one] = found_by_the_doctor(with_target(home, "mycase"), monkeypatch)
    assert (one.ok, one.said, one.hint) == (False, "not signed in", "autotime connect mycase")


@pytest.mark.parametrize(("days", "well"), [(0, True), (6, True), (8, False), (15, False)])
def test_the_doctor_finds_a_sign_in_that_lapses(
    home: Path, monkeypatch: pytest.MonkeyPatch, days: int, well: bool
) -> None:
    settings = load(with_target(home, "mycase") / "config.toml", home)
    used = NOW - days * DAY
    kept = {"access_token": "access-1", "refresh_token": "r", "ends": used + DAY, "used": used}
    billing_connection(settings, "AOK", "mycase").vault.save(json.dumps(kept))
    [one] = found_by_the_doctor(home, monkeypatch)
    assert one.ok is well
    assert one.hint == ("" if well else "autotime connect mycase")


def test_what_waits_and_what_was_held_back_is_told_with_the_next_command(home: Path) -> None:
    """A push that sends nothing leaves its reason; nothing of an entry's words is told."""
    shown = firm.the_one(home, "2026-001")
    assert autotime(home, "approve", shown["id"], "--revision", shown["revision"]).code == 0
    settings = load(with_target(home, "mycase") / "config.toml", home)
    billing_connection(settings, "AOK", "mycase").vault.save(json.dumps({"access_token": "a", "ends": 0, "used": 0}))
    autotime(home, "push", "mycase", "--accept-losses")
    [told] = autotime(home, "status", "--json").json["billing"]
    assert (told["states"], told["held"]) == ({"queued": 1}, 1)
    assert "mycase: not signed in, 1 wait, 1 of them held back with a reason" in autotime(home, "status").out
