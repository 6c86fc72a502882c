"""Approved time into PracticePanther, and its books and history out.

::

    date                 the attorney's local day at midnight, read back; a day that was moved stops what comes after
    hours                decimal hours as billed
    rate                 left out where we know none, so that theirs holds; 0 where nothing is charged
    is_billable          false for what is not billed; is_billed is never sent true
    private_notes        autotime:ENTRY:REVISION, by which our own entry is known again
    item_ref             the activity item whose code is the entry's (there is no field for A1xx codes)

A change is a read, a merge and one PUT, which replaces the whole record there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Unpack

from autotime.billing.mapping import Rule, fields, unmapped, version_of
from autotime.billing.payload import hours_of, number, rate_of, refused_time, text
from autotime.billing.practicepanther.books import pulled
from autotime.billing.practicepanther.entries import LONGEST, MARK, readable, remote_of, seconds_of
from autotime.billing.practicepanther.history import around, between, midnight
from autotime.billing.practicepanther.service import TARGET, UUID, Panther, Row, service_of
from autotime.billing.registration import Changed, Registration, Seams, SignedIn
from autotime.billing.values import text_of
from autotime.domain.books import Thing
from autotime.domain.delivery import Offers, Remote
from autotime.domain.doors import BooksPage, Connection, HistoryPage, Keys, Payload
from autotime.domain.errors import Misused, Refused, SourceUnavailable
from autotime.domain.work import Billing
from autotime.intake import clean

USUAL = {
    "description": Rule("narrative"),
    "task_code": Rule("task_code"),
    "item_ref": Rule("activity_code"),
    "private_notes": Rule(),
}
"""``item_ref`` names an item by its code. What fills ``private_notes`` stands there below our mark."""

CARRIED = ("day", "timekeeper", "matter", "billed_minutes", "rate", "billing")
"""What it is told by its own ids, and as numbers."""

OURS = ("date", "hours", "rate", "is_billable", "description", "private_notes", "task_code", "item_ref")
"""What a change says anew, and clears where we have nothing to say. Whose client a matter is, PracticePanther knows."""

NOT_SENT = ("id", "created_at", "updated_at")
GAP = timedelta(days=31)
"""Days further apart than this are listed apart."""

PERMISSIONS = {
    "full": "PracticePanther knows one permission, for everything its user may do. autotime reads users, clients, "
    "matters, activity items and time entries, and writes time entries you approved"
}
FIRST_PULL = f"autotime books pull {TARGET}"


class PracticePantherBiller(SignedIn):
    """A ``Biller``, ``BooksSource``, ``HistorySource`` and ``Connectable``."""

    target, title = TARGET, "PracticePanther"
    permissions = PERMISSIONS
    offers = Offers(lists=True, updates=True, removes=True, external=True)
    usual = USUAL

    def __init__(
        self, connection: Connection, keys: Keys, mapping: Changed | None = None, **seams: Unpack[Seams]
    ) -> None:
        self.keys, self.mapping = keys, mapping or {}
        self.mapping_version = version_of(USUAL, self.mapping, TARGET)
        self.registration = Registration(service_of(connection.app), connection, **seams)
        self.panther = Panther(self.registration)
        self._moved = ""

    # -- what it is told -----------------------------------------------------------------------------

    def told(self, payload: Payload) -> dict[str, str | int]:
        """By the system's field names, as texts; references by its ids. What has no value is left out."""
        named = fields(payload, USUAL, self.mapping, TARGET)
        mark = f"autotime:{text(payload, 'entry')}:{text(payload, 'revision')}"
        values = {
            "date": midnight(date.fromisoformat(text(payload, "day"))),
            "hours": number(hours_of(payload), 1),
            "rate": _rate(payload),
            "is_billable": "false" if text(payload, "billing") == Billing.NON_BILLABLE else "true",
            **named,
            "private_notes": "\n".join(filter(None, (mark, named["private_notes"]))),
            "matter_ref": self.keys.remote(Thing.MATTER, text(payload, "matter")),
            "billed_by_user_ref": self.keys.remote(Thing.TIMEKEEPER, text(payload, "timekeeper")),
            "item_ref": self.keys.remote(Thing.ACTIVITY, named["item_ref"]),
        }
        return {name: value for name, value in values.items() if value}

    def drops(self, payload: Payload) -> tuple[str, ...]:
        lost = list(unmapped(payload, USUAL, self.mapping, CARRIED, TARGET))
        item = fields(payload, USUAL, self.mapping, TARGET)["item_ref"]
        if item and not self.keys.remote(Thing.ACTIVITY, item):
            lost.append("activity_code")
        if text(payload, "billing") == Billing.NO_CHARGE and rate_of(payload):
            lost.append("rate")
        return tuple(dict.fromkeys(lost))

    def refuse(self, payload: Payload) -> str:
        told = self.told(payload)
        if not told.get("billed_by_user_ref"):
            return f"timekeeper «{text(payload, 'timekeeper')}» is not known in PracticePanther: {FIRST_PULL}"
        if not told.get("matter_ref"):
            return f"matter «{text(payload, 'matter')}» is not known in PracticePanther: {FIRST_PULL}"
        if reason := refused_time(payload):
            return reason
        if (rate_of(payload) or 0) < 0:
            return "its rate is below zero: set the rate of the matter or the timekeeper in the books"
        return "" if told.get("description") else "it has no narrative: autotime undo it and write one"

    def _body(self, payload: Payload) -> Row:
        """What is sent; the one place where decimals become numbers."""
        told = self.told(payload)
        refs: Row = {name: {"id": value} for name, value in told.items() if name.endswith("_ref")}
        numbers: Row = {name: float(told[name]) for name in ("hours", "rate") if name in told}
        return {**told, **refs, **numbers, "is_billable": told["is_billable"] == "true"}

    # -- what stands there ---------------------------------------------------------------------------

    def present(self, payloads: Sequence[Payload]) -> list[Remote]:
        """Of these timekeepers, on these days and those beside them."""
        found: dict[str, Remote] = {}
        for user, first, last in self._stretches(payloads):
            for page in around(self.panther, self.keys, user, first, last):
                found |= {one.id: one for one in page}
        return list(found.values())

    def _stretches(self, payloads: Sequence[Payload]) -> list[tuple[str, date, date]]:
        """Users with the first and last of days that lie near one another."""
        wanted = {(self._user(text(one, "timekeeper")), date.fromisoformat(text(one, "day"))) for one in payloads}
        stretches: list[tuple[str, date, date]] = []
        for user, day in sorted(wanted):
            if stretches and stretches[-1][0] == user and day - stretches[-1][2] <= GAP:
                stretches[-1] = (user, stretches[-1][1], day)
            else:
                stretches.append((user, day, day))
        return stretches

    def _user(self, timekeeper: str) -> str:
        remote = self.keys.remote(Thing.TIMEKEEPER, timekeeper)
        if not remote:
            raise Misused(f"timekeeper «{timekeeper}» is not known in PracticePanther", hint=FIRST_PULL)
        return remote

    def read(self, remote: str) -> Remote | None:
        row = self._row(remote)
        return None if row is None else readable(row, self.keys)

    def _row(self, remote: str) -> Row | None:
        return self.panther.one("timeentries", remote) if UUID.fullmatch(remote) else None

    def same(self, payload: Payload, remote: Remote) -> bool:
        """One with the mark of another entry is another; else what it says decides. A rate or an item we did not
        name is theirs to choose."""
        told = self.told(payload)
        if remote.external and text(payload, "entry") != remote.external.split(":")[1]:
            return False
        item = fields(payload, USUAL, self.mapping, TARGET)["item_ref"] if "item_ref" in told else remote.activity_code
        said = (
            told.get("billed_by_user_ref"),
            told.get("matter_ref"),
            text(payload, "day"),
            seconds_of(told["hours"]),
            _words(told.get("description", "")),
            clean(str(told.get("task_code", "")), 80),
            item,
            told["is_billable"] == "true",
            Decimal(told["rate"]) if "rate" in told else remote.rate,
        )
        return said == (
            remote.timekeeper,
            remote.matter,
            remote.day.isoformat(),
            remote.seconds,
            remote.narrative.split(),
            remote.task_code,
            remote.activity_code,
            remote.billing is not Billing.NON_BILLABLE,
            remote.rate,
        )

    # -- what changes something ----------------------------------------------------------------------

    def create(self, payload: Payload) -> Remote:
        if self._moved:
            raise Refused(
                f"not sent: PracticePanther moved the entry before it to another day ({self._moved}); "
                "correct its day there, and if it is moved again, ask for help before you push"
            )
        made = self._write("POST", "", self._body(payload))
        if made.day.isoformat() != text(payload, "day"):
            self._moved = f"sent {text(payload, 'day')}, there {made.day}"
        return made

    def change(self, remote: Remote, payload: Payload) -> Remote:
        row = self._untouched(remote)
        if row is None:
            raise Refused(f"{remote.id} is not in PracticePanther any more: autotime resolve {TARGET}")
        return self._write("PUT", remote.id, merged(row, self._body(payload)), remote.narrative)

    def remove(self, remote: Remote) -> None:
        """What is gone already is removed, also where it went since it was looked at."""
        if self._untouched(remote) is None:
            return
        try:
            self.panther.write("DELETE", remote.id, None, lambda _: None, remote.narrative)
        except Refused:
            if self._row(remote.id) is not None:
                raise

    def _write(self, method: str, wanted: str, body: Row, before: str = "") -> Remote:
        ours = f"{before}\n{body['description']}\n{body['private_notes']}"
        return self.panther.write(method, wanted, body, lambda said: remote_of(said, self.keys), ours)

    def _untouched(self, remote: Remote) -> Row | None:
        """The entry as it stands there now; ``Refused`` where it is billed, or changed since ``remote`` was read."""
        row = self._row(remote.id)
        if row is None:
            return None
        now = readable(row, self.keys)
        if now.billed:
            raise Refused(f"{remote.id} is billed in PracticePanther and not touched: correct it there")
        if now != remote:
            raise Refused(f"{remote.id} was changed in PracticePanther meanwhile: autotime resolve {TARGET}")
        return row

    # -- books, history, sign-in ---------------------------------------------------------------------

    def pull(self, cursors: Mapping[str, str]) -> Iterator[BooksPage]:
        return pulled(self.panther, cursors)

    def history(self, timekeeper: str, first: date, last: date) -> Iterator[HistoryPage]:
        return between(self.panther, self.keys, timekeeper, first, last)

    def who(self) -> str:
        me = self.panther.one("users", "me") or {}
        name = text_of(me, "email") or text_of(me, "display_name")
        if not name:
            raise SourceUnavailable("PracticePanther does not say who signed in", hint=f"autotime connect {TARGET}")
        return name


def merged(row: Row, body: Row) -> Row:
    """A whole record: what stands there with what we say. The client stays with its matter; notes that others put
    below our mark stay, unless we have some of our own."""
    moved = (row.get("matter_ref") or {}).get("id") != body["matter_ref"]["id"]
    left = {*OURS, *NOT_SENT, *(("account_ref",) if moved else ())}
    kept = {name: value for name, value in row.items() if name not in left and value is not None}
    theirs = MARK.sub("", str(row.get("private_notes") or "")).strip()
    notes = body["private_notes"]
    return {**kept, **body, "private_notes": f"{notes}\n{theirs}" if theirs and "\n" not in notes else notes}


def _rate(payload: Payload) -> str:
    if text(payload, "billing") == Billing.NO_CHARGE:
        return "0"
    rate = rate_of(payload)
    return "" if rate is None else number(rate, 2)


def _words(said: object) -> list[str]:
    return clean(str(said), LONGEST, lines=True).split()
