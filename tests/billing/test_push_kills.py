"""A push to a billing system that is killed anywhere ends, after some nights, with every entry there once.

The system is served by this process; the push is killed in another, over a real connection.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from autotime.billing.picking import Wanted
from autotime.billing.sending import push_entries
from autotime.billing.sweep import sweep
from autotime.domain.delivery import DeliveryState
from autotime.store import Store
from autotime.testing.server import Loopback
from autotime.testing.systems.ledger import Ledger
from autotime.testing.systems.ledger_biller import LedgerBiller
from autotime.testing.systems.signed import signed_in
from tests.kills import killed_at

from .firm import NOW, entry, found, open_store
from .storms import LEDGER, kept

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills need fork and SIGKILL")

ENTRIES = tuple(
    replace(entry(number, billed_minutes=6 * number), day=entry(1 + number // 3).day) for number in range(1, 9)
)
NAMED = {"push.listed", "push.sending", "push.answered", "push.recorded", "push.read_back", "store.commit"}
FEWEST = 60
"""Points of one push that the suite has known; fewer means that a step lost its failpoint."""

SAMPLE = 12
NIGHT = 16 * 60


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with entries that wait, to be copied for each run."""
    folder = tmp_path_factory.mktemp("approved")
    with found(folder, *ENTRIES) as store:
        store.systems.save_keys(kept(LEDGER))
    return folder


@pytest.fixture(scope="module")
def server() -> Iterator[Loopback]:
    with Ledger().serving() as server:
        yield server


def push(folder: Path, server: Loopback, now: int = NOW) -> None:
    with open_store(folder) as store:
        push_entries(store, biller(store, server), Wanted(), now=lambda: now, accept=lambda _: True)


def biller(store: Store, server: Loopback) -> LedgerBiller:
    return LedgerBiller(signed_in(base_url=server.url), store.systems.keys("ledger"))


def night(folder: Path, server: Loopback, now: int) -> None:
    push(folder, server, now)
    with open_store(folder) as store:
        sweep(store, biller(store, server), now)


def after_kills(approved: Path, folder: Path, server: Loopback, *plans: str) -> tuple[Ledger, bool]:
    """The system after a push that was killed at each of these points in turn, and some nights; whether every one
    of them was reached."""
    books = Ledger()
    books.root, server.answer = server.url, books.answer
    shutil.copytree(approved, folder)
    killed = [
        killed_at(plan, lambda later=number: night(folder, server, NOW + later * NIGHT))
        for number, plan in enumerate(plans)
    ]
    for number in range(len(plans), len(plans) + 5):
        night(folder, server, NOW + number * NIGHT)
    return books, all(killed)


def points(approved: Path, folder: Path, server: Loopback) -> list[str]:
    """The names of the points one undisturbed night passes, in order."""
    trace = folder.with_suffix(".trace")
    _, killed = after_kills(approved, folder, server, f"trace:{trace}")
    assert not killed
    return trace.read_text().split()


def wrong(folder: Path, books: Ledger) -> list[str]:
    there = Counter(one["text"] for one in books.entries)
    with open_store(folder) as store:
        submissions = store.submissions.in_state(*DeliveryState)
        unsound = [] if store.audit.verify().ok else ["the audit"]
    return [
        *unsound,
        *(f"{one.entry} is {one.state}: {one.reason}" for one in submissions if one.state is not DeliveryState.SENT),
        *(f"{one.entry} was not read back" for one in submissions if not one.agreed),
        *(f"{one.id} stands there {there[one.narrative]} times" for one in ENTRIES if there[one.narrative] != 1),
        *(
            f"{one.entry} has another's receipt"
            for one in submissions
            if _text(books, one.receipt) != _narrative(one.entry)
        ),
    ]


def _text(books: Ledger, receipt: str) -> str:
    held = books.held(receipt)
    return str(held["text"]) if held else ""


def _narrative(wanted: str) -> str:
    return next(one.narrative for one in ENTRIES if one.id == wanted)


def try_all(approved: Path, tmp_path: Path, server: Loopback, kills: Sequence[tuple[int, ...]]) -> None:
    for kill in kills:
        folder = tmp_path / "-".join(map(str, kill))
        books, reached = after_kills(approved, folder, server, *map(str, kill))
        assert reached or len(kill) > 1, kill
        assert not wrong(folder, books), kill
        shutil.rmtree(folder)


def test_a_push_has_many_points_at_which_it_may_be_killed(approved: Path, tmp_path: Path, server: Loopback) -> None:
    passed = points(approved, tmp_path / "golden", server)
    assert set(passed) >= NAMED
    assert len(passed) >= FEWEST


def test_a_kill_at_some_points_changes_nothing_in_the_end(approved: Path, tmp_path: Path, server: Loopback) -> None:
    """Those of the first entry, and some of the others; every one is in the storm."""
    count = len(points(approved, tmp_path / "golden", server))
    spread = {1 + place * (count - 1) // (SAMPLE - 1) for place in range(SAMPLE)}
    try_all(approved, tmp_path, server, [(number,) for number in sorted({*range(2, 9), *spread})])


@pytest.mark.storm
def test_a_kill_at_any_point_changes_nothing_in_the_end(approved: Path, tmp_path: Path, server: Loopback) -> None:
    count = len(points(approved, tmp_path / "golden", server))
    try_all(approved, tmp_path, server, [(number,) for number in range(1, count + 1)])


@pytest.mark.storm
def test_a_second_kill_changes_nothing_either(approved: Path, tmp_path: Path, server: Loopback) -> None:
    """The second at any point of the night after, for some of the first."""
    count = len(points(approved, tmp_path / "golden", server))
    try_all(approved, tmp_path, server, [(one, two) for one in range(5, count, 9) for two in range(1, count, 4)])
