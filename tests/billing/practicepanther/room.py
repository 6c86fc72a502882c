"""A firm in a PracticePanther of its own, and the adapter before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autotime.billing.practicepanther.biller import PracticePantherBiller
from autotime.domain.books import Key, Thing
from autotime.domain.doors import Keys
from autotime.testing.server import Asked
from autotime.testing.systems.practicepanther import PracticePanther
from autotime.testing.systems.signed import signed_in
from autotime.testing.systems.wire import Clock, Fate, Wire, writes
from tests.billing.payloads import DAY, payload

__all__ = ["DAY", "TARGET", "Room", "payload", "room"]

TARGET = "practicepanther"


@dataclass
class Room:
    """``panther`` holds Ada (AOK), Bo (BLI), two open matters and a closed one, and an item for A103."""

    panther: PracticePanther
    clock: Clock
    wire: Wire
    ada: dict[str, Any]
    bo: dict[str, Any]
    client: dict[str, Any]
    matter: dict[str, Any]
    other: dict[str, Any]
    closed: dict[str, Any]
    item: dict[str, Any]

    @property
    def keys(self) -> Keys:
        named = (
            (Thing.TIMEKEEPER, "AOK", self.ada),
            (Thing.TIMEKEEPER, "BLI", self.bo),
            (Thing.CLIENT, "NORTH", self.client),
            (Thing.MATTER, "2026-001", self.matter),
            (Thing.MATTER, "2026-002", self.other),
            (Thing.MATTER, "2026-009", self.closed),
            (Thing.ACTIVITY, "A103", self.item),
        )
        return Keys.of(TARGET, (Key(TARGET, kind, key, record["id"]) for kind, key, record in named))

    def biller(self, mapping: Mapping[str, Mapping[str, Any]] | None = None, **more: Any) -> PracticePantherBiller:
        seams = {"sleep": self.clock.sleep, "wall": self.clock, "carrier": self.wire, **more}
        return PracticePantherBiller(signed_in(), self.keys, mapping, **seams)

    def sent(self) -> list[Asked]:
        """The writes that set out."""
        return [one for one in self.wire.asked if writes(one)]

    def asked(self, path: str) -> list[Asked]:
        return [one for one in self.wire.asked if one.path == f"/api/v2/{path}"]


def room(plan: Iterable[Fate] = (), clock: Clock | None = None) -> Room:
    clock = clock or Clock()
    panther = PracticePanther(clock)
    client = panther.account("Northwind Mills, Inc.", number=17)
    return Room(
        panther=panther,
        clock=clock,
        wire=Wire(panther.answer, clock, plan),
        ada=panther.user("Ada", "Okafor", "ada@okafor.example"),
        bo=panther.user("Bo", "Lindqvist", "bo@okafor.example"),
        client=client,
        matter=panther.matter("Northwind v. Harrow", number=1042, account=client),
        other=panther.matter("Warehouse lease", number=1043, account=client),
        closed=panther.matter("Old lease", number=900, account=client, status="Closed"),
        item=panther.item("Draft/revise", "A103", rate=400.0),
    )
