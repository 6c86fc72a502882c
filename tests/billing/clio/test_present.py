"""What stands in Clio: looked up by days, and read as it is meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from autotime.domain.errors import Refused, SourceUnavailable
from autotime.domain.work import Billing
from autotime.testing.server import Asked, Reply
from tests.billing.clio.room import Room, payload, room


def rewritten(here: Room, **fields: object) -> None:
    """The account answers with other values than it holds."""
    answer = here.clio.answer

    def instead(asked: Asked) -> Reply:
        reply = answer(asked)
        if "/activities/" in asked.path:
            reply.body["data"] |= fields
        return reply

    here.wire.answer = instead


def test_many_entries_of_a_user_are_looked_up_by_one_list() -> None:
    here = room()
    biller = here.biller()
    wanted = [payload(number, day=f"2026-03-{number:02}") for number in range(1, 29)]
    made = [biller.create(one).id for one in wanted]
    before = len(here.reads())
    assert sorted(one.id for one in biller.present(wanted)) == sorted(made)
    assert len(here.reads()) - before == 1


def test_days_far_apart_and_other_users_are_listed_for_themselves() -> None:
    here = room()
    here.biller().present(
        [payload(1, day="2026-01-05"), payload(2, day="2026-03-05"), payload(3, day="2026-03-05", timekeeper="BLI")]
    )
    assert [one.query["user_id"] for one in here.reads()] == [str(here.ada), str(here.ada), str(here.bo)]


@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_list_is_followed_by_its_own_links_to_the_end(page: int) -> None:
    here = room()
    biller = here.biller()
    made = [biller.create(payload(number)).id for number in range(7)]
    here.clio.page = page
    assert [one.id for one in biller.present([payload()])] == made


def test_an_entry_at_the_edge_of_the_accounts_day_is_found() -> None:
    """The account lives west of UTC: midnight there is the day before."""
    here = room()
    made = here.biller().create(payload())
    assert [one.id for one in here.biller().present([payload()])] == [made.id]


def test_a_day_that_the_mapping_spoils_is_looked_up_all_the_same() -> None:
    """It may have been sent before the mapping was changed."""
    here = room()
    made = here.biller().create(payload())
    assert [one.id for one in here.biller({"date": {"constant": "today"}}).present([payload()])] == [made.id]


def test_only_time_of_the_days_asked_for_counts() -> None:
    here = room()
    here.clio.enter(here.ada, here.matter("2026-001"), date(2026, 3, 1), 600, "The day before")
    here.clio.enter(here.ada, here.matter("2026-001"), date(2026, 3, 2), 600, "Copies", type="ExpenseEntry")
    assert here.biller().present([payload()]) == []


def test_hidden_hours_are_not_zero() -> None:
    here = room()
    made = here.biller().create(payload())
    here.clio.redacts = True
    (seen,) = here.biller().present([payload()])
    assert (made.seconds, seen.seconds) == (5400, None)
    assert here.biller().same(payload(), seen)


def test_hours_that_are_not_told_are_not_zero_whether_or_not_clio_says_that_they_are_hidden() -> None:
    here = room()
    made = here.biller().create(payload())
    here.clio.edit(made.id, quantity=None)
    assert (
        here.biller().site.read(f"activities/{made.id}.json", {"fields": "quantity"}).json()["data"]["quantity"] is None
    )
    assert here.biller().read(made.id).seconds is None


@pytest.mark.parametrize(("quantity", "seconds"), [("5400.0", 5400), ("5400", 5400), (5399.9999999, 5400)])
def test_seconds_are_whole_however_their_number_is_written(quantity: object, seconds: int) -> None:
    here = room()
    made = here.biller().create(payload())
    rewritten(here, quantity=quantity, price="450.00")
    seen = here.biller().read(made.id)
    assert (seen.seconds, seen.rate) == (seconds, Decimal(450))


@pytest.mark.parametrize("quantity", ["long", [], {}, True])
def test_hours_that_are_no_number_are_told_and_not_taken_for_none(quantity: object) -> None:
    here = room()
    made = here.biller().create(payload())
    rewritten(here, quantity=quantity)
    with pytest.raises(SourceUnavailable, match=f"{made.id} of Clio cannot be read") as told:
        here.biller().read(made.id)
    assert "look at it in Clio" in told.value.hint


@pytest.mark.parametrize(
    ("price", "seconds", "rate"), [(900.0, 5400, "600"), (100.0, 2520, "142.8571"), (900.0, 0, None)]
)
def test_a_flat_fee_is_no_price_of_an_hour(price: float, seconds: int, rate: str | None) -> None:
    """Clio's price is the whole amount then; an hour costs what comes out of it."""
    here = room()
    made = here.biller().create(payload())
    here.clio.edit(made.id, flat_rate=True, price=price, quantity=float(seconds))
    seen = here.biller().read(made.id)
    assert seen.rate == (None if rate is None else Decimal(rate))
    assert not here.biller().same(payload(), seen)


def test_hidden_prices_are_no_price() -> None:
    here = room()
    here.clio.hides_prices = True
    assert here.biller().create(payload()).rate is None


@pytest.mark.parametrize(
    "there", [{"rate": Decimal(300)}, {"billing": Billing.NO_CHARGE}, {"billing": Billing.NON_BILLABLE}]
)
def test_an_hour_that_costs_otherwise_is_not_what_was_sent(there: dict[str, Any]) -> None:
    here = room()
    made = here.biller().create(payload())
    assert here.biller().same(payload(), made)
    assert not here.biller().same(payload(), replace(made, **there))


def test_what_costs_nothing_has_any_price_and_a_fixed_fee_any_switch() -> None:
    """A setting of the firm makes time under a fixed fee non-billable."""
    here = room()
    free = here.biller().create(payload(billing="no_charge"))
    assert here.biller().same(payload(billing="no_charge"), replace(free, rate=Decimal(0)))
    fixed = here.biller().create(payload(2, fee_type="flat"))
    assert here.biller().same(payload(2, fee_type="flat"), replace(fixed, billing=Billing.NON_BILLABLE))


def test_rounding_at_the_firm_does_not_make_it_another_entry() -> None:
    here = room()
    here.clio.account.rounding = 15
    made = here.biller().create(payload(billed_minutes=6))
    assert here.only()["rounded_quantity"] == 900
    assert here.biller().same(payload(billed_minutes=6), made)


def test_an_entry_that_is_gone_is_not_there() -> None:
    assert room().biller().read("4711") is None


def test_an_id_that_is_none_is_never_part_of_an_address() -> None:
    here = room()
    with pytest.raises(Refused, match="is no id of Clio"):
        here.biller().read("1/../users")
    assert not here.wire.asked
