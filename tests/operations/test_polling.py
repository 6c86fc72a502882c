"""Looks a few minutes apart: sessions that a person would recognise, and minutes that are true."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autotime.collectors.documents import DocumentsCollector
from autotime.domain.evidence import Evidence
from autotime.domain.policy import Policy
from autotime.domain.spans import Span, Spans, total, union
from autotime.testing import Shelf
from autotime.timeline.support import supports
from tests.collectors.sources import MONDAY, context, docx, pdf, put

MINUTE, HOUR, DAY = 60, 3600, 86_400
POLL = 5 * MINUTE
MORNING = MONDAY - 2 * HOUR
WEEK_AGO = MONDAY - 7 * DAY


@pytest.fixture(autouse=True)
def long_running(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that was not restarted for a month."""
    monkeypatch.setattr("autotime.collectors.owners.uptime", lambda: 30 * DAY)


@dataclass(frozen=True, slots=True)
class Save:
    """A save at an instant, with what was edited since the one before, and whether the document stays open."""

    at: int
    edited: Spans


def look(path: Path, now: int, shelf: Shelf) -> Shelf:
    return shelf.run(DocumentsCollector("papers", [path]), context(now))


def write(path: Path, number: int, saved: int, seconds: int, counts: bool) -> None:
    """The document as a program leaves it at its nth save, after so many seconds of editing in all."""
    minutes = 100 + seconds // MINUTE if counts else 0
    docx(path / "Motion.docx", saved=saved, created=WEEK_AGO, minutes=minutes, revision=10 + number)


def polled(path: Path, saves: list[Save], counts: bool = True) -> Shelf:
    """A day on which a document is saved so often and looked at every five minutes from before it to after it."""
    write(path, 0, WEEK_AGO + DAY, 0, counts)
    shelf, coming, seconds = Shelf(), list(enumerate(saves, start=1)), 0
    last = max((save.at for save in saves), default=MORNING)
    for now in range(MORNING - POLL, last + 2 * POLL, POLL):
        while coming and coming[0][1].at <= now:
            number, save = coming.pop(0)
            seconds += total(save.edited)
            write(path, number, save.at, seconds, counts)
        look(path, now, shelf)
    return shelf


def todays(shelf: Shelf) -> list[Evidence]:
    return [item for item in shelf.items if item.at > MORNING - DAY]


def minutes_of(shelf: Shelf) -> int:
    """What the timeline lets the day's documents account for."""
    found = supports(todays(shelf), Policy())
    return total(span for support in found for span in support.spans) // MINUTE


def steady(count: int, every: int, start: int = MORNING) -> list[Save]:
    """Saves one after the other, with editing all the time between them."""
    ends = [start + number * every for number in range(count + 1)]
    return [Save(end, (Span(begin, end),)) for begin, end in pairwise(ends)]


# -- a document that is saved again and again ---------------------------------------------------------------


def test_twelve_saves_in_two_hours_are_one_session_of_two_hours(tmp_path: Path) -> None:
    """Not twelve saves of ten minutes each."""
    shelf = polled(tmp_path, steady(12, 10 * MINUTE))
    (session,) = todays(shelf)
    assert session.span == Span(MORNING, MORNING + 2 * HOUR)
    assert (session.at, session.facts["saves"], session.own) == (MORNING, 12, True)


def test_without_a_count_of_minutes_a_session_goes_from_its_first_save_to_its_last(tmp_path: Path) -> None:
    """What lies before the first save nobody saw."""
    (session,) = todays(polled(tmp_path, steady(12, 10 * MINUTE), counts=False))
    assert session.span == Span(MORNING + 10 * MINUTE, MORNING + 2 * HOUR)


def test_a_save_alone_is_no_stretch(tmp_path: Path) -> None:
    """It is filed at its instant, with what the program counted as the most it can account for."""
    (save,) = todays(polled(tmp_path, steady(1, 20 * MINUTE)))
    assert (save.span, save.at, save.facts["edit_minutes"]) == (None, MORNING + 20 * MINUTE, 20)


