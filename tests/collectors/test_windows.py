"""What ActivityWatch saw, as stretches of active work: real data's faults among it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autotime.collectors.windows import AWAY, PAUSE, TAB, WINDOW, Bucket, Stretch, add, bucket_of, stretches
from autotime.domain.spans import Span, intersection, total

from .sources import MONDAY

Seen = tuple[int, int, str, str]
"""Seconds after ten o'clock, how many, program, title."""

MOTION, BRIEF, INBOX = "Motion.docx - Word", "Brief.docx - Word", "Inbox - Outlook"
HERE = [(0, 7200, "not-afk")]


def rows(events: Iterable[tuple[Any, ...]], name: Any) -> list[dict[str, Any]]:
    return [
        {"timestamp": datetime.fromtimestamp(MONDAY + start, UTC).isoformat(), "duration": seconds, "data": name(*more)}
        for start, seconds, *more in events
    ]


def windows(*seen: Seen, host: str = "pc", now: int = MONDAY + 86_400) -> Bucket:
    bucket = Bucket(f"window_{host}", WINDOW, host)
    add(bucket, rows(seen, lambda app, title: {"app": app, "title": title}), now)
    return bucket


def presence(*seen: tuple[int, int, str], host: str = "pc") -> Bucket:
    bucket = Bucket(f"afk_{host}", AWAY, host)
    add(bucket, rows(seen or HERE, lambda status: {"status": status}), MONDAY + 86_400)
    return bucket


def spans(found: list[Stretch]) -> list[tuple[str, int, int]]:
    return [(one.document, one.span.start - MONDAY, one.span.end - MONDAY) for one in found]


def word(start: int, seconds: int, title: str = MOTION) -> Seen:
    return start, seconds, "WINWORD.EXE", title


def test_active_time_is_the_window_while_somebody_was_there() -> None:
    away = presence((0, 400, "not-afk"), (400, 800, "afk"), (1200, 300, "not-afk"))
    assert spans(stretches([windows(word(100, 1300)), away])) == [
        ("Motion.docx", 100, 400),
        ("Motion.docx", 1200, 1400),
    ]


def test_a_short_pause_interrupts_nothing_and_a_long_one_does() -> None:
    seen = windows(word(0, 100), word(100 + PAUSE, 100), word(201 + 2 * PAUSE, 100))
    assert spans(stretches([seen, presence()])) == [
        ("Motion.docx", 0, 200 + PAUSE),
        ("Motion.docx", 201 + 2 * PAUSE, 301 + 2 * PAUSE),
    ]


def test_a_glance_is_no_work() -> None:
    assert stretches([windows(word(0, 29)), presence()]) == []
    assert len(stretches([windows(word(0, 30)), presence()])) == 1
    assert len(stretches([windows(word(0, 15), word(60, 15)), presence()])) == 1


def test_documents_in_turn_are_stretches_of_their_own() -> None:
    seen = windows(word(0, 100), word(100, 100, BRIEF), (200, 900, "OUTLOOK.EXE", INBOX), word(1100, 60, BRIEF))
    assert spans(stretches([seen, presence()])) == [
        ("Motion.docx", 0, 100),
        ("Brief.docx", 100, 200),
        ("Brief.docx", 1100, 1160),
    ]


def test_rows_written_again_count_once_at_their_longest() -> None:
    """Watchers write a row anew when it grows; the older stay."""
    away = presence((0, 60, "not-afk"), (0, 600, "not-afk"), (0, 300, "not-afk"))
    assert spans(stretches([windows(word(0, 50), word(0, 500)), away])) == [("Motion.docx", 0, 500)]


def test_one_window_is_in_front() -> None:
    """Where rows overlap, a second is given to the later one."""
    assert spans(stretches([windows(word(0, 500), word(100, 100, BRIEF)), presence()])) == [
        ("Motion.docx", 0, 100),
        ("Brief.docx", 100, 200),
    ]


def test_rows_that_contradict_each_other_count_as_away() -> None:
    away = presence((0, 1000, "not-afk"), (500, 200, "afk"), (550, 300, "afk"))
    assert spans(stretches([windows(word(0, 1000)), away])) == [("Motion.docx", 0, 500), ("Motion.docx", 850, 1000)]


def test_nothing_reaches_into_the_future_or_took_no_time() -> None:
    seen = windows(word(0, 5000), word(6000, 0), now=MONDAY + 300)
    assert spans(stretches([seen, presence()])) == [("Motion.docx", 0, 300)]


def test_a_stretch_that_goes_on_keeps_its_key() -> None:
    short, long = (stretches([windows(word(0, seconds)), presence()])[0] for seconds in (100, 900))
    assert short.key == long.key
    assert short.span != long.span


