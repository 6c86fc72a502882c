"""What IMAP gives beyond the contract: the same evidence as files, nothing marked, numbering, folders."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

from autotime.collectors.imap import ImapCollector
from autotime.collectors.mailserver import Server
from autotime.collectors.mbox import MboxCollector
from autotime.domain.doors import Connectable
from autotime.domain.errors import Misused, SignInNeeded, SourceUnavailable, SuddenlyEmpty
from autotime.domain.evidence import SyncCursor
from autotime.testing import Shelf

from .servers import PASSWORD, MailHouse, Sitting, connection, dovecot, pymap
from .sources import MONDAY, context, letter, mbox, put

LARGE = base64.encodebytes(bytes(300_000)).decode()


@pytest.fixture(scope="module", params=[pymap, dovecot], ids=["pymap", "dovecot"])
def house(request: pytest.FixtureRequest) -> Iterator[MailHouse]:
    with request.param() as started:
        yield started


class Mailbox:
    """One user's mailbox, and a client that may do anything with it."""

    def __init__(self, house: MailHouse) -> None:
        self.house, self.user = house, house.user()
        self.client = IMAPClient("127.0.0.1", house.port, ssl=False)
        self.client.login(self.user, PASSWORD)

    def put(self, raw: bytes, folder: str = "INBOX", flags: tuple[bytes, ...] = ()) -> None:
        self.client.append(
            folder, raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), flags, datetime.fromtimestamp(MONDAY, UTC)
        )

    def collector(self, **options: Any) -> ImapCollector:
        given = {"connection": connection(), "security": "plain", "port": self.house.port} | options
        return ImapCollector("office", host="127.0.0.1", user=self.user, **given)

    def collected(self, shelf: Shelf | None = None, first: int = 0, **options: Any) -> Shelf:
        return (shelf or Shelf()).run(self.collector(**options), context(first=first))


@pytest.fixture
def mailbox(house: MailHouse) -> Iterator[Mailbox]:
    made = Mailbox(house)
    yield made
    made.client.shutdown()


def places(shelf: Shelf) -> set[str]:
    return {item.place.reveal() for item in shelf.items}


# -- the same as in a file ----------------------------------------------------------------------------


def built(*, html: bool = False, pad: str = "", names: tuple[str, ...] = (), inline: bool = False) -> bytes:
    """A mail as programs build them: alternatives in a mixture, and attachments."""
    mail = EmailMessage()
    mail["Message-ID"], mail["Date"] = "<built@okafor.example>", "Mon, 09 Mar 2026 10:00:00 -0500"
    mail["From"], mail["To"] = "Ada Okafor <ada@okafor.example>", "ben@harrow.example"
    mail["Subject"], mail["References"] = "Lease für Harrow", "<first@harrow.example>"
    mail.set_content(f"The lease is signed — see §4.\n{pad}\nOn Monday Ben wrote:\n> Is it?\n")
    if html:
        mail.add_alternative(f"<p>The lease is <b>signed</b>.</p><!-- {pad} -->", subtype="html")
    for name in names:
        mail.add_attachment(LARGE.encode(), "application", "pdf", filename=name)
    if inline:
        mail.add_attachment("Not the words of the mail.\n" * 20_000, filename="notes.txt")
    return mail.as_bytes()


def only_html() -> bytes:
    mail = EmailMessage()
    mail["Message-ID"], mail["Date"], mail["From"] = (
        "<h@x.example>",
        "Mon, 09 Mar 2026 15:00:00 +0000",
        "ada@okafor.example",
    )
    mail.set_content("<p>Only</p><p>HTML</p>" + "<i></i>" * 60_000, subtype="html")
    return mail.as_bytes()


def forwarded() -> bytes:
    mail = EmailMessage()
    mail["Message-ID"], mail["Date"], mail["From"] = (
        "<f@x.example>",
        "Mon, 09 Mar 2026 15:00:00 +0000",
        "ada@okafor.example",
    )
    mail.set_content("See below.\n")
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "ben@harrow.example", "inner"
    inner.set_content("The inner words.")
    inner.add_attachment(LARGE.encode(), "application", "pdf", filename="inner.pdf")
    mail.add_attachment(inner)
    return mail.as_bytes()


SHAPES = {
    "plain": letter(1),
    "latin": letter(1, "Gr\xfc\xdfe aus K\xf6ln\n".encode("latin-1").decode("utf-8", "surrogateescape"),
                    headers=["Content-Type: text/plain; charset=iso-8859-1"]),
    "long plain": letter(1, "The lease is signed.\n" * 20_000),
    "alternatives": built(html=True),
    "attachments": built(names=("Motion to dismiss.pdf", "Anlage Ä.pdf")),
    "alternatives and attachments": built(html=True, names=("Motion.pdf",), inline=True),
    "a long text and attachments": built(html=True, pad="word " * 200_000, names=("Motion.pdf",)),
    "only HTML": only_html(),
    "a forwarded mail": forwarded(),
    "no boundary": letter(1, "x" * 300_000, headers=["Content-Type: multipart/mixed"]),
    "a charset nobody knows": letter(1, "Words.\n" * 50_000, headers=["Content-Type: text/plain; charset=x-none"]),
    "broken base64": letter(1, "%%%" * 100_000, headers=["Content-Transfer-Encoding: base64"]),
    "undated": letter(1, without=["Date"]),
}  # fmt: skip


