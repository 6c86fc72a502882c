"""What stands in PracticePanther and was sent from here: known again, changed, removed, or left alone."""

from __future__ import annotations

import json

import pytest

from autotime.billing.practicepanther.biller import PracticePantherBiller
from autotime.domain.errors import InDoubt, Refused
from autotime.testing.server import Asked, Reply
from autotime.testing.systems.wire import Fate

from .room import DAY, payload, room

# -- the same ----------------------------------------------------------------------------------------


def test_what_was_sent_is_the_same_when_it_is_read_back():
    there = room()
    biller = there.biller()
    odd = payload(narrative="“Call”  with A\u0301da;\n\tre: lease | [x] " + "y" * 20_000)
    assert biller.same(odd, biller.create(odd))


@pytest.mark.parametrize(
    "changes",
    [
        {"hours": 1.6},
        {"date": "2026-03-03T00:00:00Z"},
        {"description": "Other words"},
        {"task_code": "L320"},
        {"rate": 400.0},
        {"is_billable": False},
        {"item_ref": None},
    ],
)
def test_what_somebody_changed_is_not_the_same(changes):
    there = room()
    biller = there.biller()
    made = biller.create(payload())
    there.panther.edit(made.id, **changes)
    changed = biller.read(made.id)
    assert changed is not None
    assert not biller.same(payload(), changed)


def test_an_entry_of_another_matter_or_person_is_not_the_same():
    there = room()
    biller = there.biller()
    made = biller.create(payload())
    assert not biller.same(payload(matter="2026-002"), made)
    assert not biller.same(payload(timekeeper="BLI"), made)


def test_the_mark_of_another_entry_tells_twins_apart():
    """Both say the same, and are both meant."""
    biller = room().biller()
    made = biller.create(payload(1, narrative="Call"))
    assert biller.same(payload(1, narrative="Call"), made)
    assert not biller.same(payload(2, narrative="Call"), made)


def test_an_entry_by_hand_that_says_it_all_is_the_same():
    there = room()
    told = payload(activity_code="", rate="")
    there.panther.enters(there.ada, there.matter, DAY, 1.5, str(told["narrative"]), task_code="L310")
    biller = there.biller()
    assert biller.same(told, biller.present([told])[0])


# -- the day ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [-6, 24])
def test_a_day_that_was_moved_is_seen_and_stops_what_comes_after(hours: int):
    there = room()
    there.panther.hours_off = hours
    biller = there.biller()
    made = biller.create(payload(1))
    assert not biller.same(payload(1), made)
    with pytest.raises(Refused, match="moved the entry before it to another day"):
        biller.create(payload(2))
    assert len(there.panther.entries) == 1


def test_a_moved_day_is_still_listed():
    there = room()
    there.panther.hours_off = -6
    biller = there.biller()
    made = biller.create(payload())
    assert [one.id for one in biller.present([payload()])] == [made.id]


def test_other_hours_of_the_same_day_are_no_harm():
    there = room()
    there.panther.hours_off = 14
    biller = there.biller()
    assert biller.same(payload(1), biller.create(payload(1)))
    biller.create(payload(2))


# -- changes ---------------------------------------------------------------------------------------


def test_a_change_sends_the_whole_record_and_loses_nothing_of_others():
    there = room()
    biller = there.biller()
    made = biller.create(payload())
    there.panther.edit(made.id, account_ref={"id": there.client["id"]}, private_notes=f"{made.external}\nSee the file")
    seen = biller.read(made.id)
    assert seen is not None
    after = biller.change(seen, payload(revision=2, billed_minutes=60, task_code="", activity_code=""))
    (_, sent) = there.sent()
    assert (sent.method, sent.query) == ("PUT", {"id": made.id})
    assert sent.json().keys().isdisjoint({"id", "created_at", "updated_at", "task_code", "item_ref"})
    assert sent.json()["private_notes"] == "autotime:e0000000000000001:2\nSee the file"
    held = there.panther.held(made.id)
    assert held is not None
    assert (held["hours"], held["account_ref"]["id"], held["matter_ref"]["id"]) == (
        1.0,
        there.client["id"],
        there.matter["id"],
    )
    assert (after.task_code, after.activity_code, after.external) == ("", "", "autotime:e0000000000000001:2")


def test_what_is_blank_there_is_not_sent_back():
    there = room()
    biller = there.biller()
    made = biller.create(payload())
    there.panther.edit(made.id, account_ref=None, private_notes=None)
    seen = biller.read(made.id)
    assert seen is not None
    biller.change(seen, payload(revision=2))
    assert None not in there.sent()[-1].json().values()


def test_notes_of_our_own_take_the_place_of_those_below_the_mark():
    """Else each change would add them once more."""
    there = room()
    biller = there.biller({"private_notes": {"source": "late"}})
    made = biller.create(payload(late="late"))
    biller.change(made, payload(revision=2, late="reconstructed"))
    assert there.sent()[-1].json()["private_notes"] == "autotime:e0000000000000001:2\nreconstructed"


