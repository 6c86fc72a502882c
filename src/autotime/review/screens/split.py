"""One suggestion into several entries: by its evidence, or by minutes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.events import Key
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from autotime.domain.errors import AutotimeError
from autotime.domain.evidence import Evidence
from autotime.domain.work import Suggestion
from autotime.review import search
from autotime.review.acts import Split
from autotime.review.detail import piece
from autotime.review.forms import PartFields, part_narrative, split_by_evidence, split_by_minutes, split_pieces
from autotime.review.screens.parts import Chosen, Pick, Window
from autotime.review.search import Found
from autotime.review.view import DayView, foreseen
from autotime.review.widgets import Plain, plain
from autotime.review.words import hours, matter_words

PARTS = 4


class SplitForm(Window[Split]):
    """Digits put the piece looked at into a part. Where minutes are given, they decide instead."""

    DEFAULT_CSS = """
    SplitForm Horizontal { height: 1; }
    SplitForm .label { width: 8; }
    SplitForm Chosen { width: 1fr; }
    SplitForm Horizontal Input { width: 14; margin-left: 1; }
    SplitForm OptionList { max-height: 10; margin-bottom: 1; }
    SplitForm #told { color: $text-success; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("ctrl+s", "split", "Split")]

    def __init__(self, view: DayView, one: Suggestion) -> None:
        keys = "1 to 4 move a piece · tab to matters and minutes · ctrl+s approves the parts · esc leaves"
        super().__init__("Split: pieces into parts, or minutes to each part", keys)
        self._view, self._one = view, one
        self._pieces = list(split_pieces(view, one))

    def body(self) -> ComposeResult:
        yield OptionList(*(Option(plain(self._line(place))) for place in range(len(self._pieces))), markup=False)
        for part in range(PARTS):
            with Horizontal():
                yield Plain(plain(f"part {part + 1}"), classes="label")
                yield Chosen(self._matter(self._one.matter), id=f"matter{part}")
                yield Input(placeholder="minutes", id=f"minutes{part}")
        yield Plain(id="told")

    def on_mount(self) -> None:
        pieces = self.query_one(OptionList)
        pieces.highlighted = 0 if self._pieces else None
        (pieces if self._pieces else self.query_one("#minutes0")).focus()
        self._tell()

    def _line(self, place: int) -> str:
        held = self._pieces[place]
        known: Evidence | None = self._view.evidence.get(held.evidence)
        told = piece(self._view, known, held.seconds) if known else "(its text is gone)"
        return f"[{held.part + 1}] {told}"

    def _matter(self, number: str) -> Found:
        return Found(number, matter_words(number, self._view.books))

    def on_key(self, event: Key) -> None:
        pieces = self.query_one(OptionList)
        place, digit = pieces.highlighted, event.character or ""
        if pieces.has_focus and place is not None and digit in tuple(str(n + 1) for n in range(PARTS)):
            event.stop()
            self._pieces[place] = replace(self._pieces[place], part=int(digit) - 1)
            pieces.replace_option_prompt_at_index(place, plain(self._line(place)))
            pieces.highlighted = min(place + 1, len(self._pieces) - 1)
            self._tell()

    def on_input_changed(self) -> None:
        self._tell()

    @work
    async def on_chosen_opened(self, event: Chosen.Opened) -> None:
        find: Callable[[str], list[Found]] = lambda typed: search.matters(self._view, typed, self._one)  # noqa: E731
        picked = await self.app.push_screen_wait(Pick("Which matter?", find, event.typed))
        event.field.answer(None if picked is None else self._matter(picked))
        self._tell()

    def _made(self) -> Split:
        """The split as it stands; ``AutotimeError`` says why it cannot be made."""
        minutes = [self.query_one(f"#minutes{part}", Input).value for part in range(PARTS)]
        numbers = [self.query_one(f"#matter{part}", Chosen).value for part in range(PARTS)]
        if any(text.strip() for text in minutes):
            given = [part for part in range(PARTS) if minutes[part].strip()]
            told = [PartFields(numbers[part], minutes[part], self._words(numbers[part], ())) for part in given]
            return split_by_minutes(self._one, told)
        held = [tuple(p.evidence for p in self._pieces if p.part == part) for part in range(PARTS)]
        parts = [PartFields(numbers[part], "", self._words(numbers[part], held[part])) for part in range(PARTS)]
        return split_by_evidence(self._one, self._pieces, parts)

    def _words(self, matter: str, evidence: tuple[str, ...]) -> str:
        return part_narrative(self._view, self._one, evidence, matter)

    def _tell(self) -> Split | None:
        try:
            made = self._made()
            outcome = foreseen(self._view, made)
            if isinstance(outcome, AutotimeError):
                raise outcome
        except AutotimeError as wrong:
            self.query_one("#told", Plain).show(plain(""))
            self.problem(str(wrong))
            return None
        lines = [f"{hours(entry.billed_minutes)}h {entry.matter} {entry.narrative}" for entry in outcome.entries]
        self.query_one("#told", Plain).show(plain("\n".join(lines)))
        self.problem("")
        return made

    def on_input_submitted(self) -> None:
        self.action_split()

    def action_split(self) -> None:
        made = self._tell()
        if made:
            self.dismiss(made)
