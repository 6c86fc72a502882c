"""Whether a LEDES file, anybody's and of any kind, obeys the rules, and where it does not.

An invoice is all lines with one invoice number and one client.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import PurePath

from autotime.billing.ledes import flat, xml_checking, xml_reading
from autotime.billing.ledes.fields import Layout
from autotime.billing.ledes.findings import Finding
from autotime.billing.ledes.flat import Record, Rows
from autotime.billing.ledes.line_rules import amount, plain, rules_of_line
from autotime.billing.ledes.reading import is_xml, too_large
from autotime.billing.ledes.tree import NotXml
from autotime.billing.payload import sha256, text
from autotime.domain.books import Books
from autotime.domain.delivery import BatchFile
from autotime.domain.people import Timekeeper


@dataclass(frozen=True, slots=True)
class Known:
    """What the firm's books say, to hold a file against. ``rates``: the agreed rate by timekeeper and matter.
    ``invoices``: the numbers that other files have used, and their batches."""

    timekeepers: frozenset[str]
    matters: frozenset[str]
    rates: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    invoices: Mapping[str, str] = field(default_factory=dict)


def known_from(books: Books, people: Mapping[str, Timekeeper], invoices: Mapping[str, str] | None = None) -> Known:
    """What the firm's books know, with the rate that holds for each timekeeper on each matter."""
    rates: dict[tuple[str, str], Decimal] = {}
    for matter in books.matters.values():
        for person in people.values():
            own = matter.rate_of(person.id)
            if (rate := person.rate if own is None else own) is not None:
                rates[person.id, matter.number] = rate
    return Known(frozenset(people), frozenset(books.matters), rates, invoices or {})


def used_numbers(batches: Iterable[BatchFile], data: bytes) -> dict[str, str]:
    """The invoice numbers of files that were made, each with the last batch that has it; not those of this file
    itself, nor of its copies in other kinds."""
    standing = [(text(json.loads(one.header), "invoice_number"), one) for one in batches if not one.voided]
    own = {number for number, one in standing if one.sha256 == sha256(data)}
    return {number: one.id for number, one in standing if number and number not in own}


def check(data: bytes, *, name: str = "", known: Known | None = None) -> list[Finding]:
    """All that is wrong, in order of lines; empty for a file that obeys every rule. ``name`` of the file: its
    extension is looked at too."""
    if size := too_large(data):
        return [Finding(0, "", "size", size)]
    found = [*_extension(data, name), *(_xml(data, known) if is_xml(data) else _flat(data, known))]
    return sorted(set(found))


def kind_of(data: bytes) -> str:
    """1998B, 1998BI or XML, as far as the file says; for one that is neither, the kind it was measured by."""
    return "XML" if is_xml(data) else flat.layout(data).kind


def _flat(data: bytes, known: Known | None) -> Iterator[Finding]:
    layout, rows = flat.layout(data), flat.rows(data)
    broken = list(flat.structure(data))
    yield from broken
    yield from flat.not_ascii(data)
    if not rows and not broken:
        yield Finding(3, "", "empty", "there is no line item")
    yield from _rows(layout, rows, known)
    for invoice in _invoices(rows):
        yield from _totals(invoice)


def _xml(data: bytes, known: Known | None) -> Iterator[Finding]:
    layout = xml_reading.XML
    shown = {field.name: field.shown for field in layout.fields}
    try:
        root = xml_reading.tree(data)
    except NotXml as broken:
        yield Finding(broken.line, "", broken.rule, broken.said)
        return
    yield from xml_checking.rules_of_tree(data, root)
    taxed = xml_checking.taxed_lines(root)
    for finding in _rows(layout, xml_reading.rows(root), known):
        if finding.rule == "line-sum" and finding.line in taxed:
            continue
        yield replace(finding, field=shown.get(finding.field, finding.field))


def _rows(layout: Layout, rows: Rows, known: Known | None) -> Iterator[Finding]:
    """What is the same in all kinds."""
    for invoice in _invoices(rows):
        for line, record in invoice:
            told = _said_before(layout, invoice[0], line, record)
            yield from (one for one in rules_of_line(layout, line, record) if one.field not in told)
        yield from _constant(layout, invoice)
        yield from _twice(invoice)
    yield from _numbers(rows)
    if known is not None:
        yield from _strangers(rows, known)
        yield from _used(rows, known)


