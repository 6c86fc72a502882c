"""A stand-in for Microsoft's sign-in (Entra): OpenID configuration, the authorization code with PKCE, the
device code, client credentials with secret or certificate, and refresh tokens that rotate.

Tokens have the shape of a JWT and are signed with a key of this server's own: Graph's stand-in reads them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from autotime.testing.server import Asked, Reply

AUTHORITY = "https://login.microsoftonline.com"
GRANT = "urn:ietf:params:oauth:grant-type:"
RESERVED = ("openid", "profile", "offline_access")


@dataclass(slots=True)
class Registration:
    """What the tenant's administrator set up. ``refused`` are scopes nobody may consent to; ``withheld`` are
    asked for and silently missing from the token; ``roles`` are the application permissions granted in Entra."""

    client_id: str = "11111111-2222-3333-4444-555555555555"
    tenant: str = "okafor.example"
    tenant_id: str = "99999999-8888-7777-6666-555555555555"
    secret: str = "a secret for tests only"  # noqa: S105 - of a server that exists while a test runs
    certificate: bytes = b""
    refused: set[str] = field(default_factory=set)
    withheld: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Grant:
    """A sign-in in progress, or what a refresh token stands for."""

    user: str
    scopes: tuple[str, ...]
    challenge: str = ""
    redirect: str = ""
    nonce: str = ""
    revoked: bool = False


class Entra:
    """``users`` maps a sign-in name to an object id. ``lasts`` is how many seconds an access token lives."""

    def __init__(self, registration: Registration, users: Callable[[str], str | None]) -> None:
        self.registration = registration
        self.user_id = users
        self.lasts = 3600
        self.pending = 1
        """How many times a device code is «pending» before somebody has entered it."""
        self.person = ""
        """Who sits at the browser when a page is opened."""
        self.interaction = ""
        """Who must do more in the browser (a second factor): silent refreshes are refused until then."""
        self.issued: list[str] = []
        """Grant types that led to a token, in order."""
        self._codes: dict[str, Grant] = {}
        self._devices: dict[str, tuple[Grant, int]] = {}
        self._refresh: dict[str, Grant] = {}
        self._key = secrets.token_bytes(32)
        self._void_before = 0

    # -- what a test does ---------------------------------------------------------------------

    def revoke(self, user: str) -> None:
        """An administrator signs the user out everywhere: refresh tokens end, access tokens live on."""
        for grant in self._refresh.values():
            grant.revoked |= grant.user == user

    def expire_access(self) -> None:
        """Every access token given so far is refused from now on."""
        self._void_before = len(self.issued)

    def access(self, user: str = "", *, scopes: Iterable[str] = (), roles: Iterable[str] = ()) -> str:
        """An access token without a sign-in: a user's with scopes, or the app's with roles."""
        if not user:
            return self._access("client_credentials", {"roles": list(roles), "idtyp": "app"})
        return self._access("", {"oid": self.user_id(user), "upn": user, "scp": " ".join(scopes), "idtyp": "user"})

    def claims(self, token: str) -> dict[str, Any] | None:
        """What an access token of this server says; ``None`` where it is forged, expired or made void."""
        head, _, signature = token.rpartition(".")
        if not head or not hmac.compare_digest(signature, self._signature(head)):
            return None
        said: dict[str, Any] = json.loads(_unpacked(head.partition(".")[2]))
        return said if said["exp"] > time.time() and said["number"] >= self._void_before else None

    # -- what it answers ----------------------------------------------------------------------

    def answer(self, asked: Asked) -> Reply | None:
        """``None`` where the path is not the sign-in's."""
        if asked.path.endswith("/.well-known/openid-configuration"):
            return Reply(self._configuration(asked.path.split("/")[1]))
        routes = {"authorize": self._authorize, "devicecode": self._device, "token": self._token}
        tail = asked.path.rpartition("/oauth2/v2.0/")
        return routes[tail[2]](asked) if tail[2] in routes and tail[1] else None

    def _configuration(self, tenant: str) -> dict[str, Any]:
        root = f"{AUTHORITY}/{tenant}"
        return {
            "issuer": f"{AUTHORITY}/{self.registration.tenant_id}/v2.0",
            "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
            "token_endpoint": f"{root}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
            "jwks_uri": f"{root}/discovery/v2.0/keys",
            "response_modes_supported": ["query", "form_post"],
        }

    def _authorize(self, asked: Asked) -> Reply:
        """The page a browser opens: the person who sits there consents, and is sent back with a code."""
        query = asked.query
        if query.get("client_id") != self.registration.client_id:
            return Reply(b"AADSTS700016: Application was not found in the directory", 400, kind="text/html")
        if query.get("code_challenge_method") != "S256":
            return Reply(b"AADSTS9002325: Proof Key for Code Exchange is required", 400, kind="text/html")
        back = {"state": query.get("state", "")} | self._consent(query)
        if query.get("response_mode") != "form_post":
            return Reply(status=302, headers={"Location": f"{query['redirect_uri']}?{urlencode(back)}"})
        fields = "".join(f'<input type="hidden" name="{k}" value="{html.escape(v)}"/>' for k, v in back.items())
        page = f'<form method="POST" action="{html.escape(query["redirect_uri"])}">{fields}</form>'
        return Reply(page.encode(), kind="text/html; charset=utf-8")

    def _consent(self, query: Mapping[str, str]) -> dict[str, str]:
        scopes = _scopes(query.get("scope", ""))
        forbidden = sorted(self.registration.refused & set(scopes))
        if forbidden:
            return _error("access_denied", f"AADSTS90094: An administrator must grant {' '.join(forbidden)}")
        if self.user_id(self.person) is None:
            return _error("access_denied", "AADSTS50020: The user account does not exist in the tenant")
        code = secrets.token_urlsafe(24)
        self._codes[code] = Grant(
            self.person, scopes, query["code_challenge"], query["redirect_uri"], query.get("nonce", "")
        )
        self.interaction = "" if self.interaction == self.person else self.interaction
        return {"code": code, "client_info": self._client_info(self.person), "session_state": secrets.token_hex(8)}

    def _device(self, asked: Asked) -> Reply:
        code = secrets.token_urlsafe(24)
        self._devices[code] = Grant("", _scopes(asked.form().get("scope", ""))), self.pending
        page, word = "https://microsoft.com/devicelogin", "H4RR0WLSE"
        told = f"To sign in, use a web browser to open the page {page} and enter the code {word} to authenticate."
        named = {"user_code": word, "device_code": code, "verification_uri": page, "message": told}
        return Reply({**named, "expires_in": 900, "interval": 5})

    def _token(self, asked: Asked) -> Reply:
        form = asked.form()
        kinds: dict[str, Callable[[Mapping[str, str]], Reply]] = {
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh,
            "client_credentials": self._by_credentials,
            f"{GRANT}device_code": self._by_device,
            "device_code": self._by_device,
        }
        if form.get("client_id") != self.registration.client_id:
            return _refused("unauthorized_client", "AADSTS700016: Application was not found in the directory")
        kind = form.get("grant_type", "")
        if kind not in kinds:
            return _refused("unsupported_grant_type", "AADSTS70003: The grant type is not supported")
        return kinds[kind](form)

    def _by_code(self, form: Mapping[str, str]) -> Reply:
        grant = self._codes.pop(form.get("code", ""), None)
        proof = _packed(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if grant is None or grant.challenge != proof or grant.redirect != form.get("redirect_uri"):
            return _refused("invalid_grant", "AADSTS70008: The code has expired, was used, or is not yours")
        return self._signed_in("authorization_code", grant)

    def _by_device(self, form: Mapping[str, str]) -> Reply:
        code = form.get("device_code", "")
        if code not in self._devices:
            return _refused("expired_token", "AADSTS70020: The device code has expired")
        grant, pending = self._devices[code]
        if pending:
            self._devices[code] = grant, pending - 1
            return _refused("authorization_pending", "AADSTS70016: The user has not entered the code yet")
        del self._devices[code]
        said = self._consent({"scope": " ".join(grant.scopes), "code_challenge": "", "redirect_uri": ""})
        if "error" in said:
            return _refused(said["error"], said["error_description"])
        return self._signed_in("device_code", self._codes.pop(said["code"]))

    def _by_refresh(self, form: Mapping[str, str]) -> Reply:
        """A refresh token is used up by its use: the answer holds the next one."""
        grant = self._refresh.get(form.get("refresh_token", ""))
        if grant is None or grant.revoked:
            return _refused("invalid_grant", "AADSTS50173: The provided grant has expired, it was revoked", "bad_token")
        if self.interaction == grant.user:
            return _refused("interaction_required", "AADSTS50076: You must use multi-factor authentication")
        wanted = _scopes(form.get("scope", "")) or grant.scopes
        if self.registration.refused & set(wanted):
            return _refused(
                "invalid_grant", "AADSTS65001: The user or administrator has not consented", "consent_required"
            )
        del self._refresh[form["refresh_token"]]
        return self._signed_in("refresh_token", Grant(grant.user, wanted))

    def _by_credentials(self, form: Mapping[str, str]) -> Reply:
        """No ``scope`` in the answer, and no refresh token."""
        if not self._proven(form):
            return _refused("invalid_client", "AADSTS7000215: Invalid client secret provided", status=401)
        return Reply(
            {
                "token_type": "Bearer",
                "expires_in": self.lasts,
                "ext_expires_in": self.lasts,
                "access_token": self.access(roles=sorted(self.registration.roles)),
            }
        )

    def _proven(self, form: Mapping[str, str]) -> bool:
        if "client_assertion" not in form:
            return form.get("client_secret") == self.registration.secret
        import jwt  # noqa: PLC0415 - comes with msal, which is what sends these
        from cryptography import x509  # noqa: PLC0415

        key: Any = x509.load_pem_x509_certificate(self.registration.certificate).public_key()
        try:
            said = jwt.decode(form["client_assertion"], key, ["PS256", "RS256"], options={"verify_aud": False})
        except jwt.InvalidTokenError:
            return False
        return bool(said.get("iss") == self.registration.client_id and str(said.get("aud", "")).startswith(AUTHORITY))

    def _signed_in(self, kind: str, grant: Grant) -> Reply:
        given = [scope for scope in grant.scopes if scope.rpartition("/")[2] not in self.registration.withheld]
        short = [scope.rpartition("/")[2] for scope in given]
        who = {"oid": self.user_id(grant.user), "upn": grant.user, "idtyp": "user"}
        token = self._access(kind, who | {"scp": " ".join(scope for scope in short if scope not in RESERVED)})
        refresh = secrets.token_urlsafe(32)
        self._refresh[refresh] = grant
        return Reply(
            {
                "token_type": "Bearer",
                "scope": " ".join(scope for scope in given if scope not in RESERVED),
                "expires_in": self.lasts,
                "ext_expires_in": self.lasts,
                "access_token": token,
                "refresh_token": refresh,
                "id_token": self._identity(grant),
                "client_info": self._client_info(grant.user),
            }
        )

    def _access(self, kind: str, claims: Mapping[str, Any]) -> str:
        self.issued.append(kind)
        number = len(self.issued) - 1
        about = {"tid": self.registration.tenant_id, "appid": self.registration.client_id, "number": number}
        return self._jwt({**about, **claims, "exp": int(time.time()) + self.lasts})

    def _identity(self, grant: Grant) -> str:
        about = {"aud": self.registration.client_id, "tid": self.registration.tenant_id, "nonce": grant.nonce}
        whose = {"oid": self.user_id(grant.user), "sub": grant.user, "preferred_username": grant.user}
        now = int(time.time())
        issuer = f"{AUTHORITY}/{self.registration.tenant_id}/v2.0"
        return self._jwt({**about, **whose, "iss": issuer, "iat": now, "exp": now + 3600, "ver": "2.0"})

    def _client_info(self, user: str) -> str:
        return _packed(json.dumps({"uid": self.user_id(user), "utid": self.registration.tenant_id}).encode())

    def _jwt(self, claims: Mapping[str, Any]) -> str:
        parts = [_packed(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
        return f"{'.'.join(parts)}.{self._signature('.'.join(parts))}"

    def _signature(self, head: str) -> str:
        return _packed(hmac.digest(self._key, head.encode(), "sha256"))


def _scopes(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _error(code: str, told: str) -> dict[str, str]:
    return {"error": code, "error_description": told}


def _refused(code: str, told: str, suberror: str = "", status: int = 400) -> Reply:
    more = {"suberror": suberror} if suberror else {}
    return Reply({**_error(code, told), **more, "error_codes": [], "correlation_id": secrets.token_hex(16)}, status)
