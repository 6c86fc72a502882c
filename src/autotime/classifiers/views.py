"""Ways of looking at one piece of evidence beside all that was learned, each a score a matter.

``Space`` turns features into rows of a sparse matrix; ``Past`` counts who wrote about what, when.
Both know only what came before.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from math import exp, log, sqrt

import numpy as np
from scipy import sparse

from autotime.domain.learning import Features

BAG = ("new", "quoted", "subject", "names", "entities")
BLOCKS: tuple[tuple[str, tuple[str, ...], float], ...] = (
    ("all", BAG, 1.0),
    ("subject", ("subject",), 0.3),
    ("chars", ("chars",), 0.2),
    ("people", ("people", "names"), 0.5),
    ("thread", ("thread",), 0.2),
)
"""Name, the feature blocks it joins, and its weight in the kernel. The first is one bag over headers
and body: a name in a body meets the same name in an address."""

DAY = 86_400
HALF_LIFE = 60 * DAY


class Space:
    """Vocabulary and rarity of terms, from the past only."""

    def __init__(self, past: Sequence[Features]) -> None:
        self.rows_ = len(past)
        self.columns_: list[dict[int, int]] = []
        self.rarity_: list[np.ndarray] = []
        for _, blocks, _ in BLOCKS:
            counts = Counter(term for item in past for term in _terms(item, blocks))
            columns = {term: place for place, term in enumerate(counts)}
            seen = np.fromiter(counts.values(), float, len(counts))
            self.columns_.append(columns)
            self.rarity_.append(np.log((1 + len(past)) / (1 + seen)) + 1)

    def rows(self, items: Sequence[Features]) -> sparse.csr_matrix:
        """One row a piece: every block sublinear, weighted by rarity, of length one times its weight."""
        parts = [self._block(place, items) for place in range(len(BLOCKS))]
        return sparse.hstack(parts, format="csr", dtype=np.float32)

    def _block(self, place: int, items: Sequence[Features]) -> sparse.csr_matrix:
        _, blocks, weight = BLOCKS[place]
        columns, rarity = self.columns_[place], self.rarity_[place]
        starts, places, values = [0], [], []
        for item in items:
            known = [(columns[t], count) for t, count in _terms(item, blocks).items() if t in columns]
            row = np.fromiter((1 + log(count) for _, count in known), float, len(known))
            where = np.fromiter((column for column, _ in known), np.int64, len(known))
            row = row * rarity[where] if known else row
            length = sqrt(float(row @ row)) or 1.0
            places.append(where)
            values.append(row * (weight / length))
            starts.append(starts[-1] + len(known))
        shape = (len(items), max(len(columns), 1))
        if not items:
            return sparse.csr_matrix(shape, dtype=np.float32)
        return sparse.csr_matrix((np.concatenate(values), np.concatenate(places), starts), shape=shape)


def _terms(item: Features, blocks: Iterable[str]) -> Mapping[int, int]:
    names = list(blocks)
    if len(names) == 1:
        return item.blocks.get(names[0], {})
    joined: Counter[int] = Counter()
    for name in names:
        joined.update(item.blocks.get(name, {}))
    return joined


class Past:
    """Who wrote about what so far, fading with a half-life of sixty days."""

    NAMES = ("sender", "thread", "people", "recent", "lately", "share")

    def __init__(self) -> None:
        self.known: dict[int, dict[int, float]] = defaultdict(dict)
        self.totals: dict[int, float] = defaultdict(float)
        self.stamps: dict[int, float] = {}
        self.counts: dict[int, tuple[float, float, float]] = {}
        self.last: deque[int] = deque(maxlen=20)

    def add(self, item: Features, label: int, at: float, weight: float = 1.0) -> None:
        for term in {*item.blocks.get("people", ()), *item.blocks.get("thread", ())}:
            fade = _fade(at - self.stamps.get(term, at), HALF_LIFE)
            if fade < 0.999:
                self.known[term] = {other: held * fade for other, held in self.known[term].items()}
                self.totals[term] *= fade
            self.known[term][label] = self.known[term].get(label, 0.0) + weight
            self.totals[term] += weight
            self.stamps[term] = at
        long, short, then = self.counts.get(label, (0.0, 0.0, at))
        gone = at - then
        self.counts[label] = (long * _fade(gone, HALF_LIFE) + 1, short * _fade(gone, 14 * DAY) + 1, at)
        self.last.append(label)

    def scores(self, item: Features, classes: int, at: float) -> np.ndarray:
        """An array of ``(classes, 6)``, in the order of ``NAMES``."""
        found = np.zeros((classes, 6))
        people = list(item.blocks.get("people", ()))
        if people:
            self._share(found[:, 0], people[:1], smooth=1.0)
            self._share(found[:, 2], people, smooth=1.0)
        for term in item.blocks.get("thread", ()):
            self._share(found[:, 1], [term], smooth=0.3, best=True)
        for label, (long, short, then) in self.counts.items():
            gone = at - then
            found[label, 3] = log(1 + long * _fade(gone, HALF_LIFE))
            found[label, 4] = log(1 + short * _fade(gone, 14 * DAY))
        for label in self.last:
            found[label, 5] += 1 / 20
        return found

    def _share(self, column: np.ndarray, terms: Sequence[int], smooth: float, best: bool = False) -> None:
        for term in terms:
            known = self.known.get(term)
            if not known:
                continue
            whole = self.totals[term] + smooth
            for label, held in known.items():
                share = held / whole
                column[label] = max(column[label], share) if best else column[label] + share / len(terms)


def _fade(gone: float, half_life: float) -> float:
    return exp(-max(gone, 0.0) / half_life * 0.6931)
