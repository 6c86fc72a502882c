"""Delivery to billing systems that are asked over the network, exactly once.

::

    queued ──► sending ═══ one commit, with the payload, its hash, and the ids that stand there already
                  │
                  ├─ one request
                  ▼
       sent · refused · queued (certainly not done) · in doubt     one commit

Around it: before a group of entries is sent, what stands there is listed (``preflight``); after it, the list is
read again and compared (``sweep``). A push that was killed anywhere leaves at most one entry in doubt (``doubt``).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from autotime.billing import anew, correcting, doubt, losses, preflight, voiding
from autotime.billing.losses import Accept, nobody
from autotime.billing.outbox import PushReport
from autotime.billing.picking import Chosen, Picked, PushLine, Told, Wanted, choose
from autotime.billing.sweep import compare
from autotime.billing.there import Ledger, day_of, ledger_of, stretches
from autotime.domain.delivery import BatchFile, DeliveryState, Remote, Submission
from autotime.domain.doors import Biller
from autotime.domain.errors import (
    AutotimeError,
    Misused,
    NotDelivered,
    Refused,
    SignInNeeded,
    SourceUnavailable,
)
from autotime.domain.progress import Progress, silent
from autotime.failpoints import point
from autotime.intake import clean
from autotime.store import Store

S = DeliveryState
PATIENCE = 300
"""Seconds a push waits for one entry, where a system asks it to, before it gives up for now."""

SLOWEST = 60
WIDEST = 300
"""Characters of a reason that a system gives."""

DOUBTS = 3
"""Doubts in a row after which a push ends: the network is to be mended first."""


def push_entries(
    store: Store,
    biller: Biller,
    wanted: Wanted,
    *,
    now: Callable[[], int],
    sleep: Callable[[float], None] = time.sleep,
    accept: Accept = nobody,
    dry_run: bool = False,
    progress: Progress = silent,
    patience: float = PATIENCE,
) -> PushReport:
    """Ends what doubt can be ended, then sends what waits for this target, entry by entry.

    ``now`` is a clock: a push lasts. ``accept`` is asked once for the fields that the system has no place for; what
    was accepted is remembered. A system that cannot be asked ends the push (``PushReport.stopped``): what was not
    sent stays queued, and the next push goes on. Only one push of a timekeeper runs at a time; the caller sees to it.
    """
    if wanted.copy:
        raise Misused(f"{biller.target} would bill a copy once more", hint="a copy goes to a file: csv or ledes")
    push = Push(store, biller, now, sleep, patience, progress)
    if dry_run:
        return _foretold(push, wanted, accept)
    try:
        ended = doubt.look(store, biller, now())
    except (AutotimeError, OSError) as trouble:
        ended, push.stopped = (), _as_stop(trouble)
    picked = _picked(push, wanted)
    taken_back = anew.superseded(store, biller.target)
    push.earlier = correcting.earlier_ones(taken_back, picked.ready)
    for one, reason in correcting.left_there(taken_back, push.earlier):
        push.tell(one, reason)
    _send_all(push, _without_losses(push, picked.ready, accept))
    lines = {line.entry_id: line for line in (*picked.lines, *ended, *push.lines)}
    told = tuple(push.told)
    return PushReport(tuple(lines.values()), push.batch, None, told, push.stopped)


@dataclass(slots=True)
class Push:
    """One push under way: what it works with, and what it has told so far."""

    store: Store
    biller: Biller
    now: Callable[[], int]
    sleep: Callable[[float], None]
    patience: float
    progress: Progress
    batch: BatchFile | None = None
    lines: list[PushLine] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    earlier: dict[str, Submission] = field(default_factory=dict)
    stopped: AutotimeError | None = None
    doubts: int = 0
    done: int = 0
    of: int = 0

    def tell(self, submission: Submission, reason: str = "") -> None:
        said = reason or submission.reason
        self.lines.append(PushLine(submission.entry, submission.state, submission.receipt, said))


# --- deciding ----------------------------------------------------------------------------------------


def _picked(push: Push, wanted: Wanted) -> Picked:
    """What may go, refused ones among it: a person may have put right what was refused."""
    store, biller = push.store, push.biller
    picked = choose(store, biller.target, wanted, refuse=biller.refuse, states=(S.QUEUED, S.REFUSED))
    with store.transaction():
        for one in picked.told:
            store.submissions.save(replace(one, state=S.QUEUED))
    return picked


def _without_losses(push: Push, ready: Sequence[Chosen], accept: Accept) -> list[Chosen]:
    """Nothing is lost on the way that nobody agreed to lose."""
    target, lossless = push.biller.target, losses.accepted(push.store, push.biller.target)
    lost = {one.entry.id: [name for name in push.biller.drops(one.payload) if name not in lossless] for one in ready}
    kinds = sorted({name for drops in lost.values() for name in drops})
    if not kinds or accept(kinds):
        losses.remember(push.store, target, kinds)
        return list(ready)
    for one in ready:
        if lost[one.entry.id]:
            push.tell(one.submission, losses.lossy(target, lost[one.entry.id]))
    return [one for one in ready if not lost[one.entry.id]]


def _foretold(push: Push, wanted: Wanted, accept: Accept) -> PushReport:
    """What a push would do. It lists what stands there where that can be asked, and changes nothing."""
    store, biller = push.store, push.biller
    picked = choose(store, biller.target, wanted, refuse=biller.refuse, states=(S.QUEUED, S.REFUSED))
    ledger, lossless = ledger_of(store, biller), losses.accepted(store, biller.target)
    for group in _groups(picked.ready):
        there = _there(push, group)
        for chosen in group:
            drops = biller.drops(chosen.payload)
            new = [name for name in drops if name not in lossless]
            reason = preflight.held(ledger, chosen.payload, there or ()) or (
                losses.lossy(biller.target, new) if new and not accept(new) else ""
            )
            state = chosen.submission.state.value if reason else "ready"
            push.lines.append(PushLine(chosen.entry.id, state, reason=reason))
            push.told.append(Told(chosen.entry.id, biller.told(chosen.payload), drops))
    return PushReport((*push.lines, *picked.lines), None, None, tuple(push.told), push.stopped)


def _groups(ready: Iterable[Chosen]) -> Iterable[list[Chosen]]:
    return ([chosen for _, chosen in group] for group in stretches((one.payload, one) for one in ready))


# --- doing -------------------------------------------------------------------------------------------


def _send_all(push: Push, ready: Sequence[Chosen]) -> None:
    push.of = len(ready)
    push.progress(push.biller.target, 0, push.of)
    ledger = ledger_of(push.store, push.biller)
    for group in _groups(ready):
        there = _there(push, group)
        free = _let_through(push, ledger, group, there or ()) if there is not None else group
        sent = [done for chosen in free if (done := _sent(push, ledger, chosen, there or ())) is not None]
        _read_back(push, ledger, [one for one in sent if one.state in (S.SENT, S.DRIFTED)])
    push.progress(push.biller.target, push.of, push.of)


def _there(push: Push, group: Sequence[Chosen]) -> list[Remote] | None:
    """What stands there around a group; nothing where it cannot be listed."""
    if push.stopped or not push.biller.offers.lists:
        return None
    try:
        there = push.biller.present([chosen.payload for chosen in group])
    except (AutotimeError, OSError) as trouble:
        push.stopped = _as_stop(trouble)
        return None
    point("push.listed")
    return there


def _as_stop(trouble: Exception) -> AutotimeError:
    """What ends a push for now, with what becomes of the rest."""
    hint = trouble.hint if isinstance(trouble, AutotimeError) else ""
    kept = "what was not sent stays queued; the next push goes on from there"
    kind = SignInNeeded if isinstance(trouble, SignInNeeded) else SourceUnavailable
    return kind(str(trouble), kept=kept, hint=hint or "autotime push again, later")


def _let_through(push: Push, ledger: Ledger, group: Sequence[Chosen], there: Sequence[Remote]) -> list[Chosen]:
    """Those of a group that nothing there stands in the way of. One that has arrived already is recorded as sent."""
    free = []
    for chosen in group:
        found = preflight.arrived(ledger, chosen, there)
        if found is not None:
            _record(push, ledger, found)
            continue
        reason = preflight.held(ledger, chosen.payload, there)
        if reason:
            _hold(push, chosen, reason)
        elif chosen.entry.id not in push.earlier or _made_way(push, ledger, chosen, there):
            free.append(chosen)
    return free


def _hold(push: Push, chosen: Chosen, reason: str) -> None:
    waits = replace(chosen.submission, state=S.QUEUED, reason=reason)
    if waits != chosen.submission:
        push.store.submissions.save(waits)
    push.tell(waits)


def _made_way(push: Push, ledger: Ledger, chosen: Chosen, there: Sequence[Remote]) -> bool:
    """Puts a correction in the place of the earlier entry; whether it is to be sent as a new one now."""
    biller, earlier = push.biller, push.earlier[chosen.entry.id]
    try:
        remote = next((one for one in there if one.id == earlier.receipt), None) or biller.read(earlier.receipt)
    except (AutotimeError, OSError) as trouble:
        push.stopped = _as_stop(trouble)
        return True
    if remote is not None and correcting.may_change(biller, remote):
        return _sent(push, ledger, chosen, there, lambda: biller.change(remote, chosen.payload), earlier) is None
    reason = correcting.in_the_way(biller, remote) or voiding.removed(biller, remote)
    if reason:
        _hold(push, chosen, f"what was sent before stays: {reason}")
        return False
    point("push.made_way")
    voiding.take_back(push.store, earlier)
    ledger.ours.pop(earlier.receipt, None)
    return True


def _sent(
    push: Push,
    ledger: Ledger,
    chosen: Chosen,
    there: Sequence[Remote],
    request: Callable[[], Remote] | None = None,
    earlier: Submission | None = None,
) -> Submission | None:
    """An entry after its request; nothing where none was made, or it certainly was not done. ``request`` is another
    than creating it, in the place of ``earlier``."""
    ask = request or (lambda: push.biller.create(chosen.payload))
    waited = 0.0
    while not push.stopped:
        begun = _begin(push, ledger, chosen, there)
        if begun is None:
            return None
        after, trouble = _asked(push.biller, ask, begun)
        if request is None:
            after = preflight.made_now(ledger, after)
        point("push.answered")
        if after.state is not S.QUEUED:
            _record(push, ledger, after, earlier if after.receipt else None)
            _count(push, after)
            return after
        push.store.submissions.save(after)
        ledger.keep(after)
        waited += _wait(push, trouble, waited)
    push.tell(chosen.submission, f"not sent: {push.stopped}")
    return None


def _begin(push: Push, ledger: Ledger, chosen: Chosen, there: Sequence[Remote]) -> Submission | None:
    """The intention, on the disk before the request leaves. Nothing where the entry was taken back meanwhile."""
    store = push.store
    with store.transaction():
        current, entry = store.submissions.get(chosen.submission.id), store.entries.get(chosen.entry.id)
        if current is None or current.state not in (S.QUEUED, S.REFUSED) or entry is None or not entry.active:
            return None
        if push.batch is None:
            push.batch = _batch(push, chosen)
        begun = preflight.intention(replace(chosen, submission=current), ledger, there, push.batch.id, push.now())
        if current.state is S.REFUSED:
            store.submissions.save(replace(current, state=S.QUEUED))
        store.submissions.save(begun)
        push.batch = _stretched(push, chosen)
    ledger.keep(begun)
    point("push.sending")
    return begun


def _batch(push: Push, chosen: Chosen) -> BatchFile:
    """The number of this push."""
    number = push.store.batches.next_number(push.biller.target)
    day = day_of(chosen.payload)
    return BatchFile(
        id=f"{push.biller.target}-{number:04d}",
        target=push.biller.target,
        number=number,
        file_name="",
        header="{}",
        sha256="",
        made_at=push.now(),
        first_day=day,
        last_day=day,
        mapping_version=push.biller.mapping_version,
        written=True,
    )


def _stretched(push: Push, chosen: Chosen) -> BatchFile | None:
    """The push's batch with the day of one more entry; saved where that changes it."""
    batch, day = push.batch, day_of(chosen.payload)
    if batch is None:
        return None
    wider = replace(batch, first_day=min(batch.first_day, day), last_day=max(batch.last_day, day))
    if wider != batch or push.store.batches.get(batch.id) is None:
        push.store.batches.save(wider)
    return wider


