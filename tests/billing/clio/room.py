"""A firm in a Clio account of its own, and the adapter before it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autotime.billing.clio.biller import ClioBiller
from autotime.billing.payload import Payload
from autotime.domain.books import Key, Thing
from autotime.domain.doors import Keys
from autotime.testing.server import Asked
from autotime.testing.systems.clio import Clio
from autotime.testing.systems.signed import signed_in
from autotime.testing.systems.wire import Clock, Fate, Wire, writes
from tests.billing import payloads
from tests.billing.payloads import DAY

__all__ = ["DAY", "Room", "furnished", "keys_of", "payload", "room"]

Record = dict[str, Any]


def furnished(clock: Clock) -> Clio:
    """Ada (AOK) is signed in and has her own rate on one of two open matters; Bo; a closed matter; a category."""
    clio = Clio(clock)
    account = clio.account
    ada, bo = account.user("Ada Okafor", 450.0), account.user("Bo Lindqvist", 320.0)
    client = account.client("Northwind Mills, Inc.", ledes_client_id="NW")["id"]
    account.matter("2026-001", client, "Northwind v. Harrow", client_reference="NW-77")
    account.matter("2026-002", client, "Warehouse lease", rates={ada["id"]: 412.5, bo["id"]: 300.0})
    account.matter("2026-009", client, "Old lease", status="Closed")
    account.category("Conference")
    clio.sign_in.keeps(ada["id"])
    return clio


def keys_of(clio: Clio) -> Keys:
    """What a pull of the books would keep."""
    account = clio.account
    users = {"AOK": "Ada Okafor", "BLI": "Bo Lindqvist"}
    named = [(Thing.TIMEKEEPER, key, _id(account["user"], "name", name)) for key, name in users.items()]
    named += [(Thing.MATTER, one["display_number"], one["id"]) for one in account["matter"].values()]
    named += [(Thing.CODE, one["code"], one["id"]) for one in account["code"].values() if one["code"][0] in "LA"]
    named += [(Thing.ACTIVITY, one["name"], one["id"]) for one in account["category"].values()]
    return Keys.of("clio", (Key("clio", thing, key, str(remote)) for thing, key, remote in named))


def _id(records: Mapping[int, Record], name: str, value: object) -> int:
    return next(number for number, one in records.items() if one[name] == value)


@dataclass
class Room:
    clio: Clio
    clock: Clock
    wire: Wire
    keys: Keys

    def biller(self, mapping: Mapping[str, Mapping[str, Any]] | None = None, **app: Any) -> ClioBiller:
        seams = {"sleep": self.clock.sleep, "wall": self.clock, "carrier": self.wire}
        return ClioBiller(signed_in(**app), self.keys, mapping, **seams)

    def id(self, thing: Thing, key: str) -> int:
        return int(self.keys.remote(thing, key))

    @property
    def ada(self) -> int:
        return self.id(Thing.TIMEKEEPER, "AOK")

    @property
    def bo(self) -> int:
        return self.id(Thing.TIMEKEEPER, "BLI")

    def matter(self, number: str) -> int:
        return self.id(Thing.MATTER, number)

    def code(self, code: str) -> int:
        return self.id(Thing.CODE, code)

    def sent(self) -> list[Asked]:
        """The writes that set out."""
        return [one for one in self.wire.asked if writes(one)]

    def reads(self, path: str = "") -> list[Asked]:
        return [one for one in self.wire.asked if one.method == "GET" and path in one.path]

    def only(self) -> Record:
        """The only entry there."""
        (entry,) = self.clio.entries
        return entry


def room(plan: Iterable[Fate] = ()) -> Room:
    clock = Clock()
    clio = furnished(clock)
    return Room(clio, clock, Wire(clio.answer, clock, plan), keys_of(clio))


def payload(number: int = 1, **changes: str | int) -> Payload:
    return payloads.payload(number, **{"timekeeper_email": "ada@firm.example", **changes})
