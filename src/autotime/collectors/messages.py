"""One mail as evidence, whatever it was kept in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from autotime.classifiers import quoting
from autotime.collectors.headers import (
    Headers,
    Sent,
    headers_of,
    is_bulk,
    message_id,
    message_ids,
    people_of,
    sender_failed,
    sent_at,
    text_of,
)
from autotime.collectors.html import visible_text
from autotime.collectors.threads import reply_opened_at
from autotime.domain.evidence import Evidence, Fact, Kind, Participant, Quarantined, Role
from autotime.domain.people import Timekeeper
from autotime.domain.untrusted import Untrusted
from autotime.intake import clean
from autotime.timeline.duplicates import bare_subject

BODY_CAP = 20_000
QUOTED_CAP = 10_000
RAW_TEXT_CAP = 400_000
PARTS_CAP = 200
DEPTH_CAP = 50
SIZE_CAP = 50 * 1024 * 1024
HEAD_BYTES = 512 * 1024
BLANK = re.compile(rb"\r?\n\r?\n")
_BLANKS = re.compile(r"\n(?: ?\n){3,}")
"""More blank lines than a reader sees as one pause; a body of nothing else must cost nothing."""

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
    except Exception as broken:  # noqa: BLE001 - the email package raises whatever its parsing met
        return quarantined(raw, key or where.folder, f"unreadable mail ({type(broken).__name__})")


def quarantined(raw: bytes, key: str, reason: str) -> Quarantined:
    digest = hashlib.sha256(raw).hexdigest()
    return Quarantined(clean(f"{key}#{digest[:12]}", 300), reason, digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What one mail says, however a source says it. ``headers`` may be few or none where a service gives
    fields of its own; ``thread`` is then the service's own name for the conversation. ``text`` is what a
    reader sees, ``None`` where a source gives no text (metadata only); ``own`` is ``None`` where the
    addresses decide."""

    headers: Headers
    people: tuple[Participant, ...]
    sent: Sent
    subject: str
    text: str | None
    attached: Sequence[str] = ()
    own: bool | None = None
    thread: str = ""
    identity: str = ""


def _read(raw: bytes, where: Where, key: str) -> Evidence | Quarantined:
    raw = raw if len(raw) <= SIZE_CAP else raw[:HEAD_BYTES]
    blank = BLANK.search(raw)
    head, body = (raw[: blank.end()], raw[blank.end() :]) if blank else (raw, b"")
    message = message_from_bytes(head)
    headers = headers_of(message)
    identity = message_id(headers)
    sent = sent_at(headers, where.now, where.envelope)
    if sent is None:
        return quarantined(raw, key or where.folder, "no usable date")
    people = people_of(headers)
    if not people and not identity:
        return quarantined(raw, key or where.folder, "neither sender nor Message-ID: not a mail")
    simple = _is_simple(headers) and not message.get_payload()
    text, attached = (_plain(message, body), []) if simple else content(message_from_bytes(raw))
    mail = Mail(
        headers=headers,
        people=people,
        sent=sent,
        subject=text_of(headers, "subject"),
        text=text,
        attached=attached,
        identity=identity,
    )
    return evidence_of(mail, where, key or f"{where.folder}/{identity}#{_digest(headers, body)}")


def evidence_of(mail: Mail, where: Where, key: str) -> Evidence:
    """A mail as evidence, the same from every source that says the same of it."""
    subject = clean(mail.subject, 1000)
    new, quoted = quoting.split(tidy(mail.text or ""))
    own = is_own(mail.people, where) if mail.own is None else mail.own
    facts: dict[str, Fact] = {}
    if mail.text is not None:
        facts |= {"words_new": len(new.split()), "words_quoted": len(quoted.split())}
    facts |= _facts(mail.headers, mail.sent, own)
    if mail.attached:
        names = [clean(name or "unnamed", 120) for name in mail.attached]
        facts |= {"attachments": len(names), "attachment_names": "\n".join(names[:20])}
    return Evidence(
        account=where.account,
        source=where.source,
        key=key,
        kind=Kind.MESSAGE,
        at=mail.sent.at,
        own=own,
        identity=f"mid:{mail.identity}" if mail.identity else "",
        thread=thread_of(mail.headers, subject, mail.people, mail.thread),
        subject=Untrusted(subject),
        body=Untrusted(new[:BODY_CAP]),
        quoted=Untrusted(quoted[:QUOTED_CAP]),
        place=Untrusted(where.folder),
        people=mail.people,
        facts=facts,
    )


