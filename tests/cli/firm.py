"""A small invented firm as files: one day of mail, one calendar, the books; and its office set up."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from tests.cli.run import Ran, autotime

DAY = "2026-03-03"
CANARY = "Zanzibar settlement of 4,711,000"
"""Stands in the subject of a mail; it is nobody's business but the screen's."""

BOOKS = """\
matter,name,client,client_name,client_matter_id,code_set,contacts,domains,rate
2026-001,Northwind v. Harrow,NORTH,"Northwind Mills, Inc.",NW-77,litigation,jo@northwind.example,northwind.example,450
2026-002,Imprint licence,SOLO,Solo Press LLC,S-1,,kim@solo.example,solo.example,450
"""
PEOPLE = """\
id,last,first,emails,classification,rate,zone
AOK,Okafor,Ada,ada@firm.example,PARTNR,450,America/Chicago
"""
FIRM = """
[firm]
name = "Okafor & Lindqvist LLP"
tax_id = "24-6437381"
address = "1 Example Plaza, Springfield, IL 62701"
"""
WORDS = "We hold that the request is too broad and say so in the answer. " * 12
MEETING = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
BEGIN:VEVENT
UID:call-1@northwind.example
DTSTAMP:20260301T000000Z
DTSTART:20260303T200000Z
DTEND:20260303T203000Z
SUMMARY:Call with Northwind on discovery
ORGANIZER:mailto:jo@northwind.example
ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@firm.example
END:VEVENT
END:VCALENDAR
"""


def letter(number: int, sender: str, to: str, subject: str, text: str, hour: int, **headers: str) -> bytes:
    """One message of the day, at ``hour`` UTC."""
    made = EmailMessage()
    made["Message-ID"] = f"<{number}@mail.example>"
    made["Date"] = format_datetime(datetime(2026, 3, 3, hour, 10, tzinfo=UTC))
    made["From"], made["To"], made["Subject"] = sender, to, subject
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made.as_bytes()


LETTERS = (
    letter(1, "jo@northwind.example", "ada@firm.example", "Requests for production", "Please answer these.", 15),
    letter(
        2,
        "ada@firm.example",
        "jo@northwind.example",
        "Re: Requests for production",
        WORDS,
        16,
        In_Reply_To="<1@mail.example>",
        References="<1@mail.example>",
    ),
    letter(3, "ada@firm.example", "kim@solo.example", CANARY, WORDS, 18),
    letter(4, "kim@solo.example", "ada@firm.example", "A last point", "One more thing on the licence.", 21),
)


def written(folder: Path) -> Path:
    """The firm's files in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "inbox.mbox").write_bytes(b"".join(b"From - Tue Mar  3 12:00:00 2026\n" + m + b"\n" for m in LETTERS))
    (folder / "calendar.ics").write_text(MEETING.replace("\n", "\r\n"), encoding="utf-8", newline="")
    (folder / "books.csv").write_text(BOOKS, encoding="utf-8")
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    return folder


def initialised(home: Path, files: Path, *more: str) -> Ran:
    """``autotime init`` for the firm's partner, with her mail and calendar."""
    return autotime(
        home,
        *("init", "--timekeeper", "AOK", "--last", "Okafor", "--first", "Ada", "--zone", "America/Chicago"),
        *("--email", "ada@firm.example", "--key-file", str(home / "AOK.key")),
        *("--mbox", str(files / "inbox.mbox"), "--ics", str(files / "calendar.ics")),
        *more,
    )


def worked(home: Path, files: Path) -> None:
    """The office set up, its books read, its mail collected, and its day drafted."""
    steps: tuple[tuple[str, ...], ...] = (
        ("books", "import", str(files / "books.csv"), "--timekeepers", str(files / "people.csv")),
        ("run",),
    )
    assert initialised(home, written(files)).code == 0
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write(FIRM)
    for step in steps:
        done = autotime(home, *step)
        assert done.code == 0, done.err


def suggestions(home: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = autotime(home, "suggestions", "--date", DAY, "--json").json
    return found


def the_one(home: Path, matter: str) -> dict[str, Any]:
    """The proposed suggestion of a matter with most time."""
    proposed = [one for one in suggestions(home) if one["matter"] == matter and one["status"] == "proposed"]
    return max(proposed, key=lambda one: one["seconds"])