@pytest.mark.parametrize("raw", SHAPES.values(), ids=SHAPES)
def test_a_mail_gives_the_evidence_it_gives_in_a_file(mailbox: Mailbox, raw: bytes, tmp_path: Path) -> None:
    """But for account, source, key and place, however large it is and however much stays on the server."""
    mailbox.put(raw)
    file = put(tmp_path / "Inbox.mbox", mbox(raw))
    [there], [here] = mailbox.collected().items, Shelf().run(MboxCollector("office", [file]), context()).items
    assert (there.source, there.place.reveal()) == ("imap", "Inbox")
    assert replace(there, key="", source="") == replace(here, key="", source="")


def test_attachments_are_not_downloaded(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox.put(built(html=True, names=("Motion.pdf", "Exhibit.pdf"), inline=True))
    came: list[int] = []
    taken = Server.fetch

    def weighed(self: Server, uids: Any, items: Any) -> Any:
        said = taken(self, uids, items)
        came.append(sum(len(value) for one in said.values() for value in one.values() if isinstance(value, bytes)))
        return said

    monkeypatch.setattr(Server, "fetch", weighed)
    assert mailbox.collected().items[0].facts["attachments"] == 3
    assert sum(came) < 5_000


def test_metadata_only_reads_headers(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who, when, which conversation; not a word of the text, nor how many there are."""
    mailbox.put(built(html=True, names=("Motion.pdf",)))
    asked: list[str] = []
    taken = Server.fetch
    monkeypatch.setattr(Server, "fetch", lambda self, uids, items: (asked.extend(items), taken(self, uids, items))[1])
    [item] = mailbox.collected(mode="metadata").items
    assert (item.subject.reveal(), item.body.reveal(), item.thread) == (
        "Lease für Harrow",
        "",
        "mid:first@harrow.example",
    )
    assert not {"words_new", "attachments"} & item.facts.keys()
    assert item.own
    assert all("HEADER" in one or one == "INTERNALDATE" for one in asked)


def test_nothing_is_marked_as_read(mailbox: Mailbox) -> None:
    """Small mails, large ones and headers alone."""
    mailbox.put(letter(1))
    mailbox.put(built(html=True, names=("Motion.pdf",)))
    mailbox.collected()
    mailbox.collected(mode="metadata")
    mailbox.client.select_folder("INBOX", readonly=True)
    assert [flags for flags in mailbox.client.get_flags([1, 2]).values() if b"\\Seen" in flags] == []


# -- how far it has come ------------------------------------------------------------------------------


def test_another_numbering_doubles_nothing(mailbox: Mailbox) -> None:
    """A folder that was made again: other numbers, the same mails."""
    mailbox.client.create_folder("Clients")
    for number in range(3):
        mailbox.put(letter(number), "Clients")
    shelf = mailbox.collected()
    mailbox.client.delete_folder("Clients")
    mailbox.client.create_folder("Elsewhere")
    mailbox.client.rename_folder("Elsewhere", "Clients")
    for number in (3, 2, 0, 1):
        mailbox.put(letter(number), "Clients")
    mailbox.collected(shelf)
    assert (shelf.new, shelf.changed) == (1, 0)


def test_a_folder_that_is_gone_withdraws_nothing(mailbox: Mailbox) -> None:
    mailbox.put(letter(0))
    mailbox.client.create_folder("Clients")
    mailbox.put(letter(1), "Clients")
    shelf = mailbox.collected()
    mailbox.client.delete_folder("Clients")
    assert len(mailbox.collected(shelf).items) == 2


def test_a_mailbox_whose_every_folder_is_empty_now_is_not_believed(mailbox: Mailbox) -> None:
    """One folder emptied is tidiness; all of them are a fault."""
    mailbox.client.create_folder("Clients")
    for folder in ("INBOX", "Clients"):
        mailbox.put(letter(len(folder)), folder)
    shelf = mailbox.collected()
    for folder in ("INBOX", "Clients"):
        mailbox.client.select_folder(folder)
        mailbox.client.delete_messages(mailbox.client.search("ALL"))
        mailbox.client.expunge()
        if folder == "INBOX":
            mailbox.collected(shelf)
    with pytest.raises(SuddenlyEmpty):
        mailbox.collected(shelf)
    assert len(shelf.items) == 2


def test_drafts_and_deleted_mail_are_left_out(mailbox: Mailbox) -> None:
    mailbox.put(letter(0))
    mailbox.put(letter(1), flags=(b"\\Draft",))
    mailbox.put(letter(2), flags=(b"\\Deleted",))
    assert [item.subject.reveal() for item in mailbox.collected().items] == ["Harrow lease no. 0"]


def test_the_first_second_of_the_window_is_in(mailbox: Mailbox) -> None:
    mailbox.put(letter(0, sent=MONDAY))
    mailbox.put(letter(1, sent=MONDAY - 1))
    assert [item.at for item in mailbox.collected(first=MONDAY).items] == [MONDAY]


def test_an_earlier_window_is_read_too(mailbox: Mailbox) -> None:
    """A setting that looks further back takes hold at the next run."""
    mailbox.put(letter(0, sent=MONDAY))
    mailbox.put(letter(1, sent=MONDAY - 86_400))
    shelf = mailbox.collected(first=MONDAY)
    mailbox.collected(shelf, first=MONDAY - 86_400)
    assert (shelf.new, shelf.changed) == (1, 0)


@pytest.mark.parametrize("value", ["", "?", "[]", "null", '{"INBOX": 7}', '{"INBOX": {"last": "x"}}', "[" * 5000])
def test_a_cursor_nobody_can_read_loses_nothing(mailbox: Mailbox, value: str) -> None:
    mailbox.put(letter(0))
    shelf = mailbox.collected()
    shelf.cursor = SyncCursor(value)
    mailbox.collected(shelf)
    assert (len(shelf.items), shelf.changed) == (1, 0)


# -- folders ------------------------------------------------------------------------------------------


def test_folders_of_no_work_are_left_out_with_all_below_them(mailbox: Mailbox) -> None:
    for name in ("Drafts", "Junk", "Trash", "Trash/Old", "Entwürfe", "Clients", "Clients/Harrow"):
        mailbox.client.create_folder(name)
        mailbox.put(letter(len(name)), name)
    assert places(mailbox.collected()) == {"Clients", "Clients/Harrow"}


def test_sent_mail_lies_in_sent_whatever_the_server_calls_it(mailbox: Mailbox) -> None:
    name = "Sent Items" if mailbox.house.kind == "dovecot" else "Gesendet"
    if mailbox.house.kind == "pymap":
        mailbox.client.create_folder(name)
    mailbox.put(letter(1), name)
    assert places(mailbox.collected()) == {"Sent"}


def test_only_folders_that_are_named_are_read(mailbox: Mailbox) -> None:
    """By any of their names; one that is not there is told, and the others are read."""
    for name in ("Clients", "Müller & Söhne"):
        mailbox.client.create_folder(name)
        mailbox.put(letter(len(name)), name)
    mailbox.put(letter(0))
    shelf = mailbox.collected(folders=["müller & söhne", "inbox", "Elsewhere"])
    assert places(shelf) == {"Inbox", "Müller & Söhne"}
    assert [gap.reason for gap in shelf.gaps] == ["1 that the settings name are not on the server"]
    with pytest.raises(SourceUnavailable, match="none of the folders"):
        mailbox.collected(folders=["Elsewhere"])


# -- signing in ---------------------------------------------------------------------------------------


def test_a_person_signs_in_with_a_password_that_is_tried(mailbox: Mailbox) -> None:
    made = mailbox.collector(connection=connection(""))
    assert isinstance(made, Connectable)
    assert not made.standing(0).signed_in
    person = Sitting([PASSWORD])
    made.connect(person)
    assert (made.standing(0).signed_in, made.standing(0).who) == (True, mailbox.user)
    assert "Microsoft 365" in person.told[0]
    assert made.wants()


def test_a_wrong_password_is_not_kept(mailbox: Mailbox) -> None:
    made = mailbox.collector(connection=connection(""))
    with pytest.raises(SignInNeeded, match="does not take") as needed:
        made.connect(Sitting(["wrong"]))
    assert 'autotime connect "office"' in needed.value.hint
    assert not made.standing(0).signed_in


def test_a_password_that_was_changed_asks_for_a_sign_in(mailbox: Mailbox) -> None:
    for secret in ("changed", ""):
        with pytest.raises(SignInNeeded) as needed:
            mailbox.collected(connection=connection(secret))
        assert 'autotime connect "office"' in needed.value.hint


@pytest.mark.parametrize("wrong", [{"security": "ssl"}, {"security": "plain", "host": "mail.firm.example"},
                                   {"mode": "all"}, {"folders": "INBOX"}], ids=str)  # fmt: skip
def test_settings_that_cannot_be_say_what_to_change(wrong: dict[str, Any]) -> None:
    with pytest.raises(Misused) as told:
        ImapCollector("office", connection(), **{"host": "127.0.0.1", "user": "ada"} | wrong)
    assert told.value.hint
