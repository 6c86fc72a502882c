"""A person's own sign-in to Google: made once in the browser, kept sealed, renewed without anybody.

The browser flow is Google's own library's (PKCE, a port of its own on this machine); its exchange, as
every renewal, goes through ``Web``. What came is saved before it is used.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import webbrowser
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from autotime.collectors.google.app import GMAIL_METADATA, GMAIL_TEXT, App
from autotime.collectors.google.tokens import TokenDoor, renew
from autotime.domain.doors import Person, SignIn, Vault
from autotime.domain.errors import SignInNeeded
from autotime.web import Authorise
from autotime.web.locks import locked

PATIENCE = 300
"""Seconds a person has for the browser."""

UNUSED = 182 * 86_400
"""After half a year without use Google ends a sign-in."""

NOWHERE = "http://localhost:1"
"""Where the browser of another machine ends up: the address it shows then is pasted here."""

PERMISSIONS = "https://myaccount.google.com/permissions"

Browse = Callable[[str], object]


class OwnKeys:
    """The tokens of a person's sign-in, for every API."""

    def __init__(self, account: str, vault: Vault, door: TokenDoor) -> None:
        self.account, self.vault, self.door = account, vault, door
        self._kept: dict[str, Any] | None = None
        self._credentials: Any = None

    def authorise(self, _api: str) -> Authorise:
        return self.headers

    def headers(self, fresh: bool) -> Mapping[str, str]:
        """``SignInNeeded`` where Google does not take the sign-in any more."""
        if self._credentials is None:
            self._credentials = _credentials(self.kept(), self.door.address)
        if fresh or not self._credentials.valid:
            renew(self._credentials, self.door, self._refused)
            self._save()
        return {"Authorization": f"Bearer {self._credentials.token}"}

    def granted(self) -> frozenset[str]:
        return frozenset(self.kept().get("granted", ()))

    def whose(self) -> str:
        """The account, or a mark of this very sign-in where nobody knows: never the same for two people."""
        kept = self.kept()
        return str(kept.get("who") or "") or hashlib.sha256(str(kept["refresh_token"]).encode()).hexdigest()

    def signed_in(self) -> bool:
        return bool(_read(self.vault))

    def kept(self) -> dict[str, Any]:
        """What the vault holds; ``SignInNeeded`` where it holds no sign-in."""
        if self._kept is None:
            self._kept = _read(self.vault)
        if not self._kept:
            raise SignInNeeded(
                f"nobody has signed in to Google for «{self.account}»", hint=f'autotime connect "{self.account}"'
            )
        return self._kept

    def _save(self) -> None:
        """Before the new token is used: a renewal may have changed what the next one needs. A sign-in that was
        made or forgotten meanwhile stands as it is, and this run ends with its own."""
        kept, news = self.kept(), _tokens(self.door.told, self.door.now())
        with locked(self.vault):
            now = _read(self.vault)
            if now.get("refresh_token") == kept["refresh_token"]:
                self.vault.save(json.dumps(now | news))
        self._kept = kept | news

    def _refused(self, code: str, _said: str) -> SignInNeeded:
        if code == "invalid_grant":
            return SignInNeeded(f"the sign-in of «{self.account}» has ended", hint=f'autotime connect "{self.account}"')
        return SignInNeeded(
            f"Google refuses the firm's client for «{self.account}» ({code})",
            hint="the administrator looks at the OAuth client in the firm's Google project",
        )


def standing(vault: Vault, wanted: Iterable[str], now: int) -> SignIn:
    """How the sign-in stands, as far as this machine knows; no network is asked."""
    kept = _read(vault)
    if not kept:
        return SignIn(False)
    granted = frozenset(kept.get("granted", ()))
    lapses = int(kept.get("ends") or 0) or int(kept.get("used") or now) + UNUSED
    missing = tuple(sorted(scope for scope in wanted if scope not in granted))
    return SignIn(now < lapses, str(kept.get("who", "")), lapses, missing)


def sign_in(
    app: App,
    account: str,
    vault: Vault,
    door: TokenDoor,
    person: Person,
    scopes: Iterable[str],
    *,
    mailbox: str = "",
    elsewhere: bool = False,
    browse: Browse = webbrowser.open,
) -> frozenset[str]:
    """Walks the person through it and keeps what came; which permissions were given. ``mailbox`` is a hint: whose
    sign-in it is, is not known yet.

    ``elsewhere``: the browser is on another machine, and the address it ends at is pasted.
    """
    asked = {"access_type": "offline", "prompt": "consent", **({"login_hint": mailbox} if mailbox else {})}
    flow = _flow(app, sorted(scopes), door, person, None if elsewhere else browse)
    if elsewhere:
        flow.redirect_uri = NOWHERE
        flow.authorization_url(**asked)
        person.say("The page it ends at cannot be shown. That is right: copy its address from the address bar.")
        flow.fetch_token(authorization_response=person.ask("That address:", secret=True))
    else:
        _in_browser(flow, account, asked)
    told = flow.told
    granted = frozenset(str(told.get("scope", "")).split())
    if not told.get("refresh_token") or not told.get("access_token"):
        raise SignInNeeded(
            "Google gave no sign-in that lasts",
            hint=f'remove autotime at {PERMISSIONS}, then autotime connect "{account}"',
        )
    both_refused(granted, account)
    client = app.client()["installed"]
    kept = {name: client[name] for name in ("client_id", "client_secret")}
    keep(vault, json.dumps(kept | _tokens(told, door.now())))
    return granted


