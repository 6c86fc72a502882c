"""Books from a billing system: joined by what both know, kept where only we know, told where they differ."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autotime.domain.books import Client, Code, Matter, MatterStatus, Rate, Thing
from autotime.domain.errors import SuddenlyEmpty
from autotime.office import Office
from autotime.steps.books import pull_books
from autotime.steps.stale import stale_days, unmark
from tests.classifiers.firm import mail

from .bookshelf import PARTS, QUAYSIDE, Shelf, client, matter, office, world

QUAY = "QUAYSIDE-CAFE"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def quay(here: Office) -> str:
    [key] = [key for key in here.store.books.load().clients if key.startswith(QUAY)]
    return key


# -- joining --------------------------------------------------------------------------------------


def test_things_are_joined_by_what_both_sides_share(here: Office) -> None:
    """A person by mail address, a matter by number, a client by its name; the rest is new."""
    report = pull_books(here, Shelf())
    keys, books = here.store.systems.keys("clio"), here.store.books.load()
    assert keys.key(Thing.TIMEKEEPER, "7") == "AOK"
    assert keys.key(Thing.CLIENT, "21") == "NORTH"
    assert keys.key(Thing.MATTER, "31") == "2026-001"
    assert keys.key(Thing.ACTIVITY, "42") == "A103"
    assert keys.key(Thing.CLIENT, "22") == quay(here)
    assert books.clients.keys() == {"NORTH", "SOLO", quay(here)}
    assert report.counts == {
        "timekeeper": {"updated": 1, "added": 1},
        "client": {"updated": 1, "added": 1},
        "matter": {"updated": 3, "added": 2},
        "code": {"added": 1},
        "activity": {"added": 1},
    }


def test_a_code_that_is_known_is_not_added(here: Office) -> None:
    """Only its id there is new."""
    ours = [Code("L310", "Written discovery", "litigation"), Code("A103", "Draft", "activity")]
    here.store.books.upsert(codes=ours)
    report = pull_books(here, Shelf())
    keys = here.store.systems.keys("clio")
    assert (report.counts["code"], report.counts["activity"]) == ({"unchanged": 1}, {"unchanged": 1})
    assert (keys.key(Thing.CODE, "41"), keys.key(Thing.ACTIVITY, "42")) == ("L310", "A103")
    assert here.store.books.load().codes["L310"] == ours[0]


def test_ids_of_the_system_are_put_into_our_words(here: Office) -> None:
    """The client of a matter and the people of its rates; one that nobody knows says whose id it is."""
    pull_books(here, Shelf())
    books, keys = here.store.books.load(), here.store.systems.keys("clio")
    assert books.matters["2026-009"].client == quay(here)
    assert books.matters["2026-010"].client == "clio:99"
    bea = keys.key(Thing.TIMEKEEPER, "8")
    assert bea.startswith("BEA-LINDQVIST-")
    assert books.matters["2026-001"].rates == (Rate("AOK", Decimal(500)), Rate(bea, Decimal(300)))


def test_what_only_we_know_is_kept_and_what_is_theirs_is_updated(here: Office) -> None:
    """Contacts and the like come together; the portal's id, the code set and the increment stay ours."""
    ours = Matter(
        number="2026-001",
        name="Ours",
        client="NORTH",
        client_matter_id="NW-77",
        code_set="litigation",
        increment=15,
        domains=("northwind.example",),
        rate=Decimal(400),
        contacts=("jo@northwind.example",),
        dockets=("1:26-cv-1",),
        aliases=("Harrow",),
    )
    here.store.books.upsert(matters=[ours])
    shelf = Shelf()
    shelf.put("matters", "31", client_matter_id="X-1", contacts=("mo@northwind.example",))
    report = pull_books(here, shelf)
    joined = here.store.books.load().matters["2026-001"]
    assert joined == replace(
        ours,
        name="Northwind v. Harrow",
        status=MatterStatus.PENDING,
        rates=joined.rates,
        contacts=("jo@northwind.example", "mo@northwind.example"),
    )
    assert "matter 2026-001: client_matter_id stays «NW-77», there it is «X-1»" in report.notes
    assert "matter 2026-001: name was «Ours», and is «Northwind v. Harrow» as it is there" in report.notes


