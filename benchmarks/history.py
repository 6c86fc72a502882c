"""What a year of bills is worth to the matter guess: mail filed by folder, with and without past narratives.

The first mails of each mailbox (half of it, at most 800) are the past. Of them the matcher gets what a bill would
say: matter, and «Correspond with NAME re SUBJECT»; and of the latest of them, lessons. Asked are the next 500 mails
of matters that were billed, but none of a conversation whose subject a bill names: it would be found by its subject
alone. Each is ranked from the books, which know matters by name only, and so many lessons.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autotime.classifiers.features import compute
from autotime.classifiers.memory import MatterMemory
from autotime.classifiers.names import display_name, listed
from autotime.timeline.duplicates import bare_subject
from autotime.training import scores
from autotime.training.evaluate import KEY, Split, books_of, example_of, predicted
from autotime.training.labelled import Labelled, read
from benchmarks.matching import filed_mail

MOST, ASKED = 800, 500
LESSONS = (0, 20, 100, MOST)
NAMED = 2
"""People a narrative names."""


def measure(quick: bool) -> dict[str, Any]:
    """For each mailbox and number of lessons; quick: the smallest mailbox without a lesson."""
    files = filed_mail()
    if not files:
        return {"skipped": "no mail filed by folder: AUTOTIME_SHARED_DATA names no folder with enron/folders"}
    lessons = LESSONS[: 1 if quick else None]
    return {path.name.partition(".")[0]: _of_mailbox(read(path), lessons) for path in files[: 1 if quick else None]}


def _of_mailbox(items: Sequence[Labelled], lessons: Sequence[int]) -> dict[str, Any]:
    cut = min(len(items) // 2, MOST)
    past, later = items[:cut], items[cut : cut + ASKED]
    named, billed = {_subject(one) for one in past}, {one.label for one in past}
    split = Split(past, [one for one in later if _subject(one) not in named and one.label in billed])
    features = {one.item.id: compute(one.item, KEY) for one in (*past, *split.asked)}
    told = {f"{number} lessons": _with_and_without(split, items, features, number) for number in lessons}
    return {"billed": len(past), "asked": len(split.asked), **told}


def _with_and_without(
    split: Split, items: Sequence[Labelled], features: dict[str, Any], number: int
) -> dict[str, dict[str, float]]:
    books, found = books_of(items), {}
    for name, billed in (("without", ()), ("with", [(one.label, _narrative(one)) for one in split.known])):
        memory = MatterMemory(features.get, KEY, billed)
        memory.learn_examples(example_of(one) for one in split.known[len(split.known) - number :] if number)
        answers = predicted(split, books, memory)
        found[name] = {
            "accuracy": round(scores.mean([one.right for one in answers]), 4),
            "top3": round(scores.mean([one.near for one in answers]), 4),
            "mean_probability": round(scores.mean([one.probability for one in answers]), 4),
        }
    return found


def _subject(one: Labelled) -> str:
    return bare_subject(one.item.subject.reveal())


def _narrative(one: Labelled) -> str:
    people = [name for who in one.item.people[:NAMED] if (name := display_name(who, ()))]
    return f"Correspond with {listed(people)} re {_subject(one)}"
