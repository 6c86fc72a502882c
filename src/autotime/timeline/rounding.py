"""Worked seconds to billed minutes: once per entry, never per piece of evidence."""

from __future__ import annotations

from autotime.domain.policy import Rounding


def billed_minutes(worked_seconds: int, increment_minutes: int, rounding: str) -> int:
    """Up to the next increment, or under ``exact`` to the next whole minute. Zero stays zero."""
    increment = 1 if rounding == Rounding.EXACT else increment_minutes
    return -(-worked_seconds // (increment * 60)) * increment
