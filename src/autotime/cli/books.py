"""books import, history import."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from autotime.cli.common import AsJson, Config, DryRun, Who, office, print_json, say, tell


def register(app: typer.Typer) -> None:
    books = typer.Typer(help="The firm's clients, matters and people.", no_args_is_help=True)
    books.command("import")(books_import)
    books.command("list")(books_list)
    app.add_typer(books, name="books")
    history = typer.Typer(help="What was filed or billed before, to learn from.", no_args_is_help=True)
    history.command("import")(history_import)
    app.add_typer(history, name="history")


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
        report = pipeline.import_books(here, file, timekeepers, dry_run=dry_run)
    if as_json:
        print_json({name: asdict(counts) for name, counts in report.items()})
        return
    for name, counts in report.items():
        tell(f"{name}: {counts.added} added, {counts.updated} updated, {counts.unchanged} unchanged")
    say("next: autotime suggest" if not dry_run else "nothing was written")


def books_list(config: Config = None, timekeeper: Who = "", as_json: AsJson = False) -> None:
    """The matters the books hold."""
    with office(config, timekeeper) as here:
        books = here.store.books.load()
    if as_json:
        print_json([asdict(matter) for matter in books.matters.values()])
        return
    for matter in books.matters.values():
        tell(f"{matter.number}  {matter.name}  ({books.client_of(matter).name or matter.client or 'no client'})")


def history_import(
    folders: Annotated[bool, typer.Option("--folders", help="Learn from mail filed in folders by matter.")] = False,
    mapping: Annotated[
        Path | None, typer.Option("--map", help="CSV with columns folder, matter, where names differ.")
    ] = None,
    config: Config = None,
    timekeeper: Who = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Teach the matcher from what was filed before: a folder that names a matter is the answer."""
    from autotime import pipeline
    from autotime.domain.errors import Misused

    if not folders:
        raise Misused("nothing to import from", hint="autotime history import --folders")
    with office(config, timekeeper) as here:
        report = pipeline.learn_from_folders(here, mapping, dry_run=dry_run)
    if as_json:
        print_json(asdict(report))
        return
    for folder, (matter, count) in sorted(report.learned.items()):
        tell(f"{folder} → {matter}: {count:,} messages")
    for folder, count in sorted(report.unknown.items()):
        say(f"{folder}: {count:,} messages, no matter of that name (--map FILE.csv)")
    say("next: autotime suggest" if not dry_run else "nothing was learned")
