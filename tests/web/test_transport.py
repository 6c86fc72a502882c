"""Every request ends: by its answer, its deadline or its size; and what was in the way is said (F46-F49, F53, F54)."""

from __future__ import annotations

import gzip
import socket
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from autotime.domain.errors import Misused, SourceUnavailable
from autotime.testing import Loopback
from autotime.testing.server import Bomb, Drip, Fault, HalfClosed, Reply, Reset, Silent, Status, Truncated
from autotime.web import Answered, Manners, Network, Web, transport

from .asking import asking
from .certificates import self_signed

ANSWER = {"value": "x" * 400}


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(lambda _asked: Reply(ANSWER)) as made:
        yield made


# -- time -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Drip(0.01), Drip(0.01, headers=True), Drip(5), Silent(5), Silent(0.05)], ids=repr)
def test_a_request_ends_by_its_deadline(server: Loopback, fault: Fault) -> None:
    """However little comes however slowly, in the body or in the headers; then it is asked again."""
    web, waits = asking(server, deadline=0.15, attempts=2)
    server.faults += [fault, None]
    began = time.monotonic()
    assert web.get("me").json() == ANSWER
    assert time.monotonic() - began < 1
    assert len(waits) == 1
    with server.failing(fault), pytest.raises(SourceUnavailable) as told:
        web.get("me")
    assert told.value.hint


def test_many_that_ran_out_of_time_leave_room_for_the_next(server: Loopback) -> None:
    """No connection of the pool stays taken."""
    web, _ = asking(server, deadline=0.03, attempts=1, at_once=1)
    for fault in (Drip(1), Silent(5), Drip(1, headers=True)) * 4:
        server.faults.append(fault)
        with pytest.raises(SourceUnavailable):
            web.send("POST", "me")
    assert asking(server)[0].get("me").status == 200
    web.manners = Manners()
    assert web.get("me").status == 200


def test_a_slow_answer_that_is_fast_enough_is_an_answer(server: Loopback) -> None:
    web, waits = asking(server)
    server.faults.append(Drip(0.0002))
    assert web.get("me").json() == ANSWER
    assert waits == []


@pytest.mark.parametrize(
    "fault", [Truncated(), HalfClosed(), Reset(), Reset(midst=True), Truncated(told=False)], ids=repr
)
def test_an_answer_that_is_cut_is_never_taken_for_whole(server: Loopback, fault: Fault) -> None:
    """It is asked for again; and where it is always cut, the run is told."""
    web, waits = asking(server, attempts=2)
    server.faults += [fault, None]
    assert web.get("me").json() == ANSWER
    assert len(waits) == 1
    with server.failing(fault), pytest.raises(SourceUnavailable, match=r"connection failed|no sound JSON") as told:
        web.get("me")
    assert told.value.hint


def test_a_connection_kept_open_may_have_been_closed_since(server: Loopback) -> None:
    """The server was started anew in between: the next request finds a new connection by itself."""
    web, waits = asking(server)
    server.faults.append(Status(200, {"Connection": "close"}, ANSWER))
    for _ in range(3):
        assert web.get("me").status == 200
    assert waits == []


# -- size -------------------------------------------------------------------------------------------------


def test_a_body_may_be_as_large_as_allowed_and_no_larger(server: Loopback) -> None:
    with Loopback(lambda asked: Reply(b"x" * int(asked.path[1:]), kind="text/plain")) as sized:
        web, waits = asking(sized, largest=5000)
        assert len(web.get("5000").body) == 5000
        with pytest.raises(SourceUnavailable, match="larger than") as told:
            web.get("5001")
        assert told.value.hint
        assert waits == []
        assert web.get("10").status == 200


def test_a_bomb_is_defused_before_it_fills_memory(server: Loopback) -> None:
    """A quarter of a gigabyte in a quarter of a megabyte: no more than the size allowed is ever unpacked."""
    web, _ = asking(server, largest=8 << 20)
    server.faults.append(Bomb(megabytes=256))
    tracemalloc.start()
    try:
        with pytest.raises(SourceUnavailable, match="larger than 8 MB"):
            web.get("me")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 40 << 20


@pytest.mark.parametrize("packing", ["gzip, gzip", "br", "zstd", "gzip, identity", "x"])
def test_what_is_packed_twice_or_strangely_is_not_unpacked(server: Loopback, packing: str) -> None:
    web, _ = asking(server, attempts=1)
    body = gzip.compress(gzip.compress(b"{}"), mtime=0)
    server.faults.append(Status(200, {"Content-Encoding": packing}, body))
    with pytest.raises(SourceUnavailable, match="packed"):
        web.get("me")


@pytest.mark.parametrize(
    ("packing", "body"),
    [
        ("gzip", gzip.compress(b"[1]", mtime=0)),
        ("GZIP", gzip.compress(b"[1]", mtime=0)),
        ("deflate", zlib.compress(b"[1]")),
        ("identity", b"[1]"),
        ("", b"[1]"),
    ],
)
def test_what_is_packed_once_is_unpacked(server: Loopback, packing: str, body: bytes) -> None:
    web, _ = asking(server)
    server.faults.append(Status(200, {"Content-Encoding": packing}, body))
    assert web.get("me").json() == [1]


@pytest.mark.parametrize(
    "body", [gzip.compress(b"[1]" * 99, mtime=0)[:-9], b"no gzip", gzip.compress(b"[1]", mtime=0)[:4]]
)
def test_packing_that_is_cut_or_damaged_is_a_lost_answer(server: Loopback, body: bytes) -> None:
    web, waits = asking(server)
    server.faults += [Status(200, {"Content-Encoding": "gzip"}, body, "text/plain"), None]
    assert web.get("me").json() == ANSWER
    assert len(waits) == 1


