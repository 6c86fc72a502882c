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
import re
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

GRANT = "authorization_code"

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
            except OSError as full:
                raise NotRenewed(
                    f"new tokens of {self.service.name} cannot be kept ({type(full).__name__})",
                    hint=f"make room on this machine's disk, then {self._hint}",
                ) from None
        return {"Authorization": f"Bearer {kept['access_token']}"}

    def exchange(self, form: Mapping[str, str], kept: Json) -> Json:
        """Asks for tokens and keeps what came beside what is ``kept``; nothing is kept where none came. ``form``
        lacks the client's own two fields. For whoever holds the lock of the sign-in."""
        told = self._asked({**form, "client_id": self.service.client_id, "client_secret": kept.get("secret", "")})
        if not _is_token(told.get("access_token")):
            raise self.ended(str(told.get("error") or ""), form["grant_type"])
        now = int(self.wall())
        news = {"access_token": told["access_token"], "ends": now + self._lasts(told), "used": now}
        news |= {"refresh_token": told["refresh_token"]} if _is_token(told.get("refresh_token")) else {}
        self.vault.save(json.dumps(kept | news))
        self._kept = kept | news
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
                return self.exchange({"grant_type": GRANT, "code": kept["code"], **_back(kept)}, kept)
            if not kept.get("refresh_token"):
                raise self.ended("")
            return self.exchange({"grant_type": "refresh_token", "refresh_token": kept["refresh_token"]}, kept)

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
                    raise self.ended(refused.code, form["grant_type"]) from None
                raise
        said = answer.json()
        if not isinstance(said, dict):
            raise SourceUnavailable(f"{service.name} answers the sign-in with no tokens", hint="try again later")
        return said

    def ended(self, code: str, grant: str = "") -> SignInNeeded:
        """``code`` is the service's own word for why, if it gave one."""
        what = "the client secret, or the code of the sign-in" if grant == GRANT else "the sign-in any more"
        return SignInNeeded(f"{self.service.name} does not take {what}{_told(code)}", hint=self._hint)

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
    secret = person.ask(f"Client secret of the firm's access to {service.name}:", secret=True).strip()
    verifier = secrets.token_urlsafe(64) if service.pkce else ""
    answer, address = _answer(service, person, verifier, elsewhere or bool(service.redirect), browse)
    if not answer.get("code"):
        raise _not_signed_in(service, answer)
    kept = {"secret": secret, "back": address} | ({"code": answer["code"]} if service.keeps_code else {})
    proof = {"code_verifier": verifier} if verifier else {}
    with locked(tokens.vault):
        tokens.exchange({"grant_type": GRANT, "code": answer["code"], **_back(kept), **proof}, kept)


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
        return _pasted(service, person.ask("That address:", secret=True).strip(), state), address
    with Receiver(linked=True, port=service.port) as receiver:
        page = _page(service, receiver.address, receiver.state, verifier)
        person.say(f"Your browser opens {service.name}. If it does not, open this page:\n{page}")
        Thread(target=browse, args=(page,), daemon=True).start()
        return receiver.answer(PATIENCE), receiver.address


def _pasted(service: Service, address: str, state: str) -> Mapping[str, str]:
    """What a pasted address says, if it answers the question with this ``state``."""
    try:
        answer = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    except ValueError:
        answer = {}
    ours = secrets.compare_digest(answer.get("state", "").encode(), state.encode())
    if ours or (service.keeps_code and "code" in answer and "state" not in answer):
        return answer
    raise SignInNeeded(
        "what was pasted is not the answer to this sign-in",
        hint=f"autotime connect {service.name}, and paste the whole address of the page that this sign-in ends at",
    )


def _not_signed_in(service: Service, answer: Mapping[str, str]) -> SignInNeeded:
    """The browser came back without a code, or not in time."""
    if "error" in answer:
        said = f"{service.name} did not agree to the sign-in{_told(answer['error'])}"
    else:
        said = f"no answer of {service.name} came back"
    return SignInNeeded(said, hint=f"autotime connect {service.name}")


def _page(service: Service, address: str, state: str, verifier: str) -> str:
    asked = {"response_type": "code", "client_id": service.client_id, "redirect_uri": address, "state": state}
    if verifier:
        digest = hashlib.sha256(verifier.encode()).digest()
        asked |= {
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
    return f"{service.page}?{urlencode({**asked, **service.asks})}"


def _told(code: str) -> str:
    """A service's own word for why, where it is one that may be shown."""
    return f" ({code})" if re.fullmatch(r"\w{1,80}", code, re.ASCII) else ""


def _is_token(said: object) -> bool:
    return isinstance(said, str) and bool(said.strip())


def _back(kept: Mapping[str, Any]) -> dict[str, str]:
    return {"redirect_uri": str(kept.get("back", ""))}


def _read(vault: Vault) -> Json:
    try:
        said = json.loads(vault.load() or "{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
