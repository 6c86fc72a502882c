"""The invented firm as a MyCase holds it, and an adapter wired to it in memory."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from autotime.billing.mycase.biller import MyCaseBiller
from autotime.billing.payload import Payload, payload_of
from autotime.domain.books import Key, Thing
from autotime.domain.doors import Connection, Keys
from autotime.testing.server import Asked, Reply
from autotime.testing.systems.mycase import MyCase
from autotime.testing.systems.signed import signed_in
from autotime.testing.systems.wire import Clock, Fate, Wire, writes
from tests.billing.firm import BOOKS, TIMEKEEPER, entry


class World:
    """Ada (AOK) and Bo, the firm's three matters, and a fourth that is closed. ``exchanges`` is all that was asked
    and answered."""

    def __init__(self, plan: Iterable[Fate] = (), clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.mycase = MyCase(self.clock)
        self.ada = self.mycase.employ("Ada", "Okafor", "ada@okafor.example", 450.0)
        self.bo = self.mycase.employ("Bo", "Lindqvist", "bo@okafor.example", 300.0)
        self.mills = self.mycase.company("Northwind Mills, Inc.", "desk@northwind.example")
        self.cases = {
            "2026-001": self.mycase.open("Northwind v. Harrow", "2026-001", companies=(self.mills,)),
            "2026-002": self.mycase.open("Warehouse lease", "2026-002", staff={self.ada["id"]: "412.5"}),
            "2026-003": self.mycase.open("Imprint licence", "2026-003"),
            "2026-009": self.mycase.open("Old matter", "2026-009", status="closed"),
        }
        self.exchanges: list[tuple[Asked, Reply]] = []
        self.wire = Wire(self.answer, self.clock, plan, counts=is_write)
        self.connection = connection_to(self.mycase, self.clock)

    def answer(self, asked: Asked) -> Reply:
        reply = self.mycase.answer(asked)
        self.exchanges.append((asked, reply))
        return reply

    @property
    def keys(self) -> Keys:
        cases = [Key("mycase", Thing.MATTER, number, str(case["id"])) for number, case in self.cases.items()]
        staff = {"AOK": self.ada, "BLI": self.bo}
        people = [Key("mycase", Thing.TIMEKEEPER, name, str(one["id"])) for name, one in staff.items()]
        return Keys.of("mycase", [*people, *cases])

    def biller(self, mapping: Mapping[str, Mapping[str, Any]] | None = None, keys: Keys | None = None) -> MyCaseBiller:
        return MyCaseBiller(
            self.connection,
            self.keys if keys is None else keys,
            mapping,
            sleep=self.clock.sleep,
            wall=self.clock,
            carrier=self.wire,
        )

    def asked(self, method: str = "GET") -> list[Asked]:
        return [asked for asked in self.wire.asked if asked.method == method]


def is_write(asked: Asked) -> bool:
    """Whether a request changes something. A sign-in is JSON here."""
    return writes(asked) and asked.path != "/tokens"


def connection_to(mycase: MyCase, clock: Clock, **app: Any) -> Connection:
    """Somebody has signed in just now."""
    told, now = mycase.grant(), int(clock())
    made = signed_in(told["access_token"], told["refresh_token"], now + told["expires_in"], **app)
    made.vault.save(json.dumps({**json.loads(made.vault.load()), "used": now}))
    return made


def payload(number: int = 1, **changes: Any) -> Payload:
    """What billing is told of an entry of the firm; ``changes`` are fields of the entry, or of the payload."""
    named = {name: changes.pop(name) for name in ("rate", "travel", "late") if name in changes}
    return payload_of(entry(number, **changes), BOOKS, TIMEKEEPER) | named
