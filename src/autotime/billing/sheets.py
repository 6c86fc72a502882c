"""A CSV file a person made, read so that every mistake in it is named with its line and column."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from autotime.domain.errors import Misused
from autotime.intake import clean, for_screen

T = TypeVar("T")

LONGEST = 2_000
"""Characters of one cell."""
SHOWN = 25
"""Problems told at once."""


class Wrong(ValueError):
    """What is wrong with one cell; the message follows the quoted cell: «is not a number»."""


@dataclass(slots=True)
class Sheet:
    """The rows of a file and the columns of its header, and what was found wrong so far, in order of lines."""

    name: str
    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def unique(self, column: str) -> None:
        """A key stands once: the second row with it is a problem naming both lines."""
        seen: dict[str, int] = {}
        for row in self.rows:
            key = row.text(column)
            if key and key in seen:
                row.wrong(column, f"{quoted(key)} is already on line {seen[key]}")
            seen.setdefault(key, row.line)

    def refuse(self) -> None:
        """``Misused`` with every problem, where there is one."""
        if self.problems:
            more = len(self.problems) - SHOWN
            told = self.problems[:SHOWN] + ([f"… and {more} more"] if more > 0 else [])
            count = f"{len(self.problems)} problem{'s' if len(self.problems) > 1 else ''}"
            raise Misused(
                "\n".join([f"{self.name}: {count}", *told]),
                kept="nothing was imported",
                hint="correct the file and import it again",
            )


@dataclass(frozen=True, slots=True)
class Row:
    sheet: Sheet
    line: int
    cells: dict[str, str]

    def wrong(self, column: str, message: str) -> None:
        self.sheet.problems.append(f"line {self.line}, column {column}: {message}")

    def text(self, column: str) -> str:
        return self.cells.get(column, "")

    def read(self, column: str, reader: Callable[[str], T], default: T) -> T:
        """One cell through ``reader``; ``default`` where it is empty or wrong, which is then recorded."""
        cell = self.text(column)
        if not cell:
            return default
        try:
            return reader(cell)
        except Wrong as wrong:
            self.wrong(column, f"{quoted(cell)} {wrong}")
            return default

    def each(self, column: str, reader: Callable[[str], str]) -> tuple[str, ...]:
        """A list separated by «;», without repetitions."""
        found: dict[str, None] = {}
        for part in filter(None, (part.strip() for part in self.text(column).split(";"))):
            try:
                found[reader(part)] = None
            except Wrong as wrong:
                self.wrong(column, f"{quoted(part)} {wrong}")
        return tuple(found)


def quoted(cell: str) -> str:
    return f"'{for_screen(cell, 40)}'"


def read_sheet(data: bytes, name: str, columns: Sequence[str], required: Sequence[str]) -> Sheet:
    """Comma, semicolon or tab; UTF-8, UTF-16 with its mark, else Latin-1; any line ends; quoted breaks.

    A row may be shorter than the header (its last cells are empty), never longer. Empty rows are
    skipped. Line numbers are those an editor shows, of the row's first line.
    """
    sheet = Sheet(name)
    rows = _rows(sheet, _decoded(data))
    line, header = next(rows, (1, []))
    names = [clean(cell, 100).lower() for cell in header]
    sheet.columns = tuple(names)
    sheet.problems += _header_problems(line, names, columns, required)
    for line, cells in rows:
        if len(cells) > len(names):
            sheet.problems.append(f"line {line}: {len(cells)} values for {len(names)} columns")
            continue
        filled = [*cells, *[""] * (len(names) - len(cells))]
        row = Row(sheet, line, dict(zip(names, (clean(cell, LONGEST) for cell in filled), strict=True)))
        sheet.rows.append(row)
        _look_at(row, cells, required)
    return sheet


def _look_at(row: Row, cells: Sequence[str], required: Sequence[str]) -> None:
    for column, cell in zip(row.cells, cells, strict=False):
        if len(cell) > LONGEST:
            row.wrong(column, f"{len(cell)} characters, at most {LONGEST}")
    for column in required:
        if column in row.cells and not row.text(column):
            row.wrong(column, "is empty")


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _rows(sheet: Sheet, text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as broken:
        what = str(broken)
        if "unexpected end of data" in what:
            what = "a quotation mark is opened and not closed"
        sheet.problems.append(f"line {line}: {what}")


def _delimiter(text: str) -> str:
    """What separates the names of the header: the most frequent of comma, semicolon and tab."""
    header = Counter(text.lstrip().partition("\n")[0])
    return max(",;\t", key=lambda mark: header[mark])


def _header_problems(line: int, names: Sequence[str], columns: Sequence[str], required: Sequence[str]) -> Iterator[str]:
    where = f"line {line}, column"
    for name in names:
        if name not in columns:
            yield f"{where} {for_screen(name, 40)!r}: there is no such column; columns are {', '.join(columns)}"
    for name, times in Counter(names).items():
        if times > 1:
            yield f"{where} {for_screen(name, 40)}: it stands {times} times"
    for name in required:
        if name not in names:
            yield f"{where} {name}: it is missing and must be there"
