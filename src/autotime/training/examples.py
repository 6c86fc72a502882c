"""The durable form of what a decision teaches: examples, one a piece of evidence and one of duration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from autotime.classifiers.memory import PICKED, lessons_of
from autotime.domain.decisions import Decision
from autotime.domain.entries import TimeEntry
from autotime.domain.evidence import Evidence
from autotime.domain.learning import Example, ExampleKind


def lessons(decision: Decision, entries: Iterable[TimeEntry], evidence: Mapping[str, Evidence]) -> list[Example]:
    """Examples of the matter of each piece, dated by the evidence, and of the seconds of each entry."""
    matters = [
        Example(
            kind=ExampleKind.MATTER,
            evidence=lesson.evidence,
            revision=evidence[lesson.evidence].revision,
            label=lesson.label,
            at=evidence[lesson.evidence].at,
            weight=lesson.weight,
            decision=decision.id,
        )
        for lesson in lessons_of(decision)
        if lesson.evidence in evidence
    ]
    if decision.bulk:
        return []
    return matters + [_duration(entry, evidence) for entry in entries if entry.evidence]


def _duration(entry: TimeEntry, evidence: Mapping[str, Evidence]) -> Example:
    first, revision = entry.evidence[0]
    return Example(
        kind=ExampleKind.DURATION,
        evidence=first,
        revision=revision,
        label=entry.matter,
        at=evidence[first].at if first in evidence else entry.approved_at,
        weight=PICKED,
        decision=entry.decision,
        seconds=entry.worked_seconds,
    )
