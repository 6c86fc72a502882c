"""How the stand-in for Google answers: routes with the permissions they need, refusals, pages, field masks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from autotime.testing.server import Asked, Reply

AUTH = "https://www.googleapis.com/auth/"
NEW_MANNER = ("/v2/activity", "/v2/conferenceRecords")
"""APIs whose errors carry ``details`` only."""

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    410: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the user's address, and the permissions of the token."""

    address: str
    scopes: frozenset[str]

    def may(self, *names: str) -> bool:
        return any(f"{AUTH}{name}" in self.scopes for name in names)


class Refused(Exception):
    """What Google says no with. ``reason`` is its word in the old manner, ``detail`` in the new one."""

    def __init__(
        self, status: int, reason: str, message: str = "", detail: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message or reason)
        self.status, self.reason, self.detail, self.headers = status, reason, detail, headers or {}

    def reply(self, path: str) -> Reply:
        error: dict[str, Any] = {"code": self.status, "message": str(self), "status": STATUSES[self.status]}
        if not path.startswith(NEW_MANNER):
            error["errors"] = [{"message": str(self), "domain": "global", "reason": self.reason}]
        if self.detail:
            kind = "type.googleapis.com/google.rpc.ErrorInfo"
            error["details"] = [{"@type": kind, "reason": self.detail, "domain": "googleapis.com"}]
        return Reply({"error": error}, self.status, self.headers)


def too_fast(retry_after: str = "", status: int = 429, reason: str = "rateLimitExceeded") -> Refused:
    headers = {"Retry-After": retry_after} if retry_after else {}
    return Refused(status, reason, "Rate Limit Exceeded", "RATE_LIMIT_EXCEEDED", headers)


def ungranted() -> Refused:
    message = "Request had insufficient authentication scopes."
    return Refused(403, "insufficientPermissions", message, "ACCESS_TOKEN_SCOPE_INSUFFICIENT")


@dataclass(frozen=True, slots=True)
class Route:
    """``pattern`` is a path with ``{names}``; one of the permissions in ``needs`` is enough.

    ``handle(user, caller, asked, names)`` gives what is to be answered as JSON, or raises ``Refused``.
    """

    method: str
    pattern: str
    needs: tuple[str, ...]
    handle: Callable[[Any, Caller, Asked, Mapping[str, str]], Any]

    def names(self, asked: Asked) -> dict[str, str] | None:
        found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.pattern), asked.path)
        return found.groupdict() if found and asked.method == self.method else None


@dataclass(slots=True)
class Quirks:
    """How listings misbehave. Each quirk holds for every listing until it is switched off."""

    empty_first: bool = False
    repeat: bool = False
    loop: bool = False


@dataclass(frozen=True, slots=True)
class Slice(Sequence[Item]):
    """One page: its items, and the token of the next one or nothing."""

    items: list[Item] = field(default_factory=list)
    token: str = ""

    def __getitem__(self, index: Any) -> Any:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def answer(self, name: str, **more: Any) -> dict[str, Any]:
        """As Google lists: what is empty is absent."""
        listed = {name: self.items} if self.items else {}
        return {**listed, **({"nextPageToken": self.token} if self.token else {}), **more}


def page_of(items: Sequence[Item], token: str, size: int, quirks: Quirks, name: Callable[[Item], str]) -> Slice[Item]:
    """The page after ``token``, which is made of the name of the last item before it: newcomers move nothing."""
    if quirks.empty_first and not token and items:
        return Slice([], "empty")
    again = token.startswith("again.")
    first = 0
    if token not in ("", "empty"):
        named = token.removeprefix("again.")
        places = [place for place, item in enumerate(items) if name(item) == named]
        if not places:
            raise Refused(400, "invalidArgument", "Invalid pageToken")
        first = places[0] + 1 - (size if again else 0)
    chosen = list(items[max(0, first) : max(0, first) + size])
    last = name(chosen[-1]) if chosen and first + size < len(items) else ""
    if quirks.loop and token:
        return Slice(chosen, token)
    if last and quirks.repeat and not again:
        return Slice(chosen, f"again.{last}")
    return Slice(chosen, last)


def masked(value: Any, fields: str) -> Any:
    """Only what a ``fields`` parameter names: ``a,b(c,d),e/f``."""
    return _kept(value, _mask(fields)) if fields and fields != "*" else value


def _kept(value: Any, mask: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_kept(one, mask) for one in value]
    if not isinstance(value, dict) or not mask:
        return value
    return {name: _kept(value[name], inner) for name, inner in mask.items() if name in value}


def _mask(fields: str) -> dict[str, Any]:
    return _read_mask(iter(re.findall(r"[\w*]+|[(),/]", fields)))


def _read_mask(words: Iterator[str]) -> dict[str, Any]:
    mask: dict[str, Any] = {}
    here = mask
    last: dict[str, Any] = mask
    for word in words:
        if word == ")":
            break
        if word == "(":
            last.update(_read_mask(words))
        elif word == "/":
            here = last
        elif word == ",":
            here = mask
        else:
            last = here.setdefault(word, {})
    return mask