def test_a_name_that_two_clients_have_joins_neither(here: Office) -> None:
    """It comes in as a client of its own, and a person is told."""
    here.store.books.upsert(clients=[Client("Q1", "Quayside Café"), Client("Q2", "quayside  café")])
    report = pull_books(here, Shelf())
    assert quay(here)
    assert "client 22 is called like Q1, Q2: kept apart (autotime books check)" in report.notes


@pytest.mark.parametrize(
    ("ours", "joined"),
    [(Client("22", "Quayside Café Ltd"), False), (Client("22", "quayside café"), True), (Client("22"), True)],
)
def test_a_client_of_the_same_id_is_the_same_unless_its_name_is_another(
    here: Office, ours: Client, joined: bool
) -> None:
    """Systems count from one, and so do firms."""
    here.store.books.upsert(clients=[ours])
    pull_books(here, Shelf())
    assert (here.store.systems.keys("clio").key(Thing.CLIENT, "22") == "22") is joined


def test_a_system_that_counts_its_clients_by_name_gives_the_id(here: Office) -> None:
    shelf = Shelf()
    shelf.put("clients", "22", id="QUAY")
    pull_books(here, shelf)
    assert here.store.systems.keys("clio").key(Thing.CLIENT, "22") == "QUAY"


def test_a_matter_renumbered_there_keeps_its_number_here(here: Office) -> None:
    """Entries and lessons say that number; the other one is kept as another name, and told once."""
    shelf = Shelf()
    pull_books(here, shelf)
    shelf.put("matters", "33", number="2026-0009")
    assert [note for note in pull_books(here, shelf).notes if "2026-0009" in note]
    assert here.store.books.load().matters["2026-009"].aliases == ("2026-0009",)
    assert not [note for note in pull_books(here, shelf).notes if "2026-0009" in note]


def test_two_matters_of_one_number_are_told_and_the_first_stands(here: Office) -> None:
    """Until the first is gone from a complete list: then the number is the other's."""
    shelf = Shelf()
    pull_books(here, shelf)
    shelf.parts["matters"].append(matter("36", "2026-009", name="Made anew"))
    report = pull_books(here, shelf, everything=True)
    assert "matter 36 has the number 2026-009 of matter 33: left out" in report.notes
    assert here.store.systems.keys("clio").key(Thing.MATTER, "33") == "2026-009"
    shelf.parts["matters"] = [thing for thing in shelf.parts["matters"] if thing.remote != "33"]
    pull_books(here, shelf, everything=True)
    assert here.store.systems.keys("clio").remote(Thing.MATTER, "2026-009") == "36"
    assert here.store.books.load().matters["2026-009"].name == "Made anew"


def test_what_cannot_be_read_is_told_and_stops_nothing(here: Office) -> None:
    """A thing of a kind it is not, a matter without a number, what the adapter could not read."""
    shelf = Shelf(bad={"codes": ("codes 9: it has no name",)})
    shelf.parts["people"].append(replace(client(QUAYSIDE), kind=Thing.TIMEKEEPER))
    shelf.parts["matters"].append(matter("37", ""))
    report = pull_books(here, shelf)
    assert report.bad == 1
    assert {note.split(":")[0] for note in report.notes} >= {
        "timekeeper 22 is no timekeeper",
        "matter 37 has no number",
        "codes",
    }
    assert "2026-009" in here.store.books.load().matters


# -- again and again ------------------------------------------------------------------------------


def test_pulling_twice_changes_nothing(here: Office) -> None:
    """Neither what changed since nor all of it anew; and no day is drafted again for it."""
    here.store.evidence.put([mail("a", "Claim", at=here.now - 100)], here.now)
    shelf = Shelf()
    pull_books(here, shelf)
    [day] = stale_days(here.store)
    unmark(here.store, day)
    before, head = world(here)[:3], here.store.audit.head()
    pull_books(here, shelf)
    pull_books(here, shelf, everything=True)
    assert world(here)[:3] == before
    assert here.store.audit.head() == head
    assert stale_days(here.store) == []
    assert shelf.asked == [{}, dict.fromkeys(PARTS, "after 1"), {}]


