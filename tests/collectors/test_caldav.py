"""What CalDAV gives beyond the contract: the same evidence as a file, changes, deletions, and finding the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autotime.collectors import webdav
from autotime.collectors.caldav import CaldavCollector
from autotime.collectors.ics import IcsCollector
from autotime.domain.doors import Connectable
from autotime.domain.errors import Misused, SignInNeeded, SourceUnavailable, SuddenlyEmpty
from autotime.testing import Shelf
from autotime.testing.server import Reply, Status

from .calendars import House, meeting, methods
from .servers import PASSWORD, Sitting, connection
from .sources import at, calendar, context, event, put

ADA, BEN = "mailto:ada@okafor.example", "mailto:ben@harrow.example"
EVENTS = {
    "single": event(f"ORGANIZER;CN=Ben Lund:{BEN}", f"ATTENDEE;PARTSTAT=ACCEPTED:{ADA}", "LOCATION:Room 4",
                    "DESCRIPTION:Bring the lease\\, signed"),
    "weekly": event("RRULE:FREQ=WEEKLY;COUNT=4", uid="weekly@x.example",
                    start="DTSTART;TZID=America/New_York:20260302T090000"),
    "declined": event(f"ORGANIZER:{BEN}", f"ATTENDEE;PARTSTAT=DECLINED:{ADA}", uid="declined@x.example"),
    "private": event("CLASS:PRIVATE", "SUMMARY:The doctor", uid="private@x.example"),
    "all day": event("TRANSP:TRANSPARENT", uid="day@x.example", start="DTSTART;VALUE=DATE:20260310"),
    "long": event("DESCRIPTION:" + "Grüße & <Fristen> " * 200, uid="ü@x.example"),
}  # fmt: skip
MOVED = event(uid="weekly@x.example", start="DTSTART;TZID=America/New_York:20260310T140000").replace(
    "SUMMARY", "RECURRENCE-ID;TZID=America/New_York:20260309T090000\r\nSUMMARY"
)


@pytest.fixture
def house() -> Iterator[House]:
    with House() as started:
        yield started


def collected(
    house: House, shelf: Shelf | None = None, now: int = at("2026-04-07T12:00+00:00"), **options: Any
) -> Shelf:
    house.server.asked.clear()
    return (shelf or Shelf()).run(house.collector(**options), context(now))


# -- what comes ---------------------------------------------------------------------------------------


def test_meetings_give_the_evidence_they_give_in_a_file(house: House, tmp_path: Path) -> None:
    """But for account, source and key: recurring, moved, declined, private, all day, of many words."""
    for number, (name, one) in enumerate(EVENTS.items()):
        house.put(str(number), one, *([MOVED] if name == "weekly" else []))
    file = put(tmp_path / "office.ics", calendar(*EVENTS.values(), MOVED))
    there = {item.identity: item for item in collected(house, page=2).items}
    here = {item.identity: item for item in Shelf().run(IcsCollector("office", [file]), context()).items}
    assert len(here) == 9
    assert {name: replace(item, key="", source="") for name, item in there.items()} == {
        name: replace(item, key="", source="") for name, item in here.items()
    }


def test_one_event_in_two_calendars_is_two_pieces_of_evidence_of_one_identity() -> None:
    """The answers may differ, and deleting one says nothing of the other."""
    with House("office", "Müller & Söhne") as house:
        for into in ("office", "Müller & Söhne"):
            house.put("1", EVENTS["single"], into=into)
        shelf = collected(house)
        assert (len(shelf.items), len({item.identity for item in shelf.items})) == (2, 1)
        house.delete("1")
        assert len(collected(house, shelf).items) == 1


def test_only_calendars_that_are_named_are_read_and_tasks_never() -> None:
    with House("office", "home") as house:
        house.make("tasks", "VTODO")
        for number, into in enumerate(("office", "home")):
            house.put(str(number), meeting(number, start="DTSTART:20260309T150000Z"), into=into)
        assert len(collected(house).items) == 2
        assert not any("tasks" in asked.path for asked in house.server.asked)
        shelf = collected(house, calendars=["Home", "elsewhere"])
        assert [item.subject.reveal() for item in shelf.items] == ["Harrow no. 1"]
        assert [gap.reason for gap in shelf.gaps] == ["1 that the settings name are not on the server"]
        with pytest.raises(SourceUnavailable, match="none of the calendars"):
            collected(house, calendars=["elsewhere"])


# -- changes ------------------------------------------------------------------------------------------


def filled(house: House, count: int = 3) -> Shelf:
    for number in range(count):
        house.put(str(number), meeting(number, start=f"DTSTART:2026030{number + 1}T150000Z"))
    return collected(house)


def test_a_quiet_day_asks_only_what_changed(house: House) -> None:
    shelf = filled(house)
    collected(house, shelf)
    assert methods(house.server.asked)[-1] == "sync-collection"
    assert "calendar-multiget" not in methods(house.server.asked)


def test_a_change_fetches_that_one_event(house: House) -> None:
    shelf = filled(house)
    house.put("1", meeting(1, start="DTSTART:20260309T170000Z"))
    collected(house, shelf)
    assert (shelf.new, shelf.changed) == (0, 1)
    [multiget] = [asked for asked in house.server.asked if b"calendar-multiget" in asked.body]
    assert multiget.body.count(b"<d:href>") == 1


def test_a_deleted_event_is_a_cancelled_meeting(house: House) -> None:
    """Also where the server had forgotten the token when it came to tell."""
    shelf = filled(house)
    house.delete("1")
    assert len(collected(house, shelf).items) == 2
    house.forget()
    house.delete("2")
    collected(house, shelf)
    assert [item.subject.reveal() for item in shelf.items] == ["Harrow no. 0"]


@pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 507])
def test_a_token_the_server_forgot_costs_one_look_at_the_marks(house: House, status: int) -> None:
    """And nothing is new, nothing is read again."""
    shelf = filled(house)
    error = Status(status, body=b'<error xmlns="DAV:"><valid-sync-token/></error>', kind="text/xml")
    house.server.fault_for = lambda asked: error if b"sync-collection" in asked.body else None
    collected(house, shelf)
    assert (shelf.new, shelf.changed) == (0, 0)
    assert methods(house.server.asked)[-2:] == ["sync-collection", "calendar-query"]


def test_a_server_that_keeps_no_changes_is_compared_by_marks(house: House) -> None:
    house.twist = lambda _asked, reply: replace(reply, body=reply.body.replace(b"sync-token", b"no-token"))
    shelf = filled(house)
    house.put("1", meeting(1, start="DTSTART:20260309T170000Z"))
    house.delete("2")
    collected(house, shelf)
    assert "sync-collection" not in methods(house.server.asked)
    assert (shelf.changed, len(shelf.items)) == (1, 2)


def test_an_event_moved_out_of_the_window_is_not_deleted_but_gone_from_it(house: House) -> None:
    house.twist = lambda _asked, reply: replace(reply, body=reply.body.replace(b"sync-token", b"no-token"))
    shelf = filled(house)
    house.put("1", meeting(1, start="DTSTART:20271201T170000Z"))
    assert len(collected(house, shelf).items) == 2


def test_a_series_nobody_changed_goes_on(house: House) -> None:
    """Its new occurrences come in with the days."""
    house.put("1", event("RRULE:FREQ=DAILY", start="DTSTART:20260309T150000Z"))
    shelf = collected(house, now=at("2026-03-10T12:00+00:00"))
    assert len(shelf.items) == 2
    collected(house, shelf, now=at("2026-03-12T16:00+00:00"))
    assert (shelf.new, shelf.changed) == (3, 0)


def test_an_earlier_window_is_read_too(house: House) -> None:
    house.put("1", meeting(1, start="DTSTART:20260301T150000Z"))
    house.put("2", meeting(2, start="DTSTART:20260309T150000Z"))
    shelf = Shelf().run(house.collector(), context(first=at("2026-03-05T00:00+00:00")))
    assert len(shelf.items) == 1
    shelf.run(house.collector(), context(first=at("2026-02-20T00:00+00:00")))
    assert (shelf.new, shelf.changed) == (1, 0)


def test_an_event_the_server_did_not_tell_of_is_asked_for_again(house: House) -> None:
    """The token is not believed before everything it stands for has come."""
    shelf = filled(house)
    house.put("9", meeting(9, start="DTSTART:20260309T170000Z"))
    silent = Reply(b'<multistatus xmlns="DAV:"/>', 207, kind="text/xml")
    house.twist = lambda asked, reply: silent if b"calendar-multiget" in asked.body else reply
    collected(house, shelf)
    house.twist = lambda _asked, reply: reply
    collected(house, shelf)
    assert (shelf.new, len(shelf.items)) == (1, 4)


def test_a_calendar_is_no_event_of_its_own(house: House) -> None:
    """Some servers tell of it among what it holds."""
    told = '<response><href>/ada/office/</href><propstat><prop><getetag>"x"</getetag></prop></propstat></response>'
    house.twist = lambda asked, reply: (
        replace(reply, body=reply.body.replace(b"</multistatus>", told.encode() + b"</multistatus>"))
        if asked.method == "REPORT"
        else reply
    )
    assert len(filled(house).items) == 3
    assert not any(b"<d:href>/ada/office/</d:href>" in asked.body for asked in house.server.asked)


def test_a_calendar_too_full_for_one_answer_is_asked_for_in_parts(house: House) -> None:
    full = b"<response><href>/ada/office/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>"
    cut = Reply(b'<multistatus xmlns="DAV:">' + full + b"</multistatus>", 207, kind="text/xml")
    house.twist = lambda asked, reply: cut if reply.body.count(b"<response>") > 1 and b"-query" in asked.body else reply
    assert len(filled(house).items) == 3


def test_a_subscription_to_somebody_elses_calendar_is_not_the_timekeepers(house: House) -> None:
    subscribed = b'<subscribed xmlns="http://calendarserver.org/ns/"/></resourcetype>'
    house.twist = lambda _asked, reply: replace(reply, body=reply.body.replace(b"</resourcetype>", subscribed))
    assert filled(house).items == []


def test_a_calendar_that_is_gone_withdraws_nothing_and_all_of_them_ask_a_person() -> None:
    with House("office", "home") as house:
        house.put("1", EVENTS["single"], into="home")
        shelf = filled(house)
        house.delete("", of="home")
        assert len(collected(house, shelf).items) == 4
        house.delete("", of="office")
        with pytest.raises(SuddenlyEmpty):
            collected(house, shelf)


def test_a_calendar_that_is_closed_to_us_stops_no_other() -> None:
    with House("office", "home") as house:
        house.put("1", EVENTS["single"], into="home")
        house.server.fault_for = lambda asked: (
            Status(403) if asked.method == "REPORT" and "office" in asked.path else None
        )
        shelf = collected(house)
        assert len(shelf.items) == 1
        assert [gap.reason for gap in shelf.gaps] == ["the server does not open 1 of them"]


# -- finding the way ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "/", "/ada", "/ada/", "/ada/office/"])
def test_the_address_may_be_the_servers_a_persons_or_a_calendars(house: House, path: str) -> None:
    house.put("1", EVENTS["single"])
    shelf = Shelf().run(house.collector(path), context())
    assert len(shelf.items) == 1


def moved_to(place: str) -> Any:
    return lambda asked: Status(301, {"Location": place}) if asked.path == "/.well-known/caldav" else None


def test_a_server_that_names_the_place_is_followed_on_itself_only(house: House) -> None:
    house.put("1", EVENTS["single"])
    house.server.fault_for = moved_to("/ada/")
    assert len(collected(house).items) == 1
    with House() as elsewhere:
        house.server.fault_for = moved_to(f"{elsewhere.url}/ada/")
        with pytest.raises(SourceUnavailable, match="leads elsewhere"):
            collected(house)
        assert elsewhere.server.asked == []


def test_calendars_on_another_server_are_for_a_person_to_decide(house: House) -> None:
    """As iCloud has them. The password is not sent there; the address to give is told."""
    away = b"<C:calendar-home-set><href>https://p42.dav.example/ada/"
    house.twist = lambda _asked, reply: replace(
        reply, body=reply.body.replace(b"<C:calendar-home-set><href>/ada/", away)
    )
    with pytest.raises(SourceUnavailable, match="another server") as told:
        collected(house)
    assert "p42.dav.example" in told.value.hint


def test_a_server_that_sends_in_circles_is_left(house: House) -> None:
    house.server.fault_for = moved_to("/.well-known/caldav")
    with pytest.raises(SourceUnavailable, match="circles"):
        collected(house)
    assert len(house.server.asked) < 10


@pytest.mark.parametrize("body", [b"", b"<a", b"<multistatus/>", b'<x xmlns="DAV:"/>', b"\xff\xfe\x00",
                                  b'<!DOCTYPE a><multistatus xmlns="DAV:"/>',
                                  b'<!DOCTYPE a [<!ENTITY b "c">]><multistatus xmlns="DAV:"/>'])  # fmt: skip
def test_an_answer_that_is_no_webdav_is_not_believed(body: bytes) -> None:
    """Half a document, another one, and one that would unpack into more."""
    with pytest.raises(SourceUnavailable):
        webdav.read(body, "/")


# -- signing in ---------------------------------------------------------------------------------------


def test_a_person_signs_in_with_a_password_that_is_tried(house: House) -> None:
    made = house.collector(connection=connection(""))
    assert isinstance(made, Connectable)
    assert made.wants()
    made.connect(Sitting([PASSWORD]))
    assert (made.standing(0).signed_in, made.standing(0).who) == (True, "ada")


@pytest.mark.parametrize("secret", ["wrong", ""])
def test_a_password_that_is_not_taken_asks_for_a_sign_in(house: House, secret: str) -> None:
    """After one attempt: servers lock out whoever tries too often. And it is not kept."""
    with pytest.raises(SignInNeeded) as needed:
        collected(house, connection=connection(secret))
    assert 'autotime connect "office"' in needed.value.hint
    asked = [asked.path for asked in house.server.asked if asked.path != "/.well-known/caldav"]  # open to anybody
    assert asked == ["/"] * bool(secret)
    made = house.collector(connection=connection(""))
    with pytest.raises(SignInNeeded):
        made.connect(Sitting([secret]))
    assert not made.standing(0).signed_in


@pytest.mark.parametrize("url", ["http://dav.firm.example", "dav.firm.example", "https://ada:secret@dav.firm.example"])
def test_a_password_goes_nowhere_in_clear(url: str) -> None:
    with pytest.raises(Misused) as told:
        CaldavCollector("office", connection(), url, "ada")
    assert "secret" not in str(told.value)


def test_calendars_are_a_list() -> None:
    with pytest.raises(Misused) as told:
        CaldavCollector("office", connection(), "https://dav.firm.example", "ada", "Office")
    assert told.value.hint
