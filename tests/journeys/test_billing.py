"""The demo's approved week goes to each of the seven billing targets, and is read back as it was approved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest

from autotime.billing.csv import parse
from autotime.billing.ledes import fold, read_invoice
from autotime.cli import connecting
from autotime.domain.books import Thing
from autotime.domain.doors import HistorySource
from autotime.steps.systems import adapter
from autotime.testing.systems.zapier import Zapier
from tests.cli import browser
from tests.cli.test_connect import Seat

from . import approved_week as week
from .approved_week import FRIDAY, MONDAY, NOW, WEEK, WHO, Line, approved, minutes_of, opened, typed
from .billed_at import PLACES, Place

HOOK = "https://hooks.zapier.com/hooks/catch/1234567/abc123/"
PORTAL = """
[firm]
name = "Lindqvist & Okafor LLP"
tax_id = "24-6437381"
address = "400 Example Plaza, Chicago, IL 60601"
street = "400 Example Plaza"
city = "Chicago"
state = "IL"
postcode = "60601"
country = "US"

[billing.ledes."*"]
tax_id = "76-1235"
street = "One Example Square"
city = "Springfield"
state = "IL"
postcode = "62701"
country = "US"
vendor_id = "V-1001"
payment_days = 30
"""


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the Monday after the week."""
    monkeypatch.setattr("autotime.cli.common.now", lambda: NOW)


