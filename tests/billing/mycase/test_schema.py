"""The stand-in and the adapter against MyCase's own OpenAPI documents."""

from __future__ import annotations

from datetime import date

import pytest

from autotime.domain.errors import Refused
from autotime.testing.server import Asked, Reply

from .schema import SCHEMAS, all_problems, of_schema, problems
from .world import World, payload

pytestmark = pytest.mark.skipif(not SCHEMAS.is_dir(), reason="MyCase's OpenAPI documents are not on this machine")


def test_all_that_is_asked_and_answered_is_as_mycase_has_it() -> None:
    world = World()
    client = world.mycase.client("Carla", "Stone", "carla@stone.example", cell_phone_number="555 0100")
    world.mycase.open("Stone estate", None, clients=(client,), staff={world.ada["id"]: None})
    biller = world.biller()
    made = biller.create(payload(2))
    kept = biller.create(payload(3, matter="2026-002", task_code=""))
    biller.present([payload(2)])
    biller.present([payload(2)])
    biller.read(kept.id)
    biller.remove(made)
    world.mycase.bill(world.mycase.entries[0])
    list(biller.pull({}))
    list(biller.pull(dict.fromkeys(("people", "clients", "companies", "matters"), "2026-03-01T00:00:00Z")))
    list(biller.history(str(world.ada["id"]), date(2026, 1, 1), date(2026, 4, 1)))
    with pytest.raises(Refused):
        biller.create(payload(4, matter="2026-009", task_code=""))
    assert biller.read("77") is None
    assert {asked.path.split("/")[2] for asked, _ in world.exchanges} == {
        "time_entries", "staff", "clients", "companies", "cases"
    }  # fmt: skip
    assert all_problems(world.exchanges) == []


def test_invoices_and_me_are_as_mycase_has_them() -> None:
    """What the adapter does not ask for, the stand-in answers rightly all the same."""
    world = World()
    world.mycase.bill(world.mycase.enters(world.ada, world.cases["2026-001"], "2026-03-03", 1.0, "Draft motion"))
    access = {"authorization": f"Bearer {world.mycase.grant()['access_token']}"}
    seen = {}
    for target in ("/v1/me", "/v1/invoices", "/v1/invoices?only_allowed_online_payments=false"):
        path, _, query = target.partition("?")
        asked = Asked("GET", path, dict([query.split("=")]) if query else {}, access, b"", target)
        seen[target] = world.answer(asked).body
    assert seen["/v1/me"] == world.ada
    assert seen["/v1/invoices"] == [], "unless told otherwise, only those that can be paid online"
    assert len(seen["/v1/invoices?only_allowed_online_payments=false"]) == 1
    assert all_problems(world.exchanges) == []


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"rate": 450.0}, "TimeEntryResponse.rate"),
        ({"hours": "1.5"}, "TimeEntryResponse.hours"),
        ({"hue": "red"}, "no key hue"),
        ({"invoices": [{"id": "7"}]}, "invoices[0].id"),
        ({"billable": 1}, "billable"),
    ],
)
def test_what_mycase_would_not_say_is_complained_of(wrong: dict[str, object], complaint: str) -> None:
    """The checker itself bites."""
    [one] = of_schema("TimeEntries", "TimeEntryResponse", wrong)
    assert complaint in one


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        (Asked("GET", "/v1/time_entries", {}, {}, b"", "/v1/time_entries?filter%5Bcase%5D=1"), "no parameter"),
        (Asked("PUT", "/v1/time_entries/1", {}, {}, b"{}", "/v1/time_entries/1"), "no operation"),
        (Asked("POST", "/v1/time_entries", {}, {}, b'{"hours": "1"}', "/v1/time_entries"), "lacks"),
    ],
)
def test_what_mycase_has_not_is_complained_of(asked: Asked, complaint: str) -> None:
    assert any(complaint in one for one in problems(asked, Reply([])))
