"""Logs that carry ids and counts, never words.

Only the keys listed here pass, whatever a caller adds, so that no subject, name or address can reach
a log file by way of a careless line.
"""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    """A structlog processor: drops every key that is not on the list."""
    return {key: value for key, value in event.items() if key in ALLOWED}


def open_log(path: Path) -> structlog.typing.FilteringBoundLogger:
    """A logger that appends JSON lines to a 0600 file. Trouble in the log never stops the work."""
    import structlog  # noqa: PLC0415 - 0.1 s, and most commands log nothing

    logging.raiseExceptions = False
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600, exist_ok=True)
    stream = path.open("a", encoding="utf-8")
    logger: structlog.typing.FilteringBoundLogger = structlog.wrap_logger(
        structlog.WriteLogger(stream),
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            only_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    return logger
