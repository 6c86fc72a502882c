"""What documents say of themselves, and documents that are built to break readers."""

from __future__ import annotations

import logging
import random
import time
import tracemalloc
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from autotime.collectors.properties import PART_CAP, Properties, Unreadable, properties

from .sources import CORE, MONDAY, at, docx, pdf, put

OLE_HEAD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def refused(path: Path) -> str:
    with pytest.raises(Unreadable) as why:
        properties(path)
    return str(why.value)


def with_parts(folder: Path, **parts: bytes) -> Path:
    names = {"core": "docProps/core.xml", "app": "docProps/app.xml", "body": "word/document.xml"}
    return docx(folder / "Motion.docx", saved=MONDAY, parts={names[name]: data for name, data in parts.items()})


def test_a_word_document_tells_its_times_people_and_first_words(tmp_path: Path) -> None:
    """All of it from two small parts and the beginning of the text."""
    path = docx(tmp_path / "Motion.docx", saved=MONDAY, created=MONDAY - 3600, minutes=42, revision=5)
    assert properties(path) == Properties(
        title="Motion to dismiss",
        creator="Ada Okafor",
        last_modified_by="Ada Okafor",
        created=MONDAY - 3600,
        modified=MONDAY,
        revision=5,
        minutes=42,
        words=4,
        text="Defendant moves to dismiss.",
    )


def test_missing_parts_are_unknown_and_no_trouble(tmp_path: Path) -> None:
    """Some programs write none."""
    path = tmp_path / "Sheet.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
    assert properties(path) == Properties()


@pytest.mark.parametrize("minutes", ["-5", "1e9", "99999999999999", "²", "many", ""])
def test_a_number_that_is_none_is_unknown(tmp_path: Path, minutes: str) -> None:
    """Whatever stands in TotalTime."""
    app = f'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><TotalTime>{minutes}</TotalTime></Properties>'
    assert properties(with_parts(tmp_path, app=app.encode())).minutes == -1


@pytest.mark.parametrize("stamp", ["yesterday", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "2026-13-01"])
def test_a_time_that_is_none_is_unknown(tmp_path: Path, stamp: str) -> None:
    """The file's own time stands in later."""
    core = CORE.format(title="", creator="", by="", revision=1, created=stamp, modified=stamp)
    found = properties(with_parts(tmp_path, core=core.encode()))
    assert (found.created, found.modified) == (0, 0)


def test_what_a_document_says_is_cleaned(tmp_path: Path) -> None:
    """XML cannot hold an escape, but it can hold what turns text around."""
    core = CORE.format(title="Order\u202egnp", creator="A\u200bda", by="", revision=1, created="", modified="")
    found = properties(with_parts(tmp_path, core=core.encode()))
    assert (found.title, found.creator) == ("Ordergnp", "Ada")


# -- built to break ----------------------------------------------------------------------------------

LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><x>&j;</x>"
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
REMOTE = b'<!DOCTYPE x SYSTEM "http://evil.example/x.dtd"><x/>'


@pytest.mark.parametrize("data", [LAUGHS, OUTSIDE, b"<x>", b"\xff\xfe<\x00", b"<a>" * 100_000], ids=repr)
def test_properties_that_are_no_plain_xml_are_refused(tmp_path: Path, data: bytes) -> None:
    """Entities that grow, entities that reach outside, and plain rubbish."""
    assert refused(with_parts(tmp_path, core=data)).startswith("broken properties")