def _asked(biller: Biller, ask: Callable[[], Remote], begun: Submission) -> tuple[Submission, Exception | None]:
    """The one request, and what its answer proves."""
    undone = begun.attempts - 1
    try:
        remote = ask()
    except Refused as no:
        return replace(begun, state=S.REFUSED, reason=clean(str(no), WIDEST), attempts=undone), no
    except (NotDelivered, SignInNeeded) as later:
        return replace(begun, state=S.QUEUED, attempts=undone), later
    except Exception as lost:  # noqa: BLE001 - whatever happened to the answer, the request may have been done
        said = str(lost) if isinstance(lost, AutotimeError) else f"the answer was lost ({type(lost).__name__})"
        unseen = "" if biller.offers.lists else f"; {doubt.UNSEEN}"
        return replace(begun, state=S.IN_DOUBT, reason=clean(said, WIDEST) + unseen), lost
    state = S.SENT if biller.offers.lists else S.HANDED_OVER
    return replace(begun, state=state, receipt=remote.id, version=remote.version), None


def _record(push: Push, ledger: Ledger, after: Submission, earlier: Submission | None = None) -> None:
    """What became of an entry; an earlier one whose place it took stands there no more."""
    with push.store.transaction():
        if earlier is not None:
            voiding.take_back(push.store, earlier)
        push.store.submissions.save(after)
    point("push.recorded")
    ledger.keep(after)
    push.tell(after)
    push.done += 1
    push.progress(push.biller.target, push.done, push.of)