def _extension(data: bytes, name: str) -> Iterator[Finding]:
    wanted = ".xml" if is_xml(data) else ".txt"
    if name and PurePath(name).suffix.lower() != wanted:
        yield Finding(0, "", "extension", f"the file's name does not end with {wanted}")


# --- one invoice -------------------------------------------------------------------------------------


def _invoices(rows: Rows) -> list[Rows]:
    found: dict[tuple[str, str], Rows] = defaultdict(list)
    for line, record in rows:
        found[record["INVOICE_NUMBER"], record["CLIENT_ID"]].append((line, record))
    return list(found.values())


def _said_before(layout: Layout, start: tuple[int, Record], line: int, record: Record) -> set[str]:
    """The fields that repeat what the invoice's first line says: what is wrong with them is told there."""
    first_line, first = start
    repeated = (one.name for one in layout.fields if one.constant or one.name == "INVOICE_NUMBER")
    same = {name for name in repeated if record[name] == first[name]}
    return same if line != first_line else set()


def _constant(layout: Layout, rows: Rows) -> Iterator[Finding]:
    first_line, first = rows[0]
    for one in layout.fields:
        for line, record in rows if one.constant else ():
            if record[one.name] != first[one.name]:
                yield Finding(line, one.name, "constant", f"it differs from line {first_line} of the same invoice")


def _totals(rows: Rows) -> Iterator[Finding]:
    line, first = rows[0]
    total = sum((amount(record, "LINE_ITEM_TOTAL") for _, record in rows), Decimal(0))
    if total != amount(first, "INVOICE_TOTAL"):
        yield Finding(line, "INVOICE_TOTAL", "invoice-sum", f"the lines sum to {plain(total)}")
    if not first.get("INVOICE_TAX_TOTAL", ""):
        return
    tax = sum((amount(record, "LINE_ITEM_TAX_TOTAL") for _, record in rows), Decimal(0))
    net = amount(first, "INVOICE_TOTAL") - amount(first, "INVOICE_TAX_TOTAL")
    if tax != amount(first, "INVOICE_TAX_TOTAL"):
        yield Finding(line, "INVOICE_TAX_TOTAL", "tax-total", f"the lines' taxes sum to {plain(tax)}")
    if first["INVOICE_NET_TOTAL"] and net != amount(first, "INVOICE_NET_TOTAL"):
        yield Finding(line, "INVOICE_NET_TOTAL", "net-total", f"total less tax is {plain(net)}")


def _twice(rows: Rows) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for line, record in rows:
        number = record["LINE_ITEM_NUMBER"]
        if number and number in seen:
            yield Finding(line, "LINE_ITEM_NUMBER", "duplicate", f"number {number[:20]} is also on line {seen[number]}")
        seen.setdefault(number, line)


# --- across invoices, and against the books ----------------------------------------------------------


def _numbers(rows: Rows) -> Iterator[Finding]:
    """Invoice numbers that two clients share."""
    clients: dict[str, str] = {}
    told: set[str] = set()
    for line, record in rows:
        number = record["INVOICE_NUMBER"]
        if clients.setdefault(number, record["CLIENT_ID"]) != record["CLIENT_ID"] and number not in told:
            told.add(number)
            yield Finding(line, "INVOICE_NUMBER", "number-used", "another client of this file has the same number")


def _used(rows: Rows, known: Known) -> Iterator[Finding]:
    """Each number once, where it stands first."""
    first = {record["INVOICE_NUMBER"]: line for line, record in reversed(rows)}
    for number, line in first.items():
        if batch := known.invoices.get(number):
            yield Finding(line, "INVOICE_NUMBER", "number-used", f"{batch}, another file, has the same number")


def _strangers(rows: Rows, known: Known) -> Iterator[Finding]:
    for line, record in rows:
        timekeeper, matter = record["TIMEKEEPER_ID"], record["LAW_FIRM_MATTER_ID"]
        if timekeeper and timekeeper not in known.timekeepers:
            yield Finding(line, "TIMEKEEPER_ID", "unknown-timekeeper", f"{timekeeper[:20]} is not in the books")
        if matter and matter not in known.matters:
            yield Finding(line, "LAW_FIRM_MATTER_ID", "unknown-matter", f"{matter[:20]} is not in the books")
        agreed = known.rates.get((timekeeper, matter))
        if agreed is not None and amount(record, "LINE_ITEM_UNIT_COST") > agreed:
            yield Finding(line, "LINE_ITEM_UNIT_COST", "rate-above", f"the books say {plain(agreed)}")
