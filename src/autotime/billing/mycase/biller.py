"""MyCase as a target, and as a source of books and history."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, partial
from typing import Any, Unpack

from autotime.billing.mapping import version_of
from autotime.billing.mycase import books, entries, history
from autotime.billing.mycase.asking import MANNERS, NAME, PERMISSIONS, name_of, read, root_of, service_of, why
from autotime.billing.mycase.scan import PATH, Scan
from autotime.billing.once import once
from autotime.billing.payload import text
from autotime.billing.registration import Changed, Registration, Seams, SignedIn
from autotime.domain.books import Thing
from autotime.domain.delivery import Offers, Remote
from autotime.domain.doors import BooksPage, Connection, HistoryPage, Keys, Payload
from autotime.domain.errors import Refused, SourceUnavailable
from autotime.web import Answer

CHANGED = "remove it there, approve the corrected entry, and push again"


class MyCaseBiller(SignedIn):
    """Time entries are made and removed, never changed. MyCase keeps no mark of ours and guards no version: doubt
    ends by looking through all of the firm's entries (``scan``)."""

    target, title, permissions = NAME, "MyCase", PERMISSIONS
    usual = entries.USUAL
    offers = Offers(lists=True, updates=False, removes=True, external=False, locks=False)

    def __init__(
        self, connection: Connection, keys: Keys, mapping: Changed | None = None, **seams: Unpack[Seams]
    ) -> None:
        self.keys, self.mapping = keys, mapping or {}
        self.registration = Registration(service_of(connection.app), connection, **seams)
        self.web = self.registration.web(root_of(connection.app), MANNERS)
        self.scan = Scan(self.web, self._remote)

    # -- entries ------------------------------------------------------------------------------------

    @cached_property
    def names(self) -> entries.Names:
        return entries.names_of(self.mapping)

    @property
    def mapping_version(self) -> str:
        return version_of(entries.USUAL, self.mapping, NAME)

    def refuse(self, payload: Payload) -> str:
        return entries.refusal(payload, self.told(payload))

    def told(self, payload: Payload) -> Mapping[str, str | int]:
        return entries.told(payload, self.keys, self.mapping)

    def drops(self, payload: Payload) -> tuple[str, ...]:
        return entries.dropped(payload, self.mapping)

    def present(self, payloads: Sequence[Payload]) -> list[Remote]:
        """All entries of these timekeepers on these days, whatever their matter."""
        days = {text(payload, "day") for payload in payloads}
        staff = {self.keys.remote(Thing.TIMEKEEPER, text(payload, "timekeeper")) for payload in payloads}
        there = self.scan.entries() if payloads else ()
        return [one for one in there if one.day.isoformat() in days and one.timekeeper in staff | {""}]

    def same(self, payload: Payload, remote: Remote) -> bool:
        return entries.is_same(payload, self.told(payload), remote)

    def create(self, payload: Payload) -> Remote:
        if reason := self.refuse(payload):
            raise Refused(reason)
        say = self.told(payload)
        ours = f"{say['description']} {text(payload, 'matter_name')}"
        return once(
            self.web,
            "POST",
            PATH,
            entries.body_of(say),
            read=self._remote,
            why=partial(why, ours=ours),
        )

    def read(self, remote: str) -> Remote | None:
        answer = self._read(remote)
        if answer.status == 404:
            return None
        try:
            return self._remote(answer.json())
        except ValueError:
            raise SourceUnavailable(
                "MyCase answers with a time entry that cannot be read", hint="the next run tries again"
            ) from None

    def change(self, remote: Remote, payload: Payload) -> Remote:  # noqa: ARG002 - the door's form
        raise Refused(f"MyCase changes no time entry ({remote.id}): {CHANGED}")

    def remove(self, remote: Remote) -> None:
        """Only what is as it was seen and on no invoice; looked at once more, because nothing guards it there."""
        answer = self._read(remote.id)
        if answer.status == 404:
            return self.scan.forget(remote.id)
        said = answer.json()
        if remote.billed or not isinstance(said, dict) or said.get("invoices") != []:
            raise Refused(f"{remote.id} is on an invoice: take it off the invoice in MyCase first")
        if self._remote(said) != remote:
            raise Refused(f"{remote.id} was changed in MyCase meanwhile: look at it there")
        told = partial(why, ours=remote.narrative)
        try:
            once(self.web, "DELETE", f"{PATH}/{remote.id}", read=lambda _nothing: None, why=told)
        except Refused:
            if self._read(remote.id).status != 404:
                raise
        return self.scan.forget(remote.id)

    def _remote(self, record: Any) -> Remote:
        return entries.remote_of(record, self.names)

    def _read(self, remote: str) -> Answer:
        if not re.fullmatch(r"\d{1,20}", remote, re.ASCII):
            raise Refused(f"«{remote[:20]}» is no id of MyCase")
        return read(self.web, f"{PATH}/{remote}", ok=(404,))

    # -- books, history, sign-in ---------------------------------------------------------------------

    def pull(self, cursors: Mapping[str, str]) -> Iterator[BooksPage]:
        return books.pull(self.web, cursors)

    def history(self, timekeeper: str, first: date, last: date) -> Iterator[HistoryPage]:
        return history.history(self.web, self._remote, timekeeper, first, last)

    def who(self) -> str:
        name = name_of(read(self.web, "me").json())
        if not name:
            raise SourceUnavailable("MyCase does not say who signed in", hint=f"autotime connect {NAME}")
        return name
