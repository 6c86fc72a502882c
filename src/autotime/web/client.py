"""The client of one API root: where it may go, how it is polite, and how long it waits."""

from __future__ import annotations

import random
import re
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from urllib.parse import urlencode, urlsplit

import httpcore2
import httpx2

from autotime.domain.errors import Misused, SourceUnavailable
from autotime.web.answers import Answer, Answered, Misdirected
from autotime.web.transport import Lost, Network, Transport, ends_in

AGENT = "ISV|autotime|autotime/0.1"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
BUSY = frozenset({429, 500, 502, 503, 504})
LONGEST_WAIT = 900
SKEW = 300

Params = Mapping[str, str | int]
Headers = Mapping[str, str]


def checked_root(root: str) -> str:
    """An API root without its last slash; ``Misused`` unless it is https, or http to this machine itself."""
    parts = urlsplit(root)
    local = parts.scheme == "http" and parts.netloc.rpartition(":")[0] in LOOPBACK
    if not parts.netloc or "@" in parts.netloc or not (parts.scheme == "https" or local):
        raise Misused(
            f"«{root[:80]}» cannot be a service's address: it must begin with https://",
            hint="plain http is for a server on this machine: http://127.0.0.1:PORT",
        )
    return root.rstrip("/")


@cache
def gate(service: str, at_once: int) -> threading.BoundedSemaphore:  # noqa: ARG001 - one a service, by the cache
    """How many requests a service gets at once from this process, whoever sends them."""
    return threading.BoundedSemaphore(at_once)


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
    ) -> None:
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
        self._gate = gate(self.manners.service or self.host, self.manners.at_once)
        self._client = httpx2.Client(transport=Transport(network or Network()), follow_redirects=False, trust_env=False)

    def __enter__(self) -> Web:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def get(self, where: str, params: Params | None = None, headers: Headers | None = None) -> Answer:
        """Reads, repeated where that may help. ``where`` is a path below the root, or a link of the server."""
        return self.ask("GET", where, params, headers)

    def ask(
        self,
        method: str,
        where: str,
        params: Params | None = None,
        headers: Headers | None = None,
        content: bytes | None = None,
        *,
        ok: Iterable[int] = (),
    ) -> Answer:
        """A request that only reads, whatever its method. ``Answered`` unless the status is 2xx or in ``ok``."""
        url = self.url(where, params)
        for attempt in range(self.manners.attempts):
            if self.exhausted >= 2:
                raise SourceUnavailable(f"{self.host} does not answer", hint="the next run tries again")
            last = attempt == self.manners.attempts - 1
            try:
                answer = self._authorised(method, url, headers or {}, content)
            except Lost as lost:
                if last or not self._wait(None, attempt):
                    self.exhausted += 1
                    raise SourceUnavailable(f"{self.host}: {lost}", hint="the next run tries again") from None
                continue
            if not self.manners.throttled(answer) or answer.status in ok:
                self.exhausted = 0
                return self._accepted(answer, ok)
            if last or not self._wait(answer, attempt):
                self.exhausted += answer.status in BUSY
                return self._accepted(answer, ok)
        raise AssertionError("unreachable")  # pragma: no cover - the last attempt returns or raises

    def send(self, method: str, where: str, headers: Headers | None = None, content: bytes | None = None) -> Answer:
        """A request that changes something: sent once. ``SourceUnavailable`` where no answer came: it may be done."""
        try:
            return self._accepted(self._authorised(method, self.url(where, None), headers or {}, content), ())
        except Lost as lost:
            raise SourceUnavailable(f"{self.host}: {lost}") from None

    def url(self, where: str, params: Params | None = None) -> str:
        """The whole address; ``Misdirected`` where it does not lie under the root."""
        whole = where if re.match(r"[A-Za-z][\w+.-]*:|//", where) else f"{self.root}/{where.lstrip('/')}"
        parts, mine = urlsplit(whole), urlsplit(self.root)
        below = parts.path == mine.path or parts.path.startswith(f"{mine.path}/")
        segments = re.split(r"/|%2f|\\|%5c", parts.path, flags=re.IGNORECASE)
        climbs = any(segment.lower().replace("%2e", ".") in (".", "..") for segment in segments)
        if (parts.scheme, parts.netloc) != (mine.scheme, mine.netloc) or not below or climbs:
            raise Misdirected(
                f"{self.host} gave a link that leads elsewhere; nothing was sent there",
                hint="tell your administrator: somebody may be in between",
            )
        return f"{whole}{'&' if parts.query else '?'}{urlencode(params)}" if params else whole

    def _authorised(self, method: str, url: str, headers: Headers, content: bytes | None) -> Answer:
        """401 proves that nothing was done: one fresh token, one repeat."""
        answer = self._once(method, url, {**headers, **self.authorise(False)}, content)
        if answer.status == 401 and self.authorise is not nobody:
            answer = self._once(method, url, {**headers, **self.authorise(True)}, content)
        return answer

    def _once(self, method: str, url: str, headers: Headers, content: bytes | None) -> Answer:
        sent = {"User-Agent": AGENT, "client-request-id": str(uuid.uuid4()), **headers}
        self.requests += 1
        with self._gate:
            try:
                with (
                    ends_in(self.manners.deadline),
                    self._client.stream(method, url, headers=sent, content=content, timeout=30) as response,
                ):
                    answer = Answer(
                        response.status_code,
                        {name.lower(): value for name, value in response.headers.items()},
                        b"".join(_capped(response.iter_bytes(), self.manners.largest)),
                    )
            except httpcore2.TimeoutException:
                raise Lost("no answer in time") from None
            except (httpcore2.NetworkError, httpcore2.ProtocolError, httpx2.RequestError, ssl.SSLError) as lost:
                raise Lost(f"the connection failed ({type(lost).__name__})") from None
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

    def _wait(self, answer: Answer | None, attempt: int) -> bool:
        """Sleeps as long as the server asks or as is polite; ``False`` where patience has run out."""
        asked = _retry_after(answer.headers.get("retry-after", ""), self.wall()) if answer else None
        polite = min(300.0, 2.0 * 2**attempt) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter, no secret
        seconds = min(LONGEST_WAIT, asked if asked is not None else polite)
        if self.waited + seconds > self.manners.patience:
            return False
        self.waited += seconds
        self.sleep(seconds)
        return True


def _capped(chunks: Iterable[bytes], largest: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > largest:
            raise SourceUnavailable(f"an answer is larger than {largest >> 20} MB")
        yield chunk


def _retry_after(text: str, now: float) -> float | None:
    """Seconds asked for, as a number or a date; ``None`` where there is no such wish or an absurd one."""
    if re.fullmatch(r"\d{1,12}", text.strip()):
        return float(text)
    date = _http_date(text)
    return max(0.0, date - now) if date is not None else None


def _http_date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
