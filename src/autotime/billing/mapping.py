"""How the fields of a billing system are filled from an entry, and how a firm changes that.

::

    payload ──► source or constant ──► split/part ──► map ──► default ──► prefix ──► the system's field

Each system says how its fields are filled as a rule (``usual``); ``[billing.mapping.TARGET.FIELD]`` of the settings
changes single ones (``changed``). Fields are flat, values are texts, an empty text is no value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from dataclasses import fields as fields_of
from datetime import date
from typing import Any

from autotime.billing.payload import amount_of, canonical, hours_of, number, sha256, text
from autotime.domain.errors import Misused

ENTRY = (
    "entry", "revision", "day",
    "timekeeper", "timekeeper_last", "timekeeper_first", "timekeeper_email", "classification",
    "client", "client_name", "client_ledes_id",
    "matter", "matter_name", "client_matter_id", "code_set", "fee_type",
    "task_code", "activity_code", "narrative",
    "worked_seconds", "billed_minutes", "increment_minutes", "rounding",
    "billing", "travel", "late", "rate", "currency",
)  # fmt: skip
"""The fields of a payload."""

WORKED_OUT = ("hours", "amount", "timekeeper_name", "timekeeper_spoken", "day_mdy", "day_dmy")
"""What is worked out of them: billed hours (``1.5``), money (``375.00``; empty: no rate), ``Last, First``, ``First
Last``, and the day as ``MM/DD/YYYY`` and ``DD/MM/YYYY``."""

OF_FILE = ("batch", "line", "copy")
"""Where an entry stands in a file; empty for systems that are asked."""

SOURCES = ENTRY + WORKED_OUT + OF_FILE

SAYS = {
    "hours": ("billed_minutes",),
    "amount": ("rate",),
    "timekeeper_name": ("timekeeper",),
    "timekeeper_spoken": ("timekeeper",),
    "timekeeper_email": ("timekeeper",),
    "day_mdy": ("day",),
    "day_dmy": ("day",),
    "matter": ("client", "matter_name"),
    "client": ("client_name",),
    "client_name": ("client",),
    "worked_seconds": ("billed_minutes",),
}
"""What is told by telling another: whoever knows the matter knows its client."""

OWN = frozenset((
    "entry", "revision", "timekeeper_last", "timekeeper_first", "timekeeper_email", "classification",
    "client_ledes_id", "client_matter_id", "code_set", "worked_seconds", "increment_minutes", "rounding", "late",
))  # fmt: skip
"""What is kept here and no loss where a system is not told of it."""

PLAIN = {"billing": "billable", "travel": "0", "fee_type": "hourly", "currency": "USD"}
"""Values that say nothing beyond what every system assumes."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How one field is filled. ``source`` is one of ``SOURCES``; with neither source nor constant the field is there
    and empty. ``map`` puts values in the place of others, ``default`` stands where there is none or ``map`` has no
    word for it (without a default such a value stays), ``prefix`` comes before what is not empty."""

    source: str = ""
    constant: str | None = None
    map: Mapping[str, str] = field(default_factory=dict)
    default: str = ""
    prefix: str = ""
    split: str = ""
    part: int = 0

    def of(self, values: Mapping[str, str]) -> str:
        value = values.get(self.source, "") if self.constant is None else self.constant
        if self.split:
            parts = value.split(self.split)
            value = parts[self.part].strip() if self.part < len(parts) else ""
        value = self.map.get(value, (self.default or value) if self.map else value) or self.default
        return self.prefix + value if value else ""


def fields(
    payload: Mapping[str, object], usual: Mapping[str, Rule], changed: Mapping[str, Mapping[str, Any]], target: str = ""
) -> dict[str, str]:
    """Every field of the system, by its own names; empty where there is no value. ``Misused`` names the setting."""
    values = values_of(payload)
    return {name: rule.of(values) for name, rule in rules(usual, changed, target).items()}


def rules(usual: Mapping[str, Rule], changed: Mapping[str, Mapping[str, Any]], target: str = "") -> dict[str, Rule]:
    """The rules that hold. A change with a source or a constant stands alone, any other is laid over the usual rule."""
    held = dict(usual)
    for name, change in changed.items():
        where = f"[billing.mapping.{target or '…'}.{name}]"
        if name not in usual:
            raise Misused(f"{where}: there is no such field", hint=f"the fields are: {', '.join(usual)}")
        held[name] = _laid_over(usual[name], change, where)
    return held


def version_of(usual: Mapping[str, Rule], changed: Mapping[str, Mapping[str, Any]], target: str = "") -> str:
    """A short text that changes with the rules, and only with them."""
    held = {name: asdict(rule) for name, rule in rules(usual, changed, target).items()}
    return sha256(canonical(held))[:12]


def unmapped(
    payload: Mapping[str, object],
    usual: Mapping[str, Rule],
    changed: Mapping[str, Mapping[str, Any]],
    carried: Iterable[str] = (),
    target: str = "",
) -> tuple[str, ...]:
    """Fields of an entry that have something to say and reach no field of the system. ``carried`` are those the
    system is told otherwise, as numbers or by its own ids."""
    used = {rule.source for rule in rules(usual, changed, target).values() if rule.constant is None} | set(carried)
    told = used | {one for name in used for one in SAYS.get(name, ())}
    told |= {one for name in told for one in SAYS.get(name, ())}
    return tuple(name for name in ENTRY if name not in told | OWN and text(payload, name) not in ("", PLAIN.get(name)))


def values_of(payload: Mapping[str, object]) -> dict[str, str]:
    """All sources of one entry, as texts."""
    amount = amount_of(payload)
    told = {name: text(payload, name) for name in (*ENTRY, *OF_FILE)}
    last, first = told["timekeeper_last"], told["timekeeper_first"]
    return told | {
        "hours": number(hours_of(payload), 1),
        "amount": "" if amount is None else number(amount, 2),
        "timekeeper_name": ", ".join(name for name in (last, first) if name),
        "timekeeper_spoken": " ".join(name for name in (first, last) if name),
        "day_mdy": _day(told["day"], "%m/%d/%Y"),
        "day_dmy": _day(told["day"], "%d/%m/%Y"),
    }


def _day(iso: str, shape: str) -> str:
    return date.fromisoformat(iso).strftime(shape) if iso else ""


NAMES = tuple(one.name for one in fields_of(Rule))
NOTHING: tuple[Any, ...] = ("", None, {}, 0)
"""What a setting holds that was not given; an empty constant is one, and empties the field."""


def _laid_over(usual: Rule, change: Mapping[str, Any], where: str) -> Rule:
    if unknown := sorted(change.keys() - set(NAMES)):
        raise Misused(f"{where}: no setting «{unknown[0]}»", hint=f"a rule has: {', '.join(NAMES)}")
    given = {name: it for name, it in change.items() if it not in NOTHING or (name == "constant" and it == "")}
    rule = replace(Rule() if given.keys() & {"source", "constant"} else usual, **given)
    if wrong := _wrong(rule, given):
        sourceless = rule.constant is None and rule.source not in SOURCES
        raise Misused(
            f"{where}: {wrong}", hint=f"an entry has: {', '.join(SOURCES)}" if sourceless else f"correct {where}"
        )
    return rule


def _wrong(rule: Rule, given: Mapping[str, Any]) -> str:
    if rule.source and rule.source not in SOURCES:
        return f"an entry has no field «{rule.source}»"
    if rule.source and rule.constant is not None:
        return "both «from» and «constant» are given, and only one can hold"
    if rule.constant is not None and given.keys() & {"map", "split", "part", "default"}:
        return "a constant is the same for every entry: «map», «split», «part» and «default» have nothing to do"
    if rule.part and not rule.split:
        return "«part» is given without «split»"
    if rule.part < 0:
        return "«part» counts from 0"
    if given and not rule.source and rule.constant is None and given.keys() - {"default"}:
        return "neither «from» nor «constant» is given"
    return ""
