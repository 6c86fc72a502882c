# ruff: noqa: S101 - this is a test suite, shipped inside the package
"""What every collector behind HTTP promises, on top of what every collector does.

Subclass it as ``CollectorContract``, in a class whose name begins with ``Test``, and say how the service
is stood in for. One stand-in serves one folder; ``self.at(folder)`` is it, started when first asked for::

    class TestNotes(RemoteContract):
        without = {"withdraw": "a note stands for ever"}      # switches this service has no such thing for
        def serve(self, folder): return Notes()               # a Loopback, or has one as its ``server``
        def collector(self, folder):                          # called for every run, as by a new process
            return NotesCollector("notes", self.at(folder).url, page=2, sleep=self.sleep)
        def write(self, folder, numbers): self.at(folder).items = [...]   # also spoil, clear: as ever
        def empty_page(self, folder): self.at(folder).odd = "empty"       # the switches: see RemoteSource

A collector takes ``sleep`` (``time.sleep`` unless told otherwise) and hands it to its ``Web``, so that no
test waits: ``self.sleep`` only writes down how long. Small pages (two items) make the kills mean something.
Each fault is tried at ``places`` requests of a run; a subclass marked as slow may set it to a thousand.
"""

from __future__ import annotations

import os
import pickle
import random
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from pathlib import Path

import pytest

from autotime.domain.errors import SignInNeeded, SourceUnavailable
from autotime.domain.evidence import SyncCursor
from autotime.testing.collectors import MANY, instant
from autotime.testing.server import (
    Asked,
    Drip,
    Fault,
    HalfClosed,
    Late,
    Loopback,
    Portal,
    Reply,
    Reset,
    Silent,
    Status,
    Truncated,
)
from autotime.testing.shelf import Shelf
from autotime.testing.stand_in import RemoteSource, after, hurried, nth, signed

CUT: dict[str, Fault] = {
    "a page cut in half": Truncated(),
    "JSON that ends early": Truncated(told=False),
    "a half-closed connection": HalfClosed(),
    "a reset before the answer": Reset(),
    "a reset in its midst": Reset(midst=True),
    "a captive portal": Portal(),
}
WAITS: dict[str, tuple[str, float, float]] = {
    "seconds": ("7", 7, 9),
    "none": ("", 0.1, 900),
    "absurd": ("1000000000", 900, 900),
    "negative": ("-5", 0.1, 900),
    "nonsense": ("soon", 0.1, 900),
}
"""What a 429 asks for, and the least and most that is waited."""

STORM = (500, 502, 503, 504, 429)
A_DAY = 86_400


