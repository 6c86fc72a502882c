"""A mailbox at Microsoft, and its mail as evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from autotime.collectors.microsoft import mail
from autotime.collectors.parts import Page
from autotime.domain.evidence import Evidence
from autotime.testing.microsoft import Tenant
from autotime.testing.server import Asked, Status
from tests.collectors.microsoft.parts import ADA, asking, evidence, me_of, week

BASIC = ("User.Read", "Mail.ReadBasic")


def pages(tenant: Tenant, state: Any = None, window: Any = None, *, basic: bool = False, page: int = 100) -> list[Page]:
    graph, me = asking(tenant, ADA, *(BASIC if basic else ())), me_of(tenant.mailbox(ADA))
    return list(mail.read(graph, state or {}, window or week(), me, "metadata" if basic else "text", page))


def found(tenant: Tenant, **more: Any) -> list[Evidence]:
    return evidence(pages(tenant, **more))


def only(tenant: Tenant, **more: Any) -> Evidence:
    [item] = found(tenant, **more)
    return item


def subjects(items: Sequence[Evidence]) -> list[str]:
    return [item.subject.reveal() for item in items]


def lists(tenant: Tenant, path: str = "/v1.0/me/messages") -> list[Asked]:
    return [asked for asked in tenant.server.asked if asked.path == path]


def spoil_in_batches(tenant: Tenant, part: str, fault: Status, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request in a batch whose path has ``part`` fails."""
    inside = tenant.graph.__class__._inside

    def spoiled(one: Any, headers: Any) -> Any:
        if part in one["url"]:
            tenant.switches.batch[:0] = [fault]
        return inside(tenant.graph, one, headers)

    monkeypatch.setattr(tenant.graph, "_inside", spoiled)


def threads(items: Sequence[Evidence]) -> list[str]:
    return [item.thread for item in items]
