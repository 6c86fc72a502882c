"""A night from the command line: once, with a report, an exit code, and alerts that fail nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autotime import pipeline, settings
from autotime.office import Office, lock_of, open_office
from autotime.operations import nightly
from autotime.operations.founding import config_text
from autotime.operations.lock import one_run
from autotime.settings import Settings
from autotime.steps import nights
from autotime.steps.collecting import Progress
from tests.cli.run import Ran, autotime
from tests.collectors.sources import letter, mbox, put

from .firms import EXPIRED, MISSING, PARTIAL, evidence_of, founded

HOUR = 3600


def configured(made: Settings) -> Path:
    """The settings as a file; the home of an office that was founded with them."""
    told = made.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    told["sources"] = [source.model_dump() for source in made.sources]
    (made.home / "config.toml").write_text(config_text(told), encoding="utf-8")
    return made.home


def office(home: Path, *sources: dict[str, Any], people: tuple[str, ...] = ("AOK",), **more: Any) -> Path:
    return configured(founded(home, people, sources, **more))


def night(home: Path, *words: str) -> Ran:
    return autotime(home, "run", "--nightly", *words)


def reports(home: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text("utf-8")) for path in sorted((home / "reports").glob("2*.json"))]


def test_a_night_is_done_once_and_leaves_a_report(tmp_path: Path) -> None:
    """The second call of the day does nothing and says nothing, as an hourly line of cron needs it."""
    home = office(tmp_path)
    first, second = night(home), night(home)
    assert (first.code, second.code, second.out, second.err) == (0, 0, "", "")
    (report,) = reports(home)
    assert (report["outcome"], report["exit_code"], report["timekeepers"][0]["collected"][0]["new"]) == ("done", 0, 1)
    (file,) = (home / "reports").glob("2*.json")
    assert file.stat().st_mode & 0o777 == 0o600
    asked = night(home, "--json").json
    assert (asked["outcome"], asked["due"], asked["last"]["outcome"]) == ("not due", False, "done")


def test_a_sign_in_that_is_needed_fails_no_night(tmp_path: Path) -> None:
    """The other sources are read, and it stands in the report and in the alerts, with what to do."""
    home = office(tmp_path, EXPIRED)
    done = night(home)
    assert done.code == 0
    assert 'next: autotime connect "cloud"' in done.err
    (report,) = reports(home)
    assert report["outcome"] == "sign-in needed"
    assert [alert["kind"] for alert in report["alerts"]] == ["sign-in needed"]
    assert report["timekeepers"][0]["collected"][0]["new"] == 1


def test_the_same_holds_for_a_run_by_hand(tmp_path: Path) -> None:
    """Said in words."""
    home = office(tmp_path, EXPIRED)
    done = autotime(home, "run")
    assert (done.code, "cloud: sign-in needed" in done.err, 'autotime connect "cloud"' in done.err) == (0, True, True)


def test_what_a_source_did_not_give_is_said_with_what_would_help(tmp_path: Path) -> None:
    """The other parts went on; by hand as well."""
    home = office(tmp_path, PARTIAL)
    for words in (("collect",), ("run",), ("run", "--nightly")):
        done = autotime(home, *words)
        assert (done.code, "phone: calls not collected: a permission is missing" in done.err) == (0, True)
        assert "next: ask the administrator for CallRecords.Read" in done.err


def test_a_source_that_could_not_be_read_fails_the_night(tmp_path: Path) -> None:
    """Missing data must not look like a day without work."""
    home = office(tmp_path, MISSING, EXPIRED)
    done = night(home)
    (report,) = reports(home)
    assert (done.code, report["outcome"], report["exit_code"]) == (1, "incomplete", 1)


def test_while_another_run_is_at_work_the_night_waits_for_the_next_look(tmp_path: Path) -> None:
    """Exit 0, who is at it, and no report: the night is still due."""
    home = office(tmp_path)
    with one_run(home / "locks" / "AOK.lock", 1_773_000_000):
        done = night(home)
    assert (done.code, reports(home)) == (0, [])
    assert "already running" in done.out
    assert f"(pid {os.getpid()} since 2026-03-08 20:00:00 UTC)" in done.err
    with one_run(home / "locks" / "night.lock", 1_773_000_000):
        done = night(home)
    assert (done.code, reports(home), "already running: another run is at work (pid" in done.err) == (0, [], True)
    assert (night(home).code, len(reports(home))) == (0, 1)


def test_a_folder_that_is_not_there_is_named_nowhere(tmp_path: Path) -> None:
    """It may bear a client's name; reports and logs are plain, and what is said goes to a journal or cron's mail."""
    home = office(tmp_path, MISSING | {"paths": [str(tmp_path / "Harrow v. Lund")]})
    done = night(home)
    assert "AOK: share: path 1 of the source is not there\n  next: check the source's paths in the settings" in done.err
    plain = [path for folder in ("reports", "logs") for path in (home / folder).rglob("*") if path.is_file()]
    assert len(plain) >= 3
    assert "Harrow" not in done.out + done.err + "".join(path.read_text("utf-8") for path in plain)


SLOT = 1_773_040_620
"""Monday 9 March 2026, 02:17 in Chicago, the day after the clocks went forward."""


def tried(made: Settings, now: int, outcomes: dict[str, str], people: tuple[str, ...] = ("AOK",)) -> dict[str, Any]:
    """One look at the clock: the report of the night, or nothing where none is due."""

    def work(office: Office, _progress: Progress) -> dict[str, Any]:
        trouble = outcomes[office.timekeeper.id]
        source = {"account": "mail", "source": "mbox", "new": 0, "changed": 0, "gaps": [], "kind": "", "hint": ""}
        return {"collected": [source | {"trouble": trouble, "sign_in_needed": False}], "days": [], "suggestions": 0}

    job = nights.Job(people)
    with nights.one_night(made, job, now) as due:
        return nights.night(made, job, now, work, clock=lambda: now + 60) if due else {}


def test_a_night_without_a_network_is_tried_again_when_there_is_one(tmp_path: Path) -> None:
    """A laptop that was asleep at 02:17 runs on waking, before its network is up; one report tells of the day."""
    made = founded(tmp_path, ("AOK",))
    assert tried(made, SLOT, {"AOK": "no network"})["outcome"] == "incomplete"
    assert tried(made, SLOT + 19 * 60, {"AOK": ""}) == {}
    standing = nights.standing(made, nights.Job(("AOK",)), SLOT + 19 * 60)
    assert (standing["due"], standing["next"]) == (False, nightly.clock(SLOT + 20 * 60))
    assert tried(made, SLOT + HOUR, {"AOK": ""})["outcome"] == "done"
    assert tried(made, SLOT + 2 * HOUR, {"AOK": ""}) == {}
    (report,) = reports(tmp_path)
    assert (report["outcome"], report["attempts"], report["date"]) == ("done", 2, "2026-03-09")


def test_a_night_that_fails_again_and_again_is_given_up_until_the_next(tmp_path: Path) -> None:
    """An hourly look makes five attempts of the day, and the first of the next day is one again."""
    made = founded(tmp_path, ("AOK",))
    done = [bool(tried(made, SLOT + number * HOUR, {"AOK": "away"})) for number in range(24)]
    assert [number for number, one in enumerate(done) if one] == [0, 1, 2, 4, 7]
    tried(made, SLOT + 24 * HOUR, {"AOK": "away"})
    assert [report["attempts"] for report in reports(tmp_path)] == [5, 1]


def test_the_nights_that_were_missed_are_told_by_the_last_attempt_too(tmp_path: Path) -> None:
    """It replaces the report of the first."""
    made = founded(tmp_path, ("AOK",))
    for now, trouble in ((SLOT, ""), (SLOT + 72 * HOUR, "away"), (SLOT + 73 * HOUR, "")):
        tried(made, now, {"AOK": trouble})
    assert [report["missed_nights"] for report in reports(tmp_path)] == [0, 2]


def test_one_of_several_who_was_busy_keeps_the_night_due(tmp_path: Path) -> None:
    """The look every five minutes holds a lock at 02:17: an hour later the night is done for both."""
    made, people = founded(tmp_path, ("AOK", "BEN")), ("AOK", "BEN")
    well = dict.fromkeys(people, "")
    with one_run(lock_of(made, "AOK"), SLOT):
        report = tried(made, SLOT, well, people)
    assert [one["outcome"] for one in report["timekeepers"]] == ["already running", "done"]
    assert (report["finished"], report["attempts"]) == (None, 0)
    assert [one["outcome"] for one in tried(made, SLOT + HOUR, well, people)["timekeepers"]] == ["done", "done"]
    assert tried(made, SLOT + 2 * HOUR, well, people) == {}


def test_while_one_is_busy_somebody_hears_of_the_others(tmp_path: Path) -> None:
    """A run that hangs for days must not keep all alerts back."""
    made = founded(tmp_path, ("AOK", "BEN"))
    (tmp_path / "BEN.key").unlink()
    with one_run(lock_of(made, "AOK"), SLOT):
        report = tried(made, SLOT, {}, ("AOK", "BEN"))
    assert [(alert["kind"], alert["timekeeper"]) for alert in report["alerts"]] == [("failed", "BEN")]


def test_what_an_alert_says_of_a_failure_is_the_name_of_the_error(tmp_path: Path) -> None:
    """Its words may hold a path, and a path a client: neither the alerts' command nor the status is given them."""
    made = founded(tmp_path / "Harrow v. Lund", ("AOK",))
    (made.home / "AOK.key").unlink()
    (alert,) = tried(made, SLOT, {})["alerts"]
    assert (alert["state"], "Harrow" in json.dumps(alert)) == ("NotSetUp", False)
    assert "Harrow" not in json.dumps(nights.standing(made, nights.Job(("AOK",)), SLOT))


