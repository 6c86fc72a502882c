"""The same day of work gives the same evidence, whether it was kept in files, at Microsoft or at Google."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from autotime.cli import connecting
from autotime.domain.evidence import Evidence
from autotime.domain.spans import Span
from autotime.office import open_office, vault
from autotime.operations.founding import tables_text
from autotime.settings import load
from autotime.testing.google import Workspace
from autotime.testing.microsoft import Tenant
from tests.cli import browser
from tests.cli.run import autotime

from . import same_day
from .same_day import ADDRESS, CALENDAR, CHICAGO, NOW, RECEIVED, SENT, SINCE

EXPECTED = Path(__file__).parent / "expected" / "same_day.json"

Place = Callable[[Path], Any]


@pytest.fixture(autouse=True)
def the_night(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is half past five the next morning."""
    monkeypatch.setattr("autotime.cli.common.now", lambda: NOW)


def founded(home: Path, tables: dict[str, Any]) -> Path:
    """An office of Ada's with these tables in its settings."""
    who = ("--timekeeper", "AOK", "--last", "Okafor", "--first", "Ada", "--zone", "America/Chicago")
    done = autotime(home, "init", *who, "--email", ADDRESS, "--key-file", str(home / "AOK.key"))
    assert done.code == 0, done.err
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f"\n[collect]\nsince = {SINCE}\n{tables_text(tables)}")
    return home


@contextmanager
def in_files(folder: Path) -> Iterator[Path]:
    """Two mbox files and a calendar."""
    files = folder / "files"
    files.mkdir(parents=True)
    for name, letters in (("Inbox", RECEIVED), ("Sent", SENT)):
        kept = (b"From - Tue Mar  3 12:00:00 2026\n" + one.replace(b"\r\n", b"\n") + b"\n" for one in letters)
        (files / f"{name}.mbox").write_bytes(b"".join(kept))
    (files / "calendar.ics").write_bytes(CALENDAR)
    mail = {"account": "mail", "type": "mbox", "paths": [str(files)]}
    calendar = {"account": "calendar", "type": "ics", "paths": [str(files / "calendar.ics")]}
    yield founded(folder / "home", {"sources": [mail, calendar]})


@contextmanager
def at_google(folder: Path) -> Iterator[Path]:
    """A Workspace, Ada signed in."""
    with Workspace() as workspace:
        ada = workspace.user(ADDRESS)
        for one in RECEIVED:
            ada.receives(one)
        for one in SENT:
            ada.sends(one)
        ada.calendars.imports(CALENDAR)
        source = {"account": "workspace", "type": "google", "mailbox": ADDRESS, "parts": ["mail", "calendar"]}
        home = founded(folder / "home", {"google": workspace.settings(folder), "sources": [source]})
        vault(load(home / "config.toml", home), "AOK", "google workspace").save(workspace.sign_in(ada))
        yield home


@contextmanager
def at_microsoft(folder: Path) -> Iterator[Path]:
    """A tenant, Ada signed in through her browser."""
    with Tenant() as tenant, pytest.MonkeyPatch.context() as patched:
        ada = tenant.mailbox(ADDRESS, "Ada Okafor")
        for one in RECEIVED:
            ada.receives(one)
        for one in SENT:
            ada.sends(one)
        ada.plans(CALENDAR)
        source = {"account": "office", "type": "microsoft", "parts": ["mail", "calendar"]}
        home = founded(folder / "home", {"microsoft": tenant.settings(), "sources": [source]})
        browser.installed(patched, lambda url: tenant.browse(url, ADDRESS))
        patched.setattr(connecting, "at_a_terminal", lambda: True)
        done = autotime(home, "connect", "office")
        assert done.code == 0, done.err
        yield home


def evidence(home: Path) -> list[Evidence]:
    with open_office(load(home / "config.toml", home), "AOK", NOW).store as store:
        return store.evidence.on(Span(0, NOW + 10 * 86_400))


def told(item: Evidence) -> dict[str, Any]:
    """All that a piece says but account, source and key, for a person to read."""

    def clock(instant: int) -> str:
        return datetime.fromtimestamp(instant, UTC).astimezone(CHICAGO).isoformat()

    return {
        "kind": item.kind.value,
        "at": clock(item.at),
        "span": [clock(item.span.start), clock(item.span.end)] if item.span else None,
        "own": item.own,
        "revision": item.revision,
        "identity": item.identity,
        "thread": item.thread,
        "place": item.place.reveal(),
        "subject": item.subject.reveal(),
        "body": item.body.reveal(),
        "quoted": item.quoted.reveal(),
        "people": [f"{who.role.value} {who.name.reveal()} <{who.address}>" for who in item.people],
        "facts": dict(sorted(item.facts.items())),
    }


def drafted(home: Path) -> list[str]:
    """Seconds and words of the day's entries, those with time in them."""
    shown = autotime(home, "suggestions", "--date", same_day.DAY, "--json").json
    return sorted(f"{one['seconds']:5} s  {one['narrative']}" for one in shown if one["seconds"])


@pytest.mark.parametrize("place", [in_files, at_microsoft, at_google], ids=lambda place: place.__name__)
def test_the_same_day_gives_the_same_evidence_wherever_it_was_kept(place: Place, tmp_path: Path) -> None:
    """But for account, source and key; and so do the entries drafted from it."""
    with place(tmp_path) as home:
        done = autotime(home, "run")
        assert done.code == 0, done.err
        found = sorted((told(item) for item in evidence(home)), key=lambda one: (one["at"], one["identity"]))
        assert {"evidence": found, "drafted": drafted(home)} == json.loads(EXPECTED.read_text("utf-8"))


def test_the_day_is_one_worth_comparing() -> None:
    """Twelve mails and what became of six meetings, each in its own way."""
    expected = json.loads(EXPECTED.read_text("utf-8"))["evidence"]
    mails = [one for one in expected if one["kind"] == "message"]
    meetings = {one["identity"].split(":")[1] for one in expected if one["kind"] == "meeting"}
    assert len(mails) == len(same_day.RECEIVED + same_day.SENT) == 12
    assert len(meetings) == CALENDAR.count(b"STATUS:CANCELLED") + 4
