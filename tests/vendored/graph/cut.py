"""Cuts out of the Graph metadata (CSDL) the types that the stand-in's answers are made of.

python tests/vendored/graph/cut.py cleanMetadata.xml tests/vendored/graph/v1.0.xml
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import parse

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
CALLS = "microsoft.graph.callRecords"
ROOTS = (
    *("user", "mailboxSettings", "mailFolder", "message", "eventMessageRequest", "eventMessageResponse"),
    *("fileAttachment", "calendar", "event"),
    *("drive", "driveItem", "driveItemVersion"),
    *("onlineMeeting", "meetingAttendanceReport", "attendanceRecord"),
    *("chat", "chatMessage", "aadUserConversationMember", "teamworkUserIdentity", "communicationsIdentitySet"),
    *(f"{CALLS}.{name}" for name in ("callRecord", "session", "segment", "organizer", "participant")),
    *(f"{CALLS}.{name}" for name in ("participantEndpoint", "serviceEndpoint")),
)
KEPT = {
    "Property": ("Name", "Type", "Nullable"),
    "NavigationProperty": ("Name", "Type", "Nullable"),
    "Member": ("Name", "Value"),
}


def main(source: str, target: str) -> None:
    types = {}
    for schema in parse(source).getroot().iter(f"{EDM}Schema"):
        types |= {f"{schema.get('Namespace')}.{one.get('Name')}": one for one in schema if one.get("Name")}
    wanted: set[str] = set()
    waiting = [name if "." in name else f"microsoft.graph.{name}" for name in ROOTS]
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += [other for other in needed(types[name]) if other in types]
    lines = ["<Types>", *(written(name, types[name]) for name in sorted(wanted)), "</Types>"]
    Path(target).write_text("\n".join(lines) + "\n", encoding="utf-8")


def needed(one: Element) -> list[str]:
    """The base, and the types of plain properties; what is only linked to stays out."""
    named = [one.get("BaseType", "")] + [part.get("Type", "") for part in one.iter(f"{EDM}Property")]
    return [re.sub(r"^Collection\((.*)\)$", r"\1", whole(name)) for name in named]


def whole(name: str) -> str:
    return re.sub(r"(^|\()graph\.", r"\1microsoft.graph.", name)


def written(name: str, one: Element) -> str:
    kind = one.tag.removeprefix(EDM)
    parts = [(part.tag.removeprefix(EDM), part) for part in one]
    lines = [f"  <{tag}{told(part, KEPT[tag])}/>" for tag, part in parts if tag in KEPT]
    return "\n".join([f'<{kind} Name="{name}"{told(one, ("BaseType", "OpenType", "IsFlags"))}>', *lines, f"</{kind}>"])


def told(one: Element, keys: tuple[str, ...]) -> str:
    return "".join(f' {key}="{whole(one.get(key, ""))}"' for key in keys if one.get(key))


if __name__ == "__main__":
    main(*sys.argv[1:])
