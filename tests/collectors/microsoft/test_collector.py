"""Microsoft 365 as a whole: its parts one after another, one cursor for all, and what a failing part means."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autotime import plugins
from autotime.collectors.microsoft.collector import MicrosoftCollector
from autotime.domain.doors import Connectable
from autotime.domain.errors import Misused, SignInNeeded, SourceUnavailable, SuddenlyEmpty
from autotime.domain.evidence import Batch, Gap, Kind, SyncCursor
from autotime.settings import SourceSettings
from autotime.testing import Shelf
from autotime.testing.microsoft import Mailbox, Tenant
from autotime.testing.server import Asked, Status
from tests.collectors.microsoft.office import ADDRESS, connection, source
from tests.collectors.microsoft.office import ada as box_of
from tests.collectors.microsoft.people import signed_in, stranger
from tests.collectors.sources import ADA, MONDAY, context, letter

NOW = MONDAY + 86_400
ALL = ("mail", "calendar", "files")


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant() as made:
        box = box_of(made)
        box.receives(letter(0))
        box.meets(MONDAY, MONDAY + 1800, "Harrow call")
        box.edits("Lease.docx", MONDAY, MONDAY + 600)
        yield made


@pytest.fixture
def ada(tenant: Tenant) -> Mailbox:
    return box_of(tenant)


def pages(made: MicrosoftCollector, cursor: SyncCursor | None = None, now: int = NOW) -> list[Batch]:
    return list(made.collect(cursor, context(now)))


def gaps(found: list[Batch]) -> list[Gap]:
    return [gap for page in found for gap in page.gaps]


def kinds(found: list[Batch]) -> list[Kind]:
    return [item.kind for page in found for item in page.evidence]


def said(cursor: SyncCursor | None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cursor.value) if cursor else {}
    return found


# -- parts ------------------------------------------------------------------------------------


def test_every_part_is_read_into_one_cursor(tenant: Tenant, tmp_path: Path) -> None:
    found = pages(source(tenant, tmp_path))
    assert gaps(found) == []
    assert kinds(found) == [Kind.MESSAGE, Kind.MEETING, Kind.DOCUMENT]
    assert set(said(found[-1].cursor)) == {"v", "of", "mode", *ALL}


def test_chats_and_calls_are_off_unless_they_are_switched_on(tenant: Tenant, tmp_path: Path) -> None:
    pages(source(tenant, tmp_path))
    asked = " ".join(one.path + one.body.decode() for one in tenant.server.asked)
    assert "chats" not in asked
    assert "callRecords" not in asked
    found = pages(source(tenant, tmp_path, chats=True, call_records=True))
    assert gaps(found) == []
    assert {"chats", "calls"} <= said(found[-1].cursor).keys()


@pytest.mark.parametrize(
    ("role", "part"), [("Mail.Read", "mail"), ("Calendars.Read", "calendar"), ("Files.Read.All", "files")]
)
def test_a_permission_the_firm_did_not_grant_is_a_gap_that_names_it(
    tenant: Tenant, tmp_path: Path, role: str, part: str
) -> None:
    """And where it is told how an administrator grants it; the other parts go on."""
    tenant.registration.roles.remove(role)
    found = pages(source(tenant, tmp_path))
    [gap] = gaps(found)
    assert (gap.part, role in gap.reason) == (part, True)
    assert gap.hint == "docs/for-your-administrator.md"
    assert len(kinds(found)) == 2


@pytest.mark.parametrize(
    ("scope", "part", "mode"),
    [
        ("Mail.Read", "mail", "text"),
        ("Mail.ReadBasic", "mail", "metadata"),
        ("Calendars.Read", "calendar", "text"),
        ("Calendars.ReadBasic", "calendar", "metadata"),
        ("Files.Read", "files", "text"),
    ],
)
def test_a_permission_a_person_did_not_give_is_a_gap_that_names_it(
    tenant: Tenant, tmp_path: Path, scope: str, part: str, mode: str
) -> None:
    tenant.registration.withheld.add(scope)
    found = pages(signed_in(tenant, tmp_path, parts=ALL, mode=mode))
    [gap] = gaps(found)
    assert gap.part == part
    assert f"the permission {scope} is missing" in gap.reason
    assert gap.hint == 'autotime connect "office"'
    assert len(kinds(found)) == 2


def test_call_records_without_the_firms_registration_are_a_gap_for_the_administrator(
    tenant: Tenant, tmp_path: Path
) -> None:
    """No person can be given that permission."""
    [gap] = gaps(pages(signed_in(tenant, tmp_path, parts=ALL, call_records=True)))
    assert gap.part == "calls"
    assert "administrator" in gap.hint
    assert "CallRecords.Read.All" in gap.hint


def test_a_person_without_a_mailbox_is_a_gap_and_their_files_come(tenant: Tenant, ada: Mailbox, tmp_path: Path) -> None:
    ada.unlicensed = True
    found = pages(source(tenant, tmp_path))
    assert [gap.part for gap in gaps(found)] == ["mail", "calendar"]
    assert all("MailboxNotEnabledForRESTAPI" in gap.reason and gap.hint for gap in gaps(found))
    assert kinds(found) == [Kind.DOCUMENT]


def test_who_has_no_drive_has_no_files_and_that_is_told(tenant: Tenant, ada: Mailbox, tmp_path: Path) -> None:
    ada.driveless = True
    found = pages(source(tenant, tmp_path))
    assert {gap.part for gap in gaps(found)} <= {"files"}
    assert kinds(found) == [Kind.MESSAGE, Kind.MEETING]


def test_a_profile_that_may_not_be_read_is_a_gap_where_addresses_tell_too_little(
    tenant: Tenant, tmp_path: Path
) -> None:
    """Of mail and meetings the timekeeper's own addresses tell what is theirs. What was saved and written is
    read once they are known."""
    tenant.registration.withheld.add("User.Read")
    found = pages(signed_in(tenant, tmp_path, parts=ALL, chats=True))
    assert [gap.part for gap in gaps(found)] == ["files", "chats"]
    assert all("User.Read.All" in gap.hint for gap in gaps(found))
    assert kinds(found) == [Kind.MESSAGE, Kind.MEETING]
    tenant.registration.withheld.clear()
    again = pages(signed_in(tenant, tmp_path, parts=ALL), found[-1].cursor)
    assert gaps(again) == []
    assert Kind.DOCUMENT in kinds(again)


def of_mail(asked: Asked) -> bool:
    return "/messages" in asked.path


def test_a_part_that_fails_keeps_its_place_for_the_next_run(tenant: Tenant, ada: Mailbox, tmp_path: Path) -> None:
    """What had come is kept, the others move on, and nothing is given twice."""
    made = source(tenant, tmp_path)
    shelf = Shelf().run(made, context(NOW))
    before = said(shelf.cursor)
    ada.receives(letter(1, sent=MONDAY + 60))
    with tenant.server.failing(Status(500), of_mail):
        shelf.run(made, context(NOW + 60))
    assert [gap.part for gap in shelf.gaps] == ["mail"]
    assert said(shelf.cursor)["mail"] == before["mail"]
    shelf.run(made, context(NOW + 120))
    assert (shelf.new, shelf.changed, shelf.gaps) == (1, 0, [])


def test_where_no_part_can_be_read_the_source_is_out_of_reach(tenant: Tenant, tmp_path: Path) -> None:
    with (
        tenant.server.failing(Status(503), lambda asked: asked.path.startswith("/v1.0")),
        pytest.raises(SourceUnavailable) as trouble,
    ):
        pages(source(tenant, tmp_path))
    assert trouble.value.hint


def test_where_every_part_is_refused_the_source_says_so(tenant: Tenant, tmp_path: Path) -> None:
    tenant.registration.roles = {"User.Read.All"}
    with pytest.raises(SourceUnavailable, match="ErrorAccessDenied"):
        pages(source(tenant, tmp_path))


def test_a_refusal_tells_the_services_number_for_it_and_no_more(tenant: Tenant, tmp_path: Path) -> None:
    """With it Microsoft's support finds the request; the message may name anybody."""
    body = {"error": {"code": "ErrorInternalServerError", "message": "of ada@okafor.example"}}
    with tenant.server.failing(Status(500, {"request-id": "11-22"}, body), of_mail):
        [gap] = gaps(pages(source(tenant, tmp_path)))
    assert "request 11-22" in gap.reason
    assert "ada@" not in f"{gap.reason} {gap.hint}"


