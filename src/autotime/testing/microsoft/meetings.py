"""Teams in the stand-in for Graph: online meetings, attendance, chats and call records."""

from __future__ import annotations

import re

from autotime.testing.microsoft.call import Call, Json, Refusal, bounds, moment
from autotime.testing.microsoft.graph import Route, route
from autotime.testing.microsoft.teams import Conversation, Gathering, Report, Said, Someone, Stay

# -- meetings ---------------------------------------------------------------------------------


def meetings(call: Call) -> Json:
    """The one of a join link. The app names a person by id, and needs an access policy of Teams for them."""
    if call.path.startswith("/users/"):
        if call.path.split("/")[2] != call.box.id:
            raise Refusal(404, "NotFound", "The user was not found.")
        if not call.box.teams_policy:
            raise Refusal(403, "Forbidden", "No application access policy found for this app.")
    asked = re.fullmatch(r"joinWebUrl eq '(.*)'", call.query.get("$filter", ""), re.I)
    if asked is None:
        raise Refusal(400, "InvalidArgument", "A filter on JoinWebUrl is required.")
    wanted = asked[1].replace("''", "'")
    found = [one for one in call.box.gatherings if one.join_url == wanted]
    if not found:
        raise Refusal(404, "NotFound", "No meeting was found.")
    return {"value": [call.selected(_meeting(one)) for one in found]}


def _meeting(one: Gathering) -> Json:
    starts = [report.start for report in one.reports]
    return {
        "id": one.id,
        "joinWebUrl": one.join_url,
        "creationDateTime": moment(min(starts, default=0) - 86_400),
        "startDateTime": moment(min(starts, default=0)),
        "endDateTime": moment(max((report.end for report in one.reports), default=0)),
        "subject": "Online meeting",
        "participants": {
            "organizer": {"upn": one.organizer[2], "role": "presenter", "identity": {"user": _identity(one.organizer)}},
            "attendees": [],
        },
    }


def _identity(who: Someone) -> Json:
    return {"displayName": who[1]} | ({"id": who[0]} if who[0] else {})


def _reports(call: Call) -> list[Report]:
    """Newest first, for the organizer alone, and only the fifty newest."""
    for one in call.box.gatherings:
        if one.id == call.part["meeting"]:
            if one.organizer[0] != call.box.id:
                raise Refusal(403, "Forbidden", "Only the organizer may read attendance reports.")
            return sorted(one.reports, key=lambda report: report.start, reverse=True)[:50]
    raise Refusal(404, "NotFound", "No meeting was found.")


def reports(call: Call) -> Json:
    return call.page(_reports(call), lambda one: call.selected(_report(one)), call.top(50, 50))


def _report(one: Report) -> Json:
    return {
        "id": one.id,
        "totalParticipantCount": len(one.stays),
        "meetingStartDateTime": moment(one.start),
        "meetingEndDateTime": moment(one.end),
    }


def one_report(call: Call) -> Json:
    report = _named(call)
    more = {"attendanceRecords": _records(report)} if "attendanceRecords" in call.query.get("$expand", "") else {}
    return call.selected({**_report(report), **more})


def records(call: Call) -> Json:
    return call.page(_records(_named(call)), call.selected, call.top(100, 1000))


def _named(call: Call) -> Report:
    for one in _reports(call):
        if one.id == call.part["report"]:
            return one
    raise Refusal(404, "NotFound", "No report was found.")


def _records(report: Report) -> list[Json]:
    return [
        {
            "id": who[0] or who[2],
            "emailAddress": who[2],
            "role": "Presenter" if who[0] else "Attendee",
            "totalAttendanceInSeconds": sum(left - joined for joined, left in stays),
            "identity": _identity(who),
            "attendanceIntervals": [_interval(stay) for stay in stays],
        }
        for who, stays in report.stays
    ]


def _interval(stay: Stay) -> Json:
    joined, left = stay
    return {"joinDateTime": moment(joined), "leaveDateTime": moment(left), "durationInSeconds": left - joined}


