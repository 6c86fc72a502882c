"""A sign-in that fails, is given up, or meets another process."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest

from autotime.billing.registration import Registration
from autotime.billing.signin import NotRenewed, Service, sign_in
from autotime.domain.doors import Connection
from autotime.domain.errors import SignInNeeded, SourceUnavailable
from autotime.testing.server import Late, Loopback, Reply
from autotime.vault import SealedFile
from autotime.web.locks import locked

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


@pytest.mark.parametrize("ends", ["nobody comes back", "no such code"])
def test_a_sign_in_given_up_undoes_no_renewal_made_meanwhile(
    service: Service, vault: SealedFile, desk: Desk, ends: str
) -> None:
    """A night renews while somebody looks at the page: what it was given replaced what was kept before."""
    signed_in(service, vault)

    def meanwhile(person: Somebody) -> str:
        tokens(service, vault).headers(True)
        if ends == "nobody comes back":
            raise KeyboardInterrupt
        return comes_back(person.said[0].split("\n")[1]).replace("the-code", "another")

    with pytest.raises((KeyboardInterrupt, SignInNeeded)):
        sign_in(tokens(service, vault), Somebody(["hush", meanwhile]), elsewhere=True)
    assert json.loads(vault.load())["refresh_token"] == desk.refresh == "r2"
    assert tokens(service, vault).headers(True) == {"Authorization": f"Bearer {desk.access}"}


def test_a_sign_in_waits_for_a_renewal_that_is_on_its_way(
    service: Service, vault: SealedFile, desk: Desk, server: Loopback
) -> None:
    """Else the renewal would be kept last, and end what the person was just given."""
    signed_in(service, vault)
    with locked(vault), pytest.raises(SourceUnavailable, match="another program is at the sign-in"):
        sign_in(tokens(service, vault), Somebody(["hush"]), browse=browser)
    assert len(desk.asked) == 1


def test_two_that_find_the_token_ended_at_once_renew_it_once(
    service: Service, vault: SealedFile, desk: Desk, server: Loopback
) -> None:
    """A refresh token that is used twice may end the whole sign-in."""
    signed_in(service, vault)
    server.fault_for = lambda _asked: Late(0.1)
    both = [tokens(service, vault, lambda: NOW + DAY) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda one: one.headers(False), both))
    assert told[0] == told[1] == {"Authorization": "Bearer a2"}
    assert [form["grant_type"] for form in desk.asked] == ["authorization_code", "refresh_token"]


def test_a_clock_that_was_set_back_or_ahead_costs_one_renewal_at_most(
    service: Service, vault: SealedFile, desk: Desk
) -> None:
    """How long a token lasts is only assumed: the service's word counts."""
    signed_in(service, vault)
    for now in (NOW - 400 * DAY, NOW + 400 * DAY, NOW - 400 * DAY):
        clock = Wall(now)
        before = len(desk.asked)
        made = tokens(service, vault, clock)
        made.headers(False)
        made.headers(True)
        assert len(desk.asked) - before <= 2
        assert made.headers(False) == {"Authorization": f"Bearer {desk.access}"}


