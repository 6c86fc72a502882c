"""The network and the sign-in of one source fail; the run goes on, loses nothing and says what was not collected."""

from __future__ import annotations

import time
import webbrowser
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from autotime.domain.errors import SourceUnavailable
from autotime.domain.evidence import Evidence, SyncCursor
from autotime.office import Office
from autotime.operations import health
from autotime.pipeline import day_view
from autotime.steps.collecting import Collected, collect, retry_quarantined
from autotime.testing.collectors import NOW
from autotime.testing.google import Workspace
from autotime.testing.microsoft import Tenant
from autotime.testing.server import Reset, Status
from tests.collectors.sources import letter, mbox, put

from .stand_ins import (
    DAY,
    ada,
    at_google,
    at_microsoft,
    between,
    hosting,
    own_vault,
    serving,
    signed_in_by_the_firm,
    signed_in_to_google,
    signed_in_to_microsoft,
)
from .test_collecting import mail, stored

EARLIER = NOW - 3 * 3600
TODAY = date(2026, 4, 7)
THE_FIRST_HOURS, FAR_AHEAD = DAY, 4_102_444_800

tenant = pytest.fixture(serving)
workspace = pytest.fixture(hosting)


@pytest.fixture(autouse=True)
def _no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """What signs a person in opens one; a run never does."""

    def opened(*_: object, **__: object) -> bool:
        raise AssertionError("a run in the background opened a browser")

    for name in ("open", "open_new", "open_new_tab", "get"):
        monkeypatch.setattr(webbrowser, name, opened)


@pytest.fixture
def three(tmp_path: Path, tenant: Tenant, workspace: Workspace) -> Iterator[Office]:
    """A mail in each of three sources; Ada has signed in to both services herself."""
    theirs, ours = at_microsoft(), at_google()
    ada(tenant).sends(at=EARLIER)
    workspace.user("ada@okafor.example").sends(letter(1, sent=EARLIER))
    with between(tmp_path, theirs, ours, mail(tmp_path, 1), tenant=tenant, workspace=workspace) as here:
        signed_in_to_microsoft(here, tenant, theirs)
        signed_in_to_google(here, workspace, ours)
        yield here


def by_account(reports: list[Collected]) -> dict[str, Collected]:
    return {report.account: report for report in reports}


def cursors(here: Office) -> dict[str, SyncCursor | None]:
    return {one.account: here.store.cursors.get(one.account, one.type) for one in here.settings.sources_of("AOK")}


def told(items: list[Evidence]) -> list[tuple[str, int]]:
    return [(item.id, item.revision) for item in items]


def ends(which: str, tenant: Tenant, workspace: Workspace) -> None:
    """The sign-in to one of the services, in one of the ways it may end."""
    if which == "workspace":
        workspace.desk.expire()
        workspace.desk.revoke()
        return
    tenant.entra.expire_access()
    if which == "office":
        tenant.entra.revoke("ada@okafor.example")
    else:
        tenant.entra.interaction = "ada@okafor.example"


# -- the sign-in ------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["office", "workspace", "office, a second factor"])
def test_a_sign_in_that_ends_pauses_its_source_alone(
    three: Office, tenant: Tenant, workspace: Workspace, which: str
) -> None:
    """The others are collected; nothing is asked again and again, and no browser opens; the cursor is kept."""
    collect(three)
    before, account = cursors(three), which.partition(",")[0]
    ends(which, tenant, workspace)
    ada(tenant).sends(at=EARLIER + 600, subject="Harrow lease, again")
    workspace.user("ada@okafor.example").sends(letter(2, sent=EARLIER + 600))
    asked = [len(tenant.server.asked), len(workspace.server.asked)]
    reports = by_account(collect(replace(three, now=NOW + 600)))
    assert {name for name, report in reports.items() if report.sign_in_needed} == {account}
    assert reports[account].hint == f'autotime connect "{account}"'
    assert {name: report.new for name, report in reports.items()} == {"office": 1, "workspace": 1, "mail": 0} | {
        account: 0
    }
    assert cursors(three)[account] == before[account]
    server, first = (tenant.server, asked[0]) if account == "office" else (workspace.server, asked[1])
    assert len(server.asked) - first <= 8


