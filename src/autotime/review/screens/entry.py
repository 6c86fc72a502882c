"""One entry as a form: to change a suggestion, to add time by hand, to merge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import DescendantFocus, Key
from textual.message import Message
from textual.widgets import Input, TextArea

from autotime.domain.errors import AutotimeError
from autotime.domain.work import Billing, Suggestion
from autotime.review import search
from autotime.review.forms import Fields
from autotime.review.screens.parts import Choose, Chosen, Pick, Window, labelled
from autotime.review.search import Found
from autotime.review.view import DayView
from autotime.review.widgets import Plain, plain
from autotime.review.words import BILLING, matter_words

Told = Callable[[Fields], str]
"""What fields would lead to, in words; raises what forbids it."""

Anew = Callable[[str], Fields]
"""The fields drafted anew for another matter."""

BILLINGS = [Found(kind.value, words) for kind, words in BILLING.items()]
TRAVEL = [Found("", "no"), Found("yes", "yes: travel time")]


@dataclass(frozen=True, slots=True)
class Filled:
    """``accept``: approve it at once; else the change waits at the desk."""

    fields: Fields
    accept: bool


class Words(TextArea):
    """A narrative is one paragraph: enter is done with it."""

    class Done(Message):
        pass

    async def _on_key(self, event: Key) -> None:
        if event.key != "enter":
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        self.post_message(self.Done())


class EntryForm(Window[Filled]):
    """``told`` says, as it is typed, what the entry would be."""

    DEFAULT_CSS = """
    EntryForm TextArea { height: 5; border: none; padding: 0; background: $boost; }
    EntryForm TextArea:focus { border: none; background: $primary 30%; }
    EntryForm #told { color: $text-success; margin-top: 1; height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+s", "accept", "Approve")]

    def __init__(
        self,
        title: str,
        view: DayView,
        fields: Fields,
        told: Told,
        *,
        about: Suggestion | None = None,
        anew: Anew | None = None,
        placed: bool = False,
    ) -> None:
        kept = "enter keeps it at the desk · " if about else ""
        super().__init__(title, f"tab moves · ctrl+s approves · {kept}esc leaves")
        self._view, self._fields, self._told = view, fields, told
        self._about, self._anew, self._placed = about, anew, placed

    def body(self) -> ComposeResult:
        fields = self._fields
        yield from labelled("matter", Chosen(self._matter(fields.matter), id="matter"))
        yield from labelled("task", Chosen(self._code(fields.task_code), id="task"))
        yield from labelled("activity", Chosen(self._code(fields.activity_code), id="activity"))
        yield from labelled("time worked", Input(fields.minutes, placeholder="minutes, or 0.8h, or 1:15", id="minutes"))
        if self._placed:
            yield from labelled("start", Input(fields.start, placeholder="14:30, or nothing", id="start"))
        yield from labelled("billing", Chosen(Found(fields.billing.value, BILLING[fields.billing]), id="billing"))
        yield from labelled("travel", Chosen(TRAVEL[fields.travel], id="travel"))
        yield Plain(plain("narrative"), classes="label")
        yield Words(fields.narrative, id="narrative")
        yield Plain(id="told")

    def _matter(self, number: str) -> Found:
        return Found(number, matter_words(number, self._view.books) if number else "(none)")

    def _code(self, code: str) -> Found:
        known = self._view.books.codes.get(code)
        return Found(code, f"{code} {known.title}" if known else code or "(none)")

    def on_mount(self) -> None:
        self.query_one("#narrative" if self._about else "#matter").focus()
        self._tell()

    def typed(self) -> Fields:
        """What the form holds now."""
        return Fields(
            matter=self._value("matter"),
            task_code=self._value("task"),
            activity_code=self._value("activity"),
            minutes=self.query_one("#minutes", Input).value,
            billing=Billing(self._value("billing")),
            narrative=" ".join(self.query_one("#narrative", TextArea).text.split()),
            start=self.query_one("#start", Input).value if self._placed else "",
            travel=bool(self._value("travel")),
        )

    def _value(self, field: str) -> str:
        return self.query_one(f"#{field}", Chosen).value

    def _tell(self) -> bool:
        """Shows what the entry would be, or what forbids it."""
        try:
            said, trouble = self._told(self.typed()), ""
        except AutotimeError as wrong:
            said, trouble = "", str(wrong)
        self.query_one("#told", Plain).show(plain(said))
        self.problem(trouble)
        return not trouble

    def on_input_changed(self) -> None:
        self._tell()

    def on_text_area_changed(self) -> None:
        self._tell()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        event.widget.scroll_visible(animate=False)

    @work
    async def on_chosen_opened(self, event: Chosen.Opened) -> None:
        view, field = self._view, event.field
        match field.id:
            case "matter":
                picked = await self._pick("Which matter?", lambda t: search.matters(view, t, self._about), event.typed)
                found = None if picked is None else self._matter(picked)
            case "task":
                number = self._value("matter")
                picked = await self._pick("Which task?", lambda t: search.tasks(view, number, t), event.typed)
                found = None if picked is None else self._code(picked)
            case "activity":
                picked = await self._pick("Which activity?", lambda t: search.activities(view, t), event.typed)
                found = None if picked is None else self._code(picked)
            case "billing":
                found = _of(BILLINGS, await self.app.push_screen_wait(Choose("How is it billed?", BILLINGS)))
            case _:
                found = _of(TRAVEL, await self.app.push_screen_wait(Choose("Is it travel time?", TRAVEL)))
        field.answer(found)
        if found is None:
            return
        if field.id == "matter":
            self._redraft(found.value)
        self._tell()

    def _redraft(self, matter: str) -> None:
        """Words drafted for one client must not stand on another's bill; what was typed stays."""
        words = self.query_one("#narrative", TextArea)
        if self._anew is None or words.text != self._fields.narrative:
            return
        self._fields = self._anew(matter)
        words.load_text(self._fields.narrative)
        self.query_one("#task", Chosen).choose(self._code(self._fields.task_code))
        self.query_one("#activity", Chosen).choose(self._code(self._fields.activity_code))

    async def _pick(self, title: str, find: Callable[[str], list[Found]], typed: str) -> str | None:
        return await self.app.push_screen_wait(Pick(title, find, typed))

    def on_input_submitted(self) -> None:
        self._done(accept=self._about is None)

    def on_words_done(self) -> None:
        self._done(accept=self._about is None)

    def action_accept(self) -> None:
        self._done(accept=True)

    def _done(self, *, accept: bool) -> None:
        if self._tell():
            self.dismiss(Filled(self.typed(), accept))


def _of(choices: list[Found], value: str | None) -> Found | None:
    return next((one for one in choices if one.value == value), None)
