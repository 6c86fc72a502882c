"""Requests and answers held against Clio's own description: no field and no type that it does not name."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from autotime.testing.server import Asked, Reply

SHARED = Path(os.environ.get("AUTOTIME_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data")).parent
FILE = SHARED / "reference" / "billing" / "schemas" / "clio_v4_reduced.json"
KINDS = {"string": str, "boolean": bool, "object": dict, "array": list, "integer": int, "number": (int, float)}
BEYOND = {"meta"}
"""Described in words only: where the next page is."""

Schema = dict[str, Any]


@cache
def description() -> Schema:
    if not FILE.exists():
        pytest.skip("no description of the API: AUTOTIME_SHARED_DATA names no folder beside it")
    found: Schema = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def operation(asked: Asked) -> Schema:
    path = asked.path.removeprefix("/api/v4")
    for pattern, methods in sorted(description()["paths"].items(), key=lambda one: "{" in one[0]):
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", r"\\d+", re.escape(pattern)), path):
            return dict(methods.get(asked.method.lower()) or {})
    return {}


def odd_request(asked: Asked) -> list[str]:
    """What of a request the description does not know."""
    described = operation(asked)
    if not described:
        return [f"{asked.method} {asked.path} is not described"]
    named = {one["name"]: one["schema"] for one in described.get("parameters", ()) if one["in"] == "query"}
    odd = [f"the query has {name}" for name in asked.query.keys() - named.keys()]
    for name in asked.query.keys() & named.keys():
        odd += odd_value(_from_text(asked.query[name], named[name]), named[name], name)
    if asked.method in ("POST", "PATCH"):
        odd += odd_value(asked.json(), described["requestBody"]["content"]["application/json"]["schema"], "body")
    return odd + (["a body"] if asked.body and "requestBody" not in described else [])


def odd_answer(asked: Asked, reply: Reply) -> list[str]:
    """Statuses that are not described and bodies that are not as described."""
    described = operation(asked)["responses"].get(str(reply.status))
    if described is None:
        return [f"{asked.method} {asked.path} never answers {reply.status}"]
    if "content" not in described:
        return ["a body"] if reply.bytes() else []
    (content,) = described["content"].values()
    said = json.loads(reply.bytes())
    return list(odd_value({name: said[name] for name in said.keys() - BEYOND}, content["schema"], "answer"))


def odd_value(value: Any, schema: Schema, where: str) -> Iterator[str]:
    schema = _whole(schema)
    kind = schema.get("type", "object")
    if not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{where} is no {kind}: {value!r}"
        return
    if value not in schema.get("enum", [value]) or not _fits(value, schema.get("format", "")):
        yield f"{where} is not as described: {value!r}"
    known = schema.get("properties")
    if kind == "object" and known is not None:
        yield from (f"{where} lacks {name}" for name in schema.get("required", ()) if name not in value)
        yield from (f"{where} has {name}" for name in value.keys() - known.keys())
        for name in value.keys() & known.keys():
            if value[name] is not None:  # what is empty is null, which the description leaves out
                yield from odd_value(value[name], known[name], f"{where}.{name}")
    for number, one in enumerate(value if kind == "array" else ()):
        yield from odd_value(one, schema["items"], f"{where}[{number}]")


def _whole(schema: Schema) -> Schema:
    """A schema with what it refers to and is made of."""
    if "$ref" in schema:
        return _whole(description()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "allOf" not in schema:
        return schema
    parts = [_whole(one) for one in schema["allOf"]]
    known = {name: one for part in parts for name, one in part.get("properties", {}).items()}
    return {
        "type": "object",
        "properties": known,
        "required": [it for part in parts for it in part.get("required", ())],
    }


def _from_text(text: str, schema: Schema) -> Any:
    if schema["type"] == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    return {"true": True, "false": False}.get(text, text) if schema["type"] == "boolean" else text


def _fits(value: Any, form: str) -> bool:
    try:
        if form == "date":
            return date.fromisoformat(value).isoformat() == value
        if form == "date-time":
            return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
    return True
