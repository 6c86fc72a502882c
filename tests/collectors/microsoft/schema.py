"""Answers of Graph held against its own metadata, and read by Microsoft's own models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import parse

EXCERPT = Path(__file__).parents[2] / "vendored" / "graph" / "v1.0.xml"
CALLS = "microsoft.graph.callRecords."
ANNOTATION = re.compile(r"(\w+)?@[\w.]+")
PRIMITIVES = {
    "Edm.String": lambda value: isinstance(value, str),
    "Edm.Boolean": lambda value: isinstance(value, bool),
    "Edm.Int32": lambda value: type(value) is int and -(1 << 31) <= value < 1 << 31,
    "Edm.Int64": lambda value: type(value) is int,
    "Edm.Double": lambda value: type(value) in (int, float),
    "Edm.DateTimeOffset": lambda value: _matches(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)", value),
    "Edm.TimeOfDay": lambda value: _matches(r"\d\d:\d\d:\d\d(\.\d{1,7})?", value),
    "Edm.Guid": lambda value: _matches(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value),
    "Edm.Binary": lambda value: _matches(r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}[A-Za-z0-9+/=]=)?", value),
}

ANSWERS = (
    (r"", "user"),
    (r"/mailboxSettings", "mailboxSettings"),
    (r"/mailFolders(/[^/]+/childFolders)?", "mailFolder*"),
    (r"/mailFolders/[^/]+", "mailFolder"),
    (r"(/mailFolders/[^/]+)?/messages(/delta)?", "message*"),
    (r"/messages/[^/]+", "message"),
    (r"/messages/[^/]+/attachments", "attachment*"),
    (r"/calendars", "calendar*"),
    (r"(/calendar|/calendars/[^/]+)?/calendarView", "event*"),
    (r"/drive", "drive"),
    (r"/drive/root", "driveItem"),
    (r"/drive/root/delta", "driveItem*"),
    (r"/drive/items/[^/]+/versions", "driveItemVersion*"),
    (r"/onlineMeetings", "onlineMeeting*"),
    (r"/onlineMeetings/[^/]+/attendanceReports", "meetingAttendanceReport*"),
    (r"/onlineMeetings/[^/]+/attendanceReports/[^/]+", "meetingAttendanceReport"),
    (r"/onlineMeetings/[^/]+/attendanceReports/[^/]+/attendanceRecords", "attendanceRecord*"),
    (r"/chats", "chat*"),
    (r"/chats/[^/]+/messages", "chatMessage*"),
    (r"/communications/callRecords", "callRecords.callRecord*"),
    (r"/communications/callRecords/[^/]+", "callRecords.callRecord"),
)
"""What is answered below a person (or the root); ``*`` is a list."""


def _matches(pattern: str, value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


@cache
def types() -> Mapping[str, Element]:
    return {one.get("Name", ""): one for one in parse(EXCERPT).getroot()}


@cache
def properties(name: str) -> Mapping[str, tuple[str, bool]]:
    """Of a type and its bases: the type of each, and whether it may be null."""
    one = types()[name]
    own = {
        part.get("Name", ""): (part.get("Type", ""), part.get("Nullable") != "false")
        for part in one
        if part.tag in ("Property", "NavigationProperty")
    }
    return {**(properties(one.get("BaseType", "")) if one.get("BaseType") else {}), **own}


def derives(name: str, base: str) -> bool:
    return name == base or (bool(types()[name].get("BaseType")) and derives(types()[name].get("BaseType", ""), base))


def kind_of(path: str) -> tuple[str, bool]:
    """The type of an answer by the path that was asked for, and whether it is a list of them."""
    below = re.sub(r"^/v1\.0(/me|/users/[^/]+)?", "", re.sub(r"/drives/[^/]+/", "/drive/", path))
    for pattern, name in ANSWERS:
        if re.fullmatch(pattern, below):
            return f"microsoft.graph.{name.rstrip('*')}", name.endswith("*")
    raise AssertionError(f"nothing is known of {below}")


def complaints(said: Any, name: str, where: str = "") -> Iterator[str]:
    """What in a value is not as its type has it: unknown keys, wrong types, nulls, no such enumeration member."""
    if found := re.fullmatch(r"Collection\((.*)\)", name):
        if not isinstance(said, list):
            yield f"{where} is no list"
            return
        for number, one in enumerate(said):
            yield from complaints(one, found[1], f"{where}[{number}]")
    elif name in PRIMITIVES:
        if not PRIMITIVES[name](said):
            yield f"{where} is no {name}"
    elif types()[name].tag == "EnumType":
        if said not in [member.get("Name") for member in types()[name]]:
            yield f"{where} is no {name}"
    elif not isinstance(said, dict):
        yield f"{where} is no {name}"
    else:
        yield from _inside(said, name, where)


def _inside(said: Mapping[str, Any], name: str, where: str) -> Iterator[str]:
    given = said.get("@odata.type", f"#{name}").lstrip("#")
    if given not in types() or not derives(given, name):
        yield f"{where} says it is a {given}, which is no {name}"
        return
    known = properties(given)
    for key, value in said.items():
        if ANNOTATION.fullmatch(key):
            continue
        if key not in known:
            yield f"{where}.{key} is unknown to {given}"
        elif value is not None:
            yield from complaints(value, known[key][0], f"{where}.{key}")
        elif not known[key][1]:
            yield f"{where}.{key} may not be null"


def judged(path: str, body: Any) -> list[str]:
    """All complaints about one answer."""
    name, many = kind_of(path)
    if not many:
        return list(complaints(body, name))
    strange = [key for key in body if key != "value" and not ANNOTATION.fullmatch(key)]
    return [f"{key} beside the list" for key in strange] + list(complaints(body["value"], f"Collection({name})"))


def unread(path: str, body: Any) -> list[str]:
    """Keys for which Microsoft's own models of this type have no place."""
    from kiota_abstractions.serialization import ParsableFactory
    from kiota_serialization_json.json_parse_node import JsonParseNode

    name, many = kind_of(path)
    model: type[ParsableFactory] = _model(name)
    rows = body["value"] if many else [body]
    return [key for row in rows for key in _left_over(JsonParseNode(row).get_object_value(model))]


def _model(name: str) -> Any:
    from importlib import import_module

    short = name.removeprefix("microsoft.graph.")
    folder = "call_records." if short.startswith("callRecords.") else ""
    short = short.removeprefix("callRecords.")
    module = re.sub(r"(?<!^)(?=[A-Z])", "_", short).lower()
    return getattr(import_module(f"msgraph.generated.models.{folder}{module}"), short[0].upper() + short[1:])


def _left_over(model: Any) -> Iterator[str]:
    """What stands in ``additional_data``, here and in all that is below."""
    for value in vars(model).values():
        for one in value if isinstance(value, list) else [value]:
            if hasattr(one, "additional_data"):
                yield from _left_over(one)
    more = getattr(model, "additional_data", None) or {}
    yield from (f"{type(model).__name__}.{key}" for key in more if not ANNOTATION.fullmatch(key))
