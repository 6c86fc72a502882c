"""What was learned from lessons, ready to be asked, and to be told more.

``fit`` learns everything; ``Model.extend`` adds a few lessons to the counts, the neighbours and the
ridges at once and leaves vocabulary, weights and calibration for the next ``fit``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from autotime.classifiers import calibration, logit, nearness
from autotime.classifiers.calibration import Calibrator
from autotime.classifiers.memory import Lesson
from autotime.classifiers.ridge import Ridge
from autotime.classifiers.rules import RULES, BookRules
from autotime.classifiers.slate import LEARNED, NEW, VIEWS, Hits, Slate, choose
from autotime.classifiers.views import DAY, WHOLE, Past, Prepared, Space, prepare
from autotime.domain.learning import Features

PRIOR_OF = {
    "hybrid": 3.0, "lead": 3.0, "text": 1.5, "among": 1.5, "votes": 1.5, "nearest": 2.0, "middle": 1.0,
    "sender": 1.0, "circle": 1.0, "people": 1.0, "domains": 0.5, "thread": 2.0,
    "days": 0.1, "weeks": 0.2, "months": 0.2, "lately": 0.5, "absent": -0.1, "new": -0.5,
    "filed": 9.0, "docket": 7.0, "number": 7.0, "contact": 3.5, "domain": 2.5, "name": 3.5,
}  # fmt: skip
"""Weights before anything is learned."""

PRIOR = np.array([PRIOR_OF[name] for name in VIEWS])
HOLD = 2.0
RIDGE = 0.2
FADING = 90 * DAY
MOST = 4_000
"""Lessons that are learned from: the latest."""

WEIGHED = 1_500
"""Lessons the weights are learned from: the latest."""

FEWEST = 30
"""Lessons from which the weights are learned rather than stated."""

FILED = NEW + 1 + RULES.index("filed")


@dataclass
class Model:
    """``base``: how many lessons were fitted; ``taught``: all of them and those added since. Of these,
    ``lessons`` are the ones that have features and are not too long ago."""

    lessons: list[Lesson]
    features: list[Features]
    labels: list[str]
    answers: np.ndarray
    space: Space
    text: sparse.csr_matrix
    people: sparse.csr_matrix
    ridges: tuple[Ridge, Ridge, Ridge] | None
    past: Past
    rules: BookRules
    base: int = 0
    taught: list[Lesson] = field(default_factory=list)
    name: str = ""
    weights: np.ndarray = field(default_factory=PRIOR.copy)
    calibrator: Calibrator = field(default_factory=calibration.unlearned)
    fresh: deque[bool] = field(default_factory=lambda: deque(maxlen=100))
    """Whether each of the last lessons was the first of its label."""

    def look(self, items: Sequence[Features], at: Sequence[float]) -> np.ndarray:
        """``(items, labels, LEARNED)``: what the lessons say of each label."""
        if not self.lessons or not items:
            return np.zeros((len(items), len(self.labels), len(LEARNED)))
        text, people = self._likeness([prepare(item) for item in items])
        hybrid, words, among = self._ridges
        scored = (hybrid.score(text + people), words.score(text), among.score(people))
        age = np.asarray(at)[:, None] - np.array([lesson.at for lesson in self.lessons])[None, :]
        counts = np.stack([self.past.scores(item, when) for item, when in zip(items, at, strict=True)])
        known = np.full(len(items), len(self.lessons))
        return stacked(scored, (text + people) / WHOLE, age, known, self.answers, counts)

    def extend(self, lessons: Sequence[Lesson], features: Sequence[Features]) -> None:
        """Adds lessons that come after all that are known."""
        if not self.lessons or not lessons:
            return
        added = [prepare(item) for item in features]
        text, people = self._likeness(added)
        rows_text, rows_people = self.space.rows(added)
        own_text, own_people = dense(rows_text @ rows_text.T), dense(rows_people @ rows_people.T)
        self.fresh.extend(_firsts(lessons, set(self.labels)))
        self.labels = list(dict.fromkeys([*self.labels, *(lesson.label for lesson in lessons)]))
        answers = np.array([self.labels.index(lesson.label) for lesson in lessons], dtype=int)
        wanted = np.eye(len(self.labels))[answers]
        doubt = _doubt(lessons, self.lessons[-1].at)
        hybrid, words, among = self._ridges
        hybrid.extend(text + people, own_text + own_people, doubt, wanted)
        words.extend(text, own_text, doubt, wanted)
        among.extend(people, own_people, doubt, wanted)
        self.text = sparse.vstack([self.text, rows_text], format="csr")
        self.people = sparse.vstack([self.people, rows_people], format="csr")
        self.answers = np.append(self.answers, answers)
        for lesson, item, answer in zip(lessons, features, answers, strict=True):
            self.past.add(item, int(answer), lesson.at, lesson.weight)
        self.lessons += lessons
        self.features += features

    @property
    def _ridges(self) -> tuple[Ridge, Ridge, Ridge]:
        assert self.ridges is not None, "a model without lessons has nothing to say"  # noqa: S101
        return self.ridges

    def _likeness(self, items: Sequence[Prepared]) -> tuple[np.ndarray, np.ndarray]:
        text, people = self.space.rows(items)
        return dense(text @ self.text.T), dense(people @ self.people.T)


def dense(product: sparse.csr_matrix) -> np.ndarray:
    return np.asarray(product.toarray(), dtype=np.float64)


def stacked(
    scored: tuple[np.ndarray, np.ndarray, np.ndarray],
    likeness: np.ndarray,
    age: np.ndarray,
    known: np.ndarray,
    answers: np.ndarray,
    counts: np.ndarray,
) -> np.ndarray:
    """All learned views of some items, in the order of ``LEARNED``."""
    hybrid, words, among = scored
    classes = hybrid.shape[1]
    base = (
        hybrid,
        nearness.lead(hybrid),
        words,
        among,
        nearness.votes(likeness, age, answers, classes),
        nearness.nearest(likeness, answers, classes),
        nearness.middle(likeness, known, answers, classes),
    )
    return np.concatenate([np.stack(base, axis=2), counts], axis=2)


def fit(lessons: Sequence[Lesson], features: Sequence[Features], rules: BookRules) -> Model:
    """Learns from lessons in order of time."""
    kept, known = list(lessons), list(features)
    ready = [prepare(item) for item in known]
    labels = list(dict.fromkeys(lesson.label for lesson in kept))
    index = {label: place for place, label in enumerate(labels)}
    answers = np.array([index[lesson.label] for lesson in kept], dtype=int)
    space = Space(ready)
    text, people = space.rows(ready)
    model = Model(kept, known, labels, answers, space, text, people, None, Past(), rules)
    if not kept:
        return model
    like_text, like_people = dense(text @ text.T), dense(people @ people.T)
    doubt, wanted = _doubt(kept, kept[-1].at), np.eye(len(labels))[answers]
    model.ridges = (
        Ridge(like_text + like_people, doubt, wanted),
        Ridge(like_text, doubt, wanted),
        Ridge(like_people, doubt, wanted),
    )
    _learn_weights(model, (like_text + like_people) / WHOLE, wanted)
    return model


def _doubt(lessons: Sequence[Lesson], newest: float) -> np.ndarray:
    """What the ridge's diagonal holds against each lesson: more for older and lesser ones."""
    fresh = np.array([0.2 + 0.8 * 2 ** (-max(newest - lesson.at, 0.0) / FADING) for lesson in lessons])
    return np.asarray(RIDGE / (fresh * np.array([max(lesson.weight, 0.05) for lesson in lessons])))


