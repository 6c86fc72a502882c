"""mbox files: streamed, never locked, never written.

A line begins a message only if it looks like an envelope line, the line before is blank and the next
one is a header: an unquoted «From the desk of …» is text.

The cursor says for each file how far it was read, where its last message begins, and how its first
kilobyte and the bytes before that end look. A file that still has both is read on; one that was
rewritten or compacted is read again from the start, and gives what it gave before the same ids.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from autotime.collectors.files import must_be_there, regular_files, suddenly_empty
from autotime.collectors.messages import Where, quarantined, read
from autotime.domain.doors import CollectContext
from autotime.domain.evidence import Batch, Evidence, Quarantined, SyncCursor
from autotime.intake import clean

ENVELOPE = re.compile(rb"From (?:\S+ .{0,80}\d{4}|- |.{0,120}\d{2}:\d{2}:\d{2} |\r?\n)")
QUOTED = re.compile(rb">+From ")
HEADER = re.compile(rb"[!-9;-~]{1,100}:|>From |From ")
EXPUNGED = re.compile(rb"^X-Mozilla-Status:\s*([0-9a-fA-F]{4})", re.MULTILINE)
HEAD, TAIL = 1024, 256
LONGEST = 60 * 1024 * 1024
LONGEST_LINE = 1024 * 1024
ENDINGS = (".mbox", ".mbx")
HEAVY = 16 * 1024 * 1024
"""Characters of text in one page."""

NO_MAIL = "no mail in it, whatever its name says"

State = dict[str, Any]
"""How one file was read: ``offset`` (all before it is done), ``last`` (where the last message
begins), and hashes of the ``head`` and ``tail`` of what was read."""


@dataclass(frozen=True, slots=True)
class MboxCollector:
    """``paths`` are mbox files, or folders of them. The file's name is the mail folder's."""

    account: str
    paths: Sequence[Path]
    page: int = 5_000
    source: str = "mbox"

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        known: dict[str, State] = json.loads(cursor.value) if cursor else {}
        files, bad = _mbox_files(self.paths)
        whole = sum(size for _, size in files)
        suddenly_empty(self.account, known, files, whole)
        before = 0
        for file, size in files:
            try:
                for found, failed, done in self._file(file, known, context):
                    state = SyncCursor(json.dumps(known, sort_keys=True))
                    yield Batch(found, state, quarantined=(*bad, *failed), done=before + min(done, size), of=whole)
                    bad = []
            except OSError as unreadable:
                bad.append(_unreadable(file, unreadable))
            before += size
        if bad:
            yield Batch(
                (), SyncCursor(json.dumps(known, sort_keys=True)), quarantined=tuple(bad), done=before, of=whole
            )

    def _file(self, file: Path, known: dict[str, State], context: CollectContext) -> Iterator[Read]:
        """What each page of one file held, and how far that is; ``known`` follows. Of a message only what
        is kept of it stays in memory, so a page may be long and messages large."""
        start = _resume(file, known.get(str(file), {}))
        where = Where(self.account, self.source, _folder(file), context.timekeeper, context.now)
        empty = not start and _first(file) not in (b"", b"From ")
        read = ((raw.start, raw.end, _item(raw, where)) for raw in messages(file, start))
        while page := _page(read, self.page):
            last, offset, _ = page[-1]
            known[str(file)], empty = _state(file, last, offset), False
            yield *_sorted([item for _, _, item in page], context), offset
        if empty:
            yield (), (Quarantined(_name(file), NO_MAIL),), 0


Read = tuple[tuple[Evidence, ...], tuple[Quarantined, ...], int]


class Raw(NamedTuple):
    """One message as it stands in the file, its envelope line, and where it begins and ends."""

    envelope: bytes
    message: bytes
    start: int
    end: int


def _page(read: Iterator[tuple[int, int, Evidence | Quarantined | None]], size: int) -> list[Any]:
    """The next messages, fewer of them where they say much: the store likes long pages, memory does not."""
    page: list[tuple[int, int, Evidence | Quarantined | None]] = []
    weight = 0
    for one in islice(read, size):
        page.append(one)
        weight += len(one[2].body) + len(one[2].quoted) if isinstance(one[2], Evidence) else 0
        if weight > HEAVY:
            break
    return page


def _item(raw: Raw, where: Where) -> Evidence | Quarantined | None:
    """What one message is, if it still stands."""
    if _expunged(raw.message):
        return None
    if len(raw.message) >= LONGEST:
        return quarantined(raw.message[:HEAD], where.folder, f"larger than {LONGEST >> 20} MB")
    dated = raw.envelope.decode("latin-1").partition(" ")[2].partition(" ")[2]
    return read(raw.message, replace(where, envelope=dated))


def _sorted(
    items: Sequence[Evidence | Quarantined | None], context: CollectContext
) -> tuple[tuple[Evidence, ...], tuple[Quarantined, ...]]:
    evidence = {item.key: item for item in items if isinstance(item, Evidence) and context.window.contains(item.at)}
    return tuple(evidence.values()), tuple(item for item in items if isinstance(item, Quarantined))


def _expunged(raw: bytes) -> bool:
    """Thunderbird marks deleted mail and removes it later."""
    found = EXPUNGED.search(raw, 0, 4096)
    return bool(found and int(found.group(1), 16) & 8)


def _mbox_files(paths: Sequence[Path]) -> tuple[list[tuple[Path, int]], list[Quarantined]]:
    """The files with their sizes, and those that cannot be looked at."""
    files: list[tuple[Path, int]] = []
    bad: list[Quarantined] = []
    must_be_there(paths)
    for path in paths:
        for file in regular_files(path):
            try:
                if _looks_like_mbox(file):
                    files.append((file, file.stat().st_size))
            except OSError as unreadable:
                bad.append(_unreadable(file, unreadable))
    return files, bad


def _unreadable(file: Path, why: OSError) -> Quarantined:
    return Quarantined(_name(file), f"cannot be read: {why.strerror}")


def _name(file: Path) -> str:
    return clean(file.name, 300) or "unnamed"


def _folder(file: Path) -> str:
    """The mail folder's name: Thunderbird's files have no ending, and a dot is part of the name."""
    return clean(file.stem if file.suffix.lower() in ENDINGS else file.name, 300) or "unnamed"


def _looks_like_mbox(file: Path) -> bool:
    if file.suffix.lower() in ENDINGS:
        return True
    return _first(file) == b"From "


def _first(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(5)


def _state(file: Path, last: int, offset: int) -> State:
    head, tail = _hash(file, 0, min(HEAD, offset)), _hash(file, max(0, offset - TAIL), offset)
    return {"offset": offset, "last": last, "head": head, "tail": tail}


def _resume(file: Path, state: State) -> int:
    """Where to read on: after what was read, or at its last message if that has grown since, or from
    the start if the file is not the one that was read."""
    if not state or file.stat().st_size < state["offset"] or state != _state(file, state["last"], state["offset"]):
        return 0
    with file.open("rb") as opened:
        opened.seek(state["offset"])
        follows = opened.read(5)
    return int(state["offset"] if follows in (b"", b"From ") else state["last"])


def _hash(file: Path, start: int, end: int) -> str:
    with file.open("rb") as opened:
        opened.seek(start)
        return hashlib.blake2b(opened.read(end - start), digest_size=8).hexdigest()


def messages(file: Path, start: int = 0) -> Iterator[Raw]:
    """The messages of a file one at a time, from a byte offset at which one begins."""
    with file.open("rb") as opened:
        opened.seek(start)
        lines: list[bytes] = []
        envelope, size, begins, end, blank = b"", 0, start, start, True
        pending = opened.readline(LONGEST_LINE)
        while pending:
            line, pending = pending, opened.readline(LONGEST_LINE)
            if blank and line.startswith(b"From ") and ENVELOPE.match(line) and _header_follows(pending):
                if envelope:
                    yield Raw(envelope, b"".join(lines), begins, end)
                envelope, lines, size, begins = line, [], 0, end
            elif size < LONGEST:
                lines.append(line[1:] if line.startswith(b">") and QUOTED.match(line) else line)
                size += len(line)
            blank = line in (b"\n", b"\r\n")
            end += len(line)
        if envelope and _complete(lines):
            yield Raw(envelope, b"".join(lines), begins, end)


def _header_follows(line: bytes) -> bool:
    return not line or bool(HEADER.match(line))


def _complete(lines: list[bytes]) -> bool:
    """A last message without its final line break is still being written: the next run takes it."""
    return not lines or lines[-1].endswith(b"\n")
