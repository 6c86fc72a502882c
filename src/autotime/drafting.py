"""A day's evidence to a day's suggestions. Pure: the same day gives the same bytes.

::

    evidence ─ fold ─ supports ─ allocate ─ gather ─► blocks ─ codes, minutes, narrative ─► suggestions
                          rankings ┘    └ approved time is taken first
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cached_property
from hashlib import blake2b

from autotime.classifiers import codes, durations, narrative
from autotime.domain.books import Books, Matter, MatterStatus
from autotime.domain.decisions import Decision, DecisionKind
from autotime.domain.entries import TimeEntry
from autotime.domain.evidence import Evidence
from autotime.domain.learning import FEATURE_VERSION
from autotime.domain.matching import NO_MATTER, NOT_BILLABLE, Candidate, Ranking
from autotime.domain.people import Timekeeper
from autotime.domain.policy import Policy
from autotime.domain.spans import Span, Spans, total, union
from autotime.domain.work import Billing, Status, Suggestion, WorkBlock
from autotime.timeline.allocate import allocate
from autotime.timeline.days import local_day
from autotime.timeline.duplicates import fold
from autotime.timeline.gather import gather
from autotime.timeline.rounding import billed_minutes
from autotime.timeline.support import supports

SHOWN = 5
"""Alternatives kept with a suggestion."""

DAY = 86_400
UNSURE = 0.5
PolicyFor = Callable[[Matter | None], Policy]


@dataclass(frozen=True)
class Day:
    """All that drafting one local day may know.

    ``evidence`` reaches some hours beyond the day (the act before its first mail). ``decisions`` are
    those that stand; ``entries`` those of the day and its neighbours. ``captured`` is when each
    piece was first stored, UTC seconds.
    """

    day: date
    timekeeper: Timekeeper
    evidence: Sequence[Evidence]
    rankings: Mapping[str, Ranking]
    entries: Sequence[TimeEntry]
    decisions: Sequence[Decision]
    books: Books
    policy_for: PolicyFor
    now: int
    captured: Mapping[str, int]

    @cached_property
    def span(self) -> Span:
        return local_day(self.day, self.timekeeper.zone_on(self.day))

    @cached_property
    def firm(self) -> Policy:
        return self.policy_for(None)


def draft_day(day: Day) -> list[Suggestion]:
    """The day's suggestions, in order of time, offers last. What was decided is not drafted again."""
    decided = {
        item for d in day.decisions if d.kind is not DecisionKind.DEFERRED for s in d.shown for item in s.evidence_ids
    }
    deferred = {s.id for d in day.decisions if d.kind is DecisionKind.DEFERRED for s in d.shown}
    leads, copies = _folded(day.evidence)
    open_leads = {key: item for key, item in leads.items() if not decided & {key, *copies[key]}}
    taken = union(span for entry in day.entries if entry.active for span in entry.spans)
    claims = [s for s in supports(list(leads.values()), day.firm) if s.evidence in open_leads]
    owned = allocate(claims, {key: _likelihood(day, key) for key in open_leads}, taken)
    blocks = gather(owned, open_leads, lambda item: _label(day, item), day.timekeeper.zone_on, day.firm)
    drafts = [_suggestion(day, block, open_leads, copies) for block in blocks if block.day == day.day]
    return [replace(s, status=Status.DEFERRED) if s.id in deferred else s for s in _with_total(day, drafts)]


def changed_behind(entries: Iterable[TimeEntry], evidence: Iterable[Evidence]) -> dict[str, list[str]]:
    """Entries behind which newer evidence stands: entry id → evidence ids. Entries are not changed."""
    current = {item.id: item.revision for item in evidence}
    flagged: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        for item, revision in entry.evidence:
            if entry.active and current.get(item, revision) > revision:
                flagged[entry.id].append(item)
    return dict(flagged)


def suggestion_id(timekeeper: str, day: date, evidence: Iterable[str]) -> str:
    name = "\x1f".join((timekeeper, day.isoformat(), *sorted(evidence)))
    return "s" + blake2b(name.encode(), digest_size=8).hexdigest()


def revision_of(suggestion: Suggestion) -> str:
    """A hash of all that is shown: an approval names it, and any change makes another."""
    shown = asdict(suggestion)
    for name in ("id", "revision", "status"):
        del shown[name]
    canonical = json.dumps(shown, sort_keys=True, default=str, separators=(",", ":"))
    return blake2b(canonical.encode("utf-8", "replace"), digest_size=10).hexdigest()


def _folded(evidence: Iterable[Evidence]) -> tuple[dict[str, Evidence], dict[str, tuple[str, ...]]]:
    folded = fold(evidence)
    return {one.lead.id: one.lead for one in folded}, {
        one.lead.id: tuple(copy.id for copy in one.copies) for one in folded
    }


def _likelihood(day: Day, evidence: str) -> float:
    ranking = day.rankings.get(evidence)
    return ranking.probability if ranking and ranking.selected else 0.0


def _label(day: Day, item: Evidence) -> tuple[str, str]:
    ranking = day.rankings.get(item.id)
    matter = ranking.selected if ranking else NO_MATTER
    return matter, codes.task_code([item], day.books.matters.get(matter), day.books)


