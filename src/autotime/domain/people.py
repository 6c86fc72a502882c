"""Whose time it is, and who acts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Timekeeper:
    """One person whose time is kept.

    ``zone`` is an IANA name; ``zone_from`` lists later zones with the local date each begins,
    ascending. ``classification`` is a LEDES 2014 code (``PARTNR``, ``ASSOC``, ``PARALG`` …).
    ``rate`` is money per hour in the firm's currency, where no matter says otherwise.
    """

    id: str
    last: str
    first: str = ""
    emails: tuple[str, ...] = ()
    classification: str = ""
    rate: Decimal | None = None
    zone: str = "UTC"
    zone_from: tuple[tuple[date, str], ...] = field(default=())

    def zone_on(self, day: date) -> str:
        """The zone the timekeeper lived in on that local day."""
        current = self.zone
        for begins, zone in self.zone_from:
            if begins <= day:
                current = zone
        return current

    @property
    def initials(self) -> str:
        return (self.first[:1] + self.last[:1]).upper()


@dataclass(frozen=True, slots=True)
class Principal:
    """On whose behalf a store is opened (``timekeeper``) and who acts (``actor``, perhaps a delegate)."""

    timekeeper: str
    actor: str
