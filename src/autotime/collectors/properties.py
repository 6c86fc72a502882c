"""What a document says of itself: title, people, times, editing minutes, first words.

Office files are ZIPs of XML somebody else wrote: sizes and ratios are looked at before anything is
read, XML goes through defusedxml, nothing is followed and nothing is extracted to disk.
"""

from __future__ import annotations

import logging
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError

from autotime.intake import clean

ENTRIES_CAP, RATIO_CAP, TOTAL_CAP = 2_000, 100, 200 * 1024 * 1024
PART_CAP = 4 * 1024 * 1024
WORDS_CAP = 2_000
OOXML = (".docx", ".docm", ".dotx", ".xlsx", ".xlsm", ".pptx", ".pptm")
OLE = (".doc", ".xls", ".ppt")
READABLE = (*OOXML, *OLE, ".pdf")

CORE = "{http://schemas.openxmlformats.org/package/2006/metadata/core-properties}"
TERMS = "{http://purl.org/dc/terms/}"
ELEMENTS = "{http://purl.org/dc/elements/1.1/}"
APP = "{http://schemas.openxmlformats.org/officeDocument/2006/extended-properties}"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

TEMPLATE_CREATED = int(datetime(2013, 12, 23, 23, 15, tzinfo=UTC).timestamp())
"""python-docx's template: a generated file, whose «created» is nobody's."""


class Unreadable(Exception):
    """Why a document's properties cannot be read."""


@dataclass(frozen=True, slots=True)
class Properties:
    """Times in UTC seconds, 0 where unknown; ``minutes`` is Word's own count of editing time."""

    title: str = ""
    creator: str = ""
    last_modified_by: str = ""
    created: int = 0
    modified: int = 0
    revision: int = 0
    minutes: int = -1
    words: int = 0
    text: str = ""


def properties(path: Path) -> Properties:
    """The properties of one document; ``Unreadable`` says why there are none."""
    suffix = path.suffix.lower()
    if suffix in OOXML:
        return _ooxml(path)
    if suffix in OLE:
        return _ole(path)
    return _pdf(path)


def _ooxml(path: Path) -> Properties:
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_bombs(archive)
            core, app = _xml(archive, "docProps/core.xml"), _xml(archive, "docProps/app.xml")
            text = _words(archive) if path.suffix.lower().startswith(".do") else ""
    except zipfile.BadZipFile:
        with path.open("rb") as file:
            encrypted = file.read(8) == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        raise Unreadable("encrypted" if encrypted else "not an Office file, whatever its name says") from None
    except Unreadable:
        raise
    except Exception as broken:  # noqa: BLE001 - each way of packing breaks with errors of its own
        raise Unreadable(f"broken archive ({type(broken).__name__})") from None
    created = _w3c(_find(core, TERMS + "created"))
    return Properties(
        title=clean(_find(core, ELEMENTS + "title"), 300),
        creator=clean(_find(core, ELEMENTS + "creator"), 200),
        last_modified_by=clean(_find(core, CORE + "lastModifiedBy"), 200),
        created=0 if created == TEMPLATE_CREATED else created,
        modified=0
        if created == TEMPLATE_CREATED == _w3c(_find(core, TERMS + "modified"))
        else _w3c(_find(core, TERMS + "modified")),
        revision=_number(_find(core, CORE + "revision"), 0),
        minutes=_number(_find(app, APP + "TotalTime"), -1),
        words=_number(_find(app, APP + "Words"), 0),
        text=text,
    )


