"""ledes check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autotime.cli.common import AsJson, Config, Who, office, print_json, say, tell
from autotime.domain.errors import Misused
from autotime.intake import clean

if TYPE_CHECKING:
    from autotime.billing.ledes import Finding, Known

SHOWN = 200
"""Findings that are shown to a person; ``--json`` gives all."""


def register(app: typer.Typer) -> None:
    ledes = typer.Typer(help="LEDES e-billing files, anybody's.", no_args_is_help=True)
    ledes.callback()(lambda: None)
    ledes.command("check")(ledes_check)
    app.add_typer(ledes, name="ledes")


def ledes_check(
    file: Annotated[Path, typer.Argument(help="A file of LEDES 1998B, 1998BI or XML.")],
    books: Annotated[bool, typer.Option("--books", help="Also hold it against the firm's books.")] = False,
    config: Config = None,
    timekeeper: Who = "",
    as_json: AsJson = False,
) -> None:
    """Say what is wrong with a LEDES file, who refuses it, and what to do. Exit 1 where there are errors."""
    from autotime.billing.ledes import check, errors
    from autotime.billing.ledes.checking import kind_of

    data = _bytes_of(file)
    found = check(data, name=file.name, known=_books(config, timekeeper, data) if books else None)
    wrong = errors(found)
    if as_json:
        print_json({"file": str(file), "kind": kind_of(data), "errors": len(wrong), "findings": [*map(_face, found)]})
    else:
        for one in found[:SHOWN]:
            tell(clean(_shown(one)))
        if len(found) > SHOWN:
            say(f"… and {len(found) - SHOWN} more: --json")
        say(f"{file.name} ({kind_of(data)}): {len(wrong)} errors, {len(found) - len(wrong)} warnings")
    if wrong:
        raise typer.Exit(1)


def _bytes_of(file: Path) -> bytes:
    """The file, as far as it is looked at: one byte more than the largest says that it is too large."""
    from autotime.billing.ledes.reading import LARGEST

    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as refused:
        raise Misused(f"{file} cannot be read: {refused.strerror}", hint="choose another file") from None


def _books(config: Path | None, timekeeper: str, data: bytes) -> Known:
    from autotime.billing.ledes.checking import known_from, used_numbers

    with office(config, timekeeper) as here:
        used = used_numbers(here.store.batches.all(), data)
        return known_from(here.store.books.load(), here.store.books.timekeepers(), used)


def _face(finding: Finding) -> dict[str, Any]:
    return {
        "line": finding.line,
        "field": finding.field or None,
        "severity": finding.severity.value,
        "rule": finding.rule,
        "portals": list(finding.portals),
        "message": finding.message,
        "fix": finding.fix,
    }


def _shown(finding: Finding) -> str:
    place = ", ".join(filter(None, [f"line {finding.line}" if finding.line else "the file", finding.field]))
    refused = f" ({', '.join(finding.portals)})" if finding.portals else ""
    return f"{finding.severity.value} {place}: {finding.message}{refused}. {finding.rule}: {finding.fix}"
