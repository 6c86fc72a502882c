"""The firm's books as Clio holds them.

::

    users, categories, codes      read whole each time: they are few
    clients, matters              read whole once a week, else what changed since, with an overlap

What is removed in Clio shows in a complete list only. Of the rates of matters, Clio may show whoever asks their own
only: where somebody else asked last, matters are read whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from autotime.billing.clio.entries import id_of
from autotime.billing.clio.history import named
from autotime.billing.clio.nouns import (
    category_of,
    client_of,
    matter_of,
    timekeeper_of,
)
from autotime.billing.clio.rates import completed
from autotime.billing.clio.site import Site, data_of
from autotime.billing.utbms import load
from autotime.billing.values import text_of
from autotime.domain.books import Client, Code, Matter, Thing
from autotime.domain.doors import BooksPage, Pulled
from autotime.domain.people import Timekeeper

WEEK = 7 * 86_400
OVERLAP = 900
"""Seconds that are read again: no two clocks agree, and a change may be seen later than it is dated."""

FURTHEST = 10_000
"""Records after which a list ends that is not read by a cursor."""

BY_ID = {"order": "id(asc)"}

Record = dict[str, Any]
Noun = Client | Matter | Code | Timekeeper


@dataclass(frozen=True, slots=True)
class Part:
    """``noun`` makes ours of a record (``None``: it is not for us); ``ValueError`` says what is wrong with one."""

    name: str
    path: str
    fields: str
    kind: Thing
    noun: Callable[[Record], Noun | None]
    asks: Mapping[str, str] = field(default_factory=dict)
    changes: bool = False


def pull(site: Site, cursors: Mapping[str, str]) -> Iterator[BooksPage]:
    for part in PARTS:
        yield from _part(site, part, cursors.get(part.name, ""))
    twice: list[str] = []
    yield from _part(site, codes_of(_enabled(site), twice), "")
    if twice:
        told = f"in more than one set that is on, and taken from the first: {', '.join(twice)}"
        yield BooksPage("sets", bad=(f"{told}; switch a set off in Clio to use the other",))
    yield from _part(site, MATTERS, cursors.get(MATTERS.name, ""))
    yield from _settings(site)


def _settings(site: Site) -> Iterator[BooksPage]:
    """What a person is told of the firm's own settings. Who may not see them is told nothing."""
    answer = site.read("settings/billing.json", {"fields": "rounding"}, ok=(403, 404))
    step = data_of(answer).get("rounding") if answer.status == 200 else None
    if isinstance(step, int) and step > 1:
        told = f"Clio's bills are in steps of {step} minutes: time approved in other steps is billed otherwise"
        yield BooksPage("settings", bad=(f"{told} (increment_minutes)",))


def _part(site: Site, part: Part, cursor: str) -> Iterator[BooksPage]:
    eyes = site.me if part is MATTERS else ""
    since, whole_at = _opening(cursor, site.now(), eyes) if part.changes else ("", "")
    asks = {"fields": part.fields, **part.asks, **({"updated_since": since} if since else {})}
    begun, count = 0.0, 0
    for page in site.pages(part.path, asks):
        begun = begun or site.now()
        count += len(page.records)
        cut = "order" not in part.asks and page.last and count >= FURTHEST
        things, bad = _read(part, page.records)
        things, untold = completed(site, things, page.records) if part is MATTERS else (things, ())
        bad += (f"Clio lists no more than {FURTHEST:,} of them",) if cut else ()
        after = f"{_stamp(begun - OVERLAP)}/{whole_at or _stamp(begun)}/{eyes}" if page.last and part.changes else ""
        yield BooksPage(part.name, things, after, whole=page.last and not since and not cut, bad=bad)
        if untold:
            yield BooksPage("rates", bad=untold)


def _opening(cursor: str, now: float, eyes: str) -> tuple[str, str]:
    """From when on changes are read (nothing: all), and when all was last read, by whose eyes."""
    since, whole_at, whose = (*cursor.split("/"), "", "", "")[:3]
    try:
        fresh = (
            whose == eyes
            and now - datetime.fromisoformat(whole_at).timestamp() < WEEK
            and bool(datetime.fromisoformat(since))
        )
    except ValueError:
        fresh = False
    return (since, whole_at) if fresh else ("", "")


def _read(part: Part, records: list[Any]) -> tuple[tuple[Pulled, ...], tuple[str, ...]]:
    things, bad = [], []
    for record in records:
        try:
            noun = part.noun(record)
            if noun is not None:
                things.append(Pulled(part.kind, id_of(record), noun, text_of(record, "etag")))
        except (ValueError, AttributeError, TypeError) as odd:
            bad.append(f"{named(record)}: {odd if type(odd) is ValueError else 'it cannot be read'}")
    return tuple(things), tuple(bad)


# -- codes -----------------------------------------------------------------------------------------


def codes_of(sets: Mapping[int, str], twice: list[str]) -> Part:
    """UTBMS codes of the sets that are in use there. Expenses are not time. A code is told once: ``twice`` gets those
    that come again."""
    seen: set[str] = set()
    known = {code.code: code.code_set for code in load()}

    def code_of(record: Record) -> Code | None:
        code, kind, of = text_of(record, "code"), text_of(record, "type"), record.get("utbms_set_id")
        if not code:
            raise ValueError("it has no code")
        if kind not in ("UtbmsTask", "UtbmsActivity") or not isinstance(of, int) or of not in sets:
            return None
        if code in seen:
            twice.append(code)
            return None
        seen.add(code)
        usual = "activity" if kind == "UtbmsActivity" else sets[of]
        return Code(code, text_of(record, "name") or code, known.get(code, usual))

    return Part("codes", "utbms/codes.json", "id,etag,code,name,type,utbms_set_id", Thing.CODE, code_of, BY_ID)


def _enabled(site: Site) -> dict[int, str]:
    """Sets that are in use, by id, with a word for each."""
    pages = site.pages("utbms/sets.json", {"fields": "id,name,enabled", **BY_ID})
    rows = [row for page in pages for row in page.records if isinstance(row, dict) and row.get("enabled") is True]
    return {int(id_of(row)): text_of(row, "name").casefold() for row in rows}


PARTS = (
    Part(
        "users",
        "users.json",
        "id,etag,name,first_name,last_name,email,initials,rate",
        Thing.TIMEKEEPER,
        timekeeper_of,
        BY_ID,
    ),
    Part(
        "clients",
        "contacts.json",
        "id,etag,name,primary_email_address,secondary_email_address,primary_phone_number,secondary_phone_number,"
        "ledes_client_id",
        Thing.CLIENT,
        client_of,
        {"client_only": "true", **BY_ID},
        changes=True,
    ),
    Part("categories", "activity_descriptions.json", "id,etag,name", Thing.ACTIVITY, category_of, {"type": "clio"}),
)
MATTERS = Part(
    "matters",
    "matters.json",
    "id,etag,display_number,description,status,client_reference,billing_method,client{id},practice_area{name},"
    "custom_rate{type,rates}",
    Thing.MATTER,
    matter_of,
    BY_ID,
    changes=True,
)


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