@pytest.mark.parametrize("data", [LAUGHS, OUTSIDE, REMOTE], ids=["laughs", "outside", "remote"])
def test_a_text_that_is_no_plain_xml_is_no_text(tmp_path: Path, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The properties are good; nothing outside is opened for the sake of the words."""
    import socket

    monkeypatch.setattr(socket, "socket", lambda *_: pytest.fail("the network was asked"))
    found = properties(with_parts(tmp_path, body=data))
    assert (found.text, found.modified) == ("", MONDAY)


def test_an_archive_that_unpacks_to_too_much_is_refused_unopened(tmp_path: Path) -> None:
    """A few kilobytes that say they are hundreds of megabytes."""
    began = time.process_time()
    assert "too much" in refused(with_parts(tmp_path, body=b"\0" * (210 * 1024 * 1024)))
    assert time.process_time() - began < 5


def test_a_part_that_is_packed_suspiciously_tight_is_refused(tmp_path: Path) -> None:
    """A thousand to one."""
    assert "tight" in refused(with_parts(tmp_path, body=b" " * (20 * 1024 * 1024)))


def test_an_archive_of_thousands_of_parts_is_refused(tmp_path: Path) -> None:
    """No document has so many."""
    path = tmp_path / "Many.docx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(2_500):
            archive.writestr(f"{number}", b"")
    assert refused(path) == "too many parts"


def test_a_part_that_lies_about_its_size_is_read_as_far_as_the_cap(tmp_path: Path) -> None:
    """The directory of the archive says little, the part holds much."""
    path = with_parts(tmp_path, body=b"<x>" + random.Random(1).randbytes(3 * PART_CAP).hex().encode() + b"</x>")
    lied = path.read_bytes().replace((6 * PART_CAP + 7).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    path.write_bytes(lied)
    tracemalloc.start()
    with suppress(Unreadable):
        properties(path)
    assert tracemalloc.get_traced_memory()[1] < 5 * PART_CAP
    tracemalloc.stop()


def test_a_text_of_endless_paragraphs_is_read_as_far_as_its_first_words(tmp_path: Path) -> None:
    """However long the brief is."""
    text = "word " * 200_000
    found = properties(docx(tmp_path / "Brief.docx", saved=MONDAY, text=text))
    assert len(found.text) <= 20_000


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("Order.docx", OLE_HEAD + b"\0" * 600, "encrypted"),
        ("Order.docx", b"%PDF-1.4 renamed", "not an Office file"),
        ("Order.xlsx", b"", "not an Office file"),
        ("Order.pptx", b"PK\x03\x04 cut", "not an Office file"),
        ("Order.doc", b"PK\x03\x04 renamed", "not an Office file"),
        ("Order.xls", OLE_HEAD + b"\xff" * 600, "not an Office file"),
        ("Order.pdf", b"MZ not a PDF", "not a readable PDF"),
        ("Order.pdf", b"%PDF-1.7\n" + b"<<" * 3000, "not a readable PDF"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path, name: str, data: bytes, why: str) -> None:
    """With what it is, as far as that can be told."""
    assert why in refused(put(tmp_path / name, data))


def test_a_document_cut_anywhere_is_refused_or_read(tmp_path: Path) -> None:
    """A download that stopped, a disk that lost a block."""
    whole = docx(tmp_path / "Motion.docx", saved=MONDAY, text="word " * 300).read_bytes()
    chance = random.Random(7)
    for number in range(300):
        place, length = chance.randrange(len(whole)), chance.randrange(1, 9)
        data = whole[:place] if number % 3 == 0 else whole[:place] + chance.randbytes(length) + whole[place + length :]
        path = put(tmp_path / "Torn.docx", data)
        with suppress(Unreadable):
            assert isinstance(properties(path), Properties)


# -- PDF ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stamp", "instant"),
    [
        ("D:20260309100000-05'00'", MONDAY),
        ("D:20260309100000-05'00", MONDAY),
        ("D:20260309150000Z", MONDAY),
        ("D:20260309150000Z00'00'", MONDAY),
        ("D:20260309150000", MONDAY),
        ("D:20260309", at("2026-03-09T00:00+00:00")),
        ("Monday", 0),
        ("D:20261309150000", 0),
        ("D:00000000000000", 0),
        ("", 0),
    ],
)
def test_the_dates_of_a_pdf_are_read_in_every_spelling(tmp_path: Path, stamp: str, instant: int) -> None:
    """Without a zone as UTC; free text is no date and no trouble."""
    info = f"/Title (Order) /CreationDate ({stamp}) /ModDate ({stamp})".encode()
    found = properties(pdf(tmp_path / "Order.pdf", info))
    assert (found.title, found.created, found.modified) == ("Order", instant, instant)


def test_a_pdf_without_information_has_none(tmp_path: Path) -> None:
    """Scanners write none."""
    assert properties(pdf(tmp_path / "Scan.pdf", b"")) == Properties()


def test_a_value_that_stands_elsewhere_in_a_pdf_is_looked_up(tmp_path: Path) -> None:
    """An indirect object; one that points nowhere is nothing."""
    assert properties(pdf(tmp_path / "Order.pdf", b"/Title 2 0 R /Author 99 0 R")).creator == ""


def test_a_pdf_is_read_in_silence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """The library's warnings quote the file, and a terminal would obey what it quotes."""
    caplog.set_level(logging.DEBUG)
    path = pdf(tmp_path / "Order.pdf", b"/Title (a) /Title (b) /X#1b]0;owned#07 (c) /X#1b]0;owned#07 (d)")
    path.write_bytes(path.read_bytes().replace(b"startxref", b"startxxxx"))
    with suppress(Unreadable):
        properties(path)
    said = capfd.readouterr()
    assert said.out + said.err == ""
    assert "owned" not in caplog.text


def test_an_encrypted_pdf_says_so(tmp_path: Path) -> None:
    """Nobody is asked for a password."""
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_metadata({"/Title": "Order"})
    writer.encrypt("secret", algorithm="RC4-128")
    with (tmp_path / "Order.pdf").open("wb") as file:
        writer.write(file)
    assert refused(tmp_path / "Order.pdf") == "encrypted"
