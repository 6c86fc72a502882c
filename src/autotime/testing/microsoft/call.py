"""One request to the stand-in for Graph: what it may, what it prefers, and the pages of its answer."""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from autotime.testing.server import Fault, Reply

Json = dict[str, Any]

ACCEPTED: Mapping[str, frozenset[str]] = {
    "user": frozenset({"User.Read", "User.Read.All", "User.ReadBasic.All"}),
    "settings": frozenset({"MailboxSettings.Read", "MailboxSettings.ReadWrite"}),
    "mail": frozenset({"Mail.Read", "Mail.ReadBasic", "Mail.ReadBasic.All", "Mail.ReadWrite"}),
    "mail text": frozenset({"Mail.Read", "Mail.ReadWrite"}),
    "calendar": frozenset({"Calendars.Read", "Calendars.ReadBasic", "Calendars.ReadBasic.All", "Calendars.ReadWrite"}),
    "calendar text": frozenset({"Calendars.Read", "Calendars.ReadWrite"}),
    "files": frozenset({"Files.Read", "Files.Read.All", "Sites.Read.All", "Sites.Selected"}),
    "meetings": frozenset({"OnlineMeetings.Read", "OnlineMeetings.Read.All", "OnlineMeetings.ReadWrite"}),
    "attendance": frozenset({"OnlineMeetingArtifact.Read.All"}),
    "chats": frozenset({"Chat.Read", "Chat.Read.All", "Chat.ReadWrite"}),
    "calls": frozenset({"CallRecords.Read.All"}),
}
"""Permissions of which one must be in the token, or granted to the app for that mailbox."""

DENIED = {"user": "Authorization_RequestDenied", "files": "accessDenied"}
"""The word for a missing permission; Outlook's own is ``ErrorAccessDenied``, that of Teams ``Forbidden``."""

TOKENS = ("$skiptoken", "$deltatoken", "token")
OURS = "eyJ"
"""How every link token of this server begins."""

TEAMS = ("meetings", "attendance", "chats", "calls")


