"""What is wrong in a settings file, said so that a person finds the line and the right word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches
from typing import get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

Place = tuple[int | str, ...]
"""Where a setting is: names of tables and settings, and numbers within lists."""


def explained(errors: Iterable[ErrorDetails], root: type[BaseModel], text: str) -> list[str]:
    """One sentence for each error of the settings ``root``, with its line where ``text`` is the file's."""
    lines = _lines(text)
    return [_said(error, root, lines) for error in errors]


def _said(error: ErrorDetails, root: type[BaseModel], lines: dict[Place, int]) -> str:
    """«policy.increment_minutes (line 12): Input should be …»."""
    place = error["loc"]
    above = (place[:length] for length in range(len(place), 0, -1))
    line = next((lines[known] for known in above if known in lines), 0)
    unknown = error["type"] == "extra_forbidden"
    message = _unknown(place, root) if unknown else error["msg"].removeprefix("Value error, ")
    return f"{'.'.join(map(str, place))}{f' (line {line})' if line else ''}: {message}"


def _unknown(place: Place, root: type[BaseModel]) -> str:
    known = [name for name, field in _section_at(place[:-1], root).model_fields.items() if not field.exclude]
    close = get_close_matches(str(place[-1]), known, 1)
    return "there is no such setting; " + (f"did you mean «{close[0]}»?" if close else f"there are: {', '.join(known)}")


def _section_at(place: Place, root: type[BaseModel]) -> type[BaseModel]:
    """The section a place lies in; keys of tables and numbers of lists name no section."""
    section = root
    for part in place:
        field = section.model_fields.get(str(part))
        kinds = (field.annotation, *get_args(field.annotation)) if field else ()
        section = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), section)
    return section


HEADER = re.compile(r"\s*(\[\[?)([^\]]+)\]")
SETTING = re.compile(r"\s*([\w-]+|\"[^\"]+\")\s*=")
NAME = re.compile(r"\"([^\"]*)\"|([\w-]+)")


def _lines(text: str) -> dict[Place, int]:
    """Where each table begins and each setting stands, as far as a glance at the lines can tell."""
    found: dict[Place, int] = {}
    counts: Counter[Place] = Counter()
    table: Place = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := HEADER.match(line):
            table = _table(header[1] == "[[", ["".join(name) for name in NAME.findall(header[2])], counts)
            found[table] = number
            found.setdefault(table[:-1], number)
        elif setting := SETTING.match(line):
            found[(*table, setting[1].strip('"'))] = number
    return found


def _table(another: bool, names: list[str], counts: Counter[Place]) -> Place:
    """A table's place; those of a list are counted, and what stands below one belongs to the last."""
    place: Place = ()
    for depth, name in enumerate(names, start=1):
        place = (*place, name)
        counts[place] += another and depth == len(names)
        if counts[place]:
            place = (*place, counts[place] - 1)
    return place
