"""A mail from Gmail gives the evidence that the same mail in a file gives."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.mime.application import MIMEApplication
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.collectors import messages
from autotime.collectors.google.letters import big_texts, evidence_of, folder_of, is_mail
from autotime.collectors.messages import Where
from autotime.domain.evidence import Evidence, Quarantined
from autotime.testing.google.mail import Mailbox, payload_of
from tests.collectors.google.office import ADA as ADDRESS
from tests.collectors.sources import ADA, MONDAY, letter

HERE = Where("office", "google", "Inbox", ADA, MONDAY + 86_400)

HTML = """<html><head><style>p {color: red}</style></head><body><p>The lease is <b>signed</b>.</p>
<div>&nbsp;</div><blockquote>Please sign.</blockquote></body></html>"""
REPLY = """Signed, see below.

On Mon, Mar 9, 2026 at 9:00 AM Ben Lund <ben@harrow.example> wrote:
> Please sign the lease.
> Ben
"""
LETTERS = {
    "plain": letter(0),
    "a reply": letter(1, REPLY, headers=["References: <0@harrow.example> <1@harrow.example>", "Subject: Re: Lease"]),
    "windows line ends": letter(0, REPLY).replace(b"\n", b"\r\n"),
    "folded headers": letter(0, headers=["Subject: A subject\n  that goes on", "To: a@x.example,\n\tb@x.example"]),
    "encoded words": letter(0, headers=["Subject: =?utf-8?b?R3LDvMOfZQ==?=\n =?iso-8859-1?q?_mit_K=F6ln?="]),
    "bare UTF-8 in a header": letter(0, headers=["Subject: Größe", "From: Jürgen <j@harrow.example>"]),
    "bulk": letter(0, headers=["List-Id: <all.harrow.example>", "Precedence: list"]),
    "a check that failed": letter(0, headers=["Authentication-Results: mx.example; dmarc=fail"]),
    "a time that Received tells": letter(
        0, without=["Date"], headers=["Received: by mx.example; Mon, 9 Mar 2026 11:00:00 -0500"]
    ),
    "no Message-ID": letter(0, without=["Message-ID"]),
    "many people": letter(0, headers=["Cc: " + ", ".join(f"p{n}@harrow.example" for n in range(120))]),
    "no text": letter(0, ""),
    "Latin-1": letter(0, headers=["Content-Type: text/plain; charset=iso-8859-1"]) + "Grüße".encode("latin-1"),
    "Japanese": letter(0, headers=["Content-Type: text/plain; charset=iso-2022-jp"]) + "契約".encode("iso-2022-jp"),
    "an unknown charset": letter(0, headers=["Content-Type: text/plain; charset=klingon"]),
    "quoted-printable": letter(
        0,
        "Gr=C3=BC=C3=9Fe aus K=C3=B6ln=\n und mehr",
        headers=["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable"],
    ),
    "HTML alone": letter(0, HTML, headers=["Content-Type: text/html; charset=utf-8"]),
}


def from_gmail(raw: bytes, labels: tuple[str, ...] = ("INBOX",), transcodes: bool = True) -> Evidence | Quarantined:
    box = Mailbox(ADDRESS, transcodes=transcodes)
    mail = {
        "id": "195a1b2c3d4e5f60",
        "labelIds": list(labels),
        "internalDate": f"{MONDAY}000",
        "payload": payload_of(box, message_from_bytes(raw)),
    }
    return evidence_of(mail, HERE, text=True)


def from_a_file(raw: bytes) -> Evidence | Quarantined:
    return messages.read(raw, HERE, "195a1b2c3d4e5f60")


@pytest.mark.parametrize("transcodes", [True, False], ids=["text as UTF-8", "text as it was sent"])
@pytest.mark.parametrize("raw", LETTERS.values(), ids=LETTERS)
def test_a_letter_is_the_same_from_gmail_and_from_a_file(raw: bytes, transcodes: bool) -> None:
    """Whether Gmail gives a text in its own charset or in UTF-8 is not documented: either will do."""
    local = from_a_file(raw)
    assert isinstance(local, Evidence)
    labels = ("SENT",) if local.own else ("INBOX",)
    assert from_gmail(raw, labels, transcodes) == local


def leaves() -> st.SearchStrategy[Any]:
    words = st.text(st.characters(codec="utf-8", exclude_characters="\0\x1b"), max_size=40)
    texts = st.builds(MIMEText, words, st.sampled_from(["plain", "html"]), st.just("utf-8"))
    return texts | st.builds(attached, st.sampled_from(["lease.pdf", "Größe.docx", "a;b.txt"]))


def attached(name: str) -> MIMEApplication:
    made = MIMEApplication(b"%PDF-1.4")
    made.add_header("Content-Disposition", "attachment", filename=name)
    return made


def together(parts: list[Any], kind: str) -> MIMEMultipart:
    made = MIMEMultipart(kind)
    for part in parts:
        made.attach(part)
    return made


trees = st.recursive(
    leaves(),
    lambda inner: (
        st.builds(together, st.lists(inner, min_size=1, max_size=3), st.sampled_from(["mixed", "alternative"]))
        | st.builds(MIMEMessage, inner)
    ),
    max_leaves=6,
)


@given(trees, st.booleans())
def test_parts_within_parts_are_the_same_too(tree: Any, transcodes: bool) -> None:
    """Which text is shown, which names are attached, and that an attached mail is not opened."""
    for name, value in {"From": "ben@harrow.example", "Date": "Mon, 9 Mar 2026 11:00:00 -0500"}.items():
        if name not in tree:
            tree[name] = value
    raw = tree.as_bytes()
    assert from_gmail(raw, transcodes=transcodes) == from_a_file(raw)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["headers", "parts", "body", "data", "mimeType", "filename", "name", "value", "attachmentId"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(json_values, json_values, json_values)
def test_no_answer_of_any_shape_breaks_a_run(payload: Any, labels: Any, taken: Any) -> None:
    """What is no mail is quarantined, with a reason and nothing of what it said."""
    mail = {"id": "1", "payload": payload, "labelIds": labels, "internalDate": taken}
    list(big_texts(mail))
    assert is_mail(mail)
    assert folder_of(mail, dict) == "Archive"
    found = evidence_of(mail, HERE, text=True)
    assert isinstance(found, Evidence | Quarantined)
    if isinstance(found, Quarantined):
        assert (found.key, bool(found.reason)) == ("1", True)


def test_without_text_all_else_is_the_same() -> None:
    raw = LETTERS["a reply"]
    box = Mailbox(ADDRESS)
    payload = payload_of(box, message_from_bytes(raw))
    mail = {"id": "1", "labelIds": ["SENT"], "payload": {"headers": payload["headers"], "mimeType": "text/plain"}}
    bare, whole = evidence_of(mail, HERE, text=False), from_a_file(raw)
    assert isinstance(bare, Evidence)
    assert isinstance(whole, Evidence)
    facts = {name: value for name, value in whole.facts.items() if not name.startswith("words_")}
    assert bare == replace(whole, key="1", body=bare.body, quoted=bare.quoted, facts=facts)
    assert not bare.body.reveal()
