"""The firm's books in: staff, clients, companies, cases."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from autotime.domain.books import Client, Matter, MatterStatus, Rate, Thing
from autotime.domain.doors import BooksPage, BooksSource
from autotime.domain.people import Timekeeper

from .world import World


@pytest.fixture
def world() -> World:
    return World()


def pulled(world: World, cursors: dict[str, str] | None = None) -> dict[str, list[BooksPage]]:
    found: dict[str, list[BooksPage]] = {}
    for page in world.biller().pull(cursors or {}):
        found.setdefault(page.part, []).append(page)
    return found


def matter(world: World, case: dict[str, Any]) -> Matter:
    [noun] = [
        thing.noun for page in pulled(world)["matters"] for thing in page.things if thing.remote == str(case["id"])
    ]
    assert isinstance(noun, Matter)
    return noun


def test_people_and_clients_come_before_the_matters_that_name_them(world: World) -> None:
    assert isinstance(world.biller(), BooksSource)
    assert list(pulled(world)) == ["people", "clients", "companies", "matters"]


def test_staff_have_their_default_rates(world: World) -> None:
    """A rate of 0 is a field that was left alone."""
    world.mycase.employ("Uma", "Reyes", "no address", 0.0)
    [page] = pulled(world)["people"]
    ada, _, uma = (thing.noun for thing in page.things)
    assert ada == Timekeeper(
        id=str(world.ada["id"]), last="Okafor", first="Ada", emails=("ada@okafor.example",), rate=Decimal("450.0")
    )
    assert isinstance(uma, Timekeeper)
    assert (uma.rate, uma.emails) == (None, ())
    assert [thing.kind for thing in page.things] == [Thing.TIMEKEEPER] * 3
    assert page.things[0].version == world.ada["updated_at"]


def test_clients_and_companies_are_numbered_apart(world: World) -> None:
    number = str(world.mills["id"])
    world.mycase.client("Carla", "Stone", "Carla@stone.example", id=int(number), cell_phone_number="555 0100")
    found = pulled(world)
    [client], [company] = (found[part][0].things for part in ("clients", "companies"))
    assert client.noun == Client(number, "Carla Stone", contacts=("carla@stone.example",), phones=("555 0100",))
    assert company.noun == Client(f"company-{number}", "Northwind Mills, Inc.", contacts=("desk@northwind.example",))
    assert (client.remote, company.remote) == (number, f"company-{number}")


def test_a_case_is_a_matter_with_the_rates_of_its_staff(world: World) -> None:
    carla = world.mycase.client("Carla", "Stone", "carla@stone.example")
    case = world.mycase.open(
        "Stone estate",
        "2026-010",
        clients=(carla,),
        staff={world.ada["id"]: "412.50", world.bo["id"]: None},
        practice_area="Probate",
        billing_type="contingency",
    )
    assert matter(world, case) == Matter(
        number="2026-010",
        name="Stone estate",
        client=str(carla["id"]),
        practice="Probate",
        fee_type="contingency",
        contacts=("carla@stone.example",),
        rates=(Rate(str(world.ada["id"]), Decimal("412.50")),),
    )


@pytest.mark.parametrize("number", [None, "", "  "])
def test_a_case_without_a_number_is_called_by_its_name(world: World, number: str | None) -> None:
    """Names are unique in MyCase."""
    found = matter(world, world.mycase.open("Stone estate", number, billing_type=""))
    assert (found.number, found.name, found.fee_type) == ("Stone estate", "Stone estate", "hourly")


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"status": "open"}, MatterStatus.OPEN),
        ({"status": "closed", "closed_date": "2026-02-01"}, MatterStatus.CLOSED),
        ({"status": "Closed"}, MatterStatus.CLOSED),
        ({"status": "", "closed_date": "2026-02-01"}, MatterStatus.CLOSED),
        ({"status": ""}, MatterStatus.OPEN),
    ],
)
def test_closed_cases_come_as_closed(world: World, told: dict[str, str], status: MatterStatus) -> None:
    assert matter(world, world.mycase.open("Stone estate", "1", **told)).status is status


def test_who_is_billed_is_the_client(world: World) -> None:
    """Its id alone does not say whether it is a person's or a company's: where both fit, the company comes first."""
    carla, dan = world.mycase.client("Carla", "Stone"), world.mycase.client("Dan", "Stone")
    company = f"company-{world.mills['id']}"
    both = {"clients": (carla, dan), "companies": (world.mills,)}
    billed = world.mycase.open("One", billing_contact={"id": dan["id"]}, **both)
    nobody = world.mycase.open("Two", **both)
    person = world.mycase.open("Three", clients=(dan, carla))
    none = world.mycase.open("Four", billing_contact={"id": 4})
    found = {case["name"]: matter(world, case).client for case in (billed, nobody, person, none)}
    assert found == {"One": str(dan["id"]), "Two": company, "Three": str(dan["id"]), "Four": ""}
    twin = world.mycase.client("Eve", "Stone", id=world.mills["id"])
    case = world.mycase.open("Five", billing_contact={"id": twin["id"]}, clients=(twin,), companies=(world.mills,))
    assert matter(world, case).client == company


def test_a_whole_list_says_so_on_its_last_page_and_how_long_it_is(world: World) -> None:
    for number in range(2_000):
        world.mycase.open(f"Matter {number}", f"M-{number}")
    first, second, last = pulled(world)["matters"]
    assert [len(page.things) for page in (first, second, last)] == [1000, 1000, 4]
    assert [page.of for page in (first, second, last)] == [2004] * 3
    assert [(page.whole, bool(page.cursor)) for page in (first, second, last)] == [
        (False, False), (False, False), (True, True)
    ]  # fmt: skip


def test_the_next_pull_reads_what_changed_since(world: World) -> None:
    """From ten minutes before the last one began; such a list is no complete one, and its length says nothing."""
    world.clock.sleep(3600)
    cursors = {part: pages[-1].cursor for part, pages in pulled(world).items()}
    assert set(cursors.values()) == {cursors["people"]}
    world.clock.sleep(3600)
    case = world.mycase.open("Stone estate", "2026-010")
    world.mycase.touch(world.cases["2026-003"], status="closed")
    found = pulled(world, cursors)
    [page] = found["matters"]
    assert {thing.remote for thing in page.things} == {str(case["id"]), str(world.cases["2026-003"]["id"])}
    assert [(one.things, one.whole, one.of) for part in ("people", "clients") for one in found[part]] == [
        ((), False, 0)
    ] * 2
    assert (page.whole, page.of) == (False, 0)
    assert page.cursor > cursors["matters"]


def test_a_clock_that_is_wrong_here_misses_nothing(world: World) -> None:
    """The cursor is by MyCase's clock."""
    biller = world.biller()
    biller.web.wall = lambda: world.clock() + 7 * 86_400
    *_, last = biller.pull({})
    assert last.cursor < world.mycase._now()


