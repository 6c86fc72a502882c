"""What stands in MyCase: its list knows neither matter nor day, so all of it is read once and kept current."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, repeat

import pytest

from autotime.domain.errors import SourceUnavailable
from autotime.testing.server import Asked, Reply

from .world import World, connection_to, payload


@pytest.fixture
def world() -> World:
    return World()


def fill(world: World, count: int) -> None:
    """Entries of Bo, on days of other years."""
    for number in range(count):
        world.mycase.enters(world.bo, world.cases["2026-003"], "2024-05-02", 0.1, f"Review note {number}")


def test_all_of_the_timekeepers_day_is_found_whatever_its_matter_and_age(world: World) -> None:
    case, other = world.cases["2026-001"], world.cases["2026-002"]
    made_early = world.mycase.enters(world.ada, case, "2026-03-03", 1.0, "Hearing, entered in advance")
    world.clock.sleep(400 * 86_400)
    made_now = world.mycase.enters(world.ada, other, "2026-03-03", 0.5, "Call")
    world.mycase.enters(world.ada, other, "2026-03-04", 0.5, "Another day")
    world.mycase.enters(world.bo, other, "2026-03-03", 0.5, "Somebody else")
    world.connection = connection_to(world.mycase, world.clock)
    found = world.biller().present([payload(2), payload(2, matter="2026-002", task_code="")])
    assert {one.id for one in found} == {str(made_early["id"]), str(made_now["id"])}


def test_the_list_is_read_whole_once_and_then_only_its_news(world: World) -> None:
    """2,500 entries are three pages; each later look is two requests, however many entries are sent."""
    fill(world, 2_500)
    world.clock.sleep(3600)
    biller = world.biller()
    assert biller.present([payload(2)]) == []
    assert len(world.asked()) == 3
    for number in range(2, 7):
        biller.create(payload(number))
        assert len(biller.present([payload(number)])) == 1
    assert len(world.asked()) == 3 + 5 * 2
    assert "filter[updated_after]" in world.asked()[-2].query
    assert world.asked()[-1].query == {"page_size": "1"}


def test_what_was_made_or_changed_meanwhile_is_seen(world: World) -> None:
    biller = world.biller()
    biller.create(payload(2))
    biller.present([payload(2)])
    world.clock.sleep(30)
    world.mycase.touch(world.mycase.entries[0], hours=3.0)
    world.mycase.enters(world.ada, world.cases["2026-001"], "2026-03-03", 0.5, "Call")
    assert sorted(str(one.seconds) for one in biller.present([payload(2)])) == ["10800", "1800"]


def test_what_was_deleted_meanwhile_is_missed_by_the_count(world: World) -> None:
    """It is in no list of news; one that was made at the same time does not hide it."""
    biller = world.biller()
    made = biller.create(payload(2))
    assert len(biller.present([payload(2)])) == 1
    world.mycase.entries.clear()
    again = world.mycase.enters(world.ada, world.cases["2026-001"], "2026-03-03", 0.5, "Call")
    assert [one.id for one in biller.present([payload(2)])] == [str(again["id"])] != [made.id]


def test_without_a_count_all_is_read_each_time(world: World) -> None:
    world.mycase.counts = False
    biller = world.biller()
    made = biller.create(payload(2))
    assert [one.id for one in biller.present([payload(2)])] == [made.id]
    world.mycase.entries.clear()
    assert biller.present([payload(2)]) == []


def test_what_was_read_a_quarter_of_an_hour_ago_is_read_again(world: World) -> None:
    """An invoice may not count as a change of what is on it."""
    biller = world.biller()
    biller.create(payload(2))
    world.clock.sleep(15 * 60)
    biller.present([payload(2)])
    world.mycase.bill_touches = False
    world.mycase.bill(world.mycase.entries[0])
    assert [one.billed for one in biller.present([payload(2)])] == [False]
    world.clock.sleep(15 * 60)
    assert [one.billed for one in biller.present([payload(2)])] == [True]


def miscounting(world: World, more: Iterator[int]) -> None:
    """MyCase says that there are so many more than there are."""
    plain = world.wire.answer

    def answer(asked: Asked) -> Reply:
        reply = plain(asked)
        if "Item-Count" not in reply.headers:
            return reply
        count = int(reply.headers["Item-Count"]) + next(more)
        return Reply(reply.body, reply.status, {**reply.headers, "Item-Count": str(count)})

    world.wire.answer = answer


def test_a_list_that_never_holds_still_is_not_believed(world: World) -> None:
    """Whatever is read, there are more by then."""
    miscounting(world, count(1))
    with pytest.raises(SourceUnavailable, match="change while they are read"):
        world.biller().present([payload(2)])


def test_a_count_of_what_is_not_shown_makes_it_read_all_each_time(world: World) -> None:
    miscounting(world, repeat(3))
    biller = world.biller()
    made = biller.create(payload(2))
    assert [one.id for one in biller.present([payload(2)])] == [made.id]
    world.mycase.entries.clear()
    assert biller.present([payload(2)]) == []


def test_nothing_is_asked_for_nothing(world: World) -> None:
    assert world.biller().present([]) == []
    assert world.wire.asked == []


def test_no_more_than_the_limit_is_asked_in_a_second(world: World) -> None:
    """25 are allowed; 429 is never answered."""
    biller = world.biller()
    for number in range(1, 28):
        biller.create(payload(number))
        biller.read(str(world.mycase.entries[-1]["id"]))
    assert {reply.status for _, reply in world.exchanges} == {200, 201}
    assert 15 <= world.mycase.most_in_a_second <= 25
