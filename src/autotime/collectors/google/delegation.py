"""The firm's service account, which an administrator lets act for every mailbox (domain-wide delegation).

Each API has a token of its own with its own permissions only: one permission too many that was not
granted would fail the whole token.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from autotime.collectors.google.app import TOKEN_URL, scopes_of, wanted
from autotime.collectors.google.refusals import Missing
from autotime.collectors.google.tokens import TokenDoor, renew
from autotime.domain.doors import Vault
from autotime.domain.errors import AutotimeError, Misused, SignInNeeded
from autotime.web import Authorise

NEEDED = ("client_email", "private_key", "client_id")


class FirmKeys:
    """Tokens for one mailbox, made with the firm's key."""

    def __init__(self, key: Mapping[str, Any], mailbox: str, mode: str, door: TokenDoor) -> None:
        self.key, self.mailbox, self.mode, self.door = key, mailbox, mode, door
        self._made: dict[str, Any] = {}

    def authorise(self, api: str) -> Authorise:
        def headers(fresh: bool) -> Mapping[str, str]:
            credentials = self._credentials(api)
            if fresh or not credentials.valid:
                renew(credentials, self.door, lambda code, said: self._refused(api, code, said))
            return {"Authorization": f"Bearer {credentials.token}"}

        return headers

    def whose(self) -> str:
        return self.mailbox

    def granted(self) -> frozenset[str]:
        """What was granted shows only when it is used: taken for all."""
        return frozenset(wanted(("mail", "calendar", "files", "meet"), self.mode))

    def _credentials(self, api: str) -> Any:
        if api not in self._made:
            try:
                made = _load({**self.key, "token_uri": self.door.address}, self.mailbox, scopes_of(api, self.mode))
            except ValueError:
                raise _bad_key("it is damaged") from None
            self._made[api] = made
        return self._made[api]

    def _refused(self, api: str, code: str, said: str) -> AutotimeError:
        if code in ("unauthorized_client", "access_denied"):
            return Missing(
                f"the firm's service account may not use {api} for this mailbox",
                hint=to_grant(self.key, scopes_of(api, self.mode)),
            )
        if code == "invalid_grant" and "iat" in said:
            return SignInNeeded("Google does not accept this machine's clock", hint="set the clock, then autotime run")
        if code == "invalid_grant" and "User ID" in said:
            return SignInNeeded("Google knows no such mailbox", hint="check the source's «mailbox» in the settings")
        return _bad_key(code)


def _bad_key(why: str) -> SignInNeeded:
    return SignInNeeded(
        f"the service account's key does not serve ({why})",
        hint="make a new key in the firm's Google project, then autotime connect google --firm",
    )


def to_grant(key: Mapping[str, Any], scopes: Iterable[str]) -> str:
    """What a super administrator does, with the names exactly as Google wants them."""
    return (
        "in the Admin console, Security, API controls, Domain-wide delegation, give client "
        f"{key['client_id']} exactly: {','.join(sorted(scopes))}"
    )


def keep_key(shared: Vault, text: str) -> None:
    """Keeps the service account's key, sealed; ``Misused`` for a file that is none."""
    key = _key(text)
    try:
        _load({**key, "token_uri": TOKEN_URL}, "", ())
    except (ValueError, LookupError):
        raise Misused(
            "this is not the JSON key of a service account", hint="in the Google console: Service accounts, Keys, JSON"
        ) from None
    shared.save(json.dumps(key))


def firm_key(shared: Vault) -> dict[str, Any]:
    """The key that was kept, or nothing."""
    return _key(shared.load())


def _key(text: str) -> dict[str, Any]:
    try:
        key = json.loads(text or "{}")
    except ValueError:
        return {}
    whole = isinstance(key, dict) and all(isinstance(key.get(name), str) and key[name] for name in NEEDED)
    return key if whole else {}


def _load(key: Mapping[str, Any], mailbox: str, scopes: Iterable[str]) -> Any:
    """``ValueError`` for a key that is none."""
    from google.oauth2.service_account import Credentials  # noqa: PLC0415 - only who signs in loads it

    load: Callable[..., Any] = Credentials.from_service_account_info
    return load(key, scopes=sorted(scopes), subject=mailbox or None)
