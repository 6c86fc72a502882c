"""Mail servers that are odd, broken or hostile: a server of a few lines, told what to say."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from autotime.collectors.imap import ImapCollector
from autotime.collectors.mailserver import Listed
from autotime.domain.errors import AutotimeError, SignInNeeded, SourceUnavailable
from autotime.testing import Shelf
from tests.web.certificates import self_signed

from .servers import PASSWORD, connection
from .sources import MONDAY, context, letter

GREETING = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n"
USUAL = {
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
    "LIST": b'* LIST () "/" INBOX\r\n',
    "STATUS": b"* STATUS INBOX (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 7)\r\n",
    "EXAMINE": b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 4] ok\r\n",
    "UID SEARCH": b"* SEARCH 1 2 3\r\n",
    "LOGOUT": b"* BYE\r\n",
}
Told = Mapping[str, bytes | Callable[[str], bytes]]
"""By the beginning of a command what is said to it instead of the usual, ``{tag}`` standing for its tag. Where
that is nothing at all, the connection ends."""


class Scripted:
    """An IMAP server with three mails in its inbox. ``drip``: a byte at a time. ``tls``: spoken from the
    beginning, or after STARTTLS where the greeting is given in clear."""

    def __init__(self, told: Told, greeting: bytes, drip: bool, tls: ssl.SSLContext | None, at_once: bool) -> None:
        self.told, self.greeting, self.drip, self.tls, self.at_once = told, greeting, drip, tls, at_once
        self.heard: list[str] = []
        self.closing = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=self._talk, args=(self.listener.accept()[0],), daemon=True).start()

    def _talk(self, wire: socket.socket) -> None:
        with suppress(OSError), wire:
            if self.tls and self.at_once:
                wire = self.tls.wrap_socket(wire, server_side=True)
            self._say(wire, self.greeting)
            while line := read_line(wire):
                tag, _, command = line.partition(" ")
                self.heard.append(command)
                if command.startswith("AUTHENTICATE"):
                    wire.sendall(b"+ \r\n")
                    read_line(wire)
                said = self._answer(command)
                if not said:
                    return
                self._say(wire, said.replace(b"{tag}", tag.encode()))
                if command == "STARTTLS" and self.tls:
                    wire = self.tls.wrap_socket(wire, server_side=True)

    def _say(self, wire: socket.socket, said: bytes) -> None:
        if not self.drip:
            return wire.sendall(said)
        for byte in said:
            wire.sendall(bytes([byte]))
            if self.closing.wait(0.03):
                return None
        return None

    def _answer(self, command: str) -> bytes:
        for beginning, said in self.told.items():
            if command.startswith(beginning):
                return said if isinstance(said, bytes) else said(command)
        if command.startswith("UID FETCH"):
            return fetched(command) + b"{tag} OK done\r\n"
        usual = next((said for name, said in USUAL.items() if command.startswith(name)), b"")
        return usual + b"{tag} OK done\r\n"


def read_line(wire: socket.socket) -> str:
    """A byte at a time, so that nothing of what follows is taken."""
    line = b""
    while not line.endswith(b"\n") and (byte := wire.recv(1)):
        line += byte
    return line.decode("latin-1").strip()


@contextmanager
def scripted(
    told: Told | None = None,
    greeting: bytes = GREETING,
    drip: bool = False,
    tls: ssl.SSLContext | None = None,
    at_once: bool = False,
) -> Iterator[Scripted]:
    server = Scripted({} if told is None else told, greeting, drip, tls, at_once)
    threading.Thread(target=server.serve, daemon=True).start()
    try:
        yield server
    finally:
        server.closing.set()
        server.listener.close()


def uids(command: str) -> list[int]:
    found: list[int] = []
    for part in command.split()[2].split(","):
        first, _, last = part.partition(":")
        found += range(int(first), int(last or first) + 1)
    return found


def fetched(command: str) -> bytes:
    return b"".join(one_fetched(uid, command) for uid in uids(command))


def one_fetched(uid: int, command: str) -> bytes:
    raw = letter(uid, sent=MONDAY + uid).replace(b"\n", b"\r\n")
    said = b"RFC822.SIZE %d" % len(raw)
    if "BODY" in command:
        said = b"BODY[] {%d}\r\n%b" % (len(raw), raw)
    came = datetime.fromtimestamp(MONDAY, UTC).strftime("%d-%b-%Y %H:%M:%S +0000").encode()
    return b'* %d FETCH (UID %d INTERNALDATE "%b" %b)\r\n' % (uid, uid, came, said)


def collector(server: Scripted, **options: Any) -> ImapCollector:
    usual = {"connection": connection(), "security": "plain", "port": server.port, "page": 2, "deadline": 5.0}
    return ImapCollector("office", host="127.0.0.1", user="ada", **(usual | options))


def trouble(server: Scripted, **options: Any) -> AutotimeError:
    """What a run ends with; it must say what next, and nothing of what was read or sent."""
    with pytest.raises(AutotimeError) as told:
        Shelf().run(collector(server, **options), context())
    said = f"{told.value} {told.value.hint}"
    assert told.value.hint
    assert not any(secret in said for secret in (PASSWORD, "Harrow", "INBOX"))
    return told.value


def test_the_scripted_server_is_one() -> None:
    with scripted() as server:
        shelf = Shelf().run(collector(server), context())
    assert [item.at for item in shelf.items] == [MONDAY + 1, MONDAY + 2, MONDAY + 3]
    assert not any(command.startswith(("SELECT", "UID STORE")) for command in server.heard)
    assert all("PEEK" in command for command in server.heard if "BODY" in command)


# -- the connection -----------------------------------------------------------------------------------


@pytest.mark.parametrize("greeting", [b"* BYE too many\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"\xff\x00\r\n"])
def test_a_greeting_of_no_mail_server_says_so(greeting: bytes) -> None:
    with scripted({"": b""}, greeting=greeting) as server:
        assert isinstance(trouble(server, deadline=0.4), SourceUnavailable)


def test_a_server_that_knows_who_we_are_is_not_signed_in_to() -> None:
    with scripted(greeting=b"* PREAUTH hello\r\n") as server:
        assert len(Shelf().run(collector(server), context()).items) == 3
    assert not any(command.startswith(("LOGIN", "AUTHENTICATE")) for command in server.heard)


def test_a_server_without_plain_is_signed_in_to_by_login() -> None:
    """The user's name is quoted, whatever stands in it."""
    with scripted({"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n"}, greeting=b"* OK hello\r\n") as server:
        assert len(Shelf().run(collector(server), context()).items) == 3
    assert f'LOGIN "ada" "{PASSWORD}"' in server.heard