def keep(vault: Vault, content: str) -> None:
    """Puts a sign-in, or nothing, in the place of the one that is kept, also while a run renews that one."""
    with locked(vault):
        if content:
            vault.save(content)
        else:
            vault.forget()


def remember(vault: Vault, who: str) -> None:
    """Notes whose account it turned out to be."""
    with locked(vault):
        vault.save(json.dumps(_read(vault) | {"who": who}))


def both_refused(granted: Iterable[str], account: str) -> None:
    """``SignInNeeded`` for a sign-in with both Gmail permissions: Google then gives no text and no search."""
    if {GMAIL_TEXT, GMAIL_METADATA} <= set(granted):
        raise SignInNeeded(
            "the sign-in holds both Gmail permissions, and Google then applies the lesser",
            hint=f'remove autotime at {PERMISSIONS}, then autotime connect "{account}"',
        )


def _in_browser(flow: Any, account: str, asked: Mapping[str, str]) -> None:
    from google_auth_oauthlib.flow import WSGITimeoutError  # noqa: PLC0415 - only who signs in loads it

    try:
        flow.run_local_server(
            port=0, open_browser=False, authorization_prompt_message=None, timeout_seconds=PATIENCE, **asked
        )
    except WSGITimeoutError:
        raise SignInNeeded(
            "nobody answered in the browser within five minutes", hint=f'autotime connect "{account}"'
        ) from None


def _flow(app: App, scopes: list[str], door: TokenDoor, person: Person, browse: Browse | None) -> Any:
    from google_auth_oauthlib.flow import InstalledAppFlow  # noqa: PLC0415 - only who signs in loads it

    class Flow(InstalledAppFlow):  # type: ignore[misc]  # the library ships no types
        """The library's flow; a subclass because only so the exchange can be ours."""

        state = ""
        told: Mapping[str, Any] = {}

        def authorization_url(self, **asked: Any) -> tuple[str, str]:
            known, self.state = super().authorization_url(**asked)
            url = app.auth_address(known)
            person.say(f"Open this address and allow what autotime asks for:\n{url}")
            if browse is not None:
                Thread(target=_open, args=(browse, url), daemon=True).start()
            return url, self.state

        def fetch_token(self, authorization_response: str = "", **_: Any) -> None:
            client = self.client_config
            self.told = door.exchange(
                {
                    "grant_type": "authorization_code",
                    "code": _code(authorization_response, self.state),
                    "client_id": client["client_id"],
                    "client_secret": client["client_secret"],
                    "redirect_uri": self.redirect_uri,
                    "code_verifier": self.code_verifier,
                }
            )

        @property
        def credentials(self) -> None:
            """What came is in ``told``."""

    return Flow.from_client_config(app.client(), scopes)


def _open(browse: Browse, url: str) -> None:
    """In a thread of its own: some browsers come back only when the page is closed."""
    with suppress(webbrowser.Error):
        browse(url)


def _code(address: str, state: str) -> str:
    """The code in the address the browser was sent back to, if it answers this very question."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(address.strip()).query).items()}
    if not secrets.compare_digest(query.get("state", "").encode(), state.encode()):
        raise SignInNeeded("the browser's answer belongs to another sign-in", hint="try again")
    if not query.get("code"):
        raise SignInNeeded("the permission was not given", hint="try again, and allow what is asked for")
    return query["code"]


def _tokens(told: Mapping[str, Any], now: int) -> dict[str, Any]:
    """What an answer of the token address adds to what is kept. Times are UTC; ``ends`` only where Google says so."""
    expiry = datetime.fromtimestamp(now, UTC) + timedelta(seconds=int(told.get("expires_in") or 0))
    kept: dict[str, Any] = {"token": told.get("access_token"), "expiry": f"{expiry:%Y-%m-%dT%H:%M:%SZ}", "used": now}
    if told.get("refresh_token"):
        kept["refresh_token"] = told["refresh_token"]
    if told.get("scope"):
        kept["granted"] = sorted(str(told["scope"]).split())
    if told.get("refresh_token_expires_in"):
        kept["ends"] = now + int(told["refresh_token_expires_in"])
    return kept


def _read(vault: Vault) -> dict[str, Any]:
    """What is kept, or nothing where it is no sign-in: then its owner signs in again."""
    try:
        kept = json.loads(vault.load() or "{}")
    except ValueError:
        return {}
    needed = ("refresh_token", "client_id", "client_secret")
    return kept if isinstance(kept, dict) and all(isinstance(kept.get(name), str) for name in needed) else {}


def _credentials(kept: Mapping[str, Any], address: str) -> Any:
    from google.oauth2.credentials import Credentials  # noqa: PLC0415 - only who signs in loads it

    known = {name: kept.get(name) for name in ("token", "refresh_token", "client_id", "client_secret", "expiry")}
    load: Callable[[Any], Any] = Credentials.from_authorized_user_info
    try:
        made = load(known)
    except ValueError:  # an expiry that is no time: as good as none
        made = load(known | {"expiry": None})
    return made.with_token_uri(address)
