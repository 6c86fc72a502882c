"""Books as files: what is right is read, and all that is wrong is named by line and column."""

from __future__ import annotations

import os
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.billing.books import (
    MATTER_COLUMNS,
    look_at_matters,
    look_at_timekeepers,
    read_matters,
    read_timekeepers,
)
from autotime.domain.books import Client, Matter, MatterStatus
from autotime.domain.errors import Misused
from autotime.domain.people import Timekeeper

FULL = (
    ",".join(MATTER_COLUMNS)
    + "\n"
    + 'M-1,Northwind v. Harrow,NORTH,"Northwind, Inc.",00711,NW-77,Pending,Litigation,Litigation,15,Hourly,usd,412.50,'
    + "Northwind;Harrow Ltd; Northwind,gc@north.example;Bob@Harrow.example,north.example;@harrow.example,"
    + "Project Heron,1:26-cv-00123;No. 26-7\n"
)


def problems(text: str | bytes) -> tuple[str, ...]:
    return look_at_matters(text.encode() if isinstance(text, str) else text, "books.csv").problems


def test_every_column_is_read() -> None:
    """Lists by semicolons, amounts as decimals, addresses and domains in lower case."""
    clients, matters = read_matters(FULL.encode(), "books.csv")
    assert clients == (Client("NORTH", "Northwind, Inc.", "00711"),)
    assert matters == (
        Matter(
            number="M-1",
            name="Northwind v. Harrow",
            client="NORTH",
            client_matter_id="NW-77",
            status=MatterStatus.PENDING,
            practice="Litigation",
            code_set="litigation",
            increment=15,
            rate=Decimal("412.50"),
            parties=("Northwind", "Harrow Ltd"),
            contacts=("gc@north.example", "bob@harrow.example"),
            domains=("north.example", "harrow.example"),
            aliases=("Project Heron",),
            dockets=("1:26-cv-00123", "No. 26-7"),
        ),
    )


@pytest.mark.parametrize(
    "data",
    [
        b"matter,name\nM-1,Caf\xc3\xa9\n",
        b"\xef\xbb\xbfmatter,name\nM-1,Caf\xc3\xa9\n",
        b"matter,name\r\nM-1,Caf\xc3\xa9\r\n\r\n",
        b"matter,name\rM-1,Caf\xc3\xa9\r",
        b"matter;name\nM-1;Caf\xc3\xa9",
        b"matter\tname\nM-1\tCaf\xc3\xa9",
        b"Matter, Name \nM-1, Caf\xe9\n",
        b"\nname,matter\n,\n Caf\xe9 ,M-1\n",
        "matter,name\nM-1,Café\n".encode("utf-16"),
        b'matter,name\nM-1,"Caf\x1b[31m\xc3\xa9\xe2\x80\x8b"\n',
        b"matter,name,rate,zone_of\n".replace(b",zone_of", b"") + b"M-1,Caf\xc3\xa9\n",
    ],
)
def test_files_of_any_program_are_read(data: bytes) -> None:
    """Byte order marks, line ends, separators, encodings, blank rows, short rows, control characters."""
    assert read_matters(data, "books.csv")[1] == (Matter(number="M-1", name="Café"),)


def test_a_quoted_line_break_stays_in_its_cell_and_lines_are_counted_on() -> None:
    """Line numbers are those of an editor."""
    text = 'matter,name,increment\nM-1,"Two\nlines",6\nM-2,Next,six\n'
    assert problems(text) == ("line 4, column increment: 'six' is not a whole number of minutes",)
    assert look_at_matters(text.encode(), "").matters[0].name == "Two lines"


