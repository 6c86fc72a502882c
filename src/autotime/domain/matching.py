"""Which matter a piece of evidence belongs to, how sure that is, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NO_MATTER = ""
"""The answer «this belongs to no matter we know»: new, personal or unclear."""

NOT_BILLABLE = "-"
"""The answer «this is nobody's matter»: newsletters, personal mail, the firm's own affairs."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible answer. ``probability`` is calibrated; ``views`` are the raw scores behind it;
    ``reasons`` are short sentences, strongest first, safe to show."""

    matter: str
    probability: float
    views: Mapping[str, float] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """The candidates for one piece of evidence, most probable first.

    ``choice`` is what the matcher would answer if it had to; ``confident`` says whether that may be
    pre-selected. The probabilities of all candidates, ``NO_MATTER`` included, sum to at most 1.
    """

    evidence: str
    candidates: tuple[Candidate, ...]
    confident: bool
    model: str = ""

    @property
    def choice(self) -> str:
        return self.candidates[0].matter if self.candidates else NO_MATTER

    @property
    def probability(self) -> float:
        return self.candidates[0].probability if self.candidates else 0.0

    @property
    def selected(self) -> str:
        """The matter to pre-select: the choice where it is confident, else none."""
        return self.choice if self.confident else NO_MATTER
