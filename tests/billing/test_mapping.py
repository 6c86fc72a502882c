"""Field rules: what a system is told, what a firm changes of it, and what gets lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.billing.mapping import (
    ENTRY,
    PLAIN,
    SOURCES,
    WORKED_OUT,
    Rule,
    fields,
    rules,
    unmapped,
    values_of,
    version_of,
)
from autotime.billing.payload import Payload, payload_of
from autotime.domain.errors import Misused
from autotime.settings import FieldRule

from .firm import BOOKS, TIMEKEEPER, entry

USUAL = {
    "note": Rule("narrative"),
    "matter": Rule("matter"),
    "who": Rule("timekeeper"),
    "day": Rule("day"),
    "hours": Rule("hours"),
    "category": Rule(),
}
Change = dict[str, dict[str, Any]]


def payload(**changes: str | int) -> Payload:
    return payload_of(entry(5), BOOKS, TIMEKEEPER) | changes


def changed(**rule: Any) -> Change:
    return {"category": FieldRule.model_validate(rule).model_dump()}


def test_an_entrys_fields_are_all_there_are() -> None:
    """The rules know every field a payload has, and no other."""
    assert set(ENTRY) == set(payload())
    assert set(values_of(payload())) == set(SOURCES)


def test_what_is_worked_out_is_said_as_people_write_it() -> None:
    """Hours, money, a name, and days the American and the other way round."""
    values = values_of(payload())
    told = {name: values[name] for name in WORKED_OUT}
    assert told == {
        "hours": "0.5",
        "amount": "225.00",
        "timekeeper_name": "Okafor, Ada",
        "timekeeper_spoken": "Ada Okafor",
        "day_mdy": "03/06/2026",
        "day_dmy": "06/03/2026",
    }


def test_without_changes_a_system_is_told_as_usual() -> None:
    """A field with neither source nor constant is there, and empty."""
    told = fields(payload(), USUAL, {})
    assert told == {
        "note": "Draft responses to request for production no. 5",
        "matter": "2026-001",
        "who": "AOK",
        "day": "2026-03-06",
        "hours": "0.5",
        "category": "",
    }


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"from": "activity_code"}, "A103"),
        ({"constant": "Legal services"}, "Legal services"),
        ({"constant": "services", "prefix": "Legal "}, "Legal services"),
        ({"from": "matter", "split": "-", "part": 1}, "001"),
        ({"from": "matter", "split": "-"}, "2026"),
        ({"from": "matter", "split": "-", "part": 7}, ""),
        ({"from": "matter", "split": "-", "part": 7, "default": "none"}, "none"),
        ({"from": "activity_code", "map": {"A103": "Draft"}}, "Draft"),
        ({"from": "activity_code", "map": {"A104": "Review"}}, "A103"),
        ({"from": "activity_code", "map": {"A104": "Review"}, "default": "Other"}, "Other"),
        ({"from": "matter", "split": "-", "part": 1, "map": {"001": "one"}, "prefix": "no. "}, "no. one"),
        ({"from": "late", "prefix": "late: "}, ""),
        ({"from": "late", "default": "in time", "prefix": "entered "}, "entered in time"),
        ({"default": "Legal services"}, "Legal services"),
    ],
)
def test_a_rule_is_followed_in_its_order(rule: dict[str, Any], told: str) -> None:
    """Source or constant, part, map, default, prefix; nothing before what is empty."""
    assert fields(payload(), USUAL, changed(**rule))["category"] == told


def test_a_change_is_laid_over_the_usual_rule_and_a_source_replaces_it() -> None:
    """A prefix alone keeps where the value comes from; another source takes nothing over."""
    usual = {"who": Rule("timekeeper", map={"AOK": "17"}, prefix="user ")}
    assert fields(payload(), usual, {"who": {"prefix": "u"}}) == {"who": "u17"}
    assert fields(payload(), usual, {"who": {"source": "timekeeper_last"}}) == {"who": "Okafor"}
    assert fields(payload(), usual, {"who": {"constant": ""}}) == {"who": ""}


@pytest.mark.parametrize(
    ("rule", "says", "advice"),
    [
        ({"from": "mater"}, "no field «mater»", "task_code"),
        ({"from": "matter", "constant": "x"}, "only one can hold", "correct"),
        ({"constant": "x", "map": {"x": "y"}}, "same for every entry", "correct"),
        ({"constant": "x", "split": "-"}, "same for every entry", "correct"),
        ({"from": "matter", "part": 1}, "without «split»", "correct"),
        ({"prefix": "x"}, "neither «from» nor «constant»", "task_code"),
    ],
)
def test_a_rule_that_cannot_hold_is_told_by_its_setting(rule: dict[str, Any], says: str, advice: str) -> None:
    """With the fields an entry has, where one of them is missed."""
    with pytest.raises(Misused, match=says) as told:
        fields(payload(), USUAL, changed(**rule), "sheet")
    assert str(told.value).startswith("[billing.mapping.sheet.category]: ")
    assert advice in told.value.hint


def test_a_field_the_system_does_not_have_is_told_with_those_it_has() -> None:
    """A rule for it would be lost without a word."""
    with pytest.raises(Misused, match=r"\[billing\.mapping\.sheet\.nots\]") as told:
        rules(USUAL, {"nots": {"source": "narrative"}}, "sheet")
    assert told.value.hint == "the fields are: note, matter, who, day, hours, category"
    with pytest.raises(Misused, match="no setting «form»"):
        rules(USUAL, {"note": {"form": "narrative"}}, "sheet")


def test_the_version_changes_with_the_rules_and_only_with_them() -> None:
    """What is told to billing is told by a version that can be looked up."""
    assert version_of(USUAL, {}) == version_of(dict(USUAL), {"note": FieldRule.model_validate({}).model_dump()})
    others = [{"constant": "a"}, {"constant": "b"}, {"from": "matter"}, {"from": "matter", "map": {"a": "b"}}]
    assert len({version_of(USUAL, changed(**rule)) for rule in others} | {version_of(USUAL, {})}) == 5


def test_what_reaches_no_field_is_named() -> None:
    """Codes and a rate; the client is known by the matter, and what is kept here anyhow is no loss."""
    assert unmapped(payload(), USUAL, {}) == ("task_code", "activity_code", "rate")
    assert unmapped(payload(), USUAL, changed(**{"from": "activity_code"}), ("rate",)) == ("task_code",)
    special = payload(travel=1, billing="no_charge", fee_type="flat", currency="EUR", rate="")
    assert set(unmapped(special, USUAL, {}, ("task_code", "activity_code"))) == set(PLAIN)


def test_a_constant_in_its_place_loses_the_narrative() -> None:
    """That a field is filled does not mean that the entry's word is in it."""
    assert "narrative" in unmapped(payload(), USUAL, {"note": {"constant": "Legal services"}})


@given(st.dictionaries(st.sampled_from(sorted(set(ENTRY) - {"day", "rate", "billed_minutes"})), st.text(max_size=30)))
def test_any_text_of_an_entry_arrives_as_it_is(changes: dict[str, str]) -> None:
    """A rule with a source alone alters nothing, and every field has one text."""
    usual = {name: Rule(name) for name in ENTRY}
    told = fields(payload() | changes, usual, {})
    assert told == {name: str(value) for name, value in (payload() | changes).items()}
