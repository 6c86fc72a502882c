"""Approved time beside what stands in billing, and what was lost on the way there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from autotime import plugins
from autotime.billing import files
from autotime.billing.imported import Says, as_sent, by_content
from autotime.billing.payload import Payload, amount_of, payload_of, text
from autotime.billing.reconciling import Here, MatterSums, There, reconcile, there_of
from autotime.billing.there import STANDS, different, frozen
from autotime.billing.totals import as_told, bills
from autotime.domain.books import Matter, Thing
from autotime.domain.delivery import DeliveryState, Remote, Submission
from autotime.domain.doors import Biller, HistorySource, Keys
from autotime.domain.errors import Misused, SourceUnavailable
from autotime.domain.people import Timekeeper
from autotime.office import Office
from autotime.steps.delivering import targets
from autotime.steps.systems import adapter

if TYPE_CHECKING:
    from autotime.billing.leakage import Above, Leak, Price

S = DeliveryState
ASKED_ONE_BY_ONE = 50
"""Entries that are not listed where they should be, and are asked for by their id; more of them are another trouble."""


def reconciled(office: Office, target: str, first: date, last: date) -> list[MatterSums]:
    """Both ways, by matter. A system is asked what stands there; of files, what was delivered and is still whole."""
    if target not in targets(office.settings):
        raise Misused(f"no target «{target}»", hint=f"one of: {', '.join(targets(office.settings))}")
    here = list(_here(office, target, first, last))
    there = (
        _in_system(office, target, first, last, here)
        if target in plugins.systems(office.settings)
        else _in_files(office, target, here)
    )
    return reconcile(here, list(there))


def _here(office: Office, target: str, first: date, last: date) -> Iterator[Here]:
    """What this target bills, or would: not what goes to another, nor what nobody is billed for."""
    books, people = office.store.books.load(), office.store.books.timekeepers()
    for entry in office.store.entries.between(first, last):
        sent = bills(office.store, entry)
        if (sent is not None and sent.target not in ("", target)) or (sent is None and not entry.active):
            continue
        person = people.get(entry.timekeeper, Timekeeper(id=entry.timekeeper, last=""))
        yield Here(entry=entry, payload=as_told(sent, payload_of(entry, books, person)), submission=sent)


# --- a system ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a system's entries are told by. ``sent``: our submissions of the days in question by receipt, ``elsewhen``
    those of other days, ``known`` what else is known of an entry there, ``currencies`` by matter."""

    source: object
    keys: Keys
    sent: Mapping[str, Submission]
    elsewhen: Mapping[str, Submission]
    waiting: dict[Says, list[str]]
    known: Mapping[str, str]
    currencies: Mapping[str, str]

    def there(self, remote: Remote) -> There:
        matter = self.keys.key(Thing.MATTER, remote.matter) or remote.matter
        one = as_sent(remote, matter, self.waiting)
        return there_of(
            one,
            matter,
            currency=self.currencies.get(matter, ""),
            differs=_differs(self.source, self.sent.get(one.id), one),
            known=self._known(one.id),
        )

    def _known(self, remote: str) -> str:
        moved = self.elsewhen.get(remote)
        return f"it was sent from here for {text(frozen(moved), 'day')}" if moved else self.known.get(remote, "")

    def unseen(self, seen: Iterable[str]) -> Iterator[There]:
        """What was sent and is not listed on these days may stand there on another."""
        missing = sorted(self.sent.keys() - set(seen))
        if not isinstance(self.source, Biller) or not self.source.offers.lists:
            return
        for receipt in missing[:ASKED_ONE_BY_ONE]:
            remote = self.source.read(receipt) if self.sent[receipt].state in STANDS else None
            if remote is not None:
                yield self.there(remote)


