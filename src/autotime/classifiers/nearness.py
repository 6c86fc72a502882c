"""What the likeness to each lesson says about each label: votes, the nearest, the middle."""

from __future__ import annotations

import numpy as np

from autotime.classifiers.views import DAY

NEAREST = 15
STEEP = 20.0
STALE = 30 * DAY
"""Half-life of a neighbour's vote, seconds."""


def steep(shares: np.ndarray) -> np.ndarray:
    """Logs, so that shares are pooled as odds are: nothing stays 0, and a fifth is far from nothing."""
    return np.asarray(np.log1p(STEEP * np.clip(shares, 0.0, None)))


def lead(scores: np.ndarray) -> np.ndarray:
    """How far each label is ahead of the best other."""
    if scores.shape[1] < 2:
        return np.zeros_like(scores)
    ordered = np.partition(scores, -2, axis=1)
    first, second = ordered[:, -1:], ordered[:, -2:-1]
    return np.asarray(scores - np.where(scores == first, second, first))


def votes(likeness: np.ndarray, age: np.ndarray, answers: np.ndarray, classes: int) -> np.ndarray:
    """Shares of the fifteen nearest lessons, the likest and latest counting most. ``likeness`` and
    ``age`` (seconds): ``(items, lessons)``."""
    found = np.zeros((len(likeness), classes))
    nearest = min(NEAREST, likeness.shape[1])
    if not nearest:
        return found
    chosen = np.argpartition(-likeness, nearest - 1, axis=1)[:, :nearest]
    strength = np.clip(np.take_along_axis(likeness, chosen, axis=1), 0, None) ** 4
    strength *= np.exp2(-np.maximum(np.take_along_axis(age, chosen, axis=1), 0) / STALE)
    np.add.at(found, (np.arange(len(likeness))[:, None], answers[chosen]), strength)
    whole = found.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(found, whole, out=np.zeros_like(found), where=whole > 0))


def nearest(likeness: np.ndarray, answers: np.ndarray, classes: int) -> np.ndarray:
    """The greatest likeness to a lesson of each label."""
    found = np.zeros((len(likeness), classes))
    order = np.argsort(answers, kind="stable")
    labels, starts = np.unique(answers[order], return_index=True)
    if len(labels):
        found[:, labels] = np.maximum.reduceat(likeness[:, order], starts, axis=1)
    return found


def middle(likeness: np.ndarray, known: np.ndarray, answers: np.ndarray, classes: int) -> np.ndarray:
    """The mean likeness to the lessons of each label; ``known`` says how many lessons each item may see."""
    member = np.zeros((len(answers), classes))
    member[np.arange(len(answers)), answers] = 1.0
    counts = np.vstack([np.zeros(classes), np.cumsum(member, axis=0)])[known]
    return np.asarray((likeness @ member) / np.maximum(counts, 1.0))
