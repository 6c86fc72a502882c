"""What the sender wrote, apart from what they quoted."""

from __future__ import annotations

import re
from html.parser import HTMLParser

QUOTE_BEGINS = re.compile(
    r"^(?:"
    r"\s*-{2,}\s*(?:original message|forwarded by|forwarded message|begin forwarded message)"
    r"|\s*-{2,}\s*urspr.ngliche nachricht"
    r"|\s*(?:begin forwarded message|________________________________)"
    r"|\s*on .{6,200} wrote:\s*$"
    r"|\s*from:\s.{1,200}\n(?:.*\n){0,2}?\s*(?:sent|date|to):\s"
    r"|\s*\S.{0,80}@\S{1,80}(?: on |\s+)\d{1,2}/\d{1,2}/\d{2,4}.{0,40}$"  # Lotus Notes: address on date
    r"|\s*.{2,80}\n\s*\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}\s?(?:am|pm)?\s*\n\s*to:"  # the same, over lines
    r")",
    re.IGNORECASE | re.MULTILINE,
)
HTML_CAP = 400_000


def split(text: str) -> tuple[str, str]:
    """New text and quoted text. Lines that begin with ``>`` are quoted wherever they stand."""
    found = QUOTE_BEGINS.search(text)
    new, quoted = (text[: found.start()], text[found.start() :]) if found else (text, "")
    if ">" not in new:
        return new.strip(), quoted.strip()
    lines = new.split("\n")
    kept = [line for line in lines if not line.lstrip().startswith(">")]
    cited = [line.lstrip(" >") for line in lines if line.lstrip().startswith(">")]
    return "\n".join(kept).strip(), "\n".join([*cited, quoted]).strip()


def from_html(html: str) -> str:
    """The visible text of an HTML body. Nothing is fetched, nothing is run."""
    reader = _Visible()
    reader.feed(html[:HTML_CAP])
    reader.close()
    return "".join(reader.parts)


class _Visible(HTMLParser):
    BREAKS = frozenset({"p", "br", "div", "tr", "li", "h1", "h2", "h3", "blockquote", "hr"})
    HIDDEN = frozenset({"script", "style", "head", "title", "template"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        if tag in self.HIDDEN:
            self.hidden += 1
        if tag in self.BREAKS:
            self.parts.append("\n")
        if tag == "blockquote":
            self.parts.append("> ")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.HIDDEN and self.hidden:
            self.hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(data)
