"""Whether a LEDES 1998B file, anybody's, obeys the rules, and where it does not.

An invoice is all lines with one invoice number and one client.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from autotime.billing.ledes_fields import (
    CLASSIFICATIONS,
    END,
    FIELDS,
    FIRM_ID,
    FIRST_LINE,
    HEADER_LINE,
    LINE_TYPES,
    NAMES,
    OLD_CLASSIFICATIONS,
    Field,
    as_day,
    as_number,
)
from autotime.billing.utbms import task_codes
from autotime.domain.errors import Misused

Record = dict[str, str]

HALF_CENT = Decimal("0.005")
STANDARD_SET = re.compile(r"(L|P|C|B|PA|TR)[0-9]{3}")
TASK = re.compile(r"[A-Z]{0,2}[0-9]{3,4}")
ACTIVITY = re.compile(r"A1(0[1-9]|1[0-9]|2[0-8])")
EXPENSE = re.compile(r"E1([01][0-9]|2[0-9]|3[01])|X[0-9]{3}")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One broken rule. ``line`` counts from 1; ``field`` is empty where the line as a whole is meant.
    The message shows no narrative."""

    line: int
    field: str
    rule: str
    message: str


def parse(data: bytes) -> list[Record]:
    """The records of a file by field name. ``Misused`` names the first line that is no record."""
    broken = [finding for finding in _structure(data) if finding.rule != "line-end"]
    if broken:
        raise Misused(f"line {broken[0].line}: {broken[0].message}", hint="autotime ledes check FILE")
    return [record for _, record in _records(data)]


def check(data: bytes) -> list[Finding]:
    """All that is wrong, in order of lines; empty for a file that obeys every rule."""
    numbered = list(_records(data))
    findings = [*_structure(data), *_ascii(data)]
    if not numbered and not findings:
        findings.append(Finding(3, "", "empty", "there is no line item"))
    for line, record in numbered:
        findings += _fields(line, record)
        findings += _line(line, record)
    for invoice in _invoices(numbered):
        findings += _invoice(invoice)
    return sorted(set(findings))


def _lines(data: bytes) -> list[str]:
    text = data.decode("latin-1")
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _records(data: bytes) -> Iterator[tuple[int, Record]]:
    """Every line that has the shape of a record, with its number."""
    for number, raw in enumerate(_lines(data)[2:], start=3):
        line = raw.removesuffix("\r")
        values = line.removesuffix(END).split("|")
        if line.endswith(END) and len(values) == len(NAMES):
            yield number, dict(zip(NAMES, values, strict=True))


def _structure(data: bytes) -> Iterator[Finding]:
    lines = _lines(data)
    bare = [line.removesuffix("\r") for line in lines]
    if not bare or bare[0] != FIRST_LINE:
        yield Finding(1, "", "first-line", f"the first line is {FIRST_LINE}")
    if len(bare) < 2 or bare[1] != HEADER_LINE:
        yield Finding(2, "", "field-names", "the second line names the 24 fields in order")
    for number, line in enumerate(bare[2:], start=3):
        if not line.endswith(END):
            yield Finding(number, "", "record-end", f"a record ends with {END}")
        elif "[" in line.removesuffix(END) or "]" in line.removesuffix(END):
            yield Finding(number, "", "record-end", f"{END} stands only at the end of a record")
        elif line.count("|") != len(NAMES) - 1:
            yield Finding(number, "", "field-count", f"{line.count('|') + 1} fields, not {len(NAMES)}")
    if len({line.endswith("\r") for line in lines[: len(lines) if data.endswith(b"\n") else -1]}) > 1:
        yield Finding(1, "", "line-end", "some lines end with CR LF, some with LF")


def _ascii(data: bytes) -> Iterator[Finding]:
    for number, raw in enumerate(_lines(data), start=1):
        for name, value in zip(NAMES, raw.removesuffix("\r").split("|"), strict=False):
            strange = next((c for c in value if not " " <= c <= "~"), "")
            if strange:
                message = f"the byte {ord(strange):#04x} is not printable ASCII"
                yield Finding(number, name if number > 2 else "", "ascii", message)


# --- one line ----------------------------------------------------------------------------------------


def _fields(line: int, record: Record) -> Iterator[Finding]:
    kind = record["EXP/FEE/INV_ADJ_TYPE"]
    if kind not in LINE_TYPES:
        yield Finding(line, "EXP/FEE/INV_ADJ_TYPE", "type", "the type is F, E, IF or IE")
        return
    for field in FIELDS:
        value = record[field.name]
        if not value.strip():
            if kind in field.needed:
                yield Finding(line, field.name, "required", f"a line of type {kind} needs it")
        elif kind in field.empty:
            yield Finding(line, field.name, "blank", f"it is left blank on a line of type {kind}")
        else:
            yield from _value(line, field, value)


def _value(line: int, field: Field, value: str) -> Iterator[Finding]:
    if field.kind == "date" and as_day(value) is None:
        yield Finding(line, field.name, "date", "a date is YYYYMMDD")
    elif field.kind == "number" and as_number(value) is None:
        yield Finding(line, field.name, "number", "a number is digits, one point, up to 4 decimals")
    elif field.kind == "number" and len(value.lstrip("-").partition(".")[0]) > field.length:
        yield Finding(line, field.name, "length", f"at most {field.length} digits before the point")
    elif field.kind == "text" and len(value) > field.length:
        yield Finding(line, field.name, "length", f"{len(value)} characters, at most {field.length}")


