"""autotime schedule and autotime poll, as a person and a scheduler call them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from autotime.operations.commands import Done
from autotime.operations.schedule import Machine
from tests.collectors.sources import docx
from tests.operations.machines import Crontab, Recorder, machine
from tests.operations.test_nights import office

from .run import Ran, autotime, whole

OTHERS = "0 7 * * 1 echo good morning\n"


@pytest.fixture
def crontab(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Crontab:
    """cron as the scheduler of this machine: a line for every minute is run, for real, when somebody waits."""
    table = Crontab(OTHERS)
    here = machine(tmp_path, table)

    def minute(_seconds: float) -> None:
        for line in (table.text or "").splitlines():
            if line.startswith("* * * * * "):
                subprocess.run(["/bin/sh", "-c", line[10:].replace("\\%", "%")], check=False)

    made = Machine(here.commands, here.system, here.config, here.agents, here.uid, minute)
    monkeypatch.setattr("autotime.operations.schedule.machine.this_machine", lambda: made)
    return table


def with_papers(home: Path, folder: Path) -> Path:
    """The office with a folder of documents beside its mail."""
    docx(folder / "Motion.docx", saved=int(time.time()) - 60, created=int(time.time()) - 3600, minutes=30)
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f'\n[[sources]]\naccount = "papers"\ntype = "documents"\npaths = [{json.dumps(str(folder))}]\n')
    return home


def test_installed_it_stands_in_the_status_and_removed_nothing_is_left(home: Path, crontab: Crontab) -> None:
    """The check runs once under the scheduler; the crontab is as it was in the end."""
    installed = autotime(home, "schedule", "install", "--using", "cron", "--at", "03:30")
    assert (installed.code, "installed with cron: every night at 03:30" in installed.out) == (0, True), installed.err
    assert crontab.text is not None
    assert "30 * * * * /usr/bin/env AUTOTIME_HOME=" in crontab.text
    told = autotime(home, "schedule", "status", "--json").json
    assert (told["installed"], told["using"], told["at"], told["poll"], told["due"]) == (
        True,
        "cron",
        "03:30",
        False,
        True,
    )
    assert "every night at 03:30, by cron" in autotime(home, "schedule", "status").out
    assert autotime(home, "schedule", "remove").code == 0
    assert crontab.text == OTHERS
    assert "not installed" in autotime(home, "schedule", "status").out


def manager(tmp_path: Path, home: Path, crontab: Crontab) -> Machine:
    """A machine with cron and a systemd manager; what systemd starts is run at once, and finds all well."""

    def answer(words: Sequence[str], given: str) -> Done:
        if words[0] == "crontab":
            return crontab(words, given)
        unit = tmp_path / ".config" / "systemd" / "user" / words[-1]
        if "start" in words:
            found = '{"ok": true, "unreadable": []}'
            result = home / "schedule" / f"{unit.stem.removesuffix('-check')}.check.json"
            result.write_text(found, encoding="utf-8")
        return Done(int("is-enabled" in words and not unit.exists()), "running\n")

    return machine(tmp_path, Recorder(answer))


def test_what_moved_to_another_scheduler_is_left_in_none(
    home: Path, crontab: Crontab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Installed with cron, then with systemd; removing takes the one written down, whatever else is named."""
    assert autotime(home, "schedule", "install", "--using", "cron").code == 0
    here = manager(tmp_path, home, crontab)
    monkeypatch.setattr("autotime.operations.schedule.machine.this_machine", lambda: here)
    moved = autotime(home, "schedule", "install", "--using", "systemd")
    assert (moved.code, crontab.text) == (0, OTHERS), moved.err
    units = tmp_path / ".config" / "systemd" / "user"
    assert len(list(units.iterdir())) == 2
    removed = autotime(home, "schedule", "remove", "--using", "cron")
    assert (removed.code, list(units.iterdir()), "removed from systemd" in removed.err) == (0, [], True)
    assert not autotime(home, "schedule", "status", "--json").json["scheduled"]


