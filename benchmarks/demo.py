"""The whole demo without the screen: an example firm is made, collected, learned from, drafted and printed."""

from __future__ import annotations

import tempfile

from benchmarks import AUTOTIME, best, process


def measure(quick: bool) -> dict[str, float]:
    """Seconds of the whole process on an empty folder, and on the folder it left."""
    with tempfile.TemporaryDirectory() as folder:
        made = process((*AUTOTIME, "demo", "--no-tui", "--folder", folder))
        first = best(made, 1)
        again = best(made, 1 if quick else 3)
    return {"first_seconds": round(first, 2), "again_seconds": round(again, 2)}
