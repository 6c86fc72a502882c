"""One run at a time.

The lock belongs to the kernel, not to a file's existence: it is gone when the process is, however
the process went.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from autotime.domain.errors import AlreadyRunning


@contextmanager
def one_run(path: Path, now: int) -> Iterator[None]:
    """Holds the lock at ``path`` for the block. ``AlreadyRunning`` names the pid that holds it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600, exist_ok=True)
    with path.open("r+", encoding="ascii") as file:
        if not _taken(file):
            raise AlreadyRunning(
                f"another run is at work ({_holder(path)})",
                kept="nothing was changed by this one",
                hint="autotime status",
            )
        file.truncate(0)
        file.write(f"pid {os.getpid()} since {datetime.fromtimestamp(now, UTC):%Y-%m-%d %H:%M:%S} UTC\n")
        file.flush()
        yield


def _holder(path: Path) -> str:
    try:
        return path.read_text("ascii").strip() or "it does not say which"
    except OSError:
        return "it does not say which"


if sys.platform == "win32":  # pragma: no cover - the other branch is tested where the suite runs
    import msvcrt

    def _taken(file: IO[str]) -> bool:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _taken(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
