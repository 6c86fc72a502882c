"""What a person decided, about exactly what was shown. Append-only; the only teacher."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from autotime.domain.work import Suggestion


class DecisionKind(StrEnum):
    ACCEPTED = "accepted"
    EDITED = "edited"
    SPLIT = "split"
    MERGED = "merged"
    DISMISSED = "dismissed"
    DEFERRED = "deferred"
    ADDED = "added"
    REASSIGNED = "reassigned"
    UNDONE = "undone"


class DismissReason(StrEnum):
    """Why it is no time entry. The reason decides what is taught."""

    PERSONAL = "personal"
    NOT_BILLABLE = "not_billable"
    DUPLICATE = "duplicate"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One act of one person.

    ``id`` numbers the decisions of a store (``d1``, ``d2``, …) and is given by the store. ``shown``
    is the frozen copy of each suggestion it was about, as it was shown. ``matter`` is what the
    person settled on; ``labels`` says it for each piece of evidence, as ``(evidence, matter)``.
    ``reason`` is a ``DismissReason`` value. ``undoes`` names the decision an ``UNDONE`` takes back.
    ``bulk`` marks an accept-all, which teaches nothing.
    """

    kind: DecisionKind
    actor: str
    at: int
    shown: tuple[Suggestion, ...] = ()
    matter: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    undoes: str = ""
    bulk: bool = False
    id: str = ""
