"""What a push is given beside the entries: the firm's facts, and its people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from autotime.domain.delivery import Delivery
from autotime.domain.people import Timekeeper
from autotime.office import Office
from autotime.settings import Settings
from autotime.steps.delivering import push
from autotime.store import Store
from tests.billing.firm import CLIENTS, HEADER, MATTERS, NOW, TIMEKEEPER, approve, entry, open_store

MARCH = Delivery("ledes", "NORTH", date(2026, 3, 1), date(2026, 3, 31), "INV-1", date(2026, 4, 2))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """One approved entry; the books know the timekeeper by name and rate only."""
    with open_store(tmp_path, create=True) as opened:
        opened.books.upsert(clients=CLIENTS, matters=MATTERS)
        opened.books.upsert_timekeepers([replace(TIMEKEEPER, classification="")])
        approve(opened, entry(1))
        yield opened


def office(store: Store, home: Path, **person: object) -> Office:
    configured = {"id": "AOK", "last": "Okafor", "first": "Ada", "zone": "America/Chicago", **person}
    firm = {"name": HEADER["firm_name"], "tax_id": HEADER["tax_id"], "address": HEADER["address"]}
    settings = Settings(home=home, timekeepers=[configured], firm=firm)  # type: ignore[arg-type, list-item]
    return Office(store, settings, settings.timekeeper(), NOW)


def known(store: Store) -> Timekeeper:
    return store.books.timekeepers()["AOK"]


def test_what_the_books_leave_open_of_a_timekeeper_the_settings_fill_in(store: Store, tmp_path: Path) -> None:
    """A classification in the settings is enough; the rate of the books holds against another one."""
    report = push(office(store, tmp_path, classification="PARTNR", rate="1"), MARCH)
    assert [line.state for line in report.lines] == ["sent"]
    assert (known(store).classification, known(store).rate) == ("PARTNR", Decimal("450"))


def test_a_fact_that_nobody_gives_is_named(store: Store, tmp_path: Path) -> None:
    """The entry waits, with the reason."""
    report = push(office(store, tmp_path), MARCH)
    assert "no classification" in report.lines[0].reason
    assert report.lines[0].state == "queued"


def test_a_dry_run_tells_what_a_push_would_do_and_keeps_nothing(store: Store, tmp_path: Path) -> None:
    """Not even what the settings fill in."""
    report = push(office(store, tmp_path, classification="PARTNR"), MARCH, dry_run=True)
    assert [line.state for line in report.lines] == ["ready"]
    assert known(store).classification == ""
    assert not (tmp_path / "outgoing").exists()
