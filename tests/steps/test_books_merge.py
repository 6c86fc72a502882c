"""Two clients that are one: matters and ids move, no pull brings the other back, and it can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autotime.domain.books import Client, Key, MatterStatus, Thing
from autotime.domain.errors import Misused, NotAllowed
from autotime.office import Office
from autotime.steps.books import check_books, pull_books
from autotime.steps.merging import merge_clients, merged_clients, undo_merge
from autotime.steps.teaching import import_books
from tests.billing.firm import approve, entry
from tests.classifiers.firm import mail

from .bookshelf import NORTHWIND, Shelf, client, office


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def twice() -> Shelf:
    """Northwind stands in the system twice; the second has the one matter 2026-009."""
    shelf = Shelf()
    shelf.parts["clients"] = [client(NORTHWIND), client(Client("22", "Northwind Mill", phones=("217 555 0199",)))]
    return shelf


def other(here: Office) -> str:
    return here.store.systems.keys("clio").key(Thing.CLIENT, "22")


def test_matters_move_and_the_next_pull_leaves_it_so(here: Office) -> None:
    """Whatever is pulled after it: a change there, all of it, a new matter of the client that is gone."""
    shelf = twice()
    pull_books(here, shelf)
    gone = other(here)
    [duplicate] = [one for one in check_books(here) if one.kind == "duplicate"]
    assert duplicate.proposal == f"autotime books merge NORTH {gone}"
    assert merge_clients(here, "NORTH", gone).matters == ("2026-009",)
    for everything in (True, False):
        shelf.put("clients", "22", name="Northwind Mills West")
        report = pull_books(here, shelf, everything=everything)
        books = here.store.books.load()
        assert books.matters["2026-009"].client == "NORTH"
        assert books.clients["NORTH"].name == "Northwind Mills, Inc."
        assert "217 555 0199" in books.clients["NORTH"].phones
        assert "added" not in report.counts.get("client", {})
    assert not [one for one in check_books(here) if one.kind == "duplicate"]


def test_a_merge_is_taken_back_as_it_was(here: Office) -> None:
    """Matters, contacts and ids."""
    pull_books(here, twice())
    gone, before = other(here), here.store.books.load()
    keys = here.store.systems.all_keys("clio")
    merge_clients(here, "NORTH", gone)
    assert undo_merge(here, "NORTH", gone).matters == ("2026-009",)
    assert here.store.books.load() == before
    assert here.store.systems.all_keys("clio") == keys
    assert merged_clients(here.store) == {}
    with pytest.raises(Misused, match="was not merged"):
        undo_merge(here, "NORTH", gone)


def test_the_systems_id_moves_to_a_client_that_has_none(here: Office) -> None:
    """And back."""
    here.store.books.upsert(clients=[Client("NEW", "New Ltd")])
    here.store.systems.save_keys([Key("clio", Thing.CLIENT, "SOLO", "50")])
    merge_clients(here, "NEW", "SOLO")
    assert here.store.systems.keys("clio").key(Thing.CLIENT, "50") == "NEW"
    undo_merge(here, "NEW", "SOLO")
    assert here.store.systems.keys("clio").key(Thing.CLIENT, "50") == "SOLO"


def test_a_merge_of_a_merge_ends_at_the_last(here: Office) -> None:
    """And none goes round."""
    here.store.books.upsert(clients=[Client("THIRD", "Third")])
    merge_clients(here, "NORTH", "SOLO")
    merge_clients(here, "THIRD", "NORTH")
    assert merged_clients(here.store) == {"SOLO": "THIRD", "NORTH": "THIRD"}
    with pytest.raises(Misused, match="not merged with itself"):
        merge_clients(here, "SOLO", "THIRD")
    with pytest.raises(Misused, match="SOLO is THIRD already"):
        merge_clients(here, "THIRD", "SOLO")
    with pytest.raises(Misused, match="no client NOBODY"):
        merge_clients(here, "THIRD", "NOBODY")


def test_merges_are_taken_back_last_first(here: Office) -> None:
    """Else the first would be a client again without its matters."""
    here.store.books.upsert(clients=[Client("THIRD", "Third")])
    mine = merge_clients(here, "NORTH", "SOLO").matters
    merge_clients(here, "THIRD", "NORTH")
    with pytest.raises(Misused, match="NORTH became THIRD since") as told:
        undo_merge(here, "NORTH", "SOLO")
    assert told.value.hint == "autotime books merge THIRD NORTH --undo"
    undo_merge(here, "THIRD", "NORTH")
    assert undo_merge(here, "NORTH", "SOLO").matters == mine


def test_time_approved_for_the_other_stands_in_the_way(here: Office) -> None:
    """The refusal says which; nothing is moved."""
    one = entry(1, matter="2026-003")
    approve(here.store, one, target="clio")
    with pytest.raises(NotAllowed, match=rf"{one.id} \({one.day}, 2026-003, queued clio\)"):
        merge_clients(here, "NORTH", "SOLO")
    assert here.store.books.load().matters["2026-003"].client == "SOLO"


def test_time_approved_since_stands_in_the_way_back(here: Office) -> None:
    merge_clients(here, "NORTH", "SOLO")
    approve(here.store, replace(entry(1, matter="2026-003"), client="NORTH"))
    with pytest.raises(NotAllowed, match="client NORTH"):
        undo_merge(here, "NORTH", "SOLO")


def test_a_dry_run_moves_nothing(here: Office) -> None:
    """It says what would move."""
    before = here.store.books.load()
    assert merge_clients(here, "NORTH", "SOLO", dry_run=True).matters == ("2026-003",)
    assert here.store.books.load() == before
    merge_clients(here, "NORTH", "SOLO")
    merged = here.store.books.load()
    assert undo_merge(here, "NORTH", "SOLO", dry_run=True).matters == ("2026-003",)
    assert here.store.books.load() == merged


def test_settings_that_name_the_other_are_told(here: Office) -> None:
    """They go by its id."""
    billing = here.settings.billing.model_copy(update={"clients": {"SOLO": "csv"}})
    named = replace(here, settings=here.settings.model_copy(update={"billing": billing}))
    assert merge_clients(named, "NORTH", "SOLO").notes == (
        "the settings name SOLO in [billing.clients]: set it for the client that stays",
    )


def test_an_import_from_a_file_does_not_bring_it_back(here: Office, tmp_path: Path) -> None:
    """Nor does it take from a client what only a billing system told."""
    pull_books(here, Shelf())
    merge_clients(here, "NORTH", "SOLO")
    file = tmp_path / "books.csv"
    file.write_text(
        "matter,name,client,client_name\n2026-003,Licence,SOLO,Solo\n2026-001,Harrow,NORTH,Northwind Mills\n"
    )
    import_books(here, file, None)
    books = here.store.books.load()
    assert books.matters["2026-003"].client == "NORTH"
    assert len(books.matters["2026-001"].rates) == 2
    assert (books.clients["NORTH"].name, books.clients["NORTH"].phones) == ("Northwind Mills", NORTHWIND.phones)


def test_closed_matters_that_are_worked_on_are_found_in_what_is_stored(here: Office) -> None:
    """Time that was approved, and mail with somebody who is a contact of closed matters only; the firm's own people
    write of everything."""
    known = here.store.books.load().matters
    closed = [replace(known[n], status=MatterStatus.CLOSED) for n in ("2026-001", "2026-002")]
    mailed = replace(closed[1], contacts=("jo@northwind.example",))
    shared = replace(known["2026-003"], contacts=("kim@solo.example",))
    beside = replace(mailed, number="2025-001", contacts=("kim@solo.example",))
    ours = replace(mailed, number="2025-002", contacts=here.timekeeper.emails)
    here.store.books.upsert(matters=[closed[0], mailed, shared, beside, ours])
    day = here.date_of(here.now)
    approve(here.store, replace(entry(1), day=day))
    senders = {"a": "jo@northwind.example", "b": "kim@solo.example", "c": here.timekeeper.emails[0]}
    here.store.evidence.put([mail(k, "Claim", sender=who, at=here.now - 100) for k, who in senders.items()], here.now)
    found = {one.things[0]: one.says for one in check_books(here) if one.kind == "closed"}
    assert found == {
        "2026-001": f"2026-001 «Northwind v. Harrow» is closed, and time of {day} was approved for it",
        "2026-002": f"2026-002 «Warehouse lease» is closed, and mail of {day} is with its contacts",
    }
