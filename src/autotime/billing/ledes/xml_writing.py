"""LEDES XML 2.2, written from the table in ``xml_fields``: correct the table, and the file follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from typing import Any
from xml.sax.saxutils import escape

from autotime.billing.ledes.records import client_of
from autotime.billing.ledes.refusals import of_client, rank_of
from autotime.billing.ledes.sums import ZERO, Sums, sums_of
from autotime.billing.ledes.texts import one_line
from autotime.billing.ledes.tree import Element, read
from autotime.billing.ledes.xml_fields import COUNTER, LEFT_OUT, NAMESPACE, REPEATED, ROOT, SEGMENTS
from autotime.billing.payload import CENT, number, text

Values = dict[str, Any]
"""A segment: texts by element, segments by name, lists of segments where they repeat."""

WRITER = ("autotime", "1")
"""``source_app`` and ``app_version``: of this table, so that a batch written again has the same bytes."""


def written(root: Element) -> bytes:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<{ROOT} xmlns="{NAMESPACE}">']
    for child in root.children:
        lines += _lines(child, "  ")
    return "\n".join([*lines, f"</{ROOT}>", ""]).encode()


def reads_back(data: bytes, root: Element) -> bool:
    return _same(read(data), root)


def _same(one: Element, other: Element) -> bool:
    if (one.tag, one.text, len(one.children)) != (other.tag, other.text, len(other.children)):
        return False
    return all(_same(a, b) for a, b in zip(one.children, other.children, strict=True))


def _lines(element: Element, indent: str) -> Iterator[str]:
    if not element.children:
        yield (
            f"{indent}<{element.tag}>{escape(element.text)}</{element.tag}>"
            if element.text
            else (f"{indent}<{element.tag}/>")
        )
        return
    yield f"{indent}<{element.tag}>"
    for child in element.children:
        yield from _lines(child, indent + "  ")
    yield f"{indent}</{element.tag}>"


def tree_of(header: Mapping[str, object], payloads: Sequence[Mapping[str, object]]) -> Element:
    root = Element(ROOT, 0)
    root.children.append(_segment("firm", _firm(header, payloads), count(1)))
    return root


def _segment(name: str, values: Values, numbers: Iterator[int]) -> Element:
    segment = Element(name, 0)
    for tag in SEGMENTS[name]:
        segment.children += _children(tag, values.get(tag, ""), numbers)
    return segment


def _children(tag: str, value: Any, numbers: Iterator[int]) -> list[Element]:
    if tag in REPEATED:
        return [_segment(tag, one, numbers) for one in value or ()]
    if tag in SEGMENTS:
        return [_segment(tag, value or {}, numbers)]
    said = str(next(numbers)) if tag == COUNTER else one_line(value)
    return [] if tag in LEFT_OUT and not said else [Element(tag, 0, said)]


# --- what stands in the segments ---------------------------------------------------------------------


def _firm(header: Mapping[str, object], payloads: Sequence[Mapping[str, object]]) -> Values:
    return {
        "lf_vendor_id": of_client(header, "vendor_id"),
        "lf_id": text(header, "tax_id"),
        "lf_name": text(header, "firm_name"),
        "lf_address": _address({name: text(header, f"firm_{name}") for name in ADDRESS}),
        "source_app": WRITER[0],
        "app_version": WRITER[1],
        "client": [_client(header, payloads)],
    }


ADDRESS = {
    "street": "address_1",
    "street_2": "address_2",
    "city": "city",
    "state": "state_province",
    "postcode": "zip_postal_code",
    "country": "country",
}


def _address(parts: Mapping[str, str]) -> Values:
    return {tag: parts[name] for name, tag in ADDRESS.items()}


def _client(header: Mapping[str, object], payloads: Sequence[Mapping[str, object]]) -> Values:
    first = payloads[0] if payloads else {}
    return {
        "cl_id": client_of(header, first),
        "cl_lf_id": text(header, "client"),
        "cl_name": text(first, "client_name"),
        "cl_address": _address({name: of_client(header, name) for name in ADDRESS}),
        "invoice": [_invoice(header, payloads)],
    }


def _invoice(header: Mapping[str, object], payloads: Sequence[Mapping[str, object]]) -> Values:
    matters: dict[str, list[tuple[Mapping[str, object], Sums]]] = {}
    for payload in payloads:
        matters.setdefault(text(payload, "matter"), []).append((payload, sums_of(payload)))
    total = sum((sums.total for lines in matters.values() for _, sums in lines), ZERO)
    days = int(of_client(header, "payment_days") or 0)
    return {
        "inv_id": text(header, "invoice_number"),
        "inv_date": text(header, "invoice_date"),
        "inv_due_date": _due(text(header, "invoice_date"), days),
        "inv_currency": text(header, "currency"),
        "inv_start_date": text(header, "from"),
        "inv_end_date": text(header, "to"),
        "inv_desc": text(header, "description"),
        "inv_payment_terms": f"{days} days" if days else "",
        "inv_total_tax": number(ZERO, 2),
        "inv_total_net_due": number(total, 2),
        "matter": [_matter(header, lines) for lines in matters.values()],
    }


def _due(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat() if days else ""


NOTHING = (
    "matter_total_detail_exp", "matter_disc_credit_fees", "matter_disc_credit_exp", "matter_disc_cred_total",
    "matter_perc_shar_fees", "matter_disc_bill_pct_fees", "matter_disc_bill_pct_exp", "matter_perc_shar_exp",
    "matter_tax_on_fees", "matter_tax_on_exp", "matter_net_exp",
)  # fmt: skip
"""What no invoice of ours has: expenses, discounts of a whole matter, shares, tax."""


def _matter(header: Mapping[str, object], lines: Sequence[tuple[Mapping[str, object], Sums]]) -> Values:
    first, total = lines[0][0], number(sum((sums.total for _, sums in lines), ZERO), 2)
    return {
        **dict.fromkeys(NOTHING, number(ZERO, 2)),
        "cl_matter_id": text(first, "client_matter_id"),
        "lf_matter_id": text(first, "matter"),
        "matter_name": text(first, "matter_name"),
        "po_number": of_client(header, "po_number"),
        "account_type": of_client(header, "account_type") or "O",
        "matter_final_bill": "N",
        "matter_total_detail_fees": total,
        "matter_net_fees": total,
        "matter_total_due": total,
        "tk_sum": _people(header, lines),
        "fee": [fee_of(header, payload, sums) for payload, sums in lines],
    }


def _people(header: Mapping[str, object], lines: Sequence[tuple[Mapping[str, object], Sums]]) -> list[Values]:
    """Each timekeeper of the matter, once for each rate."""
    found: dict[tuple[str, Decimal], Values] = {}
    for payload, sums in lines:
        found[text(payload, "timekeeper"), sums.rate] = {
            "tk_id": text(payload, "timekeeper"),
            "tk_lname": text(payload, "timekeeper_last"),
            "tk_fname": text(payload, "timekeeper_first"),
            "tk_level": rank_of(payload, header),
            "tk_rate": number(sums.rate, 2),
        }
    return list(found.values())


def fee_of(header: Mapping[str, object], payload: Mapping[str, object], sums: Sums) -> dict[str, str]:
    """``base_amount`` + ``item_disc_cred_amount`` = ``total_amount``, to the cent."""
    base = (sums.hours * sums.rate).quantize(CENT, ROUND_HALF_UP)
    return {
        "charge_date": text(payload, "day"),
        "tk_id": text(payload, "timekeeper"),
        "tk_level": rank_of(payload, header),
        "charge_desc": text(payload, "narrative"),
        "task_code": text(payload, "task_code"),
        "task_activity": text(payload, "activity_code"),
        "charge_type": "U",
        "units": number(sums.hours, 1),
        "rate": number(sums.rate, 2),
        "base_amount": number(base, 2),
        "item_disc_cred_amount": number(-base if sums.adjustment else ZERO, 2),
        "total_amount": number(sums.net, 2),
    }
