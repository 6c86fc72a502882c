"""What a person means by a key: changes that stay at the desk, acts to carry out, what became of them. Pure.

Changes to a suggestion stay at the desk until it is accepted. What the rules would refuse is said at
once and not tried; what they decide in the end is decided behind the desk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autotime.classifiers import codes, narrative
from autotime.domain.decisions import DecisionKind, DismissReason
from autotime.domain.errors import AutotimeError
from autotime.domain.work import Status, Suggestion
from autotime.review import words
from autotime.review.acts import Accept, Act, Defer, Dismiss, Edits, Merge, Split, Undo
from autotime.review.desk import Desk, Message, at, looked_at, pieces, refused, said, seen
from autotime.review.rows import Standing
from autotime.review.view import DayView, Decided, foreseen, safe


@dataclass(frozen=True, slots=True)
class Meant:
    """What a key means: the desk that follows, and the acts to carry out together."""

    desk: Desk
    acts: tuple[Act, ...] = ()


# --- changing ---


def nudged(desk: Desk, increments: int) -> Desk:
    """Minutes up or down by the increment; never below one minute. More than shown is a statement."""
    one, row = desk.suggestion, desk.current
    if one is None or row is None:
        return _nothing_open(desk)
    worked = row.worked_seconds or (row.billed_minutes * 60 if one.status is Status.OFFERED else 0)
    seconds = max(worked + increments * one.increment_minutes * 60, 60)
    edits = replace(_edits(desk, one), worked_seconds=None if seconds == one.seconds else seconds)
    return changed(desk, {one.id: edits})


def reassigned(desk: Desk, matter: str) -> Desk:
    """Another matter for what is chosen, with codes and words drafted anew for it."""
    if not desk.chosen:
        return _nothing_open(desk)
    edits = {one.id: redrafted(desk.view, one, matter, _edits(desk, one)) for one in desk.chosen}
    return changed(replace(desk, marks=frozenset()), edits)


def changed(desk: Desk, edits: Mapping[str, Edits]) -> Desk:
    """Changes by suggestion, kept at the desk until it is accepted; what would be refused is said at once."""
    kept = {key: made for key, made in {**desk.edits, **edits}.items() if made}
    fresh = replace(desk, edits=kept, cursor=looked_at(desk))
    trouble = [outcome for key in edits if isinstance(outcome := _would(fresh, key), AutotimeError)]
    if trouble:
        return refused(fresh, trouble[0])
    return said(fresh, "changed, not yet approved: a accepts it so, = takes the change back")


def unchanged(desk: Desk) -> Desk:
    """As it was drafted."""
    gone = {one.id for one in desk.chosen}
    kept = {key: made for key, made in desk.edits.items() if key not in gone}
    return said(replace(desk, edits=kept, cursor=looked_at(desk)), "as drafted")


def _would(desk: Desk, key: str) -> object:
    one = desk.view.suggestion(key)
    return foreseen(desk.view, _accept(desk, one)) if one else None


def _edits(desk: Desk, one: Suggestion) -> Edits:
    return desk.edits.get(one.id, Edits())


def redrafted(view: DayView, one: Suggestion, matter: str, before: Edits) -> Edits:
    """Edits for another matter. Words drafted for one client must not stand on another's bill."""
    if matter == one.matter:
        return replace(before, matter=None, task_code=None, activity_code=None, narrative=None)
    behind, known = pieces(view, one.evidence_ids), view.matter(matter)
    if not behind:
        return replace(before, matter=matter)
    return replace(
        before,
        matter=matter,
        task_code=_new(codes.task_code(behind, known, view.books), one.task_code),
        activity_code=_new(codes.activity_code(behind, view.timekeeper, known, view.books), one.activity_code),
        narrative=_new(narrative.draft(behind, one.owned, known, view.timekeeper, view.books), one.narrative),
    )


def _new(drafted: str, shown: str) -> str | None:
    return None if drafted == shown else drafted


# --- deciding ---


def accept(desk: Desk) -> Meant:
    """Approves what is chosen, as it is shown: with the changes made here."""
    return _deciding(desk, [_accept(desk, one) for one in desk.chosen])


def accept_safe(desk: Desk) -> tuple[Suggestion, ...]:
    """What accept-all would take: what is safe, was not changed here, and is among the rows shown."""
    shown = {row.key for row in desk.rows if row.standing is Standing.REVIEW}
    return tuple(one for one in safe(desk.view) if one.id in shown)


def accept_all(desk: Desk, taken: Sequence[Suggestion]) -> Meant:
    return _deciding(desk, [Accept(one.id, one.revision, bulk=True) for one in taken])


