"""Clio's sign-in: codes, tokens, renewals, and their end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autotime.testing.server import Asked, Reply
from autotime.testing.systems.clio.refusals import no_token

CLIENT, SECRET = "client-1", "client-secret"
MONTH = 2_592_000


@dataclass(slots=True)
class Grant:
    """A token and whose it is; ``ends`` is the second at which an access token lapses."""

    user: int
    ends: float = 0
    redirect: str = ""


class SignIn:
    """``lasts`` is how long an access token holds; ``new_refresh_tokens``: a renewal brings another one."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.lasts = MONTH
        self.new_refresh_tokens = False
        self.codes: dict[str, Grant] = {}
        self.access: dict[str, Grant] = {}
        self.refresh: dict[str, Grant] = {}
        self._made = 0

    def code(self, user: int, redirect: str) -> str:
        """What the browser brings back once a user has agreed."""
        name = self._name("code")
        self.codes[name] = Grant(user, redirect=redirect)
        return name

    def token(self, user: int) -> str:
        """An access token of a user that never went through the browser."""
        name = self._name("access")
        self.access[name] = Grant(user, self.clock() + self.lasts)
        return name

    def keeps(self, user: int, access: str = "access-1", refresh: str = "refresh-1") -> None:
        """A sign-in of a user from an earlier day."""
        self.access[access] = Grant(user, self.clock() + self.lasts)
        self.refresh[refresh] = Grant(user)

    def expire(self) -> None:
        """No access token is taken any more; refresh tokens are."""
        self.access.clear()

    def user_of(self, asked: Asked) -> int:
        """Whose token it is; 0 where it is none, or over."""
        held = self.access.get(bearer(asked))
        return held.user if held and held.ends > self.clock() else 0

    def answer(self, asked: Asked) -> Reply:
        if asked.method != "POST" or "form" not in asked.headers.get("content-type", ""):
            return Reply({"error": "invalid_request"}, 400)
        form = asked.form()
        if asked.path.endswith("/deauthorize"):
            return self._end(asked, form)
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return Reply({"error": "invalid_client"}, 401)
        grant = self._grant(form)
        return self._tokens(grant, form) if grant else Reply({"error": "invalid_grant"}, 400)

    def _grant(self, form: dict[str, str]) -> Grant | None:
        """A code serves once, and only for the address it was sent to; a refresh token until it is revoked."""
        if form.get("grant_type") == "refresh_token":
            return self.refresh.get(form.get("refresh_token", ""))
        grant = self.codes.get(form.get("code", ""))
        if form.get("grant_type") != "authorization_code" or not grant or grant.redirect != form.get("redirect_uri"):
            return None
        return self.codes.pop(form["code"])

    def _tokens(self, grant: Grant, form: dict[str, str]) -> Reply:
        told = {"token_type": "bearer", "access_token": self.token(grant.user), "expires_in": self.lasts}
        if form["grant_type"] == "authorization_code" or self.new_refresh_tokens:
            told["refresh_token"] = self._name("refresh")
            self.refresh[str(told["refresh_token"])] = Grant(grant.user)
        return Reply(told)

    def _end(self, asked: Asked, form: dict[str, str]) -> Reply:
        if not self.user_of(asked):
            return no_token()
        user = self.access.pop(form.get("token", ""), Grant(0)).user
        self.refresh = {name: grant for name, grant in self.refresh.items() if grant.user != user}
        return Reply({})

    def _name(self, kind: str) -> str:
        self._made += 1
        return f"{kind}-{self._made:06}"


def bearer(asked: Asked) -> str:
    return asked.headers.get("authorization", "").removeprefix("Bearer ")
