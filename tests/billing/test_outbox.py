"""Approved time leaves once: what waits goes, what went stays gone, and every refusal says why."""

from __future__ import annotations

import json
import os
import resource
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from autotime.billing import csv, outbox
from autotime.billing.csv import CsvBiller
from autotime.billing.layouts import ClioSheet
from autotime.billing.ledes import LedesBiller, check, errors, parse
from autotime.billing.outbox import export, push_files, recover, rendered, rewrite
from autotime.billing.payload import sha256
from autotime.domain.delivery import DeliveryState
from autotime.domain.errors import AutotimeError, InDoubt, Misused, NeedsPerson
from autotime.domain.work import Billing
from autotime.store import Store

from .firm import HEADER, MARCH, MATTERS, NOW, approve, entry, found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with found(tmp_path, entry(1), entry(2), entry(3, matter="2026-003")) as store:
        yield store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "outgoing"


def states(store: Store) -> dict[str, str]:
    return {one.entry[-1]: one.state.value for one in store.submissions.in_state(*DeliveryState)}


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


# --- files -------------------------------------------------------------------------------------------


def test_a_lost_file_is_written_again_with_the_same_bytes(store: Store, folder: Path) -> None:
    """Nothing is recorded by it, and a file that is there is left."""
    push_files(store, LedesBiller(), HEADER, folder, now=NOW, **MARCH)
    path = folder / "ledes-0001-AOK.txt"
    data, head = path.read_bytes(), store.audit.head()
    path.unlink()
    assert rewrite(store, LedesBiller(), "ledes-0001", folder) == path
    assert path.read_bytes() == data
    assert rewrite(store, LedesBiller(), "ledes-0001", folder) == path
    assert store.audit.head() == head


def test_a_batch_that_would_be_written_differently_is_not_written(store: Store, folder: Path) -> None:
    """Another line ending is another file."""
    push_files(store, LedesBiller(), HEADER, folder, now=NOW, **MARCH)
    with pytest.raises(InDoubt):
        rendered(store, LedesBiller(line_ending="\r\n"), "ledes-0001")
    with pytest.raises(Misused, match="no batch «ledes-0007»"):
        rendered(store, LedesBiller(), "ledes-0007")


def test_an_export_is_a_view(store: Store) -> None:
    """It shows approved time, delivered or not, says COPY, and records nothing."""
    head = store.audit.head()
    rows = csv.parse(export(store, CsvBiller(), {}))
    assert [row["batch"] for row in rows] == ["COPY"] * 3
    records = parse(export(store, LedesBiller(), HEADER, **MARCH))
    assert len(records) == 2
    assert records[0]["INVOICE_DESCRIPTION"].startswith("COPY")
    assert store.audit.head() == head


def test_an_export_leaves_nothing_out_in_silence(store: Store) -> None:
    """An entry that cannot be shown is named instead."""
    store.books.upsert(matters=[replace(MATTERS[0], client_matter_id="")])
    with pytest.raises(NeedsPerson, match="no client matter id"):
        export(store, LedesBiller(), HEADER, **MARCH)


@pytest.mark.parametrize("kind", ["file", "link", "dangling", "folder"])
def test_a_name_that_is_taken_stops_the_push_before_anything_is_recorded(store: Store, folder: Path, kind: str) -> None:
    """A foreign file, a symbolic link or a folder is neither followed nor replaced."""
    folder.mkdir()
    taken, secret = folder / "csv-0001-AOK.csv", folder.parent / "secret"
    secret.write_text("theirs")
    if kind == "file":
        taken.write_text("theirs")
    elif kind == "folder":
        taken.mkdir()
    else:
        taken.symlink_to(secret if kind == "link" else folder / "nowhere")
    with pytest.raises(NeedsPerson, match=r"csv-0001-AOK\.csv is "):
        push_files(store, CsvBiller(), {}, folder, now=NOW)
    assert secret.read_text() == "theirs"
    assert store.batches.all() == []
    assert [path.name for path in folder.iterdir()] == [taken.name]


