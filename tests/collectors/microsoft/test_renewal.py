"""A sign-in to Microsoft renews itself, and nobody is asked for anything before it must be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from autotime.collectors.microsoft.cache import UNUSED
from autotime.domain.errors import AutotimeError, SignInNeeded, SourceUnavailable
from autotime.testing import Shelf
from autotime.testing.microsoft import Tenant
from autotime.testing.server import Asked, Portal, Reset, Status
from tests.collectors.microsoft.office import ADDRESS, ada
from tests.collectors.microsoft.people import collect, signed_in, stranger
from tests.collectors.sources import MONDAY, letter

HINT = 'autotime connect "office"'


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant() as made:
        for number in range(5):
            ada(made).receives(letter(number, sent=MONDAY + number))
        yield made


def short_lived(tenant: Tenant) -> None:
    """Access tokens end so soon that each run begins with a renewal."""
    tenant.entra.lasts = 200


def renewals(tenant: Tenant) -> int:
    return tenant.entra.issued.count("refresh_token")


def to_the_sign_in(asked: Asked) -> bool:
    return asked.path.endswith("/token")


def to_graph(asked: Asked) -> bool:
    return asked.path.startswith("/v1.0")


def needed(made: Any, shelf: Shelf | None = None) -> SignInNeeded:
    with pytest.raises(SignInNeeded) as trouble:
        collect(made, shelf)
    return trouble.value


# -- in silence -------------------------------------------------------------------------------


def test_nobody_has_signed_in_yet(tenant: Tenant, tmp_path: Path) -> None:
    """Said by this machine alone: nobody is asked."""
    made = stranger(tenant, tmp_path)
    assert needed(made).hint == HINT
    assert not made.standing(MONDAY).signed_in
    assert tenant.server.asked == []


def test_a_token_serves_until_it_ends_also_the_next_run(tenant: Tenant, tmp_path: Path) -> None:
    for _ in range(3):
        collect(signed_in(tenant, tmp_path) if not tenant.entra.issued else stranger(tenant, tmp_path))
    assert tenant.entra.issued == ["authorization_code"]


def test_a_run_begins_with_a_renewal_where_the_token_has_ended(tenant: Tenant, tmp_path: Path) -> None:
    short_lived(tenant)
    made = signed_in(tenant, tmp_path)
    for _ in range(3):
        assert len(collect(made).evidence) == 5
    assert renewals(tenant) >= 3


def test_a_renewed_token_is_kept_before_it_is_used(tenant: Tenant, tmp_path: Path) -> None:
    """The old one is used up: a run that fails at its first request must not have lost the new one."""
    made = signed_in(tenant, tmp_path)
    short_lived(tenant)
    tenant.entra.expire_access()
    kept: list[str] = []

    def look(asked: Asked) -> Status | None:
        if to_graph(asked):
            kept.append(made.connection.vault.load())
        return None

    before = made.connection.vault.load()
    tenant.server.fault_for = look
    collect(made)
    assert renewals(tenant) >= 1
    assert refresh_tokens(kept[-1]) != refresh_tokens(before)
    assert len(collect(made).evidence) == 5


def refresh_tokens(kept: str) -> set[str]:
    return {one["secret"] for one in json.loads(kept)["RefreshToken"].values()}


@pytest.mark.parametrize("calls", range(6))
def test_a_token_that_is_refused_in_the_midst_is_renewed_once(tenant: Tenant, tmp_path: Path, calls: int) -> None:
    """After so many calls: nothing is lost, nothing asked twice over."""
    made = signed_in(tenant, tmp_path, page=2)
    left = iter(range(calls))

    def expire(asked: Asked) -> None:
        if to_graph(asked) and next(left, None) is None and not renewals(tenant):
            tenant.entra.expire_access()

    tenant.server.fault_for = expire
    assert len(collect(made).evidence) == 5
    assert renewals(tenant) <= 1


def test_a_clock_that_is_wrong_does_not_matter_to_a_token_that_was_refused(tenant: Tenant, tmp_path: Path) -> None:
    """By this machine's clock the token is good for an hour; the service says no."""
    made = signed_in(tenant, tmp_path)
    tenant.entra.expire_access()
    assert len(collect(made).evidence) == 5
    assert renewals(tenant) == 1


