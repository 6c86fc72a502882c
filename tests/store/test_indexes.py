"""A day is found by its index: it takes as long in a store of ten years as in a new one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from autotime.domain.delivery import DeliveryState
from autotime.domain.spans import Span
from autotime.domain.work import Status
from autotime.store import Store
from tests.billing.firm import entry

from .filled import fill
from .nouns import DAY, NOON, evidence
from .places import Place

OF_A_DAY: dict[str, Callable[[Store], object]] = {
    "evidence": lambda s: s.evidence.on(Span(NOON, NOON + 86_400)),
    "evidence by id": lambda s: s.evidence.get([evidence().id]),
    "captured": lambda s: s.evidence.captured([evidence().id]),
    "features": lambda s: s.features.get([evidence().id]),
    "rankings": lambda s: s.rankings.get([evidence().id]),
    "suggestions": lambda s: s.suggestions.on(DAY),
    "one suggestion": lambda s: s.suggestions.get("s1"),
    "decisions": lambda s: s.decisions.on(DAY),
    "next decision": lambda s: s.decisions.next_id(),
    "entries": lambda s: s.entries.on(DAY),
    "submissions": lambda s: s.submissions.of_entry(entry(1).id),
    "what waits for delivery": lambda s: s.submissions.in_state(DeliveryState.QUEUED),
    "lessons taken back": lambda s: s.examples.retract("d1"),
    "what is known of a page": lambda s: s.evidence.put([evidence("m2")], NOON),
    "the last record": lambda s: s.audit.head(),
    "a note": lambda s: s.meta.get("note"),
}


def plans(store: Store, act: Callable[[Store], object]) -> list[str]:
    """How the database finds the rows of each statement of an act."""
    run: list[tuple[str, Any]] = []

    @event.listens_for(store.engine, "before_cursor_execute")
    def noted(_a: Any, _b: Any, statement: str, values: Any, _c: Any, many: bool) -> None:
        run.append((statement, values[0] if many else values))

    act(store)
    event.remove(store.engine, "before_cursor_execute", noted)
    found: list[str] = []
    with store.reading() as connection:
        for statement, values in run:
            if statement.split()[0] in ("SELECT", "UPDATE", "DELETE"):
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
                found += [row[3] for row in rows if row[3].startswith(("SCAN", "SEARCH"))]
    return found


@pytest.mark.parametrize("name", OF_A_DAY)
def test_what_belongs_to_a_day_is_found_by_an_index(file: Place, name: str) -> None:
    """By more of it than whose it is, and never by looking through a table."""
    with file.open() as store:
        fill(store)
        found = plans(store, OF_A_DAY[name])
    assert found
    whole = [step for step in found if step.startswith("SCAN") or "(timekeeper=?)" in step]
    allowed = {"next decision", "the last record"}  # the end of an index is read, which is one step
    assert name in allowed or whole == []


def test_the_days_that_wait_are_counted_in_the_index_alone(file: Place) -> None:
    """The texts of suggestions are not read for it."""
    with file.open() as store:
        fill(store)
        assert all("COVERING INDEX" in step for step in plans(store, lambda s: s.suggestions.undecided(Status)))
        assert all("COVERING INDEX" in step for step in plans(store, lambda s: s.suggestions.days()))
