"""Files of records: 1998B and 1998BI. One line a record, values between «|», each ended by «[]».

The format has no escapes: what stands inside a text and means something (| [ ] and line breaks) is replaced
before it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from autotime.billing.ledes.fields import BI, END, B, Layout
from autotime.billing.ledes.findings import Finding
from autotime.domain.errors import Misused

Record = dict[str, str]
Rows = list[tuple[int, Record]]
"""Records, each with its line in the file."""

LAYOUTS = (B, BI)
MARK = b"\xef\xbb\xbf"
"""The byte order mark of UTF-8."""

REVISIONS = "LEDES98BI"
"""How the first line of 1998BI begins, whatever its revision."""

STRANGE = re.compile(r"[^ -~]")
HINT = "autotime ledes check FILE"


def written(layout: Layout, records: Iterable[Record], line_ending: str) -> bytes:
    """The file. ``UnicodeEncodeError`` where a value was not folded."""
    rows = ["|".join(record[name] for name in layout.names) + END for record in records]
    return "".join(row + line_ending for row in (layout.first_line, layout.header_line, *rows)).encode("ascii")


def parse(data: bytes) -> list[Record]:
    """The records of a file by field name. ``Misused`` names the first line that is no record."""
    broken = [one for one in structure(data) if one.rule not in ("line-end", "bom", "encoding")]
    if broken:
        raise Misused(f"line {broken[0].line}: {broken[0].message}", hint=HINT)
    return [record for _, record in rows(data)]


def layout_of(lines: Sequence[str]) -> Layout:
    """By the first line; where that is none, by how many fields the second names."""
    said = next((layout for layout in LAYOUTS if lines and lines[0] == layout.first_line), None)
    many = len(lines) > 1 and lines[1].count("|") > (len(B.fields) + len(BI.fields)) / 2
    return said or (BI if many else B)


def layout(data: bytes) -> Layout:
    return layout_of(_bare(data))


def rows(data: bytes) -> Rows:
    """Every line that has the shape of a record, with its number."""
    lines = _bare(data)
    names = layout_of(lines).names
    split = ((number, line.removesuffix(END).split("|"), line) for number, line in enumerate(lines[2:], start=3))
    return [
        (number, dict(zip(names, values, strict=True)))
        for number, values, line in split
        if line.endswith(END) and len(values) == len(names)
    ]


def structure(data: bytes) -> Iterator[Finding]:
    """What is no record, and how the file is written."""
    yield from _encoding(data)
    lines = _lines(data)
    bare = [line.removesuffix("\r") for line in lines]
    expected = layout_of(bare)
    if not bare or bare[0] != expected.first_line:
        also = "; no other revision is known here" if bare and bare[0].startswith(REVISIONS) else ""
        yield Finding(1, "", "first-line", f"the first line is {expected.first_line}{also}")
    if len(bare) < 2 or bare[1] != expected.header_line:
        yield Finding(2, "", "field-names", f"the second line names the {len(expected.fields)} fields in order")
    for number, line in enumerate(bare[2:], start=3):
        yield from _record(number, line, expected.names, cut=number == len(bare) and not data.endswith(b"\n"))
    if len({line.endswith("\r") for line in lines[: len(lines) if data.endswith(b"\n") else -1]}) > 1:
        yield Finding(1, "", "line-end", "some lines end with CR LF, some with LF")


def not_ascii(data: bytes) -> Iterator[Finding]:
    """The first strange character of each field."""
    names = layout(data).names
    for number, line in enumerate(_bare(data), start=1):
        if not STRANGE.search(line):
            continue
        for name, value in zip(names, line.split("|"), strict=False):
            if strange := STRANGE.search(value):
                message = f"the character U+{ord(strange[0]):04X} is not printable ASCII"
                yield Finding(number, name if number > 2 else "", "ascii", message)


def _record(number: int, line: str, names: Sequence[str], *, cut: bool) -> Iterator[Finding]:
    values = line.removesuffix(END).split("|")
    if not line.endswith(END) and cut:
        yield Finding(number, "", "truncated", f"the file ends in the middle of a record, which ends with {END}")
    elif not line.endswith(END):
        yield Finding(number, "", "record-end", f"a record ends with {END}")
    elif len(values) != len(names):
        yield Finding(number, "", "field-count", f"{len(values)} fields, not {len(names)}")
    else:
        held = (name for name, value in zip(names, values, strict=True) if "[" in value or "]" in value)
        yield from (Finding(number, name, "record-end", f"{END} stands only at the end of a record") for name in held)


def _encoding(data: bytes) -> Iterator[Finding]:
    if wide(data):
        yield Finding(1, "", "encoding", "the file is UTF-16, two bytes a character")
    elif data.startswith(MARK):
        yield Finding(1, "", "bom", "the file begins with a byte order mark")


def wide(data: bytes) -> str:
    """The codec of a file of two bytes a character; empty for any other."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    even, odd = data[:400:2].count(0), data[1:400:2].count(0)
    if max(even, odd) * 4 < len(data[:400]) or min(even, odd) * 20 > len(data[:400]) or not data:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def decoded(data: bytes) -> str:
    """Text of any encoding that is usual: UTF-16, UTF-8 with or without a mark, else Windows-1252."""
    if codec := wide(data):
        return data.decode(codec, errors="replace").removeprefix("\ufeff")
    data = data.removeprefix(MARK)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _lines(data: bytes) -> list[str]:
    lines = decoded(data).split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _bare(data: bytes) -> list[str]:
    return [line.removesuffix("\r") for line in _lines(data)]
