"""When a call began and how long it lasted, as call logs write it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, tzinfo

Zones = Callable[[date], tzinfo]
"""The zone whose clocks a person read on that local day."""

DayFirst = bool | None
"""Whether 03/04 is the third of April; ``None`` where the file does not show it."""

_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})\b")
_DOTS = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})\b")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*([AaPp])?\.?[Mm]?\.?$")
_UNITS = re.compile(r"(?:(\d+)\s*h\w*)?\s*(?:(\d+)\s*m\w*)?\s*(?:(\d+)\s*s\w*)?", re.IGNORECASE)
_LASTED = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?:\.\d+)?")
EARLIEST, LATEST = 315_532_800, 4_102_444_800


def day_first(dates: Iterable[str]) -> DayFirst:
    """What the whole file shows: a number above twelve can be no month."""
    pairs = [(int(found[1]), int(found[2])) for text in dates if (found := _SLASHES.match(text))]
    day, month = any(first > 12 for first, _ in pairs), any(second > 12 for _, second in pairs)
    return day if day != month else None


def start_of(text: str, zones: Zones, order: DayFirst) -> int:
    """UTC seconds; ``ValueError`` where the text is no time, or could be two."""
    if re.fullmatch(r"\d{10}|\d{13}", text):
        at = int(text[:10])
    else:
        moment = _moment(text, order)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zones(moment.date()))
        at = int(moment.timestamp())
    if not EARLIEST <= at < LATEST:
        raise ValueError("a start no call can have")
    return at


def _moment(text: str, order: DayFirst) -> datetime:
    slashes, dots = _SLASHES.match(text), _DOTS.match(text)
    if slashes and order is None:
        raise ValueError("month or day first? The file does not show it: export ISO dates")
    try:
        if found := slashes or dots:
            first, second, year = int(found[1]), int(found[2]), int(found[3])
            day, month = (second, first) if slashes and not order else (first, second)
            return _at_clock(date(year + 2000 * (year < 100), month, day), text[found.end() :])
        return datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ValueError("no readable start") from None


def _at_clock(day: date, text: str) -> datetime:
    found = _CLOCK.fullmatch(text.strip(" ,T"))
    if found is None:
        raise ValueError(text)
    hour = int(found[1])
    if found[4]:
        hour = hour % 12 + 12 * (found[4] in "Pp")
    return datetime.combine(day, time(hour, int(found[2]), int(found[3] or 0)))


def seconds_of(seconds: str, minutes: str = "") -> int:
    """Whole seconds of «90», «90.4», «1:30», «0:01:30» or «1m 30s»; an empty cell is no talk at all."""
    text = (seconds or minutes).strip().replace(",", ".")
    if re.fullmatch(r"\d{1,9}(?:\.\d+)?", text):
        return int(float(text) * (1 if seconds.strip() else 60))
    if found := _LASTED.fullmatch(text) or _UNITS.fullmatch(text):
        hours, minute, second = (int(part or 0) for part in found.groups())
        return hours * 3600 + minute * 60 + second
    raise ValueError("no readable duration")
