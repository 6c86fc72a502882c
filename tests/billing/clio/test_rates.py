"""A matter's own price of an hour: seen, asked for, or told to be unknown; never another in its place."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from autotime.billing.joining import Joining
from autotime.domain.books import Books, Matter, Rate, Thing
from autotime.testing.server import Asked, Reply
from tests.billing.clio.room import Room, room

OWN, DEFAULT = "Matter", "Default"


def rates(here: Room) -> dict[str, tuple[Rate, ...]]:
    things = [thing for page in here.biller().pull({}) for thing in page.things if thing.kind is Thing.MATTER]
    return {thing.noun.number: thing.noun.rates for thing in things}


def untold(here: Room) -> list[str]:
    return [bad for page in here.biller().pull({}) if page.part == "rates" for bad in page.bad]


def asked_for(here: Room) -> list[dict[str, str]]:
    return [dict(one.query) for one in here.reads("activity_descriptions") if "rate_for[user_id]" in one.query]


def telling(here: Room, *told: dict[str, Any]) -> None:
    """Clio's effective rates under each category are these."""
    answer = here.clio.answer

    def instead(asked: Asked) -> Reply:
        reply = answer(asked)
        if "rate_for[user_id]" in asked.query:
            reply.body["data"] = [{"id": number, "rate": rate} for number, rate in enumerate(told, 1)]
        return reply

    here.wire.answer = instead


def rate(hierarchy: str, amount: Any = 412.5, kind: str = "Custom") -> dict[str, Any]:
    return {"amount": amount, "type": kind, "hierarchy": hierarchy}


def test_what_the_list_shows_is_taken_and_nothing_more_is_asked() -> None:
    here = room()
    here.clio.shows_rates = True
    assert rates(here)["2026-002"] == (Rate(str(here.ada), Decimal("412.5")), Rate(str(here.bo), Decimal("300.0")))
    assert asked_for(here) == []


def test_what_the_list_does_not_show_is_asked_for_whoever_signed_in() -> None:
    here = room()
    assert rates(here)["2026-002"] == (Rate(str(here.ada), Decimal("412.5")),)
    (asked,) = asked_for(here)
    assert (asked["rate_for[matter_id]"], asked["rate_for[user_id]"]) == (str(here.matter("2026-002")), str(here.ada))


def test_a_matter_without_prices_of_its_own_is_not_asked_about() -> None:
    assert rates(room())["2026-001"] == ()


def test_who_has_no_price_of_their_own_there_has_their_own_rate() -> None:
    here = room()
    rows = here.clio.account["matter"][here.matter("2026-002")]["custom_rate"]["rates"]
    rows[:] = [row for row in rows if row["user"]["id"] != here.ada]
    assert rates(here)["2026-002"] == ()
    assert untold(here) == []


def test_a_closed_matter_is_not_asked_about() -> None:
    here = room()
    here.clio.account["matter"][here.matter("2026-002")]["status"] = "Closed"
    assert rates(here)["2026-002"] == ()
    assert asked_for(here) == []


def test_a_flat_fee_is_no_price_of_an_hour() -> None:
    here = room()
    here.clio.account["matter"][here.matter("2026-002")]["custom_rate"]["type"] = "FlatRate"
    assert rates(here)["2026-002"] == ()
    assert asked_for(here) == []


@pytest.mark.parametrize("owner", ["group", "activity_description"])
def test_a_price_of_a_group_or_category_is_asked_about(owner: str) -> None:
    here = room()
    here.clio.shows_rates = True
    row = here.clio.account["matter"][here.matter("2026-002")]["custom_rate"]["rates"][1]
    answer = here.clio.answer

    def with_owner(asked: Asked) -> Reply:
        reply = answer(asked)
        if asked.path.endswith("/matters.json"):
            reply.body["data"][1]["custom_rate"]["rates"][1] = {**row, owner: {"id": 5}}
        return reply

    here.wire.answer = with_owner
    assert rates(here)["2026-002"] == (Rate(str(here.ada), Decimal("412.5")),)
    assert len(asked_for(here)) == 1


def test_a_price_of_a_single_category_does_not_hide_the_matters_own() -> None:
    here = room()
    telling(here, rate("Activity", 99), rate(OWN), rate(OWN, 1500, "FlatRate"))
    assert rates(here)["2026-002"] == (Rate(str(here.ada), Decimal("412.5")),)


@pytest.mark.parametrize(
    "told",
    [
        (),
        (rate(OWN, 400), rate(OWN, 500)),
        (rate(OWN), rate(DEFAULT, 450, "User")),
        (rate("Activity", 99),),
        (None,),
    ],
    ids=["nothing", "two prices", "for some categories only", "categories only", "no rate"],
)
def test_where_there_is_no_telling_a_person_is_told(told: Any) -> None:
    here = room()
    telling(here, *told)
    (said,) = untold(here)
    assert said.startswith("matter 2026-002 has rates of its own")


def test_what_one_timekeeper_may_see_hides_no_rate_of_another() -> None:
    """Whoever looks, in whatever order: the matter comes to the same."""
    here = room()
    known: dict[str, Matter] = {}
    for user in (here.ada, here.bo, here.ada):
        here.clio.sign_in.keeps(user)
        joining = Joining("clio", Books({}, known, {}), {}, here.keys)
        for page in here.biller().pull({}):
            known |= joining.page(page).matters
        if user == here.bo:
            whole = known["2026-002"]
    assert whole.rates == (Rate("AOK", Decimal("412.5")), Rate("BLI", Decimal("300.0")))
    assert known["2026-002"] == whole


def test_what_is_not_known_of_rates_does_not_spoil_the_list_of_matters() -> None:
    """Else none that is gone would be closed."""
    here = room()
    telling(here)
    pages = [page for page in here.biller().pull({}) if page.part == "matters"]
    assert pages[-1].whole
    assert not any(page.bad for page in pages)
