"""The first settings file, from what a person answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HEADER = "# Every setting, with its meaning and default: config.example.toml.\n"


def config_data(
    *,
    timekeeper: Mapping[str, Any],
    increment: int,
    sources: Mapping[str, list[Path] | None],
    key_file: Path | None,
    store_url: str = "",
) -> dict[str, Any]:
    """Settings as they will stand in the file; empty answers are left out."""
    data: dict[str, Any] = {
        "timekeepers": [{key: value for key, value in timekeeper.items() if value}],
        "store": {"url": store_url} if store_url else {},
        "policy": {"increment_minutes": increment},
        "sources": [source for kind, paths in sources.items() for source in _sources(kind, paths or [])],
    }
    if key_file is not None:
        data["store"] |= {"key": "file", "key_file": str(key_file.expanduser().absolute())}
    return {name: value for name, value in data.items() if value}


def _sources(kind: str, paths: list[Path]) -> list[dict[str, Any]]:
    whole = [str(path.expanduser().absolute()) for path in paths]
    if kind in ("maildir", "eml"):
        many = len(whole) > 1
        return [
            {"account": f"{kind} {number}" if many else kind, "type": kind, "path": path}
            for number, path in enumerate(whole, start=1)
        ]
    return [{"account": kind, "type": kind, "paths": whole}] if whole else []


def config_text(data: Mapping[str, Any]) -> str:
    """The settings as they stand in a new file."""
    return f"{HEADER}{tables_text(data)}"


def tables_text(data: Mapping[str, Any]) -> str:
    """Tables and lists of tables of plain values as TOML, an empty line before each."""
    lines: list[str] = []
    for name, value in data.items():
        tables = value if isinstance(value, list) else [value]
        bracket = "[[{}]]" if isinstance(value, list) else "[{}]"
        for table in tables:
            lines += ["", bracket.format(name), *(f"{key} = {_toml(item)}" for key, item in table.items())]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    """A TOML value: JSON's strings, numbers, lists and booleans are TOML's, but for one character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
