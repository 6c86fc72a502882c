"""What was billed before: which words and names stood in the narratives of a matter.

A narrative is a person's own account of the work, without a link to any mail. So it ranks matters of which little else
is known, and by itself makes none sure. Words that stand in the narratives of many matters say little, and a matter
counts by what tells it from the others, not by how often it was billed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log, sqrt

from autotime.classifiers.features import Hash, folded, words
from autotime.domain.learning import Features

MOST_WORDS = 300
"""Of one matter, those that tell it best from the others."""

PLACES = (("subject", 1.0), ("names", 1.0), ("new", 0.6), ("quoted", 0.2))
"""Where a word may stand, and how much it says there."""

ENOUGH = 8.0
"""Weight of matched words from which a likeness counts in full: two or three rare ones."""


@dataclass(frozen=True, slots=True)
class PastBills:
    """``words``: by hashed word, the matters in whose narratives it stood, and its share there; ``rarity`` by word."""

    words: Mapping[int, tuple[tuple[str, float], ...]]
    rarity: Mapping[int, float]

    def likeness(self, features: Features) -> dict[str, float]:
        """Matter number → 0 to 1, for every matter that shares a telling word."""
        said = self._said(features)
        found: dict[str, float] = defaultdict(float)
        for word, weight in said.items():
            for matter, share in self.words[word]:
                found[matter] += weight * share
        length = sqrt(sum(weight**2 for weight in said.values()))
        certain = min(1.0, sum(said.values()) / ENOUGH)
        return {matter: min(1.0, value / length) * certain for matter, value in found.items()} if length else {}

    def _said(self, features: Features) -> dict[int, float]:
        """The telling words of a piece of evidence, each where it says most."""
        said: dict[int, float] = {}
        for block, counts in PLACES:
            for word in features.blocks.get(block, ()):
                if word in self.words:
                    said[word] = max(said.get(word, 0.0), counts * self.rarity[word])
        return said


NONE = PastBills({}, {})


def past_bills(narratives: Iterable[tuple[str, str]], hashed: Hash) -> PastBills:
    """From pairs of matter number and narrative."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for matter, narrative in narratives:
        counts[matter].update({word for word in words(folded(narrative)) if len(word) > 2})
    spread = Counter(word for of in counts.values() for word in of)
    rarity = {word: log((1 + len(counts)) / matters) for word, matters in spread.items()}
    index: dict[int, list[tuple[str, float]]] = defaultdict(list)
    for matter in sorted(counts):
        for word, share in _telling(counts[matter], rarity):
            index[hashed(word)].append((matter, share))
    return PastBills({word: tuple(of) for word, of in index.items()}, {hashed(w): r for w, r in rarity.items()})


def _telling(counts: Mapping[str, int], rarity: Mapping[str, float]) -> list[tuple[str, float]]:
    """The words that tell one matter best, as a vector of length one."""
    weights = {word: (1 + log(n)) * rarity[word] for word, n in counts.items()}
    kept = sorted(weights, key=lambda word: (-weights[word], word))[:MOST_WORDS]
    length = sqrt(sum(weights[word] ** 2 for word in kept)) or 1.0
    return [(word, weights[word] / length) for word in kept]
