"""What TimeSolv tells of the firm: its users, its clients, its task codes.

Matters (projects) are not among it: the name of their search is not confirmed, so that they come from CSV. Nor is
the field that holds a task code: a code is known by its shape.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from autotime.billing.timesolv.service import Criterion, Row, TimeSolv
from autotime.billing.utbms import load
from autotime.domain.books import Client, Code, Thing
from autotime.domain.doors import BooksPage, Pulled
from autotime.domain.people import Timekeeper
from autotime.intake import address, clean

NAME = 300
SHAPE = re.compile(r"[A-Z]{1,2}\d{3}")
ACTIVITY = re.compile(r"A1\d\d")
ODD = (KeyError, TypeError, ValueError, AttributeError)

ACTIVE: tuple[Criterion, ...] = (("UserStatus", "=", "Active"),)
CLIENTS: tuple[Criterion, ...] = (("ClientStatus", "=", "Active"),)
CODES: tuple[Criterion, ...] = (("isActive", "=", "1"),)

Read = Callable[[Row], Pulled]


def pulled(service: TimeSolv) -> Iterator[BooksPage]:
    """Pages by part: ``users``, ``clients``, ``codes``. Only what is active is listed, so that no page says what is
    gone; no list tells its changes, so that each is read from its start."""
    lists: tuple[tuple[str, str, str, tuple[Criterion, ...], Read], ...] = (
        ("users", "firmUserSearch", "FirmUsers", ACTIVE, user_of),
        ("clients", "clientSearch", "Clients", CLIENTS, client_of),
        ("codes", "taskcodeSearch", "TaskCodes", CODES, code_of),
    )
    for part, search, key, criteria, read in lists:
        for rows in service.pages(search, key, criteria):
            yield _page(part, rows, read)


def _page(part: str, rows: Iterable[Row], read: Read) -> BooksPage:
    things, bad = [], []
    for row in rows:
        try:
            things.append(read(row))
        except ODD as odd:
            why = f"no {odd.args[0]}" if isinstance(odd, KeyError) else f"cannot be read ({type(odd).__name__})"
            bad.append(f"{part} {_text(row, 'Id') or 'without an id'}: {why}")
    return BooksPage(part, tuple(things), bad=tuple(bad))


def user_of(row: Row) -> Pulled:
    mail = address(_text(row, "Email"))
    last, first = _text(row, "LastName"), _text(row, "FirstName")
    if not last:
        last, first = first or _needed(row, "LastName"), ""
    person = Timekeeper(id=_needed(row, "Id"), last=last, first=first, emails=(mail,) if mail else ())
    return Pulled(Thing.TIMEKEEPER, person.id, person, _text(row, "LastUpdatedDate"))


def client_of(row: Row) -> Pulled:
    """``ClientId`` is the firm's own text for the client; its internal id is kept where it is told."""
    client = Client(_needed(row, "ClientId"), _text(row, "ClientName"))
    return Pulled(Thing.CLIENT, _text(row, "Id") or client.id, client)


def code_of(row: Row) -> Pulled:
    """A UTBMS code, wherever in the row it stands; its title and set are the public ones."""
    values = (value.strip() for value in row.values() if isinstance(value, str))
    code = next((value for value in values if SHAPE.fullmatch(value)), "")
    if not code:
        raise KeyError("UTBMS code")
    known = _codes().get(code, Code(code, code, ""))
    kind = Thing.ACTIVITY if ACTIVITY.fullmatch(code) else Thing.CODE
    return Pulled(kind, _needed(row, "Id"), known)


@cache
def _codes() -> dict[str, Code]:
    return {code.code: code for code in load()}


def _needed(row: Row, name: str) -> str:
    if found := _text(row, name):
        return found
    raise KeyError(name)


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    return "" if value is None or isinstance(value, bool | dict | list) else clean(str(value), NAME)
