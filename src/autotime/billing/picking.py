"""Which approved entries go into billing next, and why the others do not. Decides; changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol, runtime_checkable

from autotime.billing import anew, binding
from autotime.billing.payload import Payload, payload_of
from autotime.domain.books import Books
from autotime.domain.delivery import DeliveryState, Submission
from autotime.domain.doors import FileBiller
from autotime.domain.entries import TimeEntry
from autotime.domain.errors import Misused, NeedsPerson
from autotime.domain.people import Timekeeper
from autotime.domain.work import Billing
from autotime.store import Store

S = DeliveryState
LIVE = tuple(state for state in S if state not in (S.CANCELLED, S.REFUSED))
NO_PROBLEM = ("skipped", "delivered_elsewhere", "waits_elsewhere")


@runtime_checkable
class Invoicing(Protocol):
    """A biller whose file says more than its lines: what its header misses, with where to set it."""

    def refuse_header(self, header: Mapping[str, object], earlier: Sequence[Mapping[str, object]]) -> list[str]: ...


@runtime_checkable
class Checking(Protocol):
    """A biller that looks at its file before it leaves: what it warns of. ``Refused``: the file is wrong."""

    def checked(self, data: bytes, name: str) -> tuple[str, ...]: ...


@runtime_checkable
class Dropping(Protocol):
    """A biller that names the fields of an entry it has no place for."""

    def drops(self, payload: Payload) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class PushLine:
    """One entry's outcome. ``state``: a ``DeliveryState``, or ``ready`` (a dry run would send it),
    ``skipped`` (this target never takes such time), ``delivered_elsewhere`` or ``waits_elsewhere``."""

    entry_id: str
    state: str
    receipt: str = ""
    reason: str = ""

    @property
    def problem(self) -> bool:
        """A person must do something before this can go."""
        return bool(self.reason) and self.state not in NO_PROBLEM


@dataclass(frozen=True, slots=True)
class Told:
    """What a billing system is told of one entry, by its own field names; ``drops`` are fields of the entry that it
    has no place for."""

    entry_id: str
    fields: Mapping[str, str | int]
    drops: tuple[str, ...] = ()


Bars = Callable[[TimeEntry], str]


def nothing(_entry: TimeEntry) -> str:
    """Bars no entry."""
    return ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for. ``copy``: those other targets bill. ``view``: all, to look at. ``bars`` says why one
    may not go whatever its target, nothing where it may."""

    client: str = ""
    first: date | None = None
    last: date | None = None
    copy: bool = False
    view: bool = False
    bars: Bars = nothing

    def __contains__(self, entry: TimeEntry) -> bool:
        return (
            (not self.client or entry.client == self.client)
            and (self.first is None or entry.day >= self.first)
            and (self.last is None or entry.day <= self.last)
        )

    @property
    def named(self) -> bool:
        """Something was asked for by name, so that silence about it would mislead."""
        return bool(self.client or self.first or self.last)


@dataclass(frozen=True, slots=True)
class Chosen:
    """One entry that can go. A copy has no submission in the store until it is committed."""

    entry: TimeEntry
    submission: Submission
    payload: Payload

    def in_store(self, store: Store, target: str) -> Chosen:
        if self.submission.id:
            return self
        return replace(self, submission=store.submissions.queue(self.entry, target, copy=True))


@dataclass(frozen=True, slots=True)
class Held:
    """One entry that does not go now. ``line.reason`` says why."""

    submission: Submission
    line: PushLine


