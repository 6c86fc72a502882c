"""A night: everybody's work, its report, and who must hear of what."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from autotime.domain.progress import Progress, silent
from autotime.office import Office
from autotime.operations import alerts, nightly, telling
from autotime.operations.commands import Commands, system
from autotime.operations.health import Source, health_of, readings_of
from autotime.operations.lock import one_run
from autotime.settings import Settings
from autotime.steps.billing_standing import held, lapses
from autotime.steps.everyone import Outcome, for_each

Work = Callable[[Office, Progress], Mapping[str, Any]]
"""Collects and drafts; returns ``collected``, ``days``, ``suggestions`` and ``billing`` as ``pipeline.Ran.told``."""


@dataclass(frozen=True, slots=True)
class Job:
    """What runs at night: for whom (``who`` is empty for everybody, or the only one), and when."""

    timekeepers: tuple[str, ...]
    who: str = ""
    at: str = nightly.USUAL
    at_once: int = 4


@dataclass(frozen=True, slots=True)
class Worked:
    """What one timekeeper's night gave, and what stands in the store after it."""

    told: Mapping[str, Any]
    submissions: Mapping[str, int] = field(default_factory=dict)
    lapses: Mapping[str, int] = field(default_factory=dict)
    given: Mapping[Source, int] = field(default_factory=dict)
    held: int = 0


def job_of(settings: Settings, timekeeper: str, everyone: bool, at: str = "", at_once: int = 4) -> Job:
    """``Misused`` where several timekeepers are configured and none is chosen."""
    at = nightly.checked_time(at or nightly.USUAL)
    names = tuple(person.id for person in settings.timekeepers)
    if everyone and names:
        return Job(names, "", at, at_once)
    who = settings.timekeeper(timekeeper).id
    return Job((who,), who if len(names) > 1 else "", at, at_once)


def zone_on(settings: Settings, job: Job) -> nightly.ZoneOn:
    """The zone whose days a job's nights are counted in: that of its first timekeeper."""
    zone: nightly.ZoneOn = settings.timekeeper(job.timekeepers[0]).zone_on
    return zone


def is_due(settings: Settings, job: Job, now: int) -> bool:
    """Also where the last night failed and its next attempt has come."""
    report = nightly.last_report(settings.home, job.who, now)
    last = nightly.seconds_of(report["started"]) if report else 0
    again = nightly.again_at(report) if report else 0
    return 0 < again <= now or nightly.is_due(now, last, job.at, zone_on(settings, job))


@contextmanager
def one_night(settings: Settings, job: Job, now: int) -> Iterator[bool]:
    """Holds the lock of this job's nights; yields whether this one is still due. ``AlreadyRunning`` where
    another holds it: its night is not over before its report is written."""
    with one_run(settings.home / "locks" / f"night{job.who and f'.{job.who}'}.lock", now):
        yield is_due(settings, job, now)


def night(
    settings: Settings,
    job: Job,
    now: int,
    work: Work,
    *,
    clock: Callable[[], int],
    progress: Progress = silent,
    stop: threading.Event | None = None,
    commands: Commands = system,
) -> dict[str, Any]:
    """Does the work of a night and returns its report, which is then on the disk too.

    A timekeeper who was another run's already keeps it from being finished: the next look at the clock finds it
    still due. Where all were, nothing is written.
    """

    def worked(office: Office, told: Progress) -> Worked:
        done = work(office, told)
        return Worked(done, office.store.submissions.counts(), _lapses(office), _given(office), held(office))

    people = job.timekeepers
    outcomes = for_each(settings, people, now, worked, at_once=job.at_once, progress=progress, stop=stop)
    day = nightly.served_by(now, job.at, zone_on(settings, job))
    report = _report(settings, job, day, now, clock(), outcomes)
    if report["outcome"] == "already running":
        return report
    if report["outcome"] != "stopped":
        report |= _alerted(settings, now, outcomes, commands)
    nightly.write_report(settings.home, day, job.who, report)
    return report


def _report(
    settings: Settings, job: Job, day: date, now: int, ended: int, outcomes: Sequence[Outcome[Worked]]
) -> dict[str, Any]:
    people = [_told(outcome) for outcome in outcomes]
    words = [person["outcome"] for person in people]
    before = nightly.last_run(settings.home, job.who, now)
    earlier = nightly.earlier_attempts(settings.home, day, job.who)
    finished = not {"stopped", "already running"} & set(words)
    missed = nightly.missed(now, before, job.at, zone_on(settings, job))
    return {
        "date": day.isoformat(),
        "started": nightly.clock(now),
        "finished": nightly.clock(ended) if finished else None,
        "attempts": earlier["attempts"] + finished,
        "missed_nights": max(missed, earlier["missed_nights"]),
        "outcome": _worst(words),
        "exit_code": nightly.exit_code(words),
        "timekeepers": people,
    }


