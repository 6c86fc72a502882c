"""Mail that is built to break whoever reads it: it costs little time, and the run goes on."""

from __future__ import annotations

import time

import pytest

from autotime.collectors.messages import PARTS_CAP, read
from autotime.domain.evidence import Evidence, Quarantined, Role

from .sources import letter
from .test_mail import INBOX, item, multipart, part, with_header


def nested(depth: int) -> bytes:
    body = part("text/plain", "deep")
    for level in range(depth):
        body = part(f'multipart/mixed; boundary="b{level}"', f"--b{level}\n{body}\n--b{level}--\n")
    return letter(1, without=["To"]).partition(b"\n\n")[0] + b"\n" + body.encode()


@pytest.mark.parametrize("depth", [49, 60, 400, 3000])
def test_parts_within_parts_end_somewhere(depth: int) -> None:
    """Deeper than any honest mail the text is not looked for, or the mail is quarantined; the run goes on."""
    began = time.process_time()
    found = read(nested(depth), INBOX)
    assert time.process_time() - began < 5
    if depth < 50:
        assert isinstance(found, Evidence)
        assert found.body.reveal() == "deep"
    else:
        assert isinstance(found, Quarantined) or found.body.reveal() == ""


def test_mails_within_mails_end_somewhere() -> None:
    """2,000 of them."""
    wrapped = letter(1, headers=["Content-Type: message/rfc822"]).partition(b"\n\n")[0] + b"\n\n"
    found = read(wrapped * 2000 + b"the end", INBOX)
    assert isinstance(found, Quarantined | Evidence)


def test_thousands_of_parts_are_not_all_looked_at() -> None:
    """The first few hundred say what there is to say."""
    found = item(multipart(*[part("text/plain", f"{n}") for n in range(5_000)]))
    assert found.number("words_new") <= PARTS_CAP


@pytest.mark.parametrize(
    "body",
    [
        "\n" * 400_000,
        " \n" * 200_000,
        "\t\n \r\n" * 80_000,
        "- " * 200_000,
        "-" * 400_000,
        "> " * 200_000,
        "from: a\n" * 50_000,
        "a@" * 200_000,
        "on " * 130_000 + "wrote:",
        "\u0301" * 300_000,
        "\x1b[" * 200_000,
        "\x1b]0;" * 100_000,
        "e\u0301\u200b" * 100_000,
    ],
    ids=lambda body: repr(body[:6]),
)
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_no_body_makes_reading_slow(body: str, kind: str) -> None:
    """Half a megabyte of what patterns stumble over."""
    began = time.process_time()
    item(letter(1, body, headers=[f"Content-Type: text/{kind}; charset=utf-8"]))
    assert time.process_time() - began < 3


@pytest.mark.parametrize("body", ["<" * 200_000, "<!--" * 50_000, "<a b='" * 40_000, "&#" * 150_000, "<![" * 60_000])
def test_no_html_makes_reading_slow(body: str) -> None:
    """Tags that never end."""
    began = time.process_time()
    read(letter(1, body, headers=["Content-Type: text/html"]), INBOX)
    assert time.process_time() - began < 5


def test_open_brackets_and_comments_in_addresses_are_nothing() -> None:
    """5,000 of them cost no time and make nobody."""
    began = time.process_time()
    found = with_header("To: " + "(" * 5000 + '"' * 5000 + "<" * 5000)
    assert time.process_time() - began < 1
    assert all(who.address == "" for who in found.people if who.role is Role.TO)
