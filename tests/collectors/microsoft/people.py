"""Who sits there when a source is signed in to, and sources nobody has signed in to yet."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from autotime.collectors.microsoft.collector import MicrosoftCollector
from autotime.domain.errors import SignInNeeded
from autotime.testing import Shelf
from autotime.testing.microsoft import Tenant
from tests.collectors.microsoft.office import ADDRESS, connection
from tests.collectors.sources import MONDAY, context


class Sitter:
    """Reads what is shown (``lines``), answers what is asked, and has a browser."""

    def __init__(self, tenant: Tenant, who: str = ADDRESS, answers: tuple[str, ...] = ()) -> None:
        self.tenant, self.who, self.answers = tenant, who, list(answers)
        self.lines: list[str] = []
        self.asked: list[tuple[str, bool]] = []
        self.opened: list[str] = []
        self.back: dict[str, str] = {}

    def say(self, line: str) -> None:
        self.lines.append(line)

    def ask(self, question: str, secret: bool = False) -> str:
        self.asked.append((question, secret))
        return self.answers.pop(0)

    def browse(self, url: str) -> None:
        self.opened.append(url)
        self.back = dict(self.tenant.browse(url, self.who))

    def browse_nothing(self, url: str) -> None:
        """Looks at the page and does not sign in."""
        self.opened.append(url)

    def query(self) -> dict[str, str]:
        """What the browser was sent to the sign-in with."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.opened[-1]).query).items()}


def stranger(
    tenant: Tenant, folder: Path, browse: Callable[[str], object] | None = None, **options: Any
) -> MicrosoftCollector:
    """A source nobody has signed in to. Without ``browse`` a browser that is opened fails the test."""
    usual = {"parts": ("mail",), "first_days": 60, "sleep": lambda _seconds: None, "browse": browse or never}
    return MicrosoftCollector("office", connection(tenant, folder), **(usual | options))


def signed_in(tenant: Tenant, folder: Path, **options: Any) -> MicrosoftCollector:
    """Ada has been there; from now on nothing may open her browser."""
    ada = Sitter(tenant)
    stranger(tenant, folder, ada.browse, **options).connect(ada)
    return stranger(tenant, folder, **options)


def never(url: str) -> None:
    raise AssertionError("a browser was opened")


def collect(made: MicrosoftCollector, shelf: Shelf | None = None) -> Shelf:
    return (shelf or Shelf()).run(made, context(MONDAY + 86_400))


# -- a sign-in that is used ---------------------------------------------------------------------

HINT = 'autotime connect "office"'


def short_lived(tenant: Tenant) -> None:
    """Access tokens end so soon that each run begins with a renewal."""
    tenant.entra.lasts = 200


def renewals(tenant: Tenant) -> int:
    return tenant.entra.issued.count("refresh_token")


def refresh_tokens(kept: str) -> set[str]:
    return {one["secret"] for one in json.loads(kept)["RefreshToken"].values()}


def needed(made: MicrosoftCollector, shelf: Shelf | None = None) -> SignInNeeded:
    """What a run says that a person must mend."""
    with pytest.raises(SignInNeeded) as trouble:
        collect(made, shelf)
    return trouble.value
