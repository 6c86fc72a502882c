"""What is told of the row looked at: words, minutes and the rule, doubt, reasons, evidence. Lines of safe text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from autotime.domain.entries import TimeEntry
from autotime.domain.evidence import Evidence, Kind, Role
from autotime.domain.matching import NO_MATTER
from autotime.domain.spans import Spans, total
from autotime.domain.work import Status, Suggestion
from autotime.guidelines import Severity
from autotime.intake import for_screen
from autotime.review import words
from autotime.review.acts import Edits
from autotime.review.desk import Desk
from autotime.review.elsewhere import hours, said
from autotime.review.rows import Row
from autotime.review.view import DayView, unsafe, would_be
from autotime.timeline.days import clock

SHOWN = 30
"""Pieces of evidence listed."""
SHOWN_BILLED = 5
"""Entries listed that stand in billing already."""


Tone = Literal["head", "text", "note", "quiet"]


@dataclass(frozen=True, slots=True)
class Line:
    """``head`` is what it is about, ``note`` what needs a look, ``quiet`` what stands behind."""

    text: str
    kind: Tone = "text"


def detail(desk: Desk) -> list[Line]:
    """The row looked at, in full."""
    row = desk.current
    if row is None:
        return [Line("No row has these words: esc shows all." if desk.wanted else EMPTY, "quiet")]
    entry, one = desk.view.entry(row.key), desk.view.suggestion(row.key)
    told = _entry(desk.view, entry) if entry else _suggestion(desk, one, row) if one else iter(())
    held = {item: total(spans) for item, spans in _held(entry, one).items()}
    evidence = [Line(piece(desk.view, item, held.get(item.id, 0)), "quiet") for item in desk.pieces[:SHOWN]]
    more = len(desk.pieces) - SHOWN
    return [*told, *evidence, *([Line(f"… and {more} more", "quiet")] if more > 0 else [])]


EMPTY = "Nothing on this day. n adds time by hand, [ and ] go to other days."


def _suggestion(desk: Desk, one: Suggestion, row: Row) -> Iterator[Line]:
    view, edits = desk.view, desk.edits.get(one.id, Edits())
    yield Line(_about(view, one, row), "head")
    yield Line(row.narrative)
    yield Line(_minutes(one, row))
    refusal = would_be(view, one, edits) if row.open else None
    if isinstance(refusal, Exception) and edits:
        yield Line(f"! {for_screen(str(refusal))}", "note")
    yield from (Line(f"! {for_screen(warning)}", "note") for warning in one.warnings)
    yield from _already(view, refusal.matter if isinstance(refusal, TimeEntry) else one.matter)
    yield from _guided(view, refusal if isinstance(refusal, TimeEntry) else one)
    yield from _doubts(view, one, row)


def _already(view: DayView, number: str) -> Iterator[Line]:
    """What stands in billing on the matter and day, and was not sent from here."""
    found = view.already(number)
    if found:
        yield Line(for_screen(f"! {said(found)} on this matter and day: the same work?"), "note")
    for one in found[:SHOWN_BILLED]:
        length = hours(one.seconds) if one.seconds is not None else "length hidden"
        yield Line(for_screen(f"  {one.target}, {one.status or 'in billing'}: {length} {one.narrative}", 200), "quiet")


def _guided(view: DayView, item: Suggestion | TimeEntry) -> Iterator[Line]:
    """What clients' guidelines find, with the remedy."""
    for found in view.guide(item):
        mark = "✗" if found.severity is Severity.ERROR else "!"
        yield Line(for_screen(f"{mark} {found.text} {found.fix} ({found.guideline}: {found.rule})"), "note")


def _about(view: DayView, one: Suggestion, row: Row) -> str:
    client = view.matter(one.matter)
    whose = for_screen(view.books.client_of(client).name) if client and row.matter.startswith(client.number) else ""
    billing = words.BILLING[row.billing] + (", changed here" if row.standing == "changed" else "")
    return " · ".join(part for part in (row.matter, whose, _codes(view, row.codes), billing) if part)


def _codes(view: DayView, codes: str) -> str:
    """Codes with their titles, where the books have them."""
    titled = [f"{c} {view.books.codes[c].title}" if c in view.books.codes else c for c in codes.split()]
    return for_screen(", ".join(titled))


