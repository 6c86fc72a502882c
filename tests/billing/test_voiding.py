"""What is not billed yet can be taken back, and corrected; what is billed is never touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from autotime.billing.csv import CsvBiller
from autotime.billing.outbox import PushReport, push_files, rendered
from autotime.billing.picking import PushLine, Wanted
from autotime.billing.sending import push_entries
from autotime.billing.voiding import batch_of, void_entries, void_file
from autotime.domain.delivery import DeliveryState, Offers
from autotime.domain.errors import InDoubt, Misused, NotAllowed
from autotime.store import Store
from tests.billing.firm import NOW, approve, entry, found
from tests.billing.memory import MINUTE, Clock, MemoryBiller

DAY = date(2026, 3, 5)
S = DeliveryState


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with found(tmp_path, entry(1, day=DAY), entry(2, day=DAY)) as store:
        yield store


@pytest.fixture
def biller(store: Store) -> MemoryBiller:
    """Both entries stand there, sent with ``memory-0001``."""
    made = MemoryBiller(Clock())
    push(store, made)
    return made


def push(store: Store, biller: MemoryBiller) -> PushReport:
    return push_entries(store, biller, Wanted(), now=biller.clock, sleep=biller.clock.sleep)


def void(store: Store, biller: MemoryBiller, *, only: str = "", dry_run: bool = False) -> list[PushLine]:
    batch = batch_of(store, "memory-0001")
    lines = void_entries(store, biller, batch, only=only, dry_run=dry_run)
    return sorted(lines, key=lambda line: line.entry_id)


def states(store: Store) -> list[str]:
    return [one.state.value for one in sorted(store.submissions.in_state(*S), key=lambda one: one.entry)]


def bill(biller: MemoryBiller, number: int) -> None:
    biller.rows[number] = replace(biller.rows[number], billed=True)


def test_what_is_unbilled_is_removed_and_can_go_again(store: Store, biller: MemoryBiller) -> None:
    assert [line.state for line in void(store, biller)] == ["taken_back", "taken_back"]
    assert (states(store), biller.rows) == (["queued", "queued"], [])
    with pytest.raises(Misused, match="taken back already"):
        batch_of(store, "memory-0001")
    report = push(store, biller)
    assert (states(store), len(biller.rows)) == (["sent", "sent"], 2)
    assert report.batch is not None
    assert report.batch.id == "memory-0002"
    assert store.audit.verify().ok


def test_what_is_billed_stays(store: Store, biller: MemoryBiller) -> None:
    bill(biller, 0)
    lines = void(store, biller)
    assert [line.state for line in lines] == ["sent", "taken_back"]
    assert "billed or locked there" in lines[0].reason
    assert [row.id for row in biller.rows] == ["r101"]


def test_a_dry_run_says_so_and_touches_nothing(store: Store, biller: MemoryBiller) -> None:
    bill(biller, 0)
    assert [line.state for line in void(store, biller, dry_run=True)] == ["sent", "would_be_taken_back"]
    assert (states(store), len(biller.rows)) == (["sent", "sent"], 2)


def test_a_system_that_removes_nothing_leaves_it_to_a_person(store: Store, biller: MemoryBiller) -> None:
    """Once it was removed by hand, it can go again."""
    biller.offers = Offers()
    assert "remove r101 there, then void again" in void(store, biller)[0].reason
    biller.rows.pop(0)
    assert [line.state for line in void(store, biller)] == ["taken_back", "sent"]


def test_a_lost_answer_is_looked_at(store: Store, biller: MemoryBiller) -> None:
    remove = biller.remove

    def lost(remote: object) -> None:
        remove(remote)  # type: ignore[arg-type]
        raise InDoubt("memory did not answer")

    biller.remove = lost  # type: ignore[method-assign]
    assert [line.state for line in void(store, biller)] == ["taken_back", "taken_back"]


def test_a_removal_whose_answer_was_lost_before_it_was_done_is_told(store: Store, biller: MemoryBiller) -> None:
    def lost(remote: object) -> None:
        raise InDoubt("memory did not answer")

    biller.remove = lost  # type: ignore[method-assign]
    assert "void again" in void(store, biller)[0].reason
    assert states(store) == ["sent", "sent"]


def test_one_entry_of_a_push_can_be_taken_back(store: Store, biller: MemoryBiller) -> None:
    void(store, biller, only=entry(2).id)
    assert states(store) == ["sent", "queued"]
    with pytest.raises(Misused, match="is not in batch"):
        void(store, biller, only="e9")


def test_a_batch_that_is_none_is_told(store: Store) -> None:
    with pytest.raises(Misused, match="no batch «clio-0009»"):
        batch_of(store, "clio-0009")


def test_a_file_s_entries_can_go_again_and_its_number_cannot(store: Store, tmp_path: Path) -> None:
    report = push_files(store, CsvBiller(), {}, tmp_path / "out", now=NOW)
    assert report.batch is not None
    assert [line.state for line in void_file(store, report.batch, dry_run=True)] == ["would_be_taken_back"] * 2
    void_file(store, report.batch)
    assert states(store) == ["queued", "queued"]
    with pytest.raises(Misused, match="was taken back"):
        rendered(store, CsvBiller(), report.batch.id)
    again = push_files(store, CsvBiller(), {}, tmp_path / "out", now=NOW)
    assert again.batch is not None
    assert again.batch.id == "csv-0002"


# --- corrections -------------------------------------------------------------------------------------


def approved_with_suggestions(folder: Path) -> Store:
    return found(folder, entry(1, day=DAY, suggestion="s1"), entry(2, day=DAY, suggestion="s2"))


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Store]:
    with approved_with_suggestions(tmp_path / "shown") as store:
        yield store


def anew(store: Store) -> None:
    store.entries.void(entry(1).id, "d8")
    approve(store, entry(9, day=DAY, billed_minutes=30, narrative="Draft responses, revised", suggestion="s1"))


@pytest.fixture(autouse=True)
def folders(tmp_path: Path) -> None:
    (tmp_path / "shown").mkdir()


def test_a_correction_changes_the_entry_that_stands_there(shown: Store) -> None:
    """Under its id; the earlier one is no longer counted as sent."""
    biller = MemoryBiller(Clock())
    push(shown, biller)
    anew(shown)
    push(shown, biller)
    assert [(row.id, row.seconds) for row in biller.rows] == [("r101", 1800), ("r102", 720)]
    assert states(shown) == ["cancelled", "sent", "sent"]
    assert shown.audit.verify().ok


def test_where_nothing_can_be_changed_it_is_removed_and_sent_anew(shown: Store) -> None:
    biller = MemoryBiller(Clock(), offers=Offers(removes=True))
    push(shown, biller)
    anew(shown)
    push(shown, biller)
    assert [(row.id, row.seconds) for row in biller.rows] == [("r102", 720), ("r103", 1800)]
    assert states(shown) == ["cancelled", "sent", "sent"]


@pytest.mark.parametrize("offers", [Offers(), Offers(updates=True, removes=True)])
def test_a_billed_one_or_a_fixed_one_is_a_person_s(shown: Store, offers: Offers) -> None:
    biller = MemoryBiller(Clock(), offers=offers)
    push(shown, biller)
    anew(shown)
    if offers.removes:
        bill(biller, 0)
    report = push(shown, biller)
    assert [line.reason.startswith("what was sent before stays: ") for line in report.lines] == [True]
    assert states(shown) == ["sent", "sent", "queued"]
    assert len(biller.rows) == 2


def test_a_correction_whose_answer_was_lost_is_made_once_more(shown: Store) -> None:
    biller = MemoryBiller(Clock())
    push(shown, biller)
    anew(shown)
    change = biller.change

    def lost(*asked: object) -> None:
        change(*asked)  # type: ignore[arg-type]
        raise InDoubt("memory did not answer")

    biller.change = lost  # type: ignore[method-assign, assignment]
    push(shown, biller)
    biller.change = change  # type: ignore[method-assign]
    for _ in range(3):
        biller.clock.now += 15 * MINUTE
        push(shown, biller)
    assert [row.seconds for row in biller.rows] == [1800, 720]
    assert states(shown) == ["cancelled", "sent", "sent"]


def test_what_was_taken_back_and_not_approved_anew_is_told(store: Store, biller: MemoryBiller) -> None:
    """It stands there still; taking it back removes it, and it does not go again."""
    store.entries.void(entry(1).id, "d8")
    (line,) = push(store, biller).lines
    assert line.reason.endswith(f"autotime void memory-0001 --entry {entry(1).id}")
    void(store, biller, only=entry(1).id)
    assert states(store) == ["cancelled", "sent"]
    assert push(store, biller).lines == ()


def test_what_is_known_to_be_billed_cannot_be_taken_back_here(store: Store, biller: MemoryBiller) -> None:
    one = store.submissions.of_entry(entry(1).id)[0]
    store.submissions.save(replace(one, billed=True))
    with pytest.raises(NotAllowed, match="is sent to memory"):
        store.entries.void(entry(1).id, "d8")
