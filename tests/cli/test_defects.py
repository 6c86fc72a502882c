"""When autotime itself breaks, is stopped, or is started twice."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autotime import pipeline
from autotime.domain.errors import AutotimeError
from autotime.operations.lock import one_run
from tests.cli import firm
from tests.cli.run import autotime


def breaking_with(error: Exception) -> Callable[..., object]:
    def broken(*_: object, **__: object) -> object:
        subject = firm.CANARY
        raise error from ValueError(subject)

    return broken


@pytest.mark.parametrize("error", [KeyError(firm.CANARY), RuntimeError(f"cannot parse {firm.CANARY}")], ids=str)
def test_a_defect_is_told_without_a_word_of_what_was_read(
    home: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Where it broke and what is safe; no message, no variable, no cause."""
    monkeypatch.setattr(pipeline, "run", breaking_with(error))
    done = autotime(home, "run")
    assert done.code == 1
    assert "met a defect" in done.err
    assert "test_defects.py" in done.err
    assert "next: autotime doctor" in done.err
    assert "Zanzibar" not in done.err + done.out


def test_a_refusal_of_the_system_names_no_file_that_nobody_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document's name is its client's business."""
    monkeypatch.setattr(pipeline, "run", breaking_with(OSError(28, "No space left on device", f"/docs/{firm.CANARY}")))
    done = autotime(home, "run")
    assert done.code == 1
    assert "No space left on device" in done.err
    assert "next: " in done.err
    assert "Zanzibar" not in done.err


def test_a_refusal_of_the_system_names_our_own_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a person can put it right."""
    monkeypatch.setattr(pipeline, "run", breaking_with(OSError(30, "Read-only file system", str(home / "locks"))))
    assert str(home / "locks") in autotime(home, "run").err


def test_mail_text_is_in_no_log_and_no_report(drafted: Path) -> None:
    """After a whole run: not in the log, not in ``status``, not in ``doctor``; it is on the screen only."""
    log = drafted / "logs" / "autotime.log"
    assert '"event": "run done"' in log.read_text("utf-8")
    told = "".join(autotime(drafted, *words).out for words in (("status", "--json"), ("doctor",), ("audit", "verify")))
    assert "Zanzibar" not in told + log.read_text("utf-8")
    assert any("Zanzibar" in one["narrative"] for one in firm.suggestions(drafted))


def test_a_log_that_cannot_be_written_stops_no_run(home: Path) -> None:
    """The work is worth more than its log."""
    shutil.rmtree(home / "logs")
    (home / "logs").write_text("a file where the folder should be", encoding="ascii")
    assert autotime(home, "run").code == 0


def test_what_autotime_writes_is_for_its_owner_only(drafted: Path) -> None:
    """Every file under its home has mode 0600."""
    loose = [path for path in drafted.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    assert not loose


def test_nothing_readable_of_a_mail_lies_on_the_disk(drafted: Path) -> None:
    """The store is encrypted, its journal too."""
    assert not [path for path in drafted.rglob("*") if path.is_file() and b"Zanzibar" in path.read_bytes()]


@pytest.mark.parametrize("words", [("run",), ("collect",), ("suggest",), ("push", "csv")], ids=" ".join)
def test_a_second_run_at_the_same_time_says_so_and_leaves(home: Path, words: tuple[str, ...]) -> None:
    """It names the one that is at work, changes nothing, and exits 1."""
    with one_run(home / "locks" / "AOK.lock", 1_772_000_000):
        done = autotime(home, *words)
    assert done.code == 1
    assert f"another run is at work (pid {os.getpid()}" in done.err
    assert "kept: nothing was changed" in done.err
    assert autotime(home, *words).code == 0


def test_looking_is_possible_while_a_run_is_at_work(home: Path) -> None:
    """Only what collects, drafts or delivers waits its turn."""
    with one_run(home / "locks" / "AOK.lock", 1_772_000_000):
        assert autotime(home, "status").code == 0
        assert len(firm.suggestions(home)) == 4


def test_the_lock_of_a_dead_run_is_no_lock(home: Path) -> None:
    """It belongs to the kernel, not to the file."""
    (home / "locks" / "AOK.lock").write_text("pid 1 since 0\n", encoding="ascii")
    assert autotime(home, "run").code == 0


def test_a_trouble_is_told_as_plain_text(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No escape sequence reaches the terminal by way of a message."""
    monkeypatch.setattr(pipeline, "run", breaking_with(AutotimeError("bad\x1b[31m name\x07", hint="look\x1b]0;x\x07")))
    assert "\x1b" not in autotime(home, "run").err


WAITING = """
import signal, sys, time
from autotime import pipeline
from autotime.cli import main
def forever(*_, **__):
    print("at work", file=sys.stderr, flush=True)
    time.sleep(60)
pipeline.run = forever
sys.argv = ["autotime", "run"]
signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite that runs in the background ignores it
main()
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGINT for one process")
def test_ctrl_c_ends_with_one_short_line_and_exit_code_130(home: Path) -> None:
    """What was stored is stored, and the line says so."""
    running = subprocess.Popen(
        [sys.executable, "-c", WAITING],
        env={**os.environ, "AUTOTIME_HOME": str(home)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr is not None
    assert running.stderr.readline() == "at work\n"
    time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=20)
    assert running.returncode == 130
    assert said.startswith("autotime: stopped\n")
    assert "Traceback" not in said
    assert len(said.splitlines()) == 2


def test_without_a_terminal_the_desk_does_not_open(home: Path) -> None:
    """It says what to use instead, and writes no escape sequence into a pipe."""
    done = autotime(home, "review")
    assert done.code == 2
    assert "next: autotime suggestions" in done.err
    assert done.out == ""


FULL = """
import resource, sys
from autotime.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
sys.argv = ["autotime", "run"]
main()
"""


@pytest.mark.skipif(os.name != "posix", reason="only POSIX can limit the size of files")
def test_a_full_disk_is_told_and_the_next_run_makes_up_for_it(tmp_path: Path) -> None:
    """Nothing half-written: afterwards all is there, once."""
    home = tmp_path / "home"
    firm.initialised(home, firm.written(tmp_path / "files"))
    full = subprocess.run(
        [sys.executable, "-c", FULL],
        env={**os.environ, "AUTOTIME_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert full.returncode == 1
    assert "kept: " in full.stderr
    assert "next: " in full.stderr
    assert "Traceback" not in full.stderr
    assert autotime(home, "run").code == 0
    assert autotime(home, "status", "--json").json["evidence"] == 5
    assert autotime(home, "audit", "verify").code == 0
