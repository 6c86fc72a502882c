"""Files of OneDrive as sessions of work."""

from __future__ import annotations

import pytest

from autotime.collectors.edits import Session
from autotime.collectors.microsoft import files
from autotime.collectors.microsoft.files import sessions
from autotime.collectors.microsoft.parts import Me
from autotime.domain.errors import SuddenlyEmpty
from autotime.domain.evidence import Kind
from autotime.domain.spans import Span
from autotime.testing.microsoft import Mailbox, Tenant
from autotime.testing.server import Status
from autotime.web import Answered, Misdirected
from tests.collectors.microsoft.parts import ADA, DAY, asking, evidence, me_of, week
from tests.collectors.sources import MONDAY

PAT = ("u-pat", "P. Paralegal")
MINUTE = 60


@pytest.fixture
def tenant():
    with Tenant() as made:
        yield made


@pytest.fixture
def ada(tenant) -> Mailbox:
    return tenant.mailbox(ADA, "Ada Okafor")


def pages(tenant, state=None, window=None, me=None, *permissions):
    box = tenant.mailbox(ADA)
    return list(files.read(asking(tenant, ADA, *permissions), state or {}, window or week(), me or me_of(box)))


def found(tenant, **more):
    return evidence(pages(tenant, **more))


def minutes(*saves):
    return [MONDAY + save * MINUTE for save in saves]


# -- sessions ---------------------------------------------------------------------------------


def test_saves_within_twenty_minutes_are_one_session():
    assert sessions(minutes(0, 15, 35, 56)) == [Session(*minutes(0, 35), 3), Session(*minutes(56, 56), 1)]


def test_the_order_of_saves_and_one_told_twice_change_nothing():
    assert sessions(minutes(15, 0, 15)) == sessions(minutes(0, 15))


def test_the_pause_can_be_chosen():
    assert len(sessions(minutes(0, 15), pause=10 * MINUTE)) == 2


# -- from the drive ---------------------------------------------------------------------------


def test_a_session_of_saves_is_a_document_with_a_span(tenant, ada):
    ada.edits("Motion_to compel.docx", *minutes(0, 10, 20))
    [item] = found(tenant)
    assert (item.kind, item.own, item.account, item.source) == (Kind.DOCUMENT, True, "work", "microsoft")
    assert (item.at, item.span) == (MONDAY, Span(*minutes(0, 20)))
    assert item.facts == {"file": "Motion_to compel.docx", "saves": 3}
    assert item.subject.reveal() == "Motion to compel"
    assert [person.address for person in item.people] == [ADA]


def test_a_save_alone_is_a_point(tenant, ada):
    ada.edits("Lease.docx", MONDAY)
    [item] = found(tenant)
    assert (item.at, item.span, item.facts["saves"]) == (MONDAY, None, 1)


def test_what_others_saved_is_no_work_of_the_timekeeper(tenant, ada):
    """Neither alone nor between own saves: the pause counts between the timekeeper's own."""
    ada.edits("Theirs.docx", *minutes(0, 10), by=PAT)
    ada.edits("Both.docx", *minutes(0, 30))
    ada.edits("Both.docx", *minutes(15), by=PAT)
    assert [(item.facts["file"], item.span) for item in found(tenant)] == [("Both.docx", None), ("Both.docx", None)]


def test_a_file_that_somebody_else_saved_last_still_has_the_own_saves(tenant, ada):
    ada.edits("Both.docx", *minutes(0, 10))
    ada.edits("Both.docx", *minutes(200), by=PAT)
    assert [item.span for item in found(tenant)] == [Span(*minutes(0, 10))]


@pytest.mark.parametrize(
    ("author", "own"),
    [(("", "Ada Okafor"), 1), (("", "ada okafor"), 1), (("", "Adam Okafor"), 0), (("u9", "Ada Okafor"), 0)],
)
def test_an_author_without_an_id_is_known_by_name(tenant, ada, author, own):
    """The id decides where there is one; a namesake is somebody else."""
    ada.edits("Lease.docx", MONDAY, by=author)
    assert len(found(tenant)) == own


