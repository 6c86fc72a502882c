"""Entries of the past, and of the days around what is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from autotime.billing.clio.entries import FIELDS, id_of, remote_of
from autotime.billing.clio.site import Site
from autotime.domain.delivery import Remote
from autotime.domain.doors import HistoryPage, Keys

APART = timedelta(days=14)
"""Days further apart are listed for themselves."""

EDGE = timedelta(days=1)
"""A moment asked for may be another day where the account lives: so much is listed on either side."""


def history(site: Site, keys: Keys, user: str, first: date, last: date) -> Iterator[HistoryPage]:
    """Time of one user, page by page."""
    for records in listed(site, user, first, last):
        found, bad = _read(records, keys)
        yield HistoryPage(tuple(one for one in found if first <= one.day <= last), bad)


def listed(site: Site, user: str, first: date, last: date) -> Iterator[list[Any]]:
    """Records of a user's time between two days and one day around them, in order of their ids: so nothing moves
    from page to page while it is read."""
    asked = {
        "type": "TimeEntry",
        "user_id": user,
        "start_date": f"{first - EDGE}T00:00:00Z",
        "end_date": f"{last + EDGE}T00:00:00Z",
        "order": "id(asc)",
        "fields": FIELDS,
    }
    return (page.records for page in site.pages("activities.json", asked))


def stretches(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    """First and last days of stretches that one list covers."""
    first = last = None
    for day in sorted(days):
        if first is None or last is None or day - last > APART:
            if first is not None and last is not None:
                yield first, last
            first = day
        last = day
    if first is not None and last is not None:
        yield first, last


def _read(records: Iterable[Any], keys: Keys) -> tuple[list[Remote], tuple[str, ...]]:
    found, bad = [], []
    for record in records:
        try:
            found.append(remote_of(record, keys))
        except (ValueError, AttributeError) as odd:
            bad.append(f"time entry {named(record)} cannot be read ({type(odd).__name__})")
    return found, tuple(bad)


def named(record: Any) -> str:
    """Its id, as far as it has one."""
    try:
        return id_of(record)
    except ValueError:
        return "without an id"
