"""1998B, 1998BI and XML: what is written adds up, obeys every rule, and reads back as it was meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autotime.billing.ledes import InvoiceLine, check, errors, fold, read_invoice
from autotime.billing.ledes.texts import one_line
from autotime.billing.payload import Payload, hours_of
from autotime.domain.errors import NeedsPerson

from .invoices import BILLERS, FULL, PAYLOADS, invoiced, refused, wanting
from .test_ledes import ATTACKS, EXPECTED, batch, lines, payload

CENT = Decimal("0.01")
KINDS = tuple(BILLERS)
SEEN = {"1998B": fold, "1998BI": fold, "XML": one_line}
"""What each kind makes of a text."""

of_each_kind = pytest.mark.parametrize("kind", KINDS)


def facts(line: InvoiceLine) -> tuple[object, ...]:
    """What a line says, whatever the kind."""
    return (
        line.day.isoformat(), line.hours, line.rate, line.matter, line.client_matter, line.task, line.activity,
        line.timekeeper, line.timekeeper_name, line.classification, line.narrative, line.type,
    )  # fmt: skip


def meant(kind: str, one: Mapping[str, object]) -> tuple[object, ...]:
    """What the line of a payload should say."""
    return (
        one["day"], hours_of(one), Decimal(str(one["rate"])), one["matter"], one["client_matter_id"], one["task_code"],
        one["activity_code"], one["timekeeper"], "Okafor, Ada", "PARTNR", SEEN[kind](one["narrative"]), "F",
    )  # fmt: skip


@pytest.mark.parametrize(("kind", "file"), [("1998BI", "invoice-bi.txt"), ("XML", "invoice.xml")])
def test_an_invoice_has_the_expected_bytes(kind: str, file: str) -> None:
    """Two matters, billable and at no charge: a file a person can read."""
    data = invoiced(
        kind,
        payload(3),
        payload(4, billing="no_charge"),
        payload(5, matter="2026-002", matter_name="Warehouse lease", client_matter_id="NW-78", rate="412.50"),
        payload(6, billed_minutes=7, narrative="Call “re: §4 | [draft]” <– José>"),
    )
    assert data == (EXPECTED / file).read_bytes()
    assert check(data, name=file) == []


@of_each_kind
@settings(max_examples=40)
@given(payloads=st.lists(PAYLOADS, min_size=1, max_size=8))
@example(payloads=[payload(billed_minutes=110, rate="1.29", billing="no_charge")])
def test_what_is_written_is_read_again(kind: str, payloads: Sequence[Payload]) -> None:
    """Every fact of every line, and the sums of all; without a finding."""
    data = invoiced(kind, *payloads)
    assert errors(check(data)) == []
    found = read_invoice(data)
    assert sorted(map(facts, found.lines), key=repr) == sorted((meant(kind, one) for one in payloads), key=repr)
    assert (found.kind, found.head.number, found.head.client) == (kind, "INV1001", "NORTH")
    assert found.head.total == sum((line.amount for line in found.lines), Decimal(0))


@of_each_kind
@settings(max_examples=40)
@given(payloads=st.lists(PAYLOADS, min_size=1, max_size=8))
def test_every_amount_is_hours_times_rate(kind: str, payloads: Sequence[Payload]) -> None:
    """Half up to the cent, less its adjustment; time at no charge comes to nothing and keeps its rate."""
    expected = sorted(
        (hours_of(one) * Decimal(one["rate"])).quantize(CENT, ROUND_HALF_UP) * (one["billing"] == "billable")
        for one in payloads
    )
    found = read_invoice(invoiced(kind, *payloads)).lines
    assert sorted(line.amount for line in found) == expected
    assert all(line.rate for line in found)


@of_each_kind
@settings(max_examples=60)
@given(narrative=ATTACKS)
@example(narrative="x|1000|9999[]\n19990101|")
@example(narrative="</charge_desc><units>99</units><charge_desc>")
@example(narrative="]]> <!ENTITY a 'b'> &a; \ufffe\uffff \x0b \ud800")
@example(narrative="{\\rtf1\\ansi {\\b Call}\\par re: \U0001f4de settlement} " * 400)
@example(narrative="a" * 20_000)
def test_no_narrative_breaks_a_file(kind: str, narrative: str) -> None:
    """It is refused by name, or stays inside its field with its meaning, and all sums hold."""
    one = payload(narrative=narrative)
    if reason := BILLERS[kind].refuse(one, FULL):
        assert "narrative" in reason
        return
    data = invoiced(kind, payload(2), one, payload(3))
    assert errors(check(data)) == []
    found = read_invoice(data).lines
    assert [line.amount for line in found] == [Decimal("90.00"), Decimal("45.00"), Decimal("135.00")]
    assert found[1].narrative == SEEN[kind](narrative)


@of_each_kind
def test_the_same_batch_has_the_same_bytes(kind: str) -> None:
    """Nothing but batch and lines goes into a file."""
    assert invoiced(kind, payload(), payload(2)) == invoiced(kind, payload(), payload(2))


@of_each_kind
def test_a_copy_says_so(kind: str) -> None:
    """Only in the description."""
    copies = [replace(line, copy=True) for line in lines(payload())]
    copy, plain = read_invoice(BILLERS[kind].render(batch(FULL), copies)), read_invoice(invoiced(kind, payload()))
    assert copy.head.description == "COPY, not for payment: Legal services, March 2026"
    assert replace(copy.head, description="") == replace(plain.head, description="")
    assert copy.lines == plain.lines


@of_each_kind
def test_the_client_goes_by_the_name_its_portal_gives_it(kind: str) -> None:
    """As the settings say, else its LEDES id of the books, else its own."""
    own = wanting(client_id="C-9")
    assert read_invoice(invoiced(kind, payload(client_ledes_id="00711"), header=own)).head.client == "C-9"
    assert read_invoice(invoiced(kind, payload(client_ledes_id="00711"))).head.client == "00711"
    assert read_invoice(invoiced(kind, payload(client_ledes_id=""))).head.client == "NORTH"


# --- what the client's portal wants ------------------------------------------------------------------


@of_each_kind
def test_a_client_may_want_short_narratives(kind: str) -> None:
    """What is longer is refused, never cut."""
    header = wanting(narrative_cap=20)
    assert refused(kind, header, narrative="a" * 20) == ""
    assert "has 21 characters, the client takes 20" in refused(kind, header, narrative="a" * 21)


@of_each_kind
def test_a_client_may_want_small_files(kind: str) -> None:
    """One line too many, and no file is made; the reason names both numbers."""
    header = wanting(line_cap=2)
    assert len(read_invoice(invoiced(kind, payload(), payload(2), header=header)).lines) == 2
    with pytest.raises(NeedsPerson, match="would have 3 lines, and the client takes 2"):
        invoiced(kind, payload(), payload(2), payload(3), header=header)


@of_each_kind
def test_a_client_may_have_its_own_classifications(kind: str) -> None:
    """Codes of its own list go out, and are not refused for being none of the LEDES list."""
    header = wanting(classifications={"PARTNR": "PT", "CHIEF": "PT"})
    assert read_invoice(invoiced(kind, payload(), header=header)).lines[0].classification == "PT"
    assert refused(kind, header, classification="CHIEF") == ""
    assert "not in the LEDES list" in refused(kind, classification="CHIEF")


# --- tax ---------------------------------------------------------------------------------------------

TAXED = {"tax_rate": "0.2", "tax_type": "VAT"}


@settings(max_examples=40)
@given(payloads=st.lists(PAYLOADS, min_size=1, max_size=8), rate=st.decimals(0, 1, places=4))
def test_tax_adds_up(payloads: Sequence[Payload], rate: Decimal) -> None:
    """By line, half up; total = net + tax, on each line and of the invoice."""
    data = invoiced("1998BI", *payloads, header=wanting(tax_rate=str(rate), tax_type="VAT"))
    assert errors(check(data)) == []
    assert {finding.rule for finding in check(data)} <= {"block-billing"}
    found = read_invoice(data)
    assert found.head.tax == sum((line.tax for line in found.lines), Decimal(0))
    for line in found.lines:
        assert line.tax == ((line.amount - line.tax) * rate).quantize(CENT, ROUND_HALF_UP)


def test_tax_is_refused_where_it_cannot_be_said() -> None:
    """1998B has no field for it; of LEDES XML the elements are not confirmed."""
    for kind in ("1998B", "XML"):
        assert "deliver to ledes-bi" in " ".join(BILLERS[kind].refuse_header(wanting(**TAXED), []))
    assert BILLERS["1998BI"].refuse_header(wanting(**TAXED), []) == []


# --- what an international invoice needs -------------------------------------------------------------


@pytest.mark.parametrize("kind", ["1998BI", "XML"])
@pytest.mark.parametrize("fact", ["street", "city", "postcode", "country"])
def test_the_parts_of_the_address_are_asked_for_by_name(kind: str, fact: str) -> None:
    """With the setting to fill."""
    header = FULL | {f"firm_{fact}": ""}
    assert BILLERS[kind].refuse_header(header, []) == [f"no firm {fact}: set [firm] {fact} in config.toml"]


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (wanting(tax_id=""), "set [billing.ledes.NORTH] tax_id"),
        (wanting(tax_rate="0.2"), "set [billing.ledes.NORTH] tax_type"),
        (wanting(city="C" * 41), "[billing.ledes.NORTH] city in config.toml is longer than the 40 characters"),
        (wanting(client_id="C" * 21), "[billing.ledes.NORTH] client_id in config.toml has 21 characters"),
        (wanting(po_number="7|8"), "[billing.ledes.NORTH] po_number in config.toml has characters that LEDES cannot"),
        (wanting(tax_id="7" * 21), "[billing.ledes.NORTH] tax_id in config.toml has 21 characters"),
        (wanting(country="usa"), "two or three capitals"),
        (FULL | {"firm_country": "Germany"}, "[firm] country in config.toml: a country is two or three capitals"),
        (FULL | {"currency": ""}, "set [firm] currency"),
        (FULL | {"firm_name": "F" * 61}, "longer than the 60 characters of LAW_FIRM_NAME"),
    ],
)
def test_what_1998bi_misses_is_named(header: dict[str, object], reason: str) -> None:
    """One fault, one reason, with the setting."""
    reasons = BILLERS["1998BI"].refuse_header(header, [])
    assert len(reasons) == 1
    assert reason in reasons[0]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"client_name": ""}, "no client name: set column client_name of the books CSV"),
        ({"matter_name": ""}, "no matter name: set column name of the books CSV"),
        ({"matter_name": "M" * 256}, "MATTER_NAME has room for 255 characters"),
        ({"currency": "EUR"}, "another currency than USD, and an invoice has one"),
    ],
)
def test_what_a_line_of_1998bi_misses_is_named(changes: dict[str, str], reason: str) -> None:
    """And only there: 1998B has no such fields."""
    assert reason in refused("1998BI", **changes)
    if "name" in reason:
        assert refused("1998B", **changes) == ""


def test_a_header_that_says_everything_is_enough_for_all() -> None:
    """No kind asks for more."""
    assert [BILLERS[kind].refuse_header(FULL, []) for kind in KINDS] == [[], [], []]
    assert [refused(kind) for kind in KINDS] == ["", "", ""]


def test_letters_of_any_script_go_into_xml() -> None:
    """Only the files of records fold them."""
    assert read_invoice(invoiced("XML", payload(narrative="東京 <café>"))).lines[0].narrative == "東京 <café>"
    assert refused("XML", timekeeper_last="東") == ""
    assert "cannot carry" in refused("1998BI", timekeeper_last="東")


def test_a_due_day_is_written_where_terms_are_set() -> None:
    """Else it is left out."""
    assert b"<inv_due_date>2026-05-02</inv_due_date>" in invoiced("XML", payload(), header=wanting(payment_days=30))
    assert b"inv_due_date" not in invoiced("XML", payload())
