"""audit verify, backup, restore, key recover."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autotime.cli.common import AsJson, Config, Who, confirm, now, office, print_json, say, settings_of, tell

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def register(app: typer.Typer) -> None:
    audit = typer.Typer(help="The record of every decision and delivery.", no_args_is_help=True)
    audit.command("verify")(audit_verify)
    app.add_typer(audit, name="audit")
    app.command()(backup)
    app.command()(restore)
    key = typer.Typer(help="The key that opens the store.", no_args_is_help=True)
    key.command("recover")(key_recover)
    app.add_typer(key, name="key")


def audit_verify(config: Config = None, timekeeper: Who = "", as_json: AsJson = False) -> None:
    """Re-read the whole audit chain and compare it with what the tables say."""
    from autotime import pipeline
    from autotime.review.words import counted

    with office(config, timekeeper) as here:
        report = pipeline.audited(here)
    if as_json:
        print_json({"ok": report.ok, "records": report.records, "problem": report.problem or None})
    else:
        tell(f"{counted(report.records, 'record')}: " + ("whole" if report.ok else report.problem))
    if not report.ok:
        say("next: autotime restore BACKUP, and ask who changed the store")
        raise typer.Exit(1)


def backup(
    file: Annotated[Path, typer.Argument(help="Where the copy goes; encrypted with the same key.")],
    config: Config = None,
    timekeeper: Who = "",
) -> None:
    """Make an encrypted, verified copy of the store."""
    from autotime import office as offices

    with office(config, timekeeper) as here:
        offices.back_up(here, file)
    say(f"backed up: {file}. It opens with the same key; keep the recovery key elsewhere.")


def restore(
    file: Annotated[Path, typer.Argument(help="A copy made by autotime backup.")],
    config: Config = None,
    timekeeper: Who = "",
    yes: Yes = False,
) -> None:
    """Put a verified copy in the store's place; the store that was there is kept beside it.

    On a machine that has no key yet, it asks for the recovery key.
    """
    from autotime import office as offices

    settings = settings_of(config)
    confirm(f"Replace the store of {settings.timekeeper(timekeeper).id} by {file}?", yes)
    recovery = "" if offices.has_key(settings, timekeeper) else _recovery_key()
    kept = offices.put_back(settings, timekeeper, file, now(), recovery)
    say(f"restored from {file}" + (f"; the store before is kept as {kept}" if kept else ""))


def key_recover(config: Config = None, timekeeper: Who = "") -> None:
    """Rebuild the key from the recovery key printed at set-up."""
    from autotime import office as offices

    offices.recover_key(settings_of(config), timekeeper, _recovery_key())
    say("the key is back. next: autotime status")


def _recovery_key() -> str:
    return str(typer.prompt("Recovery key", hide_input=False, err=True))
