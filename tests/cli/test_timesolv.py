"""TimeSolv from its books to a file that was imported there, over a real socket."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from autotime.office import billing_connection
from autotime.settings import load
from autotime.testing.server import Loopback
from autotime.testing.systems.timesolv import TimeSolv
from tests.cli import firm
from tests.cli.run import autotime

PROJECTS = {"2026-001": "817", "2026-002": "818"}
SIGNED_IN = {"secret": "client-secret", "code": "code-1", "back": "http://127.0.0.1/callback", "access_token": "old"}
MARCH = ("--from", "2026-03-01", "--to", "2026-03-31")


@pytest.fixture
def account() -> TimeSolv:
    made = TimeSolv()
    user = {"FirstName": "Ada", "LastName": "Okafor", "Email": "ada@firm.example"}
    made.add("FirmUsers", **user, UserStatus="Active", LastUpdatedDate="2026-01-05")
    made.add("Clients", ClientId="NORTH", ClientName="Northwind Mills, Inc.", ClientStatus="Active")
    made.add("TaskCodes", Code="L310", isActive=1)
    return made


@pytest.fixture
def server(account: TimeSolv) -> Iterator[Loopback]:
    with account.serving() as made:
        yield made


@pytest.fixture
def office(home: Path, server: Loopback, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office with its day approved, signed in to TimeSolv, whose books were pulled."""
    named = "".join(f'{matter} = "{project}"\n' for matter, project in PROJECTS.items())
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f'\n[timesolv]\nclient_id = "client-1"\nbase_url = "{server.url}"\n[timesolv.projects]\n{named}')
    monkeypatch.setenv("AUTOTIME_HOME", str(home))
    billing_connection(load(None), "AOK", "timesolv").vault.save(json.dumps(SIGNED_IN))
    assert autotime(home, "books", "pull", "timesolv").code == 0
    return home


def approved(home: Path) -> None:
    for shown in firm.suggestions(home):
        done = autotime(home, "approve", shown["id"], "--revision", shown["revision"])
        assert done.code == 0, done.err


def imported(account: TimeSolv, file: Path) -> None:
    """What TimeSolv makes of an import file."""
    with file.open(encoding="utf-8", newline="") as sheet:
        for row in csv.DictReader(sheet):
            card = {"Date": row["Date"], "FirmUserId": 501, "ProjectId": int(PROJECTS[row["Project Id"]])}
            card |= {"Duration": float(row["Hours"]), "BillableStatus": row["Billable Type"], "Notes": row["Notes"]}
            card |= {"TotalAmount": float(Decimal(row["Hours"]) * Decimal(row["Rate"]))}
            account.add("TimeCards", **card, TimeCardStatus="New")


def test_what_was_imported_there_agrees_with_what_was_pushed(office: Path, account: TimeSolv) -> None:
    """And until it was imported, it does not."""
    approved(office)
    pushed = autotime(office, "push", "timesolv", "--json")
    assert pushed.code == 0, pushed.err
    assert not account.entries
    assert autotime(office, "reconcile", "timesolv", *MARCH).code == 1
    imported(account, Path(pushed.json["file"]))
    agreed = autotime(office, "reconcile", "timesolv", *MARCH)
    assert agreed.code == 0, agreed.out + agreed.err


def test_what_stands_there_is_shown_before_it_is_approved_again(office: Path, account: TimeSolv) -> None:
    """By day and matter, at the desk's data."""
    card = {"Date": firm.DAY, "FirmUserId": 501, "ProjectId": 817, "Duration": 1.5, "Notes": "By hand"}
    account.add("TimeCards", **card, BillableStatus="Billable", TimeCardStatus="New")
    read = autotime(office, "history", "import", "timesolv", *MARCH, "--json")
    assert (read.code, read.json["stored"], read.json["unknown"]) == (0, 1, 0)


def test_a_file_can_be_voided_and_no_card_is_touched(office: Path, server: Loopback) -> None:
    """As any file."""
    approved(office)
    assert autotime(office, "push", "timesolv").code == 0
    asked = len(server.asked)
    voided = autotime(office, "void", "timesolv-0001", "--dry-run", "--json")
    assert voided.code == 0, voided.err
    assert len(server.asked) == asked
