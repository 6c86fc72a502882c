"""Fifty requests a minute, kept by the account's own headers: no request is ever one too many."""

from __future__ import annotations

import pytest

from autotime.billing.clio.site import pace
from autotime.domain.errors import NotDelivered
from autotime.web import Answer
from tests.billing.clio.room import payload, room

NOW = "Mon, 02 Mar 2026 12:00:00 GMT"
AT = 1_772_452_800


def test_two_hundred_entries_go_without_one_refusal_in_the_time_the_limit_takes() -> None:
    here = room()
    biller, began = here.biller(), here.clock()
    for number in range(200):
        biller.create(payload(number))
    assert here.clio.limits.refused == 0
    assert len(here.clio.entries) == 200
    windows = here.clio.limits.taken // 50
    assert windows * 60 <= here.clock() - began <= windows * 60 * 1.1


@pytest.mark.parametrize("most", [1, 7, 120])
def test_the_limit_is_the_one_that_the_headers_tell(most: int) -> None:
    here = room()
    here.clio.limits.most = most
    biller = here.biller()
    for number in range(3 * most):
        biller.create(payload(number))
    assert here.clio.limits.refused == 0


def test_a_limit_that_another_program_used_up_is_waited_for() -> None:
    here = room()
    biller = here.biller()
    biller.present([payload()])
    for _ in range(60):
        here.clio.limits.count("access-1")
    refused = here.clio.limits.refused
    assert biller.present([payload()]) == []
    assert here.clio.limits.refused == refused + 1
    assert max(here.clock.slept) <= 61


def test_a_write_that_was_one_too_many_is_not_done_and_says_how_long_to_wait() -> None:
    here = room()
    biller = here.biller()
    biller.present([payload()])
    for _ in range(60):
        here.clio.limits.count("access-1")
    with pytest.raises(NotDelivered) as told:
        biller.create(payload())
    assert 0 < told.value.wait <= 60
    assert here.clio.entries == []


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-remaining": "1", "x-ratelimit-reset": str(AT + 30)}, 0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(AT + 30)}, 30),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(AT - 5)}, 1),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(AT * 1000)}, 120),
        ({"x-ratelimit-remaining": "0"}, 0),
        ({"x-ratelimit-remaining": "few", "x-ratelimit-reset": "soon"}, 0),
        ({}, 0),
    ],
)
def test_the_pause_is_read_by_the_servers_own_clock(headers: dict[str, str], seconds: float) -> None:
    assert pace(Answer(200, {"date": NOW, **headers}, b""), wall=AT - 7200) == seconds


def test_without_a_clock_of_the_server_ours_is_taken() -> None:
    answer = Answer(200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(AT + 30)}, b"")
    assert pace(answer, wall=AT + 10) == 20


def test_an_account_without_limits_is_not_waited_for() -> None:
    here = room()
    here.clio.limits.most = 0
    biller = here.biller()
    for number in range(120):
        biller.create(payload(number))
    assert here.clock.slept == []


def test_windows_are_each_tokens_own() -> None:
    here = room()
    for _ in range(50):
        here.clio.limits.count("one")
    assert here.clio.limits.count("one")[0]
    wait, told = here.clio.limits.count("other")
    assert (wait, told["X-RateLimit-Remaining"], told["X-RateLimit-Limit"]) == (0, "49", "50")
