"""What stands in a billing system, and which of it is ours. Decides; changes nothing.

An entry there is *explained* where it was sent from here, imported, or acknowledged by a person. What is not
explained is foreign, or the trace of a request whose answer was lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TypeVar

from autotime.billing.payload import Payload, canonical, rate_of, sha256, text
from autotime.domain.books import Thing
from autotime.domain.delivery import DeliveryState, Remote, Submission
from autotime.domain.doors import Biller, Keys
from autotime.store import Store

S = DeliveryState
STANDS = (S.SENT, S.DRIFTED, S.DUPLICATE_FOUND)
"""States of what is there as far as is known."""

SOUGHT = (S.IN_DOUBT, S.SENDING)
LEFT = (S.QUEUED, S.REFUSED, S.CANCELLED)
GROUP = 50
"""Entries whose neighbours are listed at once: what was listed is at most this many requests old."""

STRETCH = timedelta(days=31)

T = TypeVar("T")


def frozen(submission: Submission) -> Payload:
    """The payload that was fixed when sending began."""
    payload: Payload = json.loads(submission.payload)
    return payload


def day_of(payload: Payload) -> date:
    return date.fromisoformat(text(payload, "day"))


def stretches(items: Iterable[tuple[Payload, T]]) -> Iterator[list[tuple[Payload, T]]]:
    """In order of days, in groups that one listing covers."""
    group: list[tuple[Payload, T]] = []
    for payload, item in sorted(items, key=lambda one: (text(one[0], "day"), text(one[0], "entry"))):
        if group and (len(group) == GROUP or day_of(payload) - day_of(group[0][0]) > STRETCH):
            yield group
            group = []
        group.append((payload, item))
    if group:
        yield group


@dataclass(slots=True)
class Ledger:
    """Which ids of one target are explained. ``ours`` are submissions by the id that stands for them, ``others`` ids
    that were imported or acknowledged, ``sought`` submissions that may stand there under an id nobody knows, ``gone``
    ids of ours that were taken back."""

    biller: Biller
    keys: Keys
    ours: dict[str, Submission] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)
    sought: list[Submission] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)

    def near(self, payload: Payload, there: Sequence[Remote]) -> list[Remote]:
        """What stands there for the payload's timekeeper and day, and what carries its mark on whatever day. Where
        nobody told what the system calls the timekeeper, what says the same counts too."""
        own, entry, day = text(payload, "timekeeper"), text(payload, "entry"), day_of(payload)
        who = self.keys.remote(Thing.TIMEKEEPER, own)
        on_day = [one for one in there if one.day == day or entry in one.external]
        if who:
            return [one for one in on_day if one.timekeeper in ("", who)]
        return [one for one in on_day if one.timekeeper in ("", own) or is_same(self.biller, payload, one)]

    def unexplained(self, payload: Payload, there: Sequence[Remote]) -> list[Remote]:
        return [one for one in self.near(payload, there) if not self.is_ours(one) and one.id not in self.others]

    def is_ours(self, remote: Remote) -> bool:
        """It has the id of one of ours; where that one was seen to be gone, it also says the same: a system may give
        an id twice."""
        mine = self.ours.get(remote.id)
        return mine is not None and (mine.state in STANDS or self.same(mine, remote))

    def fresh(self, submission: Submission, there: Sequence[Remote]) -> list[Remote]:
        """What came since a submission was sent, and nobody explains."""
        return [one for one in self.unexplained(frozen(submission), there) if one.id not in submission.known]

    def imported(self, submission: Submission, there: Sequence[Remote]) -> list[Remote]:
        """What says the same, came since, and was imported or acknowledged meanwhile."""
        return [
            one
            for one in self.near(frozen(submission), there)
            if one.id in self.others and one.id not in submission.known and self.same(submission, one)
        ]

    def same(self, submission: Submission, remote: Remote) -> bool:
        return is_same(self.biller, frozen(submission), remote)

    def is_sought(self, remote: Remote) -> bool:
        """A submission in doubt may be this one."""
        return any(remote.id not in one.known and self.same(one, remote) for one in self.sought)

    def on_same_matter(self, payload: Payload, remote: Remote) -> bool:
        matter = self.keys.remote(Thing.MATTER, text(payload, "matter")) or text(payload, "matter")
        return remote.matter in ("", matter)

    def twins(self, submission: Submission, there: Sequence[Remote]) -> list[Remote]:
        """Others that say the same as one of ours."""
        return [
            one
            for one in self.unexplained(frozen(submission), there)
            if self.same(submission, one) and not self.is_sought(one)
        ]

    def keep(self, submission: Submission) -> None:
        """Follows what was just recorded."""
        self.sought = [one for one in self.sought if one.id != submission.id]
        if submission.receipt and submission.state in (*STANDS, S.REMOVED_THERE):
            self.ours[submission.receipt] = submission
        elif submission.state in SOUGHT:
            self.sought.append(submission)


def ledger_of(store: Store, biller: Biller) -> Ledger:
    target = biller.target
    delivered = store.submissions.in_state(*STANDS, S.REMOVED_THERE, target=target)
    return Ledger(
        biller=biller,
        keys=store.systems.keys(target),
        ours={one.receipt: one for one in delivered if one.receipt},
        others={one.remote for one in store.billed.all() if one.target == target},
        sought=[one for one in store.submissions.in_state(*SOUGHT, target=target) if one.payload],
        gone={gone for one in store.submissions.in_state(*LEFT, target=target) for gone in one.earlier},
    )


def is_same(biller: Biller, payload: Payload, remote: Remote) -> bool:
    """It carries our mark, or says what the payload says."""
    return text(payload, "entry") in remote.external or biller.same(payload, remote)


def print_of(remote: Remote) -> str:
    """A fingerprint of what an entry there says; whether it is billed is no part of it."""
    said = (remote.timekeeper, remote.matter, remote.day, remote.seconds, remote.narrative)
    rate = None if remote.rate is None else remote.rate.normalize()
    coded = (remote.task_code, remote.activity_code, rate, remote.billing.value)
    return sha256("\x1f".join(map(str, (*said, *coded))))


def found_as(submission: Submission, remote: Remote, biller: Biller) -> Submission:
    """A submission whose entry was seen to stand there."""
    kept = replace(submission, receipt=remote.id, version=remote.version, billed=remote.billed)
    if biller.same(frozen(submission), remote):
        return replace(kept, state=S.SENT, agreed=True, reason="")
    if submission.accepted == print_of(remote):
        return replace(kept, state=S.SENT, agreed=False, reason="")
    return replace(kept, state=S.DRIFTED, agreed=False, reason=f"there it is otherwise: {different(kept, remote)}")


def judged(submission: Submission, remote: Remote | None, twins: Sequence[Remote], biller: Biller) -> Submission:
    """What is to be recorded of a delivered entry, after a look. ``remote`` is ``None`` where it is gone. Whether it
    says what it was sent to say is not asked where that would be sent otherwise now."""
    if remote is None:
        gone = f"{submission.receipt} is no longer in {biller.target}"
        return replace(submission, state=S.REMOVED_THERE, reason=gone)
    if not is_told_so(submission, biller):
        return replace(submission, version=remote.version, billed=remote.billed)
    found = found_as(submission, remote, biller)
    if not twins:
        return found
    ids = ", ".join(one.id for one in twins)
    reason = f"{submission.receipt} stands there more than once: also as {ids}"
    return replace(found, state=S.DUPLICATE_FOUND, reason=reason)


def is_told_so(submission: Submission, biller: Biller) -> bool:
    """The target would be told the same today: neither mapping nor keys were changed since."""
    return not submission.told or submission.told == canonical(biller.told(frozen(submission)))


def different(submission: Submission, remote: Remote) -> str:
    """In what an entry there differs from what was sent. Never a word of either text."""
    payload = frozen(submission)
    ours = int(payload["billed_minutes"]) * 60
    said = [
        f"{clock(remote.seconds)}, not {clock(ours)}" if remote.seconds not in (None, ours) else "",
        f"on {remote.day}, not {payload['day']}" if remote.day != day_of(payload) else "",
        "another text" if remote.narrative.split() != text(payload, "narrative").split() else "",
        _other("task code", remote.task_code, text(payload, "task_code")),
        _other("activity code", remote.activity_code, text(payload, "activity_code")),
        f"another rate ({remote.rate})" if remote.rate is not None and remote.rate != rate_of(payload) else "",
        f"{remote.billing.value}, not {payload['billing']}" if remote.billing.value != payload["billing"] else "",
    ]
    return ", ".join(filter(None, said)) or "matter or person"


def _other(what: str, theirs: str, ours: str) -> str:
    return f"another {what} ({theirs})" if theirs and theirs != ours else ""


def clock(seconds: int | None) -> str:
    """Hours and minutes, as a person compares them."""
    if seconds is None:
        return "hidden time"
    minutes, rest = divmod(seconds, 60)
    return f"{minutes // 60}:{minutes % 60:02d}" + (f":{rest:02d}" if rest else "") + " h"
