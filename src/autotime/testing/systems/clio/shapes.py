"""Which fields each kind of record has, and what ``fields=`` selects of them.

Without it an answer holds ``id`` and ``etag`` only. One level of braces may be asked for; what lies deeper comes
with its default fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from autotime.testing.systems.clio.refusals import No

Record = dict[str, Any]
Fields = Mapping[str, tuple[str, ...]]
"""By name, the inner names asked for; empty: the default fields."""

DEFAULT = ("id", "etag")
STAMPS = "created_at updated_at"


@dataclass(frozen=True, slots=True)
class Shape:
    """``flat`` names, and by name the kind of what is ``nested``: one record, a list of them, or nothing."""

    flat: frozenset[str]
    nested: Mapping[str, str] = field(default_factory=dict)
    default: tuple[str, ...] = DEFAULT


def _shape(flat: str, default: tuple[str, ...] = DEFAULT, **nested: str) -> Shape:
    return Shape(frozenset(f"{flat} {STAMPS}".split()), nested, default)


SHAPES = {
    "user": _shape(
        "id etag name first_name last_name email enabled initials phone_number rate subscription_type roles time_zone "
        "account_owner clio_connect"
    ),
    "contact": _shape(
        "id etag name first_name last_name type is_client primary_email_address secondary_email_address "
        "primary_phone_number secondary_phone_number ledes_client_id"
    ),
    "matter": _shape(
        "id etag number display_number custom_number description status client_reference billable billing_method "
        "open_date close_date pending_date last_activity_date",
        client="contact",
        practice_area="practice_area",
        responsible_attorney="user",
        custom_rate="custom_rate",
    ),
    "practice_area": _shape("id etag name"),
    "custom_rate": _shape("type on_invoice", ("type",), rates="rate"),
    "rate": _shape("id etag rate award note date", ("id", "etag", "rate", "user"), user="rate_user"),
    "rate_user": _shape("id etag name enabled", ("id", "etag", "name", "enabled")),
    "category": _shape(
        "id etag name default visible_to_co_counsel type category_type accessible_to_user utbms_activity_id "
        "utbms_task_id utbms_task_name",
        utbms_task="code",
        utbms_activity="code",
        rate="category_rate",
    ),
    "category_rate": _shape("amount non_billable_amount type hierarchy", ("type",)),
    "code": _shape("id etag code name description type utbms_set_id"),
    "set": _shape("id etag name enabled"),
    "bill": _shape("id etag number state"),
    "activity": _shape(
        "id etag type date quantity quantity_in_hours rounded_quantity rounded_quantity_in_hours quantity_redacted "
        "price note flat_rate billed on_bill total contingency_fee reference non_billable non_billable_total "
        "no_charge tax_setting",
        matter="matter",
        user="user",
        activity_description="category",
        bill="bill",
    ),
    "billing_setting": _shape("id etag rounding use_decimal_rounding rounded_duration use_utbms_codes currency"),
}


@lru_cache(maxsize=256)
def asked_fields(kind: str, text: str) -> Fields:
    """What ``fields=`` asks for, checked against the kind. ``No`` 400 for a name that is none."""
    if not text:
        return dict.fromkeys(SHAPES[kind].default, ())
    asked: dict[str, tuple[str, ...]] = {}
    for part in _parts(text):
        name, _, inner = part.partition("{")
        asked[name] = tuple(inner.removesuffix("}").split(",")) if inner else ()
        _known(kind, name, asked[name])
    return asked


def _parts(text: str) -> list[str]:
    """The names of one level, each with its braces."""
    if not re.fullmatch(r"\w+(\{\w+(,\w+)*\})?(,\w+(\{\w+(,\w+)*\})?)*", text):
        raise No(400, "fields: malformed, or more than one level of braces")
    return re.findall(r"\w+(?:\{[^}]*\})?", text)


def _known(kind: str, name: str, inner: Iterable[str]) -> None:
    shape = SHAPES[kind]
    within = SHAPES[shape.nested[name]] if name in shape.nested else Shape(frozenset())
    if name not in shape.flat | shape.nested.keys():
        raise No(400, f"fields: {name} is not a valid field")
    for one in inner:
        if one not in within.flat | within.nested.keys():
            raise No(400, f"fields: {name}{{{one}}} is not a valid field")


def selected(kind: str, record: Record | None, fields: Fields) -> Record | None:
    """A record as it is answered: ``nested`` records carry their own, already joined."""
    if record is None:
        return None
    shape = SHAPES[kind]
    return {
        name: _nested(shape.nested[name], record.get(name), inner) if name in shape.nested else record.get(name)
        for name, inner in fields.items()
    }


def _nested(kind: str, value: Any, inner: tuple[str, ...]) -> Any:
    wanted: Fields = dict.fromkeys(inner or SHAPES[kind].default, ())
    if isinstance(value, list):
        return [selected(kind, one, wanted) for one in value]
    return selected(kind, value, wanted)
