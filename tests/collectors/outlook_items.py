"""Writes ``.msg`` files: MAPI properties in an OLE compound file, as small as a reader takes them."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from autotime.collectors.outlook import APPOINTMENT, EPOCH, MEETING, NAMES, TABLE, TICKS

EMBEDDED = 5
FREE, END, FAT_SECTOR, NO_ENTRY = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
SECTOR, SMALL, CUTOFF = 512, 64, 4096

Tree = Mapping[str, "bytes | Tree"]
"""Streams and storages by name."""


class At(int):
    """An instant, UTC seconds, to be written as a FILETIME."""


class Narrow(str):
    """Text to be written in the code page 1252, as Outlook did before Unicode."""


def item(
    properties: Mapping[int | tuple[uuid.UUID, int], Any],
    recipients: Iterable[Mapping[int, Any]] = (),
    attachments: Iterable[Mapping[int, Any]] = (),
) -> bytes:
    """One item. A key is a property's number, or the group and number of a named one."""
    names = [key for key in properties if isinstance(key, tuple)]
    numbered = {
        0x8000 + names.index(key) if isinstance(key, tuple) else key: value for key, value in properties.items()
    }
    tree: dict[str, Any] = {**_properties(numbered, 32), NAMES: _names(names)}
    for kind, parts in (("recip", recipients), ("attach", attachments)):
        for number, part in enumerate(parts):
            tree[f"__{kind}_version1.0_#{number:08X}"] = _properties(part, 8)
    return compound(tree)


def _properties(values: Mapping[int, Any], head: int) -> dict[str, bytes]:
    table, streams = bytes(head), {}
    for number, value in values.items():
        kind, fixed = _encoded(value)
        table += struct.pack("<II8s", number << 16 | kind, 6, fixed if kind in (0x0003, 0x000B, 0x0040) else b"")
        if kind in (0x001F, 0x001E, 0x0102):
            streams[f"__substg1.0_{number:04X}{kind:04X}"] = fixed
    return {TABLE: table, **streams}


def _encoded(value: Any) -> tuple[int, bytes]:
    match value:
        case bool():
            return 0x000B, struct.pack("<q", value)
        case At():
            return 0x0040, struct.pack("<Q", (value + EPOCH) * TICKS)
        case int():
            return 0x0003, struct.pack("<q", value)
        case Narrow():
            return 0x001E, value.encode("cp1252")
        case str():
            return 0x001F, value.encode("utf-16-le")
    return 0x0102, bytes(value)


def _names(names: list[tuple[uuid.UUID, int]]) -> dict[str, bytes]:
    groups = [APPOINTMENT, MEETING]
    entries = [
        struct.pack("<IHH", number, groups.index(group) + 3 << 1, index) for index, (group, number) in enumerate(names)
    ]
    return {
        "__substg1.0_00020102": b"".join(group.bytes_le for group in groups),
        "__substg1.0_00030102": b"".join(entries),
    }


