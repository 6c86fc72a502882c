"""Which matter? Several weak views, weighed by a conditional logit that belongs to no matter.

Each candidate matter of a piece of evidence is described by the same few numbers (how linear models
score it, how like its lessons are, how often this sender, thread and circle were about it, what the
books say). One weight a number, learned from past answers and held near a stated prior, turns them
into a softmax; ``calibration`` turns that into a probability. No weight belongs to a matter, so a
matter opened this morning is ranked like any other.

Text from outside may raise a rank; it never pre-selects. That needs the timekeeper's own act, or a
sender the books or the lessons know, whose authentication did not fail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autotime.classifiers import calibration, logit
from autotime.classifiers.bills import NONE
from autotime.classifiers.features import compute, hasher, sender_of
from autotime.classifiers.memory import MatterMemory
from autotime.classifiers.model import PRIOR, Model
from autotime.classifiers.reasons import reasons
from autotime.classifiers.slate import NEW, VIEWS, Hits, Slate, choose
from autotime.domain.books import Books, MatterStatus
from autotime.domain.evidence import Evidence
from autotime.domain.learning import Features
from autotime.domain.matching import NO_MATTER, Candidate, Ranking

SHOWN = 8
CHUNK = 256
"""Pieces of evidence looked at at once."""

NOTHING_KNOWN = 3.5
"""What the answer «none of them» scores while there are only rules to go by."""


def rank(evidence: Sequence[Evidence], books: Books, memory: MatterMemory, now: int) -> list[Ranking]:  # noqa: ARG001
    """Candidates for each piece of evidence, in the order given. ``now`` is for matchers that fade.
    Without evidence, only the model is made ready."""
    model = memory.model(books)
    closed = frozenset(m.number for m in books.matters.values() if m.status is MatterStatus.CLOSED)
    open_ones = frozenset(matter.number for matter in books.open_matters())
    ranked: list[Ranking] = []
    for start in range(0, len(evidence), CHUNK):
        ranked += _ranked(evidence[start : start + CHUNK], model, memory, closed, open_ones)
    return ranked


def _ranked(
    evidence: Sequence[Evidence],
    model: Model,
    memory: MatterMemory,
    closed: frozenset[str],
    open_ones: frozenset[str],
) -> list[Ranking]:
    items = [memory.features(item.id) or compute(item, memory.key) for item in evidence]
    known = [_known(item, features, model, memory) for item, features in zip(evidence, items, strict=True)]
    bills = [memory.billed.before(item.at, open_ones) if memory.billed else NONE for item in evidence]
    told = [model.rules.hits(*given) for given in zip(items, known, bills, strict=True)]
    looked = model.look(items, [float(item.at) for item in evidence])
    standing = np.tile(np.array([label not in closed for label in model.labels], dtype=bool), (len(items), 1))
    slate = choose(looked, standing, model.labels, told, PRIOR[:NEW], closed)
    shares, sure = _sure(slate, model)
    return [
        _ranking(_Asked(item.id, features, trusted, hits), slate, place, shares[place], float(sure[place]), model)
        for place, (item, features, trusted, hits) in enumerate(zip(evidence, items, known, told, strict=True))
    ]


def _known(item: Evidence, features: Features, model: Model, memory: MatterMemory) -> bool:
    """Whether its author is believed and no stranger: the timekeeper, or one the books or lessons know."""
    if item.flag("auth_failed"):
        return False
    sender, hashed = sender_of(item), hasher(memory.key[:64])
    written = (hashed(f"who:{sender}"), hashed(f"domain:{sender.partition('@')[2]}"))
    in_lessons = any(term in model.past.known for term in features.blocks.get("sender", ()))
    return item.own or in_lessons or any(term in model.rules.exact for term in written)


def _sure(slate: Slate, model: Model) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the candidates, and the probability that the first of them is right."""
    scores = logit.scores(slate.views, slate.there, model.weights)
    if not model.lessons:
        shares = logit.softmax(scores, NOTHING_KNOWN)
        return shares, shares.max(axis=1, initial=0.0)
    shares = logit.softmax(scores)
    around = np.tile(calibration.circumstances(len(model.lessons), model.fresh), (len(shares), 1))
    return shares, model.calibrator.probability(calibration.signs(shares, slate.views, around))


@dataclass(frozen=True, slots=True)
class _Asked:
    evidence: str
    features: Features
    known: bool
    hits: Hits


def _ranking(asked: _Asked, slate: Slate, place: int, shares: np.ndarray, first: float, model: Model) -> Ranking:
    labels = slate.labels[place]
    if not labels:
        return Ranking(asked.evidence, (Candidate(NO_MATTER, 1.0),), confident=False, model=model.name)
    order = [int(n) for n in np.argsort(-shares[: len(labels)], kind="stable")[:SHOWN]]
    others = 1.0 - float(shares[order[0]])
    middle = slate.views[place, : len(labels)].mean(axis=0)
    candidates = []
    for nth, column in enumerate(order):
        # What is left goes to the others by their shares; calibration never puts one before the first.
        share = min(first, float(shares[column]) / max(others, 1e-9) * (1 - first) * model.calibrator.rest)
        row, label = slate.views[place, column], labels[column]
        why = reasons(model, row, middle, asked.hits.get(label, ()), asked.features, label)
        candidates.append(Candidate(label, round(first if nth == 0 else share, 6), _named(row), why))
    none = max(0.0, 1.0 - sum(candidate.probability for candidate in candidates))
    candidates.append(Candidate(NO_MATTER, round(none, 6)))
    candidates.sort(key=lambda candidate: -candidate.probability)
    sure = first >= model.calibrator.threshold and candidates[0].matter != NO_MATTER
    return Ranking(asked.evidence, tuple(candidates), sure and asked.known, model.name)


def _named(row: np.ndarray) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in zip(VIEWS, row, strict=True) if value}
