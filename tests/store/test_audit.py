"""The record of who did what shows any change that was not made by autotime."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Table, select

from autotime.domain.delivery import DeliveryState
from autotime.store import AuditReport, Store
from autotime.store.audit import AUDIT, RECORDED, SALT
from tests.billing.firm import entry

from .filled import fill
from .nouns import DAY, ODD, batch, decision, example
from .places import Place, disarm


@pytest.fixture
def filled(place: Place) -> Place:
    with place.open() as store:
        fill(store)
        assert store.audit.verify().ok
    return place


def tamper(place: Place, act: Any) -> AuditReport:
    """What the audit says after somebody who has the key, but not autotime, did something."""
    engine = place.engine()
    with engine.begin() as connection:
        disarm(connection)
        act(connection)
    engine.dispose()
    with place.open() as store:
        return store.audit.verify()


def another(value: Any) -> Any:
    """A value of the same type that is not this one."""
    return not value if isinstance(value, bool) else value + 7 if isinstance(value, int) else f"{value}x"


COLUMNS = [(table, column) for table, _ in RECORDED.values() for column in table.c if column.name != "timekeeper"]


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda one: str(one.name))
def test_a_change_of_any_column_is_seen(filled: Place, table: Table, column: Any) -> None:
    """Of anything that was decided, approved or delivered: not only of its data."""

    def change(connection: Connection) -> None:
        first = connection.execute(select(*table.c).limit(1)).one()._mapping
        one = [key == first[key.name] for key in table.primary_key]
        connection.execute(table.update().where(*one).values({column: another(first[column.name])}))

    report = tamper(filled, change)
    assert not report.ok
    assert report.problem


@pytest.mark.parametrize("kind", RECORDED)
def test_a_row_that_is_taken_away_is_seen(filled: Place, kind: str) -> None:
    """And named."""
    report = tamper(filled, lambda connection: connection.execute(RECORDED[kind][0].delete()))
    assert (report.ok, "was removed outside autotime" in report.problem) == (False, True)


@pytest.mark.parametrize("kind", RECORDED)
def test_a_row_that_is_put_in_is_seen(filled: Place, kind: str) -> None:
    """Made of one that is there."""
    table = RECORDED[kind][0]

    def forge(connection: Connection) -> None:
        row = dict(connection.execute(select(*table.c).limit(1)).one()._mapping)
        forged = {"id": "z9", "number": 99, "entry": "z9", "target": "z9"}
        connection.execute(table.insert().values(row | {k: v for k, v in forged.items() if k in row}))

    report = tamper(filled, forge)
    assert (report.ok, "was never recorded" in report.problem) == (False, True)


@pytest.mark.parametrize("column", [column.name for column in AUDIT.c if column.name != "timekeeper"])
def test_a_change_of_the_record_itself_is_seen(filled: Place, column: str) -> None:
    """Every column of every link, the last one too."""

    def change(connection: Connection) -> None:
        where = AUDIT.c.seq == select(AUDIT.c.seq).order_by(AUDIT.c.seq.desc()).limit(1).scalar_subquery()
        other = AUDIT.c[column] + 1 if column in ("seq", "at") else AUDIT.c[column] + "0"
        connection.execute(AUDIT.update().where(where).values({column: other}))

    assert not tamper(filled, change).ok


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_a_link_that_is_taken_out_is_seen(filled: Place, seq: int) -> None:
    """The first as well as one in the middle."""
    report = tamper(filled, lambda connection: connection.execute(AUDIT.delete().where(AUDIT.c.seq == seq)))
    assert not report.ok


def test_a_tail_that_is_cut_off_is_seen_by_what_it_had_recorded(filled: Place) -> None:
    """Rows are there that nothing recorded."""
    report = tamper(filled, lambda connection: connection.execute(AUDIT.delete().where(AUDIT.c.seq > 3)))
    assert (report.records, report.ok) == (3, False)


def test_a_whole_tail_is_seen_by_the_head_that_was_kept_elsewhere(place: Place) -> None:
    """Record and row gone together leave a whole chain, with another head."""
    with place.open() as store:
        store.decisions.append(decision(1), DAY)
        before = store.audit.head()
    engine = place.engine()
    with engine.begin() as connection:
        disarm(connection)
        for table in (AUDIT, RECORDED["decision"][0]):
            connection.execute(table.delete())
    engine.dispose()
    with place.open() as store:
        assert store.audit.verify().ok
        assert store.audit.head() != before


@pytest.mark.parametrize("salt", ["0" * 32, "no salt", ""])
def test_another_salt_is_seen(filled: Place, salt: str) -> None:
    """It would let a row say something else."""
    assert not tamper(filled, lambda connection: connection.execute(SALT.update().values(salt=salt))).ok


def test_a_row_without_its_salt_is_told(filled: Place) -> None:
    """It can no longer be held against its record."""
    report = tamper(filled, lambda connection: connection.execute(SALT.delete()))
    assert (report.ok, "whose salt is gone" in report.problem) == (False, True)


def test_a_row_erased_with_its_salt_leaves_the_chain_whole(filled: Place) -> None:
    """What the law has forgotten is not missed."""

    def erase(connection: Connection) -> None:
        kinds = AUDIT.c.action.like("decision.%")
        connection.execute(SALT.delete().where(SALT.c.seq.in_(select(AUDIT.c.seq).where(kinds))))
        connection.execute(RECORDED["decision"][0].delete())

    assert tamper(filled, erase).ok


def test_what_teaches_and_what_is_derived_is_not_on_record(filled: Place) -> None:
    """It may be made again at any time."""
    with filled.open() as store:
        store.suggestions.replace_day(DAY, [])
        store.examples.add([example("d2")])
        assert store.audit.verify().ok


def test_the_record_holds_no_content(filled: Place) -> None:
    """Neither a narrative nor a matter stands in the chain."""
    with filled.open() as store:
        rows = store.audit.rows(select(AUDIT))
    text_of_it = " ".join(str(value) for row in rows for value in row)
    assert entry(1).narrative not in text_of_it
    assert "2026-001" not in text_of_it


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from(["entry", "send", "batch", "decide", "void"]), max_size=6))
def test_whatever_autotime_does_the_record_is_whole(store: Store, acts: list[str]) -> None:
    """Any order of acts; the store of one example goes on in the next."""
    for act in acts:
        _do(store, act)
    report = store.audit.verify()
    assert (report.ok, report.problem) == (True, "")


def _do(store: Store, act: str) -> None:
    queued = store.submissions.in_state(DeliveryState.QUEUED)
    match act:
        case "entry":
            made = entry(store.audit.head()[0] + 1, narrative=ODD)
            store.entries.add(made)
            store.submissions.queue(made)
        case "send" if queued:
            store.submissions.save(replace(queued[0], state=DeliveryState.SENDING, payload=ODD))
        case "void" if queued:
            store.entries.void(queued[0].entry, "d1")
        case "batch":
            store.batches.save(batch(store.batches.next_number("csv")))
        case "decide":
            store.decisions.append(decision(int(store.decisions.next_id()[1:])), DAY)
        case _:
            pass
