"""Hours and money as people read them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal


def hours(minutes: int) -> str:
    return f"{Decimal(minutes) / 60:.2f} h"


def money(amount: Decimal | None, currency: str) -> str:
    return "no rate is known" if amount is None else f"{amount:,} {currency}".rstrip()


def moneys(amounts: Mapping[str, Decimal]) -> str:
    """Sums by currency: different ones are never added."""
    return " and ".join(money(amount, currency) for currency, amount in amounts.items()) or "0.00"
