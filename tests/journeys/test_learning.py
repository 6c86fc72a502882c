"""What filed mail and decisions teach, from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli import firm
from tests.cli.run import autotime

FILED = {"Northwind v. Harrow": "jo@northwind.example", "Odds and ends": "shop@news.example"}


@pytest.fixture
def filed(tmp_path: Path) -> Path:
    """An office whose mail lies in folders, one of them named like a matter."""
    home, files = tmp_path / "home", firm.written(tmp_path / "files")
    mail = files / "mail"
    mail.mkdir()
    for place, (folder, sender) in enumerate(FILED.items()):
        letters = (
            firm.letter(10 * place + n, sender, "ada@firm.example", f"Point {n}", "See below.", 9 + n) for n in (1, 2)
        )
        (mail / f"{folder}.mbox").write_bytes(
            b"".join(b"From - Tue Mar  3 12:00:00 2026\n" + m + b"\n" for m in letters)
        )
    initialised = autotime(
        home,
        *("init", "--timekeeper", "AOK", "--last", "Okafor", "--zone", "America/Chicago"),
        *("--email", "ada@firm.example", "--key-file", str(home / "key"), "--mbox", str(mail)),
    )
    assert initialised.code == 0, initialised.err
    for words in (("books", "import", str(files / "books.csv")), ("collect",)):
        assert autotime(home, *words).code == 0
    return home


def test_a_folder_that_names_a_matter_teaches_it(filed: Path) -> None:
    """Folder, matter, and how many messages; folders without a matter are told, not guessed."""
    done = autotime(filed, "history", "import", "--folders", "--json")
    assert done.json == {"learned": {"Northwind v. Harrow": ["2026-001", 2]}, "unknown": {"Odds and ends": 2}}


def test_a_dry_run_teaches_nothing(filed: Path) -> None:
    """The same report; the next status has nothing to draft anew because of it."""
    autotime(filed, "suggest")
    autotime(filed, "history", "import", "--folders", "--dry-run")
    assert autotime(filed, "status", "--json").json["stale_days"] == 0
    autotime(filed, "history", "import", "--folders")
    assert autotime(filed, "status", "--json").json["stale_days"] == 1


def test_other_folder_names_are_mapped(filed: Path, tmp_path: Path) -> None:
    """By a CSV of folder and matter."""
    (tmp_path / "map.csv").write_text("folder,matter\nOdds and ends,2026-002\n", encoding="utf-8")
    words = ("history", "import", "--folders", "--map", str(tmp_path / "map.csv"), "--json")
    assert autotime(filed, *words).json["learned"]["Odds and ends"] == ["2026-002", 2]


def test_a_map_to_a_matter_that_is_not_there_is_refused(filed: Path, tmp_path: Path) -> None:
    """By its line; nothing is learned."""
    (tmp_path / "map.csv").write_text("folder,matter\nOdds and ends,2099-1\n", encoding="utf-8")
    done = autotime(filed, "history", "import", "--folders", "--map", str(tmp_path / "map.csv"))
    assert (done.code, "2099-1" in done.err) == (2, True)


def test_a_second_import_of_books_updates_by_key(filed: Path, tmp_path: Path) -> None:
    """What is the same is unchanged, and a bad cell is told by line and column."""
    (tmp_path / "books.csv").write_text(firm.BOOKS.replace("Imprint licence", "Imprint license"), encoding="utf-8")
    told = autotime(filed, "books", "import", str(tmp_path / "books.csv"), "--json").json["matters"]
    assert told == {"added": 0, "updated": 1, "unchanged": 1}
    (tmp_path / "books.csv").write_text(firm.BOOKS.replace(",450\n", ",lots\n", 1), encoding="utf-8")
    bad = autotime(filed, "books", "import", str(tmp_path / "books.csv"))
    assert bad.code == 2
    assert "line 2" in bad.err
    assert "rate" in bad.err
