"""mapping show, test and export."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autotime.cli.common import AsJson, Config, Who, office, print_json, say, tell

if TYPE_CHECKING:
    from autotime.steps.mapping import Shown, Tried

Target = Annotated[str, typer.Argument(help="A billing target: clio, zapier, csv …", show_default=False)]


def register(app: typer.Typer) -> None:
    mapping = typer.Typer(help="How the fields of billing targets are filled.", no_args_is_help=True)
    mapping.command("show")(mapping_show)
    mapping.command("test")(mapping_test)
    mapping.command("export")(mapping_export)
    app.add_typer(mapping, name="mapping")


def mapping_show(target: Target = "", config: Config = None, timekeeper: Who = "", as_json: AsJson = False) -> None:
    """How each field of a target is filled; without a target, all targets by a line each."""
    from autotime.steps import mapping

    with office(config, timekeeper) as here:
        found = [mapping.shown(here, target)] if target else mapping.all_shown(here)
    if as_json:
        print_json([_face(one) for one in found])
    elif target:
        _tell_fields(found[0])
    else:
        for one in found:
            changed = sum(it.changed for it in one.fields)
            tell(f"{one.target:16}{len(one.fields):3} fields, {changed} changed here, version {one.version}")
        say("next: autotime mapping show TARGET")


def _face(one: Shown) -> dict[str, Any]:
    fields = [
        {
            "field": it.name,
            "filled_with": it.words,
            "changed": it.changed,
            "rule": asdict(it.rule) if it.rule else None,
        }
        for it in one.fields
    ]
    return {"target": one.target, "version": one.version, "fields": fields}


def _tell_fields(one: Shown) -> None:
    say(f"{one.target}, version {one.version}")
    width = max((len(it.name) for it in one.fields), default=0) + 2
    for it in one.fields:
        tell(f"{it.name:{width}}{it.words}" + (" (changed here)" if it.changed else ""))
    say(f"next: autotime mapping test {one.target}")


def mapping_test(
    target: Annotated[str, typer.Argument(help="A billing target.")],
    config: Config = None,
    timekeeper: Who = "",
    as_json: AsJson = False,
) -> None:
    """What a target would be told of a few of your entries. Nothing is sent and nothing is written."""
    from autotime.steps import mapping

    with office(config, timekeeper) as here:
        found = mapping.tried(here, target)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        _tell_tried(one)
    say(
        f"next: autotime push {target} --dry-run"
        if found
        else "there are no entries to try it with. next: autotime suggest"
    )


def _tell_tried(one: Tried) -> None:
    tell(f"{one.id}, {one.day}, {one.kind}")
    if one.refused:
        tell(f"  refused: {one.refused}")
    width = max((len(name) for name in one.told), default=0) + 2
    for name, value in one.told.items():
        tell(f"  {name:{width}}{_word(value)}")
    if one.drops:
        tell(f"  lost: {', '.join(one.drops)}")


def _word(value: str | int) -> str:
    return str(value) if not isinstance(value, bool) else "yes" if value else "no"


def mapping_export(
    file: Annotated[Path, typer.Argument(help="Where to write it: NAME.toml, or NAME.md for Markdown.")],
    config: Config = None,
    timekeeper: Who = "",
    as_json: AsJson = False,
) -> None:
    """Write down how every target is told, with its version, for the firm's files."""
    from autotime.billing.files import write_aside
    from autotime.domain.errors import Misused
    from autotime.steps import mapping

    if file.suffix not in (".toml", ".md"):
        raise Misused(f"«{file.name}» ends neither in .toml nor in .md", hint="autotime mapping export mapping.md")
    with office(config, timekeeper) as here:
        found, today = mapping.all_shown(here), here.date_of(here.now)
    write_aside(file, mapping.document(found, today, toml=file.suffix == ".toml").encode())
    if as_json:
        print_json({"file": str(file), "versions": {one.target: one.version for one in found}})
    say(f"written: {file}")
