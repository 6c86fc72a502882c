"""Approved time out, exactly once; and views of it that record nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from autotime import plugins
from autotime.domain.delivery import Delivery
from autotime.domain.people import Timekeeper
from autotime.office import Office
from autotime.settings import Settings

if TYPE_CHECKING:
    from autotime.billing.outbox import PushReport

BILLED = ("last", "first", "classification", "rate")
"""What an invoice says of a timekeeper."""


def header_of(asked: Delivery, settings: Settings) -> dict[str, object]:
    """What a file says beside its lines; a biller refuses by name what it misses."""
    invoice: dict[str, object] = {
        "client": asked.client,
        "from": asked.first.isoformat() if asked.first else "",
        "to": asked.last.isoformat() if asked.last else "",
        "invoice_number": asked.invoice_number,
        "invoice_date": asked.invoice_date.isoformat() if asked.invoice_date else "",
        "description": asked.description,
    }
    firm = settings.firm
    facts = {"firm_name": firm.name, "tax_id": firm.tax_id, "address": firm.address, "currency": firm.currency}
    return invoice | facts


def push(office: Office, wanted: Delivery, *, dry_run: bool = False, copy: bool = False) -> PushReport:
    """Finishes what an earlier push left half-way, then delivers what waits, exactly once."""
    if not dry_run:
        complete_people(office)
        return _push(office, wanted, dry_run=False, copy=copy)
    with office.store.transaction() as nothing_kept:
        complete_people(office)
        report = _push(office, wanted, dry_run=True, copy=copy)
        nothing_kept.rollback()
    return report


def _push(office: Office, wanted: Delivery, *, dry_run: bool, copy: bool) -> PushReport:
    from autotime.billing.outbox import push_files  # noqa: PLC0415

    return push_files(
        office.store,
        plugins.file_biller(wanted.target, office.settings),
        header_of(wanted, office.settings),
        office.settings.outgoing(),
        client=wanted.client,
        first=wanted.first,
        last=wanted.last,
        now=office.now,
        dry_run=dry_run,
        copy=copy,
    )


def complete_people(office: Office) -> None:
    """What the books leave open of a timekeeper, the settings fill in; where both speak, the books hold."""
    known = office.store.books.timekeepers()
    people = [person.timekeeper() for person in office.settings.timekeepers]
    office.store.books.upsert_timekeepers(_filled(known.get(person.id, person), person) for person in people)


def _filled(person: Timekeeper, other: Timekeeper) -> Timekeeper:
    missing = {name: getattr(other, name) for name in BILLED if not getattr(person, name)}
    return replace(person, **missing)


def export(office: Office, wanted: Delivery, batch: str = "") -> bytes:
    """A view of approved time in a target's format, or a delivered batch again, byte for byte."""
    from autotime.billing import outbox  # noqa: PLC0415

    biller = plugins.file_biller(wanted.target, office.settings)
    if batch:
        return outbox.rendered(office.store, biller, batch)
    return outbox.export(
        office.store,
        biller,
        header_of(wanted, office.settings),
        client=wanted.client,
        first=wanted.first,
        last=wanted.last,
    )
