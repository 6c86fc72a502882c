"""What a person may do at the desk or on the command line. Intentions only; ``decide`` carries them out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from autotime.domain.decisions import DismissReason
from autotime.domain.entries import Origin
from autotime.domain.work import Billing


@dataclass(frozen=True, slots=True)
class Edits:
    """Changes to what was shown; ``None`` leaves a field as it is."""

    matter: str | None = None
    task_code: str | None = None
    activity_code: str | None = None
    billing: Billing | None = None
    worked_seconds: int | None = None
    narrative: str | None = None
    travel: bool | None = None

    def __bool__(self) -> bool:
        return self != Edits()


@dataclass(frozen=True, slots=True)
class Accept:
    """Approve one suggestion at the revision that was shown. ``bulk``: as one of many."""

    suggestion: str
    revision: str
    edits: Edits = Edits()
    bulk: bool = False


@dataclass(frozen=True, slots=True)
class Dismiss:
    suggestion: str
    revision: str
    reason: DismissReason


@dataclass(frozen=True, slots=True)
class Defer:
    suggestion: str
    revision: str


@dataclass(frozen=True, slots=True)
class Add:
    """Time nobody saw: the person's own statement. ``start``, UTC seconds, gives it a place."""

    day: date
    matter: str
    worked_seconds: int
    narrative: str
    start: int | None = None
    task_code: str = ""
    activity_code: str = ""
    billing: Billing = Billing.BILLABLE
    travel: bool = False
    origin: Origin = Origin.MANUAL


@dataclass(frozen=True, slots=True)
class SplitPart:
    """One part of a split: by the evidence it takes, or by seconds in order of time."""

    matter: str
    evidence: tuple[str, ...] = ()
    seconds: int | None = None
    narrative: str | None = None
    task_code: str | None = None
    activity_code: str | None = None


@dataclass(frozen=True, slots=True)
class Split:
    suggestion: str
    revision: str
    parts: tuple[SplitPart, ...]


@dataclass(frozen=True, slots=True)
class Merge:
    """Several suggestions, as ``(id, revision)``, become one entry with parts."""

    suggestions: tuple[tuple[str, str], ...]
    edits: Edits = Edits()


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back a decision; empty: the last one that stands."""

    decision: str = ""


Act = Accept | Dismiss | Defer | Add | Split | Merge | Undo
