"""The desk: one day as a person looks at it. Pure and frozen; a screen shows it and nothing more.

What a person then means by a key stands in ``meant``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from autotime.domain.errors import AutotimeError
from autotime.domain.evidence import Evidence
from autotime.domain.work import Suggestion
from autotime.intake import for_screen
from autotime.review.acts import Edits
from autotime.review.rows import Row, by_doubt, rows
from autotime.review.view import DayView

HINTS = {
    "autotime undo": "u takes a decision back",
    "autotime dismiss": "d dismisses it",
    "autotime suggestions": "look again, it was loaded anew",
    "autotime review": "look again",
    "--matter": "m chooses one",
    "--task": "e changes the code",
    "--activity": "e changes the code",
    "--narrative": "e changes the words",
}
"""What the command line advises, in keys."""


@dataclass(frozen=True, slots=True)
class Message:
    """What the desk says last. ``trouble``: something was not done."""

    text: str = ""
    trouble: bool = False


@dataclass(frozen=True)
class Desk:
    """``cursor`` is the key of the row looked at. ``edits`` are changes not yet approved, by suggestion;
    ``deciding`` are suggestions whose decision is under way. ``wanted`` narrows the rows by words.
    ``doubtful``: the least sure first. ``done`` are the decisions made here, those of one key together."""

    view: DayView
    cursor: str = ""
    marks: frozenset[str] = frozenset()
    edits: Mapping[str, Edits] = field(default_factory=dict)
    deciding: frozenset[str] = frozenset()
    wanted: str = ""
    doubtful: bool = False
    done: tuple[tuple[str, ...], ...] = ()
    message: Message = Message()

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        listed = rows(self.view, self.edits, self.deciding)
        ordered = by_doubt(listed) if self.doubtful else listed
        return tuple(row for row in ordered if row.says(self.wanted))

    @cached_property
    def place(self) -> int:
        """The position of the row looked at; the first where it is gone."""
        return next((place for place, row in enumerate(self.rows) if row.key == self.cursor), 0)

    @property
    def current(self) -> Row | None:
        return self.rows[self.place] if self.rows else None

    @property
    def suggestion(self) -> Suggestion | None:
        """The suggestion looked at, where there is still something to decide."""
        row = self.current
        return self.view.suggestion(row.key) if row and row.open else None

    @property
    def chosen(self) -> tuple[Suggestion, ...]:
        """What a key is about: the marked suggestions in order, else the one looked at."""
        open_rows = [row.key for row in self.rows if row.open and row.key in self.marks]
        marked = [one for key in open_rows if (one := self.view.suggestion(key))]
        return tuple(marked) or ((self.suggestion,) if self.suggestion else ())

    @property
    def pieces(self) -> tuple[Evidence, ...]:
        """The evidence behind the row looked at, in order of time."""
        row = self.current
        entry = self.view.entry(row.key) if row else None
        one = self.view.suggestion(row.key) if row else None
        behind = entry.evidence if entry else one.evidence if one else ()
        return pieces(self.view, [item for item, _ in behind])


def pieces(view: DayView, ids: Iterable[str]) -> tuple[Evidence, ...]:
    found = [view.evidence[item] for item in ids if item in view.evidence]
    return tuple(sorted(found, key=lambda item: (item.at, item.id)))


# --- looking ---


def said(desk: Desk, text: str, trouble: bool = False) -> Desk:
    return replace(desk, message=Message(for_screen(text), trouble))


def refused(desk: Desk, error: AutotimeError) -> Desk:
    """Why something was not done, and what to do instead."""
    hint = next((key for sign, key in HINTS.items() if error.hint.startswith(sign)), error.hint)
    parts = [str(error), error.kept, f"next: {hint}" if hint else ""]
    return said(desk, " · ".join(part for part in parts if part), trouble=True)


def at(desk: Desk, key: str) -> Desk:
    return replace(desk, cursor=key)


def moved(desk: Desk, steps: int) -> Desk:
    if not desk.rows:
        return desk
    place = max(0, min(desk.place + steps, len(desk.rows) - 1))
    return replace(at(desk, desk.rows[place].key), message=Message())


def reordered(desk: Desk) -> Desk:
    order = "in order of time" if desk.doubtful else "the least sure first"
    return said(replace(desk, doubtful=not desk.doubtful, cursor=looked_at(desk)), order)


def narrowed(desk: Desk, wanted: str) -> Desk:
    """Only the rows that say all these words; none: all rows."""
    text = for_screen(wanted, 60)
    narrow = replace(desk, wanted=text, cursor=looked_at(desk))
    return said(narrow, f"rows with «{text}»: {len(narrow.rows)}" if text else "all rows")


def marked(desk: Desk) -> Desk:
    """Marks the row looked at, or takes its mark away; only what is open can be marked."""
    one = desk.suggestion
    if one is None:
        return said(desk, "only what is still to decide can be marked", trouble=True)
    return moved(replace(desk, marks=desk.marks ^ {one.id}, cursor=one.id), 1)


def unmarked(desk: Desk) -> Desk:
    return replace(desk, marks=frozenset(), wanted="", cursor=looked_at(desk), message=Message())


def looked_at(desk: Desk) -> str:
    return desk.current.key if desk.current else ""


# --- what stands now ---


def seen(desk: Desk, view: DayView) -> Desk:
    """The same desk on what stands now. Changes survive until their suggestion is decided or gone."""
    if view.day != desk.view.day:
        return replace(desk, view=view, cursor="", marks=frozenset(), wanted="")
    waiting = {one.id for one in view.open}
    gone = {one.id for one in desk.view.suggestions} - waiting
    kept = {key: made for key, made in desk.edits.items() if key not in gone}
    fresh = replace(
        desk,
        view=view,
        cursor=looked_at(desk),
        marks=desk.marks & waiting,
        edits=kept,
        deciding=desk.deciding & waiting,
    )
    return fresh if looked_at(fresh) == fresh.cursor else at(fresh, _nearest(desk, fresh))


def _nearest(before: Desk, now: Desk) -> str:
    """Where the row looked at is gone: the one that now stands where it stood."""
    return now.rows[min(before.place, len(now.rows) - 1)].key if now.rows else ""
