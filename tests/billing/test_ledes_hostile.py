"""LEDES files made to do harm, and files mangled on their way: judged in the end, told for what they are."""

from __future__ import annotations

from itertools import repeat

import pytest
from pydantic import ValidationError

from autotime.billing.ledes import check, read_invoice, tree
from autotime.billing.ledes.fields import DIGITS
from autotime.domain.errors import Misused
from autotime.settings.billing import LedesSettings

from .invoices import BILLERS, FULL, invoiced, refused, wanting
from .test_ledes import payload
from .test_ledes_check import B_FILE, BI_FILE, FILES, XML_FILE, told, with_field

NUMBERS = ("9" * 30, "9" * 1_200_000, "0" * 1_200_000)
"""More digits than decimal arithmetic carries, and more than it takes at all."""

MANY = 5000


# --- texts and numbers without end -------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["1998B", "1998BI"])
def test_a_narrative_without_end_is_judged(kind: str) -> None:
    """Time grows with its length, not with its square: half a million characters."""
    assert told(with_field(FILES[kind], "LINE_ITEM_DESCRIPTION", "a" * 500_000)) == {"length"}
    told_of = told(with_field(FILES[kind], "LINE_ITEM_DESCRIPTION", "Draft the answer; " * 25_000))
    assert told_of == {"length", "block-billing"}


@pytest.mark.parametrize("digits", NUMBERS, ids=len)
@pytest.mark.parametrize(
    "name", ["LINE_ITEM_NUMBER_OF_UNITS", "LINE_ITEM_UNIT_COST", "LINE_ITEM_TOTAL", "INVOICE_TOTAL"]
)
def test_a_number_without_end_is_told(name: str, digits: str) -> None:
    """With its line and field, on fee lines and on expenses; it is never counted with."""
    for data in (B_FILE, BI_FILE, B_FILE.replace(b"|1|F|", b"|1|E|")):
        wrong = [one for one in check(with_field(data, name, digits)) if one.rule == "length"]
        assert [(one.line, one.field) for one in wrong] == [(3, name)]
        with pytest.raises(Misused, match=f"line 3: {name}"):
            read_invoice(with_field(data, name, digits))


@pytest.mark.parametrize("digits", NUMBERS, ids=len)
@pytest.mark.parametrize("element", [b"<rate>450.00", b"<matter_net_fees>135.00", b"<base_amount>45.00"])
def test_a_number_without_end_in_xml_is_told(element: bytes, digits: str) -> None:
    """Of lines and of totals."""
    assert element in XML_FILE
    tag = element.partition(b">")[0] + b">"
    assert {"length", "number"} & told(XML_FILE.replace(element, tag + digits.encode(), 1))


def test_a_small_number_with_zeros_before_it_is_that_number() -> None:
    """As far as numbers are read at all."""
    total = ("135.00".rjust(DIGITS, "0")).encode()
    assert told(XML_FILE.replace(b"<matter_net_fees>135.00", b"<matter_net_fees>" + total)) == set()


# --- encodings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [0, 1, 2])
def test_xml_with_a_byte_order_mark_is_xml(before: int) -> None:
    """Wherever the beginning that is looked at cuts a letter in two."""
    comment = b"<!--" + b" " * before + "é".encode() * 800 + b"-->"
    data = b"\xef\xbb\xbf" + XML_FILE.replace(b"?>\n", b"?>\n" + comment, 1)
    assert told(data) == set()
    assert read_invoice(data).kind == "XML"


# --- cut files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FILES)
def test_a_file_cut_anywhere_is_never_right(kind: str) -> None:
    """Only a last line break may be missing: of a record it ends, of XML it says nothing."""
    data = FILES[kind].rstrip(b"\n")
    wrong = [end for end in range(1, len(data), 7) if not check(data[:end])]
    assert wrong == []


def test_xml_that_was_cut_is_told_with_its_last_line() -> None:
    """It is another thing than XML that somebody wrote wrong."""
    cut = XML_FILE[: len(XML_FILE) // 2]
    assert [(one.rule, one.line) for one in check(cut)] == [("truncated", cut.count(b"\n") + 1)]
    assert told(XML_FILE.replace(b"</fee>", b"</fed>", 1)) == {"xml"}


# --- size --------------------------------------------------------------------------------------------


def test_a_file_of_many_lines_is_judged_whole() -> None:
    """Each line that is wrong is told, and only those."""
    lines = B_FILE.decode().split("\n")
    many = [lines[2].replace("|1|F|", f"|{n}|F|") for n in range(1, MANY + 1)]
    found = check("\n".join([*lines[:2], *many, ""]).encode())
    assert {(one.rule, one.line) for one in found} == {("invoice-sum", 3)}


def test_xml_of_too_many_elements_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """The advice is to split it: no entity is the matter."""
    monkeypatch.setattr(tree, "ELEMENTS", 1000)
    found = check(b"<a>" + b"".join(repeat(b"<b/>", 1001)) + b"</a>")
    assert [(one.rule, one.line) for one in found] == [("size", 1)]


# --- settings made to do harm ------------------------------------------------------------------------


@pytest.mark.parametrize("own", ["P|T", "Größe", "PARTNER-OF-OLD", "P\nT", "P[]"])
@pytest.mark.parametrize("kind", ["1998B", "1998BI"])
def test_a_classification_of_the_client_must_fit(kind: str, own: str) -> None:
    """What is set for a client is held to the field as everything is."""
    header = wanting(classifications={"PARTNR": own})
    reason = refused(kind, header)
    assert "[billing.ledes.NORTH] classifications in config.toml" in reason


def test_an_invoice_is_due_within_years() -> None:
    """No number of days leads out of the calendar."""
    assert LedesSettings(payment_days=3650).payment_days == 3650
    with pytest.raises(ValidationError, match="payment_days"):
        LedesSettings(payment_days=10**9)


def test_a_client_id_of_the_settings_stands_for_that_of_the_books() -> None:
    """One that is too long there is mended here."""
    books = {"client_ledes_id": "C" * 21}
    assert "CLIENT_ID has room for 20" in refused("1998B", **books)
    header = wanting(client_id="C-9")
    assert refused("1998B", header, **books) == ""
    assert read_invoice(invoiced("1998B", payload(1, **books), header=header)).head.client == "C-9"


@pytest.mark.parametrize(
    ("header", "place"),
    [
        (FULL | {"firm_name": "東京法律"}, "[firm] name in config.toml"),
        (FULL | {"firm_street": "東 1"}, "[firm] street in config.toml"),
        (wanting(city="東京"), "[billing.ledes.NORTH] city in config.toml"),
        (FULL | {"description": "東京 matters"}, "--description"),
    ],
)
def test_what_the_invoice_says_of_itself_is_in_letters_it_can_carry(header: dict[str, object], place: str) -> None:
    """Nobody's name goes out as question marks; LEDES XML has every letter."""
    (reason,) = BILLERS["1998BI"].refuse_header(header, [])
    assert place in reason
    assert BILLERS["XML"].refuse_header(header, []) == []
