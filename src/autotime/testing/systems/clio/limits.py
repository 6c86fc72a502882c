"""Requests a minute of one token."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

WINDOW = 60


class Limits:
    """Windows begin with a token's first request. ``most`` requests are answered in each; 0: no limit. ``refused``
    counts those that were too many, ``taken`` all others."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.most = 50
        self.refused = self.taken = 0
        self._windows: dict[str, tuple[float, int]] = {}

    def count(self, token: str) -> tuple[int, dict[str, str]]:
        """Seconds to wait (0: it is answered), and the headers that tell of the limit."""
        now = self.clock()
        begins, used = self._windows.get(token, (now, 0))
        if now >= begins + WINDOW:
            begins, used = now, 0
        over = bool(self.most) and used >= self.most
        self.refused += over
        self.taken += not over
        self._windows[token] = (begins, used + (not over))
        reset = ceil(begins + WINDOW)
        told = {"X-RateLimit-Limit": self.most, "X-RateLimit-Reset": reset}
        told |= {"X-RateLimit-Remaining": max(0, self.most - used - (not over))}
        headers = {name: str(value) for name, value in told.items()} if self.most else {}
        return (max(1, ceil(begins + WINDOW - now)) if over else 0), headers
