"""The shapes of data on standard output. Outside programs rely on them: fields are added, never renamed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autotime.domain.decisions import Decision
    from autotime.domain.entries import TimeEntry
    from autotime.domain.work import Suggestion


def suggestion(item: Suggestion, already: int = 0) -> dict[str, Any]:
    """``already`` are seconds of its matter and day that stand in billing and were not sent from here."""
    return {
        "id": item.id,
        "revision": item.revision,
        "status": item.status.value,
        "date": item.day.isoformat(),
        "timekeeper": item.timekeeper,
        "matter": item.matter or None,
        "probability": round(item.probability, 4),
        "alternatives": [
            {"matter": other.matter or None, "probability": round(other.probability, 4)} for other in item.alternatives
        ],
        "task_code": item.task_code or None,
        "activity_code": item.activity_code or None,
        "billing": item.billing.value,
        "seconds": item.seconds,
        "low_seconds": item.low_seconds,
        "high_seconds": item.high_seconds,
        "ceiling_seconds": item.ceiling_seconds,
        "already_in_billing_seconds": already,
        "billed_minutes": item.billed_minutes,
        "increment_minutes": item.increment_minutes,
        "rounding": item.rounding,
        "estimate": item.estimate,
        "preselected": item.preselected,
        "late": item.late or None,
        "narrative": item.narrative,
        "reasons": list(item.reasons),
        "warnings": list(item.warnings),
        "spans": [[span.start, span.end] for span in item.spans],
        "evidence": [{"id": evidence, "revision": revision} for evidence, revision in item.evidence],
    }


def entry(item: TimeEntry) -> dict[str, Any]:
    return {
        "entry_id": item.id,
        "date": item.day.isoformat(),
        "timekeeper": item.timekeeper,
        "actor": item.actor,
        "matter": item.matter,
        "client": item.client,
        "task_code": item.task_code or None,
        "activity_code": item.activity_code or None,
        "billing": item.billing.value,
        "worked_seconds": item.worked_seconds,
        "placed_seconds": item.placed_seconds,
        "unplaced_seconds": item.unplaced_seconds,
        "billed_minutes": item.billed_minutes,
        "increment_minutes": item.increment_minutes,
        "rounding": item.rounding,
        "narrative": item.narrative,
        "late": item.late or None,
        "suggestion": item.suggestion or None,
        "active": item.active,
    }


def decision(item: Decision) -> dict[str, Any]:
    return {
        "decision_id": item.id,
        "kind": item.kind.value,
        "actor": item.actor,
        "undoes": item.undoes or None,
    }
