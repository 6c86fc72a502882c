"""How many tasks a narrative tells of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.guidelines.tasks import tasks, verb_of


@pytest.mark.parametrize(
    "narrative",
    [
        "Draft motion to compel responses to second requests for production",
        "Review and revise lease",
        "Drafting and revising answer to amended complaint",
        "Prepare for and attend hearing on motion to dismiss",
        "Meet and confer with opposing counsel regarding search terms",
        "Read, analyze and summarize deposition transcript of Dr. Lund",
        "Telephone conference with R. Ortiz re: deposition schedule and draft protective order",
        "Draft letter to counsel about depositions, document production and interrogatories",
        "Prepare witness outline and interview notes for hearing",
        "Revise agreement (draft schedules, review exhibits) for closing",
    ],
)
def test_one_task_is_one(narrative: str) -> None:
    assert len(tasks(narrative)) == 1


@pytest.mark.parametrize(
    ("narrative", "count"),
    [
        ("Research privilege, draft motion to seal, call with client", 3),
        ("Review production documents; draft letter to counsel", 2),
        ("Travel to courthouse and argue motion in limine", 2),
        ("Interviewed witnesses and drafted declarations", 2),
        ("Revise lease. Call with J. Ortiz re: closing", 2),
        ("Analyzed complaint & researched standing", 2),
    ],
)
def test_several_tasks_are_counted(narrative: str, count: int) -> None:
    assert len(tasks(narrative)) == count


@pytest.mark.parametrize(
    ("told", "verb"),
    [
        ("Drafted order", "draft"),
        ("Reviewing exhibits", "review"),
        ("Conferred with client", "confer"),
        ("Studied statute", "study"),
        ("E-mails with counsel", "email"),
        ("Continued to draft brief", "draft"),
        ("Complaint and answer", ""),
        ("", ""),
        ("[name] (client)", ""),
    ],
)
def test_a_verb_is_known_in_all_its_forms(told: str, verb: str) -> None:
    assert verb_of(told) == verb


@given(st.text(max_size=300))
def test_any_text_has_some_number_of_tasks(narrative: str) -> None:
    told = tasks(narrative)
    assert all(told)
    assert len(told) <= len(narrative.split()) + len(narrative)
