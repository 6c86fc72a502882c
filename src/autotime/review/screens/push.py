"""The windows of a push: what goes where, what gets lost on the way, what would go, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input

from autotime.domain.delivery import Delivery
from autotime.domain.errors import AutotimeError
from autotime.intake import for_screen
from autotime.review import search
from autotime.review.detail import Line
from autotime.review.forms import day_of
from autotime.review.screens.parts import Choose, Chosen, Confirm, Pick, Told, Window, labelled
from autotime.review.search import Found
from autotime.review.view import DayView
from autotime.review.widgets import Plain, listed, plain

BAR = 30
"""Cells of the progress bar."""


class PushForm(Window[Delivery]):
    """Nothing is delivered from here: the answer is first tried dry. ``asked`` and ``trouble``: what was asked for
    before, and why it could not be."""

    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+s", "go_on", "Go on")]

    def __init__(
        self, view: DayView, targets: tuple[str, ...], today: date, asked: Delivery | None = None, trouble: str = ""
    ) -> None:
        super().__init__("Push approved time", "tab moves · ctrl+s goes on, first as a dry run · esc leaves")
        self._view, self._targets, self._today, self._trouble = view, targets, today, trouble
        self._before = asked or Delivery(targets[0], first=view.day.replace(day=1), last=view.day)

    def body(self) -> ComposeResult:
        before = self._before
        yield from labelled("to", Chosen(Found(before.target, before.target), id="target"))
        yield from labelled("client", Chosen(self._client(before.client), id="client"))
        yield from labelled("from", Input(_iso(before.first), id="first"))
        yield from labelled("to the end of", Input(_iso(before.last), id="last"))
        yield Plain(plain("an invoice (LEDES) also needs"), classes="label")
        yield from labelled("invoice number", Input(before.invoice_number, id="number"))
        yield from labelled("invoice date", Input(_iso(before.invoice_date or self._today), id="dated"))
        yield from labelled("description", Input(before.description, id="description"))

    def on_mount(self) -> None:
        self.problem(self._trouble)

    @work
    async def on_chosen_opened(self, event: Chosen.Opened) -> None:
        if event.field.id == "target":
            choices = [Found(name, name) for name in self._targets]
            picked = await self.app.push_screen_wait(Choose("Where to?", choices))
            found = next((one for one in choices if one.value == picked), None)
        else:
            picked = await self.app.push_screen_wait(Pick("Which client?", self._clients, event.typed))
            found = None if picked is None else self._client(picked)
        event.field.answer(found)

    def _client(self, key: str) -> Found:
        return Found(key, for_screen(f"{key} {self._view.books.clients[key].name}") if key else "(all)")

    def _clients(self, typed: str) -> list[Found]:
        return [*([] if typed.strip() else [self._client("")]), *search.clients(self._view, typed)]

    def on_input_submitted(self) -> None:
        self.action_go_on()

    def action_go_on(self) -> None:
        try:
            self.dismiss(self._asked())
        except AutotimeError as wrong:
            self.problem(str(wrong))

    def _asked(self) -> Delivery:
        return Delivery(
            target=self.query_one("#target", Chosen).value,
            client=self.query_one("#client", Chosen).value,
            first=self._date("first"),
            last=self._date("last"),
            invoice_number=self._text("number"),
            invoice_date=self._date("dated") if self._text("number") else None,
            description=self._text("description"),
        )

    def _text(self, field: str) -> str:
        return self.query_one(f"#{field}", Input).value.strip()

    def _date(self, field: str) -> date | None:
        text = self._text(field)
        return day_of(text, self._today) if text else None


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


class Losses(Told[bool]):
    """What a target has no place for: agreed to, or left here. Enter does neither, since a yes holds for good."""

    BINDINGS: ClassVar[list[BindingType]] = [("y", "settle(True)", "Agree"), ("n", "settle(False)", "Leave")]

    def __init__(self, title: str, lines: Sequence[Line]) -> None:
        super().__init__(title, lines, "y: send without it · n: leave those entries here · esc: back")

    def action_settle(self, agreed: bool) -> None:
        self.dismiss(agreed)


class Foretold(Confirm):
    """What would go, at wish with what the system is told by its own field names."""

    BINDINGS: ClassVar[list[BindingType]] = [("t", "turn", "Told")]

    def __init__(self, title: str, lines: Sequence[Line], in_full: Sequence[Line]) -> None:
        extra = "t: what is told, field by field · " if in_full != lines else ""
        super().__init__(title, lines, f"{extra}enter or y: yes · esc or n: no")
        self._other = in_full

    def action_turn(self) -> None:
        self._lines, self._other = self._other, self._lines
        self.query_one("#lines", Plain).show(listed(self._lines))


class Watch(Window[None]):
    """How far a push is. Leaving the window stops nothing."""

    def __init__(self, target: str) -> None:
        super().__init__(f"Pushing to {target}", "esc leaves this window; the push goes on, and is told when it ends")

    def body(self) -> ComposeResult:
        yield Plain(plain("asking what stands there…"), id="far")

    class Far(Message):
        """``done`` entries of ``of``."""

        def __init__(self, done: int, of: int) -> None:
            super().__init__()
            self.done, self.of = done, of

    def on_watch_far(self, far: Far) -> None:
        filled = BAR * far.done // far.of if far.of else BAR
        bar = "█" * filled + "·" * (BAR - filled)
        self.query_one("#far", Plain).show(plain(f"{bar} {far.done} of {far.of}"))
