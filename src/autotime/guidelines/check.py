"""What guidelines say about one entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from autotime.domain.work import Billing
from autotime.guidelines.checks import CHECKS
from autotime.guidelines.rules import Finding, Guideline, Line, Severity


def check(line: Line, guidelines: Iterable[Guideline], beside: Sequence[Line] = ()) -> tuple[Finding, ...]:
    """Errors first. Time that is not billed has no reviewer, so nothing is found about it."""
    if line.billing is Billing.NON_BILLABLE:
        return ()
    found = [
        one for guideline in guidelines if guideline.holds_for(line.client) for one in _of(guideline, line, beside)
    ]
    return tuple(sorted(found, key=lambda one: one.severity is not Severity.ERROR))


def _of(guideline: Guideline, line: Line, beside: Sequence[Line]) -> Iterator[Finding]:
    for rule in guideline.rules:
        meant = CHECKS[rule.kind](line, rule.values, beside)
        if meant is not None:
            yield Finding(
                guideline=guideline.id,
                rule=rule.id,
                severity=rule.severity,
                text=rule.text,
                fix=rule.fix,
                words=meant,
            )
