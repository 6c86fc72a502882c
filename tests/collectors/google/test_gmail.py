"""Mail from Gmail: what is asked, what is left alone, and what a mail is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from autotime.collectors.google.gmail import DAY
from autotime.testing.google import User, Workspace
from autotime.testing.google.routes import Refused
from autotime.web import Answered
from tests.collectors.google import room as rooms
from tests.collectors.google.mailroom import NOW, asked, run
from tests.collectors.google.office import ADA
from tests.collectors.google.room import Kept
from tests.collectors.sources import MONDAY, letter

HEADERS_ONLY = {"mode": "metadata", "scopes": ("gmail.metadata",)}


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """Every answer it gives is as Google's description says."""
    with rooms.room() as made:
        yield made.workspace


@pytest.fixture
def ada(workspace: Workspace) -> User:
    return workspace.user(ADA)


# -- what is asked ----------------------------------------------------------------------------


def test_a_day_of_three_hundred_mails_is_few_requests(workspace: Workspace, ada: User) -> None:
    """And a quiet day fewer still."""
    for number in range(300):
        ada.receives(letter(number, sent=MONDAY + number))
    kept = run(workspace)
    assert len(kept.evidence) == 300
    assert len(workspace.server.asked) <= 12
    before = len(workspace.server.asked)
    run(workspace, kept)
    assert len(workspace.server.asked) - before == 2


def test_the_first_run_asks_for_the_window_only(workspace: Workspace, ada: User) -> None:
    """In seconds since 1970, since Google reads a date as midnight in California; with a day to spare, since
    Google's time of a mail is not its own."""
    ada.receives(letter(0, sent=MONDAY))
    ada.receives(letter(1, sent=MONDAY - 40 * DAY))
    kept = run(workspace, since=MONDAY - 30 * DAY)
    assert [item.at for item in kept.items] == [MONDAY]
    assert asked(workspace, "/messages?")[0]["q"] == [f"after:{MONDAY - 31 * DAY} before:{NOW + 2 * DAY}"]
    assert len(asked(workspace, "format=full")) == 1


def test_neither_a_snippet_nor_an_attachment_is_asked_for(workspace: Workspace, ada: User) -> None:
    ada.receives(with_attachment())
    kept = run(workspace)
    assert kept.only().facts["attachment_names"] == "Lease (signed).pdf"
    fields = asked(workspace, "format=full")[0]["fields"][0]
    assert "snippet" not in fields
    assert asked(workspace, "/attachments/") == []


def test_a_text_too_long_to_come_along_is_fetched(workspace: Workspace, ada: User) -> None:
    """Gmail names a long text as it names an attachment; an attached text is still none of ours."""
    ada.mail.big = 500
    ada.receives(letter(0, "The lease is signed. " * 100))
    ada.receives(with_attachment("A long letter. " * 100))
    kept = run(workspace)
    assert [len(item.body.reveal()) for item in kept.items] == [2099, 1499]
    assert len(asked(workspace, "/attachments/")) == 2


def test_a_long_text_that_is_gone_meanwhile_is_no_sign_of_a_lost_history(workspace: Workspace, ada: User) -> None:
    """Both are told by 404."""
    ada.mail.big = 500
    kept = run(workspace)
    ada.receives(letter(0, "The lease is signed. " * 100))
    call = workspace.call

    def gone(one: Any) -> Any:
        return Refused(404, "notFound").reply(one.path) if "/attachments/" in one.path else call(one)

    workspace.call = gone  # type: ignore[method-assign]
    assert run(workspace, kept).only().body.reveal() == ""
    assert len(asked(workspace, "/messages?")) == 1


def test_the_history_is_noted_before_the_mails_are_read(workspace: Workspace, ada: User) -> None:
    """A mail that comes while the first run reads is the first news of the next."""
    ada.receives(letter(0))
    answer = workspace.server.answer

    def late(one: Any) -> Any:
        reply = answer(one)
        if one.path.endswith("/messages") and len(ada.mail.messages) == 1:
            ada.receives(letter(1))
        return reply

    workspace.server.answer = late
    kept = run(workspace)
    run(workspace, kept)
    assert len(kept.evidence) == 2


def test_numbers_that_google_writes_as_text_are_compared_as_numbers(workspace: Workspace, ada: User) -> None:
    """From 999 to 1000 the history goes on."""
    ada.mail.history = ada.mail.oldest = 998
    ada.receives(letter(0))
    kept = run(workspace)
    ada.receives(letter(1))
    ada.receives(letter(2))
    run(workspace, kept)
    assert (kept.new, kept.state["history"]) == (2, 1001)


# -- metadata ---------------------------------------------------------------------------------


