"""The gate for text from outside: what gets in, and what each reader is given of it."""

from __future__ import annotations

import csv
import io
import json
import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from autotime.domain.untrusted import Untrusted
from autotime.intake import (
    address,
    clean,
    for_csv,
    for_ledes,
    for_log,
    for_narrative,
    for_screen,
    for_terminal,
    untrusted,
)

SINKS = (for_screen, for_csv, for_ledes, for_narrative)
ESCAPES = (
    "\x1b]52;c;cm0gLXJm\x07",  # writes the clipboard
    "\x1b]8;;file:///etc/passwd\x1b\\link\x1b]8;;\x1b\\",  # a link
    "\x1b]0;owned\x07",  # the window title
    "\x1b[6n",  # answers into standard input
    "\x1bP1$r0m\x1b\\",  # a device control string
    "\x1bc",  # resets the terminal
    "\x1b[?1049h",  # the other screen
    "\x9b31m",  # one-byte control sequences
    "\x9d0;owned\x9c",
    "\x1b[31",  # cut off
    "\x1b",
)
HIDDEN = ("\u202e", "\u2066", "\u200b", "\u2060", "\ufeff", "\u061c", "\U000e0041", "\u200f", "\u180e")
NASTY = st.text(
    st.one_of(
        st.characters(codec=None),  # lone surrogates as well
        st.sampled_from("\x1b\x07\x9b\x9c[]m;0=+-@|'\" \t\r\n\x00\u202e\u200b\ufeff\u0301＝é𝔸"),
    ),
    max_size=80,
) | st.lists(st.sampled_from([*ESCAPES, *HIDDEN, "=1+1", "[/red]", "word", " ", "\n", "|", "§ 5"]), max_size=8).map(
    "".join
)
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


# -- on the way in ------------------------------------------------------------------------------------


@pytest.mark.parametrize("sequence", ESCAPES)
def test_escape_sequences_leave_nothing_behind_that_acts(sequence: str) -> None:
    """Neither the sequence nor a character it could be put together from again."""
    found = clean(f"before{sequence}after")
    assert not UNSEEN.search(found)
    assert found.startswith("before")
    assert found.endswith("after") or sequence.startswith(("\x1b[31", "\x1b"))


@pytest.mark.parametrize("mark", HIDDEN)
def test_what_no_reader_can_see_is_taken_out(mark: str) -> None:
    """A client's name with something between its letters is that client's name."""
    assert clean(f"Ac{mark}me") == "Acme"


@given(NASTY, st.booleans())
def test_cleaned_text_is_clean_and_stays_as_it_is(text: str, lines: bool) -> None:
    """Cleaning twice is cleaning once; lines survive only where they were asked for."""
    found = clean(text, lines=lines)
    assert not UNSEEN.search(found.replace("\n", "") if lines else found)
    assert unicodedata.is_normalized("NFC", found)
    assert clean(found, lines=lines) == found
    assert found.encode().decode() == found


@given(NASTY, st.integers(1, 30))
def test_no_text_is_longer_than_its_limit(text: str, limit: int) -> None:
    """However much came."""
    assert len(clean(text, limit)) <= limit


@given(st.text(st.characters(categories=["L", "N", "P"], codec="utf-8"), max_size=40))
def test_ordinary_words_come_through(text: str) -> None:
    """In their composed form."""
    composed = unicodedata.normalize("NFC", text)
    assert clean(text) == " ".join(composed.split()) or UNSEEN.search(composed)


def test_a_flood_of_accents_is_dammed() -> None:
    """A few on one letter are writing, a thousand are an attack on the line above."""
    assert len(clean("a" + "\u0301" * 1000)) <= 6
    assert clean("e\u0301") == "é"


@pytest.mark.parametrize(
    "text", ["\x1b]" * 50_000, "\x1b[" + "0;" * 50_000, "\x1bP" * 50_000, "\u0301" * 100_000, " \n" * 50_000]
)
def test_no_text_makes_cleaning_slow(text: str) -> None:
    """A hundred thousand characters of what patterns stumble over."""
    began = time.process_time()
    clean(text, 100_000, lines=True)
    clean(text, 100_000)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (" <Ben.Lund@Harrow.Example> ", "ben.lund@harrow.example"),
        ("ben@harrow.example\x1b[31m", ""),
        ("ben@harrow.example\nbcc: x@y.example", ""),
        ("=cmd@harrow.example", "=cmd@harrow.example"),
        ("рaypal@harrow.example", ""),
        ("no address", ""),
        ("a@" + "b" * 400, ""),
        ("", ""),
    ],
)
def test_only_an_ordinary_address_is_an_address(text: str, found: str) -> None:
    """Letters of other alphabets that look like ours make none."""
    assert address(text) == found


# -- untrusted text -----------------------------------------------------------------------------------


def test_untrusted_text_does_not_become_a_string_by_accident() -> None:
    """Every common way raises; its representation says how long it is."""
    text = untrusted("privileged")
    for show in (str, "{}".format, "%s".__mod__, lambda t: f"{t}", lambda t: f"{t:>20}"):
        with pytest.raises(TypeError):
            show(text)
    with pytest.raises(TypeError):
        "".join([text])  # type: ignore[list-item]
    with pytest.raises(TypeError):
        json.dumps(text)
    assert "privileged" not in repr([text])


