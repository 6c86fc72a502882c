"""The tokens that open Graph: of a person's sign-in, renewed in silence, or of the firm's own registration.

``msal`` speaks the protocol; its requests go through ``Web``. Nothing here ever opens a browser.
"""

from __future__ import annotations

import base64
import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from autotime.collectors.microsoft.app import App
from autotime.collectors.microsoft.cache import as_kept, granted_in, lapses_at, short, who_is_in
from autotime.collectors.microsoft.certificate import credential
from autotime.collectors.microsoft.door import Door
from autotime.domain.doors import Vault
from autotime.domain.errors import NeedsPerson, SignInNeeded, SourceUnavailable

MARGIN = 300
"""Seconds before its end from which a token is not used any more."""

LATER = ("temporarily_unavailable", "server_error", "service_unavailable", "throttled")
UNION = ("Mail.", "Calendars.", "MailboxSettings.", "Contacts.")

for _name in ("msal", "msal_extensions"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)  # their lines hold codes, proofs and paths


class OwnKeys:
    """The tokens of a person's sign-in."""

    def __init__(self, app: App, account: str, vault: Vault, door: Door, scopes: Sequence[str]) -> None:
        if not who_is_in(vault):  # before msal is made, which asks the network first
            raise nobody(account)
        from msal import SerializableTokenCache  # noqa: PLC0415 - 0.1 s, and only who signs in needs it

        self.account, self.vault, self.scopes = account, vault, app.scopes(scopes)
        self.cache = SerializableTokenCache()
        self.msal = public(app, door, self.cache)
        self._token, self._ends = "", 0.0

    def headers(self, fresh: bool) -> Mapping[str, str]:
        """``SignInNeeded`` where Microsoft does not renew the sign-in without its person."""
        if fresh or time.monotonic() >= self._ends:
            told = self._silently(fresh)
            if "access_token" not in told:
                raise refused(self.account, told)
            lasts = int(told.get("expires_in") or 0)
            self._token, self._ends = str(told["access_token"]), time.monotonic() + lasts - MARGIN
        return {"Authorization": f"Bearer {self._token}"}

    def _silently(self, fresh: bool) -> Mapping[str, Any]:
        """Where something new is wanted that nobody has consented to, what was given is still good."""
        told = self._asked(self.scopes, fresh)
        given = [scope for scope in self.scopes if short(scope) in granted_in(self.vault)]
        if lacks_consent(told) and 0 < len(given) < len(self.scopes):
            return self._asked(given, fresh)
        return told

    def _asked(self, scopes: list[str], fresh: bool) -> Mapping[str, Any]:
        with sound(), as_kept(self.cache, self.vault):
            accounts = self._accounts()
            if not accounts:
                raise nobody(self.account)
            told = self.msal.acquire_token_silent_with_error(scopes, account=accounts[0], force_refresh=fresh)
        if told is None:  # an answer that said nothing, or nothing to renew it with
            return {} if lapses_at(self.vault) else {"error": "no_refresh_token"}
        return dict(told)

    def _accounts(self) -> list[Any]:
        """Of another program's cache, or a half one: none."""
        try:
            return list(self.msal.get_accounts())
        except (KeyError, TypeError, AttributeError, ValueError):
            return []


class FirmKeys:
    """The tokens of the firm's own registration, by its certificate or its secret."""

    def __init__(self, app: App, shared: Vault, door: Door) -> None:
        import msal  # noqa: PLC0415 - 0.1 s, and only who signs in needs it

        self.scopes = [f"{app.audience}/.default"]
        proof, authority = credential(app, shared), f"{app.authority}/{app.firm_tenant()}"
        with sound():
            self.msal = msal.ConfidentialClientApplication(
                app.client_id,
                client_credential=proof,
                authority=authority,
                http_client=door,
                instance_discovery=False,
            )

    def headers(self, fresh: bool) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.token(fresh)}"}

    def token(self, fresh: bool = False) -> str:
        with sound():
            if fresh:
                self.msal.remove_tokens_for_client()
            told = self.msal.acquire_token_for_client(self.scopes)
        if "access_token" not in told:
            raise _refused_firm(told)
        return str(told["access_token"])

    def roles(self) -> frozenset[str]:
        """The roles in the token. A scope set in Exchange alone puts none there: absence says nothing."""
        roles = _claims(self.token()).get("roles")
        return frozenset(str(role) for role in roles) if isinstance(roles, list) else frozenset()


def union_trap(keys: FirmKeys) -> list[str]:
    """Permissions in the app's token that reach every mailbox, whatever scope Exchange sets beside them."""
    return sorted(role for role in keys.roles() if role.startswith(UNION))


def public(app: App, door: Door, cache: Any) -> Any:
    """``msal`` for a person, over ``door``."""
    import msal  # noqa: PLC0415 - 0.1 s, and only who signs in needs it

    with sound():
        return msal.PublicClientApplication(
            app.client_id,
            authority=f"{app.authority}/{app.tenant}",
            token_cache=cache,
            http_client=door,
            instance_discovery=False,
        )


@contextmanager
def sound() -> Iterator[None]:
    """``msal`` raises whatever its reading of a strange answer met; its words may quote the answer."""
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError):
        raise SourceUnavailable(
            "Microsoft's sign-in gave no sound answer",
            hint="the next run tries again; if it stays, check microsoft.tenant in the settings",
        ) from None


def nobody(account: str) -> SignInNeeded:
    return SignInNeeded(f"nobody has signed in to Microsoft for «{account}»", hint=f'autotime connect "{account}"')


def lacks_consent(told: Mapping[str, Any]) -> bool:
    words = (told.get("error"), told.get("suberror"))
    return "consent_required" in words or "AADSTS65001" in str(told.get("error_description", ""))


def refused(account: str, told: Mapping[str, Any]) -> SignInNeeded | SourceUnavailable | NeedsPerson:
    """What a refusal means for a person. Microsoft's own sentences are not repeated: they may name anybody."""
    error, again = str(told.get("error") or ""), f'autotime connect "{account}"'
    if not error or error in LATER:
        return SourceUnavailable("Microsoft's sign-in is out of order", hint="the next run tries again")
    if error == "access_denied" or lacks_consent(told):
        return SignInNeeded(
            "the permissions were not given: an administrator may have to", hint="docs/for-your-administrator.md"
        )
    if error in ("invalid_client", "unauthorized_client"):
        return NeedsPerson(
            f"Microsoft refuses the firm's app registration ({error})",
            hint="check microsoft.client_id and microsoft.tenant; the app must allow public client flows",
        )
    return SignInNeeded(f"the sign-in of «{account}» has ended{_why(error)}", hint=again)


def _refused_firm(told: Mapping[str, Any]) -> SignInNeeded | SourceUnavailable:
    error = str(told.get("error") or "")
    if not error or error in LATER:
        return SourceUnavailable("Microsoft's sign-in is out of order", hint="the next run tries again")
    return SignInNeeded(
        f"Microsoft refuses the firm's own sign-in{_why(error)}: has its secret or certificate expired?",
        hint="autotime connect microsoft --firm",
    )


def _why(error: str) -> str:
    return f" ({error})" if error.isidentifier() and error.isascii() and len(error) <= 40 else ""


def _claims(token: str) -> dict[str, Any]:
    """What a token says of itself, unproven: for advice only."""
    middle = token.split(".")[1:2]
    try:
        said = json.loads(base64.urlsafe_b64decode(middle[0] + "=" * (-len(middle[0]) % 4)))
    except (IndexError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
