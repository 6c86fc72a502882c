"""reconcile and report, as a person types them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from autotime.billing.leakage import Leak, Step
from autotime.cli import reports
from tests.cli import firm
from tests.cli.run import autotime

DAY = date.fromisoformat(firm.DAY)
WHEN = ("--from", firm.DAY, "--to", firm.DAY)


def sent(home: Path) -> None:
    one = firm.the_one(home, "2026-001")
    assert autotime(home, "approve", one["id"], "--revision", one["revision"]).code == 0
    assert autotime(home, "push", "csv").code == 0


def test_a_target_there_is_not_agrees_with_nothing(home: Path) -> None:
    told = autotime(home, "reconcile", "cvs")
    assert (told.code, "no target «cvs»" in told.err, "csv" in told.err) == (2, True, True)


@pytest.mark.parametrize("words", [("reconcile", "csv"), ("report", "leakage")])
def test_days_that_end_before_they_begin_are_a_misuse(home: Path, words: tuple[str, ...]) -> None:
    told = autotime(home, *words, "--from", "2026-03-02", "--to", "2026-03-01")
    assert (told.code, "2026-03-02 is after 2026-03-01" in told.err) == (2, True)


def test_a_rate_that_changed_after_sending_changes_nothing_that_was_sent(home: Path) -> None:
    """What stands was billed at the rate of its time, on both sides."""
    sent(home)
    before = autotime(home, "reconcile", "csv", *WHEN, "--json")
    rates(home, "999")
    after = autotime(home, "reconcile", "csv", *WHEN, "--json")
    assert (before.code, after.code) == (0, 0)
    assert after.json["totals"] == before.json["totals"]
    [(currency, both)] = after.json["totals"]["money"].items()
    assert (currency, both["here"]) == ("USD", both["there"])


def rates(home: Path, rate: str) -> None:
    books = home / "other-rates.csv"
    books.write_text(firm.BOOKS.replace(",450\n", f",{rate}\n"), "utf-8")
    assert autotime(home, "books", "import", str(books)).code == 0


def test_money_of_unknown_rates_is_not_told_as_none(capsys: pytest.CaptureFixture[str]) -> None:
    """Nor is a sum told that lacks some of its parts."""
    known = Leak(step=Step.UNDECIDED, day=DAY, matter="2026-001", of="s1", seconds=3600, amount=Decimal("450.00"))
    unknown = replace(known, of="s2", amount=None)
    reports._tell_leaks([known, unknown])
    reports._tell_leaks([unknown, known])
    reports._tell_leaks([known])
    sums = [line.split(", ")[-1] for line in capsys.readouterr().out.splitlines()]
    assert sums == ["no rate is known", "no rate is known", "450.00 USD"]
