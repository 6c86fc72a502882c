"""Every answer of the stand-in tenant has the keys and types that Graph's own schema gives it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import httpx2
import pytest

from autotime.testing.microsoft import APPLICATION, Mailbox, Tenant
from tests.collectors.microsoft.schema import ANSWERS, judged, kind_of, unread
from tests.collectors.sources import MONDAY

WINDOW = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-03-31T00:00:00Z"
BEN = ("", "Ben Lund", "ben@harrow.example")
JOIN = "https://teams.example/l/meetup-join/19%3ameeting/0"
SERIES = b"""BEGIN:VCALENDAR
BEGIN:VEVENT
UID:standup@okafor.example
SUMMARY:Docket
DTSTART:20260309T140000Z
DTEND:20260309T141500Z
RRULE:FREQ=DAILY;COUNT=3
ORGANIZER;CN=Ben Lund:mailto:ben@harrow.example
ATTENDEE;CN=Ada Okafor;PARTSTAT=ACCEPTED:mailto:ada@okafor.example
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def tenant():
    with Tenant() as made:
        made.keep_answers = True
        yield made


def full(tenant: Tenant) -> Mailbox:
    """A mailbox with one of everything."""
    ada = tenant.mailbox("ada@okafor.example", "Ada Okafor")
    ada.receives(at=MONDAY, attached=("lease.pdf",), cc=(("", "cy@harrow.example"),))
    ada.receives(at=MONDAY + 60, html="<p>See you.</p>", text="", invites=True)
    ada.sends(at=MONDAY + 120, index="AQHWLRNo4NaOjvXU8EODe0ZotrA8B6itzaxf", references=["<a@harrow.example>"])
    ada.removes(ada.receives(at=MONDAY + 180))
    ada.has_folder("Harrow", "inbox")
    ada.meets(MONDAY, MONDAY + 1800, join_url=JOIN, attendees=[(BEN[1:], "accepted")], text="Bring the lease.")
    ada.plans(SERIES)
    ada.throws_away(ada.edits("Lease.docx", MONDAY), MONDAY + 60)
    ada.edits("Motion.docx", MONDAY, MONDAY + 600)
    ada.has_directory("Harrow", MONDAY)
    ada.attends(JOIN, (MONDAY, MONDAY + 1200), others=[(BEN, [(MONDAY, MONDAY + 1700)])])
    ada.chats("<p>On my way</p>", MONDAY, members=[("u2", "Cy Dean", "cy@okafor.example")])
    ada.chats("", MONDAY + 5, kind="systemEventMessage", members=[("u2", "Cy Dean", "cy@okafor.example")])
    ada.calls(MONDAY, MONDAY + 300, BEN)
    ada.calls(MONDAY + 900, MONDAY + 1300, ("u2", "Cy Dean", "cy@okafor.example"), group=True)
    return ada


def everything(ada: Mailbox) -> list[str]:
    """A path for every kind of answer there is."""
    letter = ada.letter_id(ada.by_arrival("inbox")[0], immutable=True)
    gathering, record = ada.gatherings[0], ada.talks[0].id
    chat = next(iter(ada.conversations))
    document = next(one.id for one in ada.documents.values() if one.name == "Motion.docx")
    reports = f"/me/onlineMeetings/{gathering.id}/attendanceReports"
    return [
        "/me?$select=id,mail,proxyAddresses",
        "/me",
        "/me/mailboxSettings",
        "/me/mailFolders?includeHiddenFolders=true&$top=3",
        "/me/mailFolders/INBOX",
        "/me/mailFolders/inbox/childFolders",
        "/me/messages?$top=2&$expand=attachments",
        "/me/mailFolders/sentitems/messages?$select=subject,internetMessageHeaders",
        "/me/mailFolders/inbox/messages/delta?$top=1",
        f"/me/messages/{letter}",
        f"/me/messages/{letter}/attachments",
        "/me/calendars",
        f"/me/calendarView?{WINDOW}&$top=2",
        f"/me/calendarView?{WINDOW}&$select=subject,createdDateTime",
        "/me/drive",
        "/me/drive/root",
        "/me/drive/root/delta?$top=2",
        "/me/drive/root/delta?token=2026-03-01T00%3A00%3A00Z",
        "/me/drive/root/delta?token=latest",
        f"/drives/{ada.drive_id}/items/{document}/versions",
        f"/me/onlineMeetings?$filter=JoinWebUrl eq '{JOIN.replace('%', '%25')}'",
        reports,
        f"{reports}/{gathering.reports[0].id}?$expand=attendanceRecords",
        f"{reports}/{gathering.reports[0].id}/attendanceRecords",
        "/me/chats?$expand=members",
        f"/me/chats/{chat}/messages?$top=1",
        "/communications/callRecords?$filter=startDateTime ge 2026-03-01T00:00:00Z",
        f"/communications/callRecords/{record}?$expand=sessions($expand=segments)",
        f"/communications/callRecords/{ada.talks[1].id}?$expand=sessions($expand=segments)",
    ]