def test_a_large_gzip_comes_whole(server: Loopback) -> None:
    """Over many pieces."""
    web, _ = asking(server)
    server.faults.append(
        Status(200, {"Content-Encoding": "gzip"}, gzip.compress(b" " * (5 << 20), mtime=0), "text/plain")
    )
    assert web.get("me").body == b" " * (5 << 20)


def test_headers_that_come_twice_are_joined(server: Loopback) -> None:
    web, _ = asking(server)
    server.faults.append(Status(200, {"X-A": "1", "x-a": "2"}, [1]))
    assert web.get("me").headers["x-a"] == "1, 2"


# -- the way there ----------------------------------------------------------------------------------------


def test_a_certificate_nobody_vouches_for_is_refused_at_once(tmp_path: Path) -> None:
    """And the error says what a firm that inspects its traffic does about it. No attempt is repeated."""
    context, trusted = self_signed(tmp_path)
    with Loopback(lambda _asked: Reply(ANSWER), tls=context) as server:
        web, waits = asking(server)
        with pytest.raises(SourceUnavailable, match="does not trust") as told:
            web.get("me")
        assert "ca_file" in told.value.hint
        assert (server.asked, waits) == ([], [])
        with Web(server.url, network=Network(ca_file=str(trusted))) as trusting:
            assert trusting.get("me").json() == ANSWER


@pytest.mark.parametrize(("address", "days"), [("127.0.0.2", 1), ("127.0.0.1", -1)], ids=["another host", "lapsed"])
def test_a_certificate_of_another_host_or_time_is_refused_too(tmp_path: Path, address: str, days: int) -> None:
    context, trusted = self_signed(tmp_path, address, days)
    with (
        Loopback(lambda _asked: Reply(ANSWER), tls=context) as server,
        Web(server.url, network=Network(ca_file=str(trusted))) as web,
        pytest.raises(SourceUnavailable, match="does not trust"),
    ):
        web.get("me")


def test_the_firms_certificates_come_on_top_of_the_machines_own(tmp_path: Path) -> None:
    """Not all traffic is inspected where some is."""
    _, trusted = self_signed(tmp_path)
    own = transport.trusted("").cert_store_stats()["x509_ca"]
    assert transport.trusted(str(trusted)).cert_store_stats()["x509_ca"] == own + 1


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_file_without_certificates_says_so(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "firm.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Misused, match="no certificates") as wrong:
        Web("https://graph.example", network=Network(ca_file=str(path)))
    assert "ca_file" in wrong.value.hint


def test_plain_talk_on_a_secure_port_is_a_failed_connection(server: Loopback) -> None:
    web, _ = asking(server, attempts=1)
    web.root = server.url.replace("http", "https")
    with pytest.raises(SourceUnavailable, match="connection failed"):
        web.get("me")


def unknown(*_: object, **__: object) -> Any:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known: graph.example")


def test_a_name_that_cannot_be_looked_up_says_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    waits: list[float] = []
    with Web("https://graph.example/v1.0", sleep=waits.append) as web, pytest.raises(SourceUnavailable) as told:
        web.get("me")
    assert str(told.value) == "graph.example: its name cannot be looked up: is this machine offline?"
    assert told.value.hint
    assert len(waits) == 5


def addresses(*hosts: str, real: Any = socket.getaddrinfo) -> Any:
    """What a host of these addresses is looked up as."""

    def looked_up(host: str, port: int, *about: Any, **more: Any) -> Any:
        return [one for each in (hosts if more else [host]) for one in real(each, port, type=socket.SOCK_STREAM)]

    return looked_up


def test_an_address_that_refuses_is_passed_over(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    web, waits = asking(server)
    monkeypatch.setattr(socket, "getaddrinfo", addresses("127.0.0.9", "127.0.0.1"))
    assert web.get("me").status == 200
    assert waits == []


@contextmanager
def black_hole(port: int) -> Iterator[str]:
    """An address at which nobody ever answers: its queue is full."""
    host, waiting = "127.0.0.8", list[socket.socket]()
    with socket.socket() as deaf:
        deaf.bind((host, port))
        deaf.listen(0)
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex((host, port))
            waiting.append(one)
        time.sleep(0.02)
        yield host
        for one in waiting:
            one.close()


def test_an_address_that_leads_nowhere_leaves_time_for_the_others(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    """IPv6 into a black hole, say."""
    web, waits = asking(server)
    monkeypatch.setattr(transport, "ONE_ADDRESS", 0.05)
    with black_hole(urlsplit(server.url).port or 0) as hole:
        monkeypatch.setattr(socket, "getaddrinfo", addresses(hole, "127.0.0.1"))
        began = time.monotonic()
        assert web.get("me").status == 200
    assert waits == []
    assert 0.05 <= time.monotonic() - began < 1


def test_a_host_that_leads_nowhere_ends_by_the_deadline(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    web, _ = asking(server, deadline=0.1, attempts=1)
    with black_hole(urlsplit(server.url).port or 0) as hole:
        monkeypatch.setattr(socket, "getaddrinfo", addresses(hole))
        with pytest.raises(SourceUnavailable, match=r"in time|too long"):
            web.get("me")


def test_a_refused_answer_still_frees_its_connection(server: Loopback) -> None:
    web, _ = asking(server, at_once=1)
    for _ in range(5):
        server.faults.append(Status(404, body=b"x" * 100_000, kind="text/html"))
        with pytest.raises(Answered):
            web.get("me")
    assert web.get("me").status == 200
