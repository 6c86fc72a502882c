"""A matter has one billing target: the settings name it, or the first push does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autotime.billing.binding import follow
from autotime.billing.csv import CsvBiller
from autotime.billing.ledes import LedesBiller
from autotime.billing.outbox import push_files
from autotime.domain.books import Matter
from autotime.domain.delivery import DeliveryState, Submission
from autotime.domain.errors import NotAllowed
from autotime.store import Store

from .firm import HEADER, MARCH, NOW, approve, entry

S = DeliveryState


def to_csv(_: Matter | None) -> str:
    return "csv"


def submission(store: Store, number: int) -> Submission:
    (one,) = store.submissions.of_entry(entry(number).id)
    return one


def test_the_first_push_of_a_matter_decides_who_bills_it(store: Store, folder: Path) -> None:
    """A later entry of it is held for that target, by name; other matters are free."""
    push_files(store, LedesBiller(), HEADER, folder, now=NOW, **MARCH)
    approve(store, entry(4))
    report = push_files(store, CsvBiller(), {}, folder, now=NOW + 60)
    assert {line.entry_id: line.state for line in report.lines} == {
        entry(3, matter="2026-003").id: "sent",
        entry(4).id: "waits_elsewhere",
    }
    told = next(line.reason for line in report.lines if line.entry_id == entry(4).id)
    assert told == "its matter is billed by ledes: autotime push ledes, or set billing.target or billing.clients"
    assert submission(store, 4).target == ""


def test_a_copy_or_a_view_of_such_a_matter_may_go_anywhere(store: Store, folder: Path) -> None:
    """A copy bills nobody."""
    push_files(store, LedesBiller(), HEADER, folder, now=NOW, **MARCH)
    report = push_files(store, CsvBiller(), {}, folder, now=NOW + 60, copy=True, **MARCH)
    assert [line.state for line in report.lines] == ["sent", "sent"]


def test_an_entry_the_settings_bound_goes_there_whoever_billed_its_matter_before(store: Store, folder: Path) -> None:
    """A firm that changes its billing system goes on with the new one."""
    push_files(store, LedesBiller(), HEADER, folder, now=NOW, **MARCH)
    approve(store, entry(4), target="csv")
    report = push_files(store, CsvBiller(), {}, folder, now=NOW + 60)
    assert {line.entry_id: line.state for line in report.lines}[entry(4).id] == "sent"


def test_what_waits_follows_the_settings(store: Store) -> None:
    """Bound to a target that is no longer used, refused there, or to none at all."""
    refused = replace(submission(store, 1), target="clio", state=S.REFUSED, reason="no such user")
    store.submissions.save(refused)
    store.submissions.save(replace(submission(store, 2), target="clio"))
    assert follow(store, to_csv) == 3
    assert {(submission(store, n).target, submission(store, n).state) for n in (1, 2, 3)} == {("csv", S.QUEUED)}
    assert submission(store, 1).reason == ""
    assert follow(store, to_csv) == 0


def test_what_may_have_arrived_stays_with_its_target(store: Store) -> None:
    """In doubt, delivered, or queued once more after a doubt."""
    begun = replace(submission(store, 1), target="clio", state=S.SENDING, attempts=1)
    store.submissions.save(begun)
    store.submissions.save(replace(begun, state=S.QUEUED))
    for number, state in ((2, S.IN_DOUBT), (3, S.SENT)):
        sending = replace(submission(store, number), target="clio", state=S.SENDING, attempts=1)
        store.submissions.save(sending)
        store.submissions.save(replace(sending, state=state))
    assert follow(store, to_csv) == 0
    assert {submission(store, n).target for n in (1, 2, 3)} == {"clio"}
    with pytest.raises(NotAllowed, match="may have reached clio"):
        store.submissions.bind(submission(store, 1), "csv")


def test_settings_that_name_no_target_move_nothing(store: Store) -> None:
    """Where the first push decides, nothing is decided again."""
    store.submissions.save(replace(submission(store, 1), target="clio"))
    assert follow(store, lambda _: "") == 0
    assert submission(store, 1).target == "clio"


def test_what_was_voided_may_go_to_another_target(store: Store, folder: Path) -> None:
    """It stands nowhere."""
    push_files(store, CsvBiller(), {}, folder, now=NOW)
    store.submissions.take_back(submission(store, 1))
    follow(store, lambda _: "ledes")
    assert (submission(store, 1).target, submission(store, 2).target) == ("ledes", "csv")
