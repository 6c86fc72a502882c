"""The traps of mbox files: what begins a message, and what happens to a file between two runs."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest

from autotime.collectors.mbox import MboxCollector
from autotime.testing import Shelf

from .sources import ENVELOPE, MONDAY, collected, context, letter, mbox, only, put


def inbox(folder: Path, data: bytes, name: str = "inbox.mbox") -> Path:
    return put(folder / name, data)


def read(*paths: Path, page: int = 500) -> Shelf:
    return collected(MboxCollector("office", paths, page=page))


def again(shelf: Shelf, *paths: Path) -> Shelf:
    return shelf.run(MboxCollector("office", paths), context())


def test_a_line_that_begins_with_from_is_text_unless_it_is_an_envelope(tmp_path: Path) -> None:
    """«From the desk of …» after a blank line begins no message, nor does an envelope without a header below."""
    body = "Dear Ben,\n\nFrom the desk of Ada Okafor:\nnote the date.\n\nFrom here on Mon Mar  9 2026\nwe wait.\n"
    item = only(read(inbox(tmp_path, mbox(letter(1, body)))))
    assert "From the desk of Ada Okafor:" in item.body.reveal()
    assert item.body.reveal().endswith("we wait.")


def test_an_envelope_in_the_middle_of_a_paragraph_is_text(tmp_path: Path) -> None:
    """Without a blank line before it, it is something pasted."""
    body = f"He forwarded this:\n{ENVELOPE.decode()}Subject: pasted\n"
    assert "Subject: pasted" in only(read(inbox(tmp_path, mbox(letter(1, body))))).body.reveal()


def test_from_lines_that_were_quoted_are_unquoted(tmp_path: Path) -> None:
    """One mark is taken away, so that the words count as new and a mark the sender wrote stays."""
    item = only(read(inbox(tmp_path, mbox(letter(1, ">From noon we are free.\n>>From is kept.\n")))))
    assert item.body.reveal() == "From noon we are free."
    assert item.quoted.reveal() == "From is kept."


@pytest.mark.parametrize(
    "envelope",
    [
        "From ada@okafor.example Mon Mar  9 15:00:00 2026",
        "From MAILER-DAEMON Mon Mar 09 15:00:00 2026",
        "From - Mon Mar 09 15:00:00 2026",
        "From - ",
        "From ",
        "From 1788888888888888888@xxx Mon Mar 09 15:00:00 +0000 2026",
        "From ???@??? Mon Mar 09 15:00:00 2026",
        "From ada okafor Mon Mar 09 15:00:00 UTC 2026",
    ],
)
def test_the_envelopes_of_known_programs_begin_messages(tmp_path: Path, envelope: str) -> None:
    """Unix, Thunderbird old and new, Takeout, Eudora."""
    data = mbox(letter(1), letter(2), envelope=envelope.encode() + b"\n")
    assert len(read(inbox(tmp_path, data)).items) == 2


def test_carriage_returns_change_nothing(tmp_path: Path) -> None:
    """A file written on Windows gives the same evidence, ids included."""
    data = mbox(letter(1, "First line\n\nSecond line\n"), letter(2))
    unix = read(inbox(tmp_path / "unix", data))
    windows = read(inbox(tmp_path / "windows", data.replace(b"\n", b"\r\n")))
    assert windows.items == unix.items


def test_the_envelope_dates_a_mail_that_has_no_date(tmp_path: Path) -> None:
    """And the evidence says that its time was assumed."""
    item = only(read(inbox(tmp_path, mbox(letter(1, without=["Date"])))))
    assert (item.at, item.flag("time_assumed")) == (MONDAY, True)


def test_a_mail_that_thunderbird_marked_deleted_is_left_out(tmp_path: Path) -> None:
    """0008 is expunged but not compacted yet; 0001 (read) and the rest are nothing to us."""
    data = mbox(letter(1, headers=["X-Mozilla-Status: 0009"]), letter(2, headers=["X-Mozilla-Status: 0011"]))
    assert only(read(inbox(tmp_path, data))).subject.reveal() == "Harrow lease no. 2"


def test_marks_that_programs_add_to_a_mail_do_not_make_it_another(tmp_path: Path) -> None:
    """Read, starred, moved within the file: the same id and the same evidence, Message-ID or not."""
    plain = [letter(1), letter(2, without=["Message-ID"])]
    before = read(inbox(tmp_path, mbox(*plain)))
    marked = [b"Status: RO\nX-Mozilla-Status: 0001\nX-Keywords: \n" + one for one in plain]
    after = again(before, inbox(tmp_path, mbox(*marked[::-1])))
    assert (after.new, after.changed, len(after.items)) == (0, 0, 2)


def test_two_mails_under_one_message_id_are_two(tmp_path: Path) -> None:
    """Whoever knows the id of a sent mail can send another under it: the first must not be replaced by it."""
    forged = letter(1, "Please disregard.\n", headers=["From: Mallory <m@else.example>"])
    shelf = read(inbox(tmp_path, mbox(letter(1), forged)))
    assert [item.own for item in shelf.items] in ([True, False], [False, True])
    assert len({item.identity for item in shelf.items}) == 1


def test_a_copy_in_the_same_file_is_the_same_mail(tmp_path: Path) -> None:
    """Exports double mails; pages apart, they still are one."""
    assert len(read(inbox(tmp_path, mbox(letter(1), letter(2), letter(1))), page=1).items) == 2


def test_a_mail_still_being_written_waits_for_the_next_run(tmp_path: Path) -> None:
    """A file whose last line has no end is read up to the message before."""
    data = mbox(letter(1), letter(2))
    path = inbox(tmp_path, data[:-12])
    shelf = read(path)
    assert len(shelf.items) == 1
    path.write_bytes(data + mbox(letter(3)))
    assert (again(shelf, path).new, len(shelf.items)) == (2, 3)


def test_a_mail_that_was_cut_at_a_line_is_read_whole_when_the_rest_is_there(tmp_path: Path) -> None:
    """The file grew by the end of a message rather than by a new one; nothing before is read again."""
    path = inbox(tmp_path, mbox(letter(1)) + ENVELOPE + letter(2, "First half.\n"))
    shelf = read(path)
    with path.open("ab") as file:
        file.write(b"Second half.\n\n" + mbox(letter(3)))
    again(shelf, path)
    assert "First half.\nSecond half." in {item.body.reveal() for item in shelf.items}
    assert (shelf.new, shelf.pages) == (2, 1)


def test_only_what_was_appended_is_read(tmp_path: Path) -> None:
    """The progress of the second run begins where the first one ended."""
    path = inbox(tmp_path, mbox(*map(letter, range(9))))
    shelf = read(path)
    with path.open("ab") as file:
        file.write(mbox(letter(10)))
    pages = list(MboxCollector("office", [path]).collect(shelf.cursor, context()))
    assert [len(page.evidence) for page in pages] == [1]


@pytest.mark.parametrize("kept", [0, 4, 8])
def test_a_file_that_was_compacted_loses_and_misses_nothing(tmp_path: Path, kept: int) -> None:
    """Mail was removed and new mail came, so that the file may be longer than before with the same beginning.
    What was captured stays captured, and the newcomers all come."""
    old, newcomers = [letter(n) for n in range(9)], [letter(n, "word " * 40 + "\n") for n in range(20, 40)]
    path = inbox(tmp_path, mbox(*old))
    shelf = read(path)
    path.write_bytes(mbox(*old[:kept], *newcomers))
    again(shelf, path)
    assert (shelf.new, shelf.changed, len(shelf.items)) == (20, 0, 29)


def test_a_file_that_was_cut_short_and_grew_again_is_read_from_the_start(tmp_path: Path) -> None:
    """Between the runs it was smaller; its size now says nothing about what it holds."""
    path = inbox(tmp_path, mbox(letter(1), letter(2), letter(3)))
    shelf = read(path)
    path.write_bytes(mbox(letter(1)))
    assert (again(shelf, path).new, len(shelf.items)) == (0, 3)
    path.write_bytes(mbox(letter(1), letter(4), letter(5), letter(6)))
    assert (again(shelf, path).new, len(shelf.items)) == (3, 6)


def test_one_empty_file_among_others_is_no_alarm(tmp_path: Path) -> None:
    """A folder was tidied up; the source as a whole still holds things."""
    first, second = inbox(tmp_path, mbox(letter(1)), "a.mbox"), inbox(tmp_path, mbox(letter(2)), "b.mbox")
    shelf = read(first, second)
    first.write_bytes(b"")
    assert (again(shelf, first, second).new, len(shelf.items)) == (0, 2)


def test_thunderbirds_files_are_found_by_what_they_hold(tmp_path: Path) -> None:
    """They have no ending; indexes and filters beside them are left alone; a dot is part of a folder's name."""
    inbox(tmp_path, mbox(letter(1)), "Harrow v. Lund")
    inbox(tmp_path, b'// <!-- <mdb:mork:z v="1.4"/> -->\n', "Harrow v. Lund.msf")
    inbox(tmp_path, b"version=9\n", "msgFilterRules.dat")
    assert only(read(tmp_path)).place.reveal() == "Harrow v. Lund"


