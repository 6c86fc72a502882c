"""What a person types into a form, made into edits and acts. ``Misused`` says what cannot be read. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from autotime.classifiers import narrative
from autotime.domain.errors import AutotimeError, Misused
from autotime.domain.spans import total
from autotime.domain.work import Billing, Suggestion
from autotime.review.acts import Add, Edits, Merge, Split, SplitPart
from autotime.review.desk import pieces
from autotime.review.view import DayView, foreseen, would_be
from autotime.timeline.days import instant_at

MINUTES = re.compile(r"(\d{1,4})\s*(?:m|min)?")
CLOCKED = re.compile(r"(\d{1,2})\s*[:h]\s*(\d{1,2})\s*m?")
HOURS = re.compile(r"(\d{0,2}[.,]\d{1,2})\s*h?|(\d{1,2})\s*h")
LONGEST = 25 * 3600


@dataclass(frozen=True, slots=True)
class Fields:
    """One entry as it stands in a form. ``minutes`` and ``start`` are as typed."""

    matter: str = ""
    task_code: str = ""
    activity_code: str = ""
    minutes: str = ""
    billing: Billing = Billing.BILLABLE
    narrative: str = ""
    start: str = ""
    travel: bool = False


def seconds_of(text: str) -> int:
    """``45``, ``45m``, ``0.8h``, ``1.5``, ``1:15`` and ``1h15`` as seconds."""
    said = text.strip().casefold()
    if match := MINUTES.fullmatch(said):
        seconds = int(match[1]) * 60
    elif match := CLOCKED.fullmatch(said):
        seconds = int(match[1]) * 3600 + int(match[2]) * 60
    elif match := HOURS.fullmatch(said):
        seconds = int(Decimal((match[1] or match[2]).replace(",", ".")) * 3600)
    else:
        raise Misused("time is minutes, like 45, or hours, like 0.8h or 1:15")
    if not 0 < seconds <= LONGEST:
        raise Misused("an entry needs time, and no more than a day has")
    return seconds


def shown_fields(view: DayView, one: Suggestion, edits: Edits) -> Fields:
    """A suggestion with changes, as a form shows it. The task code is what the rules make of it."""
    entry = would_be(view, one, edits)
    offered = view.policy_for(view.matter(one.matter)).reading_offer_minutes * 60
    task = one.task_code if edits.task_code is None else edits.task_code
    return Fields(
        matter=one.matter if edits.matter is None else edits.matter,
        task_code=task if isinstance(entry, AutotimeError) else entry.task_code,
        activity_code=one.activity_code if edits.activity_code is None else edits.activity_code,
        minutes=minutes_text(edits.worked_seconds or one.seconds or offered),
        billing=edits.billing or one.billing,
        narrative=one.narrative if edits.narrative is None else edits.narrative,
    )


def minutes_text(seconds: int) -> str:
    """Whole minutes; a started one counts."""
    return str(-(-seconds // 60))


def edits_of(typed: Fields, shown: Fields, before: Edits) -> Edits:
    """The edits a form means: what was changed here before, and what was changed in it."""
    changed = replace(
        before,
        matter=_if_changed(typed.matter, shown.matter, before.matter),
        task_code=_if_changed(typed.task_code, shown.task_code, before.task_code),
        activity_code=_if_changed(typed.activity_code, shown.activity_code, before.activity_code),
        narrative=_if_changed(typed.narrative.strip(), shown.narrative.strip(), before.narrative),
        billing=before.billing if typed.billing is shown.billing else typed.billing,
    )
    if typed.minutes.strip() != shown.minutes:
        changed = replace(changed, worked_seconds=seconds_of(typed.minutes))
    return replace(changed, travel=True) if typed.travel else changed


def _if_changed(typed: str, shown: str, before: str | None) -> str | None:
    return before if typed == shown else typed


def addition(view: DayView, typed: Fields) -> Add:
    """Time added by hand; with a start it has a place in the day."""
    try:
        start = instant_at(view.day, typed.start.strip().zfill(5), view.zone) if typed.start.strip() else None
    except ValueError:
        raise Misused("a start is a time of this day, like 14:30") from None
    return Add(
        day=view.day,
        matter=typed.matter,
        worked_seconds=seconds_of(typed.minutes),
        narrative=typed.narrative,
        start=start,
        task_code=typed.task_code,
        activity_code=typed.activity_code,
        billing=typed.billing,
        travel=typed.travel,
    )


def merged_fields(view: DayView, chosen: Sequence[Suggestion], matter: str) -> tuple[Merge, Fields]:
    """Several suggestions as one form: the merge as it is, and what it would say."""
    meant = Merge(tuple((one.id, one.revision) for one in chosen), Edits(matter=matter))
    outcome = foreseen(view, meant)
    if isinstance(outcome, Exception):
        raise outcome
    entry = outcome.entries[0]
    return meant, Fields(
        matter=entry.matter,
        task_code=entry.task_code,
        activity_code=entry.activity_code,
        minutes=minutes_text(entry.worked_seconds),
        billing=entry.billing,
        narrative=entry.narrative,
    )


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence in a split: its part (0 is the first) and the seconds it brings."""

    evidence: str
    seconds: int
    part: int = 0


@dataclass(frozen=True, slots=True)
class PartFields:
    matter: str
    minutes: str = ""
    narrative: str = ""


def split_pieces(view: DayView, one: Suggestion) -> tuple[Piece, ...]:
    """What a suggestion can be split into by evidence: all pieces in order of time, with the time each
    holds; last those whose text is gone."""
    known = [item.id for item in pieces(view, one.evidence_ids)]
    return tuple(Piece(item, total(one.owned.get(item, ()))) for item in dict.fromkeys([*known, *one.evidence_ids]))


def split_by_evidence(one: Suggestion, placed: Sequence[Piece], parts: Sequence[PartFields]) -> Split:
    used = sorted({piece.part for piece in placed})
    if len(used) < 2:
        raise Misused("all pieces are in one part: choose a piece and press 2")
    made = tuple(
        SplitPart(
            parts[part].matter,
            evidence=tuple(piece.evidence for piece in placed if piece.part == part),
            narrative=parts[part].narrative or None,
        )
        for part in used
    )
    return Split(one.id, one.revision, made)


def split_by_minutes(one: Suggestion, parts: Sequence[PartFields]) -> Split:
    made = tuple(
        SplitPart(part.matter, seconds=seconds_of(part.minutes), narrative=part.narrative or None) for part in parts
    )
    return Split(one.id, one.revision, made)


def part_narrative(view: DayView, one: Suggestion, evidence: Sequence[str], matter: str) -> str:
    """The words of one part, from its own evidence and for its own matter."""
    behind = pieces(view, evidence or one.evidence_ids)
    if not behind:
        return one.narrative
    return narrative.draft(behind, one.owned, view.matter(matter), view.timekeeper, view.books)


def day_of(text: str, today: date) -> date:
    """``2026-11-20``, ``11-20`` of this year, ``today``, ``yesterday``, ``-3``."""
    said = text.strip().casefold()
    named: Mapping[str, int] = {"today": 0, "t": 0, "yesterday": -1, "y": -1}
    if said in named:
        return today + timedelta(days=named[said])
    if re.fullmatch(r"[+-]\d{1,4}", said):
        return today + timedelta(days=int(said))
    try:
        return date.fromisoformat(f"{today.year}-{said}" if re.fullmatch(r"\d\d-\d\d", said) else said)
    except ValueError:
        raise Misused("a date is like 2026-11-20, 11-20, today, yesterday or -3") from None
