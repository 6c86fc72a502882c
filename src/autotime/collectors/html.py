"""The visible text of an HTML body, in time that grows with its length and nothing else.

Nothing is fetched, nothing is run. The standard library's parser looks for the end of each comment
and attribute to the end of the text, again and again: one mail of 200 kB can hold it for minutes.
"""

from __future__ import annotations

import re
from html import unescape

CAP = 400_000
TAG = re.compile(r"(<[!/?a-zA-Z][^<>]{0,4000}>)")
NAME = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})")
LONG_NUMBER = re.compile(r"&#[xX]?[0-9a-fA-F]{8,}")
BREAKS = frozenset({"p", "br", "div", "tr", "li", "h1", "h2", "h3", "blockquote", "hr"})
HIDDEN = frozenset({"script", "style", "head", "title", "template"})


def visible_text(html: str) -> str:
    """Words, line breaks where blocks begin, and ``> `` where a quotation does."""
    parts: list[str] = []
    hidden = ""
    for piece in TAG.split(_without_comments(html[:CAP])):
        tag = NAME.match(piece) if piece.startswith("<") and piece.endswith(">") else None
        if tag is None:
            parts.append("" if hidden or TAG.fullmatch(piece) else piece)
            continue
        closing, name = bool(tag.group(1)), tag.group(2).lower()
        hidden = _hidden_after(hidden, name, closing)
        if name in BREAKS and not closing and not hidden:
            parts.append("\n> " if name == "blockquote" else "\n")
    return unescape(LONG_NUMBER.sub("", "".join(parts)))


def _hidden_after(hidden: str, name: str, closing: bool) -> str:
    """The element whose content is not shown; the one that began it ends it, and the body ends the head."""
    if hidden:
        return "" if (closing and name == hidden) or name == "body" else hidden
    return name if name in HIDDEN and not closing else ""


def _without_comments(html: str) -> str:
    """A comment that never ends hides the rest, as it does for a reader."""
    kept: list[str] = []
    place = 0
    while (start := html.find("<!--", place)) >= 0:
        kept.append(html[place:start])
        end = html.find("-->", start + 4)
        if end < 0:
            return "".join(kept)
        place = end + 3
    return "".join([*kept, html[place:]])
