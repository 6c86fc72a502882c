"""The traps of single mails: headers, dates, charsets, parts, and mail that is built to break readers."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from autotime.collectors.messages import Where, read
from autotime.domain.evidence import Evidence, Quarantined, Role
from autotime.testing.collectors import NOW

from .sources import ADA, MONDAY, letter

INBOX = Where("office", "mbox", "inbox", ADA, NOW)


def item(raw: bytes, where: Where = INBOX) -> Evidence:
    found = read(raw, where)
    assert isinstance(found, Evidence), found
    return found


def with_header(*lines: str, **more: Any) -> Evidence:
    return item(letter(1, headers=lines, **more))


def reason(raw: bytes) -> str:
    found = read(raw, INBOX)
    assert isinstance(found, Quarantined)
    return found.reason


# -- when it was sent ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "instant", "offset"),
    [
        ("Mon, 9 Mar 2026 10:00:00 -0500", MONDAY, -18000),
        ("Mon, 9 Mar 2026 10:00:00 CDT", MONDAY, -18000),
        ("Mon, 9 Mar 2026 15:00:00 GMT", MONDAY, 0),
        ("Mon, 9 Mar 2026 15:00:00 -0000", MONDAY, None),
        ("9 Mar 26 15:00 +0000", MONDAY, 0),
        ("Mon, 9 Mar 2026 20:30:00 +0530 (India)", MONDAY, 19800),
    ],
)
def test_the_date_header_gives_the_instant_and_the_offset(date: str, instant: int, offset: int | None) -> None:
    """The offset tells where the sender was; ``-0000`` is UTC said by who knows no zone."""
    found = with_header(f"Date: {date}")
    assert (found.at, found.facts.get("utc_offset"), found.flag("time_assumed")) == (instant, offset, False)


def test_a_date_without_a_zone_is_read_as_utc_and_says_so() -> None:
    """It is a guess, and looks like one."""
    found = with_header("Date: Mon, 9 Mar 2026 15:00:00")
    assert (found.at, "utc_offset" in found.facts, found.flag("time_assumed")) == (MONDAY, False, True)


@pytest.mark.parametrize(
    "date",
    [
        "31 Feb 2026 10:00:00 +0000",
        "Mon, 9 Mar 2026 24:61:00 +0000",
        "Mon, 9 Mar 2026 15:00:00 +9900",
        "Thu, 1 Jan 1970 00:00:00 +0000",
        "Fri, 1 Jan 2099 00:00:00 +0000",
        "yesterday",
        "",
        "=?utf-8?q?soon?=",
        "9" * 5000,
    ],
)
def test_an_impossible_date_gives_way_to_the_last_server(date: str) -> None:
    """The topmost Received is the last hop; the time is marked as assumed."""
    hop = "from a.example by b.example; Mon, 9 Mar 2026 15:00:00 +0000"
    found = with_header(f"Date: {date}", f"Received: {hop}")
    assert (found.at, found.flag("time_assumed")) == (MONDAY, True)


def test_a_mail_without_any_date_is_quarantined() -> None:
    """A mail that cannot be placed on a day is no evidence."""
    assert reason(letter(1, without=["Date"])) == "no usable date"


def test_a_clock_two_days_ahead_is_believed_and_one_further_ahead_is_not() -> None:
    """Clocks go wrong by hours; nobody sends mail next week."""
    assert item(letter(1, sent=NOW + 86_400)).at == NOW + 86_400
    assert reason(letter(1, sent=NOW + 7 * 86_400)) == "no usable date"


# -- what it is called, and what it answers ------------------------------------------------------


def test_a_mail_without_a_message_id_is_named_by_what_it_says() -> None:
    """Two different ones are two, the same one twice is one."""
    one, same, other = (item(letter(n, body, without=["Message-ID"])) for n, body in ((1, "a"), (1, "a"), (1, "b")))
    assert one.id == same.id != other.id
    assert one.identity == ""


@pytest.mark.parametrize("broken", ["no brackets", "<two words@x>", "<>", "<" + "x" * 300 + ">", "\x1b]0;x\x07"])
def test_a_message_id_that_is_none_is_not_used(broken: str) -> None:
    """The mail itself is good."""
    assert with_header(f"Message-ID: {broken}").identity == ""


def test_copies_share_an_identity_wherever_they_lie() -> None:
    """In another folder it is another piece of evidence of the same mail."""
    inbox, filed = item(letter(1)), item(letter(1), Where("office", "mbox", "Harrow", ADA, NOW))
    assert inbox.id != filed.id
    assert inbox.identity == filed.identity == "mid:1@okafor.example"


def test_a_reply_belongs_to_the_first_mail_it_refers_to() -> None:
    """However many ids there are, broken ones and loops among them."""
    chain = "<a@x.example> broken <b@x.example> <a@x.example>"
    assert with_header(f"References: {chain}").thread == "mid:a@x.example"
    assert with_header("In-Reply-To: <c@x.example> from somebody").thread == "mid:c@x.example"
    assert item(letter(1)).thread == "mid:1@okafor.example"


def test_a_reply_that_lost_its_references_is_found_by_its_subject() -> None:
    """As exports leave them."""
    first, reply = with_header("X-Folder: Harrow"), with_header("Subject: AW: re: Harrow lease no. 1")
    assert first.thread == reply.thread == "subject:harrow lease no. 1"


# -- who ------------------------------------------------------------------------------------------


def test_names_with_commas_and_brackets_stay_whole() -> None:
    """«Last, First» is one person."""
    people = with_header('To: "Lund, Ben" <Ben@Harrow.example>, Team <t@harrow.example>; solo@x.example').people
    assert [(who.name.reveal(), who.address) for who in people if who.role is Role.TO] == [
        ("Lund, Ben", "ben@harrow.example"),
        ("Team", "t@harrow.example"),
        ("", "solo@x.example"),
    ]


def test_ten_thousand_recipients_are_a_hundred_people() -> None:
    """The rest is not work, and must not take time."""
    many = ", ".join(f"Person {n} <p{n}@x.example>" for n in range(10_000))
    assert len(with_header(f"To: {many}").people) <= 100


def test_a_mail_sent_by_the_timekeeper_is_their_own() -> None:
    """By the address in From, whatever the folder; the display name says nothing."""
    assert item(letter(1)).own
    assert not with_header("From: Ada Okafor <mallory@else.example>").own
    sent = Where("office", "mbox", "Sent Items", ADA, NOW)
    assert not item(letter(1, headers=["From: Ben <ben@harrow.example>"]), sent).own


def test_two_senders_or_a_failed_check_are_not_believed() -> None:
    """Absence of a check is neutral."""
    assert not item(letter(1)).flag("auth_failed")
    assert item(b"From: Ada <ada@okafor.example>\n" + letter(1)).flag("auth_failed")
    assert with_header("Authentication-Results: mx.example; spf=fail; dmarc=fail").flag("auth_failed")


@pytest.mark.parametrize(
    "header", ["List-Id: <news.x.example>", "Auto-Submitted: auto-replied", "Precedence: bulk", "List-Unsubscribe: <u>"]
)
def test_automatic_and_list_mail_is_marked(header: str) -> None:
    """Nobody's work by itself."""
    assert with_header(header).flag("bulk")
    assert not with_header("Auto-Submitted: no").flag("bulk")


