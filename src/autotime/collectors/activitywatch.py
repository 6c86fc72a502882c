"""ActivityWatch: which document was open in front of somebody who was there.

Asked on this machine only, or read from its exports. Only documents are kept, each as stretches of active
work; mail, web pages and everything else that was on the screen is dropped when it is read.

The server clips events at the edges of a question, so half a day more is asked for on both sides, and a
stretch belongs to the local day it begins on. The cursor holds the last day and what the month before it
gave, which is read again: watchers write late, and those of other machines later. What such a day no longer
gives is withdrawn.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from autotime.collectors.files import must_be_there, regular_files, suddenly_empty
from autotime.collectors.windows import AWAY, WINDOW, Bucket, Stretch, add, bucket_of, stretches, watches_presence
from autotime.domain.doors import CollectContext
from autotime.domain.errors import Misused, SourceUnavailable
from autotime.domain.evidence import Batch, Evidence, Gap, Kind, Quarantined, SyncCursor
from autotime.domain.people import Timekeeper
from autotime.domain.spans import Span
from autotime.domain.untrusted import Untrusted
from autotime.intake import clean
from autotime.timeline.days import local_date, local_day
from autotime.web import Answered, Manners, Params, Web
from autotime.web.links import LOOPBACK, checked_root

HALF_A_DAY = 43_200
AT_ONCE = 7
"""Days in one question."""

AGAIN = 31
"""Days before the last that are read again: what another machine saw may arrive late."""

FARTHEST = 366
"""Days back at most where nobody can say when it began."""

FILE_CAP = 512 * 1024 * 1024


@dataclass(slots=True)
class State:
    """The cursor: the last ``day`` that was read, by day the keys ``given`` by those that are read again,
    the ``mark`` of the files, whether anything was ever ``held``, and ``since`` when the window then began."""

    day: str = ""
    given: dict[str, list[str]] = field(default_factory=dict)
    mark: str = ""
    held: bool = False
    since: int = 0

    @property
    def cursor(self) -> SyncCursor:
        return SyncCursor(json.dumps(asdict(self), sort_keys=True))


@dataclass(frozen=True, slots=True)
class ActivityWatchCollector:
    """Documents that were open while somebody worked on them.

    ``url`` is ActivityWatch's own address on this machine; ``paths`` are files it exported (or folders of
    them), read in its place. ``denied_apps`` are programs of which nothing is looked at.
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
                hint='url = "http://127.0.0.1:5600", or paths to files it exported',
            )
        if isinstance(self.denied_apps, str):
            raise Misused(f"source «{self.account}»: denied_apps is a list", hint='denied_apps = ["signal.exe"]')

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        known = _known(cursor)
        if self.paths:
            yield from self._from_files(known, context)
            return
        with Web(self.url, manners=Manners(attempts=4, deadline=30), sleep=self.sleep) as web:
            try:
                yield from self._from_server(web, known, context)
            except Answered:
                raise
            except SourceUnavailable as away:
                raise SourceUnavailable(str(away), hint="is ActivityWatch running? the next run tries again") from None

    # -- the server ---------------------------------------------------------------------------

    def _from_server(self, web: Web, known: State, context: CollectContext) -> Iterator[Batch]:
        buckets = _buckets(web)
        if known.held:
            suddenly_empty(self.account, [1], [one for one in buckets if one.type == WINDOW and _newest(web, one)], 1)
        last = _day(context.now, context.timekeeper)
        first = min(last, _first_day(web, buckets, known, context))
        days, gaps = (last - first).days + 1, _unwatched(buckets)
        for start in range(0, days, AT_ONCE):
            some = [first + timedelta(days=start + more) for more in range(min(AT_ONCE, days - start))]
            filled = [_filled(web, one, _around(some, context.timekeeper), context.now) for one in buckets]
            yield from self._pages(filled, some, known, context, gaps, start + len(some), days)
            gaps = []

    # -- files --------------------------------------------------------------------------------

    def _from_files(self, known: State, context: CollectContext) -> Iterator[Batch]:
        files = _files(self.paths)
        held = [1] if known.held else []
        suddenly_empty(self.account, held, files, 1)
        mark = _mark(files, [context.window.start, *self.denied_apps])
        if mark == known.mark:
            return
        buckets, bad = _exported(files, context.now)
        seen = [row.span.start for one in buckets if one.type == WINDOW for row in one.rows]
        suddenly_empty(self.account, held, seen, 1)
        days = sorted({_day(start, context.timekeeper) for start in seen})
        buckets.append(Bucket("", "", "", bad=bad))
        yield from self._pages(buckets, days, known, context, _unwatched(buckets), 1, 1)
        known.mark = mark
        yield Batch((), known.cursor, done=1, of=1)

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
    ) -> Iterator[Batch]:
        """What began on these days; ``known`` follows when all of it is told."""
        given: dict[str, list[Stretch]] = {str(day): [] for day in days}
        for stretch in stretches(buckets, self.denied_apps):
            day = str(_day(stretch.span.start, context.timekeeper))
            if day in given and context.window.contains(stretch.span.start):
                given[day].append(stretch)
        found = [self._evidence(stretch) for some in given.values() for stretch in some]
        bad = tuple(row for bucket in buckets for row in bucket.bad)
        before, cut = known.cursor, max(0, len(found) - 1) // self.page * self.page
        for first in range(0, cut, self.page):
            yield Batch(tuple(found[first : first + self.page]), before, done=done - 1, of=of)
        seen = {WINDOW, AWAY} <= {one.type for one in buckets if one.rows}
        withdrawn = _note(known, {day: [one.key for one in some] for day, some in given.items()}, seen, context)
        yield Batch(tuple(found[cut:]), known.cursor, withdrawn, bad, tuple(gaps), done, of)

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
            thread=f"file:{hashlib.blake2b(name.casefold().encode(), digest_size=9).hexdigest()}",
            subject=Untrusted(clean(stem.replace("_", " "), 200)),
            facts={"file": name, "app": stretch.app},
        )


