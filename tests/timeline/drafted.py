"""A day to be drafted, from evidence and stated rankings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from autotime.billing import utbms
from autotime.domain.books import Books, Client, Matter
from autotime.domain.decisions import Decision, DecisionKind
from autotime.domain.entries import Origin, Placed, TimeEntry
from autotime.domain.evidence import Evidence
from autotime.domain.matching import NO_MATTER, Candidate, Ranking
from autotime.domain.people import Timekeeper
from autotime.domain.policy import Policy
from autotime.domain.work import Billing, Suggestion
from autotime.drafting import Day
from tests.timeline.seen import TIMEKEEPER

DAY = date(2026, 3, 10)
NOON_AFTER = 1_773_252_000
"""Noon in Chicago of the day after: nothing drafted then is late."""

MATTERS = (
    Matter(
        number="100-1", name="Harrow v. Castell", client="HARROW", code_set="litigation", domains=("harrow.example",)
    ),
    Matter(number="100-2", name="Dock lease", client="HARROW", code_set="project"),
    Matter(number="200-1", name="Imprint licence", client="SOLO"),
)
CODES = ("L120", "L250", "L310", "L330", "P400", "P500", "A103", "A104", "A105", "A106", "A107", "A108", "A109")
BOOKS = Books(
    clients={c.id: c for c in (Client("HARROW", "Harrow Mills, Inc."), Client("SOLO", "Solo Press LLC"))},
    matters={m.number: m for m in MATTERS},
    codes={code.code: code for code in utbms.load() if code.code in CODES},
)


def ranked(item: Evidence, matter: str, probability: float = 0.95, *reasons: str) -> Ranking:
    rest = Candidate(NO_MATTER, round(1 - probability, 6))
    said = Candidate(matter, probability, {"rules": probability}, reasons or ("the sender",))
    return Ranking(item.id, (said, rest), confident=probability > 0.5 and matter != NO_MATTER, model="stated")


def day_of(
    evidence: Sequence[Evidence],
    matters: Mapping[str, str] | None = None,
    *,
    day: date = DAY,
    timekeeper: Timekeeper = TIMEKEEPER,
    entries: Sequence[TimeEntry] = (),
    decisions: Sequence[Decision] = (),
    policy: Policy = Policy(),  # noqa: B008 - a frozen value
    **given: Any,
) -> Day:
    """Every piece belongs to «100-1» unless ``matters`` says another (by key)."""
    rankings = {item.id: ranked(item, (matters or {}).get(item.key, "100-1")) for item in evidence}
    fields: dict[str, Any] = {"rankings": rankings, "books": BOOKS, "now": NOON_AFTER, "captured": {}, **given}
    return Day(
        day=day,
        timekeeper=timekeeper,
        evidence=list(evidence),
        entries=list(entries),
        decisions=list(decisions),
        policy_for=lambda matter: policy,
        **fields,
    )


def approved(shown: Suggestion, number: int = 1) -> tuple[TimeEntry, Decision]:
    """What accepting a suggestion as it was shown leaves behind."""
    entry = TimeEntry(
        id=f"e{number}",
        timekeeper=shown.timekeeper,
        actor=shown.timekeeper,
        day=shown.day,
        matter=shown.matter or "100-1",
        client="HARROW",
        task_code="",
        activity_code="",
        billing=Billing.BILLABLE,
        narrative=shown.narrative,
        placed=tuple(Placed(span, Origin.EVIDENCE) for span in shown.spans),
        unplaced=(),
        increment_minutes=6,
        rounding="up",
        billed_minutes=shown.billed_minutes,
        approved_at=NOON_AFTER,
        decision=f"d{number}",
        evidence=shown.evidence,
    )
    return entry, decided(DecisionKind.ACCEPTED, [shown], number)


def decided(kind: DecisionKind, shown: Iterable[Suggestion], number: int = 1) -> Decision:
    return Decision(id=f"d{number}", kind=kind, actor="AOK", at=NOON_AFTER, shown=tuple(shown))
