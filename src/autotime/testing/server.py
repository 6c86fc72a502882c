"""A server on this machine that stands in for a service: it answers from a function, fails as told, and
remembers what it was asked.

::

    with Loopback(answer) as server:
        server.faults += [Status(429, {"Retry-After": "2"}), None, Drip()]   # for the requests to come, in order
        ...
        assert server.most_at_once <= 4
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
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
    """What goes wrong with one answer. ``late`` faults let the request be done first."""

    def tell(self, handler: _Handler, reply: Reply) -> None:
        raise NotImplementedError


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
        whole = reply.bytes()
        length = {"Content-Length": str(len(whole))} if self.told else {"Connection": "close"}
        handler.head(reply.status, {**reply.headers, **length}, reply.kind)
        handler.wfile.write(whole[: len(whole) // 2])
        handler.hang_up()


@dataclass(frozen=True, slots=True)
class Drip(Fault):
    """A byte every ``every`` seconds."""

    every: float = 0.05

    def tell(self, handler: _Handler, reply: Reply) -> None:
        whole = reply.bytes()
        handler.head(reply.status, {**reply.headers, "Content-Length": str(len(whole))}, reply.kind)
        for byte in whole:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(self.every)


@dataclass(frozen=True, slots=True)
class Silent(Fault):
    """The connection stays open and nothing comes, for this many seconds at most."""

    seconds: float = 5

    def tell(self, handler: _Handler, reply: Reply) -> None:  # noqa: ARG002
        handler.stand_in.closing.wait(self.seconds)
        handler.hang_up()


@dataclass(frozen=True, slots=True)
class Reset(Fault):
    """The connection is torn down."""

    def tell(self, handler: _Handler, reply: Reply) -> None:  # noqa: ARG002
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
    """A context manager around the server; ``url`` is its root."""

    def __init__(self, answer: Callable[[Asked], Reply]) -> None:
        self.answer = answer
        self.faults: list[Fault | None] = []
        self.fault_for: Callable[[Asked], Fault | None] = lambda _asked: None
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._at_once = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"stand_in": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Loopback:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def serve(self, asked: Asked) -> tuple[Reply, Fault | None]:
        with self._lock:
            self.asked.append(asked)
            fault = self.faults.pop(0) if self.faults else self.fault_for(asked)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        return (Reply() if isinstance(fault, Status) else self.answer(asked)), fault

    def served(self) -> None:
        with self._lock:
            self._at_once -= 1


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stand_in: Loopback

    def _serve(self) -> None:
        reply, fault = self.stand_in.serve(self._asked())
        try:
            with suppress(ConnectionError):
                if fault is None:
                    self.put(reply)
                else:
                    fault.tell(self, reply)
        finally:
            self.stand_in.served()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_PROPFIND = do_REPORT = do_OPTIONS = _serve  # noqa: N815 - the library's names

    def _asked(self) -> Asked:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        return Asked(self.command, unquote(parts.path), query, headers, body, self.path)

    def head(self, status: int, headers: Mapping[str, str], kind: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def put(self, reply: Reply) -> None:
        body = reply.bytes()
        self.head(reply.status, {"Content-Length": str(len(body)), **reply.headers}, reply.kind)
        self.wfile.write(body)

    def hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.close()

    def log_message(self, *_: object) -> None:
        """Nothing: the tests say what happened."""
