"""What one mail of Microsoft's says, and rows of another shape than they should have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest

from autotime.collectors.messages import Where
from autotime.collectors.messages import read as read_raw
from autotime.collectors.microsoft import mail
from autotime.domain.evidence import Evidence, Role
from autotime.testing.microsoft import Mailbox, Tenant
from autotime.testing.server import Asked, Status
from autotime.web import Answered
from tests.collectors import sources
from tests.collectors.microsoft.mailroom import found, only, pages
from tests.collectors.microsoft.parts import ADA, DAY, asking, evidence, me_of, week
from tests.collectors.sources import MONDAY, letter


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant() as made:
        yield made


@pytest.fixture
def ada(tenant: Tenant) -> Mailbox:
    return tenant.mailbox(ADA, "Ada Okafor")


# -- what a mail is ---------------------------------------------------------------------------


TELLING = ["References: <root@harrow.example> <b@x.example>", "List-Id: <leases.harrow.example>"]
UTF8 = ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
LETTERS = {
    "plain": letter(1),
    "with a zone": letter(1, headers=["Date: Mon, 9 Mar 2026 10:00:00 -0500"]),
    "in a conversation": letter(1, headers=["Subject: Re: Harrow lease", TELLING[0]]),
    "of a list": letter(1, headers=["From: news@harrow.example", TELLING[1], "To: ada@okafor.example"]),
    "with a quoted one": letter(1, "Agreed.\n\nOn Mon, Ben wrote:\n> The lease is signed.\n"),
    "with many people": letter(1, headers=["To: Ben <ben@harrow.example>, cy@x.example", "Cc: Dee <dee@x.example>"]),
    "failed": letter(1, headers=["Authentication-Results: mx; dmarc=fail", "From: Ben <ben@harrow.example>"]),
    "in other letters": letter(1, "Très bien.\n", headers=["Subject: =?utf-8?q?L=C3=A9ase?=", *UTF8]),
}


@pytest.mark.parametrize("raw", LETTERS.values(), ids=LETTERS)
def test_a_mail_is_the_same_evidence_as_the_file_it_would_be(tenant: Tenant, ada: Mailbox, raw: bytes) -> None:
    """But for account, source and key."""
    ada.receives(raw)
    here = only(tenant)
    there = read_raw(raw, Where("work", "microsoft", "Inbox", sources.ADA, here.at + DAY), here.key)
    assert here == there


def test_what_graph_gives_as_a_page_is_read_as_text(tenant: Tenant, ada: Mailbox) -> None:
    """Where the wish for text was not heard."""
    ada.receives(at=MONDAY, html="<p>The lease</p><script>x()</script><p>is <b>signed</b>.</p>")
    graph = asking(tenant)
    ask = graph.web.get
    graph.web.get = lambda where, **_: ask(where)  # type: ignore[method-assign]
    [item] = evidence(list(mail.read(graph, {}, week(), me_of(ada))))
    assert item.body.reveal().split() == ["The", "lease", "is", "signed."]


def test_in_metadata_mode_no_text_is_asked_for_or_kept(tenant: Tenant, ada: Mailbox) -> None:
    ada.receives(at=MONDAY, subject="Harrow lease", text="Privileged", attached=("lease.pdf",))
    item = only(tenant, basic=True)
    assert (item.subject.reveal(), item.body.reveal(), item.quoted.reveal()) == ("Harrow lease", "", "")
    assert not {"words_new", "words_quoted", "attachment_names"} & item.facts.keys()
    asked = [unquote(one.target) + one.body.decode() for one in tenant.server.asked]
    assert not any(word in one for one in asked for word in ("body", "bodyPreview", "attachments?"))


@pytest.mark.parametrize("status", [400, 403])
def test_internet_headers_that_may_not_be_read_are_done_without(tenant: Tenant, ada: Mailbox, status: int) -> None:
    """Whether ``Mail.ReadBasic`` shows them is not known; nor the index of the conversation."""
    ada.receives(letter(1))
    ada.basic_hides = {"conversationIndex"}
    tenant.server.fault_for = lambda asked: Status(status) if "internetMessageHeaders" in asked.target else None
    item = only(tenant, basic=True)
    assert (item.identity, item.at, item.thread) == ("mid:1@okafor.example", MONDAY, "mid:1@okafor.example")


def test_in_text_mode_a_refusal_is_a_refusal(tenant: Tenant, ada: Mailbox) -> None:
    tenant.server.fault_for = lambda asked: Status(403) if "internetMessageHeaders" in asked.target else None
    with pytest.raises(Answered):
        pages(tenant)


def test_the_opening_of_a_reply_is_inferred_from_the_index(tenant: Tenant, ada: Mailbox) -> None:
    """Of the timekeeper's own mail; in Graph's standard base64."""
    opened = MONDAY - 600
    index = sources_index(MONDAY - DAY, opened)
    ada.sends(at=MONDAY, subject="RE: Harrow lease", index=index)
    ada.receives(at=MONDAY + 60, subject="RE: Harrow lease", index=index)
    mine, other = found(tenant)
    assert abs(int(mine.facts["reply_opened_at"]) - opened) <= 1
    assert "reply_opened_at" not in other.facts


def sources_index(began: int, replied: int) -> str:
    """A classic Outlook's: its time of 1601 in units of 6.5 ms, an id, and one reply."""
    import base64

    ticks = (began + 11_644_473_600) * 10_000_000
    header = (ticks >> 16).to_bytes(6, "big") + b"\x11" * 16
    delta = ((replied - began) * 10_000_000) >> 18
    return base64.b64encode(header + delta.to_bytes(4, "big") + b"\x10").decode()


