"""Invented mail, calendars and documents, written the way real programs write them."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from autotime.domain.doors import CollectContext, Collector
from autotime.domain.evidence import Evidence
from autotime.domain.people import Timekeeper
from autotime.domain.spans import Span
from autotime.testing import Shelf
from autotime.testing.collectors import NOW

ADA = Timekeeper(id="AOK", last="Okafor", first="Ada", emails=("ada@okafor.example",), zone="America/Chicago")
MONDAY = int(datetime(2026, 3, 9, 15, 0, tzinfo=UTC).timestamp())
"""Monday 9 March 2026, 10:00 in Chicago, the day after the clocks went forward."""


def at(text: str) -> int:
    """UTC seconds of an ISO time with its offset."""
    return int(datetime.fromisoformat(text).timestamp())


def context(now: int = NOW, first: int = 0, last: int | None = None, who: Timekeeper = ADA) -> CollectContext:
    return CollectContext(who, Span(first, now + 86_400 if last is None else last), now)


def collected(collector: Collector, now: int = NOW) -> Shelf:
    return Shelf().run(collector, context(now))


def only(shelf: Shelf) -> Evidence:
    """The one item there is."""
    assert list(shelf.quarantined.values()) == []
    assert len(shelf.items) == 1
    return shelf.items[0]


def letter(
    number: int = 0,
    body: str = "The lease is signed.\n",
    *,
    sent: int = MONDAY,
    headers: Iterable[str] = (),
    without: Iterable[str] = (),
) -> bytes:
    """A mail; ``headers`` are further lines (or take the place of one), ``without`` leaves some out."""
    named = {
        "Message-ID": f"<{number}@okafor.example>",
        "Date": format_datetime(datetime.fromtimestamp(sent, UTC)),
        "From": "Ada Okafor <ada@okafor.example>",
        "To": "Ben Lund <ben@harrow.example>",
        "Subject": f"Harrow lease no. {number}",
    }
    for line in headers:
        name, _, value = line.partition(": ")
        named[name] = value
    lines = [f"{name}: {value}" for name, value in named.items() if name not in set(without)]
    return ("\n".join(lines) + "\n\n" + body).encode("utf-8", "surrogateescape")


ENVELOPE = b"From ada@okafor.example Mon Mar  9 15:00:00 2026\n"


def mbox(*letters: bytes, envelope: bytes = ENVELOPE) -> bytes:
    return b"".join(envelope + one.rstrip(b"\n") + b"\n\n" for one in letters)


def put(path: Path, data: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def event(*lines: str, uid: str = "hearing@okafor.example", start: str = "DTSTART:20260309T150000Z") -> str:
    """A VEVENT of an hour, unless the lines say otherwise."""
    ends = any(line.startswith(("DTEND", "DURATION")) for line in lines) or "VALUE=DATE" in start
    given = [f"UID:{uid}", start, *([] if ends else ["DURATION:PT1H"]), *lines]
    if not any(line.startswith("SUMMARY") for line in lines):
        given.append("SUMMARY:Hearing in Harrow")
    return "\r\n".join(["BEGIN:VEVENT", *given, "END:VEVENT"])


def calendar(*parts: str, head: Iterable[str] = ()) -> str:
    begin = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Invented//EN", *head]
    return "\r\n".join([*begin, *parts, "END:VCALENDAR", ""])


CORE = """<?xml version="1.0" encoding="UTF-8"?><cp:coreProperties
 xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{title}</dc:title><dc:creator>{creator}</dc:creator>
 <cp:lastModifiedBy>{by}</cp:lastModifiedBy><cp:revision>{revision}</cp:revision>
 <dcterms:created xsi:type="dcterms:W3CDTF">{created}</dcterms:created>
 <dcterms:modified xsi:type="dcterms:W3CDTF">{modified}</dcterms:modified></cp:coreProperties>"""
APP = """<?xml version="1.0"?><Properties
 xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">
 <TotalTime>{minutes}</TotalTime><Words>{words}</Words></Properties>"""
WORDS = """<?xml version="1.0"?><w:document
 xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p>
 </w:body></w:document>"""


def docx(
    path: Path,
    *,
    saved: int,
    created: int = 0,
    minutes: int = 0,
    revision: int = 1,
    by: str = "Ada Okafor",
    title: str = "Motion to dismiss",
    text: str = "Defendant moves to dismiss.",
    parts: dict[str, bytes] | None = None,
) -> Path:
    """A Word document; the file's own time is that of saving. ``parts`` replace or add members."""

    def stamp(when: int) -> str:
        return f"{datetime.fromtimestamp(when, UTC):%Y-%m-%dT%H:%M:%SZ}"

    core = CORE.format(
        title=title, creator=by, by=by, revision=revision, created=stamp(created or saved), modified=stamp(saved)
    )
    members = {
        "docProps/core.xml": core.encode(),
        "docProps/app.xml": APP.format(minutes=minutes, words=len(text.split())).encode(),
        "word/document.xml": WORDS.format(text=text).encode(),
        **(parts or {}),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    os.utime(path, (saved, saved))
    return path


def pdf(path: Path, info: bytes, saved: int = MONDAY) -> Path:
    """A PDF of no pages with this information dictionary, e.g. ``/Title (Order)``."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>", b"<< " + info + b" >>"]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"xref\n0 4\n0000000000 65535 f \n%btrailer\n<< /Size 4 /Root 1 0 R /Info 3 0 R >>\n" % table
    put(path, out + b"startxref\n%d\n%%%%EOF\n" % out.index(b"xref\n0 4"))
    os.utime(path, (saved, saved))
    return path
