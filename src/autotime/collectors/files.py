"""Files and folders as sources: what may be read, and when to distrust what is there."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence, Sized
from pathlib import Path

from autotime.domain.errors import SourceUnavailable, SuddenlyEmpty

FILES_CAP = 2_000_000


def must_be_there(paths: Sequence[Path]) -> None:
    """``SourceUnavailable`` where one of a source's paths is not, told by its number: a path may name a client,
    and what is said here goes to reports, logs and the mails of schedulers."""
    for number, path in enumerate(paths, 1):
        if not path.exists():
            raise SourceUnavailable(
                f"path {number} of the source is not there", hint="check the source's paths in the settings"
            )


def regular_files(path: Path) -> list[Path]:
    """The path itself, or every regular file below it, in order of name. Links are not followed:
    no loop, no device, no pipe, and nothing outside the folder that was named."""
    if path.is_file():
        return [path]
    return sorted(_below(path))


def _below(folder: Path) -> Iterator[Path]:
    waiting, seen = [folder], 0
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue
        for entry in entries:
            seen += 1
            if entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry.path))
            elif entry.is_file(follow_symlinks=False) and seen <= FILES_CAP:
                yield Path(entry.path)


def suddenly_empty(account: str, known: Sized, files: Sized, size: int) -> None:
    """A source that gave things before and is empty now is more likely broken than tidied up."""
    if len(known) and (not len(files) or not size):
        raise SuddenlyEmpty(
            f"«{account}» held things at the last run and is empty now",
            kept="all that was collected before",
            hint="check that the folder is there; if it is empty for good, remove the source",
        )
