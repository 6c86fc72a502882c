"""The main job on the example firm: its files, its office, everything collected and suggested."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from autotime import settings as settings_file
from autotime.domain.work import Suggestion
from autotime.example import firm
from autotime.example.write import BOOKS, PEOPLE, write_firm
from autotime.office import Office, found_office, open_office
from autotime.operations.founding import config_text
from autotime.pipeline import Progress, collect, import_books, learn_from_folders, silent, suggest
from autotime.timeline.days import local_date

SHOWN = "MOK"
"""Whose day is shown: the associate's."""


@dataclass(frozen=True, slots=True)
class Demo:
    """An open office, the day to look at, and what to say about it."""

    office: Office
    day: date
    summary: str


def prepare(folder: Path | None, seed: int, now: int, progress: Progress = silent) -> Demo:
    """Makes the firm and runs the main job on it; in a folder made before, goes on with what is there."""
    root = (folder or Path(tempfile.mkdtemp(prefix="autotime-demo-"))).absolute()
    home = root / "home"
    config = home / "config.toml"
    known = config.exists()
    office = open_office(settings_file.load(config, home), SHOWN, now) if known else _founded(root, config, seed, now)
    collected = collect(office, progress)
    learn_from_folders(office)
    drafted = suggest(office, progress=progress)
    day = _busiest(drafted) or max(office.store.suggestions.days())
    found = sum(report.new for report in collected)
    who = f"{office.timekeeper.first} {office.timekeeper.last}"
    summary = (
        f"{firm.FIRM} (fictional), in {root}\n"
        f"{found:,} pieces of evidence collected for {who}, {len(drafted)} days drafted; shown: {day}"
    )
    return Demo(office, day, summary)


def _founded(root: Path, config: Path, seed: int, now: int) -> Office:
    yesterday = local_date(now, firm.ZONE) - timedelta(days=1)
    write_firm(root / "files", yesterday, seed)
    data = _settings(root)
    office, _ = found_office(config, data, config_text(data), SHOWN, now, at=config.parent)
    import_books(office, root / "files" / BOOKS, root / "files" / PEOPLE)
    return office


def _settings(root: Path) -> dict[str, Any]:
    """The demo makes its own key, in a file beside its store: everything in it is invented."""
    return {
        "timekeepers": [_timekeeper(staff) for staff in firm.STAFF],
        "store": {"key": "file", "key_file": str(root / "home" / "{timekeeper}.key")},
        "firm": {"name": firm.FIRM, "tax_id": firm.TAX_ID, "address": firm.ADDRESS} | firm.PLACE,
        "sources": [source for staff in firm.STAFF for source in _sources(root / "files" / staff.id, staff.id)],
    }


def _timekeeper(staff: firm.Staff) -> dict[str, Any]:
    return {
        "id": staff.id,
        "last": staff.person.last,
        "first": staff.person.first,
        "emails": [staff.person.mail],
        "classification": staff.classification,
        "rate": str(staff.rate),
        "zone": firm.ZONE,
    }


MAIL = {"MOK": "mbox", "HLQ": "maildir", "PST": "eml"}


def _sources(files: Path, timekeeper: str) -> list[dict[str, Any]]:
    kind, mail = MAIL[timekeeper], str(files / "mail")
    where: Mapping[str, Any] = {"paths": [mail]} if kind == "mbox" else {"path": mail}
    return [
        {"account": "mail", "type": kind, "timekeeper": timekeeper, **where},
        {"account": "calendar", "type": "ics", "timekeeper": timekeeper, "paths": [str(files / "calendar")]},
        {"account": "documents", "type": "documents", "timekeeper": timekeeper, "paths": [str(files / "documents")]},
    ]


def _busiest(drafted: Mapping[date, list[Suggestion]]) -> date | None:
    """Of the last five days with time on them, the one with most."""
    seconds = {day: sum(item.seconds for item in items) for day, items in drafted.items()}
    recent = sorted(day for day, worked in seconds.items() if worked)[-5:]
    return max(recent, key=lambda day: seconds[day], default=None)
