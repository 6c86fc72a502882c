"""A conditional logit: one weight a view, shared by all candidates, held near a stated prior."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

NEVER = -1e9
"""The score of a place that holds no candidate."""


def softmax(scores: np.ndarray, none: float | None = None) -> np.ndarray:
    """Shares of each row; ``none`` is the score of an answer beside the candidates."""
    if not scores.shape[1]:
        return np.zeros_like(scores)
    top = scores.max(axis=1, keepdims=True)
    top = np.maximum(top, -1e6 if none is None else none)
    raised = np.exp(scores - top)
    whole = raised.sum(axis=1, keepdims=True)
    if none is not None:
        whole = whole + np.exp(none - top)
    return np.asarray(raised / np.maximum(whole, 1e-300))


def scores(views: np.ndarray, there: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """``(items, candidates)``; ``there`` says which places hold a candidate."""
    return np.where(there, views @ weights, NEVER)


def weigh(
    views: np.ndarray, there: np.ndarray, right: np.ndarray, worth: np.ndarray, prior: np.ndarray, hold: float
) -> np.ndarray:
    """The weights that make the right candidate the likeliest.

    ``views``: ``(items, candidates, views)``; ``right``: the place of the answer; ``worth``: of each item.
    """
    rows, flat = np.arange(len(views)), views.reshape(-1, views.shape[2])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        shares = softmax(np.where(there, (flat @ weights).reshape(there.shape), NEVER))
        away = weights - prior
        error = -float(worth @ np.log(np.maximum(shares[rows, right], 1e-12))) + hold / 2 * float(away @ away)
        shares[rows, right] -= 1.0
        return error, (shares * worth[:, None]).reshape(-1) @ flat + hold * away

    if not len(views):
        return prior.astype(float)
    return np.asarray(minimize(loss, prior, jac=True, method="L-BFGS-B", options={"maxiter": 100}).x)
