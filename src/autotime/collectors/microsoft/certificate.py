"""What the firm's own registration proves itself with: a certificate in a PEM file, or a secret in the vault."""

from __future__ import annotations

import re
from pathlib import Path

from autotime.collectors.microsoft.app import App
from autotime.domain.doors import Vault
from autotime.domain.errors import Misused, SignInNeeded

WANTED = "give it a PEM file with the private key, without a passphrase, and its certificate"


def has_credential(app: App, shared: Vault) -> bool:
    return bool(app.certificate or shared.load())


def credential(app: App, shared: Vault) -> str | dict[str, str]:
    """In ``msal``'s words. ``Misused`` where the certificate is not of use, ``SignInNeeded`` where there is none."""
    if not app.certificate:
        secret = shared.load()
        if not secret:
            raise SignInNeeded("the firm's own sign-in is not set up", hint="autotime connect microsoft --firm")
        return secret
    try:
        pem = Path(app.certificate).expanduser().read_text("ascii")
    except (OSError, UnicodeDecodeError):
        raise Misused("microsoft.certificate cannot be read", hint=WANTED) from None
    key, certificate = _block(pem, "PRIVATE KEY"), _block(pem, "CERTIFICATE")
    _check(key, certificate)
    return {"private_key": key, "public_certificate": certificate}


def ends_at(app: App) -> int:
    """When the certificate ends: UTC second; 0 where there is no readable one."""
    from cryptography import x509  # noqa: PLC0415 - only a firm's daemon has one

    try:
        pem = Path(app.certificate).expanduser().read_text("ascii")
        certificate = x509.load_pem_x509_certificate(_block(pem, "CERTIFICATE").encode())
    except (OSError, ValueError, Misused):
        return 0
    return int(certificate.not_valid_after_utc.timestamp())


def _block(pem: str, kind: str) -> str:
    found = re.search(rf"-----BEGIN ([A-Z ]*{kind})-----.*?-----END \1-----", pem, re.DOTALL)
    if not found:
        raise Misused(f"microsoft.certificate holds no {kind.lower()}", hint=WANTED)
    return found.group() + "\n"


def _check(key: str, certificate: str) -> None:
    """That both can be read and are of one pair: Microsoft's own refusal would not say so."""
    from cryptography import x509  # noqa: PLC0415 - only a firm's daemon has one
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        ours = load_pem_private_key(key.encode(), None).public_key()
        theirs = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Misused("microsoft.certificate holds a key or certificate nobody can read", hint=WANTED) from None
    if ours != theirs:
        raise Misused("microsoft.certificate holds a private key of another certificate", hint=WANTED)
