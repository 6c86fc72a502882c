"""Delivery: what a bad network makes of it, and how fast an invoice is.

``weather``: pushes to a billing system in memory, on a virtual clock, at the assumed rates of ``RATES`` a request;
pushed again every quarter of an hour until all is sent or with a person. ``ledes``: one invoice of 500 entries,
from the store to the file. ``python -m benchmarks.delivery 100000`` does so many pushes.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from autotime.billing.ledes import LedesBiller
from autotime.billing.outbox import push_files
from autotime.billing.picking import Wanted
from autotime.billing.sending import push_entries
from autotime.billing.sweep import sweep
from autotime.domain.books import Key, Matter, Thing
from autotime.domain.delivery import DeliveryState
from autotime.store import Store
from autotime.testing.systems.ledger import Ledger
from autotime.testing.systems.ledger_biller import LedgerBiller
from autotime.testing.systems.signed import signed_in
from autotime.testing.systems.wire import Clock, Fate, Wire
from benchmarks import seconds
from benchmarks._approved import A_DAY, FIRST, approved

PUSHES, A_ROUND, INVOICE = 10_000, 500, 500
QUICK = 100
RATES = {Fate.LOST_BEFORE: 0.01, Fate.LOST_AFTER: 0.01, Fate.LATE: 0.003, Fate.NOT_DONE: 0.007}
"""Assumed, not measured at any service."""

QUARTER = 16 * 60
ROUNDS = 60
LATEST = 1_500
"""Seconds by which a late request may be late: more than one settling time, less than two."""

MATTERS = tuple(
    Matter(number=f"2026-00{n}", name=f"Invented matter {n}", client="C1", client_matter_id=f"CM-{n}")
    for n in (1, 2, 3)
)
KEYS = (
    Key("ledger", Thing.TIMEKEEPER, "ABC", "U1"),
    *(Key("ledger", Thing.MATTER, matter.number, f"M{n}") for n, matter in enumerate(MATTERS, 1)),
)
HEADER: dict[str, object] = {
    "client": "C1",
    "invoice_number": "INV-1",
    "invoice_date": "2026-12-31",
    "description": "Legal services",
    "firm_name": "Example LLP",
    "tax_id": "24-6437381",
    "address": "1 Example Plaza, Springfield, IL 62701",
}


def measure(quick: bool) -> dict[str, Any]:
    return {
        "weather": _weather(QUICK if quick else PUSHES, min(A_ROUND, QUICK if quick else A_ROUND)),
        "ledes": _ledes(QUICK if quick else INVOICE),
    }


# -- weather --------------------------------------------------------------------------------------


def _weather(pushes: int, a_round: int) -> dict[str, Any]:
    told: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        store = approved(Path(folder), a_round, MATTERS, KEYS)

        def all_rounds() -> None:
            for seed in range(pushes // a_round):
                told.update(_round(store, seed))

        took = seconds(all_rounds)
        store.close()
    done = pushes // a_round * a_round
    return {
        "pushes": done,
        "faults": told["faults"],
        "duplicates": told["duplicates"],
        "silent_losses": told["lost"],
        "questions_to_a_person": told["questions"],
        "questions_share": told["questions"] / done,
        "requests_per_entry": round(told["requests"] / done, 2),
        "milliseconds_per_entry": round(1_000 * took / done, 1),
        "targets": {"duplicates": 0, "silent_losses": 0, "questions_share": 0.001},
    }


def _round(store: Store, seed: int) -> dict[str, int]:
    """Every entry of the store, pushed in the weather of this seed. Nothing of it is kept."""
    chance, clock = random.Random(seed), Clock()
    books = Ledger(clock)
    books.page = 1_000
    met: Counter[Fate] = Counter()
    wire = Wire(books.answer, clock, _fates(chance, met), late_by=chance.randrange(60, LATEST))
    biller = LedgerBiller(signed_in(), store.systems.keys("ledger"), sleep=clock.sleep, wall=clock, carrier=wire)
    try:
        with store.transaction():
            _nights(store, biller, wire)
            told = _judged(store, books)
            raise _Undo
    except _Undo:
        return {**told, "requests": len(wire.asked), "faults": met.total() - met[Fate.OK]}


class _Undo(Exception):
    pass


def _fates(chance: random.Random, met: Counter[Fate]) -> Iterator[Fate]:
    fates, rates = [*RATES, Fate.OK], [*RATES.values(), 1 - sum(RATES.values())]
    while True:
        fate = chance.choices(fates, rates)[0]
        met[fate] += 1
        yield fate


def _nights(store: Store, biller: LedgerBiller, wire: Wire) -> None:
    clock, before = wire.clock, None
    for _ in range(ROUNDS):
        push_entries(store, biller, Wanted(), now=lambda: int(clock()), sleep=clock.sleep, accept=lambda _: True)
        after = store.submissions.in_state(*DeliveryState)
        if after == before:
            return
        before = after
        clock.sleep(QUARTER)
        wire.arrive()
        sweep(store, biller, int(clock()))


def _judged(store: Store, books: Ledger) -> dict[str, int]:
    """Every narrative is one entry's own."""
    there = Counter(one["text"] for one in books.entries)
    ended = store.submissions.in_state(*DeliveryState)
    texts = {one.id: one.narrative for one in store.entries.many([one.entry for one in ended]).values()}
    open_ones = [one for one in ended if one.state is not DeliveryState.SENT]
    return {
        "duplicates": sum(count - 1 for count in there.values()),
        "lost": sum(not one.reason for one in open_ones)
        + sum(one.state is DeliveryState.SENT and not there[texts[one.entry]] for one in ended),
        "questions": len(open_ones),
    }


# -- an invoice -----------------------------------------------------------------------------------


def _ledes(count: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        store = approved(Path(folder), count, MATTERS, KEYS)
        last = FIRST + timedelta(days=count // A_DAY)
        header = {**HEADER, "from": FIRST.isoformat(), "to": last.isoformat()}
        took = seconds(
            lambda: push_files(
                store, LedesBiller(), header, Path(folder) / "outgoing", now=0, client="C1", first=FIRST, last=last
            )
        )
        sent = len(store.submissions.in_state(DeliveryState.SENT))
        store.close()
    return {"entries": sent, "seconds": round(took, 3), "targets": {"entries": count, "seconds": 1}}


if __name__ == "__main__":
    print(json.dumps(_weather(int(sys.argv[1]), A_ROUND) if sys.argv[1:] else measure(False), indent=2))
