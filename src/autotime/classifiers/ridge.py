"""Kernel ridge regression that grows, and remembers what it would have said before each lesson.

With ``K + D = L Lᵀ`` and ``Z = L⁻¹ Y``, what lesson ``i`` would have scored when only the lessons
before it were known is row ``i`` of ``Y - diag(L) Z``: an honest prediction of every lesson, for free.
It computes in the precision of the likeness it is given.
"""

from __future__ import annotations

import numpy as np
from scipy import linalg


class Ridge:
    """``likeness``: ``(n, n)``, used up here; ``doubt``: ``n`` numbers on its diagonal, larger for lesser
    lessons; ``wanted``: ``(n, classes)`` of 0 and 1."""

    def __init__(self, likeness: np.ndarray, doubt: np.ndarray, wanted: np.ndarray) -> None:
        likeness[np.diag_indices(len(likeness))] += doubt
        # Symmetric, so its transpose is itself, in the order LAPACK works in without a copy.
        self.factor_ = linalg.cholesky(likeness.T, lower=True, overwrite_a=True, check_finite=False)
        self.halfway_ = _solve(self.factor_, wanted)

    def before(self, wanted: np.ndarray) -> np.ndarray:
        """What each lesson would have scored before it was known, ``(n, classes)``."""
        return np.asarray(wanted - np.diag(self.factor_)[:, None] * self.halfway_)

    def score(self, likeness: np.ndarray) -> np.ndarray:
        """``(items, classes)`` for ``(items, n)`` of likeness to the lessons."""
        return np.asarray(_solve(self.factor_, likeness.T).T @ self.halfway_)

    def extend(self, likeness: np.ndarray, own: np.ndarray, doubt: np.ndarray, wanted: np.ndarray) -> None:
        """Adds lessons: ``likeness`` to those known ``(m, n)``, ``own`` among each other ``(m, m)``;
        ``wanted`` may have more classes than before."""
        reach = _solve(self.factor_, likeness.T).T
        corner = linalg.cholesky(own + np.diag(doubt) - reach @ reach.T, lower=True, check_finite=False)
        known, new = len(self.factor_), len(corner)
        grown = np.zeros((known + new, known + new), dtype=self.factor_.dtype, order="F")
        grown[:known, :known], grown[known:, :known], grown[known:, known:] = self.factor_, reach, corner
        halfway = np.zeros((known, wanted.shape[1]), dtype=self.halfway_.dtype)
        halfway[:, : self.halfway_.shape[1]] = self.halfway_
        self.halfway_ = np.vstack([halfway, _solve(corner, wanted - reach @ halfway).astype(halfway.dtype)])
        self.factor_ = grown


def _solve(factor: np.ndarray, right: np.ndarray) -> np.ndarray:
    right = right.astype(factor.dtype, copy=False)
    return np.asarray(linalg.solve_triangular(factor, right, lower=True, check_finite=False))
