"""Maildir and folders of .eml: names that change, folders within folders, files that are no mail."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autotime.collectors.eml import EmlCollector
from autotime.collectors.maildir import MaildirCollector
from autotime.domain.errors import SourceUnavailable
from autotime.testing import Shelf

from .sources import collected, context, letter, only, put


def maildir(path: Path) -> MaildirCollector:
    return MaildirCollector("office", path)


def again(shelf: Shelf, path: Path) -> Shelf:
    return shelf.run(maildir(path), context())


def test_a_mail_that_was_read_and_answered_is_the_same_mail(tmp_path: Path) -> None:
    """Its file moves from ``new`` to ``cur`` and its flags change; it is not even opened again."""
    new = put(tmp_path / "new" / "1.host", letter(1))
    shelf = collected(maildir(tmp_path))
    (tmp_path / "cur").mkdir()
    new.rename(tmp_path / "cur" / "1.host:2,RS")
    again(shelf, tmp_path)
    assert (shelf.new, shelf.changed, shelf.pages) == (0, 0, 0)


@pytest.mark.parametrize("mark", [":2,", "!2,", ";2,"])
def test_flags_are_read_where_a_colon_is_no_letter_of_a_name(tmp_path: Path, mark: str) -> None:
    """Windows programs write another mark."""
    put(tmp_path / "cur" / f"1.host{mark}S", letter(1))
    put(tmp_path / "cur" / f"2.host{mark}DS", letter(2))
    put(tmp_path / "cur" / f"3.host{mark}T", letter(3))
    shelf = collected(maildir(tmp_path))
    assert only(shelf).subject.reveal() == "Harrow lease no. 1"
    (tmp_path / "cur" / f"1.host{mark}S").rename(tmp_path / "cur" / f"1.host{mark}RS")
    assert again(shelf, tmp_path).pages == 0


def test_a_draft_that_was_sent_counts_from_then_on(tmp_path: Path) -> None:
    """Drafts and trash are left out; nothing remembers them as read."""
    draft = put(tmp_path / "cur" / "1.host:2,D", letter(1))
    put(tmp_path / "cur" / "2.host:2,", letter(2))
    shelf = collected(maildir(tmp_path))
    draft.rename(tmp_path / "cur" / "1.host:2,S")
    assert (again(shelf, tmp_path).new, len(shelf.items)) == (1, 2)


def test_a_mail_that_was_deleted_stays_captured(tmp_path: Path) -> None:
    """Removed mail never removes captured time."""
    gone = put(tmp_path / "cur" / "1.host:2,S", letter(1))
    put(tmp_path / "cur" / "2.host:2,S", letter(2))
    shelf = collected(maildir(tmp_path))
    gone.unlink()
    assert len(again(shelf, tmp_path).items) == 2


def test_subfolders_give_their_names(tmp_path: Path) -> None:
    """With a dot as Maildir++ has them, or as plain folders."""
    put(tmp_path / "cur" / "1.host:2,", letter(1))
    put(tmp_path / ".Matters.Harrow" / "cur" / "2.host:2,", letter(2))
    put(tmp_path / "Sent" / "new" / "3.host", letter(3))
    places = {item.subject.reveal()[-1]: item.place.reveal() for item in collected(maildir(tmp_path)).items}
    assert places == {"1": "inbox", "2": "Matters.Harrow", "3": "Sent"}


def test_what_is_being_delivered_and_what_programs_keep_beside_is_left_alone(tmp_path: Path) -> None:
    """``tmp``, indexes, subscriptions."""
    put(tmp_path / "cur" / "1.host:2,", letter(1))
    put(tmp_path / "tmp" / "2.host", letter(2))
    put(tmp_path / "dovecot.index.log", b"\0" * 100)
    assert len(collected(maildir(tmp_path)).items) == 1


def test_a_folder_that_is_a_maildir_only_by_name_holds_nothing(tmp_path: Path) -> None:
    """Nothing is made in it either."""
    assert collected(maildir(tmp_path)).items == []
    assert list(tmp_path.iterdir()) == []


def test_a_moved_mail_is_another_piece_of_evidence_of_the_same_mail(tmp_path: Path) -> None:
    """Filed under a matter: copies are told apart by place and joined by identity."""
    inbox = put(tmp_path / "cur" / "1.host:2,S", letter(1))
    shelf = collected(maildir(tmp_path))
    (tmp_path / ".Harrow" / "cur").mkdir(parents=True)
    inbox.rename(tmp_path / ".Harrow" / "cur" / "1.host:2,S")
    assert (again(shelf, tmp_path).new, len({item.identity for item in shelf.items})) == (1, 1)


def test_only_mail_files_of_an_eml_folder_are_read(tmp_path: Path) -> None:
    """Attachments saved beside them are no mail."""
    put(tmp_path / "Harrow" / "a.EML", letter(1))
    put(tmp_path / "Harrow" / "Order.pdf", b"%PDF")
    assert only(collected(EmlCollector("office", tmp_path))).place.reveal() == "Harrow"


def test_an_eml_file_that_was_written_anew_is_read_again(tmp_path: Path) -> None:
    """The same name with another mail in it."""
    path = put(tmp_path / "latest.eml", letter(1))
    shelf = collected(EmlCollector("office", tmp_path))
    put(path, letter(2, "Another text altogether.\n"))
    assert shelf.run(EmlCollector("office", tmp_path), context()).new == 1


def test_a_mail_of_fifty_megabytes_gives_its_headers_and_first_words(tmp_path: Path) -> None:
    """The rest is attachments."""
    path = put(tmp_path / "big.eml", letter(1, "The lease is signed.\n"))
    with path.open("ab") as file:
        file.truncate(51 * 1024 * 1024)
    assert only(collected(EmlCollector("office", tmp_path))).body.reveal().startswith("The lease is signed.")


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such names")
def test_names_that_are_no_text_stop_nothing(tmp_path: Path) -> None:
    """Bytes of another charset in the names of folder and file."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/Gespr\xe4ch/\xff.eml"))
    shelf = collected(EmlCollector("office", tmp_path)) if put(path, letter(1)) else Shelf()
    assert only(shelf).place.reveal() == "Gesprch"
    assert (shelf.run(EmlCollector("office", tmp_path), context()).new, shelf.changed) == (0, 0)


def test_a_mailbox_that_is_not_there_says_so(tmp_path: Path) -> None:
    """It may be mounted later."""
    with pytest.raises(SourceUnavailable):
        collected(maildir(tmp_path / "nowhere"))
