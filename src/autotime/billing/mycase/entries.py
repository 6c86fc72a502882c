"""One time entry as MyCase writes it, both ways.

``activity_name`` and ``description`` are filled by rules a firm may change; the rest is told in MyCase's own types.
A ``no_charge`` entry is billable at a rate of 0: it stays on the bill and costs nothing. A ``non_billable`` one keeps
its rate and has ``billable`` false.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from autotime.billing import utbms
from autotime.billing.mapping import Rule, fields, rules, unmapped
from autotime.billing.mycase.asking import NAME, Record, id_of
from autotime.billing.payload import hours_of, number, rate_of, refused_time, text
from autotime.billing.values import flag_of, number_of, second_of, text_of
from autotime.domain.books import Thing
from autotime.domain.delivery import Remote
from autotime.domain.doors import Keys, Payload
from autotime.domain.work import Billing
from autotime.intake import clean

LONGEST = 40_000
"""Characters of a description that are compared."""

CARRIED = ("day", "billed_minutes", "rate", "billing", "matter", "timekeeper")
"""What MyCase is told in its own types and by its own ids."""

USUAL = {
    "activity_name": Rule(
        source="activity_code",
        map={code.code: code.title for code in utbms.load() if code.code_set == "activity"},
    ),
    "description": Rule(source="narrative"),
}

Changed = Mapping[str, Mapping[str, Any]]
Told = Mapping[str, str | int]


def told(payload: Payload, keys: Keys, changed: Changed) -> dict[str, str | int]:
    """Flat, by MyCase's field names; numbers as they are written. Empty ids: not known."""
    rate = rate_of(payload)
    return {
        **fields(payload, USUAL, changed, NAME),
        "entry_date": text(payload, "day"),
        "hours": number(hours_of(payload), 1),
        "rate": "0.00" if _is_free(payload) else "" if rate is None else number(rate, 2),
        "billable": "false" if text(payload, "billing") == Billing.NON_BILLABLE else "true",
        "flat_fee": "false",
        "case.id": keys.remote(Thing.MATTER, text(payload, "matter")),
        "staff.id": keys.remote(Thing.TIMEKEEPER, text(payload, "timekeeper")),
    }


@dataclass(frozen=True, slots=True)
class Names:
    """The rule of ``activity_name`` read backwards: which code a name stands for. ``field`` is the code it is made of
    (empty: of none), ``codes`` those of names that only one code has."""

    field: str
    codes: Mapping[str, str]

    def code(self, field: str, name: str) -> str:
        return self.codes.get(name, "") if field == self.field else ""


def names_of(changed: Changed) -> Names:
    rule = rules(USUAL, changed, NAME)["activity_name"]
    if rule.constant is not None or rule.source not in ("task_code", "activity_code"):
        return Names("", {})
    known = dict.fromkeys([*rule.map, *(code.code for code in utbms.load())])
    named = [(rule.of({rule.source: code}), code) for code in known]
    often = Counter(name for name, _ in named)
    return Names(rule.source, {name: code for name, code in named if often[name] == 1})


def dropped(payload: Payload, changed: Changed) -> tuple[str, ...]:
    """UTBMS codes have no field. One that can be told from the activity's name is there all the same; the other is
    lost. At no charge the rate is, because it is told as 0."""
    lost = unmapped(payload, USUAL, changed, CARRIED, NAME)
    names, name = names_of(changed), fields(payload, USUAL, changed, NAME)["activity_name"]
    if (code := text(payload, names.field)) and names.code(names.field, name) != code and code not in name:
        lost = (*lost, names.field)
    return (*lost, "rate") if _is_free(payload) and rate_of(payload) else lost


def body_of(say: Told) -> Record:
    """The request, in MyCase's types: the numbers are written as numbers here and nowhere else."""
    return {
        "activity_name": say["activity_name"],
        "description": say["description"],
        "entry_date": say["entry_date"],
        "hours": float(say["hours"]),
        "rate": float(say["rate"]),
        "billable": say["billable"] == "true",
        "flat_fee": say["flat_fee"] == "true",
        "case": {"id": int(say["case.id"])},
        "staff": {"id": int(say["staff.id"])},
    }


def refusal(payload: Payload, say: Told) -> str:
    """Why this payload cannot go, with the command that mends it; nothing where it can."""
    who, matter = text(payload, "timekeeper"), text(payload, "matter")
    if not _is_id(say["staff.id"]):
        return f"MyCase's staff id of {who} is not known: autotime books pull {NAME}"
    if not _is_id(say["case.id"]):
        return f"MyCase's case id of matter {matter} is not known: autotime books pull {NAME}"
    if reason := refused_time(payload):
        return reason
    if not say["rate"]:
        return (
            f"MyCase takes no entry without a rate, and none is set for {who} on matter {matter}: set it in MyCase "
            f"(case or staff) and autotime books pull {NAME}, or give the timekeeper a rate in the settings"
        )
    if Decimal(str(say["rate"])) < 0:
        return f"the rate of {who} on matter {matter} is negative: correct it in the books"
    if not say["activity_name"]:
        return (
            "MyCase takes no entry without an activity, and this one has no activity code: autotime undo it and choose "
            f"one, or set a default under [billing.mapping.{NAME}.activity_name]"
        )
    return ""


def remote_of(record: Any, names: Names) -> Remote:
    """``ValueError`` where it has no id. Hours, a rate or a day that cannot be read are unknown, and equal to none.
    Of a flat fee no rate per hour is known: whether ``rate`` is its whole amount is not published."""
    if not (identity := id_of(record)):
        raise ValueError("no time entry")
    rate = None if flag_of(record.get("flat_fee")) else number_of(record.get("rate"))
    hours = number_of(record.get("hours"))
    return Remote(
        id=identity,
        timekeeper=id_of(record.get("staff")),
        matter=id_of(record.get("case")),
        day=_day(record.get("entry_date")),
        seconds=None if hours is None else int((hours * 3600).to_integral_value()),
        narrative=clean(str(record.get("description") or ""), LONGEST, lines=True),
        task_code=names.code("task_code", text_of(record, "activity_name")),
        activity_code=names.code("activity_code", text_of(record, "activity_name")),
        rate=rate,
        billing=billing_of(flag_of(record.get("billable")) is not False, rate),
        billed=bool(record.get("invoices")),
        version=text_of(record, "updated_at", 60),
        created_at=second_of(record.get("created_at")),
    )


def billing_of(billable: bool, rate: Decimal | None) -> Billing:
    if not billable:
        return Billing.NON_BILLABLE
    return Billing.NO_CHARGE if rate == 0 else Billing.BILLABLE


def is_same(payload: Payload, say: Told, remote: Remote) -> bool:
    """Staff, case, day, time, words, and money: an hour at another rate is not what was sent. Hours come back with
    an unknown precision, so they are compared to the second."""
    rate = number_of(say["rate"])
    return (
        (remote.timekeeper, remote.matter) == (say["staff.id"], say["case.id"])
        and remote.day.isoformat() == say["entry_date"]
        and remote.seconds == int(payload["billed_minutes"]) * 60
        and remote.narrative.split() == clean(str(say["description"]), LONGEST, lines=True).split()
        and (remote.rate == rate or remote.rate is None)
        and (remote.billing is billing_of(say["billable"] == "true", rate) or remote.rate is None)
    )


def _is_free(payload: Payload) -> bool:
    return text(payload, "billing") == Billing.NO_CHARGE


def _is_id(value: str | int) -> bool:
    return str(value).isascii() and str(value).isdigit()


def _day(value: Any) -> date:
    """No day that anybody works on where it cannot be read."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return date.min
