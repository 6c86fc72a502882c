"""The schedule of a home: what to put in the scheduler's hands, whether it works from there, how it stands."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import platformdirs

from autotime.domain.errors import AutotimeError
from autotime.office import open_office
from autotime.operations import nightly
from autotime.operations.schedule.installing import recorded
from autotime.operations.schedule.plan import Plan
from autotime.settings import Settings, SourceSettings
from autotime.steps.nights import Job, standing

WITHOUT_POLL = (
    "documents are looked at once a night: only the last save of a day is seen, and of the editing before it "
    "what Word itself counted"
)


def plan_of(settings: Settings, job: Job, config: Path, everyone: bool = False) -> Plan:
    """What is scheduled for a job. The light poll is for those whose documents lie in folders here."""
    everybody = everyone and len(settings.timekeepers) > 1
    who = ("--everyone",) if everybody else ("--timekeeper", job.timekeepers[0])
    return Plan(
        name=plan_name(settings.home, job.who),
        python=sys.executable,
        home=settings.home.absolute(),
        config=config.absolute(),
        who=who,
        at=job.at,
        zone=settings.timekeeper(job.timekeepers[0]).zone,
        poll=any(document_sources(settings, name) for name in job.timekeepers),
    )


def plan_name(home: Path, who: str) -> str:
    """Another home, another schedule; another timekeeper, another too."""
    usual = home.absolute() == Path(platformdirs.user_data_dir("autotime"))
    other = "" if usual else "-" + hashlib.blake2b(os.fsencode(home.absolute()), digest_size=3).hexdigest()
    return f"autotime{other}" + (f"-{who}" if who else "")


def document_sources(settings: Settings, timekeeper: str) -> list[SourceSettings]:
    return [source for source in settings.sources_of(timekeeper) if source.type == "documents"]


def checked_from_here(settings: Settings, job: Job, now: int) -> dict[str, Any]:
    """Whether a night could work from where this runs: the key and the store of each timekeeper, and
    which sources' paths cannot be read."""
    for who in job.timekeepers:
        try:
            open_office(settings, who, now).store.close()
        except AutotimeError as trouble:
            return {"ok": False, "trouble": f"{who}: {trouble}", "hint": trouble.hint, "unreadable": []}
    return {"ok": True, "trouble": "", "hint": "", "unreadable": sorted(set(_unreadable(settings, job)))}


def _unreadable(settings: Settings, job: Job) -> Iterator[str]:
    """Accounts whose folders the scheduler may not enter, as macOS has it until somebody allows it."""
    for who in job.timekeepers:
        for source in settings.sources_of(who):
            told = source.options()
            many = told.get("paths", [])
            named = [*([told["path"]] if "path" in told else []), *([many] if isinstance(many, str) else many)]
            if not all(os.access(Path(str(path)).expanduser(), os.R_OK) for path in named):
                yield source.account


def schedule_standing(settings: Settings, job: Job, now: int) -> dict[str, Any]:
    """What monitoring needs: what was installed, the last night, the next, the alerts, and what is missed.

    No other program is asked; ``autotime schedule status`` asks the scheduler as well.
    """
    record = recorded(settings.home, plan_name(settings.home, job.who))
    nights = standing(settings, _as_recorded(job, record), now)
    documents = any(document_sources(settings, name) for name in job.timekeepers)
    polled = bool(record and record.get("poll"))
    return {
        "scheduled": record is not None,
        "using": record["using"] if record else None,
        "at": record["at"] if record else None,
        "poll": polled,
        "misses": WITHOUT_POLL if documents and not polled else None,
        **nights,
        "next": nights["next"] if record else None,
        "late": _is_late(record, nights, now),
    }


def _as_recorded(job: Job, record: dict[str, Any] | None) -> Job:
    return Job(job.timekeepers, job.who, str(record["at"]), job.at_once) if record else job


def _is_late(record: dict[str, Any] | None, nights: dict[str, Any], now: int) -> bool:
    """Whether a night that should have been is missing for more than a day: is the machine on at all?"""
    if not record:
        return False
    last = nightly.seconds_of(nights["last"]["started"]) if nights["last"] else int(record["installed"])
    return bool(nights["due"]) and now - last > 2 * 86_400
