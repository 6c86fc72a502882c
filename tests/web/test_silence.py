"""What an error or a log shows is the host, the status and a request id: no path, query, token or word of an answer."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Mapping

import httpcore2
import pytest

from autotime.domain.errors import AutotimeError
from autotime.testing import Loopback
from autotime.testing.server import (
    Asked,
    Bomb,
    Drip,
    Fault,
    HalfClosed,
    Portal,
    Reply,
    Reset,
    Silent,
    Status,
    Truncated,
)
from autotime.web import Manners, Network, Web

SECRET = "bluefin"
"""In the path, the query, the token, the headers and the body, both ways."""

TOLD = {"error": {"code": "Denied", "message": f"the matter of {SECRET}"}, "value": [SECRET] * 99}
HEADERS = {"Location": f"https://evil.example/{SECRET}", "X-Subject": SECRET, "Set-Cookie": f"a={SECRET}"}

FAULTS: dict[str, Fault] = {
    **{
        str(status): Status(status, {**HEADERS, "request-id": "4f-1"}, TOLD)
        for status in (302, 400, 401, 403, 404, 410, 429, 503)
    },
    "a request id that speaks": Status(500, {"request-id": f"the matter of {SECRET}"}, TOLD),
    "a portal": Portal(body=f"<html>{SECRET}</html>".encode()),
    "NaN": Status(200, HEADERS, f'{{"{SECRET}": NaN}}'.encode()),
    "cut": Truncated(),
    "cut untold": Truncated(told=False),
    "half closed": HalfClosed(),
    "reset": Reset(),
    "reset in the midst": Reset(midst=True),
    "drip": Drip(0.1),
    "silence": Silent(5),
    "bomb": Bomb(20),
    "packed": Status(200, {"Content-Encoding": SECRET}, b"x"),
    "no gzip": Status(200, {"Content-Encoding": "gzip"}, SECRET.encode()),
    "a header of two lines": Status(200, {"X": f"\r\n{SECRET}"}, b""),
    "no header at all": Status(200, {"X\x00": SECRET}, b""),
}


class Everything(logging.Handler):
    """Hears every logger there is, at every level."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name} {record.getMessage()}")


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """What the loggers say, of the libraries too, by a handler at the root and at each of them."""
    listener = Everything()
    names = ["", *(name for name in logging.Logger.manager.loggerDict if name.startswith(("http", "h11", "autotime")))]
    assert "httpcore2.http11" in names
    for name in names:
        caplog.set_level(logging.DEBUG, logger=name or None)
        logging.getLogger(name).addHandler(listener)
    yield listener.lines
    for name in names:
        logging.getLogger(name).removeHandler(listener)


def bearer(_fresh: bool) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {SECRET}"}


def shown(error: BaseException) -> str:
    """All that a screen, a report or a traceback might show of an error."""
    hint = error.hint if isinstance(error, AutotimeError) else ""
    return "\n".join([str(error), repr(error), str(error.args), hint, *traceback.format_exception(error)])


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_trouble_says_nothing_of_what_was_asked_or_answered(fault: Fault, heard: list[str]) -> None:
    """By reads and writes; and every trouble is one of ours, with what to do next."""
    manners = Manners(deadline=0.1, attempts=2, largest=1 << 20)
    with (
        Loopback(lambda _asked: Reply(TOLD, headers=HEADERS)) as server,
        server.failing(fault),
        Web(f"{server.url}/v1", bearer, manners, sleep=lambda _seconds: None) as web,
    ):
        told = []
        for ask in (lambda: web.get(f"me/{SECRET}", {"$search": SECRET}), lambda: web.send("POST", SECRET)):
            with pytest.raises(AutotimeError) as trouble:
                ask().json()
            told.append(trouble.value)
    for error in told:
        assert error.hint
        assert SECRET not in shown(error)
    assert SECRET not in "\n".join(heard)


def test_success_says_nothing_either(heard: list[str]) -> None:
    with Loopback(lambda _asked: Reply(TOLD, headers=HEADERS)) as server, Web(server.url, bearer) as web:
        answer = web.get(SECRET, {"$search": SECRET})
        assert SECRET in answer.json()["value"]
        assert SECRET not in f"{answer!r} {web!r}"
    assert SECRET not in "\n".join(heard)


@pytest.mark.parametrize(
    "link",
    [
        f"https://evil.example/{SECRET}",
        f"https://{SECRET}.example/",
        f"https://x@graph.example/{SECRET}",
        f"../{SECRET}\n",
    ],
)
def test_a_refused_link_is_not_shown(link: str) -> None:
    """Not even its host: whoever wrote it wrote that too."""
    with Web("https://graph.example/v1") as web, pytest.raises(AutotimeError) as trouble:
        web.get(link)
    assert SECRET not in shown(trouble.value)


@pytest.mark.parametrize(
    ("root", "network"),
    [
        ("https://127.0.0.1:1", Network()),
        ("https://graph.example", Network(proxy=f"http://ada:{SECRET}@127.0.0.1:1")),
    ],
)
def test_a_way_that_is_barred_says_nothing_of_it(root: str, network: Network, heard: list[str]) -> None:
    with Web(root, bearer, Manners(attempts=1), network) as web, pytest.raises(AutotimeError) as trouble:
        web.get(SECRET)
    assert SECRET not in shown(trouble.value)
    assert SECRET not in "\n".join(heard)


@pytest.mark.parametrize("token", [f"{SECRET}\r\nX: y", f"{SECRET}\x00", f"{SECRET} ", f" {SECRET}"])
def test_a_token_that_cannot_be_sent_is_not_shown(token: str) -> None:
    """A line break in it would be a header of its own; asking again would not help."""
    waits: list[float] = []
    with (
        Loopback(lambda _asked: Reply({})) as server,
        Web(server.url, lambda _fresh: {"Authorization": token}, sleep=waits.append) as web,
    ):
        with pytest.raises(AutotimeError, match="cannot be asked so") as trouble:
            web.get("me")
        assert SECRET not in shown(trouble.value)
        assert (server.asked, waits) == ([], [])
        web.authorise = bearer
        assert web.get("me").status == 200


def test_support_gets_the_host_the_status_the_word_and_the_request_id() -> None:
    def answer(_asked: Asked) -> Reply:
        return Reply(TOLD, 403, {"request-id": "4f-1"})

    with Loopback(answer) as server, Web(server.url) as web, pytest.raises(AutotimeError) as trouble:
        web.get("me")
    assert str(trouble.value) == f"{web.host} answered 403 Denied (request 4f-1)"


def test_every_request_has_an_id_and_says_who_asks() -> None:
    """A new one each, so that a service can find it again."""
    with Loopback(lambda _asked: Reply({})) as server, Web(server.url) as web:
        web.get("me")
        web.get("me")
    ids = [asked.headers["client-request-id"] for asked in server.asked]
    assert len({*ids}) == 2
    assert all("autotime" in asked.headers["user-agent"] for asked in server.asked)


def test_the_library_below_would_have_told(caplog: pytest.LogCaptureFixture) -> None:
    """What is kept still: without that, its lines hold headers and addresses."""
    logger = logging.getLogger("httpcore2.http11")
    logger.disabled = False
    caplog.set_level(logging.DEBUG, logger="httpcore2.http11")
    try:
        with Loopback(lambda _asked: Reply({}, headers=HEADERS)) as server, httpcore2.ConnectionPool() as pool:
            pool.request("GET", f"{server.url}/{SECRET}")
    finally:
        logger.disabled = True
    assert SECRET in caplog.text
