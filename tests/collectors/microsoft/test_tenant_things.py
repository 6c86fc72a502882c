"""What the stand-in tenant tells of mail, meetings, files and Teams follows the rules Graph has for each."""

from __future__ import annotations

import pytest

from autotime.testing.microsoft import Mailbox, Tenant
from autotime.testing.microsoft.occasions import GOID
from tests.collectors.microsoft.test_tenant import ADA, Client, moment
from tests.collectors.sources import MONDAY, calendar, event

DAY = 86_400
WINDOW = {"startDateTime": "2026-03-08T00:00:00Z", "endDateTime": "2026-03-12T00:00:00Z"}
JOIN = "https://teams.example/l/meetup-join/0"
BEN = ("", "Ben Lund", "ben@harrow.example")
CY = ("u-cy", "Cy Dean", "cy@okafor.example")


@pytest.fixture
def tenant():
    with Tenant() as made:
        yield made


@pytest.fixture
def ada(tenant) -> Mailbox:
    return tenant.mailbox(ADA, "Ada Okafor")


# -- mail -------------------------------------------------------------------------------------


def between(first: int, end: int) -> str:
    return f"receivedDateTime ge {moment(first)} and receivedDateTime lt {moment(end)}"


def test_a_window_is_half_open_and_covers_every_folder(tenant, ada):
    folder = ada.has_folder("Harrow", "inbox")
    for number, where in enumerate(["inbox", folder, "deleteditems", "inbox"]):
        ada.receives(at=MONDAY + number, subject=str(number), folder=where, delay=0)
    asked = {"_filter": between(MONDAY + 1, MONDAY + 3), "_orderby": "receivedDateTime"}
    assert [row["subject"] for row in Client(tenant).rows("/me/messages", **asked)] == ["1", "2"]
    assert [row["subject"] for row in Client(tenant).rows("/me/mailFolders/INBOX/messages", **asked)] == []


def test_an_order_that_does_not_come_first_in_the_filter_is_refused(tenant, ada):
    asked = {"_filter": between(MONDAY, MONDAY + 1), "_orderby": "sentDateTime desc"}
    assert Client(tenant).refused("/me/messages", **asked) == (400, "InefficientFilter")
    assert Client(tenant).refused("/me/messages", _filter="isRead eq true")[0] == 400


def test_headers_come_only_where_selected(tenant, ada):
    ada.receives(at=MONDAY)
    ada.sends(at=MONDAY)
    ada.headers_when_sent = False
    client = Client(tenant)
    assert not any("internetMessageHeaders" in row for row in client.rows("/me/messages"))
    [received] = client.rows("/me/mailFolders/inbox/messages", _select="internetMessageHeaders")
    [sent] = client.rows("/me/mailFolders/sentitems/messages", _select="internetMessageHeaders")
    assert "internetMessageHeaders" in received
    assert "internetMessageHeaders" not in sent
    assert received.keys() == {"@odata.etag", "id", "internetMessageHeaders"}


def test_only_immutable_ids_outlast_a_move(tenant, ada):
    mail = ada.receives(at=MONDAY)
    plain, lasting = Client(tenant), Client(tenant, prefer='IdType="ImmutableId"')
    before = [client.rows("/me/messages")[0]["id"] for client in (plain, lasting)]
    ada.moves(mail, "archive")
    after = [client.rows("/me/messages")[0]["id"] for client in (plain, lasting)]
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_folders_nest_and_hidden_ones_are_asked_for(tenant, ada):
    ada.has_folder("Harrow", "inbox")
    ada.keeps_chat(MONDAY)
    client = Client(tenant)
    assert "TeamsMessagesData" not in [one["displayName"] for one in client.rows("/me/mailFolders")]
    assert "TeamsMessagesData" in [
        one["displayName"] for one in client.rows("/me/mailFolders", includeHiddenFolders="true")
    ]
    assert [one["displayName"] for one in client.rows("/me/mailFolders/inbox/childFolders")] == ["Harrow"]
    assert client.get("/me/mailFolders/SentItems")["displayName"] == "Sent Items"
    assert client.refused("/me/mailFolders/nowhere") == (404, "ErrorItemNotFound")
    assert client.rows("/me/messages")[0]["internetMessageId"] is None


def test_a_delta_tells_what_changed_in_its_folder(tenant, ada):
    """New mail, a flag, a move out, and nothing of what came and went before the first round."""
    ada.removes(ada.receives(at=MONDAY - 5))
    first, second = ada.receives(at=MONDAY, subject="one"), ada.receives(at=MONDAY, subject="two")
    client = Client(tenant)
    page = client.pages("/me/mailFolders/inbox/messages/delta", _select="subject")[-1]
    assert [row["subject"] for row in page["value"]] == ["one", "two"]
    ada.marks(first, read=False)
    ada.moves(second, "archive")
    ada.sends(at=MONDAY)
    [touched, gone] = client.get(page["@odata.deltaLink"])["value"]
    assert touched["subject"] == "one"
    assert gone["@removed"] == {"reason": "deleted"}
    assert gone.keys() == {"@odata.type", "id", "@removed"}


