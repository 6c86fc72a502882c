"""The demo's firm with one week of its associate approved, and the lines of it by which any system is compared."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from autotime import demo
from autotime.domain.work import Billing, Status
from autotime.office import Office, open_office
from autotime.review.acts import Accept, Edits
from autotime.settings import load
from autotime.steps.deciding import decide
from tests.cli.run import Ran, autotime

NOW = 1_784_000_000
"""13 July 2026, a Monday."""

WHO = "MOK"
MONDAY = date(2026, 7, 6)
FRIDAY = MONDAY + timedelta(days=4)
WEEK = ("--from", MONDAY.isoformat(), "--to", FRIDAY.isoformat())
AWKWARD = "Review the “gate logs” | confer with O’Neill [part 2];\n=A1 is no formula, naïve as it looks"


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """What must be the same on both sides. What a system has no place for is empty on both."""

    day: str
    matter: str
    timekeeper: str
    minutes: int
    narrative: str
    task: str
    activity: str
    rate: Decimal
    billing: str


def approve_week(root: Path) -> Path:
    """The home of an office in which each suggestion of the week that names a matter is approved: one at no charge,
    one in words that try every format."""
    prepared = demo.prepare(root, 1998, NOW)
    office = prepared.office
    wanted = [one for day in _days() for one in office.store.suggestions.on(day)]
    chosen = [one for one in wanted if one.status is Status.PROPOSED and one.matter]
    edits = {chosen[1].id: Edits(billing=Billing.NO_CHARGE), chosen[2].id: Edits(narrative=AWKWARD)}
    for one in chosen:
        decide(office, Accept(one.id, one.revision, edits.get(one.id, Edits()), bulk=True))
    office.store.close()
    return root / "home"


def _days() -> list[date]:
    return [MONDAY + timedelta(days=number) for number in range(5)]


def copied(home: Path, to: Path, settings: str = "") -> Path:
    """An office of its own, with more settings."""
    made = Path(shutil.copytree(home, to))
    config = made / "config.toml"
    text = config.read_text("utf-8").replace(str(home), str(made))
    config.write_text(f"{text}\n{settings}", encoding="utf-8")
    return made


def typed(home: Path, *words: str) -> Ran:
    """A command of the associate's."""
    return autotime(home, *words, "--timekeeper", WHO)


@contextmanager
def opened(home: Path) -> Iterator[Office]:
    office = open_office(load(home / "config.toml", home), WHO, NOW)
    try:
        yield office
    finally:
        office.store.close()


def approved(home: Path) -> list[Line]:
    """The week as it was approved, in order."""
    with opened(home) as office:
        books, people = office.store.books.load(), office.store.books.timekeepers()
        entries = [one for one in office.store.entries.between(MONDAY, FRIDAY) if one.active]
        rates = {one.matter: books.matters[one.matter].rate_of(WHO) or people[WHO].rate for one in entries}
    return sorted(
        Line(
            one.day.isoformat(),
            one.matter,
            one.timekeeper,
            one.billed_minutes,
            one.narrative,
            one.task_code,
            one.activity_code,
            rates[one.matter] or Decimal(0),
            one.billing.value,
        )
        for one in entries
    )


def clients(home: Path) -> list[str]:
    """Whose matters were worked on."""
    with opened(home) as office:
        return sorted({one.client for one in office.store.entries.between(MONDAY, FRIDAY) if one.active})


def minutes_of(hours: Any) -> int:
    """Exactly, or the test ends."""
    minutes = Decimal(str(hours)) * 60
    assert minutes == int(minutes)
    return int(minutes)
