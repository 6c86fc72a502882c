"""A day's evidence to a day's suggestions. Pure: the same day gives the same bytes.

::

    evidence ─ fold ─ supports ─ allocate ─ gather ─► blocks ─ codes, minutes, narrative ─► suggestions
                          rankings ┘    └ approved time is taken first
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
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
from autotime.domain.spans import Span, Spans, last_seconds, total, union
from autotime.domain.work import Billing, Part, Status, Suggestion, WorkBlock
from autotime.timeline.allocate import allocate
from autotime.timeline.days import local_day
from autotime.timeline.duplicates import fold
from autotime.timeline.gather import gather
from autotime.timeline.rounding import billed_minutes
from autotime.timeline.support import supports

SHOWN = 5
"""Alternatives kept with a suggestion."""

WORTH_NAMING = 0.2
"""Probability from which a matter that was not chosen is worth a reason."""

DAY = 86_400
UNSURE = 0.5
PolicyFor = Callable[[Matter | None], Policy]


@dataclass(frozen=True)
class Day:
    """All that drafting one local day may know.

    ``evidence`` reaches some hours beyond the day (the act before its first mail). ``decisions`` are
    those that stand; ``entries`` those of the day and its neighbours. ``captured`` is when each
    piece was first stored, UTC seconds. ``billed`` are the task codes of past bills by matter, the most
    frequent first.
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
    billed: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def span(self) -> Span:
        return local_day(self.day, self.timekeeper.zone_on(self.day))

    def task_of(self, item: Evidence, matter: Matter | None) -> str:
        return codes.task_code([item], matter, self.books, self.billed.get(matter.number, ()) if matter else ())

    @cached_property
    def firm(self) -> Policy:
        return self.policy_for(None)

    @cached_property
    def revisions(self) -> Mapping[str, int]:
        return {item.id: item.revision for item in sorted(self.evidence, key=lambda item: item.revision)}

    @cached_property
    def barred(self) -> dict[str, narrative.Barred]:
        """What may not stand on a matter's bill, by its number; filled as matters come up."""
        return {}


def draft_day(day: Day) -> list[Suggestion]:
    """The day's suggestions, in order of time, offers last. What was decided is not drafted again."""
    decided = _decided(day)
    deferred = {s.id for d in day.decisions if d.kind is DecisionKind.DEFERRED for s in d.shown}
    leads, copies = _folded(day.evidence)
    open_leads = {key: item for key, item in leads.items() if not decided & {key, *copies[key]}}
    taken = union(span for entry in day.entries if entry.active for span in entry.spans)
    claims = [s for s in supports(list(leads.values()), day.firm) if s.evidence in open_leads]
    owned = allocate(claims, {key: _likelihood(day, key) for key in open_leads}, taken)
    blocks = gather(
        owned,
        open_leads,
        label=lambda item: _label(day, item),
        zone_on=day.timekeeper.zone_on,
        policy=day.firm,
        worth=lambda piece: durations.middle_of(open_leads[piece.evidence], total(piece.spans)),
    )
    drafts = [_suggestion(day, block, open_leads, copies) for block in blocks if block.day == day.day]
    return [replace(s, status=Status.DEFERRED) if s.id in deferred else s for s in _with_total(day, drafts)]


def changed_behind(
    entries: Iterable[TimeEntry], evidence: Iterable[Evidence], withdrawn: Collection[str] = ()
) -> dict[str, list[str]]:
    """Entries behind which newer evidence stands, or what was ``withdrawn``: entry id → evidence ids. Entries
    are not changed."""
    current = {item.id: item.revision for item in evidence}
    flagged: dict[str, list[str]] = defaultdict(list)
    for entry in entries:
        for item, revision in entry.evidence:
            if entry.active and (current.get(item, revision) > revision or item in withdrawn):
                flagged[entry.id].append(item)
    return dict(flagged)