@pytest.mark.parametrize(
    ("part", "odd", "reason"),
    [
        ("staff", {"first_name": None, "last_name": ""}, "it has no name"),
        ("clients", {"first_name": 7, "last_name": None}, "it has no name"),
        ("companies", {"name": "\u200b"}, "it has no name"),
        ("cases", {"name": "", "case_number": None}, "it has neither number nor name"),
        ("cases", {"id": None}, "has no id"),
    ],
)
def test_what_cannot_be_read_is_told_and_the_rest_is_read(
    world: World, part: str, odd: dict[str, Any], reason: str
) -> None:
    world.mycase.client("Carla", "Stone")
    world.mycase.client("Dan", "Stone")
    world.mycase.company("Harrow & Sons")
    plain = world.wire.answer

    def answer(asked: Any) -> Any:
        reply = plain(asked)
        if not asked.path.endswith(part):
            return reply
        return type(reply)([{**reply.body[0], **odd}, *reply.body[1:]], 200, reply.headers)

    world.wire.answer = answer
    name = {"staff": "people", "cases": "matters"}.get(part, part)
    [page] = pulled(world)[name]
    [bad] = page.bad
    assert reason in bad
    assert len(page.things) == len(world.mycase.held[part]) - 1


def test_odd_parts_of_a_case_are_left_out(world: World) -> None:
    case = world.mycase.open("Stone estate", "9")
    plain = world.wire.answer
    odd = {
        "companies": None,
        "billing_contact": 7,
        "staff": [None, {"id": "x", "case_rate": "1"}, {"id": 5, "case_rate": "much"}, {"id": 6, "case_rate": "-1"}],
        "practice_area": None,
        "clients": [3, {"id": 8, "email": "a b"}],
    }

    def answer(asked: Any) -> Any:
        reply = plain(asked)
        if asked.path.endswith("cases"):
            return type(reply)([{**one, **odd} for one in reply.body], 200, reply.headers)
        return reply

    world.wire.answer = answer
    found = matter(world, case)
    assert (found.rates, found.client, found.practice, found.contacts) == ((), "8", "", ())
