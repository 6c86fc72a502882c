"""The doors for guests: collectors, file billers, and the matching face.

A guest is one short file, loaded because the settings name it. Residents use the same doors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from autotime.domain.books import Books
from autotime.domain.decisions import Decision
from autotime.domain.delivery import BatchFile, Submission
from autotime.domain.evidence import Batch, Evidence, SyncCursor
from autotime.domain.learning import Features
from autotime.domain.matching import Ranking
from autotime.domain.people import Timekeeper
from autotime.domain.spans import Span


@dataclass(frozen=True, slots=True)
class CollectContext:
    """What a collector may know: whose things these are, the stretch of time wanted, and now."""

    timekeeper: Timekeeper
    window: Span
    now: int


@runtime_checkable
class Collector(Protocol):
    """Reads one source.

    ``account`` is the name the settings give it, ``source`` the kind (``mbox``). ``collect`` yields
    pages in any order; each carries the cursor that holds once the page is stored. Reading the same
    thing twice is harmless. One bad item becomes a ``Quarantined``, never an exception. Raises
    ``SourceUnavailable``, ``CursorExpired`` or ``SuddenlyEmpty``.
    """

    account: str
    source: str

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]: ...


@runtime_checkable
class FileBiller(Protocol):
    """Writes batches of approved entries as files.

    ``lines`` are submissions of one batch in order, with their payloads; ``render`` is a pure
    function of batch and lines, so that a batch written again has the same bytes. ``refuse`` says
    why one payload cannot go (empty: it can), naming the missing field and where to set it.
    """

    target: str
    extension: str
    mapping_version: str

    def refuse(self, payload: Mapping[str, object], header: Mapping[str, object]) -> str: ...

    def render(self, batch: BatchFile, lines: Sequence[Submission]) -> bytes: ...


class Memory(Protocol):
    """What a matcher has learned. ``learn`` and ``unlearn`` take less than 50 ms."""

    def learn(self, decision: Decision) -> None: ...

    def unlearn(self, decision: Decision) -> None: ...

    def snapshot(self) -> bytes: ...

    def restore(self, snapshot: bytes) -> None: ...


class FeatureSource(Protocol):
    """Looks up stored features by evidence id; ``None`` where there are none."""

    def __call__(self, evidence: str, /) -> Features | None: ...


class Rank(Protocol):
    """The matching face: candidates for each piece of evidence, in the order given."""

    def __call__(self, evidence: Sequence[Evidence], books: Books, memory: Memory, now: int) -> list[Ranking]: ...