def _in_system(office: Office, target: str, first: date, last: date, here: Iterable[Here]) -> Iterator[There]:
    """A system that cannot be read shows nothing: what was handed over to it is told as such."""
    source = adapter(office, target)
    if isinstance(source, Biller) and not source.offers.lists:
        return
    keys = getattr(source, "keys", None) or office.store.systems.keys(target)
    who = keys.remote(Thing.TIMEKEEPER, office.timekeeper.id)
    if not isinstance(source, HistorySource):
        raise Misused(f"{target} cannot be read, so nothing can be compared", hint="autotime status")
    if not who:
        raise Misused(f"{target} knows no timekeeper {office.timekeeper.id}", hint=f"autotime books pull {target}")
    reading = _reading(office, target, source, keys, here)
    seen = []
    for page in source.history(who, first, last):
        if page.bad:
            raise SourceUnavailable(
                f"{target} holds time that cannot be read, so its sums would be wrong: {'; '.join(page.bad[:3])}",
                hint="look at it there, or choose other days (--from, --to)",
            )
        for remote in page.found:
            one = reading.there(remote)
            seen.append(one.remote)
            yield one
    yield from reading.unseen(seen)


def _reading(office: Office, target: str, source: object, keys: Keys, here: Iterable[Here]) -> _Reading:
    store = office.store
    sent = {one.submission.receipt: one.submission for one in here if one.submission and one.submission.receipt}
    standing = store.submissions.in_state(*STANDS, target=target)
    return _Reading(
        source=source,
        keys=keys,
        sent=sent,
        elsewhen={one.receipt: one for one in standing if one.payload and one.receipt not in sent},
        waiting=by_content(sent.values()) if target in plugins.BILLERS else {},
        known={one.remote: one.status or "imported" for one in store.billed.all() if one.target == target},
        currencies={number: matter.currency for number, matter in store.books.load().matters.items()},
    )


def _differs(source: object, sent: Submission | None, remote: Remote) -> str:
    """Our mark says only that it is the same entry; a colleague may have changed what it says."""
    if sent is None or not sent.payload or not isinstance(source, Biller) or source.same(frozen(sent), remote):
        return ""
    return different(sent, remote)


# --- files -------------------------------------------------------------------------------------------


def _in_files(office: Office, target: str, here: Iterable[Here]) -> Iterator[There]:
    """The lines of batches whose files are where they were written, and as they were written."""
    folder = office.settings.outgoing()
    batches = {one.id: one for one in office.store.batches.all([target])}
    whole = {name: files.hash_of(folder / one.file_name) == one.sha256 for name, one in batches.items()}
    for one in here:
        sent = one.submission
        if sent is not None and sent.state is S.SENT and sent.payload:
            yield _line(sent, "" if whole.get(sent.batch) else f"the file of {sent.batch} is gone, or was changed")


def _line(sent: Submission, differs: str) -> There:
    payload: Payload = json.loads(sent.payload)
    return There(
        remote=sent.receipt,
        matter=text(payload, "matter"),
        day=text(payload, "day"),
        minutes=int(payload["billed_minutes"]),
        amount=amount_of(payload),
        currency=text(payload, "currency"),
        differs=differs,
    )


# --- what was lost -----------------------------------------------------------------------------------


def leaked(office: Office, first: date, last: date) -> tuple[list[Leak], list[Above]]:
    """Captured work that never reached billing, and entries billed above what was seen. Days that are not over yet are
    no leak."""
    from autotime.billing.leakage import above, leaks  # noqa: PLC0415

    store, today = office.store, office.date_of(office.now)
    entries = store.entries.between(first, last)
    days = [day for day in store.suggestions.days() if first <= day <= last and day < today]
    suggestions = [one for day in days for one in store.suggestions.on(day)]
    sent = {entry.id: one for entry in entries if (one := bills(store, entry)) is not None}
    prices = _prices(office, {*(entry.matter for entry in entries), *(one.matter for one in suggestions)})
    return leaks(suggestions, [entry for entry in entries if entry.day < today], sent, prices), above(entries, prices)


def _prices(office: Office, matters: Iterable[str]) -> Mapping[str, Price]:
    """What an hour of this timekeeper costs, by matter."""
    from autotime.billing.leakage import Price  # noqa: PLC0415

    books = office.store.books.load()
    person = office.store.books.timekeepers().get(office.timekeeper.id, office.timekeeper)
    prices: dict[str, Price] = {}
    for number in matters:
        matter = books.matters.get(number, Matter(number=number, name=""))
        own = matter.rate_of(person.id)
        prices[number] = Price(person.rate if own is None else own, matter.currency)
    return prices
