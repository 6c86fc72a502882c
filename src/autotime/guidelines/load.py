"""Guidelines as TOML: read, and every mistake named with its place."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from autotime.domain.errors import Misused
from autotime.domain.work import Billing
from autotime.guidelines.checks import CHECKS, NEEDED, VALUES
from autotime.guidelines.rules import Example, Guideline, Line, Rule, Severity

TOP = {"id": str, "version": str, "title": str, "clients": list, "rule": list, "test": list}
RULE = {"id": str, "kind": str, "severity": str, "text": str, "fix": str}
TABLES = ("rule", "test", "beside")
KINDS: Mapping[str, type] = {"str": str, "int": int, "bool": bool, "date": date, "frozenset[str]": list, "Billing": str}
WORDS = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", date: "a date"}
SPOKEN = {field.name: KINDS.get(str(field.type), str) for field in fields(Line) if field.name not in ("id", "codes")}
"""What a test may say of its entry."""


def load(path: Path) -> Guideline:
    """The guideline of a file; ``Misused`` names every mistake."""
    try:
        return read(path.read_text("utf-8-sig"), path.name)
    except (OSError, UnicodeDecodeError) as unread:
        raise Misused(
            f"{path} cannot be read ({type(unread).__name__})", hint="see [guidelines] in the settings"
        ) from None


@cache
def standard() -> Guideline:
    """What is shipped: what most clients cut. Warnings only, since no client was asked."""
    return read(files("autotime.guidelines").joinpath("standard.toml").read_text("utf-8"), "standard.toml")


def read(text: str, name: str) -> Guideline:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise Misused(f"{name} is not valid TOML: {broken}", hint=f"edit {name}") from None
    problems = list(_problems(data))
    if problems:
        raise Misused("\n".join([f"{name}: {len(problems)} problems", *problems[:25]]), hint=f"edit {name}")
    return Guideline(
        id=data["id"],
        version=data["version"],
        title=data.get("title", data["id"]),
        clients=tuple(data.get("clients", ())),
        rules=tuple(_rule(one) for one in data.get("rule", ())),
        examples=tuple(
            _example({"client": next(iter(data.get("clients", ())), "")} | one) for one in data.get("test", ())
        ),
    )


def _rule(data: Mapping[str, Any]) -> Rule:
    own = {name: data[name] for name in RULE}
    return Rule(
        **own | {"severity": Severity(data["severity"])}, values={k: v for k, v in data.items() if k not in RULE}
    )


def _example(data: Mapping[str, Any]) -> Example:
    beside = tuple(_line(one) for one in data.get("beside", ()))
    return Example(line=_line(data), beside=beside, breaks=tuple(data.get("breaks", ())))


def _line(data: Mapping[str, Any]) -> Line:
    said = {name: value for name, value in data.items() if name in SPOKEN}
    return replace(Line(**said), billing=Billing(said.get("billing", Billing.BILLABLE)))


# --- mistakes --------------------------------------------------------------------------------------------


def _problems(data: Mapping[str, Any]) -> Iterator[str]:
    yield from _shape(data, TOP, "guideline", needed=("id", "version"))
    rules, tests = _tables(data, "rule"), _tables(data, "test")
    for number, rule in enumerate(rules, start=1):
        yield from _of_rule(rule, f"rule {number} «{rule.get('id', '')}»")
    names = [str(rule.get("id")) for rule in rules]
    yield from (f"rule «{name}»: there are two of that id" for name in {n for n in names if names.count(n) > 1})
    for number, test in enumerate(tests, start=1):
        yield from _of_test(test, f"test {number}", names)


def _of_rule(rule: Mapping[str, Any], where: str) -> Iterator[str]:
    kind = str(rule.get("kind", ""))
    if kind not in CHECKS:
        yield f"{where}: there is no kind «{kind}»; one of {', '.join(CHECKS)}"
        return
    yield from _shape(rule, {**RULE, **VALUES[kind]}, where, needed=(*RULE, *NEEDED.get(kind, ())))
    if rule.get("severity") not in tuple(Severity):
        yield f"{where}: severity is error or warning"
    if any(isinstance(value, int) and not isinstance(value, bool) and value < 0 for value in rule.values()):
        yield f"{where}: a number is below zero"
    if kind == "increment" and rule.get("minutes") == 0:
        yield f"{where}: nothing is a multiple of 0 minutes"


def _of_test(test: Mapping[str, Any], where: str, rules: Sequence[Any]) -> Iterator[str]:
    yield from _shape(test, {**SPOKEN, "breaks": list, "beside": list}, where, needed=("breaks",))
    for other in _tables(test, "beside"):
        yield from _shape(other, SPOKEN, f"{where}, beside", needed=())
    for entry in (test, *_tables(test, "beside")):
        if "billing" in entry and entry["billing"] not in tuple(Billing):
            yield f"{where}: billing is one of {', '.join(Billing)}"
    breaks = test.get("breaks", ())
    yield from (
        f"{where}: there is no rule «{name}»"
        for name in (breaks if isinstance(breaks, list) else ())
        if name not in rules
    )


def _shape(data: Mapping[str, Any], known: Mapping[str, type], where: str, needed: Sequence[str]) -> Iterator[str]:
    yield from (f"{where}: «{name}» is missing" for name in needed if name not in data)
    for name, value in data.items():
        if name not in known:
            yield f"{where}: there is no «{name}»; there are {', '.join(known)}"
        elif not isinstance(value, known[name]) or (known[name] is int and isinstance(value, bool)):
            yield f"{where}: «{name}» is " + (f"written [[{name}]]" if name in TABLES else WORDS[known[name]])
        elif isinstance(value, list):
            kind, said = (dict, f"tables: [[{name}]]") if name in TABLES else (str, "texts")
            yield from (f"{where}: «{name}» is a list of {said}" for one in value if not isinstance(one, kind))


def _tables(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = data.get(name, ())
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
