"""Signing in to a billing system: one small flow for all of them, after OAuth 2.0.

::

    browser ──► the system's own page ──► 127.0.0.1 (or an address a person pastes) ──► code
    code ─────► tokens, kept sealed ────► an access token in each request, renewed before it ends

A renewal may bring a new refresh token and end the old one: what came is kept before it is used, and one
process renews at a time.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from autotime.domain.doors import Person, SignIn, Vault
from autotime.domain.errors import Misused, SignInNeeded, SourceUnavailable
from autotime.web import Answer, Answered, Carrier, Manners, Network, Web, nobody
from autotime.web.client import AGENT
from autotime.web.locks import locked
from autotime.web.receiver import Receiver

PATIENCE = 300
"""Seconds a person has for the browser."""

EARLY = 120
"""Seconds before its end from which on an access token is renewed."""

LONGEST = 10
"""So many digits have no seconds that a token lasts."""

Browse = Callable[[str], object]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How a billing system signs people in.

    ``root`` is where tokens are issued, ``token`` the path there; ``page`` the whole address of the page a person
    sees. ``as_json``: the exchange is JSON, not a form. ``expires`` is assumed where the answer does not say, seconds;
    ``unused`` after how long without a renewal the sign-in ends (0: never). ``keeps_code``: there is no refresh token,
    and the code is used again. ``redirect``: the address that is registered (empty: one on this machine).
    """

    name: str
    page: str
    root: str
    token: str
    client_id: str
    redirect: str = ""
    port: int = 0
    pkce: bool = False
    as_json: bool = False
    expires: int = 3600
    unused: int = 0
    keeps_code: bool = False
    agent: str = AGENT
    asks: Mapping[str, str] = field(default_factory=dict)


class NotRenewed(SourceUnavailable):
    """A token has ended and no other can be had at present: what it was wanted for was not done."""


class Tokens:
    """The tokens of one sign-in: headers for ``Web``."""

    def __init__(
        self,
        service: Service,
        vault: Vault,
        network: Network,
        *,
        wall: Callable[[], float] = time.time,
        carrier: Carrier | None = None,
    ) -> None:
        self.service, self.vault, self.network = service, vault, network
        self.wall, self.carrier = wall, carrier
        self._kept: Json = {}

    def headers(self, fresh: bool) -> Mapping[str, str]:
        """``SignInNeeded`` where there is no sign-in, or it is not taken any more; ``NotRenewed``."""
        kept = self._kept or self._load()
        if fresh or kept.get("ends", 0) - EARLY <= self.wall():
            try:
                kept = self._renewed(str(kept.get("access_token", "")))
            except SourceUnavailable as lost:
                said = f"no new token for {self.service.name} can be had at present: {lost}"
                raise NotRenewed(said, hint="the next run tries again") from None
        return {"Authorization": f"Bearer {kept['access_token']}"}

    def exchange(self, form: Mapping[str, str]) -> Json:
        """Asks for tokens and keeps what came. ``form`` lacks the client's own two fields."""
        kept = _read(self.vault)
        told = self._asked({**form, "client_id": self.service.client_id, "client_secret": kept.get("secret", "")})
        if not told.get("access_token"):
            raise self.ended(str(told.get("error") or ""))
        now = int(self.wall())
        news = {"access_token": told["access_token"], "ends": now + self._lasts(told), "used": now}
        news |= {"refresh_token": told["refresh_token"]} if told.get("refresh_token") else {}
        self._kept = kept | news
        self.vault.save(json.dumps(self._kept))
        return self._kept

    def _lasts(self, told: Json) -> int:
        """Seconds. What cannot be read loses no token that came with it."""
        said = str(told.get("expires_in", "")).partition(".")[0]
        return int(said) if said.isdecimal() and 0 < len(said) < LONGEST and int(said) else self.service.expires

    def _load(self) -> Json:
        self._kept = _read(self.vault)
        if not self._kept.get("access_token"):
            raise SignInNeeded(f"nobody has signed in to {self.service.name}", hint=self._hint)
        return self._kept

    def _renewed(self, refused: str) -> Json:
        """By whoever comes first: another process may have renewed what was refused here."""
        with locked(self.vault):
            kept = self._load()
            if kept["access_token"] != refused and kept.get("ends", 0) - EARLY > self.wall():
                return kept
            if self.service.keeps_code and kept.get("code"):
                return self.exchange({"grant_type": "authorization_code", "code": kept["code"], **_back(kept)})
            if not kept.get("refresh_token"):
                raise self.ended("")
            return self.exchange({"grant_type": "refresh_token", "refresh_token": kept["refresh_token"]})

    def _asked(self, form: Mapping[str, str]) -> Json:
        service = self.service
        content = (json.dumps(form) if service.as_json else urlencode(form)).encode()
        kind = "application/json" if service.as_json else "application/x-www-form-urlencoded"
        with Web(
            service.root,
            nobody,
            Manners(service=f"{service.name} sign-in", agent=service.agent),
            self.network,
            wall=self.wall,
            carrier=self.carrier,
        ) as web:
            try:
                answer: Answer = web.send("POST", service.token, {"Content-Type": kind}, content)
            except Answered as refused:
                page = "json" not in refused.answer.headers.get("content-type", "json")
                if refused.status in (400, 401) or (refused.status == 403 and not page):
                    raise self.ended(refused.code) from None
                raise
        said = answer.json()
        if not isinstance(said, dict):
            raise SourceUnavailable(f"{service.name} answers the sign-in with no tokens", hint="try again later")
        return said

    def ended(self, code: str) -> SignInNeeded:
        """``code`` is the service's own word for why, if it gave one."""
        told = f" ({code})" if code.replace("_", "").isalnum() else ""
        return SignInNeeded(f"{self.service.name} does not take the sign-in any more{told}", hint=self._hint)

    @property
    def _hint(self) -> str:
        return f"autotime connect {self.service.name}"


