"""Ada's Google Workspace on this machine, and a part of the source that is read as the collector reads it.

Every answer that any test sees is held against Google's discovery documents.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from autotime.collectors.google.app import App
from autotime.collectors.google.service import Google
from autotime.collectors.parts import Page
from autotime.domain.doors import CollectContext
from autotime.domain.evidence import Evidence, Gap
from autotime.domain.people import Timekeeper
from autotime.domain.spans import Span
from autotime.testing.google import EVERYTHING, User, Workspace
from autotime.testing.google.routes import AUTH
from autotime.testing.server import Asked, Reply
from autotime.web import Authorise
from tests.collectors.google import schema
from tests.collectors.sources import ADA

DAY = 86_400


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


NOW = utc("2026-03-10T02:00Z")
"""The night after Monday 9 March 2026."""


@dataclass(slots=True)
class Kept:
    """What one part gave so far, by key, and its state as the store keeps it."""

    state: Mapping[str, Any] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    quarantined: dict[str, str] = field(default_factory=dict)
    withdrawn: list[str] = field(default_factory=list)
    new: int = 0
    changed: int = 0

    def keep(self, page: Page) -> None:
        for item in page.evidence:
            before = self.evidence.get(item.key)
            self.new += before is None
            self.changed += before is not None and before != item
            self.evidence[item.key] = item
        for key in page.withdrawn:
            if self.evidence.pop(key, None) is not None:
                self.withdrawn.append(key)
        self.gaps += [gap for gap in page.gaps if gap not in self.gaps]
        self.quarantined |= {bad.key: bad.reason for bad in page.quarantined}
        self.state = json.loads(json.dumps(page.state))

    @property
    def items(self) -> list[Evidence]:
        return sorted(self.evidence.values(), key=lambda item: (item.at, item.key))

    @property
    def subjects(self) -> list[str]:
        return [item.subject.reveal() for item in self.items]

    def only(self) -> Evidence:
        assert len(self.items) == 1
        return self.items[0]


class Room:
    """``waits`` are the seconds that were slept."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.ada: User = workspace.user("ada@okafor.example")
        self.scopes = list(EVERYTHING)
        self.exchanges: list[tuple[Asked, Reply]] = []
        self.waits: list[float] = []
        self.page = 200

    def without(self, *names: str) -> None:
        self.scopes = [scope for scope in self.scopes if scope not in names]

    @contextmanager
    def google(self) -> Iterator[Google]:
        with Google(
            App(base_url=self.workspace.url),
            self._authorise,
            account="google",
            page=self.page,
            sleep=self.waits.append,
        ) as google:
            yield google

    def _authorise(self, _api: str) -> Authorise:
        token = self._token()
        return lambda _fresh: {"Authorization": token}

    def _token(self) -> str:
        granted = frozenset(f"{AUTH}{scope}" for scope in self.scopes)
        return f"Bearer {self.workspace.desk.grant(self.ada.address, granted)}"

    @property
    def headers(self) -> Mapping[str, str]:
        """Of a request of Ada's, as a server has them."""
        return {"authorization": self._token()}

    def run(
        self,
        part: Callable[..., Iterator[Page]],
        kept: Kept | None = None,
        now: int = NOW,
        since: int = 0,
        pages: int | None = None,
        who: Timekeeper = ADA,
        **more: Any,
    ) -> Kept:
        """Reads the part once; ``pages`` are stored before the run is killed."""
        kept = kept or Kept()
        kept.new = kept.changed = 0
        kept.gaps, kept.withdrawn = [], []
        context = CollectContext(who, Span(since, now + DAY), now)
        with self.google() as google:
            for number, page in enumerate(part(google, kept.state, context, **more)):
                if number == pages:
                    break
                kept.keep(page)
        return kept

    def asked(self, path: str) -> list[Asked]:
        return [asked for asked in self.workspace.server.asked if asked.path.endswith(path)]


@contextmanager
def room() -> Iterator[Room]:
    """A room whose every answer was as Google gives it."""
    with Workspace() as workspace:
        made = Room(workspace)
        answer = workspace.server.answer

        def recorded(asked: Asked) -> Reply:
            reply = answer(asked)
            made.exchanges.append((asked, reply))
            return reply

        workspace.server.answer = recorded
        yield made
    assert [problem for exchange in made.exchanges for problem in schema.problems(*exchange)] == []
