"""A billing system behind the office: pushed to, looked into at night, and settled by a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from autotime import pipeline, plugins
from autotime.domain.delivery import Delivery, DeliveryState
from autotime.domain.doors import SignIn
from autotime.domain.errors import Misused, SourceUnavailable
from autotime.office import Office
from autotime.review.view import Pushed
from autotime.settings import Settings
from autotime.steps.reviewing import DeskBackend
from autotime.store import Store
from tests.billing.firm import NOW, entry, found
from tests.billing.memory import MINUTE, Clock, MemoryBiller

DAY = date(2026, 3, 5)
TARGET = Delivery("memory")


class SignedIn(MemoryBiller):
    """A system one signs in to."""

    signed_in = True

    def wants(self) -> dict[str, str]:
        return {}

    def connect(self, person: object, device: bool = False) -> None:
        raise AssertionError

    def standing(self, now: int) -> SignIn:
        return SignIn(self.signed_in)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with found(tmp_path, *(entry(n, day=DAY) for n in (1, 2))) as store:
        yield store


@pytest.fixture
def biller(monkeypatch: pytest.MonkeyPatch) -> SignedIn:
    """The system ``memory``, loaded by its name like every other."""
    made = SignedIn(Clock())
    room = ModuleType("tests_memory")
    room.Memory = lambda connection, keys, mapping: made  # type: ignore[attr-defined]
    monkeypatch.setitem(__import__("sys").modules, "tests_memory", room)
    monkeypatch.setattr(plugins, "SYSTEMS", {**plugins.SYSTEMS, "memory": "tests_memory:Memory"})
    return made


def office(store: Store, home: Path, minutes: int = 0) -> Office:
    configured = {"id": "AOK", "last": "Okafor", "zone": "America/Chicago"}
    settings = Settings(home=home, timekeepers=[configured])  # type: ignore[list-item]
    return Office(store, settings, settings.timekeeper(), NOW + minutes * MINUTE)


def states(store: Store) -> list[str]:
    return [one.state.value for one in sorted(store.submissions.in_state(*DeliveryState), key=lambda one: one.entry)]


def test_a_push_to_a_system_is_like_a_push_to_a_file(store: Store, biller: SignedIn, tmp_path: Path) -> None:
    """The dry run keeps nothing; progress is told."""
    heard: list[tuple[str, int, int]] = []
    here = office(store, tmp_path)
    assert [line.state for line in pipeline.push(here, TARGET, dry_run=True).lines] == ["ready", "ready"]
    assert (states(store), biller.rows) == (["queued", "queued"], [])
    report = pipeline.push(here, TARGET, progress=lambda *told: heard.append(told))
    assert [line.receipt for line in report.lines] == ["r101", "r102"]
    assert heard[0] == ("memory", 0, 2)
    assert heard[-1] == ("memory", 2, 2)


def test_the_desk_offers_systems_and_files_and_pushes_to_either(store: Store, biller: SignedIn, tmp_path: Path) -> None:
    desk = DeskBackend(office(store, tmp_path))
    assert {"csv", "ledes", "clio", "memory"} <= set(desk.targets())
    assert [line.state for line in desk.push(TARGET, dry_run=True).lines] == ["ready", "ready"]
    done: Pushed = desk.push(TARGET, dry_run=False)
    assert [line.state for line in done.lines] == ["sent", "sent"]


def test_a_night_ends_doubt_and_finds_twins_and_sends_nothing(store: Store, biller: SignedIn, tmp_path: Path) -> None:
    biller.plan = ["lost_after", "ok"]
    pipeline.push(office(store, tmp_path), TARGET)
    biller.add(replace(biller.rows[1], id=""))
    (looked,) = pipeline.run(office(store, tmp_path, minutes=20)).billing
    assert (looked.target, looked.changed) == ("memory", {"sent": 1, "duplicate_found": 1})
    assert states(store) == ["sent", "duplicate_found"]
    assert biller.asked.count("create") == 2


def test_a_night_asks_only_where_something_is_open_and_somebody_is_signed_in(
    store: Store, biller: SignedIn, tmp_path: Path
) -> None:
    assert pipeline.look_into(office(store, tmp_path)) == []
    pipeline.push(office(store, tmp_path), TARGET)
    biller.signed_in = False
    asked = len(biller.asked)
    assert pipeline.look_into(office(store, tmp_path, minutes=20)) == []
    assert len(biller.asked) == asked


def test_a_system_that_does_not_answer_spoils_no_night(store: Store, biller: SignedIn, tmp_path: Path) -> None:
    pipeline.push(office(store, tmp_path), TARGET)
    biller.broken = SourceUnavailable("memory does not answer", hint="autotime run, later")
    (looked,) = pipeline.run(office(store, tmp_path, minutes=20)).billing
    assert (looked.trouble, looked.hint) == ("memory does not answer", "autotime run, later")


def test_a_push_is_taken_back_by_its_number(store: Store, biller: SignedIn, tmp_path: Path) -> None:
    here = office(store, tmp_path)
    pipeline.push(here, TARGET)
    assert [line.state for line in pipeline.void(here, "memory-0001", dry_run=True)] == ["would_be_taken_back"] * 2
    assert [line.state for line in pipeline.void(here, "memory-0001")] == ["taken_back"] * 2
    assert (states(store), biller.rows) == (["queued", "queued"], [])


def test_a_file_is_taken_back_as_a_whole(store: Store, tmp_path: Path) -> None:
    here = office(store, tmp_path)
    pipeline.push(here, Delivery("csv"))
    with pytest.raises(Misused, match="as a whole"):
        pipeline.void(here, "csv-0001", entry=entry(1).id)
    assert [line.state for line in pipeline.void(here, "csv-0001")] == ["taken_back"] * 2


def test_what_is_open_is_listed_by_system(store: Store, biller: SignedIn, tmp_path: Path) -> None:
    biller.plan = ["lost_before"]
    pipeline.push(office(store, tmp_path), TARGET)
    here = office(store, tmp_path, minutes=20)
    assert [case.kind for _, case in pipeline.unsettled(here)] == ["doubt"]
    assert [case.kind for _, case in pipeline.unsettled(here, "memory")] == ["doubt"]
    with pytest.raises(Misused, match="«csv» is not asked over the network"):
        pipeline.unsettled(here, "csv")


def test_a_target_that_is_none_names_those_there_are(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Misused, match="no billing target «elsewhere»") as wrong:
        pipeline.push(office(store, tmp_path), Delivery("elsewhere"))
    assert "clio" in wrong.value.hint
