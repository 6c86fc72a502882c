"""Every command explains itself, and gives data to programs where it prints data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from autotime.cli import app
from tests.cli import firm
from tests.cli.run import autotime

FIRST_LINE = {
    *("demo", "init", "collect", "suggest", "run", "suggestions", "review", "approve", "dismiss", "add", "undo"),
    *("push", "export", "books import", "history import", "evaluate", "status", "doctor", "quarantine list"),
    *("quarantine retry", "audit verify", "backup", "restore", "key recover"),
}
"""The commands the design names first."""

NO_DATA = {"review", "backup", "restore", "key recover", "export", "mapping export"}
"""They open a screen, or write a file, or print the file itself."""


def commands() -> Iterator[tuple[str, TyperCommand]]:
    """Every command with its full name."""

    def below(group: TyperGroup, name: str) -> Iterator[tuple[str, TyperCommand]]:
        for word, command in group.commands.items():
            full = f"{name} {word}".strip()
            if isinstance(command, TyperGroup):
                yield from below(command, full)
            elif isinstance(command, TyperCommand):
                yield full, command

    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    yield from below(root, "")


COMMANDS = dict(commands())


def test_the_commands_of_the_design_are_there() -> None:
    """Under their names; more may stand beside them."""
    assert COMMANDS.keys() >= FIRST_LINE


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_does_and_what_each_option_means(name: str, tmp_path: Path) -> None:
    """``--help`` prints both, and every option and argument has a meaning."""
    shown = autotime(tmp_path, *name.split(), "--help")
    assert shown.code == 0
    assert f"autotime {name}" in shown.out
    assert (COMMANDS[name].help or "").strip()
    silent = [parameter.name for parameter in COMMANDS[name].params if not getattr(parameter, "help", "")]
    assert not silent, f"without help: {silent}"


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - NO_DATA))
def test_a_command_that_prints_data_offers_json(name: str) -> None:
    """Programs never parse sentences."""
    assert "--json" in [option for parameter in COMMANDS[name].params for option in parameter.opts]


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("doctor",),
        ("collect",),
        ("suggest",),
        ("run",),
        ("suggestions", "--date", firm.DAY),
        ("books", "list"),
        ("history", "import", "--folders"),
        ("quarantine", "list"),
        ("quarantine", "retry"),
        ("audit", "verify"),
        ("push", "csv", "--dry-run"),
        ("add", "--date", firm.DAY, "--matter", "2026-001", "--minutes", "12", "--narrative", "Day in court"),
        ("undo",),
    ],
    ids=" ".join,
)
def test_with_json_standard_output_is_one_json_document(home: Path, words: tuple[str, ...]) -> None:
    """And nothing else, whatever is said on standard error."""
    if words == ("undo",):
        autotime(home, "add", "--date", firm.DAY, "--matter", "2026-001", "--minutes", "6", "--narrative", "Call")
    done = autotime(home, *words, "--json")
    assert done.code == 0, done.err
    assert isinstance(done.json, dict | list)


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - {"demo", "evaluate", "guidelines list", "guidelines test"}))
def test_a_command_can_be_told_which_settings_and_whose_time(name: str) -> None:
    """``--config FILE`` and ``--timekeeper ID``, but where a firm is invented or only a file or settings are read."""
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    assert options >= {"--config", "--timekeeper"}


def test_nothing_typed_shows_the_help(tmp_path: Path) -> None:
    """With the exit code of a misuse."""
    shown = autotime(tmp_path)
    assert shown.code == 2
    assert "Commands:" in shown.out + shown.err
