"""Time entries of the past, for what was learned from and what is already billed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from autotime.billing.mycase.asking import id_of, pages
from autotime.billing.mycase.scan import PATH
from autotime.domain.delivery import Remote
from autotime.domain.doors import HistoryPage
from autotime.web import Web

AHEAD = timedelta(days=31)
"""How long before its day an entry may have been made."""


def history(
    web: Web, remote_of: Callable[[Any], Remote], timekeeper: str, first: date, last: date
) -> Iterator[HistoryPage]:
    """One timekeeper's entries of these days, page by page. The list knows neither person nor day: what was made
    or changed since a month before the first day is read and picked from."""
    since = datetime.combine(max(first, date(1971, 1, 1)) - AHEAD, datetime.min.time(), UTC).timestamp()
    for page in pages(web, PATH, since):
        found = [remote_of(record) for record in page.records if id_of(record)]
        near = [
            one for one in found if one.timekeeper in ("", timekeeper) and (_dayless(one) or first <= one.day <= last)
        ]
        whole = tuple(one for one in near if one.timekeeper and not _dayless(one))
        yield HistoryPage(whole, tuple(_bad(len(page.records) - len(found), near)))


def _bad(nameless: int, near: Iterable[Remote]) -> Iterator[str]:
    """``nameless``: how many have no id."""
    if nameless:
        yield f"{nameless} time entries have no id"
    for one in near:
        if _dayless(one):
            yield f"time entry {one.id} does not say of which day it is"
        elif not one.timekeeper:
            yield f"time entry {one.id} does not say whose it is"


def _dayless(one: Remote) -> bool:
    return one.day == date.min