@given(NASTY)
def test_a_log_says_how_long_a_text_is_and_never_what_it_says(text: str) -> None:
    """Not even its first letter."""
    assert for_log(Untrusted(text)) == f"<{len(text)} characters>"


# -- on the way out -----------------------------------------------------------------------------------


@given(NASTY)
def test_every_sink_gives_one_line_that_acts_on_nothing(text: str) -> None:
    """Wrapped or not, whatever intake was missed on the way in."""
    for sink in SINKS:
        shown = sink(Untrusted(text))
        assert shown == sink(text)
        assert not UNSEEN.search(shown)


@given(NASTY, st.integers(0, 30))
def test_a_line_on_the_screen_is_no_wider_than_its_place(text: str, width: int) -> None:
    """Counted in cells: some letters take two."""
    assert cell_len(for_screen(text, width)) <= width


def test_what_is_cut_on_the_screen_says_so() -> None:
    """With an ellipsis, also in the middle of a wide letter."""
    assert for_screen("abcdef", 4) == "abc…"
    assert for_screen("漢字漢字", 4) == "漢…"
    assert for_screen("abcd", 4) == "abcd"
    assert for_screen("abcd", 0) == ""


@pytest.mark.parametrize(
    "text", ["[red]APPROVED[/red]", "[/foo]", "[@click=app.quit]x[/]", "[$x]", "\\[b]", "[link=file:///x]y"]
)
def test_markup_is_text_on_the_screen(text: str) -> None:
    """Every character is there, in a ``Text`` that is not parsed."""
    assert Text(for_screen(text)).plain == text


@given(NASTY)
def test_no_cell_is_a_formula(text: str) -> None:
    """Also after a spreadsheet has read the file and taken away quotes and spaces."""
    sheet = io.StringIO()
    csv.writer(sheet).writerow([for_csv(text), "next"])
    read = next(csv.reader(io.StringIO(sheet.getvalue())))
    assert len(read) == 2
    bare = unicodedata.normalize("NFKC", read[0]).strip(' "')
    assert not bare.startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", " =", "\t=", "\r\n=", '"=', "\u200b=", "\x00=", "＝", "＋", "－", "＠", "\xa0=", "'="]
)
def test_what_could_be_a_formula_gets_an_apostrophe(start: str) -> None:
    """Full-width signs, spaces and invisible characters in front do not help it."""
    assert for_csv(f"{start}HYPERLINK(1)").startswith("'")


def test_what_is_no_formula_is_left_alone() -> None:
    """Signs inside a text are text."""
    assert for_csv("Draft motion - 3 parts = 1 brief; a+b@c") == "Draft motion - 3 parts = 1 brief; a+b@c"


@given(NASTY, st.none() | st.integers(0, 40))
def test_a_ledes_field_is_printable_ascii_without_delimiters(text: str, limit: int | None) -> None:
    """LEDES has no escapes: a bar would move the columns, an amount among them."""
    field = for_ledes(text, limit)
    assert re.fullmatch(r"[ -~]*", field)
    assert not set(field) & set("|[]")
    assert field == field.strip()
    assert limit is None or len(field) <= limit
    assert for_ledes(field) == field


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Müller & Søn", "Muller & Son"),
        ("“§ 5” – 20 €", '"Sec. 5" - 20 EUR'),
        ("a|b[]\nc", "a/b() c"),
        ("ﬁle 1½ h, ½ day", "file 1 1/2 h, 1/2 day"),
        ("｜［］", "/()"),
        ("漢字", ""),
    ],
)
def test_ledes_says_in_ascii_what_can_be_said(text: str, field: str) -> None:
    """Accents, quotes, dashes, signs; delimiters in any width."""
    assert for_ledes(text) == field


@given(NASTY)
def test_a_narrative_is_plain_words(text: str) -> None:
    """Letters, numbers, punctuation and symbols on one line: nothing private, nothing unassigned."""
    told = for_narrative(text, 60)
    assert len(told) <= 60
    assert {unicodedata.category(letter)[0] for letter in told} <= set("LNPSZ")
    assert "\n" not in told


def test_a_narrative_is_not_escaped_for_a_page() -> None:
    """A bill that says «&amp;» is wrong; who shows it as HTML must escape it."""
    assert for_narrative("Smith & Sons <b>v.</b> Harrow") == "Smith & Sons <b>v.</b> Harrow"


@given(st.text())
def test_nothing_acts_in_a_line_of_ours(text: str) -> None:
    """Whatever it quotes."""
    shown = for_terminal(f"  next: «{text}»")
    assert shown.startswith("  next: «")
    assert not set(shown) & {chr(code) for code in (*range(9), *range(11, 32), *range(127, 160))}


def test_a_line_of_ours_keeps_its_indent_and_its_columns() -> None:
    """In any alphabet, over several lines."""
    table = "BAD  «Ærø & Søn»: cannot\n     next:  look\n  ok\tfine"
    assert for_terminal(table) == table
