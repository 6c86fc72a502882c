"""Stores with much in them, made in seconds: invented evidence straight into the drawers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from autotime.domain.books import Client, Matter
from autotime.domain.evidence import Evidence, Kind, Participant, Role
from autotime.domain.untrusted import Untrusted
from autotime.domain.work import Status, Suggestion
from autotime.office import Office, found_office, open_office
from autotime.operations.founding import config_data, config_text
from autotime.pipeline import suggest
from autotime.settings import load

WHO, OWN = "ABC", "ada@firm.example"
MATTERS = tuple(
    Matter(number=f"2026-{n:04}", name=f"Invented matter {n}", client="C1", domains=(f"client{n}.example",))
    for n in range(1, 13)
)
A_DAY = 100
LAST = date(2026, 3, 31)
NOW = int(datetime(2026, 4, 1, 12, tzinfo=UTC).timestamp())
PAGE = 2_000


def founded(home: Path) -> Office:
    """An office with books and nothing else, its key in a file."""
    data = config_data(
        timekeeper={"id": WHO, "last": "Example", "first": "Ada", "emails": [OWN], "zone": "UTC"},
        increment=6,
        sources={},
        key_file=home / "key",
    )
    office, _ = found_office(home / "config.toml", data, config_text(data), WHO, NOW, at=home)
    office.store.books.upsert(clients=[Client("C1", "Invented client")], matters=MATTERS)
    return office


def filled(home: Path, pieces: int) -> None:
    """A store with so many pieces of evidence, a hundred a day up to ``LAST``, and drafts for every day."""
    office = founded(home)
    store = office.store
    held = list(_evidence(pieces))
    for first in range(0, len(held), PAGE):
        store.evidence.put(held[first : first + PAGE], NOW)
    drafted = suggest(office, [LAST])[LAST]
    with store.transaction():
        for day in sorted({_day(n) for n in range(pieces)} - {LAST}):
            store.suggestions.replace_day(day, [_moved(item, day) for item in drafted])
    store.close()


def opened(home: Path) -> Office:
    return open_office(load(home / "config.toml", home), WHO, NOW)


def _day(number: int) -> date:
    return LAST - timedelta(days=number // A_DAY)


def _evidence(pieces: int) -> Iterator[Evidence]:
    for number in range(pieces):
        yield letter(number, _day(number), number % A_DAY)


def letter(number: int, day: date, place: int) -> Evidence:
    """One mail of the day, three in ten of them sent; ``place`` counts from eight o'clock in six-minute steps."""
    matter = MATTERS[number % len(MATTERS)]
    own = place % 10 < 3
    outside = f"person@{matter.domains[0]}"
    sender, to = (OWN, outside) if own else (outside, OWN)
    begins = int(datetime(day.year, day.month, day.day, 8, tzinfo=UTC).timestamp())
    return Evidence(
        account="mail",
        source="mbox",
        key=f"<{number}@bench.example>",
        kind=Kind.MESSAGE,
        at=begins + place * 360,
        own=own,
        identity=f"{number}@bench.example",
        thread=f"thread {number // 3}",
        subject=Untrusted(f"{matter.name}: point {number}"),
        body=Untrusted(f"On {matter.name}, please look at point {number} of the draft and say what you think. " * 8),
        people=(Participant(Role.FROM, sender), Participant(Role.TO, to)),
        facts={"words_new": 120},
    )


def _moved(item: Suggestion, day: date) -> Suggestion:
    """The same draft on another day, decided already on most days, as in a store that is in use."""
    status = Status.APPROVED if (LAST - day).days > 20 and item.status is Status.PROPOSED else item.status
    return replace(item, id=f"{item.id}{day:%Y%m%d}", day=day, status=status)
