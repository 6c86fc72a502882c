"""The import files of single systems, and a firm's own template."""

from __future__ import annotations

import csv as plain
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime import plugins
from autotime.billing.csv import CsvBiller, SheetBiller, parse
from autotime.billing.layouts import ClioSheet, TimeSolvSheet
from autotime.billing.payload import Payload
from autotime.domain.doors import FileBiller
from autotime.domain.errors import Misused
from autotime.intake import FORMULA
from autotime.settings import Settings

from .test_ledes import batch, lines, payload

SHEETS: tuple[type[SheetBiller], ...] = (CsvBiller, ClioSheet, TimeSolvSheet)
TEXTS = st.text(st.sampled_from("=+-@'\",;\t\r\n\x00＝ a1"), min_size=1, max_size=20)


def rows(biller: SheetBiller, *payloads: Payload) -> list[dict[str, str]]:
    return parse(biller.render(batch(), lines(*payloads)))


def settings(**billing: Any) -> Settings:
    return Settings.model_validate({"billing": billing})


def test_clios_file_has_the_columns_its_import_knows() -> None:
    """Decimal hours, the American day, no type, and no category that Clio would have to make."""
    assert rows(ClioSheet(), payload(15)) == [
        {
            "matter": "2026-001",
            "date": "03/16/2026",
            "activity_description": "",
            "note": "Draft responses to request for production no. 15",
            "price": "450",
            "quantity": "1.5",
            "type": "",
            "activity_user": "",
            "non_billable": "",
        }
    ]


def test_a_template_that_names_a_column_twice_is_refused() -> None:
    """A row would have fewer cells than the firm's template."""
    with pytest.raises(Misused, match="«date» stands twice"):
        CsvBiller(columns=["date", "matter_id", "date"])


@pytest.mark.parametrize(
    ("billing", "told", "lost"),
    [("billable", "", ()), ("non_billable", "yes", ()), ("no_charge", "yes", ("billing",))],
)
def test_clios_file_has_one_word_for_what_is_not_charged(billing: str, told: str, lost: tuple[str, ...]) -> None:
    """That time at no charge is shown on the bill does not come through."""
    one = payload(billing=billing, task_code="", activity_code="")
    assert rows(ClioSheet(), one)[0]["non_billable"] == told
    assert ClioSheet().drops(one) == lost


def test_timesolvs_file_has_the_names_of_its_own_export() -> None:
    """Without what only an invoice has."""
    assert rows(TimeSolvSheet(), payload(15, billing="no_charge")) == [
        {
            "Date": "2026-03-16",
            "Firm User": "Ada Okafor",
            "Project Id": "2026-001",
            "Hours": "1.5",
            "Rate": "450",
            "Billable Type": "No Charge",
            "Notes": "Draft responses to request for production no. 15",
        }
    ]


def test_what_a_file_has_no_column_for_is_told() -> None:
    """Our own file carries everything; the others leave codes out, and travel."""
    assert CsvBiller().drops(payload(travel=1, fee_type="flat", currency="EUR", billing="no_charge")) == ()
    lost = ("task_code", "activity_code", "travel")
    assert ClioSheet().drops(payload(travel=1)) == TimeSolvSheet().drops(payload(travel=1)) == lost


def test_what_an_importer_needs_is_refused_by_name_where_it_is_missing() -> None:
    """With both places where it can be set."""
    assert ClioSheet().refuse(payload(), {}) == TimeSolvSheet().refuse(payload(rate=""), {}) == ""
    assert "«price» is empty" in ClioSheet().refuse(payload(rate=""), {})
    assert "[billing.mapping.clio-csv.price]" in ClioSheet().refuse(payload(rate=""), {})
    assert "«Firm User»" in TimeSolvSheet().refuse(payload(timekeeper_last="", timekeeper_first=""), {})