def test_each_machine_has_its_own_presence() -> None:
    """And a watcher that does not know its machine believes any."""
    buckets = [windows(word(0, 100)), windows(word(0, 100), host="laptop"), presence((0, 50, "not-afk"), host="laptop")]
    assert [one.bucket for one in stretches(buckets)] == ["window_laptop"]
    assert len(stretches([windows(word(0, 100), host="unknown"), presence()])) == 1
    assert len(stretches([windows(word(0, 100)), presence(host="unknown")])) == 1
    assert stretches([windows(word(0, 100))]) == []


def test_programs_that_are_denied_are_not_looked_at() -> None:
    seen = windows(word(0, 100), (100, 100, "Acrobat.exe", "Order.pdf - Adobe Acrobat"))
    assert [one.document for one in stretches([seen, presence()], ["ACROBAT"])] == ["Motion.docx"]


def test_windows_that_keep_no_history_are_dropped() -> None:
    """By their title, or because the browser's own watcher says so; other programs stay."""
    tab = Bucket("web", TAB, "pc")
    add(tab, rows([(150, 0, True)], lambda hidden: {"incognito": hidden, "title": "x", "url": "x"}), MONDAY + 86_400)
    seen = windows(
        (0, 100, "chrome.exe", "Lease - Google Docs - Google Chrome (Incognito)"),
        (100, 100, "chrome.exe", "Will - Google Docs - Google Chrome"),
        (200, 100, "chrome.exe", "Deed - Google Docs - Google Chrome"),
        word(300, 100),
    )
    assert [one.document for one in stretches([seen, presence(), tab])] == ["Deed", "Motion.docx"]


@pytest.mark.parametrize(
    "event",
    [
        None,
        {},
        {"timestamp": "soon", "duration": 1, "data": {}},
        {"timestamp": "2026-03-09T15:00:00Z", "duration": "1", "data": {}},
        {"timestamp": "2026-03-09T15:00:00Z", "duration": float("inf"), "data": {}},
        {"timestamp": "2026-03-09T15:00:00Z", "duration": 1, "data": []},
    ],
)
def test_an_event_that_cannot_be_read_is_set_aside(event: Any) -> None:
    bucket = windows(word(0, 100))
    add(bucket, [event], MONDAY + 86_400)
    assert len(bucket.rows) == len(bucket.bad) == 1


def test_a_time_is_read_however_it_is_written() -> None:
    for text in (
        "2026-03-09T15:00:00Z",
        "2026-03-09T15:00:00.123000+00:00",
        "2026-03-09T10:00:00-05:00",
        "2026-03-09T15:00:00",
    ):
        bucket = Bucket("w", WINDOW, "pc")
        add(bucket, [{"id": 7, "timestamp": text, "duration": 60.5, "data": {}}], MONDAY + 86_400)
        assert bucket.rows[0].span == Span(MONDAY, MONDAY + 60)


def test_buckets_are_known_by_their_type() -> None:
    assert bucket_of("anything", {"type": WINDOW, "hostname": None, "name": None, "metadata": {}}) == Bucket(
        "anything", WINDOW, ""
    )
    assert bucket_of("aw-watcher-window_pc", {"type": "app.editor.activity"}) is None
    assert bucket_of("aw-watcher-window_pc", []) is None


@st.composite
def days(draw: st.DrawFn) -> tuple[Bucket, Bucket]:
    titles = st.sampled_from([MOTION, BRIEF, INBOX])
    some = st.lists(
        st.tuples(st.integers(0, 5000), st.integers(0, 2000), titles), max_size=12, unique_by=lambda one: one[0]
    )
    presences = st.tuples(st.integers(0, 5000), st.integers(0, 3000), st.sampled_from(["afk", "not-afk"]))
    there = st.lists(presences, min_size=1, max_size=8, unique_by=lambda one: one[0])
    return windows(*(word(*one) for one in draw(some))), presence(*draw(there))


@settings(max_examples=150, deadline=None)
@given(days())
def test_whatever_was_seen_stretches_of_a_document_are_disjoint_and_begin_and_end_in_work(
    day: tuple[Bucket, Bucket],
) -> None:
    """And the order of rows changes nothing."""
    seen, there = day
    found = stretches([seen, there])
    for name in {one.document for one in found}:
        of_it = [one.span for one in found if one.document == name]
        assert all(later.start - earlier.end > PAUSE for earlier, later in pairwise(of_it))
        rows_of_it = [row.span for row in seen.rows if str(row.said["title"]).startswith(name)]
        for span in of_it:
            assert total(intersection(rows_of_it, [span])) >= 30
            assert any(row.start <= span.start < row.end for row in rows_of_it)
    seen.rows.reverse()
    there.rows.reverse()
    assert stretches([seen, there]) == found