@pytest.mark.parametrize("counts", [True, False])
def test_a_long_break_ends_a_session(tmp_path: Path, counts: bool) -> None:
    """An hour's lunch with the document open."""
    shelf = polled(tmp_path, [*steady(4, 10 * MINUTE), *steady(4, 10 * MINUTE, MORNING + 2 * HOUR)], counts)
    first, second = todays(shelf)
    assert first.span
    assert second.span
    assert first.span.end <= MORNING + 40 * MINUTE < MORNING + 2 * HOUR <= second.span.start


def test_saves_with_hardly_a_word_between_them_are_not_ten_minutes_each(tmp_path: Path) -> None:
    """A counter that runs and does not move says: less than a minute."""
    ends = [MORNING + 20 * MINUTE * number for number in range(2, 8)]
    idle = [Save(end, (Span(end - 20, end),)) for end in ends]
    shelf = polled(tmp_path, [*steady(1, 10 * MINUTE), *idle])
    assert minutes_of(shelf) <= 10 + len(idle)


def test_a_session_grows_under_one_name(tmp_path: Path) -> None:
    """Each save is a revision of it, so that a day holds few pieces, whatever is looked at in between."""
    names = {item.key for item in todays(polled(tmp_path, steady(6, 4 * MINUTE)))}
    assert names == {f"Motion.docx@{MORNING + 4 * MINUTE}"}


def test_a_save_of_somebody_else_joins_no_session(tmp_path: Path) -> None:
    """A colleague's version lies between two own ones."""
    write(tmp_path, 0, WEEK_AGO + DAY, 0, counts=True)
    shelf = look(tmp_path, MORNING, Shelf())
    for number, by in enumerate(["Ada Okafor", "Ben Lund", "Ada Okafor"], start=1):
        saved = MORNING + number * 10 * MINUTE
        docx(
            tmp_path / "Motion.docx",
            saved=saved,
            created=WEEK_AGO,
            minutes=100 + 10 * number,
            revision=10 + number,
            by=by,
        )
        look(tmp_path, saved + MINUTE, shelf)
    assert [item.own for item in todays(shelf)].count(False) == 1
    mine = union(span for item in todays(shelf) for span in supports([item], Policy())[0].spans)
    assert total(mine) <= 30 * MINUTE


def test_a_pdf_that_is_exported_again_is_no_session(tmp_path: Path) -> None:
    """It is not written in."""
    shelf = Shelf()
    for number in range(3):
        saved = MORNING + number * 10 * MINUTE
        pdf(tmp_path / "Order.pdf", b"/Title (Order no. %d)" % number, saved)
        look(tmp_path, saved + MINUTE, shelf)
    assert [item.span for item in shelf.items] == [None] * 3


def test_short_pauses_interrupt_no_session_and_are_not_counted(tmp_path: Path) -> None:
    """Five minutes of writing, three of looking something up, eight times: one session of forty minutes."""
    begins = [MORNING + 8 * MINUTE * number for number in range(8)]
    (session,) = todays(polled(tmp_path, [Save(at + 5 * MINUTE, (Span(at, at + 5 * MINUTE),)) for at in begins]))
    assert session.span
    assert (session.span.seconds, session.span.end) == (40 * MINUTE, begins[-1] + 5 * MINUTE)


def test_minutes_that_came_with_a_template_reach_no_further_than_the_document(tmp_path: Path) -> None:
    """Saved under another name, it brought the count of the old one along."""
    shelf = Shelf()
    for number in (1, 2):
        saved = MORNING + number * 10 * MINUTE
        docx(tmp_path / "New.docx", saved=saved, created=MORNING, minutes=300 + 10 * number, revision=number)
        look(tmp_path, saved + MINUTE, shelf)
    (session,) = shelf.items
    assert session.span == Span(MORNING, MORNING + 20 * MINUTE)


# -- owner files -----------------------------------------------------------------------------------------------


def owner(path: Path, since: int) -> Path:
    file = put(path / "~$tion.docx", b"\x03Ada" + b" " * 158)
    os.utime(file, (since, since))
    return file


