"""Every error of MyCase's page, and what a person then reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from autotime.domain.errors import AutotimeError, InDoubt, NotDelivered, Refused, SignInNeeded, SourceUnavailable
from autotime.domain.work import Billing
from autotime.testing.server import Asked, Reply
from autotime.testing.systems.wire import Fate
from autotime.web import Misdirected

from .world import World, payload


@pytest.fixture
def world() -> World:
    return World()


def answering(world: World, reply: Reply, when: Callable[[Asked], bool] = lambda _asked: True, times: int = 1) -> None:
    """The next requests to the API are answered so, and nothing is done."""
    plain, left = world.wire.answer, [times]

    def answer(asked: Asked) -> Reply:
        if left[0] and asked.path.startswith("/v1/") and when(asked):
            left[0] -= 1
            return reply
        return plain(asked)

    world.wire.answer = answer


def said(description: str, status: int, **source: str) -> Reply:
    return Reply({"errors": [{"description": description, **({"source": source} if source else {})}]}, status)


def trouble(world: World, number: int = 2) -> AutotimeError:
    """What a person reads when an entry is sent."""
    with pytest.raises(AutotimeError) as told:
        world.biller().create(payload(number))
    return told.value


# -- signing in -------------------------------------------------------------------------------------


def test_an_ended_token_is_renewed_and_the_entry_is_made_once(world: World) -> None:
    """401 proves that nothing was done."""
    world.mycase.end()
    world.biller().create(payload(2))
    assert len(world.mycase.entries) == 1
    assert [asked.path for asked in world.wire.asked] == ["/v1/time_entries", "/tokens", "/v1/time_entries"]
    [renewal] = [asked for asked in world.wire.asked if asked.path == "/tokens"]
    assert renewal.headers["host"] == "auth.mycase.com"
    assert renewal.json()["grant_type"] == "refresh_token"


def test_a_renewed_sign_in_is_kept_for_the_next_run(world: World) -> None:
    """A refresh token is good once, so the new one is kept before it is used."""
    for _ in range(3):
        world.clock.sleep(86_400)
        world.biller().read("77")
    assert [asked.path for asked in world.wire.asked].count("/tokens") == 3


def test_a_sign_in_that_nobody_renews_for_two_weeks_ends(world: World) -> None:
    biller = world.biller()
    world.clock.sleep(13 * 86_400)
    biller.read("77")
    now = int(world.clock())
    assert biller.standing(now).signed_in
    assert biller.standing(now).lapses_at == now + 14 * 86_400
    world.clock.sleep(14 * 86_400 + 60)
    assert not biller.standing(int(world.clock())).signed_in
    with pytest.raises(SignInNeeded) as told:
        world.biller().read("77")
    assert told.value.hint == "autotime connect mycase"


def test_a_sign_in_that_was_taken_back_is_told(world: World) -> None:
    world.mycase.end(refresh=True)
    told = trouble(world)
    assert isinstance(told, SignInNeeded)
    assert told.hint == "autotime connect mycase"
    assert world.mycase.entries == []


def test_a_token_that_is_refused_though_it_is_new_needs_a_sign_in(world: World) -> None:
    answering(world, said("The access token has expired", 401), times=9)
    with pytest.raises(SignInNeeded, match="does not take the sign-in"):
        world.biller().present([payload(2)])
    assert isinstance(trouble(world), SignInNeeded)


# -- an entry is refused, or in doubt ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (400, "autotime mapping test mycase"),
        (403, "ask MyCase support"),
        (404, "autotime books pull mycase"),
        (405, ""),
        (409, ""),
        (410, ""),
        (412, ""),
        (422, "autotime review"),
    ],
)
def test_a_refusal_says_which_field_and_why_and_what_to_do(world: World, status: int, advice: str) -> None:
    """Of what is refused the sentence is kept, without a hint."""
    answering(world, said("case is on hold", status, pointer="/case/id"))
    told = trouble(world)
    assert isinstance(told, Refused)
    assert f"answered {status}: /case/id: case is on hold" in str(told)
    assert advice in str(told)


def test_a_refusal_that_quotes_the_narrative_shows_the_field_only(world: World) -> None:
    answering(world, said("«Draft responses to req…» is too long", 422, pointer="/description"))
    told = trouble(world)
    assert "/description" in str(told)
    assert "responses" not in f"{told} {told.hint} {told.kept}"


@pytest.mark.parametrize(
    "body",
    [
        {"errors": "no"},
        {"errors": [7, {"description": None, "source": 4}]},
        {"errors": [{"description": "\x1b[2J", "source": {"pointer": "/a b\n"}}]},
        [],
        {},
        b"",
    ],
)
def test_a_refusal_without_a_reason_is_a_refusal(world: World, body: Any) -> None:
    answering(world, Reply(body, 422))
    told = trouble(world)
    assert isinstance(told, Refused)
    assert "answered 422: correct it" in str(told)


def test_a_closed_case_is_refused_by_mycase(world: World) -> None:
    with pytest.raises(Refused, match="/case/id: The case is closed"):
        world.biller().create(payload(2, matter="2026-009"))


def test_a_lack_of_permission_refuses_an_entry(world: World) -> None:
    world.mycase.permits = False
    assert isinstance(trouble(world), Refused)


def test_a_page_of_a_firewall_is_not_a_refusal(world: World) -> None:
    answering(world, Reply(b"<html>Blocked</html>", 403, kind="text/html"))
    assert isinstance(trouble(world), NotDelivered)


def test_too_many_requests_are_sent_again_later(world: World) -> None:
    answering(world, Reply({"errors": []}, 429, {"Retry-After": "7"}))
    told = trouble(world)
    assert isinstance(told, NotDelivered)
    assert told.wait == 7


@pytest.mark.parametrize("fate", [Fate.NOT_DONE, Fate.DONE_5XX, Fate.LOST_BEFORE, Fate.LOST_AFTER, Fate.LATE])
def test_an_answer_that_proves_nothing_is_doubt_and_is_not_sent_again(fate: Fate) -> None:
    world = World([fate])
    told = trouble(world)
    assert isinstance(told, InDoubt)
    assert len(world.asked("POST")) == 1


@pytest.mark.parametrize("body", [{}, {"id": None}, {"id": "7"}, {"id": True}, [], b"<html>", {"errors": []}])
def test_a_201_that_names_no_entry_is_doubt(world: World, body: Any) -> None:
    answering(world, Reply(body, 201))
    assert isinstance(trouble(world), InDoubt)


# -- reading ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 503])
def test_reading_is_repeated_until_it_is_answered(world: World, status: int) -> None:
    biller = world.biller()
    made = biller.create(payload(2))
    answering(world, Reply({"errors": []}, status), times=2)
    assert biller.present([payload(2)]) == [made]


def test_maintenance_that_lasts_is_told_as_such(world: World) -> None:
    answering(world, said("Down for maintenance", 503), times=99)
    with pytest.raises(SourceUnavailable, match="503: Down for maintenance"):
        world.biller().read("77")


def test_a_lack_of_permission_says_whom_to_ask(world: World) -> None:
    world.mycase.permits = False
    with pytest.raises(SourceUnavailable, match="does not permit") as told:
        list(world.biller().pull({}))
    assert "scope" in told.value.hint
    assert "autotime connect mycase" in told.value.hint


def test_an_error_inside_a_200_is_an_error(world: World) -> None:
    answering(world, said("Something is wrong", 200))
    with pytest.raises(SourceUnavailable, match="no list: Something is wrong"):
        world.biller().present([payload(2)])


def test_a_page_where_a_list_belongs_is_an_error(world: World) -> None:
    answering(world, Reply(b"<html>Sign in</html>", kind="text/html"), times=9)
    with pytest.raises(SourceUnavailable, match="a page, not data"):
        world.biller().present([payload(2)])


def test_a_next_page_that_was_read_before_is_refused(world: World) -> None:
    for number in range(2_500):
        world.mycase.enters(world.bo, world.cases["2026-003"], "2024-05-02", 0.1, f"Note {number}")
    world.mycase.same_link = True
    with pytest.raises(SourceUnavailable, match="same next page twice"):
        world.biller().present([payload(2)])


def test_a_full_page_that_names_no_next_though_there_are_more_is_not_the_last(world: World) -> None:
    """Else the rest would be taken for gone."""
    records = [{"id": number, "staff": {"id": 1}} for number in range(1, 1001)]
    for headers in ({"Item-Count": "1001"}, {"Item-Count": "2500", "Link": "<>"}):
        answering(world, Reply(records, 200, headers), times=2)
        with pytest.raises(SourceUnavailable, match="where its list goes on"):
            list(world.biller().pull({}))
        with pytest.raises(SourceUnavailable, match="where its list goes on"):
            list(world.biller().history("1", date(2026, 1, 1), date(2026, 2, 1)))


def test_a_full_page_that_is_all_there_is_ends_the_list(world: World) -> None:
    records = [{"id": number, "staff": {"id": 7}} for number in range(1, 1001)]
    answering(world, Reply(records, 200, {"Item-Count": "1000"}))
    pages = list(world.biller().history("1", date(2026, 1, 1), date(2026, 2, 1)))
    assert len(pages) == 1


@pytest.mark.parametrize(
    "link",
    [
        '<https://external-integrations.mycase.com.example/v1/time_entries?page_token=1>; rel="next"',
        '<//mycase.example/v1/time_entries>; rel="next"',
        '<https://external-integrations.mycase.com/v2/time_entries>; rel="next"',
    ],
)
def test_a_link_that_leads_elsewhere_is_not_followed(world: World, link: str) -> None:
    """The token goes to the API it was issued for, and nowhere else."""
    answering(world, Reply([], 200, {"Link": link}))
    with pytest.raises(Misdirected):
        world.biller().present([payload(2)])
    assert len(world.wire.asked) == 1


@pytest.mark.parametrize(
    ("link", "followed"),
    [
        ('</v1/a>; rel="prev", <https://external-integrations.mycase.com/v1/time_entries?page_token=x>; rel="next"', 1),
        ("<https://external-integrations.mycase.com/v1/time_entries?page_token=x>; title=a; rel=next", 1),
        ('<https://external-integrations.mycase.com/v1/time_entries?page_token=x>; rel="prev"', 0),
        ('<https://external-integrations.mycase.com/v1/time_entries?page_token=x>; rel="nextish"', 0),
        ("none", 0),
    ],
)
def test_links_are_read_as_the_standard_has_them(world: World, link: str, followed: int) -> None:
    answering(world, Reply([], 200, {"Link": link, "Item-Count": "0"}))
    answering(world, Reply([], 200, {"Item-Count": "0"}), lambda asked: "page_token" in asked.query)
    assert world.biller().present([payload(2)]) == []
    assert len(world.wire.asked) == 1 + followed


def test_a_link_that_has_ended_ends_the_reading(world: World) -> None:
    """They last three days."""
    for number in range(1_500):
        world.mycase.enters(world.bo, world.cases["2026-003"], "2024-05-02", 0.1, f"Note {number}")
    pages = world.biller().history(str(world.bo["id"]), date(2024, 1, 1), date(2025, 1, 1))
    assert len(next(pages).found) == 1000
    world.clock.sleep(4 * 86_400)
    with pytest.raises(SourceUnavailable, match="page_token: The page token is not valid"):
        next(pages)


@pytest.mark.parametrize(
    "odd",
    [
        {"hours": None},
        {"hours": "much"},
        {"rate": "a lot"},
        {"rate": None},
        {"entry_date": None},
        {"case": None},
        {"staff": None},
        {"description": None},
        {"invoices": None},
        {"flat_fee": True},
        {"created_at": "yesterday"},
    ],
)
def test_an_odd_field_of_one_entry_stops_nothing(world: World, odd: dict[str, Any]) -> None:
    """What it does not say is unknown, and equal to nothing of ours."""
    biller = world.biller()
    biller.create(payload(2))
    other = biller.create(payload(3))
    world.mycase.entries[0] |= odd
    assert other in biller.present([payload(2), payload(3)])


@pytest.mark.parametrize(("said", "billing"), [("false", Billing.NON_BILLABLE), ("true", Billing.BILLABLE)])
def test_whether_it_is_billable_may_be_told_as_text(world: World, said: str, billing: Billing) -> None:
    made = world.biller().create(payload(2))
    answering(world, Reply({**world.mycase.entries[0], "billable": said}))
    found = world.biller().read(made.id)
    assert found is not None
    assert found.billing is billing


def test_whoever_signed_in_without_a_name_is_not_made_up(world: World) -> None:
    for said in ({}, [], {"errors": []}):
        answering(world, Reply(said))
        with pytest.raises(SourceUnavailable, match="does not say who signed in"):
            world.biller().who()


@pytest.mark.parametrize("odd", [{"id": None}, {"id": "x"}, {"id": 1.5}, {"id": -1}])
def test_an_entry_without_an_id_cannot_be_passed_over(world: World, odd: dict[str, Any]) -> None:
    """It may be the one that is looked for."""
    answering(world, Reply([odd], 200, {"Item-Count": "1"}))
    with pytest.raises(SourceUnavailable, match="cannot be read"):
        world.biller().present([payload(2)])
    answering(world, Reply(odd))
    with pytest.raises(SourceUnavailable, match="cannot be read"):
        world.biller().read("77")
