"""The store in memory keeps what a store keeps."""

from __future__ import annotations

from collections.abc import Iterator

from autotime.domain.doors import CollectContext
from autotime.domain.evidence import Batch, Evidence, Gap, Kind, SyncCursor
from autotime.testing import Shelf
from tests.collectors.sources import context


def noted(number: int, subject_at: int = 0) -> Evidence:
    return Evidence(account="a", source="s", key=str(number), kind=Kind.DOCUMENT, at=subject_at or number, own=True)


class Pages:
    account, source = "a", "s"

    def __init__(self, *pages: Batch) -> None:
        self.pages = pages

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        yield from self.pages


def batch(*items: Evidence, cursor: str = "1", withdrawn: tuple[str, ...] = (), gaps: tuple[Gap, ...] = ()) -> Batch:
    return Batch(items, SyncCursor(cursor), withdrawn=withdrawn, gaps=gaps)


def test_what_is_new_changed_and_missing_is_of_the_last_run() -> None:
    gap = Gap("chats", "no permission")
    shelf = Shelf().run(Pages(batch(noted(1), noted(2), gaps=(gap,))), context())
    assert (shelf.new, shelf.changed, shelf.pages, shelf.gaps) == (2, 0, 1, [gap])
    shelf.run(Pages(batch(noted(1), noted(2, 9)), batch(noted(3), cursor="2", withdrawn=("1",))), context())
    assert (shelf.new, shelf.changed, shelf.pages, shelf.gaps) == (1, 1, 2, [])
    assert [item.key for item in shelf.items] == ["3", "2"]
    assert shelf.cursor == SyncCursor("2")


def test_a_run_that_is_killed_keeps_the_pages_before() -> None:
    pages = Pages(batch(noted(1)), batch(noted(2), cursor="2"))
    assert Shelf().run(pages, context(), pages=0).cursor is None
    assert Shelf().run(pages, context(), pages=1).cursor == SyncCursor("1")
