"""CSV: every value comes back, and no cell is a formula."""

from __future__ import annotations

import csv as plain
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autotime.billing.csv import COLUMNS, CsvBiller, parse
from autotime.billing.payload import Payload
from autotime.intake import FORMULA, clean

from .test_ledes import batch, lines, payload

TRICKY = st.one_of(
    st.text(max_size=100),
    st.text(st.sampled_from("=+-@'\",;\t\r\n\x00＝－ a1|\ud800"), max_size=40),
)
NAMES = {"matter": "matter_id", "client_name": "client_name", "narrative": "narrative", "late": "late"}


def sheet(*payloads: Payload) -> bytes:
    return CsvBiller().render(batch(), lines(*payloads))


def test_a_row_says_everything_billing_may_ask() -> None:
    """Numbers are plain, dates ISO, the batch and line are there."""
    row = parse(sheet(payload(3)))[0]
    assert tuple(row) == COLUMNS
    expected = {"batch": "ledes-0001", "line": "1", "entry_id": "e0000000000000003", "date": "2026-03-04"}
    expected |= {"hours": "0.3", "billed_minutes": "18", "worked_seconds": "1080", "rate": "450"}
    expected |= {"amount": "135.00", "billing": "billable", "matter_id": "2026-001", "copy": ""}
    assert expected.items() <= row.items()


@pytest.mark.parametrize(
    ("changes", "amount"),
    [({"billing": "no_charge"}, "0.00"), ({"billing": "non_billable"}, "0.00"), ({"rate": ""}, "")],
)
def test_the_amount_is_what_would_be_charged(changes: dict[str, str | int], amount: str) -> None:
    """Nothing for time at no charge; unknown where no rate is set."""
    assert parse(sheet(payload() | changes))[0]["amount"] == amount


def test_the_file_is_rfc_4180_without_a_byte_order_mark() -> None:
    """CRLF, quotes doubled, UTF-8."""
    data = sheet(payload(narrative='Call "Ana", Zürich'))
    assert data.startswith(b"batch,line,")
    assert data.endswith(b"\r\n")
    assert '"Call ""Ana"", Zürich"'.encode() in data


@given(st.lists(st.dictionaries(st.sampled_from(sorted(NAMES)), TRICKY), min_size=1, max_size=4))
@example([{"narrative": "'=1"}, {"narrative": "''=1"}, {"narrative": "' \"+x"}])
def test_every_text_comes_back_and_no_cell_is_a_formula(changes: list[dict[str, str]]) -> None:
    """Guards are taken off by the parser; a spreadsheet sees no trigger at the start of a text."""
    data = sheet(*(payload(**change) for change in changes))
    rows = parse(data)
    assert len(rows) == len(changes)
    for row, change in zip(rows, changes, strict=True):
        for key, value in change.items():
            assert row[NAMES[key]] == clean(value)
    for cells in plain.reader(io.StringIO(data.decode(), newline="")):
        assert not any(cell.lstrip(" \"'")[:1] in set(FORMULA) and cell[:1] != "'" for cell in cells)


def test_a_text_longer_than_a_cell_is_refused() -> None:
    """Nothing is cut."""
    assert CsvBiller().refuse(payload(narrative="a" * 30_000), {}) == ""
    assert "too long" in CsvBiller().refuse(payload(narrative="a" * 30_001), {})
    assert parse(sheet(payload(narrative="a" * 30_000)))[0]["narrative"] == "a" * 30_000


def test_a_text_that_a_rule_makes_too_long_is_refused_too() -> None:
    """A prefix counts: the end of a narrative is not cut off for it."""
    biller = CsvBiller({"narrative": {"source": "narrative", "prefix": "Re: "}})
    assert biller.refuse(payload(narrative="a" * 29_996), {}) == ""
    assert "too long" in biller.refuse(payload(narrative="a" * 29_997), {})
