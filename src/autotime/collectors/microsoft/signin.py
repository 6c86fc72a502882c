"""Signing in to Microsoft: once by a person, then kept alight in silence; or by the firm's own registration.

``msal`` speaks the protocol; its requests go through ``Web``, its cache is sealed in the vault, under the
lock of ``msal-extensions``. Nothing here ever opens a browser unless a person asked for it.
"""

from __future__ import annotations

import base64
import json
import re
import time
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from autotime.collectors.microsoft.app import App
from autotime.collectors.microsoft.door import Door
from autotime.domain.doors import Person, Vault
from autotime.domain.errors import Misused, NeedsPerson, SignInNeeded, SourceUnavailable

PATIENCE = 300
"""Seconds a person has for the browser or the code."""

UNUSED = 90 * 86_400
"""After how long without use a sign-in is expected to lapse."""

LATER = ("temporarily_unavailable", "server_error", "service_unavailable", "throttled")
UNION = ("Mail.", "Calendars.", "MailboxSettings.", "Contacts.")

Browse = Callable[[str], object]


class OwnKeys:
    """The tokens of a person's sign-in."""

    def __init__(self, app: App, account: str, vault: Vault, door: Door, scopes: Sequence[str]) -> None:
        self.app, self.account, self.vault, self.scopes = app, account, vault, app.scopes(scopes)
        self.msal = _public(app, vault, door)

    def headers(self, fresh: bool) -> Mapping[str, str]:
        """``SignInNeeded`` where Microsoft does not renew the sign-in without its person."""
        told = self._silently(fresh)
        if "access_token" not in told:
            raise _refused(self.account, told)
        return {"Authorization": f"Bearer {told['access_token']}"}

    def whose(self) -> str:
        return who_is_in(self.vault)

    def _silently(self, fresh: bool) -> Mapping[str, Any]:
        accounts = self._accounts()
        if not accounts:
            raise nobody(self.account)
        with _sound():
            told = self.msal.acquire_token_silent_with_error(self.scopes, account=accounts[0], force_refresh=fresh)
        return told or {}

    def _accounts(self) -> list[Mapping[str, Any]]:
        return list(self.msal.get_accounts())


class FirmKeys:
    """The tokens of the firm's own registration, by its certificate or its secret."""

    def __init__(self, app: App, account: str, shared: Vault, door: Door) -> None:
        import msal  # noqa: PLC0415 - 0.1 s, and only who signs in needs it

        self.account, self.scopes = account, [f"{app.audience}/.default"]
        credential, authority = _credential(app, shared), f"{app.authority}/{app.firm_tenant()}"
        with _sound():
            self.msal = msal.ConfidentialClientApplication(
                app.client_id,
                client_credential=credential,
                authority=authority,
                http_client=door,
                instance_discovery=False,
            )

    def headers(self, fresh: bool) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.token(fresh)}"}

    def token(self, fresh: bool = False) -> str:
        if fresh:
            self.msal.remove_tokens_for_client()
        with _sound():
            told = self.msal.acquire_token_for_client(self.scopes)
        if "access_token" not in told:
            raise _refused_firm(told)
        return str(told["access_token"])

    def whose(self) -> str:
        return ""

    def roles(self) -> frozenset[str]:
        """The roles in the token. A scope set in Exchange alone puts none there: absence says nothing."""
        return frozenset(_claims(self.token()).get("roles") or ())


def nobody(account: str) -> SignInNeeded:
    return SignInNeeded(f"nobody has signed in to Microsoft for «{account}»", hint=f'autotime connect "{account}"')


def has_firm_credential(app: App, shared: Vault) -> bool:
    return bool(app.certificate or shared.load())


def sign_in(
    app: App,
    account: str,
    vault: Vault,
    door: Door,
    person: Person,
    scopes: Sequence[str],
    *,
    mailbox: str = "",
    device: bool = False,
    browse: Browse = webbrowser.open,
) -> str:
    """Walks the person through it and keeps what came; the address that signed in."""
    client = _public(app, vault, door)
    for known in client.get_accounts():
        client.remove_account(known)
    asked = app.scopes(scopes)
    told = _by_code(client, person, asked) if device else _in_browser(client, person, asked, mailbox, browse)
    if "access_token" not in told:
        raise _refused(account, told)
    return str((told.get("id_token_claims") or {}).get("preferred_username", "")).lower()


def union_trap(keys: FirmKeys) -> list[str]:
    """Permissions in the app's token that reach every mailbox, whatever scope Exchange sets beside them."""
    return sorted(role for role in keys.roles() if role.startswith(UNION))


def lapses_at(vault: Vault) -> int:
    """When the sign-in is expected to lapse if nobody uses it: UTC second; 0 where there is none."""
    try:
        return int(vault.path.stat().st_mtime) + UNUSED
    except OSError:
        return 0


def certificate_ends(app: App) -> int:
    """UTC second; 0 where there is no readable certificate."""
    from cryptography import x509  # noqa: PLC0415 - only a firm's daemon has one

    try:
        pem = Path(app.certificate).expanduser().read_bytes()
        return int(x509.load_pem_x509_certificate(pem).not_valid_after_utc.timestamp())
    except (OSError, ValueError):
        return 0


def who_is_in(vault: Vault) -> str:
    """The address that signed in; nothing where nobody has."""
    accounts = list(_read(vault).get("Account", {}).values())
    return str(accounts[0].get("username", "")).lower() if accounts else ""


