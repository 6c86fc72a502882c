"""CalDAV calendars: changes since the last run where the server keeps them, expanded by our own code.

::

    who am I ── where are my calendars ── of each: what changed ── those resources, page by page
                                             │
             a token the server still knows ─┤─ only the changes, and what was deleted
             none, or one it has forgotten  ─┘─ the marks of all in the window, compared with what is known

The window moves on by itself, so once a day what lies in its last two weeks is read again: an event that
repeats has new occurrences though nobody changed it.

The cursor holds for each calendar its token, the window that was read, and of each resource its mark and
what it gave lately. A resource that was deleted is a meeting that was cancelled: what it gave is withdrawn.
A calendar that is gone withdraws nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from autotime.collectors import webdav
from autotime.collectors.files import suddenly_empty
from autotime.collectors.ics import FILE_CAP, CalendarReader
from autotime.collectors.webdav import CAL, DAV, SERVER, Multistatus, Told
from autotime.domain.doors import CollectContext, Connection, Person, SignIn
from autotime.domain.errors import Misused, SignInNeeded, SourceUnavailable
from autotime.domain.evidence import Batch, Evidence, Gap, SyncCursor
from autotime.domain.spans import Span
from autotime.intake import clean
from autotime.web import Answer, Answered, Manners, Network, Web, checked_root

DAY = 86_400
AGAIN = 14 * DAY
WELL_KNOWN = "/.well-known/caldav"
MOVED = (301, 302, 303, 307, 308)
HOPS = 4
ROUNDS = 1000
"""How often a server may say that there are more changes."""

Calendars = dict[str, dict[str, Any]]
"""By path: ``token``, ``since`` and ``until`` (the window that was read), and ``seen``: by path of a resource
its mark (``etag``), what it gave lately (``given``: by UID and occurrence the start) and ``cancelled`` keys."""


@dataclass(frozen=True, slots=True)
class Found:
    """A calendar on the server. ``token`` is nothing where it keeps no changes."""

    path: str
    name: str
    token: str


@dataclass(slots=True)
class Changes:
    """Of one calendar: paths to read, paths that are gone, and the token that then holds."""

    fresh: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    token: str = ""
