"""From an act to what it leads to: a decision, entries made, entries taken back. Pure.

Nothing is approved that was not shown: an act names the revision it saw. No second is placed twice,
no day is longer than it is, and what goes beyond the evidence is marked as the person's statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b

from autotime.domain.books import Books, Matter, MatterStatus
from autotime.domain.decisions import Decision, DecisionKind, DismissReason
from autotime.domain.entries import Origin, Part, Placed, TimeEntry, Unplaced
from autotime.domain.errors import Misused, NotAllowed, Stale
from autotime.domain.matching import NOT_BILLABLE
from autotime.domain.people import Principal
from autotime.domain.policy import Policy
from autotime.domain.spans import Span, Spans, difference, intersection, total
from autotime.domain.work import Billing, Status, Suggestion
from autotime.intake import for_narrative
from autotime.review.acts import Accept, Act, Add, Defer, Dismiss, Edits, Merge, Split, SplitPart, Undo
from autotime.timeline.days import clock, local_day
from autotime.timeline.rounding import billed_minutes

OPEN = (Status.PROPOSED, Status.OFFERED, Status.DEFERRED)
SURE = 0.8
"""Probability below which a matter is never accepted without being looked at."""

NARRATIVE_CAP = 4000

PolicyFor = Callable[[Matter | None], Policy]


@dataclass(frozen=True, slots=True)
class DayState:
    """What stands on the day an act is about."""

    day: date
    zone: str
    suggestions: Mapping[str, Suggestion]
    entries: Sequence[TimeEntry]
    decisions: Sequence[Decision]
    evidence_seconds: int

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
    desk = _Deciding(state, books, policy_for, principal, now, decision_id)
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


def safe_for_bulk(suggestion: Suggestion, policy: Policy) -> str:
    """Why a suggestion must be looked at by itself; empty where accept-all may take it."""
    if suggestion.status is not Status.PROPOSED:
        return "only received" if suggestion.status is Status.OFFERED else "put aside"
    if not suggestion.matter or not suggestion.preselected:
        return "no matter chosen"
    if suggestion.probability < SURE:
        return "unsure of the matter"
    if suggestion.late:
        return "drafted late"
    return "a long entry" if suggestion.seconds > policy.long_entry else ""


@dataclass(frozen=True, slots=True)
class _Deciding:
    """One act being carried out."""

    state: DayState
    books: Books
    policy_for: PolicyFor
    principal: Principal
    now: int
    decision_id: str

    def accept(self, act: Accept) -> Outcome:
        shown = self._shown(act.suggestion, act.revision)
        if act.bulk:
            self._refuse_unsafe(shown)
        entry = self._entry_of(shown, act.edits, 0)
        kind = DecisionKind.ACCEPTED
        if act.edits:
            kind = DecisionKind.REASSIGNED if act.edits == Edits(matter=act.edits.matter) else DecisionKind.EDITED
        labels = tuple((item, entry.matter) for item in shown.evidence_ids)
        return self._made(kind, (shown,), [entry], labels, bulk=act.bulk)

    def _refuse_unsafe(self, shown: Suggestion) -> None:
        why = safe_for_bulk(shown, self.policy_for(self.books.matters.get(shown.matter)))
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
            placed = (Placed(Span(act.start, act.start + act.worked_seconds), act.origin),)
            unplaced = ()
        entry = self._entry(
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

    def split(self, act: Split) -> Outcome:
        shown = self._shown(act.suggestion, act.revision)
        if len(act.parts) < 2:
            raise Misused("a split has at least two parts")
        entries: list[TimeEntry] = []
        labels: list[tuple[str, str]] = []
        for place, (part, spans, evidence) in enumerate(_shares(shown, act.parts)):
            if not spans:
                raise NotAllowed(f"part {place + 1} of the split would have no time", kept="nothing was changed")
            edits = Edits(
                matter=part.matter,
                narrative=part.narrative,
                task_code=part.task_code,
                activity_code=part.activity_code,
            )
            entries.append(self._entry_of(_narrowed(shown, spans, evidence), edits, place))
            labels += [(item, part.matter) for item, _ in evidence]
        return self._made(DecisionKind.SPLIT, (shown,), entries, tuple(dict(labels).items()))

    def merge(self, act: Merge) -> Outcome:
        if len(act.suggestions) < 2:
            raise Misused("a merge joins at least two suggestions")
        shown = tuple(self._shown(*one) for one in dict.fromkeys(act.suggestions))
        matters = {one.matter for one in shown}
        if len(matters) > 1 and not act.edits.matter:
            raise NotAllowed("these belong to different matters", hint="choose the matter of the merged entry")
        entry = self._entry_of(_joined(shown), act.edits, 0)
        parts = tuple(Part(one.narrative, one.seconds, one.id) for one in shown)
        labels = tuple((item, entry.matter) for one in shown for item in one.evidence_ids)
        return self._made(DecisionKind.MERGED, shown, [replace(entry, parts=parts)], labels)

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

    def _entry_of(self, shown: Suggestion, edits: Edits, ordinal: int) -> TimeEntry:
        matter = shown.matter if edits.matter is None else edits.matter
        same = matter == shown.matter
        placed, unplaced = self._time(shown, edits)
        return self._entry(
            ordinal,
            matter=matter,
            placed=placed,
            unplaced=unplaced,
            task_code=_chosen(edits.task_code, shown.task_code if same else self._valid(shown.task_code, matter)),
            activity_code=_chosen(edits.activity_code, shown.activity_code),
            billing=edits.billing or (shown.billing if same else Billing.BILLABLE),
            narrative=_chosen(edits.narrative, shown.narrative),
            travel=bool(edits.travel),
            suggestion=shown.id,
            suggestion_revision=shown.revision,
            evidence=shown.evidence,
            late=shown.late,
        )

    def _valid(self, code: str, matter: str) -> str:
        found = self.books.matters.get(matter)
        return code if found and code in {c.code for c in self.books.task_codes(found)} else ""

    def _time(self, shown: Suggestion, edits: Edits) -> tuple[tuple[Placed, ...], tuple[Unplaced, ...]]:
        """Fewer seconds leave from the front; more are the person's statement, without a place."""
        if shown.status is Status.OFFERED or not shown.spans:
            minutes = self.policy_for(self.books.matters.get(shown.matter)).reading_offer_minutes
            seconds = minutes * 60 if edits.worked_seconds is None else edits.worked_seconds
            return (), (Unplaced(seconds, Origin.MANUAL),)
        wanted = shown.seconds if edits.worked_seconds is None else edits.worked_seconds
        spans = last_seconds(shown.spans, min(wanted, shown.seconds))
        placed = tuple(
            Placed(span, Origin.EVIDENCE, owner)
            for owner, owned in _owners(shown)
            for span in intersection(owned, spans)
        )
        more = wanted - shown.seconds
        return placed, ((Unplaced(more, Origin.EDIT),) if more > 0 else ())

    def _entry(self, ordinal: int, *, matter: str, narrative: str, **fields: object) -> TimeEntry:
        known = self._matter(matter)
        policy = self.policy_for(known)
        text = for_narrative(narrative, NARRATIVE_CAP)
        if not text:
            raise NotAllowed("an entry says what was done", hint='--narrative "…"')
        rounding = policy.rounding.value
        made = TimeEntry(
            id=entry_id(self.principal.timekeeper, self.decision_id, ordinal),
            timekeeper=self.principal.timekeeper,
            actor=self.principal.actor,
            day=self.state.day,
            matter=matter,
            client=known.client,
            narrative=text,
            increment_minutes=policy.increment_minutes,
            rounding=rounding,
            billed_minutes=0,
            approved_at=self.now,
            decision=self.decision_id,
            **fields,  # type: ignore[arg-type]
        )
        if made.worked_seconds <= 0:
            raise NotAllowed("an entry needs time", kept="nothing was changed", hint="autotime dismiss")
        self._check_codes(made, known)
        return replace(made, billed_minutes=billed_minutes(made.worked_seconds, policy.increment_minutes, rounding))

    def _matter(self, number: str) -> Matter:
        if not number:
            raise NotAllowed("no matter is chosen", kept="nothing was changed", hint="--matter NUMBER")
        found = self.books.matters.get(number)
        if found is None:
            raise NotAllowed(f"there is no matter {for_narrative(number, 60)}", hint="autotime books list")
        if found.status is MatterStatus.CLOSED:
            raise NotAllowed(f"matter {number} is closed", kept="nothing was changed", hint="choose another matter")
        return found

    def _check_codes(self, entry: TimeEntry, matter: Matter) -> None:
        allowed = {code.code for code in self.books.task_codes(matter)}
        if entry.task_code and allowed and entry.task_code not in allowed:
            raise NotAllowed(f"{entry.task_code} is not in the {matter.code_set} code set", hint="--task CODE")
        activities = {code.code for code in self.books.activity_codes()}
        if entry.activity_code and activities and entry.activity_code not in activities:
            raise NotAllowed(f"there is no activity code {entry.activity_code}", hint="--activity A103")

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
            id=self.decision_id,
            kind=kind,
            actor=self.principal.actor,
            at=self.now,
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
        length = local_day(self.state.day, self.state.zone).seconds
        if worked > length:
            raise NotAllowed(
                f"the day would hold {worked / 3600:.1f} h; it has {length / 3600:g}",
                kept="nothing was changed",
                hint="autotime undo",
            )
        warnings = []
        if worked > max(self.state.evidence_seconds, 0) and any(entry.unplaced for entry in entries):
            warnings.append("more than the day's evidence shows: recorded as your statement")
        limit = self.policy_for(None).day_warning_hours
        if worked > limit * 3600:
            warnings.append(f"the day is above {limit} h")
        return tuple(warnings)