def test_an_emptied_mailbox_stops_at_the_end_after_the_other_parts(
    tenant: Tenant, ada: Mailbox, tmp_path: Path
) -> None:
    """The calendar's news are not held back by it."""
    shelf = Shelf().run(source(tenant, tmp_path), context(NOW))
    for kept in list(ada.letters.values()):
        ada.removes(kept)
    ada.meets(MONDAY + 7200, MONDAY + 9000, "Harrow hearing")
    with pytest.raises(SuddenlyEmpty, match="office"):
        shelf.run(source(tenant, tmp_path), context(NOW))
    assert [item.subject.reveal() for item in shelf.items][-1] == "Harrow hearing"


def test_a_sign_in_that_ended_is_no_gap(tenant: Tenant, tmp_path: Path) -> None:
    made = signed_in(tenant, tmp_path, parts=ALL)
    tenant.entra.revoke(ADDRESS)
    tenant.entra.expire_access()
    with pytest.raises(SignInNeeded):
        pages(made)


# -- whose --------------------------------------------------------------------------------------


def test_the_firm_reads_the_timekeepers_own_mailbox_unless_another_is_named(tenant: Tenant, tmp_path: Path) -> None:
    cleo = tenant.mailbox("cleo@okafor.example")
    cleo.receives(letter(7))
    named = source(tenant, tmp_path, parts=("mail",), mailbox="cleo@okafor.example")
    found = [item.subject.reveal() for page in pages(named) for item in page.evidence]
    assert found == ["Harrow lease no. 7"]
    assert kinds(pages(source(tenant, tmp_path, parts=("mail",)))) == [Kind.MESSAGE]


