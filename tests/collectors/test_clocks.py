"""By a clock that is off, a source is read and says so; by one that is days off, its cursor stays where it was."""

from __future__ import annotations

import time

import pytest

from autotime.collectors.parts import by_the_clock
from autotime.domain.evidence import Batch, SyncCursor
from autotime.testing import Shelf
from autotime.testing.collectors import instant

from .calendars import House
from .sources import context
from .test_caldav_contract import written

DAY = 86_400


def read(skew: int, before: str = "before") -> tuple[list[str], list[str]]:
    """The cursors of a run of two pages, and the parts that are gaps."""
    pages = [Batch((), SyncCursor(value)) for value in ("first", "second")]
    cursor = SyncCursor(before) if before else None
    found = list(by_the_clock(pages, cursor, lambda: skew))
    return [batch.cursor.value for batch in found], [gap.part for batch in found for gap in batch.gaps]


def test_a_clock_that_is_right_changes_nothing() -> None:
    assert read(0) == (["first", "second"], [])


@pytest.mark.parametrize("skew", [301, -301, DAY, -DAY])
def test_a_clock_that_is_minutes_off_is_told(skew: int) -> None:
    """What is read is good: the window reaches a day beyond now."""
    assert read(skew) == (["first", "second", "second"], ["clock"])


@pytest.mark.parametrize("skew", [DAY + 1, -DAY - 1, 50 * 365 * DAY])
def test_by_a_clock_that_is_days_off_the_cursor_stays(skew: int) -> None:
    """The next run reads it all again; without a cursor, from the beginning."""
    assert read(skew) == (["before"] * 3, ["clock"])
    assert read(skew, before="") == ([""] * 3, ["clock"])


def test_caldav_comes_back_to_what_a_wrong_clock_hid() -> None:
    """Read three weeks early, an event lies beyond the window; once the clock is right it comes."""
    with House() as house:
        house.put("1", written(1))
        house.server.date = time.time() + 21 * DAY
        early, shelf = instant(1) - 21 * DAY, Shelf()
        shelf.run(house.collector(), context(now=early))
        assert ([gap.part for gap in shelf.gaps], shelf.items) == (["clock"], [])
        house.server.date = None
        shelf.run(house.collector(), context(now=instant(2)))
        assert (shelf.gaps, len(shelf.items)) == ([], 1)
