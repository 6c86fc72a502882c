"""What every command shares: options, opening the office, printing data and trouble."""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autotime.domain.errors import AutotimeError, Misused, NeedsPerson
from autotime.intake import clean, for_terminal

if TYPE_CHECKING:
    from autotime.office import Office
    from autotime.pipeline import Progress
    from autotime.settings import Settings

Config = Annotated[Path | None, typer.Option("--config", help="Another settings file.", show_default=False)]
Who = Annotated[str, typer.Option("--timekeeper", help="Whose time, where there are several.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Data for programs on standard output.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]

INTERRUPTED = 130
KEPT = "all that was stored before; the next run goes on from there"


def a_date(text: str) -> date:
    """YYYY-MM-DD, ``today`` or ``yesterday``, as an option's value."""
    today = datetime.now().astimezone().date()
    if text in ("today", "yesterday"):
        return date.fromordinal(today.toordinal() - (text == "yesterday"))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"«{clean(text, 40)}» is no date like 2026-10-30") from None


Day = Annotated[date, typer.Option("--date", parser=a_date, metavar="YYYY-MM-DD", help="The local day.")]
MaybeDay = Annotated[date | None, typer.Option("--date", parser=a_date, metavar="YYYY-MM-DD", help="The local day.")]


def now() -> int:
    return int(time.time())


@contextmanager
def office(config: Path | None, timekeeper: str) -> Iterator[Office]:
    """The settings, the key and the store, opened for one timekeeper and closed again."""
    from autotime import settings
    from autotime.office import open_office

    opened = open_office(settings.load(config), timekeeper, now())
    try:
        yield opened
    finally:
        opened.store.close()


def settings_of(config: Path | None) -> Settings:
    from autotime import settings

    return settings.load(config)


def print_json(data: Any) -> None:
    """Data on standard output; control characters can only appear escaped."""
    _put(json.dumps(data, indent=2, ensure_ascii=True, default=str))


def say(text: str) -> None:
    """Talk, on standard error, as plain text."""
    sys.stderr.write(for_terminal(text, 4000) + "\n")


def tell(text: str) -> None:
    """A line of data for people, on standard output, as plain text."""
    _put(for_terminal(text))


def _put(text: str) -> None:
    """Written at once, so that a reader who left (``| head``) ends the command quietly."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def trouble(error: AutotimeError) -> None:
    """What happened, what was kept, and the command to run next."""
    say(f"autotime: {error}")
    if error.kept:
        say(f"  kept: {error.kept}")
    say(f"  next: {error.hint or ('autotime --help' if isinstance(error, Misused) else 'autotime doctor')}")


def at_a_terminal() -> bool:
    """Whether a person sits there who can see a screen and press keys."""
    return sys.stdin.isatty() and sys.stdout.isatty()


@contextmanager
def progress_bar(quiet: bool = False) -> Iterator[Progress]:
    """A bar on standard error while something long runs; nothing where nobody looks."""
    from autotime.pipeline import silent

    if quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _drawn(bars)


def _drawn(bars: Any) -> Progress:
    tasks: dict[str, Any] = {}

    def draw(what: str, done: int, of: int) -> None:
        if what not in tasks:
            tasks[what] = bars.add_task(clean(what, 40), total=of or None)
        bars.update(tasks[what], completed=done, total=of or None)

    return draw


def confirm(question: str, yes: bool) -> None:
    """Goes on only with a person's word; ``--yes`` is one."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Misused(f"{question} That needs a person's word", hint="add --yes")
    typer.confirm(question, abort=True, err=True)


def guarded(run: Callable[[], Any]) -> int:
    """Runs the command line; turns trouble into advice and an exit code."""
    try:
        run()
    except AutotimeError as error:
        trouble(error)
        return error.exit_code
    except OSError as refused:
        trouble(NeedsPerson(f"{refused.strerror or 'the system refused'}{_place(refused)}", kept=KEPT))
        return 1
    except SystemExit as done:
        if done.code == INTERRUPTED:
            say(f"autotime: stopped\n  kept: {KEPT}")
        raise
    except Exception as defect:  # noqa: BLE001 - the last line of defence
        _tell_defect(defect)
        return 1
    return 0


def _place(refused: OSError) -> str:
    """Where, if the person named it or it is our own: other file names may be privileged."""
    from autotime.settings import home

    name = str(refused.filename or "")
    own = name and (name in sys.argv or Path(name).is_relative_to(home()))
    return f": {name}" if own else ""


def _tell_defect(defect: BaseException) -> None:
    """Where it broke and its kind; neither its message nor any variable: they may hold privileged text."""
    for frame in traceback.extract_tb(defect.__traceback__):
        say(f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}")
    say(f"autotime: met a defect ({type(defect).__name__})\n  kept: {KEPT}\n  next: autotime doctor")