def test_all_problems_are_told_at_once_and_nothing_is_imported() -> None:
    """In order of lines, each with its column."""
    text = (
        "matter,name,status,increment,rate,contacts,domains,code_set,currency\n"
        "M-1,One,shut,99,$350,not an address;ok@x.example,nodots,legal,dollars\n"
        ",Nameless,open,,,,,,\n"
        "M-1,Again,,,-1,,,,\n"
    )
    with pytest.raises(Misused) as refused:
        read_matters(text.encode(), "books.csv")
    assert str(refused.value).splitlines() == [
        "books.csv: 10 problems",
        "line 2, column status: 'shut' is not a status; one of open, pending, closed",
        "line 2, column code_set: 'legal' is not a code set; one of litigation, project, counseling, bankruptcy, "
        "ediscovery, patent, trademark",
        "line 2, column increment: '99' is not between 1 and 60 minutes",
        "line 2, column currency: 'dollars' is not a currency of three letters, such as USD",
        "line 2, column rate: '$350' is not an amount, such as 350 or 412.50",
        "line 2, column contacts: 'not an address' is not a mail address",
        "line 2, column domains: 'nodots' is not a mail domain, such as example.com",
        "line 3, column matter: is empty",
        "line 4, column matter: 'M-1' is already on line 2",
        "line 4, column rate: '-1' is not an amount, such as 350 or 412.50",
    ]
    assert refused.value.kept == "nothing was imported"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "line 1, column matter: it is missing and must be there"),
        ("matter\nM-1\n", "line 1, column name: it is missing and must be there"),
        ("matter,name,colour\nM-1,One,red\n", "line 1, column 'colour': there is no such column; columns are"),
        ("matter,name,name\nM-1,One,Two\n", "line 1, column name: it stands 2 times"),
        ("matter,name\nM-1,One,extra\n", "line 2: 3 values for 2 columns"),
        ("matter,name\nM-1\n", "line 2, column name: is empty"),
        ('matter,name\nM-1,"One\nM-2,Two\n', "line 2: a quotation mark is opened and not closed"),
        ("matter,name,client_name\nM-1,One,Acme\n", "line 2, column client: is empty, and client_name is 'Acme'"),
        (
            "matter,name,client,client_name\nM-1,One,A,Acme\nM-2,Two,A,Apex\n",
            "line 3, column client_name: 'Apex' is 'Acme' on line 2",
        ),
        (
            "matter,name,client,client_ledes_id\nM-1,One,A,17\nM-2,Two,A,18\n",
            "line 3, column client_ledes_id: '18' is '17' on line 2",
        ),
        ("matter,name\nM-1," + "n" * 2001, "line 2, column name: 2001 characters, at most 2000"),
    ],
)
def test_each_mistake_is_named(text: str, problem: str) -> None:
    """With the place to correct it."""
    assert problems(text)[0].startswith(problem)


def test_a_client_is_named_by_any_of_its_rows() -> None:
    """One name is enough for all matters of a client."""
    clients, _ = read_matters(
        b"matter,name,client,client_name\nM-1,One,A,\nM-2,Two,A,Acme\nM-3,Three,B,\n", "books.csv"
    )
    assert clients == (Client("A", "Acme"), Client("B", ""))


def test_timekeepers_are_read_and_a_strange_classification_only_warned_of() -> None:
    """Zones are checked against the zone database."""
    text = "id,last,first,emails,classification,rate,zone\nAOK,Okafor,Ada,ada@firm.example,partnr,450,America/Chicago\n"
    assert read_timekeepers(text.encode(), "people.csv") == (
        Timekeeper(
            id="AOK",
            last="Okafor",
            first="Ada",
            emails=("ada@firm.example",),
            classification="PARTNR",
            rate=Decimal("450"),
            zone="America/Chicago",
        ),
    )
    found = look_at_timekeepers(
        b"id,last,classification,zone\nA,One,BOSS,\nB,Two,,Mars/Olympus\nC,Three,,../etc\n", "people.csv"
    )
    assert found.warnings == ("line 2, column classification: 'BOSS' is not in the LEDES list of 2014",)
    assert [problem[:25] for problem in found.problems] == ["line 3, column zone: 'Mar", "line 4, column zone: '../"]


@given(st.one_of(st.binary(max_size=300), st.text(st.sampled_from('mater,n"\n\r;\t\x00=é'), max_size=80)))
def test_no_file_crashes_the_reader(data: bytes | str) -> None:
    """Anything is read or refused with problems."""
    raw = data if isinstance(data, bytes) else ("matter,name\n" + data).encode()
    found = look_at_matters(raw, "books.csv")
    assert found.problems or all(matter.number and matter.name for matter in found.matters)


def test_many_problems_are_cut_with_their_number() -> None:
    """A wrong file does not flood the terminal."""
    text = "matter,name,rate\n" + "".join(f"M-{n},One,x\n" for n in range(40))
    with pytest.raises(Misused, match=r"40 problems") as refused:
        read_matters(text.encode(), os.devnull)
    assert str(refused.value).endswith("… and 15 more")
