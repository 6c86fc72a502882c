"""Weather for deliveries: an approved firm, a billing system in memory, and nights until all is quiet.

A pattern's pushes happen inside one transaction that is undone at its end, so that thousands of patterns need one
store. What a power cut does is another matter (``test_push_kills``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from autotime.billing.picking import Wanted
from autotime.billing.sending import push_entries
from autotime.billing.sweep import sweep
from autotime.domain.books import Key, Thing
from autotime.domain.delivery import DeliveryState, Submission
from autotime.domain.doors import Biller, Keys
from autotime.domain.entries import TimeEntry
from autotime.domain.errors import SourceUnavailable
from autotime.store import Store
from autotime.testing.systems.ledger import Ledger
from autotime.testing.systems.ledger_biller import LedgerBiller
from autotime.testing.systems.signed import signed_in
from autotime.testing.systems.wire import Clock, Fate, Wire

from .clio.room import room as clio_room
from .mycase.world import World
from .practicepanther.room import room as panther_room

NIGHT = 16 * 60
"""Seconds between one push and the next: just above the settling time."""

NIGHTS = 14

S = DeliveryState


@dataclass(frozen=True, slots=True)
class Weather:
    """One adapter, wired to its stand-in under a plan of faults; ``biller`` makes it anew, as every night does.
    ``keys`` name the timekeeper AOK and the matters 2026-001 and 2026-002; ``texts`` are the narratives there."""

    biller: Callable[[], Biller]
    wire: Wire
    clock: Clock
    keys: Keys
    texts: Callable[[], Iterable[str]]


Under = Callable[[Iterable[Fate]], Weather]
LEDGER = Keys.of(
    "ledger",
    (
        Key("ledger", Thing.TIMEKEEPER, "AOK", "U1"),
        Key("ledger", Thing.MATTER, "2026-001", "M1"),
        Key("ledger", Thing.MATTER, "2026-002", "M2"),
    ),
)


def ledger(plan: Iterable[Fate], lag: int = 0, adapter: type[LedgerBiller] = LedgerBiller) -> Weather:
    clock = Clock()
    books = Ledger(clock)
    books.lag = lag
    wire = Wire(books.answer, clock, plan)
    biller = partial(adapter, signed_in(), LEDGER, sleep=clock.sleep, wall=clock, carrier=wire)
    return Weather(biller, wire, clock, LEDGER, lambda: [one["text"] for one in books.entries])


def in_clio(plan: Iterable[Fate]) -> Weather:
    it = clio_room(plan)
    return Weather(it.biller, it.wire, it.clock, it.keys, lambda: [one["note"] for one in it.clio.entries])


def in_panther(plan: Iterable[Fate]) -> Weather:
    it = panther_room(plan)
    return Weather(it.biller, it.wire, it.clock, it.keys, lambda: [one["description"] for one in it.panther.entries])


def in_mycase(plan: Iterable[Fate]) -> Weather:
    it = World(plan)
    return Weather(it.biller, it.wire, it.clock, it.keys, lambda: [one["description"] for one in it.mycase.entries])


ADAPTERS: dict[str, Under] = {
    "ledger": ledger,
    "clio": in_clio,
    "practicepanther": in_panther,
    "mycase": in_mycase,
}
"""Every adapter whose system can be searched."""


def kept(keys: Keys) -> list[Key]:
    """Keys as a store keeps them."""
    return [Key(keys.system, thing, ours, theirs) for (thing, ours), theirs in keys.remotes.items()]


class Undo(Exception):
    """Ends a pattern: nothing of it is kept."""


@contextmanager
def undone(store: Store) -> Iterator[None]:
    try:
        with store.transaction():
            yield
            raise Undo
    except Undo:
        pass


def nights(store: Store, weather: Weather, *impatient: int) -> list[Submission]:
    """Pushes and sweeps night after night until all is sent or with a person; what then is recorded. Before the
    first night somebody pushes again and again, after so many seconds each."""
    for pause in (*impatient, *[NIGHT] * NIGHTS):
        push(store, weather)
        weather.clock.sleep(pause)
        weather.wire.arrive()
        with suppress(SourceUnavailable):
            sweep(store, weather.biller(), int(weather.clock()))
        ended = store.submissions.in_state(*S)
        if pause == NIGHT and all(one.state is S.SENT or is_with_a_person(one) for one in ended):
            return ended
    raise AssertionError("it never comes to rest")


def push(store: Store, weather: Weather) -> Any:
    clock = weather.clock
    return push_entries(
        store, weather.biller(), Wanted(), now=lambda: int(clock()), sleep=clock.sleep, accept=lambda _: True
    )


def is_with_a_person(one: Submission) -> bool:
    """Said so that a person sees it and, where there is something to decide, knows the command."""
    told = one.state in (S.DUPLICATE_FOUND, S.DRIFTED, S.REMOVED_THERE) and bool(one.reason)
    return told or (one.state in (S.IN_DOUBT, S.QUEUED, S.REFUSED) and "autotime" in one.reason)


def wrongs(entries: Iterable[TimeEntry], ended: Iterable[Submission], weather: Weather) -> list[str]:
    """What is not exactly once, in words."""
    there, by_entry = Counter(weather.texts()), {one.entry: one for one in ended}
    asked: dict[str, list[Submission]] = defaultdict(list)
    for one in entries:
        asked[one.narrative].append(by_entry[one.id])
    found = [f"{text!r} stands there {n} times" for text, n in there.items() if n > len(asked[text])]
    for text, submissions in asked.items():
        sent = [one for one in submissions if one.state is S.SENT]
        silent = [one for one in submissions if one.state is not S.SENT and not is_with_a_person(one)]
        found += [f"{text!r} is lost: {one.state} {one.reason!r}" for one in silent]
        found += [f"{text!r} is said to be sent"] * (len(sent) > there[text])
        found += [f"{text!r} has no receipt of its own"] * (len({one.receipt for one in sent}) != len(sent))
    return found
