"""A sign-in to Microsoft renews itself, and nobody is asked for anything before it must be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autotime.domain.errors import SignInNeeded, SourceUnavailable
from autotime.testing.microsoft import Tenant
from autotime.testing.server import Asked, Portal, Reset, Status
from tests.collectors.microsoft.office import ADDRESS, ada
from tests.collectors.microsoft.people import (
    HINT,
    collect,
    needed,
    refresh_tokens,
    renewals,
    short_lived,
    signed_in,
    stranger,
)
from tests.collectors.sources import MONDAY, letter


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant() as made:
        for number in range(5):
            ada(made).receives(letter(number, sent=MONDAY + number))
        yield made


def to_the_sign_in(asked: Asked) -> bool:
    return asked.path.endswith("/token")


def to_graph(asked: Asked) -> bool:
    return asked.path.startswith("/v1.0")


# -- in silence -------------------------------------------------------------------------------


def test_nobody_has_signed_in_yet(tenant: Tenant, tmp_path: Path) -> None:
    """Said by this machine alone: nobody is asked."""
    made = stranger(tenant, tmp_path)
    assert needed(made).hint == HINT
    assert not made.standing(MONDAY).signed_in
    assert tenant.server.asked == []


def test_a_token_serves_until_it_ends_also_the_next_run(tenant: Tenant, tmp_path: Path) -> None:
    for _ in range(3):
        collect(signed_in(tenant, tmp_path) if not tenant.entra.issued else stranger(tenant, tmp_path))
    assert tenant.entra.issued == ["authorization_code"]


def test_a_run_begins_with_a_renewal_where_the_token_has_ended(tenant: Tenant, tmp_path: Path) -> None:
    short_lived(tenant)
    made = signed_in(tenant, tmp_path)
    for _ in range(3):
        assert len(collect(made).evidence) == 5
    assert renewals(tenant) >= 3


def test_a_renewed_token_is_kept_before_it_is_used(tenant: Tenant, tmp_path: Path) -> None:
    """The old one is used up: a run that fails at its first request must not have lost the new one."""
    made = signed_in(tenant, tmp_path)
    short_lived(tenant)
    tenant.entra.expire_access()
    kept: list[str] = []

    def look(asked: Asked) -> Status | None:
        if to_graph(asked):
            kept.append(made.connection.vault.load())
        return None

    before = made.connection.vault.load()
    tenant.server.fault_for = look
    collect(made)
    assert renewals(tenant) >= 1
    assert refresh_tokens(kept[-1]) != refresh_tokens(before)
    assert len(collect(made).evidence) == 5


@pytest.mark.parametrize("calls", range(6))
def test_a_token_that_is_refused_in_the_midst_is_renewed_once(tenant: Tenant, tmp_path: Path, calls: int) -> None:
    """After so many calls: nothing is lost, nothing asked twice over."""
    made = signed_in(tenant, tmp_path, page=2)
    left = iter(range(calls))

    def expire(asked: Asked) -> None:
        if to_graph(asked) and next(left, None) is None and not renewals(tenant):
            tenant.entra.expire_access()

    tenant.server.fault_for = expire
    assert len(collect(made).evidence) == 5
    assert renewals(tenant) <= 1


def test_a_clock_that_is_wrong_does_not_matter_to_a_token_that_was_refused(tenant: Tenant, tmp_path: Path) -> None:
    """By this machine's clock the token is good for an hour; the service says no."""
    made = signed_in(tenant, tmp_path)
    tenant.entra.expire_access()
    assert len(collect(made).evidence) == 5
    assert renewals(tenant) == 1


# -- when a person is needed ------------------------------------------------------------------


def test_a_sign_in_that_was_revoked_asks_for_another_without_a_storm(tenant: Tenant, tmp_path: Path) -> None:
    """What was collected stays, and how far it came."""
    made = signed_in(tenant, tmp_path)
    shelf = collect(made)
    cursor = shelf.cursor
    tenant.entra.revoke(ADDRESS)
    tenant.entra.expire_access()
    before = len(tenant.server.asked)
    assert needed(made, shelf).hint == HINT
    assert len(tenant.server.asked) - before <= 5
    assert shelf.cursor == cursor
    assert needed(made, shelf).hint == HINT


def test_a_sign_in_that_ended_can_be_made_again(tenant: Tenant, tmp_path: Path) -> None:
    made = signed_in(tenant, tmp_path)
    tenant.entra.revoke(ADDRESS)
    tenant.entra.expire_access()
    needed(made)
    assert len(collect(signed_in(tenant, tmp_path)).evidence) == 5


