"""Signing in to Microsoft by a person who sits there: in the browser, or by a code on another device."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx2
import pytest

from autotime.collectors.microsoft import signin
from autotime.domain.errors import AutotimeError, Misused, NeedsPerson, SignInNeeded, SourceUnavailable
from autotime.testing.microsoft import Tenant
from autotime.testing.server import Fault, Portal, Reset, Status, Truncated
from tests.collectors.microsoft.office import ADDRESS, ada
from tests.collectors.microsoft.people import Sitter, collect, signed_in, stranger
from tests.collectors.sources import letter

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant() as made:
        ada(made).receives(letter(0))
        yield made


@pytest.fixture
def sitter(tenant: Tenant) -> Sitter:
    return Sitter(tenant)


def told(trouble: AutotimeError) -> str:
    return f"{trouble} {trouble!r} {trouble.hint}"


# -- in the browser ---------------------------------------------------------------------------


def test_a_person_signs_in_in_the_browser(tenant: Tenant, tmp_path: Path, sitter: Sitter) -> None:
    """Once: from then on the source collects by itself, and says who it is."""
    made = stranger(tenant, tmp_path, sitter.browse)
    made.connect(sitter)
    assert len(collect(made).evidence) == 1
    assert made.standing(int(time.time())).who == ADDRESS
    assert tenant.entra.issued == ["authorization_code"]


def test_the_address_is_shown_for_who_has_no_browser_that_opens(tenant: Tenant, tmp_path: Path, sitter: Sitter) -> None:
    stranger(tenant, tmp_path, sitter.browse).connect(sitter)
    assert sitter.opened[0] in sitter.lines[0]


def test_the_question_has_proof_state_and_the_least_permissions(tenant: Tenant, tmp_path: Path, sitter: Sitter) -> None:
    """PKCE, a state nobody guesses, an answer that no history keeps, for the mailbox that is meant."""
    made = stranger(tenant, tmp_path, sitter.browse, mailbox=ADDRESS, mode="metadata")
    made.connect(sitter)
    query = sitter.query()
    wanted = {"code_challenge_method": "S256", "response_mode": "form_post", "login_hint": ADDRESS}
    assert wanted.items() <= query.items()
    assert len(query["state"]) >= 40
    assert set(query["scope"].split()) == {*made.wants(), "openid", "profile", "offline_access"}
    assert urlsplit(query["redirect_uri"]).hostname == "localhost"


def test_two_sign_ins_share_neither_state_nor_proof(tenant: Tenant, tmp_path: Path, sitter: Sitter) -> None:
    made = stranger(tenant, tmp_path, sitter.browse)
    made.connect(sitter)
    before = sitter.query()
    made.connect(sitter)
    assert all(before[name] != sitter.query()[name] for name in ("state", "code_challenge", "nonce"))


def test_what_is_no_answer_to_our_question_is_refused(tenant: Tenant, tmp_path: Path, sitter: Sitter) -> None:
    """Another state, none, none at all, a code in the address, another path, rubbish: 400, and we wait on."""
    said: list[int] = []

    def browse(url: str) -> None:
        sitter.browse_nothing(url)
        there, state = sitter.query()["redirect_uri"], sitter.query()["state"]
        forged = [{"code": "x", "state": "another"}, {"code": "x"}, {"code": "x", "state": ""}, {"state": state}, {}]
        said.extend(post(there, urlencode(form).encode()) for form in forged)
        good = urlencode({"code": "x", "state": state})
        said.append(httpx2.get(f"{there}/?{good}", trust_env=False).status_code)
        said.append(post(f"{there}/other", good.encode()))
        said.append(post(there, b"\xff\xfe=" + b"x" * 100))
        said.append(post(there, f"{good}&more={'y' * 70_000}".encode()))
        sitter.browse(url)

    made = stranger(tenant, tmp_path, browse)
    made.connect(sitter)
    assert said == [400] * 9
    assert len(collect(made).evidence) == 1


def post(there: str, content: bytes) -> int:
    try:
        return httpx2.post(there, content=content, headers=FORM, trust_env=False).status_code
    except httpx2.TransportError:  # closed before all of a large body was taken
        return 400


def test_an_answer_is_taken_once_and_the_door_closes(tenant: Tenant, tmp_path: Path, sitter: Sitter) -> None:
    """A second code under the same state changes nothing, and afterwards nobody listens."""

    def browse(url: str) -> None:
        sitter.browse(url)
        query = sitter.query()
        post(query["redirect_uri"], urlencode({"code": "of somebody else", "state": query["state"]}).encode())

    made = stranger(tenant, tmp_path, browse)
    made.connect(sitter)
    assert made.standing(int(time.time())).who == ADDRESS
    port = urlsplit(sitter.query()["redirect_uri"]).port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port or 0), 1)


def test_the_door_opens_on_this_machine_alone(tenant: Tenant, tmp_path: Path, sitter: Sitter) -> None:
    """What listens on every interface would answer on every address of the loopback too."""
    refused: list[bool] = []

    def browse(url: str) -> None:
        sitter.browse_nothing(url)
        port = urlsplit(sitter.query()["redirect_uri"]).port or 0
        refused.append(socket.socket().connect_ex(("127.0.0.2", port)) != 0)
        sitter.browse(url)

    stranger(tenant, tmp_path, browse).connect(sitter)
    assert refused == [True]


def test_a_code_without_its_proof_is_worth_nothing(tenant: Tenant, tmp_path: Path, sitter: Sitter) -> None:
    """Somebody's own code, brought in under our state."""

    def browse(url: str) -> None:
        sitter.browse(re.sub(r"code_challenge=[^&]+", f"code_challenge={'A' * 43}", url))

    made = stranger(tenant, tmp_path, browse)
    with pytest.raises(SignInNeeded):
        made.connect(sitter)
    assert made.connection.vault.load() == ""


