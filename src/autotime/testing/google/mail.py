"""The stand-in for Gmail: a mailbox with labels and a history, told in Gmail's shapes."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from autotime.testing.google.routes import Caller, Refused, Route, page_of
from autotime.testing.server import Asked

SYSTEM = ("INBOX", "SENT", "DRAFT", "TRASH", "SPAM", "UNREAD", "STARRED", "IMPORTANT", "CHAT", "SCHEDULED")
CATEGORIES = tuple(f"CATEGORY_{name}" for name in ("PERSONAL", "SOCIAL", "PROMOTIONS", "UPDATES", "FORUMS"))
FIRST_HISTORY = 1_443_000
BIG = 64 * 1024
"""Bytes from which a text comes by an attachment id of its own."""


@dataclass(slots=True)
class Kept:
    """One message. ``internal`` is when Google took it, UTC seconds; ``labels`` are ids."""

    id: str
    thread: str
    raw: bytes
    internal: int
    labels: list[str]
    history: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the history: ``added`` or ``labelled``."""

    id: int
    what: str
    message: str
    thread: str
    labels: tuple[str, ...] = ()


@dataclass(slots=True)
class Mailbox:
    """What Gmail keeps for one user. ``transcodes``: text comes as UTF-8 whatever its charset was."""

    address: str
    messages: dict[str, Kept] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    history: int = FIRST_HISTORY
    oldest: int = FIRST_HISTORY
    transcodes: bool = True
    big: int = BIG

    def receives(self, raw: bytes, labels: Iterable[str] = ("INBOX",), at: int | None = None) -> str:
        """Takes a mail in; its id. ``at`` is when Google took it, the Date header where it says nothing."""
        message = message_from_bytes(raw)
        name = self._id(raw)
        root = (message["References"] or message["In-Reply-To"] or message["Message-ID"] or name).split()[0]
        kept = Kept(name, _hex(root.encode()), raw, _instant(message) if at is None else at, self._ids(labels))
        self.messages[name] = kept
        self._change("added", kept, tuple(kept.labels))
        return name

    def sends(self, raw: bytes, labels: Iterable[str] = ("SENT",), at: int | None = None) -> str:
        return self.receives(raw, labels, at)

    def label(self, name: str, *labels: str) -> None:
        """Puts labels on a message that is there."""
        new = self._ids(labels)
        kept = self.messages[name]
        kept.labels += [label for label in new if label not in kept.labels]
        self._change("labelled", kept, tuple(new))

    def delete(self, name: str) -> None:
        """For good: its history stays for a while, the message does not."""
        del self.messages[name]

    def clear(self) -> None:
        self.messages.clear()

    def forget_history(self) -> None:
        self.history += 1
        self.oldest = self.history

    def _change(self, what: str, kept: Kept, labels: tuple[str, ...]) -> None:
        self.history += 1
        kept.history = self.history
        self.changes.append(Change(self.history, what, kept.id, kept.thread, labels))

    def _ids(self, labels: Iterable[str]) -> list[str]:
        return [label if label in SYSTEM + CATEGORIES else self._own_label(label) for label in labels]

    def _own_label(self, shown: str) -> str:
        for known, name in self.labels.items():
            if name == shown:
                return known
        made = f"Label_{len(self.labels) + 1}"
        self.labels[made] = shown
        return made

    def _id(self, raw: bytes) -> str:
        """The same mail has the same id in every mailbox made of it; a second copy has its own."""
        copy = sum(kept.raw == raw for kept in self.messages.values())
        return _hex(raw + b"#" * copy)


def _profile(user: Any, _caller: Caller, _asked: Asked, _names: Mapping[str, str]) -> dict[str, Any]:
    box: Mailbox = user.mail
    threads = {kept.thread for kept in box.messages.values()}
    return {
        "emailAddress": box.address,
        "messagesTotal": len(box.messages),
        "threadsTotal": len(threads),
        "historyId": str(box.history),
    }


