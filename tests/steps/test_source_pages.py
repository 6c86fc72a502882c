"""Pages, cursors and ids of the services misbehave: a night's run stores each thing once and suggests nothing new."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autotime.office import Office
from autotime.pipeline import run
from autotime.testing.collectors import NOW
from autotime.testing.google import Workspace
from autotime.testing.microsoft import Tenant
from autotime.testing.server import Asked, Fault, Status
from tests.collectors.sources import letter

from .stand_ins import (
    ADDRESS,
    DAY,
    ada,
    at_google,
    at_microsoft,
    between,
    hosting,
    serving,
    shown,
    signed_in_by_the_firm,
    signed_in_to_google,
)
from .test_collecting import mail, stored
from .test_source_faults import by_account

EARLIER = NOW - 6 * 3600
MAILS, MEETINGS, SAVES = 5, 3, 3

tenant = pytest.fixture(serving)
workspace = pytest.fixture(hosting)


@pytest.fixture
def both(tmp_path: Path, tenant: Tenant, workspace: Workspace) -> Iterator[Office]:
    """Mail, meetings and files of one day at Microsoft; mail and meetings at Google; nothing read yet."""
    sources = at_microsoft("mail", "calendar", "files"), at_google("mail", "calendar")
    user = workspace.user(ADDRESS)
    for number in range(MAILS):
        ada(tenant).sends(letter(number, sent=EARLIER + number * 600))
        user.sends(letter(100 + number, sent=EARLIER + number * 600 + 60))
    for number in range(MEETINGS):
        ada(tenant).meets(EARLIER + number * 5400, EARLIER + number * 5400 + 900, f"Call {number}")
        user.meets(f"Talk {number}", f"2026-04-0{number + 2}T15:00:00+00:00")
    for number in range(SAVES):
        ada(tenant).edits(f"Motion {number}.docx", EARLIER + number * 3600, EARLIER + number * 3600 + 300)
    with between(tmp_path, *sources, tenant=tenant, workspace=workspace) as here:
        signed_in_by_the_firm(here, tenant)
        signed_in_to_google(here, workspace, sources[1])
        yield here


def night(here: Office, after: int = 0) -> dict[str, tuple[int, int, str]]:
    """One night's run: what is new and changed, and the trouble, by source."""
    ran = run(replace(here, now=NOW + after))
    return {one.account: (one.new, one.changed, one.trouble) for one in ran.collected}


EVERYTHING = {"office": (MAILS + MEETINGS + SAVES, 0, ""), "workspace": (MAILS + MEETINGS, 0, "")}
NOTHING = {"office": (0, 0, ""), "workspace": (0, 0, "")}


# -- cursors ----------------------------------------------------------------------------------------


def test_cursors_that_expire_bring_no_new_suggestion(both: Office, tenant: Tenant, workspace: Workspace) -> None:
    """The window is read again: what is known stays as it is, and what came since is suggested."""
    assert night(both) == EVERYTHING
    before = shown(both)
    tenant.expire_cursors()
    workspace.expire_cursors()
    assert night(both, 600) == NOTHING
    assert shown(both) == before
    tenant.expire_cursors()
    workspace.expire_cursors()
    ada(tenant).sends(letter(50, sent=NOW + 600))
    workspace.user(ADDRESS).sends(letter(51, sent=NOW + 700))
    assert night(both, 1200) == {"office": (1, 0, ""), "workspace": (1, 0, "")}


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("place", range(4))
def test_a_cursor_may_expire_at_any_page(both: Office, tenant: Tenant, status: int, place: int) -> None:
    """In the midst of a list the service forgets where it was."""
    pages = iter(range(10**6))

    def forgotten(asked: Asked) -> Fault | None:
        links = "skiptoken" in asked.target or "deltatoken" in asked.target or "token" in asked.query
        return Status(status) if links and next(pages) == place else None

    tenant.server.fault_for = forgotten
    for after in (0, 60):
        night(both, after)
    assert next(pages) > place
    tenant.server.fault_for = lambda _asked: None
    night(both, 120)
    assert len(stored(both)) == 2 * (MAILS + MEETINGS) + SAVES
    assert {item.revision for item in stored(both)} == {1}
    assert night(both, 180) == NOTHING


# -- pages ------------------------------------------------------------------------------------------


def repeated(tenant: Tenant, workspace: Workspace) -> None:
    tenant.repeat_page()
    workspace.repeat_page()


def with_empty_ones(tenant: Tenant, workspace: Workspace) -> None:
    tenant.empty_page_with_next()
    workspace.empty_page_with_next()


@pytest.mark.parametrize("odd", [repeated, with_empty_ones])
def test_odd_pages_change_no_count(
    both: Office, tenant: Tenant, workspace: Workspace, odd: Callable[[Tenant, Workspace], None]
) -> None:
    """The same item on two pages is one; an empty page with a next link is not the end."""
    odd(tenant, workspace)
    assert night(both) == EVERYTHING
    before = shown(both)
    assert night(both, 600) == NOTHING
    assert shown(both) == before


