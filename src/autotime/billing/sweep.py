"""What was sent is looked at again for a fortnight: is it there, once, and as it was sent?

Nothing there is ever deleted or changed from here. A twin is a request that arrived late, or work that was entered
by hand as well: a person decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from autotime.billing.picking import PushLine
from autotime.billing.there import STANDS, Ledger, day_of, frozen, judged, ledger_of, stretches
from autotime.billing.voiding import take_back
from autotime.domain.delivery import DeliveryState, Remote, Submission
from autotime.domain.doors import Biller
from autotime.failpoints import point
from autotime.store import Store

S = DeliveryState
FORTNIGHT = 14 * 86_400


def sweep(store: Store, biller: Biller, now: int, first: date | None = None) -> tuple[PushLine, ...]:
    """Records what became of what was sent in the last fortnight, or for the days from ``first`` on; the lines tell
    what is new of it. What was found otherwise before is looked at however old it is. Raises what ``biller.present``
    and ``biller.read`` do."""
    if not biller.offers.lists:
        return ()
    sent = store.submissions.in_state(*STANDS, target=biller.target)
    ledger = ledger_of(store, biller)
    lines: list[PushLine] = []
    watched = [one for one in sent if one.state is not S.SENT or abs(now - one.sent_at) <= FORTNIGHT]
    asked = [one for one in sent if first is not None and one not in watched and day_of(frozen(one)) >= first]
    for group in stretches((frozen(one), one) for one in (*watched, *asked)):
        there = biller.present([payload for payload, _ in group])
        point("sweep.listed")
        lines += compare(store, ledger, [one for _, one in group], there)
    _let_go(store, biller.target)
    return tuple(lines)


def _let_go(store: Store, target: str) -> None:
    """What is gone there, and was taken back here too, is settled."""
    gone = store.submissions.in_state(S.REMOVED_THERE, target=target)
    entries = store.entries.many([one.entry for one in gone])
    for one in gone:
        if one.entry in entries and not entries[one.entry].active:
            take_back(store, one)


def compare(
    store: Store,
    ledger: Ledger,
    sent: Sequence[Submission],
    there: Sequence[Remote],
    *,
    ask: bool = True,
) -> tuple[PushLine, ...]:
    """Holds some of ours against what was listed, in one transaction. What is not in the list is asked for by its
    id, if ``ask``: a list may lag behind, or the entry may have been moved to another day."""
    by_id = {one.id: one for one in there}
    listed = [one for one in sent if ask or one.receipt in by_id]
    seen = [(one, by_id.get(one.receipt) or ledger.biller.read(one.receipt)) for one in listed]
    after = [judged(one, remote, ledger.twins(one, there), ledger.biller) for one, remote in seen]
    news = [one for one, before in zip(after, listed, strict=True) if one != before]
    with store.transaction():
        for one in news:
            store.submissions.save(one)
    for one in news:
        ledger.keep(one)
    if news:
        point("sweep.compared")
    said = {one.id: one.reason for one in listed}
    return tuple(PushLine(one.entry, one.state, one.receipt, one.reason) for one in news if one.reason != said[one.id])
