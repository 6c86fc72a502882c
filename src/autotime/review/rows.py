"""The day as rows: what waits, what was approved, what was put away. Pure; all text is safe to show."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from autotime.domain.delivery import DeliveryState
from autotime.domain.entries import TimeEntry
from autotime.domain.errors import AutotimeError
from autotime.domain.evidence import Evidence
from autotime.domain.matching import NO_MATTER, NOT_BILLABLE, Candidate
from autotime.domain.work import Billing, Status, Suggestion
from autotime.intake import for_screen
from autotime.review import words
from autotime.review.acts import Edits
from autotime.review.view import DayView, would_be
from autotime.timeline.days import clock

WORTH_ASKING = 1 / 3
"""Below this a likeliest matter is noise: naming one would mislead."""

LATER = 1 << 62
"""Sorts after every instant: time without a place in the day."""


class Standing(StrEnum):
    """Where a row stands, in the word that is shown."""

    REVIEW = "to review"
    OFFER = "read?"
    ASIDE = "put aside"
    CHANGED = "changed"
    DECIDING = "deciding"
    APPROVED = "approved"
    DELIVERED = "delivered"
    TROUBLED = "see detail"
    DISMISSED = "dismissed"


OPEN = (Standing.REVIEW, Standing.OFFER, Standing.ASIDE, Standing.CHANGED)
OF_STATUS = {
    Status.PROPOSED: Standing.REVIEW,
    Status.OFFERED: Standing.OFFER,
    Status.DEFERRED: Standing.ASIDE,
    Status.DISMISSED: Standing.DISMISSED,
}
OF_DELIVERY = {
    DeliveryState.QUEUED: Standing.APPROVED,
    DeliveryState.CANCELLED: Standing.APPROVED,
    DeliveryState.SENT: Standing.DELIVERED,
    DeliveryState.HANDED_OVER: Standing.DELIVERED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the day. ``begins`` orders rows, UTC seconds. ``flags`` are single words; ``matter`` and
    what follows is as it would be approved, changes at the desk included."""

    key: str
    standing: Standing
    begins: int
    when: str
    matter: str
    codes: str
    worked_seconds: int
    billed_minutes: int
    billing: Billing
    probability: float | None
    narrative: str
    flags: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        return self.standing in OPEN

    @property
    def worked(self) -> str:
        return words.worked(self.worked_seconds) if self.worked_seconds else "–"

    @property
    def billed(self) -> str:
        mark = {Billing.NO_CHARGE: " n/c", Billing.NON_BILLABLE: " n/b"}.get(self.billing, "")
        return f"{words.hours(self.billed_minutes)}h{mark}" if self.billed_minutes else "–"

    @property
    def sure(self) -> str:
        return "" if self.probability is None else words.percent(self.probability)

    def says(self, wanted: str) -> bool:
        """Whether every word of ``wanted`` stands somewhere in the row."""
        text = " ".join((self.when, self.matter, self.codes, self.narrative, self.standing, *self.flags)).casefold()
        return all(word in text for word in wanted.casefold().split())


def rows(view: DayView, edits: Mapping[str, Edits] | None = None, deciding: Collection[str] = ()) -> list[Row]:
    """Rows in order of time: placed time, time without a place, then what was only received.

    ``edits`` are changes not yet approved, ``deciding`` the suggestions whose decision is under way.
    """
    pending = edits or {}
    shown = [one for one in view.suggestions if one.status is not Status.APPROVED]
    made = [_suggested(view, one, pending.get(one.id, Edits())) for one in shown]
    made = [replace(row, standing=Standing.DECIDING) if row.key in deciding else row for row in made]
    made += [_entered(view, entry) for entry in view.entries]
    offers = {one.id for one in view.suggestions if not one.spans}
    return sorted(made, key=lambda row: (row.key in offers, row.begins, row.key))


def by_doubt(listed: Iterable[Row]) -> list[Row]:
    """What waits first, the least sure first; what was received only, then what was decided, after it."""
    return sorted(listed, key=_doubt)


def _doubt(row: Row) -> tuple[int, float, int, str]:
    group = 3 if not row.open else {Standing.OFFER: 2, Standing.ASIDE: 1}.get(row.standing, 0)
    return group, row.probability or 0.0 if group < 3 else 0.0, row.begins, row.key


