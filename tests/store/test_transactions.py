"""All or nothing, one at a time, and each for one timekeeper."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from autotime.domain.errors import NeedsPerson
from autotime.domain.spans import Span
from autotime.domain.work import Status
from autotime.store import Store, tables
from tests.billing.firm import approve, entry

from .filled import fill
from .nouns import DAY, NOON, decision, evidence
from .places import Place

ROOT = Path(__file__).parents[2]
TABLES = SQLModel.metadata.tables
OWNED = [table for table in TABLES.values() if "timekeeper" in table.c]
ALWAYS = Span(0, 2**40)


def everything(place: Place, timekeeper: str = "") -> dict[str, list[tuple[Any, ...]]]:
    """Every row there is, of one timekeeper or of all."""
    engine = place.engine()
    with engine.connect() as connection:
        rows = {name: [tuple(row) for row in connection.execute(select(table)).all()] for name, table in TABLES.items()}
    engine.dispose()
    return {
        name: sorted((row for row in found if timekeeper in ("", row[0])), key=repr) for name, found in rows.items()
    }


def succeeding(store: Store, *acts: Callable[[], object]) -> None:
    with store.transaction():
        for act in acts:
            act()


def failing(store: Store, *acts: Callable[[], object]) -> None:
    """A transaction whose last step is a defect."""
    succeeding(store, *acts, lambda: 1 / 0)


# -- all or nothing -------------------------------------------------------------------------------


def test_there_is_a_row_in_every_table_of_a_filled_store(place: Place) -> None:
    """So that the tests below speak of all of them."""
    with place.open() as store:
        fill(store)
    assert [name for name, rows in everything(place).items() if not rows] == []


def test_a_transaction_that_fails_leaves_nothing(place: Place) -> None:
    """Of anything that was put into any drawer."""
    empty = everything(place)
    with place.open() as store, pytest.raises(ZeroDivisionError):
        failing(store, lambda: fill(store))
    assert everything(place) == empty


def test_an_inner_transaction_goes_with_the_outer_one(place: Place) -> None:
    """It is no island that could survive it."""
    with place.open() as store:
        with pytest.raises(ZeroDivisionError):
            failing(store, lambda: succeeding(store, lambda: store.meta.set("note", "inner")))
        assert store.meta.get("note") == ""


def test_a_store_goes_on_after_a_transaction_failed(store: Store) -> None:
    """Whoever failed it: the caller or the database."""
    store.decisions.append(decision(1), DAY)
    for trouble in (lambda: store.decisions.append(decision(1), DAY), lambda: None):
        with pytest.raises((NeedsPerson, ZeroDivisionError)):
            failing(store, lambda: store.meta.set("note", "lost"), trouble)
    store.meta.set("note", "kept")
    assert store.meta.get("note") == "kept"


def test_others_see_a_transaction_when_it_is_done(place: Place) -> None:
    """Not before."""
    with place.open() as one, place.open() as other:
        with one.transaction():
            one.meta.set("note", "kept")
            assert other.meta.get("note") == ""
        assert other.meta.get("note") == "kept"


# -- one at a time --------------------------------------------------------------------------------


def test_a_store_held_by_another_program_says_so(place: Place) -> None:
    """After the patience it was opened with; what to do next is named."""
    with place.open() as one, place.open(patience=50) as other, one.transaction():
        one.meta.set("note", "one")
        with pytest.raises(NeedsPerson, match="another program holds the store") as refused:
            other.meta.set("note", "other")
    assert refused.value.hint


def test_reading_needs_no_turn(place: Place) -> None:
    """The desk can be looked at while a run writes."""
    with place.open() as one, place.open(patience=50) as other, one.transaction():
        one.meta.set("note", "one")
        assert other.evidence.on(ALWAYS) == []


def test_threads_share_a_store(store: Store) -> None:
    """Screens read while something is written; no transaction takes in another thread's rows."""
    trouble: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for step in range(10):
                with store.transaction():
                    store.meta.set(f"note {number}", str(step))
                    assert store.meta.get(f"note {number}") == str(step)
                store.evidence.on(ALWAYS)
        except BaseException as failed:  # noqa: BLE001 - told to the test
            trouble.append(failed)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trouble == []
    assert [store.meta.get(f"note {number}") for number in range(4)] == ["9"] * 4


ROUNDS = 25
WRITER = """
import sys
from tests.store.places import Place
from tests.store.test_transactions import write
write(Place(sys.argv[1], bytes.fromhex(sys.argv[2]) or None), sys.argv[3])
"""


