"""Values as billing systems write them, and what of their words may be shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from autotime.billing.values import flag_of, number_of, repeats, second_of, text_of


@pytest.mark.parametrize(
    ("said", "number"),
    [(1.1, "1.1"), (3, "3"), ("250.0", "250.0"), (" 7 ", "7"), (0, "0"), (-2.5, "-2.5")],
)
def test_a_number_is_one_whether_it_comes_as_text_or_not(said: Any, number: str) -> None:
    assert number_of(said) == Decimal(number)


@pytest.mark.parametrize("said", [None, True, "", "ten", "NaN", "Infinity", "1e400", 10**12, [1], {"a": 1}])
def test_what_is_no_number_is_none(said: Any) -> None:
    assert number_of(said) is None


@pytest.mark.parametrize(
    ("said", "flag"),
    [(True, True), (False, False), ("true", True), (" False", False), (1, True), (0, False), ("", None), (None, None)],
)
def test_a_yes_or_no_is_one_whether_it_comes_as_text_or_not(said: Any, flag: bool | None) -> None:
    assert flag_of(said) is flag


@pytest.mark.parametrize(
    ("said", "second"),
    [
        ("2026-03-02T10:00:00Z", 1_772_445_600),
        ("2026-03-02T10:00:00", 1_772_445_600),
        ("2026-03-02T05:00:00.1234567-05:00", 1_772_445_600),
        ("soon", 0),
        (None, 0),
        (7, 0),
    ],
)
def test_a_time_without_a_zone_is_utc_and_one_that_is_none_is_nought(said: Any, second: int) -> None:
    assert second_of(said) == second


def test_text_is_clean_and_on_one_line() -> None:
    assert text_of({"name": "Mills\n\x1b[31m, Inc."}, "name") == "Mills , Inc."
    assert text_of({"name": 7}, "name") == ""


OURS = "Call Okoro\nDraft responses to request for production\nautotime:e1:1"


@pytest.mark.parametrize(
    "words", ["«Call Okoro» is too short", "cannot take CALL OKORO", "no «responses to request» here", OURS]
)
def test_words_that_repeat_a_line_of_ours_are_known(words: str) -> None:
    """A short line as a whole, whatever stands around it."""
    assert repeats(words, OURS)


@pytest.mark.parametrize("words", ["the matter is closed", "Draft", ""])
def test_other_words_may_be_shown(words: str) -> None:
    assert not repeats(words, OURS)


def test_a_text_of_two_letters_hides_no_reason() -> None:
    assert not repeats("the matter is closed", "is")
