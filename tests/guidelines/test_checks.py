"""The checks, one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from autotime.domain.work import Billing
from autotime.guidelines import Guideline, Line, Rule, Severity, check
from autotime.guidelines.checks import CHECKS, VALUES

DAY = date(2026, 3, 2)
LINE = Line(
    id="e1", day=DAY, timekeeper="AOK", classification="PARTNR", client="NORTH", matter="2026-001", task_code="L310",
    activity_code="A103", codes=frozenset(["L310", "L320"]), narrative="Draft answer to amended complaint", minutes=60,
)  # fmt: skip


def breaks(kind: str, line: Line = LINE, beside: tuple[Line, ...] = (), **values: Any) -> bool:
    return CHECKS[kind](line, values, beside) is not None


def guideline(*rules: Rule, clients: tuple[str, ...] = ()) -> Guideline:
    return Guideline(id="northwind", version="1", title="Northwind", clients=clients, rules=rules)


def rule(name: str, kind: str, severity: Severity = Severity.WARNING, **values: Any) -> Rule:
    return Rule(id=name, kind=kind, severity=severity, text="Not so.", fix="But so.", values=values)


@pytest.mark.parametrize(
    ("kind", "values", "good", "bad"),
    [
        ("activities", {"codes": ["A110"]}, {}, {"activity_code": "A110"}),
        ("attendance", {"timekeepers": 2}, {"colleagues": 1}, {"colleagues": 2}),
        ("block_billing", {"over_minutes": 30}, {"narrative": "Draft reply; review order", "minutes": 30},
         {"narrative": "Draft reply; review order", "minutes": 36}),
        ("cap_entry", {"minutes": 120, "tasks": ["L310"]}, {"minutes": 120}, {"minutes": 121}),
        ("cap_entry", {"minutes": 60, "words": ["letter"]}, {"minutes": 90},
         {"minutes": 90, "narrative": "Draft letter to opposing counsel"}),
        ("codes", {"task": True, "activity": True}, {}, {"task_code": ""}),
        ("codes", {}, {"task_code": ""}, {"task_code": "P100"}),
        ("increment", {"minutes": 6}, {"minutes": 66}, {"minutes": 65}),
        ("late", {"days": 30}, {"days_late": 30}, {"days_late": 31}),
        ("minimum", {"characters": 10}, {}, {"narrative": "Draft"}),
        ("minimum", {"words": 3}, {}, {"narrative": "Draft answer"}),
        ("subject", {}, {"narrative": "Call with client re: answer"}, {"narrative": "Call with client"}),
        ("subject", {}, {"narrative": "Meet with client to discuss answer"}, {"narrative": "Various e-mails"}),
        ("travel", {}, {"narrative": "Travel to deposition", "travel": True}, {"narrative": "Travel to deposition"}),
        ("travel", {"barred": True}, {}, {"narrative": "Travel to deposition", "travel": True}),
        ("words", {"words": ["attention to"]}, {}, {"narrative": "Attention to the file"}),
        ("words", {"first": ["supervise"]}, {}, {"narrative": "Supervised document review"}),
        ("words", {"words": ["file"], "longest": 4}, {"narrative": "Draft motion to open sealed file"},
         {"narrative": "Open the client file"}),
    ],
)  # fmt: skip
def test_what_a_rule_forbids_it_finds_and_nothing_else(
    kind: str, values: Mapping[str, Any], good: Mapping[str, Any], bad: Mapping[str, Any]
) -> None:
    assert not breaks(kind, replace(LINE, **good), **values)
    assert breaks(kind, replace(LINE, **bad), **values)


def test_a_day_is_capped_over_all_matters_or_over_a_clients() -> None:
    beside = (replace(LINE, id="e2", client="SOLO", minutes=300), replace(LINE, id="e3", minutes=300))
    assert breaks("cap_day", beside=beside, minutes=600)
    assert not breaks("cap_day", beside=beside, minutes=600, client=True)
    assert not breaks("cap_day", beside=tuple(replace(one, timekeeper="BLN") for one in beside), minutes=600)
    assert not breaks("cap_day", beside=tuple(replace(one, day=date(2026, 3, 3)) for one in beside), minutes=600)


def test_a_task_is_capped_over_its_entries() -> None:
    beside = (replace(LINE, id="e2", minutes=100),)
    assert breaks("cap_task", beside=beside, minutes=150)
    assert not breaks("cap_task", beside=beside, minutes=160)
    assert not breaks("cap_task", beside=beside, minutes=150, tasks=["L320"])
    assert not breaks("cap_task", beside=(replace(beside[0], matter="2026-002"),), minutes=150)


def test_a_rule_may_be_about_some_timekeepers_only() -> None:
    line = replace(LINE, narrative="Scan exhibits")
    assert breaks("words", line, first=["scan"], classifications=["PARTNR"])
    assert not breaks("words", line, first=["scan"], classifications=["PARALG"])


def test_joined_entries_are_block_bills_whatever_they_say() -> None:
    assert breaks("block_billing", replace(LINE, parts=2))


def test_errors_come_first_and_say_rule_and_remedy() -> None:
    line = replace(LINE, narrative="Attention to file", days_late=40)
    rules = (rule("late", "late", days=30), rule("vague", "words", Severity.ERROR, words=["attention to"]))
    found = check(line, [guideline(*rules)])
    assert [(one.rule, one.severity.value, one.text, one.fix) for one in found] == [
        ("vague", "error", "Not so.", "But so."),
        ("late", "warning", "Not so.", "But so."),
    ]
    assert "Attention" not in repr(found)


def test_a_clients_rules_hold_for_that_client() -> None:
    strict = guideline(rule("late", "late", days=0), clients=("NORTH",))
    late = replace(LINE, days_late=1)
    assert check(late, [strict])
    assert not check(replace(late, client="SOLO"), [strict])


def test_time_that_is_not_billed_has_no_reviewer() -> None:
    line = replace(LINE, billing=Billing.NON_BILLABLE, days_late=99)
    assert not check(line, [guideline(rule("late", "late", days=0))])


def test_every_check_says_what_may_be_set() -> None:
    assert CHECKS.keys() == VALUES.keys()
