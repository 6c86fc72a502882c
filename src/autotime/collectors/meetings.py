"""One meeting as evidence, whichever calendar it stands in."""

from __future__ import annotations

from dataclasses import dataclass

from autotime.domain.evidence import Evidence, Fact, Kind, Participant
from autotime.domain.spans import Span
from autotime.domain.untrusted import NOTHING
from autotime.intake import untrusted

PEOPLE_CAP = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """What a calendar says of one occurrence.

    ``uid`` is the iCalendar UID of the event or series, ``occurrence`` names one of a series by the UTC
    second it was first planned for (nothing for an event that does not recur). ``response`` is the
    timekeeper's own: organizer, accepted, tentative, declined or none; ``busy`` is free, tentative, busy
    or oof. ``attended`` are stretches the service recorded.
    """

    uid: str
    occurrence: str = ""
    start: int
    end: int
    response: str
    busy: str = "busy"
    all_day: bool = False
    private: bool = False
    zone_assumed: bool = False
    subject: str = ""
    body: str = ""
    place: str = ""
    people: tuple[Participant, ...] = ()
    attended: tuple[Span, ...] = ()


def evidence_of(meeting: Meeting, account: str, source: str, key: str = "") -> Evidence:
    """The meeting as evidence; of a private one only the busy span is kept.

    Where attendance was recorded it takes the place of the plan.
    """
    private, held = meeting.private, _held(meeting)
    return Evidence(
        account=account,
        source=source,
        key=key or f"{meeting.uid}/{meeting.occurrence}",
        kind=Kind.MEETING,
        at=held.start,
        own=bool(meeting.attended) or meeting.response not in ("declined", "none"),
        span=held,
        identity=f"ical:{meeting.uid}:{meeting.occurrence}",
        thread=f"ical:{meeting.uid}",
        subject=NOTHING if private else untrusted(meeting.subject, 500),
        body=NOTHING if private else untrusted(meeting.body, 5000, lines=True),
        place=NOTHING if private else untrusted(meeting.place, 200),
        people=() if private else meeting.people[:PEOPLE_CAP],
        facts=_facts(meeting),
    )


def _held(meeting: Meeting) -> Span:
    if not meeting.attended:
        return Span(meeting.start, meeting.end)
    return Span(min(stay.start for stay in meeting.attended), max(stay.end for stay in meeting.attended))


def _facts(meeting: Meeting) -> dict[str, Fact]:
    facts: dict[str, Fact] = {"busy": meeting.busy, "response": meeting.response}
    flags = {"all_day": meeting.all_day, "private": meeting.private, "zone_assumed": meeting.zone_assumed}
    facts |= {name: True for name, holds in flags.items() if holds}
    if meeting.attended:
        facts["attended"] = " ".join(f"{span.start}-{span.end}" for span in meeting.attended)
    return facts
