"""Guidelines at hand: which hold, and what they say about suggestions and entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from autotime.domain.entries import TimeEntry
from autotime.domain.errors import Misused
from autotime.domain.evidence import Kind
from autotime.domain.work import Suggestion
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


class Guide:
    """What the guidelines of an office say. One for a run: it holds the books and the lines of each day."""

    def __init__(self, office: Office, guidelines: Sequence[Guideline] | None = None) -> None:
        self.office = office
        self.guidelines = guidelines_of(office.settings) if guidelines is None else tuple(guidelines)
        self.books = office.store.books.load()
        self.people = office.store.books.timekeepers()
        self._days: dict[date, tuple[Line, ...]] = {}
        self._attended = any(rule.kind == "attendance" for one in self.guidelines for rule in one.rules)

    def of_suggestion(self, suggestion: Suggestion) -> tuple[Finding, ...]:
        return check(self._line(suggestion), self.guidelines, self._beside(suggestion.day, suggestion.id))

    def of_entry(self, entry: TimeEntry) -> tuple[Finding, ...]:
        return check(self._line(entry), self.guidelines, self._beside(entry.day, entry.id))

    def refusal(self, entry: TimeEntry) -> str:
        """Why an entry may not be sent, in words without any of its own; nothing where it may."""
        errors = [one for one in self.of_entry(entry) if one.severity is Severity.ERROR]
        return "; ".join(f"guideline {one.guideline}, {one.rule}: {one.text} {one.fix}" for one in errors)

    def _beside(self, day: date, but: str) -> tuple[Line, ...]:
        if day not in self._days:
            entries = [entry for entry in self.office.store.entries.on(day) if entry.active]
            self._days[day] = tuple(self._line(entry) for entry in entries)
        return tuple(line for line in self._days[day] if line.id != but)

    def _line(self, item: Suggestion | TimeEntry) -> Line:
        matter = self.books.matters.get(item.matter)
        person = self.people.get(item.timekeeper)
        made = item.approved_at if isinstance(item, TimeEntry) else self.office.now
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
            days_late=max((local_date(made, self.office.timekeeper.zone) - item.day).days, 0),
            colleagues=self._colleagues(item) if self._attended else 0,
            parts=max(len(item.parts), 1),
        )

    def _colleagues(self, item: Suggestion | TimeEntry) -> int:
        """Others of the firm at the meetings behind it: as many as at the largest."""
        others = {mail for who in self.people.values() if who.id != item.timekeeper for mail in who.emails}
        found = self.office.store.evidence.get([evidence for evidence, _ in item.evidence]).values()
        met = [one for one in found if one.kind is Kind.MEETING]
        return max((len(others & {person.address for person in one.people}) for one in met), default=0)
