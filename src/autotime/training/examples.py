"""What a decision teaches.

Only decisions teach; silence does not. Accepting what was pre-filled is a weak lesson, an explicit
pick a full one, a correction a double one, and an accept-all none: a mail written by somebody else
must not become a lesson because nobody looked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from autotime.domain.decisions import Decision, DecisionKind, DismissReason
from autotime.domain.entries import TimeEntry
from autotime.domain.evidence import Evidence
from autotime.domain.learning import Example, ExampleKind
from autotime.domain.matching import NOT_BILLABLE
from autotime.domain.work import Suggestion

PREFILLED, PICKED, CORRECTED = 0.4, 1.0, 2.0


def lessons(
    decision: Decision, entries: Iterable[TimeEntry], evidence: Mapping[str, Evidence]
) -> list[Example]:
    """One example for each piece of evidence behind the decision, and one of duration an entry."""
    if decision.bulk:
        return []
    made = list(entries)
    learned = {item: entry.matter for entry in made for item, _ in entry.evidence}
    if decision.kind is DecisionKind.DISMISSED:
        learned = _dismissed(decision)
    matters = [
        Example(
            kind=ExampleKind.MATTER,
            evidence=item,
            revision=revision,
            label=learned[item],
            at=evidence[item].at,
            weight=_weight(shown, learned[item]),
            decision=decision.id,
        )
        for shown in decision.shown
        for item, revision in shown.evidence
        if item in learned and item in evidence
    ]
    return matters + [_duration(entry, evidence) for entry in made if entry.evidence]


def _dismissed(decision: Decision) -> dict[str, str]:
    """Personal and not billable things teach «nobody's matter»; duplicates and mistakes teach nothing."""
    if decision.reason not in (DismissReason.PERSONAL, DismissReason.NOT_BILLABLE):
        return {}
    return {item: NOT_BILLABLE for shown in decision.shown for item in shown.evidence_ids}


def _weight(shown: Suggestion, label: str) -> float:
    if shown.matter and shown.matter != label:
        return CORRECTED
    return PREFILLED if shown.preselected and shown.matter == label else PICKED


def _duration(entry: TimeEntry, evidence: Mapping[str, Evidence]) -> Example:
    first, revision = entry.evidence[0]
    at = evidence[first].at if first in evidence else entry.approved_at
    return Example(
        kind=ExampleKind.DURATION,
        evidence=first,
        revision=revision,
        label=entry.matter,
        at=at,
        weight=PICKED,
        decision=entry.decision,
        seconds=entry.worked_seconds,
    )
