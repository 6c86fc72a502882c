"""The drawers of the firm's books, and of what can be made again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from autotime.domain.books import Client, Code, Matter, MatterStatus
from autotime.domain.people import Timekeeper
from autotime.domain.work import Status
from autotime.store import Store, Upserted

from .nouns import DAY, ODD, ranking, suggestion
from .places import Place

CLIENT = Client("NORTH", "Northwind Mills, Inc.")
MATTER = Matter(number="2026-001", name="Northwind v. Harrow", client="NORTH", rate=Decimal("412.50"))
CODE = Code("L310", "Written Discovery", "litigation")
ADA = Timekeeper(id="AOK", last="Okafor", zone="America/Chicago", zone_from=((date(2026, 4, 1), "Europe/Berlin"),))


# -- books ----------------------------------------------------------------------------------------


def test_books_come_back_as_they_were_put(store: Store) -> None:
    """Clients, matters, codes and people, each by its key."""
    assert store.books.upsert(clients=[CLIENT], matters=[MATTER], codes=[CODE]) == Upserted(3, 0, 0)
    assert store.books.upsert_timekeepers([ADA]) == Upserted(1, 0, 0)
    books = store.books.load()
    assert (books.clients, books.matters, books.codes) == ({"NORTH": CLIENT}, {"2026-001": MATTER}, {"L310": CODE})
    assert store.books.timekeepers() == {"AOK": ADA}


def test_the_same_books_twice_change_nothing(store: Store) -> None:
    """Not even the record of who changed what."""
    store.books.upsert(clients=[CLIENT], matters=[MATTER])
    head = store.audit.head()
    assert store.books.upsert(clients=[CLIENT], matters=[MATTER]) == Upserted(0, 0, 2)
    assert store.audit.head() == head


def test_a_second_import_updates_by_key(store: Store) -> None:
    """What it does not name stays."""
    store.books.upsert(matters=[MATTER, replace(MATTER, number="2026-002")])
    closed = replace(MATTER, status=MatterStatus.CLOSED)
    assert store.books.upsert(matters=[closed, replace(MATTER, number="2026-003")]) == Upserted(1, 1, 0)
    assert list(store.books.load().matters) == ["2026-001", "2026-002", "2026-003"]
    assert store.books.load().matters["2026-001"] == closed


def test_a_change_of_the_books_is_recorded(store: Store) -> None:
    """Under the name of who made it."""
    store.books.upsert(matters=[MATTER])
    assert store.audit.head()[0] == 1
    assert store.audit.verify().ok


def test_the_books_are_the_firms(place: Place) -> None:
    """Whoever of the firm opens the store sees the same."""
    with place.open("AOK") as one, place.open("BLI") as other:
        one.books.upsert(matters=[MATTER])
        assert other.books.load().matters == {"2026-001": MATTER}
        assert other.books.upsert(matters=[MATTER]) == Upserted(0, 0, 1)


def test_odd_names_survive_in_the_books(store: Store) -> None:
    """In keys too."""
    odd = replace(MATTER, number=ODD, name=ODD, aliases=(ODD,))
    store.books.upsert(matters=[odd])
    assert store.books.load().matters == {ODD: odd}
    assert store.books.upsert(matters=[odd]) == Upserted(0, 0, 1)


# -- rankings -------------------------------------------------------------------------------------


def test_a_ranking_takes_the_place_of_the_one_before(store: Store) -> None:
    """One for each piece of evidence."""
    store.rankings.put([ranking("v1"), ranking("v2")])
    store.rankings.put([ranking("v1", confident=False)])
    found = store.rankings.get(["v1", "v2", "v3"])
    assert found == {"v1": ranking("v1", confident=False), "v2": ranking("v2")}


def test_no_rankings_are_no_trouble(store: Store) -> None:
    """A day may be empty."""
    store.rankings.put([])
    assert store.rankings.get([]) == {}


# -- suggestions ----------------------------------------------------------------------------------


def test_a_days_suggestions_come_in_the_order_they_were_put(store: Store) -> None:
    """The order in which they are shown."""
    shown = [suggestion("b"), suggestion("a"), suggestion("c")]
    store.suggestions.replace_day(DAY, shown)
    assert store.suggestions.on(DAY) == shown
    assert store.suggestions.get("a") == suggestion("a")
    assert store.suggestions.get("z") is None


def test_a_day_drafted_anew_replaces_that_day_only(store: Store) -> None:
    """Nothing of the old draft is left, and the next day is as it was."""
    tomorrow = DAY + timedelta(days=1)
    store.suggestions.replace_day(DAY, [suggestion("old")])
    store.suggestions.replace_day(tomorrow, [suggestion("other", day=tomorrow)])
    store.suggestions.replace_day(DAY, [suggestion("new")])
    assert [one.id for one in store.suggestions.on(DAY)] == ["new"]
    assert [one.id for one in store.suggestions.on(tomorrow)] == ["other"]
    store.suggestions.replace_day(DAY, [])
    assert store.suggestions.days() == [tomorrow]


def test_what_waits_is_counted_by_day(store: Store) -> None:
    """In the statuses that were asked for."""
    tomorrow = DAY + timedelta(days=1)
    store.suggestions.replace_day(DAY, [suggestion("a"), suggestion("b", status=Status.APPROVED)])
    store.suggestions.replace_day(
        tomorrow, [suggestion("c", day=tomorrow, status=Status.DEFERRED), suggestion("d", day=tomorrow)]
    )
    assert store.suggestions.undecided([Status.PROPOSED, Status.DEFERRED]) == {DAY: 1, tomorrow: 2}
    assert store.suggestions.undecided([Status.DISMISSED]) == {}
