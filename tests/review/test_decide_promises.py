"""What no series of acts may break: no second twice, none lost, none from nowhere; undo restores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from autotime.domain.decisions import Decision, DecisionKind, DismissReason
from autotime.domain.entries import Origin, TimeEntry
from autotime.domain.errors import AutotimeError, NotAllowed
from autotime.domain.people import Principal
from autotime.domain.policy import Policy
from autotime.domain.spans import difference, total, union
from autotime.domain.work import Status, Suggestion
from autotime.drafting import draft_day
from autotime.review.acts import Accept, Act, Add, Defer, Dismiss, Edits, Merge, Split, SplitPart, Undo
from autotime.review.decide import DayState, Outcome, decide
from autotime.timeline.days import local_day
from tests.timeline.drafted import BOOKS, DAY, NOON_AFTER, day_of
from tests.timeline.seen import days_of_work

ZONE = "America/Chicago"
POLICY = Policy()
MATTERS = st.sampled_from(["100-1", "100-2", "200-1"])
SECONDS = st.integers(0, 8 * 3_600)


def outcome_of(act: Act, state: DayState, number: int = 1) -> Outcome:
    return decide(act, state, BOOKS, lambda _: POLICY, Principal("AOK", "AOK"), NOON_AFTER, f"d{number}")


def state_of(shown: Sequence[Suggestion], **given: Any) -> DayState:
    fields: dict[str, Any] = {"entries": (), "decisions": (), **given}
    ceiling = sum(one.ceiling_seconds for one in shown)
    return DayState(DAY, ZONE, {one.id: one for one in shown}, evidence_seconds=ceiling, **fields)


@st.composite
def shown_days(draw: st.DrawFn) -> list[Suggestion]:
    """The drafts of a random day, each on a matter."""
    evidence = draw(days_of_work())
    drafts = draft_day(day_of(evidence, {item.key: draw(MATTERS) for item in evidence}))
    return [one for one in drafts if one.matter]


TIMED = shown_days().map(lambda drafts: [one for one in drafts if one.spans]).filter(bool)


@given(TIMED, st.data())
def test_accepting_conserves_every_second_and_its_owner(drafts: list[Suggestion], data: st.DataObject) -> None:
    shown = data.draw(st.sampled_from(drafts))
    (entry,) = outcome_of(Accept(shown.id, shown.revision), state_of(drafts)).entries
    assert (entry.placed_seconds, entry.unplaced_seconds) == (shown.seconds, 0)
    assert union(entry.spans) == union(shown.spans)
    for placed in entry.placed:
        assert not difference((placed.span,), shown.owned[placed.evidence])


@given(TIMED, SECONDS, st.data())
def test_edited_minutes_are_what_was_said_and_only_what_was_shown_has_a_place(
    drafts: list[Suggestion], seconds: int, data: st.DataObject
) -> None:
    shown = data.draw(st.sampled_from(drafts))
    try:
        (entry,) = outcome_of(Accept(shown.id, shown.revision, Edits(worked_seconds=seconds)), state_of(drafts)).entries
    except NotAllowed:
        assert seconds == 0
        return
    assert entry.worked_seconds == seconds
    assert entry.placed_seconds == min(seconds, shown.seconds)
    assert not difference(entry.spans, shown.spans)
    assert {unplaced.origin for unplaced in entry.unplaced} <= {Origin.EDIT}
    assert 0 <= entry.billed_minutes * 60 - seconds < 360


@given(TIMED, st.lists(st.integers(1, 3_600), min_size=2, max_size=4), st.data())
def test_a_split_by_minutes_parts_the_time_without_loss_or_overlap(
    drafts: list[Suggestion], wanted: list[int], data: st.DataObject
) -> None:
    shown = data.draw(st.sampled_from(drafts))
    parts = tuple(SplitPart(data.draw(MATTERS), seconds=seconds) for seconds in wanted)
    try:
        entries = outcome_of(Split(shown.id, shown.revision, parts), state_of(drafts)).entries
    except AutotimeError:
        assert sum(wanted) > shown.seconds
        return
    assert [entry.worked_seconds for entry in entries] == wanted
    assert_apart(entries)
    assert not difference([span for entry in entries for span in entry.spans], shown.spans)


@given(TIMED, st.data())
def test_a_split_by_evidence_parts_all_the_time_there_is(drafts: list[Suggestion], data: st.DataObject) -> None:
    shown = data.draw(st.sampled_from(drafts))
    side = {item: data.draw(st.integers(0, 1)) for item in shown.evidence_ids}
    parts = tuple(SplitPart("100-1", tuple(item for item in side if side[item] == n)) for n in (0, 1))
    held = [sum(total(shown.owned.get(item, ())) for item in part.evidence) for part in parts]
    try:
        entries = outcome_of(Split(shown.id, shown.revision, parts), state_of(drafts)).entries
    except AutotimeError:
        assert 0 in held
        return
    assert [entry.worked_seconds for entry in entries] == held
    assert sum(held) == shown.seconds
    assert_apart(entries)


@given(shown_days().filter(lambda drafts: len(drafts) > 1), st.data())
def test_a_merge_holds_all_the_time_of_its_parts_and_is_rounded_once(
    drafts: list[Suggestion], data: st.DataObject
) -> None:
    chosen = data.draw(st.lists(st.sampled_from(drafts), min_size=2, unique_by=lambda one: one.id))
    act = Merge(tuple((one.id, one.revision) for one in chosen), Edits(matter="100-1"))
    (entry,) = outcome_of(act, state_of(drafts)).entries
    seconds = sum(one.seconds for one in chosen)
    assert entry.placed_seconds == seconds
    assert sum(part.seconds for part in entry.parts) == entry.worked_seconds
    assert entry.worked_seconds == (seconds or POLICY.reading_offer_minutes * 60)
    assert entry.billed_minutes == -(-entry.worked_seconds // 360) * 6
    assert {item for item, _ in entry.evidence} == {item for one in chosen for item in one.evidence_ids}


@dataclass
class Desk:
    """A day under random acts: what the store would hold."""

    drafts: list[Suggestion]
    entries: list[TimeEntry] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    @property
    def state(self) -> DayState:
        return replace(state_of(self.listed()), entries=tuple(self.entries), decisions=tuple(self.decisions))

    def listed(self) -> list[Suggestion]:
        undone = {decision.undoes for decision in self.decisions}
        status: dict[str, Status] = {}
        for decision in self.decisions:
            for shown in decision.shown if decision.id not in undone else ():
                deferred = decision.kind is DecisionKind.DEFERRED
                status[shown.id] = Status.DEFERRED if deferred else Status.APPROVED
        return [replace(one, status=status.get(one.id, one.status)) for one in self.drafts]

    def act(self, act: Act) -> None:
        try:
            outcome = outcome_of(act, self.state, len(self.decisions) + 1)
        except AutotimeError:
            return
        gone = set(outcome.voided)
        voided = outcome.decision.id
        self.entries = [replace(e, voided_by=voided) if e.id in gone else e for e in self.entries]
        self.entries += outcome.entries
        self.decisions.append(outcome.decision)

    @property
    def active(self) -> list[TimeEntry]:
        return [entry for entry in self.entries if entry.active]


@st.composite
def acts(draw: st.DrawFn, drafts: list[Suggestion]) -> Act:
    shown, other = draw(st.sampled_from(drafts)), draw(st.sampled_from(drafts))
    halves = (SplitPart(draw(MATTERS), seconds=draw(SECONDS)), SplitPart(draw(MATTERS), seconds=draw(SECONDS)))
    start = local_day(DAY, ZONE).start + draw(st.integers(0, 86_000))
    edits = Edits(worked_seconds=draw(st.none() | SECONDS), matter=draw(st.none() | MATTERS))
    return draw(
        st.sampled_from(
            [
                Accept(shown.id, shown.revision, edits),
                Dismiss(shown.id, shown.revision, DismissReason.PERSONAL),
                Defer(shown.id, shown.revision),
                Split(shown.id, shown.revision, halves),
                Merge(((shown.id, shown.revision), (other.id, other.revision)), Edits(matter="100-1")),
                Add(DAY, draw(MATTERS), draw(SECONDS), "Attend trial", start=draw(st.sampled_from([None, start]))),
                Undo(),
                Undo(),
            ]
        )
    )


def assert_apart(entries: Sequence[TimeEntry]) -> None:
    placed = [one.span for entry in entries for one in entry.placed]
    assert sum(span.seconds for span in placed) == total(placed)


@given(shown_days().filter(bool), st.data())
@settings(max_examples=60)
def test_no_series_of_acts_places_a_second_twice_or_fills_more_than_a_day(
    drafts: list[Suggestion], data: st.DataObject
) -> None:
    desk = Desk(drafts)
    for _ in range(data.draw(st.integers(1, 8))):
        desk.act(data.draw(acts(drafts)))
        assert_apart(desk.active)
        assert sum(entry.worked_seconds for entry in desk.active) <= local_day(DAY, ZONE).seconds
        assert all(entry.billed_minutes * 60 >= entry.worked_seconds > 0 for entry in desk.active)


@given(shown_days().filter(bool), st.data())
@settings(max_examples=40)
def test_undoing_everything_leaves_the_day_as_it_was(drafts: list[Suggestion], data: st.DataObject) -> None:
    desk = Desk(drafts)
    for _ in range(data.draw(st.integers(1, 5))):
        desk.act(data.draw(acts(drafts)))
    for _ in range(len(desk.decisions)):
        desk.act(Undo())
    assert desk.active == []
    assert desk.listed() == drafts
