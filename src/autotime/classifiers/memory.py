"""What a matcher has learned: lessons, each from one teacher, that can be taken back.

The fitted model is made from the lessons when it is asked for and kept until they change; a few new
lessons do not wait for that. Nothing here is pickled: a snapshot is JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time
from hashlib import blake2b
from typing import TYPE_CHECKING

from autotime.domain.decisions import Decision, DecisionKind
from autotime.domain.doors import FeatureSource
from autotime.domain.errors import Misused
from autotime.domain.learning import Example, ExampleKind, Features
from autotime.domain.work import Suggestion

if TYPE_CHECKING:
    from autotime.classifiers.ranker import Model

PREFILLED, PICKED, CORRECTED = 0.4, 1.0, 2.0
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Lesson:
    """This evidence belonged to this matter. ``at``, UTC seconds, orders lessons in time."""

    evidence: str
    label: str
    at: float
    weight: float
    teacher: str


Fit = Callable[[Sequence[Lesson], Sequence[Features], str], "Model"]


class MatterMemory:
    """Lessons and the features they are about. ``features`` looks up stored features by evidence id."""

    def __init__(self, features: FeatureSource | None = None, key: bytes = b"autotime") -> None:
        self._look_up = features
        self.key = key
        self._lessons: dict[str, list[Lesson]] = {}
        self._features: dict[str, Features | None] = {}
        self._model: Model | None = None

    def learn(self, decision: Decision) -> None:
        """What one decision teaches; see ``lessons_of``."""
        self._put(decision.id, lessons_of(decision))

    def unlearn(self, decision: Decision) -> None:
        """As if the decision had never been made."""
        self.forget(decision.id)

    def learn_examples(self, examples: Iterable[Example]) -> None:
        taught: dict[str, list[Lesson]] = {}
        for e in examples:
            if e.kind is ExampleKind.MATTER:
                taught.setdefault(e.decision, []).append(Lesson(e.evidence, e.label, float(e.at), e.weight, e.decision))
        for teacher, lessons in taught.items():
            self._put(teacher, [*self._lessons.get(teacher, []), *lessons])

    def forget(self, teacher: str) -> None:
        if self._lessons.pop(teacher, None) is not None:
            self._model = None

    def _put(self, teacher: str, lessons: list[Lesson]) -> None:
        if lessons:
            self._lessons[teacher] = lessons
            self._model = None

    def lessons(self) -> list[Lesson]:
        """In order of time; of several lessons about one piece of evidence, the heaviest, then latest."""
        best: dict[str, Lesson] = {}
        for lesson in (one for taught in self._lessons.values() for one in taught):
            known = best.get(lesson.evidence)
            if known is None or (lesson.weight, lesson.teacher) >= (known.weight, known.teacher):
                best[lesson.evidence] = lesson
        return sorted(best.values(), key=lambda lesson: (lesson.at, lesson.evidence))

    def features(self, evidence: str) -> Features | None:
        """Stored features of a piece of evidence; ``None`` where there are none."""
        if evidence not in self._features:
            self._features[evidence] = self._look_up(evidence) if self._look_up else None
        return self._features[evidence]

    def fitted(self, fit: Fit) -> Model:
        """The model of all lessons whose features are there."""
        if self._model is None:
            able = [(lesson, f) for lesson in self.lessons() if (f := self.features(lesson.evidence)) is not None]
            name = "m" + blake2b(self.snapshot(), digest_size=6).hexdigest()
            self._model = fit([lesson for lesson, _ in able], [features for _, features in able], name)
        return self._model

    def snapshot(self) -> bytes:
        """All lessons as bytes: the same lessons, the same bytes."""
        taught = {teacher: [asdict(one) for one in lessons] for teacher, lessons in self._lessons.items()}
        return json.dumps({"format": FORMAT, "lessons": taught}, sort_keys=True, separators=(",", ":")).encode()

    def restore(self, snapshot: bytes) -> None:
        """Takes a snapshot's lessons in place of its own; ``Misused`` for bytes that are none."""
        try:
            data = json.loads(snapshot)
            if data["format"] != FORMAT:
                raise ValueError("another format")
            taught = {teacher: [Lesson(**one) for one in lessons] for teacher, lessons in data["lessons"].items()}
        except (ValueError, TypeError, KeyError, AttributeError) as broken:
            raise Misused("these bytes are no snapshot of a memory", hint="autotime suggest learns anew") from broken
        self._lessons, self._model = taught, None


def lessons_of(decision: Decision) -> list[Lesson]:
    """Accepting what was pre-filled is a weak lesson, an explicit pick a full one, a correction a
    double one; an accept-all teaches nothing, and neither does what was put aside."""
    if decision.bulk or decision.kind in (DecisionKind.DEFERRED, DecisionKind.UNDONE):
        return []
    labels = dict(decision.labels)
    return [
        Lesson(item, labels[item], _noon(shown), weight_of(shown, labels[item]), decision.id)
        for shown in decision.shown
        for item in shown.evidence_ids
        if item in labels
    ]


def weight_of(shown: Suggestion, label: str) -> float:
    if shown.matter and shown.matter != label:
        return CORRECTED
    return PREFILLED if shown.preselected and shown.matter == label else PICKED


def _noon(shown: Suggestion) -> float:
    return datetime.combine(shown.day, time(12), UTC).timestamp()
