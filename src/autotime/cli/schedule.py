"""schedule install, schedule status, schedule remove, schedule check; poll."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autotime.cli.common import AsJson, Config, DryRun, Who, now, print_json, progress_bar, say, settings_of, tell

if TYPE_CHECKING:
    from autotime.operations.schedule import Plan, Scheduler
    from autotime.settings import Settings
    from autotime.steps.nights import Job

Everyone = Annotated[bool, typer.Option("--everyone", help="Every timekeeper of the settings.")]
Using = Annotated[
    str, typer.Option("--using", help="systemd, launchd, windows or cron; left out: by platform.", show_default=False)
]
At = Annotated[str, typer.Option("--at", help="The local time of the nightly run, HH:MM.")]


def register(app: typer.Typer) -> None:
    schedule = typer.Typer(help="The nightly run, by the system's own scheduler.", no_args_is_help=True)
    schedule.command("install")(install)
    schedule.command("status")(status)
    schedule.command("remove")(remove)
    schedule.command("check")(check)
    app.add_typer(schedule, name="schedule")
    app.command()(poll)


def install(
    at: At = "02:17",
    using: Using = "",
    everyone: Everyone = False,
    config: Config = None,
    timekeeper: Who = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Have the system run autotime every night; with document folders, look at them every 5 minutes too.

    It runs once under the scheduler first, and installs nothing if key or store cannot be reached from there.
    """
    from autotime.operations.schedule.installing import install as installed
    from autotime.operations.schedule.installing import recorded
    from autotime.operations.schedule.machine import this_machine

    _, _, plan = _planned(config, timekeeper, everyone, at)
    scheduler = _scheduler(using, "")
    if dry_run:
        _tell_texts(scheduler, plan, as_json)
        return
    record = recorded(plan.home, plan.name)
    before = _scheduler(record["using"], "") if record and record["using"] != scheduler.name else None
    with progress_bar(as_json) as progress:
        notes, found = installed(scheduler, plan, now(), this_machine().sleep, progress, before)
    if as_json:
        print_json({"using": scheduler.name, "name": plan.name, "at": plan.at, "poll": plan.poll, "notes": list(notes)})
    else:
        tell(f"installed with {scheduler.name}: every night at {plan.at}")
        if plan.poll:
            tell("installed: a look at the document folders every 5 minutes")
        for note in notes:
            say(note)
    for account in found["unreadable"]:
        say(f"note: from {scheduler.name}, the folder of «{account}» cannot be read: allow it, or it is not collected")
    say("next: autotime schedule status")


def _planned(config: Path | None, timekeeper: str, everyone: bool, at: str) -> tuple[Settings, Job, Plan]:
    from autotime.settings import config_path
    from autotime.steps import nights, scheduling

    settings = settings_of(config)
    job = nights.job_of(settings, timekeeper, everyone, at)
    return settings, job, scheduling.plan_of(settings, job, config_path(config), everyone)


def _scheduler(using: str, recorded: str) -> Scheduler:
    from autotime.operations.schedule import scheduler
    from autotime.operations.schedule.machine import this_machine

    return scheduler(this_machine(), using or recorded)


def _tell_texts(scheduler: Scheduler, plan: Plan, as_json: bool) -> None:
    texts = scheduler.texts(plan)
    if as_json:
        print_json({"using": scheduler.name, "name": plan.name, "would_write": dict(texts)})
        return
    for place, text in texts.items():
        say(f"would write {place}:")
        for one in text.splitlines():
            tell(one)


def status(
    everyone: Everyone = False,
    config: Config = None,
    timekeeper: Who = "",
    as_json: AsJson = False,
) -> None:
    """Whether it is installed, how the last night went, when the next is due, and what is missed."""
    from autotime.operations.schedule.installing import recorded
    from autotime.steps.scheduling import schedule_standing

    settings, job, plan = _planned(config, timekeeper, everyone or not timekeeper, "")
    told = schedule_standing(settings, job, now())
    record = recorded(plan.home, plan.name)
    told["installed"] = bool(record) and _scheduler("", record["using"] if record else "").installed(plan)
    if as_json:
        print_json(told)
        return
    for line in _status_lines(told, settings.timekeeper(job.timekeepers[0]).zone):
        tell(line)


