"""When the timekeeper was in the online meetings they organised."""

from __future__ import annotations

import pytest

from autotime.collectors.microsoft.attendance import Attendance, shared_out
from autotime.collectors.microsoft.graph import Graph
from autotime.collectors.microsoft.parts import Me
from autotime.domain.spans import Span
from autotime.testing.microsoft import Mailbox, Tenant
from autotime.testing.server import Status
from tests.collectors.microsoft.parts import ADA, DAY, asking, me_of
from tests.collectors.sources import MONDAY

LINK = "https://teams.example/l/meetup-join/19%3ameeting_abc/0?context={'Tid':'x'}"
BEN = ("", "Ben Lund", "ben@harrow.example")
HOUR = 3600
NOW = MONDAY + 3 * HOUR
PLANNED = Span(MONDAY, MONDAY + 1800)


@pytest.fixture
def tenant():
    with Tenant() as made:
        yield made


@pytest.fixture
def ada(tenant) -> Mailbox:
    return tenant.mailbox(ADA, "Ada Okafor")


def attendance(tenant, *permissions, state=None, now=NOW, who=ADA, home="/me") -> Attendance:
    return Attendance(asking(tenant, who, *permissions), state or {}, me_of(tenant.mailbox(ADA), home), now)


def span(first: int, last: int) -> Span:
    """Minutes after Monday's meeting began."""
    return Span(MONDAY + first * 60, MONDAY + last * 60)


def stay(first: int, last: int) -> tuple[int, int]:
    return MONDAY + first * 60, MONDAY + last * 60


def test_the_own_stretches_are_what_was_recorded(tenant, ada):
    """Others' are left out, whoever was there longer."""
    ada.attends(LINK, stay(2, 10), stay(12, 41), others=[(BEN, [stay(0, 60)])])
    asked = attendance(tenant)
    assert asked.of([(LINK, PLANNED)]) == {(LINK, PLANNED): (span(2, 10), span(12, 41))}
    assert asked.gaps == []
    assert BEN[2] not in str(asked.state)


def test_each_session_of_a_meeting_has_a_report_of_its_own(tenant, ada):
    ada.attends(LINK, stay(0, 10), stay(15, 30), reports=2)
    assert attendance(tenant).of([(LINK, PLANNED)]) == {(LINK, PLANNED): (span(0, 10), span(15, 30))}


def test_an_empty_page_of_reports_is_not_their_end(tenant, ada):
    ada.attends(LINK, stay(0, 10), stay(15, 30), reports=2)
    tenant.empty_page_with_next()
    assert attendance(tenant).of([(LINK, PLANNED)]) == {(LINK, PLANNED): (span(0, 10), span(15, 30))}


def test_who_was_not_there_has_no_stretch(tenant, ada):
    ada.attends(LINK, others=[(BEN, [stay(0, 30)])])
    assert attendance(tenant).of([(LINK, PLANNED)]) == {}


def test_a_meeting_that_is_not_over_is_not_asked_about(tenant, ada):
    ada.attends(LINK, stay(0, 30))
    assert attendance(tenant, now=MONDAY + 60).of([(LINK, PLANNED)]) == {}
    assert tenant.requests == 0


def test_a_meeting_that_is_no_longer_there_keeps_its_plan(tenant, ada):
    asked = attendance(tenant)
    assert asked.of([(LINK, PLANNED)]) == {}
    assert asked.gaps == []


def test_a_meeting_of_somebody_else_keeps_its_plan(tenant, ada):
    """Only the organizer may read; that is no gap, it is how it is."""
    ben = tenant.mailbox("ben@okafor.example", "Ben")
    ada.is_invited(ben.attends(LINK, stay(0, 30)))
    asked = attendance(tenant)
    assert asked.of([(LINK, PLANNED)]) == {}
    assert asked.gaps == []


def test_a_missing_permission_is_one_gap(tenant, ada):
    ada.attends(LINK, stay(0, 30))
    asked = attendance(tenant, "Calendars.Read")
    assert asked.of([(LINK, PLANNED), ("other", PLANNED)]) == {}
    assert [(gap.part, "OnlineMeetings.Read" in gap.hint) for gap in asked.gaps] == [("attendance", True)]
    asked.of([(LINK, PLANNED)])
    assert len(asked.gaps) == 1


