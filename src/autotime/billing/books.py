"""The firm's books as CSV files: clients and matters, and the people whose time is kept.

Columns in ``docs/how-to/import-the-books.md``. Lists are separated by «;». A file with any problem
imports nothing: all of them are told at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from autotime.billing.ledes.fields import CLASSIFICATIONS
from autotime.billing.sheets import Row, Sheet, Wrong, quoted, read_sheet
from autotime.billing.utbms import TASK_SETS
from autotime.domain.books import Client, Matter, MatterStatus
from autotime.domain.people import Timekeeper
from autotime.intake import address

MATTER_COLUMNS = (
    "matter", "name", "client", "client_name", "client_ledes_id", "client_matter_id", "status", "practice", "code_set",
    "increment", "fee_type", "currency", "rate", "parties", "contacts", "domains", "aliases", "dockets",
)  # fmt: skip
TIMEKEEPER_COLUMNS = ("id", "last", "first", "emails", "classification", "rate", "zone")

AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,4})?")
CURRENCY = re.compile(r"[A-Z]{3}")
DOMAIN = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+[a-z0-9-]{2,63}")


@dataclass(frozen=True, slots=True)
class BooksFile:
    """What a file of matters holds. With a problem, the rest is not to be trusted."""

    clients: tuple[Client, ...]
    matters: tuple[Matter, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """What a file of timekeepers holds. ``warnings`` are no reason to refuse it."""

    timekeepers: tuple[Timekeeper, ...]
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def read_matters(data: bytes, name: str, currency: str = "USD") -> tuple[tuple[Client, ...], tuple[Matter, ...]]:
    """The clients and matters of a file. ``Misused`` names every problem by line and column.

    ``currency`` is the firm's, for matters that name none.
    """
    sheet, found = _matters(data, name, currency)
    sheet.refuse()
    return found.clients, found.matters


def read_timekeepers(data: bytes, name: str) -> tuple[Timekeeper, ...]:
    """The people of a file. ``Misused`` names every problem by line and column."""
    sheet, found = _timekeepers(data, name)
    sheet.refuse()
    return found.timekeepers


def look_at_matters(data: bytes, name: str) -> BooksFile:
    """Like ``read_matters``, with the problems as values."""
    return _matters(data, name, "USD")[1]


def look_at_timekeepers(data: bytes, name: str) -> PeopleFile:
    """Like ``read_timekeepers``, with problems and warnings as values."""
    return _timekeepers(data, name)[1]


def _matters(data: bytes, name: str, currency: str) -> tuple[Sheet, BooksFile]:
    sheet = read_sheet(data, name, MATTER_COLUMNS, ("matter", "name"))
    sheet.unique("matter")
    clients = _clients(sheet.rows)
    matters = tuple(_matter(row, currency) for row in sheet.rows)
    sheet.problems.sort(key=_line_of)
    return sheet, BooksFile(clients, matters, tuple(sheet.problems))


def _timekeepers(data: bytes, name: str) -> tuple[Sheet, PeopleFile]:
    sheet = read_sheet(data, name, TIMEKEEPER_COLUMNS, ("id", "last"))
    sheet.unique("id")
    people = tuple(_timekeeper(row) for row in sheet.rows)
    sheet.problems.sort(key=_line_of)
    return sheet, PeopleFile(people, tuple(sheet.problems), tuple(_warnings(sheet.rows)))


def _line_of(problem: str) -> int:
    found = re.match(r"line (\d+)", problem)
    return int(found[1]) if found else 0


# --- rows --------------------------------------------------------------------------------------------


def _clients(rows: list[Row]) -> tuple[Client, ...]:
    """One client for each id, with what any of its rows says of it."""
    names, portals = _of_clients(rows, "client_name"), _of_clients(rows, "client_ledes_id")
    return tuple(Client(client, name, portals[client]) for client, name in names.items() if client)


def _of_clients(rows: list[Row], column: str) -> dict[str, str]:
    """What a column says of each client; its rows must not differ."""
    said: dict[str, tuple[str, int]] = {}
    for row in rows:
        client, value = row.text("client"), row.text(column)
        if value and not client:
            row.wrong("client", f"is empty, and {column} is {quoted(value)}")
        known, line = said.get(client, ("", row.line))
        if value and known and value != known:
            row.wrong(column, f"{quoted(value)} is {quoted(known)} on line {line}")
        said[client] = (known, line) if known else (value, row.line)
    return {client: value for client, (value, _) in said.items()}


def _matter(row: Row, currency: str) -> Matter:
    return Matter(
        number=row.text("matter"),
        name=row.text("name"),
        client=row.text("client"),
        client_matter_id=row.text("client_matter_id"),
        status=row.read("status", _status, MatterStatus.OPEN),
        practice=row.text("practice"),
        code_set=row.read("code_set", _code_set, ""),
        increment=row.read("increment", _increment, None),
        fee_type=row.text("fee_type").lower() or "hourly",
        currency=row.read("currency", _currency, currency),
        rate=row.read("rate", _amount, None),
        parties=row.each("parties", str),
        contacts=row.each("contacts", _contact),
        domains=row.each("domains", _domain),
        aliases=row.each("aliases", str),
        dockets=row.each("dockets", str),
    )


def _timekeeper(row: Row) -> Timekeeper:
    return Timekeeper(
        id=row.text("id"),
        last=row.text("last"),
        first=row.text("first"),
        emails=row.each("emails", _contact),
        classification=row.text("classification").upper(),
        rate=row.read("rate", _amount, None),
        zone=row.read("zone", _zone, "UTC"),
    )


def _warnings(rows: list[Row]) -> Iterator[str]:
    for row in rows:
        rank = row.text("classification").upper()
        if rank and rank not in CLASSIFICATIONS:
            yield f"line {row.line}, column classification: {quoted(rank)} is not in the LEDES list of 2014"


# --- cells -------------------------------------------------------------------------------------------


def _one_of(what: str, known: tuple[str, ...], cell: str) -> str:
    if cell.lower() not in known:
        raise Wrong(f"is not a {what}; one of {', '.join(known)}")
    return cell.lower()


_code_set = partial(_one_of, "code set", TASK_SETS)


def _status(cell: str) -> MatterStatus:
    return MatterStatus(_one_of("status", tuple(MatterStatus), cell))


def _increment(cell: str) -> int | None:
    if not (cell.isascii() and cell.isdigit()):
        raise Wrong("is not a whole number of minutes")
    if not 1 <= int(cell[:9]) <= 60:
        raise Wrong("is not between 1 and 60 minutes")
    return int(cell)


def _currency(cell: str) -> str:
    if not CURRENCY.fullmatch(cell.upper()):
        raise Wrong("is not a currency of three letters, such as USD")
    return cell.upper()


def _amount(cell: str) -> Decimal | None:
    if not AMOUNT.fullmatch(cell):
        raise Wrong("is not an amount, such as 350 or 412.50")
    return Decimal(cell)


def _contact(cell: str) -> str:
    found = address(cell)
    if not found:
        raise Wrong("is not a mail address")
    return found


def _domain(cell: str) -> str:
    lowered = cell.lower().removeprefix("@")
    if not DOMAIN.fullmatch(lowered):
        raise Wrong("is not a mail domain, such as example.com")
    return lowered


def _zone(cell: str) -> str:
    try:
        return ZoneInfo(cell).key
    except (KeyError, ValueError, OSError):
        raise Wrong("is not a time zone, such as America/Chicago") from None
