"""When the timekeeper was in the online meetings they organised, as Teams recorded it.

Only the organizer may read the reports, after the meeting, for a year. Each session of a meeting has a report
of its own, a series has one join link for all its occurrences, so each stay goes to the occurrence it lies
in, or that it lies next to::

    planned        [=======)              [=======)           two occurrences of one series
    stays        [==)  [====)                [======)         read from three reports
    attended     [==)  [====)             ...[======)

What the reports say of a meeting as a whole is not believed: only the stretches of the person count.
What was read is remembered, since a report does not change; a list of reports is asked for until two days
after the meeting ended.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from autotime.collectors.microsoft.graph import Graph, Json
from autotime.collectors.microsoft.parts import Me, instant
from autotime.collectors.parts import State
from autotime.domain.errors import SourceUnavailable
from autotime.domain.evidence import Gap
from autotime.domain.spans import Span, Spans, union
from autotime.web import Answered

AROUND = 2 * 3600
"""How far outside its plan a stay may lie and still be of that meeting."""

SETTLED = 2 * 86_400
"""How long after a meeting another report of it may appear."""

REMEMBERED = 35 * 86_400
HELP = (
    "the administrator grants OnlineMeetings.Read and OnlineMeetingArtifact.Read.All; "
    "the firm's app also needs a Teams application access policy for this person"
)

Plan = tuple[str, Span]
"""A meeting by its join link, and when it was planned."""


class Attendance:
    """Remembers by ``state``; ``gaps`` says why nothing more is asked. Meetings of others than the one who
    signed in are found by the person's id only, never by an address."""

    def __init__(self, graph: Graph, state: State, me: Me, now: int) -> None:
        self.graph, self.me, self.now = graph, me, now
        self.home = me.home if me.home == "/me" or not me.id else f"/users/{me.id}"
        self.meetings: dict[str, Json] = {name: dict(known) for name, known in state.get("meetings", {}).items()}
        self.gaps: list[Gap] = []

    @property
    def state(self) -> State:
        """By join link: the meeting's id, the stays by report, and when its reports were last asked for."""
        lately = self.now - REMEMBERED
        return {"meetings": {name: known for name, known in self.meetings.items() if known["asked"] >= lately}}

    def of(self, plans: Sequence[Plan]) -> dict[Plan, Spans]:
        """When the timekeeper was there, for meetings of their own that are over; nothing where nobody knows."""
        past = [plan for plan in plans if plan[0] and plan[1].end <= self.now]
        if not self.gaps:
            try:
                self._ask(past)
            except SourceUnavailable as trouble:
                self.gaps.append(Gap("attendance", str(trouble), trouble.hint))
        links = dict.fromkeys(link for link, _ in past)
        found: dict[Plan, Spans] = {}
        for link in links:
            planned = [span for other, span in past if other == link]
            found |= {(link, span): stays for span, stays in shared_out(self._stays(link), planned).items()}
        return found

    def _ask(self, plans: Sequence[Plan]) -> None:
        """Three rounds, each of one request for twenty meetings: their ids, their reports, the new reports."""
        links = list(dict.fromkeys(link for link, span in plans if self._unsettled(link, span)))
        strange = [link for link in links if "id" not in self.meetings.get(_name(link), {})]
        for link, answer in self._many(strange, self._by_link):
            rows = answer.get("value") if answer is not None else None
            self.meetings[_name(link)] = {"id": _id(rows), "stays": {}, "asked": self.now}
        known = [link for link in links if self.meetings.get(_name(link), {}).get("id")]
        waiting: list[tuple[str, str]] = []
        for link, answer in self._many(known, self._reports):
            meeting = self.meetings[_name(link)]
            meeting["asked"] = self.now
            waiting += [(link, report) for report in self._ids(answer or {}) if report not in meeting["stays"]]
        for (link, report), answer in self._many(waiting, self._report):
            if answer is not None:
                self.meetings[_name(link)]["stays"][report] = list(self._own(answer))

    def _ids(self, answer: Json) -> list[str]:
        link = answer.get("@odata.nextLink")
        pages = [answer, *(self.graph.pages(link) if link else ())]
        rows = (row for page in pages for row in page.get("value") or () if isinstance(row, dict))
        return [str(row["id"]) for row in rows if row.get("id")]

    def _unsettled(self, link: str, span: Span) -> bool:
        return int(self.meetings.get(_name(link), {}).get("asked", 0)) < span.end + SETTLED

    def _many(self, things: Sequence[Any], path: Any) -> Iterator[tuple[Any, Json | None]]:
        """Each with its answer; ``None`` where there is no such meeting, or it is somebody else's."""
        if not things or self.gaps:
            return
        for thing, answer in zip(things, self.graph.batch([path(thing) for thing in things]), strict=True):
            if not isinstance(answer, Answered):
                yield thing, answer
            elif answer.status == 404 or (answer.status == 403 and path != self._by_link):
                yield thing, None
            else:
                self.gaps.append(Gap("attendance", str(answer), HELP if answer.status == 403 else answer.hint))
                return

    def _by_link(self, link: str) -> str:
        wanted = quote(f"JoinWebUrl eq '{link.replace(chr(39), chr(39) * 2)}'", safe="")
        return f"{self.home}/onlineMeetings?$filter={wanted}"

    def _reports(self, link: str) -> str:
        return f"{self.home}/onlineMeetings/{quote(self.meetings[_name(link)]['id'], safe='')}/attendanceReports"

    def _report(self, one: tuple[str, str]) -> str:
        link, report = one
        return f"{self._reports(link)}/{quote(report, safe='')}?$expand=attendanceRecords"

    def _own(self, report: Json) -> Iterator[list[int]]:
        """The timekeeper's stretches in one report; somebody else's are not kept."""
        for record in report.get("attendanceRecords") or ():
            if not isinstance(record, dict) or not self._mine(record):
                continue
            for stay in record.get("attendanceIntervals") or ():
                try:
                    joined, left = instant(stay["joinDateTime"]), instant(stay["leaveDateTime"])
                except (KeyError, TypeError, ValueError, OverflowError):
                    continue
                if joined < left:
                    yield [joined, left]

    def _mine(self, record: Json) -> bool:
        identity = record.get("identity")
        user = dict(identity) if isinstance(identity, dict) else {}
        return self.me.are({**user, "email": record.get("emailAddress")})

    def _stays(self, link: str) -> Spans:
        kept: Mapping[str, list[list[int]]] = self.meetings.get(_name(link), {}).get("stays", {})
        return union(Span(joined, left) for stays in kept.values() for joined, left in stays)


def shared_out(stays: Iterable[Span], planned: Sequence[Span]) -> dict[Span, Spans]:
    """Each stay goes to the plan it shares most seconds with, or else to the nearest that is near enough."""
    given: dict[Span, list[Span]] = {}
    for stay in stays:
        nearest = min(planned, key=lambda plan: (-_common(stay, plan), _apart(stay, plan)))
        if _apart(stay, nearest) <= AROUND:
            given.setdefault(nearest, []).append(stay)
    return {plan: union(theirs) for plan, theirs in given.items()}


def _common(stay: Span, plan: Span) -> int:
    return max(0, min(stay.end, plan.end) - max(stay.start, plan.start))


def _apart(stay: Span, plan: Span) -> int:
    return max(0, stay.start - plan.end, plan.start - stay.end)


def _name(link: str) -> str:
    return hashlib.blake2b(link.encode(), digest_size=8).hexdigest()


def _id(rows: Any) -> str:
    first = rows[0] if isinstance(rows, list) and rows else {}
    return str(first.get("id") or "") if isinstance(first, dict) else ""
