"""What a guideline is made of, and what it is asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from autotime.domain.work import Billing


class Severity(StrEnum):
    """An error keeps an entry from being sent; a warning is told."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """``kind`` names the check (``checks.CHECKS``), ``values`` are its settings. ``text`` is the client's rule in
    words, ``fix`` what to do."""

    id: str
    kind: str
    severity: Severity
    text: str
    fix: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A test beside the rules: an entry, and the rules it breaks."""

    line: Line
    beside: tuple[Line, ...]
    breaks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guideline:
    """One client's rules, or everybody's (``clients`` empty). ``version`` is the client's own or a date."""

    id: str
    version: str
    title: str
    clients: tuple[str, ...]
    rules: tuple[Rule, ...]
    examples: tuple[Example, ...] = ()

    def holds_for(self, client: str) -> bool:
        return not self.clients or client in self.clients


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry as a bill reviewer sees it. ``days_late``: from the work to its recording. ``colleagues`` are others of
    the firm who attended the same thing. ``codes`` are the task codes its matter's set has (empty: it uses none)."""

    id: str = ""
    day: date = date.min
    timekeeper: str = ""
    classification: str = ""
    client: str = ""
    matter: str = ""
    task_code: str = ""
    activity_code: str = ""
    codes: frozenset[str] = frozenset()
    narrative: str = ""
    minutes: int = 0
    billing: Billing = Billing.BILLABLE
    travel: bool = False
    days_late: int = 0
    colleagues: int = 0
    parts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """``words`` are what in the narrative is meant, where it is about words; never shown outside the desk."""

    guideline: str
    rule: str
    severity: Severity
    text: str
    fix: str
    words: str = field(default="", repr=False)