def write(place: Place, name: str) -> None:
    """What one program of two does: its own things, things both have, and decisions."""
    with place.open(actor=name) as store:
        for number in range(ROUNDS):
            with store.transaction():
                store.evidence.put([evidence(f"{name} {number}"), evidence(f"both {number}")], NOON)
                store.decisions.append(decision(int(store.decisions.next_id()[1:]), actor=name), DAY)


def test_two_programs_write_at_once(place: Place) -> None:
    """Nothing is lost, nothing is there twice, and the chain is whole."""
    words = [sys.executable, "-c", WRITER, place.url, (place.key or b"").hex()]
    programs = [subprocess.Popen([*words, name], cwd=ROOT) for name in ("one", "two")]
    assert [program.wait(timeout=120) for program in programs] == [0, 0]
    with place.open() as store:
        assert store.evidence.count() == 3 * ROUNDS
        assert {item.revision for item in store.evidence.on(ALWAYS)} == {1}
        made = store.decisions.on(DAY)
        assert [one.id for one in made] == [f"d{number}" for number in range(1, 2 * ROUNDS + 1)]
        assert {one.actor for one in made} == {"one", "two"}
        assert store.audit.verify().ok


# -- each for one timekeeper ----------------------------------------------------------------------

READERS: dict[str, Callable[[Store], object]] = {
    "evidence on a day": lambda s: s.evidence.on(ALWAYS),
    "evidence by id": lambda s: s.evidence.get([evidence().id]),
    "count": lambda s: s.evidence.count(),
    "captured": lambda s: s.evidence.captured([evidence().id]),
    "dates": lambda s: s.evidence.dates(lambda _: DAY),
    "features": lambda s: s.features.get([evidence().id]),
    "cursor": lambda s: s.cursors.get("mail", "mbox"),
    "cursors": lambda s: s.cursors.all(),
    "quarantine": lambda s: s.quarantine.all(),
    "rankings": lambda s: s.rankings.get([evidence().id]),
    "suggestions": lambda s: s.suggestions.on(DAY),
    "suggestion": lambda s: s.suggestions.get("s1"),
    "suggestion days": lambda s: s.suggestions.days(),
    "undecided": lambda s: s.suggestions.undecided(Status),
    "decisions": lambda s: s.decisions.on(DAY),
    "decision": lambda s: s.decisions.get("d1"),
    "decision day": lambda s: s.decisions.day_of("d1"),
    "last decision": lambda s: s.decisions.last_standing(),
    "entries": lambda s: s.entries.on(DAY),
    "entry": lambda s: s.entries.get(entry(1).id),
    "many entries": lambda s: s.entries.many([entry(1).id, entry(2).id]),
    "submissions": lambda s: s.submissions.of_entry(entry(1).id),
    "submission counts": lambda s: s.submissions.counts(),
    "batch": lambda s: s.batches.get("csv-0001"),
    "batches": lambda s: s.batches.all(),
    "lessons": lambda s: s.examples.all(),
    "runs": lambda s: s.runs.last("run"),
    "notes": lambda s: s.meta.get("note"),
    "audit": lambda s: s.audit.head()[0],
}


def test_another_timekeeper_sees_nothing(place: Place) -> None:
    """In the same database, whatever is asked."""
    with place.open("AOK") as mine, place.open("BLI") as other:
        fill(mine)
        seen = {name: read(other) for name, read in READERS.items()}
        assert {name for name, read in READERS.items() if not read(mine)} == set()
    assert {name: found for name, found in seen.items() if found} == {}


def test_another_timekeeper_can_have_the_same_and_touches_nothing(place: Place) -> None:
    """The same ids, the same keys, the same numbers: each its own rows, but for the firm's books."""
    with place.open("AOK") as mine, place.open("BLI") as other:
        fill(mine)
        before = everything(place, "AOK")
        fill(other)
        other.evidence.withdraw("mail", "mbox", ["m1"], NOON)
        other.examples.retract("d1")
        other.cursors.forget("mail", "mbox")
        other.quarantine.forget("mail", "mbox", ["2"])
        other.suggestions.replace_day(DAY, [])
        assert mine.audit.verify().ok
        assert other.audit.verify().ok
    after = everything(place, "AOK")
    owned = {table.name for table in OWNED}
    assert {name: rows for name, rows in after.items() if name in owned} == {
        name: rows for name, rows in before.items() if name in owned
    }


def test_a_delegate_acts_under_an_own_name(place: Place) -> None:
    """In the timekeeper's store; the record says who it was."""
    with place.open("AOK", actor="MSECRETARY") as store:
        approve(store, entry(1))
        table = tables.AuditRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it
        assert {row.actor for row in store.audit.rows(select(table))} == {"MSECRETARY"}
    with place.open("AOK") as store:
        assert store.entries.get(entry(1).id) == entry(1)
