"""What the stand-in for Microsoft 365 holds of mail, and how a test fills it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from autotime.testing.microsoft.call import Json, Refusal

Person = tuple[str, str]
"""A name and an address."""

WELL_KNOWN = {
    "inbox": "Inbox",
    "sentitems": "Sent Items",
    "drafts": "Drafts",
    "deleteditems": "Deleted Items",
    "archive": "Archive",
    "junkemail": "Junk Email",
    "outbox": "Outbox",
}
ROOT = "msgfolderroot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail in one mailbox. ``moves`` counts moves: an id that is not immutable changes with each."""

    number: int
    folder: str
    received: int
    sent: int
    subject: str
    sender: Person
    to: tuple[Person, ...] = ()
    cc: tuple[Person, ...] = ()
    bcc: tuple[Person, ...] = ()
    text: str = ""
    html: str = ""
    message_id: str = ""
    conversation: str = ""
    index: str = ""
    headers: tuple[Person, ...] = ()
    attached: tuple[str, ...] = ()
    read: bool = True
    draft: bool = False
    invites: bool = False
    """An invitation to a meeting: a message of a kind of its own."""

    moves: int = 0


@dataclass(frozen=True, slots=True)
class Folder:
    id: str
    name: str
    parent: str
    hidden: bool = False


