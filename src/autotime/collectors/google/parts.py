"""How a part of the source (mail, calendar, files, attendance) is read: from its own state, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autotime.collectors.google.service import Google
from autotime.domain.doors import CollectContext
from autotime.domain.evidence import Evidence, Gap, Quarantined

State = Mapping[str, Any]
"""What a part remembers, as JSON can hold it; empty before the first run and after its cursor expired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a part, and the state that holds once it is stored."""

    state: State
    evidence: tuple[Evidence, ...] = ()
    withdrawn: tuple[str, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    gaps: tuple[Gap, ...] = ()


Part = Callable[[Google, State, CollectContext], Iterator[Page]]
"""Reads one part. ``CursorExpired`` makes it start again from an empty state; any other
``SourceUnavailable`` is a gap, and the other parts go on."""
