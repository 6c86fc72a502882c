"""Which conversation a mail belongs to whose internet headers Graph does not show, as with much sent mail.

Mails of the same conversation that have headers tell it, or the mail is the first one; else Graph's own name
for it stands. What was decided is remembered for as long as the mail is read again, so that it stays the same.
"""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from autotime.collectors.microsoft.graph import Json
from autotime.timeline.duplicates import bare_subject

ROOT = 22
"""Bytes of the index of a conversation's first mail; each reply adds five (MS-OXOMSG 2.2.1.3)."""


class Conversations:
    """``decided`` holds, by a digest of the conversation, when its last such mail came and the thread."""

    def __init__(self, decided: Mapping[str, Any]) -> None:
        self.decided: dict[str, tuple[int, str]] = {
            name: (int(said[0]), str(said[1])) for name, said in decided.items()
        }
        self._heard: dict[str, str] = {}

    def hears(self, row: Json, thread: str) -> None:
        """A mail with headers: the first of a conversation that is read names it."""
        if row.get("conversationId"):
            self._heard.setdefault(_digest(row), thread)

    def thread(self, row: Json, arrived: int, identity: str) -> str:
        """Of a mail without headers; nothing where Graph says nothing of its conversation either."""
        first = f"mid:{identity}" if _is_first(row) else ""
        if not row.get("conversationId"):
            return first
        name = _digest(row)
        _, before = self.decided.get(name, (0, ""))
        found = before or self._heard.get(name) or first or f"graph:{row['conversationId']}"
        self._heard.setdefault(name, found)
        self.decided[name] = arrived, found
        return found

    def since(self, first: int) -> dict[str, tuple[int, str]]:
        """What must be remembered of mail that is read again; the rest is forgotten."""
        self.decided = {name: said for name, said in self.decided.items() if said[0] >= first}
        return dict(self.decided)


def _digest(row: Json) -> str:
    return hashlib.blake2b(str(row.get("conversationId")).encode("utf-8", "replace"), digest_size=6).hexdigest()


def _is_first(row: Json) -> bool:
    """By the index; where there is none, by a subject that answers nothing."""
    if row.get("conversationIndex"):
        try:
            return len(b64decode(str(row["conversationIndex"]))) == ROOT
        except (binascii.Error, ValueError):
            return False
    subject = " ".join(str(row.get("subject") or "").casefold().split())
    return bool(subject) and bare_subject(subject) == subject
