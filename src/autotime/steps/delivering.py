"""Approved time out, exactly once; and views of it that record nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from autotime import plugins
from autotime.billing.losses import Accept, nobody
from autotime.domain.delivery import Delivery
from autotime.domain.doors import Biller
from autotime.domain.errors import Misused
from autotime.domain.people import Timekeeper
from autotime.domain.progress import Progress, silent
from autotime.office import Office
from autotime.settings import Settings
from autotime.steps.guiding import bars
from autotime.steps.systems import adapter

if TYPE_CHECKING:
    from autotime.billing.outbox import PushReport

BILLED = ("last", "first", "classification", "rate")
"""What an invoice says of a timekeeper."""

PLACE = ("street", "street_2", "city", "state", "postcode", "country")


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
    ledes = asked.target.startswith("ledes")
    return invoice | facts | (_for_portal(asked.client, settings) if ledes else _for_sheet(asked.target, settings))


def _for_sheet(target: str, settings: Settings) -> dict[str, object]:
    """By which columns and rules a table is written, so that it can be written again after they have changed."""
    return {"sheet": {"mapping": plugins.mapping_of(target, settings), "columns": settings.billing.columns.get(target)}}


def _for_portal(client: str, settings: Settings) -> dict[str, object]:
    """The firm's address in parts, and what the client's portal wants: what is set of it."""
    parts = {f"firm_{name}": getattr(settings.firm, name) for name in PLACE}
    wants = settings.billing.ledes_for(client)
    return {name: part for name, part in parts.items() if part} | ({"ledes": wants} if wants else {})


def push(
    office: Office,
    wanted: Delivery,
    *,
    dry_run: bool = False,
    copy: bool = False,
    accept: Accept = nobody,
    progress: Progress = silent,
    clock: Callable[[], int] | None = None,
) -> PushReport:
    """Finishes what an earlier push left half-way, then delivers what waits, exactly once: as a file, or entry by
    entry to a system that is asked over the network. ``clock`` is the time of each request, where a test keeps it."""
    deliver: Callable[..., PushReport] = _push_file
    if wanted.target in plugins.asked(office.settings):
        deliver = partial(_push_entries, accept=accept, progress=progress, clock=clock or running(office))
    if not dry_run:
        _prepare(office)
        return _with_payloads(office, deliver(office, wanted, dry_run=False, copy=copy))
    with office.store.transaction() as nothing_kept:
        _prepare(office)
        report = _with_payloads(office, deliver(office, wanted, dry_run=True, copy=copy))
        nothing_kept.rollback()
    return report


def _prepare(office: Office) -> None:
    """What the settings say of people and targets holds for what waits."""
    from autotime.billing.binding import follow  # noqa: PLC0415

    complete_people(office)
    follow(office.store, office.settings.billing.target_for)


def _with_payloads(office: Office, report: PushReport) -> PushReport:
    from autotime.billing.totals import payloads  # noqa: PLC0415

    return replace(report, payloads=payloads(office.store, [line.entry_id for line in report.lines]))


def _push_file(office: Office, wanted: Delivery, *, dry_run: bool, copy: bool) -> PushReport:
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
        bars=bars(office),
    )


def _push_entries(
    office: Office,
    wanted: Delivery,
    *,
    dry_run: bool,
    copy: bool,
    accept: Accept,
    progress: Progress,
    clock: Callable[[], int],
) -> PushReport:
    from autotime.billing.picking import Wanted  # noqa: PLC0415
    from autotime.billing.sending import push_entries  # noqa: PLC0415

    return push_entries(
        office.store,
        biller_of(office, wanted.target),
        Wanted(wanted.client, wanted.first, wanted.last, copy, bars=bars(office)),
        now=clock,
        accept=accept,
        dry_run=dry_run,
        progress=progress,
    )


def biller_of(office: Office, target: str) -> Biller:
    """The billing system ``target``, as this timekeeper is signed in to it."""
    made = adapter(office, target)
    if not isinstance(made, Biller):
        raise Misused(f"«{target}» takes no time entries", hint=f"one of: {', '.join(targets(office.settings))}")
    return made


def targets(settings: Settings) -> tuple[str, ...]:
    """Where approved time can go, the configured target first."""
    billing = settings.billing
    known = [*filter(None, [billing.target]), *plugins.BILLERS, *billing.guests, *plugins.systems(settings)]
    return tuple(dict.fromkeys(known))


def running(office: Office) -> Callable[[], int]:
    """The office's time, going on from now."""
    began = time.monotonic()
    return lambda: office.now + int(time.monotonic() - began)


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
