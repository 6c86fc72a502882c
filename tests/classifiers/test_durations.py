"""How long it took, before anything is learned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.classifiers.durations import SHARES, estimate, middle_of
from autotime.domain.evidence import Evidence
from autotime.domain.spans import Span
from tests.timeline.seen import MORNING, call, days_of_work, document, meeting, sent


@pytest.mark.parametrize(
    ("item", "shares"),
    [
        (call("c", MORNING, 600), (1_000, 1_000, 1_000)),
        (meeting("m", MORNING, 600), (600, 1_000, 1_000)),
        (sent("s", MORNING), (400, 1_000, 1_000)),
        (document("d", MORNING, minutes=9), (500, 1_000, 1_000)),
        (document("d", MORNING), (200, 600, 1_000)),
    ],
)
def test_each_kind_has_its_stated_shares(item: Evidence, shares: tuple[int, int, int]) -> None:
    told = estimate([item], {item.id: (Span(0, 1_000),)})
    assert (told.low, told.seconds, told.high) == shares
    assert middle_of(item, 1_000) == shares[1]


def test_only_calls_are_no_estimate() -> None:
    both = call("c", MORNING, 600), sent("s", MORNING)
    assert not estimate(both, {both[0].id: (Span(0, 60),)}).estimate
    assert estimate(both, {item.id: (Span(0, 60),) for item in both}).estimate
    assert estimate(both, {item.id: (Span(0, 60),) for item in both}).basis == "call, message"


def test_nothing_owned_takes_no_time() -> None:
    told = estimate([sent("s", MORNING)], {})
    assert (told.low, told.seconds, told.high, told.basis) == (0, 0, 0, "")


@given(days_of_work(), st.lists(st.integers(1, 10_000), min_size=12, max_size=12))
def test_an_estimate_is_in_order_and_under_what_is_owned(evidence: list[Evidence], lengths: list[int]) -> None:
    owned = {item.id: (Span(0, length),) for item, length in zip(evidence, lengths, strict=False)}
    told = estimate(evidence, owned)
    assert 0 <= told.low <= told.seconds <= told.high <= sum(lengths[: len(evidence)])


def test_shares_are_percent_and_ascend() -> None:
    assert all(0 < low <= middle <= high <= 100 for low, middle, high in SHARES.values())
