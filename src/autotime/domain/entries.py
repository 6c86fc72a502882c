"""Approved time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from autotime.domain.spans import Span, Spans, total
from autotime.domain.work import Billing, Part


class Origin(StrEnum):
    """Where seconds come from: recorded or inferred evidence, an edit, a statement, a timer."""

    EVIDENCE = "evidence"
    EDIT = "edit"
    MANUAL = "manual"
    TIMER = "timer"


@dataclass(frozen=True, slots=True)
class Placed:
    """Seconds with a place in the day. ``evidence`` is empty for a stretch a person stated."""

    span: Span
    origin: Origin
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Seconds without a start: the timekeeper's statement (a day in court, an edit upwards)."""

    seconds: int
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeEntry:
    """One approved entry: one timekeeper, local date, matter and task.

    ``placed`` spans never overlap those of any other active entry of the timekeeper.
    ``worked_seconds`` is what was worked, ``billed_minutes`` its rounding under
    ``increment_minutes`` and ``rounding``; both are kept. ``decision`` made it, ``suggestion`` and
    ``suggestion_revision`` are what was shown (empty where added by hand). ``voided_by`` is the
    decision that took it back. ``evidence`` holds every piece behind it as ``(id, revision)``.
    """

    id: str
    timekeeper: str
    actor: str
    day: date
    matter: str
    client: str
    task_code: str
    activity_code: str
    billing: Billing
    narrative: str
    placed: tuple[Placed, ...]
    unplaced: tuple[Unplaced, ...]
    increment_minutes: int
    rounding: str
    billed_minutes: int
    approved_at: int
    decision: str
    revision: int = 1
    travel: bool = False
    late: str = ""
    suggestion: str = ""
    suggestion_revision: str = ""
    evidence: tuple[tuple[str, int], ...] = ()
    parts: tuple[Part, ...] = ()
    voided_by: str = ""

    @property
    def spans(self) -> Spans:
        return tuple(sorted(placed.span for placed in self.placed))

    @property
    def placed_seconds(self) -> int:
        return total(placed.span for placed in self.placed)

    @property
    def unplaced_seconds(self) -> int:
        return sum(unplaced.seconds for unplaced in self.unplaced)

    @property
    def worked_seconds(self) -> int:
        return self.placed_seconds + self.unplaced_seconds

    @property
    def active(self) -> bool:
        return not self.voided_by
