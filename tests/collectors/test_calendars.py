"""The traps of calendar files: occurrences, answers, zones, and files that break."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from autotime.collectors.ics import IcsCollector
from autotime.domain.evidence import Evidence
from autotime.domain.people import Timekeeper
from autotime.testing import Shelf

from .sources import at, calendar, collected, context, event, only, put

HEARING = at("2026-03-09T10:00-05:00")
NEW_YORK = "DTSTART;TZID=America/New_York:20260302T090000"
WEEKLY = ("RRULE:FREQ=WEEKLY;COUNT=3", "DURATION:PT1H")


def source(folder: Path, *parts: str, head: tuple[str, ...] = (), name: str = "calendar.ics") -> IcsCollector:
    put(folder / name, calendar(*parts, head=head))
    return IcsCollector("calendar", [folder])


def one(folder: Path, *lines: str, start: str = "DTSTART:20260309T150000Z", head: tuple[str, ...] = ()) -> Evidence:
    return only(collected(source(folder, event(*lines, start=start), head=head)))


def starts(shelf: Shelf) -> list[int]:
    return [item.at for item in shelf.items]


# -- occurrences -----------------------------------------------------------------------------------


def test_a_weekly_meeting_stays_at_nine_when_the_clocks_change(tmp_path: Path) -> None:
    """Nine in New York is an hour earlier in UTC after 8 March."""
    shelf = collected(source(tmp_path, event(*WEEKLY, start=NEW_YORK)))
    assert starts(shelf) == [
        at("2026-03-02T09:00-05:00"),
        at("2026-03-09T09:00-04:00"),
        at("2026-03-16T09:00-04:00"),
    ]
    assert len({item.id for item in shelf.items}) == 3


def test_an_occurrence_that_was_moved_is_the_same_one(tmp_path: Path) -> None:
    """Also where its RECURRENCE-ID is given in UTC and the series in another zone."""
    moved = event("RECURRENCE-ID:20260309T130000Z", "SUMMARY:Moved", start="DTSTART:20260310T150000Z")
    before = collected(source(tmp_path, event(*WEEKLY, start=NEW_YORK)))
    after = before.run(source(tmp_path, event(*WEEKLY, start=NEW_YORK), moved), context())
    assert (after.new, after.changed, len(after.items)) == (0, 1, 3)
    assert starts(after)[1] == at("2026-03-10T10:00-05:00")


def test_a_series_that_changes_from_one_occurrence_on_keeps_each_occurrence_once(tmp_path: Path) -> None:
    """RANGE=THISANDFUTURE: that one and those after it are an hour later, under the names they had."""
    shelf = collected(source(tmp_path, event(*WEEKLY, start=NEW_YORK)))
    before = {item.key for item in shelf.items}
    later = event(
        "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=America/New_York:20260309T090000",
        "DURATION:PT1H",
        start="DTSTART;TZID=America/New_York:20260309T100000",
    )
    shelf.run(source(tmp_path, event(*WEEKLY, start=NEW_YORK), later), context())
    assert {item.key for item in shelf.items} == before
    assert starts(shelf) == [
        at("2026-03-02T09:00-05:00"),
        at("2026-03-09T10:00-04:00"),
        at("2026-03-16T10:00-04:00"),
    ]


def test_a_single_meeting_that_was_moved_is_the_same_one(tmp_path: Path) -> None:
    """It must not account for two stretches of time."""
    shelf = collected(source(tmp_path, event()))
    shelf.run(source(tmp_path, event(start="DTSTART:20260310T150000Z")), context())
    assert (shelf.changed, starts(shelf)) == (1, [HEARING + 86_400])


def test_excluded_occurrences_do_not_take_place(tmp_path: Path) -> None:
    """EXDATE in another zone than the start is compared as an instant."""
    shelf = collected(source(tmp_path, event(*WEEKLY, "EXDATE:20260309T130000Z", start=NEW_YORK)))
    assert len(shelf.items) == 2


def test_extra_occurrences_do(tmp_path: Path) -> None:
    """RDATE."""
    extra = "RDATE;TZID=America/New_York:20260304T090000"
    assert len(collected(source(tmp_path, event(*WEEKLY, extra, start=NEW_YORK))).items) == 4


def test_an_occurrence_excluded_after_it_was_collected_is_withdrawn(tmp_path: Path) -> None:
    """It was seen the evening before, and called off in the morning."""
    shelf = collected(source(tmp_path, event(*WEEKLY, start=NEW_YORK)))
    shelf.run(source(tmp_path, event(*WEEKLY, "EXDATE:20260309T130000Z", start=NEW_YORK)), context())
    assert len(shelf.items) == 2


def test_a_series_that_was_moved_as_a_whole_leaves_nothing_behind(tmp_path: Path) -> None:
    """From nine to ten: three meetings, not six."""
    shelf = collected(source(tmp_path, event(*WEEKLY, start=NEW_YORK)))
    later = source(tmp_path, event(*WEEKLY, start=NEW_YORK.replace("T09", "T10")))
    assert len(shelf.run(later, context()).items) == 3


def test_a_meeting_that_became_a_series_is_not_there_twice(tmp_path: Path) -> None:
    """The single meeting gives way to the first of the series."""
    shelf = collected(source(tmp_path, event(start=NEW_YORK)))
    shelf.run(source(tmp_path, event(*WEEKLY, start=NEW_YORK)), context())
    assert len(shelf.items) == 3


def test_an_event_that_is_simply_gone_stays_captured(tmp_path: Path) -> None:
    """Exports often hold the last weeks only: missing is not cancelled."""
    shelf = collected(source(tmp_path, event(), event(uid="other@x.example")))
    assert len(shelf.run(source(tmp_path, event(uid="other@x.example")), context()).items) == 2


@pytest.mark.parametrize("how", ["STATUS:CANCELLED", "METHOD:CANCEL"])
def test_a_cancelled_meeting_is_withdrawn(tmp_path: Path, how: str) -> None:
    """By its own status or by the method of the file it came in."""
    lines, head = ((how,), ()) if how.startswith("STATUS") else ((), (how,))
    shelf = collected(source(tmp_path, event()))
    assert shelf.run(source(tmp_path, event(*lines), head=head), context()).items == []


def test_a_cancelled_occurrence_is_withdrawn_and_the_series_stays(tmp_path: Path) -> None:
    """Calendar libraries still list it."""
    called_off = event("RECURRENCE-ID:20260309T130000Z", "STATUS:CANCELLED", start="DTSTART:20260309T130000Z")
    shelf = collected(source(tmp_path, event(*WEEKLY, start=NEW_YORK), called_off))
    assert len(shelf.items) == 2


@pytest.mark.parametrize("names", [("a.ics", "b.ics"), ("b.ics", "a.ics")])
def test_an_invitation_and_its_cancellation_in_two_files_are_no_meeting(tmp_path: Path, names: tuple[str, str]) -> None:
    """Whatever their names sort like, on this day and the next."""
    source(tmp_path, event(), name=names[0])
    both = source(tmp_path, event(), head=("METHOD:CANCEL",), name=names[1])
    shelf = collected(both)
    assert shelf.items == []
    assert shelf.run(both, context(context().now + 86_400)).items == []


def test_a_meeting_that_is_on_again_comes_back(tmp_path: Path) -> None:
    """The file no longer says cancelled."""
    shelf = collected(source(tmp_path, event("STATUS:CANCELLED")))
    assert starts(shelf.run(source(tmp_path, event()), context())) == [HEARING]


def test_an_instance_without_its_series_is_itself(tmp_path: Path) -> None:
    """Filtered calendars hold occurrences only; the key is the one the series would have given."""
    instance = event("RECURRENCE-ID:20260309T130000Z", start="DTSTART:20260309T130000Z")
    alone = only(collected(source(tmp_path / "filtered", instance)))
    series = collected(source(tmp_path / "whole", event(*WEEKLY, start=NEW_YORK)))
    assert alone.id == series.items[1].id


def test_a_meeting_over_midnight_comes_once(tmp_path: Path) -> None:
    """Windows that meet at midnight do not both give it."""
    late = source(tmp_path, event("DURATION:PT3H", "RRULE:FREQ=DAILY;COUNT=1", start="DTSTART:20260309T230000Z"))
    midnight = at("2026-03-10T00:00+00:00")
    first = Shelf().run(late, context(first=midnight - 86_400, last=midnight))
    second = Shelf().run(late, context(first=midnight, last=midnight + 86_400))
    assert (len(first.items), len(second.items)) == (1, 0)


def test_until_a_date_includes_that_day(tmp_path: Path) -> None:
    """As those who wrote it meant it: 2 to 4 March are three days."""
    daily = event("RRULE:FREQ=DAILY;UNTIL=20260304", "DURATION:PT1H", start=NEW_YORK)
    assert len(collected(source(tmp_path, daily)).items) == 3


# -- what kind of meeting ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "start"),
    [
        ((), "DTSTART;VALUE=DATE:20260309"),
        (("DTEND;VALUE=DATE:20260310",), "DTSTART;VALUE=DATE:20260309"),
        (("X-MICROSOFT-CDO-ALLDAYEVENT:TRUE", "DTEND:20260310T050000Z"), "DTSTART:20260309T050000Z"),
    ],
)
def test_an_all_day_event_is_the_local_day_and_says_so(tmp_path: Path, lines: tuple[str, ...], start: str) -> None:
    """With or without an end, by date or by Outlook's mark: context only."""
    item = one(tmp_path, *lines, start=start)
    assert item.flag("all_day")
    assert item.span is not None
    assert (item.at, item.span.seconds) == (at("2026-03-09T00:00-05:00"), 86_400)


