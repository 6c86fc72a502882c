"""A large mail put together again from its headers and its texts: attachments stay on the server.

The whole keeps its shape (parts in parts, each with its headers), so that it reads like the original with
empty attachments, and gives the same evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from typing import Any

from autotime.collectors.messages import DEPTH_CAP, HEAD_BYTES, PARTS_CAP

TEXT_BYTES = 1_300_000
"""Enough of a part for all the text that is kept of it, however it is encoded."""

Ask = Callable[[Sequence[str]], Mapping[bytes, Any]]
"""Fetches items of one mail, by PEEK."""


@dataclass(frozen=True, slots=True)
class Part:
    """``number`` as IMAP counts (``2.1``; nothing for the whole mail); ``kind`` is its type, lower case."""

    number: str
    kind: str
    inner: tuple[Part, ...] = ()

    @property
    def leaves(self) -> Iterator[Part]:
        if not self.inner:
            yield self
        for part in self.inner:
            yield from part.leaves

    @property
    def below(self) -> Iterator[Part]:
        for part in self.inner:
            yield part
            yield from part.below


def without_attachments(ask: Ask) -> bytes:
    """The mail as bytes. Where its parts cannot be told, its first half megabyte."""
    said = ask(["BODYSTRUCTURE", f"BODY.PEEK[HEADER]<0.{HEAD_BYTES}>"])
    head = section(said, "HEADER")
    whole = _part(said.get(b"BODYSTRUCTURE"), "", 0)
    if whole is None or len(list(whole.below)) > PARTS_CAP or (whole.inner and not _line(head)):
        return section(ask([f"BODY.PEEK[]<0.{HEAD_BYTES}>"]), "")
    if not whole.inner:
        text = section(ask([f"BODY.PEEK[TEXT]<0.{TEXT_BYTES}>"]), "TEXT") if _is_text(whole.kind, head) else b""
        return _head(head) + text
    heads = _sections(ask, [f"{part.number}.MIME" for part in whole.below], HEAD_BYTES // 8)
    texts = [part.number for part in whole.leaves if _is_text(part.kind, heads[f"{part.number}.MIME"])]
    return _head(head) + _inside(whole, head, heads, _sections(ask, texts, TEXT_BYTES))


def section(said: Mapping[bytes, Any], name: str) -> bytes:
    """What was said under ``BODY[name]``, whatever the server adds to that name; nothing where it said none."""
    wanted = f"BODY[{name}]".encode()
    value = next((said[key] for key in said if key.upper().startswith(wanted)), b"")
    return value if isinstance(value, bytes) else b"" if value is None else str(value).encode()


def _sections(ask: Ask, names: Sequence[str], cap: int) -> dict[str, bytes]:
    said = ask([f"BODY.PEEK[{name}]<0.{cap}>" for name in names]) if names else {}
    return {name: section(said, name) for name in names}


def _part(told: Any, number: str, depth: int) -> Part | None:
    """One part as BODYSTRUCTURE tells it; ``None`` where it tells nonsense."""
    if not isinstance(told, tuple) or len(told) < 2 or depth > DEPTH_CAP:
        return None
    if not isinstance(told[0], list):
        return Part(number, b"/".join(name for name in told[:2] if isinstance(name, bytes)).decode("latin-1").lower())
    below = f"{number}." if number else ""
    inner = [_part(one, f"{below}{place}", depth + 1) for place, one in enumerate(told[0], start=1)]
    found = tuple(part for part in inner if part is not None)
    return Part(number, "multipart", found) if len(found) == len(inner) and found else None


def _is_text(kind: str, head: bytes) -> bool:
    """Whether its text is read: not that of an attachment."""
    if kind not in ("text/plain", "text/html"):
        return False
    told = message_from_bytes(_head(head))
    attached = str(told.get("Content-Disposition", "")).lower().startswith("attachment")
    return not attached and not told.get_filename()


def _line(head: bytes) -> bytes:
    """The line between the parts of a part, from its headers; nothing where they name none."""
    boundary = message_from_bytes(_head(head)).get_boundary()
    return b"--" + boundary.encode("utf-8", "surrogateescape") if boundary else b""


def _inside(part: Part, head: bytes, heads: Mapping[str, bytes], texts: Mapping[str, bytes]) -> bytes:
    if not part.inner:
        return texts.get(part.number, b"")
    line, said = _line(head), b""
    for inner in part.inner:
        own = heads[f"{inner.number}.MIME"]
        said += line + b"\r\n" + _head(own) + _inside(inner, own, heads, texts) + b"\r\n"
    return said + line + b"--\r\n"


def _head(head: bytes) -> bytes:
    """Headers and the blank line after them."""
    return head.strip(b"\r\n") + b"\r\n\r\n"
