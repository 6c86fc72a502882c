"""A whole push to MyCase: in few requests, once, corrected by removing and making anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from autotime.billing.outbox import PushReport
from autotime.billing.picking import Wanted
from autotime.billing.sending import push_entries
from autotime.billing.voiding import batch_of, void_entries
from autotime.domain.delivery import DeliveryState, Submission
from autotime.store import Store
from autotime.testing.systems.wire import Fate
from tests.billing.firm import approve, entry, found
from tests.billing.storms import kept

from .world import World

S = DeliveryState
DAY = date(2026, 3, 5)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def store(tmp_path: Path, world: World) -> Iterator[Store]:
    """Two approved entries of one day."""
    with found(tmp_path, entry(1, day=DAY, suggestion="s1"), entry(2, day=DAY, suggestion="s2")) as made:
        made.systems.save_keys(kept(world.keys))
        yield made


def push(store: Store, world: World) -> PushReport:
    clock = world.clock
    return push_entries(
        store, world.biller(), Wanted(), now=lambda: int(clock()), sleep=clock.sleep, accept=lambda _: True
    )


def submissions(store: Store) -> list[Submission]:
    return sorted(store.submissions.in_state(*S), key=lambda one: one.entry)


def correct(store: Store) -> None:
    store.entries.void(entry(1).id, "d8")
    approve(store, entry(9, day=DAY, billed_minutes=30, narrative="Draft responses, revised", suggestion="s1"))


def test_approved_time_is_there_once_and_agreed(store: Store, world: World) -> None:
    push(store, world)
    push(store, world)
    assert [one["hours"] for one in world.mycase.entries] == [0.1, 0.2]
    assert [(one.state, one.agreed) for one in submissions(store)] == [(S.SENT, True)] * 2
    assert [one.receipt for one in submissions(store)] == [str(one["id"]) for one in world.mycase.entries]


def test_a_hundred_entries_are_few_requests_beside_their_own(store: Store, world: World) -> None:
    """The firm's list once, then what changed of it; the limit of a second is never met."""
    for number in range(1, 1_500):
        world.mycase.enters(world.bo, world.cases["2026-003"], "2024-05-02", 0.1, f"Note {number}")
    approve(store, *(entry(number) for number in range(10, 108)))
    world.clock.sleep(3600)
    push(store, world)
    assert len(world.asked("POST")) == 100
    assert len(world.asked("GET")) <= 20
    assert {reply.status for _, reply in world.exchanges} == {200, 201}
    assert [one.agreed for one in submissions(store)] == [True] * 100


def test_a_correction_takes_the_place_of_an_entry_that_is_on_no_invoice(store: Store, world: World) -> None:
    """MyCase changes nothing: the old one goes, and the new one has an id of its own."""
    push(store, world)
    old = submissions(store)[0].receipt
    correct(store)
    push(store, world)
    assert [one["hours"] for one in world.mycase.entries] == [0.2, 0.5]
    assert [one.state for one in submissions(store)] == [S.CANCELLED, S.SENT, S.SENT]
    assert submissions(store)[2].receipt == str(world.mycase.entries[1]["id"]) != old


def test_a_correction_of_what_is_on_an_invoice_is_a_persons(store: Store, world: World) -> None:
    push(store, world)
    world.mycase.bill(world.mycase.entries[0])
    correct(store)
    report = push(store, world)
    assert [line.reason for line in report.lines if line.reason]
    assert [one["hours"] for one in world.mycase.entries] == [0.1, 0.2]
    assert world.asked("DELETE") == []


def test_a_push_is_taken_back_but_for_what_is_on_an_invoice(store: Store, world: World) -> None:
    report = push(store, world)
    assert report.batch is not None
    world.mycase.bill(world.mycase.entries[0])
    lines = void_entries(store, world.biller(), batch_of(store, report.batch.id))
    assert sorted(line.state for line in lines) == ["sent", "taken_back"]
    assert [len(one["invoices"]) for one in world.mycase.entries] == [1]


def test_an_answer_that_was_lost_is_looked_for_and_found(tmp_path: Path) -> None:
    """Among entries somebody else made meanwhile, and by no mark of ours."""
    world = World([Fate.LOST_AFTER])
    with found(tmp_path, entry(1, day=DAY)) as store:
        store.systems.save_keys(kept(world.keys))
        push(store, world)
        assert [one.state for one in submissions(store)] == [S.IN_DOUBT]
        world.mycase.enters(world.bo, world.cases["2026-001"], DAY.isoformat(), 0.1, entry(1).narrative)
        world.clock.sleep(16 * 60)
        push(store, world)
        [one] = submissions(store)
        assert (one.state, one.receipt) == (S.SENT, str(world.mycase.entries[0]["id"]))
        assert len(world.asked("POST")) == 1
