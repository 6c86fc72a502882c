"""``msal``'s requests, over the one way out to the network."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from autotime.collectors.microsoft.app import App
from autotime.collectors.microsoft.graph import AGAIN, AT_ONCE, SERVICE
from autotime.domain.errors import SourceUnavailable
from autotime.web import Answer, Manners, Network, Web

ANSWERS = tuple(status for status in range(300, 500) if status != 429)
"""A refusal of the sign-in is ``msal``'s to read."""

ONCE = "authorization_code"
"""What is good for one asking: asked again, Microsoft takes it for stolen."""

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as ``msal`` reads one."""

    status_code: int
    text: str
    headers: Mapping[str, str]

    def raise_for_status(self) -> None:
        """Nothing: ``msal`` reads the error in the body."""


class Door:
    """The ``http_client`` of ``msal``. ``microsoft.test_authority`` stands in for the sign-in's host."""

    def __init__(self, app: App, network: Network, sleep: Callable[[float], None] = time.sleep) -> None:
        self.authority, self.there = app.authority, app.test_authority or app.authority
        self.web = Web(self.there, manners=Manners(service=SERVICE, at_once=AT_ONCE), network=network, sleep=sleep)

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> Said:
        return self._ask("GET", url, params, headers, None)

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_: Any) -> Said:
        form = {name: value for name, value in (data or {}).items() if value is not None}
        sent = {"Content-Type": FORM, **(headers or {})}
        return self._ask("POST", url, params, sent, urlencode(form).encode(), form.get("grant_type") == ONCE)

    def close(self) -> None:
        self.web.close()

    def _ask(self, method: str, url: str, params: Any, headers: Any, content: bytes | None, once: bool = False) -> Said:
        where = self.there + url.removeprefix(self.authority) if url.startswith(f"{self.authority}/") else url
        sent = {str(name): str(value) for name, value in (headers or {}).items()}
        if once:
            answer = self._once(method, where, sent, content)
        else:
            answer = self.web.ask(method, where, params or None, sent, content, ok=ANSWERS)
        if not isinstance(answer.json(), dict):
            raise SourceUnavailable("Microsoft's sign-in gave no sound answer", hint=AGAIN)
        return Said(answer.status, answer.body.decode("utf-8", "replace"), answer.headers)

    def _once(self, method: str, where: str, headers: Mapping[str, str], content: bytes | None) -> Answer:
        try:
            return self.web.send(method, where, headers, content, ok=ANSWERS)
        except SourceUnavailable as failure:
            raise SourceUnavailable(str(failure), hint="sign in again: what was sent is good for one try") from None