# -- when a person is needed ------------------------------------------------------------------


def test_a_sign_in_that_was_revoked_asks_for_another_without_a_storm(tenant: Tenant, tmp_path: Path) -> None:
    """What was collected stays, and how far it came."""
    made = signed_in(tenant, tmp_path)
    shelf = collect(made)
    cursor = shelf.cursor
    tenant.entra.revoke(ADDRESS)
    tenant.entra.expire_access()
    before = len(tenant.server.asked)
    assert needed(made, shelf).hint == HINT
    assert len(tenant.server.asked) - before <= 5
    assert shelf.cursor == cursor
    assert needed(made, shelf).hint == HINT


def test_a_sign_in_that_ended_can_be_made_again(tenant: Tenant, tmp_path: Path) -> None:
    made = signed_in(tenant, tmp_path)
    tenant.entra.revoke(ADDRESS)
    tenant.entra.expire_access()
    needed(made)
    assert len(collect(signed_in(tenant, tmp_path)).evidence) == 5


def test_a_second_factor_is_asked_for_in_the_browser_and_never_by_a_run(tenant: Tenant, tmp_path: Path) -> None:
    opened: list[str] = []
    short_lived(tenant)
    signed_in(tenant, tmp_path)
    tenant.entra.interaction = ADDRESS
    trouble = needed(stranger(tenant, tmp_path, opened.append))
    assert "interaction_required" in str(trouble)
    assert trouble.hint == HINT
    assert opened == []
    assert len(collect(signed_in(tenant, tmp_path)).evidence) == 5


def test_a_claims_challenge_asks_for_a_sign_in(tenant: Tenant, tmp_path: Path) -> None:
    """Conditional access: Graph refuses a token that is good, with what it wants instead."""
    made = signed_in(tenant, tmp_path)
    challenge = 'Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="'
    body = {"error": {"code": "InvalidAuthenticationToken", "message": "for ada@okafor.example"}}
    with tenant.server.failing(Status(401, {"WWW-Authenticate": challenge}, body), to_graph):
        trouble = needed(made)
    assert trouble.hint == HINT
    assert "ada@" not in f"{trouble} {trouble.hint}"
    assert len([asked for asked in tenant.server.asked if to_graph(asked)]) <= 4


@pytest.mark.parametrize(
    ("error", "suberror"),
    [
        ("invalid_grant", "bad_token"),
        ("invalid_grant", ""),
        ("interaction_required", "basic_action"),
        ("login_required", ""),
    ],
)
def test_every_refusal_of_the_sign_in_says_what_to_do(
    tenant: Tenant, tmp_path: Path, error: str, suberror: str
) -> None:
    short_lived(tenant)
    made = signed_in(tenant, tmp_path)
    body = {"error": error, "suberror": suberror, "error_description": "AADSTS50173 ada@okafor.example", "claims": "{}"}
    with tenant.server.failing(Status(400, body=body), to_the_sign_in):
        trouble = needed(made)
    assert trouble.hint == HINT
    assert error in str(trouble)
    assert "AADSTS" not in f"{trouble}{trouble.hint}"


# -- when nobody is ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Portal(),
        Status(500),
        Status(503),
        Status(429, {"Retry-After": "1"}),
        Status(200),
        Status(200, body=[]),
        Status(200, body=b'{"access_token": '),
        Status(400, body=b"no", kind="text/plain"),
        Status(400, body={"error": "temporarily_unavailable"}),
        Status(400, body={"error": "server_error", "error_description": "AADSTS90033"}),
    ],
    ids=repr,
)
def test_trouble_on_the_way_is_no_reason_to_sign_in_again(tenant: Tenant, tmp_path: Path, fault: Any) -> None:
    """Offline, throttled, out of order: the next run goes on by itself."""
    short_lived(tenant)
    made = signed_in(tenant, tmp_path)
    with tenant.server.failing(fault, to_the_sign_in), pytest.raises(SourceUnavailable) as trouble:
        collect(made)
    assert trouble.value.hint
    assert len(collect(made).evidence) == 5


