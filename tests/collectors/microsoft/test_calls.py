"""Calls of Teams, from the tenant's call records."""

from __future__ import annotations

import pytest

from autotime.collectors.microsoft import calls
from autotime.collectors.microsoft.parts import Me
from autotime.domain.evidence import Kind, Role
from autotime.domain.spans import Span
from autotime.testing.microsoft import Mailbox, Tenant
from autotime.testing.server import Status
from tests.collectors.microsoft.parts import ADA, DAY, asking, evidence, me_of, week
from tests.collectors.sources import MONDAY

BEN = ("", "", "+1 312 555 0100")
CY = ("u-cy", "Cy Dean", "cy@okafor.example")
DEE = ("u-dee", "Dee", "dee@okafor.example")


@pytest.fixture
def tenant():
    with Tenant() as made:
        yield made


@pytest.fixture
def ada(tenant) -> Mailbox:
    return tenant.mailbox(ADA, "Ada Okafor")


def pages(tenant, state=None, window=None, *permissions, me=None):
    graph = asking(tenant, "", *permissions)
    return list(calls.read(graph, state or {}, window or week(), me or me_of(tenant.mailbox(ADA))))


def found(tenant, **more):
    return evidence(pages(tenant, **more))


def test_a_call_that_was_made_is_a_span_with_its_direction(tenant, ada):
    ada.calls(MONDAY, MONDAY + 300, CY)
    [item] = found(tenant)
    assert (item.kind, item.own, item.span) == (Kind.CALL, True, Span(MONDAY, MONDAY + 300))
    assert item.facts == {"direction": "out"}
    assert [(one.role, one.name.reveal()) for one in item.people] == [(Role.FROM, "Ada Okafor"), (Role.TO, "Cy Dean")]


def test_a_call_that_came_in_names_the_caller_first(tenant, ada):
    ada.calls(MONDAY, MONDAY + 300, CY, by=CY)
    [item] = found(tenant)
    assert item.facts == {"direction": "in"}
    assert [(one.role, one.name.reveal()) for one in item.people] == [(Role.FROM, "Cy Dean"), (Role.TO, "Ada Okafor")]


def test_a_telephone_is_named_by_its_number(tenant, ada):
    ada.calls(MONDAY, MONDAY + 300, BEN)
    assert found(tenant)[0].people[1].name.reveal() == "+1 312 555 0100"


def test_in_a_group_call_only_the_own_stretches_count(tenant, ada):
    stays = {ada.id: ((MONDAY + 60, MONDAY + 120), (MONDAY + 200, MONDAY + 300))}
    ada.calls(MONDAY, MONDAY + 3600, CY, DEE, by=CY, group=True, stays=stays)
    items = found(tenant)
    assert [item.span for item in items] == [Span(*stay) for stay in stays[ada.id]]
    assert {item.facts["direction"] for item in items} == {"in"}
    assert len({item.key for item in items}) == 2


def test_the_organizer_of_a_group_call_made_it(tenant, ada):
    ada.calls(MONDAY, MONDAY + 300, CY, DEE, group=True)
    assert found(tenant)[0].facts["direction"] == "out"


@pytest.mark.parametrize(("old", "new"), [(True, True), (True, False), (False, True), (False, False)])
def test_older_and_newer_fields_serve(tenant, ada, old, new):
    """``organizer`` and ``participants`` end in June 2026; where neither comes the sessions tell enough."""
    tenant.records.old_fields, tenant.records.new_fields = old, new
    ada.calls(MONDAY, MONDAY + 300, CY)
    [item] = found(tenant)
    assert [one.name.reveal() for one in item.people] == ["Ada Okafor", "Cy Dean"]


@pytest.mark.parametrize("filters", [True, False])
def test_the_calls_of_others_are_left_alone(tenant, ada, filters):
    """Whether or not the service can be asked for one person's: their records are not opened."""
    tenant.records.filters_people = filters
    ada.calls(MONDAY, MONDAY + 300, DEE, by=CY)
    theirs = ada.talks.pop()
    ada.talks.append(type(theirs)(id=theirs.id, start=theirs.start, end=theirs.end, caller=CY, others=(DEE,), stays={}))
    assert found(tenant) == []
    assert not any(asked.body for asked in tenant.server.asked)


def test_a_record_that_has_grown_is_read_again(tenant, ada):
    """Its version says so; a stretch that no longer stands is withdrawn."""
    talk = ada.calls(MONDAY + 2 * DAY, MONDAY + 2 * DAY + 300, CY)
    [first] = pages(tenant)
    before = tenant.requests
    [same] = pages(tenant, first.state)
    assert same.evidence == ()
    assert tenant.requests == before + 1
    ada.amends(talk, stays={ada.id: ((talk.start + 10, talk.end),)})
    [grown] = pages(tenant, first.state)
    assert [item.span for item in evidence([first, grown])] == [Span(talk.start + 10, talk.end)]


def test_empty_pages_and_repeated_ones_change_nothing(tenant, ada):
    for number in range(70):
        ada.calls(MONDAY + number * 600, MONDAY + number * 600 + 60, CY)
    plain = found(tenant)
    tenant.empty_page_with_next()
    tenant.repeat_page()
    assert found(tenant) == plain
    assert len(plain) == 70


def test_only_the_days_that_are_kept_and_wanted_are_asked_for(tenant, ada):
    ada.calls(MONDAY, MONDAY + 300, CY)
    assert found(tenant, window=week(first=MONDAY + 60)) == []
    found(tenant, window=week(first=0, now=MONDAY + 60 * DAY))
    assert "2026-04-08T15:00:00Z" in tenant.server.asked[-1].query["$filter"]


def test_without_the_permission_the_part_is_a_gap(tenant, ada):
    [page] = pages(tenant, None, None, "Mail.Read")
    assert "CallRecords.Read.All" in page.gaps[0].hint


def test_nobody_in_particular_has_no_calls(tenant, ada):
    """Without an id in the directory no record can be told to be the timekeeper's."""
    [page] = pages(tenant, me=Me(account="work", name="Ada Okafor"))
    assert page.gaps[0].part == "calls"
    assert tenant.requests == 0


def test_records_that_cannot_be_read_are_set_aside(tenant, ada):
    ada.calls(MONDAY, MONDAY + 300, CY)
    tenant.fail_in_batch(Status(200, body={"id": "r1", "type": "peerToPeer", "sessions": [{"segments": [{}]}]}))
    [page] = pages(tenant)
    assert (page.evidence, [bad.key for bad in page.quarantined]) == ((), ["call/r1"])
    tenant.server.faults.append(Status(200, body={"value": [7, {"id": "r2"}]}))
    [page] = pages(tenant)
    assert [bad.key for bad in page.quarantined][1] == "call/r2"


def test_a_call_of_two_without_sessions_is_its_whole_length(tenant, ada):
    ada.calls(MONDAY, MONDAY + 300, CY)
    times = {"startDateTime": "2026-03-09T15:00:00Z", "endDateTime": "2026-03-09T15:05:00Z"}
    tenant.fail_in_batch(Status(200, body={"id": "r", "version": 1, "type": "peerToPeer", "sessions": [], **times}))
    assert [item.span for item in found(tenant)] == [Span(MONDAY, MONDAY + 300)]
