"""Signing in to Microsoft by a code that is entered on another device."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from autotime.domain.errors import AutotimeError, SignInNeeded
from autotime.testing.microsoft import Tenant
from autotime.testing.server import Status
from tests.collectors.microsoft.office import ADDRESS, ada
from tests.collectors.microsoft.people import Sitter, collect, stranger
from tests.collectors.sources import letter


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant() as made:
        ada(made).receives(letter(0))
        yield made


@pytest.fixture
def sitter(tenant: Tenant) -> Sitter:
    return Sitter(tenant)


def told(trouble: AutotimeError) -> str:
    return f"{trouble} {trouble!r} {trouble.hint}"


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Between its questions ``msal`` waits by itself; here by nobody's clock."""
    waited: list[float] = []
    clock = SimpleNamespace(time=lambda: time.time() + sum(waited), sleep=waited.append)
    monkeypatch.setattr("msal.oauth2cli.oauth2.time", clock)
    return waited


def test_a_code_is_entered_on_another_device(
    tenant: Tenant, tmp_path: Path, sitter: Sitter, waits: list[float]
) -> None:
    """For a machine without a browser. Until somebody has entered it, it is asked for in its own rhythm."""
    tenant.entra.person, tenant.entra.pending = ADDRESS, 2
    made = stranger(tenant, tmp_path)
    made.connect(sitter, device=True)
    assert ["H4RR0WLSE" in line and "https://" in line for line in sitter.lines] == [True]
    assert sum(waits) == 10
    assert len(collect(made).evidence) == 1


def test_a_code_that_nobody_enters_ends_after_five_minutes(
    tenant: Tenant, tmp_path: Path, sitter: Sitter, waits: list[float]
) -> None:
    tenant.entra.pending = 10_000
    with pytest.raises(SignInNeeded, match="nobody entered") as trouble:
        stranger(tenant, tmp_path).connect(sitter, device=True)
    assert trouble.value.hint == 'autotime connect "office" --device'
    assert 290 <= sum(waits) <= 310


@pytest.mark.usefixtures("waits")
def test_a_firm_that_blocks_codes_is_told_apart(tenant: Tenant, tmp_path: Path, sitter: Sitter) -> None:
    """Conditional access refuses at the code itself, or after it was entered."""
    made = stranger(tenant, tmp_path)
    blocked = Status(400, body={"error": "access_denied", "error_description": "AADSTS53003: blocked for ada"})
    for place in ("/devicecode", "/token"):
        with (
            tenant.server.failing(blocked, lambda asked, place=place: asked.path.endswith(place)),  # type: ignore[misc]
            pytest.raises(SignInNeeded, match="not given") as trouble,
        ):
            made.connect(sitter, device=True)
        assert "AADSTS" not in told(trouble.value)