def test_an_answer_that_was_lost_is_no_storm(tenant: Tenant, tmp_path: Path) -> None:
    """The sign-in renewed and nobody heard it: with a token that one use ends, a person must sign in again."""
    short_lived(tenant)
    made = signed_in(tenant, tmp_path)
    before = len(tenant.server.asked)
    with tenant.server.failing(Reset(), to_the_sign_in), pytest.raises((SignInNeeded, SourceUnavailable)):
        collect(made)
    assert len(tenant.server.asked) - before <= 15
    needed(made)


def test_offline_is_no_reason_to_sign_in_again(tmp_path: Path) -> None:
    with Tenant() as tenant:
        ada(tenant)
        made = signed_in(tenant, tmp_path)
    with pytest.raises(SourceUnavailable):
        collect(made)


# -- what is kept -----------------------------------------------------------------------------


def test_a_sign_in_that_was_cut_at_any_byte_is_set_aside(tenant: Tenant, tmp_path: Path) -> None:
    """Sealed, so that a part of it opens nothing; its owner signs in again."""
    made = signed_in(tenant, tmp_path)
    path = made.connection.vault.path
    whole = path.read_bytes()
    for length in range(0, len(whole), 199):
        path.write_bytes(whole[:length])
        assert needed(made).hint == HINT
        assert not path.exists()
        assert path.with_name(f"{path.name}.damaged").exists()
    path.write_bytes(whole)
    assert len(collect(made).evidence) == 5


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "null",
        "7",
        '{"Account": []}',
        '{"Account": {"a": 7}}',
        '{"Account": {"a": {}}}',
        '{"Account": {"a": {"username": "ada@okafor.example"}}, "RefreshToken": {"r": 7}, "AccessToken": 7}',
        '{"Account": {"a": {"username": null, "home_account_id": []}}}',
    ],
)
def test_what_is_no_sign_in_counts_as_none(tenant: Tenant, tmp_path: Path, text: str) -> None:
    """Another program's file, or what an older one left."""
    made = stranger(tenant, tmp_path)
    made.connection.vault.save(text)
    assert needed(made).hint == HINT
    made.standing(MONDAY)
    assert len(collect(signed_in(tenant, tmp_path)).evidence) == 5


def test_a_sign_in_is_expected_to_lapse_after_ninety_days_without_use(tenant: Tenant, tmp_path: Path) -> None:
    now = int(time.time())
    made = signed_in(tenant, tmp_path)
    standing = made.standing(now)
    assert standing.signed_in
    assert 0 <= standing.lapses_at - UNUSED - now <= 60
    assert not made.standing(standing.lapses_at).signed_in


def test_how_it_stands_is_known_without_asking(tenant: Tenant, tmp_path: Path) -> None:
    made = signed_in(tenant, tmp_path)
    before = len(tenant.server.asked)
    made.standing(MONDAY)
    assert len(tenant.server.asked) == before


def test_a_permission_that_a_new_part_wants_does_not_stop_the_others(tenant: Tenant, tmp_path: Path) -> None:
    """Nobody has consented to it yet: that part is a gap until somebody does."""
    short_lived(tenant)
    signed_in(tenant, tmp_path)
    tenant.registration.refused.add("Calendars.Read")
    made = stranger(tenant, tmp_path, parts=("mail", "calendar"))
    shelf = collect(made)
    assert len(shelf.evidence) == 5
    assert [gap.part for gap in shelf.gaps] == ["calendar"]
    assert made.standing(int(time.time())).missing == ("Calendars.Read",)