def test_a_machine_that_dies_before_the_new_tokens_are_kept_needs_a_person(
    service: Service, vault: SealedFile, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service knows only the new ones: what is said is what to do, and shows neither."""
    made = signed_in(service, vault)
    with monkeypatch.context() as dying:
        dying.setattr(SealedFile, "save", _dies)
        with pytest.raises(SystemExit):
            made.headers(True)
    assert json.loads(vault.load())["refresh_token"] == "r1"
    with pytest.raises(SignInNeeded, match=r"any more \(invalid_grant\)$") as ended:
        tokens(service, vault).headers(True)
    assert ended.value.hint == "autotime connect clio"
    assert json.loads(vault.load())["refresh_token"] == "r1"


def _dies(*_: object) -> None:
    raise SystemExit(9)


def test_new_tokens_that_cannot_be_kept_are_not_used(
    service: Service, vault: SealedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was sent with them, and that is what is said."""
    made = signed_in(service, vault)
    with monkeypatch.context() as full:
        full.setattr(SealedFile, "save", _is_full)
        with pytest.raises(NotRenewed, match="new tokens of clio cannot be kept") as told:
            made.headers(True)
    assert "autotime connect clio" in told.value.hint
    assert made.headers(False) == {"Authorization": "Bearer a1"}


def _is_full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_while_the_name_is_kept_nobody_renews(service: Service, vault: SealedFile) -> None:
    """What a renewal brought would be written over."""
    signed_in(service, vault)
    kept = Registration(service, Connection(vault, vault, {}))
    with locked(vault), pytest.raises(SourceUnavailable, match="another program is at the sign-in"):
        kept.keep_name("Ada Okafor")
    assert kept.keep_name("Ada\x1b[2J Okafor") == "Ada Okafor"
    assert json.loads(vault.load())["refresh_token"] == "r1"


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        ("http://127.0.0.1/callback?code=the-code&state=other", "not the answer to this sign-in"),
        ("http://127.0.0.1/callback?code=the-code", "not the answer to this sign-in"),
        ("", "not the answer to this sign-in"),
        ("the-code", "not the answer to this sign-in"),
        ("http://[bad", "not the answer to this sign-in"),
    ],
)
def test_what_was_pasted_wrongly_is_told_with_what_to_paste(
    service: Service, vault: SealedFile, desk: Desk, pasted: str, said: str
) -> None:
    with pytest.raises(SignInNeeded, match=said) as told:
        sign_in(tokens(service, vault), Somebody(["hush", pasted]), elsewhere=True)
    assert told.value.hint == "autotime connect clio, and paste the whole address of the page that this sign-in ends at"
    assert (desk.asked, vault.load()) == ([], "")
    assert "the-code" not in f"{told.value}{told.value.hint}"


def test_who_does_not_agree_there_is_not_signed_in(service: Service, vault: SealedFile, desk: Desk) -> None:
    def declines(person: Somebody) -> str:
        return comes_back(person.said[0].split("\n")[1]).replace("code=the-code", "error=access_denied")

    with pytest.raises(SignInNeeded, match=r"clio did not agree to the sign-in \(access_denied\)"):
        sign_in(tokens(service, vault), Somebody(["hush", declines]), elsewhere=True)
    assert desk.asked == []


def test_a_browser_that_never_comes_back_is_told_as_that(
    service: Service, vault: SealedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autotime.billing.signin.PATIENCE", 0)
    with pytest.raises(SignInNeeded, match="no answer of clio came back") as told:
        sign_in(tokens(service, vault), Somebody(["hush"]), browse=lambda _page: None)
    assert told.value.hint == "autotime connect clio"


def test_a_wrong_client_secret_is_told_as_one(service: Service, vault: SealedFile) -> None:
    with pytest.raises(SignInNeeded, match=r"the client secret, or the code .*\(invalid_client\)") as told:
        sign_in(tokens(service, vault), Somebody(["wrong secret"]), browse=browser)
    assert "wrong secret" not in str(told.value)


@pytest.mark.parametrize("odd", [None, "", 7, True, ["a1"], {"a": 1}])
def test_what_is_no_token_replaces_none(service: Service, vault: SealedFile, server: Loopback, odd: object) -> None:
    made = signed_in(service, vault)
    for told in ({"access_token": odd, "refresh_token": "r9"}, {"access_token": "a9", "refresh_token": odd}):
        server.answer = lambda _asked, said=told: Reply(said)
        with suppress(SignInNeeded):
            made.headers(True)
        assert json.loads(vault.load())["refresh_token"] == "r1"


def test_a_code_that_is_kept_needs_no_state_but_takes_no_other(service: Service, vault: SealedFile, desk: Desk) -> None:
    """Whether such a service gives the state back is not published."""
    desk.gives_refresh = False
    kept = replace(service, keeps_code=True)
    with pytest.raises(SignInNeeded, match="not the answer to this sign-in"):
        sign_in(tokens(kept, vault), Somebody(["hush", "http://127.0.0.1/?code=the-code&state=x"]), elsewhere=True)
    sign_in(tokens(kept, vault), Somebody(["hush", "http://127.0.0.1/callback?code=the-code"]), elsewhere=True)
    assert tokens(kept, vault).headers(False) == {"Authorization": "Bearer a1"}
