"""Logs that carry ids and counts, never words.

Only the keys listed here pass, whatever a caller adds, so that no subject, name or address can reach
a log file by way of a careless line.
"""

from __future__ import annotations

import logging
import os
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autotime.domain.untrusted import Untrusted
from autotime.intake import for_log

if TYPE_CHECKING:
    import structlog

ALLOWED = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "run",
        "kind",
        "error",
        "outcome",
        "seconds",
        "timekeeper",
        "account",
        "source",
        "pages",
        "new",
        "changed",
        "unchanged",
        "withdrawn",
        "quarantined",
        "days",
        "evidence",
        "suggestions",
        "entries",
        "target",
        "batch",
        "delivered",
        "refused",
    }
)


def only_allowed(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: drops every key that is not on the list, and what mail says under any key."""
    return {
        key: for_log(value) if isinstance(value, Untrusted) else value for key, value in event.items() if key in ALLOWED
    }


class Lines:
    """Appends each line to a file of mode 0600 and lets go of it. What cannot be written is not missed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def info(self, line: str) -> None:
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(handle, "a", encoding="utf-8") as file:
                file.write(f"{line}\n")

    warning = error = info


def open_log(path: Path) -> structlog.typing.FilteringBoundLogger:
    """A logger that appends JSON lines to a 0600 file. Trouble in the log never stops the work."""
    import structlog  # noqa: PLC0415 - 0.1 s, and most commands log nothing

    logger: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        Lines(path),
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    return logger
