"""LEDES XML into lines that say what a line of 1998BI says, by the same names."""

from __future__ import annotations

from dataclasses import replace

from autotime.billing.ledes import tree as trees
from autotime.billing.ledes.fields import BI_FIELDS, NONE, Field, Layout, as_iso_day
from autotime.billing.ledes.flat import Record, Rows
from autotime.billing.ledes.tree import Element, NotXml
from autotime.billing.ledes.xml_fields import NAMES, ROOT, ROOTS

SEGMENTS = ("firm", "client", "invoice", "matter")
NOT_NEEDED = ("CLIENT_TAX_ID", "MATTER_NAME", "LINE_ITEM_TAX_TOTAL", "TIMEKEEPER_NAME", "LINE_ITEM_EXPENSE_CODE")


def _as_xml(field: Field) -> Field:
    """How long texts may be is not confirmed for XML, and a field that is absent is empty."""
    length = 0 if field.kind == "text" else field.length
    absent = field.name in NOT_NEEDED or field.name not in NAMES
    needed = NONE if absent and field.name != "EXP/FEE/INV_ADJ_TYPE" else field.needed
    shown = ".".join(NAMES[field.name]) if field.name in NAMES else field.name
    return replace(field, length=length, needed=needed, empty=NONE, constant=False, shown=shown)


XML = Layout("XML", f"<{ROOT}>", tuple(map(_as_xml, BI_FIELDS)), as_iso_day, "YYYY-MM-DD")


def tree(data: bytes) -> Element:
    """The root. ``NotXml`` (a ``Misused``): no XML, or XML that is not LEDES 2.0 to 2.2."""
    root = trees.read(data)
    if root.tag not in ROOTS:
        known = "LEDES XML 2000, which is not read" if root.tag == "ledesxml" else "no LEDES XML of 2.0 to 2.2"
        raise NotXml("root", root.line, f"the first element is that of {known}")
    return root


def rows(root: Element) -> Rows:
    """Every fee and expense with what its matter, invoice, client and firm say, and its line in the file."""
    found: Rows = []
    for firm in root.all("firm"):
        for client in firm.all("client"):
            for invoice in client.all("invoice"):
                for matter in invoice.all("matter"):
                    found += _lines({"firm": firm, "client": client, "invoice": invoice, "matter": matter})
    return found


def _lines(above: dict[str, Element]) -> Rows:
    matter = above["matter"]
    common = dict.fromkeys(XML.names, "") | _facts(above)
    people = {one.get("tk_id"): one for one in matter.all("tk_sum")}
    nobody = Element("tk_sum", 0)
    return [
        (item.line, common | _item(item, people.get(item.get("tk_id"), nobody)))
        for item in matter.children
        if item.tag in ("fee", "expense")
    ]


def _facts(above: dict[str, Element]) -> Record:
    return {name: above[segment].get(tag) for name, (segment, tag) in NAMES.items() if segment in SEGMENTS}


def _item(item: Element, person: Element) -> Record:
    name = {"TIMEKEEPER_LAST_NAME": person.get("tk_lname"), "TIMEKEEPER_FIRST_NAME": person.get("tk_fname")}
    facts = {name: item.get(tag) for name, (segment, tag) in NAMES.items() if segment == "fee"}
    return facts | name | {"EXP/FEE/INV_ADJ_TYPE": "F" if item.tag == "fee" else "E"}
