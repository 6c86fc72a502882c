"""Approved time beside what stands in billing, and what was lost on the way there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from autotime import plugins
from autotime.billing import files
from autotime.billing.imported import as_sent, by_content
from autotime.billing.payload import Payload, amount_of, payload_of, text
from autotime.billing.reconciling import Here, MatterSums, There, reconcile, there_of
from autotime.billing.there import STANDS, different, frozen
from autotime.domain.books import Thing
from autotime.domain.delivery import DeliveryState, Remote, Submission
from autotime.domain.doors import Biller, HistorySource
from autotime.domain.entries import TimeEntry
from autotime.domain.errors import Misused, SourceUnavailable
from autotime.domain.people import Timekeeper
from autotime.office import Office
from autotime.steps.delivering import targets
from autotime.steps.systems import adapter

if TYPE_CHECKING:
    from autotime.billing.leakage import Above, Leak

S = DeliveryState


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
        sent = billing_submission(office, entry)
        if (sent is not None and sent.target not in ("", target)) or (sent is None and not entry.active):
            continue
        person = people.get(entry.timekeeper, Timekeeper(id=entry.timekeeper, last=""))
        yield Here(entry=entry, payload=_as_sent(sent, payload_of(entry, books, person)), submission=sent)


def _as_sent(sent: Submission | None, now: Payload) -> Payload:
    """What stands was sent at the rate of that time, whatever the books say since."""
    held = frozen(sent) if sent is not None and sent.state in STANDS and sent.payload else now
    return held if held["revision"] == now["revision"] else now


def billing_submission(office: Office, entry: TimeEntry) -> Submission | None:
    """The submission that bills an entry; copies do not count."""
    return next((one for one in office.store.submissions.of_entry(entry.id) if not one.copy), None)


# --- a system ----------------------------------------------------------------------------------------


def _in_system(office: Office, target: str, first: date, last: date, here: Iterable[Here]) -> Iterator[There]:
    source = adapter(office, target)
    keys = getattr(source, "keys", None) or office.store.systems.keys(target)
    who = keys.remote(Thing.TIMEKEEPER, office.timekeeper.id)
    if not isinstance(source, HistorySource):
        raise Misused(f"{target} cannot be read, so nothing can be compared", hint="autotime status")
    if not who:
        raise Misused(f"{target} knows no timekeeper {office.timekeeper.id}", hint=f"autotime books pull {target}")
    sent = {one.submission.receipt: one.submission for one in here if one.submission and one.submission.receipt}
    waiting = by_content(sent.values()) if target in plugins.BILLERS else {}
    billed = office.store.billed.between(first, last)
    known = {one.remote: one.status or "imported" for one in billed if one.target == target}
    for page in source.history(who, first, last):
        if page.bad:
            raise SourceUnavailable(
                f"{target} holds time that cannot be read, so its sums would be wrong: {'; '.join(page.bad[:3])}",
                hint="look at it there, or choose other days (--from, --to)",
            )
        for remote in page.found:
            matter = keys.key(Thing.MATTER, remote.matter) or remote.matter
            one = as_sent(remote, matter, waiting)
            differs = _differs(source, sent.get(one.id), one)
            yield there_of(one, matter, differs=differs, known=known.get(one.id, ""))


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
    sent = {entry.id: one for entry in entries if (one := billing_submission(office, entry)) is not None}
    rates = _rates(office, {*(entry.matter for entry in entries), *(one.matter for one in suggestions)})
    return leaks(suggestions, [entry for entry in entries if entry.day < today], sent, rates), above(entries, rates)


def _rates(office: Office, matters: Iterable[str]) -> Mapping[str, Decimal | None]:
    """Money per hour of this timekeeper, by matter."""
    books = office.store.books.load()
    person = office.store.books.timekeepers().get(office.timekeeper.id, office.timekeeper)
    rates: dict[str, Decimal | None] = {}
    for number in matters:
        matter = books.matters.get(number)
        own = matter.rate_of(person.id) if matter else None
        rates[number] = person.rate if own is None else own
    return rates
