"""A calendar at Microsoft night after night: a window that rolls, meetings that move through it, attendance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autotime.collectors.ics import IcsCollector
from autotime.domain.evidence import Evidence
from autotime.testing import Shelf
from autotime.testing.microsoft import Mailbox, Tenant
from autotime.testing.server import Status
from tests.collectors.microsoft.office import ada as box_of
from tests.collectors.microsoft.office import source
from tests.collectors.sources import MONDAY, context, event, put
from tests.collectors.sources import calendar as ics

HOUR, DAY = 3600, 86_400
LINK = "https://teams.example/l/meetup-join/19%3ameeting_abc/0"
BEN = ("Ben Lund", "ben@harrow.example")


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant() as made:
        yield made


@pytest.fixture
def ada(tenant: Tenant) -> Mailbox:
    return box_of(tenant)


def night(tenant: Tenant, folder: Path, shelf: Shelf, now: int, **options: Any) -> Shelf:
    """A run as autotime makes it every night: all that was, up to a day ahead."""
    return shelf.run(source(tenant, folder, **{"parts": ("calendar",), **options}), context(now))


def starts(shelf: Shelf) -> list[int]:
    return [item.at for item in shelf.items]


def only(shelf: Shelf) -> Evidence:
    [item] = shelf.items
    return item


# -- night after night ------------------------------------------------------------------------


def test_a_month_of_nights_gives_every_meeting_once_and_takes_none_back(
    tenant: Tenant, ada: Mailbox, tmp_path: Path
) -> None:
    plan = [MONDAY + number * DAY for number in range(30)]
    for start in plan:
        ada.meets(start, start + HOUR, "Stand-up")
    shelf, came = Shelf(), 0
    for number in range(31):
        night(tenant, tmp_path, shelf, MONDAY + number * DAY + 8 * HOUR)
        came += shelf.new
        assert shelf.changed == 0
    assert starts(shelf) == plan
    assert came == 30


def test_nobody_asks_further_ahead_than_tomorrow(tenant: Tenant, ada: Mailbox, tmp_path: Path) -> None:
    """Whatever stretch is wanted: what is planned for next week is no work yet, and may change."""
    ada.meets(MONDAY + HOUR, MONDAY + 2 * HOUR, "Today")
    ada.meets(MONDAY + 5 * DAY, MONDAY + 5 * DAY + HOUR, "Next week")
    wide = context(MONDAY, last=MONDAY + 30 * DAY)
    shelf = Shelf().run(source(tenant, tmp_path, parts=("calendar",)), wide)
    assert starts(shelf) == [MONDAY + HOUR]


def test_what_is_remembered_does_not_grow_with_the_months(tenant: Tenant, ada: Mailbox, tmp_path: Path) -> None:
    for number in range(200):
        ada.meets(MONDAY + number * DAY, MONDAY + number * DAY + HOUR, "Stand-up")
    shelf, sizes = Shelf(), []
    for number in range(0, 200, 20):
        night(tenant, tmp_path, shelf, MONDAY + number * DAY)
        sizes.append(len(shelf.cursor.value) if shelf.cursor else 0)
    assert max(sizes[5:]) <= 1.1 * sizes[4]


def test_a_meeting_that_is_put_off_beyond_tomorrow_is_taken_back_until_then(
    tenant: Tenant, ada: Mailbox, tmp_path: Path
) -> None:
    kept = ada.meets(MONDAY, MONDAY + HOUR, "Harrow call")
    ada.meets(MONDAY + HOUR, MONDAY + 2 * HOUR, "Another")
    shelf = night(tenant, tmp_path, Shelf(), MONDAY + 4 * HOUR)
    later = MONDAY + 10 * DAY
    ada.changes_meeting(kept, start=later, end=later + HOUR)
    night(tenant, tmp_path, shelf, MONDAY + 5 * HOUR)
    assert starts(shelf) == [MONDAY + HOUR]
    night(tenant, tmp_path, shelf, later)
    assert starts(shelf) == [MONDAY + HOUR, later]


def test_a_meeting_that_is_called_off_and_set_again_comes_again(tenant: Tenant, ada: Mailbox, tmp_path: Path) -> None:
    kept = ada.meets(MONDAY, MONDAY + HOUR)
    ada.meets(MONDAY + 2 * HOUR, MONDAY + 3 * HOUR, "Another")
    shelf = night(tenant, tmp_path, Shelf(), MONDAY)
    off = ada.changes_meeting(kept, cancelled=True)
    assert starts(night(tenant, tmp_path, shelf, MONDAY + HOUR)) == [MONDAY + 2 * HOUR]
    ada.changes_meeting(off, cancelled=False)
    assert starts(night(tenant, tmp_path, shelf, MONDAY + 2 * HOUR)) == [MONDAY, MONDAY + 2 * HOUR]


def test_a_subject_that_changes_is_the_same_meeting_with_another_word(
    tenant: Tenant, ada: Mailbox, tmp_path: Path
) -> None:
    kept = ada.meets(MONDAY, MONDAY + HOUR, "Call")
    shelf = night(tenant, tmp_path, Shelf(), MONDAY)
    ada.changes_meeting(kept, subject="Harrow call")
    night(tenant, tmp_path, shelf, MONDAY + HOUR)
    assert (shelf.new, shelf.changed) == (0, 1)
    assert only(shelf).subject.reveal() == "Harrow call"


# -- over a day -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines",
    [("DTEND:20260312T150000Z",), ("DURATION:P2DT1H",), ("DTEND:20260309T150100Z",)],
    ids=["three days", "two days and an hour", "a minute"],
)
def test_an_event_of_any_length_is_the_span_it_is_in_a_file(
    tenant: Tenant, ada: Mailbox, tmp_path: Path, lines: tuple[str, ...]
) -> None:
    """Longer than a day, it is context; that is judged by the span, whichever source it came from."""
    plan = ics(event(*lines))
    put(tmp_path / "work.ics", plan)
    ada.plans(plan.encode())
    here = only(night(tenant, tmp_path, Shelf(), MONDAY + 5 * DAY))
    there = only(Shelf().run(IcsCollector("work", [tmp_path / "work.ics"]), context(MONDAY + 5 * DAY)))
    assert (here.span, here.identity, dict(here.facts)) == (there.span, there.identity, dict(there.facts))


def test_an_event_that_reaches_into_the_week_from_before_it_stays_as_it_was(
    tenant: Tenant, ada: Mailbox, tmp_path: Path
) -> None:
    ada.meets(MONDAY, MONDAY + 6 * DAY, "Trial")
    ada.meets(MONDAY + 5 * DAY, MONDAY + 5 * DAY + HOUR, "Call")
    shelf = night(tenant, tmp_path, Shelf(), MONDAY + DAY)
    for number in range(2, 15):
        night(tenant, tmp_path, shelf, MONDAY + number * DAY)
        assert shelf.changed == 0
    assert starts(shelf) == [MONDAY, MONDAY + 5 * DAY]


# -- attendance -------------------------------------------------------------------------------


def test_where_attendance_was_recorded_it_takes_the_place_of_the_plan(
    tenant: Tenant, ada: Mailbox, tmp_path: Path
) -> None:
    """From the night on in which the report is there."""
    ada.meets(MONDAY, MONDAY + HOUR, "Harrow call", join_url=LINK, attendees=((BEN, "accepted"),))
    shelf = night(tenant, tmp_path, Shelf(), MONDAY - 4 * HOUR, attendance=True)
    assert "attended" not in only(shelf).facts
    ada.attends(LINK, (MONDAY + 300, MONDAY + 2400))
    night(tenant, tmp_path, shelf, MONDAY + 4 * HOUR, attendance=True)
    item = only(shelf)
    assert (item.at, item.facts["attended"]) == (MONDAY + 300, f"{MONDAY + 300}-{MONDAY + 2400}")
    assert item.span is not None
    assert item.span.end == MONDAY + 2400


def test_attendance_is_asked_for_only_where_it_is_switched_on(tenant: Tenant, ada: Mailbox, tmp_path: Path) -> None:
    ada.meets(MONDAY, MONDAY + HOUR, "Harrow call", join_url=LINK)
    ada.attends(LINK, (MONDAY + 300, MONDAY + 2400))
    shelf = night(tenant, tmp_path, Shelf(), MONDAY + 4 * HOUR)
    assert only(shelf).at == MONDAY
    assert not any("onlineMeetings" in asked.target + asked.body.decode() for asked in tenant.server.asked)


def test_attendance_that_may_not_be_read_is_told_once_and_meetings_come(
    tenant: Tenant, ada: Mailbox, tmp_path: Path
) -> None:
    """However many pages the calendar has."""
    ada.teams_policy = False
    for number in range(6):
        ada.meets(MONDAY + number * HOUR, MONDAY + (number + 1) * HOUR, f"Call {number}", join_url=f"{LINK}{number}")
        ada.attends(f"{LINK}{number}", (MONDAY + number * HOUR, MONDAY + number * HOUR + 60))
    shelf = night(tenant, tmp_path, Shelf(), MONDAY + 8 * HOUR, attendance=True, page=2)
    assert len(shelf.items) == 6
    assert [gap.part for gap in shelf.gaps] == ["attendance"]


def test_a_calendar_that_fails_in_its_midst_keeps_what_came(tenant: Tenant, ada: Mailbox, tmp_path: Path) -> None:
    """The next night begins with the same week, and nothing is taken back."""
    for number in range(4):
        ada.meets(MONDAY + number * HOUR, MONDAY + (number + 1) * HOUR, f"Call {number}")
    shelf = Shelf()
    ada.receives(at=MONDAY)
    second = lambda asked: "calendarView" in asked.path and "$skiptoken" in asked.query  # noqa: E731 - one expression
    with tenant.server.failing(Status(500), second):
        night(tenant, tmp_path, shelf, MONDAY + 5 * HOUR, parts=("mail", "calendar"))
    assert [gap.part for gap in shelf.gaps] == ["calendar"]
    assert len(shelf.items) == 3
    night(tenant, tmp_path, shelf, MONDAY + 6 * HOUR, parts=("mail", "calendar"))
    assert (len(shelf.items), shelf.gaps) == (5, [])
