"""Documents: an edit is the difference between two looks at a file, and nothing else is one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from autotime.collectors.documents import DocumentsCollector, is_here
from autotime.domain.errors import SourceUnavailable
from autotime.domain.evidence import Evidence
from autotime.testing import Shelf

from .sources import MONDAY, collected, context, docx, only, pdf, put

HOUR = 3600
NOON, EVENING = MONDAY + 2 * HOUR, MONDAY + 9 * HOUR
WEEK_AGO = MONDAY - 7 * 24 * HOUR


@pytest.fixture(autouse=True)
def long_running(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that was not restarted for a month."""
    monkeypatch.setattr("autotime.collectors.owners.uptime", lambda: 30 * 24 * HOUR)


def folder(path: Path, **options: object) -> DocumentsCollector:
    return DocumentsCollector("papers", [path], **options)  # type: ignore[arg-type]


def look(path: Path, now: int, shelf: Shelf | None = None) -> Shelf:
    return (shelf or Shelf()).run(folder(path), context(now))


def second(path: Path, shelf: Shelf, now: int = EVENING) -> list[Evidence]:
    """What another look finds that the first did not."""
    before = set(shelf.evidence)
    look(path, now, shelf)
    return [item for item in shelf.items if item.id not in before]


# -- the first look ------------------------------------------------------------------------------


def test_a_young_document_tells_of_its_first_session(tmp_path: Path) -> None:
    """Created and saved within a day: Word's count of minutes is that session's."""
    docx(tmp_path / "Harrow" / "Motion.docx", saved=MONDAY, created=MONDAY - HOUR, minutes=45)
    item = only(look(tmp_path, NOON))
    assert (item.at, item.own, item.number("edit_minutes")) == (MONDAY, True, 45)
    assert (item.subject.reveal(), item.place.reveal(), item.facts["file"]) == (
        "Motion to dismiss",
        "Harrow",
        "Motion.docx",
    )
    assert item.facts["created_at"] == MONDAY - HOUR


def test_an_old_document_tells_only_that_it_was_saved(tmp_path: Path) -> None:
    """Its minutes are those of months."""
    docx(tmp_path / "Motion.docx", saved=MONDAY, created=WEEK_AGO, minutes=900)
    assert "edit_minutes" not in only(look(tmp_path, NOON)).facts


def test_the_template_of_a_program_is_nobodys_creation(tmp_path: Path) -> None:
    """python-docx says 2013 for every file it makes: the file's own time stands in."""
    template = 1387840500
    docx(tmp_path / "Letter.docx", saved=template, by="python-docx")
    os.utime(tmp_path / "Letter.docx", (MONDAY, MONDAY))
    item = only(look(tmp_path, NOON))
    assert (item.at, "created_at" in item.facts, item.own) == (MONDAY, False, True)


@pytest.mark.parametrize(
    ("by", "own"),
    [
        ("Ada Okafor", True),
        ("Okafor, Ada", True),
        ("AO", True),
        ("ada@okafor.example", True),
        ("", True),
        ("Ben Lund", False),
        ("Ben Okafor", False),
    ],
)
def test_a_document_somebody_else_saved_last_is_not_own_work(tmp_path: Path, by: str, own: bool) -> None:
    """By name, initials or address; a document that names nobody lies in the timekeeper's own folder."""
    docx(tmp_path / "Motion.docx", saved=MONDAY, by=by)
    assert only(look(tmp_path, NOON)).own is own


# -- further looks -------------------------------------------------------------------------------


def test_an_edit_is_the_growth_between_two_looks(tmp_path: Path) -> None:
    """Minutes and saves since the last look, and when that was."""
    path = docx(tmp_path / "Motion.docx", saved=MONDAY, created=WEEK_AGO, minutes=100, revision=7)
    shelf = look(tmp_path, NOON)
    docx(path, saved=NOON + HOUR, created=WEEK_AGO, minutes=130, revision=9)
    (edit,) = second(tmp_path, shelf)
    assert edit.at == NOON + HOUR
    assert {name: edit.facts[name] for name in ("edit_minutes", "revision_delta", "observed_from")} == {
        "edit_minutes": 30,
        "revision_delta": 2,
        "observed_from": NOON,
    }


