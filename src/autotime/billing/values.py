"""Values as billing systems write them in their JSON: numbers that may be text, times that may lack a zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from autotime.intake import clean

TELLING = 12
"""So many characters in a row of a text of ours, and a message repeats it."""

LARGEST = 10**12
"""No hours and no money reach it."""


def number_of(value: Any) -> Decimal | None:
    """A number, whether it comes as one or as text; ``None`` where it is neither."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < LARGEST else None


def flag_of(value: Any) -> bool | None:
    """Yes or no, whether it comes as such or as text; ``None`` where it is neither."""
    if isinstance(value, int):
        return bool(value)
    return {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else None


def text_of(record: Mapping[str, Any], name: str, limit: int = 300) -> str:
    """Clean text of a field on one line; nothing where it is none."""
    value = record.get(name)
    return clean(value, limit) if isinstance(value, str) else ""


def second_of(value: Any) -> int:
    """UTC second of a time, which is UTC where it names no zone; 0 where it is none."""
    try:
        moment = datetime.fromisoformat(str(value))
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return 0


def repeats(words: str, ours: str) -> bool:
    """Whether a system's words say a line of ours again, or twelve characters of one; a line of three or less is
    no text."""
    held = clean(words, 100_000).casefold()
    lines = (clean(line, 100_000).casefold() for line in ours.splitlines())
    pieces = (line[at : at + TELLING] for line in lines for at in range(max(1, len(line) - TELLING + 1)))
    return any(piece in held for piece in pieces if len(piece) > 3)
