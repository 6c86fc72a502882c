"""What stays ours and what is the billing system's, field by field, when both know a thing.

::

    the system's          name, client, status, practice, rates, rate (where it names one), fee type (unless hourly)
    ours, once it is set  client_matter_id, ledes_id, code_set, increment, currency, zone, a person's id
    both together         contacts, phones, domains, parties, aliases, dockets, a person's mail addresses
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from autotime.domain.books import Client, Matter, Rate
from autotime.domain.people import Timekeeper

HOURLY, DOLLARS = "hourly", "USD"
"""What stands in a matter of which nothing else was said."""

OURS = ("client_matter_id", "code_set", "increment")
LONGEST = 24
"""Characters of a made id, its mark not counted."""


def client_of(ours: Client | None, theirs: Client, key: str) -> Client:
    base = ours or Client(key)
    return replace(
        base,
        name=theirs.name or base.name,
        ledes_id=base.ledes_id or theirs.ledes_id,
        contacts=together(base.contacts, theirs.contacts),
        phones=together(base.phones, theirs.phones),
    )


def matter_of(ours: Matter | None, theirs: Matter, number: str, currency: str) -> Matter:
    """``theirs`` names its client and its timekeepers by our ids already. ``currency`` is the firm's."""
    base = ours or replace(theirs, number=number, currency=currency if theirs.currency == DOLLARS else theirs.currency)
    other_number = (theirs.number,) if theirs.number not in ("", number) else ()
    return replace(
        base,
        name=theirs.name or base.name or number,
        client=theirs.client or base.client,
        status=theirs.status,
        practice=theirs.practice or base.practice,
        rates=theirs.rates,
        rate=base.rate if theirs.rate is None else theirs.rate,
        fee_type=base.fee_type if theirs.fee_type == HOURLY else theirs.fee_type,
        client_matter_id=base.client_matter_id or theirs.client_matter_id,
        code_set=base.code_set or theirs.code_set,
        increment=theirs.increment if base.increment is None else base.increment,
        parties=together(base.parties, theirs.parties),
        contacts=together(base.contacts, theirs.contacts),
        domains=together(base.domains, theirs.domains),
        aliases=together(base.aliases, (*theirs.aliases, *other_number)),
        dockets=together(base.dockets, theirs.dockets),
    )


def person_of(ours: Timekeeper | None, theirs: Timekeeper, key: str) -> Timekeeper:
    base = ours or replace(theirs, id=key)
    return replace(
        base,
        last=theirs.last or base.last,
        first=theirs.first or base.first,
        emails=together(base.emails, theirs.emails),
        classification=theirs.classification or base.classification,
        rate=base.rate if theirs.rate is None else theirs.rate,
    )


def with_hidden(ours: tuple[Rate, ...], theirs: tuple[Rate, ...], seer: str) -> tuple[Rate, ...]:
    """The rates a matter shows, and those of ours that are hidden from ``seer``; by timekeeper, so that it is the same
    whoever looked last."""
    shown = {seer, *(rate.timekeeper for rate in theirs)}
    hidden = (rate for rate in ours if rate.timekeeper not in shown)
    return tuple(sorted((*theirs, *hidden), key=lambda rate: rate.timekeeper))


def kept(ours: Matter, theirs: Matter) -> Iterator[str]:
    """Where both say something, ours stays, and that is told."""
    for name in OURS:
        mine, other = getattr(ours, name), getattr(theirs, name)
        if mine and other and mine != other:
            yield f"{name} stays «{mine}», there it is «{other}»"


def overwritten(ours: Any, theirs: Any) -> Iterator[str]:
    """What was set here and is the system's from the first meeting on."""
    for name in ("name", "client"):
        mine, other = getattr(ours, name, ""), getattr(theirs, name, "")
        if mine and other and mine != other:
            yield f"{name} was «{mine}», and is «{other}» as it is there"


def together(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    """Ours first, nothing twice."""
    return tuple(dict.fromkeys((*ours, *theirs)))


def folded(name: str) -> str:
    """A name for comparing: letter case and spaces apart, every character counts."""
    return " ".join(name.split()).casefold()


def readable_id(name: str, system: str, remote: str, taken: Callable[[str], bool]) -> str:
    """``NORTHWIND-MILLS-INC-3F2A``: the name in capitals, and a mark made of the system's own id, so that two of
    one name differ and another pull makes the same id."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub("[^A-Z0-9]+", "-", plain.upper()).strip("-")[:LONGEST].strip("-") or system.upper()
    mark = blake2b(f"{system}\x1f{remote}".encode(), digest_size=16).hexdigest().upper()
    return next(made for size in range(4, 33) if not taken(made := f"{words}-{mark[:size]}") or size == 32)
