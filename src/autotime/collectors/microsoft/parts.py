"""What the parts of the Microsoft source have in common: whose things they read, and times."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from autotime.collectors.html import visible_text
from autotime.domain.evidence import Gap, Participant, Quarantined, Role
from autotime.intake import address, clean, untrusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The timekeeper as Graph knows them. ``home`` is the path of their things: ``/me``, or ``/users/…``;
    ``id`` and ``name`` (as shown) are empty where the profile may not be read."""

    account: str
    home: str = "/me"
    id: str = ""
    name: str = ""
    addresses: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether Graph's own word for who did something can be compared: many tell no address."""
        return bool(self.id or self.name)

    def is_in(self, identities: Any) -> bool:
        """Whether an identity set means the timekeeper: by user id, else by address, else by the name shown."""
        user = identities.get("user") if isinstance(identities, dict) else None
        return isinstance(user, dict) and self.are(user)

    def are(self, user: Mapping[str, Any]) -> bool:
        if self.id and user.get("id"):
            return str(user["id"]).lower() == self.id.lower()
        known = {address(str(user.get(key) or "")) for key in ("email", "userPrincipalName")} - {""}
        if known:
            return bool(known & set(self.addresses))
        return bool(self.name) and str(user.get("displayName") or "").casefold() == self.name.casefold()


def nobody(part: str) -> Gap:
    """Why a part is left out whose things tell nothing where the timekeeper is not known."""
    return Gap(
        part,
        "who the timekeeper is in the directory is not known",
        "the administrator grants User.Read (of the firm's app: User.Read.All)",
    )


def instant(text: str) -> int:
    """UTC seconds of a DateTimeOffset; ``ValueError`` for anything else."""
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError("a time without an offset")
    return int(when.timestamp())


def utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def quarantined(what: str, row: Any, reason: str) -> Quarantined:
    """A row that cannot be read, recognised by its own id or by a digest of it."""
    digest = hashlib.sha256(json.dumps(row, sort_keys=True, default=str).encode("utf-8", "replace")).hexdigest()
    name = str(row.get("id") or digest[:12]) if isinstance(row, dict) else digest[:12]
    return Quarantined(clean(f"{what}/{name}", 200), reason, digest)


def person(role: Role, said: Any) -> Participant | None:
    """A recipient, organizer or attendee; a name that only repeats the address is none."""
    mail = said.get("emailAddress") if isinstance(said, dict) else None
    if not isinstance(mail, dict):
        return None
    where, name = address(str(mail.get("address") or "")), str(mail.get("name") or "")
    return Participant(role, where, untrusted("" if name.lower() == where else name, 200))


def text_of(body: Any) -> str:
    """What a reader sees of a body; it is HTML where the wish for text was not heard."""
    if not isinstance(body, dict):
        return ""
    content = str(body.get("content") or "")
    return visible_text(content) if str(body.get("contentType")).lower() == "html" else content
