# ruff: noqa: S101 - this is a test suite, shipped inside the package
"""What ``BillerContract`` must be told of a billing system, and the odd answers it gives in the system's name."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Protocol

import pytest

from autotime.domain.delivery import Remote
from autotime.domain.doors import Biller, Payload
from autotime.domain.errors import AutotimeError, InDoubt, NotDelivered, Refused, SignInNeeded
from autotime.testing.server import Asked, Reply
from autotime.testing.systems.wire import Clock, Fate, Wire, writes
from autotime.web import Carrier

SECRET = "Quillfeather"  # noqa: S105 - no password: a word of a narrative
"""A word that no error may show."""

NARRATIVE = f"Telephone conference with {SECRET} on the draft answer"
ELSEWHERE = "elsewhere.example"
MANY = 7

ECHO = {
    "status": 422,
    "message": f"rejected: {NARRATIVE}",
    "description": NARRATIVE,
    "error": {"type": "ArgumentError", "message": f"rejected: {NARRATIVE}"},
    "errors": [{"title": "invalid", "detail": NARRATIVE}, NARRATIVE],
}
"""A refusal in many manners, each with the words of what was refused."""

PAGE = Reply(f"<html><body>{NARRATIVE}</body></html>".encode(), kind="text/html")
NUMBERED = {str(status): Reply(ECHO, status) for status in (400, 401, 403, 404, 409, 410, 412, 422, 500, 502, 503, 504)}
ANSWERS: dict[str, Reply] = {
    **NUMBERED,
    "403 page": Reply(PAGE.body, 403, kind="text/html"),
    "429": Reply(ECHO, 429, {"Retry-After": "30"}),
    "429 bare": Reply(ECHO, 429),
    "302": Reply(b"", 302, {"Location": f"https://{ELSEWHERE}/entries"}),
    "200 page": PAGE,
    "200 page called JSON": Reply(PAGE.body),
    "200 cut": Reply(b'{"data": [{"id": 17, "da'),
    "200 status inside": Reply(ECHO),
    "200 null": Reply(b"null"),
    "200 number": Reply(b"17"),
    "200 text": Reply(b'"done"'),
    "200 nothing known": Reply({}),
}
"""What a server may answer in the place of the right answer."""

PROVES: dict[str, type[AutotimeError]] = {
    **dict.fromkeys(("400", "403", "404", "409", "410", "412", "422"), Refused),
    "401": SignInNeeded,
    **dict.fromkeys(("403 page", "429", "429 bare"), NotDelivered),
}
"""What each means for a write; all others are doubt."""

FATES: dict[Fate, type[AutotimeError]] = {fate: InDoubt for fate in Fate if fate is not Fate.OK} | {
    Fate.TOO_MANY: NotDelivered
}


class StandIn(Protocol):
    """A system in memory; ``entries`` as it holds them."""

    entries: Any

    def answer(self, asked: Asked) -> Reply: ...


@dataclass(frozen=True, slots=True)
class Tried:
    """One adapter wired to one stand-in."""

    system: Any
    wire: Wire
    clock: Clock
    biller: Biller

    def held(self) -> list[Any]:
        return list(self.system.entries)

    def sent(self, is_write: Callable[[Asked], bool]) -> list[Asked]:
        return [one for one in self.wire.asked if is_write(one)]


class BillerSource:
    """Subclass ``BillerContract``, which is one of these, and say what follows. ``without`` gives a reason for each
    switch the system has no such thing for: ``bill edit expire closed pages missing_rate codes``.

    ``matters`` and ``timekeepers`` are two of each that the system knows, by our keys, ``closed`` a matter that is
    closed there. ``listing``: requests that one listing of one page costs. ``proves`` overrides what an answer to a
    write means for this system; ``times`` are the fields that hold an entry's time, ``ids`` those that hold ids.
    """

    without: ClassVar[Mapping[str, str]] = {}
    matters: tuple[str, str] = ("2026-001", "2026-002")
    timekeepers: tuple[str, str] = ("AOK", "BLI")
    closed = "2026-009"
    listing = 1
    proves: ClassVar[Mapping[str, type[AutotimeError] | tuple[type[AutotimeError], ...]]] = {}
    times = frozenset({"seconds", "hours", "quantity", "duration", "Duration"})
    ids = frozenset({"id", "Id"})

    # -- to be said -------------------------------------------------------------------------------

    def stand_in(self, clock: Clock) -> StandIn:
        raise NotImplementedError

    def biller(self, carrier: Carrier, clock: Clock) -> Biller:
        """Signed in; made with ``sleep=clock.sleep, wall=clock, carrier=carrier``."""
        raise NotImplementedError

    def held(self, entry: Any) -> Mapping[str, Any]:
        """An entry of the stand-in by the names of ``told``. Usually: flat, a field of a field as ``matter.id``."""
        return flat(entry)

    def id_of(self, entry: Any) -> str:
        return str(entry["id"])

    def is_write(self, asked: Asked) -> bool:
        return writes(asked)

    # -- switches ---------------------------------------------------------------------------------

    def bill(self, system: Any, wanted: str) -> None:
        """Puts an entry on a bill."""
        system.bill(wanted)

    def edit(self, system: Any, wanted: str) -> None:
        """Somebody changes an entry there: it has another version."""
        raise NotImplementedError

    def expire(self, system: Any) -> None:
        """The access token is not taken any more; it can be renewed."""
        system.expire()

    def pages(self, system: Any) -> None:
        """A listing comes two at a time."""
        system.page = 2

    # -- for the promises -------------------------------------------------------------------------

    @pytest.fixture(autouse=True)
    def nobody_waits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An adapter waits by the ``sleep`` it is given."""

        def slept(_seconds: float) -> None:
            raise AssertionError("it slept by the machine's own clock")

        monkeypatch.setattr(time, "sleep", slept)

    def needs(self, switch: str) -> None:
        if switch in self.without:
            pytest.skip(self.without[switch])

    def tried(
        self, plan: Iterable[Fate] = (), answer: Callable[[StandIn, Asked], Reply | None] = lambda _system, _asked: None
    ) -> Tried:
        """An adapter before a new stand-in. ``answer`` comes first and may leave it to the stand-in."""
        clock = Clock()
        system = self.stand_in(clock)
        wire = Wire(lambda asked: answer(system, asked) or system.answer(asked), clock, plan, counts=self.is_write)
        return Tried(system, wire, clock, self.biller(wire, clock))

    def payload(self, number: int = 1, /, **changes: str | int) -> Payload:
        """An entry that the system can hold; each number has a narrative of its own."""
        return {
            "entry": f"e{number:016x}",
            "revision": 1,
            "day": "2026-03-02",
            "timekeeper": self.timekeepers[0],
            "timekeeper_last": "Okafor",
            "timekeeper_first": "Ada",
            "timekeeper_email": "ada@firm.example",
            "classification": "PARTNR",
            "client": "NORTH",
            "client_name": "Northwind Mills, Inc.",
            "client_ledes_id": "NORTH",
            "matter": self.matters[0],
            "matter_name": "Northwind v. Harrow",
            "client_matter_id": "NW-77",
            "code_set": "litigation",
            "fee_type": "hourly",
            "task_code": "",
            "activity_code": "",
            "narrative": f"{NARRATIVE} no. {number}",
            "worked_seconds": 2_000,
            "billed_minutes": 36,
            "increment_minutes": 6,
            "rounding": "up",
            "billing": "billable",
            "travel": 0,
            "late": "",
            "rate": "450",
            "currency": "USD",
            **changes,
        }

    def created(self, tried: Tried, *payloads: Payload) -> list[str]:
        """The system's ids of what was created."""
        return [tried.biller.create(payload).id for payload in payloads]

    def entry(self, tried: Tried, wanted: str) -> Any:
        return next((one for one in tried.held() if self.id_of(one) == wanted), None)

    def is_as_told(self, tried: Tried, wanted: str, payload: Payload) -> None:
        held, told = self.held(self.entry(tried, wanted)), tried.biller.told(payload)
        odd = [name for name, value in told.items() if plain(held.get(name)) != plain(value)]
        assert not odd, f"it was told {odd}, and the system holds something else"

    def is_read(self, asked: Asked) -> bool:
        """A question that is no sign-in."""
        return is_signed(asked) and not self.is_write(asked)

    def there(self, tried: Tried, payload: Payload) -> Remote:
        """An entry that was created, as it is read back."""
        there = tried.biller.read(tried.biller.create(payload).id)
        assert there is not None
        return there

    def several(self) -> list[Payload]:
        """Entries of three days and two matters."""
        days = ("2026-03-02", "2026-03-03", "2026-03-05")
        return [self.payload(number, day=days[number % 3], matter=self.matters[number % 2]) for number in range(MANY)]

    def answered(self, name: str, when: Callable[[Asked], bool]) -> Tried:
        """An adapter that gets this answer to all such requests."""
        reply = ANSWERS[name]
        return self.tried(answer=lambda _, asked: reply if when(asked) else None)

    def says_enough_and_no_more(self, trouble: AutotimeError, tried: Tried) -> None:
        """What happened, without a word of a client's or a secret."""
        told = f"{trouble} {trouble!r} {trouble.hint} {trouble.kept}"
        tokens = {one.headers.get("authorization", "").rpartition(" ")[2] for one in tried.wire.asked}
        assert str(trouble).strip()
        assert SECRET not in told
        assert not any(token and token in told for token in tokens)