def test_a_link_in_place_of_the_file_written_aside_is_not_followed(store: Store, folder: Path) -> None:
    """The leftover name is removed, never written through."""
    folder.mkdir()
    secret = folder.parent / "secret"
    secret.write_text("theirs")
    (folder / ".csv-0001-AOK.csv.part").symlink_to(secret)
    push_files(store, CsvBiller(), {}, folder, now=NOW)
    assert secret.read_text() == "theirs"
    assert [path.name for path in folder.iterdir()] == ["csv-0001-AOK.csv"]


def test_a_full_disk_leaves_no_half_file_and_the_next_push_finishes(store: Store, folder: Path) -> None:
    """The batch keeps its number and bytes."""
    folder.mkdir()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    failing = _failing_write(store, folder)
    assert "cannot be written" in str(failing)
    assert list(folder.iterdir()) == []
    assert states(store)["1"] == "sending"
    assert resource.getrlimit(resource.RLIMIT_FSIZE) == before
    report = push_files(store, CsvBiller(), {}, folder, now=NOW + 60)
    assert report.batch is not None
    assert report.batch.id == "csv-0001"
    assert set(states(store).values()) == {"sent"}


def _failing_write(store: Store, folder: Path) -> AutotimeError:
    """The real write, with the room for the file used up (as quota and full disks do)."""
    import signal

    real = outbox.files.write_aside
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def no_room(path: Path, data: bytes, *, fresh: bool = False) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
        try:
            real(path, data, fresh=fresh)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, handler)

    outbox.files.write_aside = no_room
    try:
        with pytest.raises(NeedsPerson) as failed:
            push_files(store, CsvBiller(), {}, folder, now=NOW)
    finally:
        outbox.files.write_aside = real
    return failed.value


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_named(store: Store, folder: Path) -> None:
    """Nothing is lost: the next push, into a folder that can be written to, finishes."""
    folder.mkdir()
    folder.chmod(0o500)
    with pytest.raises(NeedsPerson, match="may not be written to"):
        push_files(store, CsvBiller(), {}, folder, now=NOW)
    folder.chmod(0o700)
    assert push_files(store, CsvBiller(), {}, folder, now=NOW).batch is not None


def test_a_folder_that_cannot_be_made_is_named(store: Store, tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(NeedsPerson, match="is a file, not a folder"):
        push_files(store, CsvBiller(), {}, tmp_path / "taken" / "outgoing", now=NOW)
    report = push_files(store, CsvBiller(), {}, tmp_path / "outgoing", now=NOW)
    assert report.batch is not None
    assert report.batch.id == "csv-0001"


# --- doubt -------------------------------------------------------------------------------------------


class Changed(CsvBiller):
    """The same biller after an update that writes its rows differently."""

    def render(self, batch, lines):  # type: ignore[no-untyped-def]
        return super().render(batch, lines) + b"\r\n"


def _begun(store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A push that stopped between its commit and its file."""

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(outbox.files, "write_aside", stop)
        with pytest.raises(KeyboardInterrupt):
            push_files(store, CsvBiller(), {}, folder, now=NOW)


def test_a_changed_writer_leaves_a_begun_batch_in_doubt(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is for a person to say; nothing is written, and nothing goes into another batch."""
    _begun(store, folder, monkeypatch)
    assert recover(store, [Changed()], folder) == []
    assert set(states(store).values()) == {"in_doubt"}
    report = push_files(store, CsvBiller(), {}, folder, now=NOW)
    assert [line.state for line in report.problems] == ["in_doubt"] * 3
    assert report.batch is None
    assert not folder.exists()


def test_a_strange_file_under_the_name_of_a_begun_batch_stops_the_push(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once it is moved away the batch is finished under its own number."""
    _begun(store, folder, monkeypatch)
    folder.mkdir()
    strange = folder / "csv-0001-AOK.csv"
    strange.write_text("theirs")
    with pytest.raises(NeedsPerson, match="is already there"):
        push_files(store, CsvBiller(), {}, folder, now=NOW)
    strange.rename(folder / "moved")
    report = push_files(store, CsvBiller(), {}, folder, now=NOW)
    assert report.batch is not None
    assert report.batch.id == "csv-0001"
    assert set(states(store).values()) == {"sent"}