@dataclass(frozen=True, slots=True)
class Picked:
    """``ready`` in order of lines, ``lines`` for what does not go. ``told``: queued submissions, with the
    reason that is to be recorded."""

    ready: tuple[Chosen, ...]
    lines: tuple[PushLine, ...]
    told: tuple[Submission, ...]
    copies: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """What one push looks things up in."""

    refuse: Callable[[Payload], str]
    bars: Bars
    books: Books
    people: Mapping[str, Timekeeper]
    earlier: Mapping[date, list[anew.Pair]] = field(default_factory=dict)
    billers: Mapping[str, str] = field(default_factory=dict)

    def look(self, entry: TimeEntry, submission: Submission) -> Chosen | Held:
        before, biller = self._before(entry), self._billed_by(entry, submission)
        if biller and not before:
            reason = (
                f"its matter is billed by {biller}: autotime push {biller}, or set billing.target or billing.clients"
            )
            return Held(submission, PushLine(entry.id, "waits_elsewhere", reason=reason))
        unknown = Timekeeper(id=entry.timekeeper, last="")
        payload = payload_of(entry, self.books, self.people.get(entry.timekeeper, unknown))
        reason = self._stale(entry, submission) or before or self.refuse(payload) or self.bars(entry)
        if not reason:
            return Chosen(entry, submission, payload)
        state = "skipped" if entry.billing is Billing.NON_BILLABLE else submission.state.value
        return Held(submission, PushLine(entry.id, state, reason=reason))

    def _billed_by(self, entry: TimeEntry, submission: Submission) -> str:
        """The other target that bills its matter, where none was set for it. What bills nobody may go anywhere."""
        free = submission.target or entry.billing is Billing.NON_BILLABLE
        return "" if free else self.billers.get(entry.matter, "")

    def _before(self, entry: TimeEntry) -> str:
        return anew.in_the_way(entry, self.earlier.get(entry.day, ()))

    def _stale(self, entry: TimeEntry, submission: Submission) -> str:
        """What was approved must be what is there, in books that still agree with it."""
        if not entry.active:
            return "it was taken back"
        if entry.revision != submission.entry_revision:
            return "it was changed after its approval: approve it again"
        matter = self.books.matters.get(entry.matter)
        if matter is None and (entry.matter or entry.billing is not Billing.NON_BILLABLE):
            return f"matter «{entry.matter}» is not in the books: autotime books import FILE.csv"
        if matter is not None and matter.client != entry.client:
            return "its matter has another client since it was approved: undo it and approve it again"
        return ""


def pick(store: Store, biller: FileBiller, header: Mapping[str, object], wanted: Wanted) -> Picked:
    """What goes into the next file. ``NeedsPerson`` where some could go but the header makes no file."""
    return choose(
        store,
        biller.target,
        wanted,
        refuse=lambda payload: biller.refuse(payload, header),
        before=lambda: _refuse_header(store, biller, header, wanted),
    )


def choose(
    store: Store,
    target: str,
    wanted: Wanted,
    *,
    refuse: Callable[[Payload], str],
    before: Callable[[], None] = lambda: None,
    states: tuple[DeliveryState, ...] = (S.QUEUED,),
) -> Picked:
    """Sorts the entries asked for into those that go and those that do not. ``refuse`` says why one cannot;
    ``before`` is done once there is one to look at; ``states`` are those of submissions that may go."""
    books, bills = store.books.load(), not wanted.copy and not wanted.view
    _refuse_askew(books, wanted)
    candidates = _asked(store, _candidates(store, target, wanted, states), wanted)
    unbound = any(not submission.target for _, submission in candidates)
    desk = Desk(
        refuse,
        wanted.bars,
        books,
        store.books.timekeepers(),
        earlier=anew.elsewhere(store, target) if bills else {},
        billers=binding.other_billers(store, target) if bills and unbound else {},
    )
    if candidates:
        before()
    looked = [desk.look(entry, submission) for entry, submission in candidates]
    ready = sorted((one for one in looked if isinstance(one, Chosen)), key=_order)
    held = [one for one in looked if isinstance(one, Held)]
    lines = [one.line for one in held]
    if bills:
        lines += _others(store, target, wanted, tell_all=wanted.named or not candidates)
    return Picked(tuple(ready), tuple(lines), tuple(_told(held)), wanted.copy or wanted.view)


def lost_of(biller: FileBiller, chosen: Sequence[Chosen]) -> tuple[str, ...]:
    """What of these entries a file has no place for, each field once."""
    drops = [name for one in chosen for name in biller.drops(one.payload)] if isinstance(biller, Dropping) else []
    return tuple(dict.fromkeys(drops))


def _order(chosen: Chosen) -> tuple[str, str, date, str]:
    entry = chosen.entry
    return entry.client, entry.matter, entry.day, entry.id


def _told(held: Sequence[Held]) -> Iterator[Submission]:
    for one in held:
        if one.line.problem and one.submission.id and one.submission.reason != one.line.reason:
            yield replace(one.submission, reason=one.line.reason)


