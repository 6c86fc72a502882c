"""One act of a person: decision, entries, submissions and lessons in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from autotime.domain.decisions import Decision, DecisionKind
from autotime.domain.errors import Misused
from autotime.domain.work import Status, Suggestion
from autotime.failpoints import point
from autotime.office import Office
from autotime.steps.stale import mark_stale
from autotime.steps.suggesting import around, draft, status_after
from autotime.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autotime.domain.delivery import Billed
    from autotime.domain.entries import TimeEntry
    from autotime.review.acts import Act, Edits, SplitPart
    from autotime.review.decide import DayState, Outcome


def decide(office: Office, act: Act) -> Outcome:
    """One act of the timekeeper: decision, entries, submissions and lessons in one transaction."""
    from autotime.review.decide import decide as settle  # noqa: PLC0415

    store = office.store
    point("decide.begin")
    with store.transaction():
        day = day_of(office, act)
        outcome = settle(
            worded(office, act),
            day_state(office, day),
            store.books.load(),
            office.policy_for,
            store.principal,
            office.now,
            store.decisions.next_id(),
        )
        _record(office, day, outcome)
    point("decide.done")
    return outcome


def worded(office: Office, act: Act) -> Act:
    """Words drafted for one matter must not stand on another's bill: where an act moves time to another
    matter and says nothing, its narrative is drafted anew for that matter."""
    from autotime.review import acts  # noqa: PLC0415

    match act:
        case acts.Accept():
            edits = _reworded(office, [act.suggestion], act.edits)
            return replace(act, edits=edits)
        case acts.Merge():
            return replace(act, edits=_reworded(office, [wanted for wanted, _ in act.suggestions], act.edits))
        case acts.Split():
            return replace(act, parts=tuple(_part_worded(office, act.suggestion, part) for part in act.parts))
        case _:
            return act


def _reworded(office: Office, wanted: Sequence[str], edits: Edits) -> Edits:
    shown = [found for one in wanted if (found := office.store.suggestions.get(one))]
    if edits.matter is None or edits.narrative is not None or all(one.matter == edits.matter for one in shown):
        return edits
    return replace(edits, narrative=_drafted(office, shown, edits.matter))


def _part_worded(office: Office, wanted: str, part: SplitPart) -> SplitPart:
    shown = office.store.suggestions.get(wanted)
    if shown is None or part.narrative is not None:
        return part
    return replace(part, narrative=_drafted(office, [shown], part.matter, part.evidence))


def _drafted(office: Office, shown: Sequence[Suggestion], number: str, only: Sequence[str] = ()) -> str | None:
    """The words for another matter; none where the text behind is gone."""
    from autotime.classifiers import narrative  # noqa: PLC0415

    books = office.store.books.load()
    matter = books.matters.get(number)
    ids = [item for one in shown for item in one.evidence_ids if not only or item in only]
    evidence = list(office.store.evidence.get(ids).values())
    owned = {item: spans for one in shown for item, spans in one.owned.items() if item in ids}
    return narrative.draft(evidence, owned, matter, office.timekeeper, books) if evidence and matter else None


def _record(office: Office, day: date, outcome: Outcome) -> None:
    from autotime.training.examples import lessons  # noqa: PLC0415

    store, decision = office.store, outcome.decision
    matters = store.books.load().matters
    store.decisions.append(decision, day)
    for entry in outcome.voided:
        store.entries.void(entry, decision.id)
    for made in outcome.entries:
        store.entries.add(made)
        store.submissions.queue(made, office.settings.billing.target_for(matters.get(made.matter)))
    if decision.kind is DecisionKind.UNDONE:
        store.examples.retract(decision.undoes)
        draft(office, day, around(office, day))
        return
    store.examples.add(lessons(decision, outcome.entries, store.evidence.get(_evidence_of(decision))))
    if decision.kind is DecisionKind.DISMISSED:
        mark_stale(store, [day])  # what the dismissed stretch had covered may be somebody else's
    for shown in decision.shown:
        _set_status(store, shown, status_after(decision.kind))


def _evidence_of(decision: Decision) -> list[str]:
    return [evidence for shown in decision.shown for evidence in shown.evidence_ids]


def _set_status(store: Store, shown: Suggestion, status: Status) -> None:
    listed = store.suggestions.on(shown.day)
    store.suggestions.replace_day(
        shown.day, [replace(item, status=status) if item.id == shown.id else item for item in listed]
    )


def day_state(office: Office, day: date) -> DayState:
    """What a decision about this day must know."""
    from autotime.review.decide import DayState  # noqa: PLC0415
    from autotime.review.elsewhere import by_matter  # noqa: PLC0415

    store = office.store
    listed, entries = store.suggestions.on(day), store.entries.on(day)
    return DayState(
        day=day,
        zone=office.timekeeper.zone_on(day),
        suggestions={item.id: item for item in listed},
        entries=entries,
        decisions=store.decisions.on(day),
        evidence_seconds=sum(item.ceiling_seconds for item in listed),
        elsewhere=by_matter(billed_on(store, day, entries)),
    )


def billed_on(store: Store, day: date, entries: Sequence[TimeEntry]) -> tuple[Billed, ...]:
    """What stands in billing of a day and was not sent from here. An entry of ours that was imported while it was
    on its way is known by its receipt."""
    sent = {(one.target, one.receipt) for entry in entries for one in store.submissions.of_entry(entry.id)}
    return tuple(one for one in store.billed.on(day) if (one.target, one.remote) not in sent)


def day_of(office: Office, act: Act) -> date:
    """The local day an act is about: its suggestion's, its own, or that of what it takes back."""
    from autotime.review import acts  # noqa: PLC0415

    store = office.store
    match act:
        case acts.Add():
            return act.day
        case acts.Undo():
            return _day_undone(store, act.decision)
        case acts.Merge():
            wanted = act.suggestions[0][0]
        case _:
            wanted = act.suggestion
    suggestion = store.suggestions.get(wanted)
    if suggestion is None:
        raise Misused(f"no suggestion {wanted}", hint="autotime suggestions --date YYYY-MM-DD")
    return suggestion.day


def _day_undone(store: Store, wanted: str) -> date:
    """The day of the decision to take back; of the latest that still stands where none is named."""
    latest = store.decisions.last_standing()
    named = wanted or (latest.id if latest else "")
    day = store.decisions.day_of(named) if named else None
    if day is None:
        raise Misused(f"no decision {wanted}" if wanted else "there is nothing to undo")
    return day
