"""Time that stands in Clio from before."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from autotime.domain.delivery import Remote
from autotime.domain.doors import HistorySource
from autotime.domain.work import Billing
from tests.billing.clio.room import Room, room

FIRST, LAST = date(2025, 3, 1), date(2026, 2, 28)


def read(here: Room, user: int) -> list[Remote]:
    return [one for page in here.biller().history(str(user), FIRST, LAST) for one in page.found]


def test_it_is_a_source_of_history() -> None:
    assert isinstance(room().biller(), HistorySource)


def test_an_entry_of_the_past_is_read_whole() -> None:
    here = room()
    codes = {"utbms_task_id": here.code("L310"), "utbms_activity_id": here.code("A103")}
    codes["id"] = here.clio.account.utbms_category(codes)
    matter = here.matter("2026-001")
    made = here.clio.enter(here.ada, matter, FIRST, 5400, "Draft motion", activity_description=codes, price=400.0)
    here.clio.bill(str(made["id"]))
    (one,) = read(here, here.ada)
    assert (one.matter, one.day, one.seconds, one.narrative) == (str(matter), FIRST, 5400, "Draft motion")
    assert (one.task_code, one.activity_code, one.rate, one.billed) == ("L310", "A103", Decimal("400.0"), True)
    assert one.billing is Billing.BILLABLE


def test_only_this_users_time_between_these_days_comes() -> None:
    here = room()
    matter = here.matter("2026-001")
    for user, day in [(here.ada, FIRST), (here.ada, LAST), (here.bo, FIRST)]:
        here.clio.enter(user, matter, day, 600)
    for day in (FIRST - timedelta(1), LAST + timedelta(1)):
        here.clio.enter(here.ada, matter, day, 600)
    here.clio.enter(here.ada, matter, FIRST, 1, "Copies", type="ExpenseEntry")
    assert [one.day for one in read(here, here.ada)] == [FIRST, LAST]


def test_a_year_comes_in_pages_and_nothing_twice() -> None:
    here = room()
    for number in range(450):
        here.clio.enter(here.ada, here.matter("2026-001"), FIRST + timedelta(number % 360), 600, f"Call {number}")
    pages = list(here.biller().history(str(here.ada), FIRST, LAST))
    assert [len(page.found) for page in pages] == [200, 200, 50]
    assert len({one.id for page in pages for one in page.found}) == 450


def test_what_cannot_be_read_does_not_end_it() -> None:
    here = room()
    for number in range(3):
        here.clio.enter(here.ada, here.matter("2026-001"), FIRST, 600, f"Call {number}")
    answer = here.clio.answer

    def spoiled(asked):
        reply = answer(asked)
        reply.body["data"][1]["quantity"] = "many"
        return reply

    here.wire.answer = spoiled
    (page,) = here.biller().history(str(here.ada), FIRST, LAST)
    assert [one.narrative for one in page.found] == ["Call 0", "Call 2"]
    (bad,) = page.bad
    assert bad == f"time entry {here.clio.entries[1]['id']} cannot be read (ValueError)"


def test_an_entry_without_a_matter_or_with_an_unknown_code_is_time_all_the_same() -> None:
    here = room()
    codes = {"utbms_task_id": here.clio.account.code_id("B110")}
    codes["id"] = here.clio.account.utbms_category(codes)
    here.clio.enter(here.ada, 0, FIRST, 600, "Reading", activity_description=codes, price=None)
    (one,) = read(here, here.ada)
    assert (one.matter, one.task_code, one.rate, one.seconds) == ("", "", None, 600)
