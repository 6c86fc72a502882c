"""The indexes of the tables. Migrations make them, and a test compares; nothing else imports this:
to name a condition for a server loads that server's dialect.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, Table, text
from sqlmodel import SQLModel

from autotime.store.drawer import table_of
from autotime.store.tables import BilledRow, CurrentRow, DecisionRow, EntryRow, ExampleRow, SubmissionRow, SuggestionRow

STRETCH = "until > at"
"""Evidence with a recorded stretch of time: few, so that what reaches into a day is found among few."""

LIVE = "copy = false AND state NOT IN ('refused', 'cancelled')"
"""Submissions that bill: one at most for an entry, and the database itself holds it so."""

DECLARED = SQLModel.metadata
"""All tables with their indexes."""


def _index(name: str, table: Table, *columns: str, unique: bool = False, where: str = "") -> None:
    held = [table.c.timekeeper, *(table.c[column] for column in columns)]
    condition: dict[str, Any] = {"sqlite_where": text(where), "postgresql_where": text(where)} if where else {}
    Index(name, *held, unique=unique, **condition)


_index("ix_current_at", table_of(CurrentRow), "at")
_index("ix_current_until", table_of(CurrentRow), "until", where=STRETCH)
_index("ix_suggestion_day", table_of(SuggestionRow), "day", "status")
_index("ix_decision_day", table_of(DecisionRow), "day")
_index("ix_entry_day", table_of(EntryRow), "day")
_index("ix_entry_decision", table_of(EntryRow), "decision")
_index("ix_submission_state", table_of(SubmissionRow), "state")
_index("ux_submission_target", table_of(SubmissionRow), "entry", "entry_revision", "target", unique=True)
_index("ux_submission_live", table_of(SubmissionRow), "entry", "entry_revision", unique=True, where=LIVE)
_index("ix_example_decision", table_of(ExampleRow), "decision")
_index("ix_billed_day", table_of(BilledRow), "day")
