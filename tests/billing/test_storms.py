"""Whatever a network does to the requests of a push: nothing is billed twice, nothing is lost unseen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path

import pytest

from autotime.domain.entries import TimeEntry
from autotime.store import Store
from autotime.testing.server import Asked, Reply
from autotime.testing.systems.ledger_biller import LedgerBiller
from autotime.testing.systems.wire import Fate
from tests.testing.careless_billers import (
    PostsTwice,
    TakesDoubtForNo,
    TakesTroubleForNothing,
)

from .firm import entry, found
from .storms import ADAPTERS, LEDGER, Under, Weather, is_with_a_person, kept, ledger, nights, undone, wrongs

Entries = tuple[TimeEntry, ...]
Plans = Iterable[Sequence[Fate]]


def apart(count: int) -> Entries:
    """So many entries of one matter on two days: each fault of a pattern of that length meets one."""
    made = (entry(number, billed_minutes=6 * number) for number in range(1, count + 1))
    return tuple(replace(one, day=entry(1 + number // 3).day) for number, one in enumerate(made, 1))


THREE, FIVE = apart(3), apart(5)
ONE = entry(1, billed_minutes=12)
TWINS = (ONE, replace(entry(2, billed_minutes=12), day=ONE.day, narrative=ONE.narrative))
"""Two that say the same, and are both meant."""


@pytest.fixture(scope="module", params=ADAPTERS)
def under(request: pytest.FixtureRequest) -> Under:
    return ADAPTERS[request.param]


@pytest.fixture(scope="module")
def stores(under: Under, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Entries, Store]]:
    made = {entries: found(tmp_path_factory.mktemp("firm"), *entries) for entries in (THREE, FIVE, TWINS)}
    for store in made.values():
        store.systems.save_keys(kept(under(()).keys))
    yield made
    for store in made.values():
        store.close()


def patterns(length: int) -> Plans:
    return product(Fate, repeat=length)


def any_request(under: Under) -> Under:
    """The same weather for questions too, not for writes alone."""

    def worse(plan: Iterable[Fate]) -> Weather:
        weather = under(plan)
        weather.wire.counts = lambda asked: "authorization" in asked.headers
        return weather

    return worse


def outcomes(under: Under, store: Store, entries: Entries, plans: Plans, *impatient: int) -> int:
    """How many patterns were tried; fails with the pattern and what went wrong."""
    tried = 0
    for plan in plans:
        with undone(store):
            weather = under(plan)
            wrong = wrongs(entries, nights(store, weather, *impatient), weather)
        assert not wrong, (plan, wrong)
        tried += 1
    return tried


def test_every_pattern_of_three_faults_ends_exactly_once(under: Under, stores: dict[Entries, Store]) -> None:
    assert outcomes(under, stores[THREE], THREE, patterns(3)) == 343


def test_two_entries_that_say_the_same_are_both_there_once(under: Under, stores: dict[Entries, Store]) -> None:
    assert outcomes(under, stores[TWINS], TWINS, patterns(2)) == 49


def test_pushing_again_at_once_changes_nothing(under: Under, stores: dict[Entries, Store]) -> None:
    """Three times within a minute."""
    assert outcomes(under, stores[THREE], THREE, patterns(1), 5, 10, 40) == 7


def test_a_question_that_fails_is_no_answer(under: Under, stores: dict[Entries, Store]) -> None:
    """The first three requests of a push, whatever they are."""
    assert outcomes(any_request(under), stores[THREE], THREE, product((Fate.NOT_DONE, Fate.OK), repeat=3)) == 8


def test_a_list_that_lags_behind_is_outlasted(tmp_path: Path) -> None:
    """Ten minutes, which is less than the settling time."""
    with found(tmp_path, *THREE) as store:
        store.systems.save_keys(kept(LEDGER))
        assert outcomes(partial(ledger, lag=600), store, THREE, patterns(2)) == 49


@pytest.mark.storm
def test_questions_fail_in_every_pattern_too(under: Under, stores: dict[Entries, Store]) -> None:
    assert outcomes(any_request(under), stores[THREE], THREE, patterns(3)) == 343
    late = ((*[Fate.OK] * 5, *plan) for plan in patterns(2))
    assert outcomes(any_request(under), stores[THREE], THREE, late) == 49


@pytest.mark.storm
@pytest.mark.parametrize("first", Fate)
def test_every_pattern_of_five_faults_ends_exactly_once(
    under: Under, stores: dict[Entries, Store], first: Fate
) -> None:
    """16,807 in all."""
    assert outcomes(under, stores[FIVE], FIVE, ((first, *rest) for rest in patterns(4))) == 2_401


@pytest.mark.storm
def test_every_pattern_of_four_faults_leaves_twins_apart(under: Under, stores: dict[Entries, Store]) -> None:
    assert outcomes(under, stores[TWINS], TWINS, patterns(4)) == 2_401


@pytest.mark.storm
def test_pushing_again_at_once_changes_nothing_in_any_weather(under: Under, stores: dict[Entries, Store]) -> None:
    assert outcomes(under, stores[THREE], THREE, patterns(3), 5, 10, 40) == 343


def test_one_fault_never_needs_a_person(under: Under, stores: dict[Entries, Store]) -> None:
    """Machines end what machines began."""
    for fate in Fate:
        with undone(stores[THREE]):
            ended = nights(stores[THREE], under([fate]))
        assert not any(is_with_a_person(one) for one in ended), fate


def test_when_all_is_at_rest_another_night_changes_nothing(under: Under, stores: dict[Entries, Store]) -> None:
    for plan in product((Fate.LOST_BEFORE, Fate.LATE, Fate.DONE_5XX), repeat=2):
        with undone(stores[THREE]):
            weather = under(plan)
            ended = nights(stores[THREE], weather)
            assert nights(stores[THREE], weather) == ended, plan


def test_what_arrives_after_the_settling_time_is_no_silent_twin(under: Under, stores: dict[Entries, Store]) -> None:
    """Sent again in good faith, and then the first comes after all: a person hears of it."""
    store = stores[THREE]
    with undone(store):
        weather = under([Fate.LATE])
        weather.wire.late_by = 3 * 3600
        nights(store, weather)
        weather.clock.sleep(4 * 3600)
        weather.wire.arrive()
        ended = nights(store, weather)
    assert sorted(weather.texts()).count(THREE[0].narrative) == 2
    assert [one.state.value for one in ended if one.entry == THREE[0].id] == ["duplicate_found"]


@pytest.mark.parametrize("careless", [PostsTwice, TakesDoubtForNo])
def test_a_careless_adapter_does_not_come_through(tmp_path: Path, careless: type[LedgerBiller]) -> None:
    """The storms find what they are there to find."""
    with found(tmp_path, *THREE) as store:
        store.systems.save_keys(kept(LEDGER))
        with pytest.raises(AssertionError, match="stands there 2 times"):
            outcomes(partial(ledger, adapter=careless), store, THREE, patterns(1), 5)


def mute(under: Under, hours: int = 3) -> Under:
    """For so many hours no question is answered, whatever becomes of the writes."""

    def worse(plan: Iterable[Fate]) -> Weather:
        weather = under(plan)
        usual, until = weather.wire.answer, weather.clock() + hours * 3600

        def answer(asked: Asked) -> Reply:
            silent = asked.method == "GET" and weather.clock() < until and bool(list(weather.texts()))
            return Reply({}, 503) if silent else usual(asked)

        weather.wire.answer = answer
        return weather

    return worse


def test_while_no_question_is_answered_nothing_is_sent_again(under: Under, stores: dict[Entries, Store]) -> None:
    assert outcomes(mute(under), stores[THREE], THREE, patterns(1)) == 7


def test_who_takes_silence_for_an_empty_list_does_not_come_through(tmp_path: Path) -> None:
    with found(tmp_path, *THREE) as store:
        store.systems.save_keys(kept(LEDGER))
        with pytest.raises(AssertionError, match="stands there 2 times"):
            outcomes(mute(partial(ledger, adapter=TakesTroubleForNothing)), store, THREE, patterns(1))
