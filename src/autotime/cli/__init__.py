"""The command line: parse, call the pipeline, print; nothing else.

Standard output is data, standard error is talk. Exit 0: done; 1: a problem a person must solve;
2: the command or a file given to it is wrong.
"""

from __future__ import annotations

import gc
import importlib
import sys

import typer

from autotime.cli.common import guarded

app = typer.Typer(
    name="autotime",
    help="Drafts your time entries from mail, calendar and documents; you approve; billing gets them once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_MODULES = (
    "setup",
    "connecting",
    "collecting",
    "reviewing",
    "delivering",
    "resolving",
    "books",
    "history",
    "guidelines",
    "reports",
    "ledes",
    "mapping",
    "measuring",
    "upkeep",
    "schedule",
)
for _module in _MODULES:
    importlib.import_module(f"autotime.cli.{_module}").register(app)


def main() -> None:
    """The console script. Tracebacks never show local variables: they hold privileged text."""
    gc.set_threshold(50_000)  # imports make objects that stay; looking at them again and again costs a tenth
    sys.exit(guarded(app))
