"""From an act to what it leads to: a decision, entries made, entries taken back. Pure.

Nothing is approved that was not shown: an act names the revision it saw. No second is placed twice,
no day is longer than it is, and what goes beyond the evidence is marked as the person's statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from autotime.domain.books import Books
from autotime.domain.decisions import Decision, DecisionKind, DismissReason
from autotime.domain.entries import Placed, TimeEntry, Unplaced
from autotime.domain.errors import Misused, NotAllowed, Stale
from autotime.domain.matching import NOT_BILLABLE
from autotime.domain.people import Principal
from autotime.domain.policy import Policy
from autotime.domain.spans import Span, intersection
from autotime.domain.work import Status, Suggestion
from autotime.review.acts import Accept, Act, Add, Defer, Dismiss, Edits, Merge, Split, Undo
from autotime.review.elsewhere import hours
from autotime.review.making import Making, PolicyFor
from autotime.review.shares import joined, narrowed, parts_of, shares
from autotime.timeline.days import clock, local_day

OPEN = (Status.PROPOSED, Status.OFFERED, Status.DEFERRED)
SURE = 0.8
"""Probability below which a matter is never accepted without being looked at."""


@dataclass(frozen=True, slots=True)
class DayState:
    """What stands on the day an act is about. ``elsewhere`` is time by matter, in seconds, that stands in billing
    already and was not sent from here."""

    day: date
    zone: str
    suggestions: Mapping[str, Suggestion]
    entries: Sequence[TimeEntry]
    decisions: Sequence[Decision]
    evidence_seconds: int
    elsewhere: Mapping[str, int] = field(default_factory=dict)

    @property
    def active(self) -> list[TimeEntry]:
        return [entry for entry in self.entries if entry.active]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act leads to. ``warnings`` are for the person; they stop nothing."""

    decision: Decision
    entries: tuple[TimeEntry, ...] = ()
    voided: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def decide(
    act: Act,
    state: DayState,
    books: Books,
    policy_for: PolicyFor,
    principal: Principal,
    now: int,
    decision_id: str,
) -> Outcome:
    """Carries out one act. ``Stale``, ``NotAllowed`` or ``Misused`` say what to do instead."""
    desk = _Deciding(state, Making(state.day, books, policy_for, principal, now, decision_id))
    match act:
        case Accept():
            return desk.accept(act)
        case Dismiss():
            return desk.dismiss(act)
        case Defer():
            return desk.defer(act)
        case Add():
            return desk.add(act)
        case Split():
            return desk.split(act)
        case Merge():
            return desk.merge(act)
        case Undo():
            return desk.undo(act)


def safe_for_bulk(suggestion: Suggestion, policy: Policy, elsewhere: int = 0) -> str:
    """Why a suggestion must be looked at by itself; empty where accept-all may take it. ``elsewhere`` are seconds
    of its matter that stand in billing on that day already."""
    if suggestion.status is not Status.PROPOSED:
        return "only received" if suggestion.status is Status.OFFERED else "put aside"
    if not suggestion.matter or not suggestion.preselected:
        return "no matter chosen"
    if suggestion.probability < SURE:
        return "unsure of the matter"
    if suggestion.late:
        return "drafted late"
    if suggestion.seconds > policy.long_entry:
        return "a long entry"
    if elsewhere:
        return f"already in billing {hours(elsewhere)} on this matter"
    return next(iter(suggestion.warnings), "")


def _kind_of(shown: Suggestion, edits: Edits) -> DecisionKind:
    """Another matter is a reassignment, codes and words follow it; other changes are edits."""
    if not edits:
        return DecisionKind.ACCEPTED
    followed = Edits(edits.matter, edits.task_code, edits.activity_code, narrative=edits.narrative)
    moved = edits.matter not in (None, shown.matter) and edits == followed
    return DecisionKind.REASSIGNED if moved else DecisionKind.EDITED


