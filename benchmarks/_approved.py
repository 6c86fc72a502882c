"""A store with approved entries that wait for billing: one attorney, a dozen entries a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from autotime.domain.books import Client, Key, Matter
from autotime.domain.entries import Origin, TimeEntry, Unplaced
from autotime.domain.people import Principal, Timekeeper
from autotime.domain.work import Billing
from autotime.store import Store

FIRST = date(2026, 3, 2)
A_DAY = 12
WHO = Timekeeper(id="ABC", last="Example", first="Ada", classification="PARTNR", rate=Decimal(450))


def empty(folder: Path) -> Store:
    return Store.open(f"sqlite:///{folder}/store.db", Principal(WHO.id, WHO.id), key=bytes(32), create=True)


def approved(folder: Path, count: int, matters: Sequence[Matter], keys: Iterable[Key], task_code: str = "") -> Store:
    """So many entries on these matters of one client, queued; ``keys`` are what a billing system calls things."""
    store = empty(folder)
    store.books.upsert(clients=[Client("C1", "Invented client")], matters=matters)
    store.books.upsert_timekeepers([WHO])
    store.systems.save_keys(keys)
    with store.transaction():
        for number in range(count):
            made = _entry(number, matters[number % len(matters)].number, task_code)
            store.entries.add(made)
            store.submissions.queue(made)
    return store


def _entry(number: int, matter: str, task_code: str) -> TimeEntry:
    minutes = 6 * (1 + number % 9)
    return TimeEntry(
        id=f"e{number:016x}",
        timekeeper=WHO.id,
        actor=WHO.id,
        day=FIRST + timedelta(days=number // A_DAY),
        matter=matter,
        client="C1",
        task_code=task_code,
        activity_code="A103",
        billing=Billing.BILLABLE,
        narrative=f"Draft responses to request for production no. {number}",
        placed=(),
        unplaced=(Unplaced(minutes * 60, Origin.MANUAL),),
        increment_minutes=6,
        rounding="up",
        billed_minutes=minutes,
        approved_at=0,
        decision=f"d{number}",
    )
