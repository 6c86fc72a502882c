"""What every file of the project keeps to."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MACHINE = re.compile(r"(?<![\w}.])/(?:home|Users|root|work|mnt)/[A-Za-z0-9_.-]+|[A-Z]:\\Users\\")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX)\b")


def ours(*endings: str) -> list[Path]:
    """The project's own files: what is tracked, or would be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("no git checkout: nothing says which files are the project's")
    paths = [ROOT / name for name in listed.stdout.splitlines()]
    return [path for path in paths if path.suffix in endings and path.is_file()]


def lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines()


def test_no_source_file_is_long() -> None:
    """Four hundred lines are a place to look, and to split."""
    sources = [path for path in ours(".py") if path.relative_to(ROOT).parts[0] != "tests"]
    assert not {str(path.relative_to(ROOT)): len(lines(path)) for path in sources if len(lines(path)) > 400}


def test_nothing_names_a_path_of_a_machine() -> None:
    """The project runs anywhere, and says nothing of where it was written."""
    this = Path(__file__)
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in ours(".py", ".md", ".toml", ".yml", ".csv", ".txt", ".svg")
        if path != this
        for number, line in enumerate(lines(path), start=1)
        if MACHINE.search(line)
    ]
    assert not found


def test_nothing_is_left_unfinished() -> None:
    """What is not done is not there."""
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in ours(".py", ".md")
        if path != Path(__file__)
        for number, line in enumerate(lines(path), start=1)
        if UNFINISHED.search(line)
    ]
    assert not found


def test_every_module_says_what_it_is() -> None:
    """A source file begins with its docstring."""
    silent = [
        str(path.relative_to(ROOT))
        for path in ours(".py")
        if "tests" not in path.relative_to(ROOT).parts and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert not silent