class RemoteContract(RemoteSource):
    """Say what ``RemoteSource`` asks for; these are the promises."""

    # -- the wire -----------------------------------------------------------------------------

    @pytest.mark.parametrize("fault", CUT.values(), ids=CUT)
    def test_an_answer_that_does_not_arrive_whole_loses_nothing(self, tmp_path: Path, fault: Fault) -> None:
        """It is asked for again, or the run says so and the next one has it all."""
        self._survives(tmp_path, fault)

    @pytest.mark.parametrize("fault", [Drip(0.2), Drip(0.2, headers=True), Silent(2)], ids=repr)
    def test_a_slow_drip_or_silence_ends(self, tmp_path: Path, fault: Fault) -> None:
        """By the deadline of the whole request, which is far shorter here than on a working day."""
        self.places = min(self.places, 2)
        with hurried(0.15):
            began = time.monotonic()
            self._survives(tmp_path, fault, lasting=False)
        assert time.monotonic() - began < 2 * self.places + 2

    def test_an_answer_of_another_shape_is_not_believed(self, tmp_path: Path) -> None:
        """JSON that is no answer of this service moves no cursor."""
        for number, body in enumerate(self.shapeless.values()):
            self._survives(tmp_path / str(number), Status(200, body=body))

    def test_a_source_that_is_not_there_says_so(self, tmp_path: Path) -> None:
        """Nobody listens: try again later; nothing was lost."""
        made = self.collector(tmp_path)
        self._serving.pop(tmp_path).__exit__(None, None, None)
        with pytest.raises(SourceUnavailable) as missing:
            list(made.collect(None, self.context()))
        assert missing.value.hint

    @pytest.mark.parametrize("date", [0, 4_102_444_800, -A_DAY, A_DAY, "", "yesterday"], ids=str)
    def test_a_clock_that_is_wrong_changes_nothing(self, tmp_path: Path, date: float | str) -> None:
        """The server's in 1970, in 2100, a day behind or ahead of this machine's, or unreadable."""
        whole = self._whole(tmp_path)
        self.wire(tmp_path).date = time.time() + date if isinstance(date, int) and abs(date) == A_DAY else date
        assert self.collected(tmp_path).items == whole.items

    # -- politeness ---------------------------------------------------------------------------

    @pytest.mark.parametrize(("header", "least", "most"), WAITS.values(), ids=WAITS)
    def test_a_busy_service_is_asked_again_when_it_says(
        self, tmp_path: Path, header: str, least: float, most: float
    ) -> None:
        """429 with Retry-After in seconds, without, or with an absurd one: never above a quarter of an hour."""
        whole = self._whole(tmp_path)
        for place in self._spread(tmp_path):
            self.waits.clear()
            with self.wire(tmp_path).failing(Status(429, {"Retry-After": header}), nth(place)):
                assert self.collected(tmp_path).items == whole.items
            assert least <= max(self.waits) <= most

    def test_a_busy_service_may_name_the_hour(self, tmp_path: Path) -> None:
        """Retry-After as an HTTP date."""
        whole = self._whole(tmp_path)
        later = formatdate(time.time() + 100, usegmt=True)
        with self.wire(tmp_path).failing(Status(429, {"Retry-After": later}), nth(1)):
            assert self.collected(tmp_path).items == whole.items
        assert 60 < max(self.waits) <= 110

    def test_a_storm_of_errors_is_outlasted(self, tmp_path: Path) -> None:
        """Every third answer an error, at random: in a few runs everything has come, once."""
        whole = self._whole(tmp_path)
        for seed in range(min(self.places, 25)):
            shelf = Shelf()
            self.wire(tmp_path).fault_for = at_random(seed)
            troubles = [self._run(tmp_path, shelf) for _ in range(3)]
            self.wire(tmp_path).fault_for = lambda _asked: None
            assert None in troubles
            assert shelf.items == whole.items
            assert (shelf.new, shelf.changed) == (0, 0)

    @pytest.mark.parametrize("status", [429, 503])
    def test_a_storm_without_end_ends_the_run(self, tmp_path: Path, status: int) -> None:
        """After a bounded number of requests and a bounded wait, with what had come kept."""
        whole, wire = self._whole(tmp_path), self.wire(tmp_path)
        for place in self._spread(tmp_path):
            shelf, before = Shelf(), len(wire.asked)
            self.waits.clear()
            with wire.failing(Status(status, {"Retry-After": "600"}), after(place)):
                assert self._run(tmp_path, shelf) or shelf.gaps
            assert len(wire.asked) - before <= place + 60
            assert sum(self.waits) <= 4 * 3600
            assert self._run(tmp_path, shelf) is None
            assert shelf.items == whole.items

    def test_no_more_is_asked_at_once_than_allowed(self, tmp_path: Path) -> None:
        """However many read this source in one process. Requests of the sign-in are another service's."""
        whole, wire = self._whole(tmp_path), self.wire(tmp_path)
        wire.most_at_once, wire.counted = 0, signed if "token" not in self.without else wire.counted
        with wire.failing(Late(0.01)), ThreadPoolExecutor(self.at_once + 3) as readers:
            made = [self.collector(tmp_path) for _ in range(self.at_once + 3)]
            shelves = list(readers.map(lambda collector: Shelf().run(collector, self.context()), made))
        assert all(shelf.items == whole.items for shelf in shelves)
        assert wire.most_at_once <= self.at_once

    # -- pages and cursors --------------------------------------------------------------------

    def test_an_empty_page_with_a_next_link_is_not_the_end(self, tmp_path: Path) -> None:
        self.write(tmp_path, range(MANY))
        self._switch("empty_page", tmp_path)
        assert [item.at for item in self.collected(tmp_path).items] == [instant(number) for number in range(MANY)]

    def test_a_page_that_comes_twice_is_stored_once(self, tmp_path: Path) -> None:
        """The same thing has the same key, on whichever page it stands."""
        whole = self._whole(tmp_path)
        self._switch("repeat_page", tmp_path)
        shelf = self.collected(tmp_path)
        assert shelf.items == whole.items
        assert (shelf.new, shelf.changed) == (MANY, 0)

    def test_pages_that_lead_in_a_circle_come_to_an_end(self, tmp_path: Path) -> None:
        """The run says so, or has everything; it does not turn for ever."""
        self.write(tmp_path, range(MANY))
        self._switch("loop_page", tmp_path)
        left = iter(range(500))
        self.wire(tmp_path).fault_for = lambda _asked: None if next(left, None) is not None else Status(410)
        shelf = Shelf()
        assert self._run(tmp_path, shelf) or shelf.gaps or len(shelf.evidence) == MANY
        assert next(left, None) is not None

    def test_a_cursor_that_expired_is_forgotten_and_nothing_is_new(self, tmp_path: Path) -> None:
        """410 or 404: the window is read again, and what is new since comes too."""
        self.write(tmp_path, range(MANY - 1))
        shelf = self.collected(tmp_path)
        self._switch("forget_cursors", tmp_path)
        assert self._run(tmp_path, shelf) is None
        assert (shelf.new, shelf.changed, shelf.failed) == (0, 0, 0)
        self._switch("forget_cursors", tmp_path)
        self.write(tmp_path, range(MANY))
        assert self._run(tmp_path, shelf) is None
        assert (shelf.new, shelf.changed, shelf.failed) == (1, 0, 0)

    @pytest.mark.parametrize("value", ["", "?", "{}", "[]", "null", "0", "[" * 5000, '{"v":1}', "\x00"], ids=repr)
    def test_a_cursor_nobody_can_read_is_no_way_to_lose_anything(self, tmp_path: Path, value: str) -> None:
        """One of another version, or damaged: everything is read again."""
        shelf = self._whole(tmp_path)
        shelf.cursor = SyncCursor(value)
        assert self._run(tmp_path, shelf) is None
        assert (shelf.new, shelf.changed) == (0, 0)
        self.write(tmp_path, range(MANY + 1))
        assert self._run(tmp_path, shelf) is None
        assert (shelf.new, shelf.changed) == (1, 0)

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="a kill needs fork and SIGKILL")
    def test_a_run_killed_by_the_system_after_any_page_is_finished_by_the_next(self, tmp_path: Path) -> None:
        """SIGKILL: no lock, no half-written token and no cursor ahead of its rows is left behind."""
        whole = self._whole(tmp_path)
        for pages in range(1, whole.pages + 1):
            shelf = self._killed_after(tmp_path, pages)
            assert self._run(tmp_path, shelf) is None
            assert shelf.items == whole.items

    def _killed_after(self, folder: Path, pages: int) -> Shelf:
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / "shelf.pickle"
        child = os.fork()
        if child == 0:
            try:
                kept.write_bytes(pickle.dumps(Shelf().run(self.collector(folder), self.context(), pages)))
            finally:
                os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(child, 0)
        stored = pickle.loads(kept.read_bytes())  # noqa: S301 - written by the line above
        kept.unlink()
        assert isinstance(stored, Shelf)
        return stored

    def test_what_no_longer_stands_is_withdrawn(self, tmp_path: Path) -> None:
        """And nothing else is."""
        whole = self._whole(tmp_path)
        self._switch("withdraw", tmp_path, 2)
        assert self._run(tmp_path, whole) is None
        assert [item.at for item in whole.items] == [instant(number) for number in range(MANY) if number != 2]

    def test_an_item_that_is_gone_harms_no_other(self, tmp_path: Path) -> None:
        whole = self._whole(tmp_path)
        others = {instant(number) for number in range(MANY) if number != 2}
        self.write(tmp_path, [number for number in range(MANY) if number != 2])
        assert self._run(tmp_path, whole) is None
        assert (whole.new, whole.failed) == (0, 0)
        assert {item.at for item in whole.items} >= others

    # -- whom the token goes to ---------------------------------------------------------------

    def test_a_next_link_to_another_host_gets_no_token(self, tmp_path: Path) -> None:
        """Nor anything else, and the run says that something is wrong."""
        with Loopback(lambda _asked: Reply({})) as elsewhere:
            self.write(tmp_path, range(MANY))
            self._switch("lead_away", tmp_path, elsewhere.url)
            shelf = Shelf()
            assert self._run(tmp_path, shelf) or shelf.gaps
            assert elsewhere.asked == []

    def test_a_stored_link_to_another_host_gets_no_token(self, tmp_path: Path) -> None:
        """A cursor that somebody changed in the store."""
        shelf = self._whole(tmp_path)
        with Loopback(lambda _asked: Reply({})) as elsewhere:
            assert shelf.cursor
            shelf.cursor = SyncCursor(shelf.cursor.value.replace(self.wire(tmp_path).url, elsewhere.url))
            self._run(tmp_path, shelf)
            assert elsewhere.asked == []
        assert len(shelf.evidence) == MANY

    def test_a_token_that_expires_in_the_midst_is_renewed_once(self, tmp_path: Path) -> None:
        """401 to any request: one fresh token, one repeat, and no wait."""
        if "token" in self.without:
            pytest.skip(self.without["token"])
        whole, wire = self._whole(tmp_path), self.wire(tmp_path)
        for place in self._spread(tmp_path, signed):
            before = sum(map(signed, wire.asked))
            self.collected(tmp_path)
            calm = sum(map(signed, wire.asked)) - before
            self.waits.clear()
            with wire.failing(Status(401), nth(place, signed)):
                assert self.collected(tmp_path).items == whole.items
            assert sum(map(signed, wire.asked)) - before - calm == calm + 1
            assert self.waits == []

    def test_a_token_that_is_refused_for_good_asks_for_a_sign_in(self, tmp_path: Path) -> None:
        """At once, not after a storm of attempts; what was stored stays."""
        if "token" in self.without:
            pytest.skip(self.without["token"])
        shelf, wire = self._whole(tmp_path), self.wire(tmp_path)
        before = len(wire.asked)
        with wire.failing(Status(401), signed), pytest.raises(SignInNeeded) as needed:
            shelf.run(self.collector(tmp_path), self.context())
        assert "connect" in needed.value.hint
        assert len(wire.asked) - before <= 10
        assert self.waits == []
        assert len(shelf.evidence) == MANY


def at_random(seed: int) -> Callable[[Asked], Fault | None]:
    """Every third answer an error."""
    weather = random.Random(seed)  # noqa: S311 - a plan, no secret
    return lambda _asked: Status(weather.choice(STORM)) if weather.random() < 0.33 else None
