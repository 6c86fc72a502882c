"""Entries out: what MyCase is told, what comes back, what is refused before it is sent, what may be removed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from autotime.domain.errors import Refused
from autotime.domain.work import Billing
from autotime.testing.server import Asked, Reply

from .world import World, payload


@pytest.fixture
def world() -> World:
    return World()


def test_an_entry_is_made_with_all_that_mycase_requires(world: World) -> None:
    """Numbers go out as numbers; the rate comes back as text and is the same rate."""
    made = world.biller().create(payload(2))
    [sent] = world.asked("POST")
    assert sent.json() == {
        "activity_name": "Draft/revise",
        "description": "Draft responses to request for production no. 2",
        "entry_date": "2026-03-03",
        "hours": 0.2,
        "rate": 450.0,
        "billable": True,
        "flat_fee": False,
        "case": {"id": world.cases["2026-001"]["id"]},
        "staff": {"id": world.ada["id"]},
    }
    assert world.mycase.entries[0]["rate"] == "450.0"
    assert (made.rate, made.seconds, made.day) == (Decimal(450), 720, date(2026, 3, 3))
    assert (made.billing, made.billed) == (Billing.BILLABLE, False)


def test_what_comes_back_is_the_same_as_what_was_sent(world: World) -> None:
    biller = world.biller()
    told = payload(2, billed_minutes=7, narrative="Draft “motion”;\nreview § 12 — with counsel")
    made = biller.create(told)
    assert biller.same(told, made)
    assert biller.read(made.id) == made
    assert biller.present([told]) == [made]


@pytest.mark.parametrize(
    "change",
    [
        {"hours": 0.3},
        {"description": "Draft something else"},
        {"entry_date": "2026-03-04"},
        {"case": {"id": 1}},
        {"staff": {"id": 1}},
        {"rate": "300.0"},
        {"billable": False},
        {"hours": None},
    ],
)
def test_an_entry_that_says_something_else_is_not_the_same(world: World, change: dict[str, object]) -> None:
    """Money too: an hour at another rate is not what was sent."""
    biller = world.biller()
    made = biller.create(payload(2))
    world.mycase.touch(world.mycase.entries[0], **change)
    found = biller.read(made.id)
    assert found is not None
    assert not biller.same(payload(2), found)


def test_white_space_and_a_hidden_rate_make_no_difference(world: World) -> None:
    biller = world.biller()
    made = biller.create(payload(2))
    text = "Draft  responses to request\nfor production no. 2 "
    world.mycase.touch(world.mycase.entries[0], rate=None, description=text, hours="0.2")
    found = biller.read(made.id)
    assert found is not None
    assert biller.same(payload(2), found)


def test_no_charge_is_billable_at_a_rate_of_nothing(world: World) -> None:
    """It stays on the bill; what the hour would have cost is lost, and that is told."""
    biller, free = world.biller(), payload(2, billing=Billing.NO_CHARGE)
    made = biller.create(free)
    assert (world.mycase.entries[0]["rate"], world.mycase.entries[0]["billable"]) == ("0.0", True)
    assert made.billing is Billing.NO_CHARGE
    assert biller.same(free, made)
    assert not biller.same(payload(2), made)
    assert "rate" in biller.drops(free)
    assert "rate" not in biller.drops(payload(2))


def test_non_billable_time_keeps_its_rate(world: World) -> None:
    biller, told = world.biller(), payload(2, billing=Billing.NON_BILLABLE)
    made = biller.create(told)
    assert (world.mycase.entries[0]["rate"], world.mycase.entries[0]["billable"]) == ("450.0", False)
    assert made.billing is Billing.NON_BILLABLE
    assert biller.same(told, made)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rate": ""}, ["rate", "AOK", "2026-001", "autotime books pull mycase"]),
        ({"rate": "-1"}, ["negative"]),
        ({"activity_code": ""}, ["activity", "[billing.mapping.mycase.activity_name]"]),
        ({"billed_minutes": 0}, ["between one minute and 24 hours", "autotime review"]),
        ({"billed_minutes": 1441}, ["between one minute and 24 hours"]),
        ({"matter": "2026-777"}, ["2026-777", "autotime books pull mycase"]),
        ({"timekeeper": "NOBODY"}, ["NOBODY", "autotime books pull mycase"]),
    ],
)
def test_what_cannot_go_is_refused_before_it_is_sent(
    world: World, changes: dict[str, object], words: list[str]
) -> None:
    """With what is missing, and where to set it."""
    biller = world.biller()
    told = payload(2) | changes
    assert all(word in biller.refuse(told) for word in words)
    with pytest.raises(Refused):
        biller.create(told)
    assert world.wire.asked == []


def test_what_can_go_is_not_refused(world: World) -> None:
    assert world.biller().refuse(payload(2)) == ""
    assert world.biller().refuse(payload(2, billing=Billing.NO_CHARGE, rate="")) == ""


def test_codes_are_dropped_and_that_is_told(world: World) -> None:
    """An activity code is told by its title; a task code has no place until a firm gives it one."""
    biller = world.biller()
    assert biller.drops(payload(2)) == ("task_code",)
    assert biller.drops(payload(2, travel=1, task_code="")) == ("travel",)
    mapped = world.biller({"activity_name": {"source": "task_code", "prefix": "Task "}})
    assert mapped.told(payload(2))["activity_name"] == "Task L310"
    assert mapped.drops(payload(2)) == ("activity_code",)
    assert mapped.mapping_version != biller.mapping_version


def test_a_firm_chooses_its_own_activity_names(world: World) -> None:
    biller = world.biller(
        {"activity_name": {"source": "activity_code", "map": {"A103": "Drafting"}, "default": "Work"}}
    )
    names = [biller.told(payload(2, activity_code=code))["activity_name"] for code in ("A103", "A102", "")]
    assert names == ["Drafting", "Work", "Work"]


def test_a_name_is_read_back_as_the_code_it_stands_for(world: World) -> None:
    """Where only one code has it, by the firm's own rule; else the code is lost, and that is told."""
    biller = world.biller()
    assert biller.create(payload(2)).activity_code == "A103"
    world.mycase.touch(world.mycase.entries[0], activity_name="Something else")
    assert [one.activity_code for one in biller.present([payload(2)])] == [""]
    tasks = world.biller({"activity_name": {"source": "task_code", "prefix": "Task "}})
    made = tasks.create(payload(3))
    assert (made.task_code, made.activity_code) == ("L310", "")
    work = world.biller({"activity_name": {"source": "activity_code", "map": {"A103": "Drafting"}, "default": "Work"}})
    assert work.drops(payload(2)) == ("task_code",)
    assert work.drops(payload(2, activity_code="A102")) == ("task_code", "activity_code")
    always = world.biller({"activity_name": {"constant": "Legal work"}})
    assert always.drops(payload(2)) == ("task_code", "activity_code")