def _list(user: Any, caller: Caller, asked: Asked, _names: Mapping[str, str]) -> dict[str, Any]:
    box: Mailbox = user.mail
    query = asked.query
    if "q" in query and caller.may("gmail.metadata"):
        raise Refused(403, "forbidden", "Metadata scope does not support 'q' parameter")
    wanted = set(_all(asked, "labelIds"))
    hidden = set() if query.get("includeSpamTrash") == "true" else {"SPAM", "TRASH"}
    after, before = (_bound(query.get("q", ""), word) for word in ("after", "before"))
    found = [
        kept
        for kept in sorted(box.messages.values(), key=lambda kept: (-kept.internal, kept.id))
        if wanted <= set(kept.labels)
        and not hidden & set(kept.labels)
        and (after is None or kept.internal >= after)
        and (before is None or kept.internal < before)
    ]
    page = page_of(found, query.get("pageToken", ""), _size(query, 100), user.workspace.quirks, lambda kept: kept.id)
    listed = [{"id": kept.id, "threadId": kept.thread} for kept in page.items]
    told: dict[str, Any] = {"messages": listed} if listed else {}
    return {**told, **({"nextPageToken": page.token} if page.token else {}), "resultSizeEstimate": 201}


def _get(user: Any, caller: Caller, asked: Asked, names: Mapping[str, str]) -> dict[str, Any]:
    box: Mailbox = user.mail
    kept = _kept(box, names["id"])
    form = asked.query.get("format", "full")
    if form in ("full", "raw") and caller.may("gmail.metadata"):
        raise Refused(403, "forbidden", "Metadata scope doesn't allow format FULL")
    told = {
        "id": kept.id,
        "threadId": kept.thread,
        "labelIds": kept.labels,
        "historyId": str(kept.history),
        "internalDate": str(kept.internal * 1000),
        "sizeEstimate": len(kept.raw),
        "snippet": kept.raw[-40:].decode("utf-8", "replace"),
    }
    if form == "full":
        told["payload"] = payload_of(box, message_from_bytes(kept.raw))
    if form == "metadata":
        told["payload"] = _headers_only(message_from_bytes(kept.raw), _all(asked, "metadataHeaders"))
    return told


def _attachment(user: Any, _caller: Caller, _asked: Asked, names: Mapping[str, str]) -> dict[str, Any]:
    box: Mailbox = user.mail
    message = message_from_bytes(_kept(box, names["message"]).raw)
    for step in filter(None, names["id"].removeprefix("part-").split(".")):
        inner: Any = message.get_payload()
        message = inner[int(step)]
    data = _data(box, message)
    return {"size": len(data), "data": base64.urlsafe_b64encode(data).decode()}


def _history(user: Any, _caller: Caller, asked: Asked, _names: Mapping[str, str]) -> dict[str, Any]:
    box: Mailbox = user.mail
    start = int(asked.query["startHistoryId"])
    if not box.oldest <= start <= box.history:
        raise Refused(404, "notFound", "Requested entity was not found.")
    types = set(_all(asked, "historyTypes")) or {"messageAdded", "labelAdded"}
    kinds = {"added"} if types == {"messageAdded"} else {"added", "labelled"}
    found = [change for change in box.changes if change.id > start and change.what in kinds]
    page = page_of(
        found, asked.query.get("pageToken", ""), _size(asked.query, 100), user.workspace.quirks, lambda one: str(one.id)
    )
    told: dict[str, Any] = {"history": [_change(one) for one in page.items]} if page.items else {}
    return {**told, **({"nextPageToken": page.token} if page.token else {}), "historyId": str(box.history)}


