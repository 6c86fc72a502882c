"""What the firm's books say: numbers, dockets, contacts, domains, names and folders.

The books are hashed with the store's key and looked up in the hashed features, so rules work when the
text is gone. Each rule gives a strength from 0 to 1 and, where it matters, a reason in words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log, sqrt

from autotime.classifiers.bills import NONE, PastBills
from autotime.classifiers.features import Hash, folded, words
from autotime.domain.books import Books, Matter, MatterStatus
from autotime.domain.learning import Features

BOOKED = ("filed", "docket", "number", "contact", "domain", "name")
"""What the firm's books say."""

RULES = (*BOOKED, "billed")
"""And what its past bills do: it ranks, and makes nothing sure."""

PLACES = (("subject", 1.0), ("names", 0.8), ("new", 0.8), ("quoted", 0.4))
"""Where a name may stand, and how much it says there: a quoted chain may be about anything."""

PLAIN_WORDS = frozenset(
    [
        "the",
        "of",
        "and",
        "in",
        "re",
        "v",
        "vs",
        "matter",
        "case",
        "inc",
        "llc",
        "llp",
        "ltd",
        "co",
        "corp",
        "company",
        "corporation",
        "group",
        "holdings",
        "general",
        "advice",
        "agreement",
        "matters",
        "stuff",
        "contract",
        "contracts",
        "form",
        "forms",
        "legal",
        "new",
        "old",
        "misc",
        "project",
    ]
)
OUTSIDER = 0.7
"""What words in a mail count when its sender is in none of the books and the timekeeper did not write it."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One rule that speaks for one matter."""

    rule: str
    strength: float
    reason: str


@dataclass(slots=True)
class BookRules:
    """The books as an index from hashed terms to the matters they speak for."""

    exact: dict[int, list[tuple[str, str, float, str]]] = field(default_factory=lambda: defaultdict(list))
    phrases: list[tuple[str, str, dict[int, float], float]] = field(default_factory=list)
    words: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def hits(self, features: Features, known_sender: bool = True, bills: PastBills = NONE) -> dict[str, list[Hit]]:
        """Matter number → the rules that speak for it, strongest first. ``bills``: those before its day."""
        found: dict[str, dict[str, Hit]] = defaultdict(dict)
        for block in ("entities", "people", "domains", "place"):
            for term in features.blocks.get(block, ()):
                for matter, rule, strength, reason in self.exact.get(term, ()):
                    _keep(found[matter], Hit(rule, strength, reason))
        trust = 1.0 if known_sender else OUTSIDER
        for number, share in self._named(features).items():
            matter, reason, _, _ = self.phrases[number]
            _keep(found[matter], Hit("name", share * trust, reason))
        for matter, likeness in bills.likeness(features).items():
            _keep(found[matter], Hit("billed", likeness * trust, "its words are like what was billed for it before"))
        return {m: sorted(hits.values(), key=lambda h: (RULES.index(h.rule), -h.strength)) for m, hits in found.items()}

    def _named(self, features: Features) -> dict[int, float]:
        """Phrases of which the greater part stands in one place, and how much of them."""
        best: dict[int, float] = {}
        for place, counts in PLACES:
            held: dict[int, float] = defaultdict(float)
            for term in features.blocks.get(place, ()):
                for number in self.words.get(term, ()):
                    held[number] += self.phrases[number][2][term]
            for number, weight in held.items():
                share = weight / self.phrases[number][3]
                if share > 0.6:
                    best[number] = max(best.get(number, 0.0), counts * share)
        return best


def _keep(hits: dict[str, Hit], hit: Hit) -> None:
    if hit.rule not in hits or hits[hit.rule].strength < hit.strength:
        hits[hit.rule] = hit


def book_rules(books: Books, hashed: Hash) -> BookRules:
    """Builds the index over the open matters."""
    rules = BookRules()
    matters = [matter for matter in books.matters.values() if matter.status is not MatterStatus.CLOSED]
    contacts, domains = _shared(m.contacts for m in matters), _shared(m.domains for m in matters)
    rarity = _rarity(matters, books)
    for matter in matters:
        _exact(rules, matter, hashed, contacts, domains)
        for phrase, reason in _phrases(matter, books):
            _phrase(rules, matter, phrase, reason, hashed, rarity)
    return rules


def _exact(
    rules: BookRules, matter: Matter, hashed: Hash, contacts: Mapping[str, int], domains: Mapping[str, int]
) -> None:
    def add(term: str, rule: str, strength: float, reason: str) -> None:
        rules.exact[hashed(term)].append((matter.number, rule, strength, reason))

    for docket in matter.dockets:
        add(f"docket:{docket.lower()}", "docket", 1.0, f"docket number {docket}")
        add(f"number:{docket.lower()}", "docket", 1.0, f"docket number {docket}")
    add(f"number:{matter.number.lower()}", "number", 1.0, f"matter number {matter.number}")
    for contact in matter.contacts:
        add(f"who:{contact.lower()}", "contact", 1 / sqrt(contacts[contact]), "a contact of this matter takes part")
    for domain in matter.domains:
        add(f"domain:{domain.lower()}", "domain", 1 / domains[domain], f"mail with {domain}")
    for name in {matter.number, matter.name, f"{matter.number} {matter.name}", *matter.aliases}:
        add(f"place:{folded(name)}", "filed", 1.0, "filed in this matter's folder")


def _phrases(matter: Matter, books: Books) -> Iterable[tuple[str, str]]:
    yield matter.name, "the matter's name"
    for alias in matter.aliases:
        yield alias, f"«{alias}»"
    for party in matter.parties:
        yield party, f"the party {party}"
    client = books.client_of(matter).name
    if client:
        yield client, "the client's name"


def _phrase(
    rules: BookRules, matter: Matter, phrase: str, reason: str, hashed: Hash, rarity: Mapping[str, float]
) -> None:
    told = {word: rarity[word] for word in telling(phrase)}
    if not told:
        return
    number = len(rules.phrases)
    weights = {hashed(word): weight for word, weight in told.items()}
    rules.phrases.append((matter.number, reason, weights, sum(weights.values()) / _uniqueness(told, rarity)))
    for term in weights:
        rules.words[term].append(number)


def _uniqueness(told: Mapping[str, float], rarity: Mapping[str, float]) -> float:
    """Names of words that many matters share say little: at most 1, for a word of one matter only."""
    return max(told.values()) / max(rarity.values())


def telling(phrase: str) -> list[str]:
    """The words of a name that say something."""
    return [word for word in dict.fromkeys(words(folded(phrase))) if word not in PLAIN_WORDS and len(word) > 2]


def _rarity(matters: list[Matter], books: Books) -> dict[str, float]:
    counts: dict[str, int] = defaultdict(int)
    for matter in matters:
        for word in {word for phrase, _ in _phrases(matter, books) for word in telling(phrase)}:
            counts[word] += 1
    return {word: log(1 + len(matters) / count) for word, count in counts.items()}


def _shared(groups: Iterable[Iterable[str]]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for group in groups:
        for item in group:
            counts[item] += 1
    return counts