def test_who_may_not_read_their_profile_is_known_by_address_or_name():
    me = Me(account="work", name="Ada Okafor", addresses=(ADA,))
    assert me.is_in({"user": {"id": "x", "displayName": "Ada Okafor"}})
    assert me.is_in({"user": {"displayName": "A. O.", "email": "Ada@Okafor.example"}})
    assert not me.is_in({"user": {"displayName": "Ada Okafor", "email": "ada@elsewhere.example"}})
    assert not me.is_in({"application": {"displayName": "Ada Okafor"}})
    assert not me.is_in(None)


def test_where_nobody_knows_whose_saves_they_are_nothing_is_passed_over(tenant, ada):
    """The link to go on from stays: what it passed would never come again."""
    ada.edits("Lease.docx", MONDAY)
    [first] = pages(tenant)
    ada.edits("Motion.docx", MONDAY + DAY)
    stranger = Me(account="work", addresses=(ADA,))
    [page] = files.read(asking(tenant), first.state, week(), stranger)
    assert (page.state, page.evidence) == (first.state, ())
    assert [gap.part for gap in page.gaps] == ["files"]
    assert [item.at for item in evidence(pages(tenant, page.state))] == [MONDAY + DAY]


def test_folders_the_root_and_files_of_another_time_say_nothing(tenant, ada):
    ada.has_directory("Harrow", MONDAY)
    ada.edits("Old.docx", MONDAY - 40 * DAY)
    assert found(tenant) == []
    assert found(tenant, window=week(first=0, now=MONDAY)) == []
    assert "versions" not in " ".join(asked.body.decode() for asked in tenant.server.asked)


def test_a_file_that_is_gone_withdraws_nothing(tenant, ada):
    document = ada.edits("Lease.docx", *minutes(0, 10))
    ada.edits("Old.docx", MONDAY - 400 * DAY)
    [first] = pages(tenant)
    ada.throws_away(document, MONDAY + DAY)
    [second] = pages(tenant, first.state)
    assert (second.evidence, second.withdrawn) == ((), ())


def test_a_file_that_goes_while_it_is_read_says_nothing(tenant, ada):
    ada.edits("Lease.docx", MONDAY)
    tenant.fail_in_batch(Status(404, body={"error": {"code": "itemNotFound"}}))
    [page] = pages(tenant)
    assert (page.evidence, page.gaps) == ((), ())


def test_a_drive_that_is_suddenly_empty_is_doubted(tenant, ada):
    """Nothing is left at all, where files were worked on lately: weeks later it is believed, and one that was
    always empty is no trouble."""
    assert found(tenant) == []
    document = ada.edits("Lease.docx", MONDAY)
    [first] = pages(tenant)
    ada.throws_away(document, MONDAY + DAY)
    with pytest.raises(SuddenlyEmpty) as doubted:
        pages(tenant, first.state)
    assert "OneDrive" in doubted.value.hint
    assert pages(tenant, first.state, week(now=MONDAY + 40 * DAY))[0].evidence == ()


def test_a_link_that_leads_elsewhere_is_never_kept(tenant, ada):
    ada.edits("Lease.docx", MONDAY)
    tenant.lead_away("https://elsewhere.example/v1.0")
    with pytest.raises(Misdirected):
        pages(tenant)


def test_a_label_is_no_edit(tenant, ada):
    """The file changed, its versions did not."""
    document = ada.edits("Lease.docx", MONDAY)
    [first] = pages(tenant)
    ada.labels(document, MONDAY + 3600)
    [second] = pages(tenant, first.state)
    assert second.evidence == ()


def test_a_session_that_goes_on_after_a_run_grows_under_its_key(tenant, ada):
    ada.edits("Lease.docx", *minutes(0, 10))
    [first] = pages(tenant)
    ada.edits("Lease.docx", *minutes(20))
    [second] = pages(tenant, first.state)
    assert [item.key for item in first.evidence] == [item.key for item in second.evidence]
    assert second.evidence[0].span == Span(*minutes(0, 20))


def test_two_sessions_that_a_late_save_joins_are_one(tenant, ada):
    ada.edits("Lease.docx", *minutes(0, 30))
    [first] = pages(tenant)
    ada.edits("Lease.docx", *minutes(15))
    [second] = pages(tenant, first.state)
    assert len(evidence([first])) == 2
    assert [item.span for item in evidence([first, second])] == [Span(*minutes(0, 30))]


def test_a_trimmed_history_takes_nothing_back(tenant, ada):
    document = ada.edits("Lease.docx", *minutes(0, 10))
    [first] = pages(tenant)
    ada.edits("Lease.docx", *minutes(20))
    ada.forgets_versions(document, keep=1)
    [second] = pages(tenant, first.state)
    assert [item.span for item in evidence([first, second])] == [Span(*minutes(0, 20))]