def test_deltas_have_pages_and_expire(tenant, ada):
    for number in range(3):
        ada.receives(at=MONDAY + number)
    client = Client(tenant, prefer="odata.maxpagesize=2")
    first, last = client.pages("/me/mailFolders/inbox/messages/delta")
    assert [len(first["value"]), len(last["value"])] == [2, 1]
    tenant.expire_cursors()
    assert client.refused(last["@odata.deltaLink"]) == (410, "SyncStateNotFound")
    assert client.refused(first["@odata.nextLink"]) == (410, "SyncStateNotFound")


def test_a_mailbox_over_quota_gives_lists_and_no_deltas(tenant, ada):
    ada.receives(at=MONDAY)
    ada.over_quota = True
    assert Client(tenant).refused("/me/mailFolders/inbox/messages/delta") == (403, "ErrorQuotaExceeded")
    assert len(Client(tenant).rows("/me/messages")) == 1


def test_a_delta_with_a_filter_ends_at_five_thousand(tenant, ada):
    ada.receives_many(5002, MONDAY)
    asked = {"_filter": f"receivedDateTime ge {moment(MONDAY)}", "_select": "id", "_top": "1000"}
    assert len(Client(tenant).rows("/me/mailFolders/inbox/messages/delta", **asked)) == 5000


# -- meetings ---------------------------------------------------------------------------------


def test_a_series_is_told_as_occurrences(tenant, ada):
    series = event(
        "RRULE:FREQ=DAILY;COUNT=3",
        "ORGANIZER;CN=Ben Lund:mailto:ben@harrow.example",
        "ATTENDEE;PARTSTAT=TENTATIVE:mailto:ada@okafor.example",
        uid=f"{GOID}00000000AB",
    )
    ada.plans(calendar(series).encode())
    rows = Client(tenant).rows("/me/calendarView", **WINDOW)
    assert [row["type"] for row in rows] == ["occurrence"] * 3
    assert [row["originalStart"] for row in rows] == [moment(MONDAY + day * DAY) for day in range(3)]
    assert rows[0]["iCalUId"] == f"{GOID}07EA0309AB"
    assert rows[0]["responseStatus"]["response"] == "tentativelyAccepted"
    assert rows[0]["isOrganizer"] is False


def test_what_overlaps_the_window_is_in_it(tenant, ada):
    ada.meets(MONDAY - 3 * DAY, MONDAY, "Long")
    ada.meets(MONDAY + 9 * DAY, MONDAY + 9 * DAY + 60, "Later")
    assert [row["subject"] for row in Client(tenant).rows("/me/calendarView", **WINDOW)] == ["Long"]
    assert Client(tenant).refused("/me/calendarView") == (400, "ErrorInvalidParameter")


def test_clock_times_come_in_the_zone_that_is_preferred(tenant, ada):
    ada.meets(MONDAY, MONDAY + 60, zone="America/Chicago")
    local = Client(tenant, prefer='outlook.timezone="Central Standard Time"').rows("/me/calendarView", **WINDOW)[0]
    assert local["start"] == {"dateTime": "2026-03-09T10:00:00.0000000", "timeZone": "Central Standard Time"}
    assert local["originalStartTimeZone"] == "Central Standard Time"
    utc = Client(tenant).rows("/me/calendarView", **WINDOW)[0]
    assert utc["start"] == {"dateTime": "2026-03-09T15:00:00.0000000", "timeZone": "UTC"}
    nowhere = Client(tenant, prefer='outlook.timezone="Nowhere"')
    assert nowhere.refused("/me/calendarView", **WINDOW)[0] == 400


def test_when_an_event_was_made_does_not_come_by_select(tenant, ada):
    ada.meets(MONDAY, MONDAY + 60)
    [row] = Client(tenant).rows("/me/calendarView", **WINDOW, _select="subject,createdDateTime")
    assert row.keys() == {"@odata.etag", "id", "subject"}


def test_each_calendar_has_a_view_of_its_own(tenant, ada):
    ada.meets(MONDAY, MONDAY + 60, "Default")
    ada.meets(MONDAY, MONDAY + 60, "Court", calendar=ada.has_calendar("Court dates"))
    client = Client(tenant)
    subjects = {
        one["name"]: [row["subject"] for row in client.rows(f"/me/calendars/{one['id']}/calendarView", **WINDOW)]
        for one in client.rows("/me/calendars")
    }
    assert subjects == {"Calendar": ["Default"], "Court dates": ["Court"]}
    assert [row["subject"] for row in client.rows("/me/calendarView", **WINDOW)] == ["Default"]


def test_a_cancelled_meeting_says_so(tenant, ada):
    planned = ada.meets(MONDAY, MONDAY + 60)
    ada.changes_meeting(planned, cancelled=True)
    assert Client(tenant).rows("/me/calendarView", **WINDOW)[0]["isCancelled"] is True


