"""The stand-in Workspace gives what Google would: every answer against Google's own discovery documents."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from autotime.collectors.google import files, gmail, meet
from autotime.collectors.google.identity import who_signed_in
from autotime.domain.errors import AutotimeError
from autotime.testing.google.routes import AUTH, Refused
from autotime.testing.server import Asked, Reply
from tests.collectors.google import schema
from tests.collectors.google.room import DAY, NOW, Kept, Room, room
from tests.collectors.sources import letter

CODE = "abc-mnop-xyz"
BEN = "ben@harrow.example"

DRIVES = Asked("GET", "/drive/v3/drives", {}, {}, b"", "/drive/v3/drives")
"""Asked by no collector: it takes the right to read files."""

TOUCHED = {
    "calendar.calendarList.get",
    "calendar.calendarList.list",
    "calendar.events.list",
    "drive.about.get",
    "drive.changes.getStartPageToken",
    "drive.changes.list",
    "drive.drives.list",
    "drive.files.list",
    "drive.revisions.list",
    "driveactivity.activity.query",
    "gmail.users.getProfile",
    "gmail.users.history.list",
    "gmail.users.labels.list",
    "gmail.users.messages.attachments.get",
    "gmail.users.messages.get",
    "gmail.users.messages.list",
    "meet.conferenceRecords.list",
    "meet.conferenceRecords.participants.list",
    "meet.conferenceRecords.participants.participantSessions.list",
}


def fill(room: Room) -> None:
    """Something of everything the stand-in can hold."""
    ada = room.ada
    ada.mail.receives(letter(1))
    ada.mail.receives(letter(4, "All of the terms. " * 5000))
    ada.mail.sends(letter(2), labels=("SENT", "Harrow lease"))
    ada.meets(
        "Call", "2026-03-09T15:00Z", organizer=BEN, answer="accepted", guests={BEN: "declined"},
        hangoutLink=f"https://meet.google.com/{CODE}", attendeesOmitted=True, description="Terms", location="Room 4",
    )  # fmt: skip
    ada.meets("Day", "2026-03-09", days=1, visibility="private", transparency="transparent")
    ada.meets("Weekly", "2026-02-23T10:00-06:00", name="weekly", rule="FREQ=WEEKLY;COUNT=4", zone="America/Chicago")
    ada.calendars.cancels("weekly", "2026-03-02T10:00-06:00")
    ada.calendars.calendar("mine@group.calendar.google.com", accessRole="owner")
    conference = ada.meet.confers(CODE, "2026-03-09T15:00:00Z", "2026-03-09T15:50:00Z")
    ada.meet.clock = lambda: NOW
    ada.meet.joins(conference, "Ada Okafor", "2026-03-09T15:02:00Z", "2026-03-09T15:50:00Z", person="1080")
    ada.meet.joins(conference, "Guest", "2026-03-09T15:02:00Z")
    shared = ada.drive.shares("Harrow matter")
    for number, action in enumerate(("edit", "create", "comment", "move", "")):
        file = ada.drive.saves(f"File {number}", f"2026-03-09T1{number}:00:00Z", action=action, drive=shared)
        ada.drive.saves(file, f"2026-03-09T1{number}:10:00Z", by=BEN, action=action)
    for number in (6, 7):
        ada.drive.saves(f"Lent {number}", f"2026-03-09T1{number}:00:00Z", lent=True, action="")
    ada.drive.acts(file, "edit", "2026-03-09T18:00:00Z", until="2026-03-09T18:20:00Z")


def run(room: Room) -> None:
    """Whose account it is; every part, twice: a first time and the day after, with something new."""
    with room.google() as google:
        for scope in ("gmail.readonly", "calendar.calendarlist.readonly", "drive.metadata.readonly"):
            assert who_signed_in(google, frozenset({f"{AUTH}{scope}"})) == room.ada.address
    parts = {"mail": gmail.read, "calendar": meet.with_attendance, "files": files.read}
    kept = {name: room.run(part) for name, part in parts.items()}
    room.ada.mail.receives(letter(3))
    room.ada.calendars.cancels("weekly", "2026-03-09T10:00-05:00")
    room.ada.drive.loses(next(iter(room.ada.drive.files)), "2026-03-10T10:00:00Z")
    for name, part in parts.items():
        room.run(part, kept[name], NOW + DAY)


@pytest.fixture(scope="module")
def exchanges() -> list[tuple[Asked, Reply]]:
    """What was asked and answered, and what would have been answered had no fields been named."""
    with room() as made:
        fill(made)
        run(made)
        whole = list(made.exchanges)
        made.scopes.append("drive.readonly")
        whole.append((DRIVES, made.workspace.call(replace(DRIVES, headers=made.headers))))
        for asked, _ in schema.calls(made.exchanges):
            wide = replace(asked, query={name: said for name, said in asked.query.items() if name != "fields"})
            wide = replace(wide, headers=made.headers)
            whole.append((wide, made.workspace.call(wide)))
        return whole


def test_every_answer_of_every_endpoint_is_as_google_describes_it(exchanges: list[tuple[Asked, Reply]]) -> None:
    """Keys, types, formats and values, also inside batches; and what is asked is as Google takes it."""
    assert [problem for exchange in exchanges for problem in schema.problems(*exchange)] == []
    assert schema.touched(exchanges) == TOUCHED


def test_every_route_of_the_stand_in_is_a_method_of_googles(room: Room) -> None:
    """Also those that no collector asks."""
    for route in room.workspace.routes:
        assert schema.method_of(route.method, re.sub(r"[{}]", "", route.pattern)), route.pattern


@pytest.mark.parametrize("part", [gmail.read, meet.with_attendance, files.read], ids=["mail", "calendar", "files"])
@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_refusals_are_shaped_as_googles(room: Room, part: Any, status: int) -> None:
    """In the old manner and in the new one; leaving the room looks at them."""
    fill(room)
    kept = Kept()
    for place in range(6):
        room.workspace.refusing = [*[None] * place, Refused(status, "notFound", detail="NOT_FOUND")]
        try:
            room.run(part, kept)
        except AutotimeError:
            continue
    assert any(reply.status == status for _, reply in room.exchanges)


def test_a_token_that_expired_is_refused_as_google_refuses_it(room: Room) -> None:
    fill(room)
    run(room)
    room.workspace.expire_cursors()
    sync = next(asked for asked in room.asked("/events") if "syncToken" in asked.query)
    stale = Asked(sync.method, sync.path, sync.query, sync.headers, b"", sync.target)
    reply = room.workspace.server.answer(stale)
    assert (reply.status, json.loads(reply.bytes())["error"]["errors"][0]["reason"]) == (410, "fullSyncRequired")


Mutate = Callable[[Any], object]

MUTANTS: dict[str, tuple[str, Mutate]] = {
    "a stray key": ("/events", lambda said: said["items"][0].update(isCancelled=True)),
    "a stray key on top": ("/events", lambda said: said.update(deltaLink="x")),
    "a time without an offset": ("/events", lambda said: said["items"][0]["start"].update(dateTime="2026-03-09T10:00")),
    "a day that is a time": ("/events", lambda said: said["items"][0]["start"].update(date="2026-03-09T00:00:00Z")),
    "a day there is not": ("/events", lambda said: said["items"][0]["start"].update(date="2026-02-30")),
    "an answer nobody gives": ("/events", lambda said: said["items"][0].update(status="maybe")),
    "null for what is absent": ("/events", lambda said: said["items"][0].update(summary=None)),
    "a text for yes": ("/events", lambda said: said["items"][0].update(attendeesOmitted="true")),
    "an object for a list": ("/events", lambda said: said.update(items={})),
    "a list for an object": ("/events", lambda said: said["items"].append([])),
    "a number for a 64-bit one": ("/messages", lambda said: said["messages"][0].update(historyId=7)),
    "a text for a number": ("/messages", lambda said: said.update(resultSizeEstimate="201")),
    "yes for a number": ("/messages", lambda said: said.update(resultSizeEstimate=True)),
    "too large a number": ("/messages", lambda said: said.update(resultSizeEstimate=2**40)),
    "bytes in the wrong alphabet": ("/messages", lambda said: said["messages"][0].update(raw="+/+/")),
    "an inner key": (":query", lambda said: said["activities"][0]["targets"][0].update(file={})),
    "a value that is no member": (
        ":query",
        lambda said: said["activities"][0]["primaryActionDetail"].update(comment={"post": {"subtype": "SHOUTED"}}),
    ),
    "a number for a text": ("/changes", lambda said: said.update(newStartPageToken=9321)),
    "a key of an older version": ("/conferenceRecords", lambda said: said.update(items=[])),
}


@pytest.mark.parametrize(("path", "mutate"), MUTANTS.values(), ids=MUTANTS)
def test_a_wrong_answer_is_noticed(exchanges: list[tuple[Asked, Reply]], path: str, mutate: Mutate) -> None:
    asked, said = next(
        (asked, json.loads(reply.bytes()))
        for asked, reply in exchanges
        if asked.path.endswith(path) and "fields" not in asked.query and _holds(json.loads(reply.bytes()))
    )
    assert schema.problems(asked, Reply(said)) == []
    mutate(said)
    assert len(schema.problems(asked, Reply(said))) == 1


def _holds(body: dict[str, Any]) -> bool:
    """Whether a listing has something in it."""
    return any(isinstance(value, list) and value for value in body.values())


def test_a_wrong_answer_inside_a_batch_is_noticed(exchanges: list[tuple[Asked, Reply]]) -> None:
    asked, reply = next(one for one in exchanges if one[0].path.startswith("/batch/drive"))
    spoilt = Reply(reply.bytes().replace(b'"modifiedTime"', b'"savedTime"', 1), kind=reply.kind)
    assert schema.problems(asked, spoilt) == ["drive.revisions.list: RevisionList.revisions[0] has no key savedTime"]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"error": "not found"},
        {"error": {"code": 500, "message": "another status"}},
        {"error": {"code": 404, "message": "", "innerError": {}}},
        {"error": {"code": 404, "message": "", "errors": [{"reason": "notFound"}]}},
        {"error": {"code": 404, "message": ""}, "more": 1},
    ],
)
def test_an_error_of_another_shape_is_noticed(said: Any) -> None:
    assert list(schema.of_error(said, 404)) != []


def test_a_question_google_would_not_take_is_noticed() -> None:
    asked = Asked("POST", "/v2/activity:query", {}, {}, b'{"pageSize": "100", "root": 1}', "/v2/activity:query")
    assert len(schema.problems(asked, Reply({}))) == 2


def test_an_address_google_does_not_have_is_noticed() -> None:
    asked = Asked("GET", "/calendar/v3/events", {}, {}, b"", "/calendar/v3/events")
    assert schema.problems(asked, Reply({})) == ["no method of Google's: GET /calendar/v3/events"]


def test_a_parameter_google_does_not_have_is_noticed() -> None:
    target = "/calendar/v3/calendars/primary/events?startDateTime=2026"
    asked = Asked("GET", "/calendar/v3/calendars/primary/events", {"startDateTime": "2026"}, {}, b"", target)
    assert schema.problems(asked, Reply({})) == ["calendar.events.list, asked: has no parameter startDateTime"]


def test_the_documents_are_the_ones_that_were_published() -> None:
    """Byte for byte, as their notice says."""
    notice = (schema.VENDORED / "NOTICE.md").read_text(encoding="utf-8")
    for name in schema.DOCUMENTS:
        assert hashlib.sha256((schema.VENDORED / f"{name}.json").read_bytes()).hexdigest() in notice
