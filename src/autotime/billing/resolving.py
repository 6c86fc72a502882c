"""What a person must settle between this store and a billing system: the cases, and what each answer does.

::

    doubt       it may be there or not       claim · again · acknowledge
    duplicate   it is there more than once   acknowledge (or remove it there)
    drift       it is otherwise there        change · accept
    removed     it is gone there             again
    foreign     time of a day that waits     acknowledge · claim, where it says the same as ours

Every answer is on the audit record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from autotime.billing import doubt
from autotime.billing.payload import Payload, canonical, sha256
from autotime.billing.picking import Chosen, Wanted, choose
from autotime.billing.preflight import is_ours
from autotime.billing.sweep import sweep
from autotime.billing.there import STANDS, Ledger, found_as, frozen, is_same, ledger_of, print_of, stretches
from autotime.billing.voiding import take_back
from autotime.domain.books import Thing
from autotime.domain.delivery import Billed, DeliveryState, Remote, Submission
from autotime.domain.doors import Biller
from autotime.domain.errors import Misused, Stale
from autotime.failpoints import point
from autotime.store import Store

S = DeliveryState
TROUBLED = (S.DUPLICATE_FOUND, S.DRIFTED)
ACKNOWLEDGED = "acknowledged"
BOTH = 2
"""Ours and one twin."""


class Kind(StrEnum):
    DOUBT = "doubt"
    DUPLICATE = "duplicate"
    DRIFT = "drift"
    REMOVED = "removed"
    FOREIGN = "foreign"


class Answer(StrEnum):
    """``claim``: that one there is ours. ``again``: it is not there, send it once more. ``acknowledge``: that one
    there is other work. ``change``: make it there as it was approved. ``accept``: it may stand there as it is.
    ``leave``: nothing is done now."""

    CLAIM = "claim"
    AGAIN = "again"
    ACKNOWLEDGE = "acknowledge"
    CHANGE = "change"
    ACCEPT = "accept"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Case:
    """Ours beside what stands there. ``ours`` is empty where the case is about none of ours; ``submission`` is
    ``None`` then. ``settles``: a request may still arrive, so that nothing can be sent again yet."""

    kind: Kind
    target: str
    reason: str
    submission: Submission | None
    ours: Payload
    there: tuple[Remote, ...]
    answers: tuple[Answer, ...]
    settles: bool = False


def cases(store: Store, biller: Biller, now: int, first: date | None = None) -> list[Case]:
    """All there is to settle, after looking at what was sent of late, or for the days from ``first`` on. What has
    settled itself meanwhile is recorded and left out."""
    doubt.look(store, biller, now)
    if not biller.offers.lists:
        return [_unseen(biller, one, now) for one in store.submissions.in_state(S.IN_DOUBT, target=biller.target)]
    sweep(store, biller, now, first)
    ledger = ledger_of(store, biller)
    return [*_doubts(ledger, now), *_troubled(store, ledger), *_foreign(store, ledger), *_removed(store, biller.target)]


def _unseen(biller: Biller, submission: Submission, now: int) -> Case:
    settles = not doubt.is_due(submission, now)
    answers = (Answer.CLAIM, *(() if settles else (Answer.AGAIN,)), Answer.LEAVE)
    ours = frozen(submission)
    return Case(Kind.DOUBT, biller.target, submission.reason, submission, ours, (), answers, settles)


def _doubts(ledger: Ledger, now: int) -> Iterator[Case]:
    for group in stretches((frozen(one), one) for one in ledger.sought):
        there = ledger.biller.present([payload for payload, _ in group])
        for payload, one in group:
            seen = (*ledger.fresh(one, there), *ledger.imported(one, there))
            settles = now - one.sent_at < doubt.SETTLE
            answers = (*((Answer.CLAIM, Answer.ACKNOWLEDGE) if seen else ()), *(() if settles else (Answer.AGAIN,)))
            yield Case(
                Kind.DOUBT, one.target, one.reason, one, payload, seen, (*answers, Answer.LEAVE), settles=settles
            )


def _troubled(store: Store, ledger: Ledger) -> Iterator[Case]:
    troubled = store.submissions.in_state(*TROUBLED, target=ledger.biller.target)
    for group in stretches((frozen(one), one) for one in troubled):
        there = ledger.biller.present([payload for payload, _ in group])
        for payload, one in group:
            mine = [row for row in there if row.id == one.receipt]
            if one.state is S.DUPLICATE_FOUND:
                twins = ledger.twins(one, there)
                yield _case(Kind.DUPLICATE, one, payload, [*mine, *twins], Answer.ACKNOWLEDGE)
            else:
                yield _case(Kind.DRIFT, one, payload, mine, *_ways_out(store, ledger.biller, one, mine))


def _ways_out(store: Store, biller: Biller, one: Submission, mine: Sequence[Remote]) -> Iterator[Answer]:
    """What a person may do about an entry that stands there otherwise. Nothing here vouches for what was taken back."""
    if not mine or not _stands_here(store, one):
        return
    if biller.offers.updates and not mine[0].billed:
        yield Answer.CHANGE
    yield Answer.ACCEPT


def _case(kind: Kind, one: Submission, payload: Payload, there: Sequence[Remote], *answers: Answer) -> Case:
    return Case(kind, one.target, one.reason, one, payload, tuple(there), (*answers, Answer.LEAVE))


def _removed(store: Store, target: str) -> Iterator[Case]:
    """What was taken back here too is settled."""
    gone = store.submissions.in_state(S.REMOVED_THERE, target=target)
    return (_case(Kind.REMOVED, one, frozen(one), (), Answer.AGAIN) for one in gone if _stands_here(store, one))


def _stands_here(store: Store, submission: Submission) -> bool:
    entry = store.entries.get(submission.entry)
    return entry is not None and entry.active


def _foreign(store: Store, ledger: Ledger) -> Iterator[Case]:
    """Time that keeps the days of what waits from going, once each."""
    biller, told = ledger.biller, set()
    waiting = choose(store, biller.target, Wanted(), refuse=lambda _: "", states=(S.QUEUED, S.REFUSED)).ready
    for group in stretches((one.payload, one) for one in waiting):
        there = biller.present([payload for payload, _ in group])
        for payload, _ in group:
            for row in ledger.unexplained(payload, there):
                if row.id not in told and not is_ours(ledger, payload, row):
                    told.add(row.id)
                    yield _foreign_case(biller, [chosen for _, chosen in group], row)


def _foreign_case(biller: Biller, waiting: Sequence[Chosen], row: Remote) -> Case:
    same = next((one for one in waiting if is_same(biller, one.payload, row)), None)
    reason = f"{row.id} of {row.day} was not sent from here"
    if same is None:
        return Case(Kind.FOREIGN, biller.target, reason, None, {}, (row,), (Answer.ACKNOWLEDGE, Answer.LEAVE))
    text = canonical(same.payload)
    ours = replace(same.submission, target=biller.target, payload=text, payload_hash=sha256(text))
    answers = (Answer.CLAIM, Answer.ACKNOWLEDGE, Answer.LEAVE)
    return Case(
        Kind.FOREIGN, biller.target, f"{reason}, and says the same as ours", ours, same.payload, (row,), answers
    )


# --- answers -----------------------------------------------------------------------------------------


def settle(store: Store, biller: Biller, case: Case, answer: Answer, remote: str, now: int) -> None:
    """Does what a person answered; ``remote`` names which one there, where the answer is about one of several.

    ``Misused`` for an answer the case does not offer; ``Stale`` where the case is another since it was shown;
    ``Refused``, ``InDoubt`` and the like where ``change`` failed.
    """
    if answer not in case.answers:
        raise Misused(f"this case cannot be answered with «{answer}»", hint=f"one of: {', '.join(case.answers)}")
    _refuse_stale(store, case)
    row = _named(case, answer, remote)
    if answer is Answer.CLAIM and row:
        _refuse_taken(store, case, row)
    changed = biller.change(row, case.ours) if answer is Answer.CHANGE and row else None
    point("resolve.answered")
    with store.transaction():
        thing = case.submission.id if case.submission else f"{case.target} {row.id if row else ''}"
        said = {"kind": case.kind, "answer": answer, "remote": row.id if row else "", "at": now}
        store.audit.append(f"resolve.{answer}", thing, canonical(said))
        _done(store, biller, case, answer, changed or row, now)
    point("resolve.recorded")


def _refuse_stale(store: Store, case: Case) -> None:
    """A person thinks for a while; a night may have settled it meanwhile."""
    shown = case.submission
    if shown is None:
        return
    current = store.submissions.get(shown.id)
    if current is None or any(
        getattr(current, name) != getattr(shown, name) for name in ("state", "receipt", "attempts")
    ):
        raise Stale("it has changed since it was shown", kept="nothing was changed", hint="autotime resolve")


def _refuse_taken(store: Store, case: Case, row: Remote) -> None:
    """One there is one of ours."""
    delivered = store.submissions.in_state(*STANDS, S.REMOVED_THERE, target=case.target)
    if any(one.receipt == row.id for one in delivered if case.submission is None or one.id != case.submission.id):
        raise Stale(
            f"{row.id} was claimed for another entry since it was shown",
            kept="nothing was changed",
            hint=f"autotime resolve {case.target}",
        )


def _named(case: Case, answer: Answer, remote: str) -> Remote | None:
    ours = case.submission.receipt if case.submission else ""
    meant = [row for row in case.there if row.id != ours] if answer is Answer.ACKNOWLEDGE else list(case.there)
    found = [row for row in meant if row.id == remote or (not remote and len(meant) == 1)]
    if not found and case.there and answer in (Answer.CLAIM, Answer.ACKNOWLEDGE, Answer.CHANGE, Answer.ACCEPT):
        raise Misused("which one there is meant?", hint=f"one of: {', '.join(row.id for row in meant)}")
    return found[0] if found else None


def _done(store: Store, biller: Biller, case: Case, answer: Answer, row: Remote | None, now: int) -> None:
    ours = case.submission
    match answer:
        case Answer.CLAIM if ours and row is None:
            store.submissions.save(replace(ours, state=S.HANDED_OVER, reason=""))
        case Answer.CLAIM | Answer.CHANGE if ours and row:
            store.billed.forget(case.target, [row.id])
            store.submissions.save(replace(found_as(ours, row, biller), sent_at=ours.sent_at or now))
        case Answer.ACCEPT if ours and row:
            store.submissions.save(replace(ours, state=S.SENT, reason="", accepted=print_of(row)))
        case Answer.AGAIN if ours and ours.state is S.REMOVED_THERE:
            take_back(store, ours)
        case Answer.AGAIN if ours:
            store.submissions.save(replace(ours, state=S.QUEUED, reason=""))
        case Answer.ACKNOWLEDGE if row:
            _acknowledge(store, case, row)
        case _:
            pass


def _acknowledge(store: Store, case: Case, row: Remote) -> None:
    """It is other work: it no longer stands in the way, and a twin no more."""
    keys = store.systems.keys(case.target)
    store.billed.upsert([_billed(case.target, row, keys.key(Thing.MATTER, row.matter))])
    ours = case.submission
    if ours is not None and ours.state is S.DUPLICATE_FOUND and len(case.there) <= BOTH:
        store.submissions.save(replace(ours, state=S.SENT, reason=""))


def _billed(target: str, row: Remote, matter: str) -> Billed:
    return Billed(
        target=target,
        remote=row.id,
        day=row.day,
        matter=matter,
        seconds=row.seconds,
        narrative=row.narrative,
        task_code=row.task_code,
        activity_code=row.activity_code,
        rate=row.rate,
        billing=row.billing,
        status=ACKNOWLEDGED,
    )