def flat(entry: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in entry.items():
        inner = isinstance(value, Mapping)
        found |= flat(value, f"{prefix}{name}.") if inner else {f"{prefix}{name}": value}
    return found


def plain(value: Any) -> str | Decimal:
    """A value so that it equals itself in another type."""
    if isinstance(value, bool) or value is None:
        return str(value).lower() if value is not None else ""
    try:
        return Decimal(str(value)).normalize() if str(value).strip() == str(value) else str(value)
    except InvalidOperation:
        return str(value)


def damaged(reply: Reply, harm: Callable[[str, Any], Any]) -> Reply:
    """An answer with other values in some fields: ``harm`` says which, by name; a field that becomes ``...`` is
    left out."""

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(one) for one in value]
        if not isinstance(value, dict):
            return value
        news = {name: harm(name, walk(one)) for name, one in value.items()}
        return {name: one for name, one in news.items() if one is not ...}

    if not reply.bytes() or "json" not in reply.kind:
        return reply
    return Reply(walk(json.loads(reply.bytes())), reply.status, reply.headers, reply.kind)


def elsewhere(reply: Reply, home: Iterable[str]) -> Reply:
    """The same answer, with every link leading to another host."""
    body, headers = reply.bytes(), dict(reply.headers)
    for host in home:
        body = body.replace(host.encode(), ELSEWHERE.encode())
        headers = {name: value.replace(host, ELSEWHERE) for name, value in headers.items()}
    return Reply(body, reply.status, headers, reply.kind)


def cases(*groups: Mapping[str, Any]) -> list[Any]:
    """Parameters with their names."""
    return [pytest.param(value, id=name) for group in groups for name, value in group.items()]


def is_signed(asked: Asked) -> bool:
    return "authorization" in asked.headers