def entry_id(timekeeper: str, decision: str, ordinal: int) -> str:
    name = "\x1f".join((timekeeper, decision, str(ordinal)))
    return "e" + blake2b(name.encode(), digest_size=8).hexdigest()


def last_seconds(spans: Spans, seconds: int) -> Spans:
    """The last so many seconds of the spans."""
    kept: list[Span] = []
    for span in reversed(spans):
        if seconds <= 0:
            break
        kept.append(span if span.seconds <= seconds else Span(span.end - seconds, span.end))
        seconds -= span.seconds
    return tuple(reversed(kept))


def _chosen(edited: str | None, shown: str) -> str:
    return shown if edited is None else edited


def _owners(shown: Suggestion) -> Iterable[tuple[str, Spans]]:
    """Who owns what of a suggestion; what nobody is named for counts as evidence without a name."""
    if shown.owned:
        return sorted(shown.owned.items())
    return [("", shown.spans)]


def _narrowed(shown: Suggestion, spans: Spans, evidence: tuple[tuple[str, int], ...]) -> Suggestion:
    owned = {item: held for item, all_of in shown.owned.items() if (held := intersection(all_of, spans))}
    return replace(shown, spans=spans, seconds=total(spans), evidence=evidence, owned=owned)


def _joined(shown: Sequence[Suggestion]) -> Suggestion:
    """Several suggestions as one: their time side by side, their words one after the other."""
    spans = tuple(sorted(span for one in shown for span in one.spans))
    timed = next((one for one in shown if one.spans), shown[0])
    return replace(
        timed,
        spans=spans,
        seconds=total(spans),
        owned={item: held for one in shown for item, held in one.owned.items()},
        evidence=tuple(dict(pair for one in shown for pair in one.evidence).items()),
        narrative="; ".join(dict.fromkeys(one.narrative.rstrip(".; ") for one in shown if one.narrative)),
    )


