"""The night and the poll under a cron that is really at work.

Only where it is asked for (``AUTOTIME_TEST_CRON=1``): it takes minutes, and for as long it changes the
crontab of the user it runs as, which it puts back byte for byte.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.run import autotime, whole
from tests.collectors.sources import docx

from .test_nights import office, reports

CRON = shutil.which("cron") or shutil.which("crond")

pytestmark = pytest.mark.skipif(
    os.environ.get("AUTOTIME_TEST_CRON") != "1" or not CRON or not shutil.which("crontab"),
    reason="AUTOTIME_TEST_CRON=1 tries it where cron is installed: it takes minutes and changes the crontab",
)


def crontab() -> str | None:
    done = subprocess.run(["crontab", "-l"], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


@pytest.fixture
def daemon() -> Iterator[None]:
    """cron at work: the system's, or one that is started here and ended by its own number."""
    before = crontab()
    running = subprocess.Popen([str(CRON), "-f"], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        running.terminate()
        running.wait(10)
        if before is None:
            subprocess.run(["crontab", "-r"], check=False, stderr=subprocess.DEVNULL)
        else:
            subprocess.run(["crontab", "-"], input=before, text=True, check=True)
        assert crontab() == before


def test_what_is_installed_really_runs(tmp_path: Path, daemon: None) -> None:
    """Tried under cron, installed, the night done at its minute, a save seen by a poll, and all of it gone again."""
    before = crontab()
    docx(tmp_path / "papers" / "Motion.docx", saved=int(time.time()) - 600)
    papers = {"account": "papers", "type": "documents", "paths": [str(tmp_path / "papers")]}
    home = office(tmp_path / "home", papers)
    soon = datetime.now(UTC) + timedelta(minutes=3)
    installed = whole(home, "schedule", "install", "--using", "cron", "--at", f"{soon:%H:%M}")
    assert installed.returncode == 0, installed.stderr
    assert _within(240, lambda: reports(home)), crontab()
    (report,) = reports(home)
    assert (report["outcome"], report["timekeepers"][0]["collected"][0]["new"]) == ("done", 1)
    assert autotime(home, "schedule", "status", "--json").json["installed"]
    had = autotime(home, "status", "--json").json["evidence"]
    docx(tmp_path / "papers" / "Answer.docx", saved=int(time.time()))
    assert _within(330, lambda: autotime(home, "status", "--json").json["evidence"] > had), crontab()
    assert whole(home, "schedule", "remove").returncode == 0
    assert crontab() == before


def test_a_key_out_of_reach_is_refused_under_it(tmp_path: Path, daemon: None) -> None:
    """The keyring a desktop unlocks is not there for cron."""
    before, home = crontab(), office(tmp_path / "home")
    (home / "AOK.key").unlink()
    refused = whole(home, "schedule", "install", "--using", "cron")
    assert (refused.returncode, "from cron, it would not work" in refused.stderr) == (1, True)
    assert crontab() == before


def _within(seconds: int, come: Callable[[], object]) -> bool:
    """Whether it comes to pass; looked at every second."""
    for _ in range(seconds):
        if come():
            return True
        time.sleep(1)
    return False
