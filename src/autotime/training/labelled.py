"""Labelled mail from a file: one JSON object a line, plain or gzipped.

``id, date, from, to, cc, subject, body, label``; ``bcc, x_from, x_to, x_cc`` (display names) if there.
The label is the answer and never a feature: what is made of an item knows nothing of it.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autotime.classifiers import quoting
from autotime.domain.errors import Misused
from autotime.domain.evidence import Evidence, Kind, Participant, Role
from autotime.domain.untrusted import NOTHING, Untrusted
from autotime.intake import address, clean, untrusted
from autotime.timeline.duplicates import bare_subject

NEEDED = ("id", "date", "label")
HEADERS = (
    ("from", "x_from", Role.FROM),
    ("to", "x_to", Role.TO),
    ("cc", "x_cc", Role.CC),
    ("bcc", "", Role.BCC),
)
PEOPLE_CAP = 100


@dataclass(frozen=True, slots=True)
class Labelled:
    """One item and its answer."""

    item: Evidence
    label: str


def read(path: Path) -> list[Labelled]:
    """The items in order of time. ``Misused`` names the line that is none."""
    try:
        found = [_labelled(record, number) for number, record in _records(path)]
    except (OSError, EOFError) as unreadable:
        raise Misused(
            f"{path} cannot be read: {unreadable}", hint="one JSON object a line, .jsonl or .jsonl.gz"
        ) from None
    if not found:
        raise Misused(f"{path} holds no items")
    return sorted(found, key=lambda one: (one.item.at, one.item.key))


def without_body(items: list[Labelled]) -> list[Labelled]:
    """The same items as a source that is read for its headers only would give them."""
    return [Labelled(replace(one.item, body=NOTHING, quoted=NOTHING), one.label) for one in items]


def _records(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield number, _record(line, number)


def _record(line: str, number: int) -> Mapping[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise Misused(f"line {number} is not JSON") from None
    missing = [name for name in NEEDED if not isinstance(record, dict) or not str(record.get(name) or "").strip()]
    if missing:
        raise Misused(f"line {number} has no {', '.join(missing)}")
    return dict(record)


def _labelled(record: Mapping[str, Any], number: int) -> Labelled:
    new, quoted = quoting.split(clean(_text(record, "body"), 400_000, lines=True))
    subject = clean(_text(record, "subject"), 1000)
    item = Evidence(
        account="labelled",
        source="labelled",
        key=_text(record, "id"),
        kind=Kind.MESSAGE,
        at=_instant(_text(record, "date"), number),
        own=False,
        thread=f"subject:{bare_subject(subject)}" if subject else "",
        subject=Untrusted(subject),
        body=Untrusted(new[:20_000]),
        quoted=Untrusted(quoted[:10_000]),
        people=_people(record),
        facts={"words_new": len(new.split()), "words_quoted": len(quoted.split())},
    )
    return Labelled(item, _text(record, "label"))


def _text(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name) or ""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _instant(text: str, number: int) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Misused(f"line {number}: «{clean(text, 40)}» is no date like 2001-11-27T09:30:00-06:00") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _people(record: Mapping[str, Any]) -> tuple[Participant, ...]:
    found: list[Participant] = []
    for name, shown, role in HEADERS:
        mails = [address(part) for part in _text(record, name).split(",")]
        names = _names(_text(record, shown)) if shown else []
        for place, mail in enumerate(mails):
            if mail:
                said = names[place] if len(names) == len(mails) else ""
                found.append(Participant(role, mail, untrusted(said, 200)))
    return tuple(found[:PEOPLE_CAP])


def _names(text: str) -> list[str]:
    """Display names as exported: «Last, First <…>, Last, First <…>» or plain names by comma."""
    parts = text.split(">,") if ">," in text else [text] if "<" in text else text.split(",")
    return [part.partition("<")[0].strip(" \"'") for part in parts]