def test_a_code_without_a_title_is_told_as_it_is(world: World) -> None:
    assert world.biller().told(payload(2, activity_code="A199"))["activity_name"] == "A199"


def test_nothing_is_ever_changed_there(world: World) -> None:
    biller = world.biller()
    made = biller.create(payload(2))
    assert not biller.offers.updates
    assert biller.offers.removes
    with pytest.raises(Refused, match="changes no time entry"):
        biller.change(made, payload(3))
    assert len(world.wire.asked) == 1


# -- removing ---------------------------------------------------------------------------------------


def test_an_unbilled_entry_is_looked_at_again_and_removed(world: World) -> None:
    biller = world.biller()
    made = biller.create(payload(2))
    biller.remove(made)
    assert world.mycase.entries == []
    assert [asked.method for asked in world.wire.asked] == ["POST", "GET", "DELETE"]
    assert biller.read(made.id) is None


def test_an_entry_that_came_onto_an_invoice_meanwhile_stays(world: World) -> None:
    biller = world.biller()
    made = biller.create(payload(2))
    world.mycase.bill(world.mycase.entries[0])
    with pytest.raises(Refused, match="on an invoice: take it off"):
        biller.remove(made)
    assert len(world.mycase.entries) == 1
    assert not world.asked("DELETE")
    found = biller.read(made.id)
    assert found is not None
    assert found.billed


def test_an_entry_that_was_changed_meanwhile_stays(world: World) -> None:
    biller = world.biller()
    made = biller.create(payload(2))
    world.clock.sleep(60)
    world.mycase.touch(world.mycase.entries[0], hours=9.0)
    with pytest.raises(Refused, match="changed in MyCase meanwhile: look at it there"):
        biller.remove(made)
    assert len(world.mycase.entries) == 1


def test_an_entry_that_does_not_say_whether_it_is_billed_stays(world: World) -> None:
    biller = world.biller()
    made = biller.create(payload(2))
    del world.mycase.entries[0]["invoices"]
    with pytest.raises(Refused):
        biller.remove(made)
    assert not world.asked("DELETE")


def test_removing_what_is_gone_is_done(world: World) -> None:
    biller = world.biller()
    made = biller.create(payload(2))
    world.mycase.entries.clear()
    biller.remove(made)
    assert not world.asked("DELETE")


def test_an_id_that_is_none_of_mycases_is_never_put_into_an_address(world: World) -> None:
    with pytest.raises(Refused, match="no id of MyCase"):
        world.biller().read("../staff/1")
    assert world.wire.asked == []


def test_a_refused_removal_is_told_without_the_narrative(world: World) -> None:
    biller = world.biller()
    made = biller.create(payload(2, narrative="Call with Quillfeather re: the settlement"))
    plain = world.wire.answer
    no = Reply({"errors": [{"description": "«Call with Quillfeather» is locked", "source": {"pointer": "/id"}}]}, 422)
    world.wire.answer = lambda asked: no if asked.method == "DELETE" else plain(asked)
    with pytest.raises(Refused, match=r"answered 422: /id \("):
        biller.remove(made)


def test_what_vanishes_while_it_is_removed_is_removed(world: World) -> None:
    """A colleague was faster by a moment."""
    biller = world.biller()
    made = biller.create(payload(2))
    plain = world.wire.answer

    def faster(asked: Asked) -> Reply:
        if asked.method == "DELETE":
            world.mycase.entries.clear()
        return plain(asked)

    world.wire.answer = faster
    biller.remove(made)
    assert biller.present([payload(2)]) == []


def test_of_a_flat_fee_no_rate_per_hour_is_known(world: World) -> None:
    """Whether its rate is the whole amount is not published."""
    biller = world.biller()
    sent = payload(2)
    made = biller.create(sent)
    world.mycase.entries[0]["flat_fee"] = True
    found = biller.read(made.id)
    assert found is not None
    assert (found.rate, found.billing) == (None, Billing.BILLABLE)
    with pytest.raises(Refused, match="changed in MyCase meanwhile: look at it there"):
        biller.remove(made)
