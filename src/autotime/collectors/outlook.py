"""What is in an Outlook item on disk (``.msg``): an OLE compound file of MAPI properties.

Properties of fixed size stand in one stream (MS-OXMSG 2.4), those of any length in a stream each;
recipients and attachments are storages of the same shape. Named properties get their numbers from a
table of the file. Nothing is opened beyond what is asked for, and under caps.
"""

from __future__ import annotations

import re
import struct
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

EPOCH = 11_644_473_600
"""Seconds from 1601 (FILETIME) to 1970."""

TICKS = 10_000_000
LATEST = 4_102_444_800
"""2100: FILETIME's «never» lies in the year 4501."""

TABLE = "__properties_version1.0"
NAMES = "__nameid_version1.0"
APPOINTMENT = uuid.UUID("00062002-0000-0000-c000-000000000046")
MEETING = uuid.UUID("6ed8da90-450b-101b-98da-00aa003f1305")

STREAM_CAP = 16 * 1024 * 1024
"""No text is longer; a damaged file may claim that one is."""

PARTS_CAP = 200
UNICODE, STRING8, BINARY, INSTANT, BOOLEAN = 0x001F, 0x001E, 0x0102, 0x0040, 0x000B
PAGES = {65001: "utf-8", 1200: "utf-16-le", 20127: "cp1252", 28591: "latin-1", 50220: "iso2022_jp"}
PAGES |= {50221: "iso2022_jp", 50222: "iso2022_jp", 51932: "euc_jp", 51949: "euc_kr", 54936: "gb18030"}
PAGES |= {20866: "koi8_r", 21866: "koi8_u", 936: "gb18030", 10000: "mac_roman"}

_PART = re.compile(r"__(recip|attach)_version1\.0_#[0-9A-Fa-f]{8}")


@contextmanager
def opened(path: Path) -> Iterator[Item]:
    """The item in a file. Raises whatever olefile does where it is none."""
    import olefile  # noqa: PLC0415 - only .msg files need it

    with olefile.OleFileIO(path) as ole:
        yield Item(ole)


class Item:
    """The properties of a message, a recipient or an attachment, by their numbers."""

    def __init__(self, ole: Any, where: str = "", page: str = "") -> None:
        self.ole, self.where = ole, where
        self.fixed = _fixed(self._stream(TABLE), 8 if where else 32)
        self.page = page or _page(self)

    def text(self, *numbers: int) -> str:
        """The first of these strings that says something."""
        return next((found for number in numbers if (found := self._text(number))), "")

    def _text(self, number: int) -> str:
        wide = self._stream(f"__substg1.0_{number:04X}{UNICODE:04X}")
        if wide:
            return wide.decode("utf-16-le", "replace").rstrip("\0")
        return decoded(self._stream(f"__substg1.0_{number:04X}{STRING8:04X}"), self.page).rstrip("\0")

    def data(self, number: int) -> bytes:
        return self._stream(f"__substg1.0_{number:04X}{BINARY:04X}")

    def number(self, number: int) -> int | None:
        value = self.fixed.get(number)
        return struct.unpack("<i", value[1][:4])[0] if value else None

    def flag(self, number: int) -> bool:
        value = self.fixed.get(number)
        return bool(value and value[0] == BOOLEAN and value[1][0])

    def instant(self, number: int) -> int | None:
        """UTC seconds of a FILETIME; ``None`` where there is none, or one no mail can have."""
        value = self.fixed.get(number)
        if value is None or value[0] != INSTANT:
            return None
        seconds = int(struct.unpack("<Q", value[1])[0]) // TICKS - EPOCH
        return seconds if 0 < seconds < LATEST else None

    def parts(self, kind: str) -> list[Item]:
        """Its recipients (``recip``) or attachments (``attach``), in their order."""
        names = sorted(entry[0] for entry in self.ole.listdir(streams=False, storages=True) if len(entry) == 1)
        wanted = [name for name in names if (found := _PART.fullmatch(name)) and found[1] == kind]
        return [Item(self.ole, name, self.page) for name in wanted[:PARTS_CAP]]

    def named(self, group: uuid.UUID, number: int) -> int:
        """The number a named property has in this file; 0 where it has none."""
        groups, entries = self._names("0002"), self._names("0003")
        for place in range(0, len(entries) - 7, 8):
            name, kind, index = struct.unpack_from("<IHH", entries, place)
            at = ((kind >> 1) - 3) * 16
            if name == number and not kind & 1 and at >= 0 and groups[at : at + 16] == group.bytes_le:
                return 0x8000 + int(index)
        return 0

    def _names(self, table: str) -> bytes:
        return self._stream(f"{NAMES}/__substg1.0_{table}0102")

    def _stream(self, name: str) -> bytes:
        path = f"{self.where}/{name}".lstrip("/")
        if not self.ole.exists(path) or self.ole.get_size(path) > STREAM_CAP:
            return b""
        return bytes(self.ole.openstream(path).read())


def decoded(data: bytes, page: str) -> str:
    try:
        return data.decode(page, "replace")
    except LookupError:
        return data.decode("cp1252", "replace")


def page_of(number: int | None) -> str:
    """Python's name for a Windows code page."""
    if number and 28590 < number < 28606:
        return PAGES.get(number, f"iso8859_{number - 28590}")
    return PAGES.get(number or 1252, f"cp{number or 1252}")


def _page(item: Item) -> str:
    """Of strings that are not Unicode: the message's code page, or else the internet's."""
    return page_of(item.number(0x3FFD) or item.number(0x3FDE))


def _fixed(table: bytes, head: int) -> dict[int, tuple[int, bytes]]:
    """Type and eight bytes of each property, by number."""
    found: dict[int, tuple[int, bytes]] = {}
    for place in range(head, len(table) - 15, 16):
        tag, _flags, value = struct.unpack_from("<II8s", table, place)
        found[tag >> 16] = (tag & 0xFFFF, value)
    return found
