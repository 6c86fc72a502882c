"""A session of work on one file in the cloud, as evidence: from the first save to the last."""

from __future__ import annotations

from dataclasses import dataclass

from autotime.domain.evidence import Evidence, Fact, Kind, Participant, Role
from autotime.domain.people import Timekeeper
from autotime.domain.spans import Span
from autotime.intake import clean, untrusted

PAUSE = 20 * 60
"""Seconds without a save after which work on a file has paused."""


@dataclass(frozen=True, slots=True)
class Session:
    """From the first save to the last, UTC seconds, and how many there were."""

    start: int
    end: int
    saves: int


def key_of(file: str, start: int) -> str:
    """The file's id at its service, and the first save: a session that grows keeps its name."""
    return clean(f"edit/{file}@{start}", 200)


def evidence_of(
    session: Session, *, account: str, source: str, file: str, name: str, title: str, timekeeper: Timekeeper
) -> Evidence:
    """A document that was worked on. A save alone has no stretch. ``file`` is its id, ``name`` what it is called."""
    facts: dict[str, Fact] = {"file": clean(name, 200)}
    if session.saves:
        facts["saves"] = session.saves
    return Evidence(
        account=account,
        source=source,
        key=key_of(file, session.start),
        kind=Kind.DOCUMENT,
        at=session.start,
        own=True,
        span=Span(session.start, session.end) if session.end > session.start else None,
        thread=f"file:{clean(file, 200)}",
        subject=untrusted(title.replace("_", " "), 200),
        people=tuple(Participant(Role.AUTHOR, mail) for mail in timekeeper.emails[:1]),
        facts=facts,
    )