def test_who_signs_in_again_goes_on_where_the_source_stood(three: Office, tenant: Tenant) -> None:
    """Three nights later: what was missed comes, and nothing is new that was known."""
    collect(three)
    ends("office", tenant, Workspace())
    ada(tenant).sends(at=EARLIER + DAY)
    for night in range(1, 3):
        assert by_account(collect(replace(three, now=NOW + night * DAY)))["office"].sign_in_needed
    signed_in_to_microsoft(three, tenant, at_microsoft())
    report = by_account(collect(replace(three, now=NOW + 3 * DAY)))["office"]
    assert (report.trouble, report.new, report.changed) == ("", 1, 0)


@pytest.mark.parametrize("kept", [0, 1, 40, -1], ids=lambda kept: f"{kept} bytes")
def test_a_sign_in_that_is_damaged_is_set_aside_and_harms_no_other(three: Office, kept: int) -> None:
    """A person is asked to sign in to that one source again."""
    place = own_vault(three, at_google()).path
    place.write_bytes(place.read_bytes()[:kept])
    reports = by_account(collect(three))
    assert [(name, report.sign_in_needed, report.new) for name, report in reports.items()] == [
        ("office", False, 1),
        ("workspace", True, 0),
        ("mail", False, 1),
    ]
    assert not place.exists()
    assert list(place.parent.glob(f"{place.name}*"))


# -- the clock --------------------------------------------------------------------------------------


@pytest.mark.parametrize("off", [630, -630, DAY + 30, -DAY - 30], ids=lambda off: f"{off} s")
@pytest.mark.parametrize("which", ["office", "workspace"])
def test_a_clock_that_is_off_is_told_and_nothing_is_lost(
    three: Office, tenant: Tenant, workspace: Workspace, which: str, off: int
) -> None:
    """By the server's own date; within five minutes nobody is bothered."""
    server = tenant.server if which == "office" else workspace.server
    server.date = time.time() + off
    reports = by_account(collect(three))
    assert {name: report.new for name, report in reports.items()} == {"office": 1, "workspace": 1, "mail": 1}
    assert [gap.part for gap in reports[which].gaps] == ["clock"]
    assert f"{abs(off) // 60} minutes" in reports[which].gaps[0].reason
    server.date = time.time() + 60
    assert by_account(collect(three))[which].gaps == []


@pytest.mark.parametrize(
    "wrong", [NOW - 300, NOW + 300, NOW - DAY, NOW + DAY, THE_FIRST_HOURS, FAR_AHEAD], ids=lambda now: f"{now - NOW} s"
)
def test_what_a_wrong_clock_missed_comes_once_it_is_right(
    tmp_path: Path, tenant: Tenant, workspace: Workspace, wrong: int
) -> None:
    """A first run minutes, a day, or half a century off: afterwards the same is stored as had it never been."""
    sources = at_microsoft("mail", "calendar"), at_google("mail", "calendar")
    for days in (20, 12, 1):
        ada(tenant).sends(at=NOW - days * DAY, subject=f"Harrow lease, {days}")
        ada(tenant).meets(NOW - days * DAY + 3600, NOW - days * DAY + 5400, f"Call {days}")
        workspace.user("ada@okafor.example").sends(letter(days, sent=NOW - days * DAY))
    stands = []
    for home, clocks in ((tmp_path / "right", [NOW]), (tmp_path / "wrong", [wrong, NOW, NOW + 60])):
        home.mkdir()
        with between(home, *sources, tenant=tenant, workspace=workspace) as here:
            signed_in_by_the_firm(here, tenant)
            signed_in_to_google(here, workspace, sources[1])
            for now in clocks:
                for server in (tenant.server, workspace.server):
                    server.date = time.time() + NOW - now
                assert [report.trouble for report in collect(replace(here, now=now))] == ["", ""]
            stands.append(sorted(told(stored(here))))
    assert stands[0] == stands[1]
    assert len(stands[0]) == 9


