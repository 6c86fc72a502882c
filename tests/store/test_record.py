"""The drawers of what was recorded for good: decisions, entries, lessons; and of small notes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Table

from autotime.domain.decisions import DecisionKind
from autotime.domain.delivery import DeliveryState
from autotime.domain.entries import Origin, Placed, TimeEntry
from autotime.domain.errors import NeedsPerson, NotAllowed
from autotime.domain.learning import ExampleKind
from autotime.domain.spans import Span
from autotime.store import Store
from autotime.store.audit import AUDIT
from autotime.store.record import DECISION, ENTRY, VOID
from tests.billing.firm import approve, entry

from .nouns import DAY, NOON, ODD, decision, example


def placed(number: int, start: int, seconds: int = 600, **changes: Any) -> TimeEntry:
    """An entry whose time has a place in the day."""
    where = (Placed(Span(NOON + start, NOON + start + seconds), Origin.EVIDENCE, "v1"),)
    return entry(number, day=DAY, placed=where, unplaced=(), **changes)


# -- decisions ------------------------------------------------------------------------------------


def test_decisions_are_numbered_as_they_are_made(store: Store) -> None:
    """From one, and each is found by its number and its day."""
    assert store.decisions.next_id() == "d1"
    store.decisions.append(decision(1), DAY)
    store.decisions.append(decision(2, reason=ODD), DAY + timedelta(days=1))
    assert store.decisions.next_id() == "d3"
    assert store.decisions.on(DAY) == [decision(1)]
    assert store.decisions.get("d2") == decision(2, reason=ODD)
    assert store.decisions.day_of("d2") == DAY + timedelta(days=1)


@pytest.mark.parametrize(
    "unknown", ["d9", "", "d", "x1", "d-1", "d²", "d9999999999999999999", "1; DROP TABLE decision"]
)
def test_a_decision_nobody_made_is_none(store: Store, unknown: str) -> None:
    """Whatever a person typed."""
    store.decisions.append(decision(1), DAY)
    assert store.decisions.get(unknown) is None
    assert store.decisions.day_of(unknown) is None


def test_a_number_is_used_once(store: Store) -> None:
    """Two programs that took the same number cannot both write it."""
    store.decisions.append(decision(1), DAY)
    with pytest.raises(NeedsPerson, match="contradicts another"):
        store.decisions.append(decision(1, reason="other"), DAY)
    assert store.decisions.get("d1") == decision(1)


def test_the_latest_decision_that_stands_can_be_taken_back(store: Store) -> None:
    """Undone ones and undoing ones do not stand."""
    assert store.decisions.last_standing() is None
    for number in (1, 2, 3):
        store.decisions.append(decision(number), DAY)
    store.decisions.append(decision(4, kind=DecisionKind.UNDONE, undoes="d3"), DAY)
    assert store.decisions.last_standing() == decision(2)
    store.decisions.append(decision(5, kind=DecisionKind.UNDONE, undoes="d1"), DAY)
    store.decisions.append(decision(6, kind=DecisionKind.UNDONE, undoes="d2"), DAY)
    assert store.decisions.undone() == {"d1", "d2", "d3"}
    assert store.decisions.last_standing() is None


# -- entries --------------------------------------------------------------------------------------


def test_an_entry_comes_back_as_it_was_approved(store: Store) -> None:
    """By its id and by its day."""
    made = placed(1, 0, narrative=ODD)
    store.entries.add(made)
    assert store.entries.get(made.id) == made
    assert store.entries.on(DAY) == [made]
    assert store.entries.many([made.id, "e9"]) == {made.id: made}
    assert store.entries.get("e9") is None


@pytest.mark.parametrize(("start", "seconds"), [(0, 600), (599, 600), (-599, 600), (100, 60), (-100, 6000)])
def test_a_second_is_never_billed_twice(store: Store, start: int, seconds: int) -> None:
    """The store itself refuses, whatever the matter, and keeps nothing of it."""
    store.entries.add(placed(1, 0))
    head = store.audit.head()
    with pytest.raises(NotAllowed, match="already in entry"):
        store.entries.add(placed(2, start, seconds, matter="2026-002"))
    assert [one.id for one in store.entries.on(DAY)] == [placed(1, 0).id]
    assert store.audit.head() == head


def test_a_second_under_another_date_is_the_same_second(store: Store) -> None:
    """A change of zone moves the date, not the time."""
    store.entries.add(placed(1, 0))
    late = placed(2, 0)
    with pytest.raises(NotAllowed):
        store.entries.add(entry(2, day=DAY + timedelta(days=1), placed=late.placed, unplaced=()))


def test_seconds_that_touch_are_not_the_same(store: Store) -> None:
    """A span ends before its end."""
    store.entries.add(placed(1, 0))
    store.entries.add(placed(2, 600))
    assert len(store.entries.on(DAY)) == 2


def test_an_entry_taken_back_stays_on_record_and_frees_its_time(store: Store) -> None:
    """With the decision that took it back; its queued submission is cancelled."""
    made = placed(1, 0)
    approve(store, made)
    store.entries.void(made.id, "d2")
    [kept] = store.entries.on(DAY)
    assert (kept.voided_by, kept.active) == ("d2", False)
    assert [one.state for one in store.submissions.of_entry(made.id)] == [DeliveryState.CANCELLED]
    store.entries.add(placed(2, 0))


def test_an_entry_is_taken_back_once(store: Store) -> None:
    """The second time changes nothing."""
    made = placed(1, 0)
    approve(store, made)
    store.entries.void(made.id, "d2")
    with pytest.raises(NeedsPerson):
        store.entries.void(made.id, "d3")
    assert [one.voided_by for one in store.entries.on(DAY)] == ["d2"]


def _changed(table: Table) -> Callable[[Store], object]:
    return lambda store: store.entries.write(table.update().values(timekeeper="BLI"))


def _deleted(table: Table) -> Callable[[Store], object]:
    return lambda store: store.entries.write(table.delete())


@pytest.mark.parametrize("act", [_changed, _deleted], ids=["changed", "deleted"])
@pytest.mark.parametrize("table", [DECISION, ENTRY, VOID, AUDIT], ids=lambda table: str(table.name))
def test_what_was_recorded_is_never(store: Store, table: Table, act: Any) -> None:
    """The database itself refuses, whoever asks."""
    made = placed(1, 0)
    approve(store, made)
    store.decisions.append(decision(1), DAY)
    store.entries.void(made.id, "d2")
    with pytest.raises(NeedsPerson, match="recorded things are never changed"):
        act(table)(store)
    assert store.audit.verify().ok


# -- lessons, runs, notes -------------------------------------------------------------------------


def test_lessons_come_in_the_order_of_time(store: Store) -> None:
    """And a decision taken back takes its own with it."""
    first, second = example("d2", "v2", at=NOON - 60), example("d1", "v1", kind=ExampleKind.DURATION, seconds=600)
    store.examples.add([second, first, example("d1", "v1")])
    assert store.examples.all() == [first, second, example("d1", "v1")]
    assert store.examples.retract("d1") == 2
    assert store.examples.retract("d1") == 0
    assert store.examples.all() == [first]


def test_a_decision_teaches_one_thing_once(store: Store) -> None:
    """The last word on a piece of evidence holds."""
    store.examples.add([example(weight=0.4), example(weight=2.0)])
    assert [one.weight for one in store.examples.all()] == [2.0]
    store.examples.add([])


def test_the_last_run_says_how_it_went(store: Store) -> None:
    """And an unfinished one that it did not end."""
    assert store.runs.last("run") is None
    number = store.runs.start("run", NOON)
    assert store.runs.last("run") == {"started_at": NOON, "finished_at": 0, "report": {}}
    store.runs.finish(number, NOON + 60, {"new": 3, "trouble": ODD})
    store.runs.start("train", NOON + 90)
    assert store.runs.last("run") == {
        "started_at": NOON,
        "finished_at": NOON + 60,
        "report": {"new": 3, "trouble": ODD},
    }


def test_a_note_is_kept_by_its_name(store: Store) -> None:
    """The newest one, whatever it says."""
    assert store.meta.get("zone") == ""
    store.meta.set("zone", "one")
    store.meta.set("zone", ODD)
    assert store.meta.get("zone") == ODD
