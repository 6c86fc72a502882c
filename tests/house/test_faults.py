"""The page of faults names no test that is not there, and leaves no fault out."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "faults.md"
ROW = re.compile(r"^\| F(\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
PROOF = re.compile(r"`((?:tests|src/autotime/testing)/[\w/]+\.py)::(test_\w+)`")
PARTS = {"collectors", "web", "vault", "steps", "timeline", "intake"}

ROWS = ROW.findall(PAGE.read_text("utf-8"))


@cache
def named_in(file: Path) -> frozenset[str]:
    """Every test of a module, those of its classes too."""
    tree = ast.parse(file.read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_no_fault_is_left_out() -> None:
    """F37 to F89, each once and in order."""
    assert [int(number) for number, *_ in ROWS] == list(range(37, 90))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"F{row[0]}")
def test_every_fault_is_proven_by_tests_that_are_there(row: tuple[str, ...]) -> None:
    """And says which part answers for it."""
    _, _, part, _, proven = row
    assert part in PARTS
    proofs = PROOF.findall(proven)
    assert len(proofs) == len(proven.split("<br>"))
    for file, name in proofs:
        assert name in named_in(ROOT / file), f"{file}::{name}"
