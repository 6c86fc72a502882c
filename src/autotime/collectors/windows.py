"""What ActivityWatch saw, turned into stretches of active work on one document.

::

    window     [ Motion.docx )[ mail )[ Motion.docx    )[ Brief.pdf )
    not away   [==================================)        [==)
    Motion     [===========)       [==============)
    stretch    [==================================)     pauses up to five minutes do not interrupt it

Everything here is pure: rows in, stretches out.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any

from autotime.collectors.titles import BROWSERS, document, is_hidden, program
from autotime.domain.evidence import Quarantined
from autotime.domain.spans import Span, Spans, difference, intersection, total, union
from autotime.intake import clean

WINDOW, AWAY, TAB = "currentwindow", "afkstatus", "web.tab.current"
TYPES = (WINDOW, AWAY, TAB)
PAUSE = 300
SHORTEST = 30
NOBODY = ("", "unknown")
"""Host names of watchers that do not know theirs."""


@dataclass(frozen=True, slots=True)
class Row:
    """One event: UTC seconds, and what was seen."""

    span: Span
    said: Mapping[str, Any] = field(repr=False)


@dataclass(slots=True)
class Bucket:
    """What one watcher saw, and since when it may have (UTC seconds, 0: not known). ``bad`` are rows that
    cannot be read."""

    id: str
    type: str
    host: str
    since: int = 0
    rows: list[Row] = field(default_factory=list, repr=False)
    bad: list[Quarantined] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Active work on one document, as one watcher saw it."""

    bucket: str
    document: str
    app: str
    span: Span

    @property
    def key(self) -> str:
        """By its start: a stretch that goes on is the same one."""
        name = hashlib.blake2b(self.document.casefold().encode("utf-8", "replace"), digest_size=6).hexdigest()
        return f"{self.bucket}/{self.span.start}/{name}"


def bucket_of(name: str, told: Any) -> Bucket | None:
    """A bucket by what the server or an export says of it; ``None`` for one of no interest. Its own name for
    its type decides, not its id."""
    if not isinstance(told, dict) or told.get("type") not in TYPES:
        return None
    return Bucket(clean(name, 120), str(told["type"]), clean(str(told.get("hostname") or ""), 120), _since(told))


def _since(told: Mapping[str, Any]) -> int:
    try:
        return max(0, math.floor(_instant(told["created"])))
    except (KeyError, ValueError, OverflowError):
        return 0


def add(bucket: Bucket, events: Iterable[Any], now: int) -> None:
    """Reads rows into a bucket. Nothing reaches into the future, and what took no time is nothing, but for a
    look at a tab: it says what the window showed."""
    for event in events:
        try:
            start = _instant(event["timestamp"])
            seconds = event.get("duration", 0)
            said = event["data"]
            if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not math.isfinite(seconds):
                raise ValueError("no duration")
            if not isinstance(said, dict):
                raise ValueError("no data")
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            digest = hashlib.sha256(repr(event)[:10_000].encode("utf-8", "replace")).hexdigest()
            bucket.bad.append(Quarantined(f"{bucket.id}#{digest[:12]}", "an event that cannot be read", digest))
            continue
        ends = min(max(math.floor(start + seconds), math.floor(start) + (bucket.type == TAB)), now)
        if ends > math.floor(start):
            bucket.rows.append(Row(Span(math.floor(start), ends), said))


def _instant(text: Any) -> float:
    """UTC seconds of an ISO time; one without a zone is UTC."""
    parsed = datetime.fromisoformat(str(text))
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()


def stretches(buckets: Sequence[Bucket], denied: Iterable[str] = ()) -> list[Stretch]:
    """Active work on documents, in order of time. Programs that are ``denied`` and windows of browsers that
    keep no history are dropped before anything else is looked at."""
    unwanted = {program(app) for app in denied}
    found: list[Stretch] = []
    for bucket in buckets:
        if bucket.type != WINDOW:
            continue
        there, hidden = present(bucket, buckets), _hidden(bucket, buckets)
        rows = [row for row in bucket.rows if not _is_unwanted(row, unwanted, hidden)]
        found += _of_documents(bucket.id, _one_at_a_time(rows), there)
    return sorted(found, key=lambda one: (one.span.start, one.key))


def watches_presence(bucket: Bucket, buckets: Sequence[Bucket]) -> list[Bucket]:
    """Whoever saw whether somebody sat there: on the same machine, or where that is not known, anywhere."""
    away = [other for other in buckets if other.type == AWAY]
    same = [other for other in away if other.host == bucket.host and other.host not in NOBODY]
    return same or [other for other in away if other.host in NOBODY or bucket.host in NOBODY]


def present(bucket: Bucket, buckets: Sequence[Bucket]) -> Spans:
    """When somebody sat there. Where two rows contradict each other, nobody did."""
    here: list[Span] = []
    away: list[Span] = []
    for other in watches_presence(bucket, buckets):
        for row in _longest(other.rows):
            (here if row.said.get("status") == "not-afk" else away).append(row.span)
    return difference(here, away)


def _longest(rows: Iterable[Row]) -> list[Row]:
    """Of rows that begin together the longest: watchers write a row again when it grows."""
    by_start: dict[int, Row] = {}
    for row in rows:
        known = by_start.get(row.span.start)
        if known is None or row.span.end > known.span.end:
            by_start[row.span.start] = row
    return [by_start[start] for start in sorted(by_start)]


def _one_at_a_time(rows: Iterable[Row]) -> Iterator[Row]:
    """One window is in front: a row ends where the next begins, whatever it says."""
    ordered = _longest(rows)
    for row, following in zip_longest(ordered, ordered[1:]):
        if following is None or row.span.end <= following.span.start:
            yield row
        else:
            yield Row(Span(row.span.start, following.span.start), row.said)


def _hidden(bucket: Bucket, buckets: Sequence[Bucket]) -> Spans:
    """When the browsers of this machine showed a tab that keeps no history."""
    tabs = [one for one in buckets if one.type == TAB and (one.host == bucket.host or one.host in NOBODY)]
    return union(row.span for tab in tabs for row in tab.rows if row.said.get("incognito") is True)


def _is_unwanted(row: Row, unwanted: set[str], hidden: Spans) -> bool:
    app, title = _app(row), str(row.said.get("title") or "")
    if program(app) in unwanted or is_hidden(app, title):
        return True
    return bool(BROWSERS.search(app)) and bool(intersection([row.span], hidden))


def _app(row: Row) -> str:
    return clean(str(row.said.get("app") or ""), 120)


def _of_documents(bucket: str, rows: Iterable[Row], there: Spans) -> Iterator[Stretch]:
    seen: dict[str, list[Row]] = {}
    for row in rows:
        if name := document(_app(row), str(row.said.get("title") or "")):
            seen.setdefault(name, []).append(row)
    for name, of_it in seen.items():
        active = intersection((row.span for row in of_it), there)
        for pieces in _gathered(active):
            if total(pieces) >= SHORTEST:
                whole = Span(pieces[0].start, pieces[-1].end)
                app = next(_app(row) for row in of_it if row.span.overlaps(whole))
                yield Stretch(bucket, name, app, whole)


def _gathered(pieces: Spans) -> Iterator[list[Span]]:
    """Pieces with no longer pause between them than interrupts nobody."""
    together: list[Span] = []
    for piece in pieces:
        if together and piece.start - together[-1].end > PAUSE:
            yield together
            together = []
        together.append(piece)
    if together:
        yield together
