"""What an invoice says, whichever of the three kinds of LEDES file it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from autotime.billing.ledes import flat, xml_reading
from autotime.billing.ledes.fields import Layout, as_number
from autotime.billing.ledes.flat import HINT, Record, Rows
from autotime.domain.errors import Misused

LARGEST = 48_000_000
"""Bytes. An invoice of 3000 lines with the longest narratives has less."""

MOST_LINES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One line. ``type``: F fee, E expense, IF and IE adjustments of a whole invoice. ``hours`` are units: of an
    expense, its quantity. ``timekeeper_name`` is «Last, First». ``amount`` = hours × rate + adjustment + tax, as the
    file says it. ``line`` is where it stands in the file, ``invoice`` the number of its invoice."""

    line: int
    invoice: str
    number: str
    type: str
    day: date
    hours: Decimal
    timekeeper: str
    timekeeper_name: str
    classification: str
    matter: str
    client_matter: str
    task: str
    activity: str
    expense: str
    narrative: str
    rate: Decimal | None
    adjustment: Decimal
    tax: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceHead:
    """What an invoice says beside its lines. ``firm`` is the firm's tax id; names, currency and ``tax`` are empty and
    zero where the kind has no such field."""

    number: str
    day: date
    first: date
    last: date
    client: str
    client_name: str
    firm: str
    firm_name: str
    currency: str
    total: Decimal
    tax: Decimal
    description: str


@dataclass(frozen=True, slots=True)
class Invoice:
    """A file. ``kind``: 1998B, 1998BI or XML. A file may hold several invoices: ``heads`` in their order, and each
    line names its own."""

    kind: str
    heads: tuple[InvoiceHead, ...]
    lines: tuple[InvoiceLine, ...]

    @property
    def head(self) -> InvoiceHead:
        """The first invoice's facts: of most files, the only one's."""
        return self.heads[0]


def read_invoice(data: bytes) -> Invoice:
    """The invoice of a file of any kind. ``Misused`` names the first line that cannot be read."""
    if size := too_large(data):
        raise Misused(f"{size}: it is no invoice", hint="choose another file")
    layout, rows = _rows(data)
    if not rows:
        raise Misused("there is no line item in the file", hint=HINT)
    heads = {(row["INVOICE_NUMBER"], row["CLIENT_ID"]): _head(layout, line, row) for line, row in reversed(rows)}
    lines = tuple(_line(layout, line, row) for line, row in rows)
    return Invoice(layout.kind, tuple(reversed(heads.values())), lines)


def is_xml(data: bytes) -> bool:
    """By its first sign: a file of records begins with a word."""
    return flat.decoded(data[:1000]).lstrip().startswith("<")


def too_large(data: bytes) -> str:
    """Why a file is not looked at at all; empty for one of a size that invoices have."""
    if len(data) > LARGEST:
        return f"the file has more than {LARGEST // 1_000_000} MB, up to which LEDES files are read"
    lines = data.count(b"\n")
    return f"the file has {lines} lines, and LEDES files are read up to {MOST_LINES}" if lines > MOST_LINES else ""


def _rows(data: bytes) -> tuple[Layout, Rows]:
    if is_xml(data):
        return xml_reading.XML, xml_reading.rows(xml_reading.tree(data))
    flat.parse(data)
    return flat.layout(data), flat.rows(data)


def _head(layout: Layout, line: int, row: Record) -> InvoiceHead:
    return InvoiceHead(
        number=row["INVOICE_NUMBER"],
        day=_day(layout, line, row, "INVOICE_DATE"),
        first=_day(layout, line, row, "BILLING_START_DATE"),
        last=_day(layout, line, row, "BILLING_END_DATE"),
        client=row["CLIENT_ID"],
        client_name=row.get("CLIENT_NAME", ""),
        firm=row["LAW_FIRM_ID"],
        firm_name=row.get("LAW_FIRM_NAME", ""),
        currency=row.get("INVOICE_CURRENCY", ""),
        total=_number(line, row, "INVOICE_TOTAL"),
        tax=_number(line, row, "INVOICE_TAX_TOTAL"),
        description=row["INVOICE_DESCRIPTION"],
    )


def _line(layout: Layout, line: int, row: Record) -> InvoiceLine:
    return InvoiceLine(
        line=line,
        invoice=row["INVOICE_NUMBER"],
        number=row["LINE_ITEM_NUMBER"],
        type=row["EXP/FEE/INV_ADJ_TYPE"],
        day=_day(layout, line, row, "LINE_ITEM_DATE"),
        hours=_number(line, row, "LINE_ITEM_NUMBER_OF_UNITS"),
        timekeeper=row["TIMEKEEPER_ID"],
        timekeeper_name=", ".join(_name(row)),
        classification=row["TIMEKEEPER_CLASSIFICATION"],
        matter=row["LAW_FIRM_MATTER_ID"],
        client_matter=row["CLIENT_MATTER_ID"],
        task=row["LINE_ITEM_TASK_CODE"],
        activity=row["LINE_ITEM_ACTIVITY_CODE"],
        expense=row["LINE_ITEM_EXPENSE_CODE"],
        narrative=row["LINE_ITEM_DESCRIPTION"],
        rate=_number(line, row, "LINE_ITEM_UNIT_COST") if row["LINE_ITEM_UNIT_COST"].strip() else None,
        adjustment=_number(line, row, "LINE_ITEM_ADJUSTMENT_AMOUNT"),
        tax=_number(line, row, "LINE_ITEM_TAX_TOTAL"),
        amount=_number(line, row, "LINE_ITEM_TOTAL"),
    )


def _name(row: Record) -> Iterator[str]:
    """Last name, then first: from their own fields, else from the one that holds both."""
    parts = [row.get("TIMEKEEPER_LAST_NAME", ""), row.get("TIMEKEEPER_FIRST_NAME", "")]
    if not any(parts):
        parts = row["TIMEKEEPER_NAME"].split(",", 1)
    return (part.strip() for part in parts if part.strip())


def _day(layout: Layout, line: int, row: Record, name: str) -> date:
    found = layout.day(row[name].strip())
    if found is None:
        raise Misused(f"line {line}: {name} is no day of the form {layout.day_form}", hint=HINT)
    return found


def _number(line: int, row: Record, name: str) -> Decimal:
    """Zero where the field is empty, or the kind has none."""
    value = row.get(name, "").strip()
    found = as_number(value) if value else Decimal(0)
    if found is None:
        raise Misused(f"line {line}: {name} is no number", hint=HINT)
    return found
