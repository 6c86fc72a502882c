"""A mail from Graph gives the evidence that the same mail in a file gives, whatever it holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autotime.collectors import messages
from autotime.collectors.messages import Where
from autotime.domain.evidence import Evidence, Quarantined
from autotime.testing.microsoft import Mailbox, Tenant
from tests.collectors.microsoft.mailroom import pages
from tests.collectors.microsoft.parts import ADA, DAY, evidence, week
from tests.collectors.sources import ADA as TIMEKEEPER
from tests.collectors.sources import MONDAY, letter

NOW = MONDAY + 3 * DAY


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant() as made:
        yield made


@pytest.fixture
def ada(tenant: Tenant) -> Mailbox:
    return tenant.mailbox(ADA, "Ada Okafor")


def made(text: str = "The lease is signed.\n", page: str = "", **headers: str) -> EmailMessage:
    """As a mail program writes it."""
    mail = EmailMessage()
    usual = {
        "Message-ID": "<1@harrow.example>",
        "Date": format_datetime(datetime.fromtimestamp(MONDAY, UTC)),
        "From": "Ben Lund <ben@harrow.example>",
        "To": "Ada Okafor <ada@okafor.example>",
        "Subject": "Harrow lease",
    }
    for name, value in (usual | {key.replace("_", "-"): said for key, said in headers.items()}).items():
        mail[name] = value
    mail.set_content(text)
    if page:
        mail.add_alternative(page, subtype="html")
    return mail


def with_files(*names: str) -> bytes:
    mail = made()
    for name in names:
        mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename=name)
    return mail.as_bytes()


REPLY = """Signed, see below.

