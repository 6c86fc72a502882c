"""Doubt ends by looking, or by a person.

::

    sending, found at start ──► in doubt ──15 min──► a look ──15 min──► a second look
                                                       │                    │
                                        one that is ours: sent      none: queued once more, and only once
                                        several, or something near it that nobody explains: a person
                                        after the second attempt, or after a day: a person

Only what came since the request left, and is not explained otherwise, can be ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from autotime.billing.picking import PushLine
from autotime.billing.there import Ledger, found_as, frozen, ledger_of, stretches
from autotime.domain.delivery import DeliveryState, Remote, Submission
from autotime.domain.doors import Biller
from autotime.failpoints import point
from autotime.store import Store

S = DeliveryState
SETTLE = 15 * 60
"""Seconds a lost request may still arrive in, and between two looks."""

GIVES_UP = 24 * 3600
LOOKS = 2
ATTEMPTS = 2
STOPPED = "the push was stopped while it was being sent: it may be there or not"
UNSEEN = "it cannot be looked up there: look yourself, then autotime resolve"


def recover(store: Store, biller: Biller) -> list[Submission]:
    """What an earlier push was sending when it ended is in doubt."""
    begun = store.submissions.in_state(S.SENDING, target=biller.target)
    reason = STOPPED if biller.offers.lists else f"{STOPPED}; {UNSEEN}"
    doubtful = [replace(one, state=S.IN_DOUBT, reason=reason) for one in begun]
    with store.transaction():
        for one in doubtful:
            store.submissions.save(one)
    if doubtful:
        point("push.recovered")
    return doubtful


def look(store: Store, biller: Biller, now: int) -> tuple[PushLine, ...]:
    """Looks for what is in doubt, where the time has come, and records what was found. The lines tell what became
    of each that was looked for. Nothing is sent. Raises what ``biller.present`` does."""
    recover(store, biller)
    if not biller.offers.lists:
        return ()
    ledger = ledger_of(store, biller)
    due = [(frozen(one), one) for one in ledger.sought if is_due(one, now)]
    lines: list[PushLine] = []
    for group in stretches(due):
        there = biller.present([payload for payload, _ in group])
        point("doubt.listed")
        lines += [_ended(store, ledger, one, there, now) for _, one in group]
    return tuple(lines)


def is_due(submission: Submission, now: int) -> bool:
    """A clock that was set back does not keep doubt for ever."""
    last = max(submission.sent_at, submission.looked_at)
    return abs(now - last) >= SETTLE


def _ended(store: Store, ledger: Ledger, submission: Submission, there: Sequence[Remote], now: int) -> PushLine:
    after = decided(ledger, submission, there, now)
    if after != submission:
        store.submissions.save(after)
        ledger.keep(after)
        point("doubt.ended")
    return PushLine(after.entry, after.state, after.receipt, after.reason)


def decided(ledger: Ledger, submission: Submission, there: Sequence[Remote], now: int) -> Submission:
    """What a look says about one submission in doubt."""
    fresh = ledger.fresh(submission, there)
    found = [one for one in fresh if ledger.same(submission, one)]
    if found and len(found) <= len(_alike(ledger, submission, found)):
        return replace(found_as(submission, found[0], ledger.biller), looks=submission.looks + 1, looked_at=now)
    if found:
        return _for_a_person(submission, f"it stands there {len(found)} times", now)
    near = [one for one in fresh if ledger.on_same_matter(frozen(submission), one) and not ledger.is_sought(one)]
    if near:
        return _for_a_person(submission, f"something like it was entered there meanwhile ({near[0].id})", now)
    taken = ledger.imported(submission, there)
    if taken:
        return _for_a_person(submission, f"one that was imported since says the same ({taken[0].id})", now)
    return _not_found(submission, now)


def _alike(ledger: Ledger, submission: Submission, found: Sequence[Remote]) -> list[Submission]:
    """Submissions in doubt, this one among them, each of which may be any of those found: they are as good as
    one another."""
    others = [one for one in ledger.sought if one.id != submission.id]
    return [
        submission,
        *(one for one in others if all(it.id not in one.known and ledger.same(one, it) for it in found)),
    ]


def _not_found(submission: Submission, now: int) -> Submission:
    looks = submission.looks + 1
    looked = replace(submission, looks=looks, looked_at=now)
    if abs(now - submission.sent_at) > GIVES_UP:
        return _for_a_person(submission, "it is not there, a day after it was sent", now)
    if looks < LOOKS:
        return replace(looked, reason="it is not there so far: it is looked for once more")
    if submission.attempts < ATTEMPTS:
        return replace(looked, state=S.QUEUED, reason="")
    return _for_a_person(submission, f"it is not there, and was sent {submission.attempts} times", now)


def _for_a_person(submission: Submission, why: str, now: int) -> Submission:
    """Nothing is recorded again where it was said before."""
    reason = f"{why}: autotime resolve {submission.target}"
    if submission.reason == reason:
        return submission
    return replace(submission, state=S.IN_DOUBT, reason=reason, looks=submission.looks + 1, looked_at=now)