def test_edits_of_several_days_are_several_pieces_of_evidence(tmp_path: Path) -> None:
    """One conversation: the file."""
    path = docx(tmp_path / "Motion.docx", saved=MONDAY, created=WEEK_AGO, minutes=10)
    shelf = look(tmp_path, EVENING)
    for day in (1, 2, 3):
        docx(path, saved=MONDAY + day * 24 * HOUR, created=WEEK_AGO, minutes=10 + 20 * day)
        look(tmp_path, EVENING + day * 24 * HOUR, shelf)
    assert [item.number("edit_minutes") for item in shelf.items] == [0, 20, 20, 20]
    assert {item.thread for item in shelf.items} == {"file:Motion.docx"}


def test_touched_copied_or_synchronised_is_not_edited(tmp_path: Path) -> None:
    """The file's time moved, the document says nothing new."""
    path = docx(tmp_path / "Motion.docx", saved=MONDAY)
    shelf = look(tmp_path, NOON)
    os.utime(path, (NOON + HOUR, NOON + HOUR))
    assert second(tmp_path, shelf) == []


def test_a_document_put_in_the_place_of_another_is_a_new_lineage(tmp_path: Path) -> None:
    """Its minutes are not a growth of the other's."""
    path = docx(tmp_path / "Motion.docx", saved=MONDAY, created=WEEK_AGO, minutes=10)
    shelf = look(tmp_path, NOON)
    docx(path, saved=NOON + HOUR, created=WEEK_AGO - HOUR, minutes=500)
    (edit,) = second(tmp_path, shelf)
    assert "edit_minutes" not in edit.facts


def test_minutes_that_went_back_say_nothing(tmp_path: Path) -> None:
    """An older version was restored."""
    path = docx(tmp_path / "Motion.docx", saved=MONDAY, created=WEEK_AGO, minutes=50)
    shelf = look(tmp_path, NOON)
    docx(path, saved=NOON + HOUR, created=WEEK_AGO, minutes=20)
    (edit,) = second(tmp_path, shelf)
    assert "edit_minutes" not in edit.facts


def test_saving_by_renaming_is_the_same_document(tmp_path: Path) -> None:
    """Word writes aside and renames: another inode, the same path."""
    path = docx(tmp_path / "Motion.docx", saved=MONDAY, created=WEEK_AGO, minutes=10)
    shelf = look(tmp_path, NOON)
    aside = docx(tmp_path / "aside", saved=NOON + HOUR, created=WEEK_AGO, minutes=25)
    aside.replace(path)
    (edit,) = second(tmp_path, shelf)
    assert edit.number("edit_minutes") == 15


def test_a_clock_that_ran_ahead_dates_nothing_into_the_future(tmp_path: Path) -> None:
    """Saved tomorrow means saved by now, and the next look finds no edit in that."""
    docx(tmp_path / "Motion.docx", saved=NOON + 48 * HOUR, created=WEEK_AGO)
    shelf = look(tmp_path, NOON)
    assert only(shelf).at == NOON
    assert second(tmp_path, shelf) == []


def test_a_clock_that_ran_back_between_the_looks_claims_no_time_before_them(tmp_path: Path) -> None:
    """The save lies before the last look by its own word: no growth is placed after that look."""
    path = docx(tmp_path / "Motion.docx", saved=NOON, created=WEEK_AGO, minutes=10)
    shelf = look(tmp_path, NOON + HOUR)
    docx(path, saved=NOON - HOUR, created=WEEK_AGO, minutes=15)
    (edit,) = second(tmp_path, shelf)
    assert (edit.at, "observed_from" in edit.facts) == (NOON - HOUR, False)


# -- what lies beside documents --------------------------------------------------------------------


@pytest.mark.parametrize("owner", ["~$tion.docx", "~$Motion.docx", ".~lock.Motion.docx#"])
def test_an_owner_file_tells_since_when_a_document_is_open(tmp_path: Path, owner: str) -> None:
    """Word's and LibreOffice's; none of them is a document."""
    docx(tmp_path / "Motion.docx", saved=MONDAY, created=WEEK_AGO)
    os.utime(put(tmp_path / owner, b"\x03Ada" + b" " * 150), (MONDAY - HOUR, MONDAY - HOUR))
    assert only(look(tmp_path, NOON)).facts["opened_at"] == MONDAY - HOUR


