"""Killed anywhere, a program leaves each of its steps whole or not begun; the next one goes on from there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from autotime import failpoints
from autotime.domain.evidence import Quarantined, SyncCursor
from autotime.domain.spans import Span
from autotime.store import Store
from tests.billing.firm import entry
from tests.kills import killed_at

from .nouns import DAY, NOON, decision, evidence, example, suggestion
from .places import Place

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills need fork and SIGKILL")

ALWAYS = Span(0, 2**40)


def collect(store: Store) -> None:
    """A page as collecting keeps it: rows, features, quarantine and cursor together."""
    page = int((store.cursors.get("mail", "mbox") or SyncCursor("0")).value)
    while page < 2:
        page += 1
        items = [evidence(f"{page} {number}") for number in range(3)]
        with store.transaction():
            store.evidence.put(items, NOON)
            store.features.put([(item.id, b"features") for item in items], 1)
            store.evidence.withdraw("mail", "mbox", [items[0].key], NOON)
            store.quarantine.add("mail", "mbox", [Quarantined(f"{page} x", "no date")], NOON)
            store.cursors.set("mail", "mbox", SyncCursor(str(page)), NOON, len(items))


def collected_whole(store: Store) -> None:
    """The cursor is never ahead of the rows, nor behind them."""
    found = store.cursors.get("mail", "mbox")
    pages = int(found.value) if found else 0
    assert (store.evidence.count(), len(store.evidence.on(ALWAYS))) == (3 * pages, 2 * pages)
    keys = [evidence(f"{page} {number}").id for page in (1, 2) for number in range(3)]
    assert len(store.features.get(keys)) == 3 * pages
    assert len(store.quarantine.all()) == pages


def approve(store: Store) -> None:
    """Decision, entry, submission, lesson and the suggestion's status together."""
    if store.decisions.get("d1"):
        return
    with store.transaction():
        store.decisions.append(decision(1), DAY)
        store.entries.add(entry(1, day=DAY))
        store.submissions.queue(entry(1, day=DAY))
        store.examples.add([example()])
        store.suggestions.replace_day(DAY, [suggestion()])


def approved_whole(store: Store) -> None:
    """All of it or none."""
    there = {
        len(store.decisions.on(DAY)),
        len(store.entries.on(DAY)),
        sum(store.submissions.counts().values()),
        len(store.examples.all()),
        len(store.suggestions.on(DAY)),
    }
    assert there in ({0}, {1})


def killed(place: Place, work: Callable[[Store], None], plan: str) -> bool:
    """Does the work on the store in a child that kills itself at point ``plan``; whether it came to that."""

    def opened() -> None:
        with place.open() as store:
            work(store)

    return killed_at(plan, opened)


@pytest.mark.parametrize(
    ("work", "whole", "fewest"),
    [(collect, collected_whole, 3), (approve, approved_whole, 4)],
    ids=["collect", "approve"],
)
def test_a_kill_at_any_point_leaves_a_consistent_store(
    place: Place, tmp_path: Path, work: Callable[[Store], None], whole: Callable[[Store], None], fewest: int
) -> None:
    """At every numbered point, on each database; what was undone is done by the next run."""
    points = 0
    while killed(place, work, str(points + 1)):
        points += 1
        with place.open() as store:
            whole(store)
            assert store.audit.verify().ok
    assert points >= fewest, "a step has lost its failpoint"
    with place.open() as store:
        work(store)
        whole(store)
        assert store.evidence.count() + len(store.decisions.on(DAY)) in (6, 1)


def test_what_was_committed_survives_the_kill_that_follows(place: Place) -> None:
    """The point after the commit: the next program finds all of it."""
    assert killed(place, lambda store: store.meta.set("note", "kept"), "2")
    with place.open() as store:
        assert store.meta.get("note") == "kept"


def test_points_are_named_and_counted(tmp_path: Path) -> None:
    """Nothing happens without a plan; a traced run names each point it passes, in order."""
    failpoints.point("nothing")
    trace = tmp_path / "trace"
    child = os.fork()
    if child == 0:
        failpoints._plan, failpoints._passed = f"trace:{trace}", 0
        for name in ("one", "two", "one"):
            failpoints.point(name)
        os._exit(0)
    os.waitpid(child, 0)
    assert trace.read_text().split() == ["one", "two", "one"]