def test_a_clock_that_jumps_back_during_a_run_changes_nothing(three: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Order is by the pages as they come, and deadlines go by a clock that only goes forward."""
    ticks = iter(range(10**9, 0, -3600))
    monkeypatch.setattr("time.time", lambda: next(ticks))
    assert [(one.new, one.trouble) for one in collect(three)] == [(1, "")] * 3
    assert [(one.new, one.changed) for one in collect(replace(three, now=NOW - 600))] == [(0, 0)] * 3


# -- the network ------------------------------------------------------------------------------------


def test_a_service_that_stays_busy_ends_its_own_run_and_no_other(tmp_path: Path, tenant: Tenant) -> None:
    """The wait is bounded for the whole run; what had come is kept, and the next run brings the rest."""
    waits: list[float] = []
    source = at_microsoft(sleep=waits.append)
    for number in range(6):
        ada(tenant).receives(at=EARLIER + number * 60, subject=f"Lease {number}")
    with between(tmp_path, source, mail(tmp_path, 1), tenant=tenant) as here:
        signed_in_by_the_firm(here, tenant)
        lists = iter(range(10**6))
        tenant.server.fault_for = lambda asked: (
            Status(429, {"Retry-After": "600"}) if "/messages" in asked.path and next(lists) >= 2 else None
        )
        office, other = collect(here)
        assert (office.kind, office.new, other.new) == ("Answered", 4, 1)
        assert 0 < sum(waits) <= 2 * 3600
        tenant.server.fault_for = lambda _asked: None
        office, _ = collect(here)
        assert (office.trouble, office.new, len(stored(here))) == ("", 2, 7)


@pytest.mark.parametrize("fault", [Status(500), Status(502), Status(503), Status(504), Reset()], ids=repr)
def test_a_service_that_is_down_is_given_up_soon(three: Office, tenant: Tenant, fault: Any) -> None:
    """After two requests that were tried again in vain nothing more is asked; the others are collected."""
    collect(three)
    before = len(tenant.server.asked)
    with tenant.server.failing(fault):
        reports = by_account(collect(three))
    assert reports["office"].trouble
    assert not reports["office"].sign_in_needed
    assert (reports["workspace"].trouble, reports["mail"].trouble) == ("", "")
    assert len(tenant.server.asked) - before <= 40


def test_a_day_offline_is_a_day_that_was_not_collected(tmp_path: Path, tenant: Tenant, workspace: Workspace) -> None:
    """Local sources are read; the others say so, and the day is shown as incomplete until they were."""
    sources = at_microsoft(), at_google()
    with between(tmp_path, *sources, mail(tmp_path, 1), tenant=tenant, workspace=workspace) as here:
        ada(tenant)
        signed_in_to_microsoft(here, tenant, sources[0])
        signed_in_to_google(here, workspace, sources[1])
        tenant.server.__exit__()
        workspace.server.__exit__()
        reports = by_account(collect(here))
        assert {name: report.new for name, report in reports.items()} == {"office": 0, "workspace": 0, "mail": 1}
        assert {reports[name].kind for name in ("office", "workspace")} == {SourceUnavailable.__name__}
        assert not any(report.sign_in_needed for report in reports.values())
        assert day_view(here, TODAY).uncollected == ("office", "workspace")
        configured = [(one.account, one.type) for one in here.settings.sources_of("AOK")]
        assert [bool(one["trouble"]) for one in health.health_of(here.store, configured).values()] == [
            True,
            True,
            False,
        ]


@pytest.mark.parametrize("ahead", [0.5, 1.5, 2, 3, 20_000], ids=lambda days: f"{days} days")
def test_a_mail_dated_ahead_of_this_clock_is_not_lost(tmp_path: Path, ahead: float) -> None:
    """It is stored, or set aside with its reason until the clock is right; a file is not read again for it."""
    source = mail(tmp_path)
    put(tmp_path / "mail.mbox", mbox(letter(1, sent=NOW)))
    with between(tmp_path, source) as here:
        [report] = collect(replace(here, now=int(NOW - ahead * DAY)))
        assert report.new + report.quarantined == 1
        retry_quarantined(here)
        assert [item.identity for item in stored(here)] == ["mid:1@okafor.example"]
        assert here.store.quarantine.all() == []
