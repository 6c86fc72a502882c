"""What was billed before: which words and names stood in the narratives of a matter.

A narrative is a person's own account of the work, without a link to any mail. So it ranks matters of which little else
is known, and by itself makes none sure. Words that stand in the narratives of many matters say little, and a matter
counts by what tells it from the others, not by how often it was billed. Of a piece of evidence only the bills of the
twelve months before its own day are looked at: that day's may be about the very work.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from hashlib import blake2b
from math import log, sqrt

from autotime.classifiers.features import Hash, folded, words
from autotime.domain.learning import Features

YEAR = timedelta(days=365)
LATEST = 200
"""Narratives of one matter that are read: the latest."""

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


def date_of_utc(instant: int) -> date:
    return datetime.fromtimestamp(instant, UTC).date()


class Bills:
    """Day, matter number and narrative of all that was billed. ``date_of``: the timekeeper's date of an instant."""

    def __init__(
        self, billed: Iterable[tuple[date, str, str]], hashed: Hash, date_of: Callable[[int], date] = date_of_utc
    ) -> None:
        self._billed = sorted(billed)
        self._hashed, self._date_of = hashed, date_of
        self._read: dict[int, frozenset[int]] = {}
        self._known: dict[date, tuple[frozenset[str], PastBills]] = {}

    def before(self, instant: int, matters: frozenset[str]) -> PastBills:
        """What the bills of these matters said before the day of this instant."""
        day = self._date_of(instant)
        among, known = self._known.get(day, (None, NONE))
        if among != matters:
            known = self._look(day, matters)
            self._known = {d: k for d, k in self._known.items() if abs(d - day) < timedelta(days=3)}
            self._known[day] = matters, known
        return known

    def _look(self, day: date, matters: frozenset[str]) -> PastBills:
        held: dict[str, list[int]] = defaultdict(list)
        for number in range(bisect_left(self._billed, (day - YEAR,)), bisect_left(self._billed, (day,))):
            held[self._billed[number][1]].append(number)
        return past_bills({matter: self._counted(held[matter][-LATEST:]) for matter in held.keys() & matters})

    def _counted(self, numbers: Iterable[int]) -> Counter[int]:
        """In how many of these narratives each word stands."""
        counts: Counter[int] = Counter()
        for number in numbers:
            counts.update(self._words(number))
        return counts

    def _words(self, number: int) -> frozenset[int]:
        """Hashed once, however many days are asked about."""
        if number not in self._read:
            said = words(folded(self._billed[number][2]))
            self._read[number] = frozenset(self._hashed(word) for word in said if len(word) > 2)
        return self._read[number]

    @cached_property
    def name(self) -> str:
        """The same bills, the same name."""
        digest = blake2b(digest_size=6)
        for day, matter, narrative in self._billed:
            digest.update(f"{day}\x1f{matter}\x1f{narrative}\x1e".encode("utf-8", "replace"))
        return digest.hexdigest()


def past_bills(counts: Mapping[str, Mapping[int, int]]) -> PastBills:
    """From matters to how many narratives held each hashed word."""
    spread = Counter(word for of in counts.values() for word in of)
    rarity = {word: log((1 + len(counts)) / matters) for word, matters in spread.items()}
    index: dict[int, list[tuple[str, float]]] = defaultdict(list)
    for matter in sorted(counts):
        for word, share in _telling(counts[matter], rarity):
            index[word].append((matter, share))
    return PastBills({word: tuple(of) for word, of in index.items()}, rarity)


def _telling(counts: Mapping[int, int], rarity: Mapping[int, float]) -> list[tuple[int, float]]:
    """The words that tell one matter best, as a vector of length one."""
    weights = {word: (1 + log(n)) * rarity[word] for word, n in counts.items()}
    kept = sorted(sorted(weights), key=weights.__getitem__, reverse=True)[:MOST_WORDS]
    length = sqrt(sum(weights[word] ** 2 for word in kept)) or 1.0
    return [(word, weights[word] / length) for word in kept]
