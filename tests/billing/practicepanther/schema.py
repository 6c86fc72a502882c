"""Requests and answers held against the vendor's own description: no field and no type it does not name."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from autotime.testing.server import Asked, Reply

SHARED = Path(os.environ.get("AUTOTIME_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data")).parent
FILE = SHARED / "reference" / "billing" / "schemas" / "practicepanther_v2_reduced.json"
KINDS = {"string": str, "boolean": bool, "object": dict, "array": list, "integer": int, "number": (int, float)}
ODATA = {"$top", "$skip"}
"""Taken by every list, and described for none."""


@cache
def description() -> dict[str, Any]:
    if not FILE.exists():
        pytest.skip("no description of the API: AUTOTIME_SHARED_DATA names no folder beside it")
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def operation(asked: Asked) -> dict[str, Any]:
    for path, methods in description()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), asked.path) and (path.endswith("}") or path == asked.path):
            return dict(methods.get(asked.method.lower()) or {})
    return {}


def odd_request(asked: Asked) -> list[str]:
    """What of a request the description does not know."""
    described = operation(asked)
    if not described:
        return [f"{asked.method} {asked.path} is not described"]
    named = {one["name"]: one for one in described.get("parameters", ()) if one["in"] == "query"}
    odd = [f"the query has {name}" for name in asked.query.keys() - named.keys() - ODATA]
    odd += [it for name, one in named.items() if name in asked.query for it in odd_value(asked.query[name], one, name)]
    missing = [name for name, one in named.items() if one.get("required") and name not in asked.query]
    body = next((one["schema"] for one in described.get("parameters", ()) if one["in"] == "body"), None)
    told = list(odd_value(asked.json(), body, "body")) if body else ["a body"] if asked.body else []
    return [*odd, *(f"the query lacks {name}" for name in missing), *told]


def odd_answer(asked: Asked, reply: Reply) -> list[str]:
    """Lists are described as one object: a known fault of the description, so that each row is looked at."""
    said = json.loads(reply.bytes())
    rows = said.get("value", [said]) if isinstance(said, dict) else said
    schema = operation(asked)["responses"]["200"]["schema"]
    return [it for row in rows for it in odd_value(row, schema, "answer")]


def odd_value(value: Any, schema: dict[str, Any], where: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = description()["definitions"][schema["$ref"].rpartition("/")[2]]
    kind = schema["type"]
    if not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{where} is no {kind}"
        return
    if value not in schema.get("enum", [value]) or not _fits(value, schema.get("format", "")):
        yield f"{where} is not as described: {value!r}"
    if kind == "object":
        yield from (f"{where} lacks {name}" for name in schema.get("required", ()) if name not in value)
        yield from (f"{where} has {name}" for name in value.keys() - schema.get("properties", {}).keys())
        for name in value.keys() & schema.get("properties", {}).keys():
            yield from odd_value(value[name], schema["properties"][name], f"{where}.{name}")
    for number, one in enumerate(value if kind == "array" else ()):
        yield from odd_value(one, schema["items"], f"{where}[{number}]")


def _fits(value: Any, form: str) -> bool:
    try:
        if form == "uuid":
            UUID(value)
        if form == "date-time":
            datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
