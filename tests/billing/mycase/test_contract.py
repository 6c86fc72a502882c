"""The adapter keeps every promise of a biller."""

from __future__ import annotations

from typing import Any, ClassVar

from autotime.billing.mycase.biller import MyCaseBiller
from autotime.domain.doors import Biller, Payload
from autotime.testing import BillerContract
from autotime.testing.server import Asked
from autotime.testing.systems.mycase import MyCase
from autotime.testing.systems.wire import Clock
from autotime.web import Carrier

from .world import World, connection_to, is_write


class TestMyCase(BillerContract):
    without: ClassVar[dict[str, str]] = {"codes": "MyCase takes any name for an activity"}

    def stand_in(self, clock: Clock) -> MyCase:
        self.world = World(clock=clock)
        return self.world.mycase

    def biller(self, carrier: Carrier, clock: Clock) -> Biller:
        connection = connection_to(self.world.mycase, clock)
        return MyCaseBiller(connection, self.world.keys, sleep=clock.sleep, wall=clock, carrier=carrier)

    def payload(self, number: int = 1, /, **changes: str | int) -> Payload:
        """MyCase takes no entry without an activity."""
        return super().payload(number, **{"activity_code": "A106", **changes})

    def is_write(self, asked: Asked) -> bool:
        return is_write(asked)

    def bill(self, system: MyCase, wanted: str) -> None:
        system.bill(self.of(system, wanted))

    def edit(self, system: MyCase, wanted: str) -> None:
        system.touch(self.of(system, wanted), hours=0.1)

    def expire(self, system: MyCase) -> None:
        system.end()

    def of(self, system: MyCase, wanted: str) -> dict[str, Any]:
        return next(one for one in system.entries if str(one["id"]) == wanted)
