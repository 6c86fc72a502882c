"""suggestions, review, approve, dismiss, add, undo."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autotime.cli import faces
from autotime.cli.common import AsJson, Config, Day, MaybeDay, Who, at_a_terminal, now, office, print_json, say, tell
from autotime.domain.decisions import DismissReason
from autotime.domain.errors import Misused
from autotime.domain.work import Billing

if TYPE_CHECKING:
    from autotime.office import Office
    from autotime.review.acts import Act
    from autotime.review.view import Backend

PRINTED = 160
"""Columns where the output is no terminal."""

Matter = Annotated[str, typer.Option("--matter", help="Matter number.", show_default=False)]
Minutes = Annotated[int, typer.Option("--minutes", help="Minutes worked.", min=0)]
Narrative = Annotated[str, typer.Option("--narrative", help="What was done, for the bill.", show_default=False)]
Task = Annotated[str, typer.Option("--task", help="UTBMS task code.", show_default=False)]
Activity = Annotated[str, typer.Option("--activity", help="UTBMS activity code.", show_default=False)]
Kind = Annotated[Billing | None, typer.Option("--billing", help="billable, no_charge or non_billable.")]
Revision = Annotated[str, typer.Option("--revision", help="The revision that was shown: approval binds it.")]


def register(app: typer.Typer) -> None:
    for command in (suggestions, review, approve, dismiss, add, undo):
        app.command()(command)


def suggestions(day: Day, config: Config = None, timekeeper: Who = "", as_json: AsJson = False) -> None:
    """The drafted entries of one day."""
    with office(config, timekeeper) as here:
        if as_json:
            print_suggestions(here, day)
        else:
            print_day(here, day)


def print_suggestions(here: Office, day: date) -> None:
    from autotime.pipeline import billed_on
    from autotime.review.elsewhere import by_matter

    already = by_matter(billed_on(here.store, day, here.store.entries.on(day)))
    print_json([faces.suggestion(item, already.get(item.matter, 0)) for item in here.store.suggestions.on(day)])


def print_day(here: Office, day: date) -> None:
    """The day as a table, literal text only."""
    from rich.console import Console

    from autotime.pipeline import day_view
    from autotime.review.table import day_table

    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = PRINTED
    console.print(day_table(day_view(here, day), console.width))


def review(config: Config = None, timekeeper: Who = "", day: MaybeDay = None) -> None:
    """Open the review desk in the terminal."""
    from autotime.review.app import run_desk

    if not at_a_terminal():
        raise Misused("the review desk needs a terminal", hint="autotime suggestions --date YYYY-MM-DD")
    run_desk(lambda: _backend(config, timekeeper), day)


def _backend(config: Path | None, timekeeper: str) -> Backend:
    """Opened after the first frame: the store's libraries take longer to load than the screen."""
    from autotime import settings
    from autotime.office import open_office
    from autotime.pipeline import DeskBackend

    return DeskBackend(open_office(settings.load(config), timekeeper, now()), now)


def open_desk(here: Office, day: date) -> None:
    """The desk on an office that is open already, which the desk then closes."""
    from autotime.pipeline import DeskBackend
    from autotime.review.app import run_desk

    run_desk(lambda: DeskBackend(here), day)


def approve(
    suggestion: Annotated[str, typer.Argument(help="The suggestion's id.")],
    revision: Revision,
    matter: Annotated[str | None, typer.Option("--matter", help="Another matter.", show_default=False)] = None,
    task: Annotated[str | None, typer.Option("--task", help="Another task code.", show_default=False)] = None,
    activity: Annotated[str | None, typer.Option("--activity", help="Another activity code.")] = None,
    minutes: Annotated[int | None, typer.Option("--minutes", help="Minutes worked.", min=1)] = None,
    narrative: Annotated[str | None, typer.Option("--narrative", help="Another narrative.")] = None,
    billing: Kind = None,
    config: Config = None,
    timekeeper: Who = "",
    as_json: AsJson = False,
) -> None:
    """Approve one suggestion, as shown or with changes."""
    from autotime.review.acts import Accept, Edits

    edits = Edits(
        matter=matter,
        task_code=task,
        activity_code=activity,
        billing=billing,
        worked_seconds=None if minutes is None else minutes * 60,
        narrative=narrative,
    )
    with office(config, timekeeper) as here:
        _decide(here, Accept(suggestion, revision, edits), as_json)


def dismiss(
    suggestion: Annotated[str, typer.Argument(help="The suggestion's id.")],
    revision: Revision,
    reason: Annotated[DismissReason, typer.Option(help="Why: what it teaches depends on it.")],
    config: Config = None,
    timekeeper: Who = "",
    as_json: AsJson = False,
) -> None:
    """Say that a suggestion is no time entry, and why."""
    from autotime.review.acts import Dismiss

    with office(config, timekeeper) as here:
        _decide(here, Dismiss(suggestion, revision, reason), as_json)


def add(
    day: Day,
    matter: Matter,
    minutes: Minutes,
    narrative: Narrative,
    start: Annotated[str, typer.Option(help="HH:MM, where the time has a place in the day.")] = "",
    task: Task = "",
    activity: Activity = "",
    billing: Kind = None,
    config: Config = None,
    timekeeper: Who = "",
    as_json: AsJson = False,
) -> None:
    """Add time by hand: your own statement, marked as such."""
    from autotime.review.acts import Add

    with office(config, timekeeper) as here:
        made = Add(
            day=day,
            matter=matter,
            worked_seconds=minutes * 60,
            narrative=narrative,
            start=_instant(here, day, start) if start else None,
            task_code=task,
            activity_code=activity,
            billing=billing or Billing.BILLABLE,
        )
        _decide(here, made, as_json)


def _instant(here: Office, day: date, start: str) -> int:
    from autotime.timeline.days import instant_at

    try:
        return instant_at(day, start, here.timekeeper.zone_on(day))
    except ValueError:
        raise Misused(f"«{start}» is no time of that day", hint="--start 14:30") from None


def undo(
    decision: Annotated[str, typer.Argument(help="A decision's id; empty: the last one.")] = "",
    config: Config = None,
    timekeeper: Who = "",
    as_json: AsJson = False,
) -> None:
    """Take back a decision that has not been delivered."""
    from autotime.review.acts import Undo

    with office(config, timekeeper) as here:
        _decide(here, Undo(decision), as_json)


def _decide(here: Office, act: Act, as_json: bool) -> None:
    from autotime.pipeline import decide

    outcome = decide(here, act)
    if as_json:
        print_json(
            {
                "decision": faces.decision(outcome.decision),
                "entries": [faces.entry(entry) for entry in outcome.entries],
                "voided": list(outcome.voided),
                "warnings": list(outcome.warnings),
            }
        )
        return
    for warning in outcome.warnings:
        say(f"note: {warning}")
    for entry in outcome.entries:
        hours = entry.billed_minutes / 60
        tell(f"{entry.id}: {entry.matter}, worked {entry.worked_seconds // 60} min, bills {hours:.2f} h")
    for voided in outcome.voided:
        tell(f"{voided}: taken back")
    if not outcome.entries and not outcome.voided:
        tell(f"{outcome.decision.id}: {outcome.decision.kind.value}")
