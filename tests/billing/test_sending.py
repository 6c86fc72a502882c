"""Entries into a billing system that is asked over the network: each once, and each outcome by its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from autotime.billing.outbox import PushReport
from autotime.billing.payload import payload_of, sha256
from autotime.billing.picking import Wanted
from autotime.billing.sending import push_entries
from autotime.billing.sweep import sweep
from autotime.domain.delivery import Billed, DeliveryState, Offers, Remote, Submission
from autotime.domain.errors import Misused, SignInNeeded, SourceUnavailable
from autotime.store import Store
from tests.billing.firm import BOOKS, NOW, TIMEKEEPER, approve, entry, found
from tests.billing.memory import Clock, MemoryBiller

DAY = date(2026, 3, 5)
FOREIGN = Remote(id="", timekeeper="AOK", matter="2026-001", day=DAY, seconds=1800, narrative="Entered by hand")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with found(tmp_path, *(entry(n, day=DAY) for n in (1, 2, 3))) as store:
        yield store


@pytest.fixture
def biller() -> MemoryBiller:
    return MemoryBiller(Clock())


def push(store: Store, biller: MemoryBiller, **options: Any) -> PushReport:
    asked = {"now": biller.clock, "sleep": biller.clock.sleep, **options}
    return push_entries(store, biller, asked.pop("wanted", Wanted()), **asked)


def states(store: Store) -> list[str]:
    return [one.state.value for one in everything(store)]


def everything(store: Store) -> list[Submission]:
    return sorted(store.submissions.in_state(*DeliveryState), key=lambda one: one.entry)


def test_each_entry_goes_once_with_a_receipt_and_is_read_back(store: Store, biller: MemoryBiller) -> None:
    """The receipt is the system's own id; what was sent is kept with its hash, and the push has a number."""
    report = push(store, biller)
    assert [(line.state, line.receipt) for line in report.lines] == [
        ("sent", "r101"),
        ("sent", "r102"),
        ("sent", "r103"),
    ]
    assert report.batch is not None
    assert report.batch.id == "memory-0001"
    first = everything(store)[0]
    assert (first.batch, first.version, first.agreed, first.attempts, first.sent_at) == (
        "memory-0001",
        "v1",
        True,
        1,
        NOW,
    )
    assert first.payload_hash == sha256(first.payload)
    assert '"quantity":360' in first.told
    assert len(biller.rows) == 3
    assert store.audit.verify().ok


def test_a_second_push_asks_nothing(store: Store, biller: MemoryBiller) -> None:
    push(store, biller)
    asked = len(biller.asked)
    assert push(store, biller).lines == ()
    assert len(biller.asked) == asked


def test_five_hundred_entries_take_few_questions_beside_their_own(tmp_path: Path, biller: MemoryBiller) -> None:
    """What stands there is listed by stretches of days, not by entry."""
    many = [entry(n, day=date(2026, 3, 1 + n % 28), billed_minutes=6) for n in range(1, 501)]
    with found(tmp_path, *many) as store:
        push(store, biller)
        assert states(store) == ["sent"] * 500
    assert len(biller.asked) <= 1.3 * 500
    assert biller.asked.count("present") <= 25


def test_a_refusal_waits_for_a_person_and_a_later_push_tries_again(store: Store, biller: MemoryBiller) -> None:
    biller.plan = ["ok", "no", "ok"]
    report = push(store, biller)
    assert [line.state for line in report.lines] == ["sent", "refused", "sent"]
    assert "the matter is closed" in report.lines[1].reason
    assert [line.state for line in push(store, biller).lines] == ["sent"]
    assert len(biller.rows) == 3


def test_a_system_that_is_busy_is_waited_for_as_it_asks(store: Store, biller: MemoryBiller) -> None:
    biller.plan = ["too_many", "too_many", "ok"]
    push(store, biller)
    assert states(store) == ["sent"] * 3
    assert biller.clock() == NOW + 14
    assert everything(store)[0].attempts == 1


