"""What a calendar at Microsoft remembers: how far it was read, and what a run that saw only a part takes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autotime.collectors.microsoft import calendar
from autotime.collectors.parts import Page
from autotime.domain.doors import CollectContext
from autotime.testing.microsoft import Mailbox, Tenant
from autotime.testing.server import Status
from autotime.web import Answered
from tests.collectors.microsoft.parts import ADA, DAY, asking, evidence, me_of, week
from tests.collectors.sources import MONDAY

HOUR = 3600


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant() as made:
        yield made


@pytest.fixture
def ada(tenant: Tenant) -> Mailbox:
    return tenant.mailbox(ADA, "Ada Okafor")


def run(
    tenant: Tenant, state: Any = None, window: CollectContext | None = None, mode: str = "text", page: int = 200
) -> list[Page]:
    made = calendar.read(asking(tenant), state or {}, window or week(), me_of(tenant.mailbox(ADA)), mode, page)
    return list(made)


def all_until(now: int) -> CollectContext:
    return week(first=MONDAY - 90 * DAY, now=now)


def starts(pages: list[Page]) -> list[int]:
    return [item.at for item in evidence(pages)]


def withdrawn(pages: list[Page]) -> list[str]:
    return [key for page in pages for key in page.withdrawn]


def test_meetings_of_a_pause_of_some_weeks_are_read_after_it(tenant: Tenant, ada: Mailbox) -> None:
    state = run(tenant, window=all_until(MONDAY))[-1].state
    for number in (1, 8, 20):
        ada.meets(MONDAY + number * DAY, MONDAY + number * DAY + HOUR)
    after = run(tenant, state, all_until(MONDAY + 30 * DAY))
    assert starts(after) == [MONDAY + number * DAY for number in (1, 8, 20)]


def test_a_meeting_taken_out_in_a_pause_of_some_weeks_is_withdrawn(tenant: Tenant, ada: Mailbox) -> None:
    ada.meets(MONDAY - DAY, MONDAY - DAY + HOUR)
    gone = ada.meets(MONDAY, MONDAY + HOUR)
    state = run(tenant, window=all_until(MONDAY))[-1].state
    ada.occasions.remove(gone)
    assert len(withdrawn(run(tenant, state, all_until(MONDAY + 30 * DAY)))) == 1


def test_a_first_run_that_broke_off_is_read_on_from_its_beginning(tenant: Tenant, ada: Mailbox) -> None:
    plan = [MONDAY - number * DAY for number in (60, 50, 40, 30)]
    for start in plan:
        ada.meets(start, start + HOUR)
    came: list[Page] = []
    broken = lambda asked: "$skiptoken" in asked.query  # noqa: E731 - one expression
    with tenant.server.failing(Status(500), broken), pytest.raises(Answered):
        came.extend(calendar.read(asking(tenant), {}, all_until(MONDAY), me_of(ada), page=2))
    again = run(tenant, came[-1].state, all_until(MONDAY))
    assert starts(came) == sorted(plan)[:2]
    assert starts(again) == sorted(plan)


def test_a_state_that_does_not_tell_how_far_it_was_read_begins_a_week_back(tenant: Tenant, ada: Mailbox) -> None:
    ada.meets(MONDAY - 10 * DAY, MONDAY - 10 * DAY + HOUR)
    ada.meets(MONDAY - 3 * DAY, MONDAY - 3 * DAY + HOUR)
    assert starts(run(tenant, {"known": {}}, all_until(MONDAY))) == [MONDAY - 3 * DAY]


@pytest.mark.parametrize("status", [403, 404])
def test_calendars_that_are_not_listed_for_once_keep_their_meetings(tenant: Tenant, ada: Mailbox, status: int) -> None:
    ada.has_calendar("Hearings")
    ada.meets(MONDAY, MONDAY + HOUR)
    ada.meets(MONDAY + HOUR, MONDAY + 2 * HOUR, "Hearing", calendar="Hearings")
    state = run(tenant)[-1].state
    with tenant.server.failing(Status(status), lambda asked: asked.path.endswith("/calendars")):
        partly = run(tenant, state)
    assert withdrawn(partly) == []
    assert [gap.part for page in partly for gap in page.gaps] == ["other calendars"]
    whole = run(tenant, partly[-1].state)
    assert withdrawn(whole) == []
    assert not any(page.gaps for page in whole)


SPOILS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no start": lambda row: {**row, "start": {"dateTime": "never", "timeZone": "UTC"}},
    "it ends before it starts": lambda row: {**row, "end": {"dateTime": "2001-01-01T00:00:00", "timeZone": "UTC"}},
    "nothing is left of it": lambda _row: {},
    "no event at all": lambda _row: "?",
}


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
def test_a_meeting_that_cannot_be_read_this_time_is_not_taken_back(
    tenant: Tenant, ada: Mailbox, spoil: Callable[[dict[str, Any]], Any]
) -> None:
    ada.meets(MONDAY, MONDAY + HOUR)
    ada.meets(MONDAY + DAY, MONDAY + DAY + HOUR)
    tenant.keep_answers = True
    state = run(tenant)[-1].state
    [rows] = [said.body["value"] for asked, said in tenant.answers if asked.path.endswith("/calendarView")]
    body = {"value": [spoil(rows[0]), *rows[1:]]}
    with tenant.server.failing(Status(200, body=body), lambda asked: asked.path.endswith("/calendarView")):
        again = run(tenant, state)
    assert [len(page.quarantined) for page in again if page.quarantined] == [1]
    assert withdrawn(again) == []


def test_beside_one_that_cannot_be_read_another_that_is_gone_is_withdrawn(tenant: Tenant, ada: Mailbox) -> None:
    ada.meets(MONDAY, MONDAY + HOUR)
    ada.meets(MONDAY + DAY, MONDAY + DAY + HOUR)
    tenant.keep_answers = True
    first = run(tenant)
    [rows] = [said.body["value"] for asked, said in tenant.answers if asked.path.endswith("/calendarView")]
    body = {"value": [{**rows[0], "start": None}]}
    with tenant.server.failing(Status(200, body=body), lambda asked: asked.path.endswith("/calendarView")):
        again = run(tenant, first[-1].state)
    assert len(withdrawn(again)) == 1


def test_in_metadata_mode_no_text_is_kept_whatever_the_token_may(tenant: Tenant, ada: Mailbox) -> None:
    ada.meets(MONDAY, MONDAY + HOUR, "Call", text="Privileged")
    [item] = evidence(run(tenant, mode="metadata"))
    assert (item.subject.reveal(), item.body.reveal()) == ("Call", "")
