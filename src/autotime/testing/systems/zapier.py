"""Zapier's catch hooks: what is received runs a Zap, and the answer says only that it was received."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from autotime.testing.server import Asked, Loopback, Reply

SECOND = 30
"""Requests a hook takes in a second."""


class Zapier:
    """Hooks and what their Zaps were given.

    ``entries`` are the runs, one for each request that was received while the Zap is ``on``: nothing is put together
    and nothing left out. ``off``: received with 200, and run by nobody. ``silent``: no body in the answer. What an
    address nobody knows is answered with is not documented; here it is 404.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.hooks = {"/hooks/catch/1234567/abc123/"}
        self.entries: list[dict[str, Any]] = []
        self.received = 0
        self.off = False
        self.silent = False
        self._times: list[float] = []
        self._lock = threading.Lock()

    def serving(self) -> Loopback:
        return Loopback(self.answer)

    def answer(self, asked: Asked) -> Reply:
        with self._lock:
            return self._answer(asked)

    def _answer(self, asked: Asked) -> Reply:
        base = asked.path.rstrip("/").removesuffix("/silent") + "/"
        if base not in self.hooks:
            return Reply({"status": "error"}, 404)
        now = self.clock()
        self._times = [at for at in self._times if now - at < 1]
        if len(self._times) >= SECOND:
            return Reply({"status": "error"}, 429)
        self._times.append(now)
        if (wrong := _wrong(asked)) or self._receive(asked):
            return Reply({"status": "error", "message": wrong or "no sound JSON"}, 400)
        return self._received(quiet=self.silent or base != asked.path)

    def _receive(self, asked: Asked) -> bool:
        """Whether it cannot be read. A list would run the Zap for each of its elements."""
        try:
            said = json.loads(asked.body)
        except ValueError:
            return True
        self.received += 1
        if not self.off:
            self.entries += said if isinstance(said, list) else [said]
        return False

    def _received(self, quiet: bool) -> Reply:
        ids = {name: str(uuid.uuid4()) for name in ("attempt", "id", "request_id")}
        return Reply(b"") if quiet else Reply({**ids, "status": "success"})


def _wrong(asked: Asked) -> str:
    if asked.method != "POST":
        return "this hook is sent to by POST"
    if "application/json" not in asked.headers.get("content-type", ""):
        return "this hook reads JSON"
    return "a hook knows no sign-in" if "authorization" in asked.headers else ""
