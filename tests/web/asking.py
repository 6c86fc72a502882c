"""A client that never waits, of a server on this machine."""

from __future__ import annotations

from typing import Any

from autotime.testing import Loopback
from autotime.web import Manners, Web

WALL = 1_773_000_000


def asking(server: Loopback, **manners: Any) -> tuple[Web, list[float]]:
    """The client, and the seconds it slept. Its clock stands at ``WALL``, and so does the server's."""
    waits: list[float] = []
    server.date = WALL if server.date is None else server.date
    return Web(server.url, manners=Manners(**manners), sleep=waits.append, wall=lambda: WALL), waits