def test_without_an_address_the_firm_does_not_know_whose_mailbox_is_meant(tenant: Tenant, tmp_path: Path) -> None:
    nameless = context(NOW, who=replace(ADA, emails=()))
    with pytest.raises(Misused, match="whose mailbox") as trouble:
        list(source(tenant, tmp_path).collect(None, nameless))
    assert "AOK" in trouble.value.hint


def test_a_person_is_known_by_their_sign_in_whatever_the_settings_say(tenant: Tenant, tmp_path: Path) -> None:
    """Mail they sent is theirs, also under an address the settings do not know."""
    box_of(tenant).sends(letter(1, sent=MONDAY + 60))
    made = signed_in(tenant, tmp_path)
    found = [item for page in made.collect(None, context(NOW, who=replace(ADA, emails=()))) for item in page.evidence]
    assert [item.own for item in found] == [True, True]


def test_an_address_with_odd_letters_is_one_segment_of_the_path(tenant: Tenant, tmp_path: Path) -> None:
    odd = "o'neil+files@okafor.example"
    tenant.mailbox(odd).receives(letter(3))
    assert kinds(pages(source(tenant, tmp_path, parts=("mail",), mailbox=odd))) == [Kind.MESSAGE]


# -- manners ------------------------------------------------------------------------------------


def usual(tenant: Tenant, folder: Path) -> MicrosoftCollector:
    """As the settings would make it: nothing but an account and a person's sign-in."""
    return stranger(tenant, folder, parts=ALL, first_days=30)


def test_a_quiet_day_is_at_most_eight_requests(tenant: Tenant, tmp_path: Path) -> None:
    """The sign-in's included."""
    signed_in(tenant, tmp_path, parts=ALL)
    shelf = Shelf().run(usual(tenant, tmp_path), context(NOW))
    before = len(tenant.server.asked)
    shelf.run(usual(tenant, tmp_path), context(NOW + 86_400))
    assert (shelf.new, shelf.gaps) == (0, [])
    assert len(tenant.server.asked) - before <= 8


