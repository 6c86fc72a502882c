"""How the stand-in for PracticePanther signs people in, and how it says no."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from autotime.testing.server import Reply

Record = dict[str, Any]

DAY = 86_400
UNUSED = 14 * DAY
"""Seconds a refresh token is good for: the shorter of two published statements."""


class No(Exception):
    """What is answered in the place of what was asked for."""

    def __init__(self, status: int, said: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.reply = Reply(said, status, headers or {})


def wrong(message: str) -> No:
    return No(400, {"message": message})


class SignIns:
    """Codes and tokens. A refresh token is good once; one that comes back ends every token of its sign-in."""

    client_id, secret = "client-1", "client-secret"

    def __init__(self, clock: Callable[[], float]) -> None:
        """Somebody has signed in: ``access-1`` and ``refresh-1`` are taken."""
        self.clock = clock
        self.codes: dict[str, str] = {}
        self.access: dict[str, tuple[int, float]] = {}
        self.refresh: dict[str, int] = {}
        self.lapses: dict[str, float] = {}
        self.used: set[str] = set()
        self.made = 0
        self.grant()

    def page(self, asked: Mapping[str, str]) -> Reply:
        """The person agrees at once."""
        needed = ("response_type", "client_id", "redirect_uri", "state")
        if not all(asked.get(name) for name in needed) or asked["client_id"] != self.client_id:
            raise No(400, {"error": "invalid_request"})
        if not asked["redirect_uri"].startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise No(400, {"error": "invalid_request"})
        self.made += 1
        code = f"code-{self.made}"
        self.codes[code] = asked["redirect_uri"]
        back = urlencode({"code": code, "state": asked["state"]})
        return Reply(b"", 302, {"Location": f"{asked['redirect_uri']}?{back}"})

    def exchange(self, form: Mapping[str, str]) -> Record:
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.secret):
            raise No(400, {"error": "invalid_client"})
        if form.get("grant_type") == "authorization_code":
            if self.codes.pop(form.get("code", ""), None) != form.get("redirect_uri", "none"):
                raise No(400, {"error": "invalid_grant"})
            return self.grant()
        if form.get("grant_type") != "refresh_token":
            raise No(400, {"error": "unsupported_grant_type"})
        return self._renewed(form.get("refresh_token", ""))

    def _renewed(self, refresh: str) -> Record:
        family = self.refresh.get(refresh)
        if family is None or refresh in self.used or self.lapses[refresh] <= self.clock():
            self._forget(family)
            raise No(400, {"error": "invalid_grant"})
        self.used.add(refresh)
        return self.grant(family)

    def grant(self, family: int = 0) -> Record:
        """Tokens of a new sign-in, or of one there is."""
        self.made += 1
        access, refresh = f"access-{self.made}", f"refresh-{self.made}"
        self.access[access] = (family or self.made, self.clock() + DAY)
        self.refresh[refresh], self.lapses[refresh] = family or self.made, self.clock() + UNUSED
        return {"access_token": access, "token_type": "bearer", "expires_in": DAY, "refresh_token": refresh}

    def revoke(self) -> None:
        """Somebody takes the permission back."""
        for family in set(self.refresh.values()):
            self._forget(family)

    def _forget(self, family: int | None) -> None:
        self.refresh = {token: of for token, of in self.refresh.items() if of != family}
        self.access = {token: kept for token, kept in self.access.items() if kept[0] != family}

    def takes(self, header: str) -> bool:
        _, ends = self.access.get(header.removeprefix("Bearer "), (0, 0.0))
        return header.startswith("Bearer ") and self.clock() < ends
