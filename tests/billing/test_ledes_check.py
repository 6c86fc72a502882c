"""``ledes check``: anybody's file, of any kind, however broken, is judged and never breaks the judge."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.billing.ledes import Known, Severity, check, errors, read_invoice
from autotime.billing.ledes.checking import known_from
from autotime.billing.ledes.fields import BI, B
from autotime.billing.ledes.findings import RULES
from autotime.billing.ledes.reading import LARGEST
from autotime.domain.errors import Misused

from .firm import BOOKS, TIMEKEEPER
from .invoices import invoiced, wanting
from .test_ledes import SAMPLES, payload, with_samples

Change = Callable[[bytes], bytes]


def told(data: bytes, **beside: object) -> set[str]:
    return {finding.rule for finding in check(data, **beside)}  # type: ignore[arg-type]


def with_field(data: bytes, name: str, value: str, row: int = 2) -> bytes:
    """A file of records with one value changed."""
    rows = data.decode().split("\n")
    values = rows[row].removesuffix("[]").split("|")
    values[(BI if len(values) > 24 else B).names.index(name)] = value
    rows[row] = "|".join(values) + "[]"
    return "\n".join(rows).encode()


B_FILE = invoiced("1998B", payload(1), payload(2))
BI_FILE = invoiced("1998BI", payload(1), payload(2), header=wanting(tax_rate="0.2", tax_type="VAT"))
XML_FILE = invoiced("XML", payload(1), payload(2))
FILES = {"1998B": B_FILE, "1998BI": BI_FILE, "XML": XML_FILE}

# --- what portals refuse -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("portal", "name", "value", "rule"),
    [
        ("Legal Tracker 003", "LINE_ITEM_DATE", "2026-03-02", "date"),
        ("Legal Tracker 004", "LINE_ITEM_TOTAL", "$45.00", "number"),
        ("Legal Tracker 005", "LAW_FIRM_MATTER_ID", "", "required"),
        ("Legal Tracker 006", "LINE_ITEM_TOTAL", "46.00", "line-sum"),
        ("Legal Tracker 007", "INVOICE_TOTAL", "999", "constant"),
        ("Mitratech", "LINE_ITEM_NUMBER_OF_UNITS", "", "required"),
        ("Mitratech", "LINE_ITEM_UNIT_COST", "", "required"),
        ("Mitratech", "TIMEKEEPER_ID", "", "required"),
        ("Mitratech", "LINE_ITEM_TOTAL", "46.00", "invoice-sum"),
        ("Mitratech", "LINE_ITEM_DATE", "20260401", "period"),
        ("Mitratech", "BILLING_START_DATE", "20260401", "period"),
        ("Collaborati", "LINE_ITEM_DESCRIPTION", "café", "ascii"),
        ("Brightflag", "TIMEKEEPER_NAME", "Ada Okafor", "name"),
        ("Brightflag", "CLIENT_MATTER_ID", "", "client-matter"),
        ("Brightflag", "LINE_ITEM_NUMBER_OF_UNITS", "-0.1", "units"),
        ("Brightflag", "INVOICE_DESCRIPTION", "x" * 1025, "description-length"),
        ("Brightflag", "INVOICE_DESCRIPTION", "Another", "constant"),
        ("", "LINE_ITEM_TASK_CODE", "", "task-missing"),
        ("", "LINE_ITEM_ACTIVITY_CODE", "", "activity-missing"),
        ("", "LINE_ITEM_NUMBER", "2", "duplicate"),
        ("", "LAW_FIRM_ID", "24-64373x", "law-firm-id"),
        ("", "LINE_ITEM_DESCRIPTION", "Draft the answer; call the client; review the file", "block-billing"),
        ("", "LINE_ITEM_NUMBER_OF_UNITS", "24.1", "long-day"),
    ],
)
def test_what_portals_refuse_is_found(portal: str, name: str, value: str, rule: str) -> None:
    """With the line, the portal by name, and what to do."""
    found = [one for one in check(with_field(B_FILE, name, value)) if one.rule == rule]
    assert found
    assert not portal or portal in found[0].portals
    assert found[0].fix


def test_an_expense_is_priced_in_cents_and_has_a_code() -> None:
    """Collaborati refuses a third decimal; a missing code is an error anywhere."""
    rows = B_FILE.decode().split("\n")[:2]
    line = "20260402|1|C|M|24.96|20260301|20260331||1|E|2|0|24.96|20260310||%s|||Train|24-6437381|12.481|||CM[]"
    assert told("\n".join([*rows, line % "E110"]).encode()) == {"unit-cost"}
    assert told("\n".join([*rows, line % ""]).encode()) == {"unit-cost", "required"}


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("CLIENT_TAX_ID", "", "required"),
        ("MATTER_NAME", "", "required"),
        ("LINE_ITEM_TAX_TOTAL", "", "required"),
        ("TIMEKEEPER_LAST_NAME", "", "required"),
        ("LINE_ITEM_TAX_TOTAL", "9.01", "line-sum"),
        ("LINE_ITEM_TAX_RATE", "20", "shape"),
        ("INVOICE_CURRENCY", "usd", "shape"),
        ("ACCOUNT_TYPE", "X", "shape"),
        ("CLIENT_COUNTRY", "Germany", "shape"),
        ("CLIENT_COUNTRY", "USA", "country"),
        ("INVOICE_TAX_TOTAL", "1", "tax-total"),
        ("INVOICE_NET_TOTAL", "1", "net-total"),
        ("TIMEKEEPER_NAME", "Okafor Ada", "name-order"),
        ("LAW_FIRM_CITY", "C" * 41, "length"),
    ],
)
def test_what_is_wrong_in_1998bi_is_found(name: str, value: str, rule: str) -> None:
    """Beside all that holds for 1998B."""
    assert told(BI_FILE) == set()
    assert rule in told(with_field(BI_FILE, name, value))


# --- LEDES XML ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (b"<units>0.1</units>", b"<units>0.2</units>", "base-sum"),
        (b"<total_amount>45.00", b"<total_amount>46.00", "matter-sum"),
        (b"<total_amount>45.00", b"<total_amount>46.00", "line-sum"),
        (b"<matter_total_due>135.00", b"<matter_total_due>136.00", "invoice-sum"),
        (b"<charge_date>2026-03-02", b"<charge_date>20260302", "date"),
        (b"<charge_date>2026-03-02", b"<charge_date>2026-04-02", "period"),
        (b"AOK</tk_id>\n            <tk_lname>", b"BIX</tk_id>\n            <tk_lname>", "timekeeper-sum"),
        (b"<lf_id>24-6437381</lf_id>", b"", "segment"),
        (b"<lf_id>24-6437381</lf_id>", b"<lf_id/>", "required"),
        (b"<lf_id>24-6437381</lf_id>", b"<lf_id>1</lf_id><lf_id>2</lf_id>", "segment"),
        (b"<charge_type>U", b"<favourite>7</favourite><charge_type>U", "unknown"),
        (b"<units>0.1</units>", b"<units/><units>0.1</units>", "required"),
        (b"<file_item_nbr>4</", b"<file_item_nbr>44</", "counter"),
        (b"<source_app>", b"<lf_name/><source_app>", "order"),
        (b"L310", b"L999", "code"),
        (b"<tk_level>PARTNR", b"<tk_level>BOSS", "classification"),
        (b"ledesxmlebilling2.2", b"ledesxmlebilling9.9", "root"),
        (b"ledesxmlebilling2.2", b"ledesxml", "root"),
        (b'encoding="UTF-8"', b'encoding="ISO-8859-1"', "encoding"),
        (b'encoding="UTF-8"', b'encoding="EBCDIC-9"', "encoding"),
        (b"</fee>", b"", "xml"),
        (b"<firm>", b"<!DOCTYPE x><firm>", "xml"),
        (b'encoding="UTF-8"?>', b'encoding="UTF-8"?><!DOCTYPE ledesxml SYSTEM "http://x.example/l.dtd">', "xml-unsafe"),
    ],
)
def test_what_is_wrong_in_xml_is_found(old: bytes, new: bytes, rule: str) -> None:
    """By segment, order, sum and number, at its line."""
    assert told(XML_FILE) == set()
    assert old in XML_FILE
    found = [one for one in check(XML_FILE.replace(old, new)) if one.rule == rule]
    assert found
    assert found[0].line > 0


def test_a_finding_in_xml_names_the_element() -> None:
    """Not the field that other kinds call so."""
    found = check(XML_FILE.replace(b"<charge_date>2026-03-02", b"<charge_date>today"))
    assert [(one.field, one.rule) for one in found] == [("fee.charge_date", "date")]


BOMB = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>'


@pytest.mark.parametrize("data", [BOMB, b"<a>" * 100_000], ids=["entities", "deep"])
def test_xml_made_to_do_harm_is_told(data: bytes) -> None:
    """And goes no further."""
    assert told(data) == {"xml-unsafe"}
    with pytest.raises(Misused):
        read_invoice(data)


# --- files that are hardly files ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda data: b"\xef\xbb\xbf" + data, "bom"),
        (lambda data: data.decode().encode("utf-16"), "encoding"),
        (lambda data: data.decode().encode("utf-16-be"), "encoding"),
        (lambda data: data.replace(b"production", "produção".encode()), "ascii"),
        (lambda data: data.replace(b"production", "produção".encode("cp1252")), "ascii"),
        (lambda data: data.replace(b"\n", b"\r"), "first-line"),
        (lambda data: data[: len(data) * 3 // 4], "truncated"),
        (lambda data: data.replace(b"|A103|", b"|", 1), "field-count"),
        (lambda data: data + b"\n" * 200_001, "size"),
        (lambda data: data + b" " * LARGEST, "size"),
        (lambda data: data[:20], "field-names"),
        (lambda data: b"", "first-line"),
        (lambda data: b"\0" * 1000, "first-line"),
    ],
)
def test_a_file_that_was_mangled_is_told(change: Change, rule: str) -> None:
    """Other encodings, marks, lost ends, lost fields, far too large."""
    for data in (B_FILE, BI_FILE):
        assert rule in told(change(data))


def test_line_ends_of_either_kind_are_right() -> None:
    """Portals take both; XML has none that matter."""
    assert all(told(data.replace(b"\n", b"\r\n")) == set() for data in FILES.values())


def read(data: bytes) -> str:
    """How the reader takes a file: it reads it, or says what to do."""
    try:
        return f"{len(read_invoice(data).lines)} lines"
    except Misused as refused:
        return refused.hint


@given(st.binary(max_size=400))
def test_no_bytes_break_the_judge(data: bytes) -> None:
    """Whatever is given as a file: findings, or a refusal that can be read."""
    for whole in (data, b"LEDES1998B[]\n" + data, b"<" + data, B_FILE[:700] + data + B_FILE[700:]):
        assert check(whole) or read(whole).endswith("lines")
        assert read(whole)


@pytest.mark.parametrize("kind", FILES)
@given(at=st.integers(0, 4000), to=st.integers(0, 4000), byte=st.integers(0, 255))
def test_a_file_with_a_wound_is_judged(kind: str, at: int, to: int, byte: int) -> None:
    """A stretch of it lost, a byte in its place."""
    wounded = FILES[kind][:at] + bytes([byte]) + FILES[kind][to:]
    assert check(wounded) or read(wounded).endswith("lines")


def test_what_is_wrong_with_all_lines_is_told_once() -> None:
    """Where every line repeats a fact of the invoice."""
    found = check(B_FILE.replace(b"24-6437381", b"24-643738x"))
    assert [(one.line, one.rule) for one in found] == [(3, "law-firm-id")]


def test_an_invoice_number_belongs_to_one_client() -> None:
    """Two clients with one number in a file are pointed out."""
    assert "number-used" in told(with_field(B_FILE, "CLIENT_ID", "ELSE", row=3))


# --- against the books -------------------------------------------------------------------------------


def test_a_file_is_held_against_the_books() -> None:
    """Unknown people and matters, and rates above what was agreed."""
    known = known_from(BOOKS, {TIMEKEEPER.id: TIMEKEEPER})
    assert told(B_FILE, known=known) == set()
    assert told(with_field(B_FILE, "TIMEKEEPER_ID", "XYZ"), known=known) == {"unknown-timekeeper"}
    assert told(with_field(B_FILE, "LAW_FIRM_MATTER_ID", "X-1"), known=known) == {"unknown-matter"}
    strict = Known(known.timekeepers, known.matters, {("AOK", "2026-001"): Decimal("449.99")})
    assert told(B_FILE, known=strict) == {"rate-above"}


def test_the_rate_of_a_matter_goes_before_the_persons() -> None:
    """As it does when time is billed."""
    known = known_from(BOOKS, {TIMEKEEPER.id: TIMEKEEPER})
    assert known.rates["AOK", "2026-001"] == Decimal(450)
    assert known.rates["AOK", "2026-002"] == Decimal("412.50")


# --- samples of other programs -----------------------------------------------------------------------


@with_samples
@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("ledes-parser/tests_data_ledes_98BI.txt", set()),
        ("lexitree/ledes98bi_good.txt", {"invoice-sum"}),  # three of its five lines
        ("lexitree/ledes98bi_eager_bad.txt", {"invoice-sum", "required"}),
    ],
)
def test_samples_of_1998bi_are_judged_right(name: str, broken: set[str]) -> None:
    """Their tax sums do not hold, which is a warning: the rule itself is not confirmed."""
    found = check((SAMPLES / name).read_bytes())
    assert {one.rule for one in errors(found)} == broken
    assert {"net-total", "tax-total", "country"} <= {one.rule for one in found}


def test_every_rule_says_what_to_do() -> None:
    """Nobody is left with a finding only."""
    assert all(rule.fix and rule.severity in Severity for rule in RULES.values())