def granted_in(vault: Vault) -> frozenset[str]:
    """Short names of what was given, by the tokens that are kept; empty where none is."""
    kept = _read(vault).get("AccessToken", {})
    return frozenset(_short(scope) for token in kept.values() for scope in str(token.get("target", "")).split())


def _read(vault: Vault) -> dict[str, Any]:
    try:
        kept = json.loads(vault.load() or "{}")
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}


def _short(scope: str) -> str:
    return scope.rpartition("/")[2]


def _public(app: App, vault: Vault, door: Door) -> Any:
    import msal  # noqa: PLC0415 - 0.1 s, and only who signs in needs it

    from autotime.collectors.microsoft.cache import sealed_cache  # noqa: PLC0415 - it loads msal-extensions

    with _sound():
        return msal.PublicClientApplication(
            app.client_id,
            authority=f"{app.authority}/{app.tenant}",
            token_cache=sealed_cache(vault),
            http_client=door,
            instance_discovery=False,
        )


@contextmanager
def _sound() -> Iterator[None]:
    """``msal`` raises whatever its reading of a strange answer met; its words may quote the answer."""
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError):
        raise SourceUnavailable(
            "Microsoft's sign-in gave no sound answer",
            hint="the next run tries again; if it stays, check microsoft.tenant in the settings",
        ) from None


def _in_browser(client: Any, person: Person, scopes: list[str], mailbox: str, browse: Browse) -> Mapping[str, Any]:
    """Code and PKCE, back to a door of this machine's own that closes after the first true answer."""
    from msal.oauth2cli.authcode import AuthCodeReceiver  # noqa: PLC0415 - only who signs in needs it

    with AuthCodeReceiver(port=0) as receiver:
        flow = client.initiate_auth_code_flow(
            scopes,
            redirect_uri=f"http://localhost:{receiver.get_port()}",
            response_mode="form_post",
            login_hint=mailbox or None,
        )
        person.say(f"Open this address and sign in:\n{flow['auth_uri']}")
        with suppress(webbrowser.Error):
            browse(flow["auth_uri"])
        answer = receiver.get_auth_response(timeout=PATIENCE, state=flow["state"])
    if not answer:
        return {"error": "timeout"}
    return dict(client.acquire_token_by_auth_code_flow(flow, answer))


def _by_code(client: Any, person: Person, scopes: list[str]) -> Mapping[str, Any]:
    flow = client.initiate_device_flow(scopes)
    if "user_code" not in flow:
        return dict(flow)
    person.say(f"On any device open {flow['verification_uri']} and enter {flow['user_code']}")
    flow["expires_at"] = min(flow["expires_at"], time.time() + PATIENCE)
    return dict(client.acquire_token_by_device_flow(flow))


def _refused(account: str, told: Mapping[str, Any]) -> SignInNeeded | SourceUnavailable | NeedsPerson:
    """What a refusal means for a person. Microsoft's own sentences are not repeated: they may name anybody."""
    error, again = str(told.get("error") or ""), f'autotime connect "{account}"'
    if error in LATER:
        return SourceUnavailable("Microsoft's sign-in is out of order", hint="the next run tries again")
    if "AADSTS65001" in str(told.get("error_description", "")) or error in ("consent_required", "access_denied"):
        return SignInNeeded(
            "the permissions were not given: an administrator may have to", hint="docs/for-your-administrator.md"
        )
    if error == "timeout":
        return SignInNeeded("nobody answered in the browser within five minutes", hint=again)
    if error in ("invalid_client", "unauthorized_client"):
        return NeedsPerson(
            f"Microsoft refuses the firm's app registration ({error})",
            hint="check microsoft.client_id and microsoft.tenant; the app must allow public client flows",
        )
    return SignInNeeded(
        f"the sign-in of «{account}» has ended" + (f" ({error})" if error.isidentifier() else ""), hint=again
    )


def _refused_firm(told: Mapping[str, Any]) -> SignInNeeded | SourceUnavailable:
    error = str(told.get("error") or "")
    if error in LATER:
        return SourceUnavailable("Microsoft's sign-in is out of order", hint="the next run tries again")
    return SignInNeeded(
        f"Microsoft refuses the firm's own sign-in ({error if error.isidentifier() else 'no reason given'}): "
        "has its secret or certificate expired?",
        hint="autotime connect microsoft --firm",
    )


def _credential(app: App, shared: Vault) -> str | dict[str, str]:
    if not app.certificate:
        secret = shared.load()
        if not secret:
            raise SignInNeeded("the firm's own sign-in is not set up", hint="autotime connect microsoft --firm")
        return secret
    try:
        pem = Path(app.certificate).expanduser().read_text("ascii")
    except (OSError, UnicodeDecodeError):
        raise Misused(
            "microsoft.certificate cannot be read", hint="give it a PEM file with the private key and the certificate"
        ) from None
    return {"private_key": _block(pem, "PRIVATE KEY"), "public_certificate": _block(pem, "CERTIFICATE")}


def _block(pem: str, kind: str) -> str:
    found = re.search(rf"-----BEGIN ([A-Z ]*{kind})-----.*?-----END \1-----", pem, re.DOTALL)
    if not found:
        raise Misused(
            f"microsoft.certificate holds no {kind.lower()}", hint="it needs the private key and the certificate"
        )
    return found.group() + "\n"


def _claims(token: str) -> dict[str, Any]:
    """What a token says of itself, unproven: for advice only."""
    middle = token.split(".")[1:2]
    try:
        said = json.loads(base64.urlsafe_b64decode(middle[0] + "=" * (-len(middle[0]) % 4)))
    except (IndexError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