@dataclass(frozen=True, slots=True)
class _Deciding:
    """One act being carried out."""

    state: DayState
    making: Making

    def accept(self, act: Accept) -> Outcome:
        shown = self._shown(act.suggestion, act.revision)
        if act.bulk:
            self._refuse_unsafe(shown)
        entry = self.making.from_shown(shown, act.edits, 0, parts_of((shown,)) if shown.parts else ())
        kind = _kind_of(shown, act.edits)
        labels = tuple((item, entry.matter) for item in shown.evidence_ids)
        return self._made(kind, (shown,), [entry], labels, bulk=act.bulk)

    def _refuse_unsafe(self, shown: Suggestion) -> None:
        policy = self.making.policy_for(self.making.books.matters.get(shown.matter))
        why = safe_for_bulk(shown, policy, self.state.elsewhere.get(shown.matter, 0))
        if why:
            raise NotAllowed(f"{shown.id} is not accepted with the rest: {why}", hint="look at it by itself")

    def dismiss(self, act: Dismiss) -> Outcome:
        shown = self._shown(act.suggestion, act.revision)
        teaches = act.reason in (DismissReason.PERSONAL, DismissReason.NOT_BILLABLE)
        labels = tuple((item, NOT_BILLABLE) for item in shown.evidence_ids) if teaches else ()
        made = self._decision(DecisionKind.DISMISSED, (shown,), labels)
        return Outcome(replace(made, reason=act.reason.value))

    def defer(self, act: Defer) -> Outcome:
        shown = self._shown(act.suggestion, act.revision)
        return Outcome(self._decision(DecisionKind.DEFERRED, (shown,)))

    def add(self, act: Add) -> Outcome:
        if act.worked_seconds <= 0:
            raise Misused("an entry needs time", hint="--minutes 30")
        placed: tuple[Placed, ...] = ()
        unplaced: tuple[Unplaced, ...] = (Unplaced(act.worked_seconds, act.origin),)
        if act.start is not None:
            placed, unplaced = (Placed(self._in_day(act.start, act.worked_seconds), act.origin),), ()
        entry = self.making.entry(
            0,
            matter=act.matter,
            placed=placed,
            unplaced=unplaced,
            task_code=act.task_code,
            activity_code=act.activity_code,
            billing=act.billing,
            narrative=act.narrative,
            travel=act.travel,
        )
        return self._made(DecisionKind.ADDED, (), [entry], ())

    def _in_day(self, start: int, seconds: int) -> Span:
        span, day = Span(start, start + seconds), local_day(self.state.day, self.state.zone)
        if span.start < day.start or span.end > day.end:
            raise NotAllowed(
                f"this stretch is not within {self.state.day}",
                kept="nothing was changed",
                hint="add it to each day it belongs to",
            )
        return span

    def split(self, act: Split) -> Outcome:
        shown = self._shown(act.suggestion, act.revision)
        if len(act.parts) < 2:
            raise Misused("a split has at least two parts")
        entries: list[TimeEntry] = []
        labels: list[tuple[str, str]] = []
        for place, (part, spans, evidence) in enumerate(shares(shown, act.parts)):
            if not spans:
                raise NotAllowed(f"part {place + 1} of the split would have no time", kept="nothing was changed")
            edits = Edits(
                matter=part.matter,
                narrative=part.narrative,
                task_code=part.task_code,
                activity_code=part.activity_code,
            )
            entries.append(self.making.from_shown(narrowed(shown, spans, evidence), edits, place))
            labels += [(item, part.matter) for item, _ in evidence]
        return self._made(DecisionKind.SPLIT, (shown,), entries, tuple(dict(labels).items()))

    def merge(self, act: Merge) -> Outcome:
        chosen = dict.fromkeys(act.suggestions)
        if len(chosen) < 2:
            raise Misused("a merge joins at least two suggestions")
        shown = tuple(self._shown(*one) for one in chosen)
        matters = {one.matter for one in shown}
        if len(matters) > 1 and not act.edits.matter:
            raise NotAllowed("these belong to different matters", hint="choose the matter of the merged entry")
        entry = self.making.from_shown(joined(shown), act.edits, 0, parts_of(shown))
        if any(one.matter not in ("", entry.matter) for one in shown):
            entry = replace(entry, parts=tuple(replace(part, narrative=entry.narrative) for part in entry.parts))
        labels = tuple((item, entry.matter) for one in shown for item in one.evidence_ids)
        return self._made(DecisionKind.MERGED, shown, [entry], labels)

    def undo(self, act: Undo) -> Outcome:
        undone = {d.undoes for d in self.state.decisions if d.kind is DecisionKind.UNDONE}
        able = [d for d in self.state.decisions if d.kind is not DecisionKind.UNDONE and d.id not in undone]
        chosen = [d for d in able if act.decision in ("", d.id)]
        if not chosen:
            raise Misused(f"{act.decision or 'nothing'} cannot be undone", hint="autotime undo")
        decision = max(chosen, key=lambda d: int(d.id[1:]))
        voided = tuple(entry.id for entry in self.state.active if entry.decision == decision.id)
        made = self._decision(DecisionKind.UNDONE, ())
        return Outcome(replace(made, undoes=decision.id), voided=voided)

    # --- shared ---

    def _shown(self, wanted: str, revision: str) -> Suggestion:
        found = self.state.suggestions.get(wanted)
        again = f"autotime suggestions --date {self.state.day}"
        if found is None:
            raise Stale(f"there is no suggestion {wanted} any more", kept="nothing was changed", hint=again)
        if found.status not in OPEN:
            raise NotAllowed(
                f"{wanted} is already {found.status.value}", kept="nothing was changed", hint="autotime undo"
            )
        if found.revision != revision:
            raise Stale(f"{wanted} has changed since it was shown", kept="nothing was changed", hint=again)
        return found

    def _made(
        self,
        kind: DecisionKind,
        shown: tuple[Suggestion, ...],
        entries: Sequence[TimeEntry],
        labels: tuple[tuple[str, str], ...],
        *,
        bulk: bool = False,
    ) -> Outcome:
        self._refuse_overlap(entries)
        warnings = self._day_total(entries)
        matters = {entry.matter for entry in entries}
        decision = replace(
            self._decision(kind, shown, labels), matter=matters.pop() if len(matters) == 1 else "", bulk=bulk
        )
        return Outcome(decision, tuple(entries), warnings=warnings)

    def _decision(
        self, kind: DecisionKind, shown: tuple[Suggestion, ...], labels: tuple[tuple[str, str], ...] = ()
    ) -> Decision:
        return Decision(
            id=self.making.decision_id,
            kind=kind,
            actor=self.making.principal.actor,
            at=self.making.now,
            shown=shown,
            labels=labels,
        )

    def _refuse_overlap(self, entries: Iterable[TimeEntry]) -> None:
        standing = list(self.state.active)
        for entry in entries:
            for other in standing:
                common = intersection(entry.spans, other.spans)
                if common:
                    at = f"{clock(common[0].start, self.state.zone)} to {clock(common[-1].end, self.state.zone)}"
                    raise NotAllowed(
                        f"{at} is already in entry {other.id} ({other.matter})",
                        kept="nothing was changed",
                        hint="autotime undo, or add the time without --start",
                    )
            standing.append(entry)

    def _day_total(self, entries: Sequence[TimeEntry]) -> tuple[str, ...]:
        worked = sum(entry.worked_seconds for entry in [*self.state.active, *entries])
        elsewhere = sum(self.state.elsewhere.values())
        length = local_day(self.state.day, self.state.zone).seconds
        if worked + elsewhere > length:
            already = f", {hours(elsewhere)} of it already in billing" if elsewhere else ""
            raise NotAllowed(
                f"the day would hold {(worked + elsewhere) / 3600:.1f} h{already}; it has {length / 3600:g}",
                kept="nothing was changed",
                hint="autotime undo",
            )
        warnings = []
        if worked > max(self.state.evidence_seconds, 0) and any(entry.unplaced for entry in entries):
            warnings.append("more than the day's evidence shows: recorded as your statement")
        warnings += self._elsewhere_warnings(entries, worked)
        limit = self.making.policy_for(None).day_warning_hours
        if worked + elsewhere > limit * 3600:
            warnings.append(f"the day is above {limit} h")
        return tuple(warnings)

    def _elsewhere_warnings(self, entries: Sequence[TimeEntry], worked: int) -> Iterator[str]:
        """The same work may stand in billing already."""
        elsewhere = self.state.elsewhere
        for matter in dict.fromkeys(entry.matter for entry in entries if elsewhere.get(entry.matter)):
            yield f"already in billing {hours(elsewhere[matter])} on {matter}: the same work?"
        total = sum(elsewhere.values())
        if total and worked + total > self.state.evidence_seconds:
            yield f"with {hours(total)} already in billing, more than the day's evidence shows"
