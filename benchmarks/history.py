"""What a year of bills is worth to the matter guess: the same asked with and without past narratives.

``mailboxes``: mail filed by folder. The first mails of each (half of it, at most 800) are the past. Of them the matcher
gets what a bill would say: matter, and «Correspond with NAME re SUBJECT»; and of the latest of them, lessons. Asked are
the next 500 mails of matters that were billed, but none of a conversation whose subject a bill names: it would be found
by its subject alone. Each is ranked from the books, which know matters by name only, and so many lessons.

``firm``: the example firm (``_billed_firm``), with books that know numbers and names and with whole ones. Accuracy is
of what belongs to a matter; ``filled``, ``filled_right`` and ``ece`` of all, with what is nobody's matter. ``swapped``:
every narrative stands under a wrong matter. It is easier than real mail, and its bills name people and parties only.

``day``: the seconds of a busy day with twenty thousand bills.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from autotime.classifiers.bills import Bills, date_of_utc
from autotime.classifiers.features import compute, hasher
from autotime.classifiers.memory import MatterMemory
from autotime.classifiers.names import display_name, listed
from autotime.classifiers.ranker import rank
from autotime.domain.books import Books
from autotime.domain.delivery import Billed
from autotime.domain.matching import NO_MATTER, Ranking
from autotime.example.days import NOBODY
from autotime.example.firm import ZONE
from autotime.pipeline import suggest
from autotime.timeline.days import local_date
from autotime.timeline.duplicates import bare_subject
from autotime.training import scores
from autotime.training.evaluate import KEY, Split, books_of, example_of, predicted
from autotime.training.labelled import Labelled, read
from autotime.training.scores import Predicted
from benchmarks import best
from benchmarks._billed_firm import NOW, Bill, Desk, desks, numbers_only, swapped
from benchmarks._stores import LAST, MATTERS, founded
from benchmarks.matching import filed_mail
from benchmarks.suggesting import TIMES, busy_day, taught

MOST, ASKED = 800, 500
LESSONS = (0, 20, 100, MOST)
NAMED = 2
"""People a narrative names."""

SEEDS = (7101, 7102, 7103, 7104, 7105)
BILLS, QUICK = 20_000, 200
FILED = {"0 lessons": 0, "10 lessons": 10, "30 lessons": 30, "all lessons": MOST}


def measure(quick: bool) -> dict[str, Any]:
    """Quick: one firm and the smallest mailbox, without a lesson."""
    few = 1 if quick else None
    return {
        "firm": _of_firms(SEEDS[:few], list(FILED)[:few]),
        "mailboxes": _of_mailboxes(few),
        "day": _of_a_day(QUICK if quick else BILLS),
    }


def _of_mailboxes(few: int | None) -> dict[str, Any]:
    files = filed_mail()
    if not files:
        return {"skipped": "no mail filed by folder: AUTOTIME_SHARED_DATA names no folder with enron/folders"}
    return {path.name.partition(".")[0]: _of_mailbox(read(path), LESSONS[:few]) for path in files[:few]}


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
    told = [(date_of_utc(one.item.at), one.label, _narrative(one)) for one in split.known]
    for name, billed in (("without", None), ("with", Bills(told, hasher(KEY)))):
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


def _of_a_day(bills: int) -> dict[str, float]:
    """Seconds of one busy day from the store to the store again, without and with so many bills of the year before."""
    with tempfile.TemporaryDirectory() as folder:
        office = founded(Path(folder))
        taught(office, 1_000)
        office.store.evidence.put(busy_day(LAST, 300), NOW)
        without = best(lambda: suggest(office, [LAST]), TIMES)
        office.store.billed.upsert(_many(bills))
        beside = best(lambda: suggest(office, [LAST]), TIMES)
        office.store.close()
    return {"bills": bills, "seconds_without": round(without, 3), "seconds_with": round(beside, 3)}


def _many(bills: int) -> Iterator[Billed]:
    """Fourteen words each, of four thousand."""
    chance = Random(0)
    for number in range(bills):
        said = " ".join(f"word{chance.randrange(4_000)}" for _ in range(14))
        day, matter = LAST - timedelta(days=1 + number % 360), MATTERS[number % len(MATTERS)].number
        yield Billed(target="csv", remote=str(number), day=day, matter=matter, seconds=1_800, narrative=said)


def _of_firms(seeds: Sequence[int], lessons: Sequence[str]) -> dict[str, Any]:
    every: list[Desk] = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            every += desks(Path(folder), seed)
    knowing = {
        "numbers and names": [(desk, numbers_only(desk.books)) for desk in every],
        "whole books": [(desk, desk.books) for desk in every],
    }
    return {name: {told: _asked(among, FILED[told]) for told in lessons} for name, among in knowing.items()}


def _asked(among: Sequence[tuple[Desk, Books]], lessons: int) -> dict[str, dict[str, float]]:
    told: dict[str, Any] = {"without": lambda _: [], "with": lambda desk: desk.bills}
    told["swapped"] = lambda desk: swapped(desk.bills)
    return {
        name: _summed([pair for desk, books in among for pair in _ranked(desk, books, lessons, bills(desk))])
        for name, bills in told.items()
    }


def _ranked(desk: Desk, books: Books, lessons: int, bills: Sequence[Bill]) -> list[tuple[str, Ranking]]:
    billed = Bills(bills, hasher(KEY), lambda at: local_date(at, ZONE)) if bills else None
    memory = MatterMemory(desk.features.get, KEY, billed)
    memory.learn_examples(desk.filed[-lessons:] if lessons else ())
    rankings = rank([one.item for one in desk.asked], books, memory, NOW)
    return [(one.label, ranking) for one, ranking in zip(desk.asked, rankings, strict=True)]


def _summed(asked: Sequence[tuple[str, Ranking]]) -> dict[str, float]:
    answers = [_answer(label, ranking) for label, ranking in asked]
    matters = [one for one in answers if one.answer != NOBODY]
    filled = [ranking.selected == label for label, ranking in asked if ranking.selected]
    told = {
        "accuracy": scores.mean([one.right for one in matters]),
        "top3": scores.mean([one.near for one in matters]),
        "filled": len(filled) / len(asked),
        "filled_right": scores.mean(filled),
        "ece": scores.calibration_error([one.probability for one in answers], [one.right for one in answers]),
    }
    return {"asked": len(matters), **{name: round(share, 4) for name, share in told.items()}}


def _answer(label: str, ranking: Ranking) -> Predicted:
    real = [one for one in ranking.candidates if one.matter != NO_MATTER]
    return Predicted(label, tuple(one.matter for one in real), real[0].probability if real else 0.0, seen=True)
