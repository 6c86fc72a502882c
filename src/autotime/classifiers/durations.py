"""How long it took, before anything is learned: stated shares of what the evidence can account for.

The owned time is the ceiling. A recorded stretch (meeting, call) is taken whole. Where the evidence
only bounds the time, its rule gives the middle and an interval that is wide on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autotime.domain.evidence import Evidence, Kind
from autotime.domain.spans import Spans, total

RECORDED = (100, 100, 100)
SHARES: dict[str, tuple[int, int, int]] = {
    "meeting": (60, 100, 100),
    "call": RECORDED,
    "attended": RECORDED,
    "message": (40, 100, 100),
    "edit": (50, 100, 100),
    "session": (70, 100, 100),
    "save": (20, 60, 100),
}
"""Percent of the owned seconds at p10, p50 and p90, by kind. A mail's writing time is already the
middle of what writing that much takes, capped by the gap before it; a save without recorded editing
may have been a minute's work."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds at p10, p50 and p90, none above the owned time. ``estimate``: not simply recorded."""

    low: int
    seconds: int
    high: int
    basis: str
    estimate: bool


def estimate(evidence: Sequence[Evidence], owned: Mapping[str, Spans]) -> Estimate:
    """The sum over the evidence of a block."""
    kinds = {item.id: _kind(item) for item in evidence}
    seconds = {item: total(spans) for item, spans in owned.items()}
    low, middle, high = (
        sum(held * SHARES[kinds[item]][place] // 100 for item, held in seconds.items()) for place in range(3)
    )
    used = sorted({kinds[item] for item in seconds})
    return Estimate(low, middle, high, ", ".join(used), estimate=any(SHARES[kind] != RECORDED for kind in used))


def middle_of(item: Evidence, owned: int) -> int:
    """The p50 seconds of one piece that owns so many."""
    return owned * SHARES[_kind(item)][1] // 100


def _kind(item: Evidence) -> str:
    if item.kind is Kind.MEETING and item.facts.get("attended"):
        return "attended"
    if item.kind is Kind.DOCUMENT and item.span is not None:
        return "session"
    if item.kind is Kind.DOCUMENT:
        return "edit" if item.number("edit_minutes") else "save"
    return item.kind.value
