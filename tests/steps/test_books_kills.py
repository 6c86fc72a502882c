"""A pull that is killed anywhere ends, after one more, with the books of an undisturbed one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from autotime.domain.books import MatterStatus
from autotime.steps.books import pull_books
from tests.kills import killed_at

from .bookshelf import PARTS, Shelf, matter, office, world

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills need fork and SIGKILL")

NAMED = {"books.page.read", "books.page.stored", "store.commit", "store.committed"}
FEWEST = 24
"""Points of one pull that the suite has known; fewer means that a step lost its failpoint."""


def later() -> Shelf:
    """The system a week later: a client more, a matter of it, one closed, one gone."""
    shelf = Shelf({part: list(things) for part, things in PARTS.items()})
    shelf.put("matters", "32", status=MatterStatus.CLOSED)
    shelf.parts["matters"] = [*shelf.parts["matters"][:-1], matter("36", "2026-011", client="22")]
    return shelf


def pulled(home: Path, plan: str = "") -> bool:
    """Pulls all of it in a child that kills itself at point ``plan``; whether it came to that."""

    def run() -> None:
        with office(home) as here:
            pull_books(here, later(), everything=True)

    return killed_at(plan, run)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that pulled once."""
    home = tmp_path_factory.mktemp("books")
    with office(home) as here:
        pull_books(here, Shelf())
    return home


def after(before: Path, home: Path, *kills: int) -> tuple[Any, ...]:
    shutil.copytree(before, home)
    for kill in kills:
        pulled(home, str(kill))
    assert not pulled(home)
    with office(home) as here:
        return world(here)


def points(before: Path, home: Path) -> list[str]:
    trace = home.with_suffix(".trace")
    shutil.copytree(before, home)
    assert not pulled(home, f"trace:{trace}")
    return trace.read_text().split()


def test_a_kill_at_any_point_changes_nothing_in_the_end(before: Path, tmp_path: Path) -> None:
    """Every numbered point, one kill, one more pull: the same books, ids and cursors."""
    passed = points(before, tmp_path / "traced")
    golden = after(before, tmp_path / "golden")
    assert set(passed) >= NAMED
    assert len(passed) >= FEWEST
    for number in range(1, len(passed) + 1):
        assert after(before, tmp_path / str(number), number) == golden, passed[number - 1]
        shutil.rmtree(tmp_path / str(number))