@pytest.mark.parametrize(
    ("lines", "busy"),
    [
        ((), "busy"),
        (("TRANSP:TRANSPARENT",), "free"),
        (("TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:BUSY"), "busy"),
        (("X-MICROSOFT-CDO-BUSYSTATUS:OOF",), "oof"),
        (("STATUS:TENTATIVE",), "tentative"),
    ],
)
def test_outlooks_own_show_as_holds_where_the_two_disagree(tmp_path: Path, lines: tuple[str, ...], busy: str) -> None:
    """TRANSP is the fallback."""
    assert one(tmp_path, *lines).facts["busy"] == busy


@pytest.mark.parametrize(
    ("lines", "response", "own"),
    [
        ((), "accepted", True),
        (("ORGANIZER:mailto:Ada@Okafor.example",), "organizer", True),
        (("ORGANIZER:mailto:b@x.example", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@okafor.example"), "accepted", True),
        (("ORGANIZER:mailto:b@x.example", "ATTENDEE;PARTSTAT=DECLINED:mailto:ada@okafor.example"), "declined", False),
        (("ORGANIZER:mailto:b@x.example", "ATTENDEE:mailto:ada@okafor.example"), "none", False),
        (("ORGANIZER:mailto:b@x.example", "ATTENDEE:mailto:c@x.example"), "none", False),
    ],
)
def test_the_timekeepers_own_answer_decides(tmp_path: Path, lines: tuple[str, ...], response: str, own: bool) -> None:
    """An invitation nobody answered is somebody else's wish."""
    item = one(tmp_path, *lines)
    assert (item.facts["response"], item.own) == (response, own)


def test_of_a_private_event_only_the_busy_span_is_kept(tmp_path: Path) -> None:
    """No title, no text, no place, no people."""
    private = one(tmp_path, "CLASS:PRIVATE", "DESCRIPTION:secret", "LOCATION:home", "ATTENDEE:mailto:doc@x.example")
    assert not any((private.subject, private.body, private.place, private.people))
    assert private.flag("private")
    assert private.span is not None


def test_ten_thousand_attendees_are_a_hundred_people(tmp_path: Path) -> None:
    """The own answer is found even behind all of them."""
    others = [f"ATTENDEE:mailto:p{n}@x.example" for n in range(10_000)]
    item = one(
        tmp_path, "ORGANIZER:mailto:b@x.example", *others, "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@okafor.example"
    )
    assert len(item.people) <= 101
    assert item.own


# -- zones ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "instant", "assumed"),
    [
        ("DTSTART;TZID=Eastern Standard Time:20260309T110000", HEARING, False),
        ("DTSTART;TZID=America/New_York:20260309T110000", HEARING, False),
        ("DTSTART;TZID=Nowhere/Imagined:20260309T100000", HEARING, True),
        ("DTSTART:20260309T100000", HEARING, True),
    ],
)
def test_a_start_without_a_known_zone_is_in_the_timekeepers(
    tmp_path: Path, start: str, instant: int, assumed: bool
) -> None:
    """Windows names are known, floating and invented ones are not, and say so."""
    item = one(tmp_path, start=start)
    assert (item.at, item.flag("zone_assumed")) == (instant, assumed)


def test_outlooks_own_zones_are_read_from_the_file(tmp_path: Path) -> None:
    """«Customized Time Zone» comes with its rules."""
    rules = ("BEGIN:STANDARD", "DTSTART:16010101T000000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0200", "END:STANDARD")
    zone = "\r\n".join(("BEGIN:VTIMEZONE", "TZID:Customized Time Zone", *rules, "END:VTIMEZONE"))
    shelf = collected(source(tmp_path, zone, event(start="DTSTART;TZID=Customized Time Zone:20260309T170000")))
    assert starts(shelf) == [HEARING]


def test_the_zone_is_the_one_of_that_day(tmp_path: Path) -> None:
    """Who moved to London on the 9th has floating meetings there from then on."""
    moved = Timekeeper(
        id="AOK", last="Okafor", zone="America/Chicago", zone_from=((date(2026, 3, 9), "Europe/London"),)
    )
    both = source(
        tmp_path, event(uid="a", start="DTSTART:20260308T100000"), event(uid="b", start="DTSTART:20260309T100000")
    )
    shelf = Shelf().run(both, context(who=moved))
    assert starts(shelf) == [at("2026-03-08T10:00-05:00"), at("2026-03-09T10:00+00:00")]
