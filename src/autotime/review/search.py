"""Finding a matter or a code by a few letters. Pure; what is found is safe to show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz, utils

from autotime.domain.books import Code, Matter
from autotime.domain.errors import Misused
from autotime.domain.matching import NO_MATTER, NOT_BILLABLE
from autotime.domain.work import Suggestion
from autotime.intake import for_screen
from autotime.review import words
from autotime.review.forms import day_of
from autotime.review.view import DayView

LISTED = 50
GOOD = 60
"""Of 100: what is less like the words that were typed is not shown."""


@dataclass(frozen=True, slots=True)
class Found:
    """One answer: the value it stands for, and the words it is shown by."""

    value: str
    words: str


def matters(view: DayView, typed: str, about: Suggestion | None = None) -> list[Found]:
    """Open matters by number, name, client or party. Without words: what the matcher thought of first,
    then what was worked on lately, then the rest."""
    able = {matter.number: matter for matter in view.books.open_matters()}
    if not typed.strip():
        first = [*_thought_of(about), *view.recent, *able]
        return [_matter(view, able[number], about) for number in dict.fromkeys(first) if number in able][:LISTED]
    texts = {number: _searched(view, matter) for number, matter in able.items()}
    return [_matter(view, able[number], about) for number in _best(typed, texts, view.recent)]


def tasks(view: DayView, number: str, typed: str) -> list[Found]:
    """The task codes of a matter's own set, by number or words; the first answer is «none»."""
    known = view.matter(number)
    return _codes(view.books.task_codes(known) if known else (), typed)


def activities(view: DayView, typed: str) -> list[Found]:
    return _codes(view.books.activity_codes(), typed)


def clients(view: DayView, typed: str) -> list[Found]:
    texts = {client.id: f"{client.id} {client.name}" for client in view.books.clients.values()}
    chosen = _best(typed, texts, ()) if typed.strip() else list(texts)[:LISTED]
    return [Found(key, for_screen(texts[key])) for key in chosen]


def days(view: DayView, today: date, typed: str) -> list[Found]:
    """The day that is typed; until it is one, the days that hold something, the latest first."""
    try:
        day = day_of(typed, today)
    except Misused:
        waiting = view.undecided
        held = [
            Found(day.isoformat(), f"{words.day_words(day)}  {waiting.get(day) or 'nothing'} to review")
            for day in sorted(view.days, reverse=True)
        ]
        return [one for one in held if typed.casefold() in f"{one.value} {one.words}".casefold()]
    return [Found(day.isoformat(), words.day_words(day))]


def _codes(codes: Iterable[Code], typed: str) -> list[Found]:
    texts = {code.code: f"{code.code} {code.title}" for code in codes}
    if typed.strip():
        return [Found(key, for_screen(texts[key])) for key in _best(typed, texts, ())]
    return [Found("", "(none)"), *(Found(key, for_screen(text)) for key, text in texts.items())]


def _thought_of(about: Suggestion | None) -> list[str]:
    if about is None:
        return []
    others = [c.matter for c in about.alternatives if c.matter not in (NO_MATTER, NOT_BILLABLE)]
    return [about.matter, *others] if about.matter else others


def _matter(view: DayView, matter: Matter, about: Suggestion | None) -> Found:
    client = view.books.client_of(matter).name or matter.client
    likely = {c.matter: c.probability for c in about.alternatives} if about else {}
    if about and about.matter == matter.number:
        likely[matter.number] = about.probability
    share = f"  {words.percent(likely[matter.number])}" if likely.get(matter.number, 0) >= 0.01 else ""
    return Found(matter.number, for_screen(f"{matter.number} {matter.name} · {client}") + share)


def _searched(view: DayView, matter: Matter) -> str:
    client = view.books.client_of(matter)
    return " ".join((matter.number, matter.name, client.id, client.name, *matter.parties, *matter.aliases))


def _best(typed: str, texts: dict[str, str], recent: Sequence[str]) -> list[str]:
    """Keys whose text holds the words, the likest first; among equals what was used last."""
    wanted = utils.default_process(typed[:80]).split()
    used = {key: place for place, key in enumerate(recent)}
    scored = [(_score(wanted, utils.default_process(text).split()), key) for key, text in texts.items()]
    good = [(-score, used.get(key, len(used)), key) for score, key in scored if score >= GOOD]
    return [key for _, _, key in sorted(good)][:LISTED]


def _score(wanted: Sequence[str], parts: Sequence[str]) -> float:
    """How well the worst of the words is found, and a little for the others."""
    scores = [max((_like(word, part) for part in parts), default=0.0) for word in wanted]
    return min(scores, default=0.0) + sum(scores) / 10_000


def _like(word: str, part: str) -> float:
    """Words and their beginnings count in full; misspelt ones by how like they are."""
    if part.startswith(word):
        return 100.0 if part == word else 98.0
    if word in part:
        return 90.0
    return fuzz.ratio(word, part[: len(word) + 1]) * 0.85
