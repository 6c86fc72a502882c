"""Whatever the weather on the wire, a read gives the right answer or says that it has none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autotime.domain.errors import SourceUnavailable
from autotime.testing import Loopback
from autotime.testing.server import Asked, Fault, HalfClosed, Reply, Reset, Status, Truncated

from .asking import asking

ANSWER = {"value": ["a"] * 50}
PASSING: list[Fault] = [
    *(Status(status, {"Retry-After": after}) for status in (429, 500, 502, 503, 504) for after in ("", "3", "-1")),
    *(Status(200, body=body) for body in (b"{", b"[NaN]", b"[" * 50_000)),
    Truncated(),
    Truncated(told=False),
    HalfClosed(),
    Reset(),
    Reset(midst=True),
]
LASTING: list[Fault] = [Status(404), Status(403), Status(302, {"Location": "https://evil.example"})]
WEATHER = st.lists(st.sampled_from(PASSING), max_size=5)


def weathered(plan: list[Fault]) -> None:
    """Five faults that pass are outlasted, with a wait for each; then the connection is as good as new."""
    with Loopback(lambda _asked: Reply(ANSWER)) as server:
        web, waits = asking(server)
        for _ in range(2):
            server.faults, before = list(plan), len(server.asked)
            waits.clear()
            assert web.get("me").json() == ANSWER
            assert (len(waits), len(server.asked) - before) == (len(plan), len(plan) + 1)


@settings(max_examples=25)
@given(WEATHER)
def test_what_passes_is_outlasted(plan: list[Fault]) -> None:
    weathered(plan)


@pytest.mark.storm
@settings(max_examples=500)
@given(WEATHER)
def test_what_passes_is_outlasted_always(plan: list[Fault]) -> None:
    weathered(plan)


def read_to_its_end(plan: list[Fault]) -> None:
    """A source of six pages, in any weather: each page that comes is the right one, and trouble is ours."""

    def page(asked: Asked) -> Reply:
        return Reply({"page": asked.path})

    with Loopback(page) as server:
        web, waits = asking(server, attempts=3)
        server.faults = list(plan)
        for number in range(6):
            try:
                assert web.get(f"{number}").json() == {"page": f"/{number}"}
            except SourceUnavailable as trouble:
                hint = trouble.hint
                assert hint
        assert len(server.asked) <= 3 * 6
        assert sum(waits) <= 1800


@settings(max_examples=25)
@given(st.lists(st.sampled_from([*PASSING, *LASTING]), max_size=30))
def test_no_weather_gives_a_wrong_answer(plan: list[Fault]) -> None:
    read_to_its_end(plan)


@pytest.mark.storm
@settings(max_examples=500)
@given(st.lists(st.sampled_from([*PASSING, *LASTING, None]), max_size=30))
def test_no_weather_gives_a_wrong_answer_ever(plan: list[Fault]) -> None:
    read_to_its_end(plan)
