"""Which matter? Several weak views, weighed by a conditional logit that belongs to no matter.

Each candidate matter of a piece of evidence is described by the same few numbers (how a linear model
scores it, how like its nearest neighbours, how often this sender, thread and circle were about it,
what the books say). One weight a number, learned from past answers and held near a stated prior,
turns them into a softmax; ``calibration`` turns that into a probability. No weight belongs to a matter,
so a matter opened this morning is ranked like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse
from scipy.optimize import minimize

from autotime.classifiers import calibration
from autotime.classifiers.calibration import Calibrator
from autotime.classifiers.features import compute, hasher
from autotime.classifiers.memory import Lesson, MatterMemory
from autotime.classifiers.rules import RULES, BookRules, Hit, book_rules
from autotime.classifiers.views import DAY, Past, Space
from autotime.domain.books import Books, MatterStatus
from autotime.domain.evidence import Evidence
from autotime.domain.learning import Features
from autotime.domain.matching import NO_MATTER, NOT_BILLABLE, Candidate, Ranking

VIEWS = ("linear", "lead", "neighbours", "likeness", *Past.NAMES, "new", *RULES)
PRIOR = np.array([4, 4, 1.0, 1.5, 1.5, 2.0, 1.5, 0.2, 0.2, 0.5, -0.5, 9, 7, 7, 3.5, 2.5, 3.5])
"""Weights before anything is learned, in the order of ``VIEWS``."""

HOLD = 2.0
RIDGE = 0.2
FADING = 90 * DAY
MOST = 4_000
"""Lessons the linear view learns from: the latest."""

WEIGHED = 1_500
NEAREST = 15
SHOWN = 8
FEWEST = 30
"""Lessons from which the weights are learned rather than stated."""

NOTHING_KNOWN = 1.5
"""What the answer «none of them» scores while there are only rules to go by."""


def rank(evidence: Sequence[Evidence], books: Books, memory: MatterMemory, now: int) -> list[Ranking]:  # noqa: ARG001
    """Candidates for each piece of evidence, in the order given. ``now`` is for matchers that fade."""
    if not evidence:
        return []
    model = memory.fitted(fit_model)
    known = [memory.features(item.id) or compute(item, memory.key) for item in evidence]
    rules = book_rules(books, hasher(memory.key[:64]))
    told = [rules.hits(features, _trusted(item)) for item, features in zip(evidence, known, strict=True)]
    labels = _candidates(model, told, books)
    if not labels:
        return [Ranking(item.id, (Candidate(NO_MATTER, 1.0),), confident=False, model=model.name) for item in evidence]
    views = model.views(known, [float(item.at) for item in evidence], labels, told)
    return _rankings(evidence, views, labels, told, model)


def _trusted(item: Evidence) -> bool:
    return item.own and not item.flag("auth_failed")


def _candidates(model: Model, told: Sequence[Mapping[str, list[Hit]]], books: Books) -> list[str]:
    """All matters with lessons and all the rules speak for, without closed ones."""
    closed = {m.number for m in books.matters.values() if m.status is MatterStatus.CLOSED}
    spoken = {matter for hits in told for matter in hits}
    learned = list(model.labels)
    return [m for m in [*learned, *sorted(spoken - set(learned))] if m not in closed]


def _rankings(
    evidence: Sequence[Evidence],
    views: np.ndarray,
    labels: Sequence[str],
    told: Sequence[Mapping[str, list[Hit]]],
    model: Model,
) -> list[Ranking]:
    scores = views @ model.weights
    shares = _softmax(scores, NOTHING_KNOWN if not model.lessons else None)
    signs = calibration.signs(shares, views[:, :, VIEWS.index("likeness")], views[:, :, VIEWS.index("thread")])
    sure = model.calibrator.probability(signs)
    if not model.lessons:
        sure = shares.max(axis=1)
    rankings = []
    for place, item in enumerate(evidence):
        order = np.argsort(-shares[place], kind="stable")[:SHOWN]
        first = float(sure[place])
        rest = 1.0 - float(shares[place, order[0]])
        candidates = [
            Candidate(
                matter=labels[column],
                probability=first if nth == 0 else float(shares[place, column]) / max(rest, 1e-9) * (1 - first) * SEEN,
                views=_named(views[place, column]),
                reasons=_reasons(views[place, column], told[place].get(labels[column], [])),
            )
            for nth, column in enumerate(order)
        ]
        none = max(0.0, 1.0 - sum(candidate.probability for candidate in candidates))
        candidates.append(Candidate(NO_MATTER, none))
        candidates.sort(key=lambda candidate: -candidate.probability)
        confident = first >= model.calibrator.threshold and candidates[0].matter != NO_MATTER
        rankings.append(Ranking(item.id, tuple(candidates), confident, model.name))
    return rankings


SEEN = 0.7
"""Of what is left beside the first choice, the share that goes to the other candidates, not to «none»."""


def _named(row: np.ndarray) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in zip(VIEWS, row, strict=True) if value}


def _reasons(row: np.ndarray, hits: Sequence[Hit]) -> tuple[str, ...]:
    """The views that speak for this matter, in words."""
    view = dict(zip(VIEWS, row, strict=True))
    told = [hit.reason for hit in hits if hit.strength >= 0.3]
    if view["thread"] > 0.5:
        told.append("an earlier message of this conversation")
    if view["sender"] > 0.3:
        told.append(f"this sender, {view['sender']:.0%} of the time")
    if view["people"] > 0.4:
        told.append("these people together")
    if view["likeness"] > 0.5:
        told.append("close to something filed here before")
    if view["linear"] > 0.4:
        told.append("its words")
    return tuple(dict.fromkeys(told))


def _softmax(scores: np.ndarray, none: float | None) -> np.ndarray:
    top = scores.max(axis=1, keepdims=True)
    if none is not None:
        top = np.maximum(top, none)
    raised = np.exp(scores - top)
    whole = raised.sum(axis=1, keepdims=True)
    if none is not None:
        whole = whole + np.exp(none - top)
    return np.asarray(raised / whole)


@dataclass
class Model:
    """What was learned, ready to be asked."""

    lessons: list[Lesson]
    features: list[Features]
    labels: list[str]
    space: Space
    matrix: sparse.csr_matrix
    answers: np.ndarray
    coefficients: np.ndarray
    past: Past
    weights: np.ndarray
    calibrator: Calibrator
    name: str

    def views(
        self,
        items: Sequence[Features],
        at: Sequence[float],
        labels: Sequence[str],
        told: Sequence[Mapping[str, list[Hit]]],
    ) -> np.ndarray:
        """An array ``(items, labels, VIEWS)``."""
        found = np.zeros((len(items), len(labels), len(VIEWS)))
        column = {label: place for place, label in enumerate(labels)}
        mine = np.array([column[label] for label in self.labels if label in column], dtype=int)
        open_ones = np.array([place for place, label in enumerate(self.labels) if label in column], dtype=int)
        if self.lessons:
            likeness = np.asarray((self.space.rows(items) @ self.matrix.T).todense())
            base = _base(likeness, likeness @ self.coefficients, self.answers, len(self.labels))
            counts = np.stack([self.past.scores(f, len(self.labels), t) for f, t in zip(items, at, strict=True)])
            found[:, mine, : 4 + len(Past.NAMES)] = np.concatenate([base, counts], axis=2)[:, open_ones]
        found[:, [place for place, label in enumerate(labels) if label not in set(self.labels)], NEW] = 1.0
        for place, hits in enumerate(told):
            for matter, strong in hits.items():
                if matter in column:
                    for hit in strong:
                        found[place, column[matter], FIRST_RULE + RULES.index(hit.rule)] = hit.strength
        return found


NEW = VIEWS.index("new")
FIRST_RULE = NEW + 1


def _base(likeness: np.ndarray, linear: np.ndarray, answers: np.ndarray, classes: int) -> np.ndarray:
    """The linear score, its lead over the best other, neighbours' votes, and the nearest likeness."""
    lead = linear - _best_other(linear)
    nearest = np.zeros((len(likeness), classes))
    for label in range(classes):
        held = likeness[:, answers == label]
        nearest[:, label] = held.max(axis=1) if held.shape[1] else 0.0
    return np.stack([linear, lead, _neighbours(likeness, answers, classes), nearest], axis=2)


