"""The log: ids and counts for whoever keeps the machine, and never a word of what was collected."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.domain.untrusted import Untrusted
from autotime.log import ALLOWED, only_allowed, open_log
from tests.cli import firm
from tests.cli.run import autotime

CANARY = firm.CANARY


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_line_is_json_with_a_time_and_a_level(tmp_path: Path) -> None:
    """One object each, appended."""
    open_log(tmp_path / "logs" / "a.log").info("run began", run=3, timekeeper="AOK")
    open_log(tmp_path / "logs" / "a.log").warning("run done", days=2)
    first, second = lines(tmp_path / "logs" / "a.log")
    assert (first["event"], first["run"], first["timekeeper"]) == ("run began", 3, "AOK")
    assert datetime.fromisoformat(first["timestamp"]).tzinfo
    assert (second["event"], second["days"]) == ("run done", 2)


@given(st.dictionaries(st.text(), st.text()))
def test_a_key_that_is_not_on_the_list_is_dropped(event: dict[str, str]) -> None:
    """Whatever a caller adds."""
    assert only_allowed(None, "", {**event, "subject": CANARY}).keys() <= ALLOWED


@pytest.mark.parametrize("key", sorted(ALLOWED))
def test_text_from_mail_is_told_by_its_length_under_any_key(tmp_path: Path, key: str) -> None:
    """A careless line says how long it was."""
    passed = only_allowed(None, "", {key: Untrusted(CANARY)})
    assert CANARY not in str(passed)
    assert str(len(CANARY)) in str(passed[key])


@pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")
def test_a_log_is_its_owners_only(tmp_path: Path) -> None:
    """Its folder too."""
    open_log(tmp_path / "logs" / "a.log").info("run began")
    assert (tmp_path / "logs" / "a.log").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "logs").stat().st_mode & 0o777 == 0o700


def test_trouble_in_the_log_stops_no_work(tmp_path: Path) -> None:
    """A full disk, or a folder that is a file."""
    (tmp_path / "logs").write_text("")
    open_log(tmp_path / "logs" / "a.log").info("run began")
    assert (tmp_path / "logs").read_text() == ""


def test_a_new_line_in_a_value_begins_no_new_line_of_the_log(tmp_path: Path) -> None:
    """Nobody can write a line of their own into it, nor escape to a terminal."""
    open_log(tmp_path / "a.log").info("collected", account='x"}\n{"event": "forged"}\x1b[31m')
    [only] = lines(tmp_path / "a.log")
    assert only["event"] == "collected"
    assert "\x1b" not in (tmp_path / "a.log").read_text()


def test_a_run_writes_how_it_went_and_nothing_it_read(tmp_path: Path) -> None:
    """The whole nightly job over a mailbox, a calendar and a source that is not there: no file of the home
    folder says what a mail said."""
    files = firm.written(tmp_path / "files")
    home = tmp_path / "home"
    assert firm.initialised(home, files, "--eml", str(files / "nowhere")).code == 0
    assert autotime(home, "run").code in (0, 1)
    [log] = home.glob("logs/*")
    told = lines(log)
    assert [line["event"] for line in told] == ["run began", "collected", "collected", "collected", "run done"]
    assert {line["run"] for line in told} == {1}
    assert {line.get("outcome") for line in told if line["event"] == "collected"} == {"done", "incomplete"}
    assert sum(line["new"] for line in told if line["event"] == "collected") == 5
    words = ["Zanzibar", "Northwind", "Requests", "example", "Okafor", "Chicago", "nowhere"]
    assert [word for word in words if word in log.read_text("utf-8")] == []
    said = [CANARY.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")]
    kept = {path.name: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert "AOK.db" in kept
    assert [name for name, data in kept.items() if any(word in data for word in said)] == []
