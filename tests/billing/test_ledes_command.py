"""``autotime ledes check``, and pushes of all three kinds, as a person types them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from autotime.billing.ledes import read_invoice
from tests.cli import firm
from tests.cli.run import autotime

from .invoices import BILLERS
from .test_ledes_check import B_FILE, FILES, with_field


@pytest.mark.parametrize("kind", FILES)
def test_the_command_passes_what_is_right(kind: str, tmp_path: Path) -> None:
    """Exit 0, nothing on standard output, one line of talk."""
    file = tmp_path / f"invoice.{BILLERS[kind].extension}"
    file.write_bytes(FILES[kind])
    ran = autotime(tmp_path, "ledes", "check", str(file))
    assert (ran.code, ran.out) == (0, "")
    assert f"invoice.{BILLERS[kind].extension} ({kind}): 0 errors, 0 warnings" in ran.err


def test_the_command_tells_what_is_wrong(tmp_path: Path) -> None:
    """Line, field, portal, rule and what to do; exit 1."""
    file = tmp_path / "invoice.csv"
    file.write_bytes(with_field(B_FILE, "LINE_ITEM_DATE", "2026-03-02"))
    ran = autotime(tmp_path, "ledes", "check", str(file))
    assert ran.code == 1
    assert "error line 3, LINE_ITEM_DATE: a date is YYYYMMDD (Legal Tracker 003). date: write the date" in ran.out
    assert "warning the file: the file's name does not end with .txt (Brightflag)" in ran.out
    data = autotime(tmp_path, "ledes", "check", str(file), "--json").json
    assert (data["kind"], data["errors"]) == ("1998B", 1)
    assert data["findings"][1]["line"] == 3
    assert data["findings"][1]["severity"] == "error"
    assert data["findings"][1]["portals"] == ["Legal Tracker 003"]


def test_a_finding_is_one_line_whatever_it_quotes(tmp_path: Path) -> None:
    """No file writes lines of its own into what is told of it."""
    file = tmp_path / "invoice.xml"
    file.write_bytes(FILES["XML"].replace(b"L310", b"L9\nerror line 1: \xc2\x85y"))
    ran = autotime(tmp_path, "ledes", "check", str(file))
    assert ran.code == 1
    found = autotime(tmp_path, "ledes", "check", str(file), "--json").json["findings"]
    assert len(ran.out.splitlines()) == len(found)
    assert not any(row.startswith("error line 1:") for row in ran.out.splitlines())


def test_the_command_says_where_there_is_no_file(tmp_path: Path) -> None:
    """Exit 2, no traceback."""
    assert autotime(tmp_path, "ledes", "check", str(tmp_path / "none.txt")).code == 2
    assert autotime(tmp_path, "ledes", "check", str(tmp_path)).code == 2


def test_a_file_of_200_mb_is_told_at_once(tmp_path: Path) -> None:
    """It is not read to its end."""
    file = tmp_path / "large.txt"
    with file.open("wb") as stream:
        stream.truncate(200_000_000)
    ran = autotime(tmp_path, "ledes", "check", str(file))
    assert ran.code == 1
    assert "more than 48 MB" in ran.out


# --- pushes ------------------------------------------------------------------------------------------

PLACES = """\
street = "1 Example Plaza"
city = "Springfield"
postcode = "62701"
country = "US"
[billing.ledes."*"]
country = "US"
[billing.ledes.NORTH]
tax_id = "76-1235"
narrative_cap = 60
"""


MARCH = ("--client", "NORTH", "--from", "2026-03-01", "--to", "2026-03-31", "--invoice-date", "2026-04-02")


def add(home: Path, minutes: int, narrative: str) -> None:
    work = ("--date", "2026-03-03", "--matter", "2026-001", "--task", "L310", "--activity", "A103")
    added = autotime(home, "add", *work, "--minutes", str(minutes), "--narrative", narrative)
    assert added.code == 0, added.err


def pushed(home: Path, target: str, *words: str) -> Path:
    """The file of a push of invoice 1001."""
    done = autotime(home, "push", target, *MARCH, "--invoice-number", "1001", *words, "--json")
    assert done.json["file"], done.json
    return Path(done.json["file"])


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose two entries are billed as 1998BI and copied as the other kinds; a third waits."""
    folder = tmp_path_factory.mktemp("firm")
    home, files = folder / "home", firm.written(folder / "files")
    assert firm.initialised(home, files).code == 0
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write(firm.FIRM + PLACES)
    books = ("books", "import", str(files / "books.csv"), "--timekeepers", str(files / "people.csv"))
    assert autotime(home, *books).code == 0
    add(home, 30, "Draft the answer to the request")
    add(home, 12, "Call with counsel on the date")
    pushed(home, "ledes-bi")
    pushed(home, "ledes-xml", "--copy")
    pushed(home, "ledes", "--copy")
    add(home, 6, "Letter to counsel")
    return home