def asked(tenant: Tenant, path: str, token: str) -> None:
    """All pages, and one more round where there is a delta link."""
    link, rounds = tenant.root + path, 0
    headers = {"Authorization": f"Bearer {token}", "Prefer": 'IdType="ImmutableId", outlook.body-content-type="text"'}
    while link:
        answer = httpx2.get(link, headers=headers, trust_env=False)
        assert answer.status_code == 200, (path, answer.text)
        said = answer.json()
        rounds += "@odata.deltaLink" in said
        link = said.get("@odata.nextLink") or (said.get("@odata.deltaLink") if rounds < 2 else None)


@pytest.fixture(scope="module")
def answers() -> list[tuple[str, Any]]:
    """All there are, by the path that was asked for."""
    with Tenant() as tenant:
        tenant.keep_answers = True
        ada = full(tenant)
        user, app = tenant.token(ada.address), tenant.token("", *APPLICATION)
        for path in everything(ada):
            asked(tenant, path, app if path.startswith("/communications") else user)
        return [(asking.path, reply.body) for asking, reply in tenant.answers]


def test_every_answer_is_as_graphs_metadata_has_it(answers):
    """Keys, types, enumerations, lists, nulls: nothing that the real service would not give."""
    complaints = [(path, one) for path, body in answers for one in judged(path, body)]
    assert complaints == []
    assert {kind_of(path) for path, _ in answers} >= {
        (f"microsoft.graph.{name.rstrip('*')}", name.endswith("*")) for _, name in ANSWERS
    }


def test_microsofts_own_models_have_a_place_for_every_key(answers):
    """Read by the models of ``msgraph-sdk``, nothing is left over."""
    assert [one for path, body in answers for one in unread(path, body)] == []


def test_old_fields_of_calls_are_in_the_schema_too(tenant):
    """Until they end, ``organizer`` and ``participants`` come beside the new ones."""
    tenant.records.old_fields = True
    full(tenant)
    asked(tenant, "/communications/callRecords?$filter=startDateTime ge 2026-03-01T00:00:00Z", tenant.token())
    [(asking, reply)] = tenant.answers
    assert "organizer" in reply.body["value"][0]
    assert judged(asking.path, reply.body) == []


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"id": "1", "topic": "x"}, "unknown"),
        ({"id": 1}, "no Edm.String"),
        ({"isRead": "true"}, "no Edm.Boolean"),
        ({"importance": "urgent"}, "no microsoft.graph.importance"),
        ({"toRecipients": {}}, "no list"),
        ({"from": {"address": "x"}}, "unknown"),
        ({"sentDateTime": "9 March 2026"}, "no Edm.DateTimeOffset"),
        ({"conversationIndex": "no base64!"}, "no Edm.Binary"),
        ({"@odata.type": "#microsoft.graph.event"}, "which is no"),
    ],
)
def test_what_graph_would_not_give_is_complained_of(wrong, complaint):
    """The checker itself bites."""
    [one] = judged("/v1.0/me/messages", {"value": [wrong]})
    assert complaint in one


def test_a_null_that_may_not_be_is_complained_of():
    assert judged("/v1.0/me/drive", {"lastModifiedDateTime": None}) == [".lastModifiedDateTime may not be null"]


def test_a_key_no_model_knows_is_left_over():
    assert unread("/v1.0/me/messages", {"value": [{"from": {"emailAddress": {"hue": 1}}}]}) == ["EmailAddress.hue"]


# -- recorded answers of the real service -----------------------------------------------------

DATA = Path(os.environ.get("AUTOTIME_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
SAMPLES = DATA.parent / "reference" / "collectors" / "samples"
RECORDED = (
    ("graph-odata-client/response-message.json", "/v1.0/me/messages/1"),
    ("graph-odata-client/response-message-move.json", "/v1.0/me/messages/1"),
    ("graph-odata-client/response-messages.json", "/v1.0/me/messages"),
    ("graph-odata-client/response-messages-delta.json", "/v1.0/me/mailFolders/inbox/messages/delta"),
    ("graph-odata-client/response-messages-expand-attachments-minimal-metadata.json", "/v1.0/me/messages"),
)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the recorded samples are not on this machine")
@pytest.mark.parametrize(("file", "path"), RECORDED)
def test_recorded_answers_of_graph_pass_the_same_check(file, path):
    """A checker that refuses the real thing would prove nothing."""
    assert judged(path, json.loads((SAMPLES / file).read_text())) == []