def test_patience_ends_and_what_is_left_stays_queued(store: Store, biller: MemoryBiller) -> None:
    biller.plan = ["ok", *["too_many"] * 100]
    report = push(store, biller, patience=30)
    assert states(store) == ["sent", "queued", "queued"]
    assert isinstance(report.stopped, SourceUnavailable)
    assert "not sent" in report.lines[-1].reason
    biller.plan = []
    push(store, biller)
    assert states(store) == ["sent"] * 3
    assert len(biller.rows) == 3


def test_a_sign_in_that_ended_stops_the_push(store: Store, biller: MemoryBiller) -> None:
    biller.plan = ["ok", "signed_out"]
    report = push(store, biller)
    assert states(store) == ["sent", "queued", "queued"]
    assert isinstance(report.stopped, SignInNeeded)
    assert report.stopped.hint == "autotime connect memory"
    assert biller.asked.count("create") == 2


def test_a_system_that_cannot_be_listed_is_sent_nothing(store: Store, biller: MemoryBiller) -> None:
    """Without knowing what stands there, doubt could not end."""
    biller.broken = SourceUnavailable("memory does not answer")
    report = push(store, biller)
    assert states(store) == ["queued"] * 3
    assert report.stopped is not None
    assert "create" not in biller.asked


@pytest.mark.parametrize("fault", ["not_done", "done_5xx", "lost_before", "lost_after", "late", "odd"])
def test_an_answer_that_proves_nothing_is_doubt(store: Store, biller: MemoryBiller, fault: str) -> None:
    """And the others go on."""
    biller.plan = ["ok", fault]
    push(store, biller)
    assert states(store) == ["sent", "in_doubt", "sent"]
    push(store, biller)
    assert biller.asked.count("create") == 3


def test_three_doubts_in_a_row_end_a_push(tmp_path: Path, biller: MemoryBiller) -> None:
    """The rest of the day is not thrown after them."""
    biller.plan = ["lost_before"] * 5
    with found(tmp_path, *(entry(n, day=DAY) for n in range(1, 6))) as store:
        assert push(store, biller).stopped is not None
        assert states(store) == ["in_doubt"] * 3 + ["queued"] * 2


def test_a_day_with_time_from_elsewhere_waits_for_a_person(store: Store, biller: MemoryBiller) -> None:
    """Another day goes. What was imported or acknowledged explains itself."""
    there = biller.add(FOREIGN)
    approve(store, entry(4, day=date(2026, 3, 6)))
    report = push(store, biller)
    assert states(store) == ["queued"] * 3 + ["sent"]
    assert f"on 2026-03-05 memory has time that was not sent from here ({there.id}): autotime resolve memory" in [
        line.reason for line in report.lines
    ]
    store.billed.upsert([Billed(target="memory", remote=there.id, day=DAY, matter="2026-001", seconds=1800)])
    push(store, biller)
    assert states(store) == ["sent"] * 4


def test_time_there_that_says_the_same_is_named_as_such(store: Store, biller: MemoryBiller) -> None:
    """A second store of the same timekeeper was faster, or the work was entered by hand too."""
    there = biller.add(biller.row(payload_of(entry(2, day=DAY), BOOKS, TIMEKEEPER)))
    report = push(store, biller)
    assert states(store) == ["queued"] * 3
    same = f"memory has one that says the same already ({there.id}): autotime resolve memory"
    assert [line.reason == same for line in report.lines] == [False, True, False]


def test_somebody_else_s_time_is_no_matter(store: Store, biller: MemoryBiller) -> None:
    biller.add(replace(FOREIGN, timekeeper="KIM"))
    push(store, biller)
    assert states(store) == ["sent"] * 3


