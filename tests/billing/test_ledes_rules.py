"""``ledes check``, rule by rule as the formats are written: every finding has its line and its field."""

from __future__ import annotations

from decimal import Decimal

import pytest

from autotime.billing.ledes import Known, Severity, check
from autotime.billing.ledes.fields import BI, SHAPES, B, Field
from autotime.billing.ledes.xml_fields import AMOUNTS, CHOICES

from .invoices import BILLERS, invoiced
from .test_ledes import payload
from .test_ledes_check import B_FILE, BI_FILE, FILES, XML_FILE, told, with_field

NEEDED = [(kind, one) for kind, layout in (("1998B", B), ("1998BI", BI)) for one in layout.fields if "F" in one.needed]
TEXTS = [one for one in BI.fields if one.kind == "text" and one.length > 2 and "F" not in one.empty]
"""Of a fee line; its type is no text."""
SHAPED = [one for one in BI.fields if one.kind not in ("text", "date", "number")]
NUMBERS = [one for one in BI.fields if one.kind == "number"]


def places(data: bytes, rule: str) -> list[tuple[int, str]]:
    """Line and field of each finding of one rule."""
    return [(one.line, one.field) for one in check(data) if one.rule == rule]


def named(value: object) -> str:
    return value.name.replace("/", "-") if isinstance(value, Field) else str(value)


# --- every field -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "field"), NEEDED, ids=named)
@pytest.mark.parametrize("nothing", ["", "  "], ids=["empty", "spaces"])
def test_a_needed_field_without_a_value_is_told(kind: str, field: Field, nothing: str) -> None:
    """Spaces are no value. A line without a type is of none."""
    rule = "type" if field.name == "EXP/FEE/INV_ADJ_TYPE" else "required"
    assert (4, field.name) in places(with_field(FILES[kind], field.name, nothing, row=3), rule)


@pytest.mark.parametrize("field", TEXTS, ids=named)
def test_a_text_has_the_room_of_its_field(field: Field) -> None:
    """The last character that fits, and the first that does not."""
    assert places(with_field(BI_FILE, field.name, "1" * field.length, row=3), "length") == []
    assert places(with_field(BI_FILE, field.name, "1" * (field.length + 1), row=3), "length") == [(4, field.name)]


@pytest.mark.parametrize("field", NUMBERS, ids=named)
@pytest.mark.parametrize("said", ["$1", "1,000", "1e3", "+1", "1.00001", "--1", "1-", "1 000", "٣", "."])
def test_a_number_is_digits(field: Field, said: str) -> None:
    """One point, a minus before it, four decimals."""
    assert places(with_field(BI_FILE, field.name, said, row=3), "number") == [(4, field.name)]


@pytest.mark.parametrize("field", SHAPED, ids=named)
def test_a_value_has_the_form_of_its_field(field: Field) -> None:
    """Currency, country, kind of account, share of tax."""
    assert field.kind in SHAPES
    assert places(with_field(BI_FILE, field.name, "?", row=3), "shape") == [(4, field.name)]


@pytest.mark.parametrize("name", [one.name for one in BI.fields if one.constant and one.kind == "text"])
def test_a_fact_of_the_invoice_is_the_same_on_each_line(name: str) -> None:
    """The first line holds."""
    assert places(with_field(BI_FILE, name, "1", row=3), "constant") == [(4, name)]


def test_a_field_of_spaces_is_not_empty() -> None:
    """An empty value is nothing between two signs."""
    assert places(with_field(B_FILE, "INVOICE_DESCRIPTION", " "), "spaces") == [(3, "INVOICE_DESCRIPTION")]


# --- single fields -----------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", ["0", "1", "0.", "1.000", ".2", "0.061245", "0.1234567891"])
def test_a_tax_rate_is_a_share(rate: str) -> None:
    """Between 0 and 1, with up to ten decimals."""
    assert places(with_field(BI_FILE, "LINE_ITEM_TAX_RATE", rate), "shape") == []


@pytest.mark.parametrize("rate", ["1.5", "1.01", "2", "20", "-0.2", "0.12345678912", "20%"])
def test_a_tax_rate_above_one_is_told(rate: str) -> None:
    """Per cent are no share."""
    assert places(with_field(BI_FILE, "LINE_ITEM_TAX_RATE", rate), "shape") == [(3, "LINE_ITEM_TAX_RATE")]


@pytest.mark.parametrize(("ids", "right"), [("1~2~3", True), ("1~2~3~4", False), ("1~", False), ("ab", False)])
def test_a_law_firm_has_up_to_three_ids(ids: str, right: bool) -> None:
    """With a sign between them."""
    data = BI_FILE.replace(b"24-6437381", ids.encode())
    assert places(data, "law-firm-id") == ([] if right else [(3, "LAW_FIRM_ID")])


@pytest.mark.parametrize(("total", "told_of"), [("135.000", True), ("135.00", False), ("135", False)])
def test_an_invoice_total_is_in_cents(total: str, told_of: bool) -> None:
    """One portal takes two decimals, the format four."""
    data = B_FILE.replace(b"|135.00|20260301", f"|{total}|20260301".encode())
    assert places(data, "total-cents") == ([(3, "INVOICE_TOTAL")] if told_of else [])
    assert [one.portals for one in check(data)] == ([("Collaborati",)] if told_of else [])