def test_a_second_factor_is_asked_for_in_the_browser_and_never_by_a_run(tenant: Tenant, tmp_path: Path) -> None:
    opened: list[str] = []
    short_lived(tenant)
    signed_in(tenant, tmp_path)
    tenant.entra.interaction = ADDRESS
    trouble = needed(stranger(tenant, tmp_path, opened.append))
    assert "interaction_required" in str(trouble)
    assert trouble.hint == HINT
    assert opened == []
    assert len(collect(signed_in(tenant, tmp_path)).evidence) == 5


def test_a_claims_challenge_asks_for_a_sign_in(tenant: Tenant, tmp_path: Path) -> None:
    """Conditional access: Graph refuses a token that is good, with what it wants instead."""
    made = signed_in(tenant, tmp_path)
    challenge = 'Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="'
    body = {"error": {"code": "InvalidAuthenticationToken", "message": "for ada@okafor.example"}}
    with tenant.server.failing(Status(401, {"WWW-Authenticate": challenge}, body), to_graph):
        trouble = needed(made)
    assert trouble.hint == HINT
    assert "ada@" not in f"{trouble} {trouble.hint}"
    assert len([asked for asked in tenant.server.asked if to_graph(asked)]) <= 4


@pytest.mark.parametrize(
    ("error", "suberror"),
    [
        ("invalid_grant", "bad_token"),
        ("invalid_grant", ""),
        ("interaction_required", "basic_action"),
        ("login_required", ""),
    ],
)
def test_every_refusal_of_the_sign_in_says_what_to_do(
    tenant: Tenant, tmp_path: Path, error: str, suberror: str
) -> None:
    short_lived(tenant)
    made = signed_in(tenant, tmp_path)
    body = {"error": error, "suberror": suberror, "error_description": "AADSTS50173 ada@okafor.example", "claims": "{}"}
    with tenant.server.failing(Status(400, body=body), to_the_sign_in):
        trouble = needed(made)
    assert trouble.hint == HINT
    assert error in str(trouble)
    assert "AADSTS" not in f"{trouble}{trouble.hint}"


# -- when nobody is ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Portal(),
        Status(500),
        Status(503),
        Status(429, {"Retry-After": "1"}),
        Status(200),
        Status(200, body=[]),
        Status(200, body=b'{"access_token": '),
        Status(400, body=b"no", kind="text/plain"),
        Status(400, body={"error": "temporarily_unavailable"}),
        Status(400, body={"error": "server_error", "error_description": "AADSTS90033"}),
    ],
    ids=repr,
)
def test_trouble_on_the_way_is_no_reason_to_sign_in_again(tenant: Tenant, tmp_path: Path, fault: Any) -> None:
    """Offline, throttled, out of order: the next run goes on by itself."""
    short_lived(tenant)
    made = signed_in(tenant, tmp_path)
    with tenant.server.failing(fault, to_the_sign_in), pytest.raises(SourceUnavailable) as trouble:
        collect(made)
    assert trouble.value.hint
    assert len(collect(made).evidence) == 5


def test_a_page_in_place_of_an_answer_says_where_to_look(tenant: Tenant, tmp_path: Path) -> None:
    """A hotel's network, a firm's proxy."""
    short_lived(tenant)
    made = signed_in(tenant, tmp_path)
    with tenant.server.failing(Portal(), to_the_sign_in), pytest.raises(SourceUnavailable) as trouble:
        collect(made)
    assert "browser" in trouble.value.hint


def test_an_answer_that_was_lost_is_no_storm(tenant: Tenant, tmp_path: Path) -> None:
    """The sign-in renewed and nobody heard it: with a token that one use ends, a person must sign in again."""
    short_lived(tenant)
    made = signed_in(tenant, tmp_path)
    before = len(tenant.server.asked)
    with tenant.server.failing(Reset(), to_the_sign_in), pytest.raises((SignInNeeded, SourceUnavailable)):
        collect(made)
    assert len(tenant.server.asked) - before <= 15
    needed(made)


def test_offline_is_no_reason_to_sign_in_again(tmp_path: Path) -> None:
    with Tenant() as tenant:
        ada(tenant)
        made = signed_in(tenant, tmp_path)
    with pytest.raises(SourceUnavailable):
        collect(made)