def compound(tree: Tree) -> bytes:
    """An OLE compound file, version 3: small streams in the root's own, each chain of sectors in a row."""
    entries: list[list[Any]] = [["Root Entry", 5, NO_ENTRY, NO_ENTRY, b""]]  # name, kind, right, child, data
    _entered(tree, entries, 0)
    sectors, chains = b"", []
    small, small_chains = b"", []
    places: list[tuple[int, int]] = []
    for entry in entries[1:]:
        data = entry[4]
        if entry[1] != 2 or not data:
            places.append((END, 0))
        elif len(data) < CUTOFF:
            places.append((len(small) // SMALL, len(data)))
            small, small_chains = small + _padded(data, SMALL), [*small_chains, -(-len(data) // SMALL)]
        else:
            places.append((len(sectors) // SECTOR, len(data)))
            sectors, chains = sectors + _padded(data, SECTOR), [*chains, -(-len(data) // SECTOR)]
    starts = []
    table = struct.pack(f"<{sum(small_chains)}I", *_links(small_chains))
    for data in (small, _padded(table, SECTOR, b"\xff")):
        starts.append(len(sectors) // SECTOR)
        sectors, chains = sectors + _padded(data, SECTOR), [*chains, -(-len(data) // SECTOR)]
    directory = b"".join(map(_entry, entries, [(starts[0], len(small)), *places]))
    starts.append(len(sectors) // SECTOR)
    sectors, chains = sectors + _padded(directory, SECTOR), [*chains, -(-len(directory) // SECTOR)]
    used = len(sectors) // SECTOR
    tables = next(n for n in range(1, 110) if n * SECTOR // 4 >= used + n)
    fat = struct.pack(f"<{used + tables}I", *_links(chains), *[FAT_SECTOR] * tables)
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII",
        bytes.fromhex("d0cf11e0a1b11ae1"),
        *(b"", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, tables, starts[2], 0, CUTOFF),
        *(starts[1] if table else END, -(-len(table) // SECTOR), END, 0),
    )
    difat = [*range(used, used + tables), *[FREE] * (109 - tables)]
    return header + struct.pack("<109I", *difat) + sectors + _padded(fat, SECTOR, b"\xff")


def _entered(tree: Tree, entries: list[list[Any]], parent: int) -> None:
    """The members of a storage, each the right neighbour of the one before."""
    before = parent
    for name, inside in sorted(tree.items(), key=lambda member: (len(member[0]), member[0].upper())):
        entries[before][3 if before == parent else 2] = number = len(entries)
        stream = isinstance(inside, bytes)
        entries.append([name, 2 if stream else 1, NO_ENTRY, NO_ENTRY, inside if stream else b""])
        if not isinstance(inside, bytes):
            _entered(inside, entries, number)
        before = number


def _entry(entry: list[Any], place: tuple[int, int]) -> bytes:
    name = (entry[0] + "\0").encode("utf-16-le")
    links = (NO_ENTRY, entry[2], entry[3])
    return struct.pack("<64sHBBIII16sIQQIQ", name, len(name), entry[1], 1, *links, b"", 0, 0, 0, place[0], place[1])


def _links(chains: Iterable[int]) -> list[int]:
    links: list[int] = []
    for length in chains:
        links += [*range(len(links) + 1, len(links) + length), END] if length else []
    return links


def _padded(data: bytes, to: int, filler: bytes = b"\0") -> bytes:
    return data + filler * (-len(data) % to)


# -- items as Outlook writes them -----------------------------------------------------------------


def person(name: str, mail: str, role: int = 1) -> dict[int, Any]:
    return {0x3001: name, 0x3002: "SMTP", 0x3003: mail, 0x39FE: mail, 0x0C15: role}


def sent_mail(sent: int, subject: str = "Harrow lease", text: str = "The lease is signed.\r\n", **more: Any) -> bytes:
    """A mail from Ada's own Sent folder, which has properties and no transport headers."""
    properties = {
        0x001A: "IPM.Note",
        0x0037: subject,
        0x0039: At(sent),
        0x0E07: 1,
        0x1000: text,
        0x1035: f"<{sent}@okafor.example>",
        0x0042: "Ada Okafor",
        0x0064: "SMTP",
        0x0065: "ada@okafor.example",
    }
    properties |= more.pop("properties", {})
    recipients = more.pop("recipients", [person("Ben Lund", "ben@harrow.example")])
    return item({key: value for key, value in properties.items() if value is not None}, recipients, **more)


GOID = bytes.fromhex("040000008200e00074c5b7101a82e008") + bytes(20) + struct.pack("<I", 16) + b"0123456789abcdef"


def appointment(start: int, end: int, properties: Mapping[Any, Any] | None = None, **more: Any) -> bytes:
    """An appointment of one's own calendar."""
    said: dict[Any, Any] = {
        0x001A: "IPM.Appointment",
        0x0037: "Hearing in Harrow",
        0x1000: "Courtroom 4\r\n",
        (APPOINTMENT, 0x820D): At(start),
        (APPOINTMENT, 0x820E): At(end),
        (APPOINTMENT, 0x8205): 2,
        (APPOINTMENT, 0x8208): "Springfield",
        (MEETING, 0x0003): GOID,
    }
    return item({**said, **(properties or {})}, **more)


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