def test_nothing_secret_is_in_an_error_or_a_log(
    tenant: Tenant, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    short_lived(tenant)
    made = signed_in(tenant, tmp_path)
    kept = refresh_tokens(made.connection.vault.load())
    tenant.entra.revoke(ADDRESS)
    with pytest.raises(AutotimeError) as trouble:
        collect(made)
    told = f"{trouble.value!r} {trouble.value.hint} {trouble.value.__cause__!r} {caplog.text} {made!r}"
    assert not any(secret in told for secret in kept)
    assert "Bearer ey" not in told


# -- killed -----------------------------------------------------------------------------------

RUN = """
import sys
from pathlib import Path
from types import SimpleNamespace
from autotime.collectors.microsoft.collector import MicrosoftCollector
from autotime.domain.doors import Connection
from autotime.testing import Shelf
from tests.collectors.microsoft.office import KEY, sealed
from tests.collectors.sources import MONDAY, context
import json
settings, folder = json.loads(sys.argv[1]), Path(sys.argv[2])
made = Connection(sealed(folder, "own"), sealed(folder, "firm"), settings, {})
collector = MicrosoftCollector("office", made, parts=("mail",), first_days=60)
print(len(Shelf().run(collector, context(MONDAY + 86_400)).evidence))
"""


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """For five seconds the lock's library waits for a file that a killed run left; here by nobody's clock."""
    waited: list[float] = []
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + sum(waited), sleep=waited.append, time=time.time)
    monkeypatch.setattr("msal_extensions.cache_lock.time", clock)


def killed(tenant: Tenant, folder: Path, point: int) -> int:
    """A run in a process of its own that is killed at the n-th point at which it keeps something."""
    arguments = [sys.executable, "-c", RUN, json.dumps(tenant.settings()), str(folder)]
    root = Path(__file__).parents[3]
    environment = {**os.environ, "AUTOTIME_FAILPOINT": str(point), "PYTHONPATH": f"{root}/src{os.pathsep}{root}"}
    return subprocess.run(arguments, env=environment, capture_output=True, timeout=60, check=False).returncode


@pytest.mark.usefixtures("hurried")
def test_a_run_that_is_killed_once_the_token_is_kept_costs_nothing(tenant: Tenant, tmp_path: Path) -> None:
    """Also its lock, which it held: the kernel takes that back."""
    made = signed_in(tenant, tmp_path)
    tenant.entra.expire_access()
    short_lived(tenant)
    assert killed(tenant, tmp_path, 2) == -signal.SIGKILL
    assert renewals(tenant) == 1
    assert len(collect(made).evidence) == 5


@pytest.mark.usefixtures("hurried")
def test_a_run_that_is_killed_before_the_token_is_kept_asks_for_a_sign_in_and_does_not_loop(
    tenant: Tenant, tmp_path: Path
) -> None:
    """The old token is used up and the new one lost: nobody but a person can mend that."""
    made = signed_in(tenant, tmp_path)
    tenant.entra.expire_access()
    assert killed(tenant, tmp_path, 1) == -signal.SIGKILL
    assert renewals(tenant) == 1
    before = len(tenant.server.asked)
    assert needed(made).hint == HINT
    assert len(tenant.server.asked) - before <= 5
    assert len(collect(signed_in(tenant, tmp_path)).evidence) == 5


def test_two_runs_renew_the_same_sign_in_one_after_another(tenant: Tenant, tmp_path: Path) -> None:
    """The second finds what the first one kept, though it was made before."""
    short_lived(tenant)
    signed_in(tenant, tmp_path)
    first, second = stranger(tenant, tmp_path), stranger(tenant, tmp_path)
    assert [len(collect(made).evidence) for made in (first, second, first, second)] == [5, 5, 5, 5]


def test_a_lock_that_somebody_holds_is_waited_for_and_no_reason_to_sign_in(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_lived(tenant)
    made = signed_in(tenant, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("msal_extensions.CrossPlatLock.__enter__", locked)
        with pytest.raises(SourceUnavailable, match="another program"):
            collect(made)
    assert len(collect(made).evidence) == 5


def locked(*_: object) -> None:
    from msal_extensions import LockError

    raise LockError(None, "held")
