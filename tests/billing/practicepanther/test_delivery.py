"""A whole push to PracticePanther, where it does what is not confirmed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from autotime.billing.outbox import PushReport
from autotime.billing.picking import Wanted
from autotime.billing.sending import push_entries
from autotime.billing.sweep import sweep
from autotime.domain.books import Key, Thing
from autotime.domain.delivery import DeliveryState, Submission
from autotime.domain.doors import Biller, Keys
from autotime.store import Store
from autotime.testing.systems.wire import Fate
from tests.billing.firm import entry, found

from .room import TARGET, Room, room

S = DeliveryState
NIGHTS = 6


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = found(tmp_path, entry(1, billed_minutes=12))
    made.systems.save_keys(kept(room().keys))
    yield made
    made.close()


def kept(keys: Keys, but: Thing | None = None) -> list[Key]:
    """Keys as a store keeps them."""
    return [Key(TARGET, kind, ours, there) for (kind, ours), there in keys.remotes.items() if kind is not but]


def pushed(
    store: Store, there: Room, biller: Biller | None = None, accept: Callable[[Sequence[str]], bool] = lambda _: True
) -> PushReport:
    clock = there.clock
    asked = biller or there.biller()
    return push_entries(store, asked, Wanted(), now=lambda: int(clock()), sleep=clock.sleep, accept=accept)


def states(store: Store, there: Room) -> list[Submission]:
    """What is recorded after some nights."""
    biller = there.biller()
    for _ in range(NIGHTS):
        pushed(store, there, biller)
        there.clock.sleep(16 * 60)
        there.wire.arrive()
        sweep(store, biller, int(there.clock()))
    return store.submissions.in_state(*S)


@pytest.mark.parametrize("fate", [Fate.OK, Fate.LOST_AFTER, Fate.DONE_5XX, Fate.LATE], ids=lambda fate: fate.name)
def test_an_entry_whose_day_was_moved_is_found_by_its_mark_and_never_sent_again(store: Store, fate: Fate):
    there = room([fate])
    there.panther.hours_off = -6
    (ended,) = states(store, there)
    assert len(there.panther.entries) == 1
    assert (ended.state, ended.receipt) == (S.DRIFTED, there.panther.entries[0]["id"])
    assert "on 2026-03-01, not 2026-03-02" in ended.reason


def test_an_activity_code_without_an_item_is_not_lost_unless_somebody_agrees(store: Store):
    there = room()
    there.panther.records["Items"].clear()
    biller = there.biller()
    biller.keys = Keys.of(TARGET, kept(there.keys, but=Thing.ACTIVITY))
    asked: list[str] = []
    (line,) = pushed(store, there, biller, accept=asked.extend).lines
    assert (asked, line.state, there.panther.entries) == (["activity_code"], S.QUEUED, [])
    assert "has no place for its activity_code" in line.reason
    assert [line.state for line in pushed(store, there, biller).lines] == [S.SENT]


@pytest.mark.parametrize("status", [400, 401])
def test_a_token_that_ends_in_the_midst_of_a_push_is_renewed(store: Store, status: int):
    there = room()
    there.panther.ended_status = status
    there.panther.expire()
    assert [line.state for line in pushed(store, there).lines] == [S.SENT]
    assert len(there.panther.entries) == 1


def test_a_sign_in_taken_back_leaves_everything_queued_and_names_the_command(store: Store):
    there = room()
    there.panther.sign_ins.revoke()
    report = pushed(store, there)
    assert report.stopped is not None
    assert report.stopped.hint == "autotime connect practicepanther"
    assert [one.state for one in store.submissions.in_state(*S)] == [S.QUEUED]
    assert there.panther.entries == []


def test_a_push_that_is_told_to_wait_waits(store: Store):
    there = room()
    there.panther.too_many = 3
    assert [line.state for line in pushed(store, there).lines] == [S.SENT]
    assert there.clock.slept[:3] == [7, 7, 7]
