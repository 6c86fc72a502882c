"""One day of an invented attorney in a real store: meetings, mail and a document, drafted for the desk.

The rankings are stated, not learned, so that a day looks the same whatever the matcher becomes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from autotime.billing import utbms
from autotime.domain.evidence import Evidence, Kind, Participant, Role
from autotime.domain.matching import NO_MATTER, Candidate, Ranking
from autotime.domain.spans import Span
from autotime.domain.untrusted import Untrusted
from autotime.office import Office
from autotime.review.view import DayView
from autotime.settings import Settings
from autotime.steps.reviewing import DeskBackend, day_view
from autotime.steps.suggesting import around, draft
from autotime.timeline.days import instant_at
from tests.billing.firm import CLIENTS, HEADER, MATTERS, TIMEKEEPER, open_store

DAY = date(2026, 3, 10)
NEXT_DAY = date(2026, 3, 11)
ZONE = TIMEKEEPER.zone
ADDRESS = "ada.okafor@firm.example"
SURE, MAYBE = 0.98, 0.4


def at(text: str, day: date = DAY) -> int:
    return instant_at(day, text, ZONE)


def people(*names: str, mine: Role = Role.FROM, theirs: Role = Role.TO) -> tuple[Participant, ...]:
    others = (Participant(theirs, f"{n.split()[-1].lower()}@example.com", Untrusted(n)) for n in names)
    return (Participant(mine, ADDRESS, Untrusted("Ada Okafor")), *others)


def meeting(key: str, start: str, end: str, subject: str, day: date = DAY) -> Evidence:
    span = Span(at(start, day), at(end, day))
    who = people("Jonas Harrow", mine=Role.ATTENDEE, theirs=Role.ORGANIZER)
    facts: dict[str, Any] = {"response": "accepted", "busy": "busy"}
    return _evidence(key, Kind.MEETING, span.start, subject, own=True, span=span, people=who, facts=facts)


def mail(
    key: str, when: str, subject: str, *, own: bool = True, words: int = 120, who: str = "Bea Lindqvist"
) -> Evidence:
    roles = people(who) if own else people(who, mine=Role.TO, theirs=Role.FROM)
    return _evidence(key, Kind.MESSAGE, at(when), subject, own=own, people=roles, facts={"words_new": words})


def _evidence(key: str, kind: Kind, when: int, subject: str, **given: Any) -> Evidence:
    return Evidence(account="a", source="s", key=key, kind=kind, at=when, subject=Untrusted(subject), **given)


def usual() -> list[tuple[Evidence, str, float]]:
    """Evidence, its likeliest matter, and how likely that is."""
    return [
        (meeting("prep", "09:00", "10:00", "Deposition preparation"), "2026-001", SURE),
        (mail("lease", "10:30", "Loading dock clause"), "2026-002", SURE),
        (mail("licence", "11:10", "Royalty schedule", who="Pia Solo"), "2026-003", MAYBE),
        (mail("read", "12:05", "Exhibit list", own=False), "2026-001", SURE),
        (meeting("call", "15:00", "15:30", "Call on discovery"), "2026-001", SURE),
        (meeting("later", "09:00", "09:30", "Lease signing", NEXT_DAY), "2026-002", SURE),
    ]


def ranking(item: Evidence, matter: str, probability: float) -> Ranking:
    candidates = (
        Candidate(matter, probability, reasons=("this sender, 17 of 18 times",)),
        Candidate("2026-002" if matter != "2026-002" else "2026-001", (1 - probability) / 2),
        Candidate(NO_MATTER, (1 - probability) / 2),
    )
    ordered = tuple(sorted(candidates, key=lambda candidate: -candidate.probability))
    return Ranking(item.id, ordered, confident=probability == SURE, model="stated")


@contextmanager
def office(folder: Path, told: list[tuple[Evidence, str, float]] | None = None) -> Iterator[Office]:
    """The firm's store in a folder, with the evidence drafted; made at the first call, opened later."""
    fresh = not (folder / "store.db").exists()
    with open_store(folder, create=fresh) as store:
        facts = {"name": HEADER["firm_name"], "tax_id": HEADER["tax_id"], "address": HEADER["address"]}
        person = {
            "id": "AOK",
            "last": "Okafor",
            "first": "Ada",
            "emails": [ADDRESS],
            "classification": "PARTNR",
            "rate": "450",
            "zone": ZONE,
        }
        settings = Settings(home=folder, timekeepers=[person], firm=facts)  # type: ignore[arg-type, list-item]
        here = Office(store, settings, settings.timekeeper(), at("23:00", NEXT_DAY))
        if fresh:
            store.books.upsert(clients=CLIENTS, matters=MATTERS, codes=utbms.load())
            store.books.upsert_timekeepers([TIMEKEEPER])
            seen(here, usual() if told is None else told)
        yield here


def seen(here: Office, told: list[tuple[Evidence, str, float]]) -> None:
    """Puts evidence into the store and drafts both days."""
    here.store.evidence.put([item for item, _, _ in told], here.now)
    here.store.rankings.put([ranking(*one) for one in told])
    for day in (DAY, NEXT_DAY):
        draft(here, day, around(here, day))


def view(folder: Path) -> DayView:
    with office(folder) as here:
        return day_view(here, DAY)


def backend(here: Office) -> DeskBackend:
    return DeskBackend(here)
