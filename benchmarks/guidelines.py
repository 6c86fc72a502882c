"""How many of the lines a real client cut the shipped guideline finds, and how many it left alone it would cut.

113 lines of one firm to one client, with what the client cut and why. The rules are those of ``standard.toml``;
who wrote them had seen these lines, so the figures are a description, not a forecast.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autotime.guidelines import Line, check, standard

RULES: Mapping[str, tuple[str, ...]] = {
    "Inadequate Descriptions": ("vague", "strategy", "no-subject", "too-short"),
    "Block Billing": ("block-billing",),
    "Travel Time": ("travel",),
    "Non-Billable Overhead Fees\\Routine File Review": ("administrative", "clerical"),
    "Office Conferences": ("internal-conference",),
}
"""Which rules are about a reason."""

NOT_IN_THE_TEXT: Mapping[str, str] = {
    "Multiple Staffing": "who else was there stands in the other bills; an attendance limit needs the meeting's people",
    "Reasonableness of Time\\Communications": "a judgment of hours against a task; a cap per task comes near",
    "Non-Billable Overhead Fees\\Other": "how far the travel went is not told",
    "Office Conferences": "the line that was cut names no conference",
}
"""Reasons that no rule on text alone can find, and why."""


def measure(quick: bool) -> dict[str, Any]:  # noqa: ARG001 - it takes no time
    shared = Path(os.environ.get("AUTOTIME_SHARED_DATA") or Path(__file__).parents[2] / "shared" / "data")
    lines = [json.loads(row) for row in (shared / "time_entries" / "client4_sheet1.jsonl").open()]
    found = [_found(line) for line in lines]
    reasons = [line["adjustment_reason"] or "" for line in lines]
    return {
        "lines": len(lines),
        "cut": sum(map(bool, reasons)),
        "by_reason": {reason: _scores(reason, rules, reasons, found) for reason, rules in RULES.items()},
        "any_rule": _any(reasons, found),
        "not_in_the_text": {why: NOT_IN_THE_TEXT[why] for why in sorted(set(reasons) & NOT_IN_THE_TEXT.keys())},
        "rules_written_with_these_lines_known": True,
    }


def _found(line: Mapping[str, Any]) -> set[str]:
    minutes = round(float(line["hours"]) * 60)
    asked = Line(narrative=line["narrative"], minutes=minutes, classification=line["classification"])
    return {one.rule for one in check(asked, [standard()])}


def _scores(reason: str, rules: tuple[str, ...], reasons: list[str], found: list[set[str]]) -> dict[str, Any]:
    """Recall over the lines cut for this reason; precision twice: a find counts as right if the line was cut for this
    very reason, or for any."""
    hits = [bool(rules_found & set(rules)) for rules_found in found]
    right = sum(hit and said == reason for hit, said in zip(hits, reasons, strict=True))
    cut = sum(hit and bool(said) for hit, said in zip(hits, reasons, strict=True))
    return {
        "lines": reasons.count(reason),
        "found": right,
        "flagged": sum(hits),
        "recall": round(right / max(reasons.count(reason), 1), 3),
        "precision": round(right / sum(hits), 3) if any(hits) else None,
        "precision_any_reason": round(cut / sum(hits), 3) if any(hits) else None,
    }


def _any(reasons: list[str], found: list[set[str]]) -> dict[str, Any]:
    both = sum(bool(rules) and bool(said) for rules, said in zip(found, reasons, strict=True))
    return {
        "flagged": sum(map(bool, found)),
        "recall": round(both / sum(map(bool, reasons)), 3),
        "precision": round(both / sum(map(bool, found)), 3),
    }
