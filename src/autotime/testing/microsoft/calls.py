"""The records of calls in the stand-in for Graph: the whole tenant's, for an app alone."""

from __future__ import annotations

import re

from autotime.testing.microsoft.call import Call, Json, Refusal, bounds, moment
from autotime.testing.microsoft.graph import Route, route
from autotime.testing.microsoft.teams import Someone, Stay, Talk

KIND = "#microsoft.graph.callRecords"
TAKES_PART = re.compile(r"participants_v2/any\(p:\s*p/id eq '([^']+)'\)")


class Records:
    """All calls. ``old_fields`` are ``organizer`` and ``participants``, which end on 30 June 2026;
    ``filters_people``: whether the list can be asked for one person's calls."""

    def __init__(self) -> None:
        self.talks: list[Talk] = []
        self.old_fields = False
        self.new_fields = True
        self.filters_people = True

    def listed(self, call: Call) -> Json:
        """Without sessions, whatever ``$expand`` says; sixty on a page."""
        asked, wanted = call.query.get("$filter", ""), ""
        if named := TAKES_PART.search(asked):
            if not self.filters_people:
                raise Refusal(400, "BadRequest", "The query filter is not supported.")
            wanted, asked = named[1], re.sub(r"\s+and\s*$", "", asked.replace(named[0], "").strip())
        first, end = bounds(asked, "startDateTime")
        found = [
            one
            for one in self.talks
            if first <= one.start < end and (not wanted or wanted in (who[0] for who in (one.caller, *one.others)))
        ]
        return call.page(found, lambda one: call.selected(self._record(one)), call.top(60, 60))

    def one(self, call: Call) -> Json:
        for talk in self.talks:
            if talk.id == call.part["record"]:
                more = {"sessions": _sessions(talk)} if "sessions" in call.query.get("$expand", "") else {}
                return call.selected({**self._record(talk), **more})
        raise Refusal(404, "NotFound", "No call record was found.")

    def _record(self, one: Talk) -> Json:
        said: Json = {
            "id": one.id,
            "version": one.version,
            "type": "groupCall" if one.group else "peerToPeer",
            "modalities": ["audio"],
            "startDateTime": moment(one.start),
            "endDateTime": moment(one.end),
            "lastModifiedDateTime": moment(one.end + 900),
            "joinWebUrl": None,
        }
        people = (one.caller, *one.others)
        if self.old_fields:
            said |= {"organizer": _set(one.caller), "participants": [_set(who) for who in people]}
        if self.new_fields:
            said["organizer_v2"] = {"id": one.caller[0], "identity": _identities(one.caller)}
            said["participants_v2"] = [{"id": who[0], "identity": _identities(who)} for who in people if who[0]]
        return said

    @property
    def routes(self) -> tuple[Route, ...]:
        return (
            route("/communications/callRecords", "calls", self.listed, anyone=True),
            route("/communications/callRecords/{record}", "calls", self.one, anyone=True),
        )


def _identities(who: Someone) -> Json:
    """Somebody of the tenant, or a telephone number."""
    named = {"id": who[0] or who[2], "displayName": who[1]}
    return {"user": named} if who[0] else {"phone": named}


def _set(who: Someone) -> Json:
    return {"user": {"id": who[0], "displayName": who[1]}} if who[0] else {"application": None}


def _sessions(talk: Talk) -> list[Json]:
    """A call of two is one session; in a group call each person's is with the service."""
    if not talk.group:
        whole = talk.stays.get(talk.caller[0]) or ((talk.start, talk.end),)
        return [_session(talk, 0, _person(talk.caller), _person(talk.others[0]), whole)]
    service = {"@odata.type": f"{KIND}.serviceEndpoint"}
    people = (talk.caller, *talk.others)
    return [
        _session(talk, number, _person(who), service, talk.stays.get(who[0]) or ((talk.start, talk.end),))
        for number, who in enumerate(people)
    ]


def _session(talk: Talk, number: int, caller: Json, callee: Json, stays: tuple[Stay, ...]) -> Json:
    ends = {"caller": caller, "callee": callee}
    return {
        "id": f"{talk.id}-{number}",
        "modalities": ["audio"],
        "startDateTime": moment(stays[0][0]),
        "endDateTime": moment(stays[-1][1]),
        **ends,
        "segments": [
            {"id": f"{talk.id}-{number}-{n}", "startDateTime": moment(first), "endDateTime": moment(end), **ends}
            for n, (first, end) in enumerate(stays)
        ],
    }


def _person(who: Someone) -> Json:
    kind = {} if who[0] else {"@odata.type": "#microsoft.graph.communicationsIdentitySet"}
    return {"@odata.type": f"{KIND}.participantEndpoint", "identity": kind | _identities(who)}
