"""Approved time into PracticePanther."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from autotime.domain.doors import Biller, BooksSource, Connectable, HistorySource
from autotime.domain.errors import Misused
from autotime.domain.work import Billing

from .room import DAY, payload, room


def test_it_is_a_guest_at_four_doors():
    made = room().biller()
    assert all(isinstance(made, door) for door in (Biller, BooksSource, HistorySource, Connectable))


# -- what is sent ----------------------------------------------------------------------------------


def test_an_entry_is_sent_as_its_page_says():
    there = room()
    made = there.biller().create(payload())
    (sent,) = there.sent()
    assert (sent.method, sent.path, sent.json()) == (
        "POST",
        "/api/v2/timeentries",
        {
            "date": "2026-03-02T00:00:00Z",
            "hours": 1.5,
            "rate": 450.0,
            "is_billable": True,
            "description": "Draft responses to request for production no. 1",
            "private_notes": "autotime:e0000000000000001:1",
            "task_code": "L310",
            "matter_ref": {"id": there.matter["id"]},
            "billed_by_user_ref": {"id": there.ada["id"]},
            "item_ref": {"id": there.item["id"]},
        },
    )
    assert (made.id, made.day, made.seconds, made.rate) == (
        there.panther.entries[0]["id"],
        date(2026, 3, 2),
        5_400,
        Decimal(450),
    )
    assert (made.external, made.activity_code, made.created_at) == (
        "autotime:e0000000000000001:1",
        "A103",
        int(there.clock.now),
    )


def test_a_rate_that_is_not_known_is_left_out_and_theirs_holds():
    there = room()
    there.panther.changes(there.matter, rate="412.50")
    biller = there.biller()
    made = biller.create(payload(rate=""))
    assert "rate" not in there.sent()[0].json()
    assert made.rate == Decimal("412.5")
    assert biller.same(payload(rate=""), made)


def test_time_that_is_not_charged_has_a_rate_of_zero_and_stays_on_the_bill():
    there = room()
    biller = there.biller()
    made = biller.create(payload(billing="no_charge"))
    assert [there.sent()[0].json()[name] for name in ("rate", "is_billable")] == [0.0, True]
    assert made.billing is Billing.NO_CHARGE
    assert biller.drops(payload(billing="no_charge")) == ("rate",)


def test_time_that_is_not_billed_is_marked_so():
    there = room()
    made = there.biller().create(payload(billing="non_billable"))
    assert there.sent()[0].json()["is_billable"] is False
    assert made.billing is Billing.NON_BILLABLE


@pytest.mark.parametrize(
    ("minutes", "hours", "seconds"),
    [(6, 0.1, 360), (15, 0.25, 900), (7, 0.1167, 420), (2, 0.0333, 120), (1, 0.0167, 60), (1440, 24, 86_400)],
)
def test_minutes_survive_the_way_through_decimal_hours(minutes: int, hours: float, seconds: int):
    there = room()
    made = there.biller().create(payload(billed_minutes=minutes))
    assert (there.sent()[0].json()["hours"], made.seconds) == (hours, seconds)


def test_nothing_is_ever_sent_as_billed():
    there = room()
    biller = there.biller()
    made = biller.create(payload())
    biller.change(made, payload(revision=2))
    assert not any(one.json().get("is_billed") for one in there.sent())


def test_an_activity_code_without_an_item_is_dropped_and_that_is_said():
    there = room()
    biller = there.biller()
    biller.create(payload(activity_code="A106"))
    assert "item_ref" not in there.sent()[0].json()
    assert biller.drops(payload(activity_code="A106")) == ("activity_code",)
    assert biller.drops(payload()) == ()


def test_an_item_of_the_firms_own_may_stand_for_a_code():
    there = room()
    biller = there.biller({"item_ref": {"map": {"A106": "A103"}}})
    assert biller.told(payload(activity_code="A106"))["item_ref"] == there.item["id"]
    assert biller.drops(payload(activity_code="A106")) == ()


def test_notes_of_the_firm_stand_below_the_mark():
    biller = room().biller({"private_notes": {"source": "late"}})
    assert biller.told(payload(late="late"))["private_notes"] == "autotime:e0000000000000001:1\nlate"
    assert biller.told(payload())["private_notes"] == "autotime:e0000000000000001:1"


def test_travel_has_no_place_there():
    assert room().biller().drops(payload(travel=1)) == ("travel",)


def test_another_mapping_has_another_version():
    there = room()
    assert there.biller().mapping_version != there.biller({"task_code": {"constant": ""}}).mapping_version
    with pytest.raises(Misused, match="no such field"):
        there.biller({"hours": {"constant": "1"}})


# -- refused before sending ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"timekeeper": "NEW"},
            "timekeeper «NEW» is not known in PracticePanther: autotime books pull practicepanther",
        ),
        ({"matter": "2026-777"}, "matter «2026-777» is not known in PracticePanther: autotime books pull"),
        ({"billed_minutes": 0}, "its time is not between one minute and 24 hours: change it at the desk"),
        ({"billed_minutes": -6}, "its time is not between one minute and 24 hours"),
        ({"billed_minutes": 1446}, "its time is not between one minute and 24 hours"),
        ({"rate": "-1"}, "its rate is below zero"),
        ({"narrative": ""}, "it has no narrative"),
    ],
)
def test_what_cannot_go_is_refused_with_the_fix(changes, said):
    refusal = room().biller().refuse(payload(**changes))
    assert refusal.startswith(said)
    assert "autotime" in refusal or "books" in refusal


def test_what_can_go_is_not_refused():
    assert room().biller().refuse(payload()) == room().biller().refuse(payload(rate="", task_code="")) == ""


# -- what stands there -----------------------------------------------------------------------------


def test_what_stands_there_is_listed_by_user_and_days_and_not_by_entry():
    there = room()
    biller = there.biller()
    wanted = [payload(number, day=f"2026-03-{number:02d}") for number in range(1, 11)]
    for one in wanted:
        biller.create(one)
    there.panther.enters(there.bo, there.matter, DAY, 1.0, "Another's time")
    there.wire.asked.clear()
    found = biller.present(wanted)
    assert sorted(one.external for one in found) == sorted(f"autotime:e{number:016x}:1" for number in range(1, 11))
    assert len(there.asked("timeentries")) == 2  # one page, and the empty one that ends it
    asked = there.asked("timeentries")[0].query
    assert (asked["user_id"], asked["date_from"], asked["date_to"]) == (
        there.ada["id"],
        "2026-02-28T00:00:00Z",
        "2026-03-11T00:00:00Z",
    )


def test_days_far_apart_are_listed_apart():
    there = room()
    there.biller().present([payload(1, day="2025-03-02"), payload(2), payload(3, timekeeper="BLI")])
    assert len({(one.query["user_id"], one.query["date_from"]) for one in there.asked("timeentries")}) == 3


@pytest.mark.parametrize("page", [1, 2, 7, 100])
def test_a_list_is_read_to_its_end_however_short_its_pages_are(page: int):
    there = room()
    there.panther.page = page
    for number in range(14):
        there.panther.enters(there.ada, there.matter, DAY, 1.0, f"Call {number}")
    assert len(there.biller().present([payload()])) == 14


@pytest.mark.parametrize("name", ["value", "items"])
def test_a_list_may_come_in_an_envelope(name: str):
    there = room()
    there.panther.wrapped = name
    there.panther.enters(there.ada, there.matter, DAY, 1.0, "Call")
    assert [one.narrative for one in there.biller().present([payload()])] == ["Call"]


def test_nothing_asked_for_asks_nothing():
    there = room()
    assert (there.biller().present([]), there.wire.asked) == ([], [])


def test_an_unknown_timekeeper_is_never_taken_for_nothing_there():
    with pytest.raises(Misused, match="NEW"):
        room().biller().present([payload(timekeeper="NEW")])


def test_one_is_read_by_its_id():
    there = room()
    biller = there.biller()
    made = biller.create(payload())
    assert biller.read(made.id) == made
    assert biller.read("5f2c1f0e-8f2c-4a55-9b1e-6f0a1c2d3e4f") is None


def test_what_is_no_id_is_not_asked_for():
    there = room()
    assert (there.biller().read("../users"), there.wire.asked) == (None, [])
