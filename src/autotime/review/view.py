"""What the desk is shown of a day, and the face of whatever stands behind it. Frozen; knows no screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol

from autotime.domain.amounts import Total
from autotime.domain.books import Books, Matter
from autotime.domain.decisions import Decision
from autotime.domain.delivery import Billed, Delivery, DeliveryState
from autotime.domain.entries import TimeEntry
from autotime.domain.errors import AutotimeError
from autotime.domain.evidence import Evidence
from autotime.domain.people import Principal, Timekeeper
from autotime.domain.progress import Progress, silent
from autotime.domain.work import Billing, Status, Suggestion
from autotime.guidelines import Finding, Severity
from autotime.review import elsewhere
from autotime.review.acts import Accept, Act, Edits
from autotime.review.decide import OPEN, DayState, Outcome, decide, safe_for_bulk
from autotime.review.making import PolicyFor
from autotime.timeline.days import local_day

Guide = Callable[[Suggestion | TimeEntry], Sequence[Finding]]


def nothing(_item: Suggestion | TimeEntry) -> Sequence[Finding]:
    """No guideline holds."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DayView:
    """One local day as it stands in the store.

    ``entries`` are the active ones. ``evidence`` holds what stands behind suggestions and entries, by
    id; a piece whose text is gone is missing. ``delivery`` is the state of each entry's submission,
    ``changed`` the newer evidence behind an entry. ``undecided`` counts suggestions by day, this one
    included; ``days`` are all days with suggestions, ascending. ``recent`` are matter numbers, the one
    worked on last first. ``uncollected`` are sources of which this day was not read, or not to its end.
    ``billed`` is time of the day that stands in billing already and was not sent from here. ``guide`` says what
    clients' guidelines find in one of them, or in what it would become.
    """

    day: date
    zone: str
    timekeeper: Timekeeper
    suggestions: tuple[Suggestion, ...]
    entries: tuple[TimeEntry, ...]
    evidence: Mapping[str, Evidence]
    books: Books
    policy_for: PolicyFor
    delivery: Mapping[str, DeliveryState] = field(default_factory=dict)
    changed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    undecided: Mapping[date, int] = field(default_factory=dict)
    days: tuple[date, ...] = ()
    recent: tuple[str, ...] = ()
    uncollected: tuple[str, ...] = ()
    billed: tuple[Billed, ...] = ()
    guide: Guide = nothing

    def suggestion(self, key: str) -> Suggestion | None:
        return next((one for one in self.suggestions if one.id == key), None)

    def entry(self, key: str) -> TimeEntry | None:
        return next((one for one in self.entries if one.id == key), None)

    def matter(self, number: str) -> Matter | None:
        return self.books.matters.get(number)

    def already(self, number: str) -> tuple[Billed, ...]:
        """What stands in billing already of one matter."""
        return tuple(one for one in self.billed if one.matter == number)

    @property
    def open(self) -> tuple[Suggestion, ...]:
        """What a person has still to decide."""
        return tuple(one for one in self.suggestions if one.status in OPEN)


@dataclass(frozen=True, slots=True)
class Totals:
    """Seconds worked and minutes billed by the entries; what is undecided. Offers are counted, not summed. ``over``
    are the seconds by which all that, with what is in billing already, is longer than the day."""

    worked_seconds: int
    billed_minutes: int
    undecided: int
    undecided_seconds: int
    offers: int
    over: int = 0


def totals(view: DayView) -> Totals:
    waiting = [one for one in view.open if one.status is not Status.OFFERED]
    worked, undecided = sum(e.worked_seconds for e in view.entries), sum(one.seconds for one in waiting)
    held = worked + undecided + elsewhere.seconds_of(view.billed)
    return Totals(
        worked_seconds=worked,
        billed_minutes=sum(entry.billed_minutes for entry in view.entries if entry.billing is Billing.BILLABLE),
        undecided=len(waiting),
        undecided_seconds=undecided,
        offers=len(view.open) - len(waiting),
        over=max(held - local_day(view.day, view.zone).seconds, 0),
    )


