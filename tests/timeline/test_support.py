"""What one piece of evidence can account for, rule by rule."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from autotime.domain.evidence import Evidence
from autotime.domain.policy import Policy
from autotime.domain.spans import Span
from autotime.domain.work import Strength, Support
from autotime.timeline.support import LONGEST_MEETING, QUOTED_READ_CAP, SENDING, supports
from tests.timeline.seen import MORNING, call, days_of_work, document, meeting, received, sent

POLICY = Policy()


def alone(item: Evidence, policy: Policy = POLICY) -> Support:
    return supports([item], policy)[0]


def length(item: Evidence, policy: Policy = POLICY) -> int:
    return sum(span.seconds for span in alone(item, policy).spans)


def test_writing_takes_sending_and_the_words_at_the_firms_speed() -> None:
    """100 words at 25 a minute are four minutes; it ends when the mail is sent."""
    item = sent("s", MORNING, words=100)
    assert alone(item).spans == (Span(MORNING - SENDING - 240, MORNING),)
    assert (alone(item).strength, alone(item).rule) == (Strength.ACTIVE, "writing")
    assert length(item, Policy(words_per_minute_writing=50)) == SENDING + 120


def test_reading_what_one_answers_counts_but_not_the_whole_chain() -> None:
    assert length(sent("s", MORNING, words=0, facts={"words_quoted": 200})) == SENDING + 60
    assert length(sent("s", MORNING, words=0, facts={"words_quoted": 90_000})) == SENDING + QUOTED_READ_CAP


def test_one_mail_accounts_for_no_more_than_the_cap() -> None:
    assert length(sent("s", MORNING, words=100_000)) == POLICY.send_cap


def test_writing_begins_no_earlier_than_the_previous_own_act() -> None:
    """Two mails two minutes apart: the second took two minutes at most. Received mail is no act."""
    first, second = sent("1", MORNING), sent("2", MORNING + 120, words=500)
    noise = received("r", MORNING + 60)
    assert supports([second, noise, first], POLICY)[0].spans == (Span(MORNING, MORNING + 120),)


def test_a_meeting_is_no_act_that_cuts_writing_short() -> None:
    """Its start says nothing of when a mail was begun; who owns the seconds is decided later."""
    whole = length(sent("s", MORNING, words=100))
    both = supports([sent("s", MORNING, words=100), meeting("m", MORNING - 60, 600)], POLICY)
    assert sum(span.seconds for span in both[0].spans) == whole


@pytest.mark.parametrize(
    ("opened", "start"),
    [(MORNING - 600, MORNING - 600), (MORNING + 5, MORNING - SENDING), (MORNING - 4_000, MORNING - SENDING)],
)
def test_a_reply_window_begins_the_writing_where_it_can_be_true(opened: int, start: int) -> None:
    """Not after the mail, nor longer ago than the cap: such an index is not believed."""
    item = sent("s", MORNING, words=0, facts={"reply_opened_at": opened})
    assert alone(item).spans == (Span(start, MORNING),)


def test_received_mail_accounts_for_nothing() -> None:
    assert (alone(received("r", MORNING)).spans, alone(received("r", MORNING)).rule) == ((), "received")


def test_own_mail_by_a_machine_accounts_for_nothing() -> None:
    """An out-of-office reply."""
    assert alone(sent("s", MORNING, facts={"bulk": True})).spans == ()


def test_recorded_editing_ends_at_the_save_and_is_as_long_as_the_document_says() -> None:
    support = alone(document("d", MORNING, minutes=40))
    assert (support.spans, support.rule) == ((Span(MORNING - 2_400, MORNING),), "edit")


def test_a_save_without_recorded_editing_is_capped() -> None:
    support = alone(document("d", MORNING))
    assert (support.spans, support.rule) == ((Span(MORNING - POLICY.save_cap, MORNING),), "save")


@pytest.mark.parametrize("fact", ["observed_from", "created_at", "opened_at"])
def test_editing_begins_no_earlier_than_what_is_known_of_the_file(fact: str) -> None:
    """The look before, its making, its opening: whichever is latest."""
    assert alone(document("d", MORNING, minutes=40, facts={fact: MORNING - 300})).spans == (
        Span(MORNING - 300, MORNING),
    )


def test_a_recorded_session_accounts_for_its_stretch_and_no_more() -> None:
    """From the first save of a session to its last; its words and minutes add nothing to that."""
    session = document("d", MORNING, minutes=90, span=Span(MORNING, MORNING + 1_500))
    support = alone(session)
    assert (support.spans, support.strength, support.rule) == (
        (Span(MORNING, MORNING + 1_500),),
        Strength.ACTIVE,
        "session",
    )


def test_a_document_of_somebody_else_accounts_for_nothing() -> None:
    assert (alone(document("d", MORNING, own=False)).spans, alone(document("d", MORNING, own=False)).rule) == (
        (),
        "not own",
    )


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"private": True}, "private"),
        ({"all_day": True}, "context"),
        ({"busy": "free"}, "context"),
        ({"busy": "oof"}, "context"),
        ({"response": "declined"}, "not attended"),
        ({"response": "tentative"}, "not attended"),
        ({"response": "none"}, "not attended"),
    ],
)
def test_a_meeting_that_was_not_attended_accounts_for_nothing(facts: dict[str, Any], rule: str) -> None:
    support = alone(meeting("m", MORNING, 1_800, facts))
    assert (support.spans, support.rule) == ((), rule)


@pytest.mark.parametrize("response", ["organizer", "accepted"])
def test_a_meeting_accounts_for_its_recorded_stretch(response: str) -> None:
    support = alone(meeting("m", MORNING, 1_800, {"response": response}))
    assert (support.spans, support.strength) == ((Span(MORNING, MORNING + 1_800),), Strength.MEETING)


def test_recorded_attendance_takes_the_place_of_the_plan() -> None:
    """Joined late, dropped out, came back: those minutes, whatever was answered."""
    joined = f"{MORNING + 300}-{MORNING + 900} {MORNING + 1_000}-{MORNING + 2_400}"
    support = alone(meeting("m", MORNING, 2_400, {"attended": joined, "response": "none"}))
    assert support.spans == (Span(MORNING + 300, MORNING + 900), Span(MORNING + 1_000, MORNING + 2_400))
    assert (support.strength, support.rule) == (Strength.MEETING, "attended")


def test_attendance_recorded_twice_counts_once() -> None:
    """Two reports of one meeting overlap."""
    twice = f"{MORNING}-{MORNING + 900} {MORNING + 600}-{MORNING + 1_200}"
    assert length(meeting("m", MORNING, 1_800, {"attended": twice})) == 1_200


def test_nobody_is_billed_for_attending_a_private_meeting() -> None:
    private = {"private": True, "attended": f"{MORNING}-{MORNING + 900}"}
    assert alone(meeting("m", MORNING, 1_800, private)).spans == ()


def test_a_meeting_longer_than_a_day_is_no_meeting() -> None:
    assert length(meeting("m", MORNING, LONGEST_MEETING)) == LONGEST_MEETING
    assert alone(meeting("m", MORNING, LONGEST_MEETING + 1)).rule == "too long"


def test_a_call_accounts_for_its_recorded_stretch() -> None:
    assert (alone(call("c", MORNING, 90)).spans, alone(call("c", MORNING, 90)).strength) == (
        (Span(MORNING, MORNING + 90),),
        Strength.CALL,
    )


@given(days_of_work())
def test_supports_come_in_the_order_given_and_only_from_what_was_done(evidence: list[Evidence]) -> None:
    """One a piece, ending when it is filed, or inside its recorded stretch."""
    found = supports(evidence, POLICY)
    assert [support.evidence for support in found] == [item.id for item in evidence]
    for item, support in zip(evidence, found, strict=True):
        assert item.own or not support.spans
        if item.span:
            assert all(item.span.start <= span.start and span.end <= item.span.end for span in support.spans)
        else:
            assert all(span.end == item.at for span in support.spans)