def test_whose_mail_it_is_is_told_by_all_of_the_mailboxs_addresses(tenant: Tenant, ada: Mailbox) -> None:
    ada.receives(at=MONDAY, sender=("Ada", "Ada.Okafor@Okafor.example"))
    me = me_of(ada)
    mine = type(me)(account=me.account, id=me.id, name=me.name, addresses=(*me.addresses, "ada.okafor@okafor.example"))
    [item] = evidence(list(mail.read(asking(tenant), {}, week(), mine)))
    assert item.own


def test_a_name_that_only_repeats_the_address_is_none(tenant: Tenant, ada: Mailbox) -> None:
    ada.receives(at=MONDAY, sender=("ben@harrow.example", "Ben@Harrow.example"), to=(("Ada Okafor", ADA),))
    people = only(tenant).people
    assert [(one.role, one.address, one.name.reveal()) for one in people] == [
        (Role.FROM, "ben@harrow.example", ""),
        (Role.TO, ADA, "Ada Okafor"),
    ]


# -- rows of another shape --------------------------------------------------------------------

GOOD = {
    "id": "AAk1",
    "internetMessageId": "<1@okafor.example>",
    "subject": "Harrow lease",
    "from": {"emailAddress": {"name": "Ben", "address": "ben@harrow.example"}},
    "toRecipients": [],
    "receivedDateTime": "2026-03-09T15:00:02Z",
    "sentDateTime": "2026-03-09T15:00:00Z",
    "isDraft": False,
}


def given(tenant: Tenant, *rows: Any) -> tuple[list[Evidence], list[str]]:
    """What comes of a list with these rows, in a mailbox whose folders may not be listed."""

    def answer(asked: Asked) -> Status | None:
        if asked.path == "/v1.0/me/messages":
            return Status(200, body={"value": list(rows)})
        return None

    tenant.switches.batch += [Status(403)] * 6
    tenant.server.fault_for = answer
    read = pages(tenant)
    return evidence(read), [bad.reason for page in read for bad in page.quarantined]


BAD = {
    "no object": "AAk2",
    "null": None,
    "no id": {name: value for name, value in GOOD.items() if name != "id"},
    "no time": {**GOOD, "id": "AAk2", "receivedDateTime": None, "sentDateTime": None},
    "a time without an offset": {**GOOD, "id": "AAk2", "receivedDateTime": "2026-03-09T15:00:00"},
    "an absurd time": {**GOOD, "id": "AAk2", "receivedDateTime": "9999999-01-01T00:00:00Z"},
    "headers of another shape": {**GOOD, "id": "AAk2", "internetMessageHeaders": [7]},
    "recipients of another shape": {**GOOD, "id": "AAk2", "toRecipients": 7},
}


@pytest.mark.parametrize("row", BAD.values(), ids=BAD)
def test_one_row_of_another_shape_harms_no_other(tenant: Tenant, ada: Mailbox, row: Any) -> None:
    items, reasons = given(tenant, row, GOOD)
    assert [item.identity for item in items] == ["mid:1@okafor.example"]
    assert len(reasons) == 1
    assert "Harrow" not in reasons[0]


@pytest.mark.parametrize(
    "odd",
    [
        {"isDraft": "false", "hasAttachments": "false"},
        {"from": None, "sender": GOOD["from"]},
        {"subject": None, "toRecipients": None, "ccRecipients": [None, {"emailAddress": None}]},
        {"body": None, "internetMessageHeaders": None, "conversationIndex": None, "conversationId": None},
        {"receivedDateTime": "2026-03-09T15:00:02.1234567Z", "sentDateTime": "2026-03-09T15:00:00.0000000Z"},
        {"receivedDateTime": None},
        {"conversationIndex": "no base64!", "conversationId": 7},
    ],
    ids=repr,
)
def test_what_may_be_missing_or_odd_is_done_without(tenant: Tenant, ada: Mailbox, odd: dict[str, Any]) -> None:
    items, reasons = given(tenant, {**GOOD, **odd})
    assert (len(items), reasons) == (1, [])
    assert items[0].at == MONDAY


def test_a_draft_may_be_told_in_words(tenant: Tenant, ada: Mailbox) -> None:
    assert given(tenant, {**GOOD, "isDraft": "true"}) == ([], [])


def test_a_mail_that_was_only_received_has_the_time_of_its_arrival(tenant: Tenant, ada: Mailbox) -> None:
    [item], _ = given(tenant, {**GOOD, "sentDateTime": None})
    assert (item.at, item.facts["time_assumed"]) == (MONDAY + 2, True)