@pytest.mark.parametrize("sheet", SHEETS)
@pytest.mark.parametrize(("minutes", "goes"), [(-6, False), (0, False), (1, True), (1440, True), (1441, False)])
def test_what_is_no_days_work_is_in_no_file(sheet: type[SheetBiller], minutes: int, goes: bool) -> None:
    """And is refused with where to change it."""
    reason = sheet().refuse(payload(billed_minutes=minutes), {})
    assert (reason == "") is goes
    assert goes or "autotime review" in reason


@pytest.mark.parametrize("number", ["=2026-1", "-17", "2026  001"])
def test_a_key_that_cannot_be_written_as_it_is_is_refused(number: str) -> None:
    """With an apostrophe before it no importer would know the matter again."""
    assert "would not be known" in ClioSheet().refuse(payload(matter=number), {})
    assert CsvBiller().refuse(payload(matter=number), {}) == ""


@pytest.mark.parametrize("sheet", SHEETS)
@given(text=TEXTS)
def test_no_cell_of_any_file_is_a_formula(sheet: type[SheetBiller], text: str) -> None:
    """Whatever the entry says, and the quotes of RFC 4180 keep it in one cell."""
    data = sheet().render(batch(), lines(payload(narrative=text, matter=text, timekeeper_first=text)))
    table = list(plain.reader(io.StringIO(data.decode(), newline=""), strict=True))
    assert [len(cells) for cells in table] == [len(sheet.usual)] * 2
    assert not any(cell.lstrip(" \"'")[:1] in set(FORMULA) and cell[:1] != "'" for cell in table[1])


def test_a_firm_changes_single_columns() -> None:
    """The day the other way round, a category, a constant user."""
    changes = {"date": {"from": "day_dmy"}, "activity_description": {"from": "activity_code", "map": {"A103": "Draft"}}}
    made = plugins.file_biller("clio-csv", settings(mapping={"clio-csv": changes}))
    assert isinstance(made, ClioSheet)
    row = rows(made, payload(15))[0]
    assert (row["date"], row["activity_description"]) == ("16/03/2026", "Draft")
    assert made.drops(payload()) == ("task_code",)


def test_a_firms_own_template_gives_the_header() -> None:
    """Known columns are filled as usual, others by rules, the rest stay empty."""
    chosen = settings(
        columns={"timesolv": ["Task", "Notes", "Date", "Office"]},
        mapping={"timesolv": {"Task": {"from": "task_code"}}},
    )
    made = plugins.file_biller("timesolv", chosen)
    assert isinstance(made, TimeSolvSheet)
    assert list(rows(made, payload(15))[0].items()) == [
        ("Task", "L310"),
        ("Notes", "Draft responses to request for production no. 15"),
        ("Date", "2026-03-16"),
        ("Office", ""),
    ]


def test_a_rule_for_a_column_that_is_not_there_is_told() -> None:
    """With the columns there are."""
    with pytest.raises(Misused, match=r"\[billing\.mapping\.clio-csv\.notes\]: there is no such field"):
        plugins.file_biller("clio-csv", settings(mapping={"clio-csv": {"notes": {"from": "narrative"}}}))


def test_the_version_says_by_which_layout_a_file_was_made() -> None:
    """The shipped one by its name alone, a changed one with a mark of the change."""
    versions = [
        ClioSheet().mapping_version,
        ClioSheet({"date": {"source": "day_dmy"}}).mapping_version,
        ClioSheet({"date": {"source": "day"}}).mapping_version,
        ClioSheet(columns=["matter", "date", "price"]).mapping_version,
    ]
    assert versions[0] == "clio-csv-1"
    assert len(set(versions)) == 4
    assert all(version.startswith("clio-csv-1") for version in versions)


@pytest.mark.parametrize("target", ["csv", "clio-csv", "timesolv"])
def test_each_layout_is_a_target_of_its_own(target: str) -> None:
    """Its files have their own numbers."""
    made = plugins.file_biller(target, settings())
    assert isinstance(made, FileBiller)
    assert (made.target, made.extension) == (target, "csv")
