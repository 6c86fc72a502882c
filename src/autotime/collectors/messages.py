"""One mail as evidence, whatever it was kept in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from autotime.classifiers import quoting
from autotime.collectors.headers import (
    is_bulk,
    message_id,
    message_ids,
    people_of,
    sender_failed,
    sent_at,
    text_of,
)
from autotime.collectors.threads import reply_opened_at
from autotime.domain.evidence import Evidence, Fact, Kind, Participant, Quarantined, Role
from autotime.domain.people import Timekeeper
from autotime.domain.untrusted import Untrusted
from autotime.intake import clean, untrusted
from autotime.timeline.duplicates import bare_subject

BODY_CAP = 20_000
QUOTED_CAP = 10_000
RAW_TEXT_CAP = 400_000
PARTS_CAP = 200
DEPTH_CAP = 50
SIZE_CAP = 50 * 1024 * 1024
HEAD_BYTES = 512 * 1024
TELLING_SUBJECT = 12
"""Characters from which a subject says what a conversation is about."""

SENT_FOLDERS = ("sent", "sent items", "sent mail", "sent messages", "outbox", "gesendet")


@dataclass(frozen=True, slots=True)
class Where:
    """Where a mail was found: whose collector, which folder, and what the envelope says of its time."""

    account: str
    source: str
    folder: str
    timekeeper: Timekeeper
    now: int
    envelope: str = ""


def read(raw: bytes, where: Where, key: str = "") -> Evidence | Quarantined:
    """A mail as evidence, or why it is none. Never raises for what the mail says."""
    try:
        return _read(raw, where, key)
    except (ValueError, TypeError, LookupError, RecursionError, AttributeError, AssertionError) as broken:
        return quarantined(raw, key or where.folder, f"unreadable mail ({type(broken).__name__})")


def quarantined(raw: bytes, key: str, reason: str) -> Quarantined:
    digest = hashlib.sha256(raw).hexdigest()
    return Quarantined(clean(f"{key}#{digest[:12]}", 300), reason, digest)


def _read(raw: bytes, where: Where, key: str) -> Evidence | Quarantined:
    message = message_from_bytes(raw if len(raw) <= SIZE_CAP else raw[:HEAD_BYTES])
    identity = message_id(message)
    sent = sent_at(message, where.now, where.envelope)
    if sent is None:
        return quarantined(raw, key or where.folder, "no usable date")
    people = people_of(message)
    if not people and not identity:
        return quarantined(raw, key or where.folder, "neither sender nor Message-ID: not a mail")
    subject = clean(text_of(message, "Subject"), 1000)
    text, attached = _content(message)
    new, quoted = quoting.split(text)
    own = is_own(people, where)
    facts: dict[str, Fact] = {"words_new": len(new.split()), "words_quoted": len(quoted.split())}
    facts |= _facts(message, sent.at, own)
    if attached:
        facts |= {"attachments": len(attached), "attachment_names": "\n".join(attached[:20])}
    if sent.offset is not None:
        facts["utc_offset"] = sent.offset
    if sent.assumed:
        facts["time_assumed"] = True
    return Evidence(
        account=where.account,
        source=where.source,
        key=key or f"{where.folder}/{identity or _digest(raw)}",
        kind=Kind.MESSAGE,
        at=sent.at,
        own=own,
        identity=f"mid:{identity}" if identity else "",
        thread=thread_of(message, subject, people),
        subject=Untrusted(subject),
        body=Untrusted(new[:BODY_CAP]),
        quoted=Untrusted(quoted[:QUOTED_CAP]),
        place=untrusted(where.folder, 300),
        people=people,
        facts=facts,
    )


def _digest(raw: bytes) -> str:
    return hashlib.blake2b(raw, digest_size=16).hexdigest()


def is_own(people: tuple[Participant, ...], where: Where) -> bool:
    """Sent by the timekeeper: an own address in From; without any usable From, a folder of sent mail."""
    sender = next((who.address for who in people if who.role is Role.FROM and who.address), "")
    if sender:
        return sender in where.timekeeper.emails
    return where.folder.replace("_", " ").rpartition("/")[2].casefold() in SENT_FOLDERS


def thread_of(message: Message, subject: str, people: tuple[Participant, ...]) -> str:
    """The first message of the conversation, or else the subject and who was in it.

    Exports that keep ``X-Folder`` have lost References; there, and in a reply without them, mails of
    one bare subject are one conversation, and if that is short, only between the same people.
    """
    references = message_ids(message, "References") or message_ids(message, "In-Reply-To")
    if references:
        return clean(f"mid:{references[0]}", 260)
    bare, own = bare_subject(subject), message_id(message)
    is_reply = bare != " ".join(subject.casefold().split())
    if own and not (bare and (is_reply or message.get("X-Folder"))):
        return f"mid:{own}"
    if len(bare) >= TELLING_SUBJECT:
        return f"subject:{bare}"
    circle = sorted({who.address for who in people if who.address})
    return f"subject:{bare}|{' '.join(circle[:2])}"


def _facts(message: Message, at: int, own: bool) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    if is_bulk(message):
        facts["bulk"] = True
    if sender_failed(message):
        facts["auth_failed"] = True
    index = text_of(message, "Thread-Index", 2000)
    opened = reply_opened_at(index, at) if own and index else None
    if opened is not None:
        facts["reply_opened_at"] = opened
    return facts


def _content(message: Message) -> tuple[str, list[str]]:
    """The text a reader sees first, and the names of attachments."""
    plain: list[str] = []
    html: list[str] = []
    attached: list[str] = []
    for part in _parts(message):
        name = part.get_filename() if part.get("Content-Disposition") or part.get("Content-Type") else None
        kind = part.get_content_type()
        if name or part.get_content_disposition() == "attachment":
            attached.append(clean(str(name or "unnamed"), 120))
        elif kind == "text/plain":
            plain.append(_text(part))
        elif kind == "text/html":
            html.append(_text(part))
    text = "\n".join(plain) or quoting.from_html("\n".join(html))
    return clean(text, RAW_TEXT_CAP, lines=True), attached


def _parts(message: Message) -> Iterator[Message]:
    """Leaf parts, to a depth and number no honest mail reaches; attached mails are not opened."""
    waiting = [(message, 0)]
    seen = 0
    while waiting and seen < PARTS_CAP:
        part, depth = waiting.pop(0)
        seen += 1
        if part.get_content_type() == "message/rfc822" and depth:
            continue
        if part.is_multipart():
            inner = part.get_payload()
            if depth < DEPTH_CAP and isinstance(inner, list):
                waiting += [(one, depth + 1) for one in inner if isinstance(one, Message)]
        else:
            yield part


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = part.get_content_charset() or "utf-8"
    try:
        return payload[:RAW_TEXT_CAP].decode(charset, "replace")
    except LookupError:
        return payload[:RAW_TEXT_CAP].decode("utf-8", "replace")
