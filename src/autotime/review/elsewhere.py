"""Time of a day that stands in billing already and was not sent from here: imported history, other people's keys.

It is shown beside what is suggested, and counts for the length of the day. It never takes a suggestion away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal

from autotime.domain.delivery import Billed

TENTH = Decimal("0.1")


def seconds_of(billed: Iterable[Billed]) -> int:
    """What is hidden counts nothing."""
    return sum(one.seconds or 0 for one in billed)


def by_matter(billed: Iterable[Billed]) -> Mapping[str, int]:
    """Seconds of each matter that has any."""
    sums: Counter[str] = Counter()
    for one in billed:
        sums[one.matter] += one.seconds or 0
    return sums


def hours(seconds: int) -> str:
    """Tenths of an hour, ``1.2 h``; a little is not nothing."""
    tenths = (Decimal(seconds) / 3600).quantize(TENTH, ROUND_HALF_UP)
    return f"{max(tenths, TENTH) if seconds else tenths} h"


def said(billed: Iterable[Billed]) -> str:
    """``already in billing 1.2 h``; empty where nothing is."""
    found = list(billed)
    hidden = sum(one.seconds is None for one in found)
    parts = [hours(seconds_of(found))] if len(found) > hidden else []
    parts += [f"{hidden} of unknown length"] if hidden else []
    return f"already in billing {' and '.join(parts)}" if parts else ""
