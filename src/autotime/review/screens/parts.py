"""Shared by the windows: their frame, a field that is chosen rather than typed, a list that narrows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.events import Click, Key
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from autotime.review.detail import Line
from autotime.review.search import Found
from autotime.review.widgets import Plain, listed, plain

Answer = TypeVar("Answer")
Find = Callable[[str], list[Found]]


class Window(ModalScreen[Answer | None]):
    """A framed window over the desk: a title, a body, what is wrong with it, and its keys. Esc leaves it."""

    DEFAULT_CSS = """
    Window { align: center middle; }
    Window > VerticalScroll {
        width: 90%; max-width: 110; height: auto; max-height: 95%;
        border: round $primary; padding: 0 1; background: $surface;
    }
    Window .title { text-style: bold; margin-bottom: 1; }
    Window .label { color: $text-muted; }
    Window .field { height: 1; }
    Window .field .label { width: 16; }
    Window .field Chosen, Window .field Input { width: 1fr; }
    Window .keys { color: $text-muted; margin-top: 1; }
    Window .problem { color: $text-error; }
    Window Input { border: none; height: 1; padding: 0; background: $boost; }
    Window Input:focus { border: none; background: $primary 30%; }
    Window OptionList { height: auto; max-height: 14; border: none; padding: 0; background: $surface; }
    Window OptionList:focus { border: none; }
    Window OptionList { text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "leave", "Leave"),
        ("down,j", "scroll(1)", "Down"),
        ("up,k", "scroll(-1)", "Up"),
    ]

    def __init__(self, title: str, keys: str = "esc leaves") -> None:
        super().__init__()
        self._title, self._keys = title, keys

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Plain(plain(self._title), classes="title")
            yield from self.body()
            yield Plain(id="problem", classes="problem")
            yield Plain(plain(self._keys), classes="keys")

    def body(self) -> ComposeResult:
        yield from ()

    def problem(self, text: str) -> None:
        self.query_one("#problem", Plain).show(plain(text))

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


class Chosen(Plain, can_focus=True):
    """A field whose value is chosen: enter, space or a letter opens what it may be."""

    DEFAULT_CSS = """
    Chosen { height: 1; background: $boost; }
    Chosen:focus { background: $primary 30%; text-style: bold; }
    """

    class Opened(Message):
        """Asks for another value; ``typed`` is the letter it was asked with."""

        def __init__(self, field: Chosen, typed: str) -> None:
            super().__init__()
            self.field, self.typed = field, typed

    def __init__(self, found: Found, *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.value = found.value
        self._open = False
        self.choose(found)

    def choose(self, found: Found) -> None:
        self.value = found.value
        self.show(plain(f"{found.words} ▾"))

    def answer(self, found: Found | None) -> None:
        """What the window that was opened says; ``None``: it was left."""
        self._open = False
        if found is not None:
            self.choose(found)

    def on_key(self, event: Key) -> None:
        letter = event.character if event.is_printable and event.character else ""
        if event.key in ("enter", "space") or letter:
            event.stop()
            self._ask(letter.strip())

    def on_click(self, _: Click) -> None:
        self._ask("")

    def _ask(self, letter: str) -> None:
        """Letters may come faster than the window: one is opened."""
        if not self._open:
            self._open = True
            self.post_message(self.Opened(self, letter))


def labelled(label: str, field: Widget) -> ComposeResult:
    """A field beside its name."""
    with Horizontal(classes="field"):
        yield Plain(plain(label), classes="label")
        yield field


class Pick(Window[str]):
    """One of many, found by a few letters."""

    def __init__(self, title: str, find: Find, typed: str = "") -> None:
        super().__init__(title, "type to find · ↑ ↓ · enter takes it · esc leaves")
        self._find, self._typed = find, typed
        self._found: list[Found] = []

    def body(self) -> ComposeResult:
        yield Input(self._typed, placeholder="…", select_on_focus=False, id="typed")
        yield OptionList(markup=False, id="found")

    def on_mount(self) -> None:
        self.query_one("#found", OptionList).can_focus = False
        self._list(self._typed)

    def on_input_changed(self, event: Input.Changed) -> None:
        self._list(event.value)

    def _list(self, typed: str) -> None:
        self._found = self._find(typed)
        listed = self.query_one("#found", OptionList)
        listed.clear_options()
        listed.add_options([Option(plain(one.words)) for one in self._found])
        listed.highlighted = 0 if self._found else None
        self.problem("" if self._found else "nothing is like this")

    def on_key(self, event: Key) -> None:
        moves = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}
        listed = self.query_one("#found", OptionList)
        if event.key in moves and self._found:
            event.stop()
            place = (listed.highlighted or 0) + moves[event.key]
            listed.highlighted = max(0, min(place, len(self._found) - 1))

    def on_input_submitted(self) -> None:
        place = self.query_one("#found", OptionList).highlighted
        if place is not None and self._found:
            self.dismiss(self._found[place].value)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._found[event.option_index].value)


class Choose(Window[str]):
    """One of a few, by its number or by arrows."""

    def __init__(self, title: str, choices: list[Found]) -> None:
        super().__init__(title, "press its number, or ↑ ↓ and enter · esc leaves")
        self._choices = choices

    def body(self) -> ComposeResult:
        lines = (plain(f"{place}  {one.words}") for place, one in enumerate(self._choices, 1))
        yield OptionList(*(Option(line) for line in lines), markup=False)

    def on_key(self, event: Key) -> None:
        place = int(event.character) - 1 if event.character and event.character.isdecimal() else -1
        if 0 <= place < len(self._choices):
            event.stop()
            self.dismiss(self._choices[place].value)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._choices[event.option_index].value)


class Ask(Window[str]):
    """One line of text."""

    def __init__(self, title: str, typed: str = "") -> None:
        super().__init__(title, "enter takes it · esc leaves")
        self._typed = typed

    def body(self) -> ComposeResult:
        yield Input(self._typed)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)


class Told(Window[Answer]):
    """Lines to read."""

    def __init__(self, title: str, lines: Sequence[Line], keys: str) -> None:
        super().__init__(title, keys)
        self._lines = lines

    def body(self) -> ComposeResult:
        yield Plain(listed(self._lines), id="lines")


class Confirm(Told[bool]):
    """Lines to read, then yes or no."""

    BINDINGS: ClassVar[list[BindingType]] = [("y,enter", "agree", "Yes"), ("n", "leave", "No")]

    def __init__(self, title: str, lines: Sequence[Line], keys: str = "enter or y: yes · esc or n: no") -> None:
        super().__init__(title, lines, keys)

    def action_agree(self) -> None:
        self.dismiss(True)


class Read(Told[None]):
    """Lines to read, and back."""

    BINDINGS: ClassVar[list[BindingType]] = [("enter,q,question_mark", "leave", "Back")]

    def __init__(self, title: str, lines: Sequence[Line]) -> None:
        super().__init__(title, lines, "esc goes back")
