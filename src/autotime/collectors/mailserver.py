"""One connection to an IMAP server: opened, signed in, and only ever read from.

Every command has a deadline for the whole of its answer and a size, so that a slow drip ends; folders are
opened by EXAMINE and mails fetched by PEEK, so that nothing is marked as read. What an error may show is
the host and the server's own code for why, never a word of an answer.
"""

from __future__ import annotations

import imaplib
import logging
import re
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from autotime.domain.errors import SignInNeeded, SourceUnavailable

ONE_WAIT = 30
DEADLINE = 120.0
LARGEST = 64 * 1024 * 1024
LONGEST_LINE = 16 * 1024 * 1024
"""A search that finds a million mails answers in one line."""

LATER = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "CORRUPTION", "OVERQUOTA"})
"""Response codes (RFC 5530) of a server that is in trouble itself."""

AGAIN = "the next run goes on from there"

for _name in ("imapclient", "imaplib"):
    logging.getLogger(f"imapclient.{_name}").disabled = True  # their lines hold commands and answers

Fetched = dict[int, dict[bytes, Any]]
"""By UID what the server said of a mail; names are upper case."""


class SaidNo(SourceUnavailable):
    """The server refused one command, or answered it in a way nobody can read; ``code`` is its word for why."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message, hint=AGAIN)
        self.code = code


@dataclass(frozen=True, slots=True)
class Listed:
    """One folder of the list: its attributes (``\\sent``, lower case), what parts its levels, and its name as
    the server writes it."""

    flags: frozenset[str]
    parting: str
    raw: str

    @property
    def levels(self) -> list[str]:
        """The name a person gave it, level by level."""
        from imapclient.imap_utf7 import decode  # noqa: PLC0415 - only mail servers need it

        try:
            name = decode(self.raw.encode("ascii"))
        except (UnicodeError, ValueError):  # a server that writes UTF-8, or nonsense
            name = self.raw.encode("latin-1").decode("utf-8", "replace")
        return name.split(self.parting) if self.parting else [name]


@dataclass(frozen=True, slots=True)
class Standing:
    """A folder as it is: how many mails, which numbering (UIDVALIDITY), and the number the next mail gets."""

    mails: int
    validity: int
    following: int


class Wire(imaplib.IMAP4):
    """The bytes under imaplib: whatever it waits for ends at the deadline that ``begin`` set."""

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None, deadline: float) -> None:
        self.tls, self.deadline = tls, deadline
        self.unread = bytearray()
        self.came_by: socket.socket | None = None
        self.begin()
        super().__init__(host, port)
        self.welcome = b""

    def begin(self) -> None:
        self.ends = time.monotonic() + self.deadline

    def _create_socket(self, timeout: float | None = None) -> socket.socket:  # noqa: ARG002 - the deadline decides
        plain = socket.create_connection((self.host, self.port), self._left())
        try:
            return self.tls.wrap_socket(plain, server_hostname=self.host) if self.tls else plain
        except BaseException:
            plain.close()
            raise

    def _left(self) -> float:
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, ONE_WAIT)

    def read(self, size: int) -> bytes:
        if size > LARGEST:
            raise self.abort("larger than anything that was asked for")
        while len(self.unread) < size:
            self._hear()
        return self._taken(size)

    def readline(self) -> bytes:
        looked = 0
        while (end := self.unread.find(b"\n", looked)) < 0:
            looked = len(self.unread)
            if looked > LONGEST_LINE:
                raise self.abort("a line without end")
            self._hear()
        return self._taken(end + 1)

    def _taken(self, size: int) -> bytes:
        """What came in clear before the encryption began is not believed after it."""
        if self.came_by is not self.sock:
            raise self.abort("somebody spoke before the encryption")
        taken = bytes(memoryview(self.unread)[:size])
        del self.unread[:size]
        return taken

    def _hear(self) -> None:
        self.sock.settimeout(self._left())
        more = self.sock.recv(256 * 1024)
        if not more:
            raise self.abort("the connection ended")
        if not self.unread:
            self.came_by = self.sock
        self.unread += more

    def send(self, data: Any) -> None:
        self.sock.settimeout(self._left())
        self.sock.sendall(data)


class Server:
    """An open connection. ``security`` is tls, starttls or plain; ``tls`` holds what is trusted. Close it."""

    def __init__(self, host: str, port: int, security: str, tls: ssl.SSLContext, deadline: float = DEADLINE) -> None:
        self.host = host
        with self._understood():
            self.wire = Wire(host, port, tls if security == "tls" else None, deadline)
            self._client = _client(self.wire)
        if security == "starttls":
            try:
                with self._asking():
                    self._client.starttls(tls)
            except SaidNo:
                self.close()
                raise SourceUnavailable(
                    f"{host} offers no encryption on this port", hint='try security = "tls" and port = 993'
                ) from None
            except BaseException:
                self.close()
                raise

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Says goodbye, without waiting long for an answer."""
        self.wire.ends = min(self.wire.ends, time.monotonic() + 2)
        with suppress(imaplib.IMAP4.error, OSError, ValueError):
            if self.wire.state != "LOGOUT":
                self.wire.logout()
        with suppress(OSError):
            self.wire.shutdown()

    def sign_in(self, user: str, password: str) -> None:
        """``SignInNeeded`` where the server does not take the password."""
        if self.wire.state == "AUTH":
            return
        with self._asking():
            abilities = set(self._client.capabilities())
        try:
            with self._asking(), _lost_is_lost():
                self._log_in(user, password, abilities)
        except SaidNo as no:
            if no.code in LATER:
                raise
            told = f" ({no.code})" if no.code else ""
            raise SignInNeeded(f"{self.host} does not take the user name and password{told}") from None

    def _log_in(self, user: str, password: str, abilities: set[bytes]) -> None:
        if b"AUTH=PLAIN" in abilities:
            self._client.plain_login(user, password)
        elif b"LOGINDISABLED" not in abilities:
            quoted = user.replace("\\", "\\\\").replace('"', '\\"')
            self.wire.login(f'"{quoted}"', password)
        else:
            raise SourceUnavailable(
                f"{self.host} takes no password on this connection", hint='try security = "starttls" or "tls"'
            )

    def folders(self) -> list[Listed]:
        with self._asking():
            listed = self._client.list_folders()
            return [
                Listed(
                    frozenset(_text(flag).lower() for flag in flags),
                    _text(parting) if parting else "",
                    _text(name),
                )
                for flags, parting, name in listed
            ]

    def standing(self, folder: Listed) -> Standing:
        with self._asking():
            said = self._client.folder_status(folder.raw, ("MESSAGES", "UIDNEXT", "UIDVALIDITY"))
            return Standing(*(int(said.get(name) or 0) for name in (b"MESSAGES", b"UIDVALIDITY", b"UIDNEXT")))

    def examine(self, folder: Listed) -> Standing:
        """Opens the folder to read in it, and changes nothing in it."""
        with self._asking():
            said = self._client.select_folder(folder.raw, readonly=True)
            return Standing(*(int(said.get(name) or 0) for name in (b"EXISTS", b"UIDVALIDITY", b"UIDNEXT")))

    def search(self, after: int, since: date | None) -> list[int]:
        """The numbers above ``after`` of mails that are neither drafts nor deleted, ascending. ``since`` is the
        server's own day on which the mail came."""
        asked: list[Any] = ["UID", f"{after + 1}:*", "UNDELETED", "UNDRAFT", *(["SINCE", since] if since else [])]
        with self._asking():
            found = self._client.search(asked)
        return sorted({int(uid) for uid in found if uid > after})  # «*» is the last mail, whatever its number

    def fetch(self, uids: Sequence[int], items: Sequence[str]) -> Fetched:
        with self._asking():
            answered: Fetched = self._client.fetch(uids, items)
            return answered

    @contextmanager
    def _asking(self) -> Iterator[None]:
        self.wire.begin()
        with self._understood():
            yield

    @contextmanager
    def _understood(self) -> Iterator[None]:
        """Whatever goes wrong, in our own words."""
        try:
            yield
        except imaplib.IMAP4.abort:
            raise SourceUnavailable(f"{self.host}: the connection was lost", hint=AGAIN) from None
        except imaplib.IMAP4.error as no:
            code = _code(str(no))
            raise SaidNo(f"{self.host} said no" + (f" ({code})" if code else ""), code) from None
        except ssl.SSLCertVerificationError:
            raise SourceUnavailable(
                f"{self.host} shows a certificate that this machine does not trust",
                hint="if your firm inspects its traffic, name its certificates: network.ca_file in the settings",
            ) from None
        except TimeoutError:
            raise SourceUnavailable(f"{self.host}: no answer in time", hint=AGAIN) from None
        except OSError as lost:
            raise SourceUnavailable(
                f"{self.host}: the connection failed ({type(lost).__name__})", hint="check host and port; " + AGAIN
            ) from None
        except (ValueError, TypeError, LookupError, AttributeError, AssertionError, RecursionError) as broken:
            raise SaidNo(f"{self.host} answered in a way nobody can read ({type(broken).__name__})") from None


@contextmanager
def _lost_is_lost() -> Iterator[None]:
    """The client takes a connection that ends at the sign-in for a wrong password."""
    try:
        yield
    except imaplib.IMAP4.error as failed:
        if isinstance(failed.__context__, imaplib.IMAP4.abort):
            raise failed.__context__ from None
        raise


def _client(wire: Wire) -> Any:
    """The client over a connection that is open. Names and times stay as the server writes them."""
    from imapclient import IMAPClient  # noqa: PLC0415 - only mail servers need it

    class Client(IMAPClient):  # type: ignore[misc]  # it ships no types
        def _create_IMAP4(self) -> Wire:  # noqa: N802 - the library's name
            return wire

    client = Client(wire.host, wire.port, ssl=wire.tls is not None)
    client.folder_encode = client.normalise_times = False
    wire.debug = 0  # it would write every line down twice
    return client


def _code(text: str) -> str:
    """The code in brackets of a refusal, or nothing."""
    found = re.search(r"\[([A-Z][A-Z-]{1,40})\b", text)
    return found.group(1) if found else ""


def _text(value: Any) -> str:
    """Names as the server writes them, byte by byte."""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
