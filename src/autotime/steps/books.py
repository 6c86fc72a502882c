"""The firm's books from a billing system, page by page: things, their keys and the cursor in one transaction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from autotime import plugins
from autotime.classifiers.names import own_domains
from autotime.domain.books import Books, MatterStatus
from autotime.domain.doors import BooksPage, BooksSource
from autotime.domain.errors import Misused, SuddenlyEmpty
from autotime.domain.people import Timekeeper
from autotime.domain.progress import Progress, silent
from autotime.domain.spans import Span
from autotime.failpoints import point
from autotime.office import Office
from autotime.steps.merging import merged_clients
from autotime.steps.stale import mark_all_stale
from autotime.steps.systems import adapter

if TYPE_CHECKING:
    from autotime.billing.checking import Finding
    from autotime.billing.joining import Joining, Step

SAID = 500
"""Notes kept of one pull; the rest are counted."""


@dataclass(slots=True, kw_only=True)
class PulledBooks:
    """What one pull did: things read by part, what became of them by kind, and what a person is told."""

    system: str
    read: dict[str, int] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    more_notes: int = 0
    bad: int = 0
    dry_run: bool = False

    def add(self, page: BooksPage, step: Step) -> None:
        self.read[page.part] = self.read.get(page.part, 0) + len(page.things)
        for (kind, word), count in step.counts.items():
            of_kind = self.counts.setdefault(kind.value, {})
            of_kind[word] = of_kind.get(word, 0) + count
        self.bad += len(page.bad)
        told = [*(f"{page.part}: {one}" for one in page.bad), *step.notes]
        room = max(SAID - len(self.notes), 0)
        self.notes += told[:room]
        self.more_notes += len(told[room:])


def books_source(office: Office, target: str, **seams: Any) -> BooksSource:
    """The adapter of a billing system, as far as books go; ``Misused`` where it has none."""
    made = adapter(office, target, **seams)
    if not isinstance(made, BooksSource):
        raise Misused(f"{target} gives no books", hint="autotime books import FILE.csv")
    return made


def pull_books(
    office: Office,
    source: BooksSource,
    progress: Progress = silent,
    *,
    everything: bool = False,
    yes: bool = False,
    dry_run: bool = False,
) -> PulledBooks:
    """Reads the books of a system as far as they changed since the last pull, or all of them.

    A page is stored with the cursor of its part, so that a pull killed anywhere is finished by the next one.
    ``SuddenlyEmpty`` where a complete list holds less than half of what it held, unless ``yes``: what was read
    until then stays stored, nothing is closed.
    """
    systems, system = office.store.systems, source.target
    held = {} if yes else {part: things for part, (_, things) in systems.pulled(system).items()}
    report = PulledBooks(system=system, dry_run=dry_run)
    joining, changed = _joining(office, system), False
    for page in source.pull({} if everything else dict(systems.cursors(system))):
        point("books.page.read")
        count = report.read.get(page.part, 0) + len(page.things)
        if page.whole:
            _refuse_sudden(system, page.part, count, held.get(page.part, 0))
        step = joining.page(page)
        if not dry_run:
            _store(office, system, page, step, count, stale=step.changes and not changed)
            point("books.page.stored")
        changed = changed or step.changes
        report.add(page, step)
        progress(page.part, count, page.of)
    return report


def _joining(office: Office, system: str) -> Joining:
    from autotime.billing.joining import Joining  # noqa: PLC0415

    store, settings = office.store, office.settings
    keys, merged = store.systems.keys(system), merged_clients(store)
    return Joining(system, store.books.load(), _people(office), keys, merged, settings.firm.currency)


def _refuse_sudden(system: str, part: str, now: int, before: int) -> None:
    """Before a complete list is believed."""
    if now * 2 < before:
        raise SuddenlyEmpty(
            f"{system} now lists {now:,} {part}; it listed {before:,}",
            kept="nothing was closed; the pages before the last are stored",
            hint=f"look there; if that is right: autotime books pull {system} --everything --yes",
        )


def _store(office: Office, system: str, page: BooksPage, step: Step, count: int, *, stale: bool) -> None:
    """One page, all or nothing; with the first that changes anything, every day is to be drafted anew."""
    store = office.store
    with store.transaction():
        store.books.upsert(clients=step.clients.values(), matters=step.matters.values(), codes=step.codes.values())
        store.books.upsert_timekeepers(step.people.values())
        store.systems.save_keys(step.keys.values())
        _save_cursor(office, system, page, count)
        if stale:
            mark_all_stale(office)


def _save_cursor(office: Office, system: str, page: BooksPage, count: int) -> None:
    """How many a part held is known of complete lists only; a cursor stands until there is a newer one."""
    systems = office.store.systems
    if not (page.cursor or page.whole):
        return
    at, things = systems.pulled(system).get(page.part, (0, 0))
    if page.whole:
        at, things = office.now, count
    cursor = page.cursor or systems.cursors(system).get(page.part, "")
    systems.save_cursor(system, page.part, cursor, at, things)


# -- what looks wrong ---------------------------------------------------------------------------------

LATELY = timedelta(days=30)
"""How far back a closed matter's suggestions, entries and mail are looked at."""


def check_books(office: Office) -> list[Finding]:
    """What looks wrong in the books, each with what a person may do about it."""
    from autotime.billing.checking import look  # noqa: PLC0415

    store = office.store
    books = store.books.load()
    people = _people(office)
    own = {mail for person in people.values() for mail in (*map(str.casefold, person.emails), *own_domains(person))}
    keys = [store.systems.keys(system) for system in plugins.systems(office.settings)]
    return look(books, keys, people, merged_clients(store), _lately(office, books, own), own)


def _people(office: Office) -> dict[str, Timekeeper]:
    """Those of the settings, and what the books say of them and of others."""
    return {person.id: person.timekeeper() for person in office.settings.timekeepers} | office.store.books.timekeepers()


def _lately(office: Office, books: Books, own: Collection[str]) -> dict[str, str]:
    """Closed matter → what of the last days seems to be about it. A mail counts where its sender or receiver is a
    contact of closed matters only."""
    store, today = office.store, office.date_of(office.now)
    closed = {number for number, matter in books.matters.items() if matter.status is MatterStatus.CLOSED}
    found: dict[str, str] = {}
    for day in (day for day in store.suggestions.days() if day >= today - LATELY):
        found |= {one.matter: f"a suggestion of {day} names it" for one in store.suggestions.on(day)}
    for entry in store.entries.between(today - LATELY, today):
        found |= {entry.matter: f"time of {entry.day} was approved for it"} if entry.active else {}
    contacts = _only_closed(books, closed, own)
    for item in store.evidence.on(Span(office.now - int(LATELY.total_seconds()), office.now)) if contacts else ():
        for who in item.people:
            if number := contacts.get(who.address):
                found.setdefault(number, f"mail of {office.date_of(item.at)} is with its contacts")
    return {number: why for number, why in found.items() if number in closed}


def _only_closed(books: Books, closed: set[str], own: Collection[str]) -> dict[str, str]:
    """Mail address → a closed matter, where no open one has it and it is none of the firm's own."""
    from autotime.billing.checking import outside  # noqa: PLC0415

    open_ones = {address for matter in books.open_matters() for address in outside(matter, own)}
    pairs = ((address, number) for number in sorted(closed) for address in outside(books.matters[number], own))
    return {address: number for address, number in pairs if address not in open_ones}
