"""The night's run: when it is due, and the report it leaves.

One run a logical day: the day's slot is a local clock time, and a run serves the last slot before it.
Days off are served together by the next run, since every collector reads on from where it stopped.
A night that failed is tried again the same day: a laptop wakes before its network does.

::

    02:17          02:17   (off)    02:17   (off)    02:17
      |──run          |               |                |     run──
      └ served        └── missed ─────┴────────────────┴ served by the same run

A clock change neither skips a day nor doubles one: where 02:17 does not exist the slot is the same
stretch after the gap, where it comes twice it is the first.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from autotime.domain.errors import Misused
from autotime.timeline.days import local_date, local_day

EARLY = 600
"""Seconds before its slot at which a run still serves it: timers are not exact."""

USUAL = "02:17"
WHAT_FAILS = ("incomplete", "failed")
"""Outcomes that a person must look into; a sign-in that is needed stands in the status instead."""

ATTEMPTS = 5
PAUSE = 20 * 60
"""How often a night that fails is tried in all, and seconds between the beginnings of the first two attempts.
Each later pause is twice as long as the one before: a server may be away until the morning."""

ZoneOn = Callable[[date], str]


def checked_time(text: str) -> str:
    """``HH:MM``; ``Misused`` otherwise."""
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise Misused("the time of the nightly run is a clock time", hint=f"--at {USUAL}")
    return text


# -- when it is due -------------------------------------------------------------------------------


def slot(day: date, at: str, zone: str) -> int:
    """The UTC second of ``HH:MM`` on a local day. ``ValueError`` for a day that never was."""
    whole = local_day(day, zone)
    wall = datetime.combine(day, time.fromisoformat(at), ZoneInfo(zone))
    return min(max(int(wall.timestamp()), whole.start), whole.end - 1)


def served_by(instant: int, at: str, zone_on: ZoneOn) -> date:
    """The logical day that a run at this instant serves: that of the last slot."""
    return max(day for day, start in _slots(instant, at, zone_on) if start <= instant + EARLY)


def next_slot(now: int, at: str, zone_on: ZoneOn) -> int:
    """The UTC second of the first slot that a run now would not serve."""
    served = served_by(now, at, zone_on)
    return min(start for day, start in _slots(now, at, zone_on) if day > served)


def is_due(now: int, last: int, at: str, zone_on: ZoneOn) -> bool:
    """Whether a slot has come since the last run (0: never). A last run in the future was a wrong clock's."""
    return not 0 < last <= now + EARLY or served_by(now, at, zone_on) > served_by(last, at, zone_on)


def again_at(report: Mapping[str, Any]) -> int:
    """The UTC second from which a finished night is tried again; 0 where it went well, or failed often enough."""
    attempts = max(int(report.get("attempts", 1)), 1)
    if report.get("outcome") not in WHAT_FAILS or attempts >= ATTEMPTS:
        return 0
    return seconds_of(report["started"]) + (PAUSE << (attempts - 1))


def missed(now: int, last: int, at: str, zone_on: ZoneOn) -> int:
    """How many slots before today's had no run since the last one."""
    if not 0 < last <= now:
        return 0
    return max((served_by(now, at, zone_on) - served_by(last, at, zone_on)).days - 1, 0)


def _slots(instant: int, at: str, zone_on: ZoneOn) -> list[tuple[date, int]]:
    """Days around an instant, however far its zone is from UTC, with their slots."""
    around = local_date(instant, "UTC")
    found = []
    for offset in range(-3, 4):
        day = around + timedelta(days=offset)
        with suppress(ValueError):  # Apia had no 30 December 2011
            found.append((day, slot(day, at, zone_on(day))))
    return found


# -- what it leaves -------------------------------------------------------------------------------


def report_path(home: Path, day: date, who: str = "") -> Path:
    """``who`` is empty where one report tells of everybody there is."""
    return home / "reports" / (f"{day.isoformat()}.{who}.json" if who else f"{day.isoformat()}.json")


def write_report(home: Path, day: date, who: str, report: Mapping[str, Any]) -> Path:
    """The night's report, replaced whole, mode 0600."""
    path = report_path(home, day, who)
    write_private(path, json.dumps(report, indent=2, default=str) + "\n")
    return path


def earlier_attempts(home: Path, day: date, who: str) -> dict[str, Any]:
    """What the day's report says of the attempts there were: how many, and how many nights they made up for."""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        report = json.loads(report_path(home, day, who).read_text("utf-8"))
        return {name: int(report.get(name, 0)) for name in ("attempts", "missed_nights")}
    return {"attempts": 0, "missed_nights": 0}


def last_report(home: Path, who: str, now: int) -> dict[str, Any] | None:
    """The report of the last night that was finished by now. One that is damaged is passed over."""
    pattern = "[0-9]" * 4 + "-[0-9][0-9]-[0-9][0-9]" + (f".{who}.json" if who else ".json")
    for path in sorted((home / "reports").glob(pattern), reverse=True):
        with suppress(OSError, ValueError, TypeError, KeyError):
            report: dict[str, Any] = json.loads(path.read_text("utf-8"))
            if report["finished"] and 0 < seconds_of(report["started"]) <= now + EARLY:
                return report
    return None


def last_run(home: Path, who: str, now: int) -> int:
    """The UTC second at which the last finished night began; 0 where there was none."""
    report = last_report(home, who, now)
    return seconds_of(report["started"]) if report else 0


def outcome_of(collected: Sequence[Mapping[str, Any]]) -> str:
    """How the sources of one timekeeper went, in a word or two."""
    troubled = [source for source in collected if source["trouble"]]
    if any(not source["sign_in_needed"] for source in troubled):
        return "incomplete"
    return "sign-in needed" if troubled else "done"


def exit_code(outcomes: Sequence[str]) -> int:
    return int(any(outcome in WHAT_FAILS for outcome in outcomes))


def clock(instant: int) -> str:
    """An instant as reports and programs read it."""
    return datetime.fromtimestamp(instant, UTC).isoformat()


def seconds_of(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def write_private(path: Path, text: str) -> None:
    """Replaces a file whole, mode 0600: a reader sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
