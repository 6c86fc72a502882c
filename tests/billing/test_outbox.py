"""Approved time leaves once: what waits goes, what went stays gone, and every refusal says why."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from autotime.billing import csv
from autotime.billing.csv import CsvBiller
from autotime.billing.layouts import ClioSheet
from autotime.billing.ledes import LedesBiller, check, errors, parse
from autotime.billing.outbox import push_files, rendered
from autotime.billing.payload import sha256
from autotime.domain.errors import Misused, NeedsPerson
from autotime.domain.work import Billing
from autotime.store import Store

from .firm import HEADER, MARCH, MATTERS, NOW, approve, entry, states


def test_a_push_writes_one_numbered_file_with_a_receipt_for_each_entry(store: Store, folder: Path) -> None:
    """The report names batch, path and hash; each receipt says batch, line and hash."""
    report = push_files(store, CsvBiller(), {}, folder, now=NOW)
    assert report.batch is not None
    assert report.path == folder / "csv-0001-AOK.csv"
    data = report.path.read_bytes()
    assert report.batch.sha256 == sha256(data)
    assert report.batch.written
    assert [line.receipt for line in report.lines] == [
        f"csv-0001 line {n} sha256:{report.batch.sha256}" for n in (1, 2, 3)
    ]
    assert [row["entry_id"] for row in csv.parse(data)] == [line.entry_id for line in report.lines]
    assert stat.S_IMODE(report.path.stat().st_mode) == 0o600


def test_a_second_push_has_nothing_to_send(store: Store, folder: Path) -> None:
    """No entry goes twice, no second file appears."""
    push_files(store, CsvBiller(), {}, folder, now=NOW)
    again = push_files(store, CsvBiller(), {}, folder, now=NOW + 60)
    assert (again.lines, again.batch) == ((), None)
    assert [path.name for path in folder.iterdir()] == ["csv-0001-AOK.csv"]


def test_a_later_push_takes_the_next_number_and_only_what_is_new(store: Store, folder: Path) -> None:
    """Batch numbers are never reused."""
    push_files(store, CsvBiller(), {}, folder, now=NOW)
    approve(store, entry(4))
    report = push_files(store, CsvBiller(), {}, folder, now=NOW + 60)
    assert report.batch is not None
    assert report.batch.id == "csv-0002"
    assert [line.entry_id for line in report.lines] == [entry(4).id]


def test_an_invoice_is_for_one_client_and_period(store: Store, folder: Path) -> None:
    """Entries of other clients and days stay queued, unmentioned."""
    approve(store, entry(9, day=date(2026, 4, 1)))
    report = push_files(store, LedesBiller(), HEADER, folder, now=NOW, **MARCH)
    assert report.path is not None
    data = report.path.read_bytes()
    assert errors(check(data)) == []
    assert [record["LINE_ITEM_TOTAL"] for record in parse(data)] == ["45.00", "90.00"]
    assert {record["INVOICE_TOTAL"] for record in parse(data)} == {"135.00"}
    assert states(store) == {"1": "sent", "2": "sent", "3": "queued", "9": "queued"}


def test_a_delivered_entry_belongs_to_its_target(store: Store, folder: Path) -> None:
    """The first push binds an open entry; another target is told so, and gets nothing."""
    push_files(store, LedesBiller(), HEADER, folder, now=NOW, **MARCH)
    report = push_files(store, CsvBiller(), {}, folder, now=NOW, **MARCH)
    assert [line.state for line in report.lines] == ["delivered_elsewhere"] * 2
    assert report.batch is None
    assert not report.problems
    assert all(line.receipt.startswith("ledes-0001 line") for line in report.lines)


def test_an_entry_bound_to_another_target_waits_for_it(store: Store, folder: Path) -> None:
    """A target set when the entry was approved is kept."""
    approve(store, entry(4), target="ledes")
    report = push_files(store, CsvBiller(), {}, folder, now=NOW, first=date(2026, 3, 1))
    assert [(line.entry_id, line.state) for line in report.lines if line.state != "sent"] == [
        (entry(4).id, "waits_elsewhere")
    ]


def test_a_copy_is_marked_and_leaves_the_original_alone(store: Store, folder: Path) -> None:
    """Copies say so in file name and rows; making them again finds nothing left to copy."""
    push_files(store, LedesBiller(), HEADER, folder, now=NOW, **MARCH)
    report = push_files(store, CsvBiller(), {}, folder, now=NOW, copy=True)
    assert report.path is not None
    assert report.path.name == "csv-0001-AOK-COPY.csv"
    assert {row["copy"] for row in csv.parse(report.path.read_bytes())} == {"copy"}
    assert push_files(store, CsvBiller(), {}, folder, now=NOW, copy=True).lines == ()
    assert [s.target for s in store.submissions.of_entry(entry(1).id) if not s.copy] == ["ledes"]


def test_a_copy_of_an_invoice_says_not_for_payment(store: Store, folder: Path) -> None:
    """A LEDES copy is marked in its description, which every portal shows."""
    push_files(store, CsvBiller(), {}, folder, now=NOW)
    report = push_files(store, LedesBiller(), HEADER, folder, now=NOW, copy=True, **MARCH)
    assert report.path is not None
    records = parse(report.path.read_bytes())
    assert all(record["INVOICE_DESCRIPTION"].startswith("COPY, not for payment") for record in records)


def test_a_dry_run_says_what_would_be_and_changes_nothing(store: Store, folder: Path) -> None:
    """The same batch number, name and hash as the push that follows; no file, no record."""
    before, records = states(store), store.audit.head()
    preview = push_files(store, LedesBiller(), HEADER, folder, now=NOW, dry_run=True, **MARCH)
    assert (states(store), store.audit.head(), folder.exists()) == (before, records, False)
    assert {line.state for line in preview.lines} == {"ready"}
    report = push_files(store, LedesBiller(), HEADER, folder, now=NOW, **MARCH)
    assert report.batch is not None
    assert preview.batch is not None
    assert (report.batch.sha256, report.path) == (preview.batch.sha256, preview.path)


def test_what_a_file_has_no_place_for_is_told_once_before_and_after(store: Store, folder: Path) -> None:
    """Each field once, whether the file is written or would be."""
    for dry_run in (True, False):
        report = push_files(store, ClioSheet(), {}, folder, now=NOW, dry_run=dry_run)
        assert report.lost == ("task_code", "activity_code")


def test_days_in_the_wrong_order_are_a_mistake_of_the_command(store: Store, folder: Path) -> None:
    """Not silence about a period that holds nothing."""
    with pytest.raises(Misused, match="the last day is before the first"):
        push_files(store, CsvBiller(), {}, folder, now=NOW, first=date(2026, 3, 31), last=date(2026, 3, 1))


# --- what does not go --------------------------------------------------------------------------------


def test_an_entry_that_cannot_go_stays_queued_with_its_reason(store: Store, folder: Path) -> None:
    """The rest goes; the reason is in the report and in the store, and is gone once it was put right."""
    store.books.upsert(matters=[replace(MATTERS[1], client_matter_id="")])
    approve(store, entry(4, matter="2026-002"))
    report = push_files(store, LedesBiller(), HEADER, folder, now=NOW, **MARCH)
    held = next(line for line in report.lines if line.state == "queued")
    assert held.reason.startswith("no client matter id: set column client_matter_id of the books CSV")
    assert states(store) == {"1": "sent", "2": "sent", "3": "queued", "4": "queued"}
    assert store.submissions.of_entry(held.entry_id)[0].reason == held.reason
    store.books.upsert(matters=[MATTERS[1]])
    push_files(store, LedesBiller(), HEADER | {"invoice_number": "INV-2"}, folder, now=NOW, **MARCH)
    assert store.submissions.of_entry(held.entry_id)[0].reason == ""


def test_non_billable_time_is_skipped_by_an_invoice_without_being_a_problem(store: Store, folder: Path) -> None:
    """It stays out of LEDES and goes into a CSV."""
    approve(store, entry(4, billing=Billing.NON_BILLABLE))
    report = push_files(store, LedesBiller(), HEADER, folder, now=NOW, **MARCH)
    assert [(line.state, line.reason) for line in report.lines if line.reason] == [
        ("skipped", "non-billable time is not put on an invoice")
    ]
    assert report.problems == ()
    push_files(store, CsvBiller(), {}, folder, now=NOW)
    assert states(store)["4"] == "sent"


def test_missing_facts_of_an_invoice_are_told_a_line_each(store: Store, folder: Path) -> None:
    """Each with where it is set."""
    header = {**HEADER, "invoice_number": "", "invoice_date": ""}
    with pytest.raises(NeedsPerson) as told:
        push_files(store, LedesBiller(), header, folder, now=NOW, **MARCH)
    first, *missing = str(told.value).splitlines()
    assert first == "no ledes file can be made:"
    assert [line.strip() for line in missing] == [
        "no invoice number: --invoice-number",
        "no invoice date: --invoice-date",
    ]


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ("client", "no client: --client"),
        ("from", "--from"),
        ("to", "--to"),
        ("invoice_number", "--invoice-number"),
        ("invoice_date", "--invoice-date"),
        ("firm_name", "set [firm] name in config.toml"),
        ("tax_id", "set [firm] tax_id in config.toml"),
        ("address", "set [firm] address in config.toml"),
    ],
)
def test_a_missing_fact_of_the_invoice_is_named(store: Store, folder: Path, field: str, named: str) -> None:
    """Nothing is recorded, and the message says where to set it."""
    with pytest.raises(NeedsPerson) as refused:
        push_files(store, LedesBiller(), HEADER | {field: ""}, folder, now=NOW)
    assert named in str(refused.value)
    assert refused.value.kept == "the time stays queued"
    assert store.batches.all() == []
    assert set(states(store).values()) == {"queued"}


def test_an_invoice_number_is_used_once(store: Store, folder: Path) -> None:
    """A used number is refused with the batch that has it."""
    push_files(store, LedesBiller(), HEADER, folder, now=NOW, **MARCH)
    approve(store, entry(4))
    with pytest.raises(NeedsPerson, match="invoice number INV-1001 is used already, by ledes-0001"):
        push_files(store, LedesBiller(), HEADER, folder, now=NOW, **MARCH)


def test_an_entry_taken_back_is_not_sent(store: Store, folder: Path) -> None:
    """Voiding cancels what waits."""
    store.entries.void(entry(1).id, "d9")
    push_files(store, CsvBiller(), {}, folder, now=NOW)
    assert states(store) == {"1": "cancelled", "2": "sent", "3": "sent"}


def test_an_entry_whose_matter_moved_to_another_client_needs_a_new_approval(store: Store, folder: Path) -> None:
    """What was approved said another client."""
    store.books.upsert(matters=[replace(MATTERS[2], client="NORTH")])
    report = push_files(store, CsvBiller(), {}, folder, now=NOW)
    assert ["another client" in line.reason for line in report.problems] == [True]


def test_a_matter_that_left_the_books_is_named(store: Store, folder: Path) -> None:
    """Nothing is guessed about an unknown matter."""
    approve(store, entry(4, matter="2026-999", client=""))
    report = push_files(store, CsvBiller(), {}, folder, now=NOW)
    assert [line.reason for line in report.problems] == [
        "matter «2026-999» is not in the books: autotime books import FILE.csv"
    ]


def test_an_unknown_client_is_a_mistake_of_the_command(store: Store, folder: Path) -> None:
    """Silence about a misspelt client would look like «nothing waits»."""
    with pytest.raises(Misused, match="no client «NROTH»"):
        push_files(store, CsvBiller(), {}, folder, now=NOW, client="NROTH")


def test_the_payload_is_frozen_with_its_hash(store: Store, folder: Path) -> None:
    """Books that change later change nothing that was delivered."""
    push_files(store, CsvBiller(), {}, folder, now=NOW)
    sent = store.submissions.of_entry(entry(1).id)[0]
    assert sent.payload_hash == sha256(sent.payload)
    assert json.loads(sent.payload)["rate"] == "450"
    data = (folder / "csv-0001-AOK.csv").read_bytes()
    store.books.upsert(matters=[replace(MATTERS[0], name="Renamed")])
    assert rendered(store, CsvBiller(), "csv-0001") == data