def _suggestion(
    day: Day, block: WorkBlock, leads: Mapping[str, Evidence], copies: Mapping[str, tuple[str, ...]]
) -> Suggestion:
    evidence = [leads[key] for key in block.evidence]
    matter = day.books.matters.get(block.matter)
    policy = day.policy_for(matter)
    owned: dict[str, Spans] = {piece.evidence: piece.spans for piece in block.owned}
    placed = {key: _last(spans, durations.middle_of(leads[key], total(spans))) for key, spans in owned.items()}
    spans = union(span for held in placed.values() for span in held)
    told = durations.estimate(evidence, owned)
    candidates = _candidates(day, evidence, owned)
    probability = next((c.probability for c in candidates if c.matter == block.matter), 0.0)
    behind = [key for one in block.evidence for key in (one, *copies[one])]
    revisions = {item.id: item.revision for item in day.evidence}
    draft = Suggestion(
        id=suggestion_id(day.timekeeper.id, day.day, behind),
        revision="",
        status=Status.PROPOSED if spans else Status.OFFERED,
        timekeeper=day.timekeeper.id,
        day=day.day,
        matter=matter.number if matter else NO_MATTER,
        probability=round(probability, 4),
        alternatives=tuple(c for c in candidates if c.matter != block.matter)[:SHOWN],
        task_code=block.task if matter else "",
        activity_code=codes.activity_code(evidence, day.timekeeper, matter, day.books),
        billing=Billing.NON_BILLABLE if block.matter == NOT_BILLABLE else Billing.BILLABLE,
        seconds=total(spans),
        low_seconds=min(told.low, total(spans)),
        high_seconds=told.high,
        ceiling_seconds=block.seconds,
        billed_minutes=billed_minutes(total(spans), policy.increment_minutes, policy.rounding.value),
        increment_minutes=policy.increment_minutes,
        rounding=policy.rounding.value,
        spans=_disjoint(placed),
        evidence=tuple(sorted((key, revisions[key]) for key in behind)),
        narrative=narrative.draft(evidence, owned, matter, day.timekeeper, day.books),
        reasons=_reasons(day, evidence, block.matter),
        warnings=_warnings(day, block, evidence, matter, probability),
        estimate=told.estimate,
        preselected=matter is not None,
        late=_late(day),
        model=next((r.model for e in evidence if (r := day.rankings.get(e.id))), ""),
        features=FEATURE_VERSION,
        owned=placed,
    )
    return replace(draft, revision=revision_of(draft))


def _disjoint(placed: Mapping[str, Spans]) -> Spans:
    return tuple(sorted(span for held in placed.values() for span in held))


def _last(spans: Spans, seconds: int) -> Spans:
    """The last so many seconds of each stretch's owner: work ends when the mail is sent."""
    kept: list[Span] = []
    for span in reversed(spans):
        if seconds > 0:
            kept.append(span if span.seconds <= seconds else Span(span.end - seconds, span.end))
            seconds -= span.seconds
    return tuple(reversed(kept))


def _candidates(day: Day, evidence: Sequence[Evidence], owned: Mapping[str, Spans]) -> list[Candidate]:
    """The answers for a block: each piece's candidates, weighted by the time it owns."""
    weights = {item.id: total(owned.get(item.id, ())) or 1 for item in evidence}
    ranked = [(weights[i.id], r) for i in evidence if (r := day.rankings.get(i.id))]
    whole = sum(weight for weight, _ in ranked)
    merged: dict[str, float] = defaultdict(float)
    for weight, ranking in ranked:
        for candidate in ranking.candidates:
            merged[candidate.matter] += weight * candidate.probability / whole
    ordered = sorted(merged.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Candidate(matter, round(probability, 4)) for matter, probability in ordered]


def _reasons(day: Day, evidence: Sequence[Evidence], matter: str) -> tuple[str, ...]:
    reasons: dict[str, int] = defaultdict(int)
    for item in evidence:
        ranking = day.rankings.get(item.id)
        for candidate in ranking.candidates if ranking else ():
            if matter in (candidate.matter, NO_MATTER):
                for reason in candidate.reasons:
                    reasons[reason] += 1
    ordered = sorted(reasons.items(), key=lambda pair: -pair[1])
    return tuple(reason for reason, _ in ordered[:SHOWN])


def _warnings(
    day: Day, block: WorkBlock, evidence: Sequence[Evidence], matter: Matter | None, probability: float
) -> tuple[str, ...]:
    told: list[str] = []
    if block.matter == NOT_BILLABLE:
        told.append("looks personal or administrative")
    if matter is not None and matter.status is MatterStatus.CLOSED:
        told.append("the matter is closed")
    if matter is not None and probability < UNSURE:
        told.append("unsure of the matter")
    if block.seconds > day.firm.long_entry:
        told.append(f"longer than {day.firm.long_entry // 3600} h")
    if any(item.flag("zone_assumed") for item in evidence):
        told.append("an event had no usable time zone; yours was used")
    if any(item.flag("time_assumed") for item in evidence):
        told.append("a mail had no usable date; another time stands in")
    if any(item.flag("auth_failed") for item in evidence):
        told.append("a sender could not be verified")
    if _late(day):
        told.append({"late": "drafted late", "reconstructed": "reconstructed long after the work"}[_late(day)])
    return tuple(told)


def _late(day: Day) -> str:
    """How long after the work this was drafted, in the words the entry will carry."""
    age = (day.now - day.span.end) // DAY
    if age > day.firm.reconstructed_days:
        return "reconstructed"
    return "late" if age > day.firm.late_days else ""


def _with_total(day: Day, drafts: Sequence[Suggestion]) -> list[Suggestion]:
    """Every row of a day that is too long to be true says so."""
    standing = sum(e.worked_seconds for e in day.entries if e.active and e.day == day.day)
    hours = day.firm.day_warning_hours
    if standing + sum(s.seconds for s in drafts) <= hours * 3600:
        return list(drafts)
    warned = [replace(s, warnings=(*s.warnings, f"the day is above {hours} h")) for s in drafts]
    return [replace(s, revision=revision_of(s)) for s in warned]
