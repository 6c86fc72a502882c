"""mbox files: streamed, never locked, never written.

A line begins a message only if it looks like an envelope line, the line before is blank and the next
one is a header: an unquoted «From the desk of …» is text. The cursor is a byte offset a file, with
the file's size and a hash of its first kilobyte; a file that shrank or was rewritten is read again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autotime.collectors.files import regular_files, suddenly_empty
from autotime.collectors.messages import Where, quarantined, read
from autotime.domain.doors import CollectContext
from autotime.domain.errors import SourceUnavailable
from autotime.domain.evidence import Batch, Evidence, Quarantined, SyncCursor

ENVELOPE = re.compile(rb"From (?:\S+ .{0,80}\d{4}|- |.{0,120}\d{2}:\d{2}:\d{2} )")
HEADER = re.compile(rb"[!-9;-~]{1,100}:|>From |From ")
EXPUNGED = re.compile(rb"^X-Mozilla-Status:\s*([0-9a-fA-F]{4})", re.MULTILINE)
HEAD = 1024
LONGEST = 60 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class MboxCollector:
    """``paths`` are mbox files, or folders of them. The file's name is the mail folder's."""

    account: str
    paths: Sequence[Path]
    page: int = 500
    source: str = "mbox"

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        known: dict[str, dict[str, object]] = json.loads(cursor.value) if cursor else {}
        files = _mbox_files(self.paths)
        suddenly_empty(self.account, known, files, sum(file.stat().st_size for file in files))
        whole = sum(file.stat().st_size for file in files)
        before = 0
        for file in files:
            state = known.get(str(file), {})
            start = _resume(file, state)
            for page, offset in _pages(file, start, self.page):
                known[str(file)] = {"offset": offset, "size": offset, "head": _head(file)}
                found, bad = _read(page, self._where(file, context), context)
                yield Batch(
                    found,
                    SyncCursor(json.dumps(known, sort_keys=True)),
                    quarantined=bad,
                    done=before + offset,
                    of=whole,
                )
            before += file.stat().st_size

    def _where(self, file: Path, context: CollectContext) -> Where:
        return Where(self.account, self.source, file.stem, context.timekeeper, context.now)


Raw = tuple[bytes, bytes]
"""The envelope line and the message."""


def _read(
    page: list[Raw], where: Where, context: CollectContext
) -> tuple[tuple[Evidence, ...], tuple[Quarantined, ...]]:
    found: dict[str, Evidence] = {}
    bad: list[Quarantined] = []
    for envelope, raw in page:
        if _expunged(raw):
            continue
        item = _one(envelope, raw, where)
        if isinstance(item, Quarantined):
            bad.append(item)
        elif context.window.contains(item.at):
            found[item.key] = item
    return tuple(found.values()), tuple(bad)


def _one(envelope: bytes, raw: bytes, where: Where) -> Evidence | Quarantined:
    if len(raw) >= LONGEST:
        return quarantined(raw[:HEAD], where.folder, f"larger than {LONGEST >> 20} MB")
    dated = envelope.decode("latin-1").partition(" ")[2].partition(" ")[2]
    return read(raw, Where(where.account, where.source, where.folder, where.timekeeper, where.now, dated))


def _expunged(raw: bytes) -> bool:
    """Thunderbird marks deleted mail and removes it later."""
    found = EXPUNGED.search(raw, 0, 4096)
    return bool(found and int(found.group(1), 16) & 8)


def _mbox_files(paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise SourceUnavailable(f"there is no {path}", hint="check the source's paths in the settings")
        files += [file for file in regular_files(path) if _looks_like_mbox(file)]
    return files


def _looks_like_mbox(file: Path) -> bool:
    if file.suffix.lower() in (".mbox", ".mbx"):
        return True
    with file.open("rb") as opened:
        return opened.read(5) == b"From "


def _resume(file: Path, state: dict[str, object]) -> int:
    """Where to read on; from the start if the file is not the one that was read."""
    offset, size = int(str(state.get("offset", 0))), file.stat().st_size
    same = size >= offset and state.get("head") == _head(file, min(offset, HEAD))
    return offset if same else 0


def _head(file: Path, length: int = HEAD) -> str:
    with file.open("rb") as opened:
        return hashlib.blake2b(opened.read(length), digest_size=8).hexdigest()


def _pages(file: Path, start: int, size: int) -> Iterator[tuple[list[Raw], int]]:
    """Pages of messages and the offset behind each."""
    page: list[Raw] = []
    offset = start
    for envelope, raw, end in messages(file, start):
        page.append((envelope, raw))
        offset = end
        if len(page) >= size:
            yield page, offset
            page = []
    if page:
        yield page, offset


def messages(file: Path, start: int = 0) -> Iterator[tuple[bytes, bytes, int]]:
    """Envelope line, message and the offset behind it, one at a time from a byte offset."""
    with file.open("rb") as opened:
        opened.seek(start)
        lines: list[bytes] = []
        envelope, size, end, blank = b"", 0, start, True
        pending = opened.readline()
        while pending:
            line, pending = pending, opened.readline()
            if blank and line.startswith(b"From ") and ENVELOPE.match(line) and _header_follows(pending):
                if envelope:
                    yield envelope, b"".join(lines), end
                envelope, lines, size = line, [], 0
            elif size < LONGEST:
                lines.append(line)
                size += len(line)
            blank = not line.strip()
            end += len(line)
        if envelope and _complete(lines):
            yield envelope, b"".join(lines), end


def _header_follows(line: bytes) -> bool:
    return not line or bool(HEADER.match(line))


def _complete(lines: list[bytes]) -> bool:
    """A last message without its final line break is still being written: the next run takes it."""
    return not lines or lines[-1].endswith(b"\n")
