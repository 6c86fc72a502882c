"""The rules of LEDES XML that files of records do not have: segments, their order, their totals, their numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from autotime.billing.ledes.fields import as_iso_day, as_number
from autotime.billing.ledes.findings import Finding
from autotime.billing.ledes.flat import wide
from autotime.billing.ledes.line_rules import HALF_CENT, plain
from autotime.billing.ledes.tree import Element
from autotime.billing.ledes.xml_fields import AMOUNTS, CHOICES, COUNTER, DAYS, NEEDED, REPEATED, SEGMENTS

MATTER_TAXES = ("matter_tax_on_fees", "matter_tax_on_exp")
MATTER_PARTS = ("matter_net_fees", "matter_net_exp", *MATTER_TAXES)
ENCODING = re.compile(rb"<\?xml[^>]{0,80}encoding=[\"']([A-Za-z0-9._-]{1,40})[\"']")
UTF_8 = (b"UTF-8", b"UTF8", b"US-ASCII")
LEVELS = ("", "firm", "client", "invoice", "matter")
"""The way down to the lines; the root has the empty name."""


def rules_of_tree(data: bytes, root: Element) -> Iterator[Finding]:
    yield from _encoding(data)
    if not root.all("firm"):
        yield Finding(root.line, "firm", "segment", "there is no firm segment")
    elif not _all(root, "fee") and not _all(root, "expense"):
        yield Finding(root.line, "fee", "empty", "there is no line item")
    for firm in root.all("firm"):
        yield from _segment(firm, "firm")
    yield from _counters(root)
    for invoice in _all(root, "invoice"):
        yield from _invoice(invoice)
    for matter in _all(root, "matter"):
        yield from _matter(matter)


def taxed_lines(root: Element) -> set[int]:
    """The lines of fees and expenses with a tax element, of which no name is confirmed: what they come to cannot be
    said."""
    items = _all(root, "fee") + _all(root, "expense")
    return {item.line for item in items if any("tax" in child.tag.lower() for child in item.children)}


def _encoding(data: bytes) -> Iterator[Finding]:
    said = ENCODING.match(data)
    if wide(data):
        yield Finding(1, "", "encoding", "the file is UTF-16, two bytes a character")
    elif said and said[1].upper() not in UTF_8:
        yield Finding(1, "", "encoding", f"the file says that it is {said[1].decode()[:20]}, not UTF-8")


def _all(root: Element, tag: str) -> list[Element]:
    """The segments of one name at their place."""
    level = LEVELS.index(tag) if tag in LEVELS else len(LEVELS)
    found = [root]
    for name in (*LEVELS[1:level], tag):
        found = [child for one in found for child in one.all(name)]
    return found


# --- what stands where -------------------------------------------------------------------------------


def _segment(segment: Element, name: str) -> Iterator[Finding]:
    """One segment by the table, and those inside it."""
    table = SEGMENTS[name]
    for tag in NEEDED.get(name, ()):
        if not segment.all(tag):
            yield Finding(segment.line, f"{name}.{tag}", "segment", f"a {name} segment needs {tag}")
    place = 0
    for child in segment.children:
        if child.tag not in table:
            yield Finding(child.line, f"{name}.{child.tag[:40]}", "unknown", "no element of this name is known here")
            continue
        if table.index(child.tag) < place:
            yield Finding(child.line, f"{name}.{child.tag}", "order", "it stands after a later element")
        place = max(place, table.index(child.tag))
        if child.tag in SEGMENTS:
            yield from _segment(child, child.tag)
        elif child.text:
            yield from _value(f"{name}.{child.tag}", child)
    yield from _once(segment, name)


def _value(shown: str, element: Element) -> Iterator[Finding]:
    """What is wrong with a value that no line repeats."""
    if element.tag in AMOUNTS and as_number(element.text) is None:
        yield Finding(element.line, shown, "number", "a number is digits, one point, up to 4 decimals")
    elif element.tag in DAYS and as_iso_day(element.text) is None:
        yield Finding(element.line, shown, "date", "a date is YYYY-MM-DD")
    elif element.tag in CHOICES and element.text not in CHOICES[element.tag]:
        yield Finding(element.line, shown, "choice", f"it is none of {', '.join(CHOICES[element.tag])}")


def _once(segment: Element, name: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for child in segment.children:
        if child.tag in seen and child.tag not in REPEATED and child.tag in SEGMENTS[name]:
            yield Finding(child.line, f"{name}.{child.tag}", "segment", "it stands twice in its segment")
        seen.add(child.tag)


def _counters(root: Element) -> Iterator[Finding]:
    """Told once: after the first wrong number all others are wrong too."""
    for expected, (line, said) in enumerate(_numbers(root), start=1):
        if said != str(expected):
            yield Finding(line, COUNTER, "counter", f"{said[:20] or 'nothing'}, where {expected} would follow")
            return


def _numbers(element: Element) -> Iterator[tuple[int, str]]:
    for child in element.children:
        if child.tag == COUNTER:
            yield child.line, child.text
        yield from _numbers(child)


# --- totals ------------------------------------------------------------------------------------------


def _number(element: Element, tag: str) -> Decimal:
    """Zero where it is absent, or no number: that is told elsewhere."""
    return as_number(element.get(tag)) or Decimal(0)


def _sum(elements: list[Element], *tags: str) -> Decimal:
    return sum((_number(element, tag) for element in elements for tag in tags), Decimal(0))


def _invoice(invoice: Element) -> Iterator[Finding]:
    due, taxes = (_sum(invoice.all("matter"), *tags) for tags in (("matter_total_due",), MATTER_TAXES))
    if due != _number(invoice, "inv_total_net_due"):
        yield Finding(invoice.line, "invoice.inv_total_net_due", "invoice-sum", f"the matters sum to {plain(due)}")

    if invoice.get("inv_total_tax") and taxes != _number(invoice, "inv_total_tax"):
        yield Finding(invoice.line, "invoice.inv_total_tax", "tax-total", f"the matters' taxes sum to {plain(taxes)}")


def _matter(matter: Element) -> Iterator[Finding]:
    for tag, segment in (("matter_total_detail_fees", "fee"), ("matter_total_detail_exp", "expense")):
        total = _sum(matter.all(segment), "total_amount")
        if matter.all(tag) and total != _number(matter, tag):
            yield Finding(matter.line, f"matter.{tag}", "matter-sum", f"the lines sum to {plain(total)}")
    parts = _sum([matter], *MATTER_PARTS)
    if matter.all("matter_net_fees") and parts != _number(matter, "matter_total_due"):
        yield Finding(matter.line, "matter.matter_total_due", "matter-sum", f"net and taxes are {plain(parts)}")
    people = {person.get("tk_id") for person in matter.all("tk_sum")}
    for item in matter.all("fee") + matter.all("expense"):
        yield from _line(item, people)


def _line(item: Element, people: set[str]) -> Iterator[Finding]:
    base = _number(item, "units") * _number(item, "rate")
    if item.all("base_amount") and abs(base - _number(item, "base_amount")) > HALF_CENT:
        yield Finding(item.line, f"{item.tag}.base_amount", "base-sum", f"units × rate is {plain(base)}")
    if item.tag == "fee" and item.get("tk_id") and item.get("tk_id") not in people:
        yield Finding(item.line, "fee.tk_id", "timekeeper-sum", "the matter has no tk_sum of this timekeeper")
