"""Calendar files that are broken, endless or something else altogether."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from autotime.collectors.ics import IcsCollector
from autotime.testing import Shelf

from .sources import at, calendar, collected, context, event, only, put


def read(folder: Path, data: bytes | str, name: str = "calendar.ics") -> Shelf:
    """The file beside a sound one; what the sound one holds is always there."""
    put(folder / name, data)
    put(folder / "sound.ics", calendar(event(uid="sound")))
    shelf = collected(IcsCollector("calendar", [folder]))
    assert [item.key for item in shelf.items if item.key == "sound/"] == ["sound/"]
    return shelf


def others(shelf: Shelf) -> list[str]:
    return [item.key for item in shelf.items if item.key != "sound/"]


@pytest.mark.parametrize(
    "bad",
    [
        event(start="DTSTART:tomorrow"),
        event(start="DTSTART:20260231T100000Z"),
        event(start="SUMMARY:no start"),
        event(start="DTSTART:19010101T000000Z"),
        event("DTEND:20260309T140000Z"),
        event("DTEND:whenever"),
        event("DURATION:-PT1H"),
        event("DURATION:PT1H", "RRULE:FREQ=SECONDLY"),
        event("DURATION:PT1H", "RRULE:FREQ=MINUTELY;COUNT=5"),
        event("DURATION:PT1H", "RRULE:FREQ=HOURLY"),
        event("DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=99999999"),
        event("DURATION:PT1H", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
        event("DURATION:PT1H", "RRULE:FREQ=NEVER"),
        event("DURATION:PT1H", "RRULE:nonsense"),
    ],
    ids=lambda bad: bad.replace("\r\n", " ")[34:90],
)
def test_a_bad_event_is_quarantined_and_the_others_come(tmp_path: Path, bad: str) -> None:
    """In its own file as much as beside it: each event is judged by itself."""
    began = time.process_time()
    shelf = read(tmp_path, calendar(bad, event(uid="good")))
    assert others(shelf) == ["good/"]
    assert len(shelf.quarantined) == 1
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    "rule", ["RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "RRULE:FREQ=DAILY;COUNT=90000"]
)
def test_a_rule_without_an_end_is_expanded_as_far_as_the_window(tmp_path: Path, rule: str) -> None:
    """Since 1990; recent days are all there, and it takes no time worth mentioning."""
    began = time.process_time()
    shelf = read(tmp_path, calendar(event(rule, start="DTSTART:19900101T150000Z")))
    found = {item.at for item in shelf.items}
    assert at("2026-03-09T15:00+00:00") in found
    assert max(found) < context().window.end
    assert time.process_time() - began < 10


def test_excluding_everything_takes_no_time(tmp_path: Path) -> None:
    """Thousands of EXDATEs."""
    days = ",".join(
        f"{year}{month:02}{day:02}T150000Z"
        for year in range(2015, 2026)
        for month in range(1, 13)
        for day in range(1, 29)
    )
    began = time.process_time()
    read(tmp_path, calendar(event("RRULE:FREQ=DAILY", f"EXDATE:{days}", start="DTSTART:20150101T150000Z")))
    assert time.process_time() - began < 10


def test_an_event_without_length_is_a_reminder_and_no_evidence(tmp_path: Path) -> None:
    """Nothing can be accounted for by it, and nothing is wrong with it."""
    shelf = read(tmp_path, calendar(event("DTEND:20260309T150000Z")))
    assert (others(shelf), shelf.quarantined) == ([], {})


def test_several_calendars_in_one_file_are_all_read(tmp_path: Path) -> None:
    """As exports are glued together."""
    glued = calendar(event(uid="a")) + calendar(event(uid="b"))
    assert sorted(others(read(tmp_path, glued))) == ["a/", "b/"]


def test_bare_events_are_read_as_a_calendar(tmp_path: Path) -> None:
    """Some programs keep one VEVENT a file."""
    assert others(read(tmp_path, event(uid="bare") + "\r\n")) == ["bare/"]


def test_a_byte_order_mark_and_unix_line_ends_are_nothing(tmp_path: Path) -> None:
    """Both are common."""
    assert others(read(tmp_path, "\ufeff" + calendar(event(uid="marked")).replace("\r\n", "\n"))) == ["marked/"]


@pytest.mark.parametrize(
    "data",
    [
        "<html><body>Sign in to see this calendar</body></html>",
        b"\x00\xff" * 500,
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:x\r\n",
        "BEGIN:VEVENT\r\n" * 3000,
    ],
    ids=["html", "bytes", "cut", "nested"],
)
def test_a_file_that_is_no_calendar_is_quarantined(tmp_path: Path, data: bytes | str) -> None:
    """A sign-in page saved as .ics, a download that was cut."""
    shelf = read(tmp_path, data)
    assert others(shelf) == []
    assert "calendar.ics" in shelf.quarantined


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    """A calendar without events is no trouble either."""
    assert others(read(tmp_path, calendar())) == []


def test_a_letter_folded_in_the_middle_is_put_together(tmp_path: Path) -> None:
    """Lines are folded by bytes: half of «ä» may stand on the next line."""
    data = calendar(event("SUMMARY:Gespräch", uid="folded")).encode().replace("ä".encode(), b"\xc3\r\n \xa4")
    shelf = read(tmp_path, data)
    assert [item.subject.reveal() for item in shelf.items if item.key == "folded/"] == ["Gespräch"]


def test_nothing_in_an_event_acts_on_a_terminal(tmp_path: Path) -> None:
    """Title, place and names go through intake; so does the reason of a quarantine."""
    escape = "\x1b]0;owned\x07"
    item = only(collected(_source(tmp_path, event(f"SUMMARY:{escape}Call", f"LOCATION:{escape}Court"))))
    assert (item.subject.reveal(), item.place.reveal()) == ("Call", "Court")
    bad = collected(_source(tmp_path / "bad", event(uid=f"{escape}x", start="DTSTART:never")))
    assert list(bad.quarantined) == ["x"]


def test_an_attachment_is_not_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ATTACH and URL are text; nothing may be opened but the file."""
    import socket

    monkeypatch.setattr(socket, "socket", lambda *_: pytest.fail("the network was asked"))
    lines = ("ATTACH:http://evil.example/x", "URL:http://evil.example/y", "IMAGE;VALUE=URI:http://evil.example/z")
    assert only(collected(_source(tmp_path, event(*lines)))).own


def test_a_new_day_lets_new_occurrences_in(tmp_path: Path) -> None:
    """The file is unchanged, the window is not."""
    daily = _source(tmp_path, event("RRULE:FREQ=DAILY", "DURATION:PT1H"))
    shelf = Shelf().run(daily, context(at("2026-03-10T12:00+00:00")))
    had = len(shelf.items)
    shelf.run(daily, context(at("2026-03-11T12:00+00:00")))
    assert (shelf.new, shelf.changed, len(shelf.items)) == (1, 0, had + 1)


def _source(folder: Path, *events: str) -> IcsCollector:
    put(folder / "calendar.ics", calendar(*events))
    return IcsCollector("calendar", [folder])
