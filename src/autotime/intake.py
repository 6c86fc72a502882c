"""The gate for text that somebody else wrote: in, once, as ``Untrusted``; out, through a sink.

Nothing from a mail may act on the screen, the terminal, a spreadsheet, a LEDES file or a log. The
way in removes what no reader can see (control, bidirectional and zero-width characters, lone
surrogates); each sink removes what its own reader would obey.
"""

from __future__ import annotations

import re
import unicodedata

from rich.cells import cell_len, set_cell_size

from autotime.domain.untrusted import Untrusted

INVISIBLE = (
    "\u200b-\u200f"  # zero-width and direction marks
    "\u202a-\u202e\u2060-\u206f"  # embeddings, overrides, isolates
    "\u061c\u180e\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # marks, byte order, tags
)
_CONTROL = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff{INVISIBLE}]")
_SEQUENCE = re.compile(
    "\x1b\\][^\x07\x1b\x9c]{0,2000}(?:\x07|\x1b\\\\|\x9c)?"  # OSC … BEL or ST
    "|\x1b[PX^_][^\x1b\x9c]{0,2000}(?:\x1b\\\\|\x9c)?"  # DCS, SOS, PM, APC … ST
    "|(?:\x1b\\[|\x9b)[0-?]{0,64}[ -/]{0,16}[@-~]"  # CSI
    "|\x1b[ -/]{0,8}[0-~]"  # two-character escapes
)
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\s+")
_STACKED = re.compile(
    r"([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_PLAIN = re.compile(r"[ -~]*")
_PLAIN_LINES = re.compile(r"[ -~\n]*")
_ADDRESS = re.compile(r"[a-z0-9!#$%&'*+/=?^_{}~.-]{1,64}@(?:[a-z0-9_-]{1,63}\.){0,8}[a-z0-9-]{1,63}")

LEDES_FOLD = str.maketrans(
    {
        "|": "/",
        "[": "(",
        "]": ")",
        "‘": "'",
        "’": "'",
        "‚": ",",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "–": "-",
        "—": "-",
        "−": "-",
        "…": "...",
        "•": "*",
        "§": "Sec. ",
        "¶": "Para. ",
        "€": "EUR ",
        "£": "GBP ",
        "¥": "JPY ",
        "©": "(c)",
        "®": "(R)",
        "™": "(TM)",
        "ß": "ss",
        "Æ": "AE",
        "æ": "ae",
        "Ø": "O",
        "ø": "o",
        "Œ": "OE",
        "œ": "oe",
        "Ł": "L",
        "ł": "l",
        "⁄": "/",
        # «1½» is one and a half, not eleven halves
        **{sign: " " + unicodedata.normalize("NFKD", sign) for sign in "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"},
    }
)
FORMULA = "=+-@\t\r\x00＝＋－＠"


def clean(text: str, limit: int = 10_000, *, lines: bool = False) -> str:
    """The visible text, NFC, on one line unless ``lines``; at most ``limit`` characters."""
    text = text[: limit * 2]
    if _PLAIN.fullmatch(text):
        return (text if lines else _BREAKS.sub(" ", text).strip())[:limit]
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not _PLAIN_LINES.fullmatch(text):
        text = _visible(text)
    if not lines:
        text = _BREAKS.sub(" ", text)
    elif "  " in text or not text.isascii() or "\t" in text:
        text = _SPACES.sub(" ", text)
    return text.strip()[:limit]


def for_terminal(text: str, limit: int = 10_000) -> str:
    """Our own lines with whatever they quote: nothing in them acts, and indents and columns stay."""
    return _visible(text[: limit * 2].replace("\r\n", "\n").replace("\r", "\n"))[:limit]


def _visible(text: str) -> str:
    text = _CONTROL.sub("", _SEQUENCE.sub("", text))
    return text if text.isascii() else _STACKED.sub(r"\1", unicodedata.normalize("NFC", _STACKED.sub(r"\1", text)))


def untrusted(text: str, limit: int = 10_000, *, lines: bool = False) -> Untrusted:
    """Text on its way in: cleaned, capped and wrapped."""
    return Untrusted(clean(text, limit, lines=lines))


def address(text: str) -> str:
    """A mail address in lower case if it is an ordinary one, else nothing."""
    lowered = text.strip().strip("<>").lower()[:320]
    return lowered if _ADDRESS.fullmatch(lowered) else ""


def for_screen(value: Untrusted | str, width: int | None = None) -> str:
    """One line a terminal only shows; cut to ``width`` cells with «…». Markup stays literal text:
    the screen must put it into a ``Text``, never into a string that is parsed."""
    text = clean(_revealed(value))
    if width is None or cell_len(text) <= width:
        return text
    return set_cell_size(text, max(width - 1, 0)).rstrip() + "…" if width > 0 else ""


def for_narrative(value: Untrusted | str, limit: int = 500) -> str:
    """Plain words for a bill: one line, no private-use or unassigned characters."""
    text = "".join(c for c in clean(_revealed(value)) if c == " " or unicodedata.category(c)[0] in "LNPS")
    return _BREAKS.sub(" ", text).strip()[:limit].rstrip()


def for_csv(value: Untrusted | str) -> str:
    """A cell no spreadsheet takes for a formula: an apostrophe is put before what could be one."""
    text = clean(_revealed(value), 32_000)
    start = text.lstrip(" '\"")[:1]
    return f"'{text}" if start and start in FORMULA else text


def for_ledes(value: Untrusted | str, limit: int | None = None) -> str:
    """Printable ASCII without the delimiters ``|``, ``[`` and ``]``: LEDES has no escapes."""
    text = unicodedata.normalize("NFKD", clean(_revealed(value), 20_000).translate(LEDES_FOLD))
    text = "".join(c for c in text.translate(LEDES_FOLD) if " " <= c <= "~")
    text = _BREAKS.sub(" ", text).strip()
    return text if limit is None else text[:limit].rstrip()


def for_log(value: Untrusted | str) -> str:
    """How long it is; never what it says."""
    return f"<{len(_revealed(value))} characters>"


def _revealed(value: Untrusted | str) -> str:
    return value.reveal() if isinstance(value, Untrusted) else value
