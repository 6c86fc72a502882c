"""What stands in the way of some entries before they are sent. Decides; changes nothing.

A day on which entries of the same timekeeper stand there that nobody explains is left to a person: a second store
may be at work, or the work was entered by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from autotime.billing.doubt import arrival
from autotime.billing.payload import Payload, canonical, sha256
from autotime.billing.picking import Chosen
from autotime.billing.there import STANDS, Ledger, day_of, found_as, frozen, is_same
from autotime.domain.delivery import DeliveryState, Remote, Submission

S = DeliveryState
NAMED = 5
"""Ids that a reason names."""


def arrived(ledger: Ledger, chosen: Chosen, there: Sequence[Remote]) -> Submission | None:
    """An entry that was in doubt and queued once more, where its earlier request has arrived after all."""
    earlier = chosen.submission
    if not earlier.attempts or not earlier.payload:
        return None
    found = arrival(ledger, earlier, there)
    return found_as(earlier, found, ledger.biller) if found else None


def held(ledger: Ledger, payload: Payload, there: Sequence[Remote]) -> str:
    """Why the day of a payload waits for a person; nothing where it need not."""
    foreign = [one for one in ledger.unexplained(payload, there) if not is_ours(ledger, payload, one)]
    if not foreign:
        return ""
    target, day = ledger.biller.target, day_of(payload)
    same = next((one for one in foreign if is_same(ledger.biller, payload, one)), None)
    if same is not None and same.id in ledger.gone:
        return f"{same.id}, which was taken back, is listed in {target} still: autotime push {target} again, later"
    if same is not None:
        return f"{target} has one that says the same already ({same.id}): autotime resolve {target}"
    ids = ", ".join(one.id for one in foreign[:NAMED])
    return f"on {day} {target} has time that was not sent from here ({ids}): autotime resolve {target}"


def is_ours(ledger: Ledger, payload: Payload, remote: Remote) -> bool:
    """In doubt, or the twin of an entry that was sent: a matter of that entry, and of no other on its day, unless it
    says what this one says."""
    if ledger.is_sought(remote):
        return True
    if is_same(ledger.biller, payload, remote):
        return False
    sent = [one for one in ledger.ours.values() if one.state in STANDS]
    same_day = [one for one in sent if day_of(frozen(one)) == day_of(payload)]
    return any(ledger.same(one, remote) for one in same_day)


def made_now(ledger: Ledger, after: Submission) -> Submission:
    """An entry after its request; in doubt where the answer names one that stood there before it."""
    mine = ledger.ours.get(after.receipt)
    if not after.receipt or ((mine is None or mine.state not in STANDS) and after.receipt not in after.known):
        return after
    target, named = ledger.biller.target, after.receipt
    reason = f"{target} answered with {named}, which stood there before: autotime resolve {target}"
    return replace(after, state=S.IN_DOUBT, receipt="", version="", reason=reason)


def intention(chosen: Chosen, ledger: Ledger, there: Sequence[Remote], batch: str, now: int) -> Submission:
    """An entry as it is recorded before its one request."""
    text = canonical(chosen.payload)
    return replace(
        chosen.submission,
        state=S.SENDING,
        target=ledger.biller.target,
        batch=batch,
        payload=text,
        payload_hash=sha256(text),
        told=canonical(ledger.biller.told(chosen.payload)),
        known=tuple(one.id for one in ledger.near(chosen.payload, there)),
        attempts=chosen.submission.attempts + 1,
        sent_at=now,
        looks=0,
        looked_at=0,
        reason="",
    )