def test_a_dry_run_tells_the_same_and_writes_nothing(here: Office) -> None:
    before = world(here)
    told = pull_books(here, Shelf(), dry_run=True)
    assert world(here) == before
    done = pull_books(here, Shelf())
    assert (told.counts, told.notes) == (done.counts, done.notes)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_of_pages_ends_in_the_same_books(data: st.DataObject) -> None:
    """Parts, and things within them, in pages of any size: matters may come before what they name."""
    order = data.draw(st.permutations(list(PARTS)))
    parts = {part: data.draw(st.permutations(PARTS[part])) for part in order}
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        with office(Path(one)) as here:
            pull_books(here, Shelf(parts, size=data.draw(st.integers(1, 5))))
            shuffled = world(here)
        with office(Path(other)) as here:
            pull_books(here, Shelf())
            assert shuffled == world(here)


def test_a_client_that_comes_later_is_put_into_its_matters(here: Office) -> None:
    """The list of matters knew it before the list of clients."""
    shelf = Shelf()
    pull_books(here, shelf)
    shelf.parts["clients"].append(client(Client("99", "Late Ltd")))
    shelf.changed["clients"] = [client(Client("99", "Late Ltd"))]
    pull_books(here, shelf)
    assert here.store.books.load().matters["2026-010"].client.startswith("LATE-LTD-")


# -- what ends ------------------------------------------------------------------------------------


def test_a_closed_matter_closes_and_one_that_is_gone_too(here: Office) -> None:
    """Gone is known from a complete list only, and only of what came from there."""
    shelf = Shelf()
    pull_books(here, shelf)
    shelf.put("matters", "32", status=MatterStatus.CLOSED)
    shelf.parts["matters"] = [thing for thing in shelf.parts["matters"] if thing.remote != "33"]
    pull_books(here, shelf)
    status = {number: m.status for number, m in here.store.books.load().matters.items()}
    assert (status["2026-002"], status["2026-009"]) == (MatterStatus.CLOSED, MatterStatus.OPEN)
    report = pull_books(here, shelf, everything=True)
    assert report.counts["matter"]["gone"] == 1
    assert here.store.books.load().matters["2026-009"].status is MatterStatus.CLOSED
    assert "gone" not in pull_books(here, shelf, everything=True).counts["matter"]


def test_where_some_cannot_be_read_none_is_taken_for_gone(here: Office) -> None:
    """The one that is missing may be the one that cannot be read."""
    shelf = Shelf()
    pull_books(here, shelf)
    shelf.parts["matters"].pop()
    shelf.bad["matters"] = ("matters 35: it has no name",)
    report = pull_books(here, shelf, everything=True)
    assert "gone" not in report.counts["matter"]
    assert here.store.books.load().matters["2026-010"].status is MatterStatus.OPEN


def test_a_list_that_halved_stops_and_asks(here: Office) -> None:
    """Nothing is closed; a person's word goes on, and from then on the shorter list is the usual one."""
    shelf = Shelf()
    pull_books(here, shelf)
    shelf.parts["matters"] = shelf.parts["matters"][:2]
    with pytest.raises(SuddenlyEmpty, match="now lists 2 matters; it listed 5") as stopped:
        pull_books(here, shelf, everything=True)
    assert stopped.value.hint.endswith("autotime books pull clio --everything --yes")
    assert here.store.books.load().matters["2026-009"].status is MatterStatus.OPEN
    pull_books(here, shelf, everything=True, yes=True)
    assert here.store.books.load().matters["2026-009"].status is MatterStatus.CLOSED
    pull_books(here, shelf, everything=True)


def test_a_few_changes_are_no_sudden_loss(here: Office) -> None:
    """What changed since is always less than all."""
    shelf = Shelf()
    pull_books(here, shelf)
    shelf.put("matters", "33", name="Renamed")
    pull_books(here, shelf)
    assert here.store.books.load().matters["2026-009"].name == "Renamed"
    assert here.store.systems.pulled("clio")["matters"] == (here.now, 5)
