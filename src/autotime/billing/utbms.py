"""UTBMS task, activity and expense codes, as the public lists agree on them.

``utbms.csv`` holds ``code, title, set``. Left out for doubt: activity codes above A111 (their
numbering differs between lists) and expense codes above E124; ``ledes check`` accepts both.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files

from autotime.domain.books import Code

TASK_SETS = ("litigation", "project", "counseling", "bankruptcy", "ediscovery", "patent", "trademark")
"""The sets a matter may name as its ``code_set``."""


@lru_cache(maxsize=1)
def load() -> tuple[Code, ...]:
    """All codes, set by set."""
    text = files("autotime.billing").joinpath("utbms.csv").read_text(encoding="utf-8")
    return tuple(Code(row["code"], row["title"], row["set"]) for row in csv.DictReader(text.splitlines()))


@lru_cache(maxsize=1)
def task_codes() -> frozenset[str]:
    return frozenset(code.code for code in load() if code.code_set in TASK_SETS)
