"""The day drawn on one line of the clock: what is approved, what waits, what is looked at, what is free.

::

    08:00   09:00   10:00   11:00
    ··▒▒▒▒▒██████··▓▓▓▓▒··········
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from autotime.domain.spans import Span, Spans, union
from autotime.review.desk import Desk
from autotime.review.view import DayView
from autotime.timeline.days import clock, local_day

FREE, WAITS, LOOKED_AT, DONE = "·", "▒", "▓", "█"
HOUR = 3600
OPENS, CLOSES = 8 * HOUR, 18 * HOUR


@dataclass(frozen=True, slots=True)
class Drawn:
    """Two lines of ``width`` cells. ``looked_at`` says which cells belong to the row looked at."""

    scale: str
    cells: str
    looked_at: tuple[bool, ...]


def drawn(desk: Desk, width: int) -> Drawn:
    """The hours that hold something, and from eight to six at least."""
    width = max(width, 12)
    view = desk.view
    whole = _hours(view)
    approved = _Filled(span for entry in view.entries for span in entry.spans)
    waiting = _Filled(span for one in view.open for span in one.spans)
    current = _Filled(_looked_at(desk))
    slots = [_slot(whole, place, width) for place in range(width)]
    here = tuple(current.meets(slot) for slot in slots)
    cells = "".join(
        DONE if approved.meets(slot) else LOOKED_AT if mine else WAITS if waiting.meets(slot) else FREE
        for slot, mine in zip(slots, here, strict=True)
    )
    return Drawn(_scale(whole, width, view.zone), cells, here)


class _Filled:
    """Spans to be asked, many times, whether a slot meets one of them."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = union(spans)
        self._starts = [span.start for span in self._spans]

    def meets(self, slot: Span) -> bool:
        before = bisect_right(self._starts, slot.end - 1)
        return before > 0 and self._spans[before - 1].end > slot.start


def _looked_at(desk: Desk) -> Spans:
    row = desk.current
    if row is None:
        return ()
    entry, one = desk.view.entry(row.key), desk.view.suggestion(row.key)
    return entry.spans if entry else one.spans if one else ()


def _hours(view: DayView) -> Span:
    day = local_day(view.day, view.zone)
    spans = [*(s for e in view.entries for s in e.spans), *(s for one in view.open for s in one.spans)]
    first = min([day.start + OPENS, *(span.start for span in spans)])
    last = max([day.start + CLOSES, *(span.end for span in spans)])
    return Span(first - (first - day.start) % HOUR, last + (day.start - last) % HOUR)


def _slot(whole: Span, place: int, width: int) -> Span:
    start = whole.start + whole.seconds * place // width
    return Span(start, max(whole.start + whole.seconds * (place + 1) // width, start + 1))


def _scale(whole: Span, width: int, zone: str) -> str:
    """Clock times above their cells, as many hours as fit."""
    line = [" "] * width
    hours = whole.seconds // HOUR
    step = max(1, -(-hours * 6 // width))
    for hour in range(0, hours, step):
        place = width * hour // hours
        text = clock(whole.start + hour * HOUR, zone)
        if place + len(text) <= width:
            line[place : place + len(text)] = text
    return "".join(line)
