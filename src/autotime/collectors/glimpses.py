"""A glimpse of folders: names, sizes and times in one digest. Every few minutes of every day, so in plain strings."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from autotime.collectors.owners import OWNERS


def glimpse(roots: Iterable[Path], endings: tuple[str, ...]) -> str:
    """A digest of all files with these endings and the owner files beside them: the same, nothing was saved,
    opened or closed. No content is read, no link followed."""
    digest = blake2b(digest_size=16)
    for root in roots:
        digest.update("\n".join(sorted(_lines(root, endings))).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _lines(root: Path, endings: tuple[str, ...]) -> Iterator[str]:
    """A line for each document and owner file; for a root that is a file, of the folder around it."""
    alone = root.is_file()
    waiting = [os.fspath(root.parent if alone else root)]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                waiting += [] if alone else [entry.path]
            elif entry.name.startswith(OWNERS) or entry.name.lower().endswith(endings):
                with suppress(FileNotFoundError):  # closed or saved by renaming, just now
                    state = entry.stat(follow_symlinks=False)
                    yield f"{entry.path}\0{state.st_size}\0{state.st_mtime_ns}"
