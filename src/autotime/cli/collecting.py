"""collect, suggest, run, quarantine."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autotime.cli.common import (
    AsJson,
    Config,
    MaybeDay,
    Who,
    a_date,
    office,
    print_json,
    progress_bar,
    say,
    tell,
)
from autotime.domain.errors import Misused

if TYPE_CHECKING:
    from autotime.office import Office
    from autotime.pipeline import Collected, Ran

Account = Annotated[str, typer.Option("--account", help="Only this source.", show_default=False)]
Last = Annotated[
    date | None, typer.Option("--to", parser=a_date, metavar="YYYY-MM-DD", help="To this day, from --date.")
]


def register(app: typer.Typer) -> None:
    app.command()(collect)
    app.command()(suggest)
    app.command()(run)
    quarantine = typer.Typer(help="Items that could not be read.", no_args_is_help=True)
    quarantine.command("list")(quarantine_list)
    quarantine.command("retry")(quarantine_retry)
    app.add_typer(quarantine, name="quarantine")


def collect(config: Config = None, timekeeper: Who = "", account: Account = "", as_json: AsJson = False) -> None:
    """Read what is new in every source. Reading twice stores nothing twice."""
    from autotime import pipeline

    with office(config, timekeeper) as here, pipeline.alone(here), progress_bar(as_json) as progress:
        _known(here, account)
        collected = pipeline.collect(here, progress, account)
    if as_json:
        print_json([asdict(report) for report in collected])
    else:
        _tell_collected(collected)
    _fail_if_incomplete(collected)


def _known(here: Office, account: str) -> None:
    accounts = [source.account for source in here.settings.sources_of(here.timekeeper.id)]
    if account and account not in accounts:
        raise Misused(f"no source «{account}»", hint=f"one of: {', '.join(accounts) or '(none configured)'}")
    if not accounts:
        say("no sources are configured. next: add a [[sources]] table, see config.example.toml")


def _tell_collected(collected: list[Collected]) -> None:
    for report in collected:
        tell(
            f"{report.account}: {report.new:,} new, {report.changed:,} changed, {report.unchanged:,} known"
            + (f", {report.withdrawn:,} withdrawn" if report.withdrawn else "")
            + (f", {report.quarantined:,} quarantined (autotime quarantine list)" if report.quarantined else "")
        )
        for gap in report.gaps:
            say(
                f"{report.account}: {gap.part} not collected: {gap.reason}"
                + (f"\n  next: {gap.hint}" if gap.hint else "")
            )
        if report.sign_in_needed:
            say(f"{report.account}: sign-in needed: {report.trouble}")
            say(f"  kept: all that was stored before; the other sources were read\n  next: {report.hint}")
        elif report.trouble:
            say(f"{report.account}: not collected: {report.trouble}")
            say("  kept: all that was stored before; the next run goes on from there")
            if report.hint:
                say(f"  next: {report.hint}")


def _fail_if_incomplete(collected: list[Collected]) -> None:
    """Missing data is «not collected», never «no work»: a run that missed a source must not look done. A
    sign-in that is needed stands in the status until somebody signs in, and fails no run."""
    if any(report.trouble and not report.sign_in_needed for report in collected):
        raise typer.Exit(1)


def suggest(
    config: Config = None,
    timekeeper: Who = "",
    day: MaybeDay = None,
    last: Last = None,
    everything: Annotated[bool, typer.Option("--all", help="Every day with evidence.")] = False,
    as_json: AsJson = False,
) -> None:
    """Draft time entries for the days whose evidence or books have changed (or those named)."""
    from autotime import pipeline
    from autotime.review.words import counted

    with office(config, timekeeper) as here, pipeline.alone(here), progress_bar(as_json) as progress:
        if everything:
            pipeline.mark_all_stale(here)
        drafted = pipeline.suggest(here, _days(day, last), progress)
    counts = {drawn.isoformat(): _counts(items) for drawn, items in sorted(drafted.items())}
    if as_json:
        print_json(counts)
        return
    for drawn, told in list(counts.items())[-14:]:
        tell(f"{drawn}: {counted(told['suggestions'], 'suggestion')}, {told['minutes']} min")
    if len(counts) > 14:
        tell(f"and {counted(len(counts) - 14, 'earlier day')}")
    if not counts:
        say("nothing new to draft. next: autotime review")


def _days(first: date | None, last: date | None) -> list[date] | None:
    if first is None:
        return None
    return [first + timedelta(days=n) for n in range(((last or first) - first).days + 1)]


def _counts(items: list[Any]) -> dict[str, int]:
    timed = [item for item in items if item.seconds]
    return {"suggestions": len(timed), "minutes": sum(item.seconds for item in timed) // 60}


def run(
    config: Config = None,
    timekeeper: Who = "",
    everyone: Annotated[bool, typer.Option("--everyone", help="Every timekeeper, each into an own store.")] = False,
    at_once: Annotated[int, typer.Option("--at-once", help="How many timekeepers at once.", min=1)] = 4,
    nightly: Annotated[
        bool, typer.Option("--nightly", help="As a scheduler calls it: once a day at most, and a report is left.")
    ] = False,
    at: Annotated[str, typer.Option("--at", help="The local time of the nightly run, HH:MM.", show_default=False)] = "",
    as_json: AsJson = False,
) -> None:
    """The nightly job: collect everything, then draft what changed."""
    from autotime.cli import nights

    if nightly:
        nights.run_the_night(config, timekeeper, everyone, at, at_once, as_json)
    elif everyone:
        nights.run_everyone(config, at_once, as_json)
    else:
        _run_one(config, timekeeper, as_json)


def _run_one(config: Path | None, timekeeper: str, as_json: bool) -> None:
    from autotime import pipeline

    with office(config, timekeeper) as here, pipeline.alone(here), progress_bar(as_json) as progress:
        report = pipeline.run(here, progress)
    if as_json:
        print_json(report.told())
    else:
        tell_ran(report)
    _fail_if_incomplete(report.collected)


def tell_ran(report: Ran) -> None:
    from autotime.review.words import counted

    _tell_collected(report.collected)
    for looked in report.billing:
        for state, number in looked.changed.items():
            tell(f"{looked.target}: {counted(number, 'entry', 'entries')} {state.replace('_', ' ')}")
        if looked.trouble:
            say(f"{looked.target}: {looked.trouble}\n  next: {looked.hint or 'autotime run, later'}")
    tell(f"drafted: {counted(report.suggestions, 'suggestion')} on {counted(len(report.days), 'day')}")


def quarantine_list(config: Config = None, timekeeper: Who = "", as_json: AsJson = False) -> None:
    """What could not be read, and why."""
    with office(config, timekeeper) as here:
        rows = here.store.quarantine.all()
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    for row in rows:
        tell(f"{row.account}  {row.key}  {row.reason}")
    if not rows:
        say("nothing is quarantined")


def quarantine_retry(
    config: Config = None, timekeeper: Who = "", account: Account = "", as_json: AsJson = False
) -> None:
    """Read the quarantined items' sources again from the start."""
    from autotime import pipeline

    with office(config, timekeeper) as here, pipeline.alone(here), progress_bar(as_json) as progress:
        _known(here, account)
        collected = pipeline.retry_quarantined(here, progress, account)
    if as_json:
        print_json([asdict(report) for report in collected])
    else:
        _tell_collected(collected)
        if not collected:
            say("nothing is quarantined")
    _fail_if_incomplete(collected)
