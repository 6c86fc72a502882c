"""Mail of a mailbox at Microsoft: what is asked, and which mails come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest

from autotime.collectors.microsoft import mail
from autotime.collectors.microsoft.graph import Graph
from autotime.domain.errors import SuddenlyEmpty
from autotime.testing.microsoft import Mailbox, Tenant
from autotime.testing.microsoft.call import Call
from autotime.testing.server import Asked, Status
from autotime.web import Answered, Manners, TooLarge, Web
from tests.collectors.microsoft.mailroom import found, lists, only, pages, spoil_in_batches
from tests.collectors.microsoft.parts import ADA, DAY, evidence, me_of, week
from tests.collectors.sources import MONDAY, letter


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant() as made:
        yield made


@pytest.fixture
def ada(tenant: Tenant) -> Mailbox:
    return tenant.mailbox(ADA, "Ada Okafor")


# -- what is asked ----------------------------------------------------------------------------


def test_the_list_is_of_all_folders_for_the_window_in_the_order_of_arrival(tenant: Tenant, ada: Mailbox) -> None:
    """The filter begins with what the order is by: else Exchange calls it inefficient."""
    pages(tenant)
    [asked] = lists(tenant)
    first, end = "2026-03-08T15:00:00Z", "2026-03-15T15:00:00Z"
    assert asked.query["$filter"] == f"receivedDateTime ge {first} and receivedDateTime lt {end}"
    assert asked.query["$orderby"] == "receivedDateTime"
    assert "internetMessageHeaders" in asked.query["$select"].split(",")
    assert asked.headers["prefer"] == 'IdType="ImmutableId", outlook.body-content-type="text"'


def test_the_next_run_reads_two_days_again(tenant: Tenant, ada: Mailbox) -> None:
    """What came late, or moved between two pages, is found; what is known comes the same."""
    ada.receives(letter(1, sent=MONDAY - 3 * DAY))
    ada.receives(letter(2, sent=MONDAY - DAY))
    ada.receives(letter(3, sent=MONDAY))
    window = week(first=MONDAY - 7 * DAY)
    first = pages(tenant, window=window)
    ada.receives(letter(4, sent=MONDAY - DAY + 60))
    again = pages(tenant, first[-1].state, window)
    assert {item.identity for item in evidence(again)} == {f"mid:{n}@okafor.example" for n in (2, 3, 4)}
    known = {item.key: item for item in evidence(first)}
    assert all(known.get(item.key, item) == item for item in evidence(again))


def test_once_a_week_the_whole_week_is_read_again(tenant: Tenant, ada: Mailbox) -> None:
    """What no overlap of two days reaches: a mail that turned up late in the list."""
    ada.receives(letter(1, sent=MONDAY))
    state = pages(tenant, window=week(now=MONDAY + 3600))[-1].state
    ada.receives(letter(2, sent=MONDAY + 4 * DAY))
    state = pages(tenant, state, week(now=MONDAY + 5 * DAY))[-1].state
    ada.receives(letter(3, sent=MONDAY + 600))
    late = "mid:3@okafor.example"
    assert late not in {item.identity for item in found(tenant, state=state, window=week(now=MONDAY + 5 * DAY))}
    checked = pages(tenant, state, week(now=MONDAY + 8 * DAY))
    assert late in {item.identity for item in evidence(checked)}
    again = pages(tenant, checked[-1].state, week(now=MONDAY + 9 * DAY))
    assert late not in {item.identity for item in evidence(again)}


def test_ids_that_do_not_last_are_told(tenant: Tenant, ada: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    ada.receives(letter(1, sent=MONDAY))
    assert not [gap for page in pages(tenant) for gap in page.gaps]
    monkeypatch.setattr(Call, "applied", 'outlook.body-content-type="text"')
    told = pages(tenant)
    assert [gap.part for page in told for gap in page.gaps] == ["mail ids"]
    assert len(evidence(told)) == 1


def test_a_mailbox_without_mail_is_not_read_from_the_beginning_of_time(tenant: Tenant, ada: Mailbox) -> None:
    """A first run that looks back a month and finds nothing does not let the second look back for ever."""
    ada.receives(letter(1, sent=MONDAY - 100 * DAY))
    first = pages(tenant)
    everything = week(first=0)
    assert found(tenant, state=first[-1].state, window=everything) == []


def test_a_mail_dated_far_ahead_does_not_move_the_window_past_the_others(tenant: Tenant, ada: Mailbox) -> None:
    ada.receives(letter(1, sent=MONDAY))
    ada.receives(letter(2, sent=MONDAY + 3 * DAY + mail.OVERLAP + 10))
    state = pages(tenant)[-1].state
    ada.receives(letter(3, sent=MONDAY + 60))
    assert "mid:3@okafor.example" in {item.identity for item in found(tenant, state=state)}


def test_sent_mail_the_list_leaves_out_is_asked_for_by_itself(
    tenant: Tenant, ada: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a sent mail has a time of arrival is not known: until the list showed one, both are asked."""
    ada.receives(letter(1))
    ada.sends(letter(2, sent=MONDAY + 60))
    leave_out_sent(tenant, ada, monkeypatch)
    found_pages = pages(tenant)
    assert {item.identity for item in evidence(found_pages)} == {"mid:1@okafor.example", "mid:2@okafor.example"}
    assert found_pages[-1].state["sent_comes"] is False
    monkeypatch.undo()
    state = pages(tenant, found_pages[-1].state)[-1].state
    before = len(lists(tenant, "/v1.0/me/mailFolders/sentitems/messages"))
    pages(tenant, state)
    assert state["sent_comes"] is True
    assert len(lists(tenant, "/v1.0/me/mailFolders/sentitems/messages")) == before


