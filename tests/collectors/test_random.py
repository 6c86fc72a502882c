"""Random bytes at every door: a run ends, and says what it could not read."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autotime.collectors.documents import DocumentsCollector
from autotime.collectors.eml import EmlCollector
from autotime.collectors.html import visible_text
from autotime.collectors.ics import IcsCollector
from autotime.collectors.mbox import MboxCollector
from autotime.domain.doors import Collector
from autotime.store.translate import decode, encode
from autotime.testing import Shelf

from .sources import ENVELOPE, calendar, context, docx, event, letter, mbox, pdf, put

CALM = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
STORM = settings(deadline=None, max_examples=5000, suppress_health_check=[HealthCheck.too_slow])


def collectors(folder: Path) -> dict[str, Collector]:
    return {
        "mbox": MboxCollector("office", [folder], page=2),
        "eml": EmlCollector("office", folder, page=2),
        "ics": IcsCollector("office", [folder]),
        "docx": DocumentsCollector("office", [folder], page=2),
        "pdf": DocumentsCollector("office", [folder]),
    }


def survives(kind: str, data: bytes) -> Shelf:
    """Runs over a file of these bytes. A document that cannot be read is told at the second look, since it may
    have been in the midst of a save; nothing else comes after the first run, and nothing at all after the second."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        put(folder / f"random.{kind}", data)
        shelf = Shelf().run(collectors(folder)[kind], context())
        for item in shelf.items:
            assert item.id
            assert decode(type(item), encode(item)) == item
        shelf.run(collectors(folder)[kind], context())
        assert (shelf.new, shelf.changed) == (0, 0)
        assert shelf.failed <= (kind in ("docx", "pdf"))
        shelf.run(collectors(folder)[kind], context())
        assert (shelf.new, shelf.changed, shelf.failed) == (0, 0, 0)
        return shelf


def samples() -> dict[str, bytes]:
    """A sound file of each kind, to be broken."""
    with tempfile.TemporaryDirectory() as name:
        word = docx(Path(name) / "a.docx", saved=1_773_000_000).read_bytes()
        paper = pdf(Path(name) / "a.pdf", b"/Title (Order) /ModDate (D:20260309)").read_bytes()
    html = letter(3, "<p>The lease", headers=["Content-Type: text/html; charset=utf-8"])
    parts = letter(4, "--b\n\nHi\n--b--\n", headers=['Content-Type: multipart/mixed; boundary="b"'])
    rule = event("RRULE:FREQ=WEEKLY;COUNT=3;BYDAY=MO", "EXDATE:20260316T150000Z", "ATTENDEE;CN=B:mailto:b@x.example")
    return {
        "mbox": mbox(letter(1), letter(2, ">From here\n"), html, parts),
        "eml": parts,
        "ics": calendar(rule).encode(),
        "docx": word,
        "pdf": paper,
    }


SAMPLES = samples()


@st.composite
def broken(draw: st.DrawFn) -> tuple[str, bytes]:
    """A sound file with some stretches of it replaced, doubled or taken out."""
    kind = draw(st.sampled_from(sorted(SAMPLES)))
    data = bytearray(SAMPLES[kind])
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(data)))
        end = min(len(data), place + draw(st.integers(0, 30)))
        data[place:end] = draw(
            st.binary(max_size=12) | st.sampled_from([b"", b"\r\n", b"=?", b"\x1b[", b"\xff", b"9" * 30])
        )
    return kind, bytes(data)


@CALM
@given(st.sampled_from(sorted(SAMPLES)), st.binary(max_size=400))
def test_no_bytes_stop_a_run(kind: str, data: bytes) -> None:
    """Nothing but noise."""
    survives(kind, data)


@CALM
@given(broken())
def test_no_damage_stops_a_run(file: tuple[str, bytes]) -> None:
    """Files that were sound once."""
    survives(*file)


@CALM
@given(st.lists(st.binary(max_size=60).map(lambda line: line + b"\n"), max_size=8))
def test_a_message_of_random_lines_is_evidence_or_quarantined(lines: list[bytes]) -> None:
    """Nothing between two envelopes is lost without a word."""
    noise = [b"X-Noise: 1\n", *(line for line in lines if not line.startswith(b"From "))]
    shelf = survives("mbox", mbox(letter(1)) + ENVELOPE + b"".join(noise) + b"\n" + mbox(letter(2)))
    assert {1, 2} <= {int(item.subject.reveal()[-1]) for item in shelf.items if item.subject}
    assert len(shelf.items) + len(shelf.quarantined) == 3


@pytest.mark.storm
@STORM
@given(broken())
def test_no_damage_stops_a_run_however_long_one_tries(file: tuple[str, bytes]) -> None:
    """The same, thousands of times."""
    survives(*file)


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script >shown",
        "<head><title>no</head><body>shown",
        "<!-- alert(1) -->shown<!-- never closed",
        "<STYLE>p { }</STYLE><template><p>alert(1)</p></template>shown",
        "<a href='alert(1)'>shown</a",
        "shown<script>alert(1)",
    ],
)
def test_html_gives_what_a_reader_sees(html: str) -> None:
    """No tags, no scripts, no comments; what never ends hides the rest."""
    assert visible_text(html).replace("</a", "").strip() == "shown"


@given(st.text(st.characters(exclude_characters="<&", codec="utf-8"), max_size=300))
def test_text_without_tags_is_itself(text: str) -> None:
    """Nothing is taken out that is no tag."""
    assert visible_text(text) == text


@given(st.lists(st.sampled_from(["<p>", "<", "</", "<!--", "-->", "<script", ">", "&#9", "&amp", "word ", '"'])))
def test_any_row_of_broken_tags_gives_some_text(pieces: list[str]) -> None:
    """Never more than there was."""
    assert len(visible_text("".join(pieces))) <= len("".join(pieces))
