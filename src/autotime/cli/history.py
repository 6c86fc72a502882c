"""history import, forget."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autotime.cli.common import AsJson, Config, DryRun, Who, a_date, office, print_json, progress_bar, say, tell
from autotime.domain.errors import Misused

if TYPE_CHECKING:
    from autotime.office import Office
    from autotime.steps.history import HistoryRead

SHOWN = 25
"""Bad rows that people are shown; programs get all."""

From = Annotated[date | None, typer.Option("--from", parser=a_date, metavar="YYYY-MM-DD", help="The first day.")]
To = Annotated[date | None, typer.Option("--to", parser=a_date, metavar="YYYY-MM-DD", help="The last day.")]


def register(app: typer.Typer) -> None:
    history = typer.Typer(help="What was filed or billed before.", no_args_is_help=True)
    history.command("import")(history_import)
    history.command("forget")(history_forget)
    app.add_typer(history, name="history")


def history_import(
    source: Annotated[
        str, typer.Argument(help="clio, practicepanther, mycase, timesolv, ledes or csv.", show_default=False)
    ] = "",
    files: Annotated[list[Path] | None, typer.Argument(help="Files, for ledes and csv.", show_default=False)] = None,
    first: From = None,
    last: To = None,
    folders: Annotated[bool, typer.Option("--folders", help="Learn from mail filed in folders by matter.")] = False,
    mapping: Annotated[
        Path | None, typer.Option("--map", help="CSV with columns folder, matter, where names differ.")
    ] = None,
    config: Config = None,
    timekeeper: Who = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Time that stands in billing already, to show beside what is suggested; or mail filed by matter, to learn from."""
    from autotime import pipeline

    if not (folders or source):
        raise Misused("nothing to import from", hint="autotime history import clio, or --folders")
    with office(config, timekeeper) as here, pipeline.alone(here):
        if folders:
            _folders(here, mapping, dry_run, as_json)
        else:
            _entries(here, source, files or [], first, last, dry_run, as_json)


def _folders(here: Office, mapping: Path | None, dry_run: bool, as_json: bool) -> None:
    from autotime import pipeline

    report = pipeline.learn_from_folders(here, mapping, dry_run=dry_run)
    if as_json:
        print_json(asdict(report))
        return
    for folder, (matter, count) in sorted(report.learned.items()):
        tell(f"{folder} → {matter}: {count:,} messages")
    for folder, count in sorted(report.unknown.items()):
        say(f"{folder}: {count:,} messages, no matter of that name (--map FILE.csv)")
    say("next: autotime suggest" if not dry_run else "nothing was learned")


def _entries(
    here: Office, source: str, files: list[Path], first: date | None, last: date | None, dry_run: bool, as_json: bool
) -> None:
    report = _read(here, source, files, first, last, dry_run, as_json)
    if as_json:
        print_json(asdict(report))
        return
    tell(f"{report.read:,} entries of {report.target} read, {report.stored:,} new or changed")
    hours = report.seconds / 3600
    others = f", {report.others:,} of other people" if report.others else ""
    tell(f"{hours:,.1f} h; left out: {report.ours:,} that autotime delivered{others}")
    if report.unknown:
        say(f"{report.unknown:,} are of matters the books do not have (autotime books pull, autotime books check)")
    if report.hidden:
        say(f"{report.hidden:,} are of unknown length and count as none")
    if report.gone:
        say(f"{report.gone:,} are not there any more")
    for line in report.bad[:SHOWN]:
        say(line)
    if (more := len(report.bad) - SHOWN) > 0:
        say(f"… and {more:,} more (--json)")
    say("nothing was written" if dry_run else "next: autotime review")


def _read(
    here: Office, source: str, files: list[Path], first: date | None, last: date | None, dry_run: bool, quiet: bool
) -> HistoryRead:
    from autotime import pipeline

    if source in ("ledes", "csv") and not files:
        raise Misused("no file to import", hint=f"autotime history import {source} FILE")
    if source == "ledes":
        return pipeline.import_invoices(here, files, dry_run=dry_run)
    if source == "csv":
        if len(files) > 1:
            raise Misused("csv history comes from one file at a time", hint="autotime history import csv FILE.csv")
        return pipeline.import_sheet(here, files[0], dry_run=dry_run)
    if files:
        raise Misused(f"{source} is asked over the network, it takes no file", hint=f"autotime history import {source}")
    with progress_bar(quiet) as progress:
        found = pipeline.history_source(here, source)
        return pipeline.import_history(here, found, first, last, progress, dry_run=dry_run)


def history_forget(
    target: Annotated[str, typer.Argument(help="Where it was imported from: clio, ledes, csv …")],
    first: From = None,
    last: To = None,
    config: Config = None,
    timekeeper: Who = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take imported time out again, of some days or all. Billing itself is not touched."""
    from autotime import pipeline

    with office(config, timekeeper) as here, pipeline.alone(here):
        count = pipeline.forget_history(here, target, first, last, dry_run=dry_run)
    if as_json:
        print_json({"target": target, "forgotten": count, "dry_run": dry_run})
    else:
        tell(f"{count:,} entries of {target} {'would be ' if dry_run else ''}forgotten")
