"""From a day's evidence to what the attorney is shown. The promises about time are in ``tests/timeline``."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from autotime.domain.books import MatterStatus
from autotime.domain.entries import Origin, Unplaced
from autotime.domain.evidence import Evidence
from autotime.domain.matching import NO_MATTER, NOT_BILLABLE, Candidate, Ranking
from autotime.domain.policy import Policy
from autotime.domain.spans import Span
from autotime.domain.work import Billing, Part, Status, Suggestion
from autotime.drafting import WORTH_NAMING, changed_behind, draft_day, revision_of, suggestion_id
from autotime.timeline.days import local_day
from tests.timeline.drafted import BOOKS, DAY, MATTERS, approved, day_of, ranked
from tests.timeline.seen import MORNING, call, document, meeting, received, sent

HOUR = 3_600
A_DAY = 24 * HOUR


def drafted(*evidence: Evidence, **given: Any) -> list[Suggestion]:
    return draft_day(day_of(evidence, **given))


def only(*evidence: Evidence, **given: Any) -> Suggestion:
    (one,) = drafted(*evidence, **given)
    return one


def test_a_meeting_becomes_an_hour_on_its_matter() -> None:
    one = only(meeting("m", MORNING, HOUR, subject="Discovery plan"))
    assert (one.matter, one.status, one.seconds, one.billed_minutes) == ("100-1", Status.PROPOSED, HOUR, 60)
    assert (one.low_seconds, one.high_seconds, one.ceiling_seconds) == (2_160, HOUR, HOUR)
    assert (one.preselected, one.estimate, one.billing) == (True, True, Billing.BILLABLE)
    assert one.narrative == "Attend meeting re Discovery plan"


def test_a_save_without_recorded_editing_is_proposed_in_part() -> None:
    """Sixty percent of what it could be: the last of it, up to the save."""
    one = only(document("d", MORNING, subject="Motion"))
    assert (one.seconds, one.ceiling_seconds, one.spans) == (360, 600, (Span(MORNING - 360, MORNING),))


def test_a_recorded_call_is_no_estimate() -> None:
    assert not only(call("c", MORNING, 600)).estimate


def test_mail_sent_in_a_meeting_is_the_meetings_time() -> None:
    """One hour, two matters: it is never billed twice. The mail is offered."""
    evidence = meeting("m", MORNING, HOUR), sent("s", MORNING + 1_800, words=100)
    held, offer = drafted(*evidence, matters={"s": "200-1"})
    assert (held.matter, held.seconds) == ("100-1", HOUR)
    assert (offer.matter, offer.status, offer.seconds) == ("200-1", Status.OFFERED, 0)


def test_a_private_event_leaves_no_trace_and_takes_no_time() -> None:
    """Work done meanwhile is work."""
    doctor = meeting("doctor", MORNING, HOUR, {"private": True})
    assert drafted(doctor) == []
    assert only(doctor, sent("s", MORNING + 1_800, words=100)).seconds == 300


def test_copies_stand_behind_the_suggestion_with_their_revisions() -> None:
    """All of them are decided with it."""
    own = sent("s", MORNING, identity="mid:1")
    copy = replace(own, account="phone", revision=3)
    assert dict(only(own, copy).evidence) == {own.id: 1, copy.id: 3}


def test_what_is_worth_less_than_the_minimum_is_not_proposed() -> None:
    """Sixty percent of ninety seconds are no minute."""
    assert drafted(document("d", MORNING, facts={"observed_from": MORNING - 90})) == []
    assert only(document("d", MORNING, facts={"observed_from": MORNING - 100})).seconds == 60


def test_approved_time_is_taken_before_anything_is_given() -> None:
    """A mail that turns up later gets what is left."""
    first = only(meeting("m", MORNING, HOUR))
    entry, decision = approved(first)
    late = sent("s", MORNING + HOUR + 60, words=100)
    one = only(meeting("m", MORNING, HOUR), late, entries=[entry], decisions=[decision])
    assert (one.evidence_ids, one.spans) == ((late.id,), (Span(MORNING + HOUR, MORNING + HOUR + 60),))


def test_time_of_an_entry_that_was_taken_back_is_free_again() -> None:
    entry, _ = approved(only(meeting("m", MORNING, HOUR)))
    again = only(meeting("m", MORNING, HOUR), entries=[replace(entry, voided_by="d2")])
    assert again.seconds == HOUR


def test_a_call_over_midnight_is_decided_for_each_day_by_itself() -> None:
    """Approving the evening does not swallow the morning."""
    midnight = local_day(DAY, "America/Chicago").end
    item = call("c", midnight - 600, 1_800)
    evening = only(item)
    entry, decision = approved(evening)
    assert evening.spans == (Span(midnight - 600, midnight),)
    assert drafted(item, entries=[entry], decisions=[decision]) == []
    morning = only(item, day=DAY + timedelta(days=1), entries=[entry], decisions=[decision])
    assert morning.spans == (Span(midnight, midnight + 1_200),)
    assert morning.id != evening.id


@pytest.mark.parametrize(("days", "said"), [(7, ""), (8, "late"), (30, "late"), (31, "reconstructed")])
def test_an_entry_that_is_drafted_late_says_so(days: int, said: str) -> None:
    end = local_day(DAY, "America/Chicago").end
    one = only(call("c", MORNING, 600), now=end + days * A_DAY + 5)
    assert one.late == said
    assert bool(said) == any("late" in warning or "reconstructed" in warning for warning in one.warnings)


def test_doubts_are_told() -> None:
    books = replace(BOOKS, matters={"100-1": replace(MATTERS[0], status=MatterStatus.CLOSED)})
    item = call("c", MORNING, 4 * HOUR, facts={"zone_assumed": True, "time_assumed": True, "auth_failed": True})
    rankings = {item.id: replace(ranked(item, "100-1", 0.4), confident=True)}
    assert only(item, books=books, rankings=rankings).warnings == (
        "the matter is closed",
        "unsure of the matter",
        "longer than 3 h",
        "an event had no usable time zone; yours was used",
        "a mail had no usable date; another time stands in",
        "a sender could not be verified",
    )


def test_a_day_too_long_to_be_true_says_so_on_every_row() -> None:
    """What is approved already counts; the warning makes another revision."""
    calls = [call(str(n), local_day(DAY, "America/Chicago").start + n * 5 * HOUR, 4 * HOUR + 60) for n in range(4)]
    rows = drafted(*calls, matters={"1": "100-2"})
    assert all("the day is above 14 h" in row.warnings for row in rows)
    assert all(row.revision == revision_of(row) for row in rows)
    entry, decision = approved(only(calls[0]))
    entry = replace(entry, unplaced=(Unplaced(11 * HOUR, Origin.MANUAL),))
    assert "the day is above 14 h" in drafted(*calls[:2], entries=[entry], decisions=[decision])[0].warnings


def test_nothing_is_chosen_where_the_matcher_is_unsure() -> None:
    item = call("c", MORNING, 600)
    one = only(item, rankings={item.id: ranked(item, "100-1", 0.45)})
    assert (one.matter, one.preselected, one.task_code) == (NO_MATTER, False, "")
    assert [(c.matter, c.probability) for c in one.alternatives] == [("100-1", 0.45)]


def test_the_reasons_are_the_chosen_matters_own() -> None:
    """And those of the likeliest one by name where none is chosen; none where nothing is likely."""
    item = call("c", MORNING, 600)
    candidates = (
        Candidate("100-1", 0.5, {"rules": 1.0}, ("its number",)),
        Candidate("100-2", 0.3, {"text": 2.0}, ("its words",)),
    )
    sure, unsure = (Ranking(item.id, candidates, confident=confident) for confident in (True, False))
    assert only(item, rankings={item.id: sure}).reasons == ("its number",)
    assert only(item, rankings={item.id: unsure}).reasons == ("perhaps 100-1: its number",)
    faint = Ranking(item.id, (replace(candidates[0], probability=WORTH_NAMING - 0.01),), confident=False)
    assert only(item, rankings={item.id: faint}).reasons == ()


def test_views_of_every_candidate_are_kept_and_are_not_part_of_the_revision() -> None:
    """They teach; retraining that changes nothing that is shown asks for no new look."""
    item = call("c", MORNING, 600)
    views = ({"rules": 1.0}, {"rules": 3.5})
    first, second = (
        only(item, rankings={item.id: Ranking(item.id, (
            Candidate("100-1", 0.7, view), Candidate("100-2", 0.2, view)), confident=True)})
        for view in views
    )  # fmt: skip
    assert (first.views, first.alternatives[0].views) == (views[0], views[0])
    assert (second.views, second.alternatives[0].views) == (views[1], views[1])
    assert first.revision == second.revision


def test_candidates_of_several_pieces_weigh_by_their_time() -> None:
    long, short = call("a", MORNING, 2_700), call("b", MORNING + HOUR, 900)
    rankings = {
        long.id: Ranking(long.id, (Candidate("100-1", 0.8), Candidate("100-2", 0.1)), confident=True),
        short.id: Ranking(short.id, (Candidate("100-1", 0.6), Candidate("200-1", 0.4)), confident=True),
    }
    one = only(long, short, rankings=rankings)
    assert one.probability == 0.75
    assert [(c.matter, c.probability) for c in one.alternatives] == [("200-1", 0.1), ("100-2", 0.075)]


def test_what_is_nobodys_matter_is_not_billable_and_says_so() -> None:
    one = only(call("c", MORNING, 600), matters={"c": NOT_BILLABLE})
    assert (one.matter, one.billing) == (NO_MATTER, Billing.NON_BILLABLE)
    assert "looks personal or administrative" in one.warnings


def test_offers_of_unrelated_mails_without_a_matter_stay_apart() -> None:
    mails = [received("dinner", MORNING, thread="a"), received("parcel", MORNING + 60, thread="b")]
    offers = drafted(*mails, matters={"dinner": "", "parcel": ""})
    assert [offer.evidence_ids for offer in offers] == [(mails[0].id,), (mails[1].id,)]


def test_where_the_matter_day_is_the_entry_its_tasks_are_parts() -> None:
    """Rounded once; the code is that of the task with most time; each part has words and time of its own."""
    calls = [
        call("a", MORNING, 600, subject="Deposition of Ortiz"),
        call("b", MORNING + HOUR, 900, subject="Motion to strike"),
        call("c", MORNING + 2 * HOUR, 60, subject="Deposition of Ortiz"),
        call("d", MORNING + 3 * HOUR, 60, subject="Imprint"),
    ]
    matters = {"d": "200-1"}
    whole, other = drafted(*calls, matters=matters, policy=Policy(one_entry_per_matter_day=True))
    assert (whole.seconds, whole.billed_minutes, whole.task_code) == (1_560, 30, "L250")
    assert set(whole.parts) == {
        Part("Telephone conference re Motion to strike", 900),
        Part("Telephone conference re Deposition of Ortiz", 660),
    }
    assert other.parts == ()
    assert [row.billed_minutes for row in drafted(*calls, matters=matters)] == [12, 18, 6]


def test_the_revision_is_of_everything_that_is_shown() -> None:
    """Each field that may change changes it; what is not shown, or only where it stands, does not."""
    one = only(meeting("m", MORNING, HOUR, subject="Plan"))
    changed: dict[str, Any] = {"matter": "200-1", "seconds": 60, "narrative": "x", "spans": (), "warnings": ("w",),
                               "evidence": (), "probability": 0.1, "parts": (Part("x", 1),)}  # fmt: skip
    for name, value in changed.items():
        assert revision_of(replace(one, **{name: value})) != one.revision
    silent: dict[str, Any] = {"id": "s", "revision": "r", "status": Status.DEFERRED, "views": {"x": 1.0}}
    for name, value in silent.items():
        assert revision_of(replace(one, **{name: value})) == one.revision
    assert {f.name for f in fields(Suggestion)} >= {*changed, *silent}


def test_the_id_names_the_evidence_of_a_day_whatever_its_order() -> None:
    assert suggestion_id("AOK", DAY, ["a", "b"]) == suggestion_id("AOK", DAY, ["b", "a"])
    others = {
        suggestion_id("AOK", DAY, ["a"]),
        suggestion_id("XX", DAY, ["a"]),
        suggestion_id("AOK", DAY + timedelta(1), ["a"]),
    }
    assert len(others) == 3


def test_newer_evidence_behind_an_approved_entry_flags_it() -> None:
    """The entry itself is never changed; an entry that was taken back is not flagged."""
    item = meeting("m", MORNING, HOUR)
    entry, _ = approved(only(item))
    moved = replace(item, revision=2)
    assert changed_behind([entry], [item]) == {}
    assert changed_behind([entry], [moved]) == {entry.id: [item.id]}
    assert changed_behind([replace(entry, voided_by="d2")], [moved]) == {}


def test_a_day_without_evidence_has_no_suggestions() -> None:
    assert draft_day(day_of([])) == []


def test_past_bills_tell_the_task_where_no_word_does() -> None:
    """Of a matter of its own, and only a task of its set."""
    thursday = meeting("m", MORNING, HOUR, subject="Thursday")
    assert only(thursday, billed={"100-1": ["L320", "L310"]}).task_code == "L310"
    assert only(thursday, billed={"100-2": ["L310"]}).task_code == only(thursday).task_code
