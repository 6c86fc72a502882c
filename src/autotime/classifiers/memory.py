"""What a matcher has learned: lessons, each from one teacher, that can be taken back.

The fitted model is made from the lessons when it is asked for; a few new lessons are added to it.
Nothing here is pickled: a snapshot is JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from hashlib import blake2b
from typing import TYPE_CHECKING

from autotime.classifiers.features import hasher
from autotime.domain.books import Books
from autotime.domain.decisions import Decision, DecisionKind
from autotime.domain.doors import FeatureSource
from autotime.domain.errors import Misused
from autotime.domain.learning import FEATURE_VERSION, Example, ExampleKind, Features
from autotime.domain.work import Suggestion

if TYPE_CHECKING:
    from autotime.classifiers.bills import Bills
    from autotime.classifiers.model import Model

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


class MatterMemory:
    """Lessons and the features they are about. ``features`` looks up stored features by evidence id; ``billed`` are
    past bills, which are no lessons: they stand beside the books."""

    def __init__(
        self,
        features: FeatureSource | None = None,
        key: bytes = b"autotime",
        billed: Bills | None = None,
    ) -> None:
        self._look_up = features
        self.key = key
        self.billed = billed
        self._lessons: dict[str, list[Lesson]] = {}
        self._features: dict[str, Features | None] = {}
        self._model: Model | None = None
        self._books: Books | None = None
        self._changed = True

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
            self._changed = True

    def _put(self, teacher: str, lessons: list[Lesson]) -> None:
        if lessons:
            self._lessons[teacher] = lessons
            self._changed = True

    def lessons(self) -> list[Lesson]:
        """In order of time; of several lessons about one piece of evidence, the heaviest, then latest."""
        best: dict[str, Lesson] = {}
        for lesson in (one for taught in self._lessons.values() for one in taught):
            known = best.get(lesson.evidence)
            if known is None or (lesson.weight, lesson.teacher) >= (known.weight, known.teacher):
                best[lesson.evidence] = lesson
        return sorted(best.values(), key=lambda lesson: (lesson.at, lesson.evidence))

    def features(self, evidence: str) -> Features | None:
        """Stored features of a piece of evidence; ``None`` where there are none of this version."""
        if evidence not in self._features:
            found = self._look_up(evidence) if self._look_up else None
            self._features[evidence] = found if found and found.version == FEATURE_VERSION else None
        return self._features[evidence]

    def model(self, books: Books) -> Model:
        """The model of all lessons whose features are there. New lessons are added to it at once; every
        so many (see ``refitted_at``) it is fitted anew. The same lessons give the same model, in
        whatever order they were learned."""
        same_books = self._model is not None and (self._books is books or self._books == books)
        if self._model is None or self._changed or not same_books:
            self._model = self._grown(self.lessons(), self._model if same_books else None, books)
            self._books, self._changed = books, False
        return self._model

    def _grown(self, lessons: list[Lesson], model: Model | None, books: Books) -> Model:
        from autotime.classifiers.fitting import MOST, fit  # noqa: PLC0415 - heavy: numbers wait until asked for
        from autotime.classifiers.rules import book_rules  # noqa: PLC0415

        base = refitted_at(len(lessons))
        if model is None or model.base != base or lessons[: len(model.taught)] != model.taught:
            rules = book_rules(books, hasher(self.key[:64]))
            model = fit(*self._with_features(lessons[max(0, base - MOST) : base]), rules)
            model.base, model.taught = base, lessons[:base]
        new = lessons[len(model.taught) :]
        if new:
            model.extend(*self._with_features(new))
        model.taught, model.name = lessons, _name(lessons, self.billed.name if self.billed else "")
        return model

    def _with_features(self, lessons: Iterable[Lesson]) -> tuple[list[Lesson], list[Features]]:
        able = [(lesson, found) for lesson in lessons if (found := self.features(lesson.evidence)) is not None]
        return [lesson for lesson, _ in able], [found for _, found in able]

    def snapshot(self) -> bytes:
        """All lessons as bytes: the same lessons, the same bytes."""
        taught = {
            teacher: [{name: getattr(one, name) for name in Lesson.__slots__} for one in lessons]
            for teacher, lessons in self._lessons.items()
        }
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
        self._lessons, self._changed = taught, True


def _name(lessons: Iterable[Lesson], billed: str) -> str:
    digest = blake2b(billed.encode(), digest_size=6)
    for one in lessons:
        digest.update(f"{one.evidence}\x1f{one.label}\x1f{one.at}\x1f{one.weight}\x1e".encode())
    return "m" + digest.hexdigest()


def refitted_at(lessons: int) -> int:
    """Of so many lessons, the number that is fitted; the rest are added to the fitted model."""
    step = 10 if lessons < 200 else 25 if lessons < 1_000 else 50 if lessons < 2_000 else 100
    return lessons if lessons < 10 else lessons - lessons % step


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
