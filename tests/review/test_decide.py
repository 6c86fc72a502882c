"""Each act: what it leads to, and why it is refused. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from autotime.domain.books import MatterStatus
from autotime.domain.decisions import Decision, DecisionKind, DismissReason
from autotime.domain.entries import Origin, TimeEntry, Unplaced
from autotime.domain.errors import Misused, NotAllowed, Stale
from autotime.domain.matching import NOT_BILLABLE
from autotime.domain.people import Principal
from autotime.domain.policy import Policy
from autotime.domain.spans import Span
from autotime.domain.work import Billing, Part, Status, Suggestion
from autotime.drafting import draft_day
from autotime.review.acts import Accept, Act, Add, Defer, Dismiss, Edits, Merge, Split, SplitPart, Undo
from autotime.review.decide import DayState, Outcome, decide, safe_for_bulk
from autotime.timeline.days import instant_at, local_day
from tests.timeline.drafted import BOOKS, DAY, NOON_AFTER, day_of
from tests.timeline.seen import MORNING, call, received

HOUR = 3_600
ZONE = "America/Chicago"
SEEN = (
    call("a", MORNING, 1_800, subject="Motion to strike"),
    call("b", MORNING + HOUR, 900, subject="Motion to strike"),
    call("c", MORNING + 2 * HOUR, 600, subject="Dock"),
    received("r", MORNING, thread="x"),
)
LONG, DOCK, READ = draft_day(day_of(SEEN, {"c": "100-2", "r": "200-1"}))
"""45 minutes of two calls, ten minutes of one, and an offer."""


def state(
    shown: Sequence[Suggestion] = (LONG, DOCK, READ),
    entries: Sequence[TimeEntry] = (),
    decisions: Sequence[Decision] = (),
) -> DayState:
    evidence = sum(one.ceiling_seconds for one in shown)
    return DayState(DAY, ZONE, {one.id: one for one in shown}, entries, decisions, evidence)


def done(act: Act, at: DayState | None = None, policy: Policy | None = None, books: Any = BOOKS) -> Outcome:
    chosen = policy or Policy()
    who = Principal("AOK", "assistant")
    return decide(act, at or state(), books, lambda matter: chosen, who, NOON_AFTER, "d7")


def one(outcome: Outcome) -> TimeEntry:
    (entry,) = outcome.entries
    return entry


def accept(shown: Suggestion, **edits: Any) -> Accept:
    return Accept(shown.id, shown.revision, Edits(**edits))


def test_accepting_places_what_was_shown_under_its_evidence() -> None:
    entry = one(done(accept(LONG)))
    assert (entry.matter, entry.client, entry.worked_seconds, entry.billed_minutes) == ("100-1", "HARROW", 2_700, 48)
    assert entry.spans == LONG.spans
    assert {placed.evidence for placed in entry.placed} == {item.id for item in SEEN[:2]}
    assert {placed.origin for placed in entry.placed} == {Origin.EVIDENCE}
    assert (entry.suggestion, entry.suggestion_revision, entry.evidence) == (LONG.id, LONG.revision, LONG.evidence)
    assert (entry.increment_minutes, entry.rounding, entry.unplaced) == (6, "up", ())


def test_the_decision_says_who_when_and_about_exactly_what() -> None:
    """A delegate acts for the timekeeper; each piece of evidence is labelled."""
    made = done(accept(LONG)).decision
    assert (made.kind, made.actor, made.at, made.id) == (DecisionKind.ACCEPTED, "assistant", NOON_AFTER, "d7")
    assert made.shown == (LONG,)
    assert dict(made.labels) == dict.fromkeys(LONG.evidence_ids, "100-1")
    assert one(done(accept(LONG))).timekeeper == "AOK"


def test_fewer_minutes_leave_from_the_front() -> None:
    entry = one(done(accept(LONG, worked_seconds=1_000)))
    assert entry.spans == (Span(MORNING + 1_700, MORNING + 1_800), Span(MORNING + HOUR, MORNING + HOUR + 900))
    assert entry.unplaced == ()


def test_more_minutes_are_the_persons_statement_without_a_place() -> None:
    outcome = done(accept(LONG, worked_seconds=3_600))
    assert (one(outcome).spans, one(outcome).unplaced) == (LONG.spans, (Unplaced(900, Origin.EDIT),))
    assert outcome.warnings == ("more than the day's evidence shows: recorded as your statement",)


def test_another_matter_is_a_reassignment_and_other_changes_are_edits() -> None:
    moved = done(accept(LONG, matter="200-1"))
    assert (moved.decision.kind, moved.decision.matter, one(moved).client) == (DecisionKind.REASSIGNED, "200-1", "SOLO")
    assert one(moved).task_code == ""
    words = done(accept(LONG, matter="200-1", narrative="Imprint", task_code="", activity_code="A106"))
    assert words.decision.kind is DecisionKind.REASSIGNED
    for edits in ({"worked_seconds": 60}, {"narrative": "x"}, {"matter": "200-1", "billing": Billing.NO_CHARGE}):
        assert done(accept(LONG, **edits)).decision.kind is DecisionKind.EDITED


def test_an_offer_that_was_read_is_six_minutes_of_statement() -> None:
    entry = one(done(accept(READ)))
    assert (entry.placed, entry.unplaced, entry.billed_minutes) == ((), (Unplaced(360, Origin.MANUAL),), 6)
    assert one(done(accept(READ, worked_seconds=720))).unplaced == (Unplaced(720, Origin.MANUAL),)


def test_what_was_put_aside_can_still_be_accepted() -> None:
    aside = replace(LONG, status=Status.DEFERRED)
    assert one(done(accept(aside), state((aside,)))).worked_seconds == 2_700


def test_a_matter_picked_for_what_was_nobodys_makes_it_billable() -> None:
    personal = replace(LONG, matter="", billing=Billing.NON_BILLABLE)
    assert one(done(accept(personal, matter="100-1"), state((personal,)))).billing is Billing.BILLABLE


def test_parts_of_a_matter_day_go_with_the_entry_and_follow_its_minutes() -> None:
    whole = replace(LONG, parts=(Part("Call", 1_800), Part("Draft", 900)))
    for seconds, told in ((2_700, (1_800, 900)), (3_000, (1_800, 1_200)), (1_000, (100, 900))):
        entry = one(done(accept(whole, worked_seconds=seconds), state((whole,))))
        assert tuple(part.seconds for part in entry.parts) == told
        assert {part.suggestion for part in entry.parts} == {whole.id}


@pytest.mark.parametrize("reason", list(DismissReason))
def test_a_dismissal_makes_no_entry_and_teaches_only_what_it_says(reason: DismissReason) -> None:
    outcome = done(Dismiss(LONG.id, LONG.revision, reason))
    assert (outcome.entries, outcome.decision.kind, outcome.decision.reason) == (
        (),
        DecisionKind.DISMISSED,
        reason.value,
    )
    teaches = reason in (DismissReason.PERSONAL, DismissReason.NOT_BILLABLE)
    assert dict(outcome.decision.labels) == (dict.fromkeys(LONG.evidence_ids, NOT_BILLABLE) if teaches else {})


def test_what_is_put_aside_makes_nothing_and_teaches_nothing() -> None:
    outcome = done(Defer(LONG.id, LONG.revision))
    assert (outcome.entries, outcome.decision.kind, outcome.decision.labels) == ((), DecisionKind.DEFERRED, ())


def test_added_time_is_a_statement_with_or_without_a_place() -> None:
    court = Add(DAY, "100-1", 3 * HOUR, "Attend trial")
    assert one(done(court)).unplaced == (Unplaced(3 * HOUR, Origin.MANUAL),)
    placed = one(done(replace(court, start=instant_at(DAY, "13:00", ZONE), travel=True, origin=Origin.TIMER)))
    assert (placed.placed[0].span.seconds, placed.placed[0].origin, placed.travel) == (3 * HOUR, Origin.TIMER, True)
    assert done(court).decision.kind is DecisionKind.ADDED


def test_a_split_by_evidence_gives_each_part_its_own_time() -> None:
    first, second = (item.id for item in SEEN[:2])
    parts = (SplitPart("100-1", (first,)), SplitPart("200-1", (second,), narrative="Imprint"))
    outcome = done(Split(LONG.id, LONG.revision, parts))
    assert [(made.matter, made.worked_seconds) for made in outcome.entries] == [("100-1", 1_800), ("200-1", 900)]
    assert dict(outcome.decision.labels) == {first: "100-1", second: "200-1"}
    assert len({entry.id for entry in outcome.entries}) == 2


def test_a_split_by_minutes_is_in_order_of_time() -> None:
    parts = (SplitPart("100-1", seconds=2_000), SplitPart("200-1", seconds=700))
    first, second = done(Split(LONG.id, LONG.revision, parts)).entries
    assert (first.worked_seconds, second.worked_seconds) == (2_000, 700)
    assert first.spans[-1].end == second.spans[0].start


def test_a_merge_is_one_entry_with_parts_rounded_once() -> None:
    pair = ((LONG.id, LONG.revision), (DOCK.id, DOCK.revision))
    outcome = done(Merge(pair, Edits(matter="100-1")))
    entry = one(outcome)
    assert (entry.worked_seconds, entry.billed_minutes) == (3_300, 60)
    assert [(part.seconds, part.suggestion) for part in entry.parts] == [(2_700, LONG.id), (600, DOCK.id)]
    assert outcome.decision.shown == (LONG, DOCK)
    assert entry.parts[1].narrative == entry.narrative, "words drafted for another matter do not go along"


def test_an_undo_voids_what_the_decision_made() -> None:
    made = done(accept(LONG))
    taken = done(Undo(), state(entries=made.entries, decisions=[made.decision]))
    assert (taken.voided, taken.decision.kind, taken.decision.undoes) == ((one(made).id,), DecisionKind.UNDONE, "d7")


def test_an_undo_takes_the_last_decision_that_stands_or_the_one_named() -> None:
    decisions = [Decision(id=f"d{n}", kind=DecisionKind.DEFERRED, actor="a", at=1) for n in (1, 2, 10)]
    assert done(Undo(), state(decisions=decisions)).decision.undoes == "d10"
    assert done(Undo("d2"), state(decisions=decisions)).decision.undoes == "d2"
    gone = [*decisions, Decision(id="d11", kind=DecisionKind.UNDONE, actor="a", at=1, undoes="d10")]
    assert done(Undo(), state(decisions=gone)).decision.undoes == "d2"
    for wanted in ("d10", "d11", "d99"):
        with pytest.raises(Misused, match="cannot be undone"):
            done(Undo(wanted), state(decisions=gone))


PARTED = (SplitPart("100-1", seconds=60), SplitPart("200-1", seconds=60))
PAIR = ((LONG.id, LONG.revision), (DOCK.id, DOCK.revision))


@pytest.mark.parametrize(
    ("act", "error", "says"),
    [
        (Accept("s0", "x"), Stale, "no suggestion s0"),
        (Accept(LONG.id, "older"), Stale, "changed since"),
        (Dismiss(LONG.id, "older", DismissReason.WRONG), Stale, "changed since"),
        (Defer(LONG.id, "older"), Stale, "changed since"),
        (accept(LONG, worked_seconds=0), NotAllowed, "needs time"),
        (accept(LONG, worked_seconds=-5), NotAllowed, "needs time"),
        (accept(LONG, narrative=" \u202e "), NotAllowed, "what was done"),
        (accept(LONG, narrative="a" * 4001), NotAllowed, "longer than 4000 characters"),
        (accept(LONG, matter=""), NotAllowed, "no matter"),
        (accept(LONG, matter="999"), NotAllowed, "no matter 999"),
        (accept(LONG, task_code="P400"), NotAllowed, "not in the litigation code set"),
        (accept(LONG, activity_code="A199"), NotAllowed, "no activity code A199"),
        (accept(LONG, worked_seconds=25 * HOUR), NotAllowed, "it has 24"),
        (Add(DAY, "100-1", 0, "x"), Misused, "needs time"),
        (Add(DAY, "100-1", 60, "x", start=local_day(DAY, ZONE).start - 60), NotAllowed, "not within"),
        (Add(DAY, "100-1", 120, "x", start=local_day(DAY, ZONE).end - 60), NotAllowed, "not within"),
        (Split(LONG.id, LONG.revision, PARTED[:1]), Misused, "at least two"),
        (Split(LONG.id, LONG.revision, (SplitPart("100-1", seconds=2_700), PARTED[1])), Misused, "at most 45 min"),
        (Split(LONG.id, LONG.revision, (PARTED[0], SplitPart("100-1"))), Misused, "each some"),
        (Split(LONG.id, LONG.revision, (SplitPart("100-1", (SEEN[0].id,)),) * 2), Misused, "goes to one part"),
        (Split(LONG.id, LONG.revision, (SplitPart("100-1", ("v0",)), PARTED[1])), Misused, "must be in"),
        (Split(LONG.id, LONG.revision, (SplitPart("100-1", (SEEN[0].id,)), SplitPart("200-1"))), NotAllowed, "no time"),
        (Merge(PAIR[:1]), Misused, "at least two"),
        (Merge((PAIR[0], PAIR[0])), Misused, "at least two"),
        (Merge(PAIR), NotAllowed, "different matters"),
        (Undo(), Misused, "cannot be undone"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_reason(act: Act, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        done(act)


@pytest.mark.parametrize("status", [Status.APPROVED, Status.DISMISSED])
def test_what_is_decided_is_not_decided_again(status: Status) -> None:
    with pytest.raises(NotAllowed, match=f"already {status.value}"):
        done(accept(LONG), state((replace(LONG, status=status),)))


def test_a_closed_matter_takes_no_time() -> None:
    closed = {**BOOKS.matters, "100-1": replace(BOOKS.matters["100-1"], status=MatterStatus.CLOSED)}
    with pytest.raises(NotAllowed, match="closed"):
        done(accept(LONG), books=replace(BOOKS, matters=closed))


def test_no_second_is_placed_twice() -> None:
    """Nor within one act; an entry that was taken back holds nothing."""
    standing = one(done(Add(DAY, "200-1", HOUR, "x", start=MORNING)))
    with pytest.raises(NotAllowed, match=r"09:00 to 09:30 is already in entry"):
        done(accept(LONG), state(entries=[standing]))
    assert done(accept(LONG), state(entries=[replace(standing, voided_by="d8")])).entries


def test_a_long_day_and_time_beyond_the_evidence_are_warned_of_and_allowed() -> None:
    outcome = done(Add(DAY, "100-1", 15 * HOUR, "Trial"))
    assert outcome.warnings == (
        "more than the day's evidence shows: recorded as your statement",
        "the day is above 14 h",
    )
    assert done(accept(LONG)).warnings == ()


def test_the_day_holds_what_it_has_on_days_that_turn() -> None:
    """Twenty-three hours, then no minute more."""
    short = replace(state(), day=DAY.replace(day=8))
    assert done(Add(short.day, "100-1", 23 * HOUR, "x"), short).entries
    with pytest.raises(NotAllowed, match="it has 23"):
        done(Add(short.day, "100-1", 23 * HOUR + 60, "x"), short)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, ""),
        ({"status": Status.OFFERED}, "only received"),
        ({"status": Status.DEFERRED}, "put aside"),
        ({"matter": ""}, "no matter chosen"),
        ({"preselected": False}, "no matter chosen"),
        ({"probability": 0.79}, "unsure of the matter"),
        ({"late": "late"}, "drafted late"),
        ({"seconds": 3 * HOUR + 1}, "a long entry"),
        ({"warnings": ("an event had no usable time zone; yours was used",)}, "no usable time zone"),
    ],
)
def test_accept_all_takes_only_what_is_safe(change: dict[str, Any], why: str) -> None:
    shown = replace(LONG, **change)
    assert bool(why) == bool(safe_for_bulk(shown, Policy()))
    assert why in safe_for_bulk(shown, Policy())
    act = Accept(shown.id, shown.revision, bulk=True)
    if why:
        with pytest.raises(NotAllowed, match=why):
            done(act, state((shown,)))
    else:
        assert done(act, state((shown,))).decision.bulk


def test_an_entry_keeps_the_rule_of_its_matter() -> None:
    entry = one(done(accept(LONG, worked_seconds=61), policy=Policy(increment_minutes=15)))
    assert (entry.worked_seconds, entry.increment_minutes, entry.billed_minutes) == (61, 15, 15)
