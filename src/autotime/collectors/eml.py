"""Folders of ``.eml`` files."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autotime.collectors.files import must_be_there, regular_files, suddenly_empty
from autotime.collectors.messages import SIZE_CAP, Where, read
from autotime.domain.doors import CollectContext
from autotime.domain.evidence import Batch, Evidence, Quarantined, SyncCursor
from autotime.intake import clean

FLAGS = re.compile("[:!;]2,")
"""What stands before a Maildir's flags; a colon is no letter of a name on Windows."""


@dataclass(frozen=True, slots=True)
class EmlCollector:
    """``path`` is a folder, read with all below it; a mail's folder is its path inside."""

    account: str
    path: Path
    page: int = 500
    source: str = "eml"

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        must_be_there([self.path])
        files = [file for file in regular_files(self.path) if file.suffix.lower() in (".eml", ".txt", "")]
        yield from read_files(self, self.path, files, cursor, context)


Reader = Callable[[Path], Evidence | Quarantined | str | None]
"""One file: evidence, why there is none, the key of what it withdraws, or nothing of interest."""


class FolderOfMail(Protocol):
    """What reading a folder of mail files needs to know of its collector."""

    @property
    def account(self) -> str: ...

    @property
    def source(self) -> str: ...

    @property
    def page(self) -> int: ...


def read_files(
    collector: FolderOfMail,
    root: Path,
    files: list[Path],
    cursor: SyncCursor | None,
    context: CollectContext,
    reader: Reader | None = None,
) -> Iterator[Batch]:
    """Pages of files not read before. The cursor holds a mark of each file's name and size."""
    read_before: set[str] = set(json.loads(cursor.value)) if cursor else set()
    suddenly_empty(collector.account, read_before, files, 1)
    fresh = [(file, mark) for file in files if (mark := _mark(file, root)) not in read_before]
    for first in range(0, len(fresh), collector.page):
        page = fresh[first : first + collector.page]
        found: list[Evidence] = []
        bad: list[Quarantined] = []
        gone: list[str] = []
        for file, mark in page:
            try:
                item = reader(file) if reader else _one(collector, file, root, context)
            except OSError as unreadable:  # the next run tries again
                bad.append(Quarantined(clean(file.name, 300) or mark, f"cannot be read: {unreadable.strerror}"))
                continue
            read_before.add(mark)
            if isinstance(item, Quarantined):
                bad.append(item)
            elif isinstance(item, str):
                gone.append(item)
            elif item is not None and context.window.contains(item.at):
                found.append(item)
        state = SyncCursor(json.dumps(sorted(read_before)))
        yield Batch(tuple(found), state, tuple(gone), tuple(bad), done=first + len(page), of=len(fresh))


def _one(collector: FolderOfMail, file: Path, root: Path, context: CollectContext) -> Evidence | Quarantined:
    folder = folder_of(file, root)
    where = Where(collector.account, collector.source, folder, context.timekeeper, context.now)
    with file.open("rb") as opened:
        return read(opened.read(SIZE_CAP + 1), where)


def folder_of(file: Path, root: Path) -> str:
    """The mail folder: the path below the root, without Maildir's own folders."""
    parts = [part for part in file.parent.relative_to(root).parts if part not in ("cur", "new", "tmp")]
    return clean("/".join(parts).lstrip("."), 300) or "inbox"


def _mark(file: Path, root: Path) -> str:
    """Flags at the end of a Maildir name change when a mail is read, and so does its folder; the mail does not."""
    try:
        size = file.stat().st_size
    except OSError:
        size = 0
    name = FLAGS.split(f"/{file.relative_to(root).as_posix()}")[0].replace("/new/", "/cur/")
    return hashlib.blake2b(f"{name} {size}".encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
