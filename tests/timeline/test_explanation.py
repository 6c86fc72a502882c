"""The page that explains how time is counted is right: its numbers, its rules and its examples."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from autotime.classifiers import durations
from autotime.domain.evidence import Evidence
from autotime.domain.policy import Policy
from autotime.domain.work import Suggestion
from autotime.drafting import draft_day
from autotime.timeline import duplicates, support
from autotime.timeline.days import clock, instant_at
from tests.timeline.drafted import DAY, day_of
from tests.timeline.seen import TIMEKEEPER, call, document, meeting, received, sent

PAGE = (Path(__file__).parents[2] / "docs" / "explanation" / "how-time-is-counted.md").read_text("utf-8")
EXAMPLES = re.findall(r"```example\n(.*?)```", PAGE, re.S)
CHOICES = {"rounding", "one_entry_per_matter_day"}
"""Rules with names; the page tells them in words."""


def test_every_number_on_the_page_is_the_one_in_the_code() -> None:
    told = {name: (int(value), where) for name, value, where in re.findall(r"\| `(\w+)` \| (\d+) \| (\w+) \|", PAGE)}
    homes = {"Policy": Policy(), "support": support, "duplicates": duplicates}
    assert told == {name: (getattr(homes[where], name), where) for name, (_, where) in told.items()}
    assert {field.name for field in fields(Policy)} - CHOICES <= set(told)
    assert all(f"`{name}`" in PAGE for name in CHOICES - {"rounding"})


def test_the_shares_on_the_page_are_those_of_the_code() -> None:
    told = re.findall(r"\| (\w+) \| (\d+) % \| (\d+) % \| (\d+) % \|", PAGE)
    assert {kind: tuple(map(int, shares)) for kind, *shares in told} == durations.SHARES


def test_every_rule_of_the_code_is_told() -> None:
    source = Path(support.__file__).read_text("utf-8")
    rules = set(re.findall(r'_nothing\(item, "([a-z ]+)"', source)) | {
        "writing",
        "edit",
        "save",
        "session",
        "meeting",
        "attended",
        "call",
        "not own",
    }
    table = PAGE.partition("## 2.")[2].partition("## 3.")[0]
    assert rules == set(re.findall(r"^\| `([a-z ]+)` \|", table, re.M))


def seen(line: str) -> tuple[Evidence, str]:
    """``09:05 sent answer thread=lease words=100``: a piece, and its matter."""
    when, kind, key, *more = line.split()
    said: dict[str, str] = dict(pair.partition("=")[::2] for pair in more)
    at = instant_at(DAY, when, TIMEKEEPER.zone)
    minutes, matter = int(said.pop("minutes", "0")) * 60, said.pop("matter", "100-1")
    facts: dict[str, Any] = {name: True for name, value in list(said.items()) if not value and not said.pop(name)}
    words, edit = int(said.pop("words", "0")), int(said.pop("edit", "0"))
    made = {
        "sent": lambda: sent(key, at, words=words, facts=facts, **said),
        "received": lambda: received(key, at, facts=facts, **said),
        "meeting": lambda: meeting(key, at, minutes, facts, **said),
        "call": lambda: call(key, at, minutes, **said),
        "document": lambda: document(key, at, edit, facts, **said),
    }[kind]()
    return made, matter


def told(one: Suggestion, names: dict[str, str]) -> str:
    behind = " ".join(names[item] for item in sorted(one.evidence_ids, key=list(names).index))
    if not one.spans:
        return f"offer  {behind}"
    first, last = clock(one.spans[0].start, TIMEKEEPER.zone), clock(one.spans[-1].end, TIMEKEEPER.zone)
    return f"{first}-{last}  {one.seconds} s  {one.billed_minutes} min  {behind}"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split()[2])
def test_the_examples_are_drafted_as_the_page_says(example: str) -> None:
    above, below = re.split(r"-{20,}\n", example)
    pieces = [seen(line) for line in above.splitlines()]
    names = {item.id: item.key for item, _ in pieces}
    drafts = draft_day(day_of([item for item, _ in pieces], {item.key: matter for item, matter in pieces}))
    assert [told(one, names) for one in drafts] == below.splitlines()


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 5
