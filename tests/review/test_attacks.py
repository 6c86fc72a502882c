"""Hostile text on the screen: shown as plain text, never acted on, never sent to the terminal as it came."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from autotime.domain.untrusted import Untrusted
from autotime.review import desk as looking
from autotime.review.columns import line
from autotime.review.desk import Desk
from autotime.review.detail import detail
from autotime.review.rows import rows
from autotime.review.view import DayView
from tests.review import day
from tests.review.day import mail
from tests.review.screen import desk_of
from tests.review.test_app import Kept

MARKUP = (
    "[@click=app.quit]pay[/]",
    "[/foo]",
    "[$x]",
    "[green]APPROVED[/green]",
    "[link=file:///etc]x[/link]",
    "[[",
    "\\[",
)
ESCAPES = ("\x1b]52;c;cHduZWQ=\x07", "\x1b]8;;http://evil.example\x1b\\x\x1b]8;;\x1b\\", "\x1b[6n", "\x9b2J", "\x1bc",
           "\x1bP$q\x1b\\", "\x1b[?1049l", "\x07", "\r\n")  # fmt: skip
BIDI = ("\u202eevil", "\u2066x\u2069", "a\u200bb", "\ufeff")
SHOWN_TO_ACT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize(
    "text", [*MARKUP, "".join(ESCAPES), "".join(BIDI), "漢字" * 40, "e" + "́" * 50, "👩‍👩‍👧‍👦" * 20, "x" * 10_000]
)
async def test_hostile_subjects_are_shown_in_every_window_and_never_acted_on(tmp_path: Path, text: str) -> None:
    """The rows, the detail, the form, the split, the matter picker; a click on the text does nothing."""
    told = [(mail("evil", "10:30", f"{text} end", who=f"{text} Person"), "2026-001", day.SURE)]
    with day.office(tmp_path, told) as here:
        async with desk_of(here, behind=Kept) as screen:
            shown = [screen.text]
            for key in ("e", "s", "m"):
                await screen.press(key)
                shown.append(screen.text)
                await screen.press("escape")
            for x in range(30, 130, 20):
                await screen.pilot.click(offset=(x, 5))
                await screen.pilot.click("#detail", offset=(x % 60, 1))
            await screen.settle()
            assert screen.app.is_running
            assert screen.app.return_code is None
            assert not SHOWN_TO_ACT.search("".join(shown).replace("\n", ""))
            if text in MARKUP:
                assert text.replace("\\", "")[:4] in screen.text.replace("\\", "")


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> DayView:
    return day.view(tmp_path_factory.mktemp("attacks"))


@given(st.text(alphabet=st.sampled_from("[]/@=$\\\x1b\x9b\x07\u202e\ud800ab 漢e\u0301"), max_size=40))
def test_lines_fit_their_width_and_hold_no_controls(view: DayView, text: str) -> None:
    """Whatever stands in subjects, names, narratives, reasons, codes and the names of matters."""
    evidence = {key: replace(item, subject=Untrusted(text)) for key, item in view.evidence.items()}
    matters = {number: replace(matter, name=text) for number, matter in view.books.matters.items()}
    hostile = tuple(replace(one, narrative=text, reasons=(text,), task_code=text) for one in view.suggestions)
    seen = replace(view, evidence=evidence, suggestions=hostile, books=replace(view.books, matters=matters))
    for row in rows(seen):
        for width in (40, 80, 140):
            drawn = line(row, marked=False, width=width)
            assert cell_len(drawn) == width
            assert not SHOWN_TO_ACT.search(drawn)
        told = detail(looking.at(Desk(seen), row.key))
        assert not any(SHOWN_TO_ACT.search(each.text) for each in told)


DRIVER = """
import sys
from dataclasses import replace
from pathlib import Path
from autotime.review.app import run_desk
from tests.review import day
from tests.review.day import mail
told = [(mail("evil", "10:30", sys.argv[2], who=sys.argv[2] + " Person"), "2026-001", day.SURE)]
with day.office(Path(sys.argv[1]), told) as here:
    run_desk(lambda: day.backend(here), day.DAY)
"""


def test_no_byte_of_an_attack_reaches_the_terminal(tmp_path: Path) -> None:
    """A real terminal: what the program writes holds none of the sequences the subject tried to send."""
    written = on_a_terminal(tmp_path, "".join(ESCAPES[:5]).replace("\x00", ""), b"jea\x1bq")
    assert b"09" in written or b"10:" in written
    for attack in (b"\x1b]52", b"cHduZWQ=\x07", b"\x1b]8;;http://evil", b"\xc2\x9b2J", b"\x1bc", b"\x1bP$q"):
        assert attack not in written


def on_a_terminal(folder: Path, text: str, keys: bytes) -> bytes:
    """Runs the desk on a pseudo terminal until the day is on it, presses keys, and returns what it wrote."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "140", "LINES": "40"}
    program = [sys.executable, "-c", DRIVER, str(folder), text]
    root = Path(__file__).parents[2]
    running = subprocess.Popen(program, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=root)
    os.close(theirs)
    written = b""
    try:
        written += _until(ours, b"to review")
        for key in keys:
            os.write(ours, bytes([key]))
            written += _until(ours, b"never", patience=0.4)
        running.wait(20)
    finally:
        running.kill()
        os.close(ours)
    return written


def _until(terminal: int, wanted: bytes, patience: float = 20.0) -> bytes:
    """What is written until it holds something, or until nothing comes for a while."""
    held, ends = b"", time.monotonic() + patience
    while wanted not in held and time.monotonic() < ends:
        ready, _, _ = select.select([terminal], [], [], 0.1)
        if not ready:
            continue
        try:
            held += os.read(terminal, 65_536)
        except OSError:
            break
    return held


def test_only_plain_text_goes_to_the_widgets() -> None:
    """No string that could be markup: every widget that shows text gets ``Content``, or has markup off."""
    source = "".join(path.read_text() for path in _sources())
    assert "from_markup" not in source
    for call in re.findall(
        r"\b(?:Static|Label|Button|Checkbox|Option|OptionList)\((?!markup=False|markup: )[^)]*\)", source
    ):
        assert "plain(" in call or "markup=False" in call or "Content" in call or "line" in call, call
    assert not re.search(r"\.(notify|border_title|border_subtitle|tooltip)\b", source)


def _sources() -> list[Path]:
    import autotime.review as room

    return sorted(Path(next(iter(room.__path__))).rglob("*.py"))
