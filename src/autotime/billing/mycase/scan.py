"""The firm's time entries, read whole once and then kept current.

MyCase's list cannot be asked for a matter or a day, only for what was made or changed since a moment, and an entry of
any day may have been made long ago. So the whole list is read, a thousand a page, and kept for a push::

    first look    the whole list                               1 request for each 1000 entries
    later looks   what was made or changed since, and how many there are in all      2 requests

What was deleted meanwhile is in no list. It shows in the count: kept entries and ``Item-Count`` must agree, or the
whole list is read again. Where MyCase does not count, or counts what it does not show, and after a quarter of an hour,
it is read again anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from autotime.billing.mycase.asking import OVERLAP, count_of, pages, read
from autotime.domain.delivery import Remote
from autotime.domain.errors import SourceUnavailable
from autotime.web import Web

PATH = "time_entries"
LASTS = 15 * 60
"""Seconds after which what was read is no longer built upon: whether a new invoice counts as a change of its entries
is not known."""

TRIES = 4


class Scan:
    """What stands in MyCase, as far as a firm's access shows it."""

    def __init__(self, web: Web, remote_of: Callable[[Any], Remote]) -> None:
        self.web, self.remote_of = web, remote_of
        self.held: dict[str, Remote] = {}
        self.read_at: float | None = None
        self.since = 0.0
        """UTC second, by MyCase's clock, up to which nothing is missing but what was deleted."""

    def entries(self) -> Collection[Remote]:
        """All of them, now. ``SourceUnavailable`` where the list changes faster than it can be read."""
        before: tuple[int | None, int] | None = None
        for _ in range(TRIES):
            known = self.read_at is not None and abs(self.web.wall() - self.read_at) < LASTS
            count = self._news() if known else self._whole()
            if count == len(self.held):
                return self.held.values()
            if known:
                self.read_at = None
            elif count is None or before == (count, len(self.held)):
                self.read_at = None
                return self.held.values()
            else:
                before = (count, len(self.held))
        raise SourceUnavailable("MyCase's time entries change while they are read", hint="the next run tries again")

    def forget(self, remote: str) -> None:
        """It was removed from here."""
        self.held.pop(remote, None)

    def _whole(self) -> int | None:
        began = self.web.wall()
        self.held, count = {}, None
        for page in pages(self.web, PATH):
            count = page.of
            self._keep(page.records)
        self.read_at, self.since = began, began + self.web.skew - OVERLAP
        return count

    def _news(self) -> int | None:
        began = self.web.wall()
        for page in pages(self.web, PATH, self.since):
            self._keep(page.records)
        self.since = began + self.web.skew - OVERLAP
        return count_of(read(self.web, PATH, {"page_size": 1}))

    def _keep(self, records: list[object]) -> None:
        """One that has no id cannot be passed over: it may be the one that is looked for."""
        try:
            found = [self.remote_of(record) for record in records]
        except ValueError:
            raise SourceUnavailable(
                "MyCase lists a time entry that cannot be read", hint="the next run tries again"
            ) from None
        self.held |= {one.id: one for one in found}