def _count(push: Push, after: Submission) -> None:
    push.doubts = push.doubts + 1 if after.state is S.IN_DOUBT else 0
    if push.doubts == DOUBTS:
        push.stopped = _as_stop(SourceUnavailable(f"{DOUBTS} answers of {push.biller.target} in a row were lost"))


def _wait(push: Push, trouble: Exception | None, waited: float) -> float:
    """Seconds waited as the system asked, or longer each time; the push ends where that would take too long."""
    asked = trouble.wait if isinstance(trouble, NotDelivered) else 0
    pause = asked or min(SLOWEST, max(2.0, waited))
    if isinstance(trouble, SignInNeeded) or waited + pause > push.patience:
        push.stopped = _as_stop(trouble or SourceUnavailable("it cannot be sent now"))
        return 0
    push.sleep(pause)
    return pause


def _read_back(push: Push, ledger: Ledger, sent: Sequence[Submission]) -> None:
    """Holds what was sent against what is there now. Where that cannot be asked, the next sweep does it."""
    if not sent or not push.biller.offers.lists:
        return
    current = [ledger.ours[one.receipt] for one in sent if one.receipt in ledger.ours]
    try:
        there = push.biller.present([json.loads(one.payload) for one in current])
        news = compare(push.store, ledger, current, there, ask=False)
    except (AutotimeError, OSError) as trouble:
        push.stopped = push.stopped or _as_stop(trouble)
        return
    push.lines += news
    point("push.read_back")
