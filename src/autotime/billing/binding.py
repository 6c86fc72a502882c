"""A matter has one billing target: that of the settings, or else the one that bills it already.

What certainly stands nowhere follows the settings where they name another target since; whatever may have reached a
target stays with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autotime.domain.books import Matter
from autotime.domain.delivery import DeliveryState, Submission
from autotime.store import Store

S = DeliveryState
BILLS = (S.SENDING, S.SENT, S.IN_DOUBT, S.DRIFTED, S.DUPLICATE_FOUND, S.HANDED_OVER)


def other_billers(store: Store, target: str) -> Mapping[str, str]:
    """Matters whose time stands in another target and not in this one, with that target."""
    others = _matters(store, [one for one in store.submissions.beside(target, *BILLS) if not one.copy])
    if not others:
        return {}
    own = _matters(store, [one for one in store.submissions.in_state(*BILLS, target=target) if not one.copy])
    return {matter: biller for matter, biller in others.items() if matter not in own}


def _matters(store: Store, submissions: list[Submission]) -> dict[str, str]:
    """The target of each matter; of several, the one that was pushed to last."""
    entries = store.entries.many([one.entry for one in submissions])
    ordered = sorted(submissions, key=lambda one: (one.sent_at, one.batch, one.id))
    known = [(entries[one.entry].matter, one.target) for one in ordered if one.entry in entries]
    return {matter: target for matter, target in known if matter}


def follow(store: Store, target_for: Callable[[Matter | None], str]) -> int:
    """Gives what waits to the target the settings name for its matter; how many went from one to another."""
    waiting = [one for one in store.submissions.in_state(S.QUEUED, S.REFUSED) if not (one.copy or one.attempts)]
    entries, matters = store.entries.many([one.entry for one in waiting]), store.books.load().matters
    moved = 0
    with store.transaction():
        for one in waiting:
            entry = entries.get(one.entry)
            named = target_for(matters.get(entry.matter)) if entry else ""
            if named and named != one.target:
                store.submissions.bind(one, named)
                moved += 1
    return moved
