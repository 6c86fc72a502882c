"""What a server answered, and why it said no."""

from __future__ import annotations

import json
import math
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


class TooLarge(SourceUnavailable):
    """An answer is larger than any is taken. Who can asks for less."""


class Misdirected(SourceUnavailable):
    """A link led to a place the token was not issued for. Nothing was sent there."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    _said: list[Any] = field(default_factory=list, init=False, repr=False, compare=False)

    def json(self) -> Any:
        """The body, read once; ``SourceUnavailable`` for anything but one sound JSON document."""
        if not self._said:
            if "json" not in self.headers.get("content-type", "json"):
                raise SourceUnavailable(
                    "the answer is a page, not data", hint="is there a sign-in page in between? open a browser and look"
                )
            try:
                self._said.append(_parsed(self.body))
            except (ValueError, RecursionError) as broken:
                raise SourceUnavailable(
                    f"the answer is no sound JSON ({type(broken).__name__})", hint="the next run tries again"
                ) from None
        return self._said[0]

    @property
    def is_half(self) -> bool:
        """Whether it says of itself that it is JSON, and is none: it was cut, or somebody wrote into it."""
        if not self.body or "json" not in self.headers.get("content-type", ""):
            return False
        try:
            self.json()
        except SourceUnavailable:
            return True
        return False

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
        named = error.get("code") if isinstance(error.get("code"), str) else error.get("status")
        return _word(reason or named or error.get("code"))

    @property
    def request_id(self) -> str:
        return next((_word(self.headers[name]) for name in REQUEST_IDS if name in self.headers), "")


def _word(value: Any) -> str:
    """A short token, safe to show; a server's sentence is none."""
    text = str(value or "")
    return text if re.fullmatch(r"[\w.-]{1,80}", text, re.ASCII) else ""


def _parsed(body: bytes) -> Any:
    """Numbers are finite and fit 64 bits; half of a surrogate pair, which no store takes, becomes «?»."""
    text = body.decode("utf-8-sig")
    said = json.loads(text, parse_constant=_no_such_number, parse_float=_finite, parse_int=_whole)
    if re.search(r"\\u[dD][89a-fA-F]", text):
        said = json.loads(json.dumps(said, ensure_ascii=False).encode("utf-8", "replace"))
    return said


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_such_number(text)


def _whole(text: str) -> int:
    if len(text) > 20 or abs(number := int(text)) >= 1 << 63:
        raise ValueError("too large")
    return number


def _no_such_number(_text: str) -> Any:
    raise ValueError("no number")


def asked_for(error: AutotimeError) -> int:
    """The status behind an error, or 0."""
    return error.status if isinstance(error, Answered) else 0
