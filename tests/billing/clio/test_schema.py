"""Our requests and the stand-in's answers are as Clio's own description has them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from autotime.domain.errors import AutotimeError, Refused
from autotime.testing.server import Asked, Reply
from tests.billing.clio.room import Room, payload, room
from tests.billing.clio.schema import odd_answer, odd_request, odd_value, operation


def recorded(doing: Callable[[Room], object]) -> list[tuple[Asked, Reply]]:
    """Every exchange with the API while something is done."""
    here = room()
    answer, exchanges = here.clio.answer, []

    def kept(asked: Asked) -> Reply:
        reply = answer(asked)
        exchanges.append((asked, reply))
        return reply

    here.wire.answer = kept
    doing(here)
    return exchanges


def everything(here: Room) -> None:
    """One of each call the adapter makes, with one of each thing there is."""
    biller = here.biller({"activity_description": {"constant": "Conference"}})
    for number, billing in enumerate(("billable", "no_charge", "non_billable")):
        made = biller.create(payload(number, billing=billing))
    here.clio.page = 2
    biller.present([payload()])
    here.clio.page = 0
    changed = biller.change(made, payload(2, matter="2026-002"))
    biller.remove(changed)
    list(biller.pull({}))
    list(biller.pull({"matters": f"2026-03-01T00:00:00Z/2026-03-08T00:00:00Z/{here.ada}"}))
    list(biller.history(str(here.ada), date(2026, 1, 1), date(2026, 3, 31)))
    biller.who()


def test_everything_asked_and_answered_is_described() -> None:
    exchanges = recorded(everything)
    assert [it for asked, _ in exchanges for it in odd_request(asked)] == []
    assert [it for asked, reply in exchanges for it in odd_answer(asked, reply)] == []
    assert {(asked.method, reply.status) for asked, reply in exchanges} == {
        ("GET", 200),
        ("POST", 201),
        ("PATCH", 200),
        ("DELETE", 204),
    }


@pytest.mark.parametrize(
    ("status", "spoil"),
    [
        (404, lambda here: here.clio.account["matter"].clear()),
        (422, lambda here: here.clio.account["user"][here.ada].update(enabled=False)),
        (429, lambda here: setattr(here.clio.limits, "most", 2)),
    ],
)
def test_refusals_are_described(status: int, spoil: Callable[[Room], object]) -> None:
    def refused(here: Room) -> None:
        biller = here.biller()
        biller.present([payload()])
        spoil(here)
        here.clio.limits.count("access-1")
        with pytest.raises(AutotimeError):
            biller.create(payload())

    asked, reply = recorded(refused)[-1]
    assert reply.status == status
    assert odd_answer(asked, reply) == []


def test_a_stale_change_is_described() -> None:
    def stale(here: Room) -> None:
        made = here.biller().create(payload())
        where, body = f"activities/{made.id}.json", {"data": {"note": "Call"}}
        with pytest.raises(Refused):
            here.biller().site.write("PATCH", where, body, read=str, headers={"If-Match": '"old"'})

    asked, reply = recorded(stale)[-1]
    assert (reply.status, odd_answer(asked, reply)) == (412, [])


def test_the_check_sees_what_is_wrong() -> None:
    """Else it would prove nothing."""
    asked = Asked("GET", "/api/v4/activities.json", {"colour": "red", "limit": "many"}, {})
    assert len(odd_request(asked)) == 2
    for body in ({"data": [{"quantity": "1.5"}]}, {"data": [{"colour": "red"}]}, {"data": {}}, {"error": {}}):
        assert odd_answer(asked, Reply(body)), body
    assert list(odd_value({"data": {"type": "TimeEntry"}}, _body(), "body")) == ["body.data lacks date"]
    assert odd_request(Asked("GET", "/api/v4/secrets.json", {}, {})) == ["GET /api/v4/secrets.json is not described"]


def _body():
    post = operation(Asked("POST", "/api/v4/activities.json", {}, {}))
    return post["requestBody"]["content"]["application/json"]["schema"]
