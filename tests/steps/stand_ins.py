"""An office whose sources are at Microsoft and at Google, both stood in for by servers on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from autotime import plugins
from autotime.office import FIRM, Office, connection, vault
from autotime.settings import SourceSettings
from autotime.testing.google import Workspace
from autotime.testing.microsoft import Mailbox, Tenant
from autotime.vault import SealedFile
from tests.billing.firm import CLIENTS, MATTERS, TIMEKEEPER
from tests.collectors.microsoft.people import Sitter

from .test_collecting import office

ADDRESS = "ada@okafor.example"
DAY = 86_400


def never(_seconds: float) -> None:
    """No test waits for the clock."""


def at_microsoft(*parts: str, **more: Any) -> dict[str, Any]:
    """The source, as the settings name it. Small pages; mail alone unless the parts say otherwise."""
    usual = {"account": "office", "type": "microsoft", "page": 2, "sleep": never, "parts": parts or ("mail",)}
    return usual | more


def at_google(*parts: str, **more: Any) -> dict[str, Any]:
    usual = {"account": "workspace", "type": "google", "page": 2, "sleep": never, "parts": parts or ("mail",)}
    return usual | more


def ada(tenant: Tenant) -> Mailbox:
    return tenant.mailbox(ADDRESS, "Ada Okafor")


def between(
    home: Path, *sources: dict[str, Any], tenant: Tenant | None = None, workspace: Workspace | None = None, **more: Any
) -> AbstractContextManager[Office]:
    """The office of these sources, connected to the stand-ins; nobody has signed in yet."""
    tables = dict(more)
    if tenant:
        tables["microsoft"] = tenant.settings()
    if workspace:
        tables["google"] = workspace.settings(home)
    key = {"key": "file", "key_file": str(home / "{timekeeper}.key")}
    return office(home, *sources, store=key, **tables)


def own_vault(here: Office, source: dict[str, Any]) -> SealedFile:
    """Where the timekeeper's own sign-in to a source lies."""
    return vault(here.settings, "AOK", f"{source['type']} {source['account']}")


def signed_in_by_the_firm(here: Office, tenant: Tenant) -> None:
    vault(here.settings, FIRM, "microsoft").save(tenant.registration.secret)


def signed_in_to_google(here: Office, workspace: Workspace, source: dict[str, Any]) -> None:
    own_vault(here, source).save(workspace.sign_in(workspace.user(ADDRESS)))


def signed_in_to_microsoft(here: Office, tenant: Tenant, source: dict[str, Any]) -> None:
    """Ada does so in her browser."""
    person = Sitter(tenant)
    asked = SourceSettings(**{**source, "browse": person.browse})
    made: Any = plugins.collector(asked, connection(here.settings, "AOK", asked)).guest
    made.connect(person)


def serving() -> Iterator[Tenant]:
    with Tenant() as tenant:
        yield tenant


def hosting() -> Iterator[Workspace]:
    with Workspace() as workspace:
        yield workspace


def with_books(here: Office) -> None:
    """The firm's clients and matters, so that something can be approved."""
    here.store.books.upsert(clients=CLIENTS, matters=MATTERS)
    here.store.books.upsert_timekeepers([TIMEKEEPER])


def shown(here: Office) -> list[tuple[str, str]]:
    """Every suggestion there is, and the revision a person saw."""
    days = here.store.suggestions.days()
    return sorted((one.id, one.revision) for day in days for one in here.store.suggestions.on(day))