def test_nobody_comes_back_from_the_browser(
    tenant: Tenant, tmp_path: Path, sitter: Sitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signin, "PATIENCE", 0.05)
    made = stranger(tenant, tmp_path, sitter.browse_nothing)
    with pytest.raises(SignInNeeded, match="nobody answered") as trouble:
        made.connect(sitter)
    assert "--device" in trouble.value.hint


# -- consent ----------------------------------------------------------------------------------


def test_a_permission_that_is_refused_leaves_nothing_behind(tenant: Tenant, tmp_path: Path, sitter: Sitter) -> None:
    tenant.registration.refused.add("Mail.Read")
    made = stranger(tenant, tmp_path, sitter.browse)
    with pytest.raises(SignInNeeded, match="not given") as trouble:
        made.connect(sitter)
    assert "administrator" in trouble.value.hint
    assert made.connection.vault.load() == ""


def test_a_refusal_leaves_an_earlier_sign_in_as_it_was(tenant: Tenant, tmp_path: Path, sitter: Sitter) -> None:
    made = signed_in(tenant, tmp_path)
    before = made.connection.vault.load()
    tenant.registration.refused.add("Mail.Read")
    with pytest.raises(SignInNeeded):
        stranger(tenant, tmp_path, sitter.browse).connect(sitter)
    assert made.connection.vault.load() == before
    assert len(collect(made).evidence) == 1


def test_a_permission_that_was_silently_withheld_is_known_and_its_part_a_gap(tenant: Tenant, tmp_path: Path) -> None:
    tenant.registration.withheld.add("Calendars.Read")
    made = signed_in(tenant, tmp_path, parts=("mail", "calendar"))
    assert made.standing(int(time.time())).missing == ("Calendars.Read",)
    shelf = collect(made)
    assert len(shelf.evidence) == 1
    assert [(gap.part, "Calendars.Read" in gap.reason) for gap in shelf.gaps] == [("calendar", True)]


def test_another_mailbox_than_the_one_meant_is_refused(tenant: Tenant, tmp_path: Path) -> None:
    tenant.mailbox("cleo@okafor.example")
    cleo = Sitter(tenant, "cleo@okafor.example")
    made = stranger(tenant, tmp_path, cleo.browse, mailbox=ADDRESS)
    with pytest.raises(Misused, match="another mailbox") as trouble:
        made.connect(cleo)
    assert "cleo" not in told(trouble.value)
    assert made.connection.vault.load() == ""


def test_a_wrong_mailbox_does_not_take_the_place_of_the_right_one(tenant: Tenant, tmp_path: Path) -> None:
    right = signed_in(tenant, tmp_path, mailbox=ADDRESS)
    tenant.mailbox("cleo@okafor.example")
    cleo = Sitter(tenant, "cleo@okafor.example")
    with pytest.raises(Misused):
        stranger(tenant, tmp_path, cleo.browse, mailbox=ADDRESS).connect(cleo)
    assert right.standing(int(time.time())).who == ADDRESS
    assert len(collect(right).evidence) == 1


def test_the_mailbox_is_the_same_however_its_address_is_written(tenant: Tenant, tmp_path: Path, sitter: Sitter) -> None:
    made = stranger(tenant, tmp_path, sitter.browse, mailbox="Ada@Okafor.example")
    made.connect(sitter)
    assert made.standing(int(time.time())).signed_in


@pytest.mark.parametrize("tenant_name", ["", "organizations"])
def test_a_person_is_of_the_tenant_they_sign_in_to(
    tenant: Tenant, tmp_path: Path, sitter: Sitter, tenant_name: str
) -> None:
    """Where the settings name none."""
    made = stranger(tenant, tmp_path, sitter.browse)
    made = replace(made, connection=replace(made.connection, app=tenant.settings(tenant=tenant_name)))
    made.connect(sitter)
    assert "/organizations/" in sitter.opened[0]
    assert len(collect(made).evidence) == 1


