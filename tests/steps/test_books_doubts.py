"""Where both sides nearly agree: names that stand twice, two ids of one code, what nobody said, a missing cursor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from autotime.billing import joining
from autotime.billing.joining_fields import folded
from autotime.domain.books import Client, Thing
from autotime.domain.doors import BooksPage, Pulled
from autotime.office import Office
from autotime.steps.books import pull_books

from .bookshelf import ADA, NORTHWIND, PARTS, Shelf, client, code, office, person


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def test_a_name_that_stands_there_twice_is_joined_once(here: Office) -> None:
    """The second is a client of its own, and a person is told; so it is with people."""
    shelf = Shelf()
    shelf.parts["clients"].append(client(replace(NORTHWIND, id="23")))
    shelf.parts["people"].append(person(replace(ADA, id="9")))
    report = pull_books(here, shelf)
    keys = here.store.systems.keys("clio")
    assert (keys.key(Thing.CLIENT, "21"), keys.key(Thing.TIMEKEEPER, "7")) == ("NORTH", "AOK")
    assert keys.key(Thing.CLIENT, "23").startswith("NORTHWIND-MILLS-INC-")
    assert keys.key(Thing.TIMEKEEPER, "9").startswith("ADA-OKAFOR-")
    told = [note.partition(":")[0] for note in report.notes if "kept apart" in note]
    assert told == ["timekeeper 9 has the mail address of AOK", "client 23 is called like NORTH"]


def test_a_person_of_the_same_name_without_the_address_is_told(here: Office) -> None:
    """Kept apart, for names are not unique; a person sets the address."""
    shelf = Shelf()
    shelf.put("people", "7", emails=())
    report = pull_books(here, shelf)
    assert here.store.systems.keys("clio").key(Thing.TIMEKEEPER, "7").startswith("ADA-OKAFOR-")
    assert [note for note in report.notes if note.startswith("timekeeper 7 is called like AOK")]


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_ids_of_one_code_the_lower_is_taken(here: Office, turned: bool) -> None:
    """Whichever comes first: 9 is before 10."""
    twice = [code("10", "L110"), code("9", "L110")]
    pull_books(here, Shelf({"codes": twice[::-1] if turned else twice}))
    assert here.store.systems.keys("clio").remote(Thing.CODE, "L110") == "9"


def test_what_nobody_said_changes_nothing_that_is_set_here(here: Office) -> None:
    """Hourly, dollars and no rate are what an adapter has where its system says nothing; a new matter is in the
    firm's currency, and a portal's id stays ours."""
    firm = here.settings.firm.model_copy(update={"currency": "CAD"})
    canada = replace(here, settings=here.settings.model_copy(update={"firm": firm}))
    known = here.store.books.load().matters["2026-002"]
    here.store.books.upsert(
        matters=[replace(known, fee_type="flat", currency="CAD")], clients=[Client("NORTH", NORTHWIND.name, "NW")]
    )
    shelf = Shelf()
    shelf.put("clients", "21", ledes_id="NW-OTHER")
    pull_books(canada, shelf)
    books = here.store.books.load()
    assert (books.matters["2026-002"].fee_type, books.matters["2026-002"].rate) == ("flat", known.rate)
    assert (books.matters["2026-002"].currency, books.matters["2026-009"].currency) == ("CAD", "CAD")
    assert books.clients["NORTH"].ledes_id == "NW"


def test_a_cursor_stands_until_there_is_a_newer_one(here: Office) -> None:
    """A page that ends a list may name none."""
    pull_books(here, Shelf())
    ended = BooksPage("matters", tuple(PARTS["matters"]), whole=True)
    pull_books(here, SimpleNamespace(target="clio", pull=lambda _cursors: iter([ended])))
    assert here.store.systems.cursors("clio")["matters"] == "after 1"


# -- many -----------------------------------------------------------------------------------------


def namesakes(count: int) -> dict[str, list[Pulled]]:
    """People of one address and clients of one name."""
    people = [person(replace(ADA, id=str(100 + one), emails=("desk@okafor.example",))) for one in range(count)]
    clients = [client(replace(NORTHWIND, id=str(100 + one), name="Unknown")) for one in range(count)]
    return {"people": people, "clients": clients}


def test_many_of_one_name_are_told_in_few_words(here: Office) -> None:
    """Each is kept apart, and names some of the others."""
    report = pull_books(here, Shelf(namesakes(60), size=60))
    told = [note for note in report.notes if "kept apart (autotime books check)" in note]
    assert (len(told), report.counts["client"], report.counts["timekeeper"]) == (118, {"added": 60}, {"added": 60})
    assert max(map(len, told)) < 250
    assert sum(", and others" in note for note in told) > 100


def test_people_are_compared_by_name_with_those_of_the_name_only(here: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the people are twice the work."""
    compared: list[str] = []
    monkeypatch.setattr(joining, "folded", lambda name: (compared.append(name), folded(name))[1])
    for count in (50, 100):
        compared.clear()
        other = {
            "people": [person(replace(ADA, id=f"{count}{one}", last=f"O{one}", emails=())) for one in range(count)]
        }
        pull_books(here, Shelf(other, size=count), everything=True, dry_run=True)
        assert len(compared) < count * 3
