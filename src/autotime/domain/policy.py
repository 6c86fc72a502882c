"""The firm's rules of timekeeping."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Rounding(StrEnum):
    UP = "up"
    EXACT = "exact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Increment in minutes; everything else in seconds unless its name says otherwise.

    ``increment_minutes`` and ``rounding`` are what the fee agreement says; ``minimum`` is the least
    worked time that is proposed at all. ``send_cap`` bounds what one sent mail can account for,
    ``save_cap`` what one document save can without recorded editing time. ``day_warning_hours`` is the
    day total above which a person must look twice; ``long_entry`` the worked time above which an entry
    is never accepted unseen. ``reading_offer_minutes`` is what an offer for received mail adds when a
    person states it was read. ``late_days`` and ``reconstructed_days``: an entry drafted longer after
    the work says so. ``words_per_minute_writing`` and ``words_per_minute_reading`` are the cold-start
    speeds. ``one_entry_per_matter_day``: the matter-day is the entry, rounded once; its tasks are parts.
    """

    increment_minutes: int = 6
    rounding: Rounding = Rounding.UP
    minimum: int = 60
    send_cap: int = 1800
    save_cap: int = 600
    day_warning_hours: int = 14
    long_entry: int = 3 * 3600
    reading_offer_minutes: int = 6
    late_days: int = 7
    reconstructed_days: int = 30
    words_per_minute_writing: int = 25
    words_per_minute_reading: int = 200
    one_entry_per_matter_day: bool = False
