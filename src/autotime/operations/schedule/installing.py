"""Installing: once under the scheduler first, for what works by day may be out of reach at night."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from autotime.domain.errors import NeedsPerson
from autotime.operations.nightly import write_private
from autotime.operations.schedule.plan import Plan, Scheduler

PATIENCE = 130
"""Seconds for a scheduler to run something: cron begins with a minute."""

STEP = 2
KEPT = "nothing was installed; what was there before is as it was"

OUT_OF_REACH = (
    'set [store] key = "file" and key_file in the settings, then autotime key recover (it asks for the recovery key), '
    "then autotime schedule install"
)

Waiting = Callable[[str, int, int], None]


def install(
    scheduler: Scheduler,
    plan: Plan,
    now: int,
    sleep: Callable[[float], None],
    progress: Waiting,
    before: Scheduler | None = None,
) -> tuple[Sequence[str], Mapping[str, Any]]:
    """Tries, then installs, then writes down what was installed. Returns what a person should know, and
    what was found from there. ``NeedsPerson`` where it would not work, with nothing left behind.

    ``before`` is another scheduler that has it: only one is written down, so it is taken out of that one first.
    """
    found = _tried(scheduler, plan, sleep, progress)
    if not found.get("ok"):
        raise _unreachable(scheduler, found)
    if before is not None:
        remove(before, plan)
    try:
        notes = scheduler.install(plan)
    except BaseException:
        with suppress(NeedsPerson):
            scheduler.remove(plan)
        raise
    record = {"using": scheduler.name, "at": plan.at, "poll": plan.poll, "who": list(plan.who), "installed": now}
    write_private(record_path(plan.home, plan.name), json.dumps(record, indent=1) + "\n")
    return notes, found


def remove(scheduler: Scheduler, plan: Plan) -> None:
    scheduler.end_trial(plan)
    scheduler.remove(plan)
    record_path(plan.home, plan.name).unlink(missing_ok=True)


def record_path(home: Path, name: str) -> Path:
    return home / "schedule" / f"{name}.json"


def recorded(home: Path, name: str) -> dict[str, Any] | None:
    """What was installed, as written down; whether it still is, the scheduler knows."""
    with suppress(OSError, ValueError):
        told = json.loads(record_path(home, name).read_text("utf-8"))
        return told if isinstance(told, dict) and told.get("using") else None
    return None


def _tried(scheduler: Scheduler, plan: Plan, sleep: Callable[[float], None], progress: Waiting) -> Mapping[str, Any]:
    """What the check found when the scheduler ran it; nothing where it never did."""
    result = plan.home / "schedule" / f"{plan.name}.check.json"
    result.unlink(missing_ok=True)
    try:
        scheduler.begin_trial(plan, result)
        return _awaited(result, sleep, progress)
    finally:
        scheduler.end_trial(plan)
        result.unlink(missing_ok=True)


def _awaited(result: Path, sleep: Callable[[float], None], progress: Waiting) -> Mapping[str, Any]:
    for waited in range(0, PATIENCE, STEP):
        with suppress(OSError, ValueError):
            found: Mapping[str, Any] = json.loads(result.read_text("utf-8"))
            return found
        progress("waiting for the scheduler", waited, PATIENCE)
        sleep(STEP)
    return {}


def _unreachable(scheduler: Scheduler, found: Mapping[str, Any]) -> NeedsPerson:
    if not found:
        return NeedsPerson(
            f"{scheduler.name} did not run anything within {PATIENCE} s",
            kept=KEPT,
            hint=f"see that {scheduler.name} is at work on this machine, or choose another with --using",
        )
    trouble = str(found.get("trouble", ""))
    return NeedsPerson(
        f"from {scheduler.name}, it would not work: {trouble}",
        kept=KEPT,
        hint=OUT_OF_REACH if "keyring" in trouble else f"{found.get('hint', '')}, then autotime schedule install",
    )
