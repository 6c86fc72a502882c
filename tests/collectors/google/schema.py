"""Answers held against Google's own discovery documents: no key and no type the real service would not give."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from email import message_from_bytes
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from autotime.testing.server import Asked, Reply

VENDORED = Path(__file__).parents[2] / "vendored" / "google"
DOCUMENTS = ("gmail.v1", "calendar.v3", "drive.v3", "driveactivity.v2", "meet.v2")
BULLETS = re.compile(r'^\s*- "(\w+)"', re.MULTILINE)
"""Where an API lists the values of a string in its description only."""

Schema = dict[str, Any]


@cache
def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((VENDORED / f"{name}.json").read_text(encoding="utf-8"))
    return found


class Method:
    """One method of an API: which requests are its own, and what is said both ways."""

    def __init__(self, name: str, described: dict[str, Any]) -> None:
        self.document = name
        self.id: str = described["id"]
        self.verb: str = described["httpMethod"]
        path = document(name)["servicePath"] + described.get("flatPath", described["path"])
        self.path = re.compile("/" + re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))
        self.answers: str = described.get("response", {}).get("$ref", "")
        self.asks: str = described.get("request", {}).get("$ref", "")
        self.takes = {*described.get("parameters", {}), *document(name)["parameters"]}


@cache
def methods() -> tuple[Method, ...]:
    return tuple(method for name in DOCUMENTS for method in _methods(name, document(name)))


def _methods(name: str, described: dict[str, Any]) -> Iterator[Method]:
    for method in described.get("methods", {}).values():
        yield Method(name, method)
    for inner in described.get("resources", {}).values():
        yield from _methods(name, inner)


def method_of(verb: str, path: str) -> Method | None:
    return next((one for one in methods() if one.verb == verb and one.path.fullmatch(path)), None)


def problems(asked: Asked, reply: Reply) -> list[str]:
    """What is wrong with one answer, and with what was asked; nothing where all is as Google has it."""
    if asked.path.startswith("/batch"):
        return [problem for inner in _parts(asked, reply) for problem in problems(*inner)]
    method = method_of(asked.method, urlsplit(asked.target).path) or method_of(asked.method, asked.path)
    if method is None:
        return [f"no method of Google's: {asked.method} {asked.path}"]
    found = list(_request(method, asked))
    said = json.loads(reply.bytes())
    if reply.status >= 400:
        return found + list(of_error(said, reply.status))
    return found + [f"{method.id}: {problem}" for problem in of_schema(method.document, method.answers, said)]


def _request(method: Method, asked: Asked) -> Iterator[str]:
    for name in sorted(set(asked.query) - method.takes):
        yield f"{method.id}, asked: has no parameter {name}"
    for problem in of_schema(method.document, method.asks, asked.json()) if method.asks else ():
        yield f"{method.id}, asked: {problem}"


def touched(exchanges: Iterable[tuple[Asked, Reply]]) -> set[str]:
    """The methods that were answered, also inside batches."""
    answered = [asked for asked, reply in calls(exchanges) if reply.status < 300]
    found = (method_of(asked.method, urlsplit(asked.target).path) for asked in answered)
    return {method.id for method in found if method}


def calls(exchanges: Iterable[tuple[Asked, Reply]]) -> list[tuple[Asked, Reply]]:
    """Each call with its answer, batches taken apart."""
    return [
        call
        for asked, reply in exchanges
        for call in (_parts(asked, reply) if asked.path.startswith("/batch") else [(asked, reply)])
    ]


def _parts(asked: Asked, reply: Reply) -> Iterator[tuple[Asked, Reply]]:
    """The calls inside a batch, each with its answer, joined by Content-ID."""
    sent, came = _multipart(asked.headers["content-type"], asked.body), _multipart(reply.kind, reply.bytes())
    assert sorted(came) == sorted(f"response-{name}" for name in sent)
    for name, call in sent.items():
        verb, target, *_ = call.decode().split(maxsplit=2)
        head, _, body = came[f"response-{name}"].replace(b"\r\n", b"\n").partition(b"\n\n")
        query = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
        yield Asked(verb, urlsplit(target).path, query, {}, b"", target), Reply(body, int(head.split()[1]))


def _multipart(kind: str, body: bytes) -> dict[str, bytes]:
    whole = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    parts = {
        str(part["Content-ID"]).strip("<>"): part.get_payload(decode=True) for part in whole.walk() if part is not whole
    }
    return {name: part for name, part in parts.items() if isinstance(part, bytes)}


def of_schema(name: str, schema: str, value: Any) -> list[str]:
    """What is wrong with a value that should be of a schema of that API."""
    return list(_wrong(name, {"$ref": schema}, value, schema))


def _wrong(name: str, schema: Schema, value: Any, where: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = document(name)["schemas"][schema["$ref"]]
    match schema["type"]:
        case "object":
            yield from _wrong_object(name, schema, value, where)
        case "array" if isinstance(value, list):
            for index, item in enumerate(value):
                yield from _wrong(name, schema["items"], item, f"{where}[{index}]")
        case "any":
            pass
        case kind:
            yield from _wrong_value(schema, kind, value, where)


def _wrong_object(name: str, schema: Schema, value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where} is no object"
        return
    known, more = schema.get("properties", {}), schema.get("additionalProperties")
    for key, inner in value.items():
        if key not in known and more is None:
            yield f"{where} has no key {key}"
        else:
            yield from _wrong(name, known.get(key, more), inner, f"{where}.{key}")


def _wrong_value(schema: Schema, kind: str, value: Any, where: str) -> Iterator[str]:
    form = schema.get("format", "")
    if not _is(kind, value) or not FORMATS.get(form, _any)(value):
        yield f"{where} is no {form or kind}"
    elif (allowed := _allowed(schema)) and value not in allowed:
        yield f"{where} is none of {', '.join(allowed)}"


def _is(kind: str, value: Any) -> bool:
    types = {"string": str, "boolean": bool, "integer": int, "number": (int, float)}
    return kind in types and isinstance(value, types[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _allowed(schema: Schema) -> list[str]:
    """The values a string may have: an enum, or a list in the words «Possible values are»."""
    if "enum" in schema or schema["type"] != "string":
        return list(schema.get("enum", ()))
    _, said, listed = schema.get("description", "").partition("Possible values are:")
    return BULLETS.findall(listed) if said else []


def _any(_value: Any) -> bool:
    return True


def _whole(lowest: int, highest: int) -> Any:
    """64-bit numbers are strings in JSON, 32-bit ones are numbers."""
    return lambda value: bool(re.fullmatch(r"-?\d{1,20}", str(value))) and lowest <= int(value) <= highest


def _instant(value: str) -> bool:
    """RFC 3339 with an offset."""
    try:
        return "T" in value and datetime.fromisoformat(value).utcoffset() is not None
    except ValueError:
        return False


def _day(value: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value)) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _bytes(value: str) -> bool:
    """Base64 for addresses."""
    try:
        return (
            "+" not in value and "/" not in value and base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)) != b""
        )
    except binascii.Error:
        return False


FORMATS = {
    "int32": _whole(-(2**31), 2**31 - 1),
    "uint32": _whole(0, 2**32 - 1),
    "int64": _whole(-(2**63), 2**63 - 1),
    "uint64": _whole(0, 2**64 - 1),
    "date-time": _instant,
    "google-datetime": _instant,
    "date": _day,
    "byte": _bytes,
}


def of_error(said: Any, status: int) -> Iterator[str]:
    """An error body in Google's manner; the discovery documents do not describe it."""
    error = said.get("error") if isinstance(said, dict) and set(said) == {"error"} else None
    if not isinstance(error, dict) or not set(error) <= {"code", "message", "errors", "status", "details"}:
        yield "an error body of another shape"
        return
    if error.get("code") != status or not isinstance(error.get("message"), str):
        yield "an error without its status and message"
    for one in error.get("errors", ()):
        if (
            not {"domain", "reason", "message"}
            <= set(one)
            <= {"domain", "reason", "message", "location", "locationType"}
        ):
            yield "an error whose reasons have another shape"
