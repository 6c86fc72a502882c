"""Which days' suggestions no longer say all that is known."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date

from autotime.domain.evidence import Evidence, Kind
from autotime.domain.policy import Policy
from autotime.office import Office
from autotime.store import Store

STALE_DAYS = "days.stale"

NEIGHBOURHOOD = 12 * 3600
"""Seconds around a day that are looked at too: what came before the first mail of the day."""


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
    store = office.store
    mark_stale(store, {*store.evidence.dates(office.date_of), *store.suggestions.days()})


def days_touched(office: Office, evidence: Iterable[Evidence]) -> set[date]:
    """The local days whose drafts a piece may change: a mail sent at 0:05 was begun the day before."""
    policy = office.policy_for(None)
    return {office.date_of(instant) for item in evidence for instant in _ends(item, policy)}


def _ends(item: Evidence, policy: Policy) -> Iterator[int]:
    yield item.at
    if item.span:
        yield item.span.end - 1
    elif item.own:
        saved = item.number("edit_minutes") * 60 or policy.save_cap
        yield item.at - min(saved if item.kind is Kind.DOCUMENT else policy.send_cap, NEIGHBOURHOOD)


def unmark(store: Store, day: date) -> None:
    store.meta.set(STALE_DAYS, json.dumps([known for known in _stale(store) if known != day.isoformat()]))


def _stale(store: Store) -> list[str]:
    return list(json.loads(store.meta.get(STALE_DAYS) or "[]"))
