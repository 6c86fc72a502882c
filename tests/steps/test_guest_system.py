"""A billing system of somebody's own: named in the settings, set there, and pushed to like any other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from autotime import plugins
from autotime.domain.books import Key, Thing
from autotime.domain.delivery import Delivery
from autotime.domain.errors import Misused
from autotime.office import Office, billing_connection
from autotime.settings import Settings
from autotime.steps.billing_standing import standings
from autotime.steps.delivering import push, targets
from autotime.steps.reconciling import reconciled
from autotime.store import Store
from autotime.testing.systems.ledger import Ledger
from autotime.testing.systems.signed import signed_in
from tests.billing.firm import CLIENTS, MARCH, MATTERS, NOW, TIMEKEEPER, approve, entry, open_store

OURS = "autotime.testing.systems.ledger_biller:LedgerBiller"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path, create=True) as opened:
        opened.books.upsert(clients=CLIENTS, matters=MATTERS)
        opened.books.upsert_timekeepers([TIMEKEEPER])
        opened.systems.save_keys(
            [Key("ledger", Thing.TIMEKEEPER, "AOK", "U1"), Key("ledger", Thing.MATTER, "2026-001", "M1")]
        )
        approve(opened, entry(1), entry(2))
        yield opened


def office(store: Store, home: Path, guest: str = OURS, **options: Any) -> Office:
    settings = Settings.model_validate(
        {
            "home": home,
            "timekeepers": [{"id": "AOK", "last": "Okafor", "zone": "America/Chicago"}],
            "store": {"key": "file", "key_file": str(home / "key")},
            "billing": {"target": "ledger", "guests": {"ledger": guest}, "options": {"ledger": options}},
        }
    )
    return Office(store, settings, settings.timekeeper(), NOW)


def agreed(_lost: Sequence[str]) -> bool:
    """The ledger has no place for activity codes."""
    return True


def test_a_guest_that_takes_a_connection_is_asked_over_the_network(store: Store, tmp_path: Path) -> None:
    here = office(store, tmp_path)
    assert "ledger" in plugins.asked(here.settings)
    assert targets(here.settings)[0] == "ledger"
    assert [(one.target, one.states) for one in standings(here)] == [("ledger", {"queued": 2})]


def test_time_reaches_it_once_and_agrees(store: Store, tmp_path: Path) -> None:
    ledger = Ledger()
    with ledger.serving() as server:
        here = office(store, tmp_path, base_url=server.url)
        kept = billing_connection(here.settings, "AOK", "ledger").vault
        kept.save(signed_in().vault.load())
        assert [line.state for line in push(here, Delivery("ledger"), accept=agreed).lines] == ["sent", "sent"]
        assert push(here, Delivery("ledger")).lines == ()
        assert sorted(one["seconds"] for one in ledger.entries) == [360, 720]
        assert json.loads(kept.load())["access_token"] == "access-1"


def test_one_that_cannot_be_loaded_says_so_when_it_is_used_and_not_before(store: Store, tmp_path: Path) -> None:
    here = office(store, tmp_path, guest="nowhere.at_all:Biller")
    assert [one.target for one in standings(here)] == ["ledger"]
    with pytest.raises(Misused, match=r"nowhere\.at_all:Biller"):
        push(here, Delivery("ledger"))


def test_what_has_no_history_is_not_reconciled(store: Store, tmp_path: Path) -> None:
    """The ledger lists entries for a push, and gives none of the past."""
    with pytest.raises(Misused, match="cannot be read"):
        reconciled(office(store, tmp_path), "ledger", MARCH["first"], MARCH["last"])  # type: ignore[arg-type]
