"""A server on this machine that stands in for a service: it answers from a function, fails as told, and
remembers what it was asked.

::

    with Loopback(answer) as server:
        server.faults += [Status(429, {"Retry-After": "2"}), None, Drip()]   # for the requests to come, in order
        with server.failing(Status(503)):                                    # for as long as this lasts
            ...
        server.date = 1_773_000_000                                          # a clock of its own
        assert server.most_at_once <= 4

An answer function that raises is the test's own mistake: the client sees 500, and leaving the server raises it.
"""

from __future__ import annotations

import json
import select
import socket
import ssl
import struct
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

KIND = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. ``path`` is decoded, ``query`` holds the first value of each name, header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    target: str = ""

    def json(self) -> Any:
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; ``body`` as bytes, or as what is to be written as JSON."""

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = KIND

    def bytes(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Fault:
    """What goes wrong with one answer. A ``Status`` comes in place of doing what was asked; with every
    other fault it was done, and only the answer is harmed."""

    def tell(self, handler: _Handler, reply: Reply) -> None:
        raise NotImplementedError


class Whole(Fault):
    """None: the right answer, whole."""

    def tell(self, handler: _Handler, reply: Reply) -> None:
        handler.put(reply)


@dataclass(frozen=True, slots=True)
class Late(Fault):
    """The right answer, after so many seconds of work."""

    seconds: float

    def tell(self, handler: _Handler, reply: Reply) -> None:
        handler.stand_in.closing.wait(self.seconds)
        handler.put(reply)


@dataclass(frozen=True, slots=True)
class Status(Fault):
    """Another answer in the place of the right one."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = field(default_factory=dict)
    kind: str = KIND

    def tell(self, handler: _Handler, reply: Reply) -> None:  # noqa: ARG002 - that is the fault
        handler.put(Reply(self.body, self.status, self.headers, self.kind))


@dataclass(frozen=True, slots=True)
class Portal(Status):
    """A captive portal: a page, with 200."""

    status: int = 200
    body: Any = b"<html><body>Please sign in to the network</body></html>"
    kind: str = "text/html"


@dataclass(frozen=True, slots=True)
class Truncated(Fault):
    """Half the body, then the end. ``told`` says whether the length of the whole was announced."""

    told: bool = True

    def tell(self, handler: _Handler, reply: Reply) -> None:
        handler.half(reply, told=self.told)
        handler.hang_up()


@dataclass(frozen=True, slots=True)
class HalfClosed(Fault):
    """Half the body, and no more will come; yet the connection stays open the other way."""

    def tell(self, handler: _Handler, reply: Reply) -> None:
        handler.half(reply, told=True)
        handler.connection.shutdown(socket.SHUT_WR)
        handler.wait_for_client(5)
        handler.hang_up()


@dataclass(frozen=True, slots=True)
class Drip(Fault):
    """A byte every ``every`` seconds: of the body, or of the headers and then the body."""

    every: float = 0.05
    headers: bool = False

    def tell(self, handler: _Handler, reply: Reply) -> None:
        handler.uncount()
        head, body = handler.head(reply), reply.bytes()
        if not self.headers:
            handler.wfile.write(head)
        for byte in head + body if self.headers else body:
            handler.wfile.write(bytes([byte]))
            if handler.stand_in.closing.wait(self.every):
                return


@dataclass(frozen=True, slots=True)
class Silent(Fault):
    """The connection stays open and nothing comes, until the client leaves or for this many seconds."""

    seconds: float = 5

    def tell(self, handler: _Handler, reply: Reply) -> None:  # noqa: ARG002
        handler.wait_for_client(self.seconds)
        handler.hang_up()


@dataclass(frozen=True, slots=True)
class Reset(Fault):
    """The connection is torn down (RST), before the answer or in the ``midst`` of it."""

    midst: bool = False

    def tell(self, handler: _Handler, reply: Reply) -> None:
        if self.midst:
            handler.half(reply, told=True)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.hang_up()


@dataclass(frozen=True, slots=True)
class Bomb(Fault):
    """A small body that unpacks to ``megabytes``."""

    megabytes: int = 200

    def tell(self, handler: _Handler, reply: Reply) -> None:
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        packed = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(self.megabytes)) + packer.flush()
        handler.put(Reply(packed, reply.status, {**reply.headers, "Content-Encoding": "gzip"}, reply.kind))


