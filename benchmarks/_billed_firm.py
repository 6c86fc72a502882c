"""The example firm with a year of bills: what the matcher is asked, and how a bill words it.

The mail and meetings are those of the last five of four weeks; what was filed before teaches. The bills are of the
year before these weeks. They share no sentence with the mail: only names of matters, clients, parties and people.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from autotime.classifiers.features import compute
from autotime.domain.books import Books, Matter
from autotime.domain.evidence import Evidence, Kind
from autotime.domain.learning import Example, Features
from autotime.domain.spans import Span
from autotime.example.days import NOBODY, Draft, Letter, Worked, worked
from autotime.example.firm import CASES, STAFF, ZONE, Case, Staff
from autotime.example.write import BOOKS, TRUTH, write_firm
from autotime.office import Office, found_office
from autotime.operations.founding import config_data, config_text
from autotime.pipeline import collect, import_books, learn_from_folders
from autotime.timeline.days import local_date
from autotime.training.evaluate import KEY
from autotime.training.labelled import Labelled

LAST = date(2026, 3, 31)
NOW = int(datetime(2026, 4, 1, 15, tzinfo=UTC).timestamp())
MAIL = {"MOK": "mbox", "HLQ": "maildir", "PST": "eml"}
BLOCKS = 12
"""Times four weeks of bills."""

WITH = (
    "Confer with {person} on status",
    "Telephone conference, {person}, concerning {name}",
    "Correspondence to {person}",
    "Review message from {person} and respond concerning {name}",
    "Attend to inquiries of {person}",
)
ABOUT = {
    "litigation": (
        "Prepare court papers in {name}",
        "Analyze opposing position, {name}",
        "Outline examination of adverse party",
        "Study authorities for pending application",
    ),
    "project": (
        "Negotiate transaction documents, {name}",
        "Comment on counterparty revisions, {name}",
        "Work on ancillary instruments",
        "Consider commercial terms with {person}",
    ),
    "counseling": ("Consider legal position of {name}", "Advise on compliance, {name}", "Prepare guidance"),
    "bankruptcy": ("Prepare pleadings in {name}", "Attend to creditors, {name}", "Work on estate administration"),
}
"""By code set; some name nobody, as many a real bill does."""

Bill = tuple[date, str, str]


@dataclass(frozen=True, slots=True)
class Desk:
    """One timekeeper of one firm: what is asked, what was filed, what was billed; by evidence id, the features."""

    asked: Sequence[Labelled]
    filed: Sequence[Example]
    bills: Sequence[Bill]
    features: Mapping[str, Features]
    books: Books


def desks(folder: Path, seed: int) -> Iterator[Desk]:
    """Of each timekeeper, from files collected as any are."""
    write_firm(folder / "files", LAST, seed)
    for staff in STAFF:
        office = _founded(folder, staff)
        collect(office)
        learn_from_folders(office)
        held = office.store.evidence.on(Span(0, NOW))
        yield Desk(
            asked=_last_days(held, _truth(folder / "files" / staff.id / TRUTH)),
            filed=sorted(office.store.examples.all(), key=lambda one: one.at),
            bills=list(_billed(staff, seed)),
            features={item.id: compute(item, KEY) for item in held},
            books=office.store.books.load(),
        )
        office.store.close()


def numbers_only(books: Books) -> Books:
    """What a young billing system knows: numbers, names and clients."""
    return replace(books, matters={number: _bare(one) for number, one in books.matters.items()})


def _bare(matter: Matter) -> Matter:
    return replace(matter, parties=(), contacts=(), domains=(), aliases=(), dockets=())


def swapped(bills: Sequence[Bill]) -> list[Bill]:
    """All narratives of each matter under another one."""
    numbers = [case.number for case in CASES]
    other = dict(zip(numbers, numbers[1:] + numbers[:1], strict=True))
    return [(day, other[matter], narrative) for day, matter, narrative in bills]


def _founded(folder: Path, staff: Staff) -> Office:
    home, files, who = folder / f"home-{staff.id}", folder / "files" / staff.id, staff.person
    data = config_data(
        timekeeper={"id": staff.id, "last": who.last, "first": who.first, "emails": [who.mail], "zone": ZONE},
        increment=6,
        sources={MAIL[staff.id]: [files / "mail"], "ics": [files / "calendar"]},
        key_file=home / "key",
    )
    office, _ = found_office(home / "config.toml", data, config_text(data), staff.id, NOW, at=home)
    import_books(office, folder / "files" / BOOKS, None)
    return office


def _truth(path: Path) -> dict[str, str]:
    records = map(json.loads, path.read_text("utf-8").splitlines())
    return {record["key"]: record["matter"] for record in records if record["kind"] != "document"}


def _last_days(held: Sequence[Evidence], truth: Mapping[str, str]) -> list[Labelled]:
    days = sorted({day for item in held if (day := local_date(item.at, ZONE)) <= LAST and day.weekday() < 5})
    keys = {item.id: item.identity[4:] if item.kind is Kind.MESSAGE else item.key.partition("/")[0] for item in held}
    return [
        Labelled(item, truth[keys[item.id]])
        for item in held
        if keys[item.id] in truth and local_date(item.at, ZONE) >= days[-5]
    ]


def _billed(staff: Staff, seed: int) -> Iterator[Bill]:
    """What the timekeeper wrote and drafted in other weeks, of another seed."""
    chance = Random(f"{seed}/{staff.id}/bills")
    colleagues = [other.person for other in STAFF if other is not staff]
    for block in range(1, BLOCKS + 1):
        weeks = worked(staff, colleagues, LAST - timedelta(days=28 * block), seed * 1_000 + block)
        yield from _of_weeks(weeks, chance)


def _of_weeks(weeks: Worked, chance: Random) -> Iterator[Bill]:
    cases = {case.number: case for case in CASES}
    sent = [letter for letter in weeks.letters if letter.sender == weeks.staff.person and letter.matter != NOBODY]
    done: list[Letter | Draft] = [*sent, *weeks.drafts]
    for work in done:
        yield work.at.date(), work.matter, _narrative(cases[work.matter], chance)


def _narrative(case: Case, chance: Random) -> str:
    shape = chance.choice(WITH if chance.random() < 0.5 else ABOUT[case.code_set])
    person = case.contact if chance.random() < 0.6 else case.across
    name = chance.choice([name for name in (case.name, case.client_name, case.party) if name])
    return shape.format(person=f"{person.first[0]}. {person.last}", name=name)