def test_a_national_cloud_is_asked_for_permissions_of_its_own(tenant: Tenant, tmp_path: Path, sitter: Sitter) -> None:
    """And knows them again: none is missing, none is asked for twice."""
    made = stranger(tenant, tmp_path, sitter.browse)
    settings = tenant.settings(cloud="usgov", authority="https://login.microsoftonline.com")
    made = replace(made, connection=replace(made.connection, app=settings))
    made.connect(sitter)
    assert "https://graph.microsoft.us/Mail.Read" in sitter.query()["scope"].split()
    assert made.standing(int(time.time())).missing == ()
    assert len(collect(made).evidence) == 1
    assert tenant.entra.issued == ["authorization_code"]


# -- an odd sign-in ---------------------------------------------------------------------------

TOKEN = "https://login.microsoftonline.com/t/oauth2/v2.0/token"
ODD = {
    "nothing": {},
    "a list": [1, 2],
    "no token endpoint": {"authorization_endpoint": TOKEN, "issuer": "https://login.microsoftonline.com/t/v2.0"},
    "endpoints of another shape": {"authorization_endpoint": 7, "token_endpoint": None, "issuer": []},
    "endpoints elsewhere": {
        "authorization_endpoint": "https://elsewhere.example/authorize",
        "token_endpoint": "https://elsewhere.example/token",
        "device_authorization_endpoint": "https://elsewhere.example/code",
        "issuer": "https://login.microsoftonline.com/t/v2.0",
    },
}


@pytest.mark.parametrize("device", [False, True], ids=["browser", "code"])
@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
def test_a_sign_in_that_describes_itself_oddly_is_out_of_order(
    tenant: Tenant, tmp_path: Path, sitter: Sitter, body: object, device: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No traceback, and no code or token to where it should not go."""
    monkeypatch.setattr(signin, "PATIENCE", 0.05)
    tenant.server.fault_for = lambda asked: Status(200, body=body) if "well-known" in asked.path else None
    with pytest.raises((SourceUnavailable, SignInNeeded)) as trouble:
        stranger(tenant, tmp_path, sitter.browse_nothing).connect(sitter, device=device)
    assert trouble.value.hint


def test_a_tenant_that_does_not_exist_is_the_settings_matter(tenant: Tenant, tmp_path: Path, sitter: Sitter) -> None:
    body = {"error": "invalid_tenant", "error_description": "AADSTS90002: Tenant not found"}
    tenant.server.fault_for = lambda asked: Status(400, body=body) if "well-known" in asked.path else None
    with pytest.raises(AutotimeError) as trouble:
        stranger(tenant, tmp_path, sitter.browse).connect(sitter)
    assert "tenant" in told(trouble.value)


def test_a_client_that_microsoft_does_not_know_is_the_administrators_matter(
    tenant: Tenant, tmp_path: Path, sitter: Sitter
) -> None:
    body = {"error": "unauthorized_client", "error_description": "AADSTS700016: secret words"}
    tenant.server.fault_for = lambda asked: Status(400, body=body) if asked.path.endswith("/token") else None
    with pytest.raises(NeedsPerson, match="unauthorized_client") as trouble:
        stranger(tenant, tmp_path, sitter.browse).connect(sitter)
    assert "client_id" in trouble.value.hint
    assert "secret words" not in told(trouble.value)


@pytest.mark.parametrize("fault", [Portal(), Status(503), Status(200, body=[]), Status(200, body={})], ids=repr)
def test_trouble_with_the_token_keeps_nothing(tenant: Tenant, tmp_path: Path, sitter: Sitter, fault: Status) -> None:
    made = stranger(tenant, tmp_path, sitter.browse)
    tenant.server.fault_for = lambda asked: fault if asked.path.endswith("/token") else None
    with pytest.raises((SourceUnavailable, SignInNeeded)):
        made.connect(sitter)
    assert made.connection.vault.load() == ""


@pytest.mark.parametrize("fault", [Status(503), Status(429), Reset(), Truncated()], ids=repr)
def test_a_code_is_sent_once_whatever_comes_of_it(tenant: Tenant, tmp_path: Path, sitter: Sitter, fault: Fault) -> None:
    """Microsoft takes a code that comes twice for a stolen one."""
    made = stranger(tenant, tmp_path, sitter.browse)
    token = lambda asked: asked.path.endswith("/token")  # noqa: E731 - one expression
    with tenant.server.failing(fault, token), pytest.raises(SourceUnavailable) as trouble:
        made.connect(sitter)
    assert len([asked for asked in tenant.server.asked if token(asked)]) == 1
    assert "sign in again" in trouble.value.hint


def test_nothing_secret_is_said_or_lies_in_the_clear(
    tenant: Tenant, tmp_path: Path, sitter: Sitter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    made = stranger(tenant, tmp_path, sitter.browse)
    made.connect(sitter)
    kept = made.connection.vault.load()
    secrets = [one for one in kept.split('"') if len(one) > 60]
    secrets += [sitter.back["code"], *(asked.form().get("code_verifier", "") for asked in tenant.server.asked)]
    shown = f"{caplog.text} {made!r} {made.connection!r} {sitter.lines}".encode()
    shown += b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert len(secrets) >= 5
    assert not any(secret.encode() in shown for secret in secrets if secret)
