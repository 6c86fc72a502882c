"""LEDES 1998B: an invoice as a file.

One invoice bills one client for one period. Units are hours; a line's total is units × rate, half
up to the cent, and the invoice's total is the sum of those. Time at no charge keeps its rate and is
taken off again by its adjustment. How hours are written: ``payload.hours_of``.

    LineTotal = round(units × rate) + adjustment        InvoiceTotal = Σ LineTotal
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from autotime.billing.ledes_check import Finding, Record, check, parse
from autotime.billing.ledes_fields import END, FIRST_LINE, HEADER_LINE, NAMES
from autotime.billing.ledes_refusals import COPY, NOT_INVOICED, fold, full_name, unfit, unfit_header
from autotime.billing.payload import FINEST, amount_of, hours_of, number, rate_of, text
from autotime.domain.delivery import BatchFile, Submission
from autotime.domain.errors import Refused
from autotime.domain.work import Billing

__all__ = ["Finding", "LedesBiller", "check", "fold", "parse"]


class LedesBiller:
    target = "ledes"
    extension = "txt"
    mapping_version = "ledes1998b-1"

    def __init__(self, line_ending: str = "\n") -> None:
        self.line_ending = line_ending

    def refuse_header(self, header: Mapping[str, object], earlier: Sequence[Mapping[str, object]]) -> list[str]:
        """What the invoice as a whole misses, each with the place to set it. ``earlier``: headers of
        batches already made, whose invoice numbers are used up."""
        return list(unfit_header(header, earlier))

    def refuse(self, payload: Mapping[str, object], header: Mapping[str, object]) -> str:
        if text(payload, "billing") == Billing.NON_BILLABLE:
            return NOT_INVOICED
        return "; ".join(unfit(payload, header))

    def render(self, batch: BatchFile, lines: Sequence[Submission]) -> bytes:
        """The file. Read back before it is given out: ``Refused`` if that gives anything else."""
        header = json.loads(batch.header)
        payloads = [json.loads(line.payload) for line in lines]
        total = sum((_total(payload) for payload in payloads), Decimal(0))
        invoice = _invoice(header, total, copy=any(line.copy for line in lines))
        records = [invoice | _item(number, payload) for number, payload in enumerate(payloads, start=1)]
        data = self._written(records)
        if parse(data) != records:
            raise Refused("the invoice cannot be written so that it reads back the same")
        return data

    def _written(self, records: Sequence[Record]) -> bytes:
        rows = ["|".join(record[name] for name in NAMES) + END for record in records]
        return "".join(row + self.line_ending for row in (FIRST_LINE, HEADER_LINE, *rows)).encode("ascii")


def _invoice(header: Mapping[str, object], total: Decimal, *, copy: bool) -> Record:
    """What every line of the invoice repeats."""
    description = fold(text(header, "description") or "For services rendered")
    return {
        "INVOICE_DATE": _day(header, "invoice_date"),
        "INVOICE_NUMBER": text(header, "invoice_number"),
        "CLIENT_ID": text(header, "client"),
        "INVOICE_TOTAL": number(total, 2),
        "BILLING_START_DATE": _day(header, "from"),
        "BILLING_END_DATE": _day(header, "to"),
        "INVOICE_DESCRIPTION": f"{COPY}: {description}" if copy else description,
        "LAW_FIRM_ID": text(header, "tax_id"),
    }


def _item(line: int, payload: Mapping[str, object]) -> Record:
    return {
        "LAW_FIRM_MATTER_ID": text(payload, "matter"),
        "LINE_ITEM_NUMBER": str(line),
        "EXP/FEE/INV_ADJ_TYPE": "F",
        "LINE_ITEM_NUMBER_OF_UNITS": number(hours_of(payload), 1),
        "LINE_ITEM_ADJUSTMENT_AMOUNT": number(_adjustment(payload), 2),
        "LINE_ITEM_TOTAL": number(_total(payload), 2),
        "LINE_ITEM_DATE": _day(payload, "day"),
        "LINE_ITEM_TASK_CODE": text(payload, "task_code"),
        "LINE_ITEM_EXPENSE_CODE": "",
        "LINE_ITEM_ACTIVITY_CODE": text(payload, "activity_code"),
        "TIMEKEEPER_ID": text(payload, "timekeeper"),
        "LINE_ITEM_DESCRIPTION": fold(text(payload, "narrative")),
        "LINE_ITEM_UNIT_COST": number(rate_of(payload) or Decimal(0), 2),
        "TIMEKEEPER_NAME": full_name(payload),
        "TIMEKEEPER_CLASSIFICATION": text(payload, "classification"),
        "CLIENT_MATTER_ID": text(payload, "client_matter_id"),
    }


def _day(mapping: Mapping[str, object], key: str) -> str:
    return text(mapping, key).replace("-", "")


def _total(payload: Mapping[str, object]) -> Decimal:
    return amount_of(payload) or Decimal("0.00")


def _adjustment(payload: Mapping[str, object]) -> Decimal:
    """What takes a no-charge line back to zero: −(units × rate), to the field's four decimals."""
    if text(payload, "billing") != Billing.NO_CHARGE:
        return Decimal("0.00")
    return -(hours_of(payload) * (rate_of(payload) or Decimal(0))).quantize(FINEST, ROUND_HALF_UP)
