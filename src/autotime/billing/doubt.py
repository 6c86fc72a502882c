"""Doubt ends by looking, or by a person.

::

    sending, found at start ──► in doubt ──15 min──► a look ──15 min──► a second look
                                                       │                    │
                                        one that is ours: sent      none: queued once more, and only once
                                        several, or something near it that nobody explains: a person
                                        after the second attempt, or after a day: a person

Only what came since the request left, and is not explained otherwise, can be ours. One that was given up and waits,
was refused or was taken back since is looked for still: a request may take its time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from autotime.billing.picking import PushLine
from autotime.billing.sweep import FORTNIGHT
from autotime.billing.there import LEFT, Ledger, found_as, frozen, ledger_of, stretches
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
    _set_back(store, biller.target, now)
    ledger = ledger_of(store, biller)
    sought = [*ledger.sought, *_given_up(store, biller.target, now)]
    lines: list[PushLine] = []
    for group in stretches((frozen(one), one) for one in sought if is_due(one, now)):
        there = biller.present([payload for payload, _ in group])
        point("doubt.listed")
        for _, one in group:
            after = decided(ledger, one, there, now) if one.state is S.IN_DOUBT else _arrived(ledger, one, there)
            lines += _recorded(store, ledger, one, after)
    return tuple(lines)


def _set_back(store: Store, target: str, now: int) -> None:
    """A clock that was set back shortens no settling time, and does not keep doubt for ever: it starts anew."""
    doubtful = store.submissions.in_state(S.IN_DOUBT, target=target)
    ahead = [one for one in doubtful if max(one.sent_at, one.looked_at) > now]
    with store.transaction():
        for one in ahead:
            store.submissions.save(replace(one, sent_at=now, looked_at=0))


def _given_up(store: Store, target: str, now: int) -> list[Submission]:
    """What was sent lately, was not found, and is not in doubt any more."""
    left = store.submissions.in_state(*LEFT, target=target)
    return [one for one in left if one.attempts and one.payload and now - one.sent_at <= FORTNIGHT]


def is_due(submission: Submission, now: int) -> bool:
    return now - max(submission.sent_at, submission.looked_at) >= SETTLE


def _recorded(store: Store, ledger: Ledger, before: Submission, after: Submission) -> list[PushLine]:
    """One line for what was in doubt, and for what is no longer given up."""
    if after != before:
        store.submissions.save(after)
        ledger.keep(after)
        point("doubt.ended")
    told = after != before or after.state is S.IN_DOUBT
    return [PushLine(after.entry, after.state, after.receipt, after.reason)] if told else []


def _arrived(ledger: Ledger, submission: Submission, there: Sequence[Remote]) -> Submission:
    """One that was given up, as it stands there if it does. Where several may be it, a push holds it for a person."""
    found = arrival(ledger, submission, there)
    return found_as(submission, found, ledger.biller) if found else submission


def arrival(ledger: Ledger, submission: Submission, there: Sequence[Remote]) -> Remote | None:
    """The only one there that an earlier request may have made."""
    found = [one for one in ledger.fresh(submission, there) if ledger.same(submission, one)]
    return found[0] if len(found) == 1 and not ledger.is_sought(found[0]) else None


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
    if now - submission.sent_at > GIVES_UP:
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
