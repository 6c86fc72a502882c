"""Days of evidence to days of suggestions, in a real store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from autotime.domain.decisions import DismissReason
from autotime.domain.delivery import Billed
from autotime.domain.evidence import Evidence
from autotime.domain.work import Status, Suggestion
from autotime.office import Office
from autotime.review.acts import Accept, Defer, Dismiss, Edits, Undo
from autotime.steps.deciding import decide
from autotime.steps.stale import NEIGHBOURHOOD, days_touched, mark_all_stale, mark_stale, stale_days
from autotime.steps.suggesting import around, standing, suggest
from autotime.timeline.days import local_day
from tests.review import day
from tests.review.day import DAY, NEXT_DAY, at, mail, meeting
from tests.timeline.seen import call, document, received, sent

MIDNIGHT = local_day(NEXT_DAY, day.ZONE).start


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with day.office(tmp_path) as here:
        yield here


def shown(office: Office, on: date = DAY) -> list[Suggestion]:
    return office.store.suggestions.on(on)


def put(office: Office, *items: Evidence) -> None:
    office.store.evidence.put(items, office.now)


def test_the_days_named_are_drafted_and_stored(office: Office) -> None:
    told: list[tuple[str, int, int]] = []
    drafted = suggest(office, [DAY, NEXT_DAY], lambda what, done, of: told.append((what, done, of)))
    assert drafted == {DAY: shown(office), NEXT_DAY: shown(office, NEXT_DAY)}
    assert told == [("suggest", 1, 2), ("suggest", 2, 2)]


def test_without_days_those_that_are_stale_are_drafted_newest_first_and_are_fresh_then(office: Office) -> None:
    mark_stale(office.store, [DAY, NEXT_DAY, DAY])
    assert stale_days(office.store) == [NEXT_DAY, DAY]
    assert list(suggest(office)) == [NEXT_DAY, DAY]
    assert stale_days(office.store) == []
    assert suggest(office) == {}


def test_drafting_again_changes_nothing(office: Office) -> None:
    """Not even after every row was read twice."""
    first = suggest(office, [DAY])[DAY]
    put(office, *around(office, DAY))
    assert suggest(office, [DAY])[DAY] == first


def test_evidence_that_arrives_late_gets_what_is_left(office: Office) -> None:
    before = suggest(office, [DAY])[DAY]
    chosen = next(one for one in before if one.seconds >= 3_600)
    made = decide(office, Accept(chosen.id, chosen.revision, Edits(matter="2026-001"))).entries[0]
    put(office, meeting("late", "09:30", "10:20", "Lease signing"))
    after = suggest(office, [DAY])[DAY]
    late = next(one for one in after for span in one.spans if span.contains(at("10:05")))
    assert (late.status, late.spans[0].start) == (Status.PROPOSED, at("10:00"))
    assert office.store.entries.on(DAY) == [made]


def test_what_was_decided_stays_listed_as_it_was_shown(office: Office) -> None:
    first, second, *rest = shown(office)
    decide(office, Dismiss(first.id, first.revision, DismissReason.WRONG))
    decide(office, Defer(second.id, second.revision))
    after = {one.id: one for one in suggest(office, [DAY])[DAY]}
    assert after[first.id] == replace(first, status=Status.DISMISSED)
    assert after[second.id].status is Status.DEFERRED
    assert {one.id for one in rest} <= set(after)


def test_decisions_that_were_taken_back_do_not_stand(office: Office) -> None:
    first = shown(office)[0]
    made = decide(office, Defer(first.id, first.revision)).decision
    assert [d.id for d in standing(office.store, [DAY, NEXT_DAY])] == [made.id]
    decide(office, Undo())
    assert standing(office.store, [DAY]) == []


def test_a_day_is_drafted_from_its_neighbourhood(office: Office) -> None:
    """What came shortly before its first mail is looked at; what is further away is not."""
    near, far = MIDNIGHT - NEIGHBOURHOOD + 60, MIDNIGHT - NEIGHBOURHOOD - 60
    put(office, sent("near", near), sent("far", far))
    keys = {item.key for item in around(office, NEXT_DAY)}
    assert "near" in keys
    assert "far" not in keys


def test_a_piece_touches_every_day_its_time_may_lie_on(office: Office) -> None:
    """A mail sent after midnight was begun the day before; a call may end on the next."""
    assert days_touched(office, [sent("s", MIDNIGHT + 300)]) == {DAY, NEXT_DAY}
    assert days_touched(office, [sent("s", MIDNIGHT + 7_200)]) == {NEXT_DAY}
    assert days_touched(office, [received("r", MIDNIGHT + 300)]) == {NEXT_DAY}
    assert days_touched(office, [document("d", MIDNIGHT + 7_200, minutes=180)]) == {DAY, NEXT_DAY}
    assert days_touched(office, [call("c", MIDNIGHT - 600, 600)]) == {DAY}
    assert days_touched(office, [call("c", MIDNIGHT - 600, 601)]) == {DAY, NEXT_DAY}


def test_after_new_books_every_day_is_stale_in_the_zone_that_was_lived_in(office: Office) -> None:
    """A mover's mail of half past eleven in the evening counts where it was evening."""
    moved = replace(office, timekeeper=replace(office.timekeeper, zone_from=((NEXT_DAY, "Asia/Tokyo"),)))
    put(office, mail("evening", "23:30", "Dock"))
    mark_all_stale(office)
    assert stale_days(office.store) == [NEXT_DAY, DAY]
    put(office, sent("dawn", MIDNIGHT + 5 * 3_600 + 12 * 3_600))
    mark_all_stale(moved)
    assert stale_days(office.store) == [NEXT_DAY + timedelta(days=1), NEXT_DAY, DAY]


def billed(on: date) -> Billed:
    return Billed(target="csv", remote="1", day=on, matter="2026-002", seconds=3_600, narrative="Sprinkler certificate")


@pytest.mark.parametrize(("later", "told"), [(-366, False), (-365, True), (-1, True), (0, False), (1, False)])
def test_what_was_billed_in_the_year_before_a_day_ranks_its_evidence(office: Office, later: int, told: bool) -> None:
    """A bill of the day itself or of a later one may be about the very mail: it says nothing of it."""
    asked = mail("asked", "23:30", "Sprinkler certificate", own=False, who="Pia Solo")
    put(office, asked)
    office.store.billed.upsert([billed(DAY + timedelta(days=later))])
    suggest(office, [DAY])
    candidates = office.store.rankings.get([asked.id])[asked.id].candidates
    assert any("billed" in candidate.views for candidate in candidates) is told


def test_evidence_around_a_day_is_ranked_by_the_bills_before_its_own(office: Office) -> None:
    """A mail shortly before midnight is looked at with the next day too, and learns nothing of its own day then."""
    asked = mail("asked", "23:30", "Sprinkler certificate", own=False, who="Pia Solo")
    put(office, asked)
    office.store.billed.upsert([billed(DAY)])
    suggest(office, [NEXT_DAY])
    candidates = office.store.rankings.get([asked.id])[asked.id].candidates
    assert not any("billed" in candidate.views for candidate in candidates)
