"""Time entries of the past, as PracticePanther holds them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from autotime.billing.practicepanther.entries import readable
from autotime.billing.practicepanther.service import Panther
from autotime.domain.delivery import Remote
from autotime.domain.doors import Keys

DAY = timedelta(days=1)


def around(panther: Panther, keys: Keys, user: str, first: date, last: date) -> Iterator[tuple[Remote, ...]]:
    """Pages of a user's entries of some days, and of the day before and after: whether the ends of a stretch are
    counted in is not published, nor in whose zone."""
    asked = {"user_id": user, "date_from": midnight(_moved(first, -1)), "date_to": midnight(_moved(last, 1))}
    for rows in panther.pages("timeentries", asked):
        yield tuple(readable(row, keys) for row in rows)


def between(panther: Panther, keys: Keys, user: str, first: date, last: date) -> Iterator[tuple[Remote, ...]]:
    """Pages of a user's entries of some days, both ends counted in."""
    for page in around(panther, keys, user, first, last):
        if within := tuple(one for one in page if first <= one.day <= last):
            yield within


def midnight(day: date) -> str:
    """A local day as PracticePanther is told it. Its date-times need a zone."""
    return f"{day.isoformat()}T00:00:00Z"


def _moved(day: date, days: int) -> date:
    return day if day in (date.min, date.max) else day + days * DAY
