"""An invoice as records: every field of 1998BI, whose first 24 are those of 1998B."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from autotime.billing.ledes.flat import Record
from autotime.billing.ledes.refusals import of_client, rank_of
from autotime.billing.ledes.sums import ZERO, Sums, sums_of
from autotime.billing.ledes.texts import fold, full_name
from autotime.billing.payload import number, text


def records_of(
    header: Mapping[str, object], payloads: Sequence[Mapping[str, object]], tax_rate: Decimal
) -> list[Record]:
    lines = [(payload, sums_of(payload, tax_rate)) for payload in payloads]
    firm, money = _firm(header), _money(header, [sums for _, sums in lines])
    client = _client(header, payloads[0]) if payloads else {}
    common = firm | client | money
    return [
        common | item_of(n, payload, header, sums) | _taxed(sums, header, tax_rate)
        for n, (payload, sums) in enumerate(lines, start=1)
    ]


def client_of(header: Mapping[str, object], payload: Mapping[str, object]) -> str:
    """What the client's portal calls the client."""
    return of_client(header, "client_id") or text(payload, "client_ledes_id") or text(header, "client")


def _firm(header: Mapping[str, object]) -> Record:
    """What every line of the invoice repeats of the invoice and the firm."""
    return {
        "INVOICE_DATE": _day(header, "invoice_date"),
        "INVOICE_NUMBER": text(header, "invoice_number"),
        "BILLING_START_DATE": _day(header, "from"),
        "BILLING_END_DATE": _day(header, "to"),
        "INVOICE_DESCRIPTION": fold(text(header, "description")),
        "LAW_FIRM_ID": text(header, "tax_id"),
        "LAW_FIRM_NAME": fold(text(header, "firm_name")),
        **dict(_address("LAW_FIRM", {name: text(header, f"firm_{name}") for name in ADDRESS})),
    }


def _client(header: Mapping[str, object], payload: Mapping[str, object]) -> Record:
    return {
        "CLIENT_ID": client_of(header, payload),
        "CLIENT_NAME": fold(text(payload, "client_name")),
        "CLIENT_TAX_ID": fold(of_client(header, "tax_id")),
        "PO_NUMBER": fold(of_client(header, "po_number")),
        "ACCOUNT_TYPE": of_client(header, "account_type") or "O",
        **dict(_address("CLIENT", {name: of_client(header, name) for name in ADDRESS})),
    }


ADDRESS = {
    "street": "ADDRESS_1",
    "street_2": "ADDRESS_2",
    "city": "CITY",
    "state": "STATEorREGION",
    "postcode": "POSTCODE",
    "country": "COUNTRY",
}


def _address(whose: str, parts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, field in ADDRESS.items():
        yield f"{whose}_{field}", fold(parts[name])


def _money(header: Mapping[str, object], lines: Sequence[Sums]) -> Record:
    net = sum((line.net for line in lines), ZERO)
    tax = sum((line.tax for line in lines), ZERO)
    currency = text(header, "currency")
    return {
        "INVOICE_TOTAL": number(net + tax, 2),
        "INVOICE_TAX_TOTAL": number(tax, 2),
        "INVOICE_NET_TOTAL": number(net, 2),
        "INVOICE_CURRENCY": currency,
        "INVOICE_REPORTED_TAX_TOTAL": number(tax, 2),
        "INVOICE_TAX_CURRENCY": currency,
    }


def item_of(line: int, payload: Mapping[str, object], header: Mapping[str, object], sums: Sums) -> Record:
    """What a line says of its own."""
    return {
        "LAW_FIRM_MATTER_ID": text(payload, "matter"),
        "LINE_ITEM_NUMBER": str(line),
        "EXP/FEE/INV_ADJ_TYPE": "F",
        "LINE_ITEM_NUMBER_OF_UNITS": number(sums.hours, 1),
        "LINE_ITEM_ADJUSTMENT_AMOUNT": number(sums.adjustment, 2),
        "LINE_ITEM_TOTAL": number(sums.total, 2),
        "LINE_ITEM_DATE": _day(payload, "day"),
        "LINE_ITEM_TASK_CODE": text(payload, "task_code"),
        "LINE_ITEM_EXPENSE_CODE": "",
        "LINE_ITEM_ACTIVITY_CODE": text(payload, "activity_code"),
        "TIMEKEEPER_ID": text(payload, "timekeeper"),
        "LINE_ITEM_DESCRIPTION": fold(text(payload, "narrative")),
        "LINE_ITEM_UNIT_COST": number(sums.rate, 2),
        "TIMEKEEPER_NAME": full_name(payload),
        "TIMEKEEPER_CLASSIFICATION": rank_of(payload, header),
        "CLIENT_MATTER_ID": text(payload, "client_matter_id"),
        "MATTER_NAME": fold(text(payload, "matter_name")),
        "TIMEKEEPER_LAST_NAME": fold(text(payload, "timekeeper_last")),
        "TIMEKEEPER_FIRST_NAME": fold(text(payload, "timekeeper_first")),
    }


def _taxed(sums: Sums, header: Mapping[str, object], tax_rate: Decimal) -> Record:
    return {
        "LINE_ITEM_TAX_RATE": format(tax_rate, "f"),
        "LINE_ITEM_TAX_TOTAL": number(sums.tax, 2),
        "LINE_ITEM_TAX_TYPE": fold(of_client(header, "tax_type")),
    }


def _day(mapping: Mapping[str, object], key: str) -> str:
    return text(mapping, key).replace("-", "")
