"""Doubt ends by looking: found once, it is ours; never found, it goes once more; anything else is a person's."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from autotime.billing import doubt, sweep
from autotime.billing.picking import Wanted
from autotime.billing.sending import push_entries
from autotime.domain.delivery import Billed, DeliveryState, Submission
from autotime.store import Store
from tests.billing.firm import approve, entry, found
from tests.billing.memory import HOUR, MINUTE, Clock, MemoryBiller

DAY = date(2026, 3, 5)
FAULTS = ("ok", "not_done", "done_5xx", "lost_before", "lost_after", "late", "too_many")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with found(tmp_path, entry(1, day=DAY)) as store:
        yield store


@pytest.fixture
def biller() -> MemoryBiller:
    return MemoryBiller(Clock())


def push(store: Store, biller: MemoryBiller) -> None:
    push_entries(store, biller, Wanted(), now=biller.clock, sleep=biller.clock.sleep)


def look(store: Store, biller: MemoryBiller, minutes: int = 15) -> None:
    biller.clock.now += minutes * MINUTE
    doubt.look(store, biller, biller.clock())


def the_one(store: Store) -> Submission:
    found = store.submissions.in_state(*DeliveryState)
    assert len(found) == 1
    return found[0]


def in_doubt(store: Store, biller: MemoryBiller, fault: str) -> None:
    biller.plan = [fault]
    push(store, biller)
    assert the_one(store).state is DeliveryState.IN_DOUBT


def test_nothing_is_looked_for_before_it_has_settled(store: Store, biller: MemoryBiller) -> None:
    in_doubt(store, biller, "lost_after")
    look(store, biller, minutes=14)
    assert the_one(store).state is DeliveryState.IN_DOUBT
    look(store, biller, minutes=1)
    assert (the_one(store).state, the_one(store).receipt, the_one(store).agreed) == (DeliveryState.SENT, "r101", True)


def test_what_is_not_there_in_two_looks_goes_once_more(store: Store, biller: MemoryBiller) -> None:
    """A look alone sends nothing; the next push does."""
    in_doubt(store, biller, "lost_before")
    look(store, biller)
    assert "looked for once more" in the_one(store).reason
    look(store, biller, minutes=14)
    assert the_one(store).state is DeliveryState.IN_DOUBT
    look(store, biller, minutes=1)
    assert the_one(store).state is DeliveryState.QUEUED
    assert biller.asked.count("create") == 1
    push(store, biller)
    assert (the_one(store).state, the_one(store).attempts, len(biller.rows)) == (DeliveryState.SENT, 2, 1)


def test_after_the_second_attempt_a_person_is_asked(store: Store, biller: MemoryBiller) -> None:
    in_doubt(store, biller, "lost_before")
    look(store, biller)
    look(store, biller)
    in_doubt(store, biller, "lost_before")
    look(store, biller)
    look(store, biller)
    assert the_one(store).state is DeliveryState.IN_DOUBT
    assert the_one(store).reason == "it is not there, and was sent 2 times: autotime resolve memory"
    look(store, biller, minutes=10_000)
    push(store, biller)
    assert biller.asked.count("create") == 2


def test_a_request_that_arrived_after_two_looks_is_found_before_it_goes_again(
    store: Store, biller: MemoryBiller
) -> None:
    biller.delay = 40 * MINUTE
    in_doubt(store, biller, "late")
    look(store, biller)
    look(store, biller)
    assert the_one(store).state is DeliveryState.QUEUED
    biller.clock.now += 15 * MINUTE
    push(store, biller)
    assert (the_one(store).state, biller.asked.count("create")) == (DeliveryState.SENT, 1)


def test_a_request_that_arrives_a_day_late_is_found_as_a_twin(store: Store, biller: MemoryBiller) -> None:
    """Nothing is deleted by software."""
    biller.delay = 20 * HOUR
    in_doubt(store, biller, "late")
    look(store, biller)
    look(store, biller)
    push(store, biller)
    biller.clock.now += 24 * HOUR
    sweep.sweep(store, biller, biller.clock())
    assert the_one(store).state is DeliveryState.DUPLICATE_FOUND
    assert "also as r102" in the_one(store).reason
    assert len(biller.rows) == 2


def test_a_day_later_what_is_not_there_is_a_person_s(store: Store, biller: MemoryBiller) -> None:
    in_doubt(store, biller, "lost_before")
    look(store, biller, minutes=25 * 60)
    look(store, biller)
    assert the_one(store).reason == "it is not there, a day after it was sent: autotime resolve memory"


def test_what_stands_there_twice_is_a_person_s(store: Store, biller: MemoryBiller) -> None:
    in_doubt(store, biller, "lost_after")
    biller.add(replace(biller.rows[0], id=""))
    look(store, biller)
    assert the_one(store).reason == "it stands there 2 times: autotime resolve memory"


def test_what_stood_there_before_is_not_ours(store: Store, biller: MemoryBiller) -> None:
    """Even where it says the same, and a person had acknowledged it as other work."""
    push(store, biller)
    there = biller.rows[0]
    store.submissions.take_back(the_one(store))
    store.billed.upsert([Billed(target="memory", remote=there.id, day=DAY, matter="2026-001", seconds=360)])
    in_doubt(store, biller, "lost_before")
    look(store, biller)
    look(store, biller)
    assert the_one(store).state is DeliveryState.QUEUED


def test_something_like_it_that_nobody_explains_keeps_it_from_going_again(store: Store, biller: MemoryBiller) -> None:
    """A system may have changed it on its way: hours rounded, a text cut."""
    in_doubt(store, biller, "lost_after")
    biller.rows[0] = replace(biller.rows[0], seconds=900)
    look(store, biller)
    look(store, biller)
    assert the_one(store).reason == "something like it was entered there meanwhile (r101): autotime resolve memory"


def test_what_was_imported_meanwhile_keeps_it_from_going_again(store: Store, biller: MemoryBiller) -> None:
    """A history that was read while the answer was lost holds our own entry."""
    in_doubt(store, biller, "lost_after")
    store.billed.upsert([Billed(target="memory", remote="r101", day=DAY, matter="2026-001", seconds=360)])
    look(store, biller)
    look(store, biller)
    assert the_one(store).state is DeliveryState.IN_DOUBT
    assert "imported since says the same (r101)" in the_one(store).reason


def test_two_alike_in_doubt_share_what_came(tmp_path: Path, biller: MemoryBiller) -> None:
    """Two calls on one day in the same words: each takes one, in whatever order."""
    twice = [entry(n, day=DAY, billed_minutes=6, narrative="Call with client") for n in (1, 2)]
    with found(tmp_path, *twice) as store:
        biller.plan = ["lost_after", "done_5xx"]
        push(store, biller)
        look(store, biller)
        assert {one.receipt for one in store.submissions.in_state(DeliveryState.SENT)} == {"r101", "r102"}


def test_a_mark_of_ours_is_enough(store: Store, biller: MemoryBiller) -> None:
    """Where a system keeps it; what it changed beside is told."""
    in_doubt(store, biller, "lost_after")
    biller.rows[0] = replace(biller.rows[0], seconds=900, external=entry(1).id)
    look(store, biller)
    assert (the_one(store).state, the_one(store).receipt) == (DeliveryState.DRIFTED, "r101")


def test_what_a_killed_push_was_sending_is_in_doubt(store: Store, biller: MemoryBiller) -> None:
    def killed(payload: object) -> None:
        raise KeyboardInterrupt

    create = biller.create
    biller.create = killed  # type: ignore[method-assign, assignment]
    with pytest.raises(KeyboardInterrupt):
        push(store, biller)
    assert the_one(store).state is DeliveryState.SENDING
    biller.create = create  # type: ignore[method-assign]
    push(store, biller)
    assert the_one(store).state is DeliveryState.IN_DOUBT
    look(store, biller)
    look(store, biller)
    push(store, biller)
    assert (the_one(store).state, len(biller.rows)) == (DeliveryState.SENT, 1)


def weathered(store: Store, biller: MemoryBiller) -> None:
    """A push every quarter of an hour for half a day, then a fortnight's sweep."""
    for _ in range(24):
        push(store, biller)
        biller.clock.now += 15 * MINUTE
    sweep.sweep(store, biller, biller.clock())


