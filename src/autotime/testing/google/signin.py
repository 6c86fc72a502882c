"""The stand-in for Google's sign-in: consent in a browser (PKCE), refresh, and domain-wide delegation."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from autotime.testing.google.routes import Caller
from autotime.testing.server import Asked, Reply

CLIENT = {"client_id": "4711.apps.googleusercontent.com", "client_secret": "not-a-secret"}
ROBOT = "autotime@firm-project.iam.gserviceaccount.com"
HOUR = 3599


@dataclass(frozen=True, slots=True)
class Code:
    """What a person agreed to, until it is exchanged for tokens."""

    caller: Caller
    redirect: str
    challenge: str


class SignInDesk:
    """Tokens and who holds them. The person at the browser is ``person``, who leaves ``unticked`` boxes empty.

    ``known`` says whether there is a mailbox of an address; ``delegated`` are the permissions the administrator
    gave the firm's service account.
    """

    def __init__(self, known: Callable[[str], bool] = bool) -> None:
        self.known = known
        self.person = ""
        self.unticked: set[str] = set()
        self.denies = False
        self.delegated: set[str] = set()
        self.lasts = HOUR
        self.testing_project = False
        self.refreshes = 0
        self._numbers = itertools.count(1)
        self._access: dict[str, Caller] = {}
        self._refresh: dict[str, Caller] = {}
        self._codes: dict[str, Code] = {}

    def grant(self, address: str, scopes: frozenset[str]) -> str:
        """An access token."""
        token = f"ya29.{next(self._numbers)}"
        self._access[token] = Caller(address, scopes)
        return token

    def keep(self, address: str, scopes: frozenset[str]) -> str:
        """A refresh token."""
        token = f"1//{next(self._numbers)}"
        self._refresh[token] = Caller(address, scopes)
        return token

    def caller(self, authorization: str) -> Caller | None:
        return self._access.get(authorization.removeprefix("Bearer "))

    def expire(self) -> None:
        """Every access token is refused from now on; refresh tokens hold."""
        self._access.clear()

    def revoke(self) -> None:
        """The person took the permission back: nothing holds any more."""
        self._access.clear()
        self._refresh.clear()

    def consent(self, asked: Asked) -> Reply:
        """What the browser gets when the person has answered: the way back to the program."""
        query = asked.query
        if self.denies:
            return _back(query, {"error": "access_denied"})
        scopes = frozenset(query["scope"].split()) - self.unticked
        code = f"4/{next(self._numbers)}"
        caller = Caller(self.person or query.get("login_hint", ""), scopes)
        self._codes[code] = Code(caller, query["redirect_uri"], query["code_challenge"])
        return _back(query, {"code": code, "scope": " ".join(sorted(scopes))})

    def token(self, asked: Asked) -> Reply:
        form = asked.form()
        match form.get("grant_type"):
            case "authorization_code":
                return self._exchanged(form)
            case "refresh_token":
                return self._refreshed(form)
            case "urn:ietf:params:oauth:grant-type:jwt-bearer":
                return self._delegated(form)
        return _no("unsupported_grant_type", "")

    def _exchanged(self, form: Mapping[str, str]) -> Reply:
        code = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if code is None or proof != code.challenge or form.get("redirect_uri") != code.redirect or not _knows(form):
            return _no("invalid_grant", "Bad Request")
        caller = code.caller
        more: dict[str, Any] = {"refresh_token": self.keep(caller.address, caller.scopes)}
        if self.testing_project:
            more["refresh_token_expires_in"] = 604_799
        return self._given(caller, **more)

    def _refreshed(self, form: Mapping[str, str]) -> Reply:
        self.refreshes += 1
        caller = self._refresh.get(form.get("refresh_token", ""))
        if caller is None or not _knows(form):
            return _no("invalid_grant", "Token has been expired or revoked.")
        return self._given(caller)

    def _delegated(self, form: Mapping[str, str]) -> Reply:
        from google.auth import jwt  # noqa: PLC0415 - only firm-wide sign-ins need it

        decode: Callable[..., Any] = jwt.decode
        claims = decode(form["assertion"], certs=_key()[1], audience=None)
        scopes = frozenset(claims["scope"].split())
        if claims["iss"] != ROBOT or not scopes <= self.delegated:
            return _no(
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, or client not authorized "
                "for any of the scopes requested.",
                401,
            )
        if not self.known(claims.get("sub", "")):
            return _no("invalid_grant", "Invalid email or User ID")
        return self._given(Caller(claims["sub"], scopes))

    def _given(self, caller: Caller, **more: Any) -> Reply:
        token = self.grant(caller.address, caller.scopes)
        told = {"access_token": token, "expires_in": self.lasts, "token_type": "Bearer"}
        return Reply({**told, "scope": " ".join(sorted(caller.scopes)), **more})


def robot_key(token_url: str) -> dict[str, str]:
    """The key file of a service account, with a key made for this process alone."""
    return {
        "type": "service_account",
        "client_email": ROBOT,
        "client_id": "104711",
        "private_key_id": "invented",
        "private_key": _key()[0],
        "token_uri": token_url,
    }


@cache
def _key() -> tuple[str, bytes]:
    """Private and public half, PEM."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - slow, and only delegation needs it
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - the same

    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public


def client_json() -> str:
    """The file an administrator downloads for a «Desktop app» client."""
    uris = {"auth_uri": "https://accounts.google.com/o/oauth2/auth", "token_uri": "https://oauth2.googleapis.com/token"}
    return json.dumps({"installed": {**CLIENT, **uris, "redirect_uris": ["http://localhost"]}})


def _back(query: Mapping[str, str], told: Mapping[str, str]) -> Reply:
    there = f"{query['redirect_uri']}?{urlencode({**told, 'state': query.get('state', '')})}"
    return Reply(b"", 302, {"Location": there}, "text/html")


def _knows(form: Mapping[str, str]) -> bool:
    return all(form.get(name) == value for name, value in CLIENT.items())


def _no(error: str, description: str, status: int = 400) -> Reply:
    return Reply({"error": error, "error_description": description}, status)
