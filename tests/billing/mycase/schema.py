"""Requests and answers held against MyCase's own OpenAPI documents: no key and no type the real service would not have.

The documents lie beside the shared data, and are not part of this repository.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from autotime.testing.server import Asked, Reply

DATA = Path(os.environ.get("AUTOTIME_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))
SCHEMAS = DATA.parent / "reference" / "billing" / "schemas"
NAMES = ("Cases", "Clients", "Companies", "Firm", "Invoices", "Staff", "TimeEntries")
PAGED = {"page_token"}
"""What a link of the service's own holds; the documents leave it open."""

TYPES = {"string": str, "boolean": bool, "integer": int, "number": (int, float), "array": list, "object": dict}

Schema = dict[str, Any]


@cache
def document(name: str) -> Schema:
    found: Schema = json.loads((SCHEMAS / f"mycase_{name}.json").read_text(encoding="utf-8"))
    return found


def problems(asked: Asked, reply: Reply) -> list[str]:
    """What is wrong with one exchange; nothing where all is as MyCase has it."""
    if asked.path == "/tokens":
        return []
    name, path, operation = _operation(asked)
    if operation is None:
        return [f"no operation of MyCase's: {asked.method} {asked.path}"]
    found = list(_asked(name, path, operation, asked))
    if reply.status >= 400:
        return found + list(_error(reply))
    answers = operation["responses"]
    if str(reply.status) not in answers:
        return [*found, f"{asked.method} {asked.path} is not answered {reply.status}"]
    schema = answers[str(reply.status)].get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return found + ([f"{asked.path} is answered with a body"] if reply.bytes() else [])
    return found + list(_wrong(name, schema, json.loads(reply.bytes()), "answer"))


def _operation(asked: Asked) -> tuple[str, Schema, Schema | None]:
    for name in NAMES:
        for template, path in document(name)["paths"].items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), asked.path) and asked.method.lower() in path:
                return name, path, path[asked.method.lower()]
    return "", {}, None


def _asked(name: str, path: Schema, operation: Schema, asked: Asked) -> Iterator[str]:
    listed = [*path.get("parameters", []), *operation.get("parameters", [])]
    known = {_resolved(name, one)["name"] for one in listed if _resolved(name, one)["in"] == "query"}
    for given in parse_qs(urlsplit(asked.target).query).keys() - known - PAGED:
        yield f"{asked.path} has no parameter {given}"
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        yield from _wrong(name, schema, asked.json(), "request")
    elif asked.body:
        yield f"{asked.path} takes no body"


def _error(reply: Reply) -> Iterator[str]:
    said = json.loads(reply.bytes())
    if set(said) != {"errors"} or not all(
        {"description"} <= set(one) <= {"description", "source"} for one in said["errors"]
    ):
        yield f"an error of another shape: {said}"


def of_schema(name: str, schema: str, value: Any) -> list[str]:
    return list(_wrong(name, {"$ref": f"#/components/schemas/{schema}"}, value, schema))


def _wrong(name: str, schema: Schema, value: Any, where: str) -> Iterator[str]:
    schema = _resolved(name, schema)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(kind, value) for kind in kinds):
        yield f"{where} is no {' or '.join(kinds)}"
        return
    if isinstance(value, dict) and "properties" in schema:
        yield from (f"{where} lacks {key}" for key in schema.get("required", ()) if key not in value)
        for key, inner in value.items():
            if key not in schema["properties"]:
                yield f"{where} has no key {key}"
            else:
                yield from _wrong(name, schema["properties"][key], inner, f"{where}.{key}")
    for index, item in enumerate(value if isinstance(value, list) and "items" in schema else ()):
        yield from _wrong(name, schema["items"], item, f"{where}[{index}]")


def _resolved(name: str, schema: Schema) -> Schema:
    for step in schema.get("$ref", "").split("/")[1:]:
        schema = document(name) if step == "components" else schema
        schema = schema[step]
    return schema


def _is(kind: str, value: Any) -> bool:
    if kind == "null":
        return value is None
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def all_problems(exchanges: Iterable[tuple[Asked, Reply]]) -> list[str]:
    return [problem for asked, reply in exchanges for problem in problems(asked, reply)]
