"""The stand-in Workspace refuses what Google refuses, and hides what Google hides."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from autotime.testing.server import Asked, Reply
from tests.collectors.google.room import NOW, Room

EVENTS = "/calendar/v3/calendars/primary/events"
QUERY = "/v2/activity:query"


def get(room: Room, path: str, **query: str) -> Reply:
    target = f"{path}?{urlencode(query)}"
    return room.workspace.server.answer(Asked("GET", path, query, room.headers, b"", target))


def said(reply: Reply) -> Any:
    assert reply.status == 200
    return json.loads(reply.bytes())


def refusal(reply: Reply) -> tuple[int, str]:
    error = json.loads(reply.bytes())["error"]
    return reply.status, error["errors"][0]["reason"] if "errors" in error else error["status"]


def act(room: Room, **asked: Any) -> Reply:
    return room.workspace.server.answer(Asked("POST", QUERY, {}, room.headers, json.dumps(asked).encode(), QUERY))


def titles(listed: Any) -> list[str]:
    return [event.get("summary", event["status"]) for event in listed.get("items", ())]


def test_an_earliest_time_counts_for_the_end_and_a_latest_for_the_start(room: Room) -> None:
    """Both exclusive."""
    for hour in (10, 11, 12, 13):
        room.ada.meets(f"At {hour}", f"2026-03-09T{hour}:00Z", 60)
    found = get(room, EVENTS, singleEvents="true", timeMin="2026-03-09T11:00:00Z", timeMax="2026-03-09T13:00:00Z")
    assert titles(said(found)) == ["At 11", "At 12"]


def test_cancelled_events_are_told_only_to_who_asks_and_with_a_token(room: Room) -> None:
    name = room.ada.meets("Call", "2026-03-09T10:00Z")
    token = said(get(room, EVENTS))["nextSyncToken"]
    room.ada.calendars.cancels(name)
    assert titles(said(get(room, EVENTS))) == []
    assert titles(said(get(room, EVENTS, showDeleted="true"))) == ["cancelled"]
    assert titles(said(get(room, EVENTS, syncToken=token))) == ["cancelled"]


def test_a_series_is_one_event_unless_single_ones_are_asked_for(room: Room) -> None:
    room.ada.meets("Daily", "2026-03-09T10:00Z", rule="FREQ=DAILY;COUNT=3")
    assert titles(said(get(room, EVENTS))) == ["Daily"]
    single = said(get(room, EVENTS, singleEvents="true"))
    assert [event["id"][-16:] for event in single["items"]] == [
        "20260309T100000Z", "20260310T100000Z", "20260311T100000Z",
    ]  # fmt: skip


def test_a_series_without_end_is_told_far_into_the_future(room: Room) -> None:
    room.ada.calendars.clock = lambda: NOW
    room.ada.meets("Daily", "2026-03-09T10:00Z", rule="FREQ=DAILY")
    assert len(titles(said(get(room, EVENTS, singleEvents="true", maxResults="2500")))) > 700


def test_the_token_for_the_next_time_is_on_the_last_page_only(room: Room) -> None:
    for hour in (10, 11, 12):
        room.ada.meets("Call", f"2026-03-09T{hour}:00Z")
    first = said(get(room, EVENTS, maxResults="2"))
    assert "nextSyncToken" not in first
    last = said(get(room, EVENTS, maxResults="2", pageToken=first["nextPageToken"]))
    assert "nextPageToken" not in last
    assert last["nextSyncToken"]


@pytest.mark.parametrize("more", [{"timeMin": "2026-03-09T11:00:00Z"}, {"orderBy": "updated"}, {"q": "lease"}])
def test_a_sync_token_goes_with_no_restriction(room: Room, more: dict[str, str]) -> None:
    token = said(get(room, EVENTS))["nextSyncToken"]
    assert refusal(get(room, EVENTS, syncToken=token, **more)) == (400, "syncTokenWithRequestRestrictions")


def test_a_sync_token_goes_with_the_questions_it_was_given_for(room: Room) -> None:
    token = said(get(room, EVENTS, singleEvents="true"))["nextSyncToken"]
    assert refusal(get(room, EVENTS, syncToken=token))[0] == 400
    assert get(room, EVENTS, syncToken=token, singleEvents="true").status == 200


@pytest.mark.parametrize(
    "query",
    [
        {"orderBy": "startTime"},
        {"timeMin": "2026-03-09T11:00:00"},
        {"timeMin": "2026-03-09T11:00:00Z", "timeMax": "2026-03-09T11:00:00Z"},
        {"syncToken": "nonsense"},
    ],
    ids=str,
)
def test_a_question_that_makes_no_sense_is_refused(room: Room, query: dict[str, str]) -> None:
    assert refusal(get(room, EVENTS, **query))[0] == 400


def test_drive_tells_next_to_nothing_of_shared_drives_unless_asked(room: Room) -> None:
    shared = room.ada.drive.shares("Harrow matter")
    room.ada.drive.saves("Mine", "2026-03-09T10:00:00Z")
    room.ada.drive.saves("Shared", "2026-03-09T10:00:00Z", drive=shared)
    feed = "/drive/v3/changes"
    assert len(said(get(room, feed, pageToken="1"))["changes"]) == 1
    both = {"includeItemsFromAllDrives": "true", "supportsAllDrives": "true"}
    assert len(said(get(room, feed, pageToken="1", **both))["changes"]) == 2
    assert len(said(get(room, feed, pageToken="1", driveId=shared, **both))["changes"]) == 1


def test_listing_shared_drives_takes_the_right_to_read_files(room: Room) -> None:
    assert refusal(get(room, "/drive/v3/drives")) == (403, "insufficientPermissions")


@pytest.mark.parametrize("path", ["/drive/v3/changes", "/drive/v3/changes/startPageToken", "/drive/v3/files"])
def test_a_shared_drive_that_is_not_there_is_not_found(room: Room, path: str) -> None:
    both = {"includeItemsFromAllDrives": "true", "supportsAllDrives": "true"}
    more = {"/drive/v3/changes": {"pageToken": "1", **both}, "/drive/v3/files": {"corpora": "drive"}}
    query = {"driveId": "0Anone", **more.get(path, {})}
    assert refusal(get(room, path, **query)) == (404, "notFound")


def test_a_search_of_files_understands_only_what_google_does(room: Room) -> None:
    assert refusal(get(room, "/drive/v3/files", q="modifiedByMeTime > '2026-03-09T10:00:00Z'"))[0] == 400


def test_drive_activity_filters_by_time_and_kind(room: Room) -> None:
    file = room.ada.drive.saves("Brief", "2026-03-09T10:00:00Z", action="create")
    room.ada.drive.saves(file, "2026-03-09T11:00:00Z")
    room.ada.drive.acts(file, "rename", "2026-03-09T12:00:00Z")
    for filtered, count in {
        "": 3,
        'time >= "2026-03-09T11:00:00Z"': 2,
        'time < "2026-03-09T11:00:00Z"': 1,
        "detail.action_detail_case:(EDIT CREATE)": 2,
        'time > "2026-03-09T10:30:00Z" AND detail.action_detail_case:EDIT': 1,
    }.items():
        assert len(said(act(room, filter=filtered)).get("activities", ())) == count
    assert refusal(act(room, filter="title = 'Brief'"))[0] == 400
    assert refusal(act(room, itemName=f"items/{file}", ancestorName="items/root"))[0] == 400


def test_conferences_are_forgotten_after_a_month(room: Room) -> None:
    room.ada.meet.confers("abc-mnop-xyz", "2026-02-07T10:00:00Z", "2026-02-07T11:00:00Z")
    room.ada.meet.confers("abc-mnop-xyz", "2026-02-08T10:00:00Z", "2026-02-08T11:00:00Z")
    room.ada.meet.clock = lambda: NOW
    assert len(said(get(room, "/v2/conferenceRecords"))["conferenceRecords"]) == 1
    later = 'start_time>="2026-02-09T00:00:00Z"'
    assert said(get(room, "/v2/conferenceRecords", filter=later)) == {}
    assert refusal(get(room, "/v2/conferenceRecords", filter="anything"))[0] == 400


def test_nothing_is_told_without_a_token_of_its_own(room: Room) -> None:
    room.ada.meets("Call", "2026-03-09T10:00Z")
    asked = Asked("GET", EVENTS, {}, {}, b"", EVENTS)
    assert room.workspace.server.answer(asked).status == 401
    other = room.workspace.user("ben@harrow.example")
    token = room.workspace.desk.grant(
        other.address, frozenset({"https://www.googleapis.com/auth/calendar.events.readonly"})
    )
    theirs = replace(asked, headers={"authorization": f"Bearer {token}"})
    assert titles(said(room.workspace.server.answer(theirs))) == []