class Loopback:
    """A context manager around the server; ``url`` is its root. ``tls`` makes it speak https.

    ``date`` is what its clock shows: UTC seconds, a text to be sent as it stands (nothing: no Date header
    at all), or ``None`` for this machine's own time. ``counted`` says which requests ``most_at_once`` is about.
    """

    def __init__(self, answer: Callable[[Asked], Reply], tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.faults: list[Fault | None] = []
        self.fault_for: Callable[[Asked], Fault | None] = lambda _asked: None
        self.date: float | str | None = None
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self.counted: Callable[[Asked], bool] = lambda _asked: True
        self.closing = threading.Event()
        self.broken: list[Exception] = []
        self._lock = threading.Lock()
        self._at_once = 0
        self._server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"stand_in": self}))
        self._server.stand_in, self._server.tls = self, tls
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Loopback:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, _kind: object = None, error: BaseException | None = None, _where: object = None) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        if self.broken and error is None:
            raise self.broken[0]

    @contextmanager
    def failing(self, fault: Fault, when: Callable[[Asked], bool] = lambda _asked: True) -> Iterator[None]:
        """Every request (that ``when`` names) fails so while this lasts."""
        before, self.fault_for = self.fault_for, lambda asked: fault if when(asked) else before(asked)
        try:
            yield
        finally:
            self.fault_for = before

    def serve(self, asked: Asked) -> tuple[Reply, Fault | None]:
        with self._lock:
            self.asked.append(asked)
            fault = self.faults.pop(0) if self.faults else self.fault_for(asked)
        try:
            return (Reply() if isinstance(fault, Status) else self.answer(asked)), fault
        except Exception as broken:  # noqa: BLE001 - whatever the test's own function does wrong
            self.broken.append(broken)
            return Reply({}, 500), None

    def counts(self, change: int) -> None:
        with self._lock:
            self._at_once += change
            self.most_at_once = max(self.most_at_once, self._at_once)

    def now(self) -> str:
        return self.date if isinstance(self.date, str) else formatdate(self.date, usegmt=True)


class _Server(ThreadingHTTPServer):
    stand_in: Loopback
    daemon_threads = True
    request_queue_size = 128
    tls: ssl.SSLContext | None = None

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, client = super().get_request()
        if self.tls:
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, client

    def handle_error(self, *_: object) -> None:
        """Nothing of a client that leaves or does not like the certificate: that is what is being tested."""
        broken = sys.exception()
        if isinstance(broken, Exception) and not isinstance(broken, OSError):
            self.stand_in.broken.append(broken)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    stand_in: Loopback
    counted = False

    def _serve(self) -> None:
        asked = self._asked()
        self.counted = self.stand_in.counted(asked)
        self.stand_in.counts(self.counted)
        try:
            with suppress(OSError):
                reply, fault = self.stand_in.serve(asked)
                (fault or Whole()).tell(self, reply)
        finally:
            self.uncount()

    def uncount(self) -> None:
        """A client that has its answer may ask again before this thread goes on, so it is counted until then."""
        if self.counted:
            self.counted = False
            self.stand_in.counts(-1)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_PROPFIND = do_REPORT = do_OPTIONS = _serve  # noqa: N815 - the library's names

    def _asked(self) -> Asked:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        return Asked(self.command, unquote(parts.path), query, headers, body, self.path)

    def head(self, reply: Reply, told: bool = True) -> bytes:
        """The answer up to its body. Without ``told``, only the end of the connection ends the body."""
        length = {"Content-Length": str(len(reply.bytes()))} if told else {"Connection": "close"}
        named = {"Date": self.stand_in.now(), "Content-Type": reply.kind, **length, **reply.headers}
        lines = [f"{self.protocol_version} {reply.status} {self.responses.get(reply.status, ('Said',))[0]}"]
        lines += [f"{name}: {value}" for name, value in named.items() if value]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def put(self, reply: Reply) -> None:
        whole = self.head(reply) + reply.bytes()
        self.wfile.write(whole[:-1])
        self.uncount()
        self.wfile.write(whole[-1:])

    def half(self, reply: Reply, told: bool) -> None:
        self.uncount()
        whole = reply.bytes()
        self.wfile.write(self.head(reply, told) + whole[: len(whole) // 2])

    def wait_for_client(self, seconds: float) -> None:
        """Until the client hangs up, the test ends or the time is over."""
        self.uncount()
        ends = time.monotonic() + seconds
        while time.monotonic() < ends and not self.stand_in.closing.is_set():
            if select.select([self.connection], [], [], 0.02)[0]:
                return

    def hang_up(self) -> None:
        """Closes for good: the reading side holds the socket too."""
        self.uncount()
        self.close_connection = True
        with suppress(OSError):
            self.rfile.close()
            self.connection.close()

    def log_message(self, *_: object) -> None:
        """Nothing: the tests say what happened."""