def test_what_a_system_has_no_place_for_is_agreed_to_once(store: Store, biller: MemoryBiller) -> None:
    asked: list[Sequence[str]] = []

    def agrees(drops: Sequence[str]) -> bool:
        asked.append(drops)
        return True

    biller.lossy = ("task_code",)
    refused = push(store, biller)
    assert states(store) == ["queued"] * 3
    assert "no place for its task_code: autotime push memory --accept-losses" in refused.lines[0].reason
    push(store, biller, accept=agrees)
    approve(store, entry(4, day=DAY))
    push(store, biller, accept=agrees)
    assert asked == [["task_code"]]
    assert states(store) == ["sent"] * 4


def test_a_dry_run_shows_what_would_be_told_and_lost_and_changes_nothing(store: Store, biller: MemoryBiller) -> None:
    biller.lossy = ("travel",)
    before = everything(store)
    report = push(store, biller, dry_run=True)
    assert [told.drops for told in report.told] == [("travel",)] * 3
    assert report.told[0].fields["quantity"] == 360
    assert (everything(store), biller.rows, report.batch) == (before, [], None)
    biller.lossy = ()
    assert [line.state for line in push(store, biller, dry_run=True).lines] == ["ready"] * 3


def test_what_a_system_changed_on_the_way_is_told(store: Store, biller: MemoryBiller) -> None:
    """It rounds hours, say: the read-back shows it."""
    made = biller.row
    biller.row = lambda payload: replace(made(payload), seconds=3600)  # type: ignore[method-assign]
    biller.same = lambda payload, remote: remote.seconds == int(payload["billed_minutes"]) * 60  # type: ignore[method-assign]
    report = push(store, biller)
    assert states(store) == ["drifted"] * 3
    assert "1:00 h, not 0:06 h" in report.lines[0].reason


def test_a_list_that_lags_behind_costs_no_question_for_each_entry(store: Store, biller: MemoryBiller) -> None:
    """The next sweep looks again."""
    present, biller.present = biller.present, lambda payloads: present(payloads)[:0]  # type: ignore[method-assign]
    push(store, biller)
    assert (states(store), [one.agreed for one in everything(store)]) == (["sent"] * 3, [False] * 3)
    assert "read" not in biller.asked
    biller.present = present  # type: ignore[method-assign]
    assert sweep(store, biller, biller.clock()) == ()
    assert [one.agreed for one in everything(store)] == [True] * 3


def test_without_a_key_for_the_timekeeper_the_same_words_still_count(store: Store, biller: MemoryBiller) -> None:
    """The system calls her otherwise, and nobody has pulled its books."""
    made = biller.row
    biller.row = lambda payload: replace(made(payload), timekeeper="U-17")  # type: ignore[method-assign]
    biller.plan = ["lost_after"]
    push(store, biller)
    biller.clock.now += 900
    push(store, biller)
    assert (states(store), len(biller.rows)) == (["sent"] * 3, 3)


def test_a_system_that_cannot_be_read_gets_each_entry_at_most_once(store: Store, biller: MemoryBiller) -> None:
    """Handed over is all that can be known; doubt is a person's."""
    biller.offers = Offers(lists=False)
    biller.plan = ["ok", "lost_before", "too_many"]
    push(store, biller)
    assert states(store) == ["handed_over", "in_doubt", "handed_over"]
    biller.clock.now += 90_000
    report = push(store, biller)
    assert biller.asked == ["create"] * 4
    assert "look yourself" in report.lines[0].reason


def test_what_was_taken_back_during_a_push_does_not_go(store: Store, biller: MemoryBiller) -> None:
    """The desk stays open while a push is under way."""
    create = biller.create

    def meddled(payload: Any) -> Remote:
        if len(biller.rows) == 0:
            store.entries.void(entry(3).id, "d9")
        return create(payload)

    biller.create = meddled  # type: ignore[method-assign]
    push(store, biller)
    assert states(store) == ["sent", "sent", "cancelled"]


def test_a_copy_does_not_go_to_a_system(store: Store, biller: MemoryBiller) -> None:
    with pytest.raises(Misused, match="would bill a copy once more"):
        push(store, biller, wanted=Wanted(copy=True))
