"""Collect, suggest, decide, push: the whole story on one page.

::

    sources ─ collect ─► evidence ─ suggest ─► suggestions ─ decide ─► entries ─ push ─► billing
                             ▲ books, filed mail ┘   ▲ lessons ┘

Each step reads what the one before it left in the store and writes its own result in transactions
that leave the store whole, so that a run killed anywhere is finished by the next one. Time is an
argument: ``Office.now`` is the only clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date

from autotime.domain.delivery import Delivery
from autotime.domain.progress import Progress, silent
from autotime.log import open_log
from autotime.office import Office, open_office
from autotime.operations import zones
from autotime.operations.lock import one_run
from autotime.settings import Settings
from autotime.steps.books import PulledBooks, books_source, check_books, pull_books
from autotime.steps.collecting import Collected, collect, feature_key, retry_quarantined
from autotime.steps.deciding import billed_on, day_state, decide
from autotime.steps.delivering import export, push
from autotime.steps.everyone import Outcome, for_each
from autotime.steps.history import (
    HistoryRead,
    forget_history,
    history_source,
    import_history,
    import_invoices,
    import_sheet,
)
from autotime.steps.merging import Merged, merge_clients, undo_merge
from autotime.steps.reviewing import DeskBackend, day_view
from autotime.steps.settling import LookedInto, audited, look_into, settle, unsettled, void
from autotime.steps.stale import mark_all_stale, stale_days
from autotime.steps.suggesting import memory_of, suggest
from autotime.steps.teaching import FoldersLearned, import_books, learn_from_folders, look_at_books

__all__ = [
    "Collected",
    "Delivery",
    "DeskBackend",
    "FoldersLearned",
    "HistoryRead",
    "LookedInto",
    "Merged",
    "Office",
    "Outcome",
    "Progress",
    "PulledBooks",
    "Ran",
    "alone",
    "audited",
    "billed_on",
    "books_source",
    "check_books",
    "collect",
    "day_state",
    "day_view",
    "decide",
    "export",
    "feature_key",
    "forget_history",
    "history_source",
    "import_books",
    "import_history",
    "import_invoices",
    "import_sheet",
    "learn_from_folders",
    "look_at_books",
    "look_into",
    "mark_all_stale",
    "memory_of",
    "merge_clients",
    "open_office",
    "pull_books",
    "push",
    "retry_quarantined",
    "run",
    "run_everyone",
    "settle",
    "silent",
    "stale_days",
    "suggest",
    "undo_merge",
    "unsettled",
    "void",
]


@contextmanager
def alone(office: Office) -> Iterator[None]:
    """Collecting, drafting and delivering are done by one run at a time."""
    with one_run(office.lock, office.now):
        yield


@dataclass(frozen=True, slots=True)
class Ran:
    """What the nightly job did. ``zone_rules``: the release of the rules that made days of instants."""

    collected: list[Collected]
    days: list[date]
    suggestions: int
    billing: list[LookedInto] = field(default_factory=list)
    zone_rules: str = field(default_factory=zones.version)

    def told(self) -> dict[str, object]:
        return {
            "collected": [asdict(report) for report in self.collected],
            "days": [day.isoformat() for day in self.days],
            "suggestions": self.suggestions,
            "billing": [looked.told() for looked in self.billing],
            "zone_rules": self.zone_rules,
        }


def run_everyone(settings: Settings, now: int, at_once: int = 4, progress: Progress = silent) -> list[Outcome[Ran]]:
    """``run`` for every timekeeper of the settings, each in an own office, a few at once."""
    people = [person.id for person in settings.timekeepers]
    return for_each(settings, people, now, run, at_once=at_once, progress=progress)


def run(office: Office, progress: Progress = silent) -> Ran:
    """The nightly job: look into what billing has, collect everything, draft what changed, and write down how it
    went. Nothing is sent."""
    log = open_log(office.settings.home / "logs" / "autotime.log")
    number = office.store.runs.start("run", office.now)
    log.info("run began", run=number, timekeeper=office.timekeeper.id)
    looked = look_into(office)
    collected = collect(office, progress)
    drafted = suggest(office, progress=progress)
    ran = Ran(collected, sorted(drafted), sum(len(items) for items in drafted.values()), looked)
    office.store.runs.finish(number, office.now, ran.told())
    for report in collected:
        log.info("collected", run=number, outcome="incomplete" if report.trouble else "done", **asdict(report))
    for billing in looked:
        log.info("looked into billing", run=number, target=billing.target, changed=billing.changed)
    log.info("run done", run=number, days=len(ran.days), suggestions=ran.suggestions)
    return ran
