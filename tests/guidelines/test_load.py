"""Guidelines as files: what they say is what is checked, and a mistake is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from autotime.domain.errors import Misused
from autotime.guidelines import load, read, standard
from autotime.steps.guiding import broken

GOOD = """
id = "northwind"
version = "2026"
clients = ["NORTH"]

[[rule]]
id = "late"
kind = "late"
severity = "error"
text = "Ten days."
fix = "Send it sooner."
days = 10

[[test]]
narrative = "Draft answer to complaint"
minutes = 60
days_late = 11
breaks = ["late"]
"""


def test_the_shipped_guideline_passes_its_own_tests() -> None:
    assert broken(standard()) == []
    tried = {name for example in standard().examples for name in example.breaks}
    assert {"block-billing", "vague", "no-subject", "clerical", "travel", "late", "long-day", "too-short"} <= tried


def test_a_file_is_read_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "northwind.toml"
    path.write_text(GOOD, "utf-8")
    found = load(path)
    assert (found.id, found.version, found.clients, found.rules[0].values) == (
        "northwind",
        "2026",
        ("NORTH",),
        {"days": 10},
    )
    assert broken(found) == []


def test_a_test_that_does_not_come_out_is_told() -> None:
    [failed] = broken(read(GOOD.replace("days_late = 11", "days_late = 9"), "northwind.toml"))
    assert (failed.number, failed.expected, failed.found) == (1, ("late",), ())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('kind = "late"', 'kind = "lateness"', "there is no kind «lateness»"),
        ("days = 10", "", "«days» is missing"),
        ("days = 10", "day = 10", "there is no «day»"),
        ("days = 10", 'days = "ten"', "«days» is a whole number"),
        ("days = 10", "days = true", "«days» is a whole number"),
        ("days = 10", "days = -1", "below zero"),
        ('severity = "error"', 'severity = "fatal"', "severity is error or warning"),
        ('breaks = ["late"]', 'breaks = ["later"]', "there is no rule «later»"),
        ('breaks = ["late"]', "", "«breaks» is missing"),
        ("minutes = 60", "hours = 1", "there is no «hours»"),
        ('clients = ["NORTH"]', "clients = [1]", "a list of texts"),
        ('version = "2026"', "", "«version» is missing"),
        ('id = "northwind"', 'id = "northwind', "not valid TOML"),
        ("minutes = 60", 'billing = "free"', "billing is one of"),
        ("minutes = 60", 'beside = ["x"]', "«beside» is a list of tables: [[beside]]"),
        ("[[rule]]", "[rule]", "«rule» is written [[rule]]"),
        ('kind = "late"', 'kind = "increment"\nminutes = 0', "nothing is a multiple of 0 minutes"),
    ],
)
def test_every_mistake_is_named_with_its_place(old: str, new: str, told: str) -> None:
    with pytest.raises(Misused) as refused:
        read(GOOD.replace(old, new), "northwind.toml")
    assert told in str(refused.value)
    assert "northwind.toml" in str(refused.value)


def test_two_rules_of_one_id_are_refused() -> None:
    rule = GOOD[GOOD.index("[[rule]]") : GOOD.index("[[test]]")]
    with pytest.raises(Misused, match="two of that id"):
        read(GOOD + rule, "northwind.toml")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misused, match="cannot be read"):
        load(tmp_path / "none.toml")


@pytest.mark.parametrize("name", ["rule", "test"])
def test_rules_and_tests_are_tables(name: str) -> None:
    with pytest.raises(Misused, match=f"«{name}» is a list of tables"):
        read(f'id = "a"\nversion = "1"\n{name} = ["x"]\n', "a.toml")


def test_ids_that_are_no_texts_are_told() -> None:
    rule = '[[rule]]\nid = ["x"]\nkind = "late"\nseverity = "error"\ntext = "t"\nfix = "f"\ndays = 1\n'
    with pytest.raises(Misused, match="«id» is a text"):
        read(f'id = "a"\nversion = "1"\n{rule}{rule}', "a.toml")