@pytest.mark.parametrize(("units", "told_of"), [("", False), ("1", False), ("1.0", False), ("2", True), ("0.5", True)])
def test_an_adjustment_has_one_unit(units: str, told_of: bool) -> None:
    """Or none: its amount is its adjustment."""
    head = B_FILE.split(b"\n")[:2]
    line = f"20260402|1|C|M|-9.9|20260301|20260331||1|IF|{units}|-9.9|-9.9|20260331|||||Less|24-6437381||||CM[]"
    data = b"\n".join([*head, line.encode(), b""])
    assert places(data, "adjustment") == ([(3, "LINE_ITEM_NUMBER_OF_UNITS")] if told_of else [])


@pytest.mark.parametrize("text", ["re [draft", "draft] re", "[]"])
def test_a_bracket_inside_a_text_is_told_with_its_field(text: str) -> None:
    """Where the line has all its fields, it is known which one holds it."""
    data = with_field(B_FILE, "LINE_ITEM_DESCRIPTION", text)
    assert places(data, "record-end") == [(3, "LINE_ITEM_DESCRIPTION")]


def test_another_revision_is_named() -> None:
    """It is held to the one that is known."""
    found = [one for one in check(BI_FILE.replace(b"LEDES98BI V2[]", b"LEDES98BI V5[]")) if one.rule == "first-line"]
    assert [one.message for one in found] == ["the first line is LEDES98BI V2[]; no other revision is known here"]


@pytest.mark.parametrize("kind", FILES)
def test_a_line_without_a_narrative_is_pointed_out(kind: str) -> None:
    """Most portals want one, the format does not."""
    data = FILES[kind].replace(b"Draft responses to request for production no. 1", b"")
    (found,) = check(data)
    assert (found.rule, found.severity) == ("narrative-missing", Severity.WARNING)
    assert found.field in ("LINE_ITEM_DESCRIPTION", "fee.charge_desc")


# --- LEDES XML ---------------------------------------------------------------------------------------

DISCOUNT = b"<matter_disc_cred><disc_cred>MIA</disc_cred><disc_cred_category>Fee</disc_cred_category>" + (
    b"<increase_decrease>Decrease</increase_decrease><discount_percent>5</discount_percent>"
    b"<disc_cred_amount>0.00</disc_cred_amount></matter_disc_cred>"
)
EVERY = XML_FILE.replace(b"<tk_sum>", DISCOUNT + b"<tk_sum>", 1)
"""A file with every element that has a number or one of a few words."""


def with_element(tag: str, value: str) -> bytes:
    """The first element of that name says something else."""
    before, _, after = EVERY.partition(f"<{tag}>".encode())
    assert after
    return before + f"<{tag}>{value}".encode() + after[after.index(b"<") :]


@pytest.mark.parametrize("tag", AMOUNTS)
def test_every_amount_in_xml_is_a_number(tag: str) -> None:
    """Not only those of lines: what is no number is never counted as nothing."""
    assert told(EVERY) == set()
    (place,) = places(with_element(tag, "$45"), "number")
    assert place[1].endswith(f".{tag}")
    assert place[0] > 3


@pytest.mark.parametrize("tag", CHOICES)
def test_a_word_of_a_short_list_in_xml_is_one_of_it(tag: str) -> None:
    """A warning: the list is that of one program."""
    (found,) = [one for one in check(with_element(tag, "Perhaps")) if one.rule == "choice"]
    assert found.field.endswith(f".{tag}")
    assert found.severity is Severity.WARNING


def test_the_day_an_xml_invoice_is_due_is_a_day() -> None:
    """As all its days."""
    data = XML_FILE.replace(b"<inv_currency>", b"<inv_due_date>2026-02-30</inv_due_date><inv_currency>", 1)
    (place,) = places(data, "date")
    assert place[1] == "invoice.inv_due_date"


def test_the_tax_of_an_xml_invoice_is_that_of_its_matters() -> None:
    """Which is not confirmed: a warning."""
    data = with_element("inv_total_tax", "9.00")
    assert [(one.field, one.severity) for one in check(data)] == [("invoice.inv_total_tax", Severity.WARNING)]


def test_a_line_whose_tax_is_not_understood_is_not_called_wrong() -> None:
    """Names of tax elements are not confirmed: that there is one is told, and its sum is left alone."""
    taxed = XML_FILE.replace(b"<total_amount>45.00", b"<fee_tax>9.00</fee_tax><total_amount>54.00", 1)
    told_of = told(taxed.replace(b"135.00</matter", b"144.00</matter").replace(b"135.00</inv", b"144.00</inv"))
    assert told_of == {"unknown"}


# --- against the books -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", BILLERS)
def test_a_number_that_another_invoice_has_is_told(kind: str) -> None:
    """With the batch that has it."""
    data = invoiced(kind, payload())
    known = Known(frozenset({"AOK"}), frozenset({"2026-001"}), {}, {"INV1001": "ledes-0007"})
    (found,) = check(data, known=known)
    assert found.rule == "number-used"
    assert "ledes-0007" in found.message
    assert check(data, known=Known(known.timekeepers, known.matters, {("AOK", "2026-001"): Decimal(450)})) == []