def test_a_server_that_takes_no_password_without_encryption_says_how() -> None:
    capable = b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n{tag} OK done\r\n"
    with scripted({"CAPABILITY": capable}, greeting=b"* OK hello\r\n") as server:
        assert "security" in trouble(server).hint
    assert not any(PASSWORD in command for command in server.heard)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"{tag} NO [AUTHENTICATIONFAILED] ada is wrong\r\n", SignInNeeded),
        (b"{tag} NO no\r\n", SignInNeeded),
        (b"{tag} NO [UNAVAILABLE] later\r\n", SourceUnavailable),
        (b"* BYE going down\r\n", SourceUnavailable),
        (b"", SourceUnavailable),
    ],
    ids=["wrong", "no reason", "unavailable", "bye", "lost"],
)
def test_only_a_password_that_is_refused_asks_for_another(said: bytes, error: type[AutotimeError]) -> None:
    """A server that is busy or gone is tried again at the next run."""
    with scripted({"AUTHENTICATE": said}) as server:
        assert isinstance(trouble(server, deadline=0.4), error)


@pytest.mark.parametrize("drip", [True, False], ids=["a slow drip", "silence"])
def test_a_server_that_is_too_slow_is_given_up(drip: bool) -> None:
    """By the deadline of the whole answer, however often a byte comes."""
    began = time.monotonic()
    with scripted({"LIST": b"* LIST"} if not drip else {}, drip=drip) as server:
        assert "in time" in str(trouble(server, deadline=0.25))
    assert time.monotonic() - began < 4


def test_an_answer_of_absurd_size_is_not_read() -> None:
    bomb = b"* 1 FETCH (UID 1 RFC822.SIZE {99999999999}\r\n"
    with scripted({"UID FETCH": bomb}) as server:
        assert "lost" in str(trouble(server))


def test_a_connection_lost_in_a_folder_keeps_what_came() -> None:
    """The next run goes on after the page that was stored."""
    shelf = Shelf()
    lost = {"UID FETCH 3": b""}
    with scripted(lost) as server:
        with pytest.raises(SourceUnavailable):
            shelf.run(collector(server), context())
        assert len(shelf.items) == 2
        lost.clear()
        shelf.run(collector(server), context())
    assert (shelf.new, len(shelf.items)) == (1, 3)
    assert "UID SEARCH UID 3:* UNDELETED UNDRAFT" in server.heard


# -- encryption ---------------------------------------------------------------------------------------


OFFERS = b"* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\n{tag} OK done\r\n"
CLEAR = b"* OK hello\r\n"


@pytest.mark.parametrize(("security", "at_once"), [("tls", True), ("starttls", False)])
def test_mail_is_read_over_an_encrypted_connection(security: str, at_once: bool, tmp_path: Path) -> None:
    """If its certificate is trusted: the firm's own needs ``network.ca_file``."""
    tls, ca = self_signed(tmp_path)
    with scripted({"CAPABILITY": OFFERS}, CLEAR, tls=tls, at_once=at_once) as server:
        made = collector(server, security=security, connection=connection(ca_file=str(ca)))
        assert len(Shelf().run(made, context()).items) == 3
        assert "ca_file" in trouble(server, security=security).hint
    assert len([command for command in server.heard if "AUTHENTICATE" in command]) == 1


def test_what_was_said_before_the_encryption_is_not_believed_after_it(tmp_path: Path) -> None:
    """Somebody in between who speaks first."""
    tls, ca = self_signed(tmp_path)
    early = {"CAPABILITY": OFFERS, "STARTTLS": b"{tag} OK go on\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"}
    with scripted(early, CLEAR, tls=tls) as server:
        told = trouble(server, security="starttls", connection=connection(ca_file=str(ca)))
        assert "lost" in str(told)
    assert not any("AUTHENTICATE" in command for command in server.heard)


