"""Owner files: what Word and LibreOffice put beside a document while it is open."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path

OWNERS = ("~$", ".~lock.")
"""How their names begin."""

Owners = Mapping[Path, int]
"""Owner files and the UTC second each appeared."""


def is_owner(file: Path) -> bool:
    return file.name.startswith(OWNERS)


def owner_files(file: Path) -> list[Path]:
    """Where they would lie: Word's, which drops two letters of a long name, Excel's, and LibreOffice's."""
    return [file.with_name(name) for name in (f"~${file.name[2:]}", f"~${file.name}", f".~lock.{file.name}#")]


def opened_at(file: Path, owners: Owners, now: int) -> int:
    """Since when the document is open, 0 where it is not. An owner file from before this machine was started
    survived a crash, where that is known."""
    if not owners:
        return 0
    since = next((owners[owner] for owner in owner_files(file) if owner in owners), 0)
    return since if since > now - uptime() else 0


def uptime() -> int:
    """Seconds since this machine was started, sleep included; where no clock says that (macOS stops its own
    in sleep), more than any machine ran."""
    if sys.platform == "linux":
        return int(time.clock_gettime(time.CLOCK_BOOTTIME))
    return sys.maxsize