@pytest.mark.parametrize("act", ["change", "remove"])
def test_a_refusal_that_quotes_what_stood_there_is_told_without_it(act: str):
    there = room()
    biller = there.biller()
    made = biller.create(payload(narrative="Call with Quillfeather re: the settlement"))
    kept = there.wire.answer
    said = Reply({"message": "no: Call with Quillfeather re: the settlement"}, 422)
    there.wire.answer = lambda asked: said if asked.method in ("PUT", "DELETE") else kept(asked)
    with pytest.raises(Refused, match="answered 422") as refused:
        biller.change(made, payload(revision=2, narrative="Draft")) if act == "change" else biller.remove(made)
    assert "Quillfeather" not in str(refused.value)


def test_the_stand_in_clears_what_a_change_does_not_name():
    """Why the whole is read first."""
    there = room()
    made = there.biller().create(payload())
    body = {name: there.sent()[0].json()[name] for name in ("date", "hours", "matter_ref", "billed_by_user_ref")}
    web = there.biller().panther.web
    web.send("PUT", f"timeentries?id={made.id}", {"Content-Type": "application/json"}, json.dumps(body).encode())
    held = there.panther.held(made.id)
    assert held is not None
    assert not held.keys() & {"description", "private_notes", "task_code", "item_ref", "rate"}


def test_the_client_goes_with_its_matter():
    there = room()
    biller = there.biller()
    made = biller.create(payload())
    there.panther.edit(made.id, account_ref={"id": there.client["id"]})
    seen = biller.read(made.id)
    assert seen is not None
    biller.change(seen, payload(matter="2026-002"))
    assert "account_ref" not in there.sent()[-1].json()


@pytest.mark.parametrize("act", ["change", "remove"])
@pytest.mark.parametrize("guards", [True, False])
def test_what_is_billed_is_never_touched(act: str, guards: bool):
    there = room()
    there.panther.guards_billed = guards
    biller = there.biller()
    made = biller.create(payload())
    there.panther.bill(made.id)
    billed = biller.read(made.id)
    assert billed is not None
    assert billed.billed
    with pytest.raises(Refused, match="is billed in PracticePanther and not touched: correct it there"):
        biller.change(billed, payload(revision=2)) if act == "change" else biller.remove(billed)
    assert len(there.sent()) == 1


@pytest.mark.parametrize("act", ["change", "remove"])
def test_what_changed_meanwhile_is_never_touched(act: str):
    there = room()
    biller = there.biller()
    made = biller.create(payload())
    there.panther.edit(made.id, description="A colleague's words")
    with pytest.raises(Refused, match="changed in PracticePanther meanwhile: autotime resolve"):
        biller.change(made, payload(revision=2)) if act == "change" else biller.remove(made)
    assert len(there.sent()) == 1


@pytest.mark.parametrize("act", ["change", "remove"])
def test_a_change_that_left_no_time_behind_is_seen_by_what_it_says(act: str):
    """Its times may be missing, or be the same."""
    there = room()
    biller = there.biller()
    made = biller.create(payload())
    held = there.panther.held(made.id)
    assert held is not None
    held["hours"] = 2.5
    with pytest.raises(Refused, match="changed in PracticePanther meanwhile: autotime resolve"):
        biller.change(made, payload(revision=2)) if act == "change" else biller.remove(made)
    assert len(there.sent()) == 1


def test_what_is_gone_cannot_be_changed_and_is_removed_already():
    there = room()
    biller = there.biller()
    made = biller.create(payload())
    biller.remove(made)
    assert there.panther.entries == []
    with pytest.raises(Refused, match="not in PracticePanther any more: autotime resolve"):
        biller.change(made, payload(revision=2))
    biller.remove(made)
    assert [one.method for one in there.sent()] == ["POST", "DELETE"]


def test_a_removal_whose_answer_is_lost_is_in_doubt():
    there = room([Fate.OK, Fate.LOST_AFTER])
    biller = there.biller()
    made = biller.create(payload())
    with pytest.raises(InDoubt):
        biller.remove(made)


def test_no_user_and_no_invoice_is_ever_deleted():
    there = room()
    biller: PracticePantherBiller = there.biller()
    made = biller.change(biller.create(payload()), payload(revision=2))
    biller.remove(made)
    assert there.panther.harm == []
    assert {one.path for one in there.sent()} == {"/api/v2/timeentries"}


def test_what_vanishes_while_it_is_removed_is_removed():
    """A colleague was faster by a moment."""
    there = room()
    biller = there.biller()
    made = biller.create(payload())

    def faster(asked: Asked) -> Reply:
        if asked.method == "DELETE":
            there.panther.entries.clear()
        return there.panther.answer(asked)

    there.wire.answer = faster
    biller.remove(made)
    assert [one.method for one in there.sent()] == ["POST", "DELETE"]
