"""The books and the past by command: pulled, checked, merged, imported; as data and as talk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from autotime import plugins
from tests.cli import firm
from tests.cli.run import autotime
from tests.steps.bookshelf import PARTS, Shelf

KEPT: dict[str, Shelf] = {}
"""The one shelf of a test: each command makes its adapter anew."""


class ShelfAdapter(Shelf):
    """The shelf as an adapter that the settings name."""

    def __init__(self, connection: object, keys: object, mapping: Mapping[str, Any]) -> None:
        there = KEPT["clio"]
        super().__init__(there.parts, there.size, there.changed, there.bad, there.asked)


class Zap:
    """A system that gives nothing."""

    def __init__(self, connection: object, keys: object, mapping: Mapping[str, Any]) -> None:
        pass


@pytest.fixture
def there(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A worked home, and a Clio that is the shelf."""
    KEPT["clio"] = Shelf({part: list(things) for part, things in PARTS.items()})
    systems = {"clio": f"{__name__}:ShelfAdapter", "zapier": f"{__name__}:Zap"}
    monkeypatch.setattr(plugins, "SYSTEMS", systems)
    return home


def test_books_are_pulled_and_then_nothing_has_changed(there: Path) -> None:
    first = autotime(there, "books", "pull", "clio")
    assert (first.code, "matter: 2 updated, 3 added" in first.out) == (0, True), first.out + first.err
    assert "next: autotime books check" in first.err
    assert "clio: nothing has changed" in autotime(there, "books", "pull", "clio").out


def test_a_dry_run_writes_nothing(there: Path) -> None:
    told = autotime(there, "books", "pull", "clio", "--dry-run", "--json").json
    assert told["counts"]["matter"] == {"updated": 2, "added": 3}
    assert told["dry_run"] is True
    assert "2026-009" not in autotime(there, "books", "list").out


def test_a_list_that_halved_asks_and_a_word_goes_on(there: Path) -> None:
    """Exit 1, and the command that goes on."""
    autotime(there, "books", "pull", "clio")
    KEPT["clio"].parts["matters"] = KEPT["clio"].parts["matters"][:1]
    stopped = autotime(there, "books", "pull", "clio", "--everything")
    assert stopped.code == 1
    assert "next: look there; if that is right: autotime books pull clio --everything --yes" in stopped.err
    assert autotime(there, "books", "pull", "clio", "--everything", "--yes").code == 0


def test_a_system_without_books_or_history_says_what_to_do(there: Path) -> None:
    for words in (("books", "pull"), ("history", "import")):
        refused = autotime(there, *words, "zapier")
        assert (refused.code, "import" in refused.err) == (2, True)
        assert autotime(there, *words, "nowhere").code == 2


def test_what_looks_wrong_is_told_with_what_to_do(there: Path) -> None:
    """The proposal is the command; it is taken back as easily."""
    autotime(there, "books", "pull", "clio")
    assert "nothing looks wrong" not in autotime(there, "books", "check").err
    kinds = {one["kind"] for one in autotime(there, "books", "check", "--json").json}
    assert kinds == {"orphan", "no_contacts"}
    merged = autotime(there, "books", "merge", "SOLO", "NORTH")
    assert (merged.code, merged.out) == (0, "2026-001 → SOLO\n2026-002 → SOLO\n")
    assert "autotime books merge SOLO NORTH --undo" in merged.err
    undone = autotime(there, "books", "merge", "SOLO", "NORTH", "--undo", "--json")
    assert (undone.code, undone.json["other"]) == (0, "NORTH")


def test_past_time_is_imported_and_shown_beside_the_suggestion(there: Path, tmp_path: Path) -> None:
    """In the table of the day and as data; a bad row is told."""
    one = firm.the_one(there, "2026-001")
    assert one["already_in_billing_seconds"] == 0
    file = tmp_path / "past.csv"
    file.write_text(f"date,matter,hours\n{firm.DAY},2026-001,1.2\n{firm.DAY},2026-001,much\n")
    assert autotime(there, "history", "import", "csv", str(file), "--dry-run", "--json").json["stored"] == 0
    done = autotime(there, "history", "import", "csv", str(file))
    assert done.out.splitlines()[0] == "1 entries of csv read, 1 new or changed"
    assert "line 3, column hours: 'much' is no time of a day" in done.err
    assert firm.the_one(there, "2026-001")["already_in_billing_seconds"] == 4320
    assert "already in billing 1.2 h (2026-001 1.2 h)" in autotime(there, "suggestions", "--date", firm.DAY).out
    assert autotime(there, "history", "forget", "csv", "--from", firm.DAY).out == "1 entries of csv forgotten\n"
    assert autotime(there, "history", "forget", "csv", "--json").json["forgotten"] == 0
    unknown = autotime(there, "history", "forget", "cvs")
    assert (unknown.code, unknown.out, "next: one of: clio, zapier, ledes, csv" in unknown.err) == (2, "", True)


@pytest.mark.parametrize(
    "words",
    [(), ("csv",), ("ledes",), ("csv", "a", "b"), ("clio", "a.csv"), ("csv", "none.csv"), ("clio", "--from", "soon")],
    ids=" ".join,
)
def test_an_import_that_cannot_be_is_a_misuse(there: Path, words: tuple[str, ...]) -> None:
    assert autotime(there, "history", "import", *words).code == 2


def test_files_of_which_none_can_be_read_are_a_misuse(there: Path, tmp_path: Path) -> None:
    """Another system's file, half a file, none at all: each is told with its name, and what to do."""
    sheet, half = tmp_path / "past.csv", tmp_path / "half.txt"
    sheet.write_text("matter,name\nM-1,One\n")
    half.write_text("LEDES1998B[]\nINVOICE_DATE|INVOICE_NUM")
    refused = autotime(there, "history", "import", "ledes", str(sheet), str(half), str(tmp_path / "none.txt"))
    assert (refused.code, refused.out) == (2, "")
    assert "no file could be read" in refused.err
    assert all(f"{name}, " in refused.err for name in ("past.csv", "half.txt", "none.txt"))
    assert "next: autotime ledes check FILE" in refused.err
    refused = autotime(there, "history", "import", "csv", str(sheet))
    assert (refused.code, "docs/how-to/import-the-books.md" in refused.err) == (2, True)
    missing = autotime(there, "books", "import", str(tmp_path / "none.csv"))
    assert (missing.code, "next: name a file that is there" in missing.err) == (2, True)


def test_a_source_that_does_not_exist_is_told_all_that_do(there: Path) -> None:
    """Files among them."""
    assert "one of: clio, zapier, ledes, csv" in autotime(there, "history", "import", "nosuch").err


def test_a_dry_run_of_a_file_tells_every_problem_and_what_is_passed_over(there: Path, tmp_path: Path) -> None:
    """An import of the same file tells the first ones and writes nothing."""
    books, people = tmp_path / "books.csv", tmp_path / "people.csv"
    books.write_text("matter,name,rate\n" + "".join(f"M-{n},One,x\n" for n in range(30)))
    people.write_text("id,last,classification\nBLI,Lindqvist,BOSS\n")
    told = autotime(there, "books", "import", str(books), "--timekeepers", str(people), "--dry-run")
    assert (told.code, told.err.count("is not an amount")) == (2, 30)
    assert "'BOSS' is not in the LEDES list of 2014" in told.err
    assert "30 to correct" in told.err
