"""The contract shipped to guests finds what it is there to find: each broken promise fails its test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autotime.domain.doors import CollectContext, Collector
from autotime.domain.errors import SuddenlyEmpty
from autotime.domain.evidence import Batch, Evidence, SyncCursor
from autotime.domain.spans import Span
from autotime.testing.collectors import NOW

from .test_contracts import TestMbox as Sound

Change = Callable[[Iterable[Batch], CollectContext], Iterable[Batch]]
COUNTER = itertools.count()


class Spoiled:
    """A sound collector whose pages are changed on the way."""

    def __init__(self, inner: Collector, change: Change) -> None:
        self.inner, self.change = inner, change
        self.account, self.source = inner.account, inner.source

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        yield from self.change(self.inner.collect(cursor, context), context)


def each(change: Callable[[Evidence, CollectContext], Evidence]) -> Change:
    return lambda pages, context: (
        replace(page, evidence=tuple(change(item, context) for item in page.evidence)) for page in pages
    )


def loses(pages: Iterable[Batch], _: CollectContext) -> Iterable[Batch]:
    return (replace(page, evidence=page.evidence[1:]) for page in pages)


def runs_ahead(pages: Iterable[Batch], _: CollectContext) -> Iterable[Batch]:
    held = list(pages)
    return [replace(page, cursor=held[-1].cursor) for page in held]


def forgets(pages: Iterable[Batch], _: CollectContext) -> Iterable[Batch]:
    return (replace(page, quarantined=()) for page in pages)


def goes_back(pages: Iterable[Batch], _: CollectContext) -> Iterable[Batch]:
    return (replace(page, done=-place) for place, page in enumerate(pages))


def says_nothing(pages: Iterable[Batch], _: CollectContext) -> Iterable[Batch]:
    try:
        yield from pages
    except SuddenlyEmpty:
        return


BROKEN: list[tuple[str, Change, str]] = [
    ("loses items", loses, "test_every_item_comes_once_and_at_its_instant"),
    ("loses them in the second run", loses, "test_what_came_since_the_last_run_comes_and_nothing_else"),
    ("a cursor ahead of its page", runs_ahead, "test_a_run_killed_after_any_page_is_finished_by_the_next"),
    ("bad items without a word", forgets, "test_a_bad_item_is_quarantined_and_the_others_come"),
    ("progress that goes back", goes_back, "test_progress_never_goes_back_or_beyond_the_end"),
    ("emptiness believed", says_nothing, "test_sudden_emptiness_is_refused"),
    (
        "a key of its own for every run",
        each(lambda item, _: replace(item, key=f"{item.key}{next(COUNTER)}")),
        "test_the_same_item_has_the_same_id_in_every_run",
    ),
    (
        "dated by the clock",
        each(lambda item, context: replace(item, facts={"created_at": context.now})),
        "test_the_hour_at_which_it_runs_changes_nothing",
    ),
    ("facts nobody knows", each(lambda item, _: replace(item, facts={"mood": 1})), "test_evidence_is_well_formed"),
    (
        "text in the open",
        each(
            lambda item, _: replace(
                item, place=item.subject, facts={"file": item.subject.reveal()}, thread=item.subject.reveal()
            )
        ),
        "test_nothing_is_said_of_what_was_read",
    ),
]


@pytest.mark.parametrize(("change", "promise"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_broken_promise_fails_its_test(tmp_path: Path, change: Change, promise: str) -> None:
    """And the sound collector passes the same one."""

    class Broken(Sound):
        def collector(self, folder: Path) -> Collector:
            return Spoiled(super().collector(folder), change)

    getattr(Sound(), promise)(tmp_path / "sound")
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(Broken(), promise)(tmp_path / "broken")


def test_a_window_that_is_not_looked_at_is_found(tmp_path: Path) -> None:
    """Everything is given, whatever was asked for."""

    class Greedy(Spoiled):
        def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
            return self.inner.collect(cursor, replace(context, window=Span(0, NOW)))

    class Broken(Sound):
        def collector(self, folder: Path) -> Collector:
            return Greedy(super().collector(folder), loses)

    with pytest.raises(AssertionError):
        Broken().test_only_what_lies_in_the_window_comes(tmp_path)
