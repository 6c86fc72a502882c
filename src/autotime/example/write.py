"""The whole firm into a folder: what the collectors read, what the books say, and the truth beside it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from autotime.example import calendars, documents, mail
from autotime.example.calendars import Event
from autotime.example.days import Worked, worked
from autotime.example.firm import CASES, STAFF, ZONE, Case

BOOKS, PEOPLE, TRUTH, LABELLED = "books.csv", "timekeepers.csv", "truth.jsonl", "labelled.jsonl"
WRITERS = {"MOK": mail.write_mbox, "HLQ": mail.write_maildir, "PST": mail.write_eml}


def write_firm(folder: Path, last: date, seed: int) -> dict[str, Worked]:
    """Files under ``folder/ID`` for each timekeeper, ``books.csv`` and ``timekeepers.csv`` beside them.

    ``truth.jsonl`` says for each item which matter it was, and ``labelled.jsonl`` holds the mail for
    ``autotime evaluate``; no collector reads either.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_rows(folder / BOOKS, (_matter_row(case) for case in CASES))
    _write_rows(folder / PEOPLE, (_person_row(place) for place in range(len(STAFF))))
    return {staff.id: _write_one(folder / staff.id, place, last, seed) for place, staff in enumerate(STAFF)}


def _write_one(folder: Path, place: int, last: date, seed: int) -> Worked:
    staff = STAFF[place]
    colleagues = [other.person for other in STAFF if other is not staff]
    told = worked(staff, colleagues, last, seed)
    meetings = calendars.events(told, seed)
    WRITERS[staff.id](told.letters, folder / "mail")
    calendars.write(meetings, told, folder / "calendar" / "calendar.ics")
    documents.write(told.drafts, staff, folder / "documents")
    _write_lines(folder / TRUTH, _truth(told, meetings))
    _write_lines(folder / LABELLED, _labelled(told))
    return told


def _matter_row(case: Case) -> dict[str, str]:
    return {
        "matter": case.number,
        "name": case.name,
        "client": case.client,
        "client_name": case.client_name,
        "client_matter_id": f"{case.client}-{case.number[-4:]}",
        "practice": case.practice,
        "code_set": case.code_set,
        "parties": ";".join(name for name in (case.client_name, case.party) if name),
        "contacts": ";".join((case.contact.mail, case.across.mail)),
        "domains": case.contact.mail.partition("@")[2],
        "aliases": case.alias,
        "dockets": case.docket,
    }


def _person_row(place: int) -> dict[str, str]:
    staff = STAFF[place]
    return {
        "id": staff.id,
        "last": staff.person.last,
        "first": staff.person.first,
        "emails": staff.person.mail,
        "classification": staff.classification,
        "rate": str(staff.rate),
        "zone": ZONE,
    }


def _truth(told: Worked, meetings: Iterable[Event]) -> Iterable[dict[str, str]]:
    for letter in told.letters:
        yield {"kind": "message", "key": letter.key, "matter": letter.matter}
    for event in meetings:
        yield {"kind": "meeting", "key": event.uid, "matter": event.matter}
    for draft in told.drafts:
        yield {"kind": "document", "key": f"{draft.folder}/{draft.name}", "matter": draft.matter}


def _labelled(told: Worked) -> Iterable[dict[str, str]]:
    for letter in sorted(told.letters, key=lambda one: (one.at, one.key)):
        yield {
            "id": letter.key,
            "date": letter.at.isoformat(),
            "from": letter.sender.mail,
            "to": ", ".join(one.mail for one in letter.to),
            "cc": "",
            "subject": letter.subject,
            "body": letter.text,
            "label": letter.matter,
        }


def _write_rows(path: Path, rows: Iterable[dict[str, str]]) -> None:
    listed = list(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        sheet = csv.DictWriter(file, listed[0])
        sheet.writeheader()
        sheet.writerows(listed)


def _write_lines(path: Path, records: Iterable[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(one, sort_keys=True) + "\n" for one in records), encoding="utf-8")