def _best_other(scores: np.ndarray) -> np.ndarray:
    if scores.shape[1] < 2:
        return np.zeros_like(scores)
    ordered = np.partition(scores, -2, axis=1)
    first, second = ordered[:, -1:], ordered[:, -2:-1]
    return np.where(scores == first, second, first)


def _neighbours(likeness: np.ndarray, answers: np.ndarray, classes: int) -> np.ndarray:
    votes = np.zeros((len(likeness), classes))
    nearest = min(NEAREST, likeness.shape[1])
    if not nearest:
        return votes
    chosen = np.argpartition(-likeness, nearest - 1, axis=1)[:, :nearest]
    strength = np.take_along_axis(np.clip(likeness, 0, None), chosen, axis=1) ** 4
    for place in range(nearest):
        np.add.at(votes, (np.arange(len(likeness)), answers[chosen[:, place]]), strength[:, place])
    whole = votes.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(votes, whole, out=np.zeros_like(votes), where=whole > 0))


def fit_model(lessons: Sequence[Lesson], features: Sequence[Features], name: str) -> Model:
    """Learns from lessons in order of time. The calibrator learns from the last of them, predicted by
    a model that saw only those before."""
    calibrator = calibration.unlearned()
    if len(lessons) >= 2 * FEWEST:
        cut = max(len(lessons) * 6 // 10, len(lessons) - 600)
        calibrator = _calibrated(_fit(lessons[:cut], features[:cut], name), lessons[cut:], features[cut:])
    model = _fit(lessons, features, name)
    model.calibrator = calibrator
    return model


def _calibrated(model: Model, lessons: Sequence[Lesson], features: Sequence[Features]) -> Calibrator:
    """Walks over what came later; between predictions the counts go on, as they would have."""
    if not lessons or not model.labels:
        return calibration.unlearned()
    nothing: list[Mapping[str, list[Hit]]] = [{} for _ in lessons]
    views = model.views(features, [lesson.at for lesson in lessons], model.labels, nothing)
    shares = _softmax(views @ model.weights, None)
    signs = calibration.signs(shares, views[:, :, VIEWS.index("likeness")], views[:, :, VIEWS.index("thread")])
    answers = np.array([model.labels[place] for place in shares.argmax(axis=1)])
    right = (answers == np.array([lesson.label for lesson in lessons])).astype(float)
    return calibration.fit(signs, right)


def _fit(lessons: Sequence[Lesson], features: Sequence[Features], name: str) -> Model:
    kept, known = list(lessons[-MOST:]), list(features[-MOST:])
    labels = list(dict.fromkeys(lesson.label for lesson in kept))
    index = {label: place for place, label in enumerate(labels)}
    answers = np.array([index[lesson.label] for lesson in kept], dtype=int)
    space = Space(known)
    matrix = space.rows(known)
    model = Model(
        kept, known, labels, space, matrix, answers, np.zeros((len(kept), len(labels))), Past(),
        PRIOR.astype(float), calibration.unlearned(), name,
    )  # fmt: skip
    if not kept:
        return model
    likeness = np.asarray((matrix @ matrix.T).todense(), dtype=np.float64)
    model.coefficients, left_out = _ridge(likeness, answers, len(labels), kept)
    views = _training_views(model, likeness, left_out)
    if len(kept) >= FEWEST and len(labels) > 1:
        model.weights = _weighed(views, answers)
    return model


def _ridge(
    likeness: np.ndarray, answers: np.ndarray, classes: int, lessons: Sequence[Lesson]
) -> tuple[np.ndarray, np.ndarray]:
    """Ridge in the dual, newer and weightier lessons counting more; and what it says of each lesson
    when that lesson is left out (in closed form)."""
    newest = lessons[-1].at
    fresh = np.array([0.2 + 0.8 * 2 ** (-(newest - lesson.at) / FADING) for lesson in lessons])
    weight = fresh * np.array([max(lesson.weight, 0.05) for lesson in lessons])
    wanted = np.eye(classes)[answers]
    factor = linalg.cho_factor(likeness + np.diag(RIDGE / weight), lower=True, overwrite_a=True)
    inverse = linalg.cho_solve(factor, np.eye(len(lessons)))
    coefficients = inverse @ wanted
    left_out = wanted - coefficients / np.diag(inverse)[:, None]
    return coefficients, left_out


def _training_views(model: Model, likeness: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """Views of the latest lessons as they would have been seen before the answer was known."""
    classes = len(model.labels)
    first = max(0, len(model.lessons) - WEIGHED)
    earlier = np.tril(likeness, -1)[first:]
    base = _base(earlier, left_out[first:], model.answers, classes)
    counts = np.zeros((len(model.lessons) - first, classes, len(Past.NAMES)))
    for place, (lesson, features) in enumerate(zip(model.lessons, model.features, strict=True)):
        if place >= first:
            counts[place - first] = model.past.scores(features, classes, lesson.at)
        model.past.add(features, int(model.answers[place]), lesson.at, lesson.weight)
    found = np.zeros((len(base), classes, len(VIEWS)))
    found[:, :, : 4 + len(Past.NAMES)] = np.concatenate([base, counts], axis=2)
    return found


def _weighed(views: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """The conditional logit: weights that make the right candidate the likeliest, near the prior."""
    wanted = answers[-len(views) :]
    rows = np.arange(len(views))
    flat = views.reshape(-1, len(VIEWS))

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        shares = _softmax((flat @ weights).reshape(views.shape[:2]), None)
        away = weights - PRIOR
        error = -float(np.sum(np.log(np.maximum(shares[rows, wanted], 1e-12)))) + HOLD / 2 * float(away @ away)
        shares[rows, wanted] -= 1.0
        return error, shares.reshape(-1) @ flat + HOLD * away

    return np.asarray(minimize(loss, PRIOR, jac=True, method="L-BFGS-B", options={"maxiter": 60}).x)


__all__ = ["NOT_BILLABLE", "BookRules", "Model", "fit_model", "rank"]
