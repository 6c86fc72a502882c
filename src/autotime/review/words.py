"""How the desk says things: minutes, hours, doubt, times. Everything it returns is safe to show."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from autotime.domain.books import Books
from autotime.domain.matching import NO_MATTER, NOT_BILLABLE
from autotime.domain.policy import Rounding
from autotime.domain.spans import Spans
from autotime.domain.work import Billing
from autotime.intake import for_screen
from autotime.review.decide import SURE
from autotime.timeline.days import clock

CERTAIN, EVEN = 0.95, 0.5
BILLING = {Billing.BILLABLE: "billable", Billing.NO_CHARGE: "no charge", Billing.NON_BILLABLE: "not billable"}


def worked(seconds: int) -> str:
    """``28m``, ``1h05``; a started minute counts, as it does in rounding."""
    minutes = -(-seconds // 60)
    return f"{minutes}m" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}"


def hours(minutes: int) -> str:
    """Minutes as decimal hours, ``0.5``; two decimals where one does not say it."""
    text = format((Decimal(minutes) / 60).quantize(Decimal("0.01")), "f")
    return text[:-1] if text.endswith("0") else text


def rule(increment_minutes: int, rounding: str) -> str:
    if rounding == Rounding.EXACT:
        return "to the minute"
    return f"up to the next {increment_minutes} min"


def percent(probability: float) -> str:
    """Never 100: nothing learned is certain."""
    return f"{min(round(probability * 100), 99)}%"


def sureness(probability: float) -> str:
    """A probability in a word."""
    if probability >= CERTAIN:
        return "almost certain"
    if probability >= SURE:
        return "likely"
    return "unsure" if probability >= EVEN else "a guess"


def matter_words(number: str, books: Books) -> str:
    """Number and name; what stands for no matter is said in words."""
    if number == NO_MATTER:
        return "no matter"
    if number == NOT_BILLABLE:
        return "not billable"
    known = books.matters.get(number)
    return for_screen(f"{number} {known.name}" if known else number)


def stretch(spans: Spans, zone: str) -> str:
    """``09:10–09:40``: from the first to the last second, gaps and all."""
    return f"{clock(spans[0].start, zone)}–{clock(spans[-1].end, zone)}" if spans else ""


def day_words(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"


def counted(number: int, thing: str, many: str = "") -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {many or thing + 's'}"
