"""How often the matter guess is right, on anybody's labelled mail, each item predicted from the past only.

``timeline``, after Bekkerman, McCallum and Huang (2004): train on the first N·100 items in order of
time, test on the next 100, for every N; what is left over is dropped. ``online``: each item is
predicted from all before it. The matcher is asked through its face alone, as the pipeline asks it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from autotime.classifiers.features import compute
from autotime.classifiers.memory import MatterMemory
from autotime.classifiers.ranker import rank
from autotime.domain.books import Books, Matter
from autotime.domain.learning import Example, ExampleKind
from autotime.domain.matching import NO_MATTER
from autotime.domain.progress import Progress, silent
from autotime.training import scores
from autotime.training.baselines import BASELINES
from autotime.training.labelled import Labelled, without_body
from autotime.training.scores import Predicted

STEP = 100
KEY = b"evaluation"


@dataclass(frozen=True, slots=True)
class Split:
    """What is known, and what is asked after it."""

    known: Sequence[Labelled]
    asked: Sequence[Labelled]


@dataclass(slots=True)
class Measured:
    """Groups of predictions in order of time, and the seconds they took."""

    groups: list[list[Predicted]] = field(default_factory=list)
    fit_seconds: float = 0.0
    predict_seconds: float = 0.0


def evaluate(
    items: list[Labelled],
    *,
    protocol: str = "timeline",
    known_matters: bool = False,
    no_body: bool = False,
    baselines: bool = False,
    every: int = 1,
    progress: Progress = silent,
) -> dict[str, Any]:
    """The face of ``autotime evaluate --json``; see ``docs/reference/evaluate.md``."""
    asked = without_body(items) if no_body else items
    splits = list(timeline(asked) if protocol == "timeline" else online(asked, every))
    books = books_of(asked) if known_matters else Books()
    measured = _measure(asked, splits, books, progress)
    told = summary(measured, len(asked))
    if baselines:
        told["baselines"] = {name: _baseline(predict, splits, progress, name) for name, predict in BASELINES.items()}
    return {"protocol": protocol, "known_matters": known_matters, "no_body": no_body, **told}


def timeline(items: Sequence[Labelled]) -> Iterator[Split]:
    for cut in range(STEP, len(items) - STEP + 1, STEP):
        yield Split(items[:cut], items[cut : cut + STEP])


def online(items: Sequence[Labelled], every: int) -> Iterator[Split]:
    for cut in range(0, len(items), every):
        yield Split(items[:cut], items[cut : cut + every])


def books_of(items: Sequence[Labelled]) -> Books:
    """Every label as an open matter of that name, and nothing else known of it."""
    labels = dict.fromkeys(one.label for one in items)
    return Books(matters={name: Matter(number=name, name=name.replace("_", " ")) for name in labels})


def _measure(items: Sequence[Labelled], splits: Sequence[Split], books: Books, progress: Progress) -> Measured:
    features = {one.item.id: compute(one.item, KEY) for one in items}
    memory, learned = MatterMemory(features.get, KEY), 0
    done = Measured()
    for number, split in enumerate(splits, start=1):
        began = time.perf_counter()
        memory.learn_examples(example_of(one) for one in split.known[learned:])
        learned = len(split.known)
        rank([], books, memory, split.asked[0].item.at)
        ready = time.perf_counter()
        done.groups.append(predicted(split, books, memory))
        done.fit_seconds += ready - began
        done.predict_seconds += time.perf_counter() - ready
        progress("evaluate", number, len(splits))
    return done


def example_of(one: Labelled) -> Example:
    item = one.item
    return Example(
        kind=ExampleKind.MATTER,
        evidence=item.id,
        revision=1,
        label=one.label,
        at=item.at,
        weight=1.0,
        decision=f"label:{item.id}",
    )


def predicted(split: Split, books: Books, memory: MatterMemory) -> list[Predicted]:
    """The answer, the candidates in order, and how sure; abstaining is no candidate."""
    seen = {one.label for one in split.known}
    rankings = rank([one.item for one in split.asked], books, memory, split.asked[-1].item.at)
    found = []
    for one, ranking in zip(split.asked, rankings, strict=True):
        real = [candidate for candidate in ranking.candidates if candidate.matter != NO_MATTER]
        probability = real[0].probability if real else 0.0
        found.append(Predicted(one.label, tuple(c.matter for c in real), probability, one.label in seen))
    return found


def summary(measured: Measured, items: int) -> dict[str, Any]:
    """Means over splits with standard errors; calibration and coverage over all predictions."""
    groups = measured.groups
    pooled = [one for group in groups for one in group]
    said, was = [one.probability for one in pooled], [one.right for one in pooled]
    coverage, precision = scores.covered(groups)
    return {
        **_shares(groups),
        "ece": scores.calibration_error(said, was),
        "ece_floor": scores.calibration_floor(said),
        "coverage_at_95": coverage,
        "precision_at_95": precision,
        "unseen_share": scores.mean([not one.seen for one in pooled]),
        "items": items,
        "splits": len(groups),
        "per_split": [_split_line(group) for group in groups],
        "fit_seconds": round(measured.fit_seconds, 3),
        "predict_seconds": round(measured.predict_seconds, 3),
    }


def _shares(groups: Sequence[Sequence[Predicted]]) -> dict[str, float]:
    lines = [_split_line(group) for group in groups]
    told: dict[str, float] = {}
    for name in ("accuracy", "accuracy_seen", "top3"):
        values = [line[name] for line in lines if line[name] is not None]
        told[name], told[f"{name}_se"] = scores.mean(values), scores.standard_error(values)
    return told


def _split_line(group: Sequence[Predicted]) -> dict[str, Any]:
    """``None`` where a split has nothing that was seen before."""
    seen = [one for one in group if one.seen]
    return {
        "accuracy": scores.mean([one.right for one in group]),
        "accuracy_seen": scores.mean([one.right for one in seen]) if seen else None,
        "top3": scores.mean([one.near for one in seen]) if seen else None,
        "items": len(group),
        "unseen": len(group) - len(seen),
    }


def _baseline(predict: Any, splits: Sequence[Split], progress: Progress, name: str) -> dict[str, float]:
    groups: list[list[Predicted]] = []
    for number, split in enumerate(splits, start=1):
        if split.known:
            seen = {one.label for one in split.known}
            answers = predict(split.known, split.asked)
            groups.append(
                [
                    Predicted(one.label, (answer,), 1.0, one.label in seen)
                    for one, answer in zip(split.asked, answers, strict=True)
                ]
            )
        progress(name, number, len(splits))
    told = _shares(groups)
    return {key: told[key] for key in ("accuracy", "accuracy_se", "accuracy_seen", "accuracy_seen_se")}