def test_a_quiet_day_of_the_firms_daemon_is_at_most_eight_requests(tenant: Tenant, tmp_path: Path) -> None:
    shelf = Shelf().run(source(tenant, tmp_path, page=100), context(NOW))
    before = len(tenant.server.asked)
    shelf.run(source(tenant, tmp_path, page=100), context(NOW + 86_400))
    assert len(tenant.server.asked) - before <= 8


def test_a_day_of_three_hundred_items_is_at_most_twenty_five_requests(
    tenant: Tenant, ada: Mailbox, tmp_path: Path
) -> None:
    """Mail with attachments, meetings, and documents whose versions are asked for one by one, by batches."""
    signed_in(tenant, tmp_path, parts=ALL)
    shelf = Shelf().run(usual(tenant, tmp_path), context(NOW))
    before = len(tenant.server.asked)
    for number in range(230):
        ada.receives(at=NOW + number * 60, subject=f"Lease {number}", attached=("lease.pdf",) * (number % 4 == 0))
    for number in range(30):
        ada.meets(NOW + number * 1200, NOW + number * 1200 + 900, f"Call {number}")
    for number in range(40):
        ada.edits(f"Motion {number}.docx", NOW + number * 300)
    shelf.run(usual(tenant, tmp_path), context(NOW + 86_400))
    assert (shelf.new, shelf.gaps) == (300, [])
    assert len(tenant.server.asked) - before <= 25
    assert tenant.most_at_once <= 4


def test_a_clock_that_is_wrong_is_told(tenant: Tenant, tmp_path: Path) -> None:
    import time

    tenant.server.date = time.time() + 3 * 3600
    found = gaps(pages(source(tenant, tmp_path)))
    assert [(gap.part, gap.hint) for gap in found] == [("clock", "set the clock")]
    assert "180 minutes" in found[0].reason or "179 minutes" in found[0].reason


def test_nothing_is_left_open(tenant: Tenant, tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    """Also where a run ends in the midst of its first page."""
    gc.collect()  # what other tests left behind
    recwarn.clear()
    reading = source(tenant, tmp_path).collect(None, context(NOW))
    next(reading)
    reading.close()  # type: ignore[attr-defined]  # it is a generator
    gc.collect()
    assert [str(warning.message) for warning in recwarn if warning.category is ResourceWarning] == []


# -- settings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"mode": "headers"}, "text or metadata"),
        ({"parts": ("mail", "chats")}, "chats"),
        ({"parts": ()}, "none"),
    ],
)
def test_a_setting_that_means_nothing_says_what_would(
    tenant: Tenant, tmp_path: Path, options: dict[str, Any], told: str
) -> None:
    with pytest.raises(Misused, match=told) as wrong:
        source(tenant, tmp_path, **options)
    assert wrong.value.hint


def test_the_settings_make_a_source_of_it(tenant: Tenant, tmp_path: Path) -> None:
    options = {"account": "office", "type": "microsoft", "parts": ["mail"], "mode": "metadata", "attendance": True}
    settings = SourceSettings(**options, mailbox=ADDRESS)  # type: ignore[call-arg]
    made = connection(tenant, tmp_path)
    made.shared.save(tenant.registration.secret)
    collector = plugins.collector(settings, made)
    assert isinstance(collector.guest, Connectable)
    assert len(Shelf().run(collector, context(NOW)).evidence) == 1


def test_what_is_asked_for_is_what_the_parts_need_each_with_its_reason(tenant: Tenant, tmp_path: Path) -> None:
    made = source(tenant, tmp_path, mode="metadata", attendance=True, chats=True, call_records=True)
    assert set(made.wants()) == {
        "User.Read",
        "Mail.ReadBasic",
        "Calendars.ReadBasic",
        "Files.Read",
        "OnlineMeetings.Read",
        "OnlineMeetingArtifact.Read.All",
        "Chat.Read",
    }
    assert all(made.wants().values())
