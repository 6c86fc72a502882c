"""Our requests and the stand-in's answers, held against the vendor's own description."""

from __future__ import annotations

from datetime import date

import pytest

from autotime.testing.server import Asked, Reply
from autotime.testing.systems.wire import Wire

from .room import DAY, Room, payload, room
from .schema import odd_answer, odd_request


class Watched:
    """What went over a wire and is not as described."""

    def __init__(self, there: Room) -> None:
        self.there, self.odd, self.seen = there, [], set()

    def answer(self, asked: Asked) -> Reply:
        reply = self.there.panther.answer(asked)
        self.seen.add((asked.method, asked.path.split("/")[3]))
        self.odd += odd_request(asked) + odd_answer(asked, reply)
        return reply


def everything(there: Room) -> Watched:
    watched = Watched(there)
    there.wire = Wire(watched.answer, there.clock)
    biller = there.biller()
    there.panther.contact(there.client, "Dee Roe", "dee@northwind.example")
    there.panther.enters(there.ada, there.matter, DAY, 1.0, "Call", account_ref={"id": there.client["id"]})
    for kind in ("billable", "no_charge", "non_billable"):
        biller.remove(biller.change(biller.create(payload(billing=kind)), payload(revision=2)))
    biller.create(payload(3, task_code="", activity_code="", rate=""))
    biller.present([payload()])
    list(biller.history(there.ada["id"], date(2026, 1, 1), date(2026, 12, 31)))
    list(biller.pull({}))
    there.panther.contact(there.client, "Eve New", "eve@northwind.example")
    list(biller.pull(dict.fromkeys(("users", "clients", "activities", "matters"), "2026-03-01T00:00:00Z")))
    biller.who()
    return watched


@pytest.mark.parametrize("zoned", [True, False])
def test_every_request_and_every_answer_is_as_described(zoned: bool):
    there = room()
    there.panther.zoned = zoned
    watched = everything(there)
    assert watched.odd == []
    assert watched.seen == {
        *(("GET", path) for path in ("users", "accounts", "contacts", "matters", "Items", "timeentries")),
        *((method, "timeentries") for method in ("POST", "PUT", "DELETE")),
    }


def test_the_description_finds_what_it_does_not_know():
    """The check itself bites."""
    body = b'{"date": "soon", "hours": "1", "matter_ref": {}, "note": 1}'
    odd = odd_request(Asked("POST", "/api/v2/timeentries", {"draft": "1"}, {}, body))
    assert sorted(odd) == [
        "body has note",
        "body lacks billed_by_user_ref",
        "body.date is not as described: 'soon'",
        "body.hours is no number",
        "body.matter_ref lacks id",
        "the query has draft",
    ]
