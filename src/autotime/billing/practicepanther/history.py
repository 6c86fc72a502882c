"""Time entries of the past, as PracticePanther holds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from autotime.billing.practicepanther.entries import readable
from autotime.billing.practicepanther.service import Panther, Row
from autotime.domain.delivery import Remote
from autotime.domain.doors import HistoryPage, Keys
from autotime.domain.errors import SourceUnavailable

DAY = timedelta(days=1)


def around(panther: Panther, keys: Keys, user: str, first: date, last: date) -> Iterator[tuple[Remote, ...]]:
    """As ``listed``. ``SourceUnavailable`` for one that cannot be read: it may be the one that is looked for."""
    for rows in listed(panther, user, first, last):
        yield tuple(readable(row, keys) for row in rows)


def listed(panther: Panther, user: str, first: date, last: date) -> Iterator[list[Row]]:
    """Pages of a user's entries of some days, and of the day before and after: whether the ends of a stretch are
    counted in is not published, nor in whose zone."""
    asked = {"user_id": user, "date_from": midnight(_moved(first, -1)), "date_to": midnight(_moved(last, 1))}
    return panther.pages("timeentries", asked)


def between(panther: Panther, keys: Keys, user: str, first: date, last: date) -> Iterator[HistoryPage]:
    """Pages of a user's entries of some days, both ends counted in."""
    for rows in listed(panther, user, first, last):
        found, bad = _read(rows, keys)
        yield HistoryPage(tuple(one for one in found if first <= one.day <= last), bad)


def _read(rows: Iterable[Row], keys: Keys) -> tuple[list[Remote], tuple[str, ...]]:
    found, bad = [], []
    for row in rows:
        try:
            found.append(readable(row, keys))
        except SourceUnavailable as unreadable:
            bad.append(str(unreadable))
    return found, tuple(bad)


def midnight(day: date) -> str:
    """A local day as PracticePanther is told it. Its date-times need a zone."""
    return f"{day.isoformat()}T00:00:00Z"


def _moved(day: date, days: int) -> date:
    return day if day in (date.min, date.max) else day + days * DAY
