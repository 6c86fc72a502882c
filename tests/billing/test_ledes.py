"""LEDES 1998B: what is written obeys every rule, and what breaks a rule is found."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autotime.billing.ledes import LedesBiller, LedesXmlBiller, check, errors, fold, parse
from autotime.billing.ledes.fields import HEADER_LINE, NAMES
from autotime.billing.payload import Payload, canonical, payload_of
from autotime.domain.delivery import BatchFile, DeliveryState, Submission
from autotime.domain.errors import Misused, Refused
from autotime.domain.work import Billing

from .firm import BOOKS, HEADER, TIMEKEEPER, entry

EXPECTED = Path(__file__).parent / "expected"
DATA = Path(os.environ.get("AUTOTIME_DATA", Path(__file__).parents[3] / "shared" / "data"))
SAMPLES = DATA.parent / "reference" / "billing" / "samples"
CENT = Decimal("0.01")

with_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"no sample LEDES files at {SAMPLES}")


def payload(number: int = 1, **changes: Any) -> Payload:
    """The payload of an entry of the invented firm; ``changes`` are keys of the payload."""
    return payload_of(entry(number), BOOKS, TIMEKEEPER) | changes


def batch(header: Mapping[str, object] = HEADER) -> BatchFile:
    return BatchFile(
        id="ledes-0001",
        target="ledes",
        number=1,
        file_name="ledes-0001.txt",
        header=canonical(header),
        sha256="",
        made_at=0,
        first_day=date(2026, 3, 1),
        last_day=date(2026, 3, 31),
        mapping_version="1",
    )


def lines(*payloads: Mapping[str, object]) -> list[Submission]:
    return [
        Submission(id=f"q{n}", entry=f"e{n}", entry_revision=1, state=DeliveryState.SENDING, payload=canonical(one))
        for n, one in enumerate(payloads)
    ]


def invoice(*payloads: Mapping[str, object], biller: LedesBiller | None = None) -> bytes:
    return (biller or LedesBiller()).render(batch(), lines(*payloads))


def rules(data: bytes) -> set[str]:
    """What is broken for certain: warnings are not meant."""
    return {finding.rule for finding in errors(check(data))}


def test_an_invoice_has_the_expected_bytes() -> None:
    """Two matters, billable and at no charge, tenths and quarters: a file a person can read."""
    data = invoice(
        payload(3),
        payload(4, billing="no_charge"),
        payload(5, matter="2026-002", client_matter_id="NW-78", rate="412.50", billed_minutes=15, task_code=""),
        payload(6, billed_minutes=7, narrative="Call “re: §4 | [draft]” – José"),
    )
    assert data == (EXPECTED / "invoice.txt").read_bytes()
    assert {finding.rule for finding in check(data)} == {"task-missing", "number-signs"}


def test_an_invoice_of_carriage_returns_is_the_same_invoice() -> None:
    """The line ending is an option; the records are equal."""
    data = invoice(payload(), payload(2), biller=LedesBiller(line_ending="\r\n"))
    assert data.count(b"\r\n") == data.count(b"\n") == 4
    assert parse(data) == parse(invoice(payload(), payload(2)))
    assert rules(data) == set()


# --- text --------------------------------------------------------------------------------------------

ATTACKS = st.one_of(
    st.text(max_size=200),
    st.text(st.sampled_from("ab |[]\r\n\t\x00\x1b\u2028\u202e“”’–é\ud800\x85"), max_size=200),
    st.builds(lambda part: (part * 20_000)[:20_000], st.text(min_size=1, max_size=5)),
)


@given(ATTACKS)
@example("a" * 15_360)
@example("x|1000|9999[]\n19990101|")
@example("Draft letter to counsel; review the answer; call on both")
@example("{\\rtf1\\ansi {\\b Call}\\par re: \U0001f4de settlement}")
@example("\u200b" * 40_000 + "tail")
def test_no_narrative_moves_a_field(narrative: str) -> None:
    """Whatever a narrative holds, it is refused by name or stays inside its field, and all sums hold."""
    one = payload(narrative=narrative)
    reason = LedesBiller().refuse(one, HEADER)
    if reason:
        assert "narrative" in reason
        return
    data = invoice(payload(2), one, payload(3))
    assert rules(data) == set()
    assert data.count(b"\n") == 5
    assert data.count(b"[]\n") == 5
    assert [row.count(b"|") for row in data.split(b"\n")[2:-1]] == [23] * 3
    records = parse(data)
    assert records[1]["LINE_ITEM_DESCRIPTION"] == fold(narrative)
    assert [record["LINE_ITEM_TOTAL"] for record in records] == ["90.00", "45.00", "135.00"]


def test_a_narrative_is_never_cut() -> None:
    """15 KB fit; a character more is refused, naming the field."""
    assert LedesBiller().refuse(payload(narrative="a" * 15_360), HEADER) == ""
    assert "LINE_ITEM_DESCRIPTION has room for 15360" in LedesBiller().refuse(payload(narrative="a" * 15_361), HEADER)


def test_letters_without_a_latin_form_leave_a_mark() -> None:
    """Accents fold; what cannot be folded is seen to be missing."""
    assert fold("Café “Zürich” — 東京, №5") == 'Cafe "Zurich" - ??, No5'


@pytest.mark.parametrize(
    ("said", "carried"),
    [
        ("a ≠ b, 3 ≤ 4 × 5 ± 1", "a != b, 3 <= 4 x 5 +/- 1"),
        ("5 µg → 20°", "5 ug -> 20 deg."),
        ("Đorđe ⟦draft⟧", "Dorde (draft)"),
        ("fee of ₹900 and ∑", "fee of ?900 and ?"),
    ],
)
def test_signs_that_mean_something_are_not_lost(said: str, carried: str) -> None:
    """«Not equal» is not an equals sign; a sum or a currency without a plain form leaves a mark."""
    assert fold(said) == carried


def test_what_an_invoice_loses_is_named() -> None:
    """That time was travel has no field in any kind; letters are lost where the kind is ASCII."""
    assert LedesBiller().drops(payload()) == ()
    odd = payload(travel=1, narrative="Letter to 東京")
    assert LedesBiller().drops(odd) == ("travel", "narrative (letters written ?)")
    assert LedesXmlBiller().drops(odd) == ("travel",)


def test_a_file_that_breaks_a_rule_does_not_leave() -> None:
    """What is sure is refused, what single portals refuse is told once with how many lines have it."""
    data = invoice(payload(2, client_matter_id=""), payload(3, client_matter_id=""))
    told = LedesBiller().checked(data, "ledes-0001.txt")
    assert "line 3 and 1 more, CLIENT_MATTER_ID: the client's matter number is empty" in told
    with pytest.raises(Refused, match="INVOICE_TOTAL"):
        LedesBiller().checked(data.replace(b"|225.00|", b"|226.00|"), "ledes-0001.txt")


# --- refusals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"client_matter_id": ""}, "no client matter id: set column client_matter_id of the books CSV"),
        ({"classification": ""}, "set column classification of the timekeepers CSV"),
        ({"classification": "BOSS"}, "classification is not in the LEDES list"),
        ({"timekeeper_first": ""}, "set column first of the timekeepers CSV"),
        ({"timekeeper_last": "Featherstonehaugh-Cholmondeley"}, "TIMEKEEPER_NAME has room for 30"),
        ({"timekeeper_last": "東"}, "timekeeper's name has characters that LEDES cannot carry"),
        ({"rate": ""}, "no rate: set column rate"),
        ({"rate": "0"}, "not an amount above zero"),
        ({"rate": "1.00001"}, "not an amount above zero with up to four decimals"),
        ({"narrative": " "}, "no narrative"),
        ({"narrative": "東京"}, "nothing that LEDES can carry"),
        ({"matter": "M" * 21}, "matter number has 21 characters, LAW_FIRM_MATTER_ID has room for 20"),
        ({"matter": "a|b"}, "matter number has characters that LEDES cannot carry"),
        ({"task_code": ""}, "no task code: the matter is billed with litigation codes"),
        ({"activity_code": ""}, "no activity code"),
        ({"task_code": "L999"}, "task code is not a UTBMS code"),
        ({"activity_code": "A999"}, "activity code is not a UTBMS code"),
        ({"day": "2026-04-01"}, "outside the billing period"),
        ({"client": "SOLO"}, "another client than the invoice"),
        ({"currency": "EUR"}, "another currency than USD"),
        ({"fee_type": "flat"}, "not billed by the hour (column fee_type)"),
        ({"billed_minutes": 0}, "no billed time: autotime undo, then autotime review"),
        ({"billed_minutes": -6}, "negative hours"),
        ({"billed_minutes": 1441}, "more than 24 hours on one day: autotime undo, then autotime review"),
        ({"task_code": "P210"}, "the task code is not in the set litigation of the matter"),
        ({"matter": ""}, "no matter: autotime undo, then autotime review"),
        ({"billing": "non_billable"}, "non-billable time is not put on an invoice"),
    ],
)
def test_what_an_invoice_cannot_carry_is_named(changes: dict[str, str | int], reason: str) -> None:
    """One fault, one reason, with the place to put it right."""
    refused = LedesBiller().refuse(payload() | changes, HEADER)
    assert reason in refused
    assert ";" not in refused


def test_all_reasons_are_told_at_once() -> None:
    """Nobody should have to push twice to learn of the second fault."""
    refused = LedesBiller().refuse(payload(rate="", client_matter_id=""), HEADER)
    assert len(refused.split("; ")) == 2


def test_a_wrong_header_is_explained() -> None:
    """Tax id, period, number."""
    header = HEADER | {"tax_id": "24-64x", "to": "2026-02-01", "invoice_number": "N" * 21}
    assert len(LedesBiller().refuse_header(header, [])) == 3
    assert LedesBiller().refuse_header(HEADER, []) == []


# --- money -------------------------------------------------------------------------------------------

PAYLOADS = st.builds(
    lambda minutes, cents, billing: payload(
        billed_minutes=minutes, rate=str(Decimal(cents) / 100), billing=billing.value
    ),
    st.integers(1, 1440),
    st.integers(1, 500_000),
    st.sampled_from([Billing.BILLABLE, Billing.BILLABLE, Billing.NO_CHARGE]),
)


def amount(record: Mapping[str, str], name: str) -> Decimal:
    return Decimal(record[name])


@given(st.lists(PAYLOADS, min_size=1, max_size=12))
def test_every_sum_holds(payloads: Sequence[Payload]) -> None:
    """Line total = units × cost + adjustment, half up to the cent; invoice total = the sum of lines."""
    data = invoice(*payloads)
    assert rules(data) == set()
    records = parse(data)
    for record, one in zip(records, payloads, strict=True):
        product = amount(record, "LINE_ITEM_NUMBER_OF_UNITS") * amount(record, "LINE_ITEM_UNIT_COST")
        exact = product + amount(record, "LINE_ITEM_ADJUSTMENT_AMOUNT")
        assert amount(record, "LINE_ITEM_TOTAL") == exact.quantize(CENT, ROUND_HALF_UP)
        assert one["billing"] == "billable" or amount(record, "LINE_ITEM_TOTAL") == 0
        off = amount(record, "LINE_ITEM_NUMBER_OF_UNITS") * 60 - Decimal(one["billed_minutes"])
        assert abs(off) <= Decimal("0.003")
    total = sum((amount(record, "LINE_ITEM_TOTAL") for record in records), Decimal(0))
    assert {amount(record, "INVOICE_TOTAL") for record in records} == {total}


@given(st.integers(1, 240).map(lambda tenths: tenths * 6))
def test_tenths_of_an_hour_are_written_with_one_decimal(minutes: int) -> None:
    """The usual increment is exact."""
    units = parse(invoice(payload(billed_minutes=minutes)))[0]["LINE_ITEM_NUMBER_OF_UNITS"]
    assert units == f"{minutes // 60}.{minutes % 60 // 6}"


# --- anybody's file ----------------------------------------------------------------------------------

BROKEN = {
    "INVOICE_DATE": ("20260230", "date"),
    "INVOICE_NUMBER": ("", "required"),
    "CLIENT_ID": ("", "required"),
    "LAW_FIRM_MATTER_ID": ("M" * 21, "length"),
    "INVOICE_TOTAL": ("1,125.00", "number"),
    "BILLING_START_DATE": ("20260431", "date"),
    "BILLING_END_DATE": ("20260201", "period"),
    "INVOICE_DESCRIPTION": ("Another", "constant"),
    "LINE_ITEM_NUMBER": ("1", "duplicate"),
    "EXP/FEE/INV_ADJ_TYPE": ("X", "type"),
    "LINE_ITEM_NUMBER_OF_UNITS": ("0.3", "line-sum"),
    "LINE_ITEM_ADJUSTMENT_AMOUNT": ("-1", "line-sum"),
    "LINE_ITEM_TOTAL": ("90.01", "line-sum"),
    "LINE_ITEM_DATE": ("20260401", "period"),
    "LINE_ITEM_TASK_CODE": ("L999", "code"),
    "LINE_ITEM_EXPENSE_CODE": ("E101", "blank"),
    "LINE_ITEM_ACTIVITY_CODE": ("A199", "code"),
    "TIMEKEEPER_ID": ("", "required"),
    "LINE_ITEM_DESCRIPTION": ("caf\u00e9", "ascii"),
    "LAW_FIRM_ID": ("24-643738x", "law-firm-id"),
    "LINE_ITEM_UNIT_COST": ("$450.00", "number"),
    "TIMEKEEPER_NAME": ("Ada Okafor", "name"),
    "TIMEKEEPER_CLASSIFICATION": ("BOSS", "classification"),
    "CLIENT_MATTER_ID": ("N" * 21, "length"),
}


@pytest.mark.parametrize("field", NAMES)
def test_one_wrong_field_is_found(field: str) -> None:
    """A finding names line, field and rule, whichever of the 24 fields it is; of a sum, its total."""
    value, rule = BROKEN[field]
    rows = invoice(payload(1), payload(2), payload(3)).decode("latin-1").split("\n")
    values = rows[3].removesuffix("[]").split("|")
    values[NAMES.index(field)] = value
    rows[3] = "|".join(values) + "[]"
    told = {(one.line, one.field, one.rule) for one in check("\n".join(rows).encode("latin-1"))}
    assert (4, "LINE_ITEM_TOTAL" if rule == "line-sum" else field, rule) in told


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda data: data.replace(b"1998B[]", b"1998BI[]", 1), "first-line"),
        (lambda data: data.replace(b"INVOICE_DATE|", b"", 1), "field-names"),
        (lambda data: data[:-3] + b"\n", "record-end"),
        (lambda data: data.replace(b"production", b"produc[]tion", 1), "record-end"),
        (lambda data: data.replace(b"production", b"produc|tion", 1), "field-count"),
        (lambda data: data.replace(b"production", b"produc\ntion", 1), "record-end"),
        (lambda data: data.replace(b"[]\n", b"[]\r\n", 1), "line-end"),
        (lambda data: data.replace(b"|45.00|2026", b"|45.01|2026", 1), "invoice-sum"),
        (lambda data: b"\n".join(data.split(b"\n")[:2]) + b"\n", "empty"),
        (lambda data: b"", "first-line"),
        (lambda data: data + b"\n", "record-end"),
    ],
)
def test_a_broken_structure_is_found(change: Any, rule: str) -> None:
    """Lost ends, extra delimiters, mixed line ends, sums that do not add up."""
    assert rule in {finding.rule for finding in check(change(invoice(payload(1), payload(2))))}


def test_a_file_that_is_no_ledes_is_refused_by_the_parser() -> None:
    """The parser gives records or says which line is none."""
    with pytest.raises(Misused, match="line 1"):
        parse(b"hello\n")
    with pytest.raises(Misused, match="line 3: 25 fields, not 24"):
        parse(invoice(payload()).replace(b"production", b"produc|tion", 1))


def test_expenses_and_adjustments_are_understood() -> None:
    """Lines that autotime does not write, but others do."""
    head = b"LEDES1998B[]\n" + HEADER_LINE.encode() + b"\n"
    common = b"20260402|1|C|M|%s|20260301|20260331||%d|%s[]\n"
    expense = b"E|2|0|49.9|20260310||E110|||Train|24-6437381|24.95|||CM"
    credit = b"IF||-9.9|-9.9|20260331|||||Courtesy|24-6437381||||CM"
    data = head + common % (b"40", 1, expense) + common % (b"40", 2, credit)
    assert check(data) == []
    assert "blank" in rules(data.replace(b"E110|||", b"E110|A101||"))


@with_samples
@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("lexitree/ledes1998b_good.txt", {"ascii"}),  # a curly apostrophe in UTF-8
        ("ledes-parser/tests_data_ledes_98B.txt", set()),
        ("ledes-parser/notebooks_ledes_98B_data_ledes_98B.txt", {"constant", "duplicate", "invoice-sum"}),
    ],
)
def test_sample_files_of_other_programs_are_judged_right(name: str, broken: set[str]) -> None:
    """Valid ones pass; the third breaks three rules."""
    assert rules((SAMPLES / name).read_bytes()) == broken


@with_samples
@pytest.mark.parametrize("name", ["eager_bad", "greedy_bad"])
def test_deliberately_broken_samples_are_found(name: str) -> None:
    """Files made to be refused."""
    assert check((SAMPLES / "lexitree" / f"ledes1998b_{name}.txt").read_bytes())


def test_a_copy_keeps_sums_and_says_so() -> None:
    """Only the description differs."""
    copies = [replace(line, copy=True) for line in lines(payload())]
    record = parse(LedesBiller().render(batch(), copies))[0]
    plain = parse(invoice(payload()))[0]
    assert {name for name in NAMES if record[name] != plain[name]} == {"INVOICE_DESCRIPTION"}
