"""Who stands for each piece of evidence: the likeliest learned matters, and all that the books name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autotime.classifiers.kernels import RIDGES
from autotime.classifiers.rules import RULES, Hit
from autotime.classifiers.views import Past

LIKENESS = (*RIDGES, "votes", "nearest", "middle")
LEARNED = (*LIKENESS, *(f"{name}_log" for name in LIKENESS), *(f"{name}_lead" for name in RIDGES), *Past.NAMES)
"""Views that come from lessons: shares, their logs, and how far a ridge's is ahead of all others."""

VIEWS = (*LEARNED, "new", *RULES)
NEW = len(LEARNED)
STANDING = 24

Hits = Mapping[str, Sequence[Hit]]


@dataclass(frozen=True, slots=True)
class Slate:
    """``labels``: of each item, its candidates; ``there``: ``(items, places)``; ``views``:
    ``(items, places, VIEWS)``, zero where nobody stands."""

    labels: list[list[str]]
    there: np.ndarray
    views: np.ndarray


def choose(
    looked: np.ndarray,
    standing: np.ndarray,
    labels: Sequence[str],
    told: Sequence[Hits],
    rough: np.ndarray,
    closed: frozenset[str] = frozenset(),
) -> Slate:
    """``looked``: ``(items, labels, LEARNED)``; ``standing``: ``(items, labels)``, which labels may be
    answered; ``rough``: stated weights of ``LEARNED`` by which the first of them are chosen."""
    index = {label: place for place, label in enumerate(labels)}
    merit = np.where(standing, looked @ rough, -np.inf)
    best = np.argsort(-merit, axis=1, kind="stable")[:, :STANDING]
    rows = [
        _row([int(c) for c in best[item] if standing[item, c]], labels, told[item], closed)
        for item in range(len(looked))
    ]
    width = max((len(row) for row in rows), default=0)
    there = np.zeros((len(rows), width), dtype=bool)
    views = np.zeros((len(rows), width, len(VIEWS)))
    for item, row in enumerate(rows):
        there[item, : len(row)] = True
        for place, label in enumerate(row):
            _fill(views[item, place], looked[item], standing[item], index.get(label), told[item].get(label, ()))
    return Slate(rows, there, views)


def _row(best: Sequence[int], labels: Sequence[str], hits: Hits, closed: frozenset[str]) -> list[str]:
    named = sorted(hits, key=lambda label: (-sum(hit.strength for hit in hits[label]), label))
    chosen = dict.fromkeys(labels[column] for column in best)
    return list(chosen | dict.fromkeys(label for label in named[:STANDING] if label not in closed))


def _fill(row: np.ndarray, looked: np.ndarray, standing: np.ndarray, column: int | None, hits: Sequence[Hit]) -> None:
    if column is not None and standing[column]:
        row[:NEW] = looked[column]
    else:
        row[NEW] = 1.0
    for hit in hits:
        row[NEW + 1 + RULES.index(hit.rule)] = hit.strength