def test_the_app_needs_a_policy_of_teams_as_well(tenant, ada):
    """It names the person by id: Teams knows no addresses there."""
    ada.attends(LINK, stay(0, 30))
    home = f"/users/{ADA}"
    assert attendance(tenant, who="", home=home).of([(LINK, PLANNED)]) == {(LINK, PLANNED): (span(0, 30),)}
    ada.teams_policy = False
    refused = attendance(tenant, who="", home=home)
    assert refused.of([(LINK, PLANNED)]) == {}
    assert "policy" in refused.gaps[0].hint


def test_a_service_that_does_not_answer_is_a_gap_and_the_plan_stands(tenant, ada):
    ada.attends(LINK, stay(0, 30))
    asked = attendance(tenant)
    with tenant.server.failing(Status(503)):
        assert asked.of([(LINK, PLANNED)]) == {}
    assert [gap.part for gap in asked.gaps] == ["attendance"]


# -- what is remembered -----------------------------------------------------------------------


def test_many_meetings_cost_three_requests_and_the_next_run_two(tenant, ada):
    """Ids and reports are remembered; a late report is still found."""
    plans = [(f"{LINK}&{n}", PLANNED) for n in range(15)]
    for link, _ in plans:
        ada.attends(link, stay(0, 30))
    first = attendance(tenant)
    assert len(first.of(plans)) == 15
    assert tenant.requests == 3
    ada.attends(plans[0][0], stay(31, 40))
    second = attendance(tenant, state=first.state, now=NOW + DAY)
    assert second.of(plans)[plans[0]] == (span(0, 30), span(31, 40))
    assert tenant.requests == 5


def test_two_days_after_a_meeting_nothing_is_asked_any_more(tenant, ada):
    ada.attends(LINK, stay(0, 30))
    first = attendance(tenant, now=NOW + 3 * DAY)
    first.of([(LINK, PLANNED)])
    before = tenant.requests
    assert attendance(tenant, state=first.state, now=NOW + 4 * DAY).of([(LINK, PLANNED)]) == {
        (LINK, PLANNED): (span(0, 30),)
    }
    assert tenant.requests == before


def test_what_was_read_long_ago_is_forgotten(tenant, ada):
    ada.attends(LINK, stay(0, 30))
    first = attendance(tenant)
    first.of([(LINK, PLANNED)])
    assert attendance(tenant, state=first.state, now=NOW + 40 * DAY).state == {"meetings": {}}


# -- whose stay it is -------------------------------------------------------------------------


def test_a_stay_goes_to_the_occurrence_it_lies_in():
    """A series has one link, and its reports come together."""
    first, second = span(0, 30), span(60, 90)
    assert shared_out([span(5, 31), span(58, 88)], [first, second]) == {first: (span(5, 31),), second: (span(58, 88),)}


def test_a_stay_beside_every_plan_goes_to_the_nearest_or_to_none():
    plan = span(0, 30)
    assert shared_out([span(100, 130), span(300, 330)], [plan]) == {plan: (span(100, 130),)}


def test_another_day_is_not_this_occurrence():
    """Yesterday's reports of the same link say nothing about today."""
    assert shared_out([Span(MONDAY - DAY, MONDAY - DAY + 1800)], [PLANNED]) == {}


def record(joined: str, left: str, **who: object) -> dict[str, object]:
    return {"attendanceIntervals": [{"joinDateTime": joined, "leaveDateTime": left}], **who}


def test_dates_come_from_the_stretches_never_from_the_report():
    """The service's own example has them on different days."""
    asked = Attendance(Graph.__new__(Graph), {}, Me(account="work", id="u1", addresses=(ADA,)), NOW)
    mine = record("2026-03-09T15:00:00Z", "2026-03-09T15:30:00.1234567Z", identity={"id": "U1"})
    by_mail = record("2026-03-09T16:00:00Z", "2026-03-09T16:30:00Z", emailAddress="Ada@okafor.example")
    other = record(
        "2026-03-09T16:00:00Z", "2026-03-09T17:30:00Z", emailAddress="ben@harrow.example", identity={"id": "u2"}
    )
    backwards = record("2026-03-09T16:00:00Z", "2026-03-09T15:30:00Z", identity={"id": "u1"})
    report = {"meetingStartDateTime": "2020-01-01T00:00:00Z", "attendanceRecords": [mine, by_mail, other, backwards, 7]}
    assert list(asked._own(report)) == [[MONDAY, MONDAY + 1800], [MONDAY + 3600, MONDAY + 5400]]
