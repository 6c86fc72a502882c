"""The parts of the desk's screen. They take ``Content``, never a string that could be markup."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from textual.content import Content
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Static

from autotime.review.columns import heading, line
from autotime.review.desk import Desk
from autotime.review.detail import Line, detail
from autotime.review.elsewhere import said
from autotime.review.keys import KEYS, Key
from autotime.review.rows import Standing
from autotime.review.strip import drawn
from autotime.review.view import totals
from autotime.review.words import counted, day_words, hours, worked

STYLES = {"head": "bold", "text": "", "note": "$text-warning", "quiet": "$text-muted"}


class Plain(Static):
    """Literal text. The only way to put text on this screen."""

    def __init__(self, content: Content | None = None, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(content or Content(), markup=False, id=id, classes=classes)

    def show(self, content: Content) -> None:
        self.update(content)


def plain(text: str, style: str = "") -> Content:
    """Literal text as content, in one style."""
    return Content.styled(text, style) if style else Content(text)


class DayList(ScrollView, can_focus=True):
    """The rows of the day under a heading. Only what is visible is drawn."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "day--heading",
        "day--cursor",
        "day--waits",
        "day--quiet",
        "day--changed",
        "day--done",
        "day--trouble",
    }
    DEFAULT_CSS = """
    DayList {
        & > .day--heading { color: $text-muted; text-style: underline; }
        & > .day--cursor { background: $primary; color: $text; text-style: bold; }
        & > .day--quiet { color: $text-muted; }
        & > .day--changed { color: $text-warning; }
        & > .day--done { color: $text-success; }
        & > .day--trouble { color: $text-error; }
    }
    """
    LOOKS: ClassVar[dict[Standing, str]] = {
        Standing.OFFER: "day--quiet",
        Standing.ASIDE: "day--quiet",
        Standing.DISMISSED: "day--quiet",
        Standing.DECIDING: "day--quiet",
        Standing.CHANGED: "day--changed",
        Standing.APPROVED: "day--done",
        Standing.DELIVERED: "day--done",
        Standing.TROUBLED: "day--trouble",
    }

    class Chosen(Message):
        """A row was clicked."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    desk: Desk | None = None

    def show(self, desk: Desk) -> None:
        self.desk = desk
        self.virtual_size = Size(self.size.width, len(desk.rows) + 1)
        self._follow(desk.place)
        self.refresh()

    def _follow(self, place: int) -> None:
        """Scrolls as little as keeps the row looked at in sight; the heading never scrolls away."""
        visible = max(self.scrollable_content_region.height - 1, 1)
        first = min(max(self.scroll_offset.y, place - visible + 1), place)
        self.scroll_to(y=first, animate=False, force=True)

    def on_resize(self) -> None:
        if self.desk:
            self.show(self.desk)

    def on_click(self, event: Click) -> None:
        place = self.scroll_offset.y + event.y - 1
        if self.desk and event.y > 0 and place < len(self.desk.rows):
            self.post_message(self.Chosen(self.desk.rows[place].key))

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        place = self.scroll_offset.y + y - 1
        if y == 0:
            return self._line(heading(width), "day--heading", width)
        if self.desk is None or place >= len(self.desk.rows):
            return Strip.blank(width, self.rich_style)
        row = self.desk.rows[place]
        look = "day--cursor" if place == self.desk.place else self.LOOKS.get(row.standing, "day--waits")
        return self._line(line(row, row.key in self.desk.marks, width), look, width)

    def _line(self, text: str, look: str, width: int) -> Strip:
        return Strip([Segment(text, self.get_component_rich_style(look))], width)


def head(desk: Desk, width: int) -> Content:
    """Whose day, and the totals; what fits."""
    view, sums = desk.view, totals(desk.view)
    who = f"{view.timekeeper.first} {view.timekeeper.last}".strip()
    left = [day_words(view.day), who, view.zone]
    right = f"worked {worked(sums.worked_seconds)} · billed {hours(sums.billed_minutes)}h"
    right += f" · to review {sums.undecided} ({worked(sums.undecided_seconds)})"
    if sums.offers:
        right += f" · read? {sums.offers}"
    if view.billed:
        right += f" · {said(view.billed)}"
    if view.uncollected:
        right += f" · not collected: {counted(len(view.uncollected), 'source')}"
    while len(left) > 1 and len(" · ".join(left)) + len(right) + 3 > width:
        left.pop()
    text = " · ".join(left)
    return Content.assemble((text, "bold"), " " * max(width - len(text) - len(right), 2), right)


def drawn_day(desk: Desk, width: int) -> Content:
    """The strip, the cells of the row looked at in the accent."""
    picture = drawn(desk, width)
    cells = ((cell, "$accent" if mine else "") for cell, mine in zip(picture.cells, picture.looked_at, strict=True))
    return Content.assemble((picture.scale, "$text-muted"), "\n", *cells)


def told(desk: Desk) -> Content:
    """The detail of the row looked at."""
    return listed(detail(desk))


def listed(lines: Iterable[Line]) -> Content:
    """Lines below each other, each in the style of its kind."""
    return Content("\n").join(plain(each.text, STYLES[each.kind]) for each in lines)


def last_word(desk: Desk) -> Content:
    """What was said last; else what waits on other days."""
    if desk.message.text:
        return plain(desk.message.text, "$text-error" if desk.message.trouble else "$text-success")
    others = {day: n for day, n in desk.view.undecided.items() if n and day != desk.view.day}
    waits = f"{sum(others.values())} more to review on {counted(len(others), 'other day')}" if others else ""
    marked = f"{counted(len(desk.marks), 'row')} marked · " if desk.marks else ""
    return plain(f"{marked}{waits}", "$text-muted")


def key_line(width: int) -> Content:
    """As many keys as fit; help and quit always."""
    able = [key for key in KEYS if key.short]
    always, others = able[-2:], able[:-2]
    shown: list[Key] = []
    for key in others:
        if _cells([*shown, key, *always]) <= width:
            shown.append(key)
    parts = [part for key in (*shown, *always) for part in ((key.shown, "bold $accent"), f" {key.short}  ")]
    return Content.assemble(*parts)


def _cells(keys: list[Key]) -> int:
    return sum(len(key.shown) + len(key.short) + 3 for key in keys)
