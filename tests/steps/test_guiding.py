"""Guidelines of an office: which hold, and what they see of its entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from autotime.domain.delivery import Delivery
from autotime.domain.errors import Misused
from autotime.domain.evidence import Evidence, Kind, Participant, Role
from autotime.domain.people import Timekeeper
from autotime.domain.untrusted import Untrusted
from autotime.domain.work import Billing
from autotime.office import Office
from autotime.settings import Settings
from autotime.steps.delivering import push
from autotime.steps.guiding import guide, guidelines_of
from autotime.store import Store
from tests.billing.firm import CLIENTS, MATTERS, NOW, TIMEKEEPER, approve, entry, open_store

STRICT = """
id = "northwind"
version = "1"
clients = ["NORTH"]
[[rule]]
id = "two-people"
kind = "attendance"
severity = "error"
text = "Two of a firm attend a meeting."
fix = "Mark the others not billable."
timekeepers = 2
[[rule]]
id = "a-week"
kind = "late"
severity = "warning"
text = "Within a week."
fix = "Send it now."
days = 7
[[rule]]
id = "day"
kind = "cap_day"
severity = "error"
text = "Ten hours a day."
fix = "Explain it to the client first."
minutes = 600
"""
DAY = date(2026, 2, 25)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path, create=True) as opened:
        opened.books.upsert(clients=CLIENTS, matters=MATTERS)
        people = [Timekeeper(id=name, last=name, emails=(f"{name.lower()}@firm.example",)) for name in ("BLN", "CKU")]
        opened.books.upsert_timekeepers([replace(TIMEKEEPER, emails=("aok@firm.example",)), *people])
        yield opened


def office(store: Store, home: Path, *files: str, standard: bool = False) -> Office:
    paths = []
    for number, text in enumerate(files):
        path = home / f"{number}.toml"
        path.write_text(text, "utf-8")
        paths.append(str(path))
    settings = Settings.model_validate(
        {
            "home": home,
            "timekeepers": [{"id": "AOK", "last": "Okafor", "zone": "America/Chicago"}],
            "guidelines": {"standard": standard, "files": paths},
        }
    )
    return Office(store, settings, settings.timekeeper(), NOW)


def met(*people: str) -> Evidence:
    return Evidence(
        account="office",
        source="ics",
        key="1",
        kind=Kind.MEETING,
        at=NOW - 86_400,
        own=True,
        thread="meeting",
        subject=Untrusted("Witness preparation"),
        people=tuple(Participant(Role.ATTENDEE, mail) for mail in people),
    )


def broken(here: Office) -> dict[str, list[str]]:
    """Rules that are broken, by entry."""
    looks = guide(here, date.min, date.max)
    return {one.id: [found.rule for found in looks(one)] for one in looks.entries}


def test_the_shipped_rules_hold_unless_they_are_switched_off(store: Store, tmp_path: Path) -> None:
    assert [one.id for one in guidelines_of(office(store, tmp_path, standard=True).settings)] == ["standard"]
    assert guidelines_of(office(store, tmp_path).settings) == ()


def test_two_files_of_one_id_are_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Misused, match="two guidelines have the id «northwind»"):
        guidelines_of(office(store, tmp_path, STRICT, STRICT).settings)


def test_who_else_of_the_firm_was_there_is_known_from_the_meeting(store: Store, tmp_path: Path) -> None:
    """Clients and strangers do not count, nor the timekeeper."""
    full = met("aok@firm.example", "bln@firm.example", "cku@firm.example", "jo@northwind.example")
    small = replace(full, key="2", people=full.people[:2])
    store.evidence.put([full, small], NOW)
    approve(store, entry(1, day=DAY, evidence=((full.id, 1),)), entry(2, day=DAY, evidence=((small.id, 1),)))
    found = broken(office(store, tmp_path, STRICT))
    assert found == {entry(1).id: ["two-people"], entry(2).id: []}


def test_a_day_is_counted_over_its_other_entries(store: Store, tmp_path: Path) -> None:
    approve(store, entry(1, day=DAY, billed_minutes=400), entry(2, day=DAY, billed_minutes=201))
    assert broken(office(store, tmp_path, STRICT)) == {entry(1).id: ["day"], entry(2).id: ["day"]}


def test_time_that_bills_nobody_fills_no_day(store: Store, tmp_path: Path) -> None:
    unbilled = entry(2, day=DAY, billed_minutes=201, billing=Billing.NON_BILLABLE)
    approve(store, entry(1, day=DAY, billed_minutes=400), unbilled)
    assert broken(office(store, tmp_path, STRICT)) == {entry(1).id: [], entry(2).id: []}


def test_lateness_is_from_the_work_to_its_approval(store: Store, tmp_path: Path) -> None:
    approve(store, entry(1, day=date(2026, 2, 10)), entry(2, day=date(2026, 2, 24)))
    assert broken(office(store, tmp_path, STRICT)) == {entry(1).id: ["a-week"], entry(2).id: []}


def test_a_refusal_names_rule_and_remedy_and_no_word_of_the_entry(store: Store, tmp_path: Path) -> None:
    approve(store, entry(1, day=DAY, billed_minutes=601, narrative="Draft the secret settlement"))
    looks = guide(office(store, tmp_path, STRICT), DAY, DAY)
    refused = looks.refusal(looks.entries[0])
    assert "northwind, day: Ten hours a day. Explain it to the client first." in refused
    assert "secret" not in refused


def test_a_warning_refuses_nothing(store: Store, tmp_path: Path) -> None:
    approve(store, entry(1, day=date(2026, 2, 10)))
    looks = guide(office(store, tmp_path, STRICT), date.min, date.max)
    assert looks.refusal(looks.entries[0]) == ""


def test_an_entry_that_breaks_a_rule_is_not_sent_and_says_which(store: Store, tmp_path: Path) -> None:
    """The others go; once it was put right it goes too."""
    approve(store, entry(1, day=DAY, billed_minutes=601), entry(2, day=date(2026, 2, 26)))
    strict = office(store, tmp_path, STRICT)
    lines = {line.entry_id: line for line in push(strict, Delivery("csv")).lines}
    assert lines[entry(2).id].state == "sent"
    assert (lines[entry(1).id].state, lines[entry(1).id].problem) == ("queued", True)
    assert "guideline northwind, day: Ten hours a day." in lines[entry(1).id].reason
    [line] = push(office(store, tmp_path), Delivery("csv")).lines
    assert (line.entry_id, line.state) == (entry(1).id, "sent")


def test_warnings_keep_nothing_from_being_sent(store: Store, tmp_path: Path) -> None:
    approve(store, entry(1, day=date(2026, 2, 10), narrative="Attention to file"))
    [line] = push(office(store, tmp_path, STRICT, standard=True), Delivery("csv")).lines
    assert line.state == "sent"
