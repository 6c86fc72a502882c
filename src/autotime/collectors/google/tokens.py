"""Google's sign-in address: its own library's requests through ``Web``, and what its refusals mean."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from autotime.collectors.google.app import App
from autotime.domain.errors import AutotimeError, SignInNeeded, SourceUnavailable
from autotime.web import Answered, Manners, Network, Web

REFUSALS = (400, 401, 403)
MANNERS = Manners(service="google sign-in", at_once=2, deadline=30, largest=1 << 20, attempts=4, patience=300)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Told:
    """An answer as Google's sign-in library reads it."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    data: bytes = field(repr=False)


class TokenDoor:
    """A ``google.auth.transport.Request``. ``told`` is the last answer's JSON, ``code`` its word for a refusal, fit
    to be shown; nothing goes to another host."""

    def __init__(self, app: App, network: Network | None = None, sleep: Callable[[float], None] = time.sleep) -> None:
        parts = urlsplit(app.token_address)
        self.address = app.token_address
        self.web = Web(f"{parts.scheme}://{parts.netloc}", manners=MANNERS, network=network, sleep=sleep)
        self.told: Mapping[str, Any] = {}
        self.code = ""

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> Told:
        answer = self.web.ask(method, url, None, headers, body, ok=REFUSALS)
        told = answer.json()
        self.told, self.code = (told if isinstance(told, dict) else {}), answer.code
        return Told(answer.status, answer.headers, answer.body)

    def exchange(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        """The tokens for a code that may be used once: sent once. ``SignInNeeded`` where Google refuses it."""
        try:
            answer = self.web.send("POST", self.address, FORM, urlencode(form).encode())
        except Answered as refused:
            if refused.status in REFUSALS:
                raise SignInNeeded(
                    f"Google did not accept the sign-in ({refused.code or refused.status})", hint="try again"
                ) from None
            raise
        told = answer.json()
        return told if isinstance(told, dict) else {}

    def now(self) -> int:
        return int(self.web.wall())

    def __enter__(self) -> TokenDoor:
        return self

    def __exit__(self, *_: object) -> None:
        self.web.close()


def renew(credentials: Any, door: TokenDoor, refused: Callable[[str, str], AutotimeError]) -> None:
    """A fresh access token. ``refused`` makes the error for Google's own code and sentence of a refusal: only the
    code may be shown. A refusal without one, and trouble on the way, is ``SourceUnavailable``, never a reason to
    sign in again."""
    from google.auth.exceptions import GoogleAuthError, RefreshError  # noqa: PLC0415 - only who signs in loads it

    door.told, door.code = {}, ""
    try:
        credentials.refresh(door)
    except RefreshError:
        code, said = door.code, str(door.told.get("error_description") or "")
        if not code:
            raise SourceUnavailable("Google's sign-in gave no token", hint="the next run tries again") from None
        raise refused(code, said) from None
    except (GoogleAuthError, LookupError, TypeError, ValueError) as broken:
        raise SourceUnavailable(
            f"Google's sign-in answers strangely ({type(broken).__name__})", hint="the next run tries again"
        ) from None
