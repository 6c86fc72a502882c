"""Nouns to put into drawers: a plain one of each, and any one at all."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from autotime.domain.decisions import Decision, DecisionKind
from autotime.domain.delivery import BatchFile
from autotime.domain.evidence import Evidence, Kind, Participant, Role
from autotime.domain.learning import Example, ExampleKind
from autotime.domain.matching import Candidate, Ranking
from autotime.domain.spans import Span
from autotime.domain.untrusted import Untrusted
from autotime.domain.work import Billing, Status, Suggestion

DAY = date(2026, 3, 2)
NOON = 1_772_474_400
"""Noon of that day in Chicago, UTC seconds."""

ODD = "a\0b \ud800 \udfff \\u0041 \\ é 👩🏽‍⚖️ \u202e \x1b[31m 'quoted' \"\n"
"""Text that databases, JSON and terminals each trip over."""


def evidence(key: str = "m1", **changes: Any) -> Evidence:
    """A sent mail at noon."""
    return Evidence(
        **{
            "account": "mail",
            "source": "mbox",
            "key": key,
            "kind": Kind.MESSAGE,
            "at": NOON,
            "own": True,
            "subject": Untrusted("Draft answer"),
            "people": (Participant(Role.FROM, "ada@firm.example", Untrusted("Ada Okafor")),),
            "facts": {"words_new": 120, "bulk": False, "file": "answer.docx"},
            **changes,
        }
    )


def ranking(item: str = "v1", **changes: Any) -> Ranking:
    candidate = Candidate("2026-001", 0.9, {"rules": 2.5}, ("the docket number",))
    return dataclasses.replace(Ranking(item, (candidate,), True, "m1"), **changes)


def suggestion(name: str = "s1", **changes: Any) -> Suggestion:
    """Half an hour at noon."""
    return Suggestion(
        **{
            "id": name,
            "revision": "r1",
            "status": Status.PROPOSED,
            "timekeeper": "AOK",
            "day": DAY,
            "matter": "2026-001",
            "probability": 0.9,
            "alternatives": (Candidate("2026-002", 0.05),),
            "task_code": "L310",
            "activity_code": "A103",
            "billing": Billing.BILLABLE,
            "seconds": 1800,
            "low_seconds": 900,
            "high_seconds": 1800,
            "ceiling_seconds": 1800,
            "billed_minutes": 30,
            "increment_minutes": 6,
            "rounding": "up",
            "spans": (Span(NOON, NOON + 1800),),
            "evidence": (("v1", 1),),
            "narrative": "Draft answer",
            "owned": {"v1": (Span(NOON, NOON + 1800),)},
            **changes,
        }
    )


def decision(number: int = 1, **changes: Any) -> Decision:
    plain = {"kind": DecisionKind.ACCEPTED, "actor": "AOK", "at": NOON, "id": f"d{number}", "shown": (suggestion(),)}
    return Decision(**{**plain, **changes})


def example(decided: str = "d1", item: str = "v1", **changes: Any) -> Example:
    plain = {"kind": ExampleKind.MATTER, "evidence": item, "revision": 1, "label": "2026-001", "at": NOON}
    return Example(**{**plain, "weight": 1.0, "decision": decided, **changes})


def batch(number: int = 1, **changes: Any) -> BatchFile:
    return BatchFile(
        **{
            "id": f"csv-{number:04d}",
            "target": "csv",
            "number": number,
            "file_name": f"csv-{number:04d}.csv",
            "header": "{}",
            "sha256": "0" * 64,
            "made_at": NOON,
            "first_day": DAY,
            "last_day": DAY,
            "mapping_version": "1",
            **changes,
        }
    )


def _halves_joined(text: str) -> str:
    """Two halves of one character that meet are that character, in JSON as in UTF-16."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


TEXT = st.one_of(st.text("\0\\u d8'\"\ud800\udfffé👩", max_size=6).map(_halves_joined), st.just(ODD))
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    int: st.integers(-(2**62), 2**62),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    type(None): st.none(),
    bytes: st.binary(max_size=8),
    date: st.dates(),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    Untrusted: TEXT.map(Untrusted),
    Span: st.tuples(st.integers(0, 2**40), st.integers(1, 2**40)).map(lambda pair: Span(pair[0], pair[0] + pair[1])),
}


@cache
def anything(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a declared type; small collections."""
    if kind in PLAIN:
        return PLAIN[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return st.one_of(*map(anything, arguments))
    if origin is tuple and Ellipsis in arguments:
        return st.lists(anything(arguments[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(anything, arguments))
    if origin is Mapping:
        return st.dictionaries(*map(anything, arguments), max_size=2)
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: anything(hints[field.name]) for field in dataclasses.fields(kind)})
