"""Many timekeepers in one run: each by itself, a few at once, and none harmed by another."""

from __future__ import annotations

import threading
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from autotime import pipeline
from autotime.office import Office, lock_of
from autotime.operations.lock import one_run
from autotime.operations.stopping import Stopped
from autotime.steps import everyone
from autotime.steps.collecting import Progress
from autotime.steps.everyone import for_each
from autotime.testing.collectors import NOW
from tests.collectors.sources import MONDAY, letter, mbox, put

from .firms import evidence_of, founded

PEOPLE = ("AOK", "BEN", "CAT", "DOV", "EVE")


def test_each_mailbox_goes_into_its_own_store(tmp_path: Path) -> None:
    """In the order of the settings; a second run finds nothing new."""
    made = founded(tmp_path, PEOPLE)
    outcomes = pipeline.run_everyone(made, NOW, at_once=3)
    assert [(one.timekeeper, one.done and one.done.collected[0].new) for one in outcomes] == [(w, 1) for w in PEOPLE]
    assert [evidence_of(made, who) for who in PEOPLE] == [1] * 5
    again = pipeline.run_everyone(made, NOW)
    assert [one.done and one.done.collected[0].new for one in again] == [0] * 5


def test_one_that_fails_harms_no_other(tmp_path: Path) -> None:
    """A key that is gone, a mailbox that is gone, a run that is at work, a defect: each is told where it belongs."""
    made = founded(tmp_path, PEOPLE)
    (tmp_path / "AOK.key").unlink()
    (tmp_path / "mail" / "BEN.mbox").unlink()

    def work(office: Office, progress: Progress) -> pipeline.Ran:
        if office.timekeeper.id == "CAT":
            raise ValueError("Subject: Harrow v. Lund")
        return pipeline.run(office, progress)

    with one_run(lock_of(made, "DOV"), NOW):
        lost, away, broken, busy, well = for_each(made, PEOPLE, NOW, work)
    assert "no key file" in lost.trouble
    assert away.done
    assert away.done.collected[0].trouble
    assert broken.trouble == "met a defect (ValueError)"
    assert (busy.busy, "another run is at work" in busy.trouble) == (True, True)
    assert well.done
    assert well.done.collected[0].new == 1


def test_a_month_of_days_off_is_caught_up_by_one_run(tmp_path: Path) -> None:
    """Every day of it is drafted."""
    made = founded(tmp_path, ("AOK",))
    put(tmp_path / "mail" / "AOK.mbox", mbox(*(letter(day, sent=MONDAY + day * 86_400) for day in range(30))))
    (outcome,) = pipeline.run_everyone(made, MONDAY + 31 * 86_400)
    assert outcome.done
    assert outcome.done.days == [date(2026, 3, 9) + timedelta(days=day) for day in range(30)]


@pytest.mark.parametrize("at_once", [1, 2, 4])
def test_no_more_are_at_work_than_were_allowed(tmp_path: Path, at_once: int) -> None:
    """And as many as were allowed, where there are as many."""
    made, enough, counting = founded(tmp_path, PEOPLE), threading.Event(), threading.Lock()
    at_work, most = 0, 0

    def work(_office: Office, _progress: Progress) -> None:
        nonlocal at_work, most
        with counting:
            at_work += 1
            most = max(most, at_work)
            if most >= at_once:
                enough.set()
        assert enough.wait(30)
        with counting:
            at_work -= 1

    for_each(made, PEOPLE, NOW, work, at_once=at_once)
    assert most == at_once


def test_progress_says_whose_it_is(tmp_path: Path) -> None:
    """Where there are several; alone, nobody needs to be told."""
    told: set[str] = set()

    def watch(what: str, _done: int, _of: int) -> None:
        told.add(what)

    made = founded(tmp_path, ("AOK", "BEN"))
    for_each(made, ("AOK", "BEN"), NOW, pipeline.run, progress=watch)
    assert {"AOK: mail", "BEN: mail"} <= told
    for_each(made, ("AOK",), NOW + 1, lambda _, progress: progress("mail", 1, 1), progress=watch)
    assert "mail" in told


# -- stopping -----------------------------------------------------------------------------------------------


def test_a_run_that_is_asked_to_stop_stops_between_two_pages(tmp_path: Path) -> None:
    """What was stored stays, the lock is free, and those whose turn had not come are told as stopped."""
    made, stop = founded(tmp_path, PEOPLE[:3]), threading.Event()
    stored: list[str] = []

    def work(office: Office, progress: Progress) -> None:
        pipeline.collect(office, progress)
        stored.append(office.timekeeper.id)
        stop.set()
        progress("the next page", 1, 2)
        raise AssertionError("it went on")

    outcomes = for_each(made, PEOPLE[:3], NOW, work, at_once=1, stop=stop)
    assert [one.stopped for one in outcomes] == [True, True, True]
    assert stored == ["AOK"]
    assert evidence_of(made, "AOK") == 1
    with one_run(lock_of(made, "AOK"), NOW):
        pass


def test_what_waits_for_a_network_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a grace, in which a transaction ends; nothing of what did not come was stored."""
    monkeypatch.setattr(everyone, "GRACE", 0.05)
    made, stop, answered = founded(tmp_path, ("AOK",)), threading.Event(), threading.Event()

    def work(_office: Office, _progress: Progress) -> None:
        stop.set()
        answered.wait(30)

    before = time.monotonic()
    (outcome,) = for_each(made, ("AOK",), NOW, work, stop=stop)
    assert (outcome.stopped, everyone.still_at_work()) == (True, True)
    assert time.monotonic() - before < 5
    answered.set()
    for thread in threading.enumerate():
        if thread.name.startswith("timekeeper"):
            thread.join(10)
    assert not everyone.still_at_work()


def test_stopping_is_held_by_no_broad_except() -> None:
    """A collector that breaks is reported and passed over; a stop is not."""
    assert not issubclass(Stopped, Exception)
