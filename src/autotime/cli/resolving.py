"""resolve and void."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autotime.cli.common import (
    AsJson,
    Config,
    DryRun,
    Who,
    a_date,
    at_a_terminal,
    confirm,
    office,
    print_json,
    say,
    tell,
)
from autotime.cli.sums import entry_line
from autotime.domain.errors import AutotimeError, Misused

if TYPE_CHECKING:
    from autotime.billing.payload import Payload
    from autotime.billing.picking import PushLine
    from autotime.billing.resolving import Answer, Case
    from autotime.domain.delivery import Remote
    from autotime.domain.doors import Biller
    from autotime.office import Office

ASKED = {
    "claim": "it is there: this one is ours",
    "again": "it is not there: send it once more",
    "acknowledge": "this one is other work, and may stand there",
    "change": "make it there as it was approved here",
    "accept": "it may stand there as it is",
    "leave": "leave it for now",
}
SHORT = 60


def register(app: typer.Typer) -> None:
    app.command()(resolve)
    app.command()(void)


def resolve(
    target: Annotated[str, typer.Argument(help="A billing system, e.g. clio; default: all.", show_default=False)] = "",
    first: Annotated[
        date | None,
        typer.Option(
            "--from", parser=a_date, metavar="YYYY-MM-DD", help="Look at what was sent for days from here on."
        ),
    ] = None,
    config: Config = None,
    timekeeper: Who = "",
    as_json: AsJson = False,
) -> None:
    """Settle what is in doubt, twice, changed or foreign in billing, one question at a time."""
    from autotime import pipeline

    if not (as_json or at_a_terminal()):
        raise Misused("questions need a person at a terminal", hint="autotime resolve --json lists what there is")
    with office(config, timekeeper) as here:
        with pipeline.alone(here):
            found = pipeline.unsettled(here, target, first)
        if as_json:
            print_json([_face(case) for _, case in found])
            return
        again = [case.target for biller, case in found if _settled(here, biller, case)]
    if not found:
        say("nothing is open between autotime and billing")
    for name in dict.fromkeys(again):
        say(f"next: autotime push {name}")


def _settled(here: Office, biller: Biller, case: Case) -> bool:
    """Asks, and does what was answered; whether it waits to be sent once more."""
    from autotime import pipeline
    from autotime.billing.resolving import Answer

    answer, remote = _asked(case)
    try:
        with pipeline.alone(here):
            pipeline.settle(here, biller, case, answer, remote)
    except AutotimeError as trouble:
        say(f"{trouble}; it stays as it was")
        return False
    return answer is Answer.AGAIN


def _face(case: Case) -> dict[str, Any]:
    return {
        "kind": case.kind,
        "target": case.target,
        "entry_id": case.submission.entry if case.submission else None,
        "reason": case.reason,
        "earlier": list(case.submission.earlier) if case.submission else [],
        "ours": dict(case.ours) or None,
        "there": [_row(row) for row in case.there],
        "answers": list(case.answers),
    }


def _row(row: Remote) -> dict[str, Any]:
    return {
        "id": row.id,
        "day": row.day.isoformat(),
        "matter": row.matter,
        "seconds": row.seconds,
        "narrative": row.narrative,
        "billed": row.billed,
    }


def _asked(case: Case) -> tuple[Answer, str]:
    """A person's answer, after seeing ours beside what stands there; and which one there is meant."""
    from autotime.billing.resolving import Answer

    _show(case)
    ways = list(case.answers)
    for number, way in enumerate(ways, start=1):
        say(f"  {number}  {ASKED[way]}")
    answer = ways[_number("Which", len(ways), len(ways)) - 1]
    about_one = answer in (Answer.CLAIM, Answer.ACKNOWLEDGE)
    rows = [row.id for row in _theirs(case)]
    if not about_one or len(rows) <= 1:
        return answer, ""
    return answer, rows[_number("Which of those there", len(rows), None) - 1]


def _number(question: str, most: int, usual: int | None) -> int:
    """A number from 1 to ``most``, asked for until it is one."""
    while True:
        given = typer.prompt(question, type=int, default=usual, err=True)
        if 1 <= given <= most:
            return int(given)
        say(f"a number from 1 to {most}")


def _theirs(case: Case) -> list[Remote]:
    """What stands there beside the one that is known to be ours."""
    own = case.submission.receipt if case.submission else ""
    return [row for row in case.there if row.id != own]


def _show(case: Case) -> None:
    from autotime.billing.there import clock

    tell(f"{case.target}: {case.kind}: {case.reason}")
    if case.settles:
        tell("  it may still arrive: nothing can be sent again yet")
    if case.ours:
        ours = case.ours
        said = f"{ours['day']}  {clock(int(ours['billed_minutes']) * 60)}  {ours['matter']}"
        tell(f"  ours     {said}  {str(ours['narrative'])[:SHORT]}")
    if case.submission and case.submission.earlier:
        tell(f"  before   it stood there as {', '.join(case.submission.earlier)}, and was taken back")
    numbers = {row.id: f" {number}" for number, row in enumerate(_theirs(case), start=1)}
    for row in case.there:
        billed = "  billed" if row.billed else ""
        said = f"{row.day}  {clock(row.seconds)}  {row.id}{billed}"
        tell(f"  there{numbers.get(row.id, ''):3} {said}  {row.narrative[:SHORT]}")


def void(
    batch: Annotated[str, typer.Argument(help="The number of a push or a file, e.g. clio-0003.")],
    entry: Annotated[str, typer.Option("--entry", help="Only this entry of it.", show_default=False)] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: DryRun = False,
    config: Config = None,
    timekeeper: Who = "",
    as_json: AsJson = False,
) -> None:
    """Take back what one push delivered and is not billed yet, so that it can be delivered again."""
    from autotime import pipeline
    from autotime.billing.totals import payloads

    with office(config, timekeeper) as here, pipeline.alone(here):
        if not dry_run:
            confirm(f"Take {entry or batch} back? A file of it must not have been used.", yes)
        lines = pipeline.void(here, batch, entry=entry, dry_run=dry_run)
        told = payloads(here.store, [line.entry_id for line in lines])
        left = [] if dry_run else sorted(here.settings.outgoing().glob(f"{batch}-*.*"))
    if as_json:
        print_json([_line(line) for line in lines])
    else:
        _tell(lines, told)
    for file in left:
        say(f"next: remove {file}: nobody may use it any more")
    if any(line.reason for line in lines):
        raise typer.Exit(1)


def _line(line: PushLine) -> dict[str, str | None]:
    return {
        "entry_id": line.entry_id,
        "state": line.state,
        "receipt": line.receipt or None,
        "reason": line.reason or None,
    }


def _tell(lines: tuple[PushLine, ...], told: Mapping[str, Payload]) -> None:
    for line in lines:
        tell(entry_line(line, told.get(line.entry_id)))
    if not lines:
        say("nothing of it stands in billing")
