"""Connections whose every wait knows when the whole request must end, and bodies that end at a size.

The client's own timeouts are for one wait each, and a byte every second outlasts them for ever; its own
unpacking makes a gigabyte of a megabyte before anybody can look.
"""

from __future__ import annotations

import logging
import socket
import ssl
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpcore2
import httpx2

from autotime.domain.errors import Misused, SourceUnavailable
from autotime.web.answers import Answer, TooLarge
from autotime.web.links import PORTS

ONE_WAIT = 30
ONE_ADDRESS = 8
"""Seconds for one of several addresses of a host: IPv6 that leads nowhere must not use up the deadline."""

PIECE = 1 << 20

for _name in ("connection", "http11", "http2", "proxy", "socks"):
    logging.getLogger(f"httpcore2.{_name}").disabled = True  # their debug lines hold addresses and headers


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


class Transport:
    """A pool of connections. Use ``fetch`` within ``ends_in``."""

    def __init__(self, network: Network, at_once: int) -> None:
        self.pool = httpcore2.ConnectionPool(
            trusted(network.ca_file), proxy=_proxy(network.proxy), max_connections=at_once, network_backend=_Backend()
        )

    def fetch(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None, largest: int) -> Answer:
        """One request, one whole answer of at most ``largest`` bytes; ``Lost`` where none came."""
        to = httpx2.URL(url)
        body = b"" if content is None and method in ("POST", "PUT", "PATCH") else content
        try:
            with self.pool.stream(
                method,
                httpcore2.URL(scheme=to.raw_scheme, host=to.raw_host, port=to.port, target=to.raw_path),
                headers=[(name.encode(), value.encode()) for name, value in headers.items()],
                content=body,
                extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), ONE_WAIT)},
            ) as answer:
                named = _named(answer.headers)
                unpacked = _unpacked(answer.iter_stream(), named.get("content-encoding", ""))
                return Answer(answer.status, named, b"".join(_capped(unpacked, largest)))
        except _Large:
            raise TooLarge(
                f"an answer of {to.host} is larger than {largest >> 20} MB", hint="the next run tries again"
            ) from None
        except httpcore2.LocalProtocolError:
            raise SourceUnavailable(
                f"{to.host} cannot be asked so: a header or the token holds what no request may", hint="sign in again"
            ) from None
        except httpcore2.TimeoutException:
            raise Lost("no answer in time") from None
        except (
            httpcore2.NetworkError,
            httpcore2.ProtocolError,
            httpcore2.ProxyError,
            ssl.SSLError,
            zlib.error,
        ) as lost:
            raise _understood(lost, to.host) from None

    def close(self) -> None:
        self.pool.close()


def _understood(lost: BaseException, host: str) -> Exception:
    cause: BaseException | None = lost
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return SourceUnavailable(
                f"{host} shows a certificate that this machine does not trust",
                hint="if your firm inspects its traffic, name its certificates: network.ca_file in the settings",
            )
        if isinstance(cause, socket.gaierror):
            return Lost("its name cannot be looked up: is this machine offline?")
        cause = cause.__cause__ or cause.__context__
    if isinstance(lost, httpcore2.ProxyError):
        return Lost("the proxy does not let it through")
    return Lost(f"the connection failed ({type(lost).__name__})")


def _named(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for raw, value in headers:
        name, text = raw.decode("latin-1").lower(), value.decode("latin-1")
        found[name] = f"{found[name]}, {text}" if name in found else text
    return found


class _Large(Exception):
    pass


def _capped(chunks: Iterable[bytes], largest: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > largest:
            raise _Large
        yield chunk


def _unpacked(chunks: Iterable[bytes], packing: str) -> Iterator[bytes]:
    """In pieces no larger than one, so that whoever counts can stop. One layer of packing only."""
    if packing.strip().lower() in ("", "identity"):
        yield from chunks
        return
    if packing.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        raise Lost("the answer is packed in a way nobody asked for")
    unpack, came = zlib.decompressobj(zlib.MAX_WBITS | 32), False
    for chunk in chunks:
        left, came = chunk, True
        while left and not unpack.eof:
            yield unpack.decompress(left, PIECE)
            left = unpack.unconsumed_tail
    if came and not unpack.eof:
        raise Lost("the answer ended early")


@cache
def trusted(ca_file: str) -> ssl.SSLContext:
    """What this machine trusts, and what the firm does: not all traffic is inspected where some is."""
    trusted = ssl.create_default_context()
    try:
        if ca_file:
            trusted.load_verify_locations(Path(ca_file).expanduser())
    except (OSError, ssl.SSLError):
        raise Misused(f"{Path(ca_file)} holds no certificates", hint="give network.ca_file a PEM file") from None
    return trusted


def _proxy(text: str) -> httpcore2.Proxy | None:
    if not text:
        return None
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        port = PORTS[parts.scheme if host else ""]
        port = parts.port or port
    except (ValueError, KeyError):
        raise Misused("network.proxy is no proxy's address", hint="write it as http://HOST:PORT") from None
    auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    host = f"[{host}]" if ":" in host else host
    return httpcore2.Proxy(f"{parts.scheme}://{host}:{port}", auth=auth)


def _left(timeout: float | None) -> float:
    left = _ends.get() - time.monotonic()
    if left <= 0:
        raise Lost("the answer took too long")
    return min(left, timeout if timeout is not None else left)


class _Backend(httpcore2.SyncBackend):
    """Connections whose every wait is cut short by the deadline of the request in hand."""

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, *args: Any, **more: Any) -> Any:
        places = _places(host, port)
        for place in places[:-1]:
            try:
                return _Timed(
                    super().connect_tcp(place, port, _left(min(timeout or ONE_WAIT, ONE_ADDRESS)), *args, **more)
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return _Timed(super().connect_tcp(places[-1], port, _left(timeout), *args, **more))


def _places(host: str, port: int) -> list[str]:
    """The addresses of a host, best first."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as unknown:
        raise httpcore2.ConnectError("no such host") from unknown
    return list(dict.fromkeys(str(place[4][0]) for place in found))


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
