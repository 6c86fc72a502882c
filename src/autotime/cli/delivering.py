"""push and export."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autotime.cli.common import (
    AsJson,
    Config,
    DryRun,
    Who,
    a_date,
    at_a_terminal,
    office,
    print_json,
    progress_bar,
    say,
    tell,
    trouble,
)
from autotime.cli.sums import entry_line, hours
from autotime.domain.amounts import moneys

if TYPE_CHECKING:
    from autotime.billing.outbox import PushReport
    from autotime.billing.payload import Payload
    from autotime.billing.picking import Told
    from autotime.domain.amounts import Total
    from autotime.pipeline import Progress

TARGETS = "clio, practicepanther, mycase, timesolv or zapier; ledes or csv for a file; or a target of your own."
Target = Annotated[str, typer.Argument(help=TARGETS)]
Client = Annotated[str, typer.Option("--client", help="Only this client (LEDES needs one).", show_default=False)]
First = Annotated[date | None, typer.Option("--from", parser=a_date, metavar="YYYY-MM-DD", help="First day.")]
Last = Annotated[date | None, typer.Option("--to", parser=a_date, metavar="YYYY-MM-DD", help="Last day.")]
Number = Annotated[str, typer.Option("--invoice-number", help="LEDES: the invoice's number.", show_default=False)]
Dated = Annotated[
    date | None, typer.Option("--invoice-date", parser=a_date, metavar="YYYY-MM-DD", help="LEDES: its date.")
]
Said = Annotated[str, typer.Option("--description", help="LEDES: the invoice's description.", show_default=False)]


WARNINGS = 20
"""Warnings of a file that are shown; ``autotime ledes check`` tells all."""


def register(app: typer.Typer) -> None:
    app.command()(push)
    app.command()(export)


def push(
    target: Target,
    client: Client = "",
    first: First = None,
    last: Last = None,
    invoice_number: Number = "",
    invoice_date: Dated = None,
    description: Said = "",
    copy: Annotated[bool, typer.Option("--copy", help="Also what another target has; never counts as billed.")] = False,
    accept_losses: Annotated[
        bool, typer.Option("--accept-losses", help="Agree, once and for all, to what this target has no place for.")
    ] = False,
    dry_run: DryRun = False,
    config: Config = None,
    timekeeper: Who = "",
    as_json: AsJson = False,
) -> None:
    """Deliver approved time to a billing target, exactly once."""
    from autotime import pipeline

    wanted = pipeline.Delivery(target, client, first, last, invoice_number, invoice_date, description)
    with office(config, timekeeper) as here, pipeline.alone(here), ExitStack() as bar:
        agrees = _accepting(target, accept_losses, ask=not dry_run)
        drawn = _drawn_late(bar, as_json or dry_run)
        report = pipeline.push(here, wanted, dry_run=dry_run, copy=copy, accept=agrees, progress=drawn)
    if as_json:
        print_json(_face(report))
    else:
        _tell(report, dry_run)
    if report.stopped:
        trouble(report.stopped)
    if report.stopped or any(line.problem for line in report.lines):
        raise typer.Exit(1)


def _drawn_late(bar: ExitStack, quiet: bool) -> Progress:
    """A progress bar from the first progress on: before it, there may be a question on the screen."""
    drawn: list[Progress] = []

    def draw(what: str, done: int, of: int) -> None:
        if not drawn:
            drawn.append(bar.enter_context(progress_bar(quiet)))
        drawn[0](what, done, of)

    return draw


def _accepting(target: str, given: bool, *, ask: bool) -> Callable[[Sequence[str]], bool]:
    """A person's word on what gets lost: given on the command line, or asked for at a terminal."""

    def accepts(drops: Sequence[str]) -> bool:
        if given or not ask or not at_a_terminal():
            return given
        return typer.confirm(f"{target} has no place for: {', '.join(drops)}. Send without it?", err=True)

    return accepts