def safe(view: DayView) -> tuple[Suggestion, ...]:
    """What accept-all may take: never an offer, an unsure or missing matter, a late or a long entry."""
    return tuple(one for one in view.open if not unsafe(view, one))


def unsafe(view: DayView, one: Suggestion) -> str:
    """Why a suggestion must be looked at by itself; empty where accept-all may take it."""
    broken = next((found for found in view.guide(one) if found.severity is Severity.ERROR), None)
    already = elsewhere.seconds_of(view.already(one.matter))
    left = safe_for_bulk(one, view.policy_for(view.matter(one.matter)), already)
    return left or (f"guideline: {broken.text}" if broken else "")


def foreseen(view: DayView, act: Act) -> Outcome | AutotimeError:
    """What an act would lead to, without doing it: the very rules that will decide."""
    state = DayState(
        day=view.day,
        zone=view.zone,
        suggestions={one.id: one for one in view.suggestions},
        entries=view.entries,
        decisions=(),
        evidence_seconds=sum(one.ceiling_seconds for one in view.suggestions),
        elsewhere=elsewhere.by_matter(view.billed),
    )
    principal = Principal(view.timekeeper.id, view.timekeeper.id)
    try:
        return decide(act, state, view.books, view.policy_for, principal, 0, "d0")
    except AutotimeError as refused:
        return refused


def would_be(view: DayView, shown: Suggestion, edits: Edits) -> TimeEntry | AutotimeError:
    """The entry that accepting with these edits would make."""
    outcome = foreseen(view, Accept(shown.id, shown.revision, edits))
    return outcome if isinstance(outcome, AutotimeError) else outcome.entries[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedLine:
    """One entry and what became of it, or would. ``state`` is a ``DeliveryState``, ``ready``, ``skipped``,
    ``delivered_elsewhere`` or ``waits_elsewhere``. ``day`` is empty where the store no longer has the entry.
    ``amount`` is ``None`` where no rate is known. ``told`` is what a billing system is told of it, by its own field
    names; ``drops`` are fields that the target has no place for."""

    number: str
    state: str
    reason: str = ""
    receipt: str = ""
    day: str = ""
    matter: str = ""
    minutes: int = 0
    amount: Decimal | None = None
    currency: str = ""
    narrative: str = ""
    told: Mapping[str, str | int] = field(default_factory=dict)
    drops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What became of each entry, or would. ``total`` is of what went or would go.

    ``file`` is empty where none was or would be written. ``lost`` are fields of its entries that it has no place for,
    ``warned`` what its reader may refuse. ``losing``: fields that a billing system has no place for and nobody agreed
    to lose so far, with the number of entries. ``unfinished`` counts what an earlier push left half-way or in doubt.
    ``stopped`` says why a push ended early.
    """

    target: str
    lines: tuple[PushedLine, ...] = ()
    total: Total = field(default_factory=Total)
    file: str = ""
    lost: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    losing: Mapping[str, int] = field(default_factory=dict)
    unfinished: int = 0
    stopped: AutotimeError | None = None

    @property
    def counts(self) -> Mapping[str, int]:
        return Counter(line.state for line in self.lines)


@dataclass(frozen=True, slots=True)
class Decided:
    """What an act led to, on which day; ``undone`` is the decision it took back."""

    outcome: Outcome
    day: date
    undone: Decision | None = None


class Backend(Protocol):
    """What stands behind the desk. Each call may take a while: the app asks from a thread."""

    def today(self) -> date: ...

    def days(self) -> Mapping[date, int]:
        """All days with suggestions, and how many of each are undecided."""
        ...

    def day(self, day: date) -> DayView: ...

    def decide(self, act: Act) -> Decided: ...

    def targets(self) -> tuple[str, ...]: ...

    def push(
        self, asked: Delivery, *, dry_run: bool, agreed: Sequence[str] = (), progress: Progress = silent
    ) -> Pushed:
        """``agreed``: fields that a person agrees to lose, once and for all; no others are lost."""
        ...

    def close(self) -> None: ...


def opening_day(days: Mapping[date, int], today: date) -> date:
    """The latest day with something to decide; else the latest day there is; else today."""
    waiting = [day for day, undecided in days.items() if undecided]
    return max(waiting or days, default=today)
