"""Time entries of the past, for what was learned from and what is already billed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from autotime.billing.mycase.asking import id_of, pages
from autotime.billing.mycase.scan import PATH
from autotime.domain.delivery import Remote
from autotime.web import Web

AHEAD = timedelta(days=31)
"""How long before its day an entry may have been made."""


def history(
    web: Web, remote_of: Callable[[Any], Remote], timekeeper: str, first: date, last: date
) -> Iterator[tuple[Remote, ...]]:
    """One timekeeper's entries of these days, page by page. The list knows neither person nor day: what was made
    or changed since a month before the first day is read and picked from. What cannot be read is passed over."""
    since = datetime.combine(max(first, date(1971, 1, 1)) - AHEAD, datetime.min.time(), UTC).timestamp()
    for page in pages(web, PATH, since):
        found = [remote_of(record) for record in page.records if id_of(record)]
        yield tuple(one for one in found if one.timekeeper == timekeeper and first <= one.day <= last)
