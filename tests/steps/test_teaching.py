"""What the firm knows already: a second import changes what changed, and a bad one changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autotime.domain.errors import Misused
from autotime.office import Office
from autotime.settings import Settings
from autotime.steps.teaching import FOLDER_LESSONS, import_books, learn_from_folders
from autotime.store import Store
from tests.billing.firm import MATTERS, NOW, open_store
from tests.classifiers.firm import mail

ROWS = "matter,name,client,rate\n2026-001,Northwind v. Harrow,NORTH,400\n"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office with three matters and three mails, two of them in a matter's folder."""
    with open_store(tmp_path, create=True) as store:
        store.books.upsert(matters=MATTERS)
        store.evidence.put(
            [
                mail("a", "Claim", place="Warehouse_lease", at=NOW - 100),
                mail("b", "Claim", place="2026-002", at=NOW - 50),
                mail("c", "Claim", place="Odds", at=NOW - 20),
            ],
            NOW,
        )
        settings = Settings(home=tmp_path, timekeepers=[{"id": "AOK", "last": "Okafor", "zone": "UTC"}])  # type: ignore[list-item]
        yield Office(store, settings, settings.timekeeper(), NOW)


def taught(store: Store) -> list[tuple[str, str]]:
    return sorted((example.label, example.decision) for example in store.examples.all())


def test_filed_mail_teaches_once_however_often_it_is_imported(office: Office) -> None:
    """The lessons of the last import replace those of the one before."""
    for _ in range(2):
        told = learn_from_folders(office)
        assert told.learned == {"Warehouse_lease": ("2026-002", 1), "2026-002": ("2026-002", 1)}
        assert told.unknown == {"Odds": 1}
        assert taught(office.store) == [("2026-002", FOLDER_LESSONS)] * 2


def test_a_dry_run_of_folders_teaches_nothing(office: Office, tmp_path: Path) -> None:
    """It tells what a mapping would do."""
    mapping = tmp_path / "map.csv"
    mapping.write_text("folder,matter\nOdds,2026-003\n")
    assert learn_from_folders(office, mapping, dry_run=True).learned["Odds"] == ("2026-003", 1)
    assert taught(office.store) == []


def test_books_are_added_then_updated_by_key(office: Office, tmp_path: Path) -> None:
    """The same file again changes nothing."""
    file = tmp_path / "books.csv"
    file.write_text(ROWS)
    assert import_books(office, file, None)["matters"].updated == 1
    assert import_books(office, file, None)["matters"].updated == 0


def test_a_dry_run_and_a_bad_row_write_nothing(office: Office, tmp_path: Path) -> None:
    """A good row above the bad one stays out as well."""
    file = tmp_path / "books.csv"
    before = office.store.books.load().matters
    file.write_text(ROWS)
    assert import_books(office, file, None, dry_run=True)["matters"].updated == 1
    assert office.store.books.load().matters == before
    file.write_text(ROWS + "2026-009,New,NORTH,lots\n")
    with pytest.raises(Misused, match="line 3"):
        import_books(office, file, None)
    assert office.store.books.load().matters == before


def test_an_import_needs_a_file_that_can_be_read(office: Office, tmp_path: Path) -> None:
    """One of either, by its name."""
    with pytest.raises(Misused, match="no file"):
        import_books(office, None, None)
    with pytest.raises(Misused, match=r"none\.csv cannot be read"):
        import_books(office, tmp_path / "none.csv", None)