@pytest.fixture(scope="session")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of an office whose week is approved. Not to be changed."""
    return week.approve_week(tmp_path_factory.mktemp("demo"))


@pytest.fixture
def seat(monkeypatch: pytest.MonkeyPatch) -> Seat:
    person = Seat()
    monkeypatch.setattr(connecting, "at_a_terminal", lambda: True)
    monkeypatch.setattr(connecting.Terminal, "ask", person.answer)
    return person


# -- systems that are asked -----------------------------------------------------------------------


@dataclass(frozen=True)
class Firm:
    home: Path
    place: Place


@pytest.fixture(params=PLACES)
def firm(
    request: pytest.FixtureRequest, worked: Path, tmp_path: Path, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Firm]:
    """A copy of the office, signed in to one system, whose books were pulled and whose week was pushed."""
    place = PLACES[request.param]()
    monkeypatch.setattr("autotime.billing.mycase.asking.SPACING", 0)
    browser.installed(monkeypatch, place.visits)
    with place.serves.serving() as server:
        section = f'[{place.name}]\nclient_id = "client-1"\nbase_url = "{server.url}"\n'
        home = week.copied(worked, tmp_path / "home", section)
        seat.answers.append("client-secret")
        pushing = ("push", place.name, "--accept-losses")
        for words in (("connect", place.name), ("books", "pull", place.name), (*pushing, "--dry-run")):
            done = typed(home, *words)
            assert done.code == 0, done.out + done.err
            assert place.lines() == []
        done = typed(home, *pushing, "--json")
        assert (done.code, done.json["counts"]) == (0, {"sent": len(approved(home))}), done.err
        yield Firm(home, place)


def test_what_was_approved_stands_there_once(firm: Firm) -> None:
    """As the system itself holds it; a second push sends nothing."""
    expected = sorted(firm.place.keeps(line) for line in approved(firm.home))
    assert firm.place.lines() == expected
    again = typed(firm.home, "push", firm.place.name)
    assert (again.code, "nothing waits for this target" in again.err) == (0, True)
    assert firm.place.lines() == expected


def test_it_is_read_back_as_it_was_approved(firm: Firm) -> None:
    """By the door through which history comes; what autotime delivered is known as its own."""
    assert _read_back(firm) == sorted(firm.place.keeps(line) for line in approved(firm.home))
    read = typed(firm.home, "history", "import", firm.place.name, "--json").json
    assert (read["read"], read["ours"], read["stored"]) == (len(approved(firm.home)),) * 2 + (0,)
    assert typed(firm.home, "reconcile", firm.place.name, *WEEK).code == 0


def test_what_a_colleague_does_to_it_is_told(firm: Firm) -> None:
    """One entry changed, one removed, one added by hand."""
    firm.place.by_hand()
    done = typed(firm.home, "reconcile", firm.place.name, *WEEK, "--json")
    found = [one["what"] for matter in done.json["matters"] for one in matter["differences"]]
    assert (done.code, sorted(found)) == (1, ["differs", "gone", "not_ours"])
    read = typed(firm.home, "history", "import", firm.place.name, "--json").json
    assert (read["ours"], read["stored"]) == (len(approved(firm.home)) - 1, 1)
    assert typed(firm.home, "push", firm.place.name, "--json").json["counts"] == {}


def _read_back(firm: Firm) -> list[Line]:
    with opened(firm.home) as office:
        keys = office.store.systems.keys(firm.place.name)
        source = adapter(office, firm.place.name)
        assert isinstance(source, HistorySource)
        pages = list(source.history(keys.remote(Thing.TIMEKEEPER, WHO), MONDAY, FRIDAY))
    return sorted(
        Line(
            one.day.isoformat(),
            keys.key(Thing.MATTER, one.matter),
            keys.key(Thing.TIMEKEEPER, one.timekeeper),
            (one.seconds or 0) // 60,
            one.narrative,
            one.task_code,
            one.activity_code,
            one.rate or Decimal(0),
            one.billing.value,
        )
        for page in pages
        for one in page.found
    )


# -- Zapier ---------------------------------------------------------------------------------------


def test_a_hook_receives_the_week_once(worked: Path, tmp_path: Path, seat: Seat) -> None:
    """Whole; and since nobody can look what its Zap did, entries are handed over, never billed."""
    zapier = Zapier()
    with zapier.serving() as server:
        home = week.copied(worked, tmp_path / "home", f'[zapier]\nbase_url = "{server.url}"\n')
        seat.answers.append(HOOK)
        assert typed(home, "connect", "zapier").code == 0
        done = typed(home, "push", "zapier", "--accept-losses", "--json")
        assert (done.code, done.json["counts"]) == (0, {"handed_over": len(approved(home))}), done.err
        assert sorted(map(_received, zapier.entries)) == approved(home)
        assert typed(home, "push", "zapier", "--json").json["counts"] == {}
        assert zapier.received == len(approved(home))
        told = typed(home, "reconcile", "zapier", *WEEK, "--json")
        differences = [one["what"] for matter in told.json["matters"] for one in matter["differences"]]
        assert (told.code, differences) == (1, ["handed_over"] * len(approved(home)))


def _received(body: dict[str, object]) -> Line:
    billing = "no_charge" if body["no_charge"] else "billable" if body["billable"] else "non_billable"
    texts = {name: str(body[name]) for name in ("date", "matter_id", "timekeeper_id", "narrative")}
    codes = (str(body["task_code"]), str(body["activity_code"]))
    said = (texts["date"], texts["matter_id"], texts["timekeeper_id"], minutes_of(body["hours"]), texts["narrative"])
    return Line(*said, *codes, Decimal(str(body["rate"])), billing)


# -- files ----------------------------------------------------------------------------------------


def test_a_table_holds_the_week(worked: Path, tmp_path: Path) -> None:
    home = week.copied(worked, tmp_path / "home")
    rows = parse(_pushed(home, "csv").read_bytes())
    assert sorted(map(_of_row, rows)) == approved(home)
    assert typed(home, "reconcile", "csv", *WEEK).code == 0
    assert typed(home, "push", "csv", "--json").json["counts"] == {}


def _of_row(row: dict[str, str]) -> Line:
    said = (row["date"], row["matter_id"], row["timekeeper_id"], minutes_of(row["hours"]), row["narrative"])
    return Line(*said, row["task_code"], row["activity_code"], Decimal(row["rate"]), row["billing"])


def test_an_import_file_of_timesolv_holds_the_week(worked: Path, tmp_path: Path) -> None:
    """But for the codes, for which its columns have no place."""
    home = week.copied(worked, tmp_path / "home")
    rows = parse(_pushed(home, "timesolv", "--accept-losses").read_bytes())
    kinds = {"Billable": "billable", "No Charge": "no_charge", "Non-Billable": "non_billable"}
    people = {"Marcus Okafor": WHO}
    read = [
        Line(
            row["Date"],
            row["Project Id"],
            people[row["Firm User"]],
            minutes_of(row["Hours"]),
            row["Notes"],
            "",
            "",
            Decimal(row["Rate"]),
            kinds[row["Billable Type"]],
        )
        for row in rows
    ]
    assert sorted(read) == sorted(replace(line, task="", activity="") for line in approved(home))


@pytest.mark.parametrize("kind", ["ledes", "ledes-bi", "ledes-xml"])
def test_invoices_hold_the_week(worked: Path, tmp_path: Path, kind: str) -> None:
    """One file for each client, which its own checker finds nothing wrong with."""
    home = week.copied(worked, tmp_path / "home")
    _set_portal(home / "config.toml")
    read: list[Line] = []
    for number, client in enumerate(week.clients(home), start=1001):
        invoice = ("--client", client, "--invoice-number", str(number), "--invoice-date", "2026-07-13")
        file = _pushed(home, kind, *invoice, *WEEK)
        checked = typed(home, "ledes", "check", str(file), "--books")
        assert checked.code == 0, checked.out
        read += _of_invoice(file.read_bytes())
    written = [
        line if kind == "ledes-xml" else replace(line, narrative=fold(line.narrative)) for line in approved(home)
    ]
    assert sorted(read) == sorted(written)
    assert typed(home, "reconcile", kind, *WEEK).code == 0


def _of_invoice(data: bytes) -> list[Line]:
    """The adjustment of a line at no charge takes back all of it."""
    invoice = read_invoice(data)
    assert invoice.head.total == sum(line.amount for line in invoice.lines)
    return [
        Line(
            line.day.isoformat(),
            line.matter,
            line.timekeeper,
            minutes_of(line.hours),
            line.narrative,
            line.task,
            line.activity,
            line.rate or Decimal(0),
            "billable" if line.amount else "no_charge",
        )
        for line in invoice.lines
    ]


def _set_portal(config: Path) -> None:
    """The firm's address in parts, in the place of what the demo says of the firm."""
    text = config.read_text("utf-8")
    before, _, rest = text.partition("[firm]")
    config.write_text(f"{before}{PORTAL}\n[[sources]]{rest.partition('[[sources]]')[2]}", encoding="utf-8")


def _pushed(home: Path, target: str, *words: str) -> Path:
    done = typed(home, "push", target, *words, "--json")
    assert done.code == 0, done.out + done.err
    assert done.json["counts"].keys() <= {"sent", "delivered_elsewhere"}
    return Path(done.json["file"])
