"""Expanding recurring events without letting one of them hold up the night.

A rule is looked at before it is run: events by the second or minute, endless rules far from the
window and rules that never match are refused with a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from autotime.domain.spans import Span, Spans, intersection

TOO_FINE = ("SECONDLY", "MINUTELY")
HOURLY_STEPS = 24 * 366
FARTHEST = 2100
LONGEST = timedelta(days=31)
ENDLESS = 3 * 366 * 86_400
RECURRING = ("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
TIMES = frozenset({"DTSTART", "DTEND", "DURATION", *RECURRING})


def why_not(event: Any) -> str:
    """Why an event cannot be used, or nothing."""
    from icalendar.error import BrokenCalendarProperty  # noqa: PLC0415 - only calendars need it

    try:
        return _why_not(event)
    except (BrokenCalendarProperty, ValueError, TypeError, AttributeError) as broken:
        return f"cannot be read ({type(broken).__name__})"


def _why_not(event: Any) -> str:
    broken = sorted({str(name).upper() for name, _ in event.errors} & TIMES)
    if broken:
        return f"cannot be read ({', '.join(broken)})"
    start = event.get("DTSTART")
    if start is None or not hasattr(start, "dt"):
        return "no readable start"
    problem = _times(event, start.dt)
    if problem:
        return problem
    for rule in _rules(event):
        problem = _rule(rule, start.dt)
        if problem:
            return problem
    return ""


def _times(event: Any, start: Any) -> str:
    if not isinstance(start, date) or not 1970 <= start.year <= FARTHEST:
        return "a start no calendar should hold"
    end, duration = event.get("DTEND"), event.get("DURATION")
    if end is not None and not hasattr(end, "dt"):
        return "no readable end"
    if duration is not None and (not hasattr(duration, "dt") or duration.dt < timedelta()):
        return "a negative duration"
    if end is not None and type(end.dt) is type(start) and _comparable(end.dt) < _comparable(start):
        return "it ends before it starts"
    return ""


def _comparable(value: date) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


def _rules(event: Any) -> list[Any]:
    rules = event.get("RRULE")
    if rules is None:
        return []
    return rules if isinstance(rules, list) else [rules]


def _rule(rule: Any, start: date) -> str:
    frequency = str((rule.get("FREQ") or [""])[0]).upper()
    if not frequency:
        return "repeats nobody knows how often"
    if frequency in TOO_FINE:
        return f"repeats {frequency.lower()}"
    count = _number(rule, "COUNT")
    if count is not None and count > 100_000:
        return "repeats too often"
    if frequency == "HOURLY" and (count is None or count > HOURLY_STEPS):
        return "repeats hourly without end"
    if _impossible(rule):
        return "a rule that never matches"
    return "" if start.year <= FARTHEST else "starts too far away"


def _impossible(rule: Any) -> bool:
    """30 February and its like make a rule search for ever."""
    months, days = rule.get("BYMONTH") or [], rule.get("BYMONTHDAY") or []
    if not months or not days:
        return False
    longest = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}
    return all(abs(int(day)) > longest.get(int(month), 31) for month in months for day in days)


def _number(rule: Any, name: str) -> int | None:
    value = (rule.get(name) or [None])[0]
    return int(value) if value is not None else None


def is_single(events: list[Any]) -> bool:
    """One event that does not recur and is no occurrence of one that does."""
    return len(events) == 1 and not any(name in events[0] for name in RECURRING)


def occurrences(calendar: Any, events: list[Any], window: Span) -> Iterator[Any]:
    """The occurrences of one series in the window; a single event is itself.

    A series without an end is expanded over its first three years and the window's last three.
    """
    if is_single(events):
        yield _with_end(events[0])
        return
    import recurring_ical_events  # noqa: PLC0415

    found = recurring_ical_events.of(_series(calendar, events), skip_bad_series=True)
    shifts = _shifts(events)
    for stretch in _stretches(events, window):
        first, last = (datetime.fromtimestamp(instant, UTC) for instant in (stretch.start, stretch.end))
        for event in found.between(first, last):
            yield _as_planned(event, shifts)


def _shifts(events: list[Any]) -> dict[datetime, timedelta]:
    """By how much an occurrence was moved together with those after it, by when it was planned for."""
    moved = [event for event in events if "RANGE" in getattr(event.get("RECURRENCE-ID"), "params", ())]
    planned = {_comparable(event["RECURRENCE-ID"].dt): _comparable(event["DTSTART"].dt) for event in moved}
    return {instant: start - instant for instant, start in planned.items()}


def _as_planned(event: Any, shifts: Mapping[datetime, timedelta]) -> Any:
    """The library names all that were moved together by the first of them; each has a name of its own."""
    planned = event.get("RECURRENCE-ID")
    if planned is not None and _comparable(planned.dt) in shifts:
        shift = shifts[_comparable(planned.dt)]
        del event["RECURRENCE-ID"]
        event.add("RECURRENCE-ID", event["DTSTART"].dt - shift)
    return event


def _series(calendar: Any, events: list[Any]) -> Any:
    """One series as a calendar of its own, with the zones it may name."""
    from icalendar import Calendar  # noqa: PLC0415

    series = Calendar()
    for name in ("X-WR-TIMEZONE", "PRODID", "VERSION"):
        if name in calendar:
            series[name] = calendar[name]
    for zone in calendar.walk("VTIMEZONE"):
        series.add_component(zone)
    for event in events:
        _until_end_of_day(event)
        series.add_component(event)
    return series


def _stretches(events: list[Any], window: Span) -> Spans:
    begins = int(min(_comparable(event["DTSTART"].dt) for event in events).timestamp())
    endless = any("UNTIL" not in rule and "COUNT" not in rule for event in events for rule in _rules(event))
    if not endless:
        return (window,)
    around = (Span(begins - 86_400, begins + ENDLESS), Span(window.end - ENDLESS, window.end))
    return intersection(around, (window,))


def _with_end(event: Any) -> Any:
    """DURATION as DTEND, so that there is one way to ask; a date without an end is that day."""
    start = event["DTSTART"].dt
    if event.get("DTEND") is None and event.get("DURATION") is not None:
        event.add("DTEND", start + min(event["DURATION"].dt, LONGEST))
    elif event.get("DTEND") is None and not isinstance(start, datetime):
        event.add("DTEND", start + timedelta(days=1))
    return event


def _until_end_of_day(event: Any) -> None:
    """``UNTIL=20250305`` beside a start with a time means the whole of that day to those who wrote it."""
    for rule in _rules(event):
        until = (rule.get("UNTIL") or [None])[0]
        if isinstance(until, date) and not isinstance(until, datetime) and isinstance(event["DTSTART"].dt, datetime):
            rule["UNTIL"] = [datetime(until.year, until.month, until.day, 23, 59, 59, tzinfo=UTC) + timedelta(hours=12)]
