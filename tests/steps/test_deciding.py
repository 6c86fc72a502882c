"""One act of a person in a real store: decision, entries, submissions and lessons, all or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from autotime.domain.decisions import DecisionKind, DismissReason
from autotime.domain.delivery import DeliveryState
from autotime.domain.errors import Misused, NotAllowed, Stale
from autotime.domain.learning import ExampleKind
from autotime.domain.work import Status, Suggestion
from autotime.office import Office
from autotime.review.acts import Accept, Act, Add, Defer, Dismiss, Edits, Merge, Split, SplitPart, Undo
from autotime.steps.deciding import day_of, day_state, decide, worded
from autotime.steps.stale import stale_days
from tests.review import day
from tests.review.day import DAY, NEXT_DAY, at


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with day.office(tmp_path) as here:
        yield here


def shown(office: Office, start: str) -> Suggestion:
    """The suggestion whose time holds that minute."""
    return next(one for one in office.store.suggestions.on(DAY) for span in one.spans if span.contains(at(start)))


def accept(one: Suggestion, **edits: Any) -> Accept:
    return Accept(one.id, one.revision, Edits(**edits))


def everything(office: Office) -> tuple[object, ...]:
    store = office.store
    return (
        store.suggestions.on(DAY), store.entries.on(DAY), store.decisions.on(DAY), store.submissions.counts(),
        store.examples.all(),
    )  # fmt: skip


def test_an_approval_is_an_entry_a_submission_and_lessons(office: Office) -> None:
    one = shown(office, "09:10")
    outcome = decide(office, accept(one))
    (entry,) = office.store.entries.on(DAY)
    assert (entry, entry.decision) == (outcome.entries[0], "d1")
    assert office.store.decisions.on(DAY) == [outcome.decision]
    assert [s.state for s in office.store.submissions.of_entry(entry.id)] == [DeliveryState.QUEUED]
    kinds = {example.kind for example in office.store.examples.all()}
    assert kinds == {ExampleKind.MATTER, ExampleKind.DURATION}
    assert office.store.suggestions.get(one.id) == replace(one, status=Status.APPROVED)


def test_decisions_are_numbered_and_made_for_the_principal(office: Office) -> None:
    made = [decide(office, accept(shown(office, start))).decision for start in ("09:10", "10:29")]
    assert [decision.id for decision in made] == ["d1", "d2"]
    assert {decision.actor for decision in made} == {"AOK"}


@pytest.mark.parametrize("act", ["stale", "closed", "twice"])
def test_a_refused_act_leaves_the_store_as_it_was(office: Office, act: str) -> None:
    one = shown(office, "09:10")
    decide(office, Add(DAY, "2026-002", 600, "Lease", start=at("09:00")))
    before = everything(office)
    refused = {
        "stale": Accept(one.id, "older"), "closed": accept(one, matter="none such"), "twice": accept(one),
    }[act]  # fmt: skip
    with pytest.raises((Stale, NotAllowed)):
        decide(office, refused)
    assert everything(office) == before


def test_undo_restores_the_day(office: Office) -> None:
    """Suggestions as they were, the entry taken back, its submission cancelled, its lessons retracted."""
    one = shown(office, "09:10")
    before, lessons = office.store.suggestions.on(DAY), office.store.examples.all()
    entry = decide(office, accept(one)).entries[0]
    decide(office, Undo())
    assert office.store.suggestions.on(DAY) == before
    assert [e.active for e in office.store.entries.on(DAY)] == [False]
    assert [s.state for s in office.store.submissions.of_entry(entry.id)] == [DeliveryState.CANCELLED]
    assert office.store.examples.all() == lessons


def test_an_undone_dismissal_is_proposed_again_and_can_be_accepted(office: Office) -> None:
    one = shown(office, "09:10")
    decide(office, Dismiss(one.id, one.revision, DismissReason.PERSONAL))
    assert stale_days(office.store) == [DAY], "what it had covered may be somebody else's time"
    decide(office, Undo())
    assert decide(office, accept(shown(office, "09:10"))).decision.kind is DecisionKind.ACCEPTED


def test_time_moved_to_another_matter_is_told_in_that_matters_words(office: Office) -> None:
    """What was drafted for one client must not stand on another's bill; what a person wrote stays."""
    one = shown(office, "09:10")
    own = worded(office, accept(one, matter="2026-003"))
    assert isinstance(own, Accept)
    assert own.edits.narrative
    assert decide(office, accept(one, matter="2026-003")).decision.kind is DecisionKind.REASSIGNED
    said = accept(one, matter="2026-003", narrative="Prepare imprint")
    for unchanged in (said, accept(one), accept(one, matter=one.matter), Undo()):
        assert worded(office, unchanged) == unchanged


def test_parts_of_a_split_and_a_merge_over_matters_get_words_of_their_own(office: Office) -> None:
    one, other = shown(office, "09:10"), shown(office, "10:29")
    parts = (SplitPart("2026-001", seconds=600), SplitPart("2026-003", seconds=600, narrative="Imprint"))
    told = worded(office, Split(one.id, one.revision, parts))
    assert isinstance(told, Split)
    assert told.parts[0].narrative == one.narrative
    assert told.parts[1] == parts[1]
    pair = ((one.id, one.revision), (other.id, other.revision))
    merged = worded(office, Merge(pair, Edits(matter="2026-003")))
    assert isinstance(merged, Merge)
    assert merged.edits.narrative
    assert worded(office, Merge(pair)) == Merge(pair)


def test_text_that_is_gone_leaves_the_words_as_they_were(office: Office) -> None:
    part = SplitPart("2026-001", evidence=("v0",))
    unknown = Split("s0", "x", (part, part))
    assert worded(office, unknown) == unknown
    one = shown(office, "09:10")
    assert worded(office, accept(one, matter="unknown")) == accept(one, matter="unknown")


def test_the_days_evidence_is_what_its_suggestions_could_be(office: Office) -> None:
    """Offers count nothing; deciding and taking back change nothing."""
    before = day_state(office, DAY).evidence_seconds
    listed = office.store.suggestions.on(DAY)
    assert before == sum(one.ceiling_seconds for one in listed if one.spans) > 0
    decide(office, accept(shown(office, "09:10")))
    assert day_state(office, DAY).evidence_seconds == before
    decide(office, Undo())
    assert day_state(office, DAY).evidence_seconds == before


def test_an_act_is_about_the_day_of_its_suggestion(office: Office) -> None:
    one = shown(office, "09:10")
    acts: list[tuple[Act, date]] = [
        (accept(one), DAY), (Defer(one.id, one.revision), DAY), (Merge(((one.id, one.revision),)), DAY),
        (Add(NEXT_DAY, "2026-001", 60, "x"), NEXT_DAY),
    ]  # fmt: skip
    for act, expected in acts:
        assert day_of(office, act) == expected


def test_what_names_nothing_known_is_misused(office: Office) -> None:
    for act, says in (
        (Accept("s0", "x"), "no suggestion s0"),
        (Undo("d9"), "no decision d9"),
        (Undo(), "nothing to undo"),
    ):
        with pytest.raises(Misused, match=says):
            decide(office, act)


def test_undo_takes_back_the_latest_of_all_days(office: Office) -> None:
    decide(office, accept(shown(office, "09:10")))
    decide(office, Add(NEXT_DAY, "2026-001", 600, "Attend trial"))
    assert decide(office, Undo()).decision.undoes == "d2"
    assert decide(office, Undo()).decision.undoes == "d1"
