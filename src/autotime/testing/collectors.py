# ruff: noqa: S101 - this is a test suite, shipped inside the package
"""What every collector promises, as a suite that runs against any of them.

A guest subclasses it, in a class whose name begins with ``Test``, and says how a source is made::

    class TestJournal(CollectorContract):
        def collector(self, folder): return JournalCollector("journal", folder / "journal.txt")
        def write(self, folder, numbers): ...   # the source holds exactly these items
        def spoil(self, folder): ...            # one more that cannot be read
        def clear(self, folder): ...            # the source is there and holds nothing

Item *n* happened at ``instant(n)``. Nothing here knows a clock, a network or a store.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from autotime.domain.doors import CollectContext, Collector
from autotime.domain.errors import SourceUnavailable, SuddenlyEmpty
from autotime.domain.evidence import FACTS, Batch, Evidence
from autotime.domain.people import Timekeeper
from autotime.domain.spans import Span
from autotime.domain.untrusted import Untrusted
from autotime.testing.shelf import Shelf

FIRST = 1_773_000_000
"""Item 0, UTC seconds; the others follow an hour apart."""

NOW = FIRST + 30 * 86_400
MANY = 5
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def instant(number: int) -> int:
    return FIRST + number * 3600


class CollectorContract:
    """Override ``collector``, ``write``, ``spoil`` and ``clear``; the rest are the promises.

    ``collector`` is asked again for every run, as a new process would, and should use small pages
    (two items) where it has pages, so that a kill between pages means something. ``bad_items`` is
    how many quarantined items one ``spoil`` makes; 0 says that nothing at the source can be bad.
    ``bad_after`` is in how many runs they are met before they count as bad.
    """

    timekeeper = Timekeeper(
        id="AOK", last="Okafor", first="Ada", emails=("ada@okafor.example",), zone="America/Chicago"
    )
    bad_items = 1
    bad_after = 1

    def collector(self, folder: Path) -> Collector:
        """The collector of the source in this folder."""
        raise NotImplementedError

    def write(self, folder: Path, numbers: Sequence[int]) -> None:
        """Makes the source hold exactly these good items, in this order. Items that were there before
        and stay are left as they are."""
        raise NotImplementedError

    def spoil(self, folder: Path) -> None:
        """Adds one item that cannot be read."""
        raise NotImplementedError

    def clear(self, folder: Path) -> None:
        """Leaves the source in place and takes everything out of it."""
        raise NotImplementedError

    def context(self, first: int = 0, last: int = NOW, now: int = NOW) -> CollectContext:
        return CollectContext(self.timekeeper, Span(first, last), now)

    def collected(self, folder: Path) -> Shelf:
        return Shelf().run(self.collector(folder), self.context())

    def pages(self, folder: Path) -> list[Batch]:
        return list(self.collector(folder).collect(None, self.context()))

    # -- what comes ---------------------------------------------------------------------------

    def test_it_is_a_collector(self, tmp_path: Path) -> None:
        """It has the face of one, and names its account and its kind."""
        self.write(tmp_path, [0])
        made = self.collector(tmp_path)
        assert isinstance(made, Collector)
        assert made.account
        assert made.source

    def test_every_item_comes_once_and_at_its_instant(self, tmp_path: Path) -> None:
        """Nothing lost, nothing doubled, nothing moved in time."""
        self.write(tmp_path, range(MANY))
        came = [item for page in self.pages(tmp_path) for item in page.evidence]
        assert sorted(item.at for item in came) == [instant(number) for number in range(MANY)]
        assert len({item.id for item in came}) == MANY

    def test_evidence_is_well_formed(self, tmp_path: Path) -> None:
        """It bears the collector's names, known facts only, and text that went through intake."""
        self.write(tmp_path, range(MANY))
        made = self.collector(tmp_path)
        for item in self.collected(tmp_path).items:
            assert (item.account, item.source, item.revision) == (made.account, made.source, 1)
            assert set(item.facts) <= FACTS.keys()
            for text in self._texts(item):
                assert isinstance(text, Untrusted)
                assert not CONTROL.search(text.reveal())

    def _texts(self, item: Evidence) -> Iterator[Untrusted]:
        yield from (item.subject, item.body, item.quoted, item.place)
        yield from (person.name for person in item.people)

    def test_only_what_lies_in_the_window_comes(self, tmp_path: Path) -> None:
        """Half-open: its first second is in, its last is out."""
        self.write(tmp_path, range(MANY))
        shelf = Shelf().run(self.collector(tmp_path), self.context(instant(1), instant(3)))
        assert [item.at for item in shelf.items] == [instant(1), instant(2)]

    def test_the_hour_at_which_it_runs_changes_nothing(self, tmp_path: Path) -> None:
        """Time is an argument, and evidence says when things happened, not when they were read."""
        self.write(tmp_path, range(MANY))
        later = Shelf().run(self.collector(tmp_path), self.context(now=NOW + 86_400 - 1))
        assert later.items == self.collected(tmp_path).items

    def test_the_order_at_the_source_changes_nothing(self, tmp_path: Path) -> None:
        """The same items in another order are the same evidence."""
        self.write(tmp_path / "one", range(MANY))
        self.write(tmp_path / "other", range(MANY)[::-1])
        one, other = self.collected(tmp_path / "one"), self.collected(tmp_path / "other")
        assert one.items == other.items

    def test_the_same_item_has_the_same_id_in_every_run(self, tmp_path: Path) -> None:
        """A reading from the start gives nothing new to who has it all."""
        self.write(tmp_path, range(MANY))
        shelf = self.collected(tmp_path)
        shelf.cursor = None
        shelf.run(self.collector(tmp_path), self.context())
        assert (shelf.new, shelf.changed) == (0, 0)

    def test_progress_never_goes_back_or_beyond_the_end(self, tmp_path: Path) -> None:
        """``done`` of ``of``, in any unit; 0 of 0 where it is not known."""
        self.write(tmp_path, range(MANY))
        told = [(page.done, page.of) for page in self.pages(tmp_path)]
        assert [done for done, _ in told] == sorted(done for done, _ in told)
        assert all(done <= of for done, of in told if of)

    def test_reading_changes_nothing_at_the_source(self, tmp_path: Path) -> None:
        """No lock file, no flag, no other byte."""
        self.write(tmp_path, range(MANY))
        before = self._bytes(tmp_path)
        self.collected(tmp_path)
        assert self._bytes(tmp_path) == before

    def _bytes(self, folder: Path) -> dict[Path, tuple[bytes, int]]:
        files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

    # -- how far it has come ------------------------------------------------------------------

    def test_a_second_run_over_an_unchanged_source_gives_nothing_new(self, tmp_path: Path) -> None:
        """Nothing new, nothing changed, nothing quarantined again."""
        self.write(tmp_path, range(MANY))
        shelf = self.collected(tmp_path)
        shelf.run(self.collector(tmp_path), self.context())
        assert (shelf.new, shelf.changed, shelf.failed) == (0, 0, 0)
        assert len(shelf.evidence) == MANY

    def test_what_came_since_the_last_run_comes_and_nothing_else(self, tmp_path: Path) -> None:
        """Two more at the source are two more on the shelf."""
        self.write(tmp_path, range(MANY - 2))
        shelf = self.collected(tmp_path)
        self.write(tmp_path, range(MANY))
        shelf.run(self.collector(tmp_path), self.context())
        assert (shelf.new, shelf.changed, shelf.failed) == (2, 0, 0)
        assert [item.at for item in shelf.items] == [instant(number) for number in range(MANY)]

    def test_a_run_killed_after_any_page_is_finished_by_the_next(self, tmp_path: Path) -> None:
        """The cursor of a page promises that page and all before it, never one that is not stored."""
        self.write(tmp_path, range(MANY))
        whole = self.collected(tmp_path)
        for stored in range(whole.pages + 1):
            shelf = Shelf().run(self.collector(tmp_path), self.context(), pages=stored)
            had = len(shelf.evidence)
            shelf.run(self.collector(tmp_path), self.context())
            assert shelf.items == whole.items
            assert (shelf.new, shelf.changed) == (MANY - had, 0)

    def test_a_source_that_grew_between_a_kill_and_the_next_run_is_read_to_its_end(self, tmp_path: Path) -> None:
        """Neither the rest nor the newcomers are missed."""
        self.write(tmp_path, range(MANY - 2))
        shelf = Shelf().run(self.collector(tmp_path), self.context(), pages=1)
        self.write(tmp_path, range(MANY))
        shelf.run(self.collector(tmp_path), self.context())
        assert [item.at for item in shelf.items] == [instant(number) for number in range(MANY)]

    # -- when something is wrong --------------------------------------------------------------

    def test_a_bad_item_is_quarantined_and_the_others_come(self, tmp_path: Path) -> None:
        """With a reason a person can read, once however often it is met."""
        if not self.bad_items:
            pytest.skip("nothing at this source can be bad")
        self.write(tmp_path, range(MANY))
        self.spoil(tmp_path)
        shelf = self.collected(tmp_path)
        assert [item.at for item in shelf.items] == [instant(number) for number in range(MANY)]
        for _ in range(1, self.bad_after):
            shelf.run(self.collector(tmp_path), self.context())
        assert len(shelf.quarantined) == self.bad_items
        assert all(key and reason for key, reason in shelf.quarantined.items())
        shelf.run(self.collector(tmp_path), self.context())
        assert (shelf.new, shelf.changed, shelf.failed) == (0, 0, 0)

    def test_sudden_emptiness_is_refused(self, tmp_path: Path) -> None:
        """A source that held things and is empty now is more likely broken than tidied up."""
        self.write(tmp_path, range(MANY))
        shelf = self.collected(tmp_path)
        self.clear(tmp_path)
        with pytest.raises(SuddenlyEmpty) as refused:
            shelf.run(self.collector(tmp_path), self.context())
        assert refused.value.hint
        assert len(shelf.evidence) == MANY

    def test_a_source_that_was_always_empty_is_no_trouble(self, tmp_path: Path) -> None:
        """A new mailbox has nothing in it yet."""
        self.write(tmp_path, range(MANY))
        self.clear(tmp_path)
        assert self.collected(tmp_path).items == []

    def test_a_source_that_is_not_there_says_so(self, tmp_path: Path) -> None:
        """Try again later, or mend the settings; nothing was lost."""
        with pytest.raises(SourceUnavailable) as missing:
            list(self.collector(tmp_path / "nowhere").collect(None, self.context()))
        assert missing.value.hint

    def test_nothing_is_said_of_what_was_read(self, tmp_path: Path) -> None:
        """The ``repr`` of a page, as an error or a log might show it, holds none of its text."""
        self.write(tmp_path, range(MANY))
        for page in self.pages(tmp_path):
            for item in page.evidence:
                words = [text.reveal() for text in self._texts(item) if len(text) > 3]
                assert not any(word in repr(page.evidence) for word in words if word not in item.key)
