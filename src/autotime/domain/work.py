"""From evidence to suggestions: supports, blocks, suggestions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from autotime.domain.matching import Candidate
from autotime.domain.spans import Spans


class Strength(StrEnum):
    """Who owns a second that several pieces of evidence claim; earlier members win."""

    EXPLICIT = "explicit"
    CALL = "call"
    MEETING = "meeting"
    ACTIVE = "active"
    PASSIVE = "passive"


@dataclass(frozen=True, slots=True)
class Support:
    """The spans one piece of evidence can account for: the ceiling, from a stated rule.

    ``rule`` names the rule in ``docs/explanation/how-time-is-counted.md``. No spans: the evidence
    accounts for no time by itself (received mail, an all-day event).
    """

    evidence: str
    spans: Spans
    strength: Strength
    rule: str


@dataclass(frozen=True, slots=True)
class Owned:
    """Seconds given to one piece of evidence. Over a whole day no two share a second."""

    evidence: str
    spans: Spans


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkBlock:
    """Owned time that belongs together: one matter (or none), one task, one local date.

    ``matter`` is the pre-selected matter number or ``NO_MATTER``. ``evidence`` are ids in order of
    time; ``owned`` holds the disjoint spans each of them owns on this date. A block without owned
    seconds is an offer: things received that the timekeeper may have read.
    """

    day: date
    matter: str
    task: str
    evidence: tuple[str, ...]
    owned: tuple[Owned, ...]

    @property
    def spans(self) -> Spans:
        return tuple(sorted(span for owned in self.owned for span in owned.spans))

    @property
    def seconds(self) -> int:
        return sum(span.seconds for span in self.spans)


class Billing(StrEnum):
    """``NO_CHARGE`` is shown on the bill at zero; ``NON_BILLABLE`` is not shown."""

    BILLABLE = "billable"
    NO_CHARGE = "no_charge"
    NON_BILLABLE = "non_billable"


class Status(StrEnum):
    """Where a suggestion stands. ``OFFERED``: received mail only, fills in nothing by itself."""

    PROPOSED = "proposed"
    OFFERED = "offered"
    DEFERRED = "deferred"
    APPROVED = "approved"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a joined entry, kept with its own time so that nothing becomes a block bill."""

    narrative: str
    seconds: int
    suggestion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A draft of one time entry, as shown to the timekeeper.

    ``id`` derives from the evidence and the day; ``revision`` is a hash of all that is shown, and
    an approval names it. ``seconds`` (p50) lies under ``ceiling_seconds``, the owned time;
    ``low_seconds`` and ``high_seconds`` are p10 and p90. ``spans`` are the owned spans the entry
    would place; an offer has none and ``seconds`` 0. ``billed_minutes`` is the rounded value under
    ``increment_minutes`` and ``rounding``. ``estimate`` says the seconds come from a rule or a
    model rather than a recorded stretch. ``late`` is empty, ``late`` or ``reconstructed``.
    ``preselected`` says the matter was filled in by the matcher. ``warnings`` are short sentences.
    ``owned`` maps evidence ids to the spans each owns. ``parts`` are its tasks where policy makes one
    entry of a matter and day. ``views`` are the matcher's raw scores for ``matter``: kept for learning,
    not shown and not part of the revision, as those of the alternatives.
    """

    id: str
    revision: str
    status: Status
    timekeeper: str
    day: date
    matter: str
    probability: float
    alternatives: tuple[Candidate, ...]
    task_code: str
    activity_code: str
    billing: Billing
    seconds: int
    low_seconds: int
    high_seconds: int
    ceiling_seconds: int
    billed_minutes: int
    increment_minutes: int
    rounding: str
    spans: Spans
    evidence: tuple[tuple[str, int], ...]
    narrative: str
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    estimate: bool = True
    preselected: bool = False
    late: str = ""
    model: str = ""
    features: int = 0
    owned: Mapping[str, Spans] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    views: Mapping[str, float] = field(default_factory=dict)

    @property
    def evidence_ids(self) -> tuple[str, ...]:
        return tuple(evidence for evidence, _ in self.evidence)
