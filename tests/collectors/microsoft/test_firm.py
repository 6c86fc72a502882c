"""The firm's own registration with Microsoft: a secret or a certificate, and how far it reaches."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from autotime.collectors.microsoft.collector import MicrosoftCollector
from autotime.domain.errors import AutotimeError, Misused, SignInNeeded, SourceUnavailable
from autotime.domain.evidence import Kind
from autotime.testing.microsoft import Tenant
from autotime.testing.server import Portal, Status
from tests.collectors.microsoft.office import ADDRESS, ada, connection, source
from tests.collectors.microsoft.people import Sitter, collect, signed_in
from tests.collectors.sources import MONDAY, letter

NOW = int(time.time())


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant() as made:
        ada(made).receives(letter(0))
        yield made


@pytest.fixture
def sitter(tenant: Tenant) -> Sitter:
    return Sitter(tenant, answers=(tenant.registration.secret,))


def daemon(tenant: Tenant, folder: Path, **settings: Any) -> MicrosoftCollector:
    """A source for which nothing is kept yet."""
    made = connection(tenant, folder, **settings)
    return MicrosoftCollector("office", made, parts=("mail",), first_days=60, sleep=lambda _seconds: None)


def told(trouble: AutotimeError) -> str:
    return f"{trouble} {trouble!r} {trouble.hint}"


# -- by a secret ------------------------------------------------------------------------------


def test_the_firm_signs_in_by_its_secret_once_for_every_mailbox(tenant: Tenant, tmp_path: Path, sitter: Sitter) -> None:
    """It is typed unseen, kept sealed, and serves any source of the firm."""
    daemon(tenant, tmp_path).connect_firm(sitter)
    assert [secret for _, secret in sitter.asked] == [True]
    assert tenant.registration.secret.encode() not in b"".join(
        path.read_bytes() for path in tmp_path.iterdir() if path.is_file()
    )
    assert len(collect(daemon(tenant, tmp_path)).evidence) == 1
    assert daemon(tenant, tmp_path).standing(NOW).signed_in


@pytest.mark.parametrize("cloud", ["global", "usgov"])
def test_all_that_was_granted_is_asked_for_under_graphs_own_name(tenant: Tenant, tmp_path: Path, cloud: str) -> None:
    made = daemon(tenant, tmp_path, cloud=cloud, authority="https://login.microsoftonline.com")
    made.connection.shared.save(tenant.registration.secret)
    collect(made)
    [form] = [asked.form() for asked in tenant.server.asked if asked.path.endswith("/token")]
    host = {"global": "graph.microsoft.com", "usgov": "graph.microsoft.us"}[cloud]
    assert (form["grant_type"], form["scope"]) == ("client_credentials", f"https://{host}/.default")


def test_one_run_asks_for_one_token(tenant: Tenant, tmp_path: Path) -> None:
    collect(source(tenant, tmp_path, parts=("mail", "calendar", "files")))
    assert tenant.entra.issued == ["client_credentials"]


def test_a_token_that_is_refused_is_asked_for_anew(tenant: Tenant, tmp_path: Path) -> None:
    """The library would give the one it remembers."""
    made = source(tenant, tmp_path)
    left = iter(range(2))

    def expire(asked: Any) -> None:
        if asked.path.startswith("/v1.0") and next(left, None) == 1:
            tenant.entra.expire_access()

    tenant.server.fault_for = expire
    assert len(collect(made).evidence) == 1
    assert tenant.entra.issued == ["client_credentials"] * 2


def test_without_a_secret_the_firm_is_not_signed_in(tenant: Tenant, tmp_path: Path) -> None:
    made = daemon(tenant, tmp_path)
    assert not made.standing(NOW).signed_in
    with pytest.raises(SignInNeeded):
        collect(made)


def test_a_wrong_secret_is_said_and_not_kept(tenant: Tenant, tmp_path: Path) -> None:
    made, sitter = daemon(tenant, tmp_path), Sitter(tenant, answers=("a wrong one",))
    with pytest.raises(SignInNeeded, match="invalid_client") as trouble:
        made.connect_firm(sitter)
    assert trouble.value.hint == "autotime connect microsoft --firm"
    assert "a wrong one" not in told(trouble.value)
    assert made.connection.shared.load() == ""


def test_a_wrong_secret_does_not_take_the_place_of_the_right_one(
    tenant: Tenant, tmp_path: Path, sitter: Sitter
) -> None:
    made = daemon(tenant, tmp_path)
    made.connect_firm(sitter)
    with pytest.raises(SignInNeeded):
        made.connect_firm(Sitter(tenant, answers=("a wrong one",)))
    assert len(collect(made).evidence) == 1


def test_a_secret_that_could_not_be_tried_does_not_take_the_place_of_the_right_one(
    tenant: Tenant, tmp_path: Path, sitter: Sitter
) -> None:
    """Where Microsoft is out of reach, nobody knows whether it is right."""
    made = daemon(tenant, tmp_path)
    with tenant.server.failing(Status(503)), pytest.raises(SourceUnavailable):
        made.connect_firm(Sitter(tenant, answers=("an untried one",)))
    assert made.connection.shared.load() == ""
    made.connect_firm(sitter)
    with tenant.server.failing(Status(503)), pytest.raises(SourceUnavailable):
        made.connect_firm(Sitter(tenant, answers=("an untried one",)))
    assert made.connection.shared.load() == tenant.registration.secret


def test_no_secret_at_all_is_refused_before_anybody_is_asked(tenant: Tenant, tmp_path: Path) -> None:
    made = daemon(tenant, tmp_path)
    with pytest.raises(AutotimeError) as trouble:
        made.connect_firm(Sitter(tenant, answers=("  ",)))
    assert trouble.value.hint
    assert tenant.server.asked == []


def test_a_secret_that_has_expired_ends_a_run_with_what_to_do(tenant: Tenant, tmp_path: Path) -> None:
    made = source(tenant, tmp_path)
    tenant.registration.secret = "the next one"
    with pytest.raises(SignInNeeded, match="expired") as trouble:
        collect(made)
    assert trouble.value.hint == "autotime connect microsoft --firm"
    assert "AADSTS" not in told(trouble.value)


@pytest.mark.parametrize("fault", [Portal(), Status(503), Status(200, body={}), Status(200, body=[])], ids=repr)
def test_trouble_at_the_sign_in_is_no_reason_to_change_the_secret(
    tenant: Tenant, tmp_path: Path, sitter: Sitter, fault: Status
) -> None:
    made = source(tenant, tmp_path)
    with tenant.server.failing(fault, lambda asked: asked.path.endswith("/token")):
        with pytest.raises(SourceUnavailable):
            collect(made)
        with pytest.raises(SourceUnavailable):
            made.connect_firm(sitter)
    assert len(collect(made).evidence) == 1


@pytest.mark.parametrize("tenant_name", ["", "common", "organizations"])
def test_a_firm_without_its_tenant_says_what_to_set(tenant: Tenant, tmp_path: Path, tenant_name: str) -> None:
    made = daemon(tenant, tmp_path)
    made = replace(made, connection=replace(made.connection, app=tenant.settings(tenant=tenant_name)))
    made.connection.shared.save(tenant.registration.secret)
    with pytest.raises(Misused, match="tenant") as trouble:
        collect(made)
    assert "microsoft.tenant" in trouble.value.hint


def test_a_persons_own_sign_in_goes_before_the_firms(tenant: Tenant, tmp_path: Path) -> None:
    """Their own permissions, as far as their own mailbox."""
    made = signed_in(tenant, tmp_path)
    made.connection.shared.save(tenant.registration.secret)
    collect(made)
    assert set(tenant.entra.issued) == {"authorization_code"}


def test_the_firms_sign_in_beside_a_persons_reads_only_what_it_alone_may(tenant: Tenant, tmp_path: Path) -> None:
    ada(tenant).calls(MONDAY, MONDAY + 300, ("u-cy", "Cy Dean", "cy@okafor.example"))
    made = replace(signed_in(tenant, tmp_path), call_records=True)
    made.connection.shared.save(tenant.registration.secret)
    shelf = collect(made)
    assert tenant.entra.issued[-1] == "client_credentials"
    assert [item.kind for item in shelf.items] == [Kind.MESSAGE, Kind.CALL]
    assert shelf.gaps == []
    assert not any("/users/" in asked.target + asked.body.decode() for asked in tenant.server.asked)


@pytest.mark.parametrize("trouble", ["secret", "tenant"])
def test_trouble_with_the_firms_sign_in_leaves_a_person_their_own_parts(
    tenant: Tenant, tmp_path: Path, trouble: str
) -> None:
    made = replace(signed_in(tenant, tmp_path), call_records=True)
    made.connection.shared.save("an old one" if trouble == "secret" else tenant.registration.secret)
    if trouble == "tenant":
        made = replace(made, connection=replace(made.connection, app=tenant.settings(tenant="organizations")))
    shelf = collect(made)
    assert [item.kind for item in shelf.items] == [Kind.MESSAGE]
    assert [(gap.part, trouble in f"{gap.reason} {gap.hint}") for gap in shelf.gaps] == [("calls", True)]


# -- by a certificate -------------------------------------------------------------------------


def pair(days: int = 30) -> tuple[bytes, bytes]:
    """A private key and its certificate, as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key, now = rsa.generate_private_key(65537, 2048), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "autotime at Okafor")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(60)).not_valid_after(now + timedelta(days))
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    return private, made.sign(key, hashes.SHA256()).public_bytes(encoding)


