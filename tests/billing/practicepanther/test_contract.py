"""The adapter keeps what every adapter promises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from autotime.billing.practicepanther.biller import PracticePantherBiller
from autotime.domain.doors import Biller
from autotime.testing.biller_source import flat
from autotime.testing.billers import BillerContract
from autotime.testing.systems.practicepanther import PracticePanther
from autotime.testing.systems.signed import signed_in
from autotime.testing.systems.wire import Clock
from autotime.web import Carrier

from .room import room


class TestPracticePanther(BillerContract):
    without: ClassVar = {
        "missing_rate": "without a rate, PracticePanther's own holds",
        "codes": "a task code is any text there; an activity code without an item is dropped, and that is said",
    }
    listing = 2
    """A page, and the empty one that ends the list."""

    def stand_in(self, clock: Clock) -> PracticePanther:
        system = room(clock=clock).panther
        system.guards_closed = True
        return system

    def biller(self, carrier: Carrier, clock: Clock) -> Biller:
        """The records of every room have the same ids."""
        seams = {"sleep": clock.sleep, "wall": clock, "carrier": carrier}
        return PracticePantherBiller(signed_in(), room().keys, **seams)

    def held(self, entry: Any) -> Mapping[str, Any]:
        return {name.removesuffix(".id"): value for name, value in flat(entry).items()}

    def edit(self, system: PracticePanther, wanted: str) -> None:
        system.edit(wanted, hours=0.2)