def accept_edited(desk: Desk, one: Suggestion, edits: Edits) -> Meant:
    return _deciding(desk, [accepting(one, edits)])


def dismiss(desk: Desk, reason: DismissReason) -> Meant:
    return _deciding(desk, [Dismiss(one.id, one.revision, reason) for one in desk.chosen])


def defer(desk: Desk) -> Meant:
    return _deciding(desk, [Defer(one.id, one.revision) for one in desk.chosen])


def act(desk: Desk, meant: Act) -> Meant:
    """An act that a form has put together."""
    return _deciding(desk, [meant])


def undo(desk: Desk) -> Meant:
    """Takes back what the last key here did; before that, the last decision that stands."""
    if not desk.done:
        return Meant(desk, (Undo(),))
    *before, last = desk.done
    return Meant(replace(desk, done=tuple(before)), tuple(Undo(decision) for decision in reversed(last)))


def accepting(one: Suggestion, edits: Edits) -> Accept:
    return Accept(one.id, one.revision, edits)


def _accept(desk: Desk, one: Suggestion) -> Accept:
    return accepting(one, _edits(desk, one))


def _deciding(desk: Desk, acts: Sequence[Act]) -> Meant:
    """The desk while the acts are carried out: on to the next row. What the rules refuse is not tried."""
    if not acts:
        return Meant(_nothing_open(desk))
    for meant in acts:
        outcome = foreseen(desk.view, meant)
        if isinstance(outcome, AutotimeError):
            return Meant(refused(desk, outcome))
    keys = frozenset(key for meant in acts for key in _about(meant))
    waiting = replace(desk, deciding=desk.deciding | keys, marks=desk.marks - keys, message=Message())
    return Meant(_on(replace(waiting, cursor=looked_at(desk))) if keys else waiting, tuple(acts))


def _about(meant: Act) -> tuple[str, ...]:
    match meant:
        case Accept() | Dismiss() | Defer() | Split():
            return (meant.suggestion,)
        case Merge():
            return tuple(key for key, _ in meant.suggestions)
        case _:
            return ()


def _on(desk: Desk) -> Desk:
    """Looking at the next row that waits, if the one looked at does not."""
    if desk.suggestion:
        return desk
    after = [*desk.rows[desk.place :], *desk.rows[: desk.place]]
    return at(desk, next((row.key for row in after if row.standing in WAITING), looked_at(desk)))


WAITING = (Standing.REVIEW, Standing.CHANGED, Standing.OFFER)


def _nothing_open(desk: Desk) -> Desk:
    return said(desk, "nothing here is still to decide: u takes the last decision back", trouble=True)


def settled(desk: Desk, acts: Sequence[Act], view: DayView, decided: Sequence[Decided]) -> Desk:
    """Behind acts: what stands now, what became of them, and on to the next row that waits."""
    about = {key for meant in acts for key in _about(meant)}
    made = tuple(one.outcome.decision.id for one in decided if one.undone is None)
    done = (*desk.done, made) if made else desk.done
    fresh = seen(replace(desk, done=done, deciding=desk.deciding - about), view)
    undone = next((one.undone for one in reversed(decided) if one.undone), None)
    if undone:
        back = {one.id for one in undone.shown}
        fresh = at(fresh, next((row.key for row in fresh.rows if row.key in back), looked_at(fresh)))
    return said(fresh if undone else _on(fresh), _told(decided))


def failed(desk: Desk, acts: Sequence[Act], view: DayView, decided: Sequence[Decided], error: AutotimeError) -> Desk:
    """Behind acts of which one was refused: what stands now, and why. Acts after it were not tried."""
    return refused(settled(desk, acts, view, decided), error)


def _told(decided: Sequence[Decided]) -> str:
    """What became of the acts, in one line."""
    entries = [entry for one in decided for entry in one.outcome.entries]
    warnings = dict.fromkeys(warning for one in decided for warning in one.outcome.warnings)
    kinds = [_kind(one) for one in decided]
    text = ", ".join(dict.fromkeys(kinds))
    if len(decided) > 1:
        text = f"{len(decided)} {text}"
    if entries:
        text += f": bills {words.hours(sum(entry.billed_minutes for entry in entries))} h"
    return " · ".join([text, *warnings])


def _kind(one: Decided) -> str:
    made = one.outcome.decision
    if made.kind is DecisionKind.UNDONE and one.undone:
        return f"taken back (was {one.undone.kind.value})"
    return f"{made.kind.value} ({made.reason.replace('_', ' ')})" if made.reason else made.kind.value
