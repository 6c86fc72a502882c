"""One request that changes something: what each answer proves, and how long is waited."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate
from typing import Any

import pytest

from autotime.billing.once import once
from autotime.domain.errors import AutotimeError, InDoubt, NotDelivered, Refused, SignInNeeded
from autotime.web import Answer, Lost, Manners, Web

NOW = 1_773_000_000


class Answering:
    """A ``web.Carrier`` with one answer, or none. ``asked`` counts the requests."""

    def __init__(self, answer: Answer | None) -> None:
        self.given, self.asked = answer, 0

    def fetch(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None, largest: int) -> Answer:
        self.asked += 1
        if self.given is None:
            raise Lost("the connection failed")
        return self.given

    def close(self) -> None:
        """Nothing to close."""


def told(status: int, body: bytes = b"{}", **headers: str) -> AutotimeError:
    """What comes of a write that is answered so. It is sent once."""
    named = {"content-type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return trouble(Answering(Answer(status, named, body)))


def trouble(carrier: Answering) -> AutotimeError:
    web = Web("https://bills.example/v1", manners=Manners(service="bills"), wall=lambda: NOW, carrier=carrier)
    with pytest.raises(AutotimeError) as no:
        once(web, "POST", "time", {"hours": 1}, read=lambda said: said["id"])
    assert carrier.asked == 1
    return no.value


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 410, 412, 422])
def test_a_refusal_is_for_good(status: int) -> None:
    no = told(status, b'{"error": "closed"}')
    assert isinstance(no, Refused)
    assert str(no) == f"bills.example answered {status} closed"


@pytest.mark.parametrize("status", [301, 302, 402, 408, 413, 415, 418, 425, 451, 500, 502, 503, 504, 599])
def test_any_other_status_proves_nothing(status: int) -> None:
    no = told(status)
    assert isinstance(no, InDoubt)
    assert (no.kept, no.hint) == ("it may be done or not", "autotime resolve")


def test_no_answer_proves_nothing() -> None:
    no = trouble(Answering(None))
    assert isinstance(no, InDoubt)
    assert no.hint == "autotime resolve"


@pytest.mark.parametrize("body", [b'{"Status": "Error"}', b"[]", b"null", b"7", b"", b'{"id"', b"\xff"])
@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_success_without_what_was_made_is_probably_done(status: int, body: bytes) -> None:
    no = told(status, body)
    assert isinstance(no, InDoubt)
    assert no.kept == "it is probably done"


def test_a_token_that_is_not_taken_names_the_command() -> None:
    no = told(401)
    assert isinstance(no, SignInNeeded)
    assert no.hint == "autotime connect bills"


def test_a_page_that_forbids_stands_in_between_and_nothing_was_done() -> None:
    assert isinstance(told(403, b"<html>Blocked</html>", content_type="text/html"), NotDelivered)


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        ("7", 7),
        ("", 0),
        ("soon", 0),
        ("-5", 0),
        ("9" * 5_000, 0),
        (formatdate(NOW + 60, usegmt=True), 60),
        (formatdate(NOW - 60, usegmt=True), 0),
    ],
)
def test_too_many_requests_wait_as_long_as_is_asked_in_whichever_way(asked: str, wait: int) -> None:
    """Seconds, or a date."""
    no: Any = told(429, retry_after=asked)
    assert isinstance(no, NotDelivered)
    assert no.wait == wait
