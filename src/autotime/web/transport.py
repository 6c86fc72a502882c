"""Connections whose every wait knows when the whole request must end.

The client's own timeouts are for one wait each, and a byte every second outlasts them for ever.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpcore2
import httpx2

from autotime.domain.errors import Misused


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """How this machine reaches the network: a proxy, and certificates of the firm's own."""

    proxy: str = ""
    ca_file: str = ""


class Lost(Exception):
    """No whole answer came."""


_ends: ContextVar[float] = ContextVar("ends")


@contextmanager
def ends_in(seconds: float) -> Iterator[None]:
    """The request inside has so many seconds in all; ``Lost`` where that is too few."""
    token = _ends.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends.reset(token)


def _trusted(network: Network) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=network.ca_file or None)
    except (OSError, ssl.SSLError):
        raise Misused(
            f"{Path(network.ca_file)} holds no certificates", hint="give network.ca_file a PEM file"
        ) from None


class Transport(httpx2.BaseTransport):
    """httpcore's pool, each of whose reads and writes knows when the whole request must end."""

    def __init__(self, network: Network) -> None:
        proxy = httpcore2.Proxy(network.proxy) if network.proxy else None
        self.pool = httpcore2.ConnectionPool(_trusted(network), proxy=proxy, network_backend=_Backend())

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        answer = self.pool.handle_request(
            httpcore2.Request(
                request.method,
                httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx2.Response(answer.status, headers=answer.headers, stream=_Stream(answer.stream))

    def close(self) -> None:
        self.pool.close()


class _Stream(httpx2.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self.stream

    def close(self) -> None:
        self.stream.close()


def _left(timeout: float | None) -> float:
    left = _ends.get() - time.monotonic()
    if left <= 0:
        raise Lost("the answer took too long")
    return min(left, timeout if timeout is not None else left)


class _Backend(httpcore2.SyncBackend):
    """Connections whose every wait is cut short by the deadline of the request in hand."""

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, *args: Any, **more: Any) -> Any:
        return _Timed(super().connect_tcp(host, port, _left(timeout), *args, **more))


class _Timed(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self.stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> _Timed:
        return _Timed(self.stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)
