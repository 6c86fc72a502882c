"""guidelines list, test and check."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from autotime.cli.common import AsJson, Config, Who, a_date, office, print_json, say, settings_of, tell


def register(app: typer.Typer) -> None:
    guidelines = typer.Typer(help="What clients pay for and what they cut.", no_args_is_help=True)
    guidelines.command("list")(guidelines_list)
    guidelines.command("test")(guidelines_test)
    guidelines.command("check")(guidelines_check)
    app.add_typer(guidelines, name="guidelines")


def guidelines_list(config: Config = None, as_json: AsJson = False) -> None:
    """The rules that hold, and for which clients."""
    from autotime.steps.guiding import guidelines_of

    found = guidelines_of(settings_of(config))
    if as_json:
        print_json([{"id": one.id, "version": one.version, "title": one.title, "clients": one.clients,
                     "rules": [asdict(rule) for rule in one.rules]} for one in found])  # fmt: skip
        return
    for one in found:
        tell(f"{one.id} {one.version}: {one.title} ({', '.join(one.clients) or 'every client'})")
        for rule in one.rules:
            tell(f"  {rule.severity:8}{rule.id}: {rule.text} {rule.fix}")


def guidelines_test(
    files: Annotated[list[Path] | None, typer.Argument(help="TOML files; default: those of the settings.")] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Run the tests that stand beside the rules."""
    from autotime.guidelines import load
    from autotime.steps.guiding import broken, guidelines_of

    found = [load(file) for file in files] if files else list(guidelines_of(settings_of(config)))
    failed = [one for guideline in found for one in broken(guideline)]
    if as_json:
        tests = sum(len(one.examples) for one in found)
        print_json({"guidelines": len(found), "tests": tests, "failed": [asdict(one) for one in failed]})
    else:
        for one in failed:
            tell(f"{one.guideline}, test {one.number}: breaks {_named(one.found)}, expected {_named(one.expected)}")
        for guideline in found:
            of = len(guideline.examples)
            passed = of - sum(one.guideline == guideline.id for one in failed)
            say(f"{guideline.id} {guideline.version}: {passed} of {of} tests pass")
    if failed:
        raise typer.Exit(1)


def guidelines_check(
    first: Annotated[
        date | None, typer.Option("--from", parser=a_date, metavar="YYYY-MM-DD", help="First day.")
    ] = None,
    last: Annotated[date | None, typer.Option("--to", parser=a_date, metavar="YYYY-MM-DD", help="Last day.")] = None,
    config: Config = None,
    timekeeper: Who = "",
    as_json: AsJson = False,
) -> None:
    """What the guidelines say about approved time. Exit 1 where an entry may not be sent."""
    from autotime.guidelines import Severity
    from autotime.review.words import counted
    from autotime.steps.guiding import guide, of_nobody

    with office(config, timekeeper) as here:
        found, of_none = guide(here, first or date.min, last or date.max), of_nobody(here)
    told: list[dict[str, Any]] = [
        {"entry_id": entry.id, "date": entry.day, **asdict(one)}
        for entry in found.entries
        if entry.active
        for one in found(entry)
    ]
    if as_json:
        print_json(told)
    else:
        for line in of_none:
            say(line)
        for one in told:
            tell(f"{one['date']} {one['entry_id']}: {one['severity']} {one['rule']}: {one['text']} {one['fix']}")
        say(counted(len(told), "finding"))
    if any(one["severity"] == Severity.ERROR for one in told):
        raise typer.Exit(1)


def _named(rules: tuple[str, ...]) -> str:
    return ", ".join(rules) or "nothing"
