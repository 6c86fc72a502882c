"""What decisions teach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

FEATURE_VERSION = 1
"""Raised whenever a block is computed differently; features of another version are rebuilt."""


@dataclass(frozen=True, slots=True)
class Features:
    """What is kept of a piece of evidence when its text is gone.

    ``blocks`` maps a block name to hashed terms and their counts. Terms are hashed with a key of
    the store, so that a stolen table does not give up its words. ``vector`` is a sentence
    embedding where an embedder was installed, float32 bytes.
    """

    version: int
    blocks: Mapping[str, Mapping[int, int]]
    vector: bytes = b""


class ExampleKind(StrEnum):
    MATTER = "matter"
    DURATION = "duration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One lesson: this evidence belonged to this matter (or took this many seconds).

    ``weight``: 0.4 for accepting what was pre-filled, 1 for an explicit pick, 2 for a correction.
    ``decision`` is the teacher (``history:…`` for filed mail and imported entries); undoing it
    retracts the example. ``at`` orders examples in time.
    """

    kind: ExampleKind
    evidence: str
    revision: int
    label: str
    at: int
    weight: float
    decision: str
    seconds: int = 0