def suggestion_id(timekeeper: str, day: date, evidence: Iterable[str]) -> str:
    name = "\x1f".join((timekeeper, day.isoformat(), *sorted(evidence)))
    return "s" + blake2b(name.encode(), digest_size=8).hexdigest()


def revision_of(suggestion: Suggestion) -> str:
    """A hash of all that is shown: an approval names it, and any change makes another."""
    shown = asdict(suggestion)
    for name in ("id", "revision", "status", "views"):
        del shown[name]
    for other in shown["alternatives"]:
        del other["views"]
    canonical = json.dumps(shown, sort_keys=True, default=str, separators=(",", ":"))
    return blake2b(canonical.encode("utf-8", "replace"), digest_size=10).hexdigest()


def _decided(day: Day) -> set[str]:
    """What is not drafted again. A piece that crosses midnight is decided for each of its days by itself."""
    shown = [s for d in day.decisions if d.kind is not DecisionKind.DEFERRED for s in d.shown]
    return {item for s in shown for item in s.evidence_ids if s.day == day.day or _reaches(s, item, day.span)}


def _reaches(shown: Suggestion, item: str, day: Span) -> bool:
    held = shown.owned.get(item, ())
    return not held or any(span.overlaps(day) for span in held)


def _folded(evidence: Iterable[Evidence]) -> tuple[dict[str, Evidence], dict[str, tuple[str, ...]]]:
    folded = fold(evidence)
    return {one.lead.id: one.lead for one in folded}, {
        one.lead.id: tuple(copy.id for copy in one.copies) for one in folded
    }


def _likelihood(day: Day, evidence: str) -> float:
    ranking = day.rankings.get(evidence)
    return ranking.probability if ranking and ranking.selected else 0.0


def _label(day: Day, item: Evidence) -> tuple[str, str]:
    """Matter and task; no task where the matter-day is the entry: its tasks are found again as parts."""
    ranking = day.rankings.get(item.id)
    number = ranking.selected if ranking else NO_MATTER
    matter = day.books.matters.get(number)
    if matter is not None and day.policy_for(matter).one_entry_per_matter_day:
        return number, ""
    return number, day.task_of(item, matter)


def _suggestion(
    day: Day, block: WorkBlock, leads: Mapping[str, Evidence], copies: Mapping[str, tuple[str, ...]]
) -> Suggestion:
    evidence = [leads[key] for key in block.evidence]
    matter = day.books.matters.get(block.matter)
    policy = day.policy_for(matter)
    owned: dict[str, Spans] = {piece.evidence: piece.spans for piece in block.owned}
    placed = {key: last_seconds(spans, durations.middle_of(leads[key], total(spans))) for key, spans in owned.items()}
    seconds = sum(total(spans) for spans in placed.values())
    told = durations.estimate(evidence, owned)
    candidates = _candidates(day, evidence, owned)
    chosen = next((c for c in candidates if c.matter == block.matter), Candidate(block.matter, 0.0))
    parts = _parts(day, evidence, placed, matter) if policy.one_entry_per_matter_day else {}
    behind = [key for one in block.evidence for key in (one, *copies[one])]
    draft = Suggestion(
        id=suggestion_id(day.timekeeper.id, day.day, behind),
        revision="",
        status=Status.PROPOSED if seconds else Status.OFFERED,
        timekeeper=day.timekeeper.id,
        day=day.day,
        matter=matter.number if matter else NO_MATTER,
        probability=chosen.probability,
        alternatives=tuple(c for c in candidates if c.matter != block.matter)[:SHOWN],
        task_code=max(parts, key=lambda task: parts[task].seconds, default=block.task) if matter else "",
        activity_code=codes.activity_code(evidence, day.timekeeper, matter, day.books),
        billing=Billing.NON_BILLABLE if block.matter == NOT_BILLABLE else Billing.BILLABLE,
        seconds=seconds,
        low_seconds=min(told.low, seconds),
        high_seconds=told.high,
        ceiling_seconds=block.seconds,
        billed_minutes=billed_minutes(seconds, policy.increment_minutes, policy.rounding.value),
        increment_minutes=policy.increment_minutes,
        rounding=policy.rounding.value,
        spans=_disjoint(placed),
        evidence=tuple(sorted((key, day.revisions[key]) for key in behind)),
        narrative=_words(day, evidence, owned, matter),
        reasons=_reasons(chosen, candidates),
        warnings=_warnings(day, block, evidence, matter, chosen.probability),
        estimate=told.estimate,
        preselected=matter is not None,
        late=_late(day),
        model=next((r.model for e in evidence if (r := day.rankings.get(e.id))), ""),
        features=FEATURE_VERSION,
        owned=placed,
        parts=tuple(parts.values()) if len(parts) > 1 else (),
        views=chosen.views,
    )
    return replace(draft, revision=revision_of(draft))


