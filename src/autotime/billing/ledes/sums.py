"""The money of one line: exact, half up to the cent.

::

    net   = round(units × rate) + adjustment      the adjustment takes time at no charge back to zero
    tax   = round(net × tax rate)                 only where the kind has a field for it
    total = net + tax
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from autotime.billing.payload import CENT, FINEST, amount_of, hours_of, rate_of, text
from autotime.domain.work import Billing

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Sums:
    """``base`` is units × rate, to four decimals."""

    hours: Decimal
    rate: Decimal
    base: Decimal
    adjustment: Decimal
    net: Decimal
    tax: Decimal

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


def sums_of(payload: Mapping[str, object], tax_rate: Decimal = ZERO) -> Sums:
    hours, rate = hours_of(payload), rate_of(payload) or ZERO
    base = (hours * rate).quantize(FINEST, ROUND_HALF_UP)
    free = text(payload, "billing") == Billing.NO_CHARGE
    net = amount_of(payload) or ZERO
    return Sums(hours, rate, base, -base if free else ZERO, net, (net * tax_rate).quantize(CENT, ROUND_HALF_UP))