def _suggested(view: DayView, one: Suggestion, edits: Edits) -> Row:
    standing = OF_STATUS[one.status]
    if standing in OPEN and edits:
        return _changed(view, one, edits)
    offer = one.status is Status.OFFERED
    minutes = view.policy_for(view.matter(one.matter)).reading_offer_minutes if offer else one.billed_minutes
    return Row(
        key=one.id,
        standing=standing,
        begins=_begins(view, one),
        when=_when(view, one),
        matter=_matter(view, one),
        codes=for_screen(f"{one.task_code} {one.activity_code}"),
        worked_seconds=one.seconds,
        billed_minutes=minutes,
        billing=one.billing,
        probability=_probability(one),
        narrative=for_screen(one.narrative),
        flags=(*_flags(one), *_already(view, one.matter)),
    )


def _already(view: DayView, matter: str) -> tuple[str, ...]:
    return ("in-billing",) if view.already(matter) else ()


def _changed(view: DayView, one: Suggestion, edits: Edits) -> Row:
    """As it would be approved with the changes made at the desk; ``TROUBLED`` if it could not be."""
    entry = would_be(view, one, edits)
    refused = isinstance(entry, AutotimeError)
    told: TimeEntry | Suggestion = one if isinstance(entry, AutotimeError) else entry
    matter = one.matter if edits.matter is None else edits.matter
    return Row(
        key=one.id,
        standing=Standing.CHANGED,
        begins=_begins(view, one),
        when=_when(view, one),
        matter=words.matter_words(matter, view.books),
        codes=for_screen(f"{told.task_code} {told.activity_code}"),
        worked_seconds=one.seconds if isinstance(entry, AutotimeError) else entry.worked_seconds,
        billed_minutes=told.billed_minutes,
        billing=told.billing,
        probability=_probability(one) if matter == one.matter else None,
        narrative=for_screen(one.narrative if edits.narrative is None else edits.narrative),
        flags=(*(("refused",) if refused else ()), *_flags(one), *_already(view, matter)),
    )


def _entered(view: DayView, entry: TimeEntry) -> Row:
    state = view.delivery.get(entry.id, DeliveryState.QUEUED)
    late = (entry.late,) if entry.late else ()
    by_hand = ("by-hand",) if not entry.evidence else ()
    newer = ("newer-evidence",) if entry.id in view.changed else ()
    return Row(
        key=entry.id,
        standing=OF_DELIVERY.get(state, Standing.TROUBLED),
        begins=entry.spans[0].start if entry.placed else _first(view.evidence, [item for item, _ in entry.evidence]),
        when=words.stretch(entry.spans, view.zone),
        matter=words.matter_words(entry.matter, view.books),
        codes=for_screen(f"{entry.task_code} {entry.activity_code}"),
        worked_seconds=entry.worked_seconds,
        billed_minutes=entry.billed_minutes,
        billing=entry.billing,
        probability=None,
        narrative=for_screen(entry.narrative),
        flags=(*late, *by_hand, *newer, *_already(view, entry.matter)),
    )


def _matter(view: DayView, one: Suggestion) -> str:
    """The matter; where none is chosen, the likeliest as a question."""
    if one.matter:
        return words.matter_words(one.matter, view.books)
    if one.billing is Billing.NON_BILLABLE:
        return "not billable?"
    best = likeliest(one)
    return f"? {words.matter_words(best.matter, view.books)}" if best else "no matter"


def likeliest(one: Suggestion) -> Candidate | None:
    """The matter worth asking about where none was chosen."""
    able = (c for c in one.alternatives if c.matter not in (NO_MATTER, NOT_BILLABLE))
    return next((c for c in able if c.probability >= WORTH_ASKING), None)


def _probability(one: Suggestion) -> float | None:
    """Of the matter that is shown; where it is only asked about, of the likeliest."""
    if one.matter or one.billing is Billing.NON_BILLABLE:
        return one.probability
    best = likeliest(one)
    return best.probability if best else None


def _flags(one: Suggestion) -> tuple[str, ...]:
    late = (one.late,) if one.late else ()
    estimate = ("estimate",) if one.estimate and one.spans else ()
    return (*late, *estimate, *(("warning",) if one.warnings else ()))


def _begins(view: DayView, one: Suggestion) -> int:
    return one.spans[0].start if one.spans else _first(view.evidence, one.evidence_ids)


def _first(evidence: Mapping[str, Evidence], ids: Iterable[str]) -> int:
    return min((evidence[item].at for item in ids if item in evidence), default=LATER)


def _when(view: DayView, one: Suggestion) -> str:
    if one.spans:
        return words.stretch(one.spans, view.zone)
    begins = _begins(view, one)
    return clock(begins, view.zone) if begins < LATER else ""
