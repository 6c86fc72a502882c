"""Files of approved time: whole or not at all, the same bytes again, and doubt where they would differ."""

from __future__ import annotations

import os
import resource
from dataclasses import replace
from pathlib import Path

import pytest

from autotime.billing import csv, outbox
from autotime.billing.csv import CsvBiller
from autotime.billing.ledes import LedesBiller, parse
from autotime.billing.outbox import export, push_files, recover, rendered
from autotime.domain.errors import AutotimeError, InDoubt, Misused, NeedsPerson
from autotime.store import Store

from .firm import HEADER, MARCH, MATTERS, NOW, states


def test_a_lost_file_is_had_again_with_the_same_bytes(store: Store, folder: Path) -> None:
    """Nothing is recorded by it."""
    push_files(store, LedesBiller(), HEADER, folder, now=NOW, **MARCH)
    path = folder / "ledes-0001-AOK.txt"
    data, head = path.read_bytes(), store.audit.head()
    path.unlink()
    assert rendered(store, LedesBiller(), "ledes-0001") == data
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
