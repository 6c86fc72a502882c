"""What PracticePanther says in the place of a right answer, and what becomes of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from autotime.domain.errors import InDoubt, NotDelivered, Refused, SignInNeeded, SourceUnavailable
from autotime.domain.work import Billing
from autotime.testing.biller_source import damaged
from autotime.testing.server import Asked, Reply
from autotime.testing.systems.wire import Fate, Wire, writes

from .room import DAY, Room, payload, room


def answering(reply: Reply, to: Callable[[Asked], bool] = writes) -> Room:
    """A room in which some requests are answered so, without being done."""
    there = room()
    there.wire = Wire(lambda asked: reply if to(asked) else there.panther.answer(asked), there.clock)
    return there


def reads(asked: Asked) -> bool:
    return asked.method == "GET"


# -- the sign-in -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401])
def test_an_ended_token_is_renewed_once_whichever_way_it_is_told(status: int):
    there = room()
    there.panther.ended_status = status
    there.panther.expire()
    biller = there.biller()
    biller.create(payload())
    assert len(there.panther.entries) == 1
    assert [one.method for one in there.sent()] == ["POST", "POST"]
    there.panther.expire()
    assert len(biller.present([payload()])) == 1


@pytest.mark.parametrize("status", [400, 401])
@pytest.mark.parametrize("act", ["create", "present"])
def test_a_sign_in_that_was_taken_back_names_the_command(status: int, act: str):
    there = room()
    there.panther.ended_status = status
    there.panther.sign_ins.revoke()
    biller = there.biller()
    with pytest.raises(SignInNeeded) as needed:
        biller.create(payload()) if act == "create" else biller.present([payload()])
    assert needed.value.hint == "autotime connect practicepanther"
    assert there.panther.entries == []


@pytest.mark.parametrize("to", [writes, reads])
def test_a_fresh_token_that_is_not_taken_either_ends_the_sign_in(to: Callable[[Asked], bool]):
    there = answering(Reply({"error": "invalid_grant"}, 400), to)
    with pytest.raises(SignInNeeded) as needed:
        there.biller().create(payload()) if to is writes else there.biller().present([payload()])
    assert needed.value.hint == "autotime connect practicepanther"


def test_the_refresh_token_rotates_and_the_new_one_is_kept_before_it_is_used():
    there = room()
    biller = there.biller()
    for _ in range(3):
        there.panther.expire()
        biller.present([payload()])
    kept = json.loads(biller.registration.vault.load())
    assert kept["refresh_token"] not in ("refresh-1", *there.panther.sign_ins.used)


def test_a_refresh_token_that_was_used_before_ends_the_whole_sign_in():
    there = room()
    first, second = there.biller(), there.biller()
    there.panther.expire()
    first.present([payload()])
    there.panther.expire()
    for biller in (second, first):
        with pytest.raises(SignInNeeded):
            biller.present([payload()])


def test_a_token_that_does_not_say_how_long_it_lasts_lasts_a_day():
    there = room()
    there.wire.answer = lambda asked: damaged(there.panther.answer(asked), _endless)
    biller = there.biller()
    there.panther.expire()
    biller.present([payload()])
    there.clock.sleep(23 * 3_600)
    there.wire.asked.clear()
    biller.present([payload()])
    assert [one.path for one in there.wire.asked] == ["/api/v2/timeentries"]


def _endless(name: str, value: Any) -> Any:
    return ... if name == "expires_in" else value


def test_a_token_is_renewed_before_its_day_is_over():
    there = room()
    biller = there.biller()
    there.panther.expire()
    biller.present([payload()])
    there.wire.asked.clear()
    there.clock.sleep(86_400 - 60)
    biller.present([payload()])
    assert there.wire.asked[0].path == "/OAuth/Token"


# -- writes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (400, "autotime mapping test practicepanther"),
        (403, "ask PracticePanther whether the API access is on"),
        (404, "autotime books pull practicepanther"),
        (405, ""),
        (409, ""),
        (410, ""),
        (412, ""),
        (422, "autotime mapping test practicepanther"),
    ],
)
def test_a_refusal_is_for_good_and_says_why_and_what_to_do(status: int, advice: str):
    """Of what is refused the sentence is kept, without a hint."""
    there = answering(Reply({"message": "hours is required"}, status))
    with pytest.raises(Refused, match=f"answered {status}: hours is required") as refused:
        there.biller().create(payload())
    assert advice in str(refused.value)


@pytest.mark.parametrize("said", [{"error_description": "no"}, {"Message": "no"}, {"error": "no such matter"}, [], "x"])
def test_a_refusal_may_have_any_shape(said: Any):
    there = answering(Reply(said, 422))
    with pytest.raises(Refused, match="answered 422"):
        there.biller().create(payload())


def test_a_refusal_that_quotes_the_narrative_is_told_without_it():
    narrative = "Call with Quillfeather re: the settlement"
    for said in (f"«{narrative}» is too long", f"... {narrative[10:]}"):
        there = answering(Reply({"message": said}, 422))
        with pytest.raises(Refused) as refused:
            there.biller().create(payload(narrative=narrative))
        assert "Quillfeather" not in str(refused.value)


def test_a_refusal_may_be_a_page():
    there = answering(Reply(b"<html>No</html>", 422, kind="text/html"))
    with pytest.raises(Refused, match=r"answered 422: see what is sent"):
        there.biller().create(payload())


def test_a_page_that_forbids_is_no_refusal():
    there = answering(Reply(b"<html>blocked</html>", 403, kind="text/html"))
    with pytest.raises(NotDelivered):
        there.biller().create(payload())


def test_too_many_requests_is_certainly_not_done_and_says_how_long_to_wait():
    there = room()
    there.panther.too_many = 1
    biller = there.biller()
    with pytest.raises(NotDelivered) as later:
        biller.create(payload())
    assert (later.value.wait, there.panther.entries) == (7, [])
    biller.create(payload())


@pytest.mark.parametrize("fate", [Fate.NOT_DONE, Fate.DONE_5XX, Fate.LOST_BEFORE, Fate.LOST_AFTER, Fate.LATE])
def test_whatever_proves_nothing_is_doubt_and_is_sent_once(fate: Fate):
    there = room([fate])
    with pytest.raises(InDoubt):
        there.biller().create(payload())
    assert len(there.sent()) == 1


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"17", b'{"id": 1}', b"{", b"<html>"])
def test_a_success_that_cannot_be_read_is_doubt(body: bytes):
    with pytest.raises(InDoubt):
        answering(Reply(body)).biller().create(payload())


def test_a_matter_that_was_closed_there_is_refused_and_not_guessed():
    there = room()
    there.panther.guards_closed = True
    with pytest.raises(Refused, match="the matter is closed"):
        there.biller().create(payload(matter="2026-009"))


def test_a_matter_that_was_deleted_there_is_refused():
    there = room()
    biller = there.biller()
    there.panther.records["matters"].remove(there.matter)
    with pytest.raises(Refused, match="404: no such record in matters"):
        biller.create(payload())


# -- reads -------------------------------------------------------------------------------------------


def test_too_many_requests_are_waited_for_as_long_as_is_asked():
    there = room()
    there.panther.too_many = 2
    assert there.biller().present([payload()]) == []
    assert there.clock.slept[:2] == [7, 7]


def test_a_page_that_comes_twice_ends_with_an_error():
    there = room()
    there.panther.skips = False
    there.panther.enters(there.ada, there.matter, DAY, 1.0, "Call")
    with pytest.raises(SourceUnavailable, match="gives a page of timeentries twice"):
        there.biller().present([payload()])


@pytest.mark.parametrize("rows", [[{}], [{"id": None, "hours": 1}], [{"id": ""}, {"date": "soon"}]])
def test_a_page_of_records_without_ids_that_comes_twice_ends_too(rows: list[dict[str, Any]]):
    """In the books and in the history such records are told one by one, and reading goes on."""
    there = answering(Reply(rows), reads)
    with pytest.raises(SourceUnavailable, match="gives a page of users twice"):
        list(there.biller().pull({}))
    with pytest.raises(SourceUnavailable, match="gives a page of timeentries twice"):
        list(there.biller().history(there.ada["id"], date(2026, 3, 1), date(2026, 3, 31)))


@pytest.mark.parametrize("said", [{"id": "x"}, None, 17, "text", [17], {"value": None}])
def test_what_is_no_list_is_never_taken_for_an_empty_one(said: Any):
    there = answering(Reply(said if said is not None else b"null"), reads)
    with pytest.raises(SourceUnavailable, match="with no list"):
        there.biller().present([payload()])


def test_a_page_in_the_place_of_data_is_no_list():
    there = answering(Reply(b"<html>Sign in</html>", kind="text/html"), reads)
    with pytest.raises(SourceUnavailable):
        there.biller().present([payload()])


def test_what_a_user_may_not_read_is_told_with_whom_to_ask():
    there = answering(Reply({}, 403), reads)
    with pytest.raises(SourceUnavailable, match="may not read that") as refused:
        there.biller().present([payload()])
    assert "API access" in refused.value.hint


# -- odd values --------------------------------------------------------------------------------------


def seen(**changes: Any) -> Any:
    there = room()
    made = there.panther.enters(there.ada, there.matter, DAY, 1.5, "Call")
    row = {**made, **changes}
    there.wire = Wire(lambda asked: Reply(row if "-" in asked.path else []), there.clock)
    return there.biller().read(made["id"])


@pytest.mark.parametrize(
    ("changes", "name", "value"),
    [
        ({"hours": "1.50"}, "seconds", 5_400),
        ({"hours": None}, "seconds", None),
        ({"rate": "$1,250.00"}, "rate", 1250),
        ({"rate": None}, "rate", None),
        ({"rate": ""}, "rate", None),
        ({"description": None}, "narrative", ""),
        ({"private_notes": None}, "external", ""),
        ({"item_ref": None}, "activity_code", ""),
        ({"item_ref": {"id": "5f2c1f0e-8f2c-4a55-9b1e-6f0a1c2d3e4f", "name": "Filing"}}, "activity_code", "Filing"),
        ({"created_at": None}, "created_at", 0),
        ({"created_at": "2026-03-02T10:00:00"}, "created_at", 1_772_445_600),
        ({"created_at": "2026-03-02T10:00:00.5Z"}, "created_at", 1_772_445_600),
        ({"is_billed": True}, "billed", True),
        ({"is_billed": "true"}, "billed", True),
        ({"is_billed": "false"}, "billed", False),
        ({"is_billed": "perhaps"}, "billed", True),
        ({"is_billable": "false"}, "billing", Billing.NON_BILLABLE),
        ({"is_billable": "True"}, "billing", Billing.BILLABLE),
    ],
)
def test_an_odd_value_is_read_for_what_it_says(changes: dict[str, Any], name: str, value: Any):
    assert getattr(seen(**changes), name) == value


@pytest.mark.parametrize(
    "changes",
    [
        {"hours": "soon"},
        {"hours": True},
        {"hours": "NaN"},
        {"date": "tomorrow"},
        {"date": None},
        {"matter_ref": None},
        {"billed_by_user_ref": {}},
        {"id": 17},
        {"id": " "},
        {"rate": "Infinity"},
    ],
)
def test_an_entry_that_cannot_be_read_is_named_and_never_left_out(changes: dict[str, Any]):
    with pytest.raises(SourceUnavailable, match="of PracticePanther cannot be read"):
        seen(**changes)


def test_a_time_without_a_zone_is_universal_time_wherever_this_machine_stands(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "America/Chicago")
    time.tzset()
    try:
        assert seen(created_at="2026-03-02T10:00:00").created_at == 1_772_445_600
    finally:
        monkeypatch.undo()
        time.tzset()
