"""Time of the past, as it stands in MyCase."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from autotime.domain.doors import HistorySource
from autotime.testing.server import Reply

from .world import World


@pytest.fixture
def world() -> World:
    return World()


def found(world: World, first: date, last: date) -> list[tuple[str, str]]:
    pages = world.biller().history(str(world.ada["id"]), first, last)
    return [(one.day.isoformat(), one.narrative) for page in pages for one in page.found]


def test_one_timekeepers_entries_of_some_days(world: World) -> None:
    case = world.cases["2026-001"]
    for day in ("2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01"):
        world.mycase.enters(world.ada, case, day, 1.0, f"Draft of {day}")
    world.mycase.enters(world.bo, case, "2026-03-02", 1.0, "Somebody else's")
    assert isinstance(world.biller(), HistorySource)
    assert found(world, date(2026, 3, 1), date(2026, 3, 31)) == [
        ("2026-03-01", "Draft of 2026-03-01"), ("2026-03-31", "Draft of 2026-03-31")
    ]  # fmt: skip


def test_what_was_made_long_before_is_not_even_asked_for(world: World) -> None:
    """Nothing of a day is made earlier than a month before it."""
    list(world.biller().history("1", date(2026, 3, 1), date(2026, 3, 31)))
    [asked] = world.asked()
    assert asked.query == {"page_size": "1000", "filter[updated_after]": "2026-01-29T00:00:00Z"}


def test_pages_come_as_they_are_read(world: World) -> None:
    for number in range(1_200):
        world.mycase.enters(world.ada, world.cases["2026-001"], "2026-03-02", 0.1, f"Note {number}")
    pages = world.biller().history(str(world.ada["id"]), date(2026, 3, 1), date(2026, 3, 31))
    assert len(next(pages).found) == 1000
    assert len(world.wire.asked) == 1
    assert len(next(pages).found) == 200


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        ({"id": None}, "1 time entries have no id"),
        ({"entry_date": "soon"}, "does not say of which day it is"),
        ({"staff": None}, "does not say whose it is"),
    ],
)
def test_what_cannot_be_read_is_told_beside_the_others(world: World, odd: dict[str, object], said: str) -> None:
    made = [world.mycase.enters(world.ada, world.cases["2026-001"], "2026-03-02", 1.0, words) for words in "AB"]
    world.wire.answer = lambda _asked: Reply([made[0], {**made[1], **odd}])
    [page] = world.biller().history(str(world.ada["id"]), date(2026, 3, 1), date(2026, 3, 31))
    assert [one.narrative for one in page.found] == ["A"]
    [bad] = page.bad
    assert said in bad


def test_it_says_what_was_billed_at_which_rate(world: World) -> None:
    world.mycase.bill(world.mycase.enters(world.ada, world.cases["2026-001"], "2026-03-02", 1.25, "Draft", rate=412.5))
    [page] = world.biller().history(str(world.ada["id"]), date(2026, 3, 1), date(2026, 3, 31))
    [one] = page.found
    assert (one.billed, one.rate, one.seconds) == (True, Decimal("412.5"), 4500)
    assert one.matter == str(world.cases["2026-001"]["id"])


def test_all_time_can_be_asked_for(world: World) -> None:
    assert found(world, date.min, date.max) == []
