"""The firm's books, as PracticePanther holds them.

::

    users ──► clients (accounts, with the mail addresses of their persons) ──► activities (items) ──► matters

A first pull reads everything, a later one what changed since. The time to go on from is taken before a list is
read, by the system's clock and less a margin: a change made meanwhile is read twice, never missed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from autotime.billing.practicepanther.entries import money, text
from autotime.billing.practicepanther.service import Panther, Row
from autotime.domain.books import Client, Code, Matter, MatterStatus, Thing
from autotime.domain.doors import BooksPage, Pulled
from autotime.domain.people import Timekeeper
from autotime.intake import address, clean

MARGIN = 600
NAME = 300
STATUSES = {"Pending": MatterStatus.PENDING, "Closed": MatterStatus.CLOSED, "Archived": MatterStatus.CLOSED}
PHONES = ("phone_mobile", "phone_work", "phone_home")
ACTIVITY = re.compile(r"A1\d\d")
ODD = (KeyError, TypeError, ValueError, ArithmeticError, AttributeError)

Read = Callable[[Row], Pulled]


class Odd(ValueError):
    """What cannot be taken, in words that may be shown."""


def pulled(panther: Panther, cursors: Mapping[str, str]) -> Iterator[BooksPage]:
    """Pages by part: ``users``, ``clients``, ``activities``, ``matters``."""
    yield from _part(panther, "users", cursors, _listed(panther, "users", user_of))
    yield from _part(panther, "clients", cursors, lambda since: clients(panther, since))
    yield from _part(panther, "activities", cursors, _listed(panther, "Items", item_of))
    yield from _part(panther, "matters", cursors, _listed(panther, "matters", matter_of))


Pages = Iterable[tuple[Iterable[Row], Read]]


def _part(
    panther: Panther, part: str, cursors: Mapping[str, str], pages: Callable[[Mapping[str, str]], Pages]
) -> Iterator[BooksPage]:
    """The pages of one list, then an empty one with the place to go on from."""
    began = panther.web.wall()
    since = {"updated_since": cursors[part]} if cursors.get(part) else {}
    for rows, read in pages(since):
        yield _page(part, rows, read)
    yield BooksPage(part, cursor=_moment(began + panther.web.skew - MARGIN), whole=not since)


def _moment(second: float) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _listed(panther: Panther, path: str, read: Read) -> Callable[[Mapping[str, str]], Pages]:
    return lambda since: ((rows, read) for rows in panther.pages(path, since))


def _page(part: str, rows: Iterable[Row], read: Read) -> BooksPage:
    things, bad = [], []
    for row in rows:
        try:
            things.append(read(row))
        except ODD as odd:
            bad.append(f"{part} {clean(text(row.get('id')), 40) or 'without an id'}: {_why(odd)}")
    return BooksPage(part, tuple(things), bad=tuple(bad))


def _why(odd: Exception) -> str:
    return str(odd) if isinstance(odd, Odd) else f"it cannot be read ({type(odd).__name__})"


# -- clients --------------------------------------------------------------------------------------


def clients(panther: Panther, since: Mapping[str, str]) -> Pages:
    """Accounts with their persons. A person who changed changes the client, though the account says nothing of it."""
    persons = _by_account(row for rows in panther.pages("contacts", since) for row in rows)
    seen: set[str] = set()
    for rows in panther.pages("accounts", since):
        seen |= {text(row.get("id")) for row in rows}
        yield rows, _reading(panther, persons, bool(since))
    if since:
        others = (panther.one("accounts", account) for account in persons if account not in seen)
        yield [row for row in others if row is not None], _reading(panther, persons, True)


def _reading(panther: Panther, persons: Mapping[str, list[Row]], some: bool) -> Read:
    """``some``: only persons that changed are at hand, so that the others are asked for."""

    def read(row: Row) -> Pulled:
        account = _id(row)
        if not some:
            return client_of(row, persons.get(account, ()))
        return client_of(row, [one for rows in panther.pages("contacts", {"account_id": account}) for one in rows])

    return read


def _by_account(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(text((row.get("account_ref") or {}).get("id")), []).append(row)
    return {account: persons for account, persons in found.items() if account}


def client_of(row: Row, persons: Iterable[Row] = ()) -> Pulled:
    """The account's number is its id with us, where it has one."""
    within = [row.get("primary_contact"), *(row.get("other_contacts") or ())]
    people = [one for one in (*within, *persons) if isinstance(one, dict) and one.get("status") != "Archived"]
    name = clean(text(row.get("display_name")) or text(row.get("company_name")), NAME)
    client = Client(
        id=_number(row) or _id(row),
        name=name,
        contacts=_once(address(text(one.get("email"))) for one in people),
        phones=_once(clean(text(one.get(phone)), 40) for one in people for phone in PHONES),
    )
    return Pulled(Thing.CLIENT, _id(row), client, _version(row))


# -- the rest -------------------------------------------------------------------------------------


def user_of(row: Row) -> Pulled:
    """A user has no rate and no short name there."""
    last, first = (clean(text(row.get(name)), NAME) for name in ("last_name", "first_name"))
    mail = address(text(row.get("email")))
    person = Timekeeper(
        id=_id(row), last=last or clean(text(row.get("display_name")), NAME), first=first, emails=_once([mail])
    )
    return Pulled(Thing.TIMEKEEPER, _id(row), person, _version(row))


def matter_of(row: Row) -> Pulled:
    """One whose rate cannot be read is left out: its time would be billed at another rate."""
    matter = Matter(
        number=_number(row),
        name=clean(text(row.get("name")) or text(row.get("display_name")), NAME),
        client=text((row.get("account_ref") or {}).get("id")),
        status=STATUSES.get(row["status"], MatterStatus.OPEN),
        rate=_rate(row.get("rate")),
    )
    return Pulled(Thing.MATTER, _id(row), matter, _version(row))


def item_of(row: Row) -> Pulled:
    """An activity item. Its code makes it one of UTBMS, or else it is the firm's own."""
    code = clean(text(row.get("code")), 40)
    kind = "activity" if ACTIVITY.fullmatch(code) else "practicepanther"
    return Pulled(Thing.ACTIVITY, _id(row), Code(code, clean(text(row.get("name")), NAME), kind), _version(row))


def _id(row: Mapping[str, Any]) -> str:
    found = clean(text(row.get("id")), 80)
    if not found:
        raise Odd("it has no id")
    return found


def _rate(said: Any) -> Decimal | None:
    """A matter's rate is a text there."""
    try:
        return money(said)
    except (ValueError, ArithmeticError):
        raise Odd("its rate is no number: put it right there") from None


def _number(row: Row) -> str:
    """A whole number, or one written as text."""
    said = row.get("number")
    return "" if said is None or isinstance(said, bool) else clean(str(said), 40)


def _version(row: Row) -> str:
    return clean(text(row.get("updated_at")), 80)


def _once(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, found)))
