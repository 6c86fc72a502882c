"""The rules of one line: what its fields hold, its codes, people, sums and day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from autotime.billing.ledes.fields import (
    ADJUSTMENT,
    CLASSIFICATIONS,
    FIRM_ID,
    LINE_TYPES,
    NUMBER,
    OLD_CLASSIFICATIONS,
    SHAPES,
    Field,
    Layout,
    as_number,
)
from autotime.billing.ledes.findings import Finding
from autotime.billing.ledes.flat import Record
from autotime.billing.payload import number
from autotime.billing.utbms import load, task_codes

HALF_CENT = Decimal("0.005")
DAY_HOURS = 24
CENTS = 2
BRIEF = 1024
"""Characters of an invoice's description that Brightflag takes."""

STANDARD_SET = re.compile(r"(L|P|C|B|PA|TR)[0-9]{3}")
TASK = re.compile(r"[A-Z]{0,2}[0-9]{3,4}")
ACTIVITY = re.compile(r"A1(0[1-9]|1[0-9]|2[0-8])")
EXPENSE = re.compile(r"E1([01][0-9]|2[0-9]|3[01])|X[0-9]{3}")
PIECE = 8
"""Characters of the shortest piece of work that somebody would set apart with a semicolon."""


def known_task(code: str, code_set: str = "") -> bool:
    """In the set, where one of the shipped sets is named; else in the list where it looks like a standard set, and
    of the usual shape where it does not."""
    of_set = {one.code for one in load() if one.code_set == code_set} if code_set else set()
    if of_set:
        return code in of_set
    return code in task_codes() if STANDARD_SET.fullmatch(code) else bool(TASK.fullmatch(code))


def known_activity(code: str) -> bool:
    return bool(ACTIVITY.fullmatch(code))


def rules_of_line(layout: Layout, line: int, record: Record) -> Iterator[Finding]:
    kind = record["EXP/FEE/INV_ADJ_TYPE"]
    if kind not in LINE_TYPES:
        yield Finding(line, "EXP/FEE/INV_ADJ_TYPE", "type", "the type is F, E, IF or IE")
    for field in layout.fields:
        yield from _field(layout, line, field, kind, record[field.name])
    yield from _codes(line, record)
    yield from _people(layout, line, record)
    yield from _sum(layout, line, record)
    yield from _units(line, record)
    yield from _day(layout, line, record)
    yield from _texts(line, record)


def _field(layout: Layout, line: int, field: Field, kind: str, value: str) -> Iterator[Finding]:
    if not value.strip():
        if kind in field.needed:
            yield Finding(line, field.name, "required", f"a line of type {kind} needs it")
        elif value:
            yield Finding(line, field.name, "spaces", "it has only spaces")
    elif kind in field.empty:
        yield Finding(line, field.name, "blank", f"it is left blank on a line of type {kind}")
    else:
        yield from _value(layout, line, field, value)


def _value(layout: Layout, line: int, field: Field, value: str) -> Iterator[Finding]:
    if field.kind == "date" and layout.day(value) is None:
        yield Finding(line, field.name, "date", f"a date is {layout.day_form}")
    elif field.kind == "number" and not NUMBER.fullmatch(value):
        yield Finding(line, field.name, "number", "a number is digits, one point, up to 4 decimals")
    elif field.kind == "number" and len(value.lstrip("-").partition(".")[0]) > field.length:
        yield Finding(line, field.name, "length", f"at most {field.length} digits before the point")
    elif field.kind == "text" and 0 < field.length < len(value):
        yield Finding(line, field.name, "length", f"{len(value)} characters, at most {field.length}")
    elif field.kind in SHAPES and not SHAPES[field.kind][0].fullmatch(value):
        yield Finding(line, field.name, "shape", SHAPES[field.kind][1])
    elif field.kind == "country" and len(value) > 2:
        yield Finding(line, field.name, "country", "the country has three letters; one portal takes two")


def _codes(line: int, record: Record) -> Iterator[Finding]:
    task = record["LINE_ITEM_TASK_CODE"]
    if task and not known_task(task):
        yield Finding(line, "LINE_ITEM_TASK_CODE", "code", f"{task[:20]} is not a UTBMS task code")
    for name, shape in (("ACTIVITY", ACTIVITY), ("EXPENSE", EXPENSE)):
        code = record[f"LINE_ITEM_{name}_CODE"]
        if code and not shape.fullmatch(code):
            message = f"{code[:20]} is not a UTBMS {name.lower()} code"
            yield Finding(line, f"LINE_ITEM_{name}_CODE", "code", message)
    if record["EXP/FEE/INV_ADJ_TYPE"] == "F":
        for name in ("TASK", "ACTIVITY"):
            if not record[f"LINE_ITEM_{name}_CODE"].strip():
                yield Finding(line, f"LINE_ITEM_{name}_CODE", f"{name.lower()}-missing", "a fee line without it")