# --- what is asked for -------------------------------------------------------------------------------


def _candidates(store: Store, target: str, wanted: Wanted, states: tuple[DeliveryState, ...]) -> list[Submission]:
    if wanted.view:
        return [one for one in store.submissions.in_state(*LIVE) if not one.copy]
    if wanted.copy:
        return _copies(store.submissions.in_state(*LIVE), target)
    queued = store.submissions.in_state(*states)
    return [one for one in queued if not one.copy and one.target in ("", target)]


def _copies(live: Sequence[Submission], target: str) -> list[Submission]:
    """A copy of each entry that another target bills, unless it was made before."""
    made = {one.entry: one for one in live if one.copy and one.target == target}
    waiting = [one for one in made.values() if one.state is S.QUEUED]
    billed = [one for one in live if not one.copy and one.target not in ("", target)]
    return waiting + [
        Submission(
            id="",
            entry=one.entry,
            entry_revision=one.entry_revision,
            state=S.QUEUED,
            target=target,
            copy=True,
        )
        for one in billed
        if one.entry not in made
    ]


def _asked(store: Store, submissions: Sequence[Submission], wanted: Wanted) -> list[tuple[TimeEntry, Submission]]:
    entries = store.entries.many([submission.entry for submission in submissions])
    pairs = [(entries[one.entry], one) for one in submissions if one.entry in entries]
    return [(entry, submission) for entry, submission in pairs if entry in wanted]


def _others(store: Store, target: str, wanted: Wanted, *, tell_all: bool) -> list[PushLine]:
    """What is in doubt here and, if ``tell_all``, what other targets bill."""
    doubtful = store.submissions.in_state(S.IN_DOUBT, target=target)
    live = store.submissions.in_state(*LIVE, S.REFUSED) if tell_all else []
    bound = [one for one in live if not one.copy and one.target not in ("", target)]
    return [_elsewhere(one, target) for _, one in _asked(store, [*doubtful, *bound], wanted)]


def _elsewhere(submission: Submission, target: str) -> PushLine:
    if submission.target == target:
        return PushLine(submission.entry, submission.state, reason=submission.reason)
    waits = submission.state in (S.QUEUED, S.REFUSED)
    state = "waits_elsewhere" if waits else "delivered_elsewhere"
    where = submission.target
    reason = f"{where} will bill it: autotime push {where}" if waits else f"{where} bills it"
    return PushLine(submission.entry, state, submission.receipt, reason)


# --- what makes no file ------------------------------------------------------------------------------


def _refuse_askew(books: Books, wanted: Wanted) -> None:
    """What is asked for must be possible."""
    known = books.clients.keys() | {matter.client for matter in books.matters.values()}
    if wanted.client and wanted.client not in known:
        raise Misused(f"there is no client «{wanted.client}» in the books", hint="autotime books list")
    if wanted.first and wanted.last and wanted.last < wanted.first:
        raise Misused("the last day is before the first", hint="--from FIRST --to LAST")


def _numbered_alike(one: str, other: str, copy: bool) -> bool:
    """Whether two targets share invoice numbers: ``ledes`` and ``ledes-bi`` do. A copy has that of what it copies."""
    return one == other or (not copy and one.partition("-")[0] == other.partition("-")[0])


def _refuse_header(store: Store, biller: FileBiller, header: Mapping[str, object], wanted: Wanted) -> None:
    if not isinstance(biller, Invoicing):
        return
    before = [] if wanted.view else store.batches.all()
    earlier = [
        json.loads(one.header) | {"batch": one.id}
        for one in before
        if _numbered_alike(one.target, biller.target, wanted.copy) and not one.voided
    ]
    problems = biller.refuse_header(header, earlier)
    if problems:
        raise NeedsPerson(
            f"no {biller.target} file can be made:{_listed(problems)}",
            kept="the time stays queued",
            hint=f"put that right and run autotime {'export' if wanted.view else 'push'} {biller.target} again",
        )


def _listed(problems: Sequence[str]) -> str:
    """One on the line itself, several a line each."""
    return f" {problems[0]}" if len(problems) == 1 else "".join(f"\n    {problem}" for problem in problems)
