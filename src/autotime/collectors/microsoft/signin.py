"""Signing in to Microsoft, by a person who sits there: in the browser, or by a code on another device."""

from __future__ import annotations

import time
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from threading import Thread
from typing import Any

from autotime.collectors.microsoft.app import App
from autotime.collectors.microsoft.cache import replace
from autotime.collectors.microsoft.door import Door
from autotime.collectors.microsoft.keys import public, refused, sound
from autotime.domain.doors import Person, Vault
from autotime.domain.errors import SignInNeeded
from autotime.intake import clean
from autotime.web.receiver import Receiver

PATIENCE = 300
"""Seconds a person has for the browser or the code."""

UNANSWERED = ("authorization_pending", "slow_down", "expired_token", "code_expired")

Browse = Callable[[str], object]


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
) -> None:
    """Walks the person through it and keeps what came. Until then an earlier sign-in stays as it was."""
    from msal import SerializableTokenCache  # noqa: PLC0415 - 0.1 s, and only who signs in needs it

    cache = SerializableTokenCache()
    client, asked = public(app, door, cache), app.scopes(scopes)
    told = (
        _by_code(client, account, person, asked)
        if device
        else _in_browser(client, account, person, asked, mailbox, browse)
    )
    if "access_token" not in told:
        raise refused(account, told)
    replace(vault, cache.serialize())


def _in_browser(
    client: Any, account: str, person: Person, scopes: list[str], mailbox: str, browse: Browse
) -> Mapping[str, Any]:
    """Code and PKCE, back to a door of this machine's own that closes after the first true answer."""
    with Receiver() as receiver:
        with sound():
            flow = client.initiate_auth_code_flow(
                scopes,
                redirect_uri=receiver.address,
                state=receiver.state,
                response_mode="form_post",
                login_hint=mailbox or None,
            )
        person.say(f"Open this address and sign in:\n{flow['auth_uri']}")
        Thread(target=_open, args=(browse, flow["auth_uri"]), daemon=True).start()
        answer = receiver.answer(PATIENCE)
    if not answer:
        raise SignInNeeded(
            "nobody answered in the browser within five minutes",
            hint=f'autotime connect "{account}"; where the browser is on another machine: --device',
        )
    with sound():
        return dict(client.acquire_token_by_auth_code_flow(flow, answer))


def _open(browse: Browse, url: str) -> None:
    """In a thread of its own: some browsers come back only when the page is closed."""
    with suppress(webbrowser.Error):
        browse(url)


def _by_code(client: Any, account: str, person: Person, scopes: list[str]) -> Mapping[str, Any]:
    with sound():
        flow = client.initiate_device_flow(scopes)
        if "user_code" not in flow:
            return dict(flow)
        person.say(clean(f"On any device open {flow['verification_uri']} and enter {flow['user_code']}", 300))
        flow["expires_at"] = min(flow["expires_at"], time.time() + PATIENCE)
        told = dict(client.acquire_token_by_device_flow(flow))
    if told.get("error") in UNANSWERED:
        raise SignInNeeded("nobody entered the code within five minutes", hint=f'autotime connect "{account}" --device')
    return told
