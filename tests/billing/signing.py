"""Where the tokens of a sign-in are issued, and somebody who signs in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

import pytest

from autotime.billing.signin import Service, Tokens, sign_in
from autotime.testing.server import Asked, Loopback, Reply
from autotime.vault import SealedFile
from autotime.web import Network

__all__ = [
    "Desk",
    "Somebody",
    "Wall",
    "browser",
    "comes_back",
    "desk",
    "server",
    "service",
    "signed_in",
    "tokens",
    "vault",
]

NOW = 1_773_000_000
DAY = 86_400


@dataclass
class Desk:
    """Where tokens are issued: each refresh token is good once."""

    refresh: str = "r1"
    access: str = ""
    lasts: object = DAY
    gives_refresh: bool = True
    asked: list[dict[str, str]] = field(default_factory=list)

    def answer(self, asked: Asked) -> Reply:
        form = asked.json() if asked.headers["content-type"] == "application/json" else asked.form()
        self.asked.append(form)
        if form["client_secret"] != "hush" or form["client_id"] != "firm":
            return Reply({"error": "invalid_client"}, 401)
        if form["grant_type"] == "refresh_token":
            if form["refresh_token"] != self.refresh:
                return Reply({"error": "invalid_grant"}, 400)
            self.refresh = f"r{int(self.refresh[1:]) + 1}"
        elif form["code"] != "the-code":
            return Reply({"error": "invalid_grant"}, 400)
        self.access = f"a{len(self.asked)}"
        told = {"access_token": self.access, "token_type": "bearer"}
        told |= {"expires_in": self.lasts} if self.lasts else {}
        return Reply(told | ({"refresh_token": self.refresh} if self.gives_refresh else {}))


@dataclass
class Somebody:
    """Types what is asked for; goes where ``goes`` says."""

    answers: list[str]
    said: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.said.append(line)

    def ask(self, question: str, secret: bool = False) -> str:
        answer = self.answers.pop(0)
        return answer(self) if callable(answer) else answer


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def server(desk: Desk) -> Iterator[Loopback]:
    with Loopback(desk.answer) as made:
        yield made


@pytest.fixture
def vault(tmp_path: Path) -> SealedFile:
    return SealedFile(tmp_path / "sign-ins" / "clio", lambda: bytes(32))


@pytest.fixture
def service(server: Loopback) -> Service:
    return Service(
        name="clio", page=f"{server.url}/oauth/authorize", root=server.url, token="/oauth/token", client_id="firm",
        unused=14 * DAY,
    )  # fmt: skip


@dataclass
class Wall:
    now: float = NOW

    def __call__(self) -> float:
        return self.now


def tokens(service: Service, vault: SealedFile, wall: Callable[[], float] = lambda: NOW) -> Tokens:
    return Tokens(service, vault, Network(), wall=wall)


def browser(page: str, code: str = "the-code", state: str = "") -> None:
    """Signs in at once and comes back with a code."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
    back = urlencode({"code": code, "state": state or asked["state"]})
    with suppress(OSError):
        urlopen(f"{asked['redirect_uri']}?{back}", timeout=5)  # noqa: S310 - an address on this machine


def comes_back(page: str) -> str:
    asked = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
    return f"{asked['redirect_uri']}?{urlencode({'code': 'the-code', 'state': asked['state']})}"


def signed_in(service: Service, vault: SealedFile) -> Tokens:
    made = tokens(service, vault)
    sign_in(made, Somebody(["hush"]), browse=browser)
    return made
