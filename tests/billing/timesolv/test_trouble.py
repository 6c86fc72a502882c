"""TimeSolv: signing in, and what goes wrong."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from autotime.domain.errors import SignInNeeded, SourceUnavailable
from autotime.testing.server import Asked, Reply
from autotime.testing.systems.wire import START
from tests.billing.timesolv.room import SECRET, Room, searches


class Somebody:
    """Types a secret and pastes an address."""

    def __init__(self, pasted: str) -> None:
        self.answers = [SECRET, pasted]
        self.heard: list[str] = []

    def say(self, line: str) -> None:
        self.heard.append(line)

    def ask(self, question: str, secret: bool = False) -> str:
        assert secret
        return self.answers.pop(0)


# -- signing in -----------------------------------------------------------------------------------


def test_a_person_signs_in_by_an_address_that_is_pasted() -> None:
    """The code is kept, since it is all there is to get tokens by."""
    room, person = Room(), Somebody("http://127.0.0.1/callback?code=code-1")
    room.vault.forget()
    assert not room.biller.standing(START).signed_in
    room.biller.connect(person)
    assert room.biller.standing(START).signed_in
    assert json.loads(room.vault.load())["code"] == "code-1"
    assert "https://apps.timesolv.com/App/Authorize.aspx?" in person.heard[0]
    assert any("Matters come from CSV" in line for line in person.heard)


def test_the_code_is_used_again_when_a_token_ends() -> None:
    """Also where its end is told by nothing but a search that is refused, with 200."""
    room = Room(ends=START + 100_000)
    room.account.says_when = False
    assert room.pulled() == {"users": [], "clients": [], "codes": []}
    room.clock.sleep(2 * 3600)
    assert room.cards() == []
    assert len(room.account.tokens) == 2


@pytest.mark.parametrize("inside", [True, False])
def test_a_code_that_is_not_taken_any_more_needs_a_person(inside: bool) -> None:
    """Asked for once, and told without any of it."""
    room = Room(code="code-0")
    room.account.inside = inside
    with pytest.raises(SignInNeeded) as told:
        room.cards()
    assert told.value.hint == "autotime connect timesolv"
    assert "code-0" not in str(told.value)
    assert len([asked for asked in room.wire.asked if asked.path.endswith("Token")]) == 1


@pytest.mark.parametrize("inside", [True, False])
def test_a_fresh_token_that_is_refused_too_needs_a_person(inside: bool) -> None:
    """No third attempt."""
    room = Room()
    room.account.inside, room.account.lasts = inside, 0
    with pytest.raises(SignInNeeded):
        room.cards()
    assert len(searches(room)) == 2


@pytest.mark.parametrize("status", [200, 400, 401])
def test_a_token_that_ended_may_be_told_as_an_error_alone(status: int) -> None:
    """In the manner of the sign-in, whatever the status: one token is fetched by the kept code."""
    room = Room(ends=START + 100_000)
    room.card()
    right = room.account.answer

    def answer(asked: Asked) -> Reply:
        told = right(asked)
        ended = not asked.path.endswith("Token") and asked.headers["authorization"] == "Bearer old"
        return Reply({"error": "invalid_token", "error_description": "expired"}, status) if ended else told

    room.wire.answer = answer
    assert len(room.cards()) == 1
    assert len(room.account.tokens) == 1


# -- trouble --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"Status": {"ResponseCode": 400, "Message": "Invalid field"}},
        {"Status": {"ResponseCode": "403", "Message": "Not allowed"}, "TimeCards": []},
        {"ErrorCode": 17, "ErrorMessage": "Not allowed"},
        {"TimeCards": []},
        {"Status": {"ResponseCode": 200}, "TimeCards": {"Id": 1}},
        {"Status": {"ResponseCode": 401.0, "Message": "Odd"}, "TimeCards": []},
        {"Status": {"ResponseCode": "failed"}, "TimeCards": []},
        {"Status": {"Message": "no code at all"}, "TimeCards": []},
        {"Status": "failed", "TimeCards": []},
        {"Status": {"ResponseCode": 200}, "ErrorCode": 17, "TimeCards": []},
        [],
    ],
)
def test_an_error_inside_an_answer_of_200_is_an_error(body: Any) -> None:
    """No empty list is made of it."""
    room = Room(ends=START + 9000)
    room.wire.answer = lambda _asked: Reply(body)
    with pytest.raises(SourceUnavailable):
        room.cards()


ANSWERS = {
    "a wrong question": (Reply({"Message": "bad"}, 400), "answered 400", "doctor"),
    "not allowed": (Reply({}, 403), "answered 403", "ask TimeSolv for the permission"),
    "a firewall": (Reply(b"<html>", 403, kind="text/html"), "answered 403", "ask TimeSolv for the permission"),
    "not there": (Reply({}, 404), "answered 404", "doctor"),
    "down": (Reply({}, 500), "answered 500", "the next run tries again"),
    "a page": (Reply(b"<html>", 200, kind="text/html"), "a page, not data", "open a browser"),
    "half": (Reply(b'{"TimeCards": [', 200), "no sound JSON", "the next run tries again"),
    "refused inside": (Reply({"Status": {"ResponseCode": 403, "Message": "No"}}), r"\(403\): No", "permission"),
    "broken inside": (Reply({"Status": {"ResponseCode": 500, "Message": "No"}}), r"\(500\): No", "next run tries"),
    "wrong inside": (Reply({"ErrorCode": 17, "ErrorMessage": "No"}), r"\(17\): No", "permission"),
}


@pytest.mark.parametrize(("reply", "said", "hint"), ANSWERS.values(), ids=ANSWERS)
def test_a_search_that_fails_says_what_to_do(reply: Reply, said: str, hint: str) -> None:
    room = Room(ends=START + 9_000)
    room.wire.answer = lambda _asked: reply
    with pytest.raises(SourceUnavailable, match=said) as told:
        room.cards()
    assert hint in told.value.hint


def test_a_token_that_is_refused_by_an_error_again_and_again_needs_a_person() -> None:
    room = Room(ends=START + 9_000)
    right = room.account.answer
    ended = Reply({"error": "invalid_token"}, 400)
    room.wire.answer = lambda asked: right(asked) if asked.path.endswith("Token") else ended
    with pytest.raises(SignInNeeded) as told:
        room.cards()
    assert told.value.hint == "autotime connect timesolv"
    assert len(searches(room)) == 2


@pytest.mark.parametrize("inside", [True, False])
def test_too_many_requests_are_repeated_politely(inside: bool) -> None:
    """Inside an answer or as its status."""
    room = Room()
    room.card()
    right, busy = room.account.answer, [True, True]

    def answer(asked: Asked) -> Reply:
        if asked.path.endswith("Token") or not busy:
            return right(asked)
        busy.pop()
        return Reply({"Status": {"ResponseCode": 429, "Message": "slow"}}, 200 if inside else 429)

    room.wire.answer = answer
    assert len(room.cards()) == 1
    assert room.clock() > START


def test_no_secret_is_in_an_error_or_a_log(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the code, nor the client's secret, nor a token."""
    caplog.set_level(logging.DEBUG)
    room = Room(code="code-0")
    with pytest.raises(SignInNeeded) as told:
        room.cards()
    shown = f"{told.value!r}{told.value.hint}{caplog.text}{room.biller!r}"
    assert not any(secret in shown for secret in (SECRET, "code-0", "old"))