def test_a_server_without_encryption_gets_no_password() -> None:
    with scripted() as server:
        assert "993" in trouble(server, security="starttls").hint
    assert not any("AUTHENTICATE" in command for command in server.heard)


# -- mails and folders --------------------------------------------------------------------------------


def test_a_day_more_than_the_window_is_asked_for() -> None:
    """The server's days are those of its own zone; the window decides in the end."""
    with scripted() as server:
        shelf = Shelf().run(collector(server), context(first=MONDAY + 2))
    assert "UID SEARCH UID 1:* UNDELETED UNDRAFT SINCE 08-Mar-2026" in server.heard
    assert [item.at for item in shelf.items] == [MONDAY + 2, MONDAY + 3]


def refuse(uid: int, said: bytes) -> Callable[[str], bytes]:
    return lambda command: said if uid in uids(command) else fetched(command) + b"{tag} OK done\r\n"


@pytest.mark.parametrize(
    "said",
    [
        b"{tag} NO cannot read it\r\n",
        b"* 2 FETCH (UID 2 BODY[] (((\r\n{tag} OK done\r\n",
        b"* 2 FETCH 7\r\n{tag} OK done\r\n",
    ],
    ids=["refused", "unbalanced", "no list"],
)
def test_a_mail_the_server_cannot_give_stops_no_other(said: bytes) -> None:
    with scripted({"UID FETCH": refuse(2, said)}) as server:
        shelf = Shelf().run(collector(server, page=3), context())
        assert [item.at for item in shelf.items] == [MONDAY + 1, MONDAY + 3]
        assert list(shelf.quarantined.values()) == ["the server cannot give it"]


@pytest.mark.parametrize("said", [b"{tag} NO sorry\r\n", b"{tag} NO [SERVERBUG] sorry\r\n"])
def test_a_server_that_gives_no_mail_at_all_is_in_trouble_itself(said: bytes) -> None:
    """Nothing is quarantined, and no number is passed over."""
    with scripted({"UID FETCH": said}) as server:
        assert isinstance(trouble(server), SourceUnavailable)


def test_a_mail_that_went_away_meanwhile_is_no_trouble() -> None:
    with scripted({"UID FETCH": lambda command: fetched("UID FETCH 1 " + command) + b"{tag} OK done\r\n"}) as server:
        shelf = Shelf().run(collector(server, page=3), context())
    assert len(shelf.items) == 1
    assert shelf.quarantined == {}


def test_a_folder_that_cannot_be_opened_is_told_and_the_others_are_read() -> None:
    listed = b'* LIST () "/" INBOX\r\n* LIST () "/" "Sealed"\r\n* LIST (\\Noselect) "/" "Above"\r\n{tag} OK done\r\n'
    told: Told = {"LIST": listed, 'STATUS "Sealed"': b"{tag} NO [NOPERM] not yours\r\n"}
    with scripted(told) as server:
        shelf = Shelf().run(collector(server), context())
    assert len(shelf.items) == 3
    assert [gap.reason for gap in shelf.gaps] == ["the server does not open 1 of them"]


def test_a_folder_that_refuses_to_be_read_is_told_and_those_after_it_are_read() -> None:
    """It gave its counts, and then no look inside."""
    listed = b'* LIST () "/" INBOX\r\n* LIST () "/" "Aside"\r\n{tag} OK done\r\n'
    told: Told = {"LIST": listed, "EXAMINE INBOX": b"{tag} NO [NOPERM] no\r\n", 'EXAMINE "INBOX"': b"{tag} NO no\r\n"}
    with scripted(told) as server:
        shelf = Shelf().run(collector(server), context())
    assert {item.place.reveal() for item in shelf.items} == {"Aside"}
    assert [gap.reason for gap in shelf.gaps] == ["the server does not open 1 of them"]


def test_answers_nobody_asked_for_harm_nothing() -> None:
    """Flags that another program set, a new mail, a warning."""
    loud = b"* 2 FETCH (FLAGS (\\Seen))\r\n* 4 EXISTS\r\n* OK [ALERT] full\r\n"
    with scripted({"UID FETCH": lambda command: loud + fetched(command) + b"{tag} OK done\r\n"}) as server:
        assert len(Shelf().run(collector(server), context()).items) == 3


@pytest.mark.parametrize(
    ("raw", "levels"),
    [
        ("Mandate.M&APw-ller", ["Mandate", "Müller"]),
        ("&U,BTFw-", ["台北"]),
        ("Tom &- Co", ["Tom & Co"]),
        ("M\u00c3\u00bcller", ["Müller"]),
        ("&!!!-", ["&!!!-"]),
    ],
)
def test_names_of_folders_are_read_as_they_were_written(raw: str, levels: list[str]) -> None:
    """Modified UTF-7, plain UTF-8 of servers that do not care, and what is neither."""
    assert Listed(frozenset(), ".", raw).levels == levels
