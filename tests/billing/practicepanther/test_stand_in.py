"""The stand-in is as strict as the real one is said to be."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from autotime.testing.server import Asked, Reply
from autotime.testing.systems.practicepanther.signing import No

from .room import DAY, Room, room

TOKEN = {"authorization": "Bearer access-1", "content-type": "application/json"}


def asked(there: Room, method: str, path: str, query: dict[str, str] | None = None, body: Any = None) -> Reply:
    content = b"" if body is None else json.dumps(body).encode()
    return there.panther.answer(Asked(method, f"/api/v2/{path}", query or {}, TOKEN, content))


def body(there: Room, **changes: Any) -> dict[str, Any]:
    told = {
        "date": f"{DAY}T00:00:00Z",
        "hours": 1,
        "matter_ref": {"id": there.matter["id"]},
        "billed_by_user_ref": {"id": there.ada["id"]},
        **changes,
    }
    return {name: value for name, value in told.items() if value is not ...}


@pytest.mark.parametrize(
    "changes",
    [
        {"date": ...},
        {"hours": ...},
        {"matter_ref": ...},
        {"billed_by_user_ref": ...},
        {"hours": "1.5"},
        {"hours": True},
        {"rate": "450"},
        {"is_billable": "true"},
        {"date": DAY},
        {"date": f"{DAY}T00:00:00"},
        {"activity_code": "A103"},
        {"id": "5f2c1f0e-8f2c-4a55-9b1e-6f0a1c2d3e4f"},
        {"updated_at": "2026-03-02T00:00:00Z"},
        {"matter_ref": {"id": "7"}},
    ],
)
def test_a_body_that_is_not_as_described_is_refused(changes: dict[str, Any]):
    there = room()
    assert asked(there, "POST", "timeentries", body=body(there, **changes)).status == 400
    assert there.panther.entries == []


def test_every_success_is_200():
    there = room()
    made = asked(there, "POST", "timeentries", body=body(there))
    one = {"id": made.body["id"]}
    changed = asked(there, "PUT", "timeentries", one, body(there, hours=2))
    gone = asked(there, "DELETE", "timeentries", one)
    assert (made.status, changed.status, gone.status) == (200, 200, 200)
    assert (made.body["is_billed"], changed.body["hours"], there.panther.entries) == (False, 2, [])
    assert made.body["updated_at"] < changed.body["updated_at"]


@pytest.mark.parametrize("query", [{"date_from": DAY}, {"user_id": "7"}, {"draft": "1"}, {"$top": "all"}])
def test_a_filter_that_is_not_as_described_is_refused(query: dict[str, str]):
    assert asked(room(), "GET", "timeentries", query).status == 400


@pytest.mark.parametrize("name", ["matter_id", "user_id", "account_id", "item_id"])
def test_each_named_filter_is_heeded(name: str):
    there = room()
    full = body(there, account_ref={"id": there.client["id"]}, item_ref={"id": there.item["id"]})
    asked(there, "POST", "timeentries", body=full)
    there.panther.enters(there.bo, there.other, DAY, 1.0, "Another's")
    mine = {"matter_id": there.matter, "user_id": there.ada, "account_id": there.client, "item_id": there.item}
    assert len(asked(there, "GET", "timeentries", {name: mine[name]["id"]}).body) == 1


def test_nobody_comes_in_without_a_token():
    there = room()
    bare = Asked("GET", "/api/v2/users", {}, {})
    assert there.panther.answer(bare).status == 401
    there.panther.ended_status = 400
    assert there.panther.answer(bare).body == {"error": "invalid_grant"}


FORM = {"content-type": "application/x-www-form-urlencoded"}
CLIENT = {"client_id": "client-1", "client_secret": "client-secret"}


def token(there: Room, headers: dict[str, str] = FORM, **form: str) -> Reply:
    return there.panther.answer(Asked("POST", "/OAuth/Token", {}, headers, urlencode({**CLIENT, **form}).encode()))


def test_a_refresh_token_is_good_once_and_its_second_use_ends_the_sign_in():
    there = room()
    renewed = token(there, grant_type="refresh_token", refresh_token="refresh-1").body
    assert token(there, grant_type="refresh_token", refresh_token="refresh-1").body == {"error": "invalid_grant"}
    assert token(there, grant_type="refresh_token", refresh_token=renewed["refresh_token"]).status == 400
    assert not there.panther.sign_ins.takes(f"Bearer {renewed['access_token']}")
    assert asked(there, "GET", "users").status == 401


@pytest.mark.parametrize(
    "form",
    [
        {"grant_type": "password"},
        {"grant_type": "authorization_code", "code": "code-9"},
        {"grant_type": "refresh_token"},
        {"grant_type": "refresh_token", "refresh_token": "refresh-1", "client_secret": "another"},
    ],
)
def test_tokens_are_given_for_what_was_granted_only(form: dict[str, str]):
    assert token(room(), **form).status == 400


def test_tokens_are_asked_for_with_a_form():
    there = room()
    assert token(there, {}, grant_type="refresh_token", refresh_token="refresh-1").body == {"error": "invalid_request"}


def test_a_refresh_token_that_nobody_uses_for_a_fortnight_lapses():
    there = room()
    told = there.panther.sign_ins.grant()
    there.clock.sleep(14 * 86_400)
    with pytest.raises(No):
        there.panther.sign_ins.exchange(
            {
                "grant_type": "refresh_token",
                "refresh_token": told["refresh_token"],
                "client_id": "client-1",
                "client_secret": "client-secret",
            }
        )


@pytest.mark.parametrize(
    ("back", "status"),
    [
        ("https://firm.example/back", 302),
        ("http://127.0.0.1:4711/callback", 302),
        ("http://firm.example/back", 400),
        ("http://127.0.0.1.firm.example/", 400),
    ],
)
def test_the_browser_is_sent_back_over_https_or_to_this_machine(back: str, status: int):
    query = {"response_type": "code", "client_id": "client-1", "redirect_uri": back, "state": "s"}
    assert room().panther.answer(Asked("GET", "/OAuth/Authorize", query, {})).status == status


def test_the_page_of_the_sign_in_needs_a_state():
    query = {"response_type": "code", "client_id": "client-1", "redirect_uri": "https://firm.example/back"}
    assert room().panther.answer(Asked("GET", "/OAuth/Authorize", query, {})).status == 400


@pytest.mark.parametrize("path", ["timeEntries", "items", "../users", "flatfees"])
def test_a_path_has_the_case_of_the_description(path: str):
    assert asked(room(), "GET", path).status == 404


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("POST", "matters", {}),
        ("PATCH", "timeentries", {}),
        ("PUT", "timeentries", {}),
        ("POST", "timeentries", {"id": "1"}),
    ],
)
def test_nothing_else_is_written(method: str, path: str, query: dict[str, str]):
    there = room()
    assert asked(there, method, path, query, body(there)).status in (400, 405)
    assert there.panther.entries == []


def test_deleting_a_user_or_an_invoice_is_remembered():
    there = room()
    assert asked(there, "DELETE", "users", {"id": there.ada["id"]}).status == 405
    assert asked(there, "DELETE", "invoices", {"id": there.ada["id"]}).status == 405
    assert there.panther.harm == ["DELETE /users", "DELETE /invoices"]