def _minutes(one: Suggestion, row: Row) -> str:
    rule = words.rule(one.increment_minutes, one.rounding)
    if one.status is Status.OFFERED and not row.worked_seconds:
        return f"received only, no time by itself: accepting states that you spent {row.billed_minutes} min on it"
    said = f"worked {row.worked} → bills {row.billed} ({rule})"
    if not one.spans:
        return f"{said} · your own statement"
    if one.estimate:
        between = f"{words.worked(one.low_seconds)} to {words.worked(one.high_seconds)}"
        said += f" · an estimate: {between} likely, {words.worked(one.ceiling_seconds)} at most"
    over = row.worked_seconds - one.seconds
    return f"{said} · {words.worked(over)} of it your own statement" if over > 0 else said


def _doubts(view: DayView, one: Suggestion, row: Row) -> Iterator[Line]:
    """How sure, why, what else it might be, and why accept-all leaves it."""
    if one.matter:
        why = for_screen("; ".join(one.reasons))
        sure = f"{words.percent(one.probability)} {words.sureness(one.probability)}"
        drafted = words.matter_words(one.matter, view.books)
        about = "" if row.matter == drafted else f"drafted for {drafted}, "
        yield Line(f"{about}{sure}: {why}" if why else f"{about}{sure}")
    others = [c for c in one.alternatives if c.matter != NO_MATTER and c.probability >= 0.01][:3]
    if others:
        listed = ", ".join(f"{words.matter_words(c.matter, view.books)} {words.percent(c.probability)}" for c in others)
        yield Line(f"or: {listed}")
    left = unsafe(view, one)
    if row.open and left and one.status is Status.PROPOSED:
        yield Line(f"not in accept-all: {left}", "quiet")


def _entry(view: DayView, entry: TimeEntry) -> Iterator[Line]:
    state = view.delivery.get(entry.id)
    codes = _codes(view, f"{entry.task_code} {entry.activity_code}")
    matter = words.matter_words(entry.matter, view.books)
    yield Line(" · ".join(part for part in (matter, codes, words.BILLING[entry.billing]) if part), "head")
    yield Line(for_screen(entry.narrative))
    rule = words.rule(entry.increment_minutes, entry.rounding)
    billed = f"worked {words.worked(entry.worked_seconds)} → bills {words.hours(entry.billed_minutes)}h ({rule})"
    stated = entry.unplaced_seconds
    yield Line(f"{billed} · {words.worked(stated)} of it your own statement" if stated else billed)
    yield Line(f"approved, {state.value.replace('_', ' ')}" if state else "approved")
    yield from _already(view, entry.matter)
    yield from _guided(view, entry)
    if entry.late:
        yield Line(f"! {for_screen(entry.late)}: drafted long after the work", "note")
    if entry.id in view.changed:
        yield Line("! what stands behind this entry has changed or was taken back; the entry was not changed", "note")
    yield from (Line(for_screen(f"part: {words.worked(part.seconds)} {part.narrative}")) for part in entry.parts)


def _held(entry: TimeEntry | None, one: Suggestion | None) -> dict[str, Spans]:
    """The spans each piece of evidence brings to the row."""
    if entry is None:
        return dict(one.owned) if one else {}
    held: dict[str, Spans] = {}
    for placed in entry.placed:
        held[placed.evidence] = (*held.get(placed.evidence, ()), placed.span)
    return held


def piece(view: DayView, item: Evidence, seconds: int) -> str:
    """One piece of evidence on one line: when, how much time it holds, what, with whom."""
    what = {Kind.MESSAGE: "sent" if item.own else "received"}.get(item.kind, item.kind.value)
    until = f"–{clock(item.span.end, view.zone)}" if item.span else ""
    when = f"{clock(item.at, view.zone)}{until}"
    subject = for_screen(item.subject, 80) or "(no subject)"
    share = words.worked(seconds) if seconds else ""
    return f"{when:11} {share:>5} {what:8} {subject} {_with(view, item)}".rstrip()


def _with(view: DayView, item: Evidence) -> str:
    """The others: whom it went to, who sent it, who met."""
    roles = (Role.FROM,) if item.kind is Kind.MESSAGE and not item.own else (Role.TO, Role.ORGANIZER, Role.ATTENDEE)
    others = [who for who in item.people if who.role in roles and who.address not in view.timekeeper.emails]
    names = [for_screen(who.name, 24) or for_screen(who.address, 32) for who in others]
    more = f" +{len(names) - 2}" if len(names) > 2 else ""
    return f"({', '.join(names[:2])}{more})" if names else ""