def test_what_came_by_day_is_no_silence_at_night(tmp_path: Path) -> None:
    """A poll collected it ten days later; the night after it finds nothing new, and that is well."""
    made, job = founded(tmp_path, ("AOK",)), nights.Job(("AOK",))

    def worked(now: int) -> dict[str, Any]:
        return nights.night(made, job, now, lambda office, told: pipeline.run(office, told).told(), clock=lambda: now)

    worked(SLOT)
    later = SLOT + 10 * 24 * HOUR
    put(tmp_path / "mail" / "AOK.mbox", mbox(letter(0), letter(1)))
    pipeline.run_everyone(made, later - HOUR)
    report = worked(later)
    assert (report["timekeepers"][0]["collected"][0]["new"], report["alerts"]) == (0, [])


def test_a_night_of_everybody_is_one_report(tmp_path: Path) -> None:
    """One whose key is gone fails it; the others are collected."""
    home = office(tmp_path, people=("AOK", "BEN", "CAT"))
    (home / "BEN.key").unlink()
    done = night(home, "--everyone", "--at-once", "2")
    (report,) = reports(home)
    assert (done.code, report["outcome"]) == (1, "failed")
    assert [one["outcome"] for one in report["timekeepers"]] == ["done", "failed", "done"]


def test_each_of_several_timekeepers_has_nights_of_its_own(tmp_path: Path) -> None:
    """Done for one is not done for the other."""
    home = office(tmp_path, people=("AOK", "BEN"))
    assert [night(home, "--timekeeper", who).code for who in ("AOK", "BEN")] == [0, 0]
    assert [one["timekeepers"][0]["timekeeper"] for one in reports(home)] == ["AOK", "BEN"]


