"""Looks that fail, are lost, or meet a document under another name: no minute of its count is given twice."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.collectors import documents, owners
from autotime.collectors.documents import DocumentsCollector
from autotime.domain.policy import Policy
from autotime.domain.spans import total, union
from autotime.testing import Shelf
from autotime.timeline.support import supports

from .sources import MONDAY, context, docx, put

MINUTE, HOUR, DAY = 60, 3600, 86_400
WEEK_AGO = MONDAY - 7 * DAY


def look(path: Path, now: int, shelf: Shelf) -> Shelf:
    return shelf.run(DocumentsCollector("papers", [path]), context(now))


def minutes(shelf: Shelf) -> int:
    found = supports(shelf.items, Policy())
    return total(union(span for support in found for span in support.spans)) // MINUTE


def write(path: Path, saved: int, count: int, created: int = MONDAY) -> Path:
    return docx(path, saved=saved, created=created, minutes=count, revision=max(count // 10, 1))


def half(path: Path, saved: int) -> None:
    """As a look in the midst of saving finds it."""
    os.utime(put(path, b"half a sav"), (saved, saved))


def young(path: Path) -> Shelf:
    """Two sessions of an hour with a break of two, in a document of this day."""
    shelf = Shelf()
    for saved, count in ((MONDAY + HOUR, 60), (MONDAY + 4 * HOUR, 120)):
        write(path / "Motion.docx", saved, count)
        look(path, saved + MINUTE, shelf)
    assert minutes(shelf) == 120
    return shelf


def test_a_look_in_the_midst_of_saving_makes_no_document_new(tmp_path: Path) -> None:
    """What was counted before it is not counted again, and nothing is set aside."""
    shelf = young(tmp_path)
    half(tmp_path / "Motion.docx", MONDAY + 7 * HOUR)
    look(tmp_path, MONDAY + 7 * HOUR, shelf)
    write(tmp_path / "Motion.docx", MONDAY + 7 * HOUR + 1, 130)
    look(tmp_path, MONDAY + 7 * HOUR + 5 * MINUTE, shelf)
    assert (minutes(shelf), shelf.quarantined) == (130, {})


def test_an_old_document_loses_no_minutes_to_a_look_that_failed(tmp_path: Path) -> None:
    """Its growth since the look before is known."""
    path = write(tmp_path / "Motion.docx", WEEK_AGO + DAY, 500, WEEK_AGO)
    shelf = look(tmp_path, MONDAY, Shelf())
    half(path, MONDAY + HOUR)
    look(tmp_path, MONDAY + HOUR, shelf)
    write(path, MONDAY + 2 * HOUR, 560, WEEK_AGO)
    look(tmp_path, MONDAY + 2 * HOUR, shelf)
    assert shelf.items[-1].number("edit_minutes") == 60


def test_a_retry_reads_what_failed_and_keeps_what_was_seen(tmp_path: Path) -> None:
    shelf = young(tmp_path)
    put(tmp_path / "Order.docx", b"no archive")
    for _ in range(2):
        look(tmp_path, MONDAY + 5 * HOUR, shelf)
    assert (list(shelf.quarantined), shelf.cursor is not None) == (["Order.docx"], True)
    shelf.quarantined = {}
    shelf.cursor = DocumentsCollector.retry(shelf.cursor)  # type: ignore[arg-type]
    look(tmp_path, MONDAY + 5 * HOUR, shelf)
    assert (minutes(shelf), shelf.new, list(shelf.quarantined)) == (120, 0, ["Order.docx"])


def test_a_document_that_was_renamed_is_the_same(tmp_path: Path) -> None:
    shelf = young(tmp_path)
    (tmp_path / "Motion.docx").rename(tmp_path / "Motion FINAL.docx")
    look(tmp_path, MONDAY + 5 * HOUR, shelf)
    assert (minutes(shelf), shelf.new) == (120, 0)
    write(tmp_path / "Motion FINAL.docx", MONDAY + 7 * HOUR, 140)
    look(tmp_path, MONDAY + 7 * HOUR, shelf)
    assert minutes(shelf) == 140


def test_a_copy_saved_under_another_name_brings_no_minutes_along(tmp_path: Path) -> None:
    """Its count began in the document it was saved from."""
    shelf = young(tmp_path)
    write(tmp_path / "Motion v2.docx", MONDAY + 7 * HOUR, 150)
    look(tmp_path, MONDAY + 7 * HOUR, shelf)
    assert minutes(shelf) == 150


def test_reading_a_young_document_from_the_start_supersedes_its_sessions(tmp_path: Path) -> None:
    """Three of them, whose breaks are longer than all the work."""
    shelf = young(tmp_path)
    write(tmp_path / "Motion.docx", MONDAY + 9 * HOUR, 180)
    look(tmp_path, MONDAY + 9 * HOUR, shelf)
    assert (minutes(shelf), len(shelf.items)) == (180, 3)
    shelf.cursor = None
    look(tmp_path, MONDAY + 10 * HOUR, shelf)
    assert (minutes(shelf), len(shelf.items)) == (180, 1)


def test_what_is_saved_while_it_is_read_is_seen_at_the_next_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it could be read or not."""
    for name, first in (
        ("good", lambda path: write(path, MONDAY + HOUR, 10)),
        ("bad", lambda path: half(path, MONDAY)),
    ):
        path, shelf = tmp_path / name / "Motion.docx", Shelf()
        first(path)
        reading = documents.properties

        def saved_meanwhile(file: Path, reading: object = reading) -> object:
            try:
                return reading(file)  # type: ignore[operator]
            finally:
                write(file, MONDAY + 2 * HOUR, 40)

        with monkeypatch.context() as patched:
            patched.setattr(documents, "properties", saved_meanwhile)
            look(path.parent, MONDAY + 2 * HOUR, shelf)
        look(path.parent, MONDAY + 2 * HOUR, shelf)
        assert max((item.span.end if item.span else item.at) for item in shelf.items) == MONDAY + 2 * HOUR


