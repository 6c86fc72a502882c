"""What the sender wrote, apart from what they quoted."""

from __future__ import annotations

import re

QUOTE_BEGINS = re.compile(
    r"^[^\S\n]{0,20}(?:"
    r"-{2,80}[^\S\n]{0,20}(?:original message|forwarded by|forwarded message|begin forwarded message)"
    r"|-{2,80}[^\S\n]{0,20}urspr.ngliche nachricht"
    r"|begin forwarded message|________________________________"
    r"|on .{6,200} wrote:[^\S\n]{0,20}$"
    r"|from:\s.{1,200}\n(?:.{0,500}\n){0,2}?[^\S\n]{0,20}(?:sent|date|to):\s"
    r"|[^\s@].{0,80}?@\S{1,80}(?: on |\s{1,20})\d{1,2}/\d{1,2}/\d{2,4}.{0,40}$"  # Lotus Notes: address on date
    r"|\S.{1,80}\n\s{0,20}\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}\s?(?:am|pm)?[^\S\n]{0,20}\n\s{0,20}to:"  # over lines
    r")",
    re.IGNORECASE | re.MULTILINE,
)
"""Where a mail program begins to quote. Every repetition is bounded: a body of blank lines or brackets
takes time in proportion to its length."""


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
