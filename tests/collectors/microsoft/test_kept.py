"""What is kept of a sign-in to Microsoft: sealed, whole, and by one process at a time."""

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

import pytest

from autotime.domain.errors import AutotimeError, SourceUnavailable
from autotime.testing.microsoft import Tenant
from tests.collectors.microsoft.office import ADDRESS, ada
from tests.collectors.microsoft.people import (
    HINT,
    collect,
    needed,
    refresh_tokens,
    renewals,
    short_lived,
    signed_in,
    stranger,
)
from tests.collectors.sources import MONDAY, context, letter


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant() as made:
        for number in range(5):
            ada(made).receives(letter(number, sent=MONDAY + number))
        yield made


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
    assert 0 <= standing.lapses_at - 90 * 86_400 - now <= 60
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


def test_two_runs_side_by_side_use_up_one_sign_in_in_turns(tenant: Tenant, tmp_path: Path) -> None:
    """Each page of either begins with a renewal of what the other kept."""
    short_lived(tenant)
    signed_in(tenant, tmp_path)
    runs = [stranger(tenant, tmp_path, page=2).collect(None, context(MONDAY + 86_400)) for _ in range(2)]
    came = [sum(len(page.evidence) for page in pages) for pages in zip(*zip(*runs, strict=True), strict=True)]
    assert came == [5, 5]
    assert renewals(tenant) >= 4


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