def test_a_run_of_everybody_by_hand_says_whose_failed(tmp_path: Path) -> None:
    """And leaves no report."""
    home = office(tmp_path, people=("AOK", "BEN"))
    (home / "BEN.key").unlink()
    done = autotime(home, "run", "--everyone")
    assert (done.code, (home / "reports").exists()) == (1, False)
    assert "BEN: there is no key file" in done.out
    assert [one["timekeeper"] for one in autotime(home, "run", "--everyone", "--json").json] == ["AOK", "BEN"]


def test_alerts_go_to_the_command_of_the_settings_and_fail_nothing(tmp_path: Path) -> None:
    """One that hears, and one that is not there."""
    heard = tmp_path / "heard.json"
    script = f"import sys; open({str(heard)!r}, 'w').write(sys.stdin.read())"
    home = office(tmp_path / "one", EXPIRED, alerts={"command": [sys.executable, "-c", script]})
    assert night(home).code == 0
    assert json.loads(heard.read_text("utf-8"))["alerts"][0]["hint"] == 'autotime connect "cloud"'
    home = office(tmp_path / "other", EXPIRED, alerts={"command": ["/nowhere/at-all"]})
    done = night(home)
    assert (done.code, reports(home)[0]["alerts_failed"]) == (0, "the alerts' command ended with 127")
    assert "check [alerts]" in done.err