def test_sent_mail_that_cannot_be_had_is_told(tenant: Tenant, ada: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is gone meanwhile is not; a service that is busy is no answer at all."""
    ada.sends(letter(2))
    leave_out_sent(tenant, ada, monkeypatch)
    for status, quarantined in ((500, 1), (404, 0)):
        spoil_in_batches(tenant, "/messages/", Status(status), monkeypatch)
        assert [len(page.quarantined) for page in pages(tenant) if page.quarantined] == [1] * quarantined
    spoil_in_batches(tenant, "/messages/", Status(503), monkeypatch)
    with pytest.raises(Answered):
        pages(tenant)


def leave_out_sent(tenant: Tenant, ada: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ada.by_arrival

    def without(folder: str = "") -> Any:
        return [one for one in whole(folder) if folder or one.folder != "sentitems"]

    monkeypatch.setattr(ada, "by_arrival", without)


def test_a_page_the_service_cannot_make_in_time_is_asked_for_in_smaller_ones(tenant: Tenant, ada: Mailbox) -> None:
    """Big pages of whole texts end in 504. What had come is not asked for again."""
    for n in range(30):
        ada.receives(letter(n, sent=MONDAY + n))

    def slow(asked: Asked) -> Status | None:
        sizes = [one.query["$top"] for one in lists(tenant) if "$top" in one.query]
        second_large = asked.path == "/v1.0/me/messages" and "$skiptoken" in asked.query and "5" not in sizes
        return Status(504) if second_large else None

    tenant.server.fault_for = slow
    assert len(found(tenant, page=20)) == 30
    [again] = [asked for asked in lists(tenant) if asked.query.get("$top") == "5"]
    assert again.query["$filter"].startswith("receivedDateTime ge 2026-03-09T15:00:21Z")


def test_the_smallest_page_is_reached_before_the_service_counts_as_out_of_order(tenant: Tenant, ada: Mailbox) -> None:
    """One that makes no page of more than five mails in time; each size is tried twice."""
    for n in range(12):
        ada.receives(letter(n, sent=MONDAY + n))
    large = lambda asked: asked.path == "/v1.0/me/messages" and asked.query.get("$top") in ("100", "25", "6")  # noqa: E731
    with tenant.server.failing(Status(504), large):
        assert len(found(tenant)) == 12
    assert [asked.query["$top"] for asked in lists(tenant) if "$top" in asked.query] == [
        *("100", "100", "25", "25", "6", "6"),
        "5",
    ]


def test_a_page_that_comes_late_once_is_asked_for_again_as_it_was(tenant: Tenant, ada: Mailbox) -> None:
    ada.receives(letter(1))
    tenant.server.faults += [None, Status(504)]
    assert len(found(tenant)) == 1
    assert [asked.query["$top"] for asked in lists(tenant)] == ["100"] * len(lists(tenant))


def test_a_page_larger_than_any_answer_may_be_is_asked_for_in_smaller_ones(tenant: Tenant, ada: Mailbox) -> None:
    for n in range(30):
        ada.receives(at=MONDAY + n, subject=f"Lease {n}", text="lease " * 700)
    web = Web(tenant.root, lambda _fresh: token, Manners(largest=64 * 1024), sleep=lambda _seconds: None)
    token = {"Authorization": f"Bearer {tenant.token(ADA)}"}
    read = list(mail.read(Graph(web, "work"), {}, week(), me_of(ada)))
    assert len(evidence(read)) == 30


def test_a_mail_larger_than_any_answer_may_be_is_told(tenant: Tenant, ada: Mailbox) -> None:
    ada.receives(at=MONDAY, subject="Lease", text="word " * 100_000)
    web = Web(tenant.root, lambda _fresh: token, Manners(largest=64 * 1024), sleep=lambda _seconds: None)
    token = {"Authorization": f"Bearer {tenant.token(ADA)}"}
    with pytest.raises(TooLarge):
        list(mail.read(Graph(web, "work"), {}, week(), me_of(ada)))


def test_a_service_that_cannot_make_the_smallest_page_is_out_of_order(tenant: Tenant, ada: Mailbox) -> None:
    tenant.server.fault_for = lambda asked: Status(504) if asked.path == "/v1.0/me/messages" else None
    with pytest.raises(Answered, match="504"):
        pages(tenant, page=5)
    assert len(lists(tenant)) == 6


# -- which mails come -------------------------------------------------------------------------


def test_mail_is_seen_wherever_it_was_filed(tenant: Tenant, ada: Mailbox) -> None:
    """In folders within folders, and among what was thrown away: it did happen."""
    matters = ada.has_folder("Matters")
    harrow = ada.has_folder("Harrow", ada.has_folder("Leases", matters))
    for n, folder in enumerate(("inbox", matters, harrow, "deleteditems", "archive")):
        ada.receives(letter(n, sent=MONDAY + n), folder=folder)
    assert [item.place.reveal() for item in found(tenant)] == ["Inbox", "Matters", "Harrow", "Deleted Items", "Archive"]


def test_the_two_folders_all_mailboxes_have_are_called_alike_everywhere(tenant: Tenant, ada: Mailbox) -> None:
    """Whatever language the mailbox speaks."""
    for key, name in (("inbox", "Posteingang"), ("sentitems", "Gesendete Elemente")):
        ada.folders[key] = type(ada.folders[key])(ada.folders[key].id, name, ada.folders[key].parent)
    ada.receives(letter(1))
    ada.sends(letter(2, sent=MONDAY + 60))
    assert [item.place.reveal() for item in found(tenant)] == ["Inbox", "Sent"]


def test_drafts_junk_and_what_waits_to_be_sent_do_not_come(tenant: Tenant, ada: Mailbox) -> None:
    for n, folder in enumerate(("drafts", "junkemail", "outbox")):
        ada.receives(letter(n, sent=MONDAY + n), folder=folder)
    ada.receives(at=MONDAY + 9, draft=True)
    assert found(tenant) == []


def test_chats_that_mail_listings_show_too_do_not_come(tenant: Tenant, ada: Mailbox) -> None:
    """They lie in a hidden folder, or have no Message-ID."""
    ada.keeps_chat(MONDAY)
    ada.receives(letter(1, sent=MONDAY + 1), folder=ada.has_folder("TeamsMessagesData", hidden=True))
    ada.receives(letter(2, sent=MONDAY + 2, without=("Message-ID",)))
    assert found(tenant) == []


@pytest.mark.parametrize("status", [403, 500])
def test_folders_that_cannot_be_listed_hide_no_mail(
    tenant: Tenant, ada: Mailbox, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of a parent that is refused: better a mail too many than one too few. Junk stays out."""
    harrow = ada.has_folder("Harrow", ada.has_folder("Matters"))
    ada.receives(letter(1), folder=harrow)
    ada.receives(letter(2, sent=MONDAY + 1), folder="junkemail")
    spoil_in_batches(tenant, "/childFolders", Status(status), monkeypatch)
    item = only(tenant)
    assert (item.identity, item.place.reveal()) == ("mid:1@okafor.example", "")


def test_without_leave_to_list_folders_mail_comes_all_the_same(
    tenant: Tenant, ada: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether ``Mail.ReadBasic`` reaches that far is not known."""
    ada.receives(letter(1))
    ada.keeps_chat(MONDAY)
    spoil_in_batches(tenant, "/mailFolders", Status(403), monkeypatch)
    assert only(tenant, basic=True).place.reveal() == ""


def test_a_mail_that_moves_between_folders_and_back_is_the_same_one(tenant: Tenant, ada: Mailbox) -> None:
    """A to B to A: what a delta of the folder loses for ever."""
    kept = ada.receives(letter(1))
    first = pages(tenant)
    harrow = ada.has_folder("Harrow")
    ada.moves(ada.moves(kept, harrow), "inbox")
    assert evidence(pages(tenant, first[-1].state)) == evidence(first)
    ada.moves(kept, harrow)
    moved = only(tenant, state=first[-1].state)
    assert (moved.key, moved.place.reveal()) == (evidence(first)[0].key, "Harrow")


def test_a_mail_that_is_gone_stays_captured_and_a_flag_is_no_news(tenant: Tenant, ada: Mailbox) -> None:
    kept, gone = ada.receives(letter(1)), ada.receives(letter(2, sent=MONDAY + 60))
    first = pages(tenant)
    ada.removes(gone)
    ada.marks(kept, read=False)
    again = pages(tenant, first[-1].state)
    assert not any(page.withdrawn for page in again)
    assert evidence(again) == evidence(first)[:1]


def test_a_mailbox_over_quota_is_read_like_any_other(tenant: Tenant, ada: Mailbox) -> None:
    """Deltas are refused there, since they write: none is asked for."""
    ada.over_quota = True
    ada.receives(letter(1))
    assert only(tenant).identity == "mid:1@okafor.example"
    assert not any("delta" in asked.target for asked in tenant.server.asked)


def test_a_mailbox_that_is_empty_all_at_once_is_not_believed(tenant: Tenant, ada: Mailbox) -> None:
    kept = ada.receives(letter(1))
    state = pages(tenant)[-1].state
    ada.removes(kept)
    with pytest.raises(SuddenlyEmpty) as trouble:
        pages(tenant, state)
    assert trouble.value.hint
    assert trouble.value.kept


def test_a_quiet_week_is_not_an_empty_mailbox(tenant: Tenant, ada: Mailbox) -> None:
    ada.receives(letter(1, sent=MONDAY - 30 * DAY))
    state = pages(tenant, window=week(first=MONDAY - 60 * DAY))[-1].state
    assert found(tenant, state=state, window=week(now=MONDAY + 30 * DAY, first=MONDAY + 20 * DAY)) == []


def test_nobody_looks_through_more_attachments_than_a_mail_has(tenant: Tenant, ada: Mailbox) -> None:
    """Their names come in one batch for a page, and no content ever."""
    for n in range(3):
        ada.receives(at=MONDAY + n, attached=(f"lease {n}.pdf", "map.png"), message_id=f"<{n}@harrow.example>")
    ada.receives(letter(9, sent=MONDAY + 9))
    before = tenant.graph.inner
    items = found(tenant)
    assert [item.facts.get("attachment_names") for item in items[:3]] == [f"lease {n}.pdf\nmap.png" for n in range(3)]
    assert "attachments" not in items[3].facts
    inner = [one["url"] for asked in tenant.server.asked if "batch" in asked.path for one in asked.json()["requests"]]
    assert [unquote(url).rpartition("/")[2] for url in inner if "attachments" in url] == [
        "attachments?$select=name"
    ] * 3
    assert tenant.graph.inner - before == len(inner)
    assert not any("contentBytes" in asked.target or "$value" in asked.target for asked in tenant.server.asked)


def test_a_mail_that_stands_on_two_pages_is_looked_through_once(tenant: Tenant, ada: Mailbox) -> None:
    for n in range(4):
        ada.receives(at=MONDAY + n, attached=("lease.pdf",), message_id=f"<{n}@harrow.example>")
    tenant.repeat_page()
    assert len(found(tenant, page=2)) == 4
    inner = [one["url"] for asked in tenant.server.asked if "batch" in asked.path for one in asked.json()["requests"]]
    assert sum("/attachments" in url for url in inner) == 4
