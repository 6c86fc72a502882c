"""Chats of Teams, where they are switched on."""

from __future__ import annotations

import pytest

from autotime.collectors.microsoft import chats
from autotime.collectors.microsoft.parts import Me
from autotime.domain.evidence import Kind, Role
from autotime.testing.microsoft import Mailbox, Tenant
from autotime.testing.server import Status
from autotime.web import Answered
from tests.collectors.microsoft.parts import ADA, DAY, asking, evidence, me_of, week
from tests.collectors.sources import MONDAY

CY = ("u-cy", "Cy Dean", "cy@okafor.example")
DEE = ("u-dee", "Dee", "dee@okafor.example")


@pytest.fixture
def tenant():
    with Tenant() as made:
        yield made


@pytest.fixture
def ada(tenant) -> Mailbox:
    return tenant.mailbox(ADA, "Ada Okafor")


def pages(tenant, state=None, window=None, *permissions, home="/me", who=ADA):
    graph = asking(tenant, who, *permissions)
    return list(chats.read(graph, state or {}, window or week(), me_of(tenant.mailbox(ADA), home)))


def found(tenant, **more):
    return evidence(pages(tenant, **more))


def test_an_own_message_is_own_work_and_bears_the_fact_chat(tenant, ada):
    ada.chats("<p>The lease is <b>signed</b>.</p>", MONDAY, members=[CY], topic="Harrow")
    [item] = found(tenant)
    assert (item.kind, item.own, item.at, item.source) == (Kind.MESSAGE, True, MONDAY, "microsoft")
    assert item.facts == {"chat": True, "words_new": 4}
    assert item.body.reveal() == "The lease is signed."
    assert item.subject.reveal() == "Harrow"
    assert [(one.role, one.address) for one in item.people] == [(Role.FROM, ADA), (Role.TO, CY[2])]


def test_what_others_wrote_is_received(tenant, ada):
    ada.chats("Thanks", MONDAY, by=CY, members=[CY, DEE])
    [item] = found(tenant)
    assert not item.own
    assert [(one.role, one.address) for one in item.people] == [
        (Role.FROM, CY[2]),
        (Role.TO, ADA),
        (Role.TO, DEE[2]),
    ]


def test_messages_of_one_chat_are_one_thread(tenant, ada):
    ada.chats("One", MONDAY, members=[CY])
    ada.chats("Two", MONDAY + 60, by=CY, members=[CY])
    ada.chats("Elsewhere", MONDAY + 90, members=[DEE])
    threads = [item.thread for item in found(tenant)]
    assert threads[0] == threads[1] != threads[2]
    assert threads[0].startswith("chat:")


@pytest.mark.parametrize("kind", ["systemEventMessage", "chatEvent", "typing", "unknownFutureValue"])
def test_what_teams_writes_by_itself_is_nobodys_work(tenant, ada, kind):
    ada.chats("", MONDAY, kind=kind, members=[CY])
    assert found(tenant) == []


def test_a_message_that_was_taken_back_says_nothing_and_takes_nothing_back(tenant, ada):
    ada.chats("Oops", MONDAY, deleted=True, members=[CY])
    [page] = pages(tenant)
    assert (page.evidence, page.withdrawn) == ((), ())


def test_markup_does_not_act(tenant, ada):
    ada.chats("<script>x</script><p>Plain\u202e words</p>", MONDAY, members=[CY])
    assert found(tenant)[0].body.reveal() == "Plain words"


def test_only_what_lies_in_the_window_comes(tenant, ada):
    """The filter goes to the service, with the order that makes it count."""
    ada.chats("Old", MONDAY - 5 * DAY, members=[CY])
    ada.chats("New", MONDAY, members=[CY])
    ada.chats("Old, but mended", MONDAY - 6 * DAY, changed=MONDAY, members=[CY])
    assert [item.body.reveal() for item in found(tenant)] == ["New"]
    asked = tenant.server.asked[-1].body.decode()
    assert "lastModifiedDateTime%20desc" in asked
    assert "lastModifiedDateTime%20gt" in asked


