"""The examples of the how-to pages do what the pages say."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from tests.cli import firm
from tests.cli.run import autotime

GUIDES = Path(__file__).parents[2] / "docs" / "how-to"


def example(page: str, language: str) -> str:
    """The first block of code in a language on a page."""
    found = re.search(rf"^```{language}\n(.*?)^```", (GUIDES / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert found, f"{page} has no example in {language}"
    return found[1]


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An office with one entry, and the biller of the guide where Python finds it."""
    guests = tmp_path / "guests"
    guests.mkdir()
    (guests / "my_billers.py").write_text(example("add-a-biller.md", "python"), encoding="utf-8")
    monkeypatch.syspath_prepend(guests)
    monkeypatch.delitem(sys.modules, "my_billers", raising=False)
    home, files = tmp_path / "home", tmp_path / "files"
    assert firm.initialised(home, firm.written(files)).code == 0
    books = ("books", "import", str(files / "books.csv"), "--timekeepers", str(files / "people.csv"))
    added = (
        "add",
        "--date",
        firm.DAY,
        "--matter",
        "2026-001",
        "--minutes",
        "20",
        "--narrative",
        'Call re "gate" | logs',
    )
    assert [autotime(home, *words).code for words in (books, added)] == [0, 0]
    return home


def configured(home: Path) -> None:
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write("\n" + example("add-a-biller.md", "toml"))


def test_the_biller_of_the_guide_delivers_once_and_writes_the_same_bytes_again(office: Path) -> None:
    """As an own target beside the residents."""
    configured(office)
    pushed = autotime(office, "push", "lines", "--json").json
    written = Path(pushed["file"]).read_bytes()
    [row] = [json.loads(line) for line in written.splitlines()]
    assert (row["billed_minutes"], row["rate"], row["narrative"]) == (24, "450", 'Call re "gate" | logs')
    assert pushed["batch"] == "lines-0001"
    assert autotime(office, "push", "lines", "--json").json["entries"] == []
    assert autotime(office, "export", "lines", "--batch", "lines-0001").out.encode() == written


def test_a_guest_that_the_settings_do_not_name_is_not_there(office: Path) -> None:
    """Being installed is not enough."""
    done = autotime(office, "push", "lines")
    assert (done.code, "no billing target" in done.err) == (2, True)
    assert "my_billers" not in sys.modules


def test_a_guest_cannot_take_a_residents_name(office: Path) -> None:
    """``csv`` stays what it is."""
    with (office / "config.toml").open("a", encoding="utf-8") as config:
        config.write('\n[billing.guests]\ncsv = "my_billers:LinesBiller"\n')
    assert Path(autotime(office, "push", "csv", "--json").json["file"]).suffix == ".csv"


def test_the_smallest_books_of_the_guide_can_be_imported(office: Path, tmp_path: Path) -> None:
    """Two columns are enough."""
    page = (GUIDES / "import-the-books.md").read_text("utf-8")
    smallest = re.search(r"```\n(matter,name\n.*?)```", page, re.DOTALL)
    assert smallest
    (tmp_path / "small.csv").write_text(smallest[1], encoding="utf-8")
    assert autotime(office, "books", "import", str(tmp_path / "small.csv"), "--json").json["matters"]["updated"] == 2


def test_the_guide_names_every_column_of_the_books() -> None:
    """And no other, in the first of its tables."""
    from autotime.billing import books

    page = (GUIDES / "import-the-books.md").read_text("utf-8")
    table = re.search(r"(?:^\|.*\n)+", page, re.MULTILINE)
    assert table
    named = {
        name for row in re.findall(r"^\| (`[^|]*) \|", table[0], re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }
    assert named == set(books.MATTER_COLUMNS)
