"""Ada's mailbox, read as the collector reads it, and what was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from autotime.collectors.google.gmail import DAY, read
from autotime.testing.google import Workspace
from tests.collectors.google.office import google
from tests.collectors.google.room import Kept
from tests.collectors.sources import MONDAY, context

NOW = MONDAY + DAY


def run(
    workspace: Workspace,
    kept: Kept | None = None,
    now: int = NOW,
    since: int = 0,
    pages: int | None = None,
    excluded: frozenset[str] = frozenset(),
    **options: Any,
) -> Kept:
    """Reads the mailbox once; ``pages`` are stored before the run is killed."""
    kept = kept or Kept()
    kept.new = kept.changed = 0
    with google(workspace, account="office", **options) as made:
        for number, page in enumerate(read(made, kept.state, replace(context(now, since), excluded=excluded))):
            if number == pages:
                break
            kept.keep(page)
    return kept


def asked(workspace: Workspace, path: str) -> list[dict[str, list[str]]]:
    """The queries of requests to a path, also of those in batches."""
    plain = [one.target for one in workspace.server.asked]
    inner = [
        line.split(" ")[1]
        for one in workspace.server.asked
        if one.path == "/batch"
        for line in one.body.decode().splitlines()
        if line.startswith("GET ")
    ]
    return [parse_qs(urlsplit(target).query) for target in plain + inner if path in target]
