"""The server on loopback fails as it is told to, on the wire, and says what it was asked."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, IncompleteRead, RemoteDisconnected
from typing import Any
from urllib.parse import urlsplit

import pytest

from autotime.testing import Loopback
from autotime.testing.server import (
    Asked,
    Bomb,
    Drip,
    Fault,
    HalfClosed,
    Late,
    Portal,
    Reply,
    Reset,
    Silent,
    Status,
    Truncated,
)

ANSWER = {"value": list(range(40))}


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(lambda _asked: Reply(ANSWER)) as made:
        yield made


def wired(server: Loopback) -> socket.socket:
    """A bare connection, which sees what really comes."""
    parts = urlsplit(server.url)
    return socket.create_connection((parts.hostname, parts.port), timeout=5)


def asked_bare(server: Loopback) -> bytes:
    """Everything the server sends for one request, until it closes."""
    with wired(server) as wire:
        wire.sendall(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
        return b"".join(iter(lambda: wire.recv(65536), b""))


def get(server: Loopback, timeout: float = 5) -> Any:
    client = HTTPConnection(urlsplit(server.url).netloc, timeout=timeout)
    client.request("GET", "/x")
    return client.getresponse()


def test_it_answers_and_remembers_what_it_was_asked(server: Loopback) -> None:
    """Decoded path, query, lower-case header names and the body."""
    client = HTTPConnection(urlsplit(server.url).netloc)
    client.request("POST", "/a%20b?%24top=2&empty=", body=b'{"n": 1}', headers={"Prefer": "x"})
    assert json.loads(client.getresponse().read()) == ANSWER
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.target) == ("POST", "/a b", "/a%20b?%24top=2&empty=")
    assert asked.query == {"$top": "2", "empty": ""}
    assert asked.headers["prefer"] == "x"
    assert asked.json() == {"n": 1}


def test_a_form_is_read_by_name(server: Loopback) -> None:
    assert Asked("POST", "/", {}, {}, b"grant_type=refresh_token&scope=a+b").form() == {
        "grant_type": "refresh_token",
        "scope": "a b",
    }


def test_one_connection_serves_many_requests(server: Loopback) -> None:
    """As real services do, so that a fault on a kept connection means something."""
    client = HTTPConnection(urlsplit(server.url).netloc)
    client.connect()
    mine = client.sock.getsockname()
    for _ in range(3):
        client.request("GET", "/x")
        client.getresponse().read()
        assert client.sock.getsockname() == mine


def test_faults_come_in_order_and_then_no_more(server: Loopback) -> None:
    server.faults += [Status(503, {"Retry-After": "7"}), None, Portal()]
    answers = [get(server) for _ in range(4)]
    assert [answer.status for answer in answers] == [503, 200, 200, 200]
    assert answers[0].headers["Retry-After"] == "7"
    assert answers[2].headers["Content-Type"] == "text/html"
    assert json.loads(answers[3].read()) == ANSWER


def test_what_is_named_fails_for_as_long_as_that_lasts(server: Loopback) -> None:
    with server.failing(Status(500), lambda asked: asked.path == "/x"), server.failing(Status(404)):
        assert [get(server).status for _ in range(3)] == [404, 404, 404]
    with server.failing(Status(500), lambda asked: asked.path == "/y"):
        assert get(server).status == 200
    assert get(server).status == 200


def test_with_a_status_nothing_was_done_and_with_the_others_it_was() -> None:
    """A 503 comes before the work, a cut wire after it."""
    done: list[str] = []
    with Loopback(lambda asked: done.append(asked.path) or Reply(ANSWER)) as server:
        server.faults += [Status(503), Truncated(told=False)]
        get(server).read()
        assert done == []
        get(server).read()
        assert done == ["/x"]


def test_half_a_body_whose_length_was_told(server: Loopback) -> None:
    server.faults.append(Truncated())
    with pytest.raises(IncompleteRead) as cut:
        get(server).read()
    whole = json.dumps(ANSWER).encode()
    assert cut.value.partial == whole[: len(whole) // 2]


def test_half_a_body_whose_length_was_not_told(server: Loopback) -> None:
    """Nothing on the wire says that there was more."""
    server.faults.append(Truncated(told=False))
    came = asked_bare(server)
    head, _, body = came.partition(b"\r\n\r\n")
    whole = json.dumps(ANSWER).encode()
    assert b"content-length" not in head.lower()
    assert body == whole[: len(whole) // 2]


def test_a_half_closed_connection_ends_one_way_and_stays_open_the_other(server: Loopback) -> None:
    """The end comes at half the body, and what the client sends on is still taken."""
    server.faults.append(HalfClosed())
    with wired(server) as wire:
        wire.sendall(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
        assert len(b"".join(iter(lambda: wire.recv(65536), b""))) > 0
        wire.sendall(b"still here")


def test_who_hangs_up_has_hung_up_at_once(server: Loopback) -> None:
    """Not when the thread that serves comes to its end."""

    class HangsUpAndStays(Fault):
        def tell(self, handler: Any, reply: Reply) -> None:
            handler.hang_up()
            handler.stand_in.closing.wait(30)

    server.faults.append(HangsUpAndStays())
    assert asked_bare(server) == b""


@pytest.mark.parametrize("midst", [False, True])
def test_a_reset_is_a_reset_and_not_an_end(server: Loopback, midst: bool) -> None:
    """RST, which the client's socket reports as such."""
    server.faults.append(Reset(midst))
    with pytest.raises(ConnectionResetError):
        asked_bare(server)


