"""A billing system's books in memory, and an office that pulls them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from autotime.domain.books import Client, Code, Matter, MatterStatus, Rate, Thing
from autotime.domain.doors import BooksPage, Pulled
from autotime.domain.people import Timekeeper
from autotime.office import Office
from autotime.settings import Settings
from tests.billing.firm import CLIENTS, MATTERS, NOW, open_store

ADA = Timekeeper(id="7", last="Okafor", first="Ada", emails=("ada@okafor.example",), rate=Decimal("460"))
BEA = Timekeeper(id="8", last="Lindqvist", first="Bea", emails=("bea@okafor.example",))
NORTHWIND = Client("21", "Northwind Mills, Inc.", contacts=("jo@northwind.example",), phones=("+1 217 555 0100",))
QUAYSIDE = Client("22", "Quayside Café")
RATES = (Rate("7", Decimal("500")), Rate("8", Decimal("300")))


def person(noun: Timekeeper) -> Pulled:
    return Pulled(Thing.TIMEKEEPER, noun.id, noun)


def client(noun: Client) -> Pulled:
    return Pulled(Thing.CLIENT, noun.id, noun)


def matter(remote: str, number: str, **fields: Any) -> Pulled:
    return Pulled(Thing.MATTER, remote, Matter(**{"number": number, "name": f"Matter {number}", **fields}), "v1")


def code(remote: str, named: str, kind: Thing = Thing.CODE) -> Pulled:
    return Pulled(kind, remote, Code(named, f"Title {named}", "litigation"))


PARTS: dict[str, list[Pulled]] = {
    "people": [person(ADA), person(BEA)],
    "clients": [client(NORTHWIND), client(QUAYSIDE)],
    "matters": [
        matter("31", "2026-001", name="Northwind v. Harrow", client="21", rates=RATES, status=MatterStatus.PENDING),
        matter("32", "2026-002", client="21"),
        matter("33", "2026-009", client="22", contacts=("mo@quayside.example",)),
        matter("34", "2026-003", client=""),
        matter("35", "2026-010", client="99"),
    ],
    "codes": [code("41", "L310"), code("42", "A103", Thing.ACTIVITY)],
}


@dataclass
class Shelf:
    """A ``BooksSource``: each part in pages, whole unless a cursor for it is handed back. ``changed`` are what is
    then told. ``asked`` are the cursors of each pull."""

    parts: dict[str, list[Pulled]] = field(default_factory=lambda: {part: list(of) for part, of in PARTS.items()})
    size: int = 2
    changed: dict[str, list[Pulled]] = field(default_factory=dict)
    bad: dict[str, tuple[str, ...]] = field(default_factory=dict)
    asked: list[Mapping[str, str]] = field(default_factory=list)
    target: str = "clio"

    def pull(self, cursors: Mapping[str, str]) -> Iterator[BooksPage]:
        self.asked.append(dict(cursors))
        for part, things in self.parts.items():
            known = part in cursors
            yield from self._pages(part, self.changed.get(part, []) if known else things, whole=not known)

    def _pages(self, part: str, things: Sequence[Pulled], *, whole: bool) -> Iterator[BooksPage]:
        pages = [tuple(things[at : at + self.size]) for at in range(0, len(things), self.size)] or [()]
        bad = self.bad.get(part, ())
        for page in pages[:-1]:
            yield BooksPage(part, page, of=len(things))
        yield BooksPage(part, pages[-1], f"after {len(self.asked)}", whole=whole, bad=bad, of=len(things))

    def put(self, part: str, remote: str, **fields: Any) -> None:
        """Changes one thing there, and tells it at the next pull."""
        of = self.parts[part]
        place = next(at for at, thing in enumerate(of) if thing.remote == remote)
        of[place] = replace(of[place], noun=replace(of[place].noun, **fields))
        self.changed[part] = [of[place]]


@contextmanager
def office(home: Path) -> Iterator[Office]:
    """The firm with books from a file: three matters of two clients."""
    made = not (home / "store.db").exists()
    me = {
        "id": "AOK",
        "last": "Okafor",
        "first": "Ada",
        "emails": ["ada@okafor.example", "ada@firm.example"],
        "zone": "America/Chicago",
    }
    settings = Settings(home=home, timekeepers=[me])
    with open_store(home, create=made) as store:
        if made:
            store.books.upsert(clients=CLIENTS, matters=MATTERS)
        yield Office(store, settings, settings.timekeeper(), NOW)


def world(here: Office) -> tuple[Any, ...]:
    """All that pulling leaves."""
    store = here.store
    assert store.audit.verify().ok
    keys = sorted(store.systems.all_keys("clio"), key=repr)
    return store.books.load(), store.books.timekeepers(), keys, store.systems.pulled("clio")