def sign_in(tokens: Tokens, person: Person, *, elsewhere: bool = False, browse: Browse = webbrowser.open) -> None:
    """Walks a person through it. ``elsewhere``: the browser is on another machine, or comes back to an address that
    is not this machine's; the address it ends at is pasted."""
    service = tokens.service
    if not service.client_id:
        raise Misused(
            f"the settings name no client id for {service.name}",
            hint=f"write client_id under [{service.name}] in the settings",
        )
    before = tokens.vault.load()
    kept: Json = {"secret": person.ask(f"Client secret of the firm's access to {service.name}:", secret=True).strip()}
    verifier = secrets.token_urlsafe(64) if service.pkce else ""
    try:
        answer, address = _answer(service, person, verifier, elsewhere or bool(service.redirect), browse)
        if not answer.get("code"):
            raise tokens.ended(answer.get("error", ""))
        kept |= {"back": address} | ({"code": answer["code"]} if service.keeps_code else {})
        tokens.vault.save(json.dumps(kept))
        proof = {"code_verifier": verifier} if verifier else {}
        tokens.exchange({"grant_type": "authorization_code", "code": answer["code"], **_back(kept), **proof})
    except BaseException:
        if before:
            tokens.vault.save(before)
        else:
            tokens.vault.forget()
        raise


def standing(service: Service, vault: Vault, now: int) -> SignIn:
    """How the sign-in stands, as far as this machine knows; no network is asked."""
    kept = _read(vault)
    if not kept.get("access_token"):
        return SignIn(False)
    lapses = int(kept.get("used", 0)) + service.unused if service.unused else 0
    return SignIn(not lapses or now < lapses, str(kept.get("who", "")), lapses)


def _answer(
    service: Service, person: Person, verifier: str, pasted: bool, browse: Browse
) -> tuple[Mapping[str, str], str]:
    """What the browser brought back, and the address it was sent to."""
    if pasted:
        port = f":{service.port}" if service.port else ""
        address = service.redirect or f"http://127.0.0.1{port}/callback"
        state = secrets.token_urlsafe(32)
        person.say(f"Open this page and sign in:\n{_page(service, address, state, verifier)}")
        person.say("Then copy the address of the page it ends at, even if that page cannot be shown.")
        given = parse_qs(urlsplit(person.ask("That address:", secret=True).strip()).query)
        answer = {name: values[0] for name, values in given.items()}
        ours = secrets.compare_digest(answer.get("state", "").encode(), state.encode())
        return (answer if ours or service.keeps_code else {}), address
    with Receiver(linked=True, port=service.port) as receiver:
        page = _page(service, receiver.address, receiver.state, verifier)
        person.say(f"Your browser opens {service.name}. If it does not, open this page:\n{page}")
        Thread(target=browse, args=(page,), daemon=True).start()
        return receiver.answer(PATIENCE), receiver.address


def _page(service: Service, address: str, state: str, verifier: str) -> str:
    asked = {"response_type": "code", "client_id": service.client_id, "redirect_uri": address, "state": state}
    if verifier:
        digest = hashlib.sha256(verifier.encode()).digest()
        asked |= {
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
    return f"{service.page}?{urlencode({**asked, **service.asks})}"


def _back(kept: Mapping[str, Any]) -> dict[str, str]:
    return {"redirect_uri": str(kept.get("back", ""))}


def _read(vault: Vault) -> Json:
    try:
        said = json.loads(vault.load() or "{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
