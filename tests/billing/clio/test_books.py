"""The firm's books out of Clio: people, clients, matters with their rates, categories, codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import pytest

from autotime.billing.clio.books import WEEK
from autotime.domain.books import Client, Code, Matter, MatterStatus, Rate, Thing
from autotime.domain.doors import BooksPage, BooksSource
from autotime.domain.errors import SignInNeeded
from autotime.domain.people import Timekeeper
from autotime.testing.server import Reply
from autotime.testing.systems.clio.listing import stamp
from tests.billing.clio.room import Room, room


def pulled(here: Room, cursors: Mapping[str, str] | None = None) -> list[BooksPage]:
    return list(here.biller().pull(cursors or {}))


def nouns(pages: list[BooksPage], kind: Thing) -> Iterator[object]:
    return (thing.noun for page in pages for thing in page.things if thing.kind is kind)


def part(pages: list[BooksPage], name: str) -> list[BooksPage]:
    return [page for page in pages if page.part == name]


def kept(pages: list[BooksPage]) -> dict[str, str]:
    return {page.part: page.cursor for page in pages if page.cursor}


def test_it_is_a_source_of_books() -> None:
    assert isinstance(room().biller(), BooksSource)


def test_people_come_with_their_rates() -> None:
    ada, _bo = nouns(pulled(room()), Thing.TIMEKEEPER)
    assert ada == Timekeeper(id="AO", last="Okafor", first="Ada", emails=("ada@firm.example",), rate=Decimal("450.0"))


def test_clients_come_with_what_their_portal_calls_them() -> None:
    here = room()
    here.clio.account.client("Somebody", is_client=False)
    (client,) = nouns(pulled(here), Thing.CLIENT)
    assert client == Client(client.id, "Northwind Mills, Inc.", "NW", ("northwind@clients.example",), ("+1 555 0100",))


def test_matters_of_every_state_come_with_client_and_rates() -> None:
    here = room()
    here.clio.shows_rates = True
    here.clio.account.matter("2026-010", 0, "Perhaps", status="Pending", billing_method="flat")
    one, rated, closed, pending = nouns(pulled(here), Thing.MATTER)
    client = next(iter(here.clio.account["contact"]))
    assert one == Matter(number="2026-001", name="Northwind v. Harrow", client=str(client), client_matter_id="NW-77")
    assert rated.rates == (Rate(str(here.ada), Decimal("412.5")), Rate(str(here.bo), Decimal("300.0")))
    assert closed.status is MatterStatus.CLOSED
    assert (pending.status, pending.client, pending.fee_type) == (MatterStatus.PENDING, "", "flat")


def test_each_thing_comes_with_its_id_and_etag() -> None:
    here = room()
    things = {thing.noun.number: thing for page in part(pulled(here), "matters") for thing in page.things}
    assert things["2026-001"].remote == str(here.matter("2026-001"))
    assert things["2026-001"].version == here.clio.account["matter"][here.matter("2026-001")]["etag"]


def test_codes_come_of_sets_in_use_and_never_for_expenses() -> None:
    codes = {code.code: code for code in nouns(pulled(room()), Thing.CODE)}
    assert set(codes) == {"L110", "L310", "L330", "A102", "A103", "A106"}
    assert codes["L310"].code_set == "litigation"
    assert codes["A103"].code_set == "activity"


def test_a_code_of_two_sets_in_use_is_the_first_ones_and_a_person_is_told() -> None:
    """Which of the two a client's bills want is not known; by turns it must not be."""
    here = room()
    account = here.clio.account
    own = account.add("set", name="Own litigation set", enabled=True)["id"]
    account.add("code", code="L310", name="Our discovery", type="UtbmsTask", utbms_set_id=own)
    pages = pulled(here)
    found = [one.remote for page in pages for one in page.things if getattr(one.noun, "code", "") == "L310"]
    assert found == [str(here.code("L310"))]
    (told,) = part(pages, "sets")
    assert told.bad == (
        "in more than one set that is on, and taken from the first: L310; switch a set off in Clio to use the other",
    )
    account["set"][account["code"][here.code("L310")]["utbms_set_id"]]["enabled"] = False
    assert not part(pulled(here), "sets")


def test_categories_are_the_firms_own_and_not_codes_in_disguise() -> None:
    here = room()
    here.clio.account.utbms_category({"utbms_task_id": here.code("L310")})
    assert list(nouns(pulled(here), Thing.ACTIVITY)) == [Code("Conference", "Conference", "clio")]


def test_people_and_clients_come_before_the_matters_that_name_them() -> None:
    names = list(dict.fromkeys(page.part for page in pulled(room())))
    assert names == ["users", "clients", "categories", "codes", "matters"]


def test_a_firm_whose_bills_are_rounded_is_told() -> None:
    """What was approved in other steps is billed otherwise there, and no entry shows it."""
    here = room()
    assert not part(pulled(here), "settings")
    here.clio.account.rounding = 15
    (page,) = part(pulled(here), "settings")
    assert page.bad == (
        "Clio's bills are in steps of 15 minutes: time approved in other steps is billed otherwise (increment_minutes)",
    )


@pytest.mark.parametrize("reply", [Reply({"error": {"message": "No"}}, 403), Reply({}, 404), Reply({"data": {}})])
def test_where_the_firms_settings_are_not_to_be_seen_the_books_come_all_the_same(reply: Reply) -> None:
    here = room()
    answer = here.clio.answer
    versioned = Reply(reply.body, reply.status, {"X-API-VERSION": "4.0.10"})
    here.wire.answer = lambda asked: versioned if "settings" in asked.path else answer(asked)
    assert len(list(nouns(pulled(here), Thing.MATTER))) == 3
    assert not part(pulled(here), "settings")


