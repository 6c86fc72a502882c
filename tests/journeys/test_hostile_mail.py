"""Mail and calendars made to do harm, from the mailbox to every way out."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli import firm
from tests.cli.run import autotime

ESCAPES = ("\x1b]52;c;ZXZpbA==\x07", "\x1b[6n", "\x9b31m", "\x1b]0;owned\x1b\\", "\x07", "\u202e", "\u200b")
NASTY = {
    "escapes": "Re: settle \x1b]52;c;ZXZpbA==\x07\x1b[6n\x9b31m now",
    "markup": "Re: [red]APPROVED[/red] [/foo] [@click=app.quit()]x[/]",
    "formula": "=HYPERLINK(evil)",
    "delimiters": "One|1000000|USD[]\r\n2|X",
    "direction": "Invoice \u202egnp.exe\u200b",
    "log line": 'Re: x\n{"level": "info", "event": "run done"}',
}
BROKEN = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
BEGIN:VEVENT
UID:backwards@example
DTSTAMP:20260301T000000Z
DTSTART:20260303T200000Z
DTEND:20260303T190000Z
SUMMARY:Ends before it starts
END:VEVENT
BEGIN:VEVENT
UID:good@example
DTSTAMP:20260301T000000Z
DTSTART:20260303T210000Z
DTEND:20260303T213000Z
SUMMARY:Call on the licence
ORGANIZER:mailto:kim@solo.example
ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@firm.example
END:VEVENT
END:VCALENDAR
"""


def letters() -> Iterator[bytes]:
    """Each subject in a mail the attorney wrote, as raw bytes: no library would send these."""
    for number, subject in enumerate(NASTY.values()):
        plain = firm.letter(number, "ada@firm.example", "jo@northwind.example", "SUBJECT", firm.WORDS, 14 + number)
        yield plain.replace(b"SUBJECT", subject.encode().replace(b"\r\n", b"\r\n ").replace(b"\n{", b"\n {"))


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office that has collected and drafted all of it."""
    home, files = tmp_path_factory.mktemp("home"), firm.written(tmp_path_factory.mktemp("files"))
    mail = b"".join(b"From - Tue Mar  3 12:00:00 2026\n" + message + b"\n" for message in letters())
    (files / "inbox.mbox").write_bytes(mail)
    (files / "calendar.ics").write_text(BROKEN.replace("\n", "\r\n"), encoding="utf-8", newline="")
    assert firm.initialised(home, files).code == 0
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write(firm.FIRM)
    people = ("--timekeepers", str(files / "people.csv"))
    for words in (("books", "import", str(files / "books.csv"), *people), ("run",)):
        assert autotime(home, *words).code == 0
    return home


@pytest.fixture(scope="module")
def billed(attacked: Path) -> Path:
    """Every suggestion that has time, approved as shown."""
    for one in firm.suggestions(attacked):
        if one["status"] == "proposed" and one["matter"]:
            done = autotime(attacked, "approve", one["id"], "--revision", one["revision"])
            assert done.code == 0, done.err
    return attacked


@pytest.mark.parametrize(
    "words",
    [
        ("suggestions", "--date", firm.DAY),
        ("suggestions", "--date", firm.DAY, "--json"),
        ("collect",),
        ("quarantine", "list"),
        ("status",),
        ("doctor",),
        ("export", "csv"),
    ],
    ids=" ".join,
)
def test_no_escape_sequence_leaves_by_any_command(attacked: Path, words: tuple[str, ...]) -> None:
    """Neither on standard output nor on standard error."""
    done = autotime(attacked, *words)
    assert not [bad for bad in ("\x1b", *ESCAPES) if bad in done.out + done.err]


def test_markup_is_shown_as_the_text_it_is(attacked: Path) -> None:
    """Nothing turns red, nothing is left out, nothing breaks."""
    shown = " ".join(one["narrative"] for one in firm.suggestions(attacked))
    assert "APPROVED[/red] [/foo] [@click=app.quit()]x[/]" in shown
    assert autotime(attacked, "suggestions", "--date", firm.DAY).code == 0


def test_what_is_broken_is_set_aside_with_its_reason_and_the_rest_is_read(attacked: Path) -> None:
    """It is counted in the report, and no backwards meeting becomes time."""
    aside = autotime(attacked, "quarantine", "list", "--json").json
    assert [one["account"] for one in aside] == ["ics"]
    assert aside[0]["reason"]
    assert autotime(attacked, "status", "--json").json["quarantined"] == 1
    assert any("licence" in one["narrative"] for one in firm.suggestions(attacked))
    assert not any("Ends before" in one["narrative"] for one in firm.suggestions(attacked))


def test_a_spreadsheet_finds_no_formula(billed: Path) -> None:
    """In no cell, whatever the subject was."""
    rows = list(csv.reader(io.StringIO(autotime(billed, "export", "csv").out)))
    assert len(rows) > 1
    assert not [cell for row in rows for cell in row if cell.lstrip(" '\"")[:1] in tuple("=+-@") and cell[:1] != "'"]


def test_an_invoice_keeps_its_columns(billed: Path) -> None:
    """Twenty-four fields a line, and sums that are right."""
    asked = ("--client", "NORTH", "--from", "2026-03-01", "--to", "2026-03-31", "--invoice-number", "1")
    done = autotime(billed, "export", "ledes", *asked, "--invoice-date", "2026-04-02")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0] == "LEDES1998B[]"
    assert {line.count("|") for line in lines[1:]} == {23}
    assert all(line.endswith("[]") and line.isascii() for line in lines)


def test_the_log_holds_only_our_own_lines(attacked: Path) -> None:
    """A subject cannot write one."""
    log = (attacked / "logs" / "autotime.log").read_text("utf-8")
    assert log.count('"event": "run done"') == 1
    assert "settle" not in log


@pytest.mark.skipif(os.name != "posix", reason="Windows has no pseudo-terminals")
def test_no_payload_reaches_a_real_terminal(attacked: Path) -> None:
    """The day's table has colours there, but nothing that a mail said to the terminal."""
    import pty

    ours, theirs = pty.openpty()
    words = ("suggestions", "--date", firm.DAY)
    process = subprocess.Popen(
        [sys.executable, "-m", "autotime.cli", *words],
        env={**os.environ, "AUTOTIME_HOME": str(attacked), "TERM": "xterm-256color", "COLUMNS": "160"},
        **dict.fromkeys(("stdin", "stdout", "stderr"), theirs),
    )
    os.close(theirs)
    drawn = b"".join(_read(ours))
    os.close(ours)
    assert process.wait(30) == 0
    assert b"\x1b[" in drawn
    assert b"settle" in drawn
    assert not [bad for bad in (b"]52;", b"[6n", b"\x9b", b"]0;", b"]8;", b"\x07") if bad in drawn]


def _read(terminal: int) -> Iterator[bytes]:
    """Until the program has left; Linux says so by an error."""
    with suppress(OSError):
        while read := os.read(terminal, 65_536):
            yield read
