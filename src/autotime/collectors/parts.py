"""A source of several parts (mail, calendar, files): one cursor with a section for each, read one after another.

A part that cannot be read is a gap, and the others go on. Only where nothing could be read does the source
say that it is out of reach; only where the sign-in ended must a person act.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from autotime.domain.doors import CollectContext
from autotime.domain.errors import AutotimeError, CursorExpired, SignInNeeded, SourceUnavailable, SuddenlyEmpty
from autotime.domain.evidence import Batch, Evidence, Gap, Quarantined, SyncCursor
from autotime.domain.spans import Span

VERSION = 1
A_DAY = 86_400

State = Mapping[str, Any]
"""What a part remembers, as JSON can hold it; empty before the first run and after its cursor expired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a part, and the state that holds once it is stored."""

    state: State
    evidence: tuple[Evidence, ...] = ()
    withdrawn: tuple[str, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    gaps: tuple[Gap, ...] = ()


Read = Callable[[State, CollectContext], Iterator[Page]]
"""Reads one part. ``CursorExpired`` makes it start again from an empty state."""

AsGap = Callable[[str, AutotimeError], Gap]


@dataclass(slots=True)
class Sections:
    """The cursor. ``head`` tells whose it is: what was kept for another mailbox, root or version is forgotten.
    Mail is read again when the mode went from metadata to text, which was never asked for before; the other
    way it is not, or what is stored would be taken over by nothing."""

    head: Mapping[str, Any]
    of: dict[str, State] = field(default_factory=dict)

    @classmethod
    def opened(cls, cursor: SyncCursor | None, whose: Sequence[str], mode: str, parts: Sequence[str]) -> Sections:
        """``parts`` are all there are: one that is not asked for now keeps its place."""
        digest, known = hashlib.blake2b("\n".join(whose).encode(), digest_size=8).hexdigest(), _json(cursor)
        if (known.get("v"), known.get("of")) != (VERSION, digest):
            known = {}
        kept = {part: known[part] for part in parts if isinstance(known.get(part), dict)}
        if (known.get("mode"), mode) == ("metadata", "text"):
            kept.pop("mail", None)
        return cls({"v": VERSION, "of": digest, "mode": mode}, kept)

    def cursor(self) -> SyncCursor:
        return SyncCursor(json.dumps({**self.head, **self.of}, separators=(",", ":"), sort_keys=True))


def collect(
    readers: Mapping[str, Read], sections: Sections, context: CollectContext, first_days: int, as_gap: AsGap
) -> Iterator[Batch]:
    """All parts in order. ``first_days`` is how far a first run looks back where the settings do not say."""
    failures: list[AutotimeError] = []
    for part, read in readers.items():
        try:
            yield from _part(part, read, sections, context, first_days)
        except SignInNeeded:
            raise
        except (SourceUnavailable, SuddenlyEmpty) as failure:
            failures.append(failure)
            yield Batch((), sections.cursor(), gaps=(as_gap(part, failure),))
    emptied = [failure for failure in failures if isinstance(failure, SuddenlyEmpty)]
    if emptied or len(failures) == len(readers):
        raise (emptied or failures)[0]


def _part(part: str, read: Read, sections: Sections, context: CollectContext, first_days: int) -> Iterator[Batch]:
    try:
        yield from _pages(part, read, sections, context, first_days)
    except CursorExpired:
        sections.of.pop(part, None)
        yield from _pages(part, read, sections, context, first_days)


def _pages(part: str, read: Read, sections: Sections, context: CollectContext, first_days: int) -> Iterator[Batch]:
    state = sections.of.get(part, {})
    for page in read(state, context if state else _looking_back(context, first_days)):
        sections.of[part] = page.state
        yield Batch(
            page.evidence,
            sections.cursor(),
            withdrawn=page.withdrawn,
            quarantined=page.quarantined,
            gaps=page.gaps,
        )


def _looking_back(context: CollectContext, days: int) -> CollectContext:
    if context.window.start:
        return context
    start = max(0, context.now - days * 86_400)
    return replace(context, window=Span(start, max(start + 1, context.window.end)))


def by_the_clock(batches: Iterable[Batch], cursor: SyncCursor | None, skew: Callable[[], int]) -> Iterator[Batch]:
    """The batches, and a gap where this machine's clock is off. ``skew``: seconds, by the service's own date.

    By a clock that is more than a day off another window is read than was meant: ``cursor`` stays where it
    was, so that what lay outside of it is read once the clock is right.
    """
    reached = cursor or SyncCursor("")
    for batch in batches:
        reached = reached if abs(skew()) > A_DAY else batch.cursor
        yield replace(batch, cursor=reached)
    if skew():
        told = f"this machine's clock is {abs(skew()) // 60} minutes off"
        yield Batch((), reached, gaps=(Gap("clock", told, "set the clock"),))


def _json(cursor: SyncCursor | None) -> dict[str, Any]:
    try:
        known = json.loads(cursor.value) if cursor else {}
    except (ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}
