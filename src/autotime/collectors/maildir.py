"""Maildir: one file a mail in ``cur`` and ``new``, subfolders beside them. Nothing is moved or marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autotime.collectors.eml import FLAGS, read_files
from autotime.collectors.files import must_be_there, regular_files
from autotime.domain.doors import CollectContext
from autotime.domain.evidence import Batch, SyncCursor


@dataclass(frozen=True, slots=True)
class MaildirCollector:
    """``path`` is the Maildir; a mail whose flags say draft or trashed is left out."""

    account: str
    path: Path
    page: int = 500
    source: str = "maildir"

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        must_be_there([self.path])
        files = [file for file in regular_files(self.path) if _is_mail(file)]
        yield from read_files(self, self.path, files, cursor, context)


def _is_mail(file: Path) -> bool:
    flags = FLAGS.split(file.name, maxsplit=1)[1:]
    return file.parent.name in ("cur", "new") and not set("".join(flags)) & set("DT")
