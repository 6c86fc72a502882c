"""What would bill an hour twice, or lose it: clocks, ids and answers that mislead, corrections that cross targets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from autotime.billing import doubt
from autotime.billing.csv import CsvBiller
from autotime.billing.outbox import PushReport, push_files
from autotime.billing.payload import payload_of
from autotime.billing.picking import Wanted
from autotime.billing.resolving import Answer, Kind, cases, settle
from autotime.billing.sending import push_entries
from autotime.billing.sweep import sweep
from autotime.billing.voiding import batch_of, void_entries
from autotime.domain.delivery import DeliveryState, Offers, Remote, Submission
from autotime.domain.errors import NotAllowed, Stale
from autotime.store import Store
from tests.billing.firm import BOOKS, NOW, TIMEKEEPER, approve, entry, found
from tests.billing.memory import HOUR, MINUTE, Clock, MemoryBiller

DAY = date(2026, 3, 5)
S = DeliveryState


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with found(tmp_path, entry(1, day=DAY, suggestion="s1")) as store:
        yield store


@pytest.fixture
def biller() -> MemoryBiller:
    return MemoryBiller(Clock())


def push(store: Store, biller: MemoryBiller, *plan: str) -> PushReport:
    biller.plan = list(plan)
    return push_entries(store, biller, Wanted(), now=biller.clock, sleep=biller.clock.sleep)


def look(store: Store, biller: MemoryBiller, minutes: int = 15) -> None:
    biller.clock.now += minutes * MINUTE
    doubt.look(store, biller, biller.clock())


def given_up(store: Store, biller: MemoryBiller, fault: str = "lost_before") -> None:
    """Sent, lost, not found in two looks, and queued once more."""
    push(store, biller, fault)
    look(store, biller)
    look(store, biller)
    assert the(store, 1).state is S.QUEUED


def the(store: Store, number: int) -> Submission:
    (one,) = store.submissions.of_entry(entry(number).id)
    return one


def anew(store: Store, **changes: Any) -> None:
    """The first entry is taken back, and approved with other minutes."""
    store.entries.void(entry(1).id, "d8")
    approve(store, entry(9, day=DAY, billed_minutes=30, suggestion="s1", **changes))


def alike(number: int) -> Any:
    """Another entry that says what the first says."""
    said = entry(1)
    return entry(number, day=DAY, billed_minutes=said.billed_minutes, narrative=said.narrative)


# --- clocks ------------------------------------------------------------------------------------------


def test_a_clock_that_was_set_back_shortens_no_settling_time(store: Store, biller: MemoryBiller) -> None:
    """A request that is under way is not sent once more a minute later; and doubt does not last for ever."""
    push(store, biller, "lost_before")
    biller.clock.now -= HOUR
    for _ in range(3):
        look(store, biller, minutes=1)
    assert (the(store, 1).state, the(store, 1).looks) == (S.IN_DOUBT, 0)
    look(store, biller)
    look(store, biller)
    assert the(store, 1).state is S.QUEUED


def test_a_clock_that_was_set_back_lets_nobody_send_again_at_once(store: Store, biller: MemoryBiller) -> None:
    push(store, biller, "lost_before")
    biller.clock.now -= HOUR
    (case,) = cases(store, biller, biller.clock())
    assert (case.settles, case.answers) == (True, (Answer.LEAVE,))


# --- ids and answers that mislead --------------------------------------------------------------------


def test_an_answer_that_names_another_entry_of_ours_is_no_receipt(store: Store, biller: MemoryBiller) -> None:
    """A system that takes equal time for the same entry holds it once: the second is not said to be sent."""
    approve(store, alike(2))
    create = biller.create

    def once(payload: Any) -> Remote:
        return biller.rows[0] if biller.rows else create(payload)

    biller.create = once  # type: ignore[method-assign]
    push(store, biller)
    assert (the(store, 1).receipt, the(store, 2).receipt) == ("r101", "")
    assert the(store, 2).state is S.IN_DOUBT
    assert "r101" in the(store, 2).reason


@pytest.mark.parametrize("fault", ["ok", "lost_after"])
def test_an_id_that_is_given_twice_hides_nothing(store: Store, biller: MemoryBiller, fault: str) -> None:
    """The first was removed there; what has its id now is the second."""
    push(store, biller)
    biller.rows.clear()
    sweep(store, biller, biller.clock())
    biller.number = 100
    approve(store, entry(2, day=DAY))
    push(store, biller, fault)
    look(store, biller)
    look(store, biller)
    push(store, biller)
    assert (the(store, 1).state, the(store, 2).state, the(store, 2).receipt) == (S.REMOVED_THERE, S.SENT, "r101")
    assert len(biller.rows) == 1


def test_one_entry_there_is_claimed_for_one_of_ours(store: Store, biller: MemoryBiller) -> None:
    """Two doubts that may be the same one are answered one after the other."""
    approve(store, entry(2, day=DAY))
    push(store, biller, "lost_before", "lost_before")
    biller.add(replace(biller.row(payload_of(entry(1, day=DAY), BOOKS, TIMEKEEPER)), seconds=999))
    biller.clock.now += HOUR
    first, second = cases(store, biller, biller.clock())
    settle(store, biller, first, Answer.CLAIM, "r101", biller.clock())
    with pytest.raises(Stale, match="r101"):
        settle(store, biller, second, Answer.CLAIM, "r101", biller.clock())
    assert the(store, 2).state is S.IN_DOUBT


def test_a_twin_of_what_was_sent_holds_an_equal_entry(store: Store, biller: MemoryBiller) -> None:
    """Somebody else may have entered just that one."""
    push(store, biller)
    approve(store, alike(2))
    biller.add(replace(biller.rows[0], id=""))
    push(store, biller)
    assert "says the same already (r102)" in the(store, 2).reason
    assert len(biller.rows) == 2


def test_a_mark_that_is_ours_and_a_person_who_claims_it(store: Store, biller: MemoryBiller) -> None:
    """One that was refused, and entered there by hand since."""
    push(store, biller, "no")
    biller.add(biller.row(payload_of(entry(1, day=DAY), BOOKS, TIMEKEEPER)))
    (case,) = cases(store, biller, biller.clock())
    settle(store, biller, case, Answer.CLAIM, "", biller.clock())
    assert (the(store, 1).state, the(store, 1).receipt) == (S.SENT, "r101")


# --- what arrives after it was given up --------------------------------------------------------------


def test_a_first_request_that_arrives_after_the_second_was_refused_is_found(store: Store, biller: MemoryBiller) -> None:
    biller.delay = 50 * MINUTE
    given_up(store, biller, "late")
    push(store, biller, "no")
    assert the(store, 1).state is S.REFUSED
    biller.clock.now += HOUR
    push(store, biller)
    assert (the(store, 1).state, the(store, 1).receipt, biller.asked.count("create")) == (S.SENT, "r101", 2)


def test_one_that_waits_for_a_person_is_found_though_it_may_not_go(store: Store, biller: MemoryBiller) -> None:
    """Else it would stand there as somebody's other work."""
    biller.delay = 50 * MINUTE
    given_up(store, biller, "late")
    biller.refusal = "its matter is closed there"
    look(store, biller, minutes=60)
    assert (the(store, 1).state, the(store, 1).receipt) == (S.SENT, "r101")