def test_metadata_mode_reads_headers_and_never_searches(workspace: Workspace, ada: User) -> None:
    """Google refuses even an empty search, and every format with text, under that permission."""
    ada.receives(letter(0, "Privileged.", headers=["List-Id: <all.okafor.example>"]))
    item = run(workspace, **HEADERS_ONLY).only()
    assert (item.subject.reveal(), item.body.reveal()) == ("Harrow lease no. 0", "")
    assert item.flag("bulk")
    assert "words_new" not in item.facts
    assert not any("q" in query for query in asked(workspace, "/messages?"))
    assert {query["format"][0] for query in asked(workspace, "format=")} == {"metadata"}
    assert not any("snippet" in query["fields"][0] for query in asked(workspace, "format="))


def test_metadata_mode_stops_where_the_window_begins(workspace: Workspace, ada: User) -> None:
    """It cannot search, so it reads from the newest until a whole page is too old."""
    for number in range(20):
        ada.receives(letter(number, sent=MONDAY - number * DAY))
    kept = run(workspace, since=MONDAY - 4 * DAY, page=2, **HEADERS_ONLY)
    assert len(kept.evidence) == 5
    assert len(asked(workspace, "format=metadata")) == 8


def test_text_is_refused_under_the_lesser_permission_and_nothing_is_quarantined(
    workspace: Workspace, ada: User
) -> None:
    """A token that holds both permissions has the limits of the lesser one."""
    ada.receives(letter(0))
    kept = Kept()
    with pytest.raises(Answered):
        run(workspace, kept, scopes=("gmail.readonly", "gmail.metadata"))
    assert (kept.evidence, kept.quarantined) == ({}, {})


# -- what a mail is ---------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["DRAFT", "SPAM", "TRASH", "CHAT", "SCHEDULED"])
def test_what_is_no_sent_or_received_mail_is_left_out(workspace: Workspace, ada: User, label: str) -> None:
    kept = run(workspace)
    ada.receives(letter(0), labels=[label, "INBOX"])
    assert run(workspace, kept).items == []


def test_sent_mail_is_known_by_its_label_whatever_the_address(workspace: Workspace, ada: User) -> None:
    """Ada writes under several addresses; and somebody else may write under hers."""
    ada.sends(letter(0, headers=["From: Ada <counsel@okafor.example>"]))
    ada.receives(letter(1, headers=["From: ada@okafor.example", "To: ada@okafor.example"], sent=MONDAY + 1))
    assert [item.own for item in run(workspace).items] == [True, False]


@pytest.mark.parametrize(
    ("labels", "place"),
    [
        (["INBOX", "UNREAD", "CATEGORY_PERSONAL"], "Inbox"),
        (["SENT"], "Sent"),
        (["SENT", "INBOX"], "Sent"),
        (["INBOX", "Harrow"], "Harrow"),
        (["Clients", "Clients/Harrow", "Zoning"], "Clients/Harrow"),
        ([], "Archive"),
    ],
)
def test_a_mail_lies_where_a_person_filed_it(workspace: Workspace, ada: User, labels: list[str], place: str) -> None:
    """The innermost label of her own; else Sent, Inbox or the archive."""
    ada.receives(letter(0), labels=labels)
    assert run(workspace).only().place.reveal() == place


def test_a_mail_with_any_label_that_is_excluded_is_left_out(workspace: Workspace, ada: User) -> None:
    """Also where it is filed under another one."""
    ada.receives(letter(0), labels=["Clients/Harrow", "Private", "INBOX"])
    ada.receives(letter(1), labels=["Clients/Harrow", "INBOX"])
    kept = run(workspace, excluded=frozenset({"private"}))
    assert [item.subject.reveal() for item in kept.items] == ["Harrow lease no. 1"]
    assert run(workspace, excluded=frozenset({"inbox"})).items == []


def test_a_mail_without_a_usable_date_has_the_time_google_took_it(workspace: Workspace, ada: User) -> None:
    ada.receives(letter(0, without=["Date"]), at=MONDAY + 60)
    item = run(workspace).only()
    assert (item.at, item.flag("time_assumed")) == (MONDAY + 60, True)


def with_attachment(text: str = "Please find the lease attached.") -> bytes:
    return f"""From: Ben Lund <ben@harrow.example>
To: ada@okafor.example
Date: Mon, 9 Mar 2026 11:00:00 -0500
Message-ID: <attached@harrow.example>
Subject: Lease
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

{text}
--b
Content-Type: text/plain; name=notes.txt
Content-Disposition: attachment; filename="Lease (signed).pdf"

{"Not read. " * 100}
--b--
""".encode()