class Refusal(Exception):
    """Graph's way to say no. ``Location`` and the like go into ``headers``."""

    def __init__(self, status: int, code: str, told: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.told, self.headers = status, code, told or code, headers or {}

    def reply(self, asked_id: str) -> Reply:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        inner = {"date": now, "request-id": str(uuid.uuid4()), "client-request-id": asked_id}
        said = {"code": self.code, "message": self.told, "innerError": inner}
        return Reply({"error": said}, self.status, self.headers)


@dataclass(slots=True)
class Switches:
    """What a test may turn; each lasts until it is turned back."""

    empty_pages: bool = False
    """An empty page with a next link stands before every page of a list."""

    repeat_pages: bool = False
    """A page that follows another brings that other's items again."""

    loops: bool = False
    """Every page has a next link, and it leads back to the first."""

    leads_to: str = ""
    """Links lead to this root."""

    epoch: int = 0
    """Cursors of an earlier epoch are expired."""

    location: bool = True
    """Whether an expired drive cursor comes with the place to go on from."""

    batch: list[Fault | None] = field(default_factory=list)
    """What becomes of the requests inside the batches to come, one by one: a ``Status``, or nothing."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request: whose things, which way it came, and what the token allows there."""

    root: str
    box: Any
    path: str
    part: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    allowed: frozenset[str]
    switches: Switches
    preferred: dict[str, str] = field(default_factory=dict)

    def may(self, what: str) -> bool:
        return bool(self.allowed & ACCEPTED[what])

    def prefers(self, name: str) -> str:
        """The value of one preference; taking it says so in ``Preference-Applied``."""
        if name not in self.preferred:
            said = self.headers.get("prefer", "")
            found = re.search(rf'(?:^|[,\s]){re.escape(name)}\s*=\s*"?([^",;]*)"?', said, re.IGNORECASE)
            self.preferred[name] = found[1] if found else ""
        return self.preferred[name]

    @property
    def applied(self) -> str:
        """What ``Preference-Applied`` says."""
        taken = ((name, value) for name, value in self.preferred.items() if value)
        return ", ".join(f"{name}={value}" if value.isdigit() else f'{name}="{value}"' for name, value in taken)

    @property
    def immutable(self) -> bool:
        return self.prefers("IdType") == "ImmutableId"

    def top(self, usual: int, most: int) -> int:
        """The page size that was asked for; 400 where it is out of bounds."""
        asked = self.query.get("$top") or self.prefers("odata.maxpagesize") or str(usual)
        if not asked.isdigit() or not 1 <= int(asked) <= most:
            raise Refusal(400, "ErrorInvalidParameter", f"The value of $top must be between 1 and {most}.")
        return int(asked)

    def selected(self, item: Json) -> Json:
        """What ``$select`` leaves; the id and what begins with @ always come."""
        wanted = _names(self.query.get("$select", ""))
        if not wanted:
            return item
        return {name: value for name, value in item.items() if name in wanted or name == "id" or name[0] == "@"}

    def page(
        self, items: Sequence[Any], shape: Callable[[Any], Json], size: int, last: Json | None = None, **carried: Any
    ) -> Json:
        """One page of a list with the link to the next, which carries so much more; ``last`` ends the last page."""
        token, turned = self.token(), self.switches
        skip = int(token.get("skip", 0))
        if turned.empty_pages and not token.get("emptied"):
            return {"value": [], "@odata.nextLink": self.link(**carried, skip=skip, emptied=True)}
        first, end = max(0, skip - size) if turned.repeat_pages else skip, skip + size
        said: Json = {"value": [shape(item) for item in items[first:end]]}
        if turned.loops or end < len(items):
            following = 0 if turned.loops else end
            return said | {"@odata.nextLink": self.link(**carried, skip=following, emptied=False)}
        return said | (last or {})

    def token(self) -> Json:
        """What an earlier link of ours carries; nothing where this is no such link."""
        return carried(self.query)

    def link(self, name: str = "$skiptoken", **more: Any) -> str:
        """An opaque link to this list further on. It keeps the query and, as Graph, not the preferences."""
        kept = {known: value for known, value in self.query.items() if known not in TOKENS}
        root = self.switches.leads_to or self.root
        return f"{root}{self.path}?{name}={sealed({**self.token(), 'query': kept, **more})}"


@lru_cache(maxsize=64)
def _names(text: str) -> frozenset[str]:
    return frozenset(filter(None, (name.strip() for name in text.split(","))))


def carried(query: Mapping[str, str]) -> Json:
    """What a link of ours carries; nothing where the query holds none."""
    return next((opened(query[name]) for name in TOKENS if query.get(name, "").startswith(OURS)), {})


def sealed(said: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(said, sort_keys=True).encode()).rstrip(b"=").decode()


def opened(token: str) -> Json:
    try:
        said: Json = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)) or b"{}")
    except ValueError:
        raise Refusal(400, "BadRequest", "The token is not valid.") from None
    return said


def moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19] + "Z"


def instant(text: str) -> int:
    """UTC seconds of a time in a query; a bare one is UTC."""
    try:
        given = datetime.fromisoformat(text.strip().strip("'").replace("Z", "+00:00"))
    except ValueError:
        raise Refusal(400, "BadRequest", "Invalid date.") from None
    return int((given if given.tzinfo else given.replace(tzinfo=UTC)).timestamp())


def bounds(text: str, name: str) -> tuple[int, int]:
    """The half-open stretch that ``$filter`` asks for, in UTC seconds; 400 for another property."""
    first, end = 0, 1 << 40
    for clause in filter(None, re.split(r"\s+and\s+", text.strip())):
        said = re.fullmatch(r"(\w+)\s+(ge|gt|lt|le)\s+(\S+)", clause)
        if said is None or said[1] != name:
            raise Refusal(400, "BadRequest", "The query filter is not supported.")
        at = instant(said[3])
        if said[2] in ("ge", "gt"):
            first = max(first, at + (said[2] == "gt"))
        else:
            end = min(end, at + (said[2] == "le"))
    return first, end
