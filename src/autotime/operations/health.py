"""How things stand: counts and times, never a word of what was collected."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from autotime.domain.people import Timekeeper
from autotime.domain.work import Status
from autotime.store import Reading, Store

UNDECIDED = (Status.PROPOSED, Status.DEFERRED)


def status_of(store: Store, timekeeper: Timekeeper, now: int) -> dict[str, Any]:
    """What ``autotime status --json`` prints."""
    waiting = {day: count for day, count in store.suggestions.undecided(UNDECIDED).items() if count}
    return {
        "timekeeper": timekeeper.id,
        "now": _clock(now),
        "evidence": store.evidence.count(),
        "sources": [_source(row) for row in store.cursors.all()],
        "undecided": sum(waiting.values()),
        "undecided_days": len(waiting),
        "oldest_undecided": min(waiting).isoformat() if waiting else None,
        "stale_days": len(json.loads(store.meta.get("days.stale") or "[]")),
        "submissions": store.submissions.counts(),
        "quarantined": len(store.quarantine.all()),
        "last_run": _run(store.runs.last("run")),
    }


def _source(reading: Reading) -> dict[str, Any]:
    return {
        "account": reading.account,
        "source": reading.source,
        "last_success": _clock(reading.at),
        "items": reading.items,
    }


def _run(last: dict[str, Any] | None) -> dict[str, Any] | None:
    if last is None:
        return None
    finished = _clock(last["finished_at"]) if last["finished_at"] else None
    return {"started": _clock(last["started_at"]), "finished": finished, "report": last["report"]}


def _clock(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat()
