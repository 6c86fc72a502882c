"""Time into Clio: what it is told, what it is read as, and what is left alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from autotime.domain.errors import Refused, SourceUnavailable
from autotime.domain.work import Billing
from tests.billing.clio.room import DAY, payload, room


def test_an_entry_is_told_in_seconds_with_the_accounts_own_ids() -> None:
    here = room()
    here.biller().create(payload())
    assert here.sent()[0].json() == {
        "data": {
            "type": "TimeEntry",
            "date": DAY,
            "quantity": 5400,
            "price": 450.0,
            "note": "Draft responses to request for production no. 1",
            "matter": {"id": here.matter("2026-001")},
            "user": {"id": here.ada},
            "activity_description": {"utbms_task_id": here.code("L310"), "utbms_activity_id": here.code("A103")},
            "non_billable": False,
            "no_charge": False,
        }
    }


def test_only_the_fields_asked_for_come_back_and_they_are_enough() -> None:
    made = room().biller().create(payload())
    assert (made.seconds, made.rate, made.task_code, made.activity_code) == (5400, Decimal("450"), "L310", "A103")
    assert (made.day, made.billing, made.billed) == (date(2026, 3, 2), Billing.BILLABLE, False)
    assert made.version
    assert made.created_at


def test_without_fields_an_answer_holds_id_and_etag_only() -> None:
    here = room()
    here.biller().create(payload())
    answer = here.biller().site.read("activities.json")
    assert set(answer.json()["data"][0]) == {"id", "etag"}


def test_a_rate_that_is_not_known_is_left_to_clio() -> None:
    here = room()
    made = here.biller().create(payload(rate="", matter="2026-002"))
    assert "price" not in here.sent()[0].json()["data"]
    assert made.rate == Decimal("412.5")


def test_a_price_is_a_number_to_the_cent() -> None:
    here = room()
    here.biller().create(payload(rate="412.35"))
    assert b'"price": 412.35' in here.sent()[0].body


@pytest.mark.parametrize(
    ("billing", "switches"),
    [("billable", (False, False)), ("non_billable", (True, False)), ("no_charge", (True, True))],
)
def test_what_is_not_charged_is_said_both_ways(billing: str, switches: tuple[bool, bool]) -> None:
    here = room()
    made = here.biller().create(payload(billing=billing))
    assert (here.only()["non_billable"], here.only()["no_charge"]) == switches
    assert made.billing == billing


def test_a_category_is_named_by_the_mapping() -> None:
    here = room()
    here.biller({"activity_description": {"constant": "Conference"}}).create(payload())
    told = here.sent()[0].json()["data"]["activity_description"]
    assert told["id"] in here.clio.account["category"]
    assert told["utbms_task_id"] == here.code("L310")


def test_a_price_can_be_left_to_clio_by_the_mapping() -> None:
    here = room()
    made = here.biller({"price": {"constant": ""}}).create(payload(matter="2026-002"))
    assert made.rate == Decimal("412.5")


@pytest.mark.parametrize(
    ("changes", "mapping", "reason"),
    [
        ({"matter": "2026-404"}, {}, "no matter «2026-404»"),
        ({"timekeeper": "ZZ"}, {}, "no timekeeper «ZZ»"),
        ({"task_code": "B110"}, {}, "no task code «B110»"),
        ({"activity_code": "A199"}, {}, "no activity code «A199»"),
        ({}, {"activity_description": {"constant": "Travel"}}, "no category «Travel»"),
        ({"matter": ""}, {}, r"no matter.*\[billing.mapping.clio.matter\]"),
        ({}, {"price": {"constant": "much"}}, r"no amount of money.*\[billing.mapping.clio.price\]"),
        ({}, {"date": {"source": "day_mdy"}}, r"its day is none.*\[billing.mapping.clio.date\]"),
    ],
)
def test_what_clio_has_not_is_refused_before_it_is_asked(changes, mapping, reason) -> None:
    here = room()
    with pytest.raises(Refused, match=reason):
        here.biller(mapping).create(payload(**changes))
    assert not here.wire.asked


def test_a_code_of_a_set_that_is_not_in_use_is_refused_there_too() -> None:
    here = room()
    account = here.clio.account
    account["set"][account["code"][here.code("L310")]["utbms_set_id"]]["enabled"] = False
    with pytest.raises(Refused, match="utbms_task_id is not a usable code"):
        here.biller().create(payload())


def test_travel_has_no_place_there_and_codes_have() -> None:
    assert room().biller().drops(payload(travel=1)) == ("travel",)
    assert room().biller().drops(payload(billing="no_charge")) == ()


# -- the mark -------------------------------------------------------------------------------------


def test_no_mark_is_put_where_nobody_asked_for_one() -> None:
    here = room()
    here.biller().create(payload())
    assert "[at:" not in here.only()["note"]


def test_a_mark_tells_two_like_entries_apart_and_is_not_part_of_the_text() -> None:
    here = room()
    biller = here.biller(mark=True)
    one, other = payload(1, narrative="Call"), payload(2, narrative="Call")
    made = biller.create(one)
    assert here.only()["note"].startswith("Call [at:")
    assert made.narrative == "Call"
    assert biller.same(one, made)
    assert not biller.same(other, made)
    assert here.biller().same(payload(1, narrative="Call"), made)


def test_a_revision_keeps_its_mark() -> None:
    told = room().biller(mark=True).told
    assert told(payload(revision=1))["note"] == told(payload(revision=2))["note"]


# -- changes --------------------------------------------------------------------------------------


def test_a_change_says_the_price_again_so_that_clio_does_not_price_anew() -> None:
    here = room()
    biller = here.biller()
    made = biller.create(payload(rate="500"))
    changed = biller.change(made, payload(rate="500", matter="2026-002"))
    assert changed.rate == Decimal("500")
    assert here.sent()[1].json()["data"]["price"] == 500.0


def test_a_change_without_a_price_is_priced_by_clio() -> None:
    here = room()
    biller = here.biller()
    made = biller.create(payload(rate=""))
    assert biller.change(made, payload(rate="", matter="2026-002")).rate == Decimal("412.5")


def test_a_change_goes_out_with_the_version_it_was_made_for() -> None:
    here = room()
    biller = here.biller()
    made = biller.create(payload())
    changed = biller.change(made, payload(billed_minutes=42))
    assert here.sent()[1].headers["if-match"] == made.version
    assert changed.version != made.version


def test_a_change_in_the_very_moment_is_not_overwritten() -> None:
    here = room()
    made = here.biller().create(payload())
    answer = here.clio.answer

    def meanwhile(asked):
        if asked.method == "PATCH":
            here.clio.edit(made.id, note="Changed by a colleague")
        return answer(asked)

    here.wire.answer = meanwhile
    with pytest.raises(Refused, match="412"):
        here.biller().change(made, payload(billed_minutes=42))
    assert here.only()["note"] == "Changed by a colleague"


def test_a_code_cannot_be_taken_off() -> None:
    here = room()
    made = here.biller().create(payload())
    with pytest.raises(Refused, match="takes no task code off"):
        here.biller().change(made, payload(task_code=""))
    assert len(here.sent()) == 1


@pytest.mark.parametrize("state", ["draft", "awaiting_payment", "paid"])
def test_what_is_on_a_bill_is_looked_at_and_left(state: str) -> None:
    here = room()
    made = here.biller().create(payload())
    here.clio.bill(made.id, state)
    for touch in (lambda: here.biller().remove(made), lambda: here.biller().change(made, payload(billed_minutes=6))):
        with pytest.raises(Refused, match="on a bill"):
            touch()
    assert len(here.sent()) == 1


@pytest.mark.parametrize("status", [403, 422])
def test_what_comes_on_a_bill_in_the_very_moment_is_refused_by_clio(status: int) -> None:
    here = room()
    made = here.biller().create(payload())
    here.clio.locked = status
    answer = here.clio.answer

    def meanwhile(asked):
        if asked.method in ("PATCH", "DELETE"):
            here.clio.bill(made.id)
            here.clio.account["activity"][int(made.id)]["etag"] = made.version
        return answer(asked)

    here.wire.answer = meanwhile
    with pytest.raises(Refused, match=f"{status}.*on a bill"):
        here.biller().change(made, payload(billed_minutes=42))


def test_hours_that_are_hidden_cannot_be_changed() -> None:
    here = room()
    made = here.biller().create(payload())
    here.clio.redacts = True
    with pytest.raises(Refused, match=r"403.*cannot edit hours"):
        here.biller().change(made, payload(billed_minutes=42))


def test_what_is_gone_is_removed_already_and_cannot_be_changed() -> None:
    here = room()
    made = here.biller().create(payload())
    here.biller().remove(made)
    here.biller().remove(made)
    with pytest.raises(Refused, match="not in Clio any more"):
        here.biller().change(made, payload())
    assert here.clio.entries == []


@pytest.mark.parametrize("gone", [True, False])
def test_what_goes_in_the_very_moment_of_its_removal_is_removed(gone: bool) -> None:
    """A refusal of what stands there still is a refusal."""
    here = room()
    made = here.biller().create(payload())
    answer = here.clio.answer

    def meanwhile(asked):
        if asked.method == "DELETE":
            here.clio.account["activity"].clear() if gone else here.clio.bill(made.id)
        return answer(asked)

    here.wire.answer = meanwhile
    if gone:
        here.biller().remove(made)
    else:
        with pytest.raises(Refused, match=r"403.*on a bill"):
            here.biller().remove(made)


def test_an_entry_that_cannot_be_read_is_not_an_empty_day() -> None:
    here = room()
    made = here.biller().create(payload())
    here.clio.edit(made.id, date="the 2nd")
    with pytest.raises(SourceUnavailable, match="cannot be read"):
        here.biller().read(made.id)
