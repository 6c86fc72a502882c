"""The day as the desk is shown it, and what stands behind the desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from autotime.domain.delivery import Delivery, DeliveryState
from autotime.domain.entries import TimeEntry
from autotime.domain.evidence import Evidence
from autotime.domain.progress import Progress, silent
from autotime.domain.work import Status
from autotime.drafting import changed_behind
from autotime.office import Office
from autotime.operations.health import uncollected
from autotime.operations.lock import one_run
from autotime.review.acts import Act
from autotime.review.view import DayView, Decided, Pushed
from autotime.steps.deciding import billed_on, decide
from autotime.steps.delivering import targets
from autotime.steps.guiding import guide_with
from autotime.store import Store

UNDECIDED = (Status.PROPOSED, Status.DEFERRED)
RECENT = timedelta(days=14)


def day_view(office: Office, day: date) -> DayView:
    """All the desk shows of one local day, as it stands now."""
    store, books = office.store, office.store.books.load()
    suggestions = tuple(store.suggestions.on(day))
    near = [entry for entry in store.entries.between(day - RECENT, day) if entry.active]
    entries = tuple(entry for entry in near if entry.day == day)
    evidence = _evidence(store, [*(s.evidence for s in suggestions), *(entry.evidence for entry in entries)])
    return DayView(
        day=day,
        zone=office.timekeeper.zone_on(day),
        timekeeper=office.timekeeper,
        suggestions=suggestions,
        entries=entries,
        evidence=evidence,
        books=books,
        policy_for=office.policy_for,
        delivery={entry.id: state for entry in entries if (state := _delivery(store, entry)) is not None},
        changed=changed_behind(entries, evidence.values(), store.evidence.withdrawn(evidence)),
        undecided=store.suggestions.undecided(UNDECIDED),
        days=tuple(store.suggestions.days()),
        recent=_recent(near),
        uncollected=_uncollected(office, day),
        billed=billed_on(store, day, entries),
        guide=guide_with(office, books, entries, evidence),
    )


def _uncollected(office: Office, day: date) -> tuple[str, ...]:
    """Nothing of a day that has not begun is missing yet."""
    sources = [(one.account, one.type) for one in office.settings.sources_of(office.timekeeper.id)]
    begun = office.day(day).start <= office.now
    return tuple(uncollected(office.store, sources, office.day(day))) if begun else ()


def _evidence(store: Store, behind: Sequence[tuple[tuple[str, int], ...]]) -> dict[str, Evidence]:
    return store.evidence.get(item for pairs in behind for item, _ in pairs)


def _delivery(store: Store, entry: TimeEntry) -> DeliveryState | None:
    """The state of the submission that bills the entry; copies do not count."""
    return next((one.state for one in store.submissions.of_entry(entry.id) if not one.copy), None)


def _recent(entries: Sequence[TimeEntry]) -> tuple[str, ...]:
    ordered = sorted(entries, key=lambda entry: (entry.approved_at, entry.day), reverse=True)
    return tuple(dict.fromkeys(entry.matter for entry in ordered))


@dataclass(frozen=True, slots=True)
class DeskBackend:
    """An open office behind the desk. ``clock`` gives the time of each act: a desk stays open for hours."""

    office: Office
    clock: Callable[[], int] | None = None

    def _now(self) -> Office:
        return replace(self.office, now=self.clock()) if self.clock else self.office

    def today(self) -> date:
        now = self._now()
        return now.date_of(now.now)

    def days(self) -> Mapping[date, int]:
        undecided = self.office.store.suggestions.undecided(UNDECIDED)
        return {day: undecided.get(day, 0) for day in self.office.store.suggestions.days()}

    def day(self, day: date) -> DayView:
        return day_view(self.office, day)

    def decide(self, act: Act) -> Decided:
        store = self.office.store
        outcome = decide(self._now(), act)
        day = store.decisions.day_of(outcome.decision.id)
        undone = store.decisions.get(outcome.decision.undoes) if outcome.decision.undoes else None
        return Decided(outcome, day or self.today(), undone)

    def targets(self) -> tuple[str, ...]:
        """Where approved time can go, the configured target first."""
        return targets(self.office.settings)

    def push(
        self, asked: Delivery, *, dry_run: bool, agreed: Sequence[str] = (), progress: Progress = silent
    ) -> Pushed:
        """A push by itself, as on the command line: no other run may be delivering."""
        from autotime.steps.pushing import pushed  # noqa: PLC0415

        office = self._now()
        if dry_run:
            return pushed(office, asked, dry_run=True, agreed=agreed)
        with one_run(office.lock, office.now):
            return pushed(office, asked, dry_run=False, agreed=agreed, progress=progress)

    def close(self) -> None:
        self.office.store.close()
