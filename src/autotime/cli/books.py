"""books import, pull, check, merge, list."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autotime.cli.common import AsJson, Config, DryRun, Who, office, print_json, progress_bar, say, tell
from autotime.domain.errors import Misused

if TYPE_CHECKING:
    from autotime.steps.books import PulledBooks

SHOWN = 25
"""Notes and findings of one kind that people are shown; programs get all."""


def register(app: typer.Typer) -> None:
    books = typer.Typer(help="The firm's clients, matters and people.", no_args_is_help=True)
    books.command("import")(books_import)
    books.command("pull")(books_pull)
    books.command("check")(books_check)
    books.command("merge")(books_merge)
    books.command("list")(books_list)
    app.add_typer(books, name="books")


def books_import(
    file: Annotated[Path | None, typer.Argument(help="Matters as CSV.", show_default=False)] = None,
    timekeepers: Annotated[Path | None, typer.Option("--timekeepers", help="Timekeepers as CSV.")] = None,
    config: Config = None,
    timekeeper: Who = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Read matters and timekeepers from CSV; a second import updates by key."""
    from autotime import pipeline

    with office(config, timekeeper) as here:
        if dry_run:
            _say_doubts(file, timekeepers)
        report = pipeline.import_books(here, file, timekeepers, dry_run=dry_run)
    if as_json:
        print_json({name: asdict(counts) for name, counts in report.items()})
        return
    for name, counts in report.items():
        tell(f"{name}: {counts.added} added, {counts.updated} updated, {counts.unchanged} unchanged")
    say("next: autotime suggest" if not dry_run else "nothing was written")


def _say_doubts(file: Path | None, timekeepers: Path | None) -> None:
    """A dry run tells every problem, and what an import would only pass over."""
    from autotime import pipeline

    problems, warnings = pipeline.look_at_books(file, timekeepers)
    for line in (*problems, *warnings):
        say(line)
    if problems:
        raise Misused(f"{len(problems)} to correct", kept="nothing was imported", hint="correct it and import it again")


def books_pull(
    system: Annotated[str, typer.Argument(help="clio, practicepanther, mycase or timesolv.")],
    everything: Annotated[bool, typer.Option("--everything", help="All of it, not only what changed since.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Go on where a list has suddenly halved.")] = False,
    config: Config = None,
    timekeeper: Who = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Read people, clients, matters, codes and rates from a billing system: what changed since the last pull."""
    from autotime import pipeline

    with office(config, timekeeper) as here, pipeline.alone(here), progress_bar(as_json) as progress:
        source = pipeline.books_source(here, system)
        report = pipeline.pull_books(here, source, progress, everything=everything, yes=yes, dry_run=dry_run)
    if as_json:
        print_json(asdict(report))
    else:
        _tell_pulled(report)


def _tell_pulled(report: PulledBooks) -> None:
    for kind, words in report.counts.items():
        tell(f"{kind}: " + ", ".join(f"{count:,} {word}" for word, count in words.items()))
    if not report.counts:
        tell(f"{report.system}: nothing has changed")
    for note in report.notes[:SHOWN]:
        say(note)
    if more := len(report.notes[SHOWN:]) + report.more_notes:
        say(f"… and {more:,} more (--json)")
    say("nothing was written" if report.dry_run else "next: autotime books check")


def books_check(config: Config = None, timekeeper: Who = "", as_json: AsJson = False) -> None:
    """What looks wrong in the books, each with what can be done about it. Changes nothing."""
    from autotime import pipeline

    with office(config, timekeeper) as here:
        findings = pipeline.check_books(here)
    if as_json:
        print_json([asdict(finding) for finding in findings])
        return
    told: Counter[str] = Counter()
    for finding in findings:
        told[finding.kind] += 1
        if told[finding.kind] <= SHOWN:
            tell(f"{finding.says}\n    → {finding.proposal}")
    for kind, count in told.items():
        if count > SHOWN:
            say(f"… and {count - SHOWN:,} more of {kind.replace('_', ' ')} (--json)")
    say(f"{len(findings):,} to look at" if findings else "nothing looks wrong")


def books_merge(
    keep: Annotated[str, typer.Argument(help="The client that stays.")],
    other: Annotated[str, typer.Argument(help="The client that is the same.")],
    undo: Annotated[bool, typer.Option("--undo", help="Take this merge back.")] = False,
    config: Config = None,
    timekeeper: Who = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Make two clients one: matters and keys move, and no pull brings the other back."""
    from autotime import pipeline

    with office(config, timekeeper) as here, pipeline.alone(here):
        if undo:
            done = pipeline.undo_merge(here, keep, other, dry_run=dry_run)
        else:
            done = pipeline.merge_clients(here, keep, other, dry_run=dry_run)
    if as_json:
        print_json(asdict(done))
        return
    for note in done.notes:
        say(note)
    for number in done.matters:
        tell(f"{number} → {other if undo else done.keep}")
    back = f"taken back by: autotime books merge {done.keep} {other} --undo"
    say("nothing was written" if dry_run else f"{other} is a client of its own again" if undo else back)


def books_list(config: Config = None, timekeeper: Who = "", as_json: AsJson = False) -> None:
    """The matters the books hold."""
    with office(config, timekeeper) as here:
        books = here.store.books.load()
    if as_json:
        print_json([asdict(matter) for matter in books.matters.values()])
        return
    for matter in books.matters.values():
        tell(f"{matter.number}  {matter.name}  ({books.client_of(matter).name or matter.client or 'no client'})")
