"""How the rows of the day fit a width: columns, cuts, and the signs before each row. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from autotime.intake import for_screen
from autotime.review.rows import Row, Standing

SIGNS = {
    Standing.REVIEW: " ",
    Standing.OFFER: "?",
    Standing.ASIDE: "z",
    Standing.CHANGED: "*",
    Standing.DECIDING: "…",
    Standing.APPROVED: "✓",
    Standing.DELIVERED: "»",
    Standing.TROUBLED: "!",
    Standing.DISMISSED: "×",
}
WHEN, BILLED, SURE, CODES, STATUS = 11, 13, 4, 9, 10
ROOMY, WIDE = 100, 125
"""From these widths on the status, and the codes too, have a column of their own."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Cells of each column; 0: not shown."""

    matter: int
    codes: int
    narrative: int
    status: int


def columns(width: int) -> Columns:
    """The matter has a quarter, the narrative what is left."""
    codes = CODES if width >= WIDE else 0
    status = STATUS if width >= ROOMY else 0
    matter = max(width // 4 - 1, 8)
    shown = [2, WHEN, matter, BILLED, SURE, *(cells for cells in (codes, status) if cells)]
    return Columns(matter, codes, max(width - sum(shown) - len(shown), 0), status)


def heading(width: int) -> str:
    fit = columns(width)
    cells = ("", "time", "matter", "codes", "worked→billed", "sure", "narrative", "status")
    return _joined(cells, fit, width)


def line(row: Row, marked: bool, width: int) -> str:
    """One row in exactly ``width`` cells."""
    fit = columns(width)
    sign = SIGNS[row.standing] + ("•" if marked else "!" if "warning" in row.flags or "refused" in row.flags else " ")
    billed = f"{row.worked} → {row.billed}"
    cells = (sign, row.when, row.matter, row.codes, billed, row.sure, row.narrative, row.standing)
    return _joined(cells, fit, width)


def _joined(cells: tuple[str, ...], fit: Columns, width: int) -> str:
    sign, when, matter, codes, billed, sure, narrative, status = cells
    parts = [
        set_cell_size(sign, 2),
        set_cell_size(when, WHEN),
        _cut(matter, fit.matter),
        *([_cut(codes, fit.codes)] if fit.codes else []),
        _right(billed, BILLED),
        _right(sure, SURE),
        *([_cut(narrative, fit.narrative)] if fit.narrative else []),
        *([_cut(status, fit.status)] if fit.status else []),
    ]
    return set_cell_size(" ".join(parts), width)


def _cut(text: str, cells: int) -> str:
    return set_cell_size(for_screen(text, cells), cells)


def _right(text: str, cells: int) -> str:
    return " " * (cells - cell_len(text)) + text if cell_len(text) <= cells else set_cell_size(text, cells)