def test_a_document_is_set_aside_at_the_second_look_that_finds_it_as_bad(tmp_path: Path) -> None:
    """And then not read again until it changes."""
    half(tmp_path / "Motion.docx", MONDAY)
    shelf = Shelf()
    told = [len(look(tmp_path, MONDAY + HOUR, shelf).quarantined) for _ in range(2)]
    assert told == [0, 1]
    assert look(tmp_path, MONDAY + HOUR, shelf).pages == 0


@pytest.mark.parametrize(("system", "known"), [("linux", True), ("darwin", False), ("win32", False)])
def test_only_a_clock_that_runs_in_sleep_says_since_when_the_machine_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: str, known: bool
) -> None:
    """Opened eight hours ago on a machine that was awake for one of them."""
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr("time.monotonic", lambda: float(HOUR))
    monkeypatch.setattr("time.clock_gettime", lambda _clock: float(HOUR))
    file, owner = tmp_path / "Motion.docx", tmp_path / "~$tion.docx"
    since = owners.opened_at(file, {owner: MONDAY - 8 * HOUR}, MONDAY)
    assert since == (0 if known else MONDAY - 8 * HOUR)


EVENTS = st.lists(
    st.tuples(st.sampled_from(["look", "save", "save", "fail", "rename", "retry"]), st.integers(6, 90)),
    min_size=3,
    max_size=14,
)


@given(events=EVENTS, created=st.sampled_from([MONDAY, WEEK_AGO]), lost=st.booleans())
def test_the_minutes_given_never_exceed_what_the_document_counted(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[str, int]], created: int, lost: bool
) -> None:
    """Whatever looks fail, are left out, lost, retried, or meet it renamed: at most its count, and one save. (A save
    at which a count does not move is given a minute, and is left out.)"""
    path, now, count, shelf, number, saves = tmp_path_factory.mktemp("day"), MONDAY, 0, Shelf(), 0, 0
    base = 0 if created == MONDAY else 300
    lost = lost and not any(what == "rename" for what, _ in events)
    for what, minute in [*events, ("save", 30), ("look", 6)]:
        file, now = path / f"Motion {number}.docx", now + minute * MINUTE
        if what == "rename" and file.exists():
            number += 1
            file.rename(path / f"Motion {number}.docx")
        elif what in ("save", "fail"):
            count, saves = count + minute // 2, saves + 1
            if what == "fail":
                half(file, now - 1)
                look(path, now, shelf)
            docx(file, saved=now, created=created, minutes=base + count, revision=base + saves)
        elif what == "retry" and shelf.cursor:
            shelf.cursor = DocumentsCollector.retry(shelf.cursor)
        elif what == "look" and any(path.iterdir()):
            look(path, now, shelf)
    if lost:
        shelf.cursor = None
        look(path, now + MINUTE, shelf)
    assert minutes(shelf) <= count + Policy().save_cap // MINUTE
