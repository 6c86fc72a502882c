"""``autotime demo``: the main job on the example firm, on one folder once and again."""

from __future__ import annotations

import json
import re
from pathlib import Path
from unittest.mock import patch

import pytest

from autotime.office import open_office
from autotime.settings import load
from tests.cli.run import Ran, autotime, whole

NOW = 1_774_440_000
"""25 March 2026, noon in London."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def shown(folder: Path) -> Ran:
    """The first run on the folder, on a Wednesday."""
    return demo(folder, "--no-tui")


def demo(folder: Path, *words: str) -> Ran:
    with patch("autotime.cli.setup.now", lambda: NOW):
        return autotime(folder / "unused", "demo", "--folder", str(folder / "firm"), *words)


def test_without_a_screen_it_prints_the_day_as_a_table(shown: Ran) -> None:
    """Times, matters, worked and billed time; on standard error how to go on."""
    assert shown.code == 0, shown.err
    assert re.search(r"\d\d:\d\d–\d\d:\d\d +2026-01\d\d", shown.out)
    assert "to review" in shown.out
    assert re.search(r"next: AUTOTIME_HOME=\S+ autotime review --timekeeper MOK --date \d{4}-\d\d-\d\d", shown.err)


def test_a_second_time_on_the_same_folder_goes_on_from_there(shown: Ran, folder: Path) -> None:
    """Nothing is made anew, nothing is collected twice, and the day is the same."""
    again = demo(folder, "--no-tui")
    assert again.code == 0, again.err
    assert "\n0 pieces of evidence collected" in again.err
    assert again.out.splitlines()[0] == shown.out.splitlines()[0]


def test_with_json_it_prints_suggestions_and_nothing_else(shown: Ran, folder: Path) -> None:
    """Of the day it would show."""
    told = demo(folder, "--json").json
    assert len(told) > 3
    assert {one["timekeeper"] for one in told} == {"MOK"}


def test_what_it_suggests_is_mostly_right(shown: Ran, folder: Path) -> None:
    """Held against the truth that no collector reads: nine in ten pre-selected matters of the last week."""
    files = folder / "firm" / "files" / "MOK" / "truth.jsonl"
    truth = {one["key"]: one["matter"] for one in map(json.loads, files.read_text("utf-8").splitlines())}
    right = [matter == truth[key] for key, matter in _preselected(folder / "firm" / "home") if key in truth]
    assert len(right) > 20
    assert sum(right) / len(right) > 0.9


def _preselected(home: Path) -> list[tuple[str, str]]:
    """Message-ID or file, and pre-selected matter, of each piece behind the suggestions of the last week."""
    with open_office(load(home / "config.toml", home), "MOK", NOW).store as store:
        chosen = [one for day in store.suggestions.days()[-5:] for one in store.suggestions.on(day) if one.preselected]
        evidence = store.evidence.get(item for one in chosen for item in one.evidence_ids)
    return [(evidence[item].identity.removeprefix("mid:"), one.matter) for one in chosen for item in one.evidence_ids]


def test_its_key_is_its_own_and_its_files_are_its_owners(shown: Ran, folder: Path) -> None:
    """Nothing is put into the keyring, nothing into the real home."""
    assert not (folder / "unused").exists()
    home = folder / "firm" / "home"
    assert {path.name for path in home.glob("*.key")} == {"MOK.key"}
    assert not [path for path in home.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]


def test_where_there_is_no_terminal_it_does_not_open_the_desk(shown: Ran, folder: Path) -> None:
    """A whole process with its output in a pipe prints the table too."""
    done = whole(folder / "unused", "demo", "--folder", str(folder / "firm"))
    assert done.returncode == 0, done.stderr
    assert "to review" in done.stdout
    assert "\x1b" not in done.stdout
