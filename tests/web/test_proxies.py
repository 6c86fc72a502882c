"""The firm's proxy is gone through as the settings say, and only for what lies outside (F54)."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from autotime.domain.errors import Misused, SourceUnavailable
from autotime.testing import Loopback
from autotime.testing.server import Reply
from autotime.web import Network, Web

from .certificates import self_signed

ANSWER = {"value": []}


class Tunnel:
    """A proxy that opens tunnels, or says no; ``asked`` are its request lines and what came with them."""

    def __init__(self, answer: bytes = b"200 Connection established") -> None:
        self.answer, self.asked = answer, list[str]()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.door.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                client, _ = self.door.accept()
            except OSError:
                return
            head = client.recv(65536).decode()
            self.asked.append(head)
            client.sendall(b"HTTP/1.1 " + self.answer + b"\r\n\r\n")
            if not self.answer.startswith(b"200"):
                client.close()
                continue
            host, _, port = head.split()[1].partition(":")
            there = socket.create_connection((host, int(port)))
            for one, other in ((client, there), (there, client)):
                threading.Thread(target=pour, args=(one, other), daemon=True).start()

    def __enter__(self) -> Tunnel:
        return self

    def __exit__(self, *_: object) -> None:
        self.door.close()


def pour(one: socket.socket, other: socket.socket) -> None:
    try:
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
    except OSError:
        return


def test_a_proxy_is_gone_through_with_its_name_and_password(tmp_path: Path) -> None:
    """The service's token stays inside the tunnel."""
    context, trusted = self_signed(tmp_path)
    with Loopback(lambda _asked: Reply(ANSWER), tls=context) as server, Tunnel() as proxy:
        network = Network(proxy=proxy.url.replace("//", "//ada:hunter%402@"), ca_file=str(trusted))
        with Web(server.url, lambda _fresh: {"Authorization": "Bearer t"}, network=network) as web:
            assert web.get("me").json() == ANSWER
        (asked,) = proxy.asked
        assert asked.startswith(f"CONNECT {urlsplit(server.url).netloc} ")
        assert "Proxy-Authorization: Basic YWRhOmh1bnRlckAy\r\n" in asked
        assert "Bearer" not in asked
        assert "proxy-authorization" not in server.asked[0].headers


def test_a_proxy_that_says_no_is_named(tmp_path: Path) -> None:
    with Tunnel(b"407 Proxy Authentication Required") as proxy:
        waits: list[float] = []
        web = Web("https://graph.example", network=Network(proxy=proxy.url), sleep=waits.append)
        with pytest.raises(SourceUnavailable, match="the proxy does not let it through"):
            web.get("me")


def test_a_server_on_this_machine_is_not_asked_through_the_proxy() -> None:
    with (
        Loopback(lambda _asked: Reply(ANSWER)) as server,
        Web(server.url, network=Network(proxy="http://127.0.0.1:1")) as web,
    ):
        assert web.get("me").status == 200


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy is what the settings say; no .netrc, no HTTP_PROXY."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with Loopback(lambda _asked: Reply(ANSWER)) as server, Web(server.url) as web:
        assert web.get("me").status == 200


@pytest.mark.parametrize(
    "proxy", ["proxy:3128", "socks5://proxy:1080", "http://", "http://proxy:port", "//proxy", "http://u:hunter2@"]
)
def test_a_proxy_nobody_can_ask_says_what_to_write(proxy: str) -> None:
    with pytest.raises(Misused, match=r"network\.proxy") as wrong:
        Web("https://graph.example", network=Network(proxy=proxy))
    assert "http://HOST:PORT" in wrong.value.hint
    assert "hunter2" not in str(wrong.value)
