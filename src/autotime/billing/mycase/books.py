"""The firm's books as MyCase holds them: staff, clients, companies, and cases with the rates of their staff.

Activities, UTBMS codes and a table of rates have no place in its API. Clients and companies are numbered apart, so a
company's id is written ``company-ID`` here. A case's number is its ``case_number``, or its name, which is unique,
where that is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from autotime.billing.mycase.asking import OVERLAP, Record, id_of, name_of, pages, stamp
from autotime.billing.values import number_of, second_of, text_of
from autotime.domain.books import Client, Matter, MatterStatus, Rate, Thing
from autotime.domain.doors import BooksPage, Pulled
from autotime.domain.people import Timekeeper
from autotime.intake import address
from autotime.web import Web

Read = Callable[[Record], Pulled]

NESTED = {"field[client]": "id,first_name,last_name,email"}
"""What a case says of its clients."""

PHONES = ("work_phone_number", "cell_phone_number", "home_phone_number", "main_phone_number", "fax_phone_number")


def pull(web: Web, cursors: Mapping[str, str]) -> Iterator[BooksPage]:
    """All of it, or what was made or changed since the last pull. A cursor is the time that pull began, by MyCase's
    clock, less ten minutes: what changes while pages are read is read again."""
    yield from _part(web, "people", "staff", staff_of, cursors)
    yield from _part(web, "clients", "clients", client_of, cursors)
    yield from _part(web, "companies", "companies", company_of, cursors)
    yield from _part(web, "matters", "cases", case_of, cursors, **NESTED)


def _part(web: Web, part: str, path: str, read: Read, cursors: Mapping[str, str], **more: str) -> Iterator[BooksPage]:
    since = second_of(cursors.get(part, ""))
    began = web.wall()
    held: BooksPage | None = None
    for page in pages(web, path, since, **more):
        if held is not None:
            yield held
        things, bad = _read(page.records, read, path)
        held = BooksPage(part, things, bad=bad, of=0 if since else page.of or 0)
    if held is not None:
        ends = stamp(began + web.skew - OVERLAP)
        yield BooksPage(part, held.things, cursor=ends, whole=not since, bad=held.bad, of=held.of)


def _read(records: list[Any], read: Read, path: str) -> tuple[tuple[Pulled, ...], tuple[str, ...]]:
    things, bad = [], []
    for record in records:
        if not id_of(record):
            bad.append(f"one of {path} has no id")
            continue
        try:
            things.append(read(record))
        except _Unreadable as wrong:
            bad.append(f"{path} {id_of(record)}: {wrong}")
    return tuple(things), tuple(bad)


class _Unreadable(Exception):
    """It lacks what it cannot be without."""


def staff_of(record: Record) -> Pulled:
    """A default rate of 0 is taken for none: nobody's hours become free by a field that was left alone."""
    first, last = text_of(record, "first_name"), text_of(record, "last_name")
    if not (first or last):
        raise _Unreadable("it has no name")
    rate = number_of(record.get("default_hourly_rate"))
    person = Timekeeper(
        id=id_of(record),
        last=last or first,
        first=first if last else "",
        emails=_mails(record),
        rate=rate if rate is not None and rate > 0 else None,
    )
    return _pulled(Thing.TIMEKEEPER, id_of(record), person, record)


def client_of(record: Record) -> Pulled:
    return _client(id_of(record), name_of(record), record)


def company_of(record: Record) -> Pulled:
    return _client(_company(record), text_of(record, "name"), record)


def _client(remote: str, name: str, record: Record) -> Pulled:
    if not name:
        raise _Unreadable("it has no name")
    phones = tuple(dict.fromkeys(filter(None, (text_of(record, field, 40) for field in PHONES))))
    return _pulled(Thing.CLIENT, remote, Client(remote, name, contacts=_mails(record), phones=phones), record)


def case_of(record: Record) -> Pulled:
    """Open unless it says it is closed: no other status is known."""
    name = text_of(record, "name")
    number = text_of(record, "case_number", 100) or name
    if not number:
        raise _Unreadable("it has neither number nor name")
    matter = Matter(
        number=number,
        name=name or number,
        client=_client_of_case(record),
        status=MatterStatus.CLOSED if _is_closed(record) else MatterStatus.OPEN,
        practice=text_of(record, "practice_area", 100),
        fee_type=text_of(record, "billing_type", 40).lower() or "hourly",
        contacts=tuple(dict.fromkeys(mail for one in _list(record, "clients") for mail in _mails(one))),
        rates=tuple(_rates(record)),
    )
    return _pulled(Thing.MATTER, id_of(record), matter, record)


def _client_of_case(record: Record) -> str:
    """Who is billed, where only one of the case has that id; else its first company, else its first client."""
    able = [_company(one) for one in _list(record, "companies")] + [id_of(one) for one in _list(record, "clients")]
    able = [one for one in able if one]
    billed = id_of(record.get("billing_contact"))
    named = [one for one in able if billed and one.removeprefix("company-") == billed]
    return named[0] if len(named) == 1 else next(iter(able), "")


def _rates(record: Record) -> Iterator[Rate]:
    """``case_rate`` is text, and null where the staff's own rate holds."""
    for one in _list(record, "staff"):
        rate = number_of(one.get("case_rate"))
        if id_of(one) and rate is not None and rate >= 0:
            yield Rate(id_of(one), rate)


def _is_closed(record: Record) -> bool:
    status = text_of(record, "status", 40).lower()
    return status == "closed" or (not status and bool(record.get("closed_date")))


def _company(record: Record) -> str:
    return f"company-{id_of(record)}" if id_of(record) else ""


def _list(record: Record, name: str) -> list[Record]:
    value = record.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _mails(record: Record) -> tuple[str, ...]:
    mail = address(text_of(record, "email"))
    return (mail,) if mail else ()


def _pulled(kind: Thing, remote: str, noun: Client | Matter | Timekeeper, record: Record) -> Pulled:
    return Pulled(kind, remote, noun, text_of(record, "updated_at", 60))
