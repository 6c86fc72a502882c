"""Zapier's catch hooks: what is received runs a Zap, and the answer says only that it was received."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from autotime.testing.server import Asked, Loopback, Reply

SECOND = 30
"""Requests a hook takes in a second."""

WINDOW = 300
MOST, MOST_LEGACY = 10_000, 1_000
"""Requests in five minutes: of a user, and of a hook whose address has the old form."""


class Zapier:
    """Hooks and what their Zaps were given.

    ``entries`` are the runs, one for each request that was received: nothing is put together and nothing left out.
    ``run`` is Zapier's own id of it. ``off``: received with 200, and run by nobody. ``silent``: no body in the
    answer. What an address nobody knows is answered with is not documented; here it is 404.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.hooks = {"/hooks/catch/1234567/abc123/"}
        self.entries: list[dict[str, Any]] = []
        self.received = 0
        self.off = False
        self.silent = False
        self._times: dict[str, deque[float]] = defaultdict(deque)
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
        if self._too_many(base):
            return Reply({"status": "error"}, 429)
        said = _read(asked)
        if not isinstance(said, dict):
            return Reply({"status": "error", "message": said}, 400)
        ids = {name: str(uuid.uuid4()) for name in ("attempt", "id", "request_id")}
        self.received += 1
        if not self.off:
            self.entries.append(said | {"run": ids["id"]})
        return Reply(b"") if self.silent or base != asked.path else Reply({**ids, "status": "success"})

    def _too_many(self, hook: str) -> bool:
        """Whether a hook, or the user it is of, has had its share; else one more is counted."""
        user, now = hook.removeprefix("/hooks/catch/").split("/")[0], self.clock()
        times = self._times[user]
        while times and now - times[0] >= WINDOW:
            times.popleft()
        whole = len(times) >= (MOST if user.isdecimal() else MOST_LEGACY)
        lately = self._times[hook]
        while lately and now - lately[0] >= 1:
            lately.popleft()
        if whole or len(lately) >= SECOND:
            return True
        times.append(now)
        lately.append(now)
        return False


def _read(asked: Asked) -> dict[str, Any] | str:
    """The body, or why it is not taken: stricter than Zapier, which would run for each element of a list."""
    if asked.method != "POST" or "application/json" not in asked.headers.get("content-type", ""):
        return "this hook is sent JSON by POST"
    if "authorization" in asked.headers:
        return "a hook knows no sign-in"
    try:
        said = json.loads(asked.body)
    except ValueError:
        return "no sound JSON"
    return said if isinstance(said, dict) else "one object for each request"
