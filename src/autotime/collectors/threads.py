"""Outlook's Thread-Index: when the reply window was opened, as far as that can be inferred.

Layout after MS-OXOMSG 2.2.1.3: a 22-byte header, then 5 bytes a reply. Two kinds are in the wild:
classic desktop Outlook, and Exchange 2013 and later, whose deltas count from a misreading of their
own header. A value is believed only if it lies in the day before the message was sent.
"""

from __future__ import annotations

import base64
import binascii

EPOCH = 11_644_473_600
"""Seconds from 1601 (FILETIME) to 1970."""

TICKS = 10_000_000
HEADER, BLOCK = 22, 5
MODERN = b"\x01\x01"
"""A version byte before the time. A classic header begins with the time, whose second byte is far larger."""

DAY = 86_400
CLOCK_SKEW = 120


def reply_opened_at(thread_index: str, sent_at: int) -> int | None:
    """UTC second of the last reply block, or ``None`` where it is absent or not believable."""
    try:
        raw = base64.b64decode(thread_index[:2000], validate=False)
    except (binascii.Error, ValueError):
        return None
    if len(raw) < HEADER + BLOCK or (len(raw) - HEADER) % BLOCK:
        return None
    opened = _last_block(raw)
    if opened is None or not sent_at - DAY <= opened <= sent_at + CLOCK_SKEW:
        return None
    return min(opened, sent_at)


def _last_block(raw: bytes) -> int | None:
    block = int.from_bytes(raw[-BLOCK : -BLOCK + 4], "big")
    shift = 23 if block >> 31 else 18
    delta = block & 0x7FFF_FFFF
    if raw[:2] == MODERN:
        return _modern(raw, delta, shift)
    return _seconds((int.from_bytes(raw[:6], "big") << 16) + (delta << shift))


def _modern(raw: bytes, delta: int, shift: int) -> int | None:
    """The delta counts from the header misread as a classic one and wraps at 31 bits."""
    header = int.from_bytes(raw[1:6], "big") << 24
    misread = int.from_bytes(raw[:6], "big") << 16
    wraps = max(0, -((misread + (delta << shift) - header) >> (31 + shift)))
    return _seconds(misread + ((delta + (wraps << 31)) << shift))


def _seconds(filetime: int) -> int:
    return filetime // TICKS - EPOCH
