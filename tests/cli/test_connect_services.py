"""``autotime connect`` with the real collectors, against services that stand on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autotime.cli import connecting
from autotime.operations.founding import tables_text
from autotime.settings import Settings
from autotime.steps.connecting import question, questions
from autotime.testing.google import EVERYTHING, Workspace
from autotime.testing.google.routes import AUTH
from autotime.testing.microsoft import Tenant
from tests.cli import browser
from tests.cli.run import autotime
from tests.cli.test_connect import Seat
from tests.collectors.sources import letter

ADA = "ada@firm.example"


@pytest.fixture
def seat(monkeypatch: pytest.MonkeyPatch) -> Seat:
    """A terminal with a person, whose browser goes where it is sent."""
    person = Seat()
    monkeypatch.setattr(connecting, "at_a_terminal", lambda: True)
    monkeypatch.setattr(connecting.Terminal, "ask", person.answer)
    return person


@pytest.mark.parametrize(
    ("kind", "firm", "asked"),
    [
        ("microsoft", False, ["client_id"]),
        ("microsoft", True, ["client_id", "tenant", "mailbox"]),
        ("google", False, ["client_file"]),
        ("google", True, ["mailbox"]),
        ("imap", False, ["host", "user"]),
        ("caldav", False, ["url", "user"]),
    ],
)
def test_only_what_is_needed_and_not_known_is_asked_for(kind: str, firm: bool, asked: list[str]) -> None:
    """Each in words."""
    names = [name for _, name in questions(Settings(), kind, firm)]
    assert names == asked
    assert all(question(name) != name for name in names)


# -- Microsoft ------------------------------------------------------------------------------------


@pytest.fixture
def tenant(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tenant]:
    with Tenant() as made:
        made.mailbox(ADA, "Ada Okafor").receives(letter(0, "The lease is signed.\n"))
        browser.installed(monkeypatch, lambda url: made.browse(url, ADA))
        yield made


def with_microsoft(home: Path, tenant: Tenant) -> None:
    source = {"account": "work", "type": "microsoft", "parts": ["mail", "calendar"]}
    tables = tables_text({"microsoft": tenant.settings(), "sources": [source]})
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f"\n[collect]\nsince = 2026-03-01\n{tables}")


def test_a_person_signs_in_to_microsoft_and_the_next_run_reads_the_mail(home: Path, seat: Seat, tenant: Tenant) -> None:
    """Permissions with their reasons first; the test call and the run go by the sign-in that was kept."""
    with_microsoft(home, tenant)
    done = autotime(home, "connect", "work")
    assert done.code == 0, done.err
    assert "Mail.Read\n    the mails you send and receive" in done.err
    assert "signed in as ada@firm.example" in done.err
    assert autotime(home, "collect", "--account", "work").out.startswith("work: 1 new")


def test_a_sign_in_microsoft_ended_is_needed_and_nothing_else_fails(home: Path, seat: Seat, tenant: Tenant) -> None:
    """The run exits 0 and opens no browser; the status says what to do, and signing in again does it."""
    with_microsoft(home, tenant)
    assert autotime(home, "connect", "work").code == 0
    tenant.entra.revoke(ADA)
    tenant.entra.expire_access()
    pages = len(tenant.server.asked)
    assert autotime(home, "run").code == 0
    assert not any("authorize" in asked.path for asked in tenant.server.asked[pages:])
    assert 'sign-in needed: autotime connect "work"' in autotime(home, "status").out
    assert autotime(home, "connect", "work").code == 0
    assert "sign-in needed" not in autotime(home, "status").out


def test_the_firms_own_sign_in_warns_of_the_union_trap(home: Path, seat: Seat, tenant: Tenant) -> None:
    """What Entra grants reaches every mailbox, whatever scope Exchange sets; the secret is kept sealed."""
    with_microsoft(home, tenant)
    seat.answers.append(tenant.registration.secret)
    done = autotime(home, "connect", "microsoft", "--firm")
    assert done.code == 0, done.err
    assert "reaches EVERY mailbox of the firm" in done.err
    assert seat.secrets == 1
    assert autotime(home, "collect", "--account", "work").out.startswith("work: 1 new")


# -- Google ---------------------------------------------------------------------------------------


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    browser.installed(monkeypatch, browser.fetch)
    with Workspace() as made:
        made.user(ADA).receives(letter(0, "The lease is signed.\n"))
        made.desk.person = ADA
        yield made


def with_google(home: Path, workspace: Workspace) -> None:
    source = {"account": "work", "type": "google", "mailbox": ADA, "parts": ["mail", "calendar"]}
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write(
            f"\n[collect]\nsince = 2026-03-01\n{tables_text({'google': workspace.settings(home), 'sources': [source]})}"
        )


def test_a_person_signs_in_to_google_and_the_next_run_reads_the_mail(
    home: Path, seat: Seat, workspace: Workspace
) -> None:
    """Permissions with their reasons first; the test call and the run go by the sign-in that was kept."""
    with_google(home, workspace)
    done = autotime(home, "connect", "work")
    assert done.code == 0, done.err
    assert "gmail.readonly" in done.err
    assert "signed in as ada@firm.example" in done.err
    assert autotime(home, "collect", "--account", "work").out.startswith("work: 1 new")


def test_a_box_that_was_left_empty_is_told_as_what_it_costs(home: Path, seat: Seat, workspace: Workspace) -> None:
    """The other parts are collected."""
    with_google(home, workspace)
    workspace.desk.unticked = {f"{AUTH}calendar.events.readonly", f"{AUTH}calendar.calendarlist.readonly"}
    told = autotime(home, "connect", "work", "--json").json
    assert len(told["missing_permissions"]) == 2
    assert autotime(home, "collect", "--account", "work").out.startswith("work: 1 new")
    assert "not collected: calendar" in autotime(home, "status").out


def test_the_firms_service_account_serves_a_mailbox_without_anybody(
    home: Path, seat: Seat, workspace: Workspace, tmp_path: Path
) -> None:
    """Its key is kept sealed."""
    with_google(home, workspace)
    key = tmp_path / "key.json"
    key.write_text(workspace.service_account(EVERYTHING), encoding="utf-8")
    seat.answers.append(str(key))
    done = autotime(home, "connect", "work", "--firm")
    assert done.code == 0, done.err
    key.unlink()
    assert autotime(home, "collect", "--account", "work").out.startswith("work: 1 new")
    assert not any(b"PRIVATE KEY" in file.read_bytes() for file in (home / "sign-ins").iterdir())


def test_a_file_that_is_no_key_is_refused(home: Path, seat: Seat, workspace: Workspace, tmp_path: Path) -> None:
    """With where to get one."""
    with_google(home, workspace)
    seat.answers += [str(tmp_path / "none.json")]
    assert autotime(home, "connect", "work", "--firm").code == 2
    (tmp_path / "client.json").write_text("{}", encoding="utf-8")
    seat.answers += [str(tmp_path / "client.json")]
    done = autotime(home, "connect", "work", "--firm")
    assert (done.code, "Service accounts" in done.err) == (2, True)


def test_a_sign_in_google_ended_is_needed_and_nothing_else_fails(home: Path, seat: Seat, workspace: Workspace) -> None:
    """The run exits 0; the status says what to do."""
    with_google(home, workspace)
    assert autotime(home, "connect", "work").code == 0
    workspace.desk.revoke()
    assert autotime(home, "run").code == 0
    assert 'sign-in needed: autotime connect "work"' in autotime(home, "status").out
