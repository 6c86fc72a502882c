"""The arithmetic of sets of seconds, against sets of seconds."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.domain.spans import Span, difference, intersection, last_seconds, total, union

HOUR = st.integers(0, 60)
SPANS = st.lists(st.tuples(HOUR, st.integers(1, 30)).map(lambda pair: Span(pair[0], pair[0] + pair[1])), max_size=6)


def seconds(spans: object) -> set[int]:
    return {second for span in spans for second in range(span.start, span.end)}  # type: ignore[attr-defined]


def is_tidy(spans: tuple[Span, ...]) -> bool:
    return all(one.end < other.start for one, other in pairwise(spans))


@given(SPANS)
def test_a_union_holds_the_same_seconds_as_fewest_spans(spans: list[Span]) -> None:
    assert seconds(union(spans)) == seconds(spans)
    assert is_tidy(union(spans))


@given(SPANS, SPANS)
def test_intersection_and_difference_are_those_of_sets(left: list[Span], right: list[Span]) -> None:
    assert seconds(intersection(left, right)) == seconds(left) & seconds(right)
    assert seconds(difference(left, right)) == seconds(left) - seconds(right)
    assert is_tidy(intersection(left, right))
    assert is_tidy(difference(left, right))


@given(SPANS)
def test_a_second_in_two_spans_counts_once(spans: list[Span]) -> None:
    assert total(spans) == len(seconds(spans))


@given(SPANS, st.integers(-5, 120))
def test_the_last_seconds_are_the_last(spans: list[Span], wanted: int) -> None:
    """As many as were asked for where there are so many, and none before one that was left out."""
    whole = union(spans)
    kept = seconds(last_seconds(whole, wanted))
    assert kept == set(sorted(seconds(whole))[-wanted:] if wanted > 0 else ())


def test_a_span_that_ends_before_it_begins_is_none() -> None:
    """Nor is one without any second."""
    for end in (9, 10):
        with pytest.raises(ValueError, match="ends after it starts"):
            Span(10, end)


def test_a_span_holds_its_first_second_and_not_its_end() -> None:
    span = Span(10, 20)
    assert (span.contains(10), span.contains(19), span.contains(20)) == (True, True, False)
    assert not span.overlaps(Span(20, 30))
    assert span.overlaps(Span(19, 30))
