"""Installing tries first, under the scheduler itself, and leaves nothing where it would not work."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from autotime.domain.errors import NeedsPerson
from autotime.operations.commands import Done
from autotime.operations.schedule import Cron, Plan, Systemd
from autotime.operations.schedule.installing import install, recorded, remove

from .machines import Crontab, Recorder, machine, plan

NOW = 1_773_000_000
FINE = {"ok": True, "trouble": "", "hint": "", "unreadable": []}
LOCKED = {"ok": False, "trouble": "AOK: the keyring refused: is it locked?", "hint": "unlock it", "unreadable": []}
OTHERS = "0 7 * * 1 echo good morning\n"


class Minutes:
    """cron at work: a minute after a trial is in the crontab, what it found is written."""

    def __init__(self, crontab: Crontab, made: Plan, found: object | None) -> None:
        self.crontab, self.made, self.found, self.seconds = crontab, made, found, 0.0
        self.refused: NeedsPerson | None = None

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        if self.seconds >= 60 and self.found is not None and "schedule check" in (self.crontab.text or ""):
            result = self.made.home / "schedule" / f"{self.made.name}.check.json"
            result.parent.mkdir(parents=True, exist_ok=True)
            result.write_text(json.dumps(self.found), encoding="utf-8")


def installed(folder: Path, found: object | None, before: str | None = OTHERS) -> tuple[Crontab, Minutes, Plan]:
    """An installation with cron; what the check finds from there is given, ``None``: cron does not run."""
    crontab, made = Crontab(before), plan(home=folder)
    minutes = Minutes(crontab, made, found)
    try:
        install(Cron(machine(folder, crontab)), made, NOW, minutes.sleep, lambda *_: None)
    except NeedsPerson as refused:
        minutes.refused = refused
    return crontab, minutes, made


def test_what_works_from_there_is_installed_and_written_down(tmp_path: Path) -> None:
    """The trial's own line is gone."""
    crontab, _, made = installed(tmp_path, FINE)
    assert crontab.text is not None
    assert (crontab.text.startswith(OTHERS), "--nightly" in crontab.text, "check" in crontab.text) == (
        True,
        True,
        False,
    )
    assert recorded(tmp_path, made.name) == {
        "using": "cron",
        "at": "02:17",
        "poll": True,
        "who": ["--timekeeper", "AOK"],
        "installed": NOW,
    }
    assert [path.name for path in (tmp_path / "schedule").iterdir()] == ["autotime.json"]


def test_a_keyring_that_is_out_of_reach_installs_nothing_and_says_what_to_do(tmp_path: Path) -> None:
    """The crontab is as it was, byte for byte."""
    crontab, minutes, made = installed(tmp_path, LOCKED)
    refused = minutes.refused
    assert isinstance(refused, NeedsPerson)
    assert "is it locked" in str(refused)
    assert 'key = "file"' in refused.hint
    assert (crontab.text, recorded(tmp_path, made.name)) == (OTHERS, None)
    assert list((tmp_path / "schedule").iterdir()) == []


def test_a_scheduler_that_is_not_at_work_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    """Two minutes are enough for cron; what was there before stays."""
    crontab, minutes, _ = installed(tmp_path, None)
    assert isinstance(minutes.refused, NeedsPerson)
    assert "did not run anything" in str(minutes.refused)
    assert (crontab.text, minutes.seconds) == (OTHERS, 130)


def test_a_schedule_that_works_outlives_an_attempt_that_does_not(tmp_path: Path) -> None:
    """Trying again with a locked keyring does not take the old one away."""
    crontab, _, made = installed(tmp_path, FINE)
    before = crontab.text
    minutes = Minutes(crontab, made, LOCKED)
    with pytest.raises(NeedsPerson):
        install(Cron(machine(tmp_path, crontab)), made, NOW, minutes.sleep, lambda *_: None)
    assert (crontab.text, recorded(tmp_path, made.name) is not None) == (before, True)


def test_an_installation_that_breaks_off_is_undone(tmp_path: Path) -> None:
    """systemd takes the units and refuses the timer: no unit is left."""
    made = plan(home=tmp_path)

    def refuses(words: Sequence[str], _given: str) -> Done:
        if "start" in words:
            (tmp_path / "schedule").mkdir(exist_ok=True)
            (tmp_path / "schedule" / "autotime.check.json").write_text(json.dumps(FINE), encoding="utf-8")
        return Done(1, err="Failed to enable unit: no space left\n") if "enable" in words else Done(0)

    units = Systemd(machine(tmp_path, Recorder(refuses)))
    with pytest.raises(NeedsPerson, match="no space left"):
        install(units, made, NOW, lambda _: None, lambda *_: None)
    assert (list(units.folder.iterdir()), recorded(tmp_path, made.name)) == ([], None)


def moved(folder: Path, found: object) -> tuple[Crontab, list[list[str]], Plan]:
    """Installed with cron, then with systemd, where the check finds what is given."""
    crontab, _, made = installed(folder, FINE)

    def manager(words: Sequence[str], given: str) -> Done:
        if words[0] == "crontab":
            return crontab(words, given)
        if "start" in words:
            (folder / "schedule" / "autotime.check.json").write_text(json.dumps(found), encoding="utf-8")
        return Done(0)

    here = machine(folder, Recorder(manager))
    with suppress(NeedsPerson):
        install(Systemd(here), made, NOW, lambda _: None, lambda *_: None, Cron(here))
    return crontab, here.commands.asked, made  # type: ignore[attr-defined]


def test_another_scheduler_takes_over_once_it_was_tried(tmp_path: Path) -> None:
    """Two of them would call side by side, and only one is written down."""
    crontab, asked, made = moved(tmp_path, FINE)
    told = [words[:4] for words in asked]
    assert told.index(["crontab", "-"]) > told.index(["systemctl", "--user", "start", "autotime-check.service"])
    assert (crontab.text, (recorded(tmp_path, made.name) or {})["using"]) == (OTHERS, "systemd")


def test_another_scheduler_that_would_not_work_leaves_the_one_that_does(tmp_path: Path) -> None:
    """The crontab is as it was."""
    crontab, _, made = moved(tmp_path, LOCKED)
    assert "--nightly" in (crontab.text or "")
    assert (recorded(tmp_path, made.name) or {})["using"] == "cron"


def test_interrupted_while_it_waits_the_trial_is_taken_out(tmp_path: Path) -> None:
    """Ctrl-c."""
    crontab = Crontab(OTHERS)

    def interrupted(_seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        install(Cron(machine(tmp_path, crontab)), plan(home=tmp_path), NOW, interrupted, lambda *_: None)
    assert crontab.text == OTHERS


def test_removing_takes_out_everything_also_what_an_attempt_left(tmp_path: Path) -> None:
    """A trial's line that outlived a power cut included."""
    crontab, _, made = installed(tmp_path, FINE)
    cron = Cron(machine(tmp_path, crontab))
    cron.begin_trial(made, tmp_path / "result")
    remove(cron, made)
    remove(cron, made)
    assert (crontab.text, recorded(tmp_path, made.name)) == (OTHERS, None)