def _digest(headers: Headers, body: bytes) -> str:
    """Of what a mail says, not of the marks that programs add to it.

    A Message-ID alone is no name: whoever knows one can send another mail under it, and that must
    not take the place of the first.
    """
    said = "\n".join(" ".join(headers.get(name, [""])[0].split()) for name in ("date", "from", "to", "subject"))
    body = body.replace(b"\r\n", b"\n").strip()
    return hashlib.blake2b(said.encode("utf-8", "surrogateescape") + b"\0" + body, digest_size=8).hexdigest()


def is_own(people: tuple[Participant, ...], where: Where) -> bool:
    """Sent by the timekeeper: an own address in From; without any usable From, a folder of sent mail."""
    sender = next((who.address for who in people if who.role is Role.FROM and who.address), "")
    if sender:
        return sender in where.timekeeper.emails
    return where.folder.replace("_", " ").rpartition("/")[2].casefold() in SENT_FOLDERS


def thread_of(headers: Headers, subject: str, people: tuple[Participant, ...], named: str = "") -> str:
    """The first message of the conversation, or else the service's name for it, or the subject and who was in it.

    Exports that keep ``X-Folder`` have lost References; there, and in a reply without them, mails of
    one bare subject are one conversation, and if that is short, only between the same people.
    """
    references = message_ids(headers, "references") or message_ids(headers, "in-reply-to")
    if references:
        return clean(f"mid:{references[0]}", 260)
    if named:
        return clean(named, 260)
    bare, own = bare_subject(subject), message_id(headers)
    is_reply = bare != " ".join(subject.casefold().split())
    if own and not (bare and (is_reply or headers.get("x-folder"))):
        return f"mid:{own}"
    if len(bare) >= TELLING_SUBJECT:
        return f"subject:{bare}"
    circle = sorted({who.address for who in people if who.address})
    return f"subject:{bare}|{' '.join(circle[:2])}"


def _facts(headers: Headers, sent: Sent, own: bool) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    if sent.offset is not None:
        facts["utc_offset"] = sent.offset
    if sent.assumed:
        facts["time_assumed"] = True
    if is_bulk(headers):
        facts["bulk"] = True
    if sender_failed(headers):
        facts["auth_failed"] = True
    index = text_of(headers, "thread-index", 2000)
    opened = reply_opened_at(index, sent.at) if own and index else None
    if opened is not None:
        facts["reply_opened_at"] = opened
    return facts


def _is_simple(headers: Headers) -> bool:
    """Plain text as it stands, without parts, names or an encoding: most mail, and read in half the time."""
    kind = headers.get("content-type", ["text/plain"])[0].lower()
    encoding = headers.get("content-transfer-encoding", ["7bit"])[0].strip().lower()
    plain = kind.partition(";")[0].strip() == "text/plain" and "name" not in kind
    return plain and encoding in ("7bit", "8bit") and "content-disposition" not in headers


def _plain(message: Message, body: bytes) -> str:
    return _decoded(body, message.get_content_charset())


def content(message: Message) -> tuple[str, list[str]]:
    """The text a reader sees first, and the names of attachments."""
    plain: list[str] = []
    html: list[str] = []
    attached: list[str] = []
    for part in _parts(message):
        kind = part.get_content_type()
        disposition = str(part.get("Content-Disposition", ""))
        name = part.get_filename()
        if name or disposition.lower().startswith("attachment"):
            attached.append(str(name or ""))
        elif kind == "text/plain":
            plain.append(_text(part))
        elif kind == "text/html":
            html.append(_text(part))
    return "\n".join(plain) or visible_text("\n".join(html)), attached


def tidy(text: str) -> str:
    return _BLANKS.sub("\n\n\n", clean(text, RAW_TEXT_CAP, lines=True))


def _parts(message: Message) -> Iterator[Message]:
    """Leaf parts, to a depth and number no honest mail reaches; attached mails are not opened."""
    waiting = [(message, 0)]
    seen = 0
    while waiting and seen < PARTS_CAP:
        part, depth = waiting.pop(0)
        seen += 1
        if depth and part.get_content_type() == "message/rfc822":
            continue
        if part.is_multipart():
            inner = part.get_payload()
            if depth < DEPTH_CAP and isinstance(inner, list):
                waiting += [(one, depth + 1) for one in inner if isinstance(one, Message)]
        else:
            yield part


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return _decoded(payload, part.get_content_charset()) if isinstance(payload, bytes) else ""


def _decoded(data: bytes, charset: str | None) -> str:
    try:
        return data[:RAW_TEXT_CAP].decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):  # no such charset, or a codec that is none
        return data[:RAW_TEXT_CAP].decode("utf-8", "replace")
