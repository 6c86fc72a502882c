"""A network in memory, with a clock of its own and faults by plan.

::

    clock = Clock()
    wire = Wire(system.answer, clock, [Fate.OK, Fate.LATE, Fate.LOST_AFTER])
    biller = MyBiller(connection, keys, sleep=clock.sleep, wall=clock, carrier=wire)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from email.utils import formatdate
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit

from autotime.testing.server import Asked, Reply
from autotime.web import Answer, Lost, TooLarge

START = 1_773_000_000
LATE_BY = 120
"""Seconds until what is late is done: less than any settling time."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Fate(StrEnum):
    """What becomes of one write."""

    OK = "ok"
    NOT_DONE = "503, not done"
    DONE_5XX = "504, done"
    LOST_BEFORE = "lost on its way there"
    LOST_AFTER = "done, the answer lost"
    LATE = "done later, no answer"
    TOO_MANY = "429, not done"


INSTEAD = {Fate.NOT_DONE: Reply({}, 503), Fate.TOO_MANY: Reply({}, 429, {"Retry-After": "30"})}


class Clock:
    """Seconds that pass only when somebody sleeps. ``slept`` is each stretch of it."""

    def __init__(self, start: float = START) -> None:
        self.now = float(start)
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def writes(asked: Asked) -> bool:
    """Whether a request changes something. What is sent as a form is a sign-in."""
    return asked.method not in SAFE and "form" not in asked.headers.get("content-type", "")


class Wire:
    """A ``web.Carrier``. ``plan`` is the fate of each request that ``counts``, in order; after it all is well.

    ``answer`` may raise ``Lost`` itself. ``asked`` are all requests that set out, with their ``host`` among the
    headers, those that never arrived among them. Use from several threads is safe.
    """

    def __init__(
        self,
        answer: Callable[[Asked], Reply],
        clock: Clock,
        plan: Iterable[Fate] = (),
        *,
        counts: Callable[[Asked], bool] = writes,
        late_by: float = LATE_BY,
    ) -> None:
        self.answer, self.clock, self.counts, self.late_by = answer, clock, counts, late_by
        self.plan = iter(plan)
        self.asked: list[Asked] = []
        self._late: list[tuple[float, Asked]] = []
        self._lock = threading.Lock()

    def fetch(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None, largest: int) -> Answer:
        asked = as_asked(method, url, headers, content)
        with self._lock:
            self.asked.append(asked)
            self._arrive()
            reply = self._fated(asked, next(self.plan, Fate.OK) if self.counts(asked) else Fate.OK)
        return self._answer(reply, largest)

    def arrive(self) -> None:
        """Does now what is late and due."""
        with self._lock:
            self._arrive()

    def close(self) -> None:
        """Nothing to close."""

    def _fated(self, asked: Asked, fate: Fate) -> Reply:
        if fate in INSTEAD:
            return INSTEAD[fate]
        if fate is Fate.LATE:
            self._late.append((self.clock.now + self.late_by, asked))
        if fate in (Fate.LATE, Fate.LOST_BEFORE):
            raise Lost("the connection failed")
        reply = self.answer(asked)
        if fate is Fate.LOST_AFTER:
            raise Lost("no answer in time")
        return Reply({}, 504) if fate is Fate.DONE_5XX else reply

    def _arrive(self) -> None:
        now = self.clock.now
        due = [(at, asked) for at, asked in self._late if at <= now]
        self._late = [(at, asked) for at, asked in self._late if at > now]
        for at, asked in due:
            self.clock.now = at
            self.answer(asked)
        self.clock.now = now

    def _answer(self, reply: Reply, largest: int) -> Answer:
        body = reply.bytes()
        if len(body) > largest:
            raise TooLarge("the answer is larger than any is taken")
        named = {"Date": formatdate(self.clock.now, usegmt=True), "Content-Type": reply.kind, **reply.headers}
        return Answer(reply.status, {name.lower(): value for name, value in named.items() if value}, body)


def as_asked(method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Asked:
    """A request as a server sees it."""
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    named = {"host": parts.netloc} | {name.lower(): value for name, value in headers.items()}
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    return Asked(method, unquote(parts.path), query, named, content or b"", target)
