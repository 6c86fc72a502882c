"""CSV: approved time as a table for any billing system that imports one.

RFC 4180: a header row, CRLF, quotation marks where needed. UTF-8 without a byte order mark, since
importers take the mark for a part of the first column's name (in Excel: Data, From Text/CSV).
Numbers are plain digits with a point. Text that a spreadsheet would take for a formula has an
apostrophe before it, which ``parse`` takes off again. The columns of single systems: ``layouts``.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from autotime.billing.mapping import Rule, fields, rules, unmapped, values_of, version_of
from autotime.billing.payload import refused_time
from autotime.domain.delivery import BatchFile, Submission
from autotime.domain.errors import Misused
from autotime.intake import FORMULA, clean, for_csv

LONGEST = 30_000
"""Characters of one cell; spreadsheets stop at 32,767."""


class SheetBiller:
    """One row for each entry. A layout says which columns there are and how each is usually filled.

    ``needs`` must have a value, ``exact`` must be written as they are, or the importer does not know them again.
    ``aside`` is what a person chooses at the upload.
    ``folds`` are values of an entry for which the layout has another word, with the column that has it.
    ``mapping`` changes single columns, ``columns`` are the header of the firm's own template, in its order.
    """

    target = ""
    extension = "csv"
    layout = ""
    usual: ClassVar[Mapping[str, Rule]] = {}
    needs: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    folds: ClassVar[Mapping[tuple[str, str], str]] = {}

    def __init__(self, mapping: Mapping[str, Mapping[str, Any]] | None = None, columns: Sequence[str] = ()) -> None:
        self.changed = mapping or {}
        self.columns = self._columns(columns)
        self.rules = rules(self.columns, self.changed, self.target)
        usual = not self.changed and not columns
        self.mapping_version = self.layout + ("" if usual else f"-{version_of(self.columns, self.changed)}")

    def _columns(self, named: Sequence[str]) -> dict[str, Rule]:
        if twice := [name for name in named if named.count(name) > 1]:
            where = f"[billing.columns] {self.target}"
            raise Misused(f"{where}: «{twice[0]}» stands twice", hint=f"name each column of {where} once")
        return {name: self.usual.get(name, Rule()) for name in named} or dict(self.usual)

    def told(self, payload: Mapping[str, object]) -> dict[str, str]:
        """A row without the batch it is in."""
        return fields(payload, self.columns, self.changed, self.target)

    def drops(self, payload: Mapping[str, object]) -> tuple[str, ...]:
        """Fields of the entry that have something to say and no column, or only a column with another word."""
        folded = [name for (name, value), column in self.folds.items() if self._folded(payload, name, value, column)]
        return (*unmapped(payload, self.columns, self.changed, self.aside, self.target), *folded)

    def _folded(self, payload: Mapping[str, object], name: str, value: str, column: str) -> bool:
        return str(payload.get(name, "")) == value and column in self.rules and column not in self.changed

    def refuse(self, payload: Mapping[str, object], header: Mapping[str, object]) -> str:  # noqa: ARG002
        """A cell has its limit, and what the importer needs must be there and stand as it is."""
        if reason := refused_time(payload):
            return reason
        told = self.told(payload)
        if any(len(str(value)) > LONGEST for value in (*payload.values(), *told.values())):
            return f"a text is too long, a cell has room for {LONGEST} characters"
        for name in (name for name in self.needs if not told.get(name, "unasked")):
            return f"«{name}» is empty: fill it in the books, or by [billing.mapping.{self.target}.{name}]"
        for name in (name for name in self.exact if _cell(told.get(name, "")) != told.get(name, "")):
            return (
                f"«{name}» cannot be written as it is, so it would not be known: [billing.mapping.{self.target}.{name}]"
            )
        return ""

    def render(self, batch: BatchFile, lines: Sequence[Submission]) -> bytes:
        sheet = io.StringIO(newline="")
        writer = csv.writer(sheet, lineterminator="\r\n")
        columns = self._rules_of(batch)
        writer.writerow(columns)
        for number, line in enumerate(lines, start=1):
            where = {"batch": batch.id, "line": str(number), "copy": "copy" if line.copy else ""}
            values = values_of(json.loads(line.payload) | where)
            writer.writerow(_cell(rule.of(values)) for rule in columns.values())
        return sheet.getvalue().encode()

    def _rules_of(self, batch: BatchFile) -> Mapping[str, Rule]:
        """Those that held when the batch was made."""
        sheet = json.loads(batch.header).get("sheet")
        return rules(self._columns(sheet["columns"] or ()), sheet["mapping"], self.target) if sheet else self.rules


COLUMNS = (
    "batch", "line", "entry_id", "revision", "copy", "date",
    "timekeeper_id", "timekeeper_last", "timekeeper_first", "classification",
    "client_id", "client_name", "matter_id", "matter_name", "client_matter_id",
    "task_code", "activity_code",
    "hours", "billed_minutes", "worked_seconds", "increment_minutes", "rounding",
    "rate", "currency", "amount", "fee_type", "billing", "travel", "late", "narrative",
)  # fmt: skip
NAMED = {
    "entry_id": "entry",
    "date": "day",
    "timekeeper_id": "timekeeper",
    "client_id": "client",
    "matter_id": "matter",
}
USUAL = {name: Rule(NAMED.get(name, name)) for name in COLUMNS} | {
    "travel": Rule("travel", map={"1": "yes", "0": "no"}, default="no")
}


class CsvBiller(SheetBiller):
    """Everything an importer may ask for. Any entry can be a row, at any rate or none."""

    target = "csv"
    layout = "csv-1"
    usual = USUAL


def parse(data: bytes) -> list[dict[str, str]]:
    """The rows of a file this biller wrote, without the guards against formulas."""
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return [{name: unguarded(value) for name, value in row.items()} for row in rows]


def unguarded(cell: str) -> str:
    rest = cell.removeprefix("'")
    start = rest.lstrip(" '\"")[:1]
    return rest if cell != rest and start and start in FORMULA else cell


def _cell(value: str) -> str:
    return for_csv(clean(value, LONGEST))
