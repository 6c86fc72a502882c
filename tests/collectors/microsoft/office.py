"""The Microsoft source of an invented attorney, against the stand-in for a tenant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from autotime.collectors.microsoft.collector import MicrosoftCollector
from autotime.domain.doors import Connection
from autotime.testing.microsoft import Mailbox, Tenant
from autotime.vault import SealedFile
from tests.collectors.sources import ADA

ADDRESS = ADA.emails[0]
KEY = b"k" * 32


def ada(tenant: Tenant) -> Mailbox:
    return tenant.mailbox(ADDRESS, "Ada Okafor")


def sealed(folder: Path, name: str) -> SealedFile:
    return SealedFile(folder / f"{name}.sealed", lambda: KEY)


def connection(tenant: Tenant, folder: Path, **settings: Any) -> Connection:
    return Connection(sealed(folder, "own"), sealed(folder, "firm"), tenant.settings(**settings), {})


def source(
    tenant: Tenant, folder: Path, *, sleep: Callable[[float], None] = lambda _seconds: None, **options: Any
) -> MicrosoftCollector:
    """Signed in to by the firm's registration."""
    made = connection(tenant, folder)
    made.shared.save(tenant.registration.secret)
    return MicrosoftCollector("office", made, **{"page": 2, "first_days": 60, "sleep": sleep, **options})