def test_a_document_that_was_closed_before_the_look_was_open_at_its_save(tmp_path: Path) -> None:
    """The look before saw the owner file, and it is remembered."""
    write(tmp_path, 0, WEEK_AGO + DAY, 0, counts=False)
    shelf = look(tmp_path, MORNING, Shelf())
    file = owner(tmp_path, MORNING + MINUTE)
    look(tmp_path, MORNING + POLL, shelf)
    write(tmp_path, 1, MORNING + 7 * MINUTE, 0, counts=False)
    file.unlink()
    look(tmp_path, MORNING + 2 * POLL, shelf)
    (save,) = todays(shelf)
    assert save.facts["opened_at"] == MORNING + MINUTE


def test_a_session_begins_when_the_document_was_opened(tmp_path: Path) -> None:
    """Where nothing counts the minutes before the first save, and it was opened shortly before."""
    write(tmp_path, 0, WEEK_AGO + DAY, 0, counts=False)
    shelf = look(tmp_path, MORNING - POLL, Shelf())
    owner(tmp_path, MORNING)
    for number in (1, 2):
        look(tmp_path, MORNING + number * 20 * MINUTE - POLL, shelf)
        write(tmp_path, number, MORNING + number * 20 * MINUTE, 0, counts=False)
        look(tmp_path, MORNING + number * 20 * MINUTE + MINUTE, shelf)
    (session,) = todays(shelf)
    assert session.span == Span(MORNING, MORNING + 40 * MINUTE)


def test_what_was_closed_in_between_is_two_sessions(tmp_path: Path) -> None:
    """Where nothing counts: twenty-five minutes lie between the saves, and for twenty it was not open."""
    write(tmp_path, 0, WEEK_AGO + DAY, 0, counts=False)
    shelf = look(tmp_path, MORNING, Shelf())
    write(tmp_path, 1, MORNING + POLL, 0, counts=False)
    look(tmp_path, MORNING + POLL, shelf)
    owner(tmp_path, MORNING + 25 * MINUTE)
    look(tmp_path, MORNING + 25 * MINUTE, shelf)
    write(tmp_path, 2, MORNING + 30 * MINUTE, 0, counts=False)
    look(tmp_path, MORNING + 30 * MINUTE, shelf)
    assert [(item.at, item.span) for item in todays(shelf)] == [(MORNING + POLL, None), (MORNING + 30 * MINUTE, None)]


def test_opening_and_closing_without_a_save_is_no_work(tmp_path: Path) -> None:
    """A window that is open is not a person who writes."""
    write(tmp_path, 0, WEEK_AGO + DAY, 0, counts=True)
    shelf = look(tmp_path, MORNING, Shelf())
    file = owner(tmp_path, MORNING)
    look(tmp_path, MORNING + HOUR, shelf)
    file.unlink()
    look(tmp_path, MORNING + 2 * HOUR, shelf)
    assert todays(shelf) == []


