"""Nouns to JSON and back, by their declared types.

The domain is frozen dataclasses and rows are text; this is the only bridge. ``encode`` and
``decode`` are exact inverses for every noun in ``autotime.domain`` (a property test holds it).
"""

from __future__ import annotations

import dataclasses
import json
import re
import types
from collections.abc import Callable, Hashable, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from autotime.domain.spans import Span
from autotime.domain.untrusted import Untrusted

T = TypeVar("T")
Translator = Callable[[Any], Any]


LONE = re.compile("[\ud800-\udfff]")
"""Half a character: JSON can say it, a database cannot hold it."""


def encode(noun: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, nothing a database refuses as text."""
    kind: Any = type(noun)
    text = json.dumps(_encoder(kind)(noun), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text if text.isascii() else LONE.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def decode(kind: type[T], text: str) -> T:
    declared: Any = kind
    noun: T = _decoder(declared)(json.loads(text))
    return noun


def _same(value: Any) -> Any:
    return value


def _reveal(text: Untrusted) -> str:
    return text.reveal()


PLAIN: dict[Any, tuple[Translator, Translator]] = {
    str: (_same, _same),
    int: (_same, _same),
    bool: (_same, _same),
    float: (_same, _same),
    type(None): (_same, _same),
    Decimal: (str, Decimal),
    bytes: (bytes.hex, bytes.fromhex),
    date: (date.isoformat, date.fromisoformat),
    Untrusted: (_reveal, Untrusted),
    Span: (lambda span: [span.start, span.end], lambda pair: Span(*pair)),
}


@lru_cache(maxsize=256)
def _encoder(kind: Hashable) -> Translator:
    return _translator(kind, 0)


@lru_cache(maxsize=256)
def _decoder(kind: Hashable) -> Translator:
    return _translator(kind, 1)


def _translator(kind: Any, way: int) -> Translator:
    """The translation of one declared type: ``way`` 0 is to JSON, 1 is from it."""
    if kind in PLAIN:
        return PLAIN[kind][way]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _optional(arguments, way)
    if origin is tuple:
        return _tuple(arguments, way)
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(arguments[0], arguments[1], way)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return (lambda member: member.value) if way == 0 else kind
    if dataclasses.is_dataclass(kind):
        return _noun(kind, way)
    raise TypeError(f"no translation for {kind}")


def _optional(arguments: tuple[Any, ...], way: int) -> Translator:
    """``X | None``; a union of plain JSON types is itself."""
    others = [argument for argument in arguments if argument is not type(None)]
    if len(others) > 1:
        return _same
    inner = (_encoder, _decoder)[way](others[0])
    return lambda value: None if value is None else inner(value)


def _tuple(arguments: tuple[Any, ...], way: int) -> Translator:
    build = (list, tuple)[way]
    each = [(_encoder, _decoder)[way](argument) for argument in arguments if argument is not Ellipsis]
    if Ellipsis in arguments:
        return lambda values: build(map(each[0], values))
    return lambda values: build(one(value) for one, value in zip(each, values, strict=True))


def _mapping(key: Any, inner: Any, way: int) -> Translator:
    """JSON's names are strings, so whole numbers are written as such."""
    one, named = (_encoder, _decoder)[way](inner), {0: str, 1: key}[way]
    return lambda values: {named(name): one(value) for name, value in values.items()}


def _noun(kind: Any, way: int) -> Translator:
    hints = get_type_hints(kind)
    fields = [(field.name, (_encoder, _decoder)[way](hints[field.name])) for field in dataclasses.fields(kind)]
    if way == 0:
        return lambda noun: {name: one(getattr(noun, name)) for name, one in fields}
    return lambda data: kind(**{name: one(data[name]) for name, one in fields if name in data})
