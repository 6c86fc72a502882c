"""What a server answered, and why it said no."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autotime.domain.errors import AutotimeError, SourceUnavailable

REQUEST_IDS = ("request-id", "x-ms-request-id", "x-request-id", "x-goog-request-id")


class Answered(SourceUnavailable):
    """The server said no, with this status; ``code`` is its own word for why, ``answer`` the whole."""

    def __init__(self, message: str, answer: Answer, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.answer = answer
        self.status = answer.status

    @property
    def code(self) -> str:
        return self.answer.code


class Misdirected(SourceUnavailable):
    """A link led to a place the token was not issued for. Nothing was sent there."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The body; ``SourceUnavailable`` for anything but one sound JSON document."""
        if "json" not in self.headers.get("content-type", "json"):
            raise SourceUnavailable("the answer is a page, not data: is there a sign-in page in between?")
        try:
            return json.loads(self.body.decode("utf-8-sig"), parse_constant=_no_such_number)
        except (ValueError, RecursionError) as broken:
            raise SourceUnavailable(f"the answer is no sound JSON ({type(broken).__name__})") from None

    @property
    def code(self) -> str:
        """The machine-readable reason of an error in the manner of Graph and of Google, or nothing."""
        try:
            said = self.json()
        except SourceUnavailable:
            return ""
        error = said.get("error") if isinstance(said, dict) else None
        if isinstance(error, str):
            return _word(error)
        if not isinstance(error, dict):
            return ""
        reasons = error.get("errors")
        first = reasons[0] if isinstance(reasons, list) and reasons else None
        reason = first.get("reason") if isinstance(first, dict) else None
        return _word(reason or error.get("code") or error.get("status"))

    @property
    def request_id(self) -> str:
        return next((_word(self.headers[name]) for name in REQUEST_IDS if name in self.headers), "")


def _word(value: Any) -> str:
    """A short token, safe to show; a server's sentence is none."""
    text = str(value or "")
    return text if re.fullmatch(r"[\w.-]{1,80}", text) else ""


def _no_such_number(name: str) -> Any:
    raise ValueError(name)


def asked_for(error: AutotimeError) -> int:
    """The status behind an error, or 0."""
    return error.status if isinstance(error, Answered) else 0
