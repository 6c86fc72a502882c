"""Days of evidence to days of suggestions. What was decided stays as it was decided."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from autotime.domain.decisions import Decision, DecisionKind
from autotime.domain.delivery import Billed
from autotime.domain.evidence import Evidence
from autotime.domain.learning import Features
from autotime.domain.progress import Progress, silent
from autotime.domain.spans import Span
from autotime.domain.work import Status, Suggestion
from autotime.failpoints import point
from autotime.office import Office
from autotime.steps.collecting import feature_key
from autotime.steps.stale import NEIGHBOURHOOD, stale_days, unmark
from autotime.store import Store

if TYPE_CHECKING:
    from autotime.classifiers.memory import MatterMemory


def suggest(
    office: Office, days: Sequence[date] | None = None, progress: Progress = silent
) -> dict[date, list[Suggestion]]:
    """Drafts the days given, or all stale ones. Undecided suggestions are replaced, decided ones stay."""
    chosen = stale_days(office.store) if days is None else list(days)
    drafted: dict[date, list[Suggestion]] = {}
    if not chosen:
        return drafted
    features, books = _Shelf(office.store), office.store.books.load()
    past = office.store.billed.all()
    memory, billed = _memory(office, features, past), tasks_of(past)
    for done, day in enumerate(chosen, start=1):
        from autotime.classifiers.ranker import rank  # noqa: PLC0415 - heavy, and only this step needs it

        evidence = around(office, day)
        features.fetch(item.id for item in evidence)
        with office.store.transaction():
            office.store.rankings.put(rank(evidence, books, memory, office.now))
            drafted[day] = draft(office, day, evidence, billed)
            unmark(office.store, day)
        point("suggest.day.stored")
        progress("suggest", done, len(chosen))
    return drafted


def memory_of(office: Office) -> MatterMemory:
    """What the timekeeper's decisions and filed mail have taught so far."""
    return _memory(office, _Shelf(office.store), office.store.billed.all())


def _memory(office: Office, features: _Shelf, past: Sequence[Billed]) -> MatterMemory:
    from autotime.classifiers.bills import Bills  # noqa: PLC0415
    from autotime.classifiers.features import hasher  # noqa: PLC0415
    from autotime.classifiers.memory import MatterMemory  # noqa: PLC0415

    key = feature_key(office.store)
    told = [(one.day, one.matter, one.narrative) for one in past if one.matter and one.narrative]
    billed = Bills(told, hasher(key[:64]), office.date_of) if told else None
    examples = office.store.examples.all()
    features.fetch(example.evidence for example in examples)
    memory = MatterMemory(features, key, billed)
    memory.learn_examples(examples)
    return memory


class _Shelf:
    """Stored features, fetched many at a time; what was not fetched before is looked up by itself."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.packed: dict[str, bytes | None] = {}

    def fetch(self, wanted: Iterable[str]) -> None:
        missing = [one for one in dict.fromkeys(wanted) if one not in self.packed]
        self.packed |= dict.fromkeys(missing) | self.store.features.get(missing)

    def __call__(self, evidence: str, /) -> Features | None:
        from autotime.classifiers.features import unpack  # noqa: PLC0415

        self.fetch([evidence])
        packed = self.packed[evidence]
        return unpack(packed) if packed else None


def around(office: Office, day: date) -> list[Evidence]:
    span = office.day(day)
    return office.store.evidence.on(Span(span.start - NEIGHBOURHOOD, span.end + NEIGHBOURHOOD))


def tasks_billed(store: Store) -> dict[str, list[str]]:
    return tasks_of(store.billed.all())


def tasks_of(past: Iterable[Billed]) -> dict[str, list[str]]:
    """The task codes of imported bills by matter, the most frequent first."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in past:
        if one.task_code and one.matter:
            counts[one.matter][one.task_code] += 1
    return {matter: sorted(found, key=lambda code: (-found[code], code)) for matter, found in counts.items()}


def draft(
    office: Office, day: date, evidence: Sequence[Evidence], billed: Mapping[str, Sequence[str]] | None = None
) -> list[Suggestion]:
    """Drafts one day from stored rankings and puts it beside what was decided."""
    from autotime.drafting import Day, draft_day  # noqa: PLC0415

    store = office.store
    ids = [item.id for item in evidence]
    drafts = draft_day(
        Day(
            day=day,
            timekeeper=office.timekeeper,
            evidence=evidence,
            rankings=store.rankings.get(ids),
            entries=store.entries.between(day - timedelta(days=1), day + timedelta(days=1)),
            decisions=standing(store, [day - timedelta(days=1), day, day + timedelta(days=1)]),
            books=store.books.load(),
            policy_for=office.policy_for,
            now=office.now,
            captured=store.evidence.captured(ids),
            billed=tasks_billed(store) if billed is None else billed,
        )
    )
    listed = [*drafts, *_decided(standing(store, [day]), day, {draft.id for draft in drafts})]
    store.suggestions.replace_day(day, listed)
    return listed


def standing(store: Store, days: Iterable[date]) -> list[Decision]:
    """The decisions about these days that have not been taken back, in order."""
    undone = store.decisions.undone()
    found = {decision.id: decision for day in days for decision in store.decisions.on(day)}
    kept = [d for d in found.values() if d.id not in undone and d.kind is not DecisionKind.UNDONE]
    return sorted(kept, key=lambda decision: int(decision.id[1:]))


def _decided(decisions: Iterable[Decision], day: date, drafted: set[str]) -> list[Suggestion]:
    return [
        replace(shown, status=status_after(decision.kind))
        for decision in decisions
        for shown in decision.shown
        if shown.day == day and shown.id not in drafted and decision.kind is not DecisionKind.DEFERRED
    ]


def status_after(kind: DecisionKind) -> Status:
    return {DecisionKind.DISMISSED: Status.DISMISSED, DecisionKind.DEFERRED: Status.DEFERRED}.get(kind, Status.APPROVED)