# -- what it says ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("=?utf-8?q?Gespr=C3=A4ch?=", "Gespräch"),
        ("=?iso-8859-1?b?R2VzcHLkY2g=?=", "Gespräch"),
        ("=?utf-8?q?Ge?= =?utf-8?q?spr=C3=A4ch?=", "Gespräch"),
        ("=?utf-8?q?Ge?=\n =?utf-8?q?spr=C3=A4ch?=", "Gespräch"),
        ("Gespräch", "Gespräch"),
        ("=?no-such-charset?q?Gespr=C3=A4ch?=", "Gespräch"),
        ("=?utf-8?b?a?=", "=?utf-8?b?a?="),
        ("=?utf-8?q?broken=ZZ?=", "broken=ZZ"),
        ("=?utf-8?q?=1B]0=3Bowned=07?=calm", "calm"),
    ],
)
def test_a_subject_is_decoded_whatever_it_claims(header: str, said: str) -> None:
    """Encoded words, raw bytes, unknown charsets, broken base64, escape sequences hidden in an encoding."""
    assert with_header(f"Subject: {header}").subject.reveal() == said


def test_a_subject_of_a_megabyte_is_cut() -> None:
    """Nobody reads on."""
    assert len(with_header("Subject: " + "x" * 1_000_000).subject) <= 1000


