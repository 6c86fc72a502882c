"""The checks a rule may name: each a function of one line and those beside it.

``beside`` are the other lines of the same timekeeper and day, and those of the same task and matter where a
cap is over more than a day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autotime.guidelines.rules import Line
from autotime.guidelines.tasks import TRAVEL, tasks, verb_of

Check = Callable[[Line, Mapping[str, Any], Sequence[Line]], str | None]
"""What is wrong, as the words that are meant (perhaps none: ``""``); ``None`` where nothing is."""

SUBJECT = re.compile(
    r"\b(?:re|regarding|concerning|about|as to|on|relating to|in connection with|to (?:discuss|review|prepare|plan))"
    r"\b[:\s]",
    re.IGNORECASE,
)
TALKING = frozenset(
    ["call", "communicate", "confer", "conference", "consult", "correspond", "discuss", "email", "exchange", "meet",
     "phone", "telephone"]
)  # fmt: skip
TALK = re.compile(
    r"^(?:(?:various|several|multiple)\s+)?"
    r"(?:correspondence|(?:tele|telephone )?conferences?|e-?mails?|calls?|meetings?|t/c|o/c)\b",
    re.IGNORECASE,
)


def block_billing(line: Line, values: Mapping[str, Any], _beside: Sequence[Line]) -> str | None:
    """``over_minutes``: entries no longer than this may tell of several tasks."""
    told = tasks(line.narrative)
    several = len(told) > 1 or line.parts > 1
    return " / ".join(told[1:]) if several and line.minutes > int(values.get("over_minutes", 0)) else None


def words(line: Line, values: Mapping[str, Any], _beside: Sequence[Line]) -> str | None:
    """``words`` are phrases that may not stand there, ``first`` verbs that may not begin it; ``classifications`` and
    ``activities`` narrow it to some timekeepers or activity codes, ``longest`` to narratives of so few words."""
    if not _is_meant(line, values):
        return None
    if len(line.narrative.split()) > int(values.get("longest", len(line.narrative))):
        return None
    verb = verb_of(line.narrative)
    if verb in values.get("first", ()):
        return verb
    phrases = "|".join(re.escape(phrase) for phrase in values.get("words", ()))
    found = re.search(rf"\b(?:{phrases})\b", line.narrative, re.IGNORECASE) if phrases else None
    return found[0] if found else None


def activities(line: Line, values: Mapping[str, Any], _beside: Sequence[Line]) -> str | None:
    """``codes`` are activity codes that are not paid."""
    return line.activity_code if _is_meant(line, values) and line.activity_code in values.get("codes", ()) else None


def subject(line: Line, _values: Mapping[str, Any], _beside: Sequence[Line]) -> str | None:
    """Who talked or wrote, and about nothing that is told."""
    talks = verb_of(line.narrative) in TALKING or bool(TALK.match(line.narrative))
    return line.narrative if talks and not SUBJECT.search(line.narrative) else None


def minimum(line: Line, values: Mapping[str, Any], _beside: Sequence[Line]) -> str | None:
    """``words`` and ``characters`` a narrative has at least."""
    short = len(line.narrative.split()) < int(values.get("words", 0))
    return line.narrative if short or len(line.narrative) < int(values.get("characters", 0)) else None


def increment(line: Line, values: Mapping[str, Any], _beside: Sequence[Line]) -> str | None:
    """``minutes`` of which an entry is a multiple."""
    return "" if line.minutes % int(values["minutes"]) else None


def cap_entry(line: Line, values: Mapping[str, Any], _beside: Sequence[Line]) -> str | None:
    """``minutes`` one entry has at most; ``tasks`` or ``activities`` name the codes it is about, ``words`` phrases."""
    about = not values.get("words") or words(line, {"words": values["words"]}, ()) is not None
    return "" if about and _is_meant(line, values) and line.minutes > int(values["minutes"]) else None


def cap_day(line: Line, values: Mapping[str, Any], beside: Sequence[Line]) -> str | None:
    """``minutes`` of a timekeeper's day, over all matters; the client's only where ``client`` is true."""
    same = [other for other in beside if other.day == line.day and other.timekeeper == line.timekeeper]
    counted = [other for other in same if not values.get("client") or other.client == line.client]
    return "" if line.minutes + sum(other.minutes for other in counted) > int(values["minutes"]) else None


def cap_task(line: Line, values: Mapping[str, Any], beside: Sequence[Line]) -> str | None:
    """``minutes`` of one task code of a matter, over all that is beside it."""
    if line.task_code not in values.get("tasks", (line.task_code,)) or not line.task_code:
        return None
    same = [other for other in beside if (other.matter, other.task_code) == (line.matter, line.task_code)]
    return line.task_code if line.minutes + sum(other.minutes for other in same) > int(values["minutes"]) else None


def late(line: Line, values: Mapping[str, Any], _beside: Sequence[Line]) -> str | None:
    """``days`` from the work to its recording."""
    return "" if line.days_late > int(values["days"]) else None


def attendance(line: Line, values: Mapping[str, Any], _beside: Sequence[Line]) -> str | None:
    """``timekeepers`` of the firm who may attend one thing."""
    return "" if line.colleagues + 1 > int(values["timekeepers"]) else None


def travel(line: Line, values: Mapping[str, Any], _beside: Sequence[Line]) -> str | None:
    """Travel stands alone and is marked as travel; ``barred``: it is not paid at all."""
    told = tasks(line.narrative)
    verbs = {verb_of(task) for task in told}
    if (
        not verbs & TRAVEL
        and not line.travel
        and not re.search(r"\btravel(?:l?ing)?(?: time)?\b", line.narrative, re.I)
    ):
        return None
    return "travel" if values.get("barred") or len(told) > 1 or not line.travel else None


def codes(line: Line, values: Mapping[str, Any], _beside: Sequence[Line]) -> str | None:
    """``task`` and ``activity``: whether a code must stand there. A task code is one of the matter's set."""
    missing = (values.get("task") and not line.task_code) or (values.get("activity") and not line.activity_code)
    strange = bool(line.task_code) and bool(line.codes) and line.task_code not in line.codes
    return line.task_code if missing or strange else None


