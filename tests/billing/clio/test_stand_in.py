"""The stand-in is as strict as Clio, also where the adapter never goes."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest

from autotime.billing.clio.biller import ClioBiller
from autotime.testing.server import Asked, Reply
from autotime.testing.systems.clio import Clio
from autotime.testing.systems.signed import signed_in
from autotime.testing.systems.wire import Clock
from tests.billing.clio.room import Room, furnished, keys_of, payload, room

HEADERS = {"user-agent": "autotime/0.1", "authorization": "Bearer access-1", "host": "app.clio.com"}


def ask(here: Room, method: str, path: str, body: Any = None, **more: Any) -> Reply:
    """``more``: headers in lower case with underscores, and ``query``."""
    query = more.pop("query", {})
    headers = HEADERS | {name.replace("_", "-"): value for name, value in more.items()}
    content = b"" if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"} | headers if content else headers
    path = f"/api/v4/{path}.json"
    return here.clio.answer(Asked(method, path, query, headers, content, f"{path}?{urlencode(query)}"))


def entry(here: Room, **changes: Any) -> dict[str, Any]:
    data = {"type": "TimeEntry", "date": "2026-03-02", "quantity": 600, "matter": {"id": here.matter("2026-001")}}
    return {"data": data | changes}


def test_the_body_lies_in_data_and_only_type_and_date_are_needed() -> None:
    here = room()
    assert ask(here, "POST", "activities", entry(here)["data"]).status == 400
    assert ask(here, "POST", "activities", {"data": {"type": "TimeEntry", "date": "2026-03-02"}}).status == 201
    assert ask(here, "POST", "activities", {"data": {"type": "TimeEntry"}}).status == 422


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"colour": "red"}, 400),
        ({"quantity": "600"}, 400),
        ({"price": "450"}, 400),
        ({"matter": 17}, 400),
        ({"matter": None}, 400),
        ({"user": None}, 201),
        ({"activity_description": {"id": "1"}}, 400),
        ({"activity_description": {"code": 1}}, 400),
        ({"non_billable": 1}, 400),
        ({"type": "Time"}, 422),
        ({"date": "03/02/2026"}, 422),
        ({"date": "2026-03-02T00:00:00Z"}, 422),
        ({"quantity": -1}, 422),
        ({"matter": {"id": 1}}, 404),
        ({"user": {"id": 1}}, 404),
        ({"activity_description": {"id": 1}}, 422),
        ({"activity_description": {"utbms_task_id": 1}}, 422),
    ],
    ids=str,
)
def test_what_clio_does_not_take_is_not_taken(changes: dict[str, Any], status: int) -> None:
    here = room()
    assert ask(here, "POST", "activities", entry(here, **changes)).status == status
    assert len(here.clio.entries) == (status == 201)


def test_a_body_says_that_it_is_json() -> None:
    here = room()
    assert ask(here, "POST", "activities", entry(here), content_type="application/x-www-form-urlencoded").status == 400
    assert ask(here, "POST", "activities", entry(here)).status == 201


def test_a_flat_fee_is_the_whole_amount_however_long_it_took() -> None:
    here = room()
    made = here.clio.enter(
        here.ada, here.matter("2026-001"), date(2026, 3, 2), 5400, "Filing", flat_rate=True, price=90.0
    )
    shown = ask(here, "GET", f"activities/{made['id']}", query={"fields": "price,total,flat_rate"}).body["data"]
    assert shown == {"price": 90.0, "total": 90.0, "flat_rate": True}


def test_a_task_is_no_activity() -> None:
    here = room()
    wrong = {"activity_description": {"utbms_task_id": here.code("A103")}}
    assert ask(here, "POST", "activities", entry(here, **wrong)).status == 422


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ("id,matter{id,display_number}", 200),
        ("id,matter", 200),
        ("id,matter{client{id}}", 400),
        ("id,matter{colour}", 400),
        ("id,note{id}", 400),
        ("id;note", 400),
    ],
)
def test_fields_are_checked_and_go_one_level_deep(fields: str, status: int) -> None:
    here = room()
    ask(here, "POST", "activities", entry(here))
    assert ask(here, "GET", "activities", query={"fields": fields}).status == status


def test_what_lies_deeper_comes_with_its_default_fields() -> None:
    here = room()
    ask(here, "POST", "activities", entry(here))
    (shown,) = ask(here, "GET", "activities", query={"fields": "matter,user{name}"}).body["data"]
    assert set(shown["matter"]) == {"id", "etag"}
    assert shown["user"] == {"name": "Ada Okafor"}


def test_an_etag_spares_what_is_known() -> None:
    here = room()
    (made,) = ask(here, "POST", "activities", entry(here)).body.values()
    again = ask(here, "GET", f"activities/{made['id']}", if_none_match=made["etag"])
    assert (again.status, again.bytes(), again.headers["ETag"]) == (304, b"", made["etag"])
    here.clio.edit(str(made["id"]), note="Call")
    assert ask(here, "GET", f"activities/{made['id']}", if_none_match=made["etag"]).status == 200


def test_by_offset_a_list_ends_at_ten_thousand() -> None:
    here = room()
    here.clio.limits.most = 0
    for number in range(10_100):
        here.clio.account.matter(f"M{number:05}", 0)
    last = ask(here, "GET", "matters", query={"order": "display_number(asc)", "page_token": _token(offset=9_800)})
    assert (len(last.body["data"]), last.body["meta"]["paging"]) == (200, {})


def _token(**state: int) -> str:
    from base64 import urlsafe_b64encode

    return urlsafe_b64encode(json.dumps(state).encode()).decode()


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "201"},
        {"limit": "0"},
        {"order": "colour(asc)"},
        {"page_token": "?"},
        {"colour": "red"},
        {"updated_since": "yesterday"},
        {"updated_since": "2026-03-02T00:00:00"},
        {"status": "archived"},
    ],
    ids=str,
)
def test_a_malformed_question_is_refused(query: dict[str, str]) -> None:
    assert ask(room(), "GET", "matters", query=query).status == 400


def test_states_are_a_list_with_commas() -> None:
    found = ask(room(), "GET", "matters", query={"status": "open,pending", "fields": "display_number"}).body["data"]
    assert [one["display_number"] for one in found] == ["2026-001", "2026-002"]


@pytest.mark.parametrize(
    ("status", "count"), [("billed", 1), ("draft", 1), ("unbilled", 1), ("billable", 3), ("non_billable", 0)]
)
def test_entries_are_found_by_what_became_of_them(status: str, count: int) -> None:
    here = room()
    ids = [ask(here, "POST", "activities", entry(here)).body["data"]["id"] for _ in range(3)]
    here.clio.bill(str(ids[0]))
    here.clio.bill(str(ids[1]), "draft")
    assert len(ask(here, "GET", "activities", query={"status": status}).body["data"]) == count


def test_the_firm_says_how_its_bills_are_rounded() -> None:
    here = room()
    here.clio.account.rounding = 6
    asked = {"duration": "700", "fields": "rounding,rounded_duration,use_utbms_codes"}
    told = ask(here, "GET", "settings/billing", query=asked).body["data"]
    assert told == {"rounding": 6, "rounded_duration": 720.0, "use_utbms_codes": True}


def test_versions_are_echoed_and_unknown_ones_are_gone() -> None:
    here = room()
    assert ask(here, "GET", "users").headers["X-API-VERSION"] == "4.0.9"
    assert ask(here, "GET", "users", x_api_version="4.0.10").headers["X-API-VERSION"] == "4.0.10"
    assert ask(here, "GET", "users", x_api_version="4.0.3").status == 410
    assert ask(here, "GET", "users", x_api_version="four").status == 410


def test_what_is_not_known_and_not_allowed_is_refused() -> None:
    here = room()
    assert ask(here, "GET", "activities/17").status == 404
    assert ask(here, "GET", "secrets").status == 404
    assert ask(here, "DELETE", f"matters/{here.matter('2026-001')}").status == 403


def test_it_serves_over_the_network() -> None:
    clio = furnished(Clock())
    with clio.serving() as server:
        biller = ClioBiller(signed_in(base_url=server.url), keys_of(clio), sleep=lambda _: None)
        clio.page = 1
        made = [biller.create(payload(number)).id for number in range(3)]
        assert [one.id for one in biller.present([payload()])] == made


def test_a_full_account_is_filled_quickly() -> None:
    clio = Clio.full(200, Clock())
    matters, clients = clio.account["matter"], clio.account["contact"]
    assert (len(matters), len(clients)) == (200, 10)
    assert all(one["client"] in clients for one in matters.values())