def test_a_key_that_is_out_of_reach_refuses_and_undoes(home: Path, crontab: Crontab) -> None:
    """A key file that others may read, say: nothing is installed, and what to do is said."""
    (home / "AOK.key").chmod(0o644)
    refused = autotime(home, "schedule", "install", "--using", "cron")
    assert refused.code == 1
    assert "from cron, it would not work" in refused.err
    assert "chmod 600" in refused.err
    assert (crontab.text, autotime(home, "schedule", "status", "--json").json["scheduled"]) == (OTHERS, False)


def test_a_dry_run_writes_nothing(home: Path, crontab: Crontab) -> None:
    """And shows all of it."""
    shown = autotime(home, "schedule", "install", "--using", "systemd", "--dry-run", "--json").json
    assert {Path(name).suffix for name in shown["would_write"]} == {".service", ".timer"}
    assert "--nightly" in autotime(home, "schedule", "install", "--using", "cron", "--dry-run").out
    assert crontab.asked == []


def test_what_somebody_took_out_of_the_scheduler_is_not_installed(home: Path, crontab: Crontab) -> None:
    """The record is not believed where the scheduler says otherwise."""
    assert autotime(home, "schedule", "install", "--using", "cron").code == 0
    crontab.text = OTHERS
    assert not autotime(home, "schedule", "status", "--json").json["installed"]
    assert "cron knows nothing of it" in autotime(home, "schedule", "status").out


def test_with_document_folders_the_poll_comes_and_goes_with_it(home: Path, crontab: Crontab, tmp_path: Path) -> None:
    """Without it the status says what is missed."""
    with_papers(home, tmp_path / "papers")
    assert "only the last save" in autotime(home, "schedule", "status").out
    assert autotime(home, "schedule", "install", "--using", "cron").code == 0
    assert crontab.text is not None
    assert "*/5 * * * *" in crontab.text
    assert autotime(home, "schedule", "status", "--json").json["misses"] is None
    autotime(home, "schedule", "remove")
    assert crontab.text == OTHERS


def test_a_folder_the_scheduler_may_not_enter_is_noted(home: Path, crontab: Crontab, tmp_path: Path) -> None:
    """The night is installed all the same: the other sources are read."""
    with_papers(home, tmp_path / "papers")
    (tmp_path / "papers").rename(tmp_path / "elsewhere")
    installed = autotime(home, "schedule", "install", "--using", "cron")
    assert (installed.code, "the folder of «papers» cannot be read" in installed.err) == (0, True)


@pytest.mark.parametrize("wrong", [("--at", "2:17"), ("--using", "fcron"), ("--timekeeper", "BEN")])
def test_what_is_wrong_with_the_call_is_said_before_anything_is_done(
    home: Path, crontab: Crontab, wrong: Sequence[str]
) -> None:
    """Exit 2, as for every wrong call."""
    assert autotime(home, "schedule", "install", *wrong).code == 2
    assert crontab.text == OTHERS


