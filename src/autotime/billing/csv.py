"""CSV: approved time as a table for any billing system that imports one.

RFC 4180: a header row, CRLF, quotation marks where needed. UTF-8 without a byte order mark, since
importers take the mark for a part of the first column's name (in Excel: Data, From Text/CSV).
Numbers are plain digits with a point, dates ISO. Text that a spreadsheet would take for a formula
has an apostrophe before it, which ``parse`` takes off again.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence

from autotime.billing.payload import amount_of, hours_of, number, text
from autotime.domain.delivery import BatchFile, Submission
from autotime.intake import FORMULA, clean, for_csv

COLUMNS = (
    "batch", "line", "entry_id", "revision", "copy", "date",
    "timekeeper_id", "timekeeper_last", "timekeeper_first", "classification",
    "client_id", "client_name", "matter_id", "matter_name", "client_matter_id",
    "task_code", "activity_code",
    "hours", "billed_minutes", "worked_seconds", "increment_minutes", "rounding",
    "rate", "currency", "amount", "billing", "travel", "late", "narrative",
)  # fmt: skip
LONGEST = 30_000
"""Characters of one cell; spreadsheets stop at 32,767."""


class CsvBiller:
    target = "csv"
    extension = "csv"
    mapping_version = "csv-1"

    def refuse(self, payload: Mapping[str, object], header: Mapping[str, object]) -> str:  # noqa: ARG002
        """Any entry can be a row, at any rate or none; only a cell has its limit."""
        if any(len(str(value)) > LONGEST for value in payload.values()):
            return f"a text is too long, a cell has room for {LONGEST} characters"
        return ""

    def render(self, batch: BatchFile, lines: Sequence[Submission]) -> bytes:
        sheet = io.StringIO(newline="")
        writer = csv.DictWriter(sheet, COLUMNS, lineterminator="\r\n")
        writer.writeheader()
        for line_number, line in enumerate(lines, start=1):
            payload = json.loads(line.payload)
            where = {"batch": batch.id, "line": line_number, "copy": "copy" if line.copy else ""}
            writer.writerow(where | _numbers(payload) | _texts(payload))
        return sheet.getvalue().encode()


def parse(data: bytes) -> list[dict[str, str]]:
    """The rows of a file this biller wrote, without the guards against formulas."""
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return [{name: unguarded(value) for name, value in row.items()} for row in rows]


def unguarded(cell: str) -> str:
    rest = cell.removeprefix("'")
    start = rest.lstrip(" '\"")[:1]
    return rest if cell != rest and start and start in FORMULA else cell


def _numbers(payload: Mapping[str, object]) -> dict[str, str]:
    amount = amount_of(payload)
    counts = ("revision", "billed_minutes", "worked_seconds", "increment_minutes")
    return {name: text(payload, name) for name in counts} | {
        "hours": number(hours_of(payload), 1),
        "rate": text(payload, "rate"),
        "amount": "" if amount is None else number(amount, 2),
        "travel": "yes" if payload.get("travel") else "no",
    }


def _texts(payload: Mapping[str, object]) -> dict[str, str]:
    named = {"entry_id": "entry", "date": "day", "timekeeper_id": "timekeeper"}
    named |= {"client_id": "client", "matter_id": "matter"}
    same = (
        *("timekeeper_last", "timekeeper_first", "classification", "client_name", "matter_name"),
        *("client_matter_id", "task_code", "activity_code", "rounding", "currency", "billing", "late"),
        "narrative",
    )
    named |= {name: name for name in same}
    return {column: for_csv(clean(text(payload, key), LONGEST)) for column, key in named.items()}
