"""The keys of the desk, once: what is pressed, what it does, how the help says it."""

from __future__ import annotations

from typing import NamedTuple


class Key(NamedTuple):
    """``press`` and ``action`` in Textual's words; ``shown`` in the help; ``short`` below the day."""

    press: str
    action: str
    shown: str
    what: str
    short: str = ""


KEYS = (
    Key("a", "accept", "a", "accept what is looked at, or all marked rows", "accept"),
    Key("e", "ask('edit')", "e", "change matter, codes, time, billing or words", "edit"),
    Key("m", "ask('matter')", "m", "another matter, with codes and words drafted anew", "matter"),
    Key("plus", "nudge(1)", "+ -", "more or less time, by the increment", "minutes"),
    Key("minus", "nudge(-1)", "", ""),
    Key("d", "ask('dismiss')", "d", "dismiss: it is no time entry", "dismiss"),
    Key("A", "ask('accept_all')", "A", "accept all that is safe to accept, after one look", "all safe"),
    Key("u", "undo", "u", "take the last decision back", "undo"),
    Key("s", "ask('split')", "s", "split into several entries", "split"),
    Key("n", "ask('add')", "n", "add time by hand", "add"),
    Key("p", "ask('push')", "p", "push approved time to billing", "push"),
    Key("left_square_bracket", "day(-1)", "[ ]", "the day before, the day after", "day"),
    Key("right_square_bracket", "day(1)", "", ""),
    Key("space", "mark", "space", "mark a row; a, m, d, f and J are then about all marked rows", "mark"),
    Key("J", "ask('merge')", "J", "merge the marked rows into one entry", "merge"),
    Key("f", "defer", "f", "put aside for later", "later"),
    Key("equals_sign", "unchange", "=", "take a change back that is not yet approved"),
    Key("g", "ask('go')", "g", "go to a date"),
    Key("o", "reorder", "o", "order by doubt, or by time"),
    Key("slash", "ask('find')", "/", "show only rows with these words"),
    Key("escape", "clear", "esc", "all rows again, no marks"),
    Key("r", "reload", "r", "look again"),
    Key("j,down", "move(1)", "j k ↑ ↓", "move"),
    Key("k,up", "move(-1)", "", ""),
    Key("pagedown", "move(10)", "", ""),
    Key("pageup", "move(-10)", "", ""),
    Key("home", "move(-9999)", "", ""),
    Key("end", "move(9999)", "", ""),
    Key("ctrl+d", "scroll_detail(5)", "ctrl+d u", "scroll the evidence"),
    Key("ctrl+u", "scroll_detail(-5)", "", ""),
    Key("question_mark", "ask('help')", "?", "this help", "help"),
    Key("q", "quit", "q", "leave; what is not approved waits", "quit"),
)
