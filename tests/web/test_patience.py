"""A busy service is asked again when it says, never more often, and not for ever (F37, F42, F44, F45)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from email.utils import formatdate

import pytest

from autotime.domain.errors import SignInNeeded, SourceUnavailable
from autotime.testing import Loopback
from autotime.testing.server import Asked, Reply, Reset, Status, Truncated
from autotime.web import Answered, Manners, Web

from .asking import WALL, asking


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(lambda _asked: Reply({"value": []})) as made:
        yield made


def busy(retry_after: str, status: int = 429) -> Status:
    return Status(status, {"Retry-After": retry_after})


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("0", 0),
        ("899", 899),
        ("901", 900),
        ("1000000000", 900),
        ("9" * 300, 900),
        (formatdate(WALL + 42, usegmt=True), 42),
        (formatdate(WALL + 10**6, usegmt=True), 900),
        (formatdate(WALL - 60, usegmt=True), 0),
        (formatdate(WALL + 42, localtime=False).replace("-0000", "GMT"), 42),
        (formatdate(WALL + 42), 42),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_it_waits_as_long_as_it_is_asked_to(server: Loopback, asked: str, waited: float, status: int) -> None:
    """Seconds or a date, a quarter of an hour at most; then it asks again."""
    web, waits = asking(server)
    server.faults.append(busy(asked, status))
    assert web.get("me").status == 200
    assert waits == [waited]
    assert len(server.asked) == 2


@pytest.mark.parametrize("asked", ["", "-5", "soon", "1.5", "7 7", "9" * 400, "Thu, 32 Foo 2026", "0x10", "٧"])
def test_where_nobody_can_say_how_long_it_waits_politely(server: Loopback, asked: str) -> None:
    """Twice as long each time, with jitter, so that many clients do not come back together."""
    web, waits = asking(server)
    server.faults += [busy(asked.encode().decode("latin-1"))] * 3
    assert web.get("me").status == 200
    assert all(1.5 * 2**n <= wait <= 2.5 * 2**n for n, wait in enumerate(waits))
    assert len(set(waits)) == 3


def test_the_servers_own_clock_tells_how_far_off_a_date_is(server: Loopback) -> None:
    """Where this machine's clock is a day behind, «in 42 seconds» is still 42 seconds."""
    web, waits = asking(server)
    server.date = WALL + 86_400
    server.faults.append(busy(formatdate(WALL + 86_400 + 42, usegmt=True)))
    web.get("me")
    assert waits == [42]


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process cannot be set here")
def test_a_date_without_a_zone_is_no_local_time(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dates of HTTP are UTC, also the old forms that do not say so."""
    monkeypatch.setenv("TZ", "America/Chicago")
    time.tzset()
    try:
        web, waits = asking(server)
        server.faults.append(busy(formatdate(WALL + 42)))
        web.get("me")
    finally:
        monkeypatch.undo()
        time.tzset()
    assert waits == [42]


def test_a_run_has_only_so_much_patience(server: Loopback) -> None:
    """The budget is for all requests together; the last answer is told, with what to do next."""
    web, waits = asking(server, patience=1000)
    with server.failing(busy("400")), pytest.raises(Answered, match="answered 429") as told:
        web.get("me")
    assert waits == [400, 400]
    assert told.value.hint == "the next run tries again"
    server.faults.append(busy("200"))
    assert web.get("me").status == 200
    server.faults.append(busy("1"))
    with pytest.raises(Answered):
        web.get("me")
    assert sum(waits) == 1000


def test_an_attempt_too_many_is_not_made(server: Loopback) -> None:
    web, waits = asking(server, attempts=3)
    with server.failing(Status(503)), pytest.raises(Answered) as told:
        web.get("me")
    assert (told.value.status, len(server.asked), len(waits)) == (503, 3, 2)


def test_two_requests_given_up_open_the_circuit(server: Loopback) -> None:
    """A service that is down is left alone for the rest of the run."""
    web, _ = asking(server, attempts=3)
    with server.failing(Status(502)):
        for _ in range(2):
            with pytest.raises(Answered):
                web.get("me")
        for _ in range(5):
            with pytest.raises(SourceUnavailable, match="does not answer") as told:
                web.get("me")
    assert told.value.hint
    assert len(server.asked) == 6


def test_a_flapping_service_keeps_the_circuit_closed(server: Loopback) -> None:
    """One answer is proof that somebody is there."""
    web, _ = asking(server, attempts=2)
    for _ in range(4):
        server.faults += [Status(500), Status(504)]
        with pytest.raises(Answered):
            web.get("me")
        assert web.get("me").status == 200


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
def test_a_burst_is_outlasted(server: Loopback, status: int) -> None:
    web, waits = asking(server)
    server.faults += [Status(status), Reset(), Truncated(), Status(status), None]
    assert web.get("me").json() == {"value": []}
    assert len(waits) == 4


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 412, 422, 501])
def test_what_will_not_change_is_not_asked_again(server: Loopback, status: int) -> None:
    web, waits = asking(server)
    with server.failing(Status(status)), pytest.raises(Answered) as told:
        web.get("me")
    assert (told.value.status, len(server.asked), waits) == (status, 1, [])
    assert told.value.hint


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_nobody_is_led_elsewhere_by_a_redirect(server: Loopback, status: int) -> None:
    """A32: to another host, to http or to itself, with or without a page that refreshes."""
    with Loopback(lambda _asked: Reply({})) as other:
        for place in (f"{other.url}/me", f"{server.url}/other", "//evil.example", ""):
            server.faults.append(Status(status, {"Location": place}, b'<meta http-equiv="refresh" content="0;url=/x">'))
            web, waits = asking(server)
            with pytest.raises(Answered) as told:
                web.get("me")
            assert (told.value.status, waits) == (status, [])
        assert other.asked == []
    assert {asked.path for asked in server.asked} == {"/me"}


def test_a_status_that_is_fine_with_the_caller_is_an_answer(server: Loopback) -> None:
    """404 for what may be gone, and 503 where that is what is asked about."""
    web, waits = asking(server)
    server.faults += [Status(404), Status(503)]
    assert web.ask("GET", "me", ok=(404, 503)).status == 404
    assert web.ask("GET", "me", ok=(404, 503)).status == 503
    assert waits == []


def test_a_service_may_have_its_own_way_of_being_busy(server: Loopback) -> None:
    """Google says 403 with a reason."""
    web, waits = asking(server, throttled=lambda answer: answer.code == "rateLimitExceeded")
    server.faults.append(Status(403, body={"error": {"errors": [{"reason": "rateLimitExceeded"}]}}))
    assert web.get("me").status == 200
    assert len(waits) == 1


# -- half an answer ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b'{"value": [', b'{"value": NaN}', b"[" * 100_000], ids=["cut", "NaN", "deep"])
def test_json_that_is_none_is_asked_for_again(server: Loopback, body: bytes) -> None:
    """Without a length, nothing else shows that the connection broke."""
    web, waits = asking(server)
    server.faults += [Status(200, body=body), None]
    assert web.get("me").json() == {"value": []}
    assert len(waits) == 1
    with server.failing(Status(200, body=body)), pytest.raises(SourceUnavailable, match="no sound JSON") as told:
        web.get("me")
    assert told.value.hint


@pytest.mark.parametrize(
    "fine",
    [Status(200, body=b"BEGIN:VCALENDAR", kind="text/calendar"), Status(204, body=b""), Status(200, body=b"")],
    ids=["another kind", "no content", "an empty one"],
)
def test_what_does_not_say_that_it_is_json_may_be_anything(server: Loopback, fine: Status) -> None:
    web, waits = asking(server)
    server.faults.append(fine)
    assert web.get("me").body == fine.body
    assert waits == []


# -- tokens -----------------------------------------------------------------------------------------------


class Tokens:
    """Gives token 1, then 2 …; the server takes the ``good`` one."""

    def __init__(self, good: int) -> None:
        self.good, self.last, self.asked = good, 1, list[bool]()

    def __call__(self, fresh: bool) -> Mapping[str, str]:
        self.asked.append(fresh)
        self.last += fresh
        return {"Authorization": f"Bearer {self.last}"}

    def answer(self, asked: Asked) -> Reply:
        return Reply({}, 200 if asked.headers["authorization"] == f"Bearer {self.good}" else 401)


@pytest.mark.parametrize("write", [False, True])
def test_a_token_that_expired_is_renewed_once(write: bool) -> None:
    """401 proves that nothing was done, so that a write may be repeated too."""
    tokens = Tokens(good=2)
    with Loopback(tokens.answer) as server, Web(server.url, tokens) as web:
        assert (web.send("POST", "me") if write else web.get("me")).status == 200
        assert tokens.asked == [False, True]
        web.get("me")
        assert tokens.asked == [False, True, False]
        assert len(server.asked) == 3


def test_a_token_that_is_refused_twice_is_refused() -> None:
    tokens = Tokens(good=9)
    with Loopback(tokens.answer) as server, Web(server.url, tokens) as web:
        with pytest.raises(Answered) as told:
            web.get("me")
        assert (told.value.status, len(server.asked)) == (401, 2)


def test_a_sign_in_that_has_ended_passes_through(server: Loopback) -> None:
    """No storm of attempts: nothing is sent at all."""

    def ended(_fresh: bool) -> Mapping[str, str]:
        raise SignInNeeded("sign in again", hint="autotime connect")

    with Web(server.url, ended) as web, pytest.raises(SignInNeeded):
        web.get("me")
    assert server.asked == []


# -- writes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", [Status(429), Status(500), Status(503), Status(504), Reset(), Reset(midst=True), Truncated()], ids=repr
)
def test_a_write_is_sent_once(server: Loopback, fault: Status) -> None:
    """Whatever comes of it."""
    web, waits = asking(server)
    server.faults.append(fault)
    with pytest.raises(SourceUnavailable) as told:
        web.send("POST", "me", content=b"{}")
    assert told.value.hint
    assert (len(server.asked), waits) == (1, [])


def test_a_write_with_nothing_in_it_says_so(server: Loopback) -> None:
    """Some servers want a length."""
    web, _ = asking(server)
    web.send("POST", "me")
    assert server.asked[0].headers["content-length"] == "0"


# -- at once ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("allowed", [1, 4])
def test_no_more_at_once_than_allowed_however_many_clients_there_are(allowed: int) -> None:
    """Eight clients of one service, whose roots may differ, share one gate."""

    def slowly(_asked: Asked) -> Reply:
        time.sleep(0.005)
        return Reply({})

    manners = Manners(service=f"outlook of {allowed}", at_once=allowed)
    with Loopback(slowly) as server:

        def work() -> None:
            with Web(server.url, manners=manners) as web:
                for _ in range(3):
                    web.get("me")

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.asked) == 24
        assert server.most_at_once == allowed


def test_a_request_that_fails_gives_its_place_back(server: Loopback) -> None:
    web, _ = asking(server, at_once=1, attempts=1, service="one place")
    for fault in (Reset(), Truncated(), Status(500)):
        server.faults.append(fault)
        with pytest.raises(SourceUnavailable):
            web.send("POST", "me")
    assert web.get("me").status == 200


# -- clocks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ahead", "skew"),
    [(0, 0), (299, 0), (-299, 0), (301, 301), (-86_400, -86_400), (10**8, 10**8), (-WALL, -WALL)],
)
def test_a_clock_that_is_wrong_is_known(server: Loopback, ahead: int, skew: int) -> None:
    """By minutes or years; five minutes are nothing."""
    server.date = WALL + ahead
    web, _ = asking(server)
    web.get("me")
    assert web.skew == skew


@pytest.mark.parametrize("date", ["", "yesterday", "Thu, 99 Jan 9999 99:99:99 GMT", "-1"])
def test_a_date_nobody_can_read_says_nothing(server: Loopback, date: str) -> None:
    server.date = date
    web, _ = asking(server)
    web.get("me")
    assert web.skew == 0
