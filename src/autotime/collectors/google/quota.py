"""What Google's APIs cost, and how fast one mailbox may be asked.

Costs and limits: https://developers.google.com/workspace/gmail/api/reference/quota
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable

AT_ONCE = 50
"""Calls in one batch: Google takes a hundred and advises fifty."""

COSTS = {
    "gmail.users.messages.get": 20,
    "gmail.users.messages.attachments.get": 20,
    "gmail.users.threads.get": 40,
    "gmail.users.messages.list": 5,
    "gmail.users.history.list": 2,
    "gmail.users.getProfile": 1,
    "gmail.users.labels.list": 1,
}
"""Quota units of a call; 1 where nothing else is known."""

REQUESTS_A_MINUTE = 600
"""What Calendar allows a user; taken for the other APIs too, whose limits Google does not state."""

MINUTE = 60.0


class Quota:
    """Units spent in the last minute, by API, so that no more than the limit ever lie in one minute.

    Seconds of a clock that only goes forward. ``calls`` and ``units`` count by method.
    """

    def __init__(
        self,
        gmail: int = 6000,
        others: int = REQUESTS_A_MINUTE,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = {"gmail": gmail}
        self.others = others
        self.sleep, self.clock = sleep, clock
        self.calls: Counter[str] = Counter()
        self.units: Counter[str] = Counter()
        self._spent: dict[str, deque[tuple[float, int]]] = {}

    def at_once(self, method: str) -> int:
        """How many calls of a method one batch may hold."""
        return max(1, min(AT_ONCE, self._limit(method) // COSTS.get(method, 1)))

    def spend(self, method: str, times: int = 1) -> None:
        """Waits until so many calls of the method fit into the minute, and counts them."""
        cost = COSTS.get(method, 1) * times
        spent = self._spent.setdefault(api_of(method), deque())
        self._forget(spent)
        while spent and sum(units for _, units in spent) + cost > self._limit(method):
            self.sleep(max(0.0, spent[0][0] + MINUTE - self.clock()) + 0.001)
            self._forget(spent)
        spent.append((self.clock(), cost))
        self.calls[method] += times
        self.units[method] += cost

    def _limit(self, method: str) -> int:
        return self.limits.get(api_of(method), self.others)

    def _forget(self, spent: deque[tuple[float, int]]) -> None:
        while spent and spent[0][0] + MINUTE <= self.clock():
            spent.popleft()


def api_of(method: str) -> str:
    """The API of a method, e.g. ``gmail`` of ``gmail.users.messages.get``."""
    return method.partition(".")[0]
