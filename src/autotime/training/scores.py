"""How good predictions were: shares, standard errors, calibration, coverage at a precision.

Everything is a fraction. A probability is that of the first choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

BINS = 15
SIMULATED = 200
PRECISION = 0.95
FEWEST = 50
"""Answers that must be known before a threshold is fixed on them."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """One prediction beside the answer. ``ranked`` are matters, the likeliest first, abstaining left
    out; ``seen``: the answer had an example when this was predicted."""

    answer: str
    ranked: tuple[str, ...]
    probability: float
    seen: bool

    @property
    def right(self) -> bool:
        return self.ranked[:1] == (self.answer,)

    @property
    def near(self) -> bool:
        return self.answer in self.ranked[:3]


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def standard_error(values: Sequence[float]) -> float:
    """Of the mean; 0 for fewer than two values."""
    if len(values) < 2:
        return 0.0
    middle = mean(values)
    return sqrt(sum((value - middle) ** 2 for value in values) / (len(values) - 1) / len(values))


def calibration_error(probability: Sequence[float], right: Sequence[bool]) -> float:
    """Expected calibration error over 15 bins of equal mass."""
    if not len(probability):
        return 0.0
    order = np.argsort(np.asarray(probability, dtype=float), kind="stable")
    said, was = np.asarray(probability, dtype=float)[order], np.asarray(right, dtype=float)[order]
    bins = np.array_split(np.arange(len(said)), min(BINS, len(said)))
    return float(sum(len(one) * abs(said[one].mean() - was[one].mean()) for one in bins) / len(said))


def calibration_floor(probability: Sequence[float], seed: int = 0) -> float:
    """The error a perfectly calibrated model with these probabilities would show by chance alone."""
    if not len(probability):
        return 0.0
    chance = np.random.default_rng(seed)
    said = np.asarray(probability, dtype=float)
    drawn = (chance.random(len(said)) < said for _ in range(SIMULATED))
    return mean([calibration_error(said.tolist(), one.tolist()) for one in drawn])


def threshold(probability: Sequence[float], right: Sequence[bool]) -> float:
    """The lowest probability from which the past was right in 95 of 100; above 1 where it never was."""
    if len(probability) < FEWEST:
        return 2.0
    order = np.argsort(-np.asarray(probability, dtype=float), kind="stable")
    share = np.cumsum(np.asarray(right, dtype=float)[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(share >= PRECISION)
    return float(np.asarray(probability, dtype=float)[order][good[-1]]) if len(good) else 2.0


def covered(groups: Sequence[Sequence[Predicted]]) -> tuple[float, float]:
    """Coverage and precision above a threshold that, for each group, is fixed on the groups before."""
    taken = right = 0
    before: list[Predicted] = []
    for group in groups:
        limit = threshold([one.probability for one in before], [one.right for one in before])
        sure = [one for one in group if one.probability >= limit]
        taken, right = taken + len(sure), right + sum(one.right for one in sure)
        before += group
    return taken / len(before) if before else 0.0, right / taken if taken else 0.0
