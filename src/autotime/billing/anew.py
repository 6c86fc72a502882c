"""Time that was delivered, taken back here and approved anew: which new entry is which earlier one. Decides; changes
nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from autotime.billing.there import STANDS
from autotime.domain.delivery import DeliveryState, Submission
from autotime.domain.entries import TimeEntry
from autotime.domain.spans import intersection
from autotime.store import Store

Pair = tuple[TimeEntry, Submission]
LEFT = (*STANDS, DeliveryState.REMOVED_THERE)


def superseded(store: Store, target: str | None = None) -> list[Pair]:
    """What stands in a target, or in any, though its entry was taken back. What is gone there is among it."""
    standing = [one for one in store.submissions.in_state(*LEFT, target=target) if not one.copy]
    entries = store.entries.many([one.entry for one in standing])
    pairs = [(entries[one.entry], one) for one in standing if one.entry in entries]
    return [(entry, one) for entry, one in pairs if not entry.active]


def elsewhere(store: Store, target: str) -> Mapping[date, list[Pair]]:
    """What stands in other targets though its entry was taken back, by day."""
    found: dict[date, list[Pair]] = {}
    for entry, one in superseded(store):
        if one.target != target and one.state in STANDS:
            found.setdefault(entry.day, []).append((entry, one))
    return found


def in_the_way(new: TimeEntry, earlier: Iterable[Pair]) -> str:
    """Why an entry may not go while its earlier form stands in another target; nothing where it may."""
    before = next((one for old, one in earlier if is_anew(new, old)), None)
    if before is None:
        return ""
    return f"it stands in {before.target} as it was before: {way_out(before)}"


def way_out(standing: Submission) -> str:
    return f"autotime void {standing.batch} --entry {standing.entry}"


def is_anew(new: TimeEntry, old: TimeEntry) -> bool:
    """The same work, approved again."""
    if new.day != old.day:
        return False
    if new.suggestion and new.suggestion == old.suggestion:
        return True
    if new.spans and old.spans:
        return bool(intersection(new.spans, old.spans))
    return new.matter == old.matter and not new.spans and not old.spans
