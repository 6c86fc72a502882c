"""Files that are there whole or not at all.

::

    .NAME.part   written, synced      a kill leaves this behind; the next attempt removes it
    NAME         renamed              a kill leaves the finished file
    folder       synced               only now is it called written

Every file is 0600. Neither name is followed where it is a symbolic link.
"""

from __future__ import annotations

import errno
import hashlib
import os
from contextlib import suppress
from pathlib import Path

from autotime.domain.errors import NeedsPerson
from autotime.failpoints import point

ASIDE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)

WHY = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file may not grow so large",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "the folder may not be written to",
    errno.EPERM: "the folder may not be written to",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EEXIST: "a part of the path is a file, not a folder",
}


def write_aside(path: Path, data: bytes, *, fresh: bool = False) -> None:
    """Puts ``data`` at ``path`` in one step. ``fresh``: refuses where something is there already.

    Raises ``NeedsPerson``; then ``path`` is as it was before.
    """
    aside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        refuse_occupied(path, fresh=fresh)
        _write(aside, data)
        aside.replace(path)
        point("push.file.renamed")
        _sync_folder(path.parent)
    except OSError as failed:
        with suppress(OSError):
            aside.unlink()
        raise _told(path, failed) from None


def refuse_occupied(path: Path, *, fresh: bool) -> None:
    """``NeedsPerson`` where ``path`` is a symbolic link or a folder or, if ``fresh``, anything at all."""
    if path.is_symlink() or path.is_dir():
        what = "a symbolic link" if path.is_symlink() else "a folder"
        raise NeedsPerson(f"{path} is {what}", kept="it was not touched", hint="choose another name")
    if fresh and path.exists():
        raise NeedsPerson(
            f"{path} is already there, and was not written by this delivery",
            kept="it was not touched",
            hint=f"move {path.name} away and run the command again",
        )


def hash_of(path: Path) -> str | None:
    """SHA-256 of a regular file; ``None`` where nothing is there. ``NeedsPerson`` for anything else."""
    refuse_occupied(path, fresh=False)
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None
    except OSError as failed:
        raise _told(path, failed) from None


def settle(path: Path) -> None:
    """Finishes a write that was killed after its rename: nothing beside it, and the folder synced."""
    try:
        path.with_name(f".{path.name}.part").unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as failed:
        raise _told(path, failed) from None


def _write(aside: Path, data: bytes) -> None:
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, ASIDE, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        point("push.file.written")
        os.fsync(file.fileno())
        point("push.file.synced")


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    point("push.folder.synced")


def _told(path: Path, failed: OSError) -> NeedsPerson:
    why = WHY.get(failed.errno or 0, failed.strerror or type(failed).__name__)
    return NeedsPerson(
        f"{path} cannot be written: {why}",
        kept="there is no half-written file",
        hint="put that right and run the command again",
    )
