"""Whatever a network does to the requests of a push: nothing is billed twice, nothing is lost unseen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import pytest

from autotime.domain.entries import TimeEntry
from autotime.store import Store
from autotime.testing.systems.wire import Fate

from .firm import entry, found
from .storms import ADAPTERS, Under, is_with_a_person, kept, nights, undone, wrongs

APART = (entry(1, billed_minutes=12), replace(entry(2, billed_minutes=30), day=entry(1).day))
"""Two entries of one day and matter."""

TWINS = (
    entry(1, billed_minutes=12),
    replace(entry(2, billed_minutes=12), day=entry(1).day, narrative=entry(1).narrative),
)
"""Two that say the same, and are both meant."""

Stores = dict[tuple[TimeEntry, ...], Store]


@pytest.fixture(scope="module", params=ADAPTERS)
def under(request: pytest.FixtureRequest) -> Under:
    return ADAPTERS[request.param]


@pytest.fixture(scope="module")
def stores(under: Under, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    made = {entries: found(tmp_path_factory.mktemp("firm"), *entries) for entries in (APART, TWINS)}
    for store in made.values():
        store.systems.save_keys(kept(under(()).keys))
    yield made
    for store in made.values():
        store.close()


def outcomes(under: Under, stores: Stores, entries: tuple[TimeEntry, ...], patterns: Iterator[Sequence[Fate]]) -> int:
    """How many patterns were tried; fails with the pattern and what went wrong."""
    store, tried = stores[entries], 0
    for plan in patterns:
        with undone(store):
            weather = under(plan)
            wrong = wrongs(entries, nights(store, weather), weather)
        assert not wrong, (plan, wrong)
        tried += 1
    return tried


def patterns(length: int) -> Iterator[Sequence[Fate]]:
    return product(Fate, repeat=length)


def test_every_pattern_of_three_faults_ends_exactly_once(under: Under, stores: Stores) -> None:
    assert outcomes(under, stores, APART, patterns(3)) == 343


def test_two_entries_that_say_the_same_are_both_there_once(under: Under, stores: Stores) -> None:
    assert outcomes(under, stores, TWINS, patterns(2)) == 49


@pytest.mark.storm
@pytest.mark.parametrize("first", Fate)
def test_every_pattern_of_five_faults_ends_exactly_once(under: Under, stores: Stores, first: Fate) -> None:
    """16,807 in all."""
    assert outcomes(under, stores, APART, ((first, *rest) for rest in patterns(4))) == 2_401


@pytest.mark.storm
def test_every_pattern_of_four_faults_leaves_twins_apart(under: Under, stores: Stores) -> None:
    assert outcomes(under, stores, TWINS, patterns(4)) == 2_401


def test_one_fault_never_needs_a_person(under: Under, stores: Stores) -> None:
    """Machines end what machines began."""
    store = stores[APART]
    for fate in Fate:
        with undone(store):
            ended = nights(store, under([fate]))
        assert not any(is_with_a_person(one) for one in ended), fate


def test_what_arrives_after_the_settling_time_is_no_silent_twin(under: Under, stores: Stores) -> None:
    """Sent again in good faith, and then the first comes after all: a person hears of it."""
    store = stores[APART]
    with undone(store):
        weather = under([Fate.LATE])
        weather.wire.late_by = 3 * 3600
        nights(store, weather)
        weather.clock.sleep(4 * 3600)
        weather.wire.arrive()
        ended = nights(store, weather)
    assert sorted(weather.texts()).count(APART[0].narrative) == 2
    assert [one.state.value for one in ended if one.entry == APART[0].id] == ["duplicate_found"]
