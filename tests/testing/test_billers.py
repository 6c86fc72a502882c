"""The adapter of the ledger keeps every promise of a biller."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

from autotime.domain.books import Key, Thing
from autotime.domain.doors import Biller, Keys
from autotime.testing import BillerContract
from autotime.testing.systems import ledger_biller
from autotime.testing.systems.ledger import Ledger
from autotime.testing.systems.ledger_biller import LedgerBiller
from autotime.testing.systems.signed import signed_in
from autotime.testing.systems.wire import Clock
from autotime.web import Carrier

NAMES = {
    Thing.TIMEKEEPER: {"AOK": "U1", "BLI": "U2"},
    Thing.MATTER: {"2026-001": "M1", "2026-002": "M2", "2026-009": "M9"},
}
KEYS = Keys.of(
    "ledger", [Key("ledger", thing, ours, theirs) for thing, names in NAMES.items() for ours, theirs in names.items()]
)


class TestLedger(BillerContract):
    without: ClassVar[dict[str, str]] = {
        "missing_rate": "the ledger has rates of its own",
        "codes": "the ledger takes any task code",
    }

    def stand_in(self, clock: Clock) -> Ledger:
        return Ledger(clock)

    def biller(self, carrier: Carrier, clock: Clock) -> Biller:
        return LedgerBiller(signed_in(), KEYS, sleep=clock.sleep, wall=clock, carrier=carrier)

    def edit(self, system: Any, wanted: str) -> None:
        system.edit(wanted, seconds=60)


def test_the_guide_quotes_what_is_there() -> None:
    """Every piece of Python of its part about systems stands in the adapter or in this file."""
    root = Path(__file__).parents[2]
    guide = (root / "docs" / "how-to" / "add-a-biller.md").read_text("utf-8").partition("## A billing system")[2]
    pieces = re.findall(r"^```python\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    there = Path(__file__).read_text("utf-8") + Path(str(ledger_biller.__file__)).read_text("utf-8")
    assert len(pieces) == 2
    assert all(piece in there for piece in pieces)
