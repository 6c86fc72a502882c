"""What a sender wrote, apart from what they quoted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.classifiers.quoting import split


@pytest.mark.parametrize(
    "mark",
    [
        "-----Original Message-----\nFrom: Ruth",
        "---------- Forwarded by Ruth Adeyemi on 11/27/2001 ----------",
        "---- Forwarded message ----",
        "Begin forwarded message:",
        "________________________________\nFrom: Ruth",
        "On Tue, Nov 27, 2001 at 09:00 Ruth Adeyemi wrote:",
        "From: Ruth Adeyemi\nSent: Tuesday\nTo: Ada",
        "From: Ruth\nTo: Ada\nDate: Tuesday",
        "Ruth Adeyemi@MILLS on 11/27/2001 09:00 AM",
        "Ruth Adeyemi\n11/27/2001 09:00 AM\nTo: Ada",
        "-----Ursprüngliche Nachricht-----\nVon: Ruth",
    ],
)
def test_what_follows_the_mark_of_a_mail_program_is_quoted(mark: str) -> None:
    new, quoted = split(f"Agreed, see below.\n\n{mark}\n\nOld words")
    assert new == "Agreed, see below."
    assert quoted.startswith(mark.partition("\n")[0])
    assert quoted.endswith("Old words")


def test_lines_with_a_bracket_are_quoted_wherever_they_stand() -> None:
    assert split("> Shall we?\nYes.\n>> And when?\nNow.") == ("Yes.\nNow.", "Shall we?\nAnd when?")


@pytest.mark.parametrize("text", ["From: here to there is a mile.", "On reflection, he wrote a lot.", "a\n\nb", ""])
def test_ordinary_words_quote_nothing(text: str) -> None:
    assert split(text) == (text, "")


@given(st.text(max_size=300))
def test_every_text_is_split_and_no_word_is_made_up(text: str) -> None:
    new, quoted = split(text)
    assert set(new) | set(quoted) <= set(text) | {"\n"}
    assert len(new) + len(quoted) <= len(text) + 1


@pytest.mark.parametrize(
    "line", ["", " " * 40, "From: a", "-" * 50, "x@" * 60, "on " + "a" * 90, ">", "12/12/2001 9:00"]
)
def test_a_body_of_nothing_but_beginnings_is_read_to_its_end(line: str) -> None:
    """Each line could be where quoting begins; looking must not start over at every one of them."""
    new, quoted = split(f"{line}\n" * 20_000)
    assert len(new) + len(quoted) <= 20_001 * (len(line) + 1)
