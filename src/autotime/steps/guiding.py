"""Guidelines at hand: which hold, and what they say about suggestions and entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from autotime.domain.books import Books
from autotime.domain.entries import TimeEntry
from autotime.domain.errors import Misused
from autotime.domain.evidence import Evidence, Kind
from autotime.domain.people import Timekeeper
from autotime.domain.work import Billing, Suggestion
from autotime.guidelines import Finding, Guideline, Line, Severity, check, load, standard
from autotime.office import Office
from autotime.settings import Settings
from autotime.timeline.days import local_date


def guidelines_of(settings: Settings) -> tuple[Guideline, ...]:
    """Those of the settings; ``Misused`` names every mistake in their files, and two of one id."""
    found = [standard()] if settings.guidelines.standard else []
    found += [load(Path(file).expanduser()) for file in settings.guidelines.files]
    names = [one.id for one in found]
    if twice := [name for name in names if names.count(name) > 1]:
        raise Misused(f"two guidelines have the id «{twice[0]}»", hint="give each file an id of its own")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Broken:
    """A test of a guideline that does not come out as it says."""

    guideline: str
    number: int
    narrative: str
    expected: tuple[str, ...]
    found: tuple[str, ...]


def broken(guideline: Guideline) -> list[Broken]:
    """The tests of a guideline that fail."""
    return [
        Broken(guideline.id, number, example.line.narrative, example.breaks, found)
        for number, example in enumerate(guideline.examples, start=1)
        for found in [tuple(sorted({one.rule for one in check(example.line, [guideline], example.beside)}))]
        if found != tuple(sorted(set(example.breaks)))
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """What the guidelines say, with all they look at in hand: no store is asked, so that a screen may.

    ``entries`` are those of the days in question (what bills nobody counts for no cap), ``evidence`` what stands
    behind what is asked about, by id.
    """

    guidelines: tuple[Guideline, ...]
    books: Books
    people: Mapping[str, Timekeeper]
    zone: str
    now: int
    entries: tuple[TimeEntry, ...]
    evidence: Mapping[str, Evidence]
    _days: dict[date, list[TimeEntry]] = field(default_factory=lambda: defaultdict(list), compare=False)
    _told: dict[tuple[str, str], tuple[Finding, ...]] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        for entry in self.entries:
            if entry.active and entry.billing is not Billing.NON_BILLABLE:
                self._days[entry.day].append(entry)

    def __call__(self, item: Suggestion | TimeEntry) -> tuple[Finding, ...]:
        """What they say about a draft, an entry, or what a draft would become."""
        if isinstance(item, TimeEntry):
            return self._findings(item)
        key = (item.id, item.revision)
        if key not in self._told:
            self._told[key] = self._findings(item)
        return self._told[key]

    def refusal(self, entry: TimeEntry) -> str:
        """Why an entry may not be sent, in words without any of its own; nothing where it may."""
        errors = [one for one in self(entry) if one.severity is Severity.ERROR]
        return "; ".join(f"guideline {one.guideline}, {one.rule}: {one.text} {one.fix}" for one in errors)

    def _findings(self, item: Suggestion | TimeEntry) -> tuple[Finding, ...]:
        beside = [entry for entry in self._days.get(item.day, ()) if entry.id != item.id]
        return check(self._line(item), self.guidelines, [self._line(entry) for entry in beside])

    def _line(self, item: Suggestion | TimeEntry) -> Line:
        matter = self.books.matters.get(item.matter)
        person = self.people.get(item.timekeeper)
        made = (item.approved_at if isinstance(item, TimeEntry) else 0) or self.now
        return Line(
            id=item.id,
            day=item.day,
            timekeeper=item.timekeeper,
            classification=person.classification if person else "",
            client=matter.client if matter else "",
            matter=item.matter,
            task_code=item.task_code,
            activity_code=item.activity_code,
            codes=frozenset(code.code for code in self.books.task_codes(matter)) if matter else frozenset(),
            narrative=item.narrative,
            minutes=item.billed_minutes,
            billing=item.billing,
            travel=item.travel if isinstance(item, TimeEntry) else False,
            days_late=max((local_date(made, self.zone) - item.day).days, 0),
            colleagues=self._colleagues(item),
            parts=max(len(item.parts), 1),
        )

    def _colleagues(self, item: Suggestion | TimeEntry) -> int:
        """Others of the firm at the meetings behind it: as many as at the largest."""
        others = {mail for who in self.people.values() if who.id != item.timekeeper for mail in who.emails}
        found = (self.evidence.get(evidence) for evidence, _ in item.evidence)
        met = [one for one in found if one is not None and one.kind is Kind.MEETING]
        return max((len(others & {person.address for person in one.people}) for one in met), default=0)


def of_nobody(office: Office) -> list[str]:
    """Guidelines that name a client the books do not have, so that their rules do not hold for it."""
    clients = office.store.books.load().clients
    return [
        f"guideline {one.id} names the client {client}, which is not in the books: its rules do not hold there"
        for one in guidelines_of(office.settings)
        for client in one.clients
        if client not in clients
    ]


def guide(office: Office, first: date, last: date) -> Guide:
    """For the approved time of some days."""
    store = office.store
    entries = tuple(store.entries.between(first, last))
    behind = store.evidence.get(evidence for entry in entries for evidence, _ in entry.evidence)
    return guide_with(office, store.books.load(), entries, behind)


def bars(office: Office) -> Callable[[TimeEntry], str]:
    """Why an entry may not be sent. The approved time of a day is looked up once, and only where a rule can refuse."""
    without = guide_with(office, Books(), (), {})
    if not any(rule.severity is Severity.ERROR for one in without.guidelines for rule in one.rules):
        return lambda _entry: ""
    store, days = office.store, dict[date, Guide]()
    books = store.books.load()

    def refusal(entry: TimeEntry) -> str:
        if entry.day not in days:
            entries = tuple(store.entries.on(entry.day))
            behind = store.evidence.get(evidence for one in entries for evidence, _ in one.evidence)
            days[entry.day] = guide_with(office, books, entries, behind, without)
        return days[entry.day].refusal(entry)

    return refusal


def guide_with(
    office: Office,
    books: Books,
    entries: Sequence[TimeEntry],
    evidence: Mapping[str, Evidence],
    like: Guide | None = None,
) -> Guide:
    """For a day that is at hand already. ``like`` is another of this office, whose rules and people it has too."""
    return Guide(
        guidelines=like.guidelines if like else guidelines_of(office.settings),
        books=books,
        people=like.people if like else office.store.books.timekeepers(),
        zone=office.timekeeper.zone,
        now=office.now,
        entries=tuple(entries),
        evidence=evidence,
    )