def _change(change: Change) -> dict[str, Any]:
    message = {"id": change.message, "threadId": change.thread}
    labelled = {**message, "labelIds": list(change.labels)}
    more: dict[str, Any] = (
        {"messagesAdded": [{"message": labelled}]}
        if change.what == "added"
        else {"labelsAdded": [{"message": labelled, "labelIds": list(change.labels)}]}
    )
    return {"id": str(change.id), "messages": [message], **more}


def _labels(user: Any, _caller: Caller, _asked: Asked, _names: Mapping[str, str]) -> dict[str, Any]:
    box: Mailbox = user.mail
    system = [{"id": name, "name": name, "type": "system"} for name in SYSTEM + CATEGORIES]
    return {"labels": [*system, *({"id": key, "name": name, "type": "user"} for key, name in box.labels.items())]}


ANY = ("gmail.readonly", "gmail.metadata")
ME = "/gmail/v1/users/me"
ROUTES = (
    Route("GET", f"{ME}/profile", ANY, _profile),
    Route("GET", f"{ME}/labels", ANY, _labels),
    Route("GET", f"{ME}/messages", ANY, _list),
    Route("GET", f"{ME}/messages/{{id}}", ANY, _get),
    Route("GET", f"{ME}/messages/{{message}}/attachments/{{id}}", ("gmail.readonly",), _attachment),
    Route("GET", f"{ME}/history", ANY, _history),
)


def _kept(box: Mailbox, name: str) -> Kept:
    if name not in box.messages:
        raise Refused(404, "notFound", "Requested entity was not found.")
    return box.messages[name]


def _headers_only(message: Message, names: list[str]) -> dict[str, Any]:
    wanted = {name.lower() for name in names}
    headers = [one for one in _headers(message) if not wanted or one["name"].lower() in wanted]
    return {"mimeType": message.get_content_type(), "headers": headers}


def payload_of(box: Mailbox, message: Message, path: str = "") -> dict[str, Any]:
    """A message as Gmail tells it: decoded parts in a tree; attachments, and long texts, by a name only."""
    name = message.get_filename() or ""
    told: dict[str, Any] = {
        "partId": path,
        "mimeType": message.get_content_type(),
        "filename": name,
        "headers": _headers(message),
    }
    if message.is_multipart():
        inner: Any = message.get_payload()
        below = f"{path}." if path else ""
        parts = [payload_of(box, part, f"{below}{number}") for number, part in enumerate(inner)]
        return {**told, "body": {"size": 0}, "parts": parts}
    data = _data(box, message)
    if name or len(data) > box.big:
        return {**told, "body": {"attachmentId": f"part-{path}", "size": len(data)}}
    encoded = base64.urlsafe_b64encode(data).decode()
    return {**told, "body": {"size": len(data), **({"data": encoded} if data else {})}}


def _headers(message: Message) -> list[dict[str, str]]:
    return [{"name": name, "value": _unfolded(str(value))} for name, value in message.raw_items()]


def _unfolded(value: str) -> str:
    shown = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return re.sub(r"\r?\n[ \t]+", " ", shown)


def _data(box: Mailbox, message: Message) -> bytes:
    data = message.get_payload(decode=True)
    if not isinstance(data, bytes):
        return b""
    if box.transcodes and message.get_content_maintype() == "text":
        try:
            return data.decode(message.get_content_charset() or "utf-8").encode()
        except (LookupError, UnicodeDecodeError):
            return data
    return data


def _instant(message: Message) -> int:
    try:
        return int(parsedate_to_datetime(message["Date"]).timestamp())
    except (TypeError, ValueError):
        return 1_773_000_000


def _bound(query: str, word: str) -> int | None:
    found = re.search(rf"\b{word}:(\d+)", query)
    return int(found.group(1)) if found else None


def _size(query: Mapping[str, str], usual: int) -> int:
    return min(500, int(query.get("maxResults", usual)))


def _all(asked: Asked, name: str) -> list[str]:
    return parse_qs(urlsplit(asked.target).query).get(name, [])


def _hex(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=8).hexdigest()
