"""Several programs at one office at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import firm
from tests.cli.run import autotime


def started(home: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "autotime.cli", *words],
        env={**os.environ, "AUTOTIME_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("many", [3, pytest.param(16, marks=pytest.mark.storm)])
def test_runs_started_together_do_the_work_once(tmp_path: Path, many: int) -> None:
    """Each does it or says that another one does; nothing is stored twice, nothing breaks."""
    home, files = tmp_path / "home", firm.written(tmp_path / "files")
    assert firm.initialised(home, files).code == 0
    runs = [started(home, "run") for _ in range(many)]
    told = [(run.communicate(timeout=300)[1], run.returncode) for run in runs]
    assert {code for _, code in told} <= {0, 1}
    assert all("another run is at work" in said for said, code in told if code == 1)
    assert any(code == 0 for _, code in told)
    assert autotime(home, "status", "--json").json["evidence"] == 5
    assert autotime(home, "audit", "verify").code == 0


def test_approvals_sent_together_make_one_entry(home: Path) -> None:
    """The second finds that it was decided, and says so."""
    one = firm.the_one(home, "2026-001")
    both = [started(home, "approve", one["id"], "--revision", one["revision"]) for _ in range(2)]
    codes = [(run.communicate(timeout=300), run.returncode)[1] for run in both]
    assert sorted(codes) == [0, 1]
    assert autotime(home, "status", "--json").json["submissions"] == {"queued": 1}


def test_a_person_may_decide_while_a_run_is_at_work(home: Path) -> None:
    """Neither loses anything of the other's."""
    running = started(home, "suggest", "--all")
    done = autotime(
        home, "add", "--date", firm.DAY, "--matter", "2026-001", "--minutes", "30", "--narrative", "Hearing"
    )
    _, said = running.communicate(timeout=300)
    assert (done.code, running.returncode) == (0, 0), done.err + said
    assert autotime(home, "status", "--json").json["submissions"] == {"queued": 1}
    assert autotime(home, "audit", "verify").code == 0