@pytest.fixture(scope="module")
def good() -> tuple[bytes, bytes]:
    return pair()


def certified(tenant: Tenant, folder: Path, *pieces: bytes) -> MicrosoftCollector:
    path = folder / "autotime.pem"
    path.write_bytes(b"".join(pieces))
    return daemon(tenant, folder, certificate=str(path))


@pytest.mark.parametrize("order", [1, -1], ids=["key first", "certificate first"])
def test_a_certificate_takes_the_place_of_the_secret(
    tenant: Tenant, tmp_path: Path, good: tuple[bytes, bytes], sitter: Sitter, order: int
) -> None:
    """Nothing is typed, and no secret goes over the wire."""
    tenant.registration.certificate = good[1]
    made = certified(tenant, tmp_path, *good[::order])
    made.connect_firm(sitter)
    assert sitter.asked == []
    assert len(collect(made).evidence) == 1
    forms = [asked.form() for asked in tenant.server.asked if asked.path.endswith("/token")]
    assert all("client_assertion" in form and "client_secret" not in form for form in forms)


def test_when_a_certificate_ends_is_known_beforehand(tenant: Tenant, tmp_path: Path, good: tuple[bytes, bytes]) -> None:
    """To the second, and without asking anybody."""
    from cryptography import x509

    standing = certified(tenant, tmp_path, *good).standing(NOW)
    assert standing.signed_in
    assert standing.lapses_at == x509.load_pem_x509_certificate(good[1]).not_valid_after_utc.timestamp()
    assert tenant.server.asked == []