# -- files ------------------------------------------------------------------------------------


def test_a_drive_tells_from_now_from_a_date_or_from_the_start(tenant, ada):
    old = ada.edits("Old.docx", MONDAY - DAY)
    client = Client(tenant)
    latest = client.get("/me/drive/root/delta", token="latest")
    assert latest["value"] == []
    ada.edits("New.docx", MONDAY)
    ada.throws_away(old, MONDAY)

    def names(page):
        return [row.get("name") for row in page["value"] if "folder" not in row]

    assert names(client.get(latest["@odata.deltaLink"])) == ["New.docx", None]
    assert names(client.get("/me/drive/root/delta", token=moment(MONDAY))) == ["New.docx", None]
    assert sorted(map(str, names(client.get("/me/drive/root/delta")))) == ["New.docx", "None"]


def test_versions_are_newest_first_with_who_saved(tenant, ada):
    document = ada.edits("Lease.docx", MONDAY)
    ada.edits("Lease.docx", MONDAY + 60, by=("u-pat", "Pat"))
    rows = Client(tenant).rows(f"/drives/{ada.drive_id}/items/{document.id}/versions")
    assert [(row["id"], row["lastModifiedBy"]["user"]["id"]) for row in rows] == [("2.0", "u-pat"), ("1.0", ada.id)]
    ada.throws_away(document, MONDAY + 120)
    path = f"/me/drive/items/{document.id}/versions"
    assert Client(tenant).refused(path) == (404, "itemNotFound")


def test_an_expired_drive_link_comes_with_the_place_to_go_on(tenant, ada):
    client = Client(tenant)
    link = client.get("/me/drive/root/delta")["@odata.deltaLink"]
    tenant.expire_cursors()
    gone = client.ask(link)
    assert (gone.status_code, gone.json()["error"]["code"]) == (410, "resyncChangesApplyDifferences")
    assert client.get(gone.headers["location"])["value"]


def test_a_drive_of_somebody_else_is_not_there(tenant, ada):
    ben = tenant.mailbox("ben@okafor.example")
    document = ben.edits("Lease.docx", MONDAY)
    path = f"/drives/{ben.drive_id}/items/{document.id}/versions"
    assert Client(tenant).refused(path) == (404, "itemNotFound")
    assert len(Client(tenant, ADA, "Files.Read.All").rows(path)) == 1


# -- Teams ------------------------------------------------------------------------------------


def test_attendance_is_for_the_organizer(tenant, ada):
    ben = tenant.mailbox("ben@okafor.example", "Ben")
    gathering = ada.attends(JOIN, (MONDAY, MONDAY + 60))
    ben.is_invited(gathering)
    for who in (ADA, "ben@okafor.example"):
        found = Client(tenant, who).rows("/me/onlineMeetings", _filter=f"JoinWebUrl eq '{JOIN}'")
        assert [one["id"] for one in found] == [gathering.id]
    path = f"/me/onlineMeetings/{gathering.id}/attendanceReports"
    assert len(Client(tenant).rows(path)) == 1
    assert Client(tenant, "ben@okafor.example").refused(path) == (403, "Forbidden")
    report = Client(tenant).get(f"{path}/{gathering.reports[0].id}", _expand="attendanceRecords")
    assert report["attendanceRecords"][0]["totalAttendanceInSeconds"] == 60


def test_a_filter_of_chats_counts_only_beside_its_order(tenant, ada):
    ada.chats("Old", MONDAY - DAY, members=[CY])
    ada.chats("New", MONDAY, members=[CY])
    client = Client(tenant)
    [chat] = client.rows("/me/chats", _expand="members")
    path, only = f"/me/chats/{chat['id']}/messages", f"lastModifiedDateTime gt {moment(MONDAY - 60)}"
    assert len(client.rows(path, _filter=only)) == 2
    assert len(client.rows(path, _filter=only, _orderby="createdDateTime desc")) == 2
    assert len(client.rows(path, _filter=only, _orderby="lastModifiedDateTime desc")) == 1
    assert client.refused(path, _orderby="lastModifiedDateTime")[0] == 400
    assert client.refused(path, _top="51")[0] == 400
    assert [one["userId"] for one in chat["members"]] == [ada.id, CY[0]]


def test_call_records_are_for_the_app_and_lists_have_no_sessions(tenant, ada):
    talk = ada.calls(MONDAY, MONDAY + 60, BEN)
    assert Client(tenant).refused("/communications/callRecords") == (403, "Forbidden")
    client = Client(tenant, "")
    [row] = client.rows("/communications/callRecords", _expand="sessions")
    assert "sessions" not in row
    whole = client.get(f"/communications/callRecords/{talk.id}", _expand="sessions($expand=segments)")
    assert len(whole["sessions"][0]["segments"]) == 1
    ada.amends(talk)
    assert client.rows("/communications/callRecords")[0]["version"] == 2
