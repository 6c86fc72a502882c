"""What happens to meetings and documents after they were seen, and which of them are work at all: through the whole
run, at both services."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

import pytest

from autotime.domain.entries import TimeEntry
from autotime.domain.evidence import Kind
from autotime.domain.spans import total, union
from autotime.domain.work import Suggestion
from autotime.office import Office
from autotime.pipeline import day_view, decide, run
from autotime.review.acts import Accept, Edits
from autotime.testing.collectors import NOW
from autotime.testing.google import Workspace
from autotime.testing.microsoft import Tenant
from autotime.timeline.days import instant_at
from tests.collectors.sources import at

from .stand_ins import (
    ADDRESS,
    ada,
    at_google,
    at_microsoft,
    between,
    hosting,
    serving,
    signed_in_by_the_firm,
    signed_in_to_google,
    with_books,
)
from .test_collecting import stored

TODAY = date(2026, 4, 7)
TEN = at("2026-04-07T10:00:00-05:00")
JO = "jo@northwind.example"
WORDS = "Settlement talk on Harrow"

tenant = pytest.fixture(serving)
workspace = pytest.fixture(hosting)


class Calendar(Protocol):
    """A calendar at one of the services."""

    def plans(self, start: int, end: int, what: str = "", subject: str = WORDS, people: int = 1) -> Any:
        """Somebody invited Ada; ``what`` is said of it: one of ``MICROSOFT`` and ``GOOGLE``."""

    def renames(self, meeting: Any, subject: str) -> None: ...
    def cancels(self, meeting: Any) -> None: ...
    def takes_out(self, meeting: Any) -> None: ...


MICROSOFT: dict[str, dict[str, Any]] = {
    "declined": {"answer": "declined"},
    "tentative": {"answer": "tentativelyAccepted", "shown": "tentative"},
    "free": {"shown": "free"},
    "out of office": {"shown": "oof"},
    "private": {"sensitivity": "private"},
    "a whole day": {"all_day": True},
}
GOOGLE: dict[str, dict[str, Any]] = {
    "declined": {"answer": "declined"},
    "tentative": {"answer": "tentative"},
    "free": {"transparency": "transparent"},
    "out of office": {"eventType": "outOfOffice"},
    "private": {"visibility": "private"},
    "a whole day": {"days": 1},
}


@dataclass
class AtMicrosoft:
    tenant: Tenant

    def plans(self, start: int, end: int, what: str = "", subject: str = WORDS, people: int = 1) -> Any:
        said = dict(MICROSOFT.get(what, {}))
        me = (("Ada Okafor", ADDRESS), said.pop("answer", "accepted"))
        others = [((f"Guest {number}", f"guest-{number}@northwind.example"), "accepted") for number in range(people)]
        jo = {"organizer": ("Jo Reyes", JO), "attendees": [me, *others]}
        return ada(self.tenant).meets(start, end, subject, **jo, **said)

    def renames(self, meeting: Any, subject: str) -> None:
        ada(self.tenant).changes_meeting(meeting, subject=subject)

    def cancels(self, meeting: Any) -> None:
        ada(self.tenant).changes_meeting(meeting, cancelled=True)

    def takes_out(self, meeting: Any) -> None:
        ada(self.tenant).occasions.remove(meeting)


@dataclass
class AtGoogle:
    workspace: Workspace

    def plans(self, start: int, end: int, what: str = "", subject: str = WORDS, people: int = 1) -> Any:
        said = {"answer": "accepted", **GOOGLE.get(what, {})}
        guests = {f"guest-{number}@northwind.example": "accepted" for number in range(people)}
        begins = datetime.fromtimestamp(start, UTC)
        told = begins.date().isoformat() if said.get("days") else begins.isoformat()
        return self.workspace.user(ADDRESS).meets(
            subject, told, (end - start) // 60, organizer=JO, guests=guests, **said
        )

    def renames(self, meeting: Any, subject: str) -> None:
        self.workspace.user(ADDRESS).calendars.change(meeting, summary=subject)

    def cancels(self, meeting: Any) -> None:
        self.workspace.user(ADDRESS).calendars.cancels(meeting)

    def takes_out(self, meeting: Any) -> None:
        self.workspace.user(ADDRESS).calendars.cancels(meeting)


Place = tuple[Office, Calendar]


@pytest.fixture(params=["microsoft", "google"])
def place(request: pytest.FixtureRequest, tmp_path: Path, tenant: Tenant, workspace: Workspace) -> Iterator[Place]:
    """An office with one calendar, at either service."""
    source = {"microsoft": at_microsoft("calendar"), "google": at_google("calendar")}[request.param]
    with between(tmp_path, source, tenant=tenant, workspace=workspace) as here:
        with_books(here)
        if request.param == "microsoft":
            signed_in_by_the_firm(here, tenant)
            yield here, AtMicrosoft(tenant)
        else:
            signed_in_to_google(here, workspace, source)
            yield here, AtGoogle(workspace)


def suggested(here: Office, *days: date) -> list[Suggestion]:
    return [one for day in days or here.store.suggestions.days() for one in here.store.suggestions.on(day)]


def seconds(here: Office) -> int:
    return sum(one.seconds for one in suggested(here))


def approved(here: Office) -> TimeEntry:
    """The one suggestion there is, taken as it stands."""
    [one] = suggested(here)
    return decide(here, Accept(one.id, one.revision, Edits(matter="2026-001"))).entries[0]


# -- after it was seen ------------------------------------------------------------------------------


def test_what_is_edited_after_approval_is_flagged_and_never_altered(place: Place) -> None:
    """A newer version is kept beside the one that was approved."""
    here, calendar = place
    meeting = calendar.plans(TEN, TEN + 1800)
    run(here)
    entry = approved(here)
    assert day_view(here, TODAY).changed == {}
    calendar.renames(meeting, "Settlement talk on Northwind")
    [report] = run(here).collected
    assert (report.new, report.changed) == (0, 1)
    assert here.store.entries.on(TODAY) == [entry]
    assert day_view(here, TODAY).changed == {entry.id: [entry.evidence[0][0]]}
    assert {one.status.value for one in suggested(here)} == {"approved"}


CANCELLING: list[Callable[[Calendar, Any], None]] = [
    lambda calendar, meeting: calendar.cancels(meeting),
    lambda calendar, meeting: calendar.takes_out(meeting),
]


@pytest.mark.parametrize("ends", CANCELLING, ids=["cancelled", "taken out"])
def test_a_cancelled_meeting_takes_its_suggestion_with_it(place: Place, ends: Callable[[Calendar, Any], None]) -> None:
    here, calendar = place
    meeting = calendar.plans(TEN, TEN + 1800)
    calendar.plans(TEN + 7200, TEN + 9000, subject="Another call")
    run(here)
    assert seconds(here) == 3600
    ends(calendar, meeting)
    assert [report.withdrawn for report in run(here).collected] == [1]
    assert seconds(here) == 1800


@pytest.mark.parametrize("ends", CANCELLING, ids=["cancelled", "taken out"])
def test_a_cancelled_meeting_that_was_approved_is_flagged(place: Place, ends: Callable[[Calendar, Any], None]) -> None:
    """A person decided; whether the time stands is theirs to say."""
    here, calendar = place
    meeting = calendar.plans(TEN, TEN + 1800)
    calendar.plans(TEN - 86_400, TEN - 84_600, subject="Another call", what="declined")
    run(here)
    entry = approved(here)
    ends(calendar, meeting)
    run(here)
    assert here.store.entries.on(TODAY) == [entry]
    assert day_view(here, TODAY).changed == {entry.id: [entry.evidence[0][0]]}


# -- what is work -----------------------------------------------------------------------------------


@pytest.mark.parametrize("what", list(MICROSOFT))
def test_what_is_no_meeting_of_the_timekeeper_is_not_suggested(place: Place, what: str) -> None:
    """Declined, undecided, free, away, private, a whole day; and the words of a private one are stored nowhere."""
    here, calendar = place
    start = at("2026-04-06T00:00:00+00:00") if what == "a whole day" else TEN
    calendar.plans(start, start + (86_400 if what == "a whole day" else 3600), what)
    run(here)
    assert seconds(here) == 0
    if what == "private":
        assert [(item.subject.reveal(), item.people) for item in stored(here)] == [("", ())]
        assert WORDS not in repr([(one.narrative, one.reasons) for one in suggested(here)])


def test_a_meeting_of_more_than_a_day_gets_no_minutes(place: Place) -> None:
    here, calendar = place
    calendar.plans(TEN - 3 * 86_400, TEN - 86_400 + 1)
    run(here)
    assert (len(stored(here)), seconds(here)) == (1, 0)


def test_two_meetings_at_once_share_no_minute(place: Place) -> None:
    """Each second belongs to one of them; the day adds up to the time that passed."""
    here, calendar = place
    calendar.plans(TEN, TEN + 3600, subject="Harrow deposition")
    calendar.plans(TEN + 1800, TEN + 5400, subject="Imprint licence")
    run(here)
    spans = [span for one in suggested(here) for span in one.spans]
    assert total(spans) == total(union(spans)) == 5400


ZONES = ["America/Los_Angeles", "Pacific/Pago_Pago", "Pacific/Kiritimati", "Australia/Lord_Howe", "Asia/Kathmandu"]


@pytest.mark.parametrize("zone", ZONES)
def test_work_counts_on_the_day_it_was_where_the_timekeeper_was(place: Place, zone: str) -> None:
    """Half past eleven in the evening on the Pacific is the next day in UTC."""
    here, calendar = place
    there = replace(here, timekeeper=replace(here.timekeeper, zone=zone))
    late = instant_at(date(2026, 4, 3), "23:30", zone)
    calendar.plans(late, late + 1200)
    run(there)
    assert [(one.day, one.seconds) for one in suggested(here)] == [(date(2026, 4, 3), 1200)]


def test_a_meeting_over_midnight_is_split_between_its_days(place: Place) -> None:
    """By local days; the whole is as long as the meeting."""
    here, calendar = place
    late = instant_at(date(2026, 4, 3), "23:00", "America/Chicago")
    calendar.plans(late, late + 5400)
    run(here)
    assert [(one.day, one.seconds) for one in suggested(here)] == [(date(2026, 4, 3), 3600), (date(2026, 4, 4), 1800)]


def test_ten_thousand_attendees_are_a_hundred(place: Place) -> None:
    """The others are neither stored nor compared; the meeting is suggested like any other."""
    here, calendar = place
    calendar.plans(TEN, TEN + 1800, people=10_000)
    run(here)
    assert [len(item.people) for item in stored(here)] == [100]
    assert seconds(here) == 1800


# -- documents --------------------------------------------------------------------------------------


def test_five_thousand_saves_are_no_more_than_the_time_that_passed(tmp_path: Path, tenant: Tenant) -> None:
    """One document that saves itself every five seconds, with a pause: two sessions, no minute twice."""
    morning = [TEN - 4 * 3600 + 5 * number for number in range(2500)]
    later = [NOW - 3600 - 5 * number for number in range(2500)]
    with between(tmp_path, at_microsoft("files"), tenant=tenant) as here:
        signed_in_by_the_firm(here, tenant)
        ada(tenant).edits("Motion.docx", *morning, *later)
        run(here)
        sessions = [item for item in stored(here) if item.kind is Kind.DOCUMENT]
        assert [item.facts["saves"] for item in sessions] == [2500, 2500]
        assert seconds(here) <= (morning[-1] - morning[0]) + (later[0] - later[-1])
        assert seconds(here) > 0
