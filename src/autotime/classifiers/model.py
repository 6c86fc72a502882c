"""What was learned from lessons, ready to be asked, and to be told more.

``fitting.fit`` learns everything; ``Model.extend`` adds a few lessons to the counts, the neighbours and
the ridges at once and leaves vocabulary, fading, weights and calibration for the next fit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from autotime.classifiers import calibration, nearness
from autotime.classifiers.calibration import Calibrator
from autotime.classifiers.kernels import Kernels, shared
from autotime.classifiers.memory import Lesson
from autotime.classifiers.rules import BookRules
from autotime.classifiers.slate import LEARNED, VIEWS
from autotime.classifiers.views import DAY, Past, Space, prepare
from autotime.domain.learning import Features

PRIOR_OF = {
    "hybrid": 3.0, "hybrid_lead": 3.0, "plain": 1.5, "among": 1.5, "votes": 1.5, "nearest": 2.0, "middle": 1.0,
    "sender": 1.0, "circle": 1.0, "people": 1.0, "domains": 0.5, "thread": 2.0,
    "days": 0.1, "weeks": 0.2, "months": 0.2, "lately": 0.5, "absent": -0.1, "new": 1.5,
    "filed": 9.0, "docket": 7.0, "number": 7.0, "contact": 3.5, "domain": 2.5, "name": 3.5,
    "billed": 3.0,
}  # fmt: skip
"""Weights before anything is learned; of the other views, none. ``new`` puts a matter without lessons beside
those whose lessons have nothing to say: no view of lessons can speak for it."""

PRIOR = np.array([PRIOR_OF.get(name, 0.0) for name in VIEWS])
RIDGE = 0.2
FADING = 90 * DAY


@dataclass
class Model:
    """``base``: how many lessons were fitted; ``taught``: all of them and those added since. Of these,
    ``lessons`` are the ones that have features and are not too long ago."""

    lessons: list[Lesson]
    labels: list[str]
    answers: np.ndarray
    space: Space
    past: Past
    rules: BookRules
    kernels: Kernels | None = None
    base: int = 0
    taught: list[Lesson] = field(default_factory=list)
    name: str = ""
    weights: np.ndarray = field(default_factory=PRIOR.copy)
    calibrator: Calibrator = field(default_factory=calibration.unlearned)
    fresh: deque[bool] = field(default_factory=lambda: deque(maxlen=100))
    """Whether each of the last lessons was the first of its label."""

    def look(self, items: Sequence[Features], at: Sequence[float]) -> np.ndarray:
        """``(items, labels, LEARNED)``: what the lessons say of each label."""
        if self.kernels is None or not items:
            return np.zeros((len(items), len(self.labels), len(LEARNED)))
        like = self.kernels.likeness(self.space.rows([prepare(item) for item in items]))
        age = np.asarray(at)[:, None] - np.array([lesson.at for lesson in self.lessons])[None, :]
        counts = np.stack([self.past.scores(item, when) for item, when in zip(items, at, strict=True)])
        known = np.full(len(items), len(self.lessons))
        return stacked(self.kernels.score(like), shared(like), age, known, self.answers, counts)

    def extend(self, lessons: Sequence[Lesson], features: Sequence[Features]) -> None:
        """Adds lessons that come after all that are known."""
        if self.kernels is None or not lessons:
            return
        self.fresh.extend(firsts(lessons, set(self.labels)))
        self.labels = list(dict.fromkeys([*self.labels, *(lesson.label for lesson in lessons)]))
        answers = np.array([self.labels.index(lesson.label) for lesson in lessons], dtype=int)
        rows = self.space.rows([prepare(item) for item in features])
        self.kernels.extend(rows, doubt(lessons, self.lessons[-1].at), np.eye(len(self.labels))[answers])
        self.answers = np.append(self.answers, answers)
        for lesson, item, answer in zip(lessons, features, answers, strict=True):
            self.past.add(item, int(answer), lesson.at, lesson.weight)
        self.lessons += lessons


def stacked(
    scored: Sequence[np.ndarray],
    like: np.ndarray,
    age: np.ndarray,
    known: np.ndarray,
    answers: np.ndarray,
    counts: np.ndarray,
) -> np.ndarray:
    """All learned views of some items, in the order of ``LEARNED``."""
    classes = scored[0].shape[1]
    shares = np.stack(
        [
            *scored,
            nearness.votes(like, age, answers, classes),
            nearness.nearest(like, answers, classes),
            nearness.middle(like, known, answers, classes),
        ],
        axis=2,
    )
    leads = np.stack([nearness.lead(scores) for scores in scored], axis=2)
    return np.concatenate([shares, nearness.steep(shares), leads, counts], axis=2)


def doubt(lessons: Sequence[Lesson], newest: float) -> np.ndarray:
    """What the ridges' diagonals hold against each lesson: more for older and lesser ones."""
    fresh = np.array([0.2 + 0.8 * 2 ** (-max(newest - lesson.at, 0.0) / FADING) for lesson in lessons])
    return np.asarray(RIDGE / (fresh * np.array([max(lesson.weight, 0.05) for lesson in lessons])))


def firsts(lessons: Sequence[Lesson], known: set[str]) -> list[bool]:
    """Whether each lesson is the first of its label; ``known`` learns them."""
    found = []
    for lesson in lessons:
        found.append(lesson.label not in known)
        known.add(lesson.label)
    return found
