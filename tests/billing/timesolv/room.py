"""An account of TimeSolv, and the adapter before it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from autotime.billing.timesolv.biller import TimeSolvBiller
from autotime.domain.books import Key, Thing
from autotime.domain.doors import Connection, Keys
from autotime.testing.server import Asked
from autotime.testing.systems.signed import Kept
from autotime.testing.systems.timesolv import TimeSolv
from autotime.testing.systems.wire import Clock, Wire

KEYS = Keys.of("timesolv", [Key("timesolv", Thing.TIMEKEEPER, "AOK", "501")])
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
SECRET = "client-secret"
SIGNED_IN = {"secret": SECRET, "code": "code-1", "back": "http://127.0.0.1/callback", "access_token": "old"}


class Room:
    """An account, a biller whose person has signed in, and the wire between them."""

    def __init__(self, projects: dict[str, str] | None = None, **kept: Any) -> None:
        self.clock = Clock()
        self.account = TimeSolv(self.clock)
        self.wire = Wire(self.account.answer, self.clock, counts=lambda _: False)
        self.vault = Kept(json.dumps(SIGNED_IN | kept))
        connection = Connection(self.vault, Kept(), {"client_id": "client-1", "projects": projects or {}})
        self.biller = TimeSolvBiller(connection, KEYS, sleep=self.clock.sleep, wall=self.clock, carrier=self.wire)

    def pulled(self) -> dict[str, list[Any]]:
        parts: dict[str, list[Any]] = {}
        for page in self.biller.pull({}):
            parts.setdefault(page.part, []).extend([*(one.noun for one in page.things), *page.bad])
        return parts

    def cards(self, user: str = "501") -> list[Any]:
        return [card for page in self.biller.history(user, *MARCH) for card in page.found]

    def card(self, day: str = "2026-03-04", **fields: Any) -> None:
        usual = {"Date": day, "FirmUserId": 501, "ProjectId": 817, "Duration": 1.5, "TotalAmount": 675}
        usual |= {"BillableStatus": "Billable", "TimeCardStatus": "New", "Notes": "Draft answer"}
        self.account.add("TimeCards", **(usual | fields))


def searches(room: Room) -> list[Asked]:
    return [asked for asked in room.wire.asked if not asked.path.endswith("Token")]
