"""Online meetings of the stand-in Workspace: who joined and left when. They are forgotten after 30 days."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from autotime.testing.google.routes import Caller, Quirks, Refused, Route, Slice, page_of
from autotime.testing.server import Asked

Thing = dict[str, Any]
KEPT = timedelta(days=30)


@dataclass(slots=True)
class Conference:
    """``stays`` are by participant when each joined and left; leaving is unknown while somebody is still there."""

    name: str
    code: str
    start: str
    end: str
    stays: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    people: dict[str, Thing] = field(default_factory=dict)


@dataclass(slots=True)
class Conferences:
    """``clock`` says what is older than 30 days."""

    clock: Callable[[], float] = time.time
    kept: list[Conference] = field(default_factory=list)

    def confers(self, code: str, start: str, end: str = "") -> Conference:
        """A conference in the space of this code."""
        self.kept.append(Conference(f"conferenceRecords/c{len(self.kept)}", code, start, end))
        return self.kept[-1]

    def joins(self, conference: Conference, shown: str, joined: str, left: str = "", *, person: str = "") -> None:
        """Somebody signed in (``person`` is their id) or, without one, somebody anonymous, for a while."""
        name = person or shown
        user = {"signedinUser": {"user": f"users/{person}", "displayName": shown}}
        conference.people[name] = user if person else {"anonymousUser": {"displayName": shown}}
        conference.stays.setdefault(name, []).append((joined, left))

    def records(self, query: Mapping[str, str], quirks: Quirks) -> Thing:
        wanted = _filter(query.get("filter", ""))
        oldest = datetime.fromtimestamp(self.clock(), UTC) - KEPT
        found = [_record(one) for one in self.kept if wanted(one) and (not one.end or _instant(one.end) > oldest)]
        return _page(found, query, quirks, 25, 100).answer("conferenceRecords")

    def conference(self, name: str) -> Conference:
        found = next((one for one in self.kept if one.name == f"conferenceRecords/{name}"), None)
        if found is None:
            raise Refused(404, "notFound", "Requested entity was not found.")
        return found

    def participants(self, conference: Conference, query: Mapping[str, str], quirks: Quirks) -> Thing:
        found = [
            {
                "name": f"{conference.name}/participants/p{number}",
                "earliestStartTime": min(joined for joined, _ in conference.stays[name]),
                **who,
            }
            for number, (name, who) in enumerate(conference.people.items())
        ]
        return _page(found, query, quirks, 100, 250).answer("participants", totalSize=len(found))

    def sessions(self, conference: Conference, participant: str, query: Mapping[str, str], quirks: Quirks) -> Thing:
        stays = list(conference.stays.values())[int(participant.removeprefix("p"))]
        above = f"{conference.name}/participants/{participant}/participantSessions"
        found = [
            {"name": f"{above}/s{number}", "startTime": joined, **({"endTime": left} if left else {})}
            for number, (joined, left) in enumerate(stays)
        ]
        return _page(found, query, quirks, 100, 250).answer("participantSessions")


def _record(one: Conference) -> Thing:
    space = f"spaces/{one.code.replace('-', '')}"
    return {"name": one.name, "space": space, "startTime": one.start, **({"endTime": one.end} if one.end else {})}


def _page(found: list[Thing], query: Mapping[str, str], quirks: Quirks, usual: int, most: int) -> Slice[Thing]:
    size = min(int(query.get("pageSize", usual)), most)
    return page_of(found, query.get("pageToken", ""), size, quirks, lambda one: str(one["name"]))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _filter(text: str) -> Callable[[Conference], bool]:
    """``space.meeting_code = "…"`` and ``start_time`` with a comparison, joined by AND."""
    tests = [_test(part.strip()) for part in text.split(" AND ") if part.strip()]
    return lambda one: all(test(one) for test in tests)


def _test(part: str) -> Callable[[Conference], bool]:
    code = re.fullmatch(r'space\.meeting_code\s*=\s*"([\w-]+)"', part)
    if code:
        return lambda one: one.code == code[1]
    start = re.fullmatch(r'start_time\s*(>=|<=)\s*"([^"]+)"', part)
    if not start:
        raise Refused(400, "badRequest", "Invalid filter.")
    bound, later = _instant(start[2]), start[1] == ">="
    return lambda one: _instant(one.start) >= bound if later else _instant(one.start) <= bound


def _records(user: Any, _caller: Caller, asked: Asked, _names: Mapping[str, str]) -> Thing:
    meet: Conferences = user.meet
    return meet.records(asked.query, user.workspace.quirks)


def _participants(user: Any, _caller: Caller, asked: Asked, names: Mapping[str, str]) -> Thing:
    meet: Conferences = user.meet
    return meet.participants(meet.conference(names["record"]), asked.query, user.workspace.quirks)


def _sessions(user: Any, _caller: Caller, asked: Asked, names: Mapping[str, str]) -> Thing:
    meet: Conferences = user.meet
    return meet.sessions(meet.conference(names["record"]), names["person"], asked.query, user.workspace.quirks)


READ = ("meetings.space.readonly",)
ABOVE = "/v2/conferenceRecords"
ROUTES = (
    Route("GET", ABOVE, READ, _records),
    Route("GET", f"{ABOVE}/{{record}}/participants", READ, _participants),
    Route("GET", f"{ABOVE}/{{record}}/participants/{{person}}/participantSessions", READ, _sessions),
)
