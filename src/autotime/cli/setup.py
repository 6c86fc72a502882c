"""init, demo, status, doctor."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autotime.cli.common import (
    AsJson,
    Config,
    Who,
    at_a_terminal,
    now,
    office,
    print_json,
    progress_bar,
    say,
    tell,
)

if TYPE_CHECKING:
    from autotime.office import Office


def register(app: typer.Typer) -> None:
    app.command()(init)
    app.command()(demo)
    app.command()(status)
    app.command()(doctor)


def init(
    timekeeper: Annotated[str, typer.Option(help="A short name for the timekeeper.", prompt=True)],
    last: Annotated[str, typer.Option(help="Last name.", prompt=True)],
    zone: Annotated[str, typer.Option(help="Time zone, e.g. America/Chicago.", prompt=True)],
    first: Annotated[str, typer.Option(help="First name.")] = "",
    email: Annotated[list[str] | None, typer.Option(help="An own address; may be repeated.")] = None,
    classification: Annotated[str, typer.Option(help="LEDES classification: PARTNR, ASSOC, PARALG …")] = "",
    rate: Annotated[str, typer.Option(help="Money per hour.")] = "",
    increment: Annotated[int, typer.Option(help="Billing increment in minutes.")] = 6,
    mbox: Annotated[list[Path] | None, typer.Option(help="An mbox file, or a folder of them.")] = None,
    maildir: Annotated[list[Path] | None, typer.Option(help="A Maildir.")] = None,
    eml: Annotated[list[Path] | None, typer.Option(help="A folder of .eml files.")] = None,
    ics: Annotated[list[Path] | None, typer.Option(help="A calendar file, or a folder of them.")] = None,
    documents: Annotated[list[Path] | None, typer.Option(help="A folder of documents.")] = None,
    key_file: Annotated[
        Path | None, typer.Option(help="Keep the store's key in this file (mode 0600), not in the keyring.")
    ] = None,
    store_url: Annotated[str, typer.Option(help="PostgreSQL of a firm; empty: an encrypted file.")] = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Set up settings, key and store, and print the recovery key."""
    from autotime.office import found_office
    from autotime.operations.founding import config_data, config_text
    from autotime.settings import config_path

    sources = {"mbox": mbox, "maildir": maildir, "eml": eml, "ics": ics, "documents": documents}
    data = config_data(
        timekeeper={
            "id": timekeeper,
            "last": last,
            "first": first,
            "emails": email or [],
            "classification": classification,
            "rate": rate,
            "zone": zone,
        },
        increment=increment,
        sources=sources,
        key_file=key_file,
        store_url=store_url,
    )
    path = config_path(config)
    made, recovery = found_office(path, data, config_text(data), timekeeper, now())
    made.store.close()
    say(f"settings: {path}")
    say(f"billing increment: {increment} minutes, rounded up; if fee agreements say otherwise, change [policy] there")
    for missing in (place for places in sources.values() for place in places or [] if not place.expanduser().exists()):
        say(f"note: there is no {missing}; it will be read once there is")
    if recovery:
        say("recovery key: write it on paper and keep it where the firm keeps its safe codes.")
        say("Whoever holds it can read this store; without it a lost key cannot be replaced.")
    if as_json:
        print_json({"settings": str(path), "recovery_key": recovery or None})
    elif recovery:
        tell(recovery)
    if not data.get("sources"):
        say("sources: autotime connect microsoft, google, imap or caldav; folders: [[sources]] in the settings")
    say("next: autotime books import FILE.csv, then autotime run")


def demo(
    folder: Annotated[
        Path | None, typer.Option(help="Where the example firm is put. Default: a new temporary folder.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another firm, another number.")] = 1998,
    tui: Annotated[bool, typer.Option("--tui/--no-tui", help="Open the review desk, or print the day.")] = True,
    as_json: AsJson = False,
) -> None:
    """The main job on a fictional firm: collect, suggest, and open the review desk."""
    from autotime.cli import reviewing
    from autotime.demo import prepare

    with progress_bar(as_json) as progress:
        shown = prepare(folder, seed, now(), progress)
    say(shown.summary)
    if as_json:
        reviewing.print_suggestions(shown.office, shown.day)
    elif tui and at_a_terminal():
        reviewing.open_desk(shown.office, shown.day)
    else:
        reviewing.print_day(shown.office, shown.day)
        here = shown.office
        again = f"autotime review --timekeeper {here.timekeeper.id} --date {shown.day}"
        say(f"next: AUTOTIME_HOME={here.settings.home} {again}")


def status(config: Config = None, timekeeper: Who = "", as_json: AsJson = False) -> None:
    """What has been collected, drafted, approved and delivered, and what waits for a person."""
    from autotime.cli import standing
    from autotime.operations.health import status_of
    from autotime.steps.billing_standing import standings

    with office(config, timekeeper) as here:
        sources = [(one.account, one.type) for one in here.settings.sources_of(here.timekeeper.id)]
        told = status_of(here.store, here.timekeeper, here.now, sources)
        told["billing"] = [one.told() for one in standings(here)]
        told["schedule"] = _schedule(here)
        lines = standing.lines(told, here.timekeeper.zone)
    if as_json:
        print_json(told)
        return
    for line in lines:
        tell(line)


def _schedule(here: Office) -> dict[str, Any]:
    """The nights of this timekeeper, alone or with everybody's. No other program is asked."""
    from autotime.steps.nights import job_of
    from autotime.steps.scheduling import schedule_standing

    jobs = [job_of(here.settings, here.timekeeper.id, everyone) for everyone in (False, True)]
    found = [schedule_standing(here.settings, job, here.now) for job in jobs]
    return next((one for one in found if one["scheduled"]), found[0])


def doctor(
    config: Config = None,
    timekeeper: Who = "",
    online: Annotated[
        bool, typer.Option("--online", help="Ask each source and billing system over the network, too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look for what is wrong: settings, key, store, sources, billing, versions."""
    from autotime.examination import examine

    findings = examine(config, timekeeper, now(), online)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            tell(f"{'ok  ' if finding.ok else 'BAD '} {finding.what}: {finding.said}")
            if finding.hint:
                tell(f"     next: {finding.hint}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)
