"""Local days and clocks.

An attorney's day is local; everything else is UTC. A local day has 23, 24 or 25 hours, sometimes
24½, and once (Apia, 30 December 2011) none at all.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from autotime.domain.spans import Span


@lru_cache(maxsize=4096)
def local_day(day: date, zone: str) -> Span:
    """From local midnight to the next, in UTC seconds. ``ValueError`` for a day that never was."""
    return Span(_midnight(day, zone), _midnight(day + timedelta(days=1), zone))


def local_date(instant: int, zone: str) -> date:
    """The date on the wall calendar at that instant."""
    return datetime.fromtimestamp(instant, _zone(zone)).date()


def clock(instant: int, zone: str) -> str:
    """The wall clock at that instant, ``HH:MM``."""
    return datetime.fromtimestamp(instant, _zone(zone)).strftime("%H:%M")


def instant_at(day: date, text: str, zone: str) -> int:
    """The instant of ``HH:MM`` on a local day; the first of two in the repeated hour.

    ``ValueError`` where there is no such time.
    """
    wall = datetime.combine(day, time.fromisoformat(text), _zone(zone))
    instant = int(wall.astimezone(UTC).timestamp())
    if clock(instant, zone) != wall.strftime("%H:%M"):
        raise ValueError(f"{text} does not exist on {day} in {zone}")
    return instant


def _midnight(day: date, zone: str) -> int:
    """The first instant of a local date, found by looking: midnight itself may not exist."""
    guess = int(datetime.combine(day, time(), _zone(zone)).astimezone(UTC).timestamp())
    low, high = guess - 93_600, guess + 93_600
    while low < high:
        middle = (low + high) // 2
        if local_date(middle, zone) < day:
            low = middle + 1
        else:
            high = middle
    return low


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
