"""Clio as a target, and as a source of books and history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Unpack

from autotime.billing.clio import books, entries, history
from autotime.billing.clio.site import NAME, Site, data_of, service_of
from autotime.billing.mapping import version_of
from autotime.billing.payload import text
from autotime.billing.registration import Changed, Registration, Seams, SignedIn
from autotime.domain.delivery import Offers, Remote
from autotime.domain.doors import BooksPage, Connection, HistoryPage, Keys, Payload
from autotime.domain.errors import Refused, SourceUnavailable

WANTS = {
    "Activities (read and write)": "to write approved time, once, and to look whether it is there",
    "Users (read)": "to know whose time it is, and the rates",
    "Contacts (read)": "to know the firm's clients",
    "Matters (read)": "to know the matters, and rates agreed for them",
    "Billing (read)": "to know categories, UTBMS codes and what is on a bill already",
}
"""Permissions of the firm's app, ticked in Clio's developer portal: none is asked for in the browser."""


class ClioBiller(SignedIn):
    """Entries are changed by their ETag. Clio keeps no mark of ours: doubt ends by looking at a user's days."""

    target, title, permissions = NAME, "Clio", WANTS
    usual = entries.USUAL
    offers = Offers(lists=True, updates=True, removes=True, external=False, locks=True)

    def __init__(
        self, connection: Connection, keys: Keys, mapping: Changed | None = None, **seams: Unpack[Seams]
    ) -> None:
        self.keys, self.mapping = keys, mapping or {}
        self.marked = bool(connection.app.get("mark"))
        self.registration = Registration(service_of(connection.app), connection, **seams)
        self.site = Site(connection.app, self.registration)

    # -- entries ----------------------------------------------------------------------------------

    @property
    def mapping_version(self) -> str:
        return version_of(entries.USUAL, self.mapping, NAME)

    def refuse(self, payload: Payload) -> str:
        return entries.refusal(payload, self.told(payload), self.mapping)

    def told(self, payload: Payload) -> Mapping[str, str | int]:
        return entries.told(payload, self.keys, self.mapping, marked=self.marked)

    def drops(self, payload: Payload) -> tuple[str, ...]:
        return entries.dropped(payload, self.mapping)

    def present(self, payloads: Sequence[Payload]) -> list[Remote]:
        """All time of these users on these days, whatever its matter: one list for each user and stretch of days."""
        wanted: dict[str, set[date]] = {}
        for payload in payloads:
            said = self.told(payload)
            wanted.setdefault(str(said.get("user.id", "")), set()).add(entries.day_of(payload, said))
        return [one for user, days in wanted.items() if user for one in self._on(user, days)]

    def same(self, payload: Payload, remote: Remote) -> bool:
        return entries.is_same(payload, self.told(payload), remote)

    def create(self, payload: Payload) -> Remote:
        if reason := self.refuse(payload):
            raise Refused(reason)
        return self._write("POST", f"activities.json?fields={entries.FIELDS}", self.told(payload))

    def read(self, remote: str) -> Remote | None:
        if not remote.isdecimal():
            raise Refused(f"«{remote[:20]}» is no id of Clio")
        answer = self.site.read(f"activities/{int(remote)}.json", {"fields": entries.FIELDS}, ok=(404,))
        return None if answer.status == 404 else self._remote(data_of(answer))

    def change(self, remote: Remote, payload: Payload) -> Remote:
        """Everything is said again, the price too: Clio prices anew what comes without one."""
        if reason := self.refuse(payload):
            raise Refused(reason)
        said, now = self.told(payload), self._untouched(remote)
        if now is None:
            raise Refused(f"{remote.id} is not in Clio any more", hint="autotime resolve clio")
        if gone := [name for name in ("task_code", "activity_code") if getattr(now, name) and not text(payload, name)]:
            raise Refused(
                f"Clio takes no {gone[0].replace('_', ' ')} off an entry ({remote.id})", hint="take it off in Clio"
            )
        where = f"activities/{remote.id}.json?fields={entries.FIELDS}"
        return self._write("PATCH", where, said, {"If-Match": now.version} if now.version else None)

    def remove(self, remote: Remote) -> None:
        """What is gone already is removed. Clio guards no removal by a version: it is looked at right before."""
        if self._untouched(remote) is None:
            return
        try:
            self.site.write("DELETE", f"activities/{remote.id}.json", read=lambda _nothing: None)
        except Refused:
            if self.read(remote.id) is not None:
                raise

    def _write(
        self, method: str, where: str, said: Mapping[str, str | int], headers: Mapping[str, str] | None = None
    ) -> Remote:
        def read(answer: Any) -> Remote:
            return entries.remote_of(answer["data"], self.keys)

        return self.site.write(method, where, entries.body_of(said), read=read, ours=str(said["note"]), headers=headers)

    def _untouched(self, remote: Remote) -> Remote | None:
        """The entry as it is now. ``Refused`` where it is billed, or was changed since it was read."""
        now = self.read(remote.id)
        if now is not None and now.billed:
            raise Refused(f"{remote.id} is on a bill in Clio", hint="take it off the bill there first")
        if now is not None and remote.version and now.version != remote.version:
            raise Refused(f"{remote.id} was changed in Clio meanwhile", hint="look at it there")
        return now

    def _on(self, user: str, days: Iterable[date]) -> Iterator[Remote]:
        wanted = set(days)
        for first, last in history.stretches(wanted):
            for records in history.listed(self.site, user, first, last):
                yield from (one for one in map(self._remote, records) if one.day in wanted)

    def _remote(self, record: Any) -> Remote:
        try:
            return entries.remote_of(record, self.keys)
        except (ValueError, AttributeError) as odd:
            raise SourceUnavailable(
                f"time entry {history.named(record)} of Clio cannot be read ({type(odd).__name__})",
                kept="nothing was written",
                hint="look at it in Clio; the next run tries again",
            ) from None

    # -- books, history, sign-in ------------------------------------------------------------------------

    def pull(self, cursors: Mapping[str, str]) -> Iterator[BooksPage]:
        return books.pull(self.site, cursors)

    def history(self, timekeeper: str, first: date, last: date) -> Iterator[HistoryPage]:
        return history.history(self.site, self.keys, timekeeper, first, last)

    def who(self) -> str:
        return self.site.name
