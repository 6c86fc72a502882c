"""Ways of looking at one piece of evidence beside all that was learned.

``Space`` turns features into rows of sparse matrices, one for each field; ``Past`` counts who wrote
about what, when. Both know only what came before.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np
from scipy import sparse

from autotime.domain.learning import Features

FIELDS = ("bag", "subject", "people")
BLOCKS: tuple[tuple[tuple[str, ...], float, str], ...] = (
    (("new", "quoted", "subject", "names", "entities"), 1.0, "bag"),
    (("subject",), 0.15, "subject"),
    (("chars",), 0.1, "subject"),
    (("people", "domains", "names"), 0.25, "people"),
    (("thread",), 0.1, "people"),
)
"""The feature blocks each kernel block joins, its weight, and its field. The first is one bag over
headers and body: a name in a body meets the same name in an address."""

WHOLE = sum(weight for _, weight, _ in BLOCKS)
"""How alike a thing is to itself when all its blocks hold something."""

DAY = 86_400
HALF_LIVES = (2 * DAY, 14 * DAY, 60 * DAY)
HALF_LIFE = HALF_LIVES[-1]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The terms of each kernel block, sorted, and 1 + log of their counts."""

    terms: tuple[np.ndarray, ...]
    values: tuple[np.ndarray, ...]


def prepare(item: Features) -> Prepared:
    pairs = [_sorted([item.blocks.get(name, {}) for name in blocks]) for blocks, _, _ in BLOCKS]
    return Prepared(tuple(terms for terms, _ in pairs), tuple(values for _, values in pairs))


def _sorted(blocks: Sequence[Mapping[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    terms = np.concatenate([np.fromiter(block.keys(), np.uint64, len(block)) for block in blocks])
    counts = np.concatenate([np.fromiter(block.values(), np.float64, len(block)) for block in blocks])
    terms, place = np.unique(terms, return_inverse=True)
    return terms, 1 + np.log(np.bincount(place, counts, minlength=len(terms)))


Rows = tuple[sparse.csr_matrix, ...]
"""One matrix for each of ``FIELDS``, one row a piece of evidence."""


class Space:
    """Vocabulary and rarity of terms, from the past only."""

    def __init__(self, past: Sequence[Prepared]) -> None:
        self.terms_: list[np.ndarray] = []
        self.rarity_: list[np.ndarray] = []
        for place in range(len(BLOCKS)):
            held = [item.terms[place] for item in past]
            terms, seen = np.unique(np.concatenate(held) if held else np.zeros(0, np.uint64), return_counts=True)
            self.terms_.append(terms)
            self.rarity_.append(np.log((1 + len(past)) / (1 + seen)) + 1)

    def rows(self, items: Sequence[Prepared]) -> Rows:
        """Each field, one row a piece: every block sublinear, weighted by rarity, and as long as
        the root of its weight, so that a product of rows is a weighted sum of likenesses."""
        blocks = [self._block(place, items) for place in range(len(BLOCKS))]
        fields = [[block for block, (_, _, of) in zip(blocks, BLOCKS, strict=True) if of == name] for name in FIELDS]
        return tuple(sparse.hstack(field, format="csr") for field in fields)

    def _block(self, place: int, items: Sequence[Prepared]) -> sparse.csr_matrix:
        vocabulary, weight = self.terms_[place], BLOCKS[place][1]
        shape = (len(items), max(len(vocabulary), 1))
        sizes = np.array([len(item.terms[place]) for item in items], dtype=np.int64)
        if not sizes.sum() or not len(vocabulary):
            return sparse.csr_matrix(shape, dtype=np.float32)
        terms = np.concatenate([item.terms[place] for item in items])
        where = np.minimum(np.searchsorted(vocabulary, terms), len(vocabulary) - 1)
        known = vocabulary[where] == terms
        row, where = np.repeat(np.arange(len(items)), sizes)[known], where[known]
        value = np.concatenate([item.values[place] for item in items])[known] * self.rarity_[place][where]
        length = np.sqrt(np.bincount(row, value**2, minlength=len(items)))
        scaled = value / np.maximum(length[row], 1e-12) * weight**0.5
        return sparse.csr_matrix((scaled.astype(np.float32), (row, where)), shape=shape)


class Past:
    """Who wrote about what so far, fading."""

    NAMES = ("sender", "circle", "people", "domains", "thread", "days", "weeks", "months", "lately", "absent")
    ABOUT = (("sender", 0.5), ("circle", 0.5), ("people", 1.0), ("domains", 1.0), ("thread", 0.3))
    """Feature block and how many unknown others are held against what is known of each of its terms."""

    def __init__(self) -> None:
        self.known: dict[int, dict[int, float]] = defaultdict(dict)
        self.times: dict[int, Counter[int]] = defaultdict(Counter)
        self.stamps: dict[int, float] = {}
        self.counts = np.zeros((0, len(HALF_LIVES)))
        self.last_at = np.zeros(0)
        self.last: deque[int] = deque(maxlen=20)

    def add(self, item: Features, label: int, at: float, weight: float = 1.0) -> None:
        """Lessons come in order of time; a new label is the next number."""
        for block, _ in self.ABOUT:
            for term in item.blocks.get(block, ()):
                self._learn(term, label, at, weight)
        if label >= len(self.counts):
            self.counts = np.vstack([self.counts, np.zeros((label + 1 - len(self.counts), len(HALF_LIVES)))])
            self.last_at = np.append(self.last_at, np.full(label + 1 - len(self.last_at), at))
        self.counts[label] = self.counts[label] * _fades(at - self.last_at[label]) + weight
        self.last_at[label] = at
        self.last.append(label)

    def _learn(self, term: int, label: int, at: float, weight: float) -> None:
        known = self.known[term]
        fade = exp(-max(at - self.stamps.get(term, at), 0.0) / HALF_LIFE * log(2))
        if fade < 0.999:
            for other in known:
                known[other] *= fade
        known[label] = known.get(label, 0.0) + weight
        self.stamps[term] = at
        self.times[term][label] += 1

    def scores(self, item: Features, at: float) -> np.ndarray:
        """An array of ``(labels, 10)``, in the order of ``NAMES``: shares of what was known about each
        label; logs of faded counts; share of the last twenty; log of days since the last."""
        found = np.zeros((len(self.counts), len(self.NAMES)))
        if not len(found):
            return found
        for column, (block, others) in enumerate(self.ABOUT):
            terms = item.blocks.get(block, ())
            for term in terms:
                self._share(found[:, column], term, others, len(terms), best=block == "thread")
        gone = np.maximum(at - self.last_at, 0.0)
        found[:, 5:8] = np.log1p(self.counts * np.exp(-gone[:, None] / np.array(HALF_LIVES) * log(2)))
        for label in self.last:
            found[label, 8] += 1 / 20
        found[:, 9] = np.log1p(gone / DAY)
        return found

    def _share(self, column: np.ndarray, term: int, others: float, among: int, best: bool) -> None:
        known = self.known.get(term)
        if not known:
            return
        whole = sum(known.values()) + others
        for label, held in known.items():
            column[label] = max(column[label], held / whole) if best else column[label] + held / whole / among

    def told(self, item: Features, block: str, label: int) -> tuple[int, int]:
        """How often the first known term of a block was about this label, and how often in all."""
        for term in item.blocks.get(block, ()):
            if term in self.times:
                return self.times[term][label], self.times[term].total()
        return 0, 0


def _fades(gone: float) -> np.ndarray:
    return np.exp(-max(gone, 0.0) / np.array(HALF_LIVES) * log(2))
