"""What is to be delivered, and where to: what an invoice needs is asked only where one is made."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from autotime.domain.delivery import Delivery
from autotime.domain.errors import AutotimeError
from autotime.intake import for_screen
from autotime.review import search
from autotime.review.forms import day_of
from autotime.review.screens.parts import Choose, Chosen, Pick, Window, labelled
from autotime.review.search import Found
from autotime.review.view import DayView
from autotime.review.widgets import Plain, plain


class PushForm(Window[Delivery]):
    """Nothing is delivered from here: the answer is first tried dry."""

    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+s", "go_on", "Go on")]

    def __init__(self, view: DayView, targets: tuple[str, ...], today: date) -> None:
        super().__init__("Push approved time", "tab moves · ctrl+s goes on, first as a dry run · esc leaves")
        self._view, self._targets, self._today = view, targets, today

    def body(self) -> ComposeResult:
        first = self._view.day.replace(day=1)
        yield from labelled("to", Chosen(Found(self._targets[0], self._targets[0]), id="target"))
        yield from labelled("client", Chosen(self._client(""), id="client"))
        yield from labelled("from", Input(first.isoformat(), id="first"))
        yield from labelled("to the end of", Input(self._view.day.isoformat(), id="last"))
        yield Plain(plain("an invoice (LEDES) also needs"), classes="label")
        yield from labelled("invoice number", Input(id="number"))
        yield from labelled("invoice date", Input(self._today.isoformat(), id="dated"))
        yield from labelled("description", Input(id="description"))

    @work
    async def on_chosen_opened(self, event: Chosen.Opened) -> None:
        if event.field.id == "target":
            choices = [Found(name, name) for name in self._targets]
            picked = await self.app.push_screen_wait(Choose("Where to?", choices))
            found = next((one for one in choices if one.value == picked), None)
        else:
            picked = await self.app.push_screen_wait(Pick("Which client?", self._clients, event.typed))
            found = None if picked is None else self._client(picked)
        if found:
            event.field.choose(found)

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