@pytest.mark.parametrize(
    ("encoding", "body", "said"),
    [
        ("base64", base64.b64encode("Straße".encode()).decode(), "Straße"),
        ("base64", "!!! no base64 !!!", ""),
        ("quoted-printable", "Stra=C3=9Fe=\n ends=", "Straße ends"),
        ("quoted-printable", "50 =ZZ percent", "50 =ZZ percent"),
        ("x-unknown", "Straße", "Straße"),
        ("8bit", "Straße", "Straße"),
    ],
)
def test_a_body_is_decoded_as_far_as_it_goes(encoding: str, body: str, said: str) -> None:
    """Broken encodings give what can be read of them and never an error."""
    headers = ["Content-Type: text/plain; charset=utf-8", f"Content-Transfer-Encoding: {encoding}"]
    text = item(letter(1, body, headers=headers)).body.reveal()
    assert text.startswith(said)


@pytest.mark.parametrize("charset", ["no-such", "utf-7", "idna", "unicode_escape", "rot13", "\x00", "utf-8*''x"])
def test_a_charset_that_is_unknown_or_is_none_still_gives_the_words(charset: str) -> None:
    """``rot13`` is a codec, but no charset."""
    found = item(letter(1, "The lease.\n", headers=[f"Content-Type: text/plain; charset={charset}"]))
    assert "lease" in found.body.reveal()


@pytest.mark.parametrize("more", ["Content-Disposition: inline", "Content-Type: text/plain", "X-Nothing: at all"])
@pytest.mark.parametrize(
    "body", ["The lease.\n\n> quoted\n", "Straße\r\nzwei\r\n", "no line end", "", "From: x\n\nmore\n"]
)
def test_a_simple_mail_is_read_the_same_by_both_ways(more: str, body: str) -> None:
    """Plain text is taken as it stands; anything else is parsed in full."""
    plain, parsed = item(letter(1, body)), with_header(more, body=body)
    assert (plain.id, plain.body, plain.quoted) == (parsed.id, parsed.body, parsed.quoted)


def test_a_line_that_is_no_header_ends_the_headers() -> None:
    """What follows is the text, as every mail program shows it."""
    broken = letter(1, "More.\n").replace(b"Subject:", b"no header here\nSubject:")
    assert item(broken).body.reveal().startswith("no header here")


def test_what_was_quoted_is_not_what_was_written() -> None:
    """The new words account for writing, the quoted ones for reading."""
    found = item(letter(1, "Agreed.\n\nOn Mon, 9 Mar 2026, Ben Lund wrote:\n> Shall we sign on Tuesday then?\n"))
    assert (found.body.reveal(), found.number("words_new")) == ("Agreed.", 1)
    assert found.number("words_quoted") >= 6


def part(kind: str, body: str, *more: str) -> str:
    return "\n".join([f"Content-Type: {kind}", *more, "", body])


def multipart(*parts: str, end: bool = True) -> bytes:
    body = "".join(f"--cut\n{one}\n" for one in parts) + ("--cut--\n" if end else "")
    return letter(1, body, headers=["MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="cut"'])


def test_the_plain_text_is_taken_before_the_html() -> None:
    """They say the same; counting both would double the words."""
    both = item(multipart(part("text/plain", "The lease."), part("text/html", "<p>The lease.</p>")))
    assert both.body.reveal() == "The lease."


def test_html_alone_is_read_as_a_reader_sees_it() -> None:
    """No scripts, no styles, no tags; nothing is fetched."""
    page = "<style>p{}</style><script>alert(1)</script><p>The&nbsp;lease<br>is <b>signed</b>.</p>"
    assert item(multipart(part("text/html", page))).body.reveal() == "The lease\nis signed."


def test_attachments_are_named_and_counted_and_not_read() -> None:
    """A name is text from outside like any other, and no path."""
    named = 'Content-Disposition: attachment; filename="../../\x1b[31mOrder.pdf"'
    found = item(multipart(part("text/plain", "See attached."), part("application/pdf", "%PDF", named)))
    assert found.facts["attachments"] == 1
    assert found.facts["attachment_names"] == "../../Order.pdf"


def test_an_attached_mail_is_not_opened() -> None:
    """What somebody else wrote in it is not the timekeeper's writing."""
    found = item(multipart(part("text/plain", "See below."), part("message/rfc822", letter(2, "Secret.\n").decode())))
    assert "Secret" not in found.body.reveal()


def test_a_mail_that_stops_in_the_middle_gives_what_is_there() -> None:
    """The closing boundary never came."""
    assert item(multipart(part("text/plain", "The lease."), end=False)).body.reveal() == "The lease."
