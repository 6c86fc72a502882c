"""A collection that is killed anywhere ends, after one more, with the evidence of an undisturbed one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from autotime.steps.collecting import collect, feature_key
from autotime.steps.stale import stale_days
from autotime.store.evidence import CURRENT, CURSOR, EVIDENCE, FEATURE
from tests.collectors.sources import calendar, event, letter, mbox, put
from tests.kills import killed_at

from .test_collecting import mail, meetings, office, papers

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills need fork and SIGKILL")

NAMED = {"collect.page.read", "collect.page.stored", "store.evidence.put", "store.commit", "store.committed"}
FEWEST = 20
"""Points of one collection that the suite has known; fewer means that a step lost its failpoint."""

World = tuple[Any, ...]
Sources = list[dict[str, Any]]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Sources]:
    """A home that collected once, and sources that have changed since: new mail, an unreadable one, a
    cancelled meeting and one that was moved, a new document."""
    root = tmp_path_factory.mktemp("collecting")
    sources = [mail(root, 1, 2), meetings(root, event(uid="off"), event(uid="moved"))]
    home = root / "home"
    home.mkdir()
    with office(home, *sources) as here:
        feature_key(here.store)
        collect(here)
    with (root / "mail.mbox").open("ab") as file:
        file.write(mbox(letter(3), letter(4, without=["Date"]), letter(5), letter(6), envelope=b"From - \n"))
    moved = event(uid="moved", start="DTSTART:20260311T150000Z")
    put(root / "calendar.ics", calendar(event("STATUS:CANCELLED", uid="off"), moved))
    return home, [*sources, papers(root)]


def collected(home: Path, sources: Sources, plan: str = "") -> bool:
    """Collects in a child that kills itself at point ``plan``; whether it came to that."""

    def run() -> None:
        with office(home, *sources) as here:
            assert not [report.trouble for report in collect(here) if report.trouble]

    return killed_at(plan, run)


def world(home: Path) -> World:
    """All that collecting leaves: revisions, which are current, features, cursors, quarantine, marked days."""
    with office(home) as here:
        store = here.store
        assert store.audit.verify().ok
        tables = (EVIDENCE, CURRENT, FEATURE, CURSOR)
        rows = [sorted(map(tuple, store.evidence.rows(select(*table.c))), key=repr) for table in tables]
        return (*rows, store.quarantine.all(), stale_days(store))


def after_kills(before: tuple[Path, Sources], home: Path, kills: Sequence[int]) -> World:
    shutil.copytree(before[0], home)
    for kill in kills:
        collected(home, before[1], str(kill))
    assert not collected(home, before[1])
    return world(home)


def points(before: tuple[Path, Sources], home: Path) -> list[str]:
    """The names of the points one undisturbed collection passes, in order."""
    trace = home.with_suffix(".trace")
    shutil.copytree(before[0], home)
    assert not collected(home, before[1], f"trace:{trace}")
    return trace.read_text().split()


def test_a_kill_at_any_point_changes_nothing_in_the_end(before: tuple[Path, Sources], tmp_path: Path) -> None:
    """Every numbered point, one kill, one more run: the same rows, cursors and marks."""
    passed = points(before, tmp_path / "golden")
    golden = world(tmp_path / "golden")
    assert set(passed) >= NAMED
    assert len(passed) >= FEWEST
    assert (len(golden[1]), len(golden[4])) == (8, 1)
    for number in range(1, len(passed) + 1):
        ended = after_kills(before, tmp_path / str(number), [number])
        assert ended == golden, passed[number - 1]
        shutil.rmtree(tmp_path / str(number))


@pytest.mark.parametrize(("one", "two"), [(3, 3), (6, 1), (8, 2), (12, 5), (17, 4), (19, 9)])
def test_a_second_kill_during_the_repair_changes_nothing_either(
    before: tuple[Path, Sources], tmp_path: Path, one: int, two: int
) -> None:
    """Some pairs; all of them are in the storm."""
    points(before, tmp_path / "golden")
    assert after_kills(before, tmp_path / "killed", [one, two]) == world(tmp_path / "golden")


@pytest.mark.storm
def test_any_two_kills_change_nothing(before: tuple[Path, Sources], tmp_path: Path) -> None:
    """Every pair of points."""
    count = len(points(before, tmp_path / "golden"))
    golden = world(tmp_path / "golden")
    for one in range(1, count + 1):
        for two in range(1, count + 1):
            home = tmp_path / f"{one}-{two}"
            assert after_kills(before, home, [one, two]) == golden, (one, two)
            shutil.rmtree(home)
