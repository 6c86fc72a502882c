"""Text as LEDES files carry it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from autotime.billing.ledes.fields import TEXT
from autotime.billing.payload import text
from autotime.intake import clean, for_ledes

NOT_XML = re.compile("[\ufffe\uffff]")
"""Beyond what ``clean`` takes out, the characters that XML 1.0 does not allow."""


def fold(value: object) -> str:
    """Printable ASCII without delimiters. A letter that has no Latin form becomes «?»: nothing is lost unseen."""
    shown = clean(str(value), 2 * TEXT)
    return for_ledes("".join(_carried(c) for c in shown))


def lost_letters(value: object) -> bool:
    """Whether a text has letters that ``fold`` has no Latin form for."""
    return any(_carried(c) != c for c in clean(str(value), 2 * TEXT))


def one_line(value: object) -> str:
    """Text of LEDES XML: every letter, on one line."""
    return clean(NOT_XML.sub("", str(value)), 2 * TEXT)


@lru_cache(maxsize=4096)
def _carried(character: str) -> str:
    if character.isascii() or not character.isalnum() or for_ledes(character):
        return character
    return "?"


def full_name(payload: Mapping[str, object]) -> str:
    """«Last, First»: the only comma is the one between."""
    parts = (fold(text(payload, key)) for key in ("timekeeper_last", "timekeeper_first"))
    return ", ".join(part.replace(",", "") for part in parts)