def test_a_file_without_a_single_mail_is_quarantined(tmp_path: Path) -> None:
    """It is called a mailbox and holds something else; the mailbox beside it is read."""
    inbox(tmp_path, b"\x00\x01 not mail at all\n" * 50, "odd.mbox")
    inbox(tmp_path, mbox(letter(1)))
    shelf = read(tmp_path)
    assert (len(shelf.items), list(shelf.quarantined)) == (1, ["odd.mbox"])


def test_a_file_that_may_not_be_read_is_quarantined_and_read_when_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever runs the tests may be allowed to read anything, so the refusal is staged."""
    inbox(tmp_path, mbox(letter(1)), "a.mbox")
    locked = inbox(tmp_path, mbox(letter(2)), "b.mbox")
    opening = Path.open

    def refuse(self: Path, *args: str) -> object:
        if self == locked:
            raise PermissionError(13, "Permission denied")
        return opening(self, *args)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", refuse)
        shelf = read(tmp_path)
    assert (len(shelf.items), shelf.quarantined) == (1, {"b.mbox": "cannot be read: Permission denied"})
    assert (again(shelf, tmp_path).new, len(shelf.items)) == (1, 2)


def test_a_line_without_an_end_is_not_read_into_memory(tmp_path: Path) -> None:
    """A message of one line of 70 MB is refused by its size, and the next one is read."""
    path = inbox(tmp_path, mbox(letter(1)))
    with path.open("ab") as file:
        file.write(ENVELOPE + letter(2))
        file.truncate(file.tell() + 70 * 1024 * 1024)
        file.seek(0, os.SEEK_END)
        file.write(b"\n\n" + mbox(letter(3)))
    shelf = read(path)
    assert len(shelf.items) == 2
    assert list(shelf.quarantined.values()) == ["larger than 60 MB"]


def test_a_mailbox_of_large_mails_is_read_in_little_memory(tmp_path: Path) -> None:
    """Of 20 attachments of a megabyte no more than one is in memory, in the few forms that parsing needs."""
    attached = (
        b"--b\nContent-Type: application/pdf; name=a.pdf\n\n" + (b"JVBERi0xLjQK" * 80 + b"\n") * 1_000 + b"--b--\n"
    )
    mixed = letter(1, headers=['Content-Type: multipart/mixed; boundary="b"', "Message-ID: <n@x.example>"])
    path = tmp_path / "inbox.mbox"
    with path.open("wb") as file:
        for number in range(20):
            file.write(mbox(mixed.replace(b"<n@", b"<%d@" % number) + attached))
    tracemalloc.start()
    assert len(read(path).items) == 20
    assert tracemalloc.get_traced_memory()[1] < 10 * 1024 * 1024
    tracemalloc.stop()


def test_a_page_of_long_mails_is_a_short_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept in memory between two writes is bounded by its length, not only by its number."""
    monkeypatch.setattr("autotime.collectors.mbox.HEAVY", 1_000)
    shelf = read(inbox(tmp_path, mbox(*(letter(n, "word " * 100 + "\n") for n in range(7)))))
    assert (len(shelf.items), shelf.pages) == (7, 3)


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such names")
def test_a_file_name_that_is_no_text_is_still_a_mailbox(tmp_path: Path) -> None:
    """Bytes no charset knows must not stop the run or get into a key."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/Gespr\xe4ch \x1b[31m.mbox"))
    item = only(read(put(path, mbox(letter(1)))))
    assert item.place.reveal() == "Gesprch"
    assert item.id


@pytest.mark.skipif(os.name != "posix", reason="other systems have no pipes and links in folders")
def test_links_pipes_and_loops_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    """Nothing outside the folder, nothing without an end."""
    inbox(tmp_path, mbox(letter(1)))
    os.mkfifo(tmp_path / "pipe.mbox")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "device.mbox").symlink_to("/dev/zero")
    assert len(read(tmp_path).items) == 1