def test_pages_in_a_circle_end_the_run_of_that_source(both: Office, tenant: Tenant, workspace: Workspace) -> None:
    """After a bounded number of requests; once they lead on again, everything is there."""
    tenant.loop_page()
    workspace.loop_pages()
    ran = by_account(run(both).collected)
    assert all(report.trouble or report.gaps for report in ran.values())
    assert max(len(tenant.server.asked), len(workspace.server.asked)) < 100
    tenant.switches.loops = workspace.quirks.loop = False
    assert all(trouble == "" for _, _, trouble in night(both, 60).values())
    assert len(stored(both)) == 2 * (MAILS + MEETINGS) + SAVES


def test_what_slips_between_two_pages_is_found_by_the_next_run(both: Office, tenant: Tenant) -> None:
    """A mail is taken out while the list is read, so that the others move up a page; one comes late."""
    box = ada(tenant)
    first = min(box.letters.values(), key=lambda one: one.received)
    lists = iter(range(10**6))

    def moving(asked: Asked) -> None:
        if asked.path.endswith("/messages") and next(lists) == 1:
            box.removes(first)
            box.receives(at=EARLIER - 3600, subject="It came late")

    tenant.server.fault_for = moving
    night(both)
    tenant.server.fault_for = lambda _asked: None
    night(both, 60)
    held = {one.message_id.strip("<>") for one in box.letters.values()} | {first.message_id.strip("<>")}
    found = [item.identity for item in stored(both) if item.account == "office" and item.identity.startswith("mid:")]
    assert sorted(found) == sorted(f"mid:{name}" for name in held)


# -- ids, and what is gone --------------------------------------------------------------------------


def test_a_mail_that_is_filed_elsewhere_is_the_same_evidence(
    both: Office, tenant: Tenant, workspace: Workspace
) -> None:
    """Moved, moved back, archived, labelled: nothing new is stored or suggested."""
    night(both)
    before = [one for one, _ in shown(both)]
    box, user = ada(tenant), workspace.user(ADDRESS)
    moved = next(iter(box.letters.values()))
    folder = box.has_folder("Harrow")
    for after, where in enumerate((folder, "archive", "sentitems", folder), start=1):
        box.moves(moved, where)
        user.mail.label(next(iter(user.mail.messages)), f"Matter {after}")
        found = night(both, after * 60)
        assert [(new, trouble) for new, _, trouble in found.values()] == [(0, ""), (0, "")]
        assert [one for one, _ in shown(both)] == before


def test_the_same_mail_from_two_services_is_suggested_once(both: Office, workspace: Workspace) -> None:
    """By its Message-ID: the second copy stands behind the suggestion and takes no time of its own."""
    night(both)
    seconds = placed(both)
    workspace.user(ADDRESS).sends(letter(0, sent=EARLIER))
    assert night(both, 600)["workspace"][:2] == (1, 0)
    assert placed(both) == seconds


def placed(here: Office) -> int:
    return sum(one.seconds for day in here.store.suggestions.days() for one in here.store.suggestions.on(day))


def test_a_mailbox_that_is_empty_all_at_once_loses_nothing(both: Office, tenant: Tenant, workspace: Workspace) -> None:
    """It is more likely an outage: a person is asked, and what was stored and suggested stays."""
    night(both)
    before = shown(both)
    for kept in list(ada(tenant).letters.values()):
        ada(tenant).removes(kept)
    workspace.user(ADDRESS).mail.clear()
    for after in (DAY, 2 * DAY):
        ran = by_account(run(replace(both, now=NOW + after)).collected)
        assert {report.kind for report in ran.values()} == {"SuddenlyEmpty"}
        assert all(report.hint for report in ran.values())
        assert [report.withdrawn for report in ran.values()] == [0, 0]
    assert len(stored(both)) == 2 * (MAILS + MEETINGS) + SAVES
    assert [one for one, _ in shown(both)] == [one for one, _ in before]


def test_a_mail_that_is_deleted_keeps_its_evidence_and_its_suggestion(
    both: Office, tenant: Tenant, workspace: Workspace
) -> None:
    """The work was done, wherever the mail is now."""
    night(both)
    before, kept = shown(both), stored(both)
    ada(tenant).removes(next(iter(ada(tenant).letters.values())))
    workspace.user(ADDRESS).mail.delete(next(iter(workspace.user(ADDRESS).mail.messages)))
    for after in (60, DAY):
        assert night(both, after) == NOTHING
    assert (shown(both), stored(both)) == (before, kept)


# -- much of it -------------------------------------------------------------------------------------


@pytest.mark.parametrize("pages", [1, 3, 7])
def test_a_first_run_that_is_cut_goes_on_at_its_page(tmp_path: Path, tenant: Tenant, pages: int) -> None:
    """Three hundred days of mail: a first run reads thirty of them, and what was stored is not read again."""
    ada(tenant).receives_many(300, NOW - 300 * DAY, DAY)
    with between(tmp_path, at_microsoft(page=5), mail(tmp_path), tenant=tenant) as here:
        signed_in_by_the_firm(here, tenant)
        left = iter(range(pages))
        tenant.server.fault_for = lambda asked: (
            Status(400) if asked.path.endswith("/messages") and next(left, None) is None else None
        )
        (new, _, trouble), _ = night(here).values()
        assert (new, bool(trouble)) == (min(30, 5 * pages), pages < 6)
        tenant.server.fault_for = lambda _asked: None
        (more, changed, trouble), _ = night(here, 60).values()
        assert (new + more, changed, trouble) == (30, 0, "")
        assert min(item.at for item in stored(here)) >= NOW - 30 * DAY