class Mails:
    """What a mailbox holds of mail, and how a test fills it."""

    def __init__(self, address: str, name: str) -> None:
        self.address, self.name = address, name
        self.over_quota = False
        """Deltas are refused then; plain lists are not."""

        self.headers_when_sent = True
        """Whether sent mail has internet headers too."""

        self.basic_hides: set[str] = set()
        """What else a token with ``Mail.ReadBasic`` alone does not see."""

        self.letters: dict[int, Letter] = {}
        self.changes: list[tuple[Letter, str]] = []
        """A letter as it was, and why it left its folder (nothing: it came or changed)."""

        self.folders = {ROOT: Folder(ROOT, "Top of Information Store", "")}
        for id_, shown in WELL_KNOWN.items():
            self.folders[id_] = Folder(f"AQMk{id_}", shown, ROOT)
        self._sorted: dict[str, list[Letter]] = {}
        self._by_id: dict[str, Letter] = {}

    # -- what a test does ---------------------------------------------------------------------

    def receives(self, raw: bytes = b"", *, folder: str = "inbox", delay: int = 2, **said: Any) -> Letter:
        """A mail arrives: as it went over the wire (``raw``), or from plain arguments: ``at``, ``subject``,
        ``text``, ``html``, ``sender``, ``to``, ``cc``, ``message_id``, ``references``, ``index``, ``attached``,
        ``invites``."""
        me = (self.name, self.address)
        usual = {"sender": ("Ben Lund", "ben@harrow.example"), "to": (me,)}
        given = parsed(raw) if raw else plain(**{**usual, **said})
        return self._put(given, folder, delay)

    def sends(self, raw: bytes = b"", *, folder: str = "sentitems", delay: int = 1, **said: Any) -> Letter:
        me = (self.name, self.address)
        usual = {"sender": me, "to": (("Ben Lund", "ben@harrow.example"),)}
        given = parsed(raw) if raw else plain(**{**usual, **said})
        return self._put(given, folder, delay)

    def keeps_chat(self, at: int) -> Letter:
        """A message of Teams that mail listings show too: in a hidden folder, without a Message-ID."""
        folder = self.has_folder("TeamsMessagesData", hidden=True)
        me = (self.name, self.address)
        said = plain(at=at, sender=me, to=(), subject="", text="On my way")
        return self._put(said | {"message_id": "", "headers": ()}, folder, 0)

    def receives_many(self, count: int, first: int, every: int = 60, text: str = "The lease is signed.") -> None:
        """A full mailbox at little cost: one mail every so many seconds."""
        start = max(self.letters, default=0) + 1
        me, ben = (self.name, self.address), ("Ben Lund", "ben@harrow.example")
        for n in range(count):
            name = f"<many-{n}@harrow.example>"
            self.letters[start + n] = Letter(
                number=start + n,
                folder="inbox",
                sent=first + n * every,
                received=first + n * every + 2,
                subject=f"Harrow lease no. {n}",
                sender=ben,
                to=(me,),
                text=text,
                message_id=name,
                conversation=name,
                headers=(("Message-ID", name),),
            )
        self.changes += [(self.letters[start + n], "") for n in range(count)]
        self._forget()

    def has_folder(self, name: str, parent: str = ROOT, *, hidden: bool = False) -> str:
        """A folder of the mailbox's own; the key by which the other calls know it."""
        key = f"{parent}/{name}"
        self.folders[key] = Folder(coded("AQMk", key), name, self.folders[parent].id, hidden)
        return key

    def moves(self, letter: Letter, folder: str) -> Letter:
        before = self.letters[letter.number]
        self.changes.append((before, "deleted"))
        return self._keep(replace(before, folder=folder, moves=before.moves + 1))

    def removes(self, letter: Letter, *, softly: bool = False) -> None:
        """Out of the mailbox, or ``softly`` into Deleted Items."""
        before = self.letters[letter.number]
        self.changes.append((before, "changed" if softly else "deleted"))
        if softly:
            self._keep(replace(before, folder="deleteditems", moves=before.moves + 1))
        else:
            del self.letters[letter.number]
            self._forget()

    def marks(self, letter: Letter, *, read: bool) -> Letter:
        """A flag that is no work."""
        return self._keep(replace(self.letters[letter.number], read=read))

    # -- what the answers need ----------------------------------------------------------------

    def _put(self, given: Json, folder: str, delay: int) -> Letter:
        number = max(self.letters, default=0) + 1
        return self._keep(Letter(number=number, folder=folder, received=given["sent"] + delay, **given))

    def _keep(self, letter: Letter) -> Letter:
        self.letters[letter.number] = letter
        self.changes.append((letter, ""))
        self._forget()
        return letter

    def _forget(self) -> None:
        """Something changed: what was worked out is no longer so."""
        self._sorted.clear()
        self._by_id = {}

    def by_arrival(self, folder: str = "") -> list[Letter]:
        """In a folder, or in all of them."""
        if folder not in self._sorted:
            here = (one for one in self.letters.values() if folder in ("", one.folder))
            self._sorted[folder] = sorted(here, key=lambda one: (one.received, one.number))
        return self._sorted[folder]

    def folder_key(self, id_: str) -> str:
        """By well-known name, whatever its case, or by id."""
        for key, folder in self.folders.items():
            if id_ == folder.id or id_.lower() == key:
                return key
        raise Refusal(404, "ErrorItemNotFound", "The specified object was not found in the store.")

    def letter_id(self, letter: Letter, immutable: bool) -> str:
        kind = "AAkALgAA" if immutable else f"AAMkAD{letter.folder}/{letter.moves}/"
        return coded(kind[:6], f"{self.address}/{kind}{letter.number}")

    def letter(self, id_: str) -> Letter:
        if not self._by_id:
            self._by_id = {self.letter_id(one, lasts): one for one in self.letters.values() for lasts in (True, False)}
        if id_ in self._by_id:
            return self._by_id[id_]
        raise Refusal(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def plain(
    *,
    at: int,
    sender: Person,
    to: Sequence[Person],
    subject: str = "Harrow lease",
    text: str = "The lease is signed.\n",
    message_id: str = "",
    references: Sequence[str] = (),
    **more: Any,
) -> Json:
    """The fields of a letter from plain arguments."""
    digest = hashlib.blake2b(repr((at, sender, subject)).encode(), digest_size=8).hexdigest()
    name = message_id or f"<{digest}@okafor.example>"
    headers = [("Message-ID", name)]
    headers += [("References", " ".join(references)), ("In-Reply-To", references[-1])] if references else []
    return {
        "sent": at,
        "sender": sender,
        "to": tuple(to),
        "subject": subject,
        "text": text,
        "message_id": name,
        "conversation": references[0] if references else name,
        "headers": (*headers, *more.pop("headers", ())),
    } | {name: tuple(value) if isinstance(value, list) else value for name, value in more.items()}


def parsed(raw: bytes) -> Json:
    """The fields of a letter from a mail as it went over the wire."""
    mail: Any = message_from_bytes(raw, policy=policy.default)
    body, page = mail.get_body(("plain",)), mail.get_body(("html",))
    references = re.findall(r"<[^<>\s]+>", f"{mail.get('References', '')} {mail.get('In-Reply-To', '')}")
    name = str(mail.get("Message-ID", "")).strip()
    return {
        "sent": int(parsedate_to_datetime(str(mail["Date"])).timestamp()),
        "sender": next(iter(_people(mail, "From")), ("", "")),
        "to": _people(mail, "To"),
        "cc": _people(mail, "Cc"),
        "bcc": _people(mail, "Bcc"),
        "subject": str(mail.get("Subject", "")),
        "text": body.get_content() if body else "",
        "html": page.get_content() if page else "",
        "message_id": name,
        "conversation": references[0] if references else name,
        "index": "".join(str(mail.get("Thread-Index", "")).split()),
        "headers": tuple((key, " ".join(str(value).split())) for key, value in message_from_bytes(raw).items()),
        "attached": tuple(part.get_filename() or "unnamed" for part in mail.iter_attachments()),
    }


def _people(mail: Any, header: str) -> tuple[Person, ...]:
    return tuple(pair for pair in getaddresses([str(value) for value in mail.get_all(header, [])]) if pair[1])


def coded(kind: str, text: str) -> str:
    """An id as Exchange's: letters and digits whose case matters."""
    return kind + base64.urlsafe_b64encode(hashlib.blake2b(text.encode(), digest_size=24).digest()).decode() + "AAA="
