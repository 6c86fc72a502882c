"""How the time that was shown is parted and joined. Pure arithmetic on suggestions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from autotime.domain.errors import Misused
from autotime.domain.spans import Spans, difference, intersection, last_seconds, total
from autotime.domain.work import Part, Suggestion
from autotime.review.acts import SplitPart

Share = tuple[SplitPart, Spans, tuple[tuple[str, int], ...]]
"""A part of a split, the spans it takes, and the evidence behind it."""


def owners(shown: Suggestion) -> Iterable[tuple[str, Spans]]:
    """Who owns what of a suggestion; what nobody is named for counts as evidence without a name."""
    if shown.owned:
        return sorted(shown.owned.items())
    return [("", shown.spans)]


def narrowed(shown: Suggestion, spans: Spans, evidence: tuple[tuple[str, int], ...]) -> Suggestion:
    owned = {item: held for item, all_of in shown.owned.items() if (held := intersection(all_of, spans))}
    return replace(shown, spans=spans, seconds=total(spans), evidence=evidence, owned=owned)


def joined(shown: Sequence[Suggestion]) -> Suggestion:
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


def shares(shown: Suggestion, parts: Sequence[SplitPart]) -> list[Share]:
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
    found: list[Share] = []
    rest = last_seconds(shown.spans, sum(wanted))
    for place, (part, _) in enumerate(zip(parts, wanted, strict=True)):
        left = sum(wanted[place + 1 :])
        later = last_seconds(rest, left)
        mine = difference(rest, later)
        rest = later
        found.append((part, mine, shown.evidence if place == 0 else ()))
    return found


def parts_of(shown: Sequence[Suggestion]) -> tuple[Part, ...]:
    """The pieces of an entry made of several suggestions, or of one that already has pieces."""
    whole = [one.parts or (Part(one.narrative, one.seconds),) for one in shown]
    return tuple(replace(part, suggestion=one.id) for one, parts in zip(shown, whole, strict=True) for part in parts)


def fitted(parts: Sequence[Part], seconds: int) -> tuple[Part, ...]:
    """The pieces with together so many seconds: more goes to the last, less is taken from the first on."""
    over = sum(part.seconds for part in parts) - seconds
    kept: list[Part] = []
    for place, part in enumerate(parts, start=1):
        less = min(over, part.seconds) if over > 0 or place == len(parts) else 0
        over -= less
        kept.append(replace(part, seconds=part.seconds - less))
    return tuple(kept)
