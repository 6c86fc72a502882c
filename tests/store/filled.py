"""One of everything in a store."""

from __future__ import annotations

from autotime.domain.books import Code, Key, Thing
from autotime.domain.delivery import Billed
from autotime.domain.evidence import Quarantined, SyncCursor
from autotime.store import Store
from tests.billing.firm import CLIENTS, MATTERS, TIMEKEEPER, approve, entry

from .nouns import DAY, NOON, batch, decision, evidence, example, ranking, suggestion


def fill(store: Store) -> None:
    """One row at least in every table, by what the drawers offer."""
    item = evidence()
    store.books.upsert(clients=CLIENTS, matters=MATTERS, codes=[Code("L310", "Written Discovery", "litigation")])
    store.books.upsert_timekeepers([TIMEKEEPER])
    store.evidence.put([item], NOON)
    store.features.put([(item.id, b"features")], 1)
    store.cursors.set("mail", "mbox", SyncCursor("10"), NOON, 1)
    store.quarantine.add("mail", "mbox", [Quarantined("2", "no date")], NOON)
    store.rankings.put([ranking(item.id)])
    store.suggestions.replace_day(DAY, [suggestion()])
    store.decisions.append(decision(1), DAY)
    approve(store, entry(1, day=DAY), entry(2, day=DAY))
    store.entries.void(entry(2).id, "d1")
    store.examples.add([example()])
    store.batches.save(batch())
    store.runs.finish(store.runs.start("run", NOON), NOON, {"new": 1})
    store.meta.set("note", "kept")
    store.systems.save_keys([Key("clio", Thing.MATTER, "2026-001", "41", "v1")])
    store.systems.save_cursor("clio", "matters", "2026-03-09T00:00:00Z", NOON, 1)
    store.billed.upsert([Billed(target="clio", remote="7", day=DAY, matter="2026-001", seconds=360)])
