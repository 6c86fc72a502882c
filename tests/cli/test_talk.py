"""What a person reads: plain lines, and a bar while something long runs."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from autotime.cli.common import progress_bar
from tests.cli import firm
from tests.cli.run import autotime
from tests.cli.test_faces import labelled

__all__ = ["labelled"]


class Terminal(io.StringIO):
    """A text stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_long_work_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """On standard error, with the name of what is read as plain text."""
    drawn = Terminal()
    monkeypatch.setattr(sys, "stderr", drawn)
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar() as progress:
        for done in range(5):
            progress("office [red]mail", done, 4)
    assert "office [red]mail" in drawn.getvalue()
    assert "4/4" in drawn.getvalue()


@pytest.mark.parametrize("quiet", [True, False])
def test_where_nobody_looks_there_is_no_bar(quiet: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither with ``--json`` nor in a pipe."""
    with progress_bar(quiet) as progress:
        progress("mail", 1, 2)
    assert capsys.readouterr().err == ""


def test_the_books_can_be_read(drafted: Path) -> None:
    """A line for each matter, with its client."""
    told = autotime(drafted, "books", "list").out
    assert "2026-001  Northwind v. Harrow  (Northwind Mills, Inc.)" in told


def test_an_evaluation_can_be_read(labelled: Path, tmp_path: Path) -> None:
    """A figure a line, with the plain methods beside ours."""
    told = autotime(tmp_path, "evaluate", str(labelled), "--baselines").out
    assert "accuracy  " in told
    assert "svm" in told


def test_days_are_drafted_by_name(home: Path) -> None:
    """One, or from one to another."""
    assert firm.DAY in autotime(home, "suggest", "--date", firm.DAY).out
    several = autotime(home, "suggest", "--date", "2026-02-01", "--to", "2026-03-31")
    assert "and 45 earlier days" in several.out


def test_when_nothing_changed_it_says_what_to_do(home: Path) -> None:
    """Look at what is there."""
    assert "next: autotime review" in autotime(home, "suggest").err
    assert "nothing is quarantined" in autotime(home, "quarantine", "retry").err
    assert "nothing waits for this target" in autotime(home, "push", "csv").err


def test_without_sources_it_says_where_to_name_them(home: Path) -> None:
    """Rather than an empty success."""
    config = home / "config.toml"
    config.write_text(config.read_text("utf-8").split("[[sources]]")[0], encoding="utf-8")
    assert "[[sources]]" in autotime(home, "collect").err


def test_a_decision_is_told_in_a_line(home: Path) -> None:
    """What was worked and what it bills; what was taken back."""
    one = firm.the_one(home, "2026-001")
    approved = autotime(home, "approve", one["id"], "--revision", one["revision"]).out
    assert "2026-001, worked 30 min, bills 0.50 h" in approved
    assert "taken back" in autotime(home, "undo").out
    dismissed = autotime(home, "dismiss", one["id"], "--revision", one["revision"], "--reason", "wrong")
    assert dismissed.out.endswith(": dismissed\n")


def test_a_relative_day_is_a_day(drafted: Path) -> None:
    """``today`` and ``yesterday``, for the nightly reader."""
    for day in ("today", "yesterday"):
        assert autotime(drafted, "suggestions", "--date", day, "--json").code == 0