FILES_OF_1001 = ("ledes-bi-0001-AOK.txt", "ledes-xml-0001-AOK-COPY.xml", "ledes-0001-AOK-COPY.txt")


@pytest.mark.parametrize("name", FILES_OF_1001)
def test_one_invoice_goes_out_in_each_kind(office: Path, name: str) -> None:
    """Each is right, agrees with the books, and says the same."""
    file = office / "outgoing" / name
    checked = autotime(office, "ledes", "check", str(file), "--books")
    assert (checked.code, checked.out) == (0, "")
    found = read_invoice(file.read_bytes())
    assert {line.narrative for line in found.lines} == {
        "Draft the answer to the request",
        "Call with counsel on the date",
    }
    assert (found.head.number, found.head.total) == ("1001", Decimal("315.00"))


def test_another_file_with_a_number_of_ours_is_told(office: Path, tmp_path: Path) -> None:
    """One changed after it was written is another file."""
    written = (office / "outgoing" / FILES_OF_1001[0]).read_bytes()
    file = tmp_path / "again.txt"
    file.write_bytes(written.replace(b"Draft the answer", b"Draft an answer"))
    checked = autotime(office, "ledes", "check", str(file), "--books")
    assert checked.code == 0
    assert "warning line 3, INVOICE_NUMBER: ledes-" in checked.out
    assert "another file, has the same number (Collaborati)" in checked.out


def test_the_kinds_share_their_invoice_numbers(office: Path) -> None:
    """A number that one kind has used is refused to the others."""
    refused = autotime(office, "push", "ledes-xml", *MARCH, "--invoice-number", "1001", "--dry-run")
    assert refused.code == 1
    assert "invoice number 1001 is used already, by ledes" in refused.err


def test_what_the_portal_wants_is_refused_by_its_setting(office: Path) -> None:
    """A narrative above the client's cap waits."""
    config = office / "config.toml"
    short = office / "short.toml"
    short.write_text(config.read_text("utf-8").replace("narrative_cap = 60", "narrative_cap = 9"), encoding="utf-8")
    asked = ("push", "ledes-bi", *MARCH, "--invoice-number", "1002", "--dry-run", "--config", str(short))
    assert "has 17 characters, the client takes 9 (narrative_cap)" in autotime(office, *asked).out


def test_a_delivered_invoice_is_written_again_whatever_the_settings_say_now(office: Path) -> None:
    """What the portal wanted then is kept with the batch."""
    config, other = office / "config.toml", office / "other.toml"
    changed = config.read_text("utf-8").replace("76-1235", "99-9999").replace("1 Example Plaza", "2 Other Road")
    other.write_text(changed, encoding="utf-8")
    again = autotime(office, "export", "ledes-bi", "--batch", "ledes-bi-0001", "--config", str(other))
    assert again.out.encode() == (office / "outgoing" / FILES_OF_1001[0]).read_bytes()
