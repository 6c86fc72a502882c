"""A small invented firm with approved time, for the tests of this room."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from autotime.domain.books import Books, Client, Matter
from autotime.domain.delivery import DeliveryState
from autotime.domain.entries import Origin, TimeEntry, Unplaced
from autotime.domain.people import Principal, Timekeeper
from autotime.domain.work import Billing
from autotime.store import Store

KEY = bytes(range(32))
NOW = 1_772_000_000

TIMEKEEPER = Timekeeper(
    id="AOK", last="Okafor", first="Ada", classification="PARTNR", rate=Decimal("450"), zone="America/Chicago"
)
CLIENTS = (Client("NORTH", "Northwind Mills, Inc."), Client("SOLO", "Solo Press LLC"))
MATTERS = (
    Matter(
        number="2026-001",
        name="Northwind v. Harrow",
        client="NORTH",
        client_matter_id="NW-77",
        code_set="litigation",
    ),
    Matter(number="2026-002", name="Warehouse lease", client="NORTH", client_matter_id="NW-78", rate=Decimal("412.50")),
    Matter(number="2026-003", name="Imprint licence", client="SOLO", client_matter_id="S-1"),
)
BOOKS = Books(clients={client.id: client for client in CLIENTS}, matters={matter.number: matter for matter in MATTERS})

HEADER: dict[str, object] = {
    "client": "NORTH",
    "from": "2026-03-01",
    "to": "2026-03-31",
    "invoice_number": "INV-1001",
    "invoice_date": "2026-04-02",
    "description": "Legal services, March 2026",
    "firm_name": "Okafor & Lindqvist LLP",
    "tax_id": "24-6437381",
    "address": "1 Example Plaza, Springfield, IL 62701",
}
MARCH = {"client": "NORTH", "first": date(2026, 3, 1), "last": date(2026, 3, 31)}


def entry(number: int = 1, **changes: Any) -> TimeEntry:
    """An approved entry on a day of March, one an hour; ``changes`` are fields of ``TimeEntry``."""
    minutes = changes.pop("billed_minutes", 6 * number)
    matter = changes.get("matter", "2026-001")
    return TimeEntry(
        **{
            "id": f"e{number:016x}",
            "timekeeper": "AOK",
            "actor": "AOK",
            "day": date(2026, 3, 1 + number % 28),
            "matter": matter,
            "client": next((m.client for m in MATTERS if m.number == matter), ""),
            "task_code": "L310" if matter == "2026-001" else "",
            "activity_code": "A103",
            "billing": Billing.BILLABLE,
            "narrative": f"Draft responses to request for production no. {number}",
            "placed": (),
            "unplaced": (Unplaced(minutes * 60, Origin.MANUAL),),
            "increment_minutes": 6,
            "rounding": "up",
            "billed_minutes": minutes,
            "approved_at": NOW,
            "decision": f"d{number}",
            **changes,
        }
    )


def open_store(folder: Path, *, timekeeper: str = "AOK", create: bool = False) -> Store:
    return Store.open(f"sqlite:///{folder}/store.db", Principal(timekeeper, timekeeper), key=KEY, create=create)


def approve(store: Store, *entries: TimeEntry, target: str = "") -> None:
    for one in entries:
        store.entries.add(one)
        store.submissions.queue(one, target)


def found(folder: Path, *entries: TimeEntry) -> Store:
    """A store of the firm in a folder, with these entries approved."""
    store = open_store(folder, create=True)
    store.books.upsert(clients=CLIENTS, matters=MATTERS)
    store.books.upsert_timekeepers([TIMEKEEPER])
    approve(store, *entries)
    return store


def states(store: Store) -> dict[str, str]:
    """How each entry's submission stands, by the last digit of the entry."""
    return {one.entry[-1]: one.state.value for one in store.submissions.in_state(*DeliveryState)}
