"""The demo's approved week goes to each of the seven billing targets, and is read back as it was approved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from autotime.cli import connecting
from autotime.domain.books import Thing
from autotime.domain.doors import HistorySource
from autotime.steps.systems import adapter
from autotime.testing.server import Loopback
from tests.cli import browser
from tests.cli.test_connect import Seat

from . import approved_week as week
from .approved_week import FRIDAY, MONDAY, NOW, WEEK, WHO, Line, approved, opened, typed
from .billed_at import PLACES, Place


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the Monday after the week."""
    monkeypatch.setattr("autotime.cli.common.now", lambda: NOW)


@pytest.fixture(scope="session")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of an office whose week is approved. Not to be changed."""
    return week.approve_week(tmp_path_factory.mktemp("demo"))


@pytest.fixture
def seat(monkeypatch: pytest.MonkeyPatch) -> Seat:
    person = Seat()
    monkeypatch.setattr(connecting, "at_a_terminal", lambda: True)
    monkeypatch.setattr(connecting.Terminal, "ask", person.answer)
    return person


# -- systems that are asked -----------------------------------------------------------------------


@dataclass
class Office:
    home: Path
    place: Place
    server: Loopback


@pytest.fixture(params=PLACES)
def office(
    request: pytest.FixtureRequest, worked: Path, tmp_path: Path, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """A copy of the office, signed in to one system whose books were pulled."""
    place = PLACES[request.param]()
    browser.installed(monkeypatch, place.visits)
    with place.serves.serving() as server:
        section = f'[{place.name}]\nclient_id = "client-1"\nbase_url = "{server.url}"\n'
        home = week.copied(worked, tmp_path / "home", section)
        seat.answers.append("client-secret")
        for words in (("connect", place.name), ("books", "pull", place.name)):
            done = typed(home, *words)
            assert done.code == 0, done.err
        yield Office(home, place, server)
