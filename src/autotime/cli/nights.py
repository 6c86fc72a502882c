"""What runs without anybody watching: the night of one timekeeper or of all."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from autotime.cli.common import now, print_json, progress_bar, say, settings_of, tell
from autotime.domain.errors import AlreadyRunning
from autotime.operations.stopping import TERMINATED, asked_to_stop

if TYPE_CHECKING:
    from autotime.office import Office
    from autotime.pipeline import Outcome, Progress, Ran
    from autotime.settings import Settings
    from autotime.steps.nights import Job


def run_the_night(config: Path | None, timekeeper: str, everyone: bool, at: str, at_once: int, as_json: bool) -> None:
    """Once a logical day; again and again the same until that is done. Exit 0, 1, or 143 where it was stopped."""
    from autotime.steps import nights

    settings, began = settings_of(config), now()
    job = nights.job_of(settings, timekeeper, everyone, at, at_once)
    try:
        with nights.one_night(settings, job, began) as due:
            report = _night(settings, job, began, as_json) if due else nights.not_due(settings, job, began)
    except AlreadyRunning as busy:
        report = {"outcome": "already running", "trouble": str(busy), "exit_code": 0}
    if as_json:
        print_json(report)
    else:
        _tell_night(report)
    if report["outcome"] == "stopped":
        _leave_behind(TERMINATED)
    if report["exit_code"]:
        raise typer.Exit(1)


def _night(settings: Settings, job: Job, began: int, as_json: bool) -> dict[str, Any]:
    from autotime.steps import nights

    with asked_to_stop() as stop, progress_bar(as_json) as progress:
        return nights.night(settings, job, began, _work, clock=now, progress=progress, stop=stop)


def _work(office: Office, progress: Progress) -> dict[str, object]:
    from autotime import pipeline

    return pipeline.run(office, progress).told()


def _tell_night(report: dict[str, Any]) -> None:
    """What is not due is said where a person asks; a scheduler that looks every hour is told nothing."""
    if report["outcome"] == "not due":
        if sys.stderr.isatty():
            say(f"not due: the last night was that of {report['last']['date']}; the next is due at {report['next']}")
            say("  next: autotime run, to collect now")
        return
    if "timekeepers" not in report:
        say(f"{report['outcome']}: {report['trouble']}\n  kept: nothing was changed by this one")
        say("  next: autotime status")
        return
    tell(f"night of {report['date']}: {report['outcome']}")
    for person in report["timekeepers"]:
        new = sum(source["new"] for source in person["collected"])
        tell(f"{person['timekeeper']}: {person['outcome']}, {new:,} new, {person['suggestions']:,} suggestions")
        _say_trouble(person["timekeeper"], person["trouble"], person["hint"])
        for billing in person["billing"]:
            _say_trouble(f"{person['timekeeper']}: {billing['target']}", billing["trouble"], billing["hint"])
        for source in person["collected"]:
            where = f"{person['timekeeper']}: {source['account']}"
            _say_trouble(where, source["trouble"], source["hint"])
            for gap in source["gaps"]:
                _say_trouble(where, f"{gap['part']} not collected: {gap['reason']}", gap["hint"])
    if report.get("alerts_failed"):
        say(f"alerts were not sent: {report['alerts_failed']}\n  next: check [alerts] in the settings")


def _say_trouble(where: str, trouble: str, hint: str) -> None:
    if trouble:
        say(f"{where}: {trouble}" + (f"\n  next: {hint}" if hint else ""))


def _leave_behind(code: int) -> None:
    """Ends the command. A thread that waits for a network is not waited for: nothing of it was stored."""
    from autotime.steps.everyone import still_at_work

    if still_at_work():
        sys.stdout.flush()
        os._exit(code)
    raise typer.Exit(code)


def run_everyone(config: Path | None, at_once: int, as_json: bool) -> None:
    """All timekeepers by hand: no report, no due check. Exit 1 where one of them needs a person."""
    from autotime import pipeline
    from autotime.cli.collecting import tell_ran

    with progress_bar(as_json) as progress:
        outcomes = pipeline.run_everyone(settings_of(config), now(), at_once, progress)
    if as_json:
        print_json([_shown(outcome) for outcome in outcomes])
    else:
        for outcome in outcomes:
            tell(outcome.timekeeper + (":" if outcome.done else f": {outcome.trouble}"))
            if outcome.done:
                tell_ran(outcome.done)
            elif outcome.hint:
                say(f"  next: {outcome.hint}")
    if not all(_is_well(outcome) for outcome in outcomes):
        raise typer.Exit(1)


def _shown(outcome: Outcome[Ran]) -> dict[str, object]:
    told = outcome.done.told() if outcome.done else {}
    return {"timekeeper": outcome.timekeeper, "trouble": outcome.trouble, "hint": outcome.hint, **told}


def _is_well(outcome: Outcome[Ran]) -> bool:
    if outcome.done is None:
        return outcome.busy
    return all(not report.trouble or report.sign_in_needed for report in outcome.done.collected)