def _firsts(lessons: Sequence[Lesson], known: set[str]) -> list[bool]:
    firsts = []
    for lesson in lessons:
        firsts.append(lesson.label not in known)
        known.add(lesson.label)
    return firsts


def _learn_weights(model: Model, likeness: np.ndarray, wanted: np.ndarray) -> None:
    """Weights and calibration from what would have been seen of each lesson before it was known."""
    first = max(0, len(model.lessons) - WEIGHED)
    slate, signs_of = _before(model, likeness, wanted, first)
    answers = [lesson.label for lesson in model.lessons[first:]]
    right = np.array([row.index(a) if a in row else -1 for row, a in zip(slate.labels, answers, strict=True)])
    worth = np.array([lesson.weight for lesson in model.lessons[first:]])
    if len(model.lessons) < FEWEST or len(model.labels) < 2:
        return
    model.weights = _weigh(slate, right, worth, right >= 0)
    model.calibrator = _calibrated(slate, right, worth, signs_of)


def _weigh(slate: Slate, right: np.ndarray, worth: np.ndarray, used: np.ndarray) -> np.ndarray:
    return logit.weigh(slate.views[used], slate.there[used], right[used], worth[used], PRIOR, HOLD)


def _calibrated(slate: Slate, right: np.ndarray, worth: np.ndarray, circumstances: np.ndarray) -> Calibrator:
    """From predictions by weights that were learned from the other half of time."""
    half = np.arange(len(right)) < len(right) // 2
    chances: np.ndarray = np.zeros(slate.there.shape)
    sure = np.ones(len(right), dtype=bool)
    for asked in (half, ~half):
        weights = _weigh(slate, right, worth, ~asked & (right >= 0))
        chances[asked] = logit.softmax(logit.scores(slate.views[asked], slate.there[asked], weights))
    sure[: min(FEWEST, len(right) // 3)] = False
    signs = calibration.signs(chances, slate.views, circumstances)
    first = chances.argmax(axis=1) if chances.shape[1] else np.zeros(len(right), dtype=int)
    return calibration.fit(signs[sure], (first == right)[sure], (right >= 0)[sure])


def _before(model: Model, likeness: np.ndarray, wanted: np.ndarray, first: int) -> tuple[Slate, np.ndarray]:
    """The slates of the latest lessons as they stood before each was known, and the circumstances
    (how many lessons there were, how many of the last were new)."""
    classes, number = len(model.labels), len(model.lessons)
    times = np.array([lesson.at for lesson in model.lessons])
    known_labels = np.zeros(number, dtype=int)
    counts = np.zeros((number - first, classes, len(Past.NAMES)))
    circumstances = np.zeros((number - first, 2))
    firsts = _firsts(model.lessons, set())
    for place, (lesson, item) in enumerate(zip(model.lessons, model.features, strict=True)):
        if place >= first:
            told = model.past.scores(item, lesson.at)
            counts[place - first, : len(told)] = told
            circumstances[place - first] = calibration.circumstances(place, model.fresh)
        known_labels[place] = len(model.past.counts)
        model.past.add(item, int(model.answers[place]), lesson.at, lesson.weight)
        model.fresh.append(firsts[place])
    scored = [ridge.before(wanted)[first:] for ridge in model._ridges]
    earlier = np.tril(likeness, -1)[first:]
    standing = np.arange(classes)[None, :] < known_labels[first:, None]
    hits = [_without_filed(model.rules.hits(item)) for item in model.features[first:]]
    views = stacked(
        (scored[0], scored[1], scored[2]),
        earlier,
        times[first:, None] - times[None, :],
        np.arange(first, number),
        model.answers,
        counts,
    )
    return choose(views, standing, model.labels, hits, PRIOR[:NEW]), circumstances


def _without_filed(hits: Hits) -> Hits:
    """A lesson from a folder stands in that folder: the folder would explain everything."""
    kept = {label: [hit for hit in strong if hit.rule != "filed"] for label, strong in hits.items()}
    return {label: strong for label, strong in kept.items() if strong}
