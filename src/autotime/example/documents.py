"""Word documents with real properties: who wrote them, when, and for how many minutes."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autotime.example.days import Draft
from autotime.example.firm import FIRM, Staff

FIXED = (2026, 1, 1, 0, 0, 0)
"""The time stamp of every archive member: the same firm has the same bytes."""

APP = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<TotalTime>{minutes}</TotalTime><Words>{words}</Words><Company>{firm}</Company></Properties>"
)


def write(drafts: Iterable[Draft], staff: Staff, folder: Path) -> None:
    for draft in drafts:
        path = folder / draft.folder / draft.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_document(draft, staff))
        saved = draft.at.timestamp()
        os.utime(path, (saved, saved))


def _document(draft: Draft, staff: Staff) -> bytes:
    from docx import Document  # noqa: PLC0415 - only making the example needs it

    made = Document()
    for line in draft.text.splitlines():
        made.add_paragraph(line)
    said = made.core_properties
    said.author = said.last_modified_by = staff.person.name
    said.title, said.revision = draft.title, draft.saves
    said.created = _naive(draft, draft.minutes)
    said.modified = _naive(draft, 0)
    held = io.BytesIO()
    made.save(held)
    words = len(draft.text.split())
    return _repacked(held.getvalue(), APP.format(minutes=draft.minutes, words=words, firm=FIRM.replace("&", "&amp;")))


def _naive(draft: Draft, before: int) -> datetime:
    """python-docx writes naive times as UTC."""
    return (draft.at - timedelta(minutes=before)).astimezone(UTC).replace(tzinfo=None)


def _repacked(data: bytes, app: str) -> bytes:
    """The same archive with our ``app.xml`` (python-docx keeps its template's) and fixed stamps."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            content = app.encode() if name == "docProps/app.xml" else old.read(name)
            new.writestr(zipfile.ZipInfo(name, FIXED), content)
    return held.getvalue()
