"""Signing in to a billing system: the flow, and a sign-in that lasts."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from autotime.billing.signin import Service, sign_in, standing
from autotime.domain.errors import Misused, SignInNeeded, SourceUnavailable
from autotime.testing.server import Loopback, Status
from autotime.vault import SealedFile

from .signing import (
    DAY,
    NOW,
    Desk,
    Somebody,
    Wall,
    browser,
    comes_back,
    desk,
    server,
    service,
    signed_in,
    tokens,
    vault,
)

__all__ = ["desk", "server", "service", "vault"]


def test_the_browser_comes_back_to_this_machine_and_the_tokens_are_kept(
    service: Service, vault: SealedFile, desk: Desk
) -> None:
    made = signed_in(service, vault)
    assert made.headers(False) == {"Authorization": "Bearer a1"}
    assert urlsplit(desk.asked[0]["redirect_uri"]).path == "/callback"
    assert urlsplit(desk.asked[0]["redirect_uri"]).hostname == "127.0.0.1"
    assert tokens(service, vault).headers(False) == {"Authorization": "Bearer a1"}
    assert b"hush" not in vault.path.read_bytes()


def test_an_answer_to_somebody_elses_question_is_none(service: Service, vault: SealedFile, desk: Desk) -> None:
    """A page that sends the browser to us with a code of its own is not believed; the right answer still is."""

    def attacked(page: str) -> None:
        browser(page, code="theirs", state="guessed")
        browser(page)

    sign_in(tokens(service, vault), Somebody(["hush"]), browse=attacked)
    assert [form["code"] for form in desk.asked] == ["the-code"]


def test_the_address_may_be_pasted_where_the_browser_is_elsewhere(
    service: Service, vault: SealedFile, desk: Desk
) -> None:
    person = Somebody(["hush", lambda who: comes_back(who.said[0].split("\n")[1])])
    sign_in(tokens(service, vault), person, elsewhere=True)
    assert tokens(service, vault).headers(False) == {"Authorization": "Bearer a1"}


def test_a_registered_address_is_given_and_its_answer_pasted(service: Service, vault: SealedFile, desk: Desk) -> None:
    registered = replace(service, redirect="https://okafor.example/back")
    person = Somebody(["hush", lambda who: comes_back(who.said[0].split("\n")[1])])
    sign_in(tokens(registered, vault), person)
    assert desk.asked[0]["redirect_uri"] == "https://okafor.example/back"


def test_a_pasted_answer_to_another_question_is_refused(service: Service, vault: SealedFile) -> None:
    person = Somebody(["hush", "http://127.0.0.1/callback?code=the-code&state=other"])
    with pytest.raises(SignInNeeded):
        sign_in(tokens(service, vault), person, elsewhere=True)
    assert vault.load() == ""


def test_proof_of_possession_goes_along_where_the_service_takes_it(
    service: Service, vault: SealedFile, desk: Desk
) -> None:
    pages: list[str] = []

    def watched(page: str) -> None:
        pages.append(page)
        browser(page)

    sign_in(tokens(replace(service, pkce=True), vault), Somebody(["hush"]), browse=watched)
    asked = parse_qs(urlsplit(pages[0]).query)
    digest = base64.urlsafe_b64encode(hashlib.sha256(desk.asked[0]["code_verifier"].encode()).digest())
    assert asked["code_challenge"][0] == digest.rstrip(b"=").decode()
    assert asked["code_challenge_method"] == ["S256"]


def test_a_sign_in_that_fails_leaves_the_one_before(service: Service, vault: SealedFile) -> None:
    signed_in(service, vault)
    with pytest.raises(SignInNeeded):
        sign_in(tokens(service, vault), Somebody(["wrong secret"]), browse=browser)
    assert tokens(service, vault).headers(False) == {"Authorization": "Bearer a1"}


def test_without_a_client_id_the_settings_are_named(service: Service, vault: SealedFile) -> None:
    with pytest.raises(Misused) as refused:
        sign_in(tokens(replace(service, client_id=""), vault), Somebody([]))
    assert "[clio]" in refused.value.hint


# -- a sign-in that lasts ---------------------------------------------------------------------------


def test_a_token_is_renewed_before_it_ends(service: Service, vault: SealedFile, desk: Desk) -> None:
    signed_in(service, vault)
    wall = Wall(NOW + DAY - 60)
    assert tokens(service, vault, wall).headers(False) == {"Authorization": "Bearer a2"}
    assert desk.asked[1]["refresh_token"] == "r1"


def test_each_renewal_uses_what_the_last_one_brought(service: Service, vault: SealedFile, desk: Desk) -> None:
    signed_in(service, vault)
    wall = Wall()
    made = tokens(service, vault, wall)
    for _ in range(4):
        wall.now += DAY
        made.headers(False)
    assert [form.get("refresh_token") for form in desk.asked[1:]] == ["r1", "r2", "r3", "r4"]


def test_a_renewal_without_a_new_refresh_token_keeps_the_old_one(
    service: Service, vault: SealedFile, desk: Desk
) -> None:
    signed_in(service, vault)
    desk.gives_refresh = False
    tokens(service, vault, Wall(NOW + DAY)).headers(False)
    assert json.loads(vault.load())["refresh_token"] == "r1"


@pytest.mark.parametrize("odd", ["a day", -5, "1e9", True, [7], {"seconds": 7}, 10**12])
def test_how_long_it_lasts_may_be_told_oddly_and_the_new_tokens_are_kept(
    service: Service, vault: SealedFile, desk: Desk, odd: object
) -> None:
    """They replaced the old ones: nothing else would be taken again."""
    signed_in(service, vault)
    desk.lasts = odd
    tokens(service, vault).headers(True)
    kept = json.loads(vault.load())
    assert (kept["refresh_token"], kept["ends"]) == (desk.refresh, NOW + service.expires)


@pytest.mark.parametrize("told", ["600", 600.0])
def test_seconds_may_be_told_as_text_or_with_a_point(
    service: Service, vault: SealedFile, desk: Desk, told: object
) -> None:
    desk.lasts = told
    signed_in(service, vault)
    assert json.loads(vault.load())["ends"] == NOW + 600


def test_a_refused_token_is_renewed_once(service: Service, vault: SealedFile, desk: Desk) -> None:
    made = signed_in(service, vault)
    assert made.headers(True) == {"Authorization": "Bearer a2"}
    assert len(desk.asked) == 2


def test_what_another_process_renewed_is_used(service: Service, vault: SealedFile, desk: Desk) -> None:
    """Two pushes of two timekeepers, say: the second finds the token that the first was given."""
    first = signed_in(service, vault)
    second = tokens(service, vault)
    second.headers(False)
    first.headers(True)
    assert second.headers(True) == {"Authorization": "Bearer a2"}
    assert len(desk.asked) == 2


def test_what_ended_is_renewed_by_whoever_comes_first(service: Service, vault: SealedFile, desk: Desk) -> None:
    signed_in(service, vault)
    wall = Wall(NOW + DAY)
    assert tokens(service, vault, wall).headers(False) == tokens(service, vault, wall).headers(False)
    assert len(desk.asked) == 2


def test_a_sign_in_that_ended_asks_for_a_person(service: Service, vault: SealedFile, desk: Desk) -> None:
    made = signed_in(service, vault)
    desk.refresh = "r99"
    with pytest.raises(SignInNeeded) as ended:
        made.headers(True)
    assert ended.value.hint == "autotime connect clio"
    assert "r1" not in str(ended.value)


def test_a_sign_in_service_that_is_down_costs_no_sign_in(service: Service, vault: SealedFile, server: Loopback) -> None:
    made = signed_in(service, vault)
    with server.failing(Status(503)), pytest.raises(SourceUnavailable):
        made.headers(True)
    assert made.headers(True) == {"Authorization": "Bearer a2"}


def test_nobody_signed_in_is_told(service: Service, vault: SealedFile) -> None:
    with pytest.raises(SignInNeeded):
        tokens(service, vault).headers(False)
    assert not standing(service, vault, NOW).signed_in


def test_a_code_that_is_used_again_replaces_a_refresh_token(service: Service, vault: SealedFile, desk: Desk) -> None:
    desk.gives_refresh, desk.lasts = False, None
    kept = replace(service, keeps_code=True, expires=3600)
    signed_in(kept, vault)
    tokens(kept, vault, Wall(NOW + 3600)).headers(False)
    assert [form["grant_type"] for form in desk.asked] == ["authorization_code"] * 2
    assert desk.asked[0] == desk.asked[1]


def test_a_service_may_want_json(service: Service, vault: SealedFile, desk: Desk) -> None:
    signed_in(replace(service, as_json=True), vault)
    assert desk.asked[0]["grant_type"] == "authorization_code"


def test_how_long_it_lasts_unused_is_told(service: Service, vault: SealedFile) -> None:
    signed_in(service, vault)
    stands = standing(service, vault, NOW)
    assert (stands.signed_in, stands.lapses_at) == (True, NOW + 14 * DAY)
    assert not standing(service, vault, NOW + 15 * DAY).signed_in
