"""Time of the past from a system, invoices and sheets: what was sent from here is left out, bad rows are told."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.billing.history import COLUMNS, Ours, from_invoice, from_sheet, from_system, is_of
from autotime.billing.ledes.reading import Invoice, InvoiceHead, InvoiceLine
from autotime.domain.books import Key, Thing
from autotime.domain.delivery import Billed, Remote
from autotime.domain.doors import Keys
from autotime.domain.errors import Misused
from autotime.domain.work import Billing
from tests.billing.firm import BOOKS, TIMEKEEPER

DAY = date(2026, 3, 10)
NOBODY = Ours()
KEYS = Keys.of("clio", [Key("clio", Thing.MATTER, "2026-001", "31")])


# -- a system -------------------------------------------------------------------------------------


def remote(number: str, **fields: Any) -> Remote:
    return Remote(**{"id": number, "timekeeper": "7", "matter": "31", "day": DAY, "seconds": 4320, **fields})


def test_entries_of_a_system_are_told_in_our_words() -> None:
    """The matter by our number; where it is unknown, by none."""
    page = [remote("1", narrative="Call", billed=True), remote("2", matter="99", seconds=None)]
    one, two = from_system("clio", page, KEYS, NOBODY).found
    assert one == Billed(
        target="clio", remote="1", day=DAY, matter="2026-001", seconds=4320, narrative="Call", status="billed"
    )
    assert (two.matter, two.seconds, two.status) == ("", None, "unbilled")


def test_what_autotime_delivered_is_left_out() -> None:
    """By its receipt, or by our mark."""
    past = from_system("clio", [remote("1"), remote("2", external="e1"), remote("3")], KEYS, Ours(frozenset({"1"})))
    assert ([one.remote for one in past.found], past.ours) == (["3"], 2)


# -- invoices -------------------------------------------------------------------------------------


def line(number: int = 1, **fields: Any) -> InvoiceLine:
    usual: dict[str, Any] = {
        "line": number + 2,
        "invoice": "INV-1",
        "number": str(number),
        "type": "F",
        "day": DAY,
        "hours": Decimal("1.20"),
        "timekeeper": "AOK",
        "timekeeper_name": "Okafor, Ada",
        "classification": "PARTNR",
        "matter": "2026-001",
        "client_matter": "NW-77",
        "task": "L310",
        "activity": "A103",
        "expense": "",
        "narrative": "Draft answers",
        "rate": Decimal(450),
        "adjustment": Decimal(0),
        "tax": Decimal(0),
        "amount": Decimal("540.00"),
    }
    return InvoiceLine(**{**usual, **fields})


def invoice(*lines: InvoiceLine) -> Invoice:
    head = InvoiceHead(
        number="INV-1",
        day=DAY,
        first=DAY,
        last=DAY,
        client="NORTH",
        client_name="",
        firm="24-1",
        firm_name="",
        currency="",
        total=Decimal(0),
        tax=Decimal(0),
        description="",
    )
    return Invoice("1998B", (head,), lines)


def past_of(*lines: InvoiceLine, ours: Ours = NOBODY) -> Any:
    return from_invoice(invoice(*lines), "f00", BOOKS, TIMEKEEPER, ours)


def test_fee_lines_of_the_timekeeper_are_taken() -> None:
    """Not those of others, not expenses; a no-charge line says so, hours outside a day are told."""
    past = past_of(
        line(1),
        line(2, timekeeper="BLI", timekeeper_name="Lindqvist, Bea"),
        line(3, type="E"),
        line(4, timekeeper="07", adjustment=Decimal(-540), amount=Decimal(0)),
        line(5, hours=Decimal(-1)),
        line(6, hours=Decimal(25)),
    )
    assert [one.remote for one in past.found] == ["NORTH INV-1 1", "NORTH INV-1 4"]
    assert [one.billing for one in past.found] == [Billing.BILLABLE, Billing.NO_CHARGE]
    assert (past.others, past.found[0].seconds, past.found[0].status) == (1, 4320, "invoice INV-1")
    assert past.bad == ("line 7: -1 hours are no time of a day", "line 8: 25 hours are no time of a day")


@pytest.mark.parametrize(
    ("named", "theirs", "number"),
    [("2026-002", "NW-77", "2026-002"), ("OLD-9", "NW-78", "2026-002"), ("OLD-9", "", "OLD-9")],
)
def test_a_matter_is_found_by_our_number_or_the_clients(named: str, theirs: str, number: str) -> None:
    """What is neither stays as it is written."""
    [one] = past_of(line(matter=named, client_matter=theirs)).found
    assert one.matter == number


@pytest.mark.parametrize(
    "ours", [Ours(files=frozenset({"f00"})), Ours(invoices=frozenset({("INV-1", "NORTH")}))], ids=["file", "invoice"]
)
def test_our_own_invoices_are_left_out(ours: Ours) -> None:
    """The very file, or the same invoice sent back in another form."""
    past = past_of(line(1), line(2), ours=ours)
    assert (past.found, past.ours) == ((), 2)


# -- a sheet --------------------------------------------------------------------------------------


def test_no_line_of_a_file_is_held_against_all_others() -> None:
    """Each line is looked at once, whether it is ours, odd or neither."""
    asked = 0

    class Counted(InvoiceLine):
        def __eq__(self, other: object) -> bool:
            nonlocal asked
            asked += 1
            return self is other

        __hash__ = None  # type: ignore[assignment]

    usual = {field.name: getattr(line(), field.name) for field in fields(InvoiceLine)}
    many = [Counted(**usual | {"line": n, "hours": Decimal(n % 30)}) for n in range(200)]
    past_of(*many)
    past_of(*many, ours=Ours(files=frozenset({"f00"})))
    assert asked == 0


def sheet(text: str, ours: Ours = NOBODY) -> Any:
    return from_sheet(text.encode(), "past.csv", TIMEKEEPER, ours)


def test_rows_are_read_in_hours_or_minutes() -> None:
    """Decimal or with a colon; every column is optional but two."""
    past = sheet(
        "date,matter,hours,minutes,narrative,task_code,rate,billing,status\n"
        "2026-03-10,2026-001,1.2,,Call,l310,450,no_charge,paid\n"
        "2026-03-10,2026-001,1:12,,Call,,,,\n"
        "2026-03-11,2026-002,,72,Lease,,,,\n"
    )
    assert [one.seconds for one in past.found] == [4320] * 3
    first = past.found[0]
    assert (first.task_code, first.rate, first.billing, first.status) == (
        *("L310", Decimal(450), Billing.NO_CHARGE, "paid"),
    )
    assert past.bad == ()


def test_bad_rows_are_told_and_stop_nothing() -> None:
    """Each with its line, column, and what it should be; a column nobody knows is passed over."""
    past = sheet(
        "date,matter,hours,colour,rate\n10.03.2026,A,1,red,\n2026-03-10,,1,red,\n2026-03-10,A,25,red,\n"
        "2026-03-10,A,,red,\n2026-03-10,A,1,red,x\n2026-03-10,A,1,red,,,\n2026-03-10,A,0,red,\n2026-03-10,A,1,red,\n"
    )
    assert [one.seconds for one in past.found] == [3600]
    assert [problem.split(":")[0] for problem in past.bad] == [
        *("line 1, column 'colour'", "line 2, column date", "line 3, column matter", "line 4, column hours"),
        *("line 5, column hours", "line 6, column rate", "line 7", "line 8, column hours"),
    ]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ("2026-03-1099,,90", "is no date"),
        ("2026-03-10,,0001449999", "is no whole number of minutes"),
    ],
)
def test_a_cell_that_only_begins_well_is_no_day_and_no_time(cells: str, told: str) -> None:
    past = sheet(f"date,hours,minutes,matter\n{cells},2026-001\n")
    assert past.found == ()
    assert told in past.bad[0]


def test_rows_of_others_and_of_ours_are_left_out() -> None:
    """By any name of a person; by the entry or the receipt."""
    past = sheet(
        "date,matter,hours,timekeeper,id,entry_id\n2026-03-10,A,1,AOK,1,\n2026-03-10,A,1,Bea Lindqvist,2,\n"
        "2026-03-10,A,1,ada okafor,3,\n2026-03-10,A,1,,4,e1\n",
        Ours(frozenset({"3"}), frozenset({"e1"})),
    )
    assert [one.remote for one in past.found] == ["1"]
    assert (past.others, past.ours) == (1, 2)


def test_rows_without_an_id_are_the_same_at_the_next_import() -> None:
    """And two that say the same stay two."""
    text = "date,matter,hours\n2026-03-10,A,1\n2026-03-10,A,1\n2026-03-10,B,1\n"
    first, again = sheet(text).found, sheet(text + "2026-03-12,C,1\n").found
    assert len({one.remote for one in first}) == 3
    assert again[:3] == first


@pytest.mark.parametrize("text", ["", "date,hours\n2026-03-10,1\n", "date,matter\n2026-03-10,A\n"])
def test_a_sheet_that_says_too_little_is_refused(text: str) -> None:
    with pytest.raises(Misused, match="needs the columns date, matter, and hours or minutes"):
        sheet(text)


@given(st.lists(st.lists(st.text('0129:.-,e"\n A', max_size=8), max_size=6), max_size=6))
def test_no_sheet_crashes_the_reader(rows: list[list[str]]) -> None:
    """Whatever the cells say, what is taken is time of a day."""
    text = "date,matter,hours,minutes,rate,id\n" + "\n".join(",".join(row) for row in rows)
    past = sheet(text)
    assert all(one.seconds and 0 < one.seconds <= 86_400 for one in past.found)


def test_a_person_is_known_by_id_mail_and_name() -> None:
    ada = replace(TIMEKEEPER, emails=("ada@okafor.example",))
    for named in ("aok", "Ada@okafor.example", "Okafor,  Ada", "ADA OKAFOR"):
        assert is_of(ada, named)
    for named in ("", "Okafor", "Ada"):
        assert not is_of(ada, named)


def test_every_column_is_in_the_guide() -> None:
    from pathlib import Path

    guide = (Path(__file__).parents[2] / "docs" / "how-to" / "import-the-books.md").read_text("utf-8")
    assert not [name for name in COLUMNS if f"`{name}`" not in guide]