Share = tuple[SplitPart, Spans, tuple[tuple[str, int], ...]]


def _shares(shown: Suggestion, parts: Sequence[SplitPart]) -> list[Share]:
    """The spans and evidence of each part: disjoint, and together no more than the whole."""
    named = [item for part in parts for item in part.evidence]
    if len(named) != len(set(named)) or not set(named) <= set(shown.evidence_ids):
        raise Misused("each piece of evidence goes to one part, and must be in the suggestion")
    if named:
        return [_by_evidence(shown, part) for part in parts]
    return _by_seconds(shown, parts)


def _by_evidence(shown: Suggestion, part: SplitPart) -> Share:
    held = tuple(sorted(s for item in part.evidence for s in intersection(shown.owned.get(item, ()), shown.spans)))
    return part, held, tuple(pair for pair in shown.evidence if pair[0] in part.evidence)


def _by_seconds(shown: Suggestion, parts: Sequence[SplitPart]) -> list[Share]:
    wanted = [part.seconds or 0 for part in parts]
    if any(seconds <= 0 for seconds in wanted) or sum(wanted) > shown.seconds:
        raise Misused(f"the parts together have at most {shown.seconds // 60} min, each some")
    shares: list[Share] = []
    rest = last_seconds(shown.spans, sum(wanted))
    for place, (part, _) in enumerate(zip(parts, wanted, strict=True)):
        left = sum(wanted[place + 1 :])
        later = last_seconds(rest, left)
        mine = difference(rest, later)
        rest = later
        shares.append((part, mine, shown.evidence if place == 0 else ()))
    return shares