On Mon, Mar 9, 2026 at 9:00 AM Ben Lund <ben@harrow.example> wrote:
> Please sign the lease.
> Ben
"""
MAILS = {
    "umlauts everywhere": made("Grüße aus Köln\n", Subject="Größe", From="Jürgen Müller <j@harrow.example>").as_bytes(),
    "Japanese": made("契約書を添付します。\n", Subject="契約").as_bytes(),
    "text and page": made("The lease is signed.\n", "<p>The lease is <b>signed</b>.</p>").as_bytes(),
    "one attachment": with_files("lease.pdf"),
    "attachments with umlauts": with_files("Mietvertrag Köln.pdf", "Anlage §1.pdf"),
    "a reply": made(REPLY, Subject="Re: Lease", References="<0@x.example> <1@x.example>").as_bytes(),
    "an answer without references": made(REPLY, Subject="Re: Lease", In_Reply_To="<0@x.example>").as_bytes(),
    "many references": made(References=" ".join(f"<{n}@x.example>" for n in range(12))).as_bytes(),
    "a list": made(List_Id="<all.harrow.example>", Precedence="list").as_bytes(),
    "an automatic answer": made(Auto_Submitted="auto-replied").as_bytes(),
    "taken for spam": made(X_Spam_Flag="YES").as_bytes(),
    "two senders' check": made(Authentication_Results="mx.example; spf=fail; dmarc=fail").as_bytes(),
    "names with commas": made(To='"Okafor, Ada" <ada@okafor.example>', Cc='"Lund, Ben" <b@x.example>').as_bytes(),
    "no subject": letter(1, without=["Subject"]),
    "no text": letter(1, ""),
    "another zone": letter(1, headers=["Date: Tue, 10 Mar 2026 01:00:00 +0930"]),
    "a zone nobody names": letter(1, headers=["Date: Mon, 9 Mar 2026 15:00:00 -0000"]),
    "Windows line ends": letter(1, REPLY).replace(b"\n", b"\r\n"),
    "a trace of Outlook's": letter(1, headers=["Thread-Index: AQHWLRNo4NaOjvXU8EODe0ZotrA8B6itzaxf"]),
}


def from_a_file(raw: bytes, folder: str, key: str) -> Evidence | Quarantined:
    return messages.read(raw, Where("work", "microsoft", folder, TIMEKEEPER, NOW), key)


@pytest.mark.parametrize("raw", MAILS.values(), ids=MAILS)
def test_a_mail_is_the_same_from_graph_and_from_a_file(tenant: Tenant, ada: Mailbox, raw: bytes) -> None:
    ada.receives(raw)
    [item] = evidence(pages(tenant))
    assert item == from_a_file(raw, "Inbox", item.key)


@pytest.mark.parametrize("raw", MAILS.values(), ids=MAILS)
def test_sent_mail_is_the_same_too(tenant: Tenant, ada: Mailbox, raw: bytes) -> None:
    """Where Graph shows its headers."""
    raw = raw.replace(b"From: Ben Lund <ben@harrow.example>", b"From: Ada Okafor <ada@okafor.example>")
    ada.sends(raw)
    [item] = evidence(pages(tenant))
    assert item == from_a_file(raw, "Sent", item.key)


def test_sent_mail_without_headers_is_the_same_mail(tenant: Tenant, ada: Mailbox) -> None:
    """Graph often shows none for it: the same name, time, people and words, and the same conversation."""
    ada.headers_when_sent = False
    raw = letter(1)
    ada.sends(raw)
    [item] = evidence(pages(tenant))
    there = from_a_file(raw, "Sent", item.key)
    assert isinstance(there, Evidence)
    for name in ("identity", "at", "own", "people", "subject", "body", "thread", "place"):
        assert getattr(item, name) == getattr(there, name)


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp", "Co", "Cn")), max_size=40)


@given(subject=WORDS, lines=st.lists(WORDS, max_size=5), replies=st.integers(0, 3))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_words_are_the_same_from_graph_and_from_a_file(
    tenant: Tenant, subject: str, lines: list[str], replies: int
) -> None:
    raw = made(
        "\n".join(lines) + "\n",
        Subject=subject.strip(),
        References=" ".join(f"<{n}@x.example>" for n in range(replies)),
    ).as_bytes()
    box = tenant.mailbox(ADA, "Ada Okafor")
    for kept in list(box.letters.values()):
        box.removes(kept)
    box.receives(raw)
    [item] = evidence(pages(tenant))
    assert item == from_a_file(raw, "Inbox", item.key)


# -- times that cannot be ---------------------------------------------------------------------


@pytest.mark.parametrize("year", ["1601", "1970", "2099"])
def test_a_time_that_no_mail_can_have_is_taken_from_who_received_it(tenant: Tenant, ada: Mailbox, year: str) -> None:
    """As from a file: the server's mark tells it, and that it was assumed."""
    received = "Received: by mx.okafor.example; Mon, 9 Mar 2026 11:00:00 -0500"
    raw = letter(1, headers=[f"Date: Mon, 9 Mar {year} 15:00:00 +0000", received])
    kept = ada.receives(letter(1, headers=[received], sent=MONDAY + 3600))
    ada._keep(type(kept)(**{**fields(kept), "sent": 0, "headers": headers(raw)}))
    [item] = evidence(pages(tenant))
    assert item == from_a_file(raw, "Inbox", item.key)
    assert item.facts["time_assumed"] is True


def fields(kept: Any) -> dict[str, Any]:
    return {name: getattr(kept, name) for name in kept.__slots__}


def headers(raw: bytes) -> tuple[tuple[str, str], ...]:
    from email import message_from_bytes

    return tuple((name, str(value)) for name, value in message_from_bytes(raw).items())


def test_a_time_that_graph_alone_tells_must_be_possible_too(tenant: Tenant, ada: Mailbox) -> None:
    """Without headers: null is the year 1, and then its arrival stands."""
    kept = ada.receives(letter(1))
    for sent in (-62_135_596_800, 4_070_908_800):
        ada._keep(type(kept)(**{**fields(kept), "sent": sent, "headers": ()}))
        [item] = evidence(pages(tenant, window=week()))
        assert (item.at, item.facts["time_assumed"]) == (MONDAY + 2, True)
