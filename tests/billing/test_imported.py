"""What was imported from a file is known by what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from autotime.billing.imported import as_sent, by_content
from autotime.billing.payload import canonical
from autotime.domain.delivery import DeliveryState, Remote, Submission

from .test_ledes import payload


def sent(receipt: str, number: int = 1, **changes: Any) -> Submission:
    told = canonical(payload(number, **changes))
    state = DeliveryState.SENT
    return Submission(id=receipt, entry=receipt, entry_revision=1, state=state, payload=told, receipt=receipt)


def remote(number: int = 1, **changes: Any) -> Remote:
    words = f"Draft responses to request for production no. {number}"
    usual = Remote(id="17", timekeeper="501", matter="817", day=date(2026, 3, 1 + number), seconds=360 * number)
    return replace(usual, narrative=words, **changes)


def test_an_entry_is_found_under_the_receipt_it_was_sent_by() -> None:
    """Whatever id it has there."""
    waiting = by_content([sent("csv-0001 line 1"), sent("csv-0001 line 2", 2)])
    assert as_sent(remote(2), "2026-001", waiting).id == "csv-0001 line 2"
    assert as_sent(remote(1), "2026-001", waiting).id == "csv-0001 line 1"


@pytest.mark.parametrize(
    "changes", [{"seconds": 720}, {"seconds": None}, {"day": date(2026, 3, 3)}, {"narrative": "Something else"}]
)
def test_what_says_something_else_is_another(changes: dict[str, Any]) -> None:
    """By its day, its time or its words."""
    assert as_sent(replace(remote(), **changes), "2026-001", by_content([sent("r")])).id == "17"


def test_another_matter_is_another() -> None:
    """Also where it is not known."""
    assert as_sent(remote(), "2026-002", by_content([sent("r")])).id == "17"


def test_two_that_say_the_same_are_each_found_once() -> None:
    """And a third is not ours."""
    waiting = by_content([sent("r1"), sent("r2")])
    assert [as_sent(remote(), "2026-001", waiting).id for _ in range(3)] == ["r1", "r2", "17"]


@pytest.mark.parametrize("words", ["=SUM of the accounts", "-  and   more\nlines", "@home"])
def test_words_come_back_as_a_sheet_wrote_them(words: str) -> None:
    """With the guard against formulas, and on one line."""
    there = replace(remote(), narrative="'" + " ".join(words.split()))
    assert as_sent(there, "2026-001", by_content([sent("r", narrative=words)])).id == "r"