def _people(layout: Layout, line: int, record: Record) -> Iterator[Finding]:
    name, rank, firm = (record[f] for f in ("TIMEKEEPER_NAME", "TIMEKEEPER_CLASSIFICATION", "LAW_FIRM_ID"))
    if name and not all(part.strip() for part in [*name.split(",", 1), ""][:2]):
        rule = "name-order" if layout.kind == "1998BI" and record["TIMEKEEPER_LAST_NAME"] else "name"
        yield Finding(line, "TIMEKEEPER_NAME", rule, "a name is «Last, First»")
    if rank and rank not in CLASSIFICATIONS | OLD_CLASSIFICATIONS:
        yield Finding(line, "TIMEKEEPER_CLASSIFICATION", "classification", f"{rank[:10]} is not in the list")
    if firm and not FIRM_ID.fullmatch(firm):
        yield Finding(line, "LAW_FIRM_ID", "law-firm-id", "a tax id is digits, capitals and hyphens")


def _sum(layout: Layout, line: int, record: Record) -> Iterator[Finding]:
    units, cost = amount(record, "LINE_ITEM_NUMBER_OF_UNITS"), amount(record, "LINE_ITEM_UNIT_COST")
    total = amount(record, "LINE_ITEM_TOTAL")
    expected = units * cost + amount(record, "LINE_ITEM_ADJUSTMENT_AMOUNT") + amount(record, "LINE_ITEM_TAX_TOTAL")
    if abs(total - expected) > HALF_CENT:
        also = " and tax" if layout.kind == "1998BI" else ""
        message = f"{total} is not {units} × {cost} with its adjustment{also}, {plain(expected)}"
        yield Finding(line, "LINE_ITEM_TOTAL", "line-sum", message)


def _units(line: int, record: Record) -> Iterator[Finding]:
    units, cost = amount(record, "LINE_ITEM_NUMBER_OF_UNITS"), amount(record, "LINE_ITEM_UNIT_COST")
    kind = record["EXP/FEE/INV_ADJ_TYPE"]
    if kind == "F" and record["LINE_ITEM_UNIT_COST"] and cost <= 0:
        yield Finding(line, "LINE_ITEM_UNIT_COST", "rate", "the rate of a fee line is above zero")
    if kind == "E" and cost != round(cost, 2):
        yield Finding(line, "LINE_ITEM_UNIT_COST", "unit-cost", "an expense whose unit cost has more than two decimals")
    if units < 0:
        message = "a credit is an IF line with a negative total, not negative units"
        yield Finding(line, "LINE_ITEM_NUMBER_OF_UNITS", "units", message)
    if kind in ADJUSTMENT and record["LINE_ITEM_NUMBER_OF_UNITS"].strip() and units != 1:
        yield Finding(line, "LINE_ITEM_NUMBER_OF_UNITS", "adjustment", "an adjustment of other than one unit")
    if len(record["INVOICE_TOTAL"].partition(".")[2]) > CENTS:
        yield Finding(line, "INVOICE_TOTAL", "total-cents", f"the invoice's total has more than {CENTS} decimals")
    if kind == "F" and units > DAY_HOURS:
        yield Finding(line, "LINE_ITEM_NUMBER_OF_UNITS", "long-day", f"{units} hours on one day")


def _day(layout: Layout, line: int, record: Record) -> Iterator[Finding]:
    names = ("BILLING_START_DATE", "LINE_ITEM_DATE", "BILLING_END_DATE")
    first, day, last = (layout.day(record[name]) for name in names)
    if first and last and last < first:
        yield Finding(line, "BILLING_END_DATE", "period", "the period ends before it starts")
    elif first and day and last and not first <= day <= last:
        yield Finding(line, "LINE_ITEM_DATE", "period", "the day is outside the billing period")


def _texts(line: int, record: Record) -> Iterator[Finding]:
    if not record["INVOICE_NUMBER"].isalnum() and record["INVOICE_NUMBER"]:
        yield Finding(line, "INVOICE_NUMBER", "number-signs", "the number has other signs than letters and digits")
    if not record["CLIENT_MATTER_ID"].strip():
        yield Finding(line, "CLIENT_MATTER_ID", "client-matter", "the client's matter number is empty")
    if not record["LINE_ITEM_DESCRIPTION"].strip():
        yield Finding(line, "LINE_ITEM_DESCRIPTION", "narrative-missing", "the line does not say what was done")
    if len(record["INVOICE_DESCRIPTION"]) > BRIEF:
        yield Finding(line, "INVOICE_DESCRIPTION", "description-length", f"it has more than {BRIEF} characters")
    if record["EXP/FEE/INV_ADJ_TYPE"] == "F" and _several_tasks(record["LINE_ITEM_DESCRIPTION"]):
        yield Finding(line, "LINE_ITEM_DESCRIPTION", "block-billing", "it looks like several tasks in one line")


def _several_tasks(narrative: str) -> bool:
    """Whether two pieces of work stand side by side, with a semicolon between them."""
    return any(min(len(one), len(other)) >= PIECE for one, other in pairwise(narrative.split(";")))


def amount(record: Record, name: str) -> Decimal:
    """Zero where the field is empty, no number, or not of this kind: what is wrong with it is told elsewhere."""
    return as_number(record.get(name, "")) or Decimal(0)


def plain(value: Decimal) -> str:
    return number(value, 2)
