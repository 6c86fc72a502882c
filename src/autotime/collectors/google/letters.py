"""One mail as Gmail tells it, as evidence: the same as the same mail in a file gives."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from email.message import Message
from typing import Any

from autotime.collectors import messages
from autotime.collectors.google.refusals import entries
from autotime.collectors.headers import Sent, headers_of, message_id, people_of, sent_at, text_of
from autotime.collectors.messages import DEPTH_CAP, PARTS_CAP, Mail, Where
from autotime.domain.evidence import Evidence, Quarantined
from autotime.intake import clean

HEADERS = [
    "Date", "From", "To", "Cc", "Bcc", "Subject", "Message-ID", "In-Reply-To", "References", "Received",
    "Thread-Index", "X-Folder", "Authentication-Results",
    "List-Id", "List-Unsubscribe", "Auto-Submitted", "Precedence", "X-Spam-Flag",
]  # fmt: skip
"""What evidence is made of; asked for by name where no text is read."""

NO_MAIL = {"DRAFT", "SPAM", "TRASH", "CHAT", "SCHEDULED"}
ARCHIVE = "Archive"
"""Where a mail lies that has no label left."""


def is_mail(mail: Mapping[str, Any]) -> bool:
    return not NO_MAIL & _labels(mail)


def folder_of(mail: Mapping[str, Any], names: Callable[[], Mapping[str, str]]) -> str:
    """The label a person gave it, the innermost of several; else Sent, Inbox or the archive."""
    return folders_of(mail, names)[0]


def folders_of(mail: Mapping[str, Any], names: Callable[[], Mapping[str, str]]) -> list[str]:
    """Every folder it lies in, the one that says most first."""
    labels = _labels(mail)
    known = names() if labels - _PLAIN else {}
    own = sorted((known[label] for label in labels & known.keys()), key=lambda name: (-name.count("/"), name))
    return [*own, *(shown for label, shown in (("SENT", "Sent"), ("INBOX", "Inbox")) if label in labels)] or [ARCHIVE]


_PLAIN = {"INBOX", "SENT", "UNREAD", "STARRED", "IMPORTANT"} | {
    f"CATEGORY_{name}" for name in ("PERSONAL", "SOCIAL", "PROMOTIONS", "UPDATES", "FORUMS")
}
"""Labels every mailbox has; the others are looked up."""


def big_texts(mail: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Bodies of texts so long that Gmail names them instead; never those of attachments."""
    for part in _parts(mail.get("payload")):
        body = part.get("body")
        if not isinstance(body, dict) or not body.get("attachmentId") or body.get("data"):
            continue
        if str(part.get("mimeType", "")).lower() in ("text/plain", "text/html") and not _is_attached(part):
            yield body


def evidence_of(mail: Mapping[str, Any], where: Where, *, text: bool) -> Evidence | Quarantined:
    """The mail as evidence, or why it is none. Never raises for what it says."""
    try:
        return _evidence_of(mail, where, text)
    except Exception as broken:  # noqa: BLE001 - the email package raises whatever its parsing met
        return _quarantined(mail, f"unreadable mail ({type(broken).__name__})")


def _evidence_of(mail: Mapping[str, Any], where: Where, text: bool) -> Evidence | Quarantined:
    message = _message(mail["payload"], 0)
    headers = headers_of(message)
    sent = sent_at(headers, where.now) or _taken(mail)
    if sent is None:
        return _quarantined(mail, "no usable date")
    people, identity = people_of(headers), message_id(headers)
    if not people and not identity:
        return _quarantined(mail, "neither sender nor Message-ID: not a mail")
    shown, attached = messages.content(message) if text else (None, [])
    told = Mail(
        headers=headers,
        people=people,
        sent=sent,
        subject=text_of(headers, "subject"),
        text=shown,
        attached=attached,
        own="SENT" in _labels(mail),
        identity=identity,
    )
    return messages.evidence_of(told, where, str(mail["id"]))


def _quarantined(mail: Mapping[str, Any], reason: str) -> Quarantined:
    return Quarantined(clean(str(mail.get("id", "")), 100), reason)


def _taken(mail: Mapping[str, Any]) -> Sent | None:
    """When Google took it, where its own date cannot be used."""
    text = str(mail.get("internalDate", ""))
    return Sent(int(text) // 1000, None, assumed=True) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _message(part: Mapping[str, Any], depth: int) -> Message:
    """The part as the email package knows it; what Gmail decoded already is packed again."""
    made = Message()
    for header in part.get("headers") or ():
        made[str(header["name"])] = str(header["value"])
    if "content-type" not in made:
        made["Content-Type"] = str(part.get("mimeType") or "text/plain")
    inner = part.get("parts")
    if inner:
        made.set_payload([_message(one, depth + 1) for one in inner] if depth < DEPTH_CAP else "")
        return made
    data = _data(part)
    del made["Content-Transfer-Encoding"]
    made["Content-Transfer-Encoding"] = "base64"
    if (
        made.get_content_maintype() == "text"
        and not _is_attached(part)
        and _is_utf8(data, made.get_content_charset(""))
    ):
        made.replace_header("Content-Type", f"{made.get_content_type()}; charset=utf-8")
    made.set_payload(base64.b64encode(data).decode("ascii"))
    return made


def _data(part: Mapping[str, Any]) -> bytes:
    text = str((part.get("body") or {}).get("data") or "")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def _is_utf8(data: bytes, charset: str) -> bool:
    """Whether Gmail gave the text as UTF-8, whatever its charset said, or as it was sent."""
    if b"\0" in data or (b"\x1b" in data and charset.startswith("iso-2022")):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_attached(part: Mapping[str, Any]) -> bool:
    headers = entries(part.get("headers"))
    said = (str(one.get("value", "")) for one in headers if str(one.get("name", "")).lower() == "content-disposition")
    return bool(part.get("filename")) or any(value.lower().startswith("attachment") for value in said)


def _parts(payload: Any) -> Iterator[dict[str, Any]]:
    waiting = [payload]
    for _ in range(PARTS_CAP):
        if not waiting:
            return
        part = waiting.pop(0)
        if isinstance(part, dict):
            yield part
            if str(part.get("mimeType", "")).lower() != "message/rfc822":
                waiting += entries(part.get("parts"))


def _labels(mail: Mapping[str, Any]) -> set[str]:
    labels = mail.get("labelIds")
    return {str(label) for label in labels} if isinstance(labels, list) else set()
