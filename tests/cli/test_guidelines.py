"""guidelines list, test and check, as a person types them."""

from __future__ import annotations

from pathlib import Path

from tests.cli import firm
from tests.cli.run import autotime

STRICT = """
id = "northwind"
version = "2026"
clients = ["NORTH"]
[[rule]]
id = "late"
kind = "late"
severity = "error"
text = "Recorded within a day."
fix = "Explain the delay to the client."
days = 1
[[test]]
narrative = "Draft answer to complaint"
minutes = 60
days_late = 2
breaks = ["late"]
"""


def with_guideline(home: Path, text: str) -> Path:
    path = home / "northwind.toml"
    path.write_text(text, "utf-8")
    settings = home / "config.toml"
    settings.write_text(
        settings.read_text("utf-8") + f'\n[guidelines]\nstandard = false\nfiles = ["{path}"]\n', "utf-8"
    )
    return path


def test_the_rules_that_hold_are_listed_with_whom_they_are_for(home: Path) -> None:
    with_guideline(home, STRICT)
    listed = autotime(home, "guidelines", "list")
    assert "northwind 2026" in listed.out
    assert "(NORTH)" in listed.out
    assert "Recorded within a day. Explain the delay to the client." in listed.out


def test_the_tests_beside_the_rules_are_run(home: Path) -> None:
    path = with_guideline(home, STRICT)
    passed = autotime(home, "guidelines", "test")
    assert (passed.code, "1 of 1 tests pass" in passed.err) == (0, True)
    path.write_text(STRICT.replace("days_late = 2", "days_late = 0"), "utf-8")
    failed = autotime(home, "guidelines", "test", str(path), "--json")
    assert failed.code == 1
    assert [(one["number"], one["expected"], one["found"]) for one in failed.json["failed"]] == [(1, ["late"], [])]


def test_a_mistake_in_a_file_is_named(home: Path) -> None:
    with_guideline(home, STRICT.replace('kind = "late"', 'kind = "latest"'))
    refused = autotime(home, "guidelines", "list")
    assert (refused.code, "there is no kind «latest»" in refused.err) == (2, True)


def test_approved_time_that_breaks_a_rule_is_told_and_not_sent(home: Path) -> None:
    """With the remedy; once the rule only warns it goes."""
    path = with_guideline(home, STRICT)
    one = firm.the_one(home, "2026-001")
    assert autotime(home, "approve", one["id"], "--revision", one["revision"]).code == 0
    told = autotime(home, "guidelines", "check")
    assert (told.code, "error late: Recorded within a day." in told.out) == (1, True)
    pushed = autotime(home, "push", "csv", "--json")
    assert (pushed.code, pushed.json["entries"][0]["state"]) == (1, "queued")
    assert "guideline northwind, late" in pushed.json["entries"][0]["reason"]
    path.write_text(STRICT.replace('severity = "error"', 'severity = "warning"'), "utf-8")
    assert autotime(home, "guidelines", "check").code == 0
    assert autotime(home, "push", "csv", "--json").json["entries"][0]["state"] == "sent"


def test_a_client_that_is_not_in_the_books_is_told(home: Path) -> None:
    """Else its rules would hold for nobody, and nobody would know."""
    with_guideline(home, STRICT.replace("NORTH", "NROTH"))
    told = autotime(home, "guidelines", "check")
    assert (told.code, "northwind names the client NROTH, which is not in the books" in told.err) == (0, True)
