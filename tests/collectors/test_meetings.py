"""One meeting as evidence, whichever calendar it stands in."""

from __future__ import annotations

from typing import Any

import pytest

from autotime.collectors.meetings import PEOPLE_CAP, Meeting, evidence_of
from autotime.domain.evidence import FACTS, Evidence, Participant, Role
from autotime.domain.spans import Span
from tests.collectors.sources import MONDAY

HOUR = 3_600


def held(**given: Any) -> Evidence:
    fields: dict[str, Any] = {
        "uid": "hearing@okafor.example",
        "start": MONDAY,
        "end": MONDAY + HOUR,
        "response": "accepted",
        "subject": "Hearing in Harrow",
        "body": "Bring the lease.",
        "place": "Room 4",
        "people": (Participant(Role.ORGANIZER, "ben@harrow.example"),),
    }
    return evidence_of(Meeting(**{**fields, **given}), "office", "ics")


def test_a_meeting_is_named_by_its_event_and_occurrence() -> None:
    """A copy in another calendar has the same identity; the occurrences of a series share a thread."""
    single, second = held(), held(occurrence=str(MONDAY))
    assert (single.key, single.identity, single.thread) == (
        "hearing@okafor.example/",
        "ical:hearing@okafor.example:",
        "ical:hearing@okafor.example",
    )
    assert second.identity == f"ical:hearing@okafor.example:{MONDAY}"
    assert second.thread == single.thread


def test_only_what_holds_is_a_fact() -> None:
    assert held().facts == {"busy": "busy", "response": "accepted"}
    said = held(all_day=True, zone_assumed=True, busy="free").facts
    assert said == {"busy": "free", "response": "accepted", "all_day": True, "zone_assumed": True}
    assert set(said) <= FACTS.keys()


@pytest.mark.parametrize(("response", "own"), [("accepted", True), ("declined", False), ("none", False)])
def test_only_who_answered_takes_part(response: str, own: bool) -> None:
    assert held(response=response).own is own


def test_of_a_private_meeting_only_the_busy_span_is_kept() -> None:
    """Neither words nor people nor a room."""
    private = held(private=True)
    assert private.span == Span(MONDAY, MONDAY + HOUR)
    assert [text.reveal() for text in (private.subject, private.body, private.place)] == ["", "", ""]
    assert private.people == ()


def test_recorded_attendance_takes_the_place_of_the_plan() -> None:
    """Joined late, went out, came back, stayed over the end: and whoever was there took part."""
    stays = (Span(MONDAY + 300, MONDAY + 900), Span(MONDAY + 1_200, MONDAY + HOUR + 600))
    attended = held(attended=stays, response="none")
    assert attended.own
    assert (attended.at, attended.span) == (MONDAY + 300, Span(MONDAY + 300, MONDAY + HOUR + 600))
    assert attended.facts["attended"] == " ".join(f"{stay.start}-{stay.end}" for stay in stays)
    assert attended.key == held().key


def test_a_thousand_attendees_are_capped() -> None:
    crowd = tuple(Participant(Role.ATTENDEE, f"{number}@harrow.example") for number in range(1_000))
    assert len(held(people=crowd).people) == PEOPLE_CAP
