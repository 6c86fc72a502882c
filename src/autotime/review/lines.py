"""What the windows of the desk say: where an act would lead, what would be approved. Safe to show."""

from __future__ import annotations

from autotime.domain.decisions import DismissReason
from autotime.domain.errors import AutotimeError
from autotime.domain.work import Suggestion
from autotime.review import words
from autotime.review.acts import Act
from autotime.review.detail import Line
from autotime.review.search import Found
from autotime.review.view import DayView, foreseen

REASONS = [
    Found(DismissReason.PERSONAL, "personal: not work at all"),
    Found(DismissReason.NOT_BILLABLE, "work, but not for a bill"),
    Found(DismissReason.DUPLICATE, "a duplicate of something else"),
    Found(DismissReason.WRONG, "wrong: this was not so"),
]


def led_to(view: DayView, act: Act) -> str:
    """What an act would lead to; raises what forbids it."""
    outcome = foreseen(view, act)
    if isinstance(outcome, AutotimeError):
        raise outcome
    entries = [
        f"worked {words.worked(e.worked_seconds)} → bills {words.hours(e.billed_minutes)}h" for e in outcome.entries
    ]
    return " · ".join([*entries, *outcome.warnings])


def bulk_line(view: DayView, one: Suggestion) -> Line:
    return Line(f"{words.hours(one.billed_minutes)}h  {words.matter_words(one.matter, view.books)}")