def test_one_that_was_taken_back_and_arrives_after_all_is_told(store: Store, biller: MemoryBiller) -> None:
    """With the command that removes it there."""
    biller.delay = 50 * MINUTE
    given_up(store, biller, "late")
    store.entries.void(entry(1).id, "d8")
    look(store, biller, minutes=60)
    (line,) = push(store, biller).lines
    assert line.reason.endswith(f"autotime void memory-0001 --entry {entry(1).id}")
    assert [one.state for one in void_entries(store, biller, batch_of(store, "memory-0001"))] == ["taken_back"]
    assert (the(store, 1).state, biller.rows) == (S.CANCELLED, [])


# --- corrections that cross --------------------------------------------------------------------------


def test_time_approved_anew_goes_to_no_other_target_while_it_stands_in_the_first(
    store: Store, biller: MemoryBiller, tmp_path: Path
) -> None:
    """The billing target was changed meanwhile: the same hours would be on two bills."""
    push(store, biller)
    anew(store)
    report = push_files(store, CsvBiller(), {}, tmp_path / "out", now=NOW)
    assert report.batch is None
    stands = f"it stands in memory as it was before: autotime void memory-0001 --entry {entry(1).id}"
    assert stands in [line.reason for line in report.lines]
    void_entries(store, biller, batch_of(store, "memory-0001"))
    assert push_files(store, CsvBiller(), {}, tmp_path / "out", now=NOW).batch is not None
    assert biller.rows == []


def test_a_removal_that_was_killed_before_it_was_recorded_is_finished(store: Store, biller: MemoryBiller) -> None:
    """A night has seen meanwhile that it is gone: nobody is asked to send it again."""
    push(store, biller)
    anew(store)
    biller.rows.clear()
    sweep(store, biller, biller.clock())
    assert cases(store, biller, biller.clock()) == []
    assert (the(store, 1).state, the(store, 1).earlier) == (S.CANCELLED, ("r101",))
    push(store, biller)
    assert (the(store, 1).state, the(store, 9).state, len(biller.rows)) == (S.CANCELLED, S.SENT, 1)