def test_only_saves_of_the_last_weeks_are_remembered(tenant, ada):
    ada.edits("Lease.docx", MONDAY)
    [page] = pages(tenant)
    assert [list(saves) for saves in page.state["saves"].values()] == [[MONDAY]]
    [later] = pages(tenant, page.state, week(now=MONDAY + 40 * DAY))
    assert later.state["saves"] == {}


# -- cursors ----------------------------------------------------------------------------------


def test_a_first_look_asks_from_a_date(tenant, ada):
    ada.edits("Lease.docx", MONDAY)
    found(tenant)
    assert tenant.server.asked[0].query["token"] == "2026-03-08T15:00:00Z"


def test_a_drive_that_takes_no_date_is_listed(tenant, ada):
    ada.edits("Lease.docx", MONDAY)
    tenant.server.faults.append(Status(400, body={"error": {"code": "invalidRequest"}}))
    assert [item.at for item in found(tenant)] == [MONDAY]


def test_every_page_carries_the_link_to_go_on_from(tenant, ada):
    """A run killed between pages goes on with the next one."""
    for number in range(5):
        ada.edits(f"Lease {number}.docx", MONDAY + number * 3600)
    graph = asking(tenant)
    first = graph.get("/me/drive/root/delta", {"$top": 2})
    rest = pages(tenant, {"link": first["@odata.nextLink"]})
    assert len(rest) == 2
    assert [item.at for item in evidence(rest)] == [MONDAY + number * 3600 for number in range(1, 5)]
    assert pages(tenant, rest[-1].state)[0].evidence == ()


@pytest.mark.parametrize("location", [True, False])
def test_an_expired_link_is_followed_elsewhere_or_begun_anew(tenant, ada, location):
    """Nothing is given twice, and what is new comes."""
    ada.edits("Lease.docx", MONDAY)
    [first] = pages(tenant)
    tenant.switches.location = location
    tenant.expire_cursors()
    ada.edits("Motion.docx", MONDAY + 3600)
    [second] = pages(tenant, first.state)
    assert [item.facts["file"] for item in second.evidence] == ["Motion.docx"]
    assert pages(tenant, second.state)[0].evidence == ()


def test_without_the_permission_the_part_says_so(tenant, ada):
    with pytest.raises(Answered) as refused:
        pages(tenant, None, None, None, "Mail.Read")
    assert (refused.value.status, refused.value.code) == (403, "accessDenied")


def test_versions_that_may_not_be_read_are_a_gap(tenant, ada):
    ada.edits("Lease.docx", MONDAY)
    tenant.fail_in_batch(Status(403, body={"error": {"code": "accessDenied"}}))
    [page] = pages(tenant)
    assert page.evidence == ()
    assert [gap.part for gap in page.gaps] == ["versions of files"]
    assert "Files.Read" in page.gaps[0].hint


def test_rows_that_are_no_items_are_set_aside(tenant, ada):
    body = {"value": [7, {"file": {}}, {"id": "1", "file": {}, "lastModifiedDateTime": "noon"}]}
    tenant.server.faults.append(Status(200, body=body))
    [page] = pages(tenant)
    assert len(page.quarantined) == 3
    assert page.quarantined[2].key == "edit/1"


def test_the_app_reads_the_drive_of_a_person(tenant, ada):
    ada.edits("Lease.docx", MONDAY)
    graph = asking(tenant, "")
    home = f"/users/{ADA}"
    assert [item.at for item in evidence(list(files.read(graph, {}, week(), me_of(ada, home))))] == [MONDAY]


def test_empty_pages_and_repeated_ones_change_nothing(tenant, ada):
    """Of the drive and of the versions."""
    ada.edits("Lease.docx", *(MONDAY + number * 60 for number in range(450)))
    plain = found(tenant)
    tenant.empty_page_with_next()
    assert found(tenant) == plain
    tenant.repeat_page()
    assert found(tenant) == plain
    assert plain[0].facts["saves"] == 450


def test_many_files_cost_few_requests(tenant, ada):
    for number in range(30):
        ada.edits(f"Lease {number}.docx", MONDAY + number * 3600)
    assert len(found(tenant)) == 30
    assert tenant.requests == 3