# -- chats ------------------------------------------------------------------------------------


def chats(call: Call) -> Json:
    expanded = "members" in call.query.get("$expand", "")
    talks = sorted(call.box.conversations.values(), key=lambda one: -max(said.changed for said in one.said))
    return call.page(talks, lambda one: call.selected(_chat(one, expanded)), call.top(20, 50))


def _chat(one: Conversation, expanded: bool) -> Json:
    """When it was last updated is about its name and members, not about what is written in it."""
    said: Json = {
        "id": one.id,
        "topic": one.topic or None,
        "createdDateTime": moment(one.said[0].at),
        "lastUpdatedDateTime": moment(one.said[0].at),
        "chatType": "oneOnOne" if len(one.members) == 2 else "group",
        "webUrl": f"https://teams.example/l/chat/{one.id}",
        "tenantId": "99999999-8888-7777-6666-555555555555",
    }
    return said | ({"members": [_member(who) for who in one.members]} if expanded else {})


def _member(who: Someone) -> Json:
    return {
        "@odata.type": "#microsoft.graph.aadUserConversationMember",
        "id": f"member-{who[0]}",
        "roles": ["owner"],
        "displayName": who[1],
        "visibleHistoryStartDateTime": "0001-01-01T00:00:00Z",
        "userId": who[0],
        "email": who[2],
        "tenantId": "99999999-8888-7777-6666-555555555555",
    }


def chat_messages(call: Call) -> Json:
    """Newest first; a filter is heeded only where the order names the same property."""
    talk = call.box.conversations.get(call.part["chat"])
    if talk is None:
        raise Refusal(404, "NotFound", "No chat was found.")
    order = call.query.get("$orderby", "createdDateTime desc")
    named, _, way = order.partition(" ")
    if way.strip() != "desc" or named not in ("createdDateTime", "lastModifiedDateTime"):
        raise Refusal(400, "BadRequest", "Only a descending order is supported.")
    first, end = 0, 1 << 40
    if "$orderby" in call.query and call.query.get("$filter", "").startswith(named):
        first, end = bounds(call.query["$filter"], named)
    dated = [(one.changed if named == "lastModifiedDateTime" else one.at, one) for one in talk.said]
    kept = sorted((row for row in dated if first <= row[0] < end), key=lambda row: (row[0], row[1].id), reverse=True)
    return call.page(kept, lambda row: _said(talk, row[1]), call.top(20, 50))


def _said(talk: Conversation, one: Said) -> Json:
    system = one.kind == "systemEventMessage"
    return {
        "id": one.id,
        "replyToId": None,
        "etag": one.id,
        "messageType": one.kind,
        "createdDateTime": moment(one.at),
        "lastModifiedDateTime": moment(one.changed),
        "lastEditedDateTime": None,
        "deletedDateTime": moment(one.changed) if one.deleted else None,
        "subject": None,
        "summary": None,
        "chatId": talk.id,
        "importance": "normal",
        "locale": "en-us",
        "webUrl": None,
        "channelIdentity": None,
        "policyViolation": None,
        "eventDetail": None,
        "from": None if system else {"application": None, "device": None, "user": _speaker(one.by)},
        "body": {"contentType": "html", "content": "" if one.deleted else one.text},
        "attachments": [],
        "mentions": [],
        "reactions": [],
    }


def _speaker(who: Someone) -> Json:
    kind = {"@odata.type": "#microsoft.graph.teamworkUserIdentity", "userIdentityType": "aadUser"}
    return kind | _identity(who)


ROUTES: tuple[Route, ...] = (
    route("/onlineMeetings", "meetings", meetings),
    route("/onlineMeetings/{meeting}/attendanceReports", "attendance", reports),
    route("/onlineMeetings/{meeting}/attendanceReports/{report}", "attendance", one_report),
    route("/onlineMeetings/{meeting}/attendanceReports/{report}/attendanceRecords", "attendance", records),
    route("/chats", "chats", chats),
    route("/chats/{chat}/messages", "chats", chat_messages),
)