def _status_lines(told: dict[str, Any], zone: str) -> list[str]:
    from autotime.cli.standing import local_clock

    lines = [f"schedule     {_installed(told)}"]
    last = told["last"]
    lines.append(
        f"last night   {local_clock(last['started'], zone)}: {last['outcome']}" if last else "last night   none yet"
    )
    if told["next"]:
        lines.append(f"next night   {'as soon as it can be' if told['due'] else local_clock(told['next'], zone)}")
    if told["late"]:
        lines.append("late         no night was run for more than two days: was this machine on?")
    if told["misses"]:
        lines.append(f"missed       {told['misses']}; next: autotime schedule install")
    return [*lines, *(f"alert        {alert['said']}; next: {alert['hint']}" for alert in told["alerts"])]


def _installed(told: dict[str, Any]) -> str:
    if not told["scheduled"]:
        return "not installed; next: autotime schedule install"
    if not told["installed"]:
        return f"was installed, but {told['using']} knows nothing of it; next: autotime schedule install"
    return f"every night at {told['at']}, by {told['using']}" + (", documents every 5 minutes" if told["poll"] else "")


def remove(
    using: Using = "", everyone: Everyone = False, config: Config = None, timekeeper: Who = "", as_json: AsJson = False
) -> None:
    """Take all of it out of the scheduler again. What was collected stays.

    With --using, out of that one and of the one it was installed with.
    """
    from autotime.operations.schedule import installing

    _, _, plan = _planned(config, timekeeper, everyone or not timekeeper, "")
    record = installing.recorded(plan.home, plan.name)
    names = dict.fromkeys([*([record["using"]] if record else []), *([using] if using else [])]) or [""]
    schedulers = [_scheduler(name, "") for name in names]  # the one written down first: the record goes with it
    using, had = ", ".join(one.name for one in schedulers), [one.name for one in schedulers if one.installed(plan)]
    for scheduler in schedulers:
        installing.remove(scheduler, plan)
    if as_json:
        print_json({"using": using, "name": plan.name, "removed": bool(had)})
    else:
        say(f"removed from {', '.join(had)}" if had else f"{using} had nothing of it")


def check(
    result: Annotated[Path | None, typer.Option("--result", help="Where to write it, for the scheduler.")] = None,
    everyone: Everyone = False,
    config: Config = None,
    timekeeper: Who = "",
    as_json: AsJson = False,
) -> None:
    """Whether a night could work from where this runs. The scheduler runs it once at installation."""
    from autotime.operations.nightly import write_private
    from autotime.steps import nights
    from autotime.steps.scheduling import checked_from_here

    settings = settings_of(config)
    found = checked_from_here(settings, nights.job_of(settings, timekeeper, everyone), now())
    if result is not None:
        write_private(result, json.dumps(found) + "\n")
    if as_json:
        print_json(found)
    elif found["ok"]:
        tell("key and store can be reached from here")
    else:
        say(f"{found['trouble']}\n  next: {found['hint']}")
    if not found["ok"]:
        raise typer.Exit(1)


def poll(everyone: Everyone = False, config: Config = None, timekeeper: Who = "", as_json: AsJson = False) -> None:
    """Look at the document folders only: what is open, what was saved. For a scheduler, every 5 minutes."""
    from autotime.steps.polling import poll_everyone

    found = poll_everyone(settings_of(config), timekeeper, everyone, now())
    if as_json:
        print_json(found)
        return
    for one in found:
        if one["outcome"] == "looked":
            tell(f"{one['timekeeper']}: {one['new']:,} new, {one['changed']:,} changed")
        if one["trouble"]:
            say(f"{one['timekeeper']}: {one['outcome']}: {one['trouble']}")