# -- how far it has come ------------------------------------------------------------------------------


def _known(cursor: SyncCursor | None) -> State:
    """What the cursor says; nothing where it is not one of ours."""
    try:
        state = State(**json.loads(cursor.value)) if cursor else State()
        if state.day:
            date.fromisoformat(state.day)
        whole = {str(day): [str(key) for key in keys] for day, keys in state.given.items()}
        return State(state.day, whole, str(state.mark), bool(state.held), int(state.since))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return State()


def _note(known: State, given: dict[str, list[str]], seen: bool, context: CollectContext) -> tuple[str, ...]:
    """Notes what was given, and says what of it no longer stands; where nothing at all was seen, nobody knows."""
    gone: set[str] = set()
    if seen:
        before = {key for day in given.keys() & known.given.keys() for key in known.given[day]}
        gone = before - {key for keys in given.values() for key in keys}
        known.given |= given
    known.held, known.since = known.held or seen, context.window.start
    known.day = max([known.day, *given])
    oldest = str(date.fromisoformat(known.day) - timedelta(days=AGAIN)) if known.day else ""
    known.given = {day: keys for day, keys in sorted(known.given.items()) if keys and day >= oldest}
    return tuple(sorted(gone))


def _first_day(web: Web, buckets: Sequence[Bucket], known: State, context: CollectContext) -> date:
    """Where to read on, or where it all began."""
    begins = context.window.start
    if known.day and known.since <= begins:
        again = date.fromisoformat(known.day) - timedelta(days=AGAIN)
        return max(again, _day(begins, context.timekeeper))
    begun = [_begun(web, one, context.now) for one in buckets if one.type == WINDOW]
    return _day(max(begins, min(begun, default=context.now)), context.timekeeper)


