"""From a score to a probability that means something.

A second, small logistic model says how often a first choice like this one was right, from predictions
made before the answer was known; answers nobody could have known count as wrong. Where there is
little past, it stays close to a stated prior, and what it does not know of its own weights makes it
less sure.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from math import log

import numpy as np
from scipy.optimize import minimize

from autotime.classifiers.rules import BOOKED
from autotime.classifiers.slate import NEW, VIEWS

AGREEING = tuple(VIEWS.index(name) for name in ("hybrid", "plain", "among", "votes", "nearest"))
LOOKED_AT = tuple(VIEWS.index(name) for name in ("nearest", "thread", "sender", "hybrid_lead"))
PRIOR = np.array([-1.5, 0.7, 0.8, 0.8, 0.4, 0.3, 0.3, 0.8, 2.0, 0.0, -1.0])
"""Weights for: 1; log-odds of the first choice; its lead; its nearest likeness, thread, sender and
linear lead; the share of views that agree; its strongest rule; how much is known; how much was new lately."""

HOLD = np.array([20.0, 40.0, *[20.0] * 6, 200.0, 20.0, 20.0])
"""How strongly the prior holds: as much as some labels would. What a rule of the books is worth is
stated rather than learned: few lessons have one."""

BURST = 10.0
"""Mail comes in conversations, so that many predictions are right or wrong together: of so many, one
counts as evidence of how sure the weights are."""

SURELY = (0.005, 0.9975)
"""A share beyond these says no more: a softmax is easily certain."""

PRECISION = 0.95
ENOUGH = 200
CAREFUL = 0.93
"""The threshold while there is too little past to fix one."""

REST = 0.7
"""Of what is left beside the first choice, the share of the other candidates while nothing is known."""


@dataclass(frozen=True)
class Calibrator:
    """``spread``: covariance of the weights. ``threshold``: calibrated probability from which first
    choices were right 95 times in 100. ``rest``: how often the answer was another candidate where the
    first choice was wrong."""

    weights: np.ndarray
    spread: np.ndarray
    threshold: float = CAREFUL
    rest: float = REST

    def probability(self, signs: np.ndarray) -> np.ndarray:
        """Calibrated probability of the first choice, for rows of signs: the mean over the weights
        that may be, nearly (MacKay 1992)."""
        doubt = np.einsum("ij,jk,ik->i", signs, self.spread, signs)
        return _chance(signs @ self.weights / np.sqrt(1 + np.pi / 8 * doubt))


def circumstances(known: int, fresh: Collection[bool]) -> tuple[float, float]:
    """How much is known (0 at a hundred lessons, 1 at a thousand), and the share of new labels lately."""
    return log(max(known, 10) / 100) / log(10), sum(fresh) / len(fresh) if fresh else 1.0


def signs(shares: np.ndarray, views: np.ndarray, around: np.ndarray) -> np.ndarray:
    """What the calibrator looks at. ``shares``: ``(items, places)`` of softmax; ``around``: circumstances."""
    rows = np.arange(len(shares))
    if not shares.shape[1]:
        return np.zeros((len(shares), len(PRIOR)))
    ordered, top = np.sort(shares, axis=1), shares.argmax(axis=1)
    first = np.clip(ordered[:, -1], *SURELY)
    second = ordered[:, -2] if shares.shape[1] > 1 else np.zeros(len(shares))
    chosen = views[rows, top]
    agree = (views[:, :, AGREEING].argmax(axis=1) == top[:, None]).mean(axis=1)
    rule = chosen[:, NEW + 1 : NEW + 1 + len(BOOKED)].max(axis=1)
    return np.column_stack(
        [np.ones(len(rows)), np.log(first / (1 - first)), first - second, chosen[:, LOOKED_AT], agree, rule, around]
    )


def unlearned() -> Calibrator:
    return Calibrator(PRIOR, np.zeros((len(PRIOR), len(PRIOR))))


def fit(seen: np.ndarray, right: np.ndarray, there: np.ndarray) -> Calibrator:
    """From signs of past predictions, whether they were right, and whether the answer was a candidate."""

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        odds, away = np.clip(seen @ weights, -30, 30), weights - PRIOR
        chance = _chance(odds)
        error = float(np.sum(np.logaddexp(0, odds) - right * odds) + (HOLD * away) @ away / 2)
        return error, seen.T @ (chance - right) + HOLD * away

    if not len(seen):
        return unlearned()
    found = minimize(loss, PRIOR, jac=True, method="L-BFGS-B").x
    chance = _chance(seen @ found)
    spread = BURST * np.linalg.inv((seen.T * (chance * (1 - chance))) @ seen + np.diag(HOLD))
    rest = float((10 * REST + np.sum(there & ~right)) / (10 + np.sum(~right)))
    fitted = Calibrator(found, spread, rest=rest)
    return replace(fitted, threshold=_threshold(fitted.probability(seen), right))


def _chance(odds: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))))


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
