"""Labelled mail of invented people, and files of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

SUBJECTS = {"mill": ("freight claim", "jo"), "lease": ("warehouse rent", "max"), "merger": ("share escrow", "kim")}


def record(number: int, label: str = "", **changes: Any) -> dict[str, Any]:
    """One line: its matter by turns, its words and sender by its matter."""
    name = label or list(SUBJECTS)[number % len(SUBJECTS)]
    said, who = SUBJECTS.get(name, (name, "new"))
    return {
        "id": f"m{number:05}",
        "date": f"2026-{1 + number // 600:02}-{1 + number // 24 % 25:02}T{number % 24:02}:00:00+00:00",
        "from": f"{who}@client.example",
        "to": "ada@firm.example",
        "cc": "",
        "subject": f"{said} {number}",
        "body": f"About the {said}, point {number % 7} of the {said.split()[0]}.",
        "label": name,
        **changes,
    }


def records(number: int) -> list[dict[str, Any]]:
    return [record(place) for place in range(number)]


def written(path: Path, lines: Iterable[dict[str, Any] | str]) -> Path:
    """A file of such lines, gzipped where its name says so."""
    text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path