def test_where_no_manager_answers_it_is_cron(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And systemd where one does."""
    for state, name in (("offline\n", "cron"), ("running\n", "systemd")):
        here = machine(tmp_path, Recorder(lambda _words, _given, said=state: Done(0, said)))  # type: ignore[misc]
        monkeypatch.setattr("autotime.operations.schedule.machine.this_machine", lambda here=here: here)
        assert autotime(home, "schedule", "install", "--dry-run", "--json").json["using"] == name


def test_a_schedule_of_everybody_is_found_without_naming_anybody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, crontab: Crontab
) -> None:
    """One of a single timekeeper is asked for by name."""
    home = office(tmp_path / "firm", people=("AOK", "BEN"))
    assert autotime(home, "schedule", "install", "--using", "cron").code == 2
    assert autotime(home, "schedule", "install", "--using", "cron", "--everyone").code == 0
    assert "--everyone" in (crontab.text or "")
    assert autotime(home, "schedule", "status", "--json").json["installed"]
    assert not autotime(home, "schedule", "status", "--timekeeper", "BEN", "--json").json["installed"]
    assert autotime(home, "schedule", "remove").code == 0
    assert crontab.text == OTHERS


# -- the poll -----------------------------------------------------------------------------------------------


def poll(home: Path) -> Ran:
    return autotime(home, "poll", "--json")


def test_a_look_stores_what_was_saved_and_the_next_sees_no_change(home: Path, tmp_path: Path) -> None:
    """Only documents are looked at; drafting is left to the night."""
    with_papers(home, tmp_path / "papers")
    (first,), (second,) = poll(home).json, poll(home).json
    assert (first["outcome"], first["new"], [one["account"] for one in first["collected"]]) == ("looked", 1, ["papers"])
    assert second["outcome"] == "unchanged"
    assert autotime(home, "status", "--json").json["stale_days"] >= 1
    assert autotime(home, "poll").out == ""


def test_a_look_waits_for_nobody(home: Path, tmp_path: Path) -> None:
    """A run at work looks at the documents itself: exit 0, and the next poll looks again."""
    from autotime.operations.lock import one_run

    with_papers(home, tmp_path / "papers")
    with one_run(home / "locks" / "AOK.lock", 1_773_000_000):
        busy = poll(home)
    assert (busy.code, busy.json[0]["outcome"]) == (0, "busy")
    assert poll(home).json[0]["outcome"] == "looked"


def test_a_share_that_is_away_is_left_to_the_night(home: Path, tmp_path: Path) -> None:
    """Every five minutes a failure would be noise."""
    with_papers(home, tmp_path / "papers")
    (tmp_path / "papers").rename(tmp_path / "elsewhere")
    away = poll(home)
    assert (away.code, away.json[0]["outcome"]) == (0, "not there")


def test_what_could_not_be_looked_at_is_looked_at_again(home: Path, tmp_path: Path) -> None:
    """A folder that is suddenly empty is trouble at each look, until it is not."""
    with_papers(home, tmp_path / "papers")
    poll(home)
    (tmp_path / "papers" / "Motion.docx").rename(tmp_path / "Motion.docx")
    told = [poll(home).json[0] for _ in range(2)]
    assert [(one["outcome"], "is empty now" in one["trouble"]) for one in told] == [("looked", True)] * 2
    (tmp_path / "Motion.docx").rename(tmp_path / "papers" / "Motion.docx")
    assert poll(home).json[0]["trouble"] == ""


def test_trouble_at_a_look_is_said_to_who_looks_by_hand(home: Path, tmp_path: Path) -> None:
    """Beside the counts of what could be read."""
    with_papers(home, tmp_path / "papers")
    poll(home)
    (tmp_path / "papers" / "Motion.docx").rename(tmp_path / "Motion.docx")
    told = whole(home, "poll")
    assert "0 new, 0 changed" in str(told.stdout)
    assert "is empty now" in str(told.stderr)


def test_without_document_folders_there_is_nothing_to_look_at(home: Path) -> None:
    """Said, not failed."""
    assert poll(home).json[0]["outcome"] == "nothing to look at"


def test_a_look_at_unchanged_folders_opens_nothing_heavy(home: Path, tmp_path: Path) -> None:
    """Neither store nor key: it runs every five minutes of every day."""
    with_papers(home, tmp_path / "papers")
    assert whole(home, "poll").returncode == 0
    code = (
        "import sys\nfrom autotime.cli import app\n"
        "try:\n    app(['poll'], prog_name='autotime')\nexcept SystemExit:\n    pass\n"
        "heavy = {'sqlalchemy', 'numpy', 'pypdf', 'cryptography'}\nprint(sorted(heavy & sys.modules.keys()))"
    )
    env = {"AUTOTIME_HOME": str(home)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