def _face(report: PushReport) -> dict[str, Any]:
    from autotime.billing.totals import came_to

    told = {one.entry_id: {"told": dict(one.fields), "drops": list(one.drops)} for one in report.told}
    return {
        "total": asdict(came_to(report)),
        "counts": dict(Counter(line.state for line in report.lines)),
        "batch": report.batch.id if report.batch else None,
        "file": str(report.path) if report.path else None,
        "sha256": (report.batch.sha256 or None) if report.batch else None,
        "lost": list(report.lost),
        "warned": list(report.warned),
        "entries": [
            {
                "entry_id": line.entry_id,
                "state": line.state,
                "receipt": line.receipt or None,
                "reason": line.reason or None,
                **_said(report.payloads.get(line.entry_id)),
                **told.get(line.entry_id, {}),
            }
            for line in report.lines
        ],
    }


def _said(payload: Payload | None) -> dict[str, Any]:
    """One entry by itself, for programs; nothing of one that is not there."""
    from autotime.billing.payload import amount_of

    if payload is None:
        return {}
    names = {"day": "date", "matter": "matter", "client": "client", "billed_minutes": "billed_minutes"}
    said = {name: payload[key] for key, name in names.items()}
    return {**said, "amount": amount_of(payload), "currency": payload["currency"]}


def _tell(report: PushReport, dry_run: bool) -> None:
    from autotime.billing.totals import came_to

    told = {one.entry_id: one for one in report.told}
    for line in report.lines:
        tell(entry_line(line, report.payloads.get(line.entry_id)))
        if line.entry_id in told:
            _tell_told(told[line.entry_id])
    _tell_total(came_to(report), dry_run)
    if report.lost:
        say(f"{report.batch.target if report.batch else 'the target'} has no place for: {', '.join(report.lost)}")
    for warning in report.warned[:WARNINGS]:
        say(f"warning: {warning}")
    if report.batch and report.path:
        would = "would be written" if dry_run else "written"
        tell(f"{report.batch.id}: {report.path} {would}, sha256 {report.batch.sha256}")
    elif report.batch:
        tell(f"{report.batch.id}: {', '.join(f'{n} {state}' for state, n in Counter(_states(report)).items())}")
    if not report.lines and not report.stopped:
        say("nothing waits for this target. next: autotime review")


def _tell_total(total: Total, dry_run: bool) -> None:
    if not total.entries:
        return
    unpriced = f", {total.unpriced} of them without a rate" if total.unpriced else ""
    many = "entry" if total.entries == 1 else "entries"
    went = "would go" if dry_run else "went"
    tell(f"{total.entries} {many} {went}: {hours(total.minutes)}, {moneys(total.amounts)}{unpriced}")


def _states(report: PushReport) -> list[str]:
    return [line.state.replace("_", " ") for line in report.lines]


def _tell_told(told: Told) -> None:
    """What the system would be told of one entry, and what it has no place for."""
    for name, value in told.fields.items():
        tell(f"    {name}: {value}")
    for name in told.drops:
        tell(f"    {name}: no place for it there")


def export(
    target: Target,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file; default: standard output.")] = None,
    batch: Annotated[str, typer.Option("--batch", help="Write this delivered batch again, byte for byte.")] = "",
    client: Client = "",
    first: First = None,
    last: Last = None,
    invoice_number: Number = "",
    invoice_date: Dated = None,
    description: Said = "",
    config: Config = None,
    timekeeper: Who = "",
) -> None:
    """Print approved time in a target's format. A view: nothing is recorded, nothing counts as sent."""
    from autotime import pipeline

    wanted = pipeline.Delivery(target, client, first, last, invoice_number, invoice_date, description)
    with office(config, timekeeper) as here:
        data = pipeline.export(here, wanted, batch)
    if output is None:
        sys.stdout.buffer.write(data)
        return
    from autotime.billing.files import write_aside

    write_aside(output, data)
    say(f"written: {output}")