@pytest.mark.parametrize("many", [3, pytest.param(100, marks=pytest.mark.storm)])
def test_nights_started_together_are_one(tmp_path: Path, many: int) -> None:
    """The others say who is at work, or that it is done; all exit with 0."""
    home = office(tmp_path)
    command = [sys.executable, "-m", "autotime.cli", "run", "--nightly"]
    env = {**os.environ, "AUTOTIME_HOME": str(home)}
    started = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(many)]
    told = [(run.communicate(timeout=300), run.returncode)[1] for run in started]
    (report,) = reports(home)
    assert told == [0] * many
    assert report["timekeepers"][0]["collected"][0]["new"] == 1


SLOW = '''
import time
from autotime.domain.evidence import Batch, Evidence, Kind, SyncCursor

class Slow:
    """A page every few milliseconds, for ever."""
    source = "slow_pages:Slow"
    def __init__(self, account):
        self.account = account
    def collect(self, cursor, context):
        number = int(cursor.value) if cursor else 0
        while True:
            number += 1
            names = {"account": self.account, "source": self.source, "key": str(number)}
            yield Batch((Evidence(**names, kind=Kind.MESSAGE, at=number, own=True),), SyncCursor(str(number)))
            time.sleep(0.005)
'''


@pytest.mark.skipif(os.name != "posix", reason="Windows ends a process without asking it")
def test_a_night_that_is_told_to_stop_ends_between_two_pages(tmp_path: Path) -> None:
    """SIGTERM: exit 143 within five seconds, the store whole, the lock free, and the night still due."""
    (tmp_path / "slow_pages.py").write_text(SLOW, encoding="utf-8")
    home = office(tmp_path / "home", {"account": "slow", "type": "slow_pages:Slow"})
    running = subprocess.Popen(
        [sys.executable, "-m", "autotime.cli", "run", "--nightly"],
        env={**os.environ, "AUTOTIME_HOME": str(home), "PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    log = home / "logs" / "autotime.log"
    while not log.exists() and running.poll() is None:
        os.sched_yield()
    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=5)
    assert (running.returncode, "stopped" in out, err) == (143, True, "")
    (report,) = reports(home)
    assert (report["outcome"], report["finished"]) == ("stopped", None)
    assert autotime(home, "audit", "verify").code == 0
    assert autotime(home, "schedule", "status", "--json").json["due"]
    assert stored(home) == read_up_to(home)


def stored(home: Path) -> int:
    """Pieces of evidence, without the one mail."""
    return evidence_of(settings.load(home / "config.toml", home), "AOK") - 1


def read_up_to(home: Path) -> int:
    """The number of the last page, as the cursor says."""
    with open_office(settings.load(home / "config.toml", home), "AOK", 0).store as store:
        cursor = store.cursors.get("slow", "slow_pages:Slow")
    return int(cursor.value) if cursor else 0