WORST = ("stopped", "failed", "incomplete", "already running", "sign-in needed", "done")


def _worst(words: Sequence[str]) -> str:
    """What a glance must see. That somebody's run was at work elsewhere matters only where nobody's was done."""
    some = [word for word in words if word != "already running"] or list(words)
    return min(some, key=WORST.index)


def _told(outcome: Outcome[Worked]) -> dict[str, Any]:
    done = outcome.done.told if outcome.done else {}
    return {
        "timekeeper": outcome.timekeeper,
        "outcome": _word(outcome),
        "trouble": outcome.trouble,
        "hint": outcome.hint,
        "collected": done.get("collected", []),
        "days": done.get("days", []),
        "suggestions": done.get("suggestions", 0),
        "billing": done.get("billing", []),
    }


def _word(outcome: Outcome[Worked]) -> str:
    if outcome.done is not None:
        return nightly.outcome_of(outcome.done.told["collected"])
    return "already running" if outcome.busy else "stopped" if outcome.stopped else "failed"


# -- alerts ---------------------------------------------------------------------------------------


def _alerted(settings: Settings, now: int, outcomes: Sequence[Outcome[Worked]], commands: Commands) -> dict[str, Any]:
    """Alerts never fail the run: what stands, and why it could not be said."""
    chosen = settings.alerts
    ways = telling.Ways(
        chosen.command, chosen.mail_to, chosen.mail_from, chosen.smtp_host, chosen.smtp_port, chosen.starttls
    )
    limits = alerts.Limits(chosen.days_without_success, chosen.workdays_without_items, chosen.days_before_sign_in_ends)
    nights = [_night(outcome) for outcome in outcomes if not outcome.busy]
    path = settings.home / "reports" / "alerts.json"
    try:
        standing, trouble = alerts.after_the_night(
            nights, path, now, limits, lambda due: telling.told(due, ways, commands)
        )
    except Exception as broken:  # noqa: BLE001 - the night's work is done and stored, whatever alerts meet
        return {"alerts": [], "alerts_failed": f"alerts met a defect ({type(broken).__name__})"}
    return {"alerts": [asdict(alert) for alert in standing], "alerts_failed": trouble}


def _night(outcome: Outcome[Worked]) -> alerts.Night:
    done = outcome.done
    if done is None:
        return alerts.Night(outcome.timekeeper, failure=outcome.kind)
    billing = done.told.get("billing", ())
    return alerts.Night(
        outcome.timekeeper, done.told["collected"], done.submissions, done.lapses, done.given, billing, done.held
    )


def _lapses(office: Office) -> dict[str, int]:
    """When the sign-in of each account and of each billing system ends, where that is known."""
    return lapses(office) | {
        account: health["lapses_at"] for (account, _), health in health_of(office.store, _sources(office)).items()
    }


def _given(office: Office) -> dict[Source, int]:
    """How many items each source ever gave: to a night, a poll, or a run by hand."""
    return {source: reading.items for source, reading in readings_of(office.store, _sources(office)).items()}


def _sources(office: Office) -> list[Source]:
    return [(source.account, source.type) for source in office.settings.sources_of(office.timekeeper.id)]


# -- for the status -------------------------------------------------------------------------------


LAST = ("date", "started", "finished", "attempts", "outcome", "exit_code")


def standing(settings: Settings, job: Job, now: int) -> dict[str, Any]:
    """What monitoring needs of the nights, without opening a store."""
    report = nightly.last_report(settings.home, job.who, now)
    again = nightly.again_at(report) if report else 0
    following = nightly.next_slot(now, job.at, zone_on(settings, job))
    return {
        "last": report and {key: report.get(key) for key in LAST},
        "alerts": report.get("alerts", []) if report else [],
        "alerts_failed": report.get("alerts_failed", "") if report else "",
        "due": is_due(settings, job, now),
        "next": nightly.clock(min(again, following) if again > now else following),
    }


def not_due(settings: Settings, job: Job, now: int) -> dict[str, Any]:
    """What a call that came too early, or again, is answered."""
    return {"outcome": "not due", "exit_code": 0, **standing(settings, job, now)}