def test_a_certificate_that_has_ended_is_no_sign_in(tenant: Tenant, tmp_path: Path) -> None:
    standing = certified(tenant, tmp_path, *pair(-1)).standing(NOW)
    assert not standing.signed_in
    assert 0 < standing.lapses_at < NOW


def test_a_certificate_the_tenant_does_not_know_is_refused(
    tenant: Tenant, tmp_path: Path, good: tuple[bytes, bytes]
) -> None:
    tenant.registration.certificate = pair()[1]
    with pytest.raises(SignInNeeded, match="certificate") as trouble:
        collect(certified(tenant, tmp_path, *good))
    assert trouble.value.hint == "autotime connect microsoft --firm"


def locked_key() -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"a passphrase"),
    )


SPOILED: dict[str, Any] = {
    "nothing": lambda key, cert: (),
    "the key alone": lambda key, cert: (key,),
    "the certificate alone": lambda key, cert: (cert,),
    "another certificate's key": lambda key, cert: (pair()[0], cert),
    "a key with a passphrase": lambda key, cert: (locked_key(), cert),
    "half a key": lambda key, cert: (key[:400] + b"\n-----END PRIVATE KEY-----\n", cert),
    "rubbish": lambda key, cert: (b"\xff\xfe\x00" * 100,),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_a_certificate_that_cannot_be_used_says_what_is_wanted(
    tenant: Tenant, tmp_path: Path, good: tuple[bytes, bytes], spoil: Any
) -> None:
    made = certified(tenant, tmp_path, *spoil(*good))
    with pytest.raises(Misused, match="certificate") as trouble:
        collect(made)
    assert "PEM" in trouble.value.hint
    assert str(tmp_path) not in told(trouble.value)
    made.standing(NOW)


def test_a_certificate_that_is_not_there_says_so(tenant: Tenant, tmp_path: Path) -> None:
    made = daemon(tenant, tmp_path, certificate=str(tmp_path / "none.pem"))
    with pytest.raises(Misused, match="cannot be read"):
        collect(made)
    assert made.standing(NOW).lapses_at == 0


def test_nothing_of_the_key_is_shown(
    tenant: Tenant, tmp_path: Path, good: tuple[bytes, bytes], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    made = certified(tenant, tmp_path, *good)
    with pytest.raises(AutotimeError) as trouble, tenant.server.failing(Status(401, body={"error": "invalid_client"})):
        collect(made)
    shown = f"{told(trouble.value)} {caplog.text} {made!r}"
    assert not any(line and line in shown for line in good[0].decode().splitlines()[1:-1])


# -- how far it reaches -----------------------------------------------------------------------


def test_permissions_that_reach_every_mailbox_are_warned_of(tenant: Tenant, tmp_path: Path, sitter: Sitter) -> None:
    """What Entra grants comes on top of every scope of Exchange: the scope limits nothing then."""
    tenant.registration.roles = {"Mail.Read", "Calendars.Read", "Files.Read.All"}
    daemon(tenant, tmp_path).connect_firm(sitter)
    [warning] = [line for line in sitter.lines if "EVERY mailbox" in line]
    assert "Calendars.Read, Mail.Read" in warning
    assert "Files" not in warning


def test_a_registration_that_only_exchange_grants_works_without_a_warning(
    tenant: Tenant, tmp_path: Path, sitter: Sitter
) -> None:
    """Its token has no role at all, which says nothing."""
    tenant.registration.roles = set()
    tenant.scoped[ADDRESS] = {"Mail.Read"}
    made = daemon(tenant, tmp_path)
    made.connect_firm(sitter)
    assert not any("EVERY" in line for line in sitter.lines)
    assert len(collect(made).evidence) == 1


def test_a_mailbox_outside_the_scope_is_a_gap_and_not_a_sign_in(tenant: Tenant, tmp_path: Path, sitter: Sitter) -> None:
    tenant.registration.roles = {"Files.Read.All", "User.Read.All"}
    made = replace(daemon(tenant, tmp_path), parts=("mail", "files"))
    made.connect_firm(sitter)
    shelf = collect(made)
    assert [gap.part for gap in shelf.gaps] == ["mail"]
    assert "Mail.Read" in shelf.gaps[0].reason


@pytest.mark.parametrize("claims", ["", "a.b.c", "a.bm8.c", "a.WzFd.c"])
def test_a_token_that_tells_nothing_of_itself_works(
    tenant: Tenant, tmp_path: Path, sitter: Sitter, claims: str
) -> None:
    """Tokens are not ours to read."""
    body = {"token_type": "Bearer", "expires_in": 3600, "access_token": claims or "opaque"}
    with tenant.server.failing(Status(200, body=body), lambda asked: asked.path.endswith("/token")):
        daemon(tenant, tmp_path).connect_firm(sitter)
    assert sitter.lines == ["The firm's registration signs in."]


def test_the_mailbox_is_the_timekeepers_first_address(tenant: Tenant, tmp_path: Path) -> None:
    collect(source(tenant, tmp_path, parts=("mail",)))
    inner = [
        one["url"] for asked in tenant.server.asked if asked.path.endswith("batch") for one in asked.json()["requests"]
    ]
    assert inner
    assert all(url.startswith(f"/users/{ADDRESS}") for url in inner)
