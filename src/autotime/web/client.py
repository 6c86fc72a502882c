"""The client of one API root: where it may go, how it is polite, and how long it waits."""

from __future__ import annotations

import random
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlsplit

from autotime.domain.errors import SourceUnavailable
from autotime.web.answers import Answer, Answered, Misdirected
from autotime.web.links import Params, address, checked_root, is_local
from autotime.web.transport import Lost, Network, Transport, ends_in

AGENT = "ISV|autotime|autotime/0.1"
BUSY = frozenset({429, 500, 502, 503, 504})
LONGEST_WAIT = 900
SKEW = 300

Headers = Mapping[str, str]


class Gate:
    """How many requests a service gets at once from this process, whoever sends them."""

    def __init__(self) -> None:
        self.inside = 0
        self.turn = threading.Condition()

    @contextmanager
    def one_of(self, at_once: int) -> Iterator[None]:
        with self.turn:
            self.turn.wait_for(lambda: self.inside < at_once)
            self.inside += 1
        try:
            yield
        finally:
            with self.turn:
                self.inside -= 1
                self.turn.notify_all()


_gates: dict[str, Gate] = {}


def gate(service: str) -> Gate:
    """The one gate of a service."""
    return _gates.setdefault(service, Gate())


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a service is asked. Seconds and bytes."""

    service: str = ""
    at_once: int = 4
    deadline: float = 60
    largest: int = 64 * 1024 * 1024
    attempts: int = 6
    patience: float = 1800
    """How long one client waits in all before it gives up for this run."""
    throttled: Callable[[Answer], bool] = lambda answer: answer.status in BUSY
    """Whether to ask again later."""
    ended: Callable[[Answer], bool] = lambda answer: answer.status == 401
    """Whether the token is not taken any more, so that nothing was done."""
    pace: Callable[[Answer, float], float] = lambda _answer, _wall: 0.0
    """Seconds to wait before the next request, by what this answer says of the limits at this time."""
    agent: str = AGENT


class Carrier(Protocol):
    """What carries a request out and brings one whole answer; ``Lost`` where none came."""

    def fetch(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None, largest: int
    ) -> Answer: ...

    def close(self) -> None: ...


Authorise = Callable[[bool], Mapping[str, str]]
"""Headers that carry the token; ``True`` asks for a fresh one because the last was refused."""


def nobody(_fresh: bool) -> Mapping[str, str]:
    """No sign-in at all."""
    return {}


class Web:
    """A client of one API root. Close it, or use it as a context manager."""

    def __init__(
        self,
        root: str,
        authorise: Authorise = nobody,
        manners: Manners | None = None,
        network: Network | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        wall: Callable[[], float] = time.time,
        carrier: Carrier | None = None,
    ) -> None:
        """``carrier`` stands in for the network, in tests."""
        self.root = checked_root(root)
        self.host = urlsplit(self.root).netloc
        self.authorise = authorise
        self.manners = manners or Manners()
        self.sleep, self.wall = sleep, wall
        self.waited = 0.0
        self.exhausted = 0
        self.requests = 0
        self.skew = 0
        """Seconds the server's clock is ahead of this machine's; 0 while within five minutes."""
        self._gate = gate(self.manners.service or self.host)
        outside = Network() if network is None or is_local(self.root) else network
        self._carrier: Carrier = carrier or Transport(outside, self.manners.at_once)
        self._not_before = 0.0

    def __enter__(self) -> Web:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._carrier.close()

    def get(
        self, where: str, params: Params | None = None, headers: Headers | None = None, *, less: Iterable[int] = ()
    ) -> Answer:
        """Reads, repeated where that may help. ``where`` is a path below the root, or a link of the server."""
        return self.ask("GET", where, params, headers, less=less)

    def ask(
        self,
        method: str,
        where: str,
        params: Params | None = None,
        headers: Headers | None = None,
        content: bytes | None = None,
        *,
        ok: Iterable[int] = (),
        less: Iterable[int] = (),
    ) -> Answer:
        """A request that only reads, whatever its method. ``Answered`` unless the status is 2xx or in ``ok``.

        ``less`` are statuses upon which the caller asks for less: repeated once, and no sign of an outage.

        JSON that ends early is as good as none, so it is asked for again like an answer that was lost: where
        the length was not told, nothing else shows that the connection broke.
        """
        url = self.url(where, params)
        for attempt in range(self.manners.attempts):
            if self.exhausted >= 2:
                raise SourceUnavailable(f"{self.host} does not answer", hint="the next run tries again")
            last = attempt == self.manners.attempts - 1
            try:
                answer = self._authorised(method, url, headers or {}, content)
                if answer.status == 200 and answer.is_half:
                    raise Lost("the answer is no sound JSON")
            except Lost as lost:
                if last or not self.wait(None, attempt):
                    self.exhausted += 1
                    raise SourceUnavailable(f"{self.host}: {lost}", hint="the next run tries again") from None
                continue
            if not self.manners.throttled(answer) or answer.status in ok:
                self.exhausted = 0
                return self._accepted(answer, ok)
            if answer.status in less and attempt:
                return self._accepted(answer, ok)
            if last or not self.wait(answer, attempt):
                self.exhausted += answer.status in BUSY
                return self._accepted(answer, ok)
        raise AssertionError("unreachable")  # pragma: no cover - the last attempt returns or raises

    def send(
        self,
        method: str,
        where: str,
        headers: Headers | None = None,
        content: bytes | None = None,
        *,
        ok: Iterable[int] = (),
    ) -> Answer:
        """A request that changes something: sent once. ``SourceUnavailable`` where no answer came: it may be done."""
        try:
            return self._accepted(self._authorised(method, self.url(where, None), headers or {}, content), ok)
        except Lost as lost:
            raise SourceUnavailable(f"{self.host}: {lost}", hint="it may be done or not: look there first") from None

    def url(self, where: str, params: Params | None = None) -> str:
        """The whole address; ``Misdirected`` where it does not lie under the root."""
        whole = address(self.root, where, params)
        if not whole:
            raise Misdirected(
                f"{self.host} gave a link that leads elsewhere; nothing was sent there",
                hint="tell your administrator: somebody may be in between",
            )
        return whole

    def _authorised(self, method: str, url: str, headers: Headers, content: bytes | None) -> Answer:
        """A token that is not taken proves that nothing was done: one fresh token, one repeat."""
        answer = self._once(method, url, {**headers, **self.authorise(False)}, content)
        if self.manners.ended(answer) and self.authorise is not nobody:
            answer = self._once(method, url, {**headers, **self.authorise(True)}, content)
        return answer

    def _once(self, method: str, url: str, headers: Headers, content: bytes | None) -> Answer:
        sent = {
            "User-Agent": self.manners.agent,
            "Accept-Encoding": "gzip",
            "client-request-id": str(uuid.uuid4()),
            **headers,
        }
        self.requests += 1
        if (early := self._not_before - self.wall()) > 0:
            self.sleep(min(early, LONGEST_WAIT))
        with self._gate.one_of(self.manners.at_once), ends_in(self.manners.deadline):
            answer = self._carrier.fetch(method, url, sent, content, self.manners.largest)
        self._not_before = self.wall() + self.manners.pace(answer, self.wall())
        self._compare_clocks(answer)
        return answer

    def _compare_clocks(self, answer: Answer) -> None:
        server = _http_date(answer.headers.get("date", ""))
        if server is not None:
            apart = int(server - self.wall())
            self.skew = apart if abs(apart) > SKEW else 0

    def _accepted(self, answer: Answer, ok: Iterable[int]) -> Answer:
        if answer.status < 300 or answer.status in ok:
            return answer
        told = f"{self.host} answered {answer.status}" + (f" {answer.code}" if answer.code else "")
        if answer.request_id:
            told += f" (request {answer.request_id})"
        raise Answered(told, answer, hint="the next run tries again" if answer.status in BUSY else "autotime doctor")

    def wait(self, answer: Answer | None, attempt: int) -> bool:
        """Sleeps as long as the server asks or as is polite; ``False`` where patience has run out."""
        asked = asked_wait(answer.headers, self.wall()) if answer else None
        polite = min(300.0, 2.0 * 2**attempt) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter, no secret
        seconds = min(LONGEST_WAIT, asked if asked is not None else polite)
        if self.waited + seconds > self.manners.patience:
            return False
        self.waited += seconds
        self.sleep(seconds)
        return True


def asked_wait(headers: Headers, wall: float) -> float | None:
    """Seconds asked for, as a number or a date by the server's own clock; ``None`` where nobody can say."""
    asked = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,300}", asked, re.ASCII):
        return float(asked)
    until, now = _http_date(asked), _http_date(headers.get("date", ""))
    return max(0.0, until - (wall if now is None else now)) if until is not None else None


def _http_date(text: str) -> float | None:
    try:
        date = parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