def _refuse_bombs(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > ENTRIES_CAP:
        raise Unreadable("too many parts")
    if sum(entry.file_size for entry in entries) > TOTAL_CAP:
        raise Unreadable("unpacks to too much")
    if any(
        entry.file_size > RATIO_CAP * max(entry.compress_size, 1) and entry.file_size > PART_CAP for entry in entries
    ):
        raise Unreadable("packed suspiciously tight")


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as part:
            return part.read(PART_CAP)
    except KeyError:
        return b""


def _xml(archive: zipfile.ZipFile, name: str) -> Element | None:
    from defusedxml import ElementTree  # noqa: PLC0415 - only documents need it
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415

    data = _part(archive, name)
    if not data:
        return None
    try:
        found: Element = ElementTree.fromstring(data)
    except (ParseError, DefusedXmlException, ValueError) as broken:
        raise Unreadable(f"broken properties ({type(broken).__name__})") from None
    return found


def _words(archive: zipfile.ZipFile) -> str:
    """The first words of a Word document, streamed: however much there is, little is read."""
    from defusedxml import ElementTree  # noqa: PLC0415
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415

    found: list[str] = []
    count = 0
    try:
        with archive.open("word/document.xml") as part:
            for _, element in ElementTree.iterparse(_Capped(part, PART_CAP), events=("end",)):
                if element.tag == WORD + "t" and element.text:
                    found.append(element.text)
                    count += element.text.count(" ") + 1
                elif element.tag == WORD + "p":
                    found.append("\n")
                    element.clear()
                if count >= WORDS_CAP:
                    break
    except (KeyError, ParseError, DefusedXmlException, ValueError):
        pass
    return clean("".join(found), 20_000, lines=True)


class _Capped:
    """A file that ends after so many bytes."""

    def __init__(self, file: IO[bytes], cap: int) -> None:
        self.file, self.left = file, cap

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(min(self.left, size if size >= 0 else self.left))
        self.left -= len(data)
        return data


def _find(root: Element | None, tag: str) -> str:
    found = root.find(tag) if root is not None else None
    return (found.text or "") if found is not None else ""


def _number(text: str, default: int) -> int:
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else default


def _w3c(text: str) -> int:
    try:
        parsed = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        return 0
    return _sane(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))


def _sane(moment: datetime) -> int:
    return int(moment.timestamp()) if 1980 <= moment.year <= 2100 else 0


def _ole(path: Path) -> Properties:
    import olefile  # noqa: PLC0415

    try:
        with olefile.OleFileIO(str(path)) as file:
            meta = file.get_metadata()
            return Properties(
                title=_decoded(meta.title),
                creator=_decoded(meta.author),
                last_modified_by=_decoded(meta.last_saved_by),
                created=_naive_utc(meta.create_time),
                modified=_naive_utc(meta.last_saved_time),
                revision=_number(_decoded(meta.revision_number), 0),
                minutes=int(meta.total_edit_time or 0) // 60 if meta.total_edit_time else -1,
                words=int(meta.num_words or 0),
            )
    except Exception as broken:  # noqa: BLE001 - the library raises whatever its reading met
        raise Unreadable(f"not an Office file ({type(broken).__name__})") from None


def _decoded(value: Any) -> str:
    return clean(value.decode("cp1252", "replace") if isinstance(value, bytes) else str(value or ""), 300)


def _naive_utc(value: Any) -> int:
    return _sane(value.replace(tzinfo=UTC)) if isinstance(value, datetime) else 0


def _pdf(path: Path) -> Properties:
    from pypdf import PdfReader  # noqa: PLC0415
    from pypdf.errors import FileNotDecryptedError  # noqa: PLC0415

    # Its warnings quote the file, and would reach the terminal as they are.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)
    try:
        info = PdfReader(str(path)).metadata
        said = {name: _pdf_text(info, name) for name in ("/Title", "/Author", "/CreationDate", "/ModDate")}
    except FileNotDecryptedError:
        raise Unreadable("encrypted") from None
    except Exception as broken:  # noqa: BLE001 - the library raises whatever its reading met
        raise Unreadable(f"not a readable PDF ({type(broken).__name__})") from None
    return Properties(
        title=clean(said["/Title"], 300),
        creator=clean(said["/Author"], 200),
        created=_pdf_date(said["/CreationDate"]),
        modified=_pdf_date(said["/ModDate"]),
    )


def _pdf_text(info: Any, name: str) -> str:
    """A value of the information dictionary, wherever in the file it stands, if it is text."""
    value = info[name] if info is not None and name in info else ""
    return str(value) if isinstance(value, str) else ""


def _pdf_date(text: str) -> int:
    """``D:YYYYMMDDHHmmSSOHH'mm'``; without a zone it is read as UTC, free text as nothing."""
    digits = text.removeprefix("D:").replace("'", "")
    for form, length in (("%Y%m%d%H%M%S%z", None), ("%Y%m%d%H%M%S", 14), ("%Y%m%d", 8)):
        try:
            parsed = datetime.strptime(digits[:length], form)  # noqa: DTZ007 - the zone follows
        except ValueError:
            continue
        return _sane(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))
    return 0
