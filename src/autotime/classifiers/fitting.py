"""A model from lessons: ridges, then weights and calibration from what would have been seen of each
lesson before it was known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autotime.classifiers import calibration, logit
from autotime.classifiers.calibration import Calibrator
from autotime.classifiers.kernels import Kernels, likeness, shared
from autotime.classifiers.memory import Lesson
from autotime.classifiers.model import PRIOR, Model, doubt, firsts, stacked
from autotime.classifiers.rules import BookRules
from autotime.classifiers.slate import NEW, Hits, Slate, choose
from autotime.classifiers.views import Past, Space, prepare
from autotime.domain.learning import Features

HOLD = 2.0
"""How strongly the stated weights hold."""

MOST = 5_000
"""Lessons that are learned from: the latest."""

WEIGHED = 1_500
"""Lessons the weights are learned from: the latest."""

FEWEST = 30
"""Lessons from which the weights are learned rather than stated."""


def fit(lessons: Sequence[Lesson], features: Sequence[Features], rules: BookRules) -> Model:
    """Learns from lessons in order of time."""
    ready = [prepare(item) for item in features]
    labels = list(dict.fromkeys(lesson.label for lesson in lessons))
    index = {label: place for place, label in enumerate(labels)}
    answers = np.array([index[lesson.label] for lesson in lessons], dtype=int)
    model = Model(list(lessons), labels, answers, Space(ready), Past(), rules)
    if not lessons:
        return model
    rows, wanted = model.space.rows(ready), np.eye(len(labels), dtype=np.float32)[answers]
    own, first = likeness(rows, rows), max(0, len(lessons) - WEIGHED)
    latest = shared((own[0][first:], own[1], own[2]))
    model.kernels = Kernels(rows, own, doubt(lessons, lessons[-1].at), wanted)
    scored = [scores[first:] for scores in model.kernels.before(wanted)]
    slate, circumstances = _before(model, features, scored, latest, first)
    if len(lessons) >= FEWEST and len(labels) > 1:
        _learn_weights(model, slate, circumstances, first)
    return model


def _before(
    model: Model, features: Sequence[Features], scored: Sequence[np.ndarray], like: np.ndarray, first: int
) -> tuple[Slate, np.ndarray]:
    """The slates of the latest lessons as they stood before each was known, and the circumstances
    (how many lessons there were, how many of the last were new)."""
    number = len(model.lessons)
    counts, circumstances, known = _remembered(model, features, first)
    times = np.array([lesson.at for lesson in model.lessons])
    age = times[first:, None] - times[None, :]
    views = stacked(scored, np.tril(like, first - 1), age, np.arange(first, number), model.answers, counts)
    standing = np.arange(len(model.labels))[None, :] < known[:, None]
    hits = [_without_filed(model.rules.hits(item)) for item in features[first:]]
    return choose(views, standing, model.labels, hits, PRIOR[:NEW]), circumstances


def _remembered(model: Model, features: Sequence[Features], first: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tells the past every lesson; of the latest, what it said before: scores, circumstances, labels known."""
    latest = len(model.lessons) - first
    counts = np.zeros((latest, len(model.labels), len(Past.NAMES)))
    circumstances, known = np.zeros((latest, 2)), np.zeros(latest, dtype=int)
    new = firsts(model.lessons, set())
    for place, (lesson, item) in enumerate(zip(model.lessons, features, strict=True), start=-first):
        if place >= 0:
            told = model.past.scores(item, lesson.at)
            counts[place, : len(told)] = told
            circumstances[place] = calibration.circumstances(place + first, model.fresh)
            known[place] = len(model.past.counts)
        model.past.add(item, int(model.answers[place + first]), lesson.at, lesson.weight)
        model.fresh.append(new[place + first])
    return counts, circumstances, known


def _learn_weights(model: Model, slate: Slate, circumstances: np.ndarray, first: int) -> None:
    answers = [lesson.label for lesson in model.lessons[first:]]
    right = np.array([row.index(a) if a in row else -1 for row, a in zip(slate.labels, answers, strict=True)])
    worth = np.array([lesson.weight for lesson in model.lessons[first:]])
    model.weights = _weigh(slate, right, worth, right >= 0)
    model.calibrator = _calibrated(slate, right, worth, circumstances)


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


def _without_filed(hits: Hits) -> Hits:
    """A lesson from a folder stands in that folder: the folder would explain everything."""
    kept = {label: [hit for hit in strong if hit.rule != "filed"] for label, strong in hits.items()}
    return {label: strong for label, strong in kept.items() if strong}