def test_a_long_chat_is_read_to_its_end(tenant, ada):
    for number in range(120):
        ada.chats(f"No. {number}", MONDAY + number, members=[CY])
    assert len(found(tenant)) == 120


def test_empty_pages_and_repeated_ones_change_nothing(tenant, ada):
    for number in range(60):
        ada.chats(f"No. {number}", MONDAY + number, members=[CY])
    plain = found(tenant)
    tenant.empty_page_with_next()
    tenant.repeat_page()
    assert found(tenant) == plain


def test_the_next_run_reads_the_last_day_again(tenant, ada):
    ada.chats("One", MONDAY, members=[CY])
    [first] = pages(tenant)
    assert first.state == {"until": MONDAY + 3 * DAY}
    ada.chats("Two", MONDAY + 3 * DAY - 60, members=[CY])
    ada.chats("Three", MONDAY + DAY, members=[CY])
    [second] = pages(tenant, first.state)
    assert [item.body.reveal() for item in second.evidence] == ["Two"]


def test_how_far_it_has_come_moves_after_the_last_page_only(tenant, ada):
    """A run killed between pages of chats misses none."""
    for number in range(60):
        ada.chats("Hello", MONDAY, members=[(f"u{number}", "Somebody", f"u{number}@okafor.example")])
    first, second = pages(tenant)
    assert (first.state, second.state) == ({"until": 0}, {"until": MONDAY + 3 * DAY})
    assert len(evidence([first, second])) == 60


def test_a_chat_that_was_left_says_nothing(tenant, ada):
    ada.chats("One", MONDAY, members=[CY])
    tenant.fail_in_batch(Status(404))
    [page] = pages(tenant)
    assert (page.evidence, page.gaps) == ((), ())


def test_one_that_may_not_be_read_is_a_gap(tenant, ada):
    ada.chats("One", MONDAY, members=[CY])
    ada.chats("Two", MONDAY, members=[DEE])
    tenant.fail_in_batch(Status(403))
    [page] = pages(tenant)
    assert len(page.evidence) == 1
    assert [gap.part for gap in page.gaps] == ["chats"]


def test_without_the_permission_the_part_says_so(tenant, ada):
    with pytest.raises(Answered) as refused:
        pages(tenant, None, None, "Mail.Read")
    assert refused.value.status == 403


def test_where_nobody_knows_who_wrote_nothing_is_passed_over(tenant, ada):
    ada.chats("One", MONDAY, members=[CY])
    stranger = Me(account="work", addresses=(ADA,))
    [page] = chats.read(asking(tenant), {"until": 7}, week(), stranger)
    assert (page.state, page.evidence) == ({"until": 7}, ())
    assert [gap.part for gap in page.gaps] == ["chats"]


def test_in_metadata_mode_that_a_chat_took_place_is_kept_and_not_what_it_said(tenant, ada):
    ada.chats("Privileged", MONDAY, members=[CY], topic="Harrow")
    [page] = chats.read(asking(tenant), {}, week(), me_of(ada), "metadata")
    [item] = page.evidence
    assert (item.body.reveal(), item.subject.reveal(), item.own) == ("", "Harrow", True)
    assert item.facts == {"chat": True}


def test_rows_that_are_no_messages_are_set_aside(tenant, ada):
    ada.chats("One", MONDAY, members=[CY])
    odd = [7, {"id": "1", "from": {"user": {"id": "x"}}, "createdDateTime": "noon"}, {"messageType": "message"}]
    tenant.fail_in_batch(Status(200, body={"value": odd}))
    [page] = pages(tenant)
    assert [bad.key for bad in page.quarantined][1] == "chat/1"
    assert len(page.quarantined) == 2


def test_the_app_reads_the_chats_of_a_person(tenant, ada):
    ada.chats("One", MONDAY, members=[CY])
    assert len(found(tenant, who="", home=f"/users/{ada.id}")) == 1
