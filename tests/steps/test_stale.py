"""Reading a source marks every day whose draft may change: the one something left as well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from autotime.domain.doors import CollectContext
from autotime.domain.evidence import Batch, Evidence, SyncCursor
from autotime.domain.spans import Span
from autotime.office import Office
from autotime.steps.collecting import Collected, _read
from autotime.steps.stale import stale_days, unmark
from tests.review import day
from tests.review.day import DAY, NEXT_DAY, at, meeting


class Pages:
    """A collector of the pages it is given. The account and source are those of the day's evidence."""

    account, source = "a", "s"

    def __init__(self, *pages: tuple[Sequence[Evidence], Sequence[str]]) -> None:
        self.pages = pages

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        for items, withdrawn in self.pages:
            yield Batch(tuple(items), SyncCursor("end"), withdrawn=tuple(withdrawn))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with day.office(tmp_path) as here:
        yield here


def marked(office: Office, items: Sequence[Evidence] = (), withdrawn: Sequence[str] = ()) -> list[object]:
    """The days a page marks, which are then fresh again."""
    _read(office, Pages((items, withdrawn)), Collected(account="a", source="s"), lambda *_: None)
    days = stale_days(office.store)
    for one in days:
        unmark(office.store, one)
    return list(days)


def test_a_meeting_that_is_moved_changes_the_day_it_left_and_the_one_it_came_to(office: Office) -> None:
    there = meeting("call", "10:00", "10:30", "Call on discovery", NEXT_DAY)
    assert marked(office, [there]) == [NEXT_DAY, DAY]


def test_what_says_nothing_new_marks_no_day(office: Office) -> None:
    same = meeting("call", "15:00", "15:30", "Call on discovery")
    assert marked(office, [same]) == []


def test_a_meeting_that_is_withdrawn_changes_its_day_once(office: Office) -> None:
    assert marked(office, withdrawn=["call"]) == [DAY]
    assert marked(office, withdrawn=["call"]) == []
    assert marked(office, withdrawn=["never seen"]) == []


def test_a_meeting_over_midnight_changes_both_days(office: Office) -> None:
    late = meeting("night", "23:00", "23:30", "Signing")
    long = replace(late, span=Span(at("23:00"), at("01:00", NEXT_DAY)))
    assert marked(office, [long]) == [NEXT_DAY, DAY]
