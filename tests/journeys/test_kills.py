"""Killed at any numbered point and run again, a command ends where an undisturbed one does."""

from __future__ import annotations

import os
import re
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from autotime import failpoints
from tests.cli import firm
from tests.cli.run import autotime

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills need fork and SIGKILL")

EVERY = 5
"""The suite kills at every fifth point, ``make storm`` at each."""

Words = tuple[str, ...]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office with books and nothing collected."""
    folder = tmp_path_factory.mktemp("ready")
    files = firm.written(folder / "files")
    assert firm.initialised(folder / "home", files).code == 0
    assert autotime(folder / "home", "books", "import", str(files / "books.csv")).code == 0
    return folder / "home"


@pytest.fixture(scope="module")
def approved(drafted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office with an entry that waits to be delivered."""
    home = copied(drafted, tmp_path_factory.mktemp("approved") / "home")
    assert autotime(home, *approval(home)).code == 0
    return home


def approval(home: Path) -> Words:
    one = firm.the_one(home, "2026-001")
    return ("approve", one["id"], "--revision", one["revision"])


def copied(home: Path, to: Path) -> Path:
    shutil.copytree(home, to)
    config = to / "config.toml"
    config.write_text(config.read_text("utf-8").replace(str(home), str(to)), encoding="utf-8")
    return to


def killed(home: Path, words: Words, plan: str) -> bool:
    """Runs the command in a child that kills itself at point ``plan``; whether it came to that."""
    child = os.fork()
    if child == 0:
        failpoints._plan, failpoints._passed = plan, 0
        code = autotime(home, *words).code
        os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def points(home: Path, words: Words) -> list[str]:
    """The names of all points the command passes, in order."""
    trace = home / "trace.txt"
    assert not killed(home, words, f"trace:{trace}")
    names = trace.read_text("utf-8").split()
    trace.unlink()
    return names


def world(home: Path) -> tuple[Any, ...]:
    """All a person or a program can see of an office, without the time of day."""
    told = autotime(home, "status", "--json").json
    for source in told["sources"]:
        for name in ("last_tried", "last_success", "items_last"):
            source.pop(name)
    audit = autotime(home, "audit", "verify", "--json").json
    files = {path.name: path.read_bytes() for path in home.glob("outgoing/*")}
    seen = {
        name: told[name] for name in ("evidence", "sources", "undecided", "stale_days", "submissions", "quarantined")
    }
    exported = autotime(home, "export", "csv").out
    return seen, audit, files, firm.suggestions(home), re.sub(r"csv-view-\w+", "", exported)


def survives(base: Path, folder: Path, words: Words, step: int, fewest: int) -> None:
    """Kills at each ``step``-th point, runs again, and compares with an undisturbed run."""
    expected = copied(base, folder / "expected")
    passed = points(expected, words)
    assert len(passed) >= fewest, "a step has lost its failpoint"
    for number in range(1, len(passed) + 1, step):
        home = copied(base, folder / f"killed{number}")
        assert killed(home, words, str(number)), passed[number - 1]
        autotime(home, *words)
        assert world(home) == world(expected), f"after a kill at {number}, {passed[number - 1]}"
        shutil.rmtree(home)


@pytest.mark.parametrize("step", [EVERY, pytest.param(1, marks=pytest.mark.storm)])
def test_a_killed_run_is_finished_by_the_next(ready: Path, tmp_path: Path, step: int) -> None:
    """Collecting and drafting: every piece once, the cursor never ahead of what is stored."""
    survives(ready, tmp_path, ("run",), step, fewest=12)


@pytest.mark.parametrize("step", [EVERY, pytest.param(1, marks=pytest.mark.storm)])
def test_a_killed_approval_has_happened_whole_or_not_at_all(drafted: Path, tmp_path: Path, step: int) -> None:
    """Decision, entry, submission and lessons; approving again then makes it so, or says that it is so."""
    survives(drafted, tmp_path, approval(drafted), step, fewest=5)


@pytest.mark.parametrize("step", [EVERY, pytest.param(1, marks=pytest.mark.storm)])
def test_a_killed_push_delivers_once(approved: Path, tmp_path: Path, step: int) -> None:
    """One file, one batch number, the same bytes."""
    survives(approved, tmp_path, ("push", "csv"), step, fewest=8)