def test_what_was_taken_back_here_is_not_made_there_again(store: Store, biller: MemoryBiller) -> None:
    push(store, biller)
    store.entries.void(entry(1).id, "d8")
    biller.rows[0] = replace(biller.rows[0], seconds=7200)
    sweep(store, biller, biller.clock())
    (case,) = cases(store, biller, biller.clock())
    assert (case.kind, case.answers) == (Kind.DRIFT, (Answer.LEAVE,))


def test_an_id_it_stood_under_before_is_kept(store: Store, biller: MemoryBiller) -> None:
    """Removed and sent anew; a list that shows the old one still does not pass for somebody else's time."""
    biller.offers = Offers(removes=True)
    push(store, biller)
    gone = biller.rows[0]
    void_entries(store, biller, batch_of(store, "memory-0001"))
    assert (the(store, 1).receipt, the(store, 1).earlier) == ("", ("r101",))
    biller.rows.append(gone)
    push(store, biller)
    assert the(store, 1).reason == (
        "r101, which was taken back, is listed in memory still: autotime push memory again, later"
    )
    biller.rows.clear()
    push(store, biller)
    assert (the(store, 1).state, the(store, 1).earlier) == (S.SENT, ("r101",))


# --- settings that change ----------------------------------------------------------------------------


class Prefixed(MemoryBiller):
    """A system whose field of notes is mapped by a setting."""

    prefix = ""

    def row(self, payload: Any) -> Remote:
        made = super().row(payload)
        return replace(made, narrative=self.prefix + made.narrative)

    def told(self, payload: Any) -> dict[str, str | int]:
        return {"note": self.row(payload).narrative}


def test_a_mapping_that_is_changed_makes_no_drift_of_what_was_sent(store: Store) -> None:
    """What was sent before was sent otherwise, and stands there as it was sent."""
    biller = Prefixed(Clock())
    push(store, biller)
    biller.prefix = "AO: "
    assert sweep(store, biller, biller.clock()) == ()
    assert the(store, 1).state is S.SENT
    biller.rows.clear()
    assert [line.state for line in sweep(store, biller, biller.clock())] == ["removed_there"]


def test_a_mapping_that_is_changed_while_one_is_in_doubt_sends_nothing_twice(store: Store) -> None:
    """It is not known by what it would say now: a person is shown what came."""
    biller = Prefixed(Clock())
    push(store, biller, "lost_after")
    biller.prefix = "AO: "
    look(store, biller)
    look(store, biller)
    push(store, biller)
    assert "something like it" in the(store, 1).reason
    assert len(biller.rows) == 1


def test_one_that_another_target_refused_is_told(store: Store, biller: MemoryBiller, tmp_path: Path) -> None:
    """The settings name another target now."""
    push(store, biller, "no")
    (line,) = push_files(store, CsvBiller(), {}, tmp_path / "out", now=NOW).lines
    assert (line.state, line.reason) == ("waits_elsewhere", "memory will bill it: autotime push memory")


# --- power and disks ---------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["database or disk is full", "database is locked"])
def test_a_disk_that_is_full_when_sent_is_recorded_sends_nothing_twice(
    store: Store, biller: MemoryBiller, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    approve(store, entry(2, day=DAY))
    save = type(store.submissions).save

    def full(self: Any, one: Submission) -> None:
        if one.state is S.SENT:
            raise OSError(trouble)
        save(self, one)

    with monkeypatch.context() as broken:
        broken.setattr(type(store.submissions), "save", full)
        with pytest.raises(OSError, match=trouble):
            push(store, biller)
    assert the(store, 1).state is S.SENDING
    push(store, biller)
    look(store, biller)
    assert [the(store, n).state for n in (1, 2)] == [S.SENT, S.SENT]
    assert len(biller.rows) == 2


def test_a_read_back_that_fails_in_between_is_made_up_for_at_night(store: Store, biller: MemoryBiller) -> None:
    approve(store, entry(2, day=DAY))
    present, asked = biller.present, []

    def once(payloads: Any) -> list[Remote]:
        asked.append(len(payloads))
        if len(asked) == 2:
            raise OSError("no route")
        return present(payloads)

    biller.present = once  # type: ignore[method-assign]
    report = push(store, biller)
    assert report.stopped is not None
    assert [(the(store, n).state, the(store, n).agreed) for n in (1, 2)] == [(S.SENT, False)] * 2
    sweep(store, biller, biller.clock())
    assert [the(store, n).agreed for n in (1, 2)] == [True, True]


def test_what_is_in_doubt_cannot_be_taken_back(store: Store, biller: MemoryBiller) -> None:
    """Else it and what is approved in its place would both stand there."""
    push(store, biller, "lost_after")
    with pytest.raises(NotAllowed, match="in doubt"):
        anew(store)
    assert the(store, 1).state is S.IN_DOUBT