def silent_wrongs(store: Store, biller: MemoryBiller, entries: int) -> list[str]:
    """What is there twice or not at all, and nobody was told."""
    standing = store.submissions.in_state(*DeliveryState)
    wrong = []
    for one in standing:
        rows = [row for row in biller.there() if row.narrative.endswith(f"no. {int(one.entry[1:], 16)}")]
        asks = one.state in (DeliveryState.IN_DOUBT, DeliveryState.DUPLICATE_FOUND, DeliveryState.REFUSED)
        if len(rows) != 1 and not asks:
            wrong.append(f"{one.entry} {one.state} {len(rows)}")
    return wrong if len(standing) == entries else ["lost"]


def test_no_pattern_of_faults_ends_in_a_silent_wrong(tmp_path: Path) -> None:
    """Some patterns of five, two entries each."""
    with found(tmp_path) as store:
        _storm(store, random.Random(7).sample(list(itertools.product(FAULTS, repeat=5)), 20))


def _storm(store: Store, patterns: list[tuple[str, ...]]) -> None:
    """One day of the calendar for each pattern, two entries a day."""
    biller = MemoryBiller(Clock())
    for number, pattern in enumerate(patterns, start=1):
        day = date.fromordinal(DAY.toordinal() + number)
        approve(store, entry(2 * number, day=day), entry(2 * number + 1, day=day))
        biller.plan = list(pattern)
        weathered(store, biller)
        assert silent_wrongs(store, biller, 2 * number) == [], pattern
        assert not store.submissions.in_state(DeliveryState.QUEUED), pattern
