"""Time of the past that was not sent from here: from a billing system, from invoices, from a sheet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from hashlib import blake2b

from autotime.billing.books import AMOUNT
from autotime.billing.ledes.reading import Invoice, InvoiceLine
from autotime.billing.sheets import Row, Wrong, read_sheet
from autotime.domain.books import Books, Thing
from autotime.domain.delivery import Billed, Remote
from autotime.domain.doors import Keys
from autotime.domain.errors import Misused
from autotime.domain.people import Timekeeper
from autotime.domain.work import Billing

COLUMNS = (
    "date", "timekeeper", "matter", "hours", "minutes", "narrative", "task_code", "activity_code", "rate", "billing",
    "status", "id", "entry_id",
)  # fmt: skip
HOURS = re.compile(r"([0-9]{1,2})(?:\.([0-9]{1,4}))?")
CLOCK = re.compile(r"([0-9]{1,2}):([0-5][0-9])")
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Past:
    """What was found. ``bad`` says what could not be read and where; ``others`` counts the time of other people,
    ``ours`` what autotime itself delivered."""

    found: tuple[Billed, ...] = ()
    bad: tuple[str, ...] = ()
    others: int = 0
    ours: int = 0


@dataclass(frozen=True, slots=True)
class Ours:
    """How autotime knows what it delivered itself: the target's ids of it, its entries, its files and invoices
    (number and client)."""

    receipts: frozenset[str] = frozenset()
    entries: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    invoices: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def from_system(target: str, page: Iterable[Remote], keys: Keys, ours: Ours) -> Past:
    """A page of entries as a billing system holds them. What carries our mark is ours."""
    entries = list(page)
    strange = [one for one in entries if not (one.external or one.id in ours.receipts)]
    return Past(tuple(_billed(target, one, keys) for one in strange), ours=len(entries) - len(strange))


def _billed(target: str, one: Remote, keys: Keys) -> Billed:
    return Billed(
        target=target,
        remote=one.id,
        day=one.day,
        matter=keys.key(Thing.MATTER, one.matter),
        seconds=one.seconds,
        narrative=one.narrative,
        task_code=one.task_code,
        activity_code=one.activity_code,
        rate=one.rate,
        billing=one.billing,
        status="billed" if one.billed else "unbilled",
    )


# -- invoices -----------------------------------------------------------------------------------------


def from_invoice(invoice: Invoice, sha256: str, books: Books, timekeeper: Timekeeper, ours: Ours) -> Past:
    """The fee lines of one person in a LEDES file of any kind."""
    fees = [line for line in invoice.lines if line.type == "F"]
    clients = {head.number: head.client for head in invoice.heads}
    ids = {client.ledes_id or client.id: client.id for client in books.clients.values()}
    sent = {number for number, client in clients.items() if (number, ids.get(client, client)) in ours.invoices}
    strange = [line for line in fees if sha256 not in ours.files and line.invoice not in sent]
    mine = [line for line in strange if is_of(timekeeper, line.timekeeper) or is_of(timekeeper, line.timekeeper_name)]
    whole = [line for line in mine if 0 < line.hours <= 24]
    odd = (f"line {line.line}: {line.hours} hours are no time of a day" for line in mine if not 0 < line.hours <= 24)
    matters = _by_their_number(books)
    found = tuple(_line(line, clients.get(line.invoice, ""), books, matters) for line in whole)
    return Past(found, tuple(odd), others=len(strange) - len(mine), ours=len(fees) - len(strange))


def _line(line: InvoiceLine, client: str, books: Books, theirs: Mapping[str, str]) -> Billed:
    free = line.amount == 0 and line.adjustment < 0
    known = line.matter in books.matters
    return Billed(
        target="ledes",
        remote=f"{client} {line.invoice} {line.number}",
        day=line.day,
        matter=line.matter if known else theirs.get(line.client_matter, line.matter),
        seconds=seconds_of(line.hours),
        narrative=line.narrative,
        task_code=line.task,
        activity_code=line.activity,
        rate=line.rate,
        billing=Billing.NO_CHARGE if free else Billing.BILLABLE,
        status=f"invoice {line.invoice}",
    )


def _by_their_number(books: Books) -> dict[str, str]:
    """What a client calls a matter → our number, where only one matter is called so."""
    counts = Counter(matter.client_matter_id for matter in books.matters.values())
    once = (m for m in books.matters.values() if m.client_matter_id and counts[m.client_matter_id] == 1)
    return {matter.client_matter_id: matter.number for matter in once}


# -- a sheet ------------------------------------------------------------------------------------------


def from_sheet(data: bytes, name: str, timekeeper: Timekeeper, ours: Ours) -> Past:
    """The rows of a CSV file; a bad row is told and left out. ``Misused`` where the columns say too little."""
    sheet = read_sheet(data, name, COLUMNS, ("date", "matter"))
    columns = set(sheet.columns)
    if not {"date", "matter"} <= columns or not {"hours", "minutes"} & columns:
        raise Misused(
            f"{name} needs the columns date, matter, and hours or minutes",
            kept="nothing was imported",
            hint="name them as docs/how-to/import-the-books.md does, and import it again",
        )
    read = [(row, _row(row)) for row in sheet.rows]
    wrong = {int(line) for line in re.findall(r"(?m)^line (\d+)", "\n".join(sheet.problems))}
    good = [(row, one) for row, one in read if one and row.line not in wrong]
    mine = [(row, one) for row, one in good if not row.text("timekeeper") or is_of(timekeeper, row.text("timekeeper"))]
    strange = [one for row, one in mine if not _is_ours(row, ours)]
    bad = sorted(sheet.problems, key=_line_of)
    return Past(tuple(_numbered(strange)), tuple(bad), others=len(good) - len(mine), ours=len(mine) - len(strange))


def _row(row: Row) -> Billed | None:
    day = row.read("date", _day, None)
    seconds = row.read("hours", _hours, None) or row.read("minutes", _minutes, None)
    if not seconds and not (row.text("hours") or row.text("minutes")):
        row.wrong("hours", "is empty, and so is minutes")
    billing = row.read("billing", _billing, Billing.BILLABLE)
    rate = row.read("rate", _rate, None)
    if day is None or not seconds:
        return None
    return Billed(
        target="csv",
        remote=row.text("id"),
        day=day,
        matter=row.text("matter"),
        seconds=seconds,
        narrative=row.text("narrative"),
        task_code=row.text("task_code").upper(),
        activity_code=row.text("activity_code").upper(),
        rate=rate,
        billing=billing,
        status=row.text("status"),
    )


def _is_ours(row: Row, ours: Ours) -> bool:
    return row.text("entry_id") in ours.entries or row.text("id") in ours.receipts


def _numbered(rows: Iterable[Billed]) -> Iterator[Billed]:
    """Rows without an id get one of what they say; rows that say the same are told apart by their order."""
    times: Counter[str] = Counter()
    for row in rows:
        said = "\x1f".join((row.day.isoformat(), row.matter, str(row.seconds), row.narrative))
        made = blake2b(f"{said}\x1f{times[said]}".encode(), digest_size=8).hexdigest()
        times[said] += 0 if row.remote else 1
        yield row if row.remote else replace(row, remote=f"row {made}")


# -- cells --------------------------------------------------------------------------------------------


def is_of(timekeeper: Timekeeper, named: str) -> bool:
    """Whether a text names this person: by id, mail address, «Last, First» or «First Last»."""
    names = (timekeeper.id, *timekeeper.emails, f"{timekeeper.last}, {timekeeper.first}")
    plain = " ".join(named.split()).casefold()
    return bool(plain) and plain in {
        one.strip().casefold() for one in (*names, f"{timekeeper.first} {timekeeper.last}")
    }


def seconds_of(hours: Decimal) -> int:
    return int((hours * 3600).to_integral_value(ROUND_HALF_UP))


def _day(cell: str) -> date | None:
    try:
        if cell[10:11] not in ("", "T", " "):
            raise ValueError
        return date.fromisoformat(cell[:10])
    except ValueError:
        raise Wrong("is no date, such as 2026-03-31") from None


def _hours(cell: str) -> int | None:
    clock = CLOCK.fullmatch(cell)
    seconds = int(clock[1]) * 3600 + int(clock[2]) * 60 if clock else 0
    if not clock and HOURS.fullmatch(cell):
        seconds = seconds_of(Decimal(cell))
    if not 0 < seconds <= DAY:
        raise Wrong("is no time of a day, such as 1.2 or 1:12")
    return seconds


def _minutes(cell: str) -> int | None:
    if not (cell.isascii() and cell.isdigit() and len(cell) <= 6 and 0 < int(cell) <= DAY // 60):
        raise Wrong("is no whole number of minutes of a day")
    return int(cell) * 60


def _rate(cell: str) -> Decimal | None:
    if not AMOUNT.fullmatch(cell):
        raise Wrong("is not an amount, such as 350 or 412.50")
    return Decimal(cell)


def _billing(cell: str) -> Billing:
    if cell.lower() not in tuple(Billing):
        raise Wrong(f"is not one of {', '.join(Billing)}")
    return Billing(cell.lower())


def _line_of(problem: str) -> int:
    found = re.match(r"line (\d+)", problem)
    return int(found[1]) if found else 0