def _begun(web: Web, bucket: Bucket, now: int) -> int:
    """When a watcher began; where it holds older things than itself (an import), long ago."""
    if bucket.since and not _events(web, bucket, {"limit": 1, "end": _iso(bucket.since)}):
        return bucket.since
    return now - FARTHEST * 86_400


def _day(instant: int, who: Timekeeper) -> date:
    return local_date(instant, who.zone_on(local_date(instant, who.zone)))


def _around(days: Sequence[date], who: Timekeeper) -> Span:
    """The days and half a day on both sides."""
    first, last = (local_day(day, who.zone_on(day)) for day in (days[0], days[-1]))
    return Span(first.start - HALF_A_DAY, last.end + HALF_A_DAY)


# -- what is asked ------------------------------------------------------------------------------------


def _buckets(web: Web) -> list[Bucket]:
    told = web.get("api/0/buckets/").json()
    if not isinstance(told, dict):
        raise SourceUnavailable("that is no ActivityWatch", hint="check the source's url in the settings")
    found = (bucket_of(name, one) for name, one in sorted(told.items()))
    return [bucket for bucket in found if bucket]


def _events(web: Web, bucket: Bucket, params: Params) -> list[Any]:
    """Events, newest first; none of a bucket that is gone."""
    answer = web.ask("GET", f"api/0/buckets/{quote(bucket.id, safe='')}/events", params, ok=(404,))
    told = answer.json() if answer.status != 404 else []
    if not isinstance(told, list):
        raise SourceUnavailable("that is no ActivityWatch", hint="check the source's url in the settings")
    return told


def _newest(web: Web, bucket: Bucket) -> list[Any]:
    return _events(web, bucket, {"limit": 1})


def _filled(web: Web, bucket: Bucket, span: Span, now: int) -> Bucket:
    filled = replace(bucket, rows=[], bad=[])
    add(filled, _events(web, bucket, {"start": _iso(span.start), "end": _iso(span.end)}), now)
    return filled


def _iso(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat()


def _unwatched(buckets: Sequence[Bucket]) -> list[Gap]:
    windows = [one for one in buckets if one.type == WINDOW]
    if all(watches_presence(one, buckets) for one in windows):
        return []
    return [Gap("windows", "nothing tells whether somebody sat there", "start aw-watcher-afk beside aw-watcher-window")]


# -- exports ------------------------------------------------------------------------------------------


def _files(paths: Sequence[Path]) -> list[Path]:
    must_be_there(paths)
    return [file for path in paths for file in regular_files(path) if file in paths or file.suffix.lower() == ".json"]


def _mark(files: Sequence[Path], more: Sequence[object]) -> str:
    states = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return hashlib.blake2b(repr((states, more)).encode("utf-8", "replace"), digest_size=12).hexdigest()


def _exported(files: Sequence[Path], now: int) -> tuple[list[Bucket], list[Quarantined]]:
    """What the files hold together; a bucket may go on in another file."""
    buckets: dict[str, Bucket] = {}
    bad: list[Quarantined] = []
    for file in files:
        try:
            told = _export(file)
        except (OSError, ValueError, RecursionError) as broken:
            bad.append(Quarantined(clean(file.name, 200) or "unnamed", f"no export ({type(broken).__name__})"))
            continue
        for name, one in told.items():
            bucket = bucket_of(name, one)
            events = one.get("events") if bucket else None
            if bucket and isinstance(events, list):
                add(buckets.setdefault(bucket.id, bucket), events, now)
    return list(buckets.values()), bad


def _export(file: Path) -> dict[str, Any]:
    """Buckets by id, as the program writes them, or in a list, as its schema says."""
    if file.stat().st_size > FILE_CAP:
        raise ValueError("too large")
    told = json.loads(file.read_bytes())
    buckets = told.get("buckets") if isinstance(told, dict) else None
    if isinstance(buckets, list):
        buckets = {str(one.get("id")): one for one in buckets if isinstance(one, dict)}
    if not isinstance(buckets, dict):
        raise ValueError("no buckets")
    return buckets