def _line(line: int, record: Record) -> Iterator[Finding]:
    yield from _codes(line, record)
    yield from _people(line, record)
    yield from _sum(line, record)
    yield from _day(line, record)
    if record["LAW_FIRM_ID"] and not FIRM_ID.fullmatch(record["LAW_FIRM_ID"]):
        yield Finding(line, "LAW_FIRM_ID", "law-firm-id", "a tax id is digits, capitals and hyphens")


def _codes(line: int, record: Record) -> Iterator[Finding]:
    task = record["LINE_ITEM_TASK_CODE"]
    if task and not known_task(task):
        yield Finding(line, "LINE_ITEM_TASK_CODE", "code", f"{task[:20]} is not a UTBMS task code")
    for name, shape in (("ACTIVITY", ACTIVITY), ("EXPENSE", EXPENSE)):
        code = record[f"LINE_ITEM_{name}_CODE"]
        if code and not shape.fullmatch(code):
            message = f"{code[:20]} is not a UTBMS {name.lower()} code"
            yield Finding(line, f"LINE_ITEM_{name}_CODE", "code", message)


def known_task(code: str) -> bool:
    """In the list where it looks like one of the standard sets; of the usual shape where it does not."""
    return code in task_codes() if STANDARD_SET.fullmatch(code) else bool(TASK.fullmatch(code))


def known_activity(code: str) -> bool:
    return bool(ACTIVITY.fullmatch(code))


def _people(line: int, record: Record) -> Iterator[Finding]:
    name, rank = record["TIMEKEEPER_NAME"], record["TIMEKEEPER_CLASSIFICATION"]
    if name and not all(part.strip() for part in [*name.split(",", 1), ""][:2]):
        yield Finding(line, "TIMEKEEPER_NAME", "name", "a name is «Last, First»")
    if rank and rank not in CLASSIFICATIONS | OLD_CLASSIFICATIONS:
        yield Finding(line, "TIMEKEEPER_CLASSIFICATION", "classification", f"{rank[:10]} is not in the list")


def _sum(line: int, record: Record) -> Iterator[Finding]:
    units, cost = _number(record, "LINE_ITEM_NUMBER_OF_UNITS"), _number(record, "LINE_ITEM_UNIT_COST")
    total = _number(record, "LINE_ITEM_TOTAL")
    expected = units * cost + _number(record, "LINE_ITEM_ADJUSTMENT_AMOUNT")
    if abs(total - expected) > HALF_CENT:
        message = f"{total} is not {units} × {cost} with its adjustment, {number_text(expected)}"
        yield Finding(line, "LINE_ITEM_TOTAL", "line-sum", message)
    if record["EXP/FEE/INV_ADJ_TYPE"] == "F" and record["LINE_ITEM_UNIT_COST"] and cost <= 0:
        yield Finding(line, "LINE_ITEM_UNIT_COST", "rate", "the rate of a fee line is above zero")
    if units < 0:
        message = "a credit is an IF line with a negative total, not negative units"
        yield Finding(line, "LINE_ITEM_NUMBER_OF_UNITS", "units", message)


def number_text(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _number(record: Mapping[str, str], name: str) -> Decimal:
    return as_number(record[name]) or Decimal(0)


def _day(line: int, record: Record) -> Iterator[Finding]:
    first, last = as_day(record["BILLING_START_DATE"]), as_day(record["BILLING_END_DATE"])
    day = as_day(record["LINE_ITEM_DATE"])
    if first and last and last < first:
        yield Finding(line, "BILLING_END_DATE", "period", "the billing period ends before it starts")
    elif first and last and day and not first <= day <= last:
        yield Finding(line, "LINE_ITEM_DATE", "period", "the date is outside the billing period")


# --- one invoice -------------------------------------------------------------------------------------

Numbered = Sequence[tuple[int, Record]]


def _invoices(numbered: Numbered) -> list[Numbered]:
    found: dict[tuple[str, str], list[tuple[int, Record]]] = defaultdict(list)
    for line, record in numbered:
        found[record["INVOICE_NUMBER"], record["CLIENT_ID"]].append((line, record))
    return list(found.values())


def _invoice(lines: Numbered) -> Iterator[Finding]:
    first_line, first = lines[0]
    for field in FIELDS:
        for line, record in lines:
            if field.constant and record[field.name] != first[field.name]:
                message = f"it differs from line {first_line} of the same invoice"
                yield Finding(line, field.name, "constant", message)
    total = sum((_number(record, "LINE_ITEM_TOTAL") for _, record in lines), Decimal(0))
    if total != _number(first, "INVOICE_TOTAL"):
        message = f"the lines sum to {number_text(total)}"
        yield Finding(first_line, "INVOICE_TOTAL", "invoice-sum", message)
    yield from _twice(lines)


def _twice(lines: Numbered) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for line, record in lines:
        number = record["LINE_ITEM_NUMBER"]
        if number in seen:
            message = f"number {number[:20]} is also on line {seen[number]}"
            yield Finding(line, "LINE_ITEM_NUMBER", "duplicate", message)
        seen.setdefault(number, line)