@pytest.mark.parametrize("headers", [False, True])
def test_a_drip_comes_byte_by_byte(server: Loopback, headers: bool) -> None:
    server.faults.append(Drip(every=0.001, headers=headers))
    pieces = []
    with wired(server) as wire:
        wire.sendall(b"GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        pieces = list(iter(lambda: wire.recv(65536), b""))
    assert b"".join(pieces).endswith(json.dumps(ANSWER).encode())
    assert (len(pieces[0]) > 10) is not headers
    assert len(pieces) > 50


def test_silence_lasts_until_the_client_leaves(server: Loopback) -> None:
    threads = threading.active_count()
    server.faults.append(Silent(seconds=30))
    with pytest.raises(TimeoutError):
        get(server, timeout=0.05)
    began = time.monotonic()
    while threading.active_count() > threads and time.monotonic() - began < 5:
        time.sleep(0.01)
    assert time.monotonic() - began < 5


def test_a_bomb_is_small_and_unpacks_to_much(server: Loopback) -> None:
    server.faults.append(Bomb(megabytes=3))
    answer = get(server)
    packed = answer.read()
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(packed) < 10_000
    assert len(gzip.decompress(packed)) == 3 << 20


def test_its_clock_shows_what_it_is_told(server: Loopback) -> None:
    """Its own time, another, one nobody can read, or none."""
    assert get(server).headers["Date"]
    server.date = 0
    assert get(server).headers["Date"] == "Thu, 01 Jan 1970 00:00:00 GMT"
    server.date = "yesterday"
    assert get(server).headers["Date"] == "yesterday"
    server.date = ""
    assert get(server).headers["Date"] is None


def test_a_late_answer_is_counted_until_it_comes(server: Loopback) -> None:
    with server.failing(Late(0.05)):
        threads = [threading.Thread(target=lambda: get(server).read()) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert server.most_at_once == 3


def test_it_counts_what_it_is_told_to(server: Loopback) -> None:
    server.counted = lambda asked: asked.path != "/x"
    get(server).read()
    assert server.most_at_once == 0


def test_one_after_the_other_is_never_two_at_once(server: Loopback) -> None:
    """A client that has its whole answer is no longer being served, whichever thread served it."""
    clients = [HTTPConnection(urlsplit(server.url).netloc) for _ in range(2)]
    for number in range(600):
        client = clients[number % 2]
        client.request("GET", "/x")
        client.getresponse().read()
    assert server.most_at_once == 1


def test_it_counts_how_many_are_served_at_once() -> None:
    together = threading.Barrier(3, timeout=5)
    with Loopback(lambda _asked: Reply({"party": together.wait()})) as server:
        threads = [threading.Thread(target=lambda: get(server).read()) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert server.most_at_once == 3


@pytest.mark.parametrize("fault", [Truncated(), Drip(0.2), Silent(), Reset(), None], ids=repr)
def test_a_client_that_resets_leaves_nothing_on_the_screen(
    server: Loopback, fault: Fault | None, capfd: pytest.CaptureFixture[str]
) -> None:
    server.faults.append(fault)
    with wired(server) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        wire.sendall(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
        while not server.asked:
            time.sleep(0.001)
    assert get(server).status == 200
    assert capfd.readouterr() == ("", "")


def test_a_mistake_of_the_answering_function_is_the_tests_own() -> None:
    """The client sees 500; whoever leaves the server sees the mistake."""
    with pytest.raises(ZeroDivisionError), Loopback(lambda _asked: Reply(1 // 0)) as server:
        assert get(server).status == 500


def test_an_answer_that_cannot_be_written_is_the_tests_own_mistake() -> None:
    with (
        pytest.raises(TypeError, match="serializable"),
        Loopback(lambda _asked: Reply({"at": object()})) as server,
        pytest.raises(RemoteDisconnected),
    ):
        get(server)
