"""How lists are filtered, put in order and cut into pages.

::

    order=id(asc), no offset      a cursor: without end, newcomers move nothing
    any other order               by offset: ends at 10,000
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

from autotime.testing.server import Asked
from autotime.testing.systems.clio.refusals import No
from autotime.testing.systems.clio.shapes import Record

FURTHEST = 10_000
WEST = timedelta(hours=8)
"""The account lives so far west of UTC: a moment asked for is a day there."""


def instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise No(400, "a date and time is malformed") from None
    if found.tzinfo is None:
        raise No(400, "a date and time needs its offset")
    return found


def day(text: str) -> str:
    """A day, or the account's own day at a moment."""
    return text if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else (instant(text).astimezone(UTC) - WEST).date().isoformat()


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def since(query: Mapping[str, str]) -> Callable[[Record], bool]:
    """What ``updated_since`` and ``created_since`` leave."""
    bounds = [
        (f"{name}_at", stamp(instant(query[f"{name}_since"]).timestamp()))
        for name in ("updated", "created")
        if f"{name}_since" in query
    ]
    if not bounds:
        return lambda _record: True
    return lambda record: all(record[name] >= bound for name, bound in bounds)


def ordered(records: Iterable[Record], order: str, allowed: Iterable[str]) -> list[Record]:
    """By ``name(asc)`` or ``name(desc)``; an account's own order is by id."""
    found = re.fullmatch(r"(\w+)\((asc|desc)\)", order or "id(asc)")
    if not found or found[1] not in allowed:
        raise No(400, "order: not a valid order")
    name, backwards = found[1], found[2] == "desc"
    key = itemgetter("id") if name == "id" else itemgetter(name, "id")
    return sorted(records, key=key, reverse=backwards)


def page(records: list[Record], asked: Asked, most: int, largest: int = 0) -> tuple[list[Record], str]:
    """One page, and the whole address of the next one or nothing. ``largest``: it holds no more (0: as asked for)."""
    limit = int(asked.query.get("limit", min(most, 200)))
    if not 1 <= limit <= most:
        raise No(400, f"limit: between 1 and {most}")
    limit = min(limit, largest or limit)
    token = _token(asked.query.get("page_token", ""))
    if asked.query.get("order") == "id(asc)":
        rest = [one for one in records if one["id"] > int(token.get("after", 0))]
        chosen = rest[:limit]
        following = {"after": chosen[-1]["id"]} if len(rest) > limit else {}
    else:
        first = int(token.get("offset", 0))
        chosen = records[first : min(first + limit, FURTHEST)]
        more = first + limit < min(len(records), FURTHEST)
        following = {"offset": first + limit} if more else {}
    return chosen, _link(asked, following) if following else ""


def root_of(asked: Asked) -> str:
    """Scheme and host by which the account was asked."""
    host = asked.headers.get("host", "app.clio.com")
    local = host.split(":")[0] in ("127.0.0.1", "localhost")
    return f"{'http' if local else 'https'}://{host}"


def _link(asked: Asked, following: Mapping[str, Any]) -> str:
    token = base64.urlsafe_b64encode(json.dumps(following).encode()).decode()
    return f"{root_of(asked)}{asked.path}?{urlencode({**asked.query, 'page_token': token})}"


def _token(text: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text)) if text else {}
    except ValueError:
        raise No(400, "page_token: malformed") from None
    return found
