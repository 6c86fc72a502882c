"""Names of clients side by side: nearly the same, or near and yet another's.

::

    Northwind Mills, Inc.   Mills Northwnd          the same: each word has its like
    Alder Holdings 17       Alder Holdings 18       another: numbers, II and III, Jr. and Sr. tell apart
    Eastgate Properties     Westgate Properties     another: so do points of the compass and initials that differ
    Ada Stone               Bea Stone               another of one house, if they share an address
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz import fuzz

LIKE = 80
"""Of 100: words from here on are one word written twice (Stone, Stones; Meier, Meyer; not Joan, John)."""

FORMS = re.compile(
    "the|inc|incorporated|llc|llp|lp|pllc|pc|ltd|limited|corp|corporation|co|company|gmbh|ag|sa|plc|and|of"
)
ROMAN = re.compile("(?=[ivx]{2})x{0,3}(?:ix|iv|v?i{0,3})")
COMPASS = re.compile("north|south|east|west")
RANKS = {"junior": "jr", "senior": "sr"} | {
    word: word for word in ("jr", "sr", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
}


@dataclass(frozen=True, slots=True)
class Name:
    """A name for comparing. ``marks`` tell apart whether or not the other name has any; ``letters`` and ``compass``
    only where both names have some."""

    words: tuple[str, ...]
    marks: tuple[str, ...]
    letters: tuple[str, ...]
    compass: tuple[str, ...]

    @classmethod
    def of(cls, name: str) -> Name:
        words = plain(name).split()
        letters = (word for word in words if len(word) == 1 and word.isalpha())
        points = (found[0] for word in words if (found := COMPASS.match(word)))
        return cls(tuple(words), tuple(sorted(_marks(words))), tuple(sorted(letters)), tuple(sorted(points)))


def plain(name: str) -> str:
    """Words in lower case, without punctuation and legal forms; all of them where nothing else is left."""
    words = re.findall(r"\w+", name.casefold().replace(".", "").replace("'", ""))
    return " ".join([word for word in words if not FORMS.fullmatch(word)] or words)


def _marks(words: list[str]) -> Iterator[str]:
    for word in words:
        yield from (number.lstrip("0") for number in re.findall(r"\d+", word))
        if word in RANKS:
            yield RANKS[word]
        elif ROMAN.fullmatch(word):
            yield word


def same(one: Name, other: Name) -> bool:
    """Whether two names that look alike are one, as far as words go."""
    if _told_apart(one, other):
        return False
    return "".join(one.words) == "".join(other.words) or not (_own(one, other) or _own(other, one))


def of_one_house(one: Name, other: Name) -> bool:
    """Whether two names share a word and are yet told apart: a family, or companies of one group."""
    if not set(one.words) & set(other.words):
        return False
    return _told_apart(one, other) or bool(_own(one, other) and _own(other, one))


def _told_apart(one: Name, other: Name) -> bool:
    pairs = ((one.letters, other.letters), (one.compass, other.compass))
    return one.marks != other.marks or any(mine and others and mine != others for mine, others in pairs)


def _own(one: Name, other: Name) -> list[str]:
    """Words that the other name has no like of; letters and marks apart."""
    left, across = Counter(one.words) - Counter(other.words), Counter(other.words) - Counter(one.words)
    return [word for word in left if len(word) > 1 and not any(_like(word, its) for its in across)]


def _like(word: str, other: str) -> bool:
    """Few people mistake the first letter: Hanna and Anna, Alder and Elder are two."""
    return word.startswith(other) or other.startswith(word) or (word[0] == other[0] and fuzz.ratio(word, other) >= LIKE)
