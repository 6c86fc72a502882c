"""A tenant, and Graph as the parts of the source ask it."""

from __future__ import annotations

from collections.abc import Sequence

from autotime.collectors.microsoft.graph import Graph
from autotime.collectors.microsoft.parts import Me
from autotime.collectors.parts import Page
from autotime.domain.doors import CollectContext
from autotime.domain.evidence import Evidence
from autotime.testing.microsoft import Mailbox, Tenant
from autotime.web import Web
from tests.collectors.sources import MONDAY, context

ADA = "ada@okafor.example"
DAY = 86_400


def asking(tenant: Tenant, who: str = ADA, *permissions: str) -> Graph:
    """As a person of the tenant, or (``who`` is nothing) as the firm's app."""
    token = tenant.token(who, *permissions)
    web = Web(tenant.root, lambda _fresh: {"Authorization": f"Bearer {token}"}, sleep=lambda _seconds: None)
    return Graph(web, "work")


def me_of(box: Mailbox, home: str = "/me") -> Me:
    return Me(account="work", home=home, id=box.id, name=box.name, addresses=(box.address,))


def week(first: int = MONDAY - DAY, now: int = MONDAY + 3 * DAY) -> CollectContext:
    """The days around the Monday, read on the Thursday."""
    return context(now=now, first=first)


def evidence(pages: Sequence[Page]) -> list[Evidence]:
    """What pages gave, in order of time, as it then stands."""
    held: dict[str, Evidence] = {}
    for page in pages:
        held |= {item.key: item for item in page.evidence}
        for key in page.withdrawn:
            held.pop(key, None)
    return sorted(held.values(), key=lambda item: (item.at, item.key))