def test_an_owner_file_that_survived_a_crash_says_nothing(tmp_path: Path) -> None:
    """It is a week old; nobody writes for a week."""
    docx(tmp_path / "Motion.docx", saved=MONDAY, created=WEEK_AGO)
    os.utime(put(tmp_path / "~$tion.docx", b"x"), (WEEK_AGO, WEEK_AGO))
    assert "opened_at" not in only(look(tmp_path, NOON)).facts


def test_temporary_hidden_and_ignored_files_are_no_documents(tmp_path: Path) -> None:
    """Neither are files of other kinds."""
    for name in ("~$tion.docx", ".Motion.docx", "~WRL0001.tmp", "notes.txt", "Motion.docx.crdownload", "Old/a.docx"):
        docx(tmp_path / name, saved=MONDAY)
    assert collected(folder(tmp_path, ignore=["Old/*"])).items == []


@pytest.mark.parametrize(
    ("state", "here"),
    [
        (SimpleNamespace(st_file_attributes=0x20), True),
        (SimpleNamespace(st_file_attributes=0x400020), False),
        (SimpleNamespace(st_file_attributes=0x1000), False),
        (SimpleNamespace(st_flags=0x40000040), False),
        (SimpleNamespace(st_flags=0x40), True),
        (SimpleNamespace(), True),
    ],
)
def test_files_that_lie_in_the_cloud_are_not_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: SimpleNamespace, here: bool
) -> None:
    """What only the cloud holds is not opened, and is looked at once it is on the disk."""
    assert is_here(state) is here  # type: ignore[arg-type]
    docx(tmp_path / "Motion.docx", saved=MONDAY)
    monkeypatch.setattr("autotime.collectors.documents.is_here", lambda _: here)
    shelf = look(tmp_path, NOON)
    monkeypatch.undo()
    assert (len(shelf.items), len(look(tmp_path, EVENING, shelf).items)) == (int(here), 1)


def test_a_file_that_vanished_after_it_was_listed_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was closed and renamed meanwhile."""
    gone, kept = (docx(tmp_path / name, saved=MONDAY) for name in ("a.docx", "b.docx"))
    from autotime.collectors import documents

    opening = documents.properties

    def vanish(path: Path) -> object:
        if path == gone:
            path.unlink()
        return opening(path)

    monkeypatch.setattr(documents, "properties", vanish)
    shelf = look(tmp_path, NOON)
    assert [item.facts["file"] for item in shelf.items] == [kept.name]
    assert shelf.quarantined == {}


def test_a_bad_document_that_was_mended_is_seen_as_new(tmp_path: Path) -> None:
    """Its first session counts as that of any young document."""
    path = put(tmp_path / "Motion.docx", b"half a downl")
    os.utime(path, (MONDAY - HOUR, MONDAY - HOUR))
    shelf = look(tmp_path, MONDAY)
    docx(path, saved=NOON, created=MONDAY, minutes=30)
    (edit,) = second(tmp_path, shelf)
    assert edit.number("edit_minutes") == 30


def test_a_disk_that_is_not_mounted_is_no_deletion(tmp_path: Path) -> None:
    """The folder is gone: the source says so, and nothing captured is lost."""
    docx(tmp_path / "share" / "Motion.docx", saved=MONDAY)
    shelf = look(tmp_path / "share", NOON)
    shutil.rmtree(tmp_path / "share")
    with pytest.raises(SourceUnavailable, match="path 1 of the source is not there"):
        look(tmp_path / "share", EVENING, shelf)
    assert len(shelf.items) == 1


def test_a_pdf_is_filed_when_it_was_made(tmp_path: Path) -> None:
    """Exported at; whether its author is the timekeeper it says itself."""
    pdf(tmp_path / "Order.pdf", b"/Title (Order) /Author (Ada Okafor) /ModDate (D:20260309100000-05'00')", saved=NOON)
    item = only(look(tmp_path, EVENING))
    assert (item.at, item.own, item.subject.reveal()) == (MONDAY, True, "Order")
