"""A mailbox in use: whatever happens to the file between runs, each mail that stood in it at a run is there once."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from autotime.collectors.mbox import MboxCollector
from autotime.testing import Shelf

from .sources import context, letter, mbox


class Mailbox(RuleBasedStateMachine):
    """``held`` are the numbers of the mails in the file, ``marks`` the flags a program wrote into them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "inbox.mbox"
        self.shelf = Shelf()
        self.held: list[int] = [0]
        self.marks: dict[int, str] = {}
        self.next = 1
        self.seen: set[int] = set()
        self.write()

    def teardown(self) -> None:
        self.folder.cleanup()

    def mail(self, number: int) -> bytes:
        """Of very different lengths; every third without a Message-ID."""
        head = f"X-Mozilla-Status: {self.marks[number]}\n".encode() if number in self.marks else b""
        body = f"Number {number}.\n" + "word " * (number * 37 % 400) + "\n"
        return head + letter(number, body, without=["Message-ID"] if number % 3 == 2 else [])

    def write(self, missing: int = 0) -> None:
        data = mbox(*map(self.mail, self.held))
        self.path.write_bytes(data[: len(data) - missing])

    def collector(self) -> MboxCollector:
        return MboxCollector("office", [self.path], page=2)

    @rule(count=st.integers(1, 5))
    def mail_comes(self, count: int) -> None:
        self.held += range(self.next, self.next + count)
        self.next += count
        self.write()

    @rule(place=st.integers(0, 100))
    def a_mail_is_marked(self, place: int) -> None:
        self.marks[self.held[place % len(self.held)]] = "0001"
        self.write()

    @precondition(lambda self: len(self.held) > 1)
    @rule(places=st.sets(st.integers(0, 20)), count=st.integers(0, 4))
    def the_file_is_compacted(self, places: set[int], count: int) -> None:
        """Mails go, and others come before anybody looks."""
        self.held = [one for place, one in enumerate(self.held) if place not in places] or self.held[-1:]
        self.held += range(self.next, self.next + count)
        self.next += count
        self.write()

    @precondition(lambda self: len(self.held) > 1)
    @rule()
    def the_file_is_sorted_another_way(self) -> None:
        self.held.reverse()
        self.write()

    @rule(pages=st.integers(0, 2))
    def a_run_is_killed(self, pages: int) -> None:
        self.shelf.run(self.collector(), context(), pages)

    @rule()
    def a_run_meets_a_mail_being_written(self) -> None:
        """Its last line has no end yet."""
        self.write(missing=5)
        self.shelf.run(self.collector(), context())
        self.write()

    @rule()
    def a_run_reads_to_the_end(self) -> None:
        self.shelf.run(self.collector(), context())
        self.seen |= set(self.held)
        captured = [int(item.body.reveal().partition(".")[0].removeprefix("Number ")) for item in self.shelf.items]
        assert len(captured) == len(set(captured))
        assert set(captured) >= self.seen
        assert self.shelf.changed == 0
        assert self.shelf.quarantined == {}


TestMailbox = Mailbox.TestCase
TestMailbox.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


@pytest.mark.storm
class TestMailboxStorm(Mailbox.TestCase):  # type: ignore[misc, name-defined]
    """The same, longer and more often."""

    settings = settings(max_examples=300, stateful_step_count=60, deadline=None)