def _disjoint(placed: Mapping[str, Spans]) -> Spans:
    return tuple(sorted(span for held in placed.values() for span in held))


def _words(day: Day, evidence: Sequence[Evidence], owned: Mapping[str, Spans], matter: Matter | None) -> str:
    number = matter.number if matter else NO_MATTER
    if number not in day.barred:
        day.barred[number] = narrative.barred_for(matter, day.books)
    return narrative.draft(evidence, owned, matter, day.timekeeper, day.books, day.barred[number])


def _parts(
    day: Day, evidence: Sequence[Evidence], placed: Mapping[str, Spans], matter: Matter | None
) -> dict[str, Part]:
    """What each task took of a matter-day, with words of its own."""
    tasks: dict[str, list[Evidence]] = defaultdict(list)
    for item in evidence:
        if item.id in placed:
            tasks[day.task_of(item, matter)].append(item)
    return {
        task: Part(
            _words(day, items, {i.id: placed[i.id] for i in items}, matter),
            sum(total(placed[item.id]) for item in items),
        )
        for task, items in sorted(tasks.items())
    }


def _candidates(day: Day, evidence: Sequence[Evidence], owned: Mapping[str, Spans]) -> list[Candidate]:
    """The answers for a block: each piece's candidates, weighted by the time it owns."""
    weights = {item.id: total(owned.get(item.id, ())) or 1 for item in evidence}
    ranked = [(weights[i.id], r) for i in evidence if (r := day.rankings.get(i.id))]
    whole = sum(weight for weight, _ in ranked)
    answers: dict[str, list[tuple[float, Candidate]]] = defaultdict(list)
    for weight, ranking in ranked:
        for candidate in ranking.candidates:
            answers[candidate.matter].append((weight / whole, candidate))
    return sorted(map(_merged, answers.values()), key=lambda one: (-one.probability, one.matter))


def _merged(answers: Sequence[tuple[float, Candidate]]) -> Candidate:
    """One answer of several pieces: shares of time weigh probability and views; reasons by how many give them."""
    views: dict[str, float] = defaultdict(float)
    given: Counter[str] = Counter()
    for share, candidate in answers:
        given.update(candidate.reasons)
        for view, score in candidate.views.items():
            views[view] += share * score
    probability = sum(share * candidate.probability for share, candidate in answers)
    reasons = tuple(reason for reason, _ in given.most_common(SHOWN))
    scores = {view: round(score, 4) for view, score in sorted(views.items())}
    return Candidate(answers[0][1].matter, round(probability, 4), scores, reasons)


def _reasons(chosen: Candidate, candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """Why the matter was chosen; where none was, what speaks for the likeliest one, by its number."""
    if chosen.matter != NO_MATTER:
        return chosen.reasons
    able = (c for c in candidates if c.matter not in (NO_MATTER, NOT_BILLABLE) and c.probability >= WORTH_NAMING)
    likeliest = next(able, None)
    return tuple(f"perhaps {likeliest.matter}: {reason}" for reason in likeliest.reasons) if likeliest else ()


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
