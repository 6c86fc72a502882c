"""Hours, and what became of an entry, as people read them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from autotime.domain.amounts import money

if TYPE_CHECKING:
    from autotime.billing.payload import Payload
    from autotime.billing.picking import PushLine


def hours(minutes: int) -> str:
    return f"{Decimal(minutes) / 60:.2f} h"


def entry_line(line: PushLine, payload: Payload | None) -> str:
    """One entry's outcome, with day, matter, hours and money where they are known."""
    reason = f": {line.reason}" if line.reason else ""
    return f"{line.entry_id}: {line.state.replace('_', ' ')}{_about(payload)}{reason}"


def _about(payload: Payload | None) -> str:
    """Day, matter, hours and money of one entry."""
    from autotime.billing.payload import amount_of

    if payload is None:
        return ""
    costs = money(amount_of(payload), str(payload["currency"]))
    return f", {payload['day']}, {payload['matter'] or 'no matter'}, {hours(int(payload['billed_minutes']))}, {costs}"
