"""From a score to a probability that means something.

A second, small logistic model says how often a first choice like this one was right, from predictions
made before the answer was known; answers nobody could have known count as wrong. Where there is
little past, it stays close to a stated prior.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

PRIOR = np.array([-0.6, 0.7, 0.8, 0.8, 0.4])
"""Weights for (1, log-odds of the first choice, its lead, its nearest likeness, its thread)."""

HOLD = 4.0
"""How strongly the prior holds: as much as a few labels would."""

PRECISION = 0.95
ENOUGH = 40
CAREFUL = 0.93
"""The threshold while there is too little past to fix one."""


@dataclass(frozen=True)
class Calibrator:
    """``threshold``: calibrated probability from which first choices were right 95 times in 100."""

    weights: np.ndarray
    threshold: float

    def probability(self, signs: np.ndarray) -> np.ndarray:
        """Calibrated probability of the first choice, for rows of signs."""
        return np.asarray(1 / (1 + np.exp(-np.clip(signs @ self.weights, -30, 30))))


def signs(scores: np.ndarray, likeness: np.ndarray, thread: np.ndarray) -> np.ndarray:
    """What the calibrator looks at: ``scores`` is ``(items, classes)`` of softmax probabilities."""
    ordered = np.sort(scores, axis=1)
    first = np.clip(ordered[:, -1], 1e-4, 1 - 1e-4)
    second = ordered[:, -2] if scores.shape[1] > 1 else np.zeros(len(scores))
    top = scores.argmax(axis=1)
    rows = np.arange(len(scores))
    return np.column_stack(
        [np.ones(len(scores)), np.log(first / (1 - first)), first - second, likeness[rows, top], thread[rows, top]]
    )


def unlearned() -> Calibrator:
    return Calibrator(PRIOR, CAREFUL)


def fit(seen: np.ndarray, right: np.ndarray) -> Calibrator:
    """Fits signs of past predictions to whether they were right."""

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        odds = np.clip(seen @ weights, -30, 30)
        chance = 1 / (1 + np.exp(-odds))
        away = weights - PRIOR
        error = float(np.sum(np.logaddexp(0, odds) - right * odds) + HOLD / 2 * away @ away)
        return error, seen.T @ (chance - right) + HOLD * away

    found = minimize(loss, PRIOR, jac=True, method="L-BFGS-B")
    fitted = Calibrator(found.x, CAREFUL)
    return Calibrator(found.x, _threshold(fitted.probability(seen), right))


def _threshold(chance: np.ndarray, right: np.ndarray) -> float:
    """The lowest probability above which the past was right often enough, with a margin for luck."""
    if len(right) < ENOUGH:
        return CAREFUL
    order = np.argsort(-chance)
    hits, number = np.cumsum(right[order]), np.arange(1, len(right) + 1)
    share = hits / number
    bound = share - np.sqrt(np.maximum(share * (1 - share), 0.01) / number)
    good = np.flatnonzero((bound >= PRECISION - 0.02) & (share >= PRECISION) & (number >= 10))
    return float(chance[order][good[-1]]) if len(good) else CAREFUL
