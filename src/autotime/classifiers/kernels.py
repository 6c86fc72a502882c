"""Three ridges over the same lessons, each looking at other fields.

::

              bag   subject   people
    hybrid     x       x         x
    plain      x                 x        what a new subject line cannot disturb
    among                        x        who takes part, and in which conversation
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from autotime.classifiers.ridge import Ridge
from autotime.classifiers.views import WHOLE, Rows

RIDGES = ("hybrid", "plain", "among")
STRIDE = 512
"""Rows multiplied at once: a sparse product of full rows takes three times the room of its result."""

Likeness = tuple[np.ndarray, np.ndarray, np.ndarray]
"""How like each row is to each other row, for each of ``RIDGES``."""


def likeness(left: Rows, right: Rows) -> Likeness:
    bag, subject, people = (_product(a, b) for a, b in zip(left, right, strict=True))
    bag += people
    subject += bag
    return subject, bag, people


def _product(left: sparse.csr_matrix, right: sparse.csr_matrix) -> np.ndarray:
    found = np.empty((left.shape[0], right.shape[0]), dtype=np.float32)
    turned = right.T.tocsr()
    for start in range(0, len(found), STRIDE):
        found[start : start + STRIDE] = (left[start : start + STRIDE] @ turned).toarray()
    return found


def shared(like: Likeness) -> np.ndarray:
    """How like things are, all in all: from 0 to 1."""
    return np.asarray(like[0] / WHOLE)


class Kernels:
    """``own``: the likeness of the lessons among each other, used up here. ``doubt`` and ``wanted``: see ``Ridge``."""

    def __init__(self, rows: Rows, own: Likeness, doubt: np.ndarray, wanted: np.ndarray) -> None:
        self.rows_ = rows
        self.ridges_ = tuple(Ridge(one, doubt, wanted) for one in own)

    def likeness(self, rows: Rows) -> Likeness:
        return likeness(rows, self.rows_)

    def score(self, like: Likeness) -> Sequence[np.ndarray]:
        return [ridge.score(one) for ridge, one in zip(self.ridges_, like, strict=True)]

    def before(self, wanted: np.ndarray) -> Sequence[np.ndarray]:
        """What each would have said of each lesson before it was known."""
        return [ridge.before(wanted) for ridge in self.ridges_]

    def extend(self, rows: Rows, doubt: np.ndarray, wanted: np.ndarray) -> None:
        reach, own = self.likeness(rows), likeness(rows, rows)
        for ridge, known, among in zip(self.ridges_, reach, own, strict=True):
            ridge.extend(known, among, doubt, wanted)
        self.rows_ = tuple(sparse.vstack([old, new], format="csr") for old, new in zip(self.rows_, rows, strict=True))
