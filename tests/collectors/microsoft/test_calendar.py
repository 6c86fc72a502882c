"""Meetings of a calendar at Microsoft: what is asked, what each stands for, and when one is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autotime.collectors.ics import IcsCollector
from autotime.collectors.microsoft import calendar
from autotime.collectors.parts import Page
from autotime.domain.doors import CollectContext
from autotime.domain.errors import SuddenlyEmpty
from autotime.domain.evidence import Evidence, Role
from autotime.domain.spans import Span
from autotime.testing import Shelf
from autotime.testing.microsoft import Mailbox, Tenant
from autotime.testing.server import Asked, Status
from autotime.web import Answered
from tests.collectors.microsoft.parts import ADA, DAY, asking, evidence, me_of, week
from tests.collectors.sources import MONDAY, event, put
from tests.collectors.sources import calendar as ics

HOUR = 3600
BEN, CLEO = ("Ben Lund", "ben@harrow.example"), ("Cleo", "cleo@okafor.example")
GOID = "040000008200E00074C5B7101A82E00800000000D0A1B2C3D4E5F60700000000"


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant() as made:
        yield made


@pytest.fixture
def ada(tenant: Tenant) -> Mailbox:
    return tenant.mailbox(ADA, "Ada Okafor")


def pages(
    tenant: Tenant, state: Any = None, window: CollectContext | None = None, mode: str = "text", page: int = 200
) -> list[Page]:
    allowed = () if mode == "text" else ("User.Read", "Calendars.ReadBasic")
    graph, me = asking(tenant, ADA, *allowed), me_of(tenant.mailbox(ADA))
    return list(calendar.read(graph, state or {}, window or week(), me, mode, page))


def found(tenant: Tenant, **more: Any) -> list[Evidence]:
    return evidence(pages(tenant, **more))


def only(tenant: Tenant, **more: Any) -> Evidence:
    [item] = found(tenant, **more)
    return item


def views(tenant: Tenant) -> list[Asked]:
    return [asked for asked in tenant.server.asked if asked.path.endswith("/calendarView")]


# -- what is asked ----------------------------------------------------------------------------


def test_a_week_back_and_a_day_ahead_are_read_again_each_time(tenant: Tenant, ada: Mailbox) -> None:
    """The first run reads as far back as the window goes."""
    ada.meets(MONDAY, MONDAY + HOUR)
    window = week(first=MONDAY - 30 * DAY)
    state = pages(tenant, window=window)[-1].state
    pages(tenant, state, window)
    spans = [(asked.query["startDateTime"], asked.query["endDateTime"]) for asked in views(tenant)]
    assert spans == [
        ("2026-02-07T15:00:00Z", "2026-03-13T15:00:00Z"),
        ("2026-03-05T15:00:00Z", "2026-03-13T15:00:00Z"),
    ]


def test_times_are_asked_for_in_utc_and_texts_as_text_on_every_page(tenant: Tenant, ada: Mailbox) -> None:
    for n in range(3):
        ada.meets(MONDAY + n * HOUR, MONDAY + (n + 1) * HOUR)
    assert len(found(tenant, page=2)) == 3
    assert [asked.headers["prefer"] for asked in views(tenant)] == [
        'IdType="ImmutableId", outlook.timezone="UTC", outlook.body-content-type="text"'
    ] * 2


def test_all_of_the_timekeepers_own_calendars_are_read(tenant: Tenant, ada: Mailbox) -> None:
    """The view that names none is of the usual one alone."""
    ada.has_calendar("Hearings")
    ada.meets(MONDAY, MONDAY + HOUR, "Call")
    ada.meets(MONDAY + HOUR, MONDAY + 2 * HOUR, "Hearing", calendar="Hearings")
    assert [item.subject.reveal() for item in found(tenant)] == ["Call", "Hearing"]


def test_a_calendar_somebody_shares_shows_another_ones_time(
    tenant: Tenant, ada: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada.has_calendar("Cleo")
    ada.meets(MONDAY, MONDAY + HOUR, "Not ours", calendar="Cleo")
    listed = [
        {"id": "own", "isDefaultCalendar": True, "owner": {"name": "Ada", "address": ADA}},
        {"id": "cleo", "isDefaultCalendar": False, "owner": {"name": "Cleo", "address": CLEO[1]}},
    ]
    tenant.server.fault_for = lambda asked: (
        at("/calendars", asked, {"value": listed}) or at("/calendars/own/calendarView", asked, {"value": []})
    )
    assert found(tenant) == []
    assert [asked.path for asked in views(tenant)] == ["/v1.0/me/calendars/own/calendarView"]


def at(path: str, asked: Asked, body: Any) -> Status | None:
    return Status(200, body=body) if asked.path == f"/v1.0/me{path}" else None


@pytest.mark.parametrize("status", [403, 404])
def test_where_calendars_may_not_be_listed_the_usual_one_is_read(tenant: Tenant, ada: Mailbox, status: int) -> None:
    ada.meets(MONDAY, MONDAY + HOUR)
    tenant.server.fault_for = lambda asked: Status(status) if asked.path.endswith("/calendars") else None
    assert len(found(tenant)) == 1
    assert views(tenant)[0].path == "/v1.0/me/calendarView"


def test_without_the_permission_nothing_is_taken_back(tenant: Tenant, ada: Mailbox) -> None:
    ada.meets(MONDAY, MONDAY + HOUR)
    state = pages(tenant)[-1].state
    tenant.server.fault_for = lambda asked: Status(403) if "calendar" in asked.path else None
    with pytest.raises(Answered):
        pages(tenant, state)


# -- what a meeting stands for ----------------------------------------------------------------


def test_a_meeting_is_a_span_with_its_people_and_words(tenant: Tenant, ada: Mailbox) -> None:
    attendees = [((ada.name, ADA), "accepted"), (CLEO, "none")]
    ada.meets(
        MONDAY, MONDAY + HOUR, "Call", organizer=BEN, attendees=attendees, place="Room 4", text="Bring the lease."
    )
    item = only(tenant)
    assert (item.span, item.at, item.own) == (Span(MONDAY, MONDAY + HOUR), MONDAY, True)
    assert (item.subject.reveal(), item.body.reveal().strip(), item.place.reveal()) == (
        "Call",
        "Bring the lease.",
        "Room 4",
    )
    assert item.facts == {"busy": "busy", "response": "accepted"}
    assert [(one.role, one.address) for one in item.people] == [
        (Role.ORGANIZER, BEN[1]),
        (Role.ATTENDEE, ADA),
        (Role.ATTENDEE, CLEO[1]),
    ]


@pytest.mark.parametrize(
    ("answer", "response", "own"),
    [
        ("accepted", "accepted", True),
        ("tentativelyAccepted", "tentative", True),
        ("declined", "declined", False),
        ("notResponded", "none", False),
        ("none", "none", False),
    ],
)
def test_the_timekeepers_own_answer_counts(tenant: Tenant, ada: Mailbox, answer: str, response: str, own: bool) -> None:
    ada.meets(MONDAY, MONDAY + HOUR, organizer=BEN, attendees=[((ada.name, ADA), answer), (CLEO, "accepted")])
    item = only(tenant)
    assert (item.facts["response"], item.own) == (response, own)


def test_who_invites_is_the_organizer_and_who_notes_for_themselves_accepts(tenant: Tenant, ada: Mailbox) -> None:
    ada.meets(MONDAY, MONDAY + HOUR, attendees=[(BEN, "none")])
    ada.meets(MONDAY + HOUR, MONDAY + 2 * HOUR)
    assert [(item.facts["response"], len(item.people)) for item in found(tenant)] == [("organizer", 2), ("accepted", 0)]


@pytest.mark.parametrize(
    ("shown", "busy"),
    [
        ("free", "free"),
        ("tentative", "tentative"),
        ("busy", "busy"),
        ("oof", "oof"),
        ("workingElsewhere", "busy"),
        ("unknown", "busy"),
    ],
)
def test_how_the_time_is_shown_is_kept(tenant: Tenant, ada: Mailbox, shown: str, busy: str) -> None:
    ada.meets(MONDAY, MONDAY + HOUR, shown=shown)
    assert only(tenant).facts["busy"] == busy


@pytest.mark.parametrize("sensitivity", ["private", "personal", "confidential"])
def test_of_a_private_meeting_only_the_span_is_kept(tenant: Tenant, ada: Mailbox, sensitivity: str) -> None:
    said = {"sensitivity": sensitivity, "place": "Clinic", "text": "Secret", "attendees": [(BEN, "none")]}
    ada.meets(MONDAY, MONDAY + HOUR, "Secret", **said)
    item = only(tenant)
    assert item.facts["private"] is True
    assert (item.span, item.people) == (Span(MONDAY, MONDAY + HOUR), ())
    assert [item.subject.reveal(), item.body.reveal(), item.place.reveal()] == ["", "", ""]


def test_in_metadata_mode_no_text_is_asked_for_or_kept(tenant: Tenant, ada: Mailbox) -> None:
    ada.meets(MONDAY, MONDAY + HOUR, "Call", text="Privileged")
    item = only(tenant, mode="metadata")
    assert (item.subject.reveal(), item.body.reveal()) == ("Call", "")
    assert not any("body-content-type" in asked.headers["prefer"] for asked in views(tenant))


# -- the same meeting in a file ---------------------------------------------------------------

SERIES = event("RRULE:FREQ=DAILY;COUNT=4", uid=GOID)
MOVED = event("RECURRENCE-ID:20260310T150000Z", uid=GOID, start="DTSTART:20260310T190000Z")
PLANS = {
    "one": ics(event()),
    "a series": ics(SERIES),
    "a series with one that was moved": ics(SERIES, MOVED),
    "a series across the change of clocks": ics(
        event("RRULE:FREQ=DAILY;COUNT=4", start="DTSTART;TZID=America/Chicago:20260307T090000")
    ),
    "all day": ics(event(start="DTSTART;VALUE=DATE:20260309")),
    "a series of whole days": ics(event("RRULE:FREQ=DAILY;COUNT=3", start="DTSTART;VALUE=DATE:20260308")),
    "a whole day that was moved": ics(
        event("RRULE:FREQ=DAILY;COUNT=2", start="DTSTART;VALUE=DATE:20260308"),
        event("RECURRENCE-ID;VALUE=DATE:20260309", start="DTSTART;VALUE=DATE:20260311"),
    ),
    "private": ics(event("CLASS:PRIVATE")),
    "free": ics(event("TRANSP:TRANSPARENT")),
    "an invitation": ics(
        event(
            "ORGANIZER;CN=Ben:mailto:ben@harrow.example", "ATTENDEE;PARTSTAT=ACCEPTED;CN=Ada:mailto:ada@okafor.example"
        )
    ),
}


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_a_meeting_is_the_same_evidence_as_in_a_calendar_file(
    tenant: Tenant, ada: Mailbox, tmp_path: Path, plan: str
) -> None:
    """Identity, occurrence and all; but for account, source and key."""
    put(tmp_path / "work.ics", plan)
    ada.plans(plan.encode())
    window = week(first=MONDAY - 7 * DAY)
    there = Shelf().run(IcsCollector("work", [tmp_path / "work.ics"]), window)
    assert [told(item) for item in found(tenant, window=window)] == [told(item) for item in there.items]


def told(item: Evidence) -> dict[str, Any]:
    said = {name: getattr(item, name) for name in item.__dataclass_fields__ if name not in ("account", "source", "key")}
    return {name: value.reveal().strip() if hasattr(value, "reveal") else value for name, value in said.items()}


# -- what is taken back -----------------------------------------------------------------------


def test_a_cancelled_meeting_is_withdrawn(tenant: Tenant, ada: Mailbox) -> None:
    kept = ada.meets(MONDAY, MONDAY + HOUR)
    ada.meets(MONDAY + DAY, MONDAY + DAY + HOUR)
    first = pages(tenant)
    ada.changes_meeting(kept, cancelled=True)
    again = pages(tenant, first[-1].state)
    assert [key for page in again for key in page.withdrawn] == [evidence(first)[0].key]
    assert [item.at for item in evidence(again)] == [MONDAY + DAY]


def test_one_that_was_taken_out_of_the_calendar_is_withdrawn_once(tenant: Tenant, ada: Mailbox) -> None:
    gone = ada.meets(MONDAY, MONDAY + HOUR)
    ada.meets(MONDAY + DAY, MONDAY + DAY + HOUR)
    first = pages(tenant)
    ada.occasions.remove(gone)
    again = pages(tenant, first[-1].state)
    assert again[-1].withdrawn == (evidence(first)[0].key,)
    assert not any(page.withdrawn for page in pages(tenant, again[-1].state))


def test_one_that_was_moved_is_the_same_at_another_time(tenant: Tenant, ada: Mailbox) -> None:
    kept = ada.meets(MONDAY, MONDAY + HOUR)
    first = pages(tenant)
    ada.changes_meeting(kept, start=MONDAY + HOUR, end=MONDAY + 2 * HOUR)
    again = pages(tenant, first[-1].state)
    assert [(item.key, item.at) for item in evidence(again)] == [(evidence(first)[0].key, MONDAY + HOUR)]
    assert not any(page.withdrawn for page in again)


def test_what_has_grown_too_old_to_be_read_again_is_not_taken_back(tenant: Tenant, ada: Mailbox) -> None:
    ada.meets(MONDAY - 5 * DAY, MONDAY - 5 * DAY + HOUR)
    ada.meets(MONDAY, MONDAY + HOUR)
    window = week(first=MONDAY - 30 * DAY)
    state = pages(tenant, window=window)[-1].state
    later = week(first=MONDAY - 30 * DAY, now=MONDAY + 5 * DAY)
    assert not any(page.withdrawn for page in pages(tenant, state, later))


def test_a_week_whose_only_meeting_was_taken_out_is_believed(tenant: Tenant, ada: Mailbox) -> None:
    """As long as the calendar holds anything at all."""
    ada.meets(MONDAY - 60 * DAY, MONDAY - 60 * DAY + HOUR)
    gone = ada.meets(MONDAY, MONDAY + HOUR)
    state = pages(tenant)[-1].state
    ada.occasions.remove(gone)
    assert len(pages(tenant, state)[-1].withdrawn) == 1


def test_a_calendar_that_is_empty_all_at_once_is_not_believed(tenant: Tenant, ada: Mailbox) -> None:
    ada.meets(MONDAY, MONDAY + HOUR)
    state = pages(tenant)[-1].state
    ada.occasions.clear()
    with pytest.raises(SuddenlyEmpty) as trouble:
        pages(tenant, state)
    assert trouble.value.kept
    assert trouble.value.hint


def test_a_list_that_breaks_off_takes_nothing_back(tenant: Tenant, ada: Mailbox) -> None:
    for n in range(4):
        ada.meets(MONDAY + n * HOUR, MONDAY + (n + 1) * HOUR)
    state = pages(tenant, page=2)[-1].state
    ada.occasions.pop()
    tenant.server.fault_for = lambda asked: Status(500) if "$skiptoken" in asked.query else None
    read: list[Page] = []
    with pytest.raises(Answered):
        read.extend(calendar.read(asking(tenant), state, week(), me_of(ada), page=2))
    assert not any(one.withdrawn for one in read)
