"""One busy day: three hundred pieces of evidence to suggestions, with a model learned from filed mail."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from autotime.domain.evidence import Evidence, Kind
from autotime.domain.learning import Example, ExampleKind
from autotime.domain.spans import Span
from autotime.domain.untrusted import Untrusted
from autotime.pipeline import Office, suggest
from benchmarks import best
from benchmarks._stores import LAST, MATTERS, NOW, founded, letter

LESSONS = 1_000
TIMES = 3
QUICK = 30
"""Pieces of evidence, and lessons, of a quick run."""


def measure(quick: bool) -> dict[str, Any]:
    """``seconds``: from the store to the store again, ranking, drafting and writing included."""
    pieces, lessons = (QUICK, QUICK) if quick else (300, LESSONS)
    with tempfile.TemporaryDirectory() as folder:
        office = founded(Path(folder))
        taught(office, lessons)
        office.store.evidence.put(busy_day(LAST, pieces), NOW)
        drafted = suggest(office, [LAST])[LAST]
        seconds = best(lambda: suggest(office, [LAST]), 1 if quick else TIMES)
        office.store.close()
    return {
        "pieces": pieces,
        "lessons": lessons,
        "suggestions": len(drafted),
        "worked_minutes": sum(one.seconds for one in drafted) // 60,
        "seconds": round(seconds, 3),
    }


def taught(office: Office, lessons: int) -> None:
    """Mail of the weeks before, filed under its matters."""
    past = [letter(10_000 + n, LAST - timedelta(days=1 + n // 50), n % 50) for n in range(lessons)]
    office.store.evidence.put(past, NOW)
    office.store.examples.add(
        Example(
            kind=ExampleKind.MATTER,
            evidence=item.id,
            revision=1,
            label=MATTERS[(10_000 + n) % len(MATTERS)].number,
            at=item.at,
            weight=1.0,
            decision="history:bench",
        )
        for n, item in enumerate(past)
    )


def busy_day(day: date, pieces: int) -> Iterator[Evidence]:
    """Mail every two minutes from eight o'clock; every tenth piece a meeting, every seventh a document."""
    for number in range(pieces):
        mail = letter(number, day, number % 100)
        at = letter(0, day, 0).at + number * 120
        if number % 10 == 9:
            facts: dict[str, Any] = {"busy": "busy", "response": "accepted"}
            span = Span(at, at + 1_800)
            yield replace(
                mail, key=f"m{number}", kind=Kind.MEETING, at=at, span=span, own=True, identity="", facts=facts
            )
        elif number % 7 == 6:
            title = Untrusted(f"Motion number {number}")
            facts = {"edit_minutes": 12}
            yield replace(
                mail, key=f"d{number}", kind=Kind.DOCUMENT, at=at, own=True, identity="", subject=title, facts=facts
            )
        else:
            yield replace(mail, at=at)
