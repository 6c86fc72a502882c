# ruff: noqa: S101 - this is a test suite, shipped inside the package
"""A collector's service stood in for by a server on this machine: what a subclass says, and how faults are tried.

The promises themselves are in ``autotime.testing.remote``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from autotime.domain.errors import AutotimeError, CursorExpired, SourceUnavailable
from autotime.testing.collectors import MANY, CollectorContract, instant
from autotime.testing.server import Asked, Fault, Loopback
from autotime.testing.shelf import Shelf
from autotime.web import client
from autotime.web.transport import ends_in

SHAPELESS = {"null": b"null", "a text": b'"value"', "not a number": b'{"value": NaN}'}


class RemoteSource(CollectorContract):
    """Override ``serve``, the four of ``CollectorContract``, and the switches the service has."""

    without: Mapping[str, str] = {}
    """Switches that mean nothing for this service, each with the reason: their tests are skipped.
    ``token`` is one without a method, for a service that is signed in to by other means."""

    places = 3
    """At how many requests of a run each fault is tried."""

    at_once = 4
    """How many requests the service may get at once from one process."""

    shapeless: Mapping[str, bytes] = SHAPELESS
    """Bodies that are sound or unsound JSON, but never an answer of this service. What every reader of JSON
    must refuse is tested with ``autotime.web``."""

    def serve(self, folder: Path) -> AbstractContextManager[Any]:
        """A new stand-in of the service, not started, holding nothing."""
        raise NotImplementedError

    def loopback(self, stand_in: Any) -> Loopback:
        """The server of a stand-in."""
        return stand_in if isinstance(stand_in, Loopback) else stand_in.server

    def held(self, folder: Path) -> object:  # noqa: ARG002 - for subclasses
        """What the service holds, to be compared; reading must leave it as it is."""
        return None

    # Switches. Each makes the stand-in odd from now on.

    def empty_page(self, folder: Path) -> None:
        """A page without items stands in the midst of every listing, with a link to the next."""
        raise NotImplementedError

    def repeat_page(self, folder: Path) -> None:
        """Items of one page of a listing stand on another one too."""
        raise NotImplementedError

    def loop_page(self, folder: Path) -> None:
        """The link to the next page leads to a page that was read already."""
        raise NotImplementedError

    def lead_away(self, folder: Path, root: str) -> None:
        """Links to the next page lead to this root."""
        raise NotImplementedError

    def forget_cursors(self, folder: Path) -> None:
        """The service no longer knows the cursors it gave (410, 404); those it gives from now on are good."""
        raise NotImplementedError

    def withdraw(self, folder: Path, number: int) -> None:
        """Item ``number`` no longer stands, as a cancelled meeting."""
        raise NotImplementedError

    # -- what the suite does with them --------------------------------------------------------

    @property
    def waits(self) -> list[float]:
        """Seconds the collectors slept."""
        found: list[float] = vars(self).setdefault("_waits", [])
        return found

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    @property
    def _serving(self) -> dict[Path, Any]:
        found: dict[Path, Any] = vars(self).setdefault("_stand_ins", {})
        return found

    def at(self, folder: Path) -> Any:
        """The stand-in that serves this folder."""
        if folder not in self._serving:
            self._serving[folder] = self.serve(folder)
            self._serving[folder].__enter__()
        return self._serving[folder]

    def wire(self, folder: Path) -> Loopback:
        return self.loopback(self.at(folder))

    def close(self) -> None:
        while self._serving:
            self._serving.popitem()[1].__exit__(None, None, None)

    @pytest.fixture(autouse=True)
    def _closed_after_the_test(self) -> Iterator[None]:
        yield
        self.close()

    def _switch(self, name: str, *arguments: Any) -> None:
        if name in self.without:
            pytest.skip(self.without[name])
        getattr(self, name)(*arguments)

    def _bytes(self, folder: Path) -> Any:
        wrote = [asked.method for asked in self.wire(folder).asked if asked.method in ("PUT", "PATCH", "DELETE")]
        return self.held(folder), wrote

    def _whole(self, folder: Path) -> Shelf:
        """All there is, of a service that holds five items and has nothing wrong with it."""
        self.write(folder, range(MANY))
        whole = self.collected(folder)
        assert [item.at for item in whole.items] == [instant(number) for number in range(MANY)]
        return whole

    def _run(self, folder: Path, shelf: Shelf) -> AutotimeError | None:
        """A run as autotime does it: an expired cursor is forgotten. The trouble it ended with, which must
        be one that another run may mend, and must say nothing of what was asked."""
        try:
            try:
                shelf.run(self.collector(folder), self.context())
            except CursorExpired:
                shelf.cursor = None
                shelf.run(self.collector(folder), self.context())
        except SourceUnavailable as trouble:
            self._says_what_next_and_nothing_else(trouble, self.wire(folder).asked)
            return trouble
        return None

    def _says_what_next_and_nothing_else(self, trouble: AutotimeError, asked: list[Asked]) -> None:
        assert trouble.hint
        told = f"{trouble} {trouble!r} {trouble.hint}"
        for one in asked:
            secrets = [one.headers.get("authorization", "").rpartition(" ")[2], one.path, one.target]
            assert not any(len(secret) > 3 and secret in told for secret in secrets)

    def _spread(self, folder: Path, when: Callable[[Asked], bool] = lambda _asked: True) -> list[int]:
        """At which requests of a run a fault is tried."""
        before = len(self.wire(folder).asked)
        self.collected(folder)
        return self._among(sum(map(when, self.wire(folder).asked[before:])))

    def _among(self, count: int) -> list[int]:
        """The first of so many, the last and some between."""
        steps = max(1, self.places - 1)
        return sorted({round(step * (count - 1) / steps) for step in range(self.places)})

    def _survives(self, folder: Path, fault: Fault, lasting: bool = True) -> None:
        """Wherever it strikes, from the sign-in on, once or from there on: what is stored is right, what is
        not is told, and the next run has it all."""
        calm = folder / "calm"
        whole = self._whole(calm)
        for place in self._among(len(self.wire(calm).asked)):
            for lasts in (False, True)[: 1 + lasting]:
                here, shelf = folder / f"{place}{lasts}", Shelf()
                self.write(here, range(MANY))
                with self.wire(here).failing(fault, after(place) if lasts else nth(place)):
                    told = self._run(here, shelf)
                if not (told or shelf.gaps or shelf.quarantined):
                    assert shelf.items == whole.items
                assert {item.id for item in shelf.items} <= whole.evidence.keys()
                assert self._run(here, shelf) is None
                assert shelf.items == whole.items or shelf.quarantined


def nth(place: int, when: Callable[[Asked], bool] = lambda _asked: True) -> Callable[[Asked], bool]:
    """The request at this place alone, counted among those that ``when`` names."""
    left = iter(range(place, -1, -1))
    return lambda asked: when(asked) and next(left, None) == 0


def after(calm: int) -> Callable[[Asked], bool]:
    """Every request but the first few."""
    left = iter(range(calm))
    return lambda _asked: next(left, None) is None


def signed(asked: Asked) -> bool:
    """Whether a request shows who asks."""
    return bool(asked.headers.get("authorization"))


@contextmanager
def hurried(seconds: float) -> Iterator[None]:
    """Every whole request of ``autotime.web`` ends after so many seconds, whatever its ``Manners`` say."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "ends_in", lambda _wanted: ends_in(seconds))
        yield
