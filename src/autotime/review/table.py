"""The day as a printed table. Every cell is a ``Text``: nothing in it is read as markup."""

from __future__ import annotations

from rich import box
from rich.table import Column, Table
from rich.text import Text

from autotime.intake import for_screen
from autotime.review import words
from autotime.review.elsewhere import hours, said, seconds_of
from autotime.review.rows import Row, Standing, rows
from autotime.review.view import DayView, safe, totals

NARROW = 100
STYLES = {
    Standing.OFFER: "dim",
    Standing.ASIDE: "dim",
    Standing.DISMISSED: "dim",
    Standing.APPROVED: "green",
    Standing.DELIVERED: "green",
    Standing.TROUBLED: "red",
}


def day_table(view: DayView, width: int = 120) -> Table:
    """One local day: times, matter, codes, worked and billed, probability, narrative, status; totals below.

    Under 100 columns the codes stand under the matter and the status under the probability.
    """
    narrow = width < NARROW
    table = Table(
        *_columns(narrow),
        title=Text(_title(view)),
        title_justify="left",
        caption=Text(_totals(view)),
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        expand=True,
    )
    for row in rows(view):
        cells = _narrow(row) if narrow else _wide(row)
        table.add_row(*(Text(cell, style=STYLES.get(row.standing, "")) for cell in cells))
    return table


def _columns(narrow: bool) -> list[Column]:
    time = Column(Text("time"), no_wrap=True)
    matter = Column(Text("matter"), ratio=2, overflow="fold")
    billed = Column(Text("worked → billed"), justify="right", no_wrap=not narrow, max_width=9 if narrow else None)
    sure = Column(Text("sure"), justify="right", no_wrap=True)
    narrative = Column(Text("narrative"), ratio=4 if not narrow else 3, overflow="fold")
    if narrow:
        return [time, matter, billed, sure, narrative]
    return [
        time,
        matter,
        Column(Text("codes"), no_wrap=True),
        billed,
        sure,
        narrative,
        Column(Text("status"), overflow="fold", min_width=9),
    ]


def _wide(row: Row) -> tuple[str, ...]:
    status = " ".join((row.standing, *row.flags))
    return row.when, row.matter, row.codes, f"{row.worked} → {row.billed}", row.sure, row.narrative, status


def _narrow(row: Row) -> tuple[str, ...]:
    matter = f"{row.matter}\n{row.codes}" if row.codes else row.matter
    status = ", ".join((row.standing, *row.flags))
    return row.when, matter, f"{row.worked}\n→ {row.billed}", row.sure, f"{row.narrative} ({status})"


def _title(view: DayView) -> str:
    who = f"{view.timekeeper.first} {view.timekeeper.last}".strip()
    return for_screen(f"{words.day_words(view.day)}  {who}  {view.zone}")


def in_billing(view: DayView, over: int) -> list[str]:
    """What stands in billing already, by matter, and whether the day is too short for all of it."""
    if not view.billed:
        return []
    numbers = sorted({one.matter for one in view.billed})
    each = ", ".join(f"{number or 'no matter'} {hours(seconds_of(view.already(number)))}" for number in numbers)
    too_long = [f"{hours(over)} more than the day has"] if over else []
    return [for_screen(f"{said(view.billed)} ({each})"), *too_long]


def _totals(view: DayView) -> str:
    sums = totals(view)
    parts = [
        f"worked {words.worked(sums.worked_seconds)}, billed {words.hours(sums.billed_minutes)} h",
        f"to review {sums.undecided} ({words.worked(sums.undecided_seconds)})",
        f"safe to accept together {len(safe(view))}",
    ]
    if sums.offers:
        parts.append(f"received, perhaps read {sums.offers}")
    parts += in_billing(view, sums.over)
    if view.uncollected:
        parts.append(for_screen(f"not collected: {', '.join(view.uncollected)} (autotime status)"))
    return " · ".join(parts)
