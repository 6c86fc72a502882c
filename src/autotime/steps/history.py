"""Time of the past that stands in billing: kept beside what is suggested, so that nothing is billed twice.

It is learned from: the words of its narratives rank the matters they were billed on (``classifiers.bills``), and where
the words of what was done tell no task, the one most billed on the matter is drafted. Durations learn nothing from it:
an entry's hours have no link to the mail or meeting they were spent on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autotime import plugins
from autotime.domain.books import Books, Thing
from autotime.domain.delivery import DeliveryState
from autotime.domain.doors import HistorySource
from autotime.domain.errors import AutotimeError, Misused, SuddenlyEmpty
from autotime.domain.progress import Progress, silent
from autotime.failpoints import point
from autotime.office import Office
from autotime.steps.stale import mark_all_stale
from autotime.steps.systems import adapter

if TYPE_CHECKING:
    from autotime.billing.history import Ours, Past

YEAR = timedelta(days=365)
FILES = ("ledes", "csv")
"""What is read from files."""


@dataclass(slots=True, kw_only=True)
class HistoryRead:
    """What one import found. ``stored`` were new or changed, ``gone`` are no longer there and were forgotten,
    ``unknown`` are of matters the books do not have, ``hidden`` of a length that is not told."""

    target: str
    read: int = 0
    stored: int = 0
    ours: int = 0
    others: int = 0
    gone: int = 0
    unknown: int = 0
    seconds: int = 0
    hidden: int = 0
    bad: list[str] = field(default_factory=list)
    dry_run: bool = False


def history_source(office: Office, target: str, **seams: Any) -> HistorySource:
    _refuse_unknown(target, [*plugins.systems(office.settings), *FILES])
    made = adapter(office, target, **seams)
    if not isinstance(made, HistorySource):
        raise Misused(f"{target} gives no history", hint="autotime history import csv FILE.csv")
    return made


def _refuse_unknown(target: str, known: Iterable[str]) -> None:
    if target not in (names := dict.fromkeys(known)):
        raise Misused(f"no time is imported from «{target}»", hint=f"one of: {', '.join(names)}")


def import_history(
    office: Office,
    source: HistorySource,
    first: date | None = None,
    last: date | None = None,
    progress: Progress = silent,
    *,
    dry_run: bool = False,
) -> HistoryRead:
    """The timekeeper's entries in a billing system, by default those of the last twelve months. What was stored of
    these days and is not there any more is forgotten, once all pages are read; nothing is where an entry could not be
    read, for it may be that one. ``SuddenlyEmpty`` where less than half of it is there."""
    from autotime.billing.history import from_system  # noqa: PLC0415

    store, target = office.store, source.target
    books, keys = store.books.load(), getattr(source, "keys", None) or store.systems.keys(target)
    who = keys.remote(Thing.TIMEKEEPER, office.timekeeper.id)
    if not who:
        raise Misused(
            f"{target} knows nobody with a mail address of {office.timekeeper.id}", hint=f"autotime books pull {target}"
        )
    end = last or office.date_of(office.now)
    begin = first or end - YEAR
    held = {one.remote for one in store.billed.between(begin, end) if one.target == target}
    report, ours, seen = HistoryRead(target=target, dry_run=dry_run), ours_of(office, target), set[str]()
    for page in source.history(who, begin, end):
        past = from_system(target, page.found, keys, ours)
        seen |= {one.remote for one in past.found}
        _keep(office, replace(past, bad=page.bad), report, books)
        progress("history", report.read, 0)
    gone = set() if report.bad else held - seen
    if gone:
        _refuse_sudden(target, report.read, len(held), begin, end)
    report.gone = len(gone)
    if gone and not dry_run:
        with store.transaction():
            store.billed.forget(target, gone)
            mark_all_stale(office)
    return report


def _refuse_sudden(target: str, now: int, before: int, first: date, last: date) -> None:
    """Before a complete list is believed: time that is forgotten caps no day any more."""
    if now * 2 < before:
        raise SuddenlyEmpty(
            f"{target} now lists {now:,} entries of these days; {before:,} were kept",
            kept="nothing was forgotten; what was read is stored",
            hint=f"look there; if that is right: autotime history forget {target} --from {first} --to {last}",
        )


def import_invoices(office: Office, files: Sequence[Path], *, dry_run: bool = False) -> HistoryRead:
    """LEDES files of any kind; one that cannot be read is told, and stops no other. ``Misused`` where none can be."""
    from autotime.billing.history import Past, from_invoice  # noqa: PLC0415
    from autotime.billing.ledes.reading import read_invoice  # noqa: PLC0415
    from autotime.billing.payload import sha256  # noqa: PLC0415

    report, ours, books = (
        HistoryRead(target="ledes", dry_run=dry_run),
        ours_of(office, "ledes"),
        office.store.books.load(),
    )
    unread: list[str] = []
    for file in files:
        try:
            data = bytes_of(file)
            past = from_invoice(read_invoice(data), sha256(data), books, office.timekeeper, ours)
        except AutotimeError as unreadable:
            past = Past(bad=(str(unreadable),))
            unread.append(f"{file.name}, {unreadable}")
        _keep(office, past, report, books, file.name)
    if len(unread) == len(files):
        told = "\n".join(("no file could be read", *unread))
        raise Misused(told, kept="nothing was imported", hint="autotime ledes check FILE, of a LEDES file")
    return report


def import_sheet(office: Office, file: Path, *, dry_run: bool = False) -> HistoryRead:
    """Past time as CSV, columns in ``docs/how-to/import-the-books.md``."""
    from autotime.billing.history import from_sheet  # noqa: PLC0415

    report = HistoryRead(target="csv", dry_run=dry_run)
    past = from_sheet(bytes_of(file), file.name, office.timekeeper, ours_of(office))
    _keep(office, past, report, office.store.books.load())
    return report


def forget_history(
    office: Office, target: str, first: date | None = None, last: date | None = None, *, dry_run: bool = False
) -> int:
    """Takes imported time of a target out again, of these days or of all. How many entries that were."""
    billed = office.store.billed
    _refuse_unknown(target, [*plugins.systems(office.settings), *FILES, *(one.target for one in billed.all())])
    gone = [one.remote for one in billed.between(first or date.min, last or date.max) if one.target == target]
    if not dry_run:
        with office.store.transaction():
            billed.forget(target, gone)
            if gone:
                mark_all_stale(office)
    return len(gone)


def _keep(office: Office, past: Past, report: HistoryRead, books: Books, file: str = "") -> None:
    report.read += len(past.found) + past.ours + past.others
    report.ours += past.ours
    report.others += past.others
    report.bad += (f"{file}, {one}" if file else one for one in past.bad)
    report.hidden += sum(one.seconds is None for one in past.found)
    report.seconds += sum(one.seconds or 0 for one in past.found)
    report.unknown += sum(one.matter not in books.matters for one in past.found)
    if report.dry_run:
        return
    with office.store.transaction():
        news = office.store.billed.upsert(past.found)
        if news and not report.stored:  # what was learned changes drafts that nobody has decided yet
            mark_all_stale(office)
    report.stored += news
    point("history.page.stored")


def ours_of(office: Office, target: str = "") -> Ours:
    """How what autotime itself delivered is known there; all targets where none is named."""
    from autotime.billing.history import Ours  # noqa: PLC0415

    store = office.store
    sent = store.submissions.in_state(*DeliveryState, target=target or None)
    batches = store.batches.all([target] if target else [])
    heads = [json.loads(batch.header) for batch in batches]
    return Ours(
        frozenset(one.receipt for one in sent if one.receipt),
        frozenset(one.entry for one in sent),
        frozenset(batch.sha256 for batch in batches),
        frozenset(_invoices(heads)),
    )


def _invoices(heads: Iterable[Any]) -> Iterable[tuple[str, str]]:
    return (
        (str(head.get("invoice_number", "")), str(head.get("client", "")))
        for head in heads
        if head.get("invoice_number")
    )


def bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as unreadable:
        raise Misused(f"{path} cannot be read: {unreadable.strerror}", hint="name a file that is there") from None
