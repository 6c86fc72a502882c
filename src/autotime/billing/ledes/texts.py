"""Text as LEDES files carry it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from unicodedata import category

from autotime.billing.ledes.fields import TEXT
from autotime.billing.payload import text
from autotime.intake import clean, for_ledes

NOT_XML = re.compile("[\ufffe\uffff]")
"""Beyond what ``clean`` takes out, the characters that XML 1.0 does not allow."""

SIGNS = str.maketrans({
    "≠": "!=", "≤": "<=", "≥": ">=", "±": "+/-", "×": "x", "÷": "/", "√": "sqrt ", "≈": "~", "→": "->", "←": "<-",
    "↔": "<->", "⇒": "=>", "¦": "/", "‖": "/", "°": " deg.", "‰": " per mille", "†": "+", "¢": " cents",
    "µ": "u", "μ": "u", "【": "(", "】": ")", "⟨": "<", "⟩": ">", "⟦": "(", "⟧": ")", "‹": "'", "›": "'",
    "´": "'", "′": "'", "″": '"', "Đ": "D", "đ": "d", "Ð": "D", "ð": "d", "Þ": "Th", "þ": "th",
    "ı": "i", "Ħ": "H", "ħ": "h",
})  # fmt: skip
"""Signs and letters whose plain form is theirs alone: taken apart as others are, «≠» would be an equals sign."""

MEANS = ("Sm", "Sc")
"""Signs that say something: of sums and of money."""


def fold(value: object) -> str:
    """Printable ASCII without delimiters. A letter that has no Latin form becomes «?», and so does a sign of sums or
    of money: nothing that means something is lost unseen."""
    shown = clean(str(value), 2 * TEXT).translate(SIGNS)
    return for_ledes("".join(_carried(c) for c in shown))


def lost_letters(value: object) -> bool:
    """Whether a text has letters or signs that ``fold`` writes as «?»."""
    return any(_carried(c) != c for c in clean(str(value), 2 * TEXT).translate(SIGNS))


def one_line(value: object) -> str:
    """Text of LEDES XML: every letter, on one line."""
    return clean(NOT_XML.sub("", str(value)), 2 * TEXT)


@lru_cache(maxsize=4096)
def _carried(character: str) -> str:
    says = character.isalnum() or category(character) in MEANS
    return character if character.isascii() or not says or for_ledes(character) else "?"


def full_name(payload: Mapping[str, object]) -> str:
    """«Last, First»: the only comma is the one between."""
    parts = (fold(text(payload, key)) for key in ("timekeeper_last", "timekeeper_first"))
    return ", ".join(part.replace(",", "") for part in parts)