def test_an_owner_file_from_before_the_machine_was_started_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It survived the crash after which the machine was started again."""
    monkeypatch.setattr("autotime.collectors.owners.uptime", lambda: HOUR)
    write(tmp_path, 0, MORNING, 0, counts=True)
    owner(tmp_path, MORNING - HOUR)
    (save,) = look(tmp_path, MORNING + MINUTE, Shelf()).items
    assert "opened_at" not in save.facts


# -- the glimpse ---------------------------------------------------------------------------------------------------


def test_a_glimpse_changes_with_all_that_a_look_would_see_and_with_nothing_else(tmp_path: Path) -> None:
    """A save, an owner file, a document that comes or goes; not a text file, and not the hour."""
    papers = DocumentsCollector("papers", [tmp_path])
    seen = [papers.glimpse()]
    for change in (
        lambda: docx(tmp_path / "Harrow" / "Motion.docx", saved=MORNING),
        lambda: docx(tmp_path / "Harrow" / "Motion.docx", saved=MORNING + 1),
        lambda: put(tmp_path / "Harrow" / "~$tion.docx", b"\x03Ada"),
        (tmp_path / "Harrow" / "~$tion.docx").unlink,
        lambda: (tmp_path / "Harrow" / "Motion.docx").rename(tmp_path / "Motion.docx"),
    ):
        change()
        seen.append(papers.glimpse())
    assert [one == other for one, other in pairwise(seen)] == [False] * 5
    assert seen[2] == seen[4]
    put(tmp_path / "notes.txt", b"lunch")
    assert papers.glimpse() == seen[-1]


def test_a_document_that_is_a_source_by_itself_is_glimpsed_with_its_owner_file(tmp_path: Path) -> None:
    """The folder around it is looked at, not what lies below."""
    papers = DocumentsCollector("papers", [docx(tmp_path / "Motion.docx", saved=MORNING)])
    before = papers.glimpse()
    docx(tmp_path / "Harrow" / "Answer.docx", saved=MORNING)
    assert papers.glimpse() == before
    owner(tmp_path, MORNING - MINUTE)
    assert papers.glimpse() != before
    (item,) = Shelf().run(papers, context(MORNING + MINUTE)).items
    assert item.facts["opened_at"] == MORNING - MINUTE


# -- against the truth --------------------------------------------------------------------------------------------


@st.composite
def days(draw: st.DrawFn) -> list[Save]:
    """Bouts of editing with breaks; each is saved once or more, and at its end. The first save shows a counter
    that it runs."""
    saves: list[Save] = []
    clock = MORNING
    for _ in range(draw(st.integers(1, 5))):
        clock += draw(st.integers(1, 90)) * MINUTE
        for _ in range(draw(st.integers(1, 6))):
            begin, clock = clock, clock + draw(st.integers(30 if saves else MINUTE, 25 * MINUTE))
            saves.append(Save(clock, (Span(begin, clock),)))
    return saves


def bouts(saves: list[Save]) -> Iterator[Span]:
    yield from union(span for save in saves for span in save.edited)


@settings(max_examples=25)
@given(day=days())
def test_sessions_account_for_what_was_edited_and_for_little_more(
    tmp_path_factory: pytest.TempPathFactory, day: list[Save]
) -> None:
    """Where the program counts: within a minute for each save that was seen, never overlapping, and no more of
    them than there were bouts."""
    shelf = polled(tmp_path_factory.mktemp("day"), day)
    found, truth = list(bouts(day)), total(bouts(day))
    spans = [span for support in supports(todays(shelf), Policy()) for span in support.spans]
    assert total(spans) == sum(span.seconds for span in spans)
    assert len(todays(shelf)) <= len(found)
    assert abs(total(spans) - truth) <= MINUTE * (len(day) + 1)
    assert min(span.start for span in spans) >= found[0].start - MINUTE
    assert max(span.end for span in spans) <= found[-1].end


@settings(max_examples=15)
@given(day=days())
def test_without_a_count_no_session_is_longer_than_its_saves_and_a_gap(
    tmp_path_factory: pytest.TempPathFactory, day: list[Save]
) -> None:
    """Never overlapping, never outside the day, and no more than the breaks it cannot see."""
    shelf = polled(tmp_path_factory.mktemp("day"), day, counts=False)
    spans = [item.span for item in todays(shelf) if item.span]
    assert total(spans) == sum(span.seconds for span in spans)
    for span in spans:
        inside = [save.at for save in day if span.start <= save.at <= span.end]
        assert span == Span(inside[0], inside[-1])
        assert all(later - earlier <= 30 * MINUTE + POLL for earlier, later in pairwise(inside))


@settings(max_examples=15)
@given(day=days())
def test_a_look_that_was_killed_is_made_again_to_the_same_end(
    tmp_path_factory: pytest.TempPathFactory, day: list[Save]
) -> None:
    """Nothing is counted twice: the next look finds the cursor where the page before left it."""
    whole, path = polled(tmp_path_factory.mktemp("whole"), day), tmp_path_factory.mktemp("again")
    shelf = polled(path, day)
    look(path, day[-1].at + 3 * POLL, shelf)
    assert shelf.new == shelf.changed == 0
    assert [(item.key, item.span) for item in shelf.items] == [(item.key, item.span) for item in whole.items]