# -- pages and cursors ----------------------------------------------------------------------------


def test_a_first_pull_is_whole_at_its_last_page_only() -> None:
    here = room()
    here.clio.page = 2
    matters = part(pulled(here), "matters")
    assert [(len(page.things), page.whole, bool(page.cursor)) for page in matters] == [
        (2, False, False),
        (1, True, True),
    ]


def test_more_than_ten_thousand_are_read_by_a_cursor() -> None:
    here = room()
    here.clio.limits.most = 0
    for number in range(10_050):
        here.clio.account.matter(f"M{number}", 0)
    assert len(list(nouns(pulled(here), Thing.MATTER))) == 10_053
    assert {one.query["order"] for one in here.reads("matters")} == {"id(asc)"}


def test_a_list_without_a_cursor_is_not_whole_where_clio_cuts_it() -> None:
    here = room()
    here.clio.limits.most = 0
    for number in range(10_050):
        here.clio.account.category(f"C{number}")
    last = part(pulled(here), "categories")[-1]
    assert not last.whole
    assert "no more than 10,000" in last.bad[0]


def test_the_next_pull_reads_only_what_changed() -> None:
    here = room()
    here.clock.sleep(86_400)
    cursors = kept(pulled(here))
    here.clock.sleep(86_400)
    account = here.clio.account
    account.touched(account["matter"][here.matter("2026-001")], description="Northwind v. Harrow et al.")
    again = pulled(here, cursors)
    assert [matter.name for matter in nouns(again, Thing.MATTER)] == ["Northwind v. Harrow et al."]
    assert not any(page.whole for page in part(again, "matters"))


def test_changes_are_read_with_an_overlap() -> None:
    here = room()
    here.clock.sleep(86_400)
    cursors = kept(pulled(here))
    account = here.clio.account
    account["matter"][here.matter("2026-001")]["updated_at"] = stamp(here.clock() - 600)
    here.clock.sleep(60)
    assert len(list(nouns(pulled(here, cursors), Thing.MATTER))) == 1


def test_once_a_week_everything_is_read_because_what_is_removed_shows_only_then() -> None:
    here = room()
    first = kept(pulled(here))
    here.clock.sleep(WEEK / 2)
    second = kept(pulled(here, first))
    here.clock.sleep(WEEK / 2)
    assert part(pulled(here, second), "matters")[-1].whole


def test_where_somebody_else_asked_last_matters_are_read_whole() -> None:
    """Their rates may be hidden from one another, and a matter that did not change is not listed as a change."""
    here = room()
    cursors = kept(pulled(here))
    here.clock.sleep(3600)
    assert not part(pulled(here, cursors), "matters")[-1].whole
    here.clio.sign_in.keeps(here.bo)
    pages = pulled(here, cursors)
    assert part(pages, "matters")[-1].whole
    assert not part(pages, "clients")[-1].whole


@pytest.mark.parametrize("cursor", ["what?", "2026-03-01T00:00:00Z", "/", "x/2026-03-01T00:00:00Z"])
def test_a_cursor_that_is_none_reads_everything(cursor: str) -> None:
    assert part(pulled(room(), {"matters": cursor}), "matters")[-1].whole


# -- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ({"display_number": None}, "it has no display number"),
        ({"display_number": "  "}, "it has no display number"),
        ({"status": "Archived"}, "its status is none of"),
        ({"status": 7}, "its status is none of"),
    ],
)
def test_a_broken_matter_is_told_and_the_others_come(spoil: dict[str, object], reason: str) -> None:
    here = room()
    here.clio.account["matter"][here.matter("2026-001")].update(spoil)
    pages = part(pulled(here), "matters")
    assert next(bad for page in pages for bad in page.bad).startswith(f"{here.matter('2026-001')}: {reason}")
    assert len(list(nouns(pages, Thing.MATTER))) == 2


def test_rows_that_are_no_records_are_told() -> None:
    here = room()
    answer = here.clio.answer

    def spoiled(asked):
        reply = answer(asked)
        if asked.path.endswith("/users.json"):
            reply.body["data"] += [None, 17, {"id": True, "name": "X"}, {"id": 5}]
        return reply

    here.wire.answer = spoiled
    (users,) = part(pulled(here), "users")
    assert (len(users.things), len(users.bad)) == (2, 4)


def test_text_from_clio_cannot_act() -> None:
    here = room()
    here.clio.account["matter"][here.matter("2026-001")]["description"] = "\x1b[31mRed\x1b[0m \u202etxet"
    assert next(nouns(pulled(here), Thing.MATTER)).name == "Red txet"


def test_numbers_that_are_text_or_hidden_are_read_or_none() -> None:
    here = room()
    users = here.clio.account["user"]
    users[here.ada]["rate"], users[here.bo]["rate"] = "451.25", None
    assert [person.rate for person in nouns(pulled(here), Thing.TIMEKEEPER)] == [Decimal("451.25"), None]


def test_a_sign_in_that_has_ended_ends_a_pull() -> None:
    here = room()
    here.clio.sign_in.access.clear()
    here.clio.sign_in.refresh.clear()
    with pytest.raises(SignInNeeded):
        pulled(here)