CHECKS: Mapping[str, Check] = {
    "activities": activities,
    "attendance": attendance,
    "block_billing": block_billing,
    "cap_day": cap_day,
    "cap_entry": cap_entry,
    "cap_task": cap_task,
    "codes": codes,
    "increment": increment,
    "late": late,
    "minimum": minimum,
    "subject": subject,
    "travel": travel,
    "words": words,
}

VALUES: Mapping[str, Mapping[str, type]] = {
    "activities": {"codes": list, "classifications": list},
    "attendance": {"timekeepers": int},
    "block_billing": {"over_minutes": int},
    "cap_day": {"minutes": int, "client": bool},
    "cap_entry": {"minutes": int, "tasks": list, "activities": list, "classifications": list, "words": list},
    "cap_task": {"minutes": int, "tasks": list},
    "codes": {"task": bool, "activity": bool},
    "increment": {"minutes": int},
    "late": {"days": int},
    "minimum": {"words": int, "characters": int},
    "subject": {},
    "travel": {"barred": bool},
    "words": {"words": list, "first": list, "classifications": list, "activities": list, "longest": int},
}
"""What may be set in a rule of each kind."""

NEEDED: Mapping[str, tuple[str, ...]] = {
    "activities": ("codes",),
    "attendance": ("timekeepers",),
    "cap_day": ("minutes",),
    "cap_entry": ("minutes",),
    "cap_task": ("minutes",),
    "increment": ("minutes",),
    "late": ("days",),
}


def _is_meant(line: Line, values: Mapping[str, Any]) -> bool:
    """Whether a rule that is narrowed to some is about this line."""
    narrowed = (
        (values.get("classifications"), line.classification),
        (values.get("activities"), line.activity_code),
        (values.get("tasks"), line.task_code),
    )
    return all(not only or value in only for only, value in narrowed)
