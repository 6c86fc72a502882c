"""Stretches of time, and the arithmetic of sets of them.

A span is half-open, in whole UTC seconds since 1970. Local time appears only where a day or a
clock is shown, so a daylight-saving change never lengthens or shortens anything.

::

    a      [=======)
    b           [=======)
    a ∪ b  [============)
    a ∩ b       [==)
    a − b  [====)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The seconds ``start <= t < end``, UTC. Never empty, never backwards."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"a span ends after it starts: {self.start} to {self.end}")

    @property
    def seconds(self) -> int:
        return self.end - self.start

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, instant: int) -> bool:
        return self.start <= instant < self.end


Spans = tuple[Span, ...]
"""Disjoint, ascending, never touching: what ``union`` returns."""


def union(spans: Iterable[Span]) -> Spans:
    """All the seconds in any of the spans, as the fewest spans."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            if span.end > merged[-1].end:
                merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    return tuple(merged)


def intersection(left: Iterable[Span], right: Iterable[Span]) -> Spans:
    """The seconds in both."""
    a, b = union(left), union(right)
    common: list[Span] = []
    i = j = 0
    while i < len(a) and j < len(b):
        start, end = max(a[i].start, b[j].start), min(a[i].end, b[j].end)
        if start < end:
            common.append(Span(start, end))
        if a[i].end <= b[j].end:
            i += 1
        else:
            j += 1
    return tuple(common)


def difference(left: Iterable[Span], right: Iterable[Span]) -> Spans:
    """The seconds of ``left`` that are not in ``right``."""
    remaining: list[Span] = []
    holes = union(right)
    for span in union(left):
        start = span.start
        for hole in holes:
            if hole.end <= start:
                continue
            if hole.start >= span.end:
                break
            if hole.start > start:
                remaining.append(Span(start, hole.start))
            start = hole.end
        if start < span.end:
            remaining.append(Span(start, span.end))
    return tuple(remaining)


def last_seconds(spans: Iterable[Span], seconds: int) -> Spans:
    """The last so many seconds of disjoint ascending spans: work ends when the mail is sent."""
    kept: list[Span] = []
    for span in reversed(tuple(spans)):
        if seconds <= 0:
            break
        kept.append(span if span.seconds <= seconds else Span(span.end - seconds, span.end))
        seconds -= span.seconds
    return tuple(reversed(kept))


def total(spans: Iterable[Span]) -> int:
    """How many seconds the spans cover together; a second in two of them counts once."""
    return sum(span.seconds for span in union(spans))
