"""ActivityWatch: which document was open in front of somebody who was there.

Asked on this machine only, or read from its exports. Only documents are kept, each as stretches of active
work; mail, web pages and everything else that was on the screen is dropped when it is read.

The server clips events at the edges of a question, so half a day more is asked for on both sides, and a
stretch belongs to the local day it begins on. The cursor holds that day and what the days before it gave,
which are read again: watchers write late. What such a day no longer gives is withdrawn.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from autotime.collectors.files import suddenly_empty
from autotime.collectors.windows import WINDOW, Bucket, Stretch, add, bucket_of, stretches, watches_presence
from autotime.domain.doors import CollectContext
from autotime.domain.errors import Misused, SourceUnavailable
from autotime.domain.evidence import Batch, Evidence, Gap, Kind, Quarantined, SyncCursor
from autotime.domain.people import Timekeeper
from autotime.domain.spans import Span
from autotime.domain.untrusted import Untrusted
from autotime.intake import clean
from autotime.timeline.days import local_date, local_day
from autotime.web import Answered, Manners, Web
from autotime.web.links import LOOPBACK, checked_root

HALF_A_DAY = 43_200
AT_ONCE = 7
"""Days in one question."""

AGAIN = 1
"""Days before the last that are read again."""

FARTHEST = 366
"""Days back at most where nobody can say when it began."""

FILE_CAP = 512 * 1024 * 1024
DENIED_HINT = "denied_apps is a list of programs, e.g. [\"signal.exe\"]"

State = dict[str, Any]
"""``day``: the last that was read; ``given``: by day the keys it gave, for those read again; ``mark`` of the
files; ``held``: whether it ever saw anything."""


@dataclass(frozen=True, slots=True)
class ActivityWatchCollector:
    """Documents that were open while somebody worked on them.

    ``url`` is ActivityWatch's own address on this machine; ``paths`` are files it exported (or folders of
    them), read in its place. ``denied_apps`` are programs of which nothing is looked at. ``page`` is how
    many stretches come at once. ``sleep`` waits between attempts, in seconds.
    """

    account: str
    url: str = "http://127.0.0.1:5600"
    paths: Sequence[Path] = ()
    denied_apps: Sequence[str] = ()
    page: int = 500
    sleep: Callable[[float], None] = time.sleep
    source: str = "activitywatch"

    def __post_init__(self) -> None:
        if urlsplit(checked_root(self.url)).hostname not in LOOPBACK:
            raise Misused(
                f"source «{self.account}»: ActivityWatch is asked on this machine only",
                hint="url = \"http://127.0.0.1:5600\", or paths to files it exported",
            )
        if isinstance(self.denied_apps, str):
            raise Misused(f"source «{self.account}»: denied_apps is a list", hint='denied_apps = ["signal.exe"]')

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        known = _known(cursor)
        if self.paths:
            yield from self._from_files(known, context)
            return
        with Web(self.url, manners=Manners(attempts=3, deadline=30, patience=60), sleep=self.sleep) as web:
            try:
                yield from self._from_server(web, known, context)
            except Answered:
                raise
            except SourceUnavailable as away:
                raise SourceUnavailable(str(away), hint="is ActivityWatch running? the next run tries again") from None

    # -- the server ---------------------------------------------------------------------------

    def _from_server(self, web: Web, known: State, context: CollectContext) -> Iterator[Batch]:
        buckets = _buckets(web)
        seen = [one for one in buckets if one.type == WINDOW and (known["held"] is False or _newest(web, one))]
        suddenly_empty(self.account, "x" * known["held"], seen, 1)
        first, last = _first_day(web, buckets, known, context), _day(context.now, context.timekeeper)
        days = max(0, (last - first).days) + 1
        gaps = _unwatched(buckets)
        for start in range(0, days, AT_ONCE):
            some = [first + timedelta(days=start + more) for more in range(min(AT_ONCE, days - start))]
            filled = [_filled(web, one, _around(some, context.timekeeper), context.now) for one in buckets]
            yield from self._pages(filled, some, known, context, gaps, start + len(some), days)
            gaps = []

    # -- files --------------------------------------------------------------------------------

    def _from_files(self, known: State, context: CollectContext) -> Iterator[Batch]:
        files = _files(self.paths)
        suddenly_empty(self.account, "x" * known["held"], files, 1)
        mark = _mark(files, context)
        if mark == known["mark"]:
            return
        buckets, bad = _exported(files, context.now)
        rows = [row.span.start for one in buckets if one.type == WINDOW for row in one.rows]
        suddenly_empty(self.account, "x" * known["held"], rows, 1)
        days = sorted({_day(start, context.timekeeper) for start in rows})
        gaps = _unwatched(buckets) if rows else []
        for page in self._pages(buckets, days, known, context, gaps, 1, 1, tuple(bad)):
            yield page
        yield Batch((), _cursor(known | {"mark": mark}), done=1, of=1)

    # -- stretches ----------------------------------------------------------------------------

    def _pages(
        self,
        buckets: Sequence[Bucket],
        days: Sequence[date],
        known: State,
        context: CollectContext,
        gaps: Sequence[Gap],
        done: int,
        of: int,
        bad: tuple[Quarantined, ...] = (),
    ) -> Iterator[Batch]:
        """What began on these days; ``known`` follows when all of it is told."""
        wanted = set(days)
        found = [
            (day, stretch)
            for stretch in stretches(buckets, self.denied_apps)
            if (day := _day(stretch.span.start, context.timekeeper)) in wanted
            and context.window.contains(stretch.span.start)
        ]
        bad += tuple(row for bucket in buckets for row in bucket.bad)
        before = _cursor(known)
        cut = max(0, len(found) - 1) // self.page * self.page
        for first in range(0, cut, self.page):
            evidence = tuple(self._evidence(stretch) for _, stretch in found[first : first + self.page])
            yield Batch(evidence, before, quarantined=bad, gaps=tuple(gaps), done=done - 1, of=of)
            bad, gaps = (), ()
        withdrawn = _note(known, wanted, found, buckets)
        evidence = tuple(self._evidence(stretch) for _, stretch in found[cut:])
        yield Batch(evidence, _cursor(known), withdrawn, bad, tuple(gaps), done, of)

    def _evidence(self, stretch: Stretch) -> Evidence:
        name = stretch.document
        stem = Path(name).stem if "." in name[-6:] else name
        return Evidence(
            account=self.account,
            source=self.source,
            key=stretch.key,
            kind=Kind.DOCUMENT,
            at=stretch.span.start,
            span=stretch.span,
            own=True,
            thread=f"file:{name}",
            subject=Untrusted(clean(stem.replace("_", " "), 200)),
            facts={"file": name, "app": stretch.app},
        )
