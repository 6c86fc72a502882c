"""evaluate: how often the matter guess is right, on anybody's labelled mail."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from autotime.cli.common import AsJson, print_json, progress_bar, tell


def register(app: typer.Typer) -> None:
    app.command()(evaluate)


def evaluate(
    file: Annotated[Path, typer.Argument(help="Labelled items, one JSON object a line (.jsonl or .jsonl.gz).")],
    protocol: Annotated[
        Literal["timeline", "online"], typer.Option(help="How past and future are split.")
    ] = "timeline",
    known_matters: Annotated[bool, typer.Option("--known-matters", help="All label names are open matters.")] = False,
    no_body: Annotated[bool, typer.Option("--no-body", help="As with a metadata-only source.")] = False,
    baselines: Annotated[bool, typer.Option("--baselines", help="Print plain methods beside ours.")] = False,
    every: Annotated[int, typer.Option("--every", help="online: learn after each K items.", min=1)] = 1,
    as_json: AsJson = False,
) -> None:
    """Measure the matcher on mail filed by folder, each item predicted from the past only."""
    from autotime.training.evaluate import evaluate as measure
    from autotime.training.labelled import read

    items = read(file)
    with progress_bar(as_json) as progress:
        result = measure(
            items,
            protocol=protocol,
            known_matters=known_matters,
            no_body=no_body,
            baselines=baselines,
            every=every,
            progress=progress,
        )
    if as_json:
        print_json(result)
        return
    _tell(result)


def _tell(result: dict[str, Any]) -> None:
    for name, value in result.items():
        if isinstance(value, int | float):
            tell(f"{name:18} {value:.4f}" if isinstance(value, float) else f"{name:18} {value}")
    for name, baseline in result.get("baselines", {}).items():
        tell(f"{name:18} accuracy {baseline['accuracy']:.4f}, seen {baseline['accuracy_seen']:.4f}")
