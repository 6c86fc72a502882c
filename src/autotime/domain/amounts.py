"""Money as people read it, and what entries come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Total:
    """``amounts`` by currency; ``unpriced``: entries whose rate is not known, which are in no amount."""

    entries: int = 0
    minutes: int = 0
    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    unpriced: int = 0


def money(amount: Decimal | None, currency: str) -> str:
    return "no rate is known" if amount is None else f"{amount:,} {currency}".rstrip()


def moneys(amounts: Mapping[str, Decimal]) -> str:
    """Sums by currency: different ones are never added."""
    return " and ".join(money(amount, currency) for currency, amount in amounts.items()) or "0.00"
