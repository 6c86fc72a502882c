"""A push that is killed anywhere ends, after one more push, as if nothing had happened."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from autotime.billing.csv import CsvBiller
from autotime.billing.ledes import LedesBiller
from autotime.billing.outbox import push_files
from autotime.domain.delivery import DeliveryState
from autotime.domain.doors import FileBiller
from autotime.store.audit import AUDIT
from tests.kills import killed_at

from .firm import HEADER, MARCH, NOW, entry, found, open_store

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills need fork and SIGKILL")

BILLERS: dict[str, tuple[FileBiller, dict[str, object], dict[str, Any]]] = {
    "csv": (CsvBiller(), {}, {}),
    "ledes": (LedesBiller(), HEADER, MARCH),
}
NAMED = {
    "push.batch.committed",
    "push.file.written",
    "push.file.synced",
    "push.file.renamed",
    "push.folder.synced",
    "push.sent",
}
FEWEST = 12
"""Points of one push that the suite has known; fewer means that a step lost its failpoint."""

World = tuple[Any, ...]


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with entries that wait, to be copied for each run."""
    folder = tmp_path_factory.mktemp("approved")
    found(folder, entry(1), entry(2), entry(3, matter="2026-002")).close()
    return folder


def push(folder: Path, target: str) -> None:
    biller, header, wanted = BILLERS[target]
    with open_store(folder) as store:
        push_files(store, biller, header, folder / "outgoing", now=NOW, **wanted)


def push_killed(folder: Path, target: str, plan: str) -> bool:
    """Pushes in a child that kills itself at point ``plan``; whether it came to that."""
    return killed_at(plan, lambda: push(folder, target))


def world(folder: Path) -> World:
    """All that a push leaves: submissions, batches, what the audit says was done, files."""
    with open_store(folder) as store:
        assert store.audit.verify().ok
        done = store.audit.rows(select(AUDIT.c.action, AUDIT.c.object).order_by(AUDIT.c.seq))
        return (
            store.submissions.in_state(*DeliveryState),
            store.batches.all(),
            [tuple(row) for row in done],
            {path.name: path.read_bytes() for path in sorted((folder / "outgoing").iterdir())},
        )


def fresh(approved: Path, folder: Path) -> Path:
    shutil.copytree(approved, folder)
    return folder


def points(approved: Path, folder: Path, target: str) -> list[str]:
    """The names of the points one undisturbed push passes, in order."""
    trace = folder.with_suffix(".trace")
    assert not push_killed(fresh(approved, folder), target, f"trace:{trace}")
    return trace.read_text().split()


def after_kills(approved: Path, folder: Path, target: str, kills: Sequence[int]) -> World:
    fresh(approved, folder)
    for kill in kills:
        push_killed(folder, target, str(kill))
    push(folder, target)
    return world(folder)


@pytest.mark.parametrize("target", BILLERS)
def test_a_kill_at_any_point_changes_nothing_in_the_end(approved: Path, tmp_path: Path, target: str) -> None:
    """Every numbered point, one kill, one more push: the same records and the same bytes."""
    passed = points(approved, tmp_path / "golden", target)
    golden = world(tmp_path / "golden")
    assert passed[-1] == "push.sent"
    assert set(passed) >= NAMED
    assert len(passed) >= FEWEST
    for number in range(1, len(passed) + 1):
        ended = after_kills(approved, tmp_path / str(number), target, [number])
        assert ended == golden, passed[number - 1]


@pytest.mark.parametrize(("one", "two"), [(3, 3), (5, 1), (5, 4), (6, 2), (7, 2), (8, 4), (9, 1), (9, 5)])
def test_a_second_kill_during_the_repair_changes_nothing_either(
    approved: Path, tmp_path: Path, one: int, two: int
) -> None:
    """Some pairs; all of them are in the storm."""
    points(approved, tmp_path / "golden", "ledes")
    assert after_kills(approved, tmp_path / "killed", "ledes", [one, two]) == world(tmp_path / "golden")


@pytest.mark.storm
@pytest.mark.parametrize("target", BILLERS)
def test_any_two_kills_change_nothing(approved: Path, tmp_path: Path, target: str) -> None:
    """Every pair of points."""
    count = len(points(approved, tmp_path / "golden", target))
    golden = world(tmp_path / "golden")
    for one in range(1, count + 1):
        for two in range(1, count + 1):
            folder = tmp_path / f"{one}-{two}"
            assert after_kills(approved, folder, target, [one, two]) == golden, (one, two)
            shutil.rmtree(folder)


def test_a_real_process_dies_at_its_failpoint(approved: Path, tmp_path: Path) -> None:
    """The same through the environment variable, in a program of its own."""
    points(approved, tmp_path / "golden", "csv")
    folder = fresh(approved, tmp_path / "killed")
    pushing = "from pathlib import Path; from tests.billing.test_kills import push; push(Path({!r}), 'csv')"
    ran = subprocess.run(
        [sys.executable, "-c", pushing.format(str(folder))],
        env=os.environ | {"AUTOTIME_FAILPOINT": "5"},
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert ran.returncode == -signal.SIGKILL
    push(folder, "csv")
    assert world(folder) == world(tmp_path / "golden")
