"""A sign-in to MyCase ends after two weeks without a renewal: the night renews it, though nothing was sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autotime import plugins
from autotime.office import Office, billing_connection
from autotime.secrets import KeyFile
from autotime.settings import Settings
from autotime.steps import settling
from autotime.steps.systems import adapter
from tests.billing.firm import found

from .world import World

DAY = 86_400


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def office(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """Signed in to MyCase now; its adapter is wired to the stand-in."""
    plain = plugins.system

    def wired(target: str, *given: Any, **seams: Any) -> Any:
        here = {"sleep": world.clock.sleep, "wall": world.clock, "carrier": world.wire} if target == "mycase" else {}
        return plain(target, *given, **here, **seams)

    monkeypatch.setattr(plugins, "system", wired)
    KeyFile(tmp_path / "key").save(bytes(32))
    settings = Settings(
        home=tmp_path,
        store={"key": "file", "key_file": str(tmp_path / "key")},  # type: ignore[arg-type]
        timekeepers=[{"id": "AOK", "last": "Okafor"}],  # type: ignore[list-item]
        mycase={"client_id": "client-1"},  # type: ignore[arg-type]
    )
    billing_connection(settings, "AOK", "mycase").vault.save(world.connection.vault.load())
    with found(tmp_path) as store:
        yield Office(store, settings, settings.timekeeper(), int(world.clock()))


def night(world: World, office: Office) -> Any:
    return settling.look_into(Office(office.store, office.settings, office.timekeeper, int(world.clock())))


def test_nights_in_which_nothing_was_sent_keep_it(world: World, office: Office) -> None:
    for _ in range(20):
        world.clock.sleep(DAY)
        assert night(world, office) == []
    assert {asked.path for asked in world.wire.asked} == {"/tokens"}
    assert adapter(office, "mycase").standing(int(world.clock())).signed_in


def test_a_renewal_that_is_refused_is_told(world: World, office: Office) -> None:
    world.mycase.end(refresh=True)
    world.clock.sleep(DAY)
    [looked] = night(world, office)
    assert (looked.target, looked.hint) == ("mycase", "autotime connect mycase")


def test_where_nobody_signed_in_nothing_is_asked(world: World, office: Office) -> None:
    billing_connection(office.settings, "AOK", "mycase").vault.forget()
    assert night(world, office) == []
    assert world.wire.asked == []
