"""Mail filed by matter: which folders teach, and which are only told of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.domain.books import Books, Matter
from autotime.domain.errors import Misused
from autotime.domain.evidence import Kind
from autotime.domain.learning import ExampleKind
from autotime.training.folders import lessons_from, matter_of_folder, read_mapping
from tests.classifiers.firm import BOOKS, mail
from tests.timeline.seen import evidence


def test_a_folder_is_known_by_number_name_or_alias() -> None:
    """However it is spelled."""
    known = matter_of_folder(BOOKS, {})
    assert known["2026 002"] == known["quayside warehouse lease"] == known["dockside"] == "2026-002"


def test_a_name_that_two_matters_share_teaches_neither() -> None:
    """Nobody guesses."""
    twins = Books(matters={n: Matter(number=n, name="General advice") for n in ("1", "2")})
    assert matter_of_folder(twins, {}) == {"1": "1", "2": "2"}


def test_a_mapping_speaks_before_the_books_do() -> None:
    """And must name matters that are there."""
    assert matter_of_folder(BOOKS, {"Dock_side": "2026-003", "Dockside": "2026-001"})["dockside"] == "2026-001"
    with pytest.raises(Misused, match="2099-1"):
        matter_of_folder(BOOKS, {"Odds": "2099-1"})


def test_mail_in_a_matters_folder_becomes_its_examples() -> None:
    """Each message once, dated by itself; the rest is counted by folder."""
    items = [
        mail("a", place="Dockside", at=100),
        mail("b", place="dockside", at=200),
        mail("c", place="Odds and ends"),
        mail("d", place=""),
        evidence("e", Kind.DOCUMENT, 0, place="Dockside"),
    ]
    filed = lessons_from(items, matter_of_folder(BOOKS, {}))
    examples = filed.examples("history:folders")
    assert [(e.evidence, e.label, e.at, e.kind, e.decision) for e in examples] == [
        (items[0].id, "2026-002", 100, ExampleKind.MATTER, "history:folders"),
        (items[1].id, "2026-002", 200, ExampleKind.MATTER, "history:folders"),
    ]
    assert filed.learned == {"Dockside": ("2026-002", 1), "dockside": ("2026-002", 1)}
    assert filed.unknown == {"Odds and ends": 1, "": 1}


def test_a_folders_name_is_cleaned_before_it_is_told() -> None:
    """A folder is named by whoever made the mailbox."""
    filed = lessons_from([mail("a", place="\x1b[31mred")], {})
    assert all("\x1b" not in name for name in filed.unknown)


def test_a_mapping_file_needs_its_columns() -> None:
    """Rows that are half empty say nothing; a byte-order mark and other columns do no harm."""
    assert read_mapping(b"\xef\xbb\xbffolder,matter,note\nOdds,1,x\n,2,\nEnds,,\n") == {"Odds": "1"}
    for broken in (b"", b"folder\nOdds\n", b"folders,matter\nOdds,1\n"):
        with pytest.raises(Misused, match="columns folder, matter"):
            read_mapping(broken)


def test_a_mapping_that_is_no_csv_is_told_by_its_line() -> None:
    """A cell of a hundred thousand and more characters is none."""
    with pytest.raises(Misused, match="near line 3"):
        read_mapping(b"folder,matter\nOdds,1\n" + b"x" * 200_000 + b",1\n")


@given(st.binary(max_size=200))
def test_any_bytes_are_rows_of_a_mapping(data: bytes) -> None:
    """Nothing fails, and nothing half empty comes out."""
    for folder, matter in read_mapping(b"folder,matter\n" + data).items():
        assert folder
        assert matter
