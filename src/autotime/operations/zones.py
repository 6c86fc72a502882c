"""Which time-zone rules this machine works with. Instants are kept in UTC; their days come from the rules."""

from __future__ import annotations

import zoneinfo
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

UNKNOWN = "unknown"


def version() -> str:
    """The release of the zone rules, such as ``2026a``: the system's where it has them, else the package's.
    ``unknown`` where they do not say."""
    for folder in map(Path, zoneinfo.TZPATH):
        if (folder / "UTC").is_file():
            return _said(folder / "tzdata.zi")
    return _said(files("tzdata") / "zoneinfo" / "tzdata.zi")


def _said(file: Path | Traversable) -> str:
    """Its first line is «# version 2026a»."""
    try:
        with file.open(encoding="ascii", errors="replace") as lines:
            words = lines.readline().split()
    except OSError:
        return UNKNOWN
    return words[2] if words[:2] == ["#", "version"] and words[2:] else UNKNOWN
