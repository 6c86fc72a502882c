"""Google Meet: when the timekeeper joined and left the online meetings of their calendar.

Google forgets after 30 days, and does not say who may see a conference that others organize: where it
tells nothing, the plan stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from autotime.collectors.google import calendar
from autotime.collectors.google.activity import instant
from autotime.collectors.google.refusals import Missing, entries
from autotime.collectors.google.service import Google
from autotime.collectors.google.sessions import BROKEN
from autotime.collectors.parts import Page, State
from autotime.domain.doors import CollectContext
from autotime.domain.errors import SourceUnavailable
from autotime.domain.evidence import Gap
from autotime.domain.people import Timekeeper
from autotime.domain.spans import Span, Spans, union
from autotime.web import Answered

CODE = re.compile(r"[a-z]{3}-[a-z]{4}-[a-z]{3}")
FORGOTTEN = 30 * 86_400
AROUND = 2 * 3600
"""How far from its plan a conference may begin or end and still be that meeting: a series has one code."""

PAGE = 100
Said = Mapping[str, Any]


def with_attendance(google: Google, state: State, context: CollectContext) -> Iterator[Page]:
    """The calendar, each online meeting with the stretches in which the timekeeper was there."""
    attendance = _Attendance(google, context)
    for page in calendar.read(google, state, context, attendance.stays):
        yield replace(page, gaps=(*page.gaps, *attendance.gaps))


class _Attendance:
    """``gaps`` says why nothing more is asked."""

    def __init__(self, google: Google, context: CollectContext) -> None:
        self.google, self.context = google, context
        self.gaps: list[Gap] = []
        self._records: dict[str, list[Said]] = {}

    def stays(self, code: str, planned: Span) -> Spans:
        """When the timekeeper was in the conference of that code around the time it was planned for."""
        past = self.context.now - FORGOTTEN < planned.end and planned.start < self.context.now
        if not CODE.fullmatch(code) or self.gaps or not past:
            return ()
        try:
            around = [one for one in self._conferences(code) if _is_about(one, planned)]
            return union(span for one in around for span in self._in(one))
        except Missing as missing:
            self.gaps.append(missing.gap("attendance"))
        except Answered as refused:
            if refused.status not in (403, 404):
                self.gaps.append(Gap("attendance", str(refused), refused.hint))
        except SourceUnavailable as trouble:
            self.gaps.append(Gap("attendance", str(trouble), trouble.hint))
        except BROKEN as broken:
            self.gaps.append(Gap("attendance", f"Google's answer cannot be read ({type(broken).__name__})"))
        return ()

    def _conferences(self, code: str) -> list[Said]:
        if code not in self._records:
            records = self.google.service("meet").conferenceRecords()
            call = records.list(filter=f'space.meeting_code="{code}"', pageSize=PAGE)
            answers = self.google.pages(call, records.list_next)
            self._records[code] = [one for answer in answers for one in entries(answer.get("conferenceRecords"))]
        return self._records[code]

    def _in(self, conference: Said) -> Iterator[Span]:
        """The stretches of one conference; one that is not over is told by a later run."""
        people = self.google.service("meet").conferenceRecords().participants()
        call = people.list(parent=conference["name"], pageSize=PAGE)
        found: list[Said] = []
        for answer in self.google.pages(call, people.list_next):
            found += entries(answer.get("participants"))
        for one in _mine(found, self.context.timekeeper):
            sessions = people.participantSessions()
            stays = sessions.list(parent=one["name"], pageSize=PAGE)
            for answer in self.google.pages(stays, sessions.list_next):
                yield from _spans(entries(answer.get("participantSessions")))


def _is_about(conference: Said, planned: Span) -> bool:
    start = instant(conference["startTime"])
    end = instant(conference["endTime"]) if conference.get("endTime") else start
    return start < planned.end + AROUND and planned.start - AROUND < max(end, start + 1)


def _mine(people: list[Said], who: Timekeeper) -> list[Said]:
    """Participants who are the timekeeper: signed in, under their name. Google tells no address; two people
    of one name cannot be told apart, so neither is taken for the timekeeper."""
    name = set(f"{who.first} {who.last}".casefold().split())
    named = [one for one in people if name <= _words(one)]
    users = {one["signedinUser"].get("user", "") for one in named}
    return named if len(users) == 1 else []


def _words(one: Said) -> set[str]:
    return set(str(one.get("signedinUser", {}).get("displayName", "")).casefold().split())


def _spans(sessions: Iterable[Said]) -> Iterator[Span]:
    for one in sessions:
        if one.get("startTime") and one.get("endTime"):
            start, end = instant(one["startTime"]), instant(one["endTime"])
            if start < end:
                yield Span(start, end)
