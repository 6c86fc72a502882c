"""The adapter of Clio keeps every promise of a biller."""

from __future__ import annotations

from typing import Any, ClassVar

from autotime.billing.clio.biller import ClioBiller
from autotime.domain.doors import Biller
from autotime.testing import BillerContract
from autotime.testing.systems.clio import Clio
from autotime.testing.systems.signed import signed_in
from autotime.testing.systems.wire import Clock
from autotime.web import Carrier
from tests.billing.clio.room import furnished, keys_of


class TestClio(BillerContract):
    without: ClassVar[dict[str, str]] = {"missing_rate": "Clio prices by its own rates what comes without one"}

    def stand_in(self, clock: Clock) -> Clio:
        return furnished(clock)

    def biller(self, carrier: Carrier, clock: Clock) -> Biller:
        keys = keys_of(furnished(Clock()))
        return ClioBiller(signed_in(), keys, sleep=clock.sleep, wall=clock, carrier=carrier)

    def edit(self, system: Any, wanted: str) -> None:
        system.edit(wanted, note="Changed by a colleague")
