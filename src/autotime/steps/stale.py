"""Which days' suggestions no longer say all that is known."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date

from autotime.office import Office
from autotime.store import Store

STALE_DAYS = "days.stale"


def stale_days(store: Store) -> list[date]:
    """Newest first."""
    return sorted((date.fromisoformat(day) for day in _stale(store)), reverse=True)


def mark_stale(store: Store, days: Iterable[date]) -> None:
    known = _stale(store)
    marked = sorted({*known, *(day.isoformat() for day in days)})
    if marked != known:
        store.meta.set(STALE_DAYS, json.dumps(marked))


def mark_all_stale(office: Office) -> None:
    """After a change of books or of what was learned: every day with evidence is drafted anew."""
    mark_stale(office.store, office.store.evidence.dates(office.timekeeper.zone))


def unmark(store: Store, day: date) -> None:
    store.meta.set(STALE_DAYS, json.dumps([known for known in _stale(store) if known != day.isoformat()]))


def _stale(store: Store) -> list[str]:
    return list(json.loads(store.meta.get(STALE_DAYS) or "[]"))
